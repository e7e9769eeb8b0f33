"""The journal of a run: which tasks are done, one JSON line each; main class `Journal`.

A line is written when the parts of its task are in place, so a run that was killed at any moment
is resumed by reading the journals: at worst the last line is torn, and that task is done again.
Each shard of a run has a journal of its own, since shards share nothing but the folder.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from arterial.compute.parts import Part, TaskResult
from arterial.compute.tasks import Task
from arterial.errors import ArterialError, Fault
from arterial.writing import write_whole

__all__ = ["Journal", "list_journals", "read_journals", "settle_job"]

JOB_FILE: Final = "job.json"
JOURNAL_FORM: Final = re.compile(r"journal(?:-(\d+)-of-(\d+))?\.jsonl")
JOB_FORMAT: Final = 1


class Journal:
    """One journal, open for adding lines by one process at a time.

    Parameters
    ----------
    path : Path
        The file; made if it is not there. A torn last line is cut off.

    Raises
    ------
    ArterialError
        When another process is writing it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+b")
        try:
            _lock(self._file.fileno(), path)
            self._file.seek(0)
            content = self._file.read()
            self._file.truncate(content.rfind(b"\n") + 1)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        """Give the journal itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, and with it give up the lock."""
        self._file.close()

    def record(self, result: TaskResult) -> None:
        """Add what became of a task.

        Parameters
        ----------
        result : TaskResult
            Its parts are in place already.
        """
        line = json.dumps(asdict(result), ensure_ascii=False) + "\n"
        left = line.encode()
        try:
            while left:
                left = left[os.write(self._file.fileno(), left) :]
        except OSError as error:
            # Writing names no file.
            raise OSError(error.errno, error.strerror, self._file.name) from error


def list_journals(folder: Path) -> dict[Path, tuple[int, int] | None]:
    """Give the journals of a run with the shard ``(index, count)`` that each belongs to, if any.

    Parameters
    ----------
    folder : Path
        Folder of the run.

    Returns
    -------
    dict
        In order of name.
    """
    found: dict[Path, tuple[int, int] | None] = {}
    for path in sorted(folder.glob("journal*.jsonl")):
        form = JOURNAL_FORM.fullmatch(path.name)
        if form is not None:
            found[path] = (int(form[1]), int(form[2])) if form[1] else None
    return found


def read_journals(folder: Path) -> dict[str, TaskResult]:
    """Give the last that is known of each task, from all journals of a run.

    Parameters
    ----------
    folder : Path
        Folder of the run.

    Returns
    -------
    dict
        By task key; a task that one journal calls failed and another done is done.

    Raises
    ------
    ArterialError
        When a line other than a torn last one cannot be read.
    """
    known: dict[str, TaskResult] = {}
    # The journal written last comes last: its word holds if parts were made anew.
    for path in sorted(list_journals(folder), key=lambda path: (path.stat().st_mtime_ns, path)):
        of_one = {result.key: result for result in _read_journal(path)}
        for key, result in of_one.items():
            if key not in known or not result.message:
                known[key] = result
    return known


def settle_job(folder: Path, function: str, tasks: Sequence[Task], job: str) -> None:
    """Write down which job the folder is for, or refuse one that belongs to another job.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    function : str
        Name of the function.
    tasks : sequence of Task
        All tasks, those of other shards included.
    job : str
        What else the results depend on, as the caller sums it up.

    Raises
    ------
    ArterialError
        When the folder holds the parts of a different job.
    """
    here = {"format": JOB_FORMAT, "function": function, "tasks": len(tasks), "job": job}
    keys = "\n".join(sorted(task.key for task in tasks))
    here["keys"] = hashlib.sha256(keys.encode()).hexdigest()
    path = folder / JOB_FILE
    if not path.exists():
        if list_journals(folder):
            message = f"{folder} has journals of a run but no {JOB_FILE}: it cannot be resumed."
            raise ArterialError(message)
        write_whole(path, json.dumps(here, indent=2) + "\n")
    # Read back in any case: another shard may have been quicker.
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {error}."
        raise ArterialError(message) from error
    differing = [name for name in here if there.get(name) != here[name]]
    if differing:
        faults = [
            Fault(
                f"{name}: the folder has {there.get(name)!r}, this run {here[name]!r}.",
                "Take another folder, or delete this one.",
                file=str(path),
            )
            for name in differing
        ]
        message = f"{folder} holds the parts of a different job."
        raise ArterialError(message, faults)


def _read_journal(path: Path) -> Iterator[TaskResult]:
    lines = path.read_bytes().split(b"\n")
    # What follows the last line end is empty, or a line that was being written.
    for number, line in enumerate(lines[:-1], start=1):
        try:
            fields = json.loads(line)
            fields["parts"] = tuple(Part(**part) for part in fields["parts"])
            yield TaskResult(**fields)
        except (ValueError, TypeError, KeyError) as error:
            fault = Fault(
                "The line is damaged.",
                "Delete it: its task will be done again.",
                file=str(path),
                row=number,
            )
            message = f"{path} is damaged."
            raise ArterialError(message, [fault]) from error


def _lock(number: int, path: Path) -> None:
    """Keep other processes from writing the same journal; the lock ends with the process."""
    if os.name == "nt":
        return
    import fcntl

    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"Another process is at work on this run ({path}); wait for it, or end it first."
        raise ArterialError(message) from error
    except OSError:
        # Some network disks have no locks; two runs at once then only do the same work twice.
        return
