"""The record of a run, and the one reader of what a run holds; main function `read_result`.

``run.toml`` tells what a run is of and holds the digest of each of its files and, last, its own. So
whatever was cut off, changed, exchanged or lost since is told with file, cause and cure, and no
figure is shown that the run did not give.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from arterial.errors import Fault, StudyError, UsageError
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.settingsfile import load_toml
from arterial.version import __version__

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "INPUTS",
    "RECORD",
    "format_record",
    "list_results",
    "read_file",
    "read_record",
    "read_result",
]

RECORD: Final = "run.toml"
INPUTS: Final = "study"
"""Folder of a run that holds the settings and tables it was made from."""

FORMAT: Final = 1
"""Version of the record itself; runs of another are refused."""

SEAL: Final = "\n[integrity]\n"
MOST_BYTES: Final = 16_000_000
AGAIN: Final = "Run the study again."


def format_record(record: Mapping[str, object], run: Path) -> str:
    """A record as TOML, with the digests of all files that stand in its folder and of itself.

    Parameters
    ----------
    record : mapping
        Texts, numbers, lists and tables.
    run : Path
        Folder with all files of the run but the record.
    """
    digests = {}
    for path in sorted(path for path in run.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            name = path.relative_to(run).as_posix()
            digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    text = format_toml({**record, "files": digests})
    return _seal(text)


def read_record(run: Path) -> dict[str, Any]:
    """What a run is of, and the digests of its files.

    Raises
    ------
    StudyError
        If the folder holds no record, or one that is damaged, was changed, or is of another
        version.
    """
    path = run / RECORD
    if not path.is_file():
        message = (
            f"{run} is no run of Arterial: it has no {RECORD}. "
            "Name the folder of a run, or a study."
        )
        raise StudyError(message)
    if path.stat().st_size > MOST_BYTES:
        raise _refuse(path, "The file is larger than any record of a run.")
    try:
        text = path.read_bytes().decode()
        record = load_toml(text)
    except (ValueError, RecursionError) as error:
        raise _refuse(path, f"The record is damaged ({error}).") from error
    seal = record.pop("integrity", None)
    if not isinstance(seal, dict) or "digest" not in seal or "files" not in record:
        writer = record.get("arterial", "unknown")
        cause = f"It is no record of this program, or of an older version (it names {writer})."
        raise _refuse(path, cause)
    if seal.get("format") != FORMAT:
        cause = f"The record has format {seal.get('format')}; this program reads {FORMAT}."
        raise _refuse(path, cause)
    if text != _seal(text.rpartition(SEAL)[0]):
        raise _refuse(path, "The record was changed after the run.")
    return record


def list_results(run: Path) -> list[str]:
    """Names of the result tables that a run wrote."""
    return _name_tables(read_record(run)["files"])


def read_file(run: Path, name: str) -> bytes:
    """Content of a file of a run, as it was written.

    Parameters
    ----------
    run : Path
        Folder of the run.
    name : str
        Place of the file within it.

    Raises
    ------
    StudyError
        If the run did not write such a file, or it is gone, damaged or another one.
    """
    files = read_record(run)["files"]
    path = run / name
    if name not in files:
        if path.exists():
            raise _refuse(path, "The file is not one that this run wrote.", "Remove it.")
        message = f"The run {run.name} has no file {name}."
        raise StudyError(message)
    if not path.is_file():
        cause = "is a folder, pipe or device" if path.exists() else "is missing"
        raise _refuse(path, f"The file {cause}.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != files[name]:
        what = "is damaged, or another file stands in its place"
        raise _refuse(path, "The file is empty." if not content else f"The file {what}.")
    return content


def read_result(run: Path, table: str) -> "pl.DataFrame":
    """A result table of a run.

    Raises
    ------
    StudyError
        If the run has no such table, or its file is not as it was written, or is of a version with
        other columns.
    """
    import polars as pl

    record = read_record(run)
    name = f"{table}.parquet"
    if name not in record["files"] and not (run / name).exists():
        message = (
            f"The run has no table {table!r}. It has: {', '.join(_name_tables(record['files']))}."
        )
        raise UsageError(message)
    content = read_file(run, name)
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _refuse(run / name, "The file is no table.") from error
    _check_columns(frame, table, run / name, str(record.get("arterial", "")))
    return frame


def format_toml(record: Mapping[str, object], part: str = "") -> str:
    """A record of texts, numbers, lists and tables as TOML."""
    flat = {key: value for key, value in record.items() if not isinstance(value, Mapping)}
    tables = {key: value for key, value in record.items() if isinstance(value, Mapping)}
    lines = [f"{_format_key(key)} = {_format_value(value)}" for key, value in flat.items()]
    text = "".join(f"{line}\n" for line in lines)
    for name, table in tables.items():
        place = f"{part}{_format_key(name)}"
        text += f"\n[{place}]\n{format_toml(table, f'{place}.')}"
    return text


def _seal(text: str) -> str:
    """A record with its own digest below it."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return text + SEAL + format_toml({"format": FORMAT, "digest": digest})


def _format_key(key: str) -> str:
    is_bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if is_bare else json.dumps(key)


def _format_value(value: object) -> str:
    # JSON lets the character DEL stand as it is; TOML does not.
    return json.dumps(value).replace("\x7f", "\\u007f")


def _name_tables(files: Mapping[str, object]) -> list[str]:
    return sorted(name.removesuffix(".parquet") for name in files if name.endswith(".parquet"))


def _check_columns(frame: "pl.DataFrame", table: str, path: Path, writer: str) -> None:
    """Refuse a table that lacks its key, or whose columns another version knows otherwise."""
    if table not in list_tables(TableRole.RESULT):
        return
    schema = load_schema(table)
    missing = [name for name in schema.key if name not in frame.columns]
    if missing:
        raise _refuse(path, f"The file holds another table: it has no column {missing[0]}.")
    other = set(frame.columns) ^ set(schema.columns)
    if other and writer not in {"", __version__}:
        cause = (
            f"The table is of Arterial {writer}, this is {__version__}: its columns differ in "
            f"{', '.join(sorted(other))}."
        )
        raise _refuse(path, cause)


def _refuse(path: Path, cause: str, cure: str = AGAIN) -> StudyError:
    message = f"The run {path.parent.name} cannot be read."
    return StudyError(message, [Fault(cause, cure, file=str(path))])
