"""Runs of any size: `run_many` works off tasks, keeps what is done, and goes on where it stopped.

The folder of a run holds ``job.json`` (what it is for), a journal for each shard, and
``parts/<table>/<key>.parquet``. Whatever ends the run, running it again finishes it, with the same
files as if nothing had happened (architecture §6).
"""

import contextlib
import shutil
import signal
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from arterial.compute.executors import Executor, Job, SerialExecutor, claim_shard
from arterial.compute.journal import JOB_FILE, Journal, list_journals, read_journals, settle_job
from arterial.compute.parts import PARTS_FOLDER, TaskResult, is_whole
from arterial.compute.tasks import (
    FailedTask,
    ProgressReport,
    RunReport,
    Task,
    TaskFunction,
    check_tasks,
    name_function,
    name_some,
)
from arterial.errors import ArterialError, Fault, StoppedError

__all__ = ["collect", "remove_parts", "run_many"]

UNFINISHED_FOLDER: Final = "unfinished"


def run_many(
    function: TaskFunction,
    tasks: Iterable[Task],
    *,
    folder: Path,
    executor: Executor | None = None,
    report_progress: ProgressReport | None = None,
    job: str = "",
    only: Collection[str] | None = None,
) -> RunReport:
    """Work off tasks and keep their tables, going on where an earlier run of the folder stopped.

    A task that raises, or that loses its worker process twice, is reported and the others go on.
    Ctrl-C lets the tasks under way finish; a second one ends them.

    Parameters
    ----------
    function : callable
        Gives frames by table name from a payload; a function of a module, or a
        `functools.partial` of one. What it gives may depend on the payload alone: chance comes
        from streams named in it, and the number of threads must not change a number.
    tasks : iterable of Task
        All tasks of the run, also when the executor claims a share of them.
    folder : Path
        Folder of the run; made if need be.
    executor : Executor or None
        Where tasks are worked off; None takes this process.
    report_progress : callable or None
        Called with the number of tasks done, their total and the seconds left (None until there
        is something to go by). What it raises ends the run.
    job : str
        Digest of what else the results depend on (inputs, settings); another job is refused.
    only : collection of str, optional
        Keys of the tasks that are wanted now, the others being left to a later call; all by
        default.

    Returns
    -------
    RunReport
        What is done and what failed, of the tasks that are wanted and that the executor claims.

    Raises
    ------
    ArterialError
        When the folder belongs to a different job or to a process that is still at work.
    StoppedError
        When Ctrl-C stopped it.

    Examples
    --------
    >>> import tempfile
    >>> import polars as pl
    >>> tasks = [Task(key, {"letters": pl.DataFrame({"letter": [key]})}) for key in "ba"]
    >>> with tempfile.TemporaryDirectory() as place:
    ...     report = run_many(dict, tasks, folder=Path(place))  # the payload is the result
    >>> report.done
    ('a', 'b')
    """
    start = time.monotonic()
    every = check_tasks(tasks)
    executor = executor or SerialExecutor()
    wanted = {task.key for task in every} if only is None else only
    claimed = [task for task in executor.claim(every) if task.key in wanted]
    folder.mkdir(parents=True, exist_ok=True)
    settle_job(folder, name_function(function), every, job)
    unfinished = folder / UNFINISHED_FOLDER / executor.journal_name
    done: set[str] = set()
    failed: dict[str, FailedTask] = {}
    with (
        Journal(folder / f"{executor.journal_name}.jsonl") as journal,
        _clean_folder(unfinished),
        _stop_request() as stop,
    ):
        done.update(_find_done(folder, claimed))
        resumed = tuple(sorted(done))
        left = [task for task in claimed if task.key not in done]
        progress = _Progress(report_progress, total=len(claimed), resumed=len(done))
        results = executor.run(
            Job(function, folder, unfinished), left, should_stop=lambda: stop.is_asked
        )
        with contextlib.closing(results):
            for result in results:
                journal.record(result)
                if result.message:
                    failed[result.key] = FailedTask(result.key, result.message)
                else:
                    done.add(result.key)
                progress.report(len(done) + len(failed))
    if len(done) + len(failed) < len(claimed):
        message = (
            f"Stopped after {len(done)} of {len(claimed)} tasks. They are kept in {folder}: "
            "run the same again to go on."
        )
        raise StoppedError(message)
    return _report(folder, done, resumed, failed, time.monotonic() - start)


