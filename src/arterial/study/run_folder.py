"""The folder of a run: result tables, report and record, written whole or not at all.

A run is named after the digest of its study and the version of the program, so the same study gives
the same folder, and two runs of different studies never overwrite each other. Of a folder only what
a run wrote is ever removed; what else lies there stays. Whoever reads first sets right what a
process that was killed left behind (`heal_runs`).
"""

import io
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from arterial.errors import StudyError, UsageError
from arterial.study.run_record import INPUTS, RECORD, format_record, read_record
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.settingsfile import SETTINGS_FILE
from arterial.writing import probe_folder, put_folder, sync_folder, write_file, write_whole

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "find_last_run",
    "find_run",
    "heal_runs",
    "list_input_files",
    "list_runs",
    "name_run",
    "refuse_run_folder",
    "remove_run",
    "write_run",
]

REPORT: Final = "report.html"
EXPORTS: Final = ("plan.csv", "plan.geojson", "plan.ics")
RUN_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}"
LEFT: Final = re.compile(r"\.(.+)~[0-9a-f]{8}(\.old)?")
"""Folders beside a run while it is written; those ending in ``.old`` held the earlier one."""

TEMPORARY: Final = re.compile(r"\.(.+)\.[0-9a-f]{8}")
ABANDONED_AFTER_S: Final = 3600.0
"""Age at which such a folder counts as left behind where the disk has no locks [s]."""

BEGINNING_S: Final = 10.0
"""Time in which an empty one may still be about to be locked [s]."""


def write_run(
    folder: Path,
    *,
    results: "Mapping[str, pl.DataFrame]",
    report: str,
    record: Mapping[str, object],
    inputs: Path | None = None,
    export: Callable[[Path], object] | None = None,
) -> Path:
    """Write a run beside its final place and put it there in one step.

    Parameters
    ----------
    folder : Path
        Final place of the run; an earlier run of the same name is replaced.
    results : mapping of str to DataFrame
        Result tables by name, written as Parquet (zstd).
    report : str
        The report page.
    record : mapping
        What identifies the run: study digest, version, options, seed.
    inputs : Path, optional
        Study whose settings and tables are kept beside the results, so that what was changed
        between two runs can still be told.
    export : callable, optional
        Writes further files into the folder it is called with.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OSError
        When something cannot be written; it names the file, and the earlier run stands.
    """
    refuse_run_folder(folder, inputs)
    folder.parent.mkdir(parents=True, exist_ok=True)
    heal_runs(folder.parent, folder.name)
    staging = folder.with_name(f".{folder.name}~{secrets.token_hex(4)}")
    with _named_in(staging, folder), _stage(staging, folder):
        for name, frame in results.items():
            buffer = io.BytesIO()
            frame.write_parquet(buffer, compression="zstd")
            write_file(staging / f"{name}.parquet", buffer.getvalue())
        write_file(staging / REPORT, report)
        if export is not None:
            export(staging)
        if inputs is not None:
            _keep_inputs(inputs, staging / INPUTS)
        # The record comes last: a folder that holds it is whole.
        write_whole(staging / RECORD, format_record(record, staging))
        sync_folder(staging)
        put_folder(staging, folder)
    return folder


def refuse_run_folder(folder: Path, study: Path | None = None) -> None:
    """Refuse a place that no run can be written to, before the run is computed.

    Parameters
    ----------
    folder : Path
        Where the run shall go.
    study : Path, optional
        The study it is of: its own files are not overwritten.

    Raises
    ------
    StudyError
        If something else stands there.
    OSError
        If the disk takes no files there.
    """
    heal_runs(folder.parent, folder.name)
    what = ""
    if folder.is_symlink():
        what = f"is a link to {folder.readlink()}"
    elif folder.exists() and not folder.is_dir():
        what = "exists and is no folder"
    elif folder.exists() and not (folder / RECORD).is_file():
        what = "exists and is not a run of Arterial"
    elif study is not None:
        tables = {path.parent for path in list_input_files(study)} - {study}
        parents = folder.resolve().parents
        if any(place.resolve() in parents for place in tables):
            what = "lies among the tables of the study"
    if what:
        message = f"{folder} {what}; name another folder."
        raise UsageError(message)
    above = next(place for place in folder.absolute().parents if place.exists())
    probe_folder(above, folder)


def name_run(study: Path, name: str, digest: str) -> Path:
    """Folder of a run that bears a name of its own.

    Raises
    ------
    StudyError
        If the name cannot name a folder, or names a run of other inputs.
    """
    if not re.fullmatch(RUN_NAME, name):
        message = (
            f"{name!r} cannot name a run. Use up to 60 letters, digits, points, hyphens and "
            "underscores, a letter or digit first."
        )
        raise UsageError(message)
    folder = study / "runs" / name
    heal_runs(folder.parent, name)
    if folder.exists() and read_record(folder).get("digest") != digest:
        message = (
            f"{folder} holds a run of other inputs. Choose another name, or remove the folder."
        )
        raise UsageError(message)
    return folder


def find_last_run(study: Path | str) -> Path:
    """The study's newest run.

    Raises
    ------
    StudyError
        If the study has none.
    """
    runs = list_runs(study)
    if not runs:
        message = f"{study} has no run yet: arterial run {study}"
        raise StudyError(message)
    return runs[-1]


def find_run(study: Path | str, name: str) -> Path:
    """The study's run of a name.

    Raises
    ------
    StudyError
        If there is none; the message lists those there are.
    """
    known = {run.name: run for run in list_runs(study)}
    if name not in known:
        message = f"{study} has no run {name!r}. It has: {', '.join(known) or 'none'}."
        raise UsageError(message)
    return known[name]


