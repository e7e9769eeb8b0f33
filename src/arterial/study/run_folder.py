"""The folder of a run: result tables, report and record, written whole or not at all.

A run is named after the digest of its study and the version of the program, so the same study gives
the same folder, and two runs of different studies never overwrite each other.
"""

import json
import re
import shutil
import tempfile
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arterial.errors import StudyError
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.settingsfile import SETTINGS_FILE

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "find_last_run",
    "find_run",
    "list_runs",
    "name_run",
    "read_record",
    "read_result",
    "remove_run",
    "write_run",
]

RECORD: Final = "run.toml"
INPUTS: Final = "study"
"""Folder of a run that holds the settings and tables it was made from."""

RUN_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}"
ABANDONED_AFTER_S: Final = 3600.0
"""Age at which a hidden folder beside a run counts as abandoned [s]."""


def write_run(
    folder: Path,
    *,
    results: "Mapping[str, pl.DataFrame]",
    report: str,
    record: Mapping[str, object],
    inputs: Path | None = None,
) -> Path:
    """Write a run beside its final place and move it there in one step.

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

    Returns
    -------
    Path
        The folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(folder)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, frame in results.items():
            frame.write_parquet(staging / f"{name}.parquet", compression="zstd")
        (staging / "report.html").write_text(report, encoding="utf-8")
        (staging / RECORD).write_text(format_toml(record), encoding="utf-8")
        if inputs is not None:
            _keep_inputs(inputs, staging / INPUTS)
        staging.chmod(0o755)
        _replace_folder(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def _keep_inputs(study: Path, folder: Path) -> None:
    """Copy settings and tables as they stand, remarks and lines with them."""
    for name in (SETTINGS_FILE, *(load_schema(name).file for name in list_tables(TableRole.INPUT))):
        if (study / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(study / name, folder / name)


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
        raise StudyError(message)
    folder = study / "runs" / name
    if folder.exists() and read_record(folder).get("digest") != digest:
        message = (
            f"{folder} holds a run of other inputs. Choose another name, or remove the folder."
        )
        raise StudyError(message)
    return folder


def read_record(run: Path) -> dict[str, Any]:
    """What identifies a run.

    Raises
    ------
    StudyError
        If the folder holds no record that can be read.
    """
    path = run / RECORD
    if not path.is_file():
        message = (
            f"{run} is no run of Arterial: it has no {RECORD}. "
            "Name the folder of a run, or a study."
        )
        raise StudyError(message)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path} is damaged ({error}). Remove the folder and run the study again."
        raise StudyError(message) from error


def _clear_abandoned(folder: Path) -> None:
    """Remove what a run of this name left behind when it was killed while writing."""
    too_old = time.time() - ABANDONED_AFTER_S
    for folder_left in folder.parent.glob(f".{folder.name}-*"):
        if folder_left.stat().st_mtime < too_old:
            shutil.rmtree(folder_left, ignore_errors=True)


def _replace_folder(staging: Path, folder: Path) -> None:
    """Put a finished folder in the place of an older run, kept until the new one stands."""
    retired: Path | None = None
    if folder.exists():
        if not (folder / RECORD).is_file():
            message = f"{folder} exists and is not a run of Arterial; name another folder."
            raise StudyError(message)
        retired = Path(tempfile.mkdtemp(prefix=f".old-{folder.name}-", dir=folder.parent))
        folder.replace(retired / folder.name)
    staging.replace(folder)
    if retired is not None:
        shutil.rmtree(retired, ignore_errors=True)


def find_last_run(study: Path) -> Path:
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


def find_run(study: Path, name: str) -> Path:
    """The study's run of a name.

    Raises
    ------
    StudyError
        If there is none; the message lists those there are.
    """
    run = study / "runs" / name
    if not (run / RECORD).is_file():
        known = ", ".join(found.name for found in list_runs(study)) or "none"
        message = f"{study} has no run {name!r}. It has: {known}."
        raise StudyError(message)
    return run


def remove_run(study: Path, name: str) -> Path:
    """Remove the study's run of a name, and what its simulated tasks left beside it.

    Returns
    -------
    Path
        The folder that was removed.

    Raises
    ------
    StudyError
        If there is none; the message lists those there are.
    """
    run = find_run(study, name)
    shutil.rmtree(run)
    shutil.rmtree(run.with_name(f"{run.name}.parts"), ignore_errors=True)
    return run


def list_runs(study: Path) -> list[Path]:
    """Folders of the study's runs, the newest last."""
    folders = (path.parent for path in (study / "runs").glob(f"*/{RECORD}"))
    runs = [run for run in folders if not run.name.startswith(".")]
    return sorted(runs, key=lambda run: ((run / RECORD).stat().st_mtime_ns, run.name))


def read_result(run: Path, table: str) -> "pl.DataFrame":
    """A result table of a run.

    Raises
    ------
    StudyError
        If the run has no such table, or its file is damaged or holds another table.
    """
    import polars as pl

    path = run / f"{table}.parquet"
    if not path.is_file():
        names = ", ".join(sorted(table_file.stem for table_file in run.glob("*.parquet")))
        message = f"The run has no table {table!r}. It has: {names}."
        raise StudyError(message)
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        message = f"{path} is damaged. Run the study again."
        raise StudyError(message) from error
    _check_table(frame, table, path)
    return frame


def _check_table(frame: "pl.DataFrame", table: str, path: Path) -> None:
    """Refuse a file that lacks the key of its table: it holds another one."""
    if table not in list_tables(TableRole.RESULT):
        return
    missing = [name for name in load_schema(table).key if name not in frame.columns]
    if missing:
        message = f"{path} holds another table: it has no column {missing[0]}. Run the study again."
        raise StudyError(message)


def format_toml(record: Mapping[str, object]) -> str:
    """A flat record (texts, numbers, lists, one level of tables) as TOML."""
    flat = {key: value for key, value in record.items() if not isinstance(value, Mapping)}
    tables = {key: value for key, value in record.items() if isinstance(value, Mapping)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in flat.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {json.dumps(table[key])}" for key in table)]
    return "\n".join(lines) + "\n"
