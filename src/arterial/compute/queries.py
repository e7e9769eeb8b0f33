"""Questions to the parts of a run: `query_parts` by SQL in little memory, `read_parts` as a frame.

Only parts that a journal calls done are read, in order of task key, so that what killed processes
left behind is never counted and rows always come in the same order.
"""

import re
import tempfile
import threading
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from arterial.compute.journal import read_journals
from arterial.compute.parts import is_whole, part_path
from arterial.errors import ArterialError, Fault, LimitError, UsageError

__all__ = ["list_parts", "query_parts", "read_parts"]

TIME_LIMIT_S: Final = 60.0
MOST_TIME_LIMIT_S: Final = 86_400.0
MOST_ROWS: Final = 2_000_000
PLAIN_TYPE: Final = re.compile(
    r"((U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|VARCHAR|BOOLEAN|DATE|TIME"
    r"|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)(\[\])?)"
)
"""Types that a frame takes as they are."""

SPILL_GB: Final = 20
"""Most that a question may keep on the disk meanwhile [GB]."""


def list_parts(folder: Path) -> dict[str, list[Path]]:
    """Give the finished parts of a run by table, in order of task key.

    Parameters
    ----------
    folder : Path
        Folder of the run.

    Returns
    -------
    dict
        Files by table name, tables sorted.
    """
    found: dict[str, list[Path]] = {}
    for key, result in sorted(read_journals(folder).items()):
        for part in result.parts:
            found.setdefault(part.table, []).append(part_path(folder, part.table, key))
    return dict(sorted(found.items()))


def read_parts(folder: Path, table: str, *, keys: Collection[str] | None = None) -> pl.DataFrame:
    """Give one table of a run, the rows of its tasks in order of task key.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    table : str
        Table name.
    keys : collection of str, optional
        Of which tasks; all by default.

    Returns
    -------
    polars.DataFrame
        All rows; they must fit into memory, see `query_parts` otherwise.

    Raises
    ------
    ArterialError
        When there is no such table, or tasks gave it different columns.
    """
    found = list_parts(folder)
    if table not in found:
        near = tuple(get_close_matches(table, found))
        fault = Fault(
            f"There is no table {table!r}.", f"It has {', '.join(found) or 'none'}.", near=near
        )
        message = f"{folder} has no parts of that table."
        raise ArterialError(message, [fault])
    try:
        files = [file for file in found[table] if keys is None or file.stem in keys]
        return pl.read_parquet(files, glob=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"The parts of {table} in {folder} do not make one table: {error}"
        raise ArterialError(message) from error


def query_parts(
    folder: Path,
    sql: str,
    *,
    memory_mb: int = 1000,
    threads: int = 1,
    time_limit_s: float = TIME_LIMIT_S,
) -> pl.DataFrame:
    """Ask the tables of a run a question in SQL; each table is a view of its name.

    Tables larger than memory are read in passes and spill to the disk. Rows come in an order of
    their own unless the question says ``ORDER BY``.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    sql : str
        One question in DuckDB's SQL.
    memory_mb : int
        Most memory to use [MB], at least 50.
    threads : int
        Threads; with more than one, sums of fractions may differ in the last digit from one
        time to the next.
    time_limit_s : float
        Wall time after which the question is given up [s].

    Returns
    -------
    polars.DataFrame
        The answer; sums of whole numbers are 64-bit integers.

    Raises
    ------
    LimitError
        When time or memory does not suffice, the answer has too many rows, or a limit is out of
        range.
    ArterialError
        When the question is faulty.
    """
    if memory_mb < 50 or threads < 1:  # noqa: PLR2004
        message = f"{memory_mb} MB and {threads} threads are too little: 50 MB, 1 thread at least."
        raise UsageError(message)
    if not 0 < time_limit_s <= MOST_TIME_LIMIT_S:
        message = f"A time limit lies above 0 and up to {MOST_TIME_LIMIT_S} s; not {time_limit_s}."
        raise UsageError(message)
    with tempfile.TemporaryDirectory(prefix="arterial-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "max_temp_directory_size": f"{SPILL_GB}GB",
            "memory_limit": f"{memory_mb}MB",
            # Else a frame of the program that asks could be read by its name.
            "python_enable_replacements": False,
            "temp_directory": spill,
            "threads": threads,
        }
        with duckdb.connect(":memory:", config=settings) as connection:
            answer_file = Path(spill) / "answer.parquet"
            parts = list_parts(folder)
            for table, files in parts.items():
                _create_view(connection, folder, table, files)
            # What a question cannot be about is not read.
            _refuse_damaged(folder, [table for table in parts if table in sql.lower()])
            # A question reads the parts and nothing else, and writes nothing.
            named = [str(path) for files in parts.values() for path in files]
            quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in named)
            connection.execute(f"SET allowed_paths = ['{answer_file}'{quoted and ', '}{quoted}]")
            connection.execute(f"SET allowed_directories = ['{spill}']")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            clock = threading.Timer(time_limit_s, connection.interrupt)
            clock.daemon = True
            clock.start()
            try:
                return _ask(connection, sql, answer_file, memory_mb)
            except duckdb.InterruptException as error:
                message = (
                    f"The question takes longer than {time_limit_s:g} s and was given up: ask for "
                    "less, or give more time (--time-limit)."
                )
                raise LimitError(message) from error
            finally:
                clock.cancel()