def list_runs(study: Path | str) -> list[Path]:
    """Folders of the study's runs, the newest last.

    Raises
    ------
    StudyError
        If there is no such folder.
    """
    if not Path(study).is_dir():
        message = f"{study} is no folder, so no study is there."
        raise StudyError(message)
    place = Path(study) / "runs"
    heal_runs(place)
    folders = (path.parent for path in place.glob(f"*/{RECORD}"))
    runs = [run for run in folders if not run.name.startswith(".")]
    return sorted(runs, key=lambda run: ((run / RECORD).stat().st_mtime_ns, run.name))


def remove_run(study: Path | str, name: str) -> Path:
    """Remove the study's run of a name, and what its simulated tasks left beside it.

    Returns
    -------
    Path
        The folder; it still stands where it holds what no run wrote.

    Raises
    ------
    StudyError
        If there is none; the message lists those there are.
    """
    from arterial.compute.runs import remove_parts

    run = find_run(study, name)
    _dissolve(run, run, _list_own(run))
    remove_parts(run.with_name(f"{run.name}.parts"))
    return run


def heal_runs(parent: Path, name: str = "") -> None:
    """Set right what processes that were killed while writing runs left behind.

    An earlier run that had to make room comes back where no newer one stands; else what a run
    wrote is removed, and what it did not write goes into the folder of the run.

    Parameters
    ----------
    parent : Path
        Folder of the runs.
    name : str
        Of which run; of all by default.
    """
    try:
        entries = sorted(parent.iterdir()) if parent.is_dir() else []
    except OSError:
        return
    for left in entries:
        match = LEFT.fullmatch(left.name)
        if match is None or name not in {"", match[1]} or left.is_symlink() or not left.is_dir():
            continue
        place = parent / match[1]
        # On a disk that is only read nothing can be mended, and nothing has to fail for it.
        with suppress(OSError):
            if match[2] and not place.exists():
                left.rename(place)
            elif _is_abandoned(left):
                _dissolve(left, place, _list_own(left))


@contextmanager
def _stage(staging: Path, folder: Path) -> Iterator[None]:
    """A folder beside a run for writing it, locked as long as its writer lives."""
    staging.mkdir()
    handle = None if os.name == "nt" else os.open(staging, os.O_RDONLY)
    try:
        if handle is not None:
            import fcntl

            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        # By now the earlier run may stand here; what it held besides goes into the newer one.
    finally:
        try:
            for left in (staging, staging.with_name(f"{staging.name}.old")):
                with suppress(OSError):
                    _dissolve(left, folder, _list_own(left))
        finally:
            if handle is not None:
                os.close(handle)


@contextmanager
def _named_in(staging: Path, folder: Path) -> Iterator[None]:
    """Let a failure name the file by its final place."""
    try:
        yield
    except OSError as error:
        name = str(error.filename or folder).replace(str(staging), str(folder))
        raise OSError(error.errno, error.strerror or str(error), name) from error


def _is_abandoned(left: Path) -> bool:
    """Whether nobody writes there any more."""
    age_s = time.time() - left.stat().st_mtime
    if os.name == "nt":
        return age_s > ABANDONED_AFTER_S
    import fcntl

    handle = os.open(left, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return age_s > ABANDONED_AFTER_S
    finally:
        os.close(handle)
    return age_s > BEGINNING_S or any(left.iterdir())


def _dissolve(left: Path, place: Path, own: frozenset[str], at: str = "") -> None:
    """Remove what a run wrote; the rest goes where it has to be, as far as there is room for it."""
    if not left.is_dir():
        return
    # The record goes last: it tells which files are the run's own.
    for entry in sorted(left.iterdir(), key=lambda entry: (entry.name == RECORD, entry.name)):
        name = f"{at}{entry.name}"
        temporary = TEMPORARY.fullmatch(entry.name)
        is_own = name in own or (temporary is not None and f"{at}{temporary[1]}" in own)
        if entry.is_dir() and not entry.is_symlink() and any(f.startswith(f"{name}/") for f in own):
            _dissolve(entry, place / entry.name, own, f"{name}/")
        elif is_own and not entry.is_symlink() and entry.is_file():
            if entry.name != RECORD or len(list(left.iterdir())) == 1 or place == left:
                entry.unlink(missing_ok=True)
        elif place != left and place.is_dir() and not os.path.lexists(place / entry.name):
            entry.rename(place / entry.name)
    with suppress(OSError):
        left.rmdir()


def list_input_files(study: Path) -> list[Path]:
    """Settings and tables of a study, whether there or not: nothing is written over them."""
    tables = (load_schema(name).file for name in list_tables(TableRole.INPUT))
    return [study / name for name in (SETTINGS_FILE, *tables)]


def _list_own(folder: Path) -> frozenset[str]:
    """Places of files that a run writes, and of those that the record of this one names."""
    inputs = {path.as_posix() for path in list_input_files(Path(INPUTS))}
    own = {RECORD, REPORT, *EXPORTS, *inputs}
    own |= {f"{name}.parquet" for name in list_tables(TableRole.RESULT)}
    if LEFT.fullmatch(folder.name) and not (folder / RECORD).exists():
        # Nobody ever saw it whole, so nobody put anything there.
        own |= {path.name.lstrip(".") for path in folder.glob("*.parquet*")}
    with suppress(StudyError, OSError):
        own |= {str(name) for name in read_record(folder)["files"]}
    return frozenset(own)


def _keep_inputs(study: Path, folder: Path) -> None:
    """Copy settings and tables as they stand, remarks and lines with them."""
    for path in filter(Path.is_file, list_input_files(study)):
        kept = folder / path.relative_to(study)
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_file(kept, path.read_bytes())
    for place in (folder, *(path for path in folder.glob("*") if path.is_dir())):
        if place.is_dir():
            sync_folder(place)
