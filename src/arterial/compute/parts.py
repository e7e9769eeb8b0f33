"""Result parts: the tables of one task, encoded and written whole; main function `encode_task`.

Every executor encodes tables the same way, so the files of a run are the same byte for byte
wherever its tasks were worked off.
"""

import hashlib
import io
import pickle
import re
import secrets
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from arterial.compute.tasks import Task, TaskFunction
from arterial.errors import ArterialError
from arterial.writing import write_file

__all__ = [
    "EncodedTable",
    "EncodedTask",
    "Part",
    "TaskResult",
    "encode_packed",
    "encode_task",
    "is_whole",
    "part_path",
    "store_parts",
]

PARTS_FOLDER: Final = "parts"
TABLE_FORM: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")
COMPRESSION_LEVEL: Final = 3
ROW_GROUP_ROWS: Final = 131_072
LONGEST_MESSAGE: Final = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """One table of one task, as written: number of rows, size in bytes, SHA-256 of the file."""

    table: str
    rows: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What became of a task: its parts, or the message why there are none."""

    key: str
    elapsed_s: float
    parts: tuple[Part, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """One table as the bytes of its Parquet file."""

    table: str
    rows: int
    content: bytes


@dataclass(frozen=True, slots=True)
class EncodedTask:
    """The tables of a task as bytes of Parquet files, on their way to the folder."""

    key: str
    elapsed_s: float
    tables: tuple[EncodedTable, ...] = ()
    message: str = ""


def encode_task(function: TaskFunction, task: Task) -> EncodedTask:
    """Call the function and encode its tables; an exception becomes a message.

    Parameters
    ----------
    function : callable
        Gives tables by name from a payload.
    task : Task
        The task.

    Returns
    -------
    EncodedTask
        Parquet files as bytes, or why there are none.
    """
    start = time.perf_counter()
    tables: list[EncodedTable] = []
    message = ""
    try:
        given = function(task.payload)
        tables = [_encode_table(name, given[name]) for name in _list_tables(given)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 one bad task must not end the others
        message = _describe_error(error)
    elapsed = time.perf_counter() - start
    return EncodedTask(task.key, elapsed, () if message else tuple(tables), message)


def encode_packed(function: bytes, key: str, payload: bytes) -> EncodedTask:
    """Do the same in another process, with function and payload still pickled.

    Unpickling here turns a module that is missing or fails into a message of the task.

    Parameters
    ----------
    function, payload : bytes
        Pickled function and payload.
    key : str
        Key of the task.

    Returns
    -------
    EncodedTask
        Parquet files as bytes, or why there are none.
    """
    try:
        called: TaskFunction = pickle.loads(function)  # noqa: S301 made by this very run
        task = Task(key, pickle.loads(payload))  # noqa: S301
    except Exception as error:  # noqa: BLE001 imports run any code
        return EncodedTask(key, 0.0, message=_describe_error(error))
    return encode_task(called, task)


def store_parts(encoded: EncodedTask, folder: Path, unfinished: Path) -> TaskResult:
    """Put the tables of a task into the folder, each whole or not at all.

    Parameters
    ----------
    encoded : EncodedTask
        Tables as bytes.
    folder : Path
        Folder of the run.
    unfinished : Path
        Folder on the same disk for files that are being written.

    Returns
    -------
    TaskResult
        What was written; a full disk makes it the result of a failed task.
    """
    written = []
    try:
        for one in encoded.tables:
            place = part_path(folder, one.table, encoded.key)
            _write_whole(one.content, place, unfinished / f"{one.table}.{encoded.key}")
            digest = hashlib.sha256(one.content).hexdigest()
            written.append(Part(one.table, one.rows, len(one.content), digest))
    except OSError as error:
        message = f"Its parts cannot be written: {error}."
        return TaskResult(encoded.key, encoded.elapsed_s, message=message)
    return TaskResult(encoded.key, encoded.elapsed_s, tuple(written), encoded.message)


def part_path(folder: Path, table: str, key: str) -> Path:
    """Give the place of one table of one task."""
    return folder / PARTS_FOLDER / table / f"{key}.parquet"


def is_whole(folder: Path, key: str, part: Part) -> bool:
    """Whether a part is there as it was written."""
    try:
        with part_path(folder, part.table, key).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == part.digest
    except OSError:
        return False


def _write_whole(content: bytes, place: Path, draft: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    temporary = draft.with_name(f"{draft.name}.{secrets.token_hex(4)}")
    try:
        # Digests tell what a machine lost that went down; waiting for the disk would cost more.
        write_file(temporary, content, is_synced=False)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def _list_tables(given: Mapping[str, pl.DataFrame]) -> list[str]:
    if not isinstance(given, Mapping) or not given:
        message = "The function gave no tables: it must give at least one frame by table name."
        raise ArterialError(message)
    for name, frame in given.items():
        if not isinstance(name, str) or TABLE_FORM.fullmatch(name) is None:
            message = f"The table name {name!r} is not small letters, digits and '_'."
            raise ArterialError(message)
        if not isinstance(frame, pl.DataFrame):
            message = f"The function gave {type(frame).__name__} for {name}, not a frame."
            raise ArterialError(message)
    return sorted(given)


def _encode_table(name: str, frame: pl.DataFrame) -> EncodedTable:
    if not frame.width:
        message = f"The table {name} has no columns."
        raise ArterialError(message)
    buffer = io.BytesIO()
    # Everything that shapes the file is fixed here, so that the same rows give the same bytes.
    frame.rechunk().write_parquet(
        buffer,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        row_group_size=ROW_GROUP_ROWS,
    )
    return EncodedTable(name, frame.height, buffer.getvalue())


def _describe_error(error: BaseException) -> str:
    if isinstance(error, ArterialError):
        return str(error)[:LONGEST_MESSAGE]
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" ({Path(f.filename).name}:{f.lineno} in {f.name})" for f in last)
    return f"{type(error).__name__}: {str(error)[:LONGEST_MESSAGE]}{place}"