def _refuse_damaged(folder: Path, tables: Collection[str]) -> None:
    """Refuse parts of some tables that are not as their tasks wrote them, naming the first."""
    for key, result in sorted(read_journals(folder).items()):
        for part in result.parts:
            if part.table not in tables or is_whole(folder, key, part):
                continue
            path = part_path(folder, part.table, key)
            what = "is damaged" if path.exists() else "is missing"
            message = (
                f"The parts of {part.table} cannot be read: {path} {what}. Simulate again; the "
                "other parts are kept."
            )
            raise ArterialError(message)


def _create_view(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: str, files: list[Path]
) -> None:
    """Let the parts of a table be a view of its name; a damaged or missing one is named."""
    try:
        connection.read_parquet([str(path) for path in files]).create_view(table)
    except (duckdb.Error, OSError) as error:
        _refuse_damaged(folder, [table])
        message = f"The parts of {table} cannot be read: {error}"
        raise ArterialError(message) from error


def _refuse_other_than_questions(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse what is not one question: copies, attachments, extensions, settings."""
    kinds = [statement.type for statement in connection.extract_statements(sql)]
    if kinds and kinds != [duckdb.StatementType.SELECT]:
        words = ", ".join(str(kind).rpartition(".")[2] for kind in kinds)
        message = (
            f"Only one question that begins with SELECT is answered; this is {words}. Nothing is "
            "written and no other file is read."
        )
        raise UsageError(message)


def _ask(
    connection: duckdb.DuckDBPyConnection, sql: str, answer_file: Path, memory_mb: int
) -> pl.DataFrame:
    """Let the answer pass through a file: DuckDB's own way into a frame needs pyarrow."""
    try:
        _refuse_other_than_questions(connection, sql)
        answer = connection.sql(sql)
        if answer is None:
            message = f"This asks for nothing: {sql!r}."
            raise UsageError(message)
        # Sums of whole numbers are 128 bits wide, which a Parquet file would hold as fractions;
        # what a frame has no type for (spans of time, ids, nested values) is given as text.
        cast = [
            f'"{name}"::{"BIGINT" if str(kind) == "HUGEINT" else "VARCHAR"} AS "{name}"'
            for column, kind in zip(answer.columns, answer.types, strict=True)
            for name in [column.replace('"', '""')]
            if PLAIN_TYPE.fullmatch(str(kind)) is None
        ]
        if cast:
            answer = answer.project(f"* REPLACE ({', '.join(cast)})")
        answer.limit(MOST_ROWS + 1).write_parquet(str(answer_file))
    except duckdb.InterruptException:
        raise
    except duckdb.OutOfMemoryException as error:
        message = f"{memory_mb} MB do not suffice for this question: give more memory_mb. {error}"
        raise LimitError(message) from error
    except duckdb.Error as error:
        message = f"The tables cannot answer this: {error}"
        raise UsageError(message) from error
    frame = pl.read_parquet(answer_file)
    if frame.height > MOST_ROWS:
        message = f"The answer has more than {MOST_ROWS:,} rows: sum up, or say LIMIT."
        raise LimitError(message)
    return frame