def collect(folder: Path, tasks: Iterable[Task]) -> RunReport:
    """Check that all tasks of a run have been worked off, whatever shards did it.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    tasks : iterable of Task
        All tasks of the run.

    Returns
    -------
    RunReport
        What is done, every part compared with its digest, and what failed.

    Raises
    ------
    ArterialError
        When tasks are missing: it names the shards that have to be run, as far as it can tell.
    """
    start = time.monotonic()
    every = check_tasks(tasks)
    known = read_journals(folder)
    done = set(_find_done(folder, every))
    failed = {
        task.key: FailedTask(task.key, known[task.key].message)
        for task in every
        if task.key in known and known[task.key].message
    }
    missing = [task.key for task in every if task.key not in done and task.key not in failed]
    if missing:
        message = f"{len(missing)} of {len(every)} tasks of {folder} are missing."
        raise ArterialError(message, _name_missing_shards(folder, every, missing))
    return _report(folder, done, tuple(sorted(done)), failed, time.monotonic() - start)


def remove_parts(folder: Path) -> None:
    """Remove what tasks wrote into the folder of a run; what else lies there stays.

    Parameters
    ----------
    folder : Path
        Folder of the run; nothing happens where there is none.
    """
    if folder.is_symlink():
        return
    files = [folder / JOB_FILE, *list_journals(folder)]
    files += (folder / PARTS_FOLDER).glob("*/*.parquet")
    for file in files:
        if not file.is_symlink():
            file.unlink(missing_ok=True)
    shutil.rmtree(folder / UNFINISHED_FOLDER, ignore_errors=True)
    for place in (*(folder / PARTS_FOLDER).glob("*"), folder / PARTS_FOLDER, folder):
        with contextlib.suppress(OSError):
            place.rmdir()


@dataclass
class _StopRequest:
    """Whether Ctrl-C was pressed."""

    is_asked: bool = False


class _Progress:
    """Tells how far a run is and estimates the time left from the pace so far."""

    def __init__(self, listener: ProgressReport | None, *, total: int, resumed: int) -> None:
        self._listener = listener
        self._total = total
        self._resumed = resumed
        self._start = time.monotonic()
        if listener is not None:
            listener(resumed, total, None)

    def report(self, finished: int) -> None:
        """Tell it to whoever listens."""
        if self._listener is None:
            return
        pace_s = (time.monotonic() - self._start) / (finished - self._resumed)
        self._listener(finished, self._total, pace_s * (self._total - finished))


@contextlib.contextmanager
def _clean_folder(folder: Path) -> Iterator[None]:
    """Remove what killed processes left of unfinished files, before and after."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            folder.parent.rmdir()


@contextlib.contextmanager
def _stop_request() -> Iterator[_StopRequest]:
    """Turn the first Ctrl-C into a request; the second interrupts as ever."""
    stop = _StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.getsignal(signal.SIGINT)

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_asked:
            raise KeyboardInterrupt
        stop.is_asked = True

    signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _find_done(folder: Path, tasks: Sequence[Task]) -> list[str]:
    """Give the keys of tasks that a journal calls done and whose parts are whole."""
    known = read_journals(folder)

    def is_done(result: TaskResult | None) -> bool:
        return (
            result is not None
            and not result.message
            and all(is_whole(folder, result.key, part) for part in result.parts)
        )

    return [task.key for task in tasks if is_done(known.get(task.key))]


def _name_missing_shards(
    folder: Path, tasks: Sequence[Task], missing: Sequence[str]
) -> list[Fault]:
    journals = list_journals(folder).values()
    counts = {shard[1] for shard in journals if shard is not None}
    if len(counts) != 1:
        cure = "Run the same again: only these will be worked off."
        return [Fault(f"Missing: {name_some(sorted(missing))}.", cure)]
    count = counts.pop()
    faults = []
    for index in range(1, count + 1):
        own = claim_shard([task.key for task in tasks], index, count)
        lacking = sorted(set(own) & set(missing))
        if lacking:
            state = "is unfinished" if (index, count) in journals else "has not been run"
            cause = (
                f"Shard {index} of {count} {state}: {len(lacking)} of its {len(own)} tasks are "
                f"missing ({name_some(lacking)})."
            )
            faults.append(Fault(cause, f"Run shard {index}/{count} again."))
    return faults


def _report(
    folder: Path,
    done: set[str],
    resumed: tuple[str, ...],
    failed: dict[str, FailedTask],
    elapsed_s: float,
) -> RunReport:
    failures = tuple(failed[key] for key in sorted(failed))
    return RunReport(folder, tuple(sorted(done)), resumed, failures, elapsed_s)
