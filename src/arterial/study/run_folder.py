"""The folder of a run: result tables, report and record, written whole or not at all.

A run is named after the digest of its study and the version of the program, so the same study gives
the same folder, and two runs of different studies never overwrite each other.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from arterial.errors import StudyError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["find_last_run", "read_result", "write_run"]

RECORD: Final = "run.toml"
ABANDONED_AFTER_S: Final = 3600.0
"""Age at which a hidden folder beside a run counts as abandoned [s]."""


def write_run(
    folder: Path,
    *,
    results: "Mapping[str, pl.DataFrame]",
    report: str,
    record: Mapping[str, object],
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
        staging.chmod(0o755)
        _replace_folder(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


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
    folders = (path.parent for path in (study / "runs").glob(f"*/{RECORD}"))
    runs = [run for run in folders if not run.name.startswith(".")]
    if not runs:
        message = f"{study} has no run yet: arterial run {study}"
        raise StudyError(message)
    return max(runs, key=lambda run: ((run / RECORD).stat().st_mtime_ns, run.name))


def read_result(run: Path, table: str) -> "pl.DataFrame":
    """A result table of a run.

    Raises
    ------
    StudyError
        If the run has no such table; the message lists those it has.
    """
    import polars as pl

    path = run / f"{table}.parquet"
    if not path.is_file():
        names = ", ".join(sorted(table_file.stem for table_file in run.glob("*.parquet")))
        message = f"The run has no table {table!r}. It has: {names}."
        raise StudyError(message)
    return pl.read_parquet(path)


def format_toml(record: Mapping[str, object]) -> str:
    """A flat record (texts, numbers, lists, one level of tables) as TOML."""
    flat = {key: value for key, value in record.items() if not isinstance(value, Mapping)}
    tables = {key: value for key, value in record.items() if isinstance(value, Mapping)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in flat.items()]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {json.dumps(table[key])}" for key in table)]
    return "\n".join(lines) + "\n"
