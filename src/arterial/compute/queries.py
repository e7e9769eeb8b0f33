"""Questions to the parts of a run: `query_parts` by SQL in little memory, `read_parts` as a frame.

Only parts that a journal calls done are read, in order of task key, so that what killed processes
left behind is never counted and rows always come in the same order.
"""

import tempfile
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

import duckdb
import polars as pl

from arterial.compute.journal import read_journals
from arterial.compute.parts import part_path
from arterial.errors import ArterialError, Fault, LimitError

__all__ = ["list_parts", "query_parts", "read_parts"]


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


def query_parts(folder: Path, sql: str, *, memory_mb: int = 1000, threads: int = 1) -> pl.DataFrame:
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

    Returns
    -------
    polars.DataFrame
        The answer; sums of whole numbers are 64-bit integers.

    Raises
    ------
    LimitError
        When the memory does not suffice, or a limit is out of range.
    ArterialError
        When the question is faulty.
    """
    if memory_mb < 50 or threads < 1:  # noqa: PLR2004
        message = f"{memory_mb} MB and {threads} threads are too little: 50 MB, 1 thread at least."
        raise LimitError(message)
    with tempfile.TemporaryDirectory(prefix="arterial-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": spill,
            "threads": threads,
        }
        with duckdb.connect(":memory:", config=settings) as connection:
            for table, files in list_parts(folder).items():
                paths = [str(path) for path in files]
                connection.read_parquet(paths).create_view(table)
            return _ask(connection, sql, Path(spill) / "answer.parquet", memory_mb)


def _ask(
    connection: duckdb.DuckDBPyConnection, sql: str, answer_file: Path, memory_mb: int
) -> pl.DataFrame:
    """Let the answer pass through a file: DuckDB's own way into a frame needs pyarrow."""
    try:
        answer = connection.sql(sql)
        if answer is None:
            message = f"This asks for nothing: {sql!r}."
            raise ArterialError(message)
        # Sums of whole numbers are 128 bits wide, which a Parquet file would hold as fractions.
        wide = [
            f'"{column}"::BIGINT AS "{column}"'
            for column, kind in zip(answer.columns, answer.types, strict=True)
            if str(kind) == "HUGEINT"
        ]
        if wide:
            answer = answer.project(f"* REPLACE ({', '.join(wide)})")
        answer.write_parquet(str(answer_file))
    except duckdb.OutOfMemoryException as error:
        message = f"{memory_mb} MB do not suffice for this question: give more memory_mb. {error}"
        raise LimitError(message) from error
    except duckdb.Error as error:
        message = f"The tables cannot answer this: {error}"
        raise ArterialError(message) from error
    return pl.read_parquet(answer_file)
