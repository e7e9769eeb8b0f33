"""Reading a study folder: every fault of every file at once, or the study.

The main functions are `read_study` (raises) and `check_study` (lists); `read_inputs` gives the rows
of the files as they stand. Reading goes in three
phases: the files as text, the cells as values, then what the tables say together
(`arterial.study.checks`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.study.cells import parse_column
from arterial.study.checks import check_tables
from arterial.study.csvtext import RawTable, read_csv_file, read_text_file
from arterial.study.faults import WARNING, find_near_names, has_errors, limit_faults, shorten_text
from arterial.study.paces import expand_paces
from arterial.study.records import CheckedTables
from arterial.study.schema import TableRole, TableSchema, list_tables, load_schema
from arterial.study.settings import Settings
from arterial.study.settingsfile import SETTINGS_FILE, parse_settings
from arterial.study.study import Study
from arterial.study.tables import POLARS_TYPES, empty_table

__all__ = ["StudyInputs", "check_study", "read_inputs", "read_study", "read_table"]

_TABLES_FOLDER: Final = "tables"
_SPREADSHEETS: Final = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers", ".tsv"})


@dataclass(frozen=True, slots=True)
class _ReadTable:
    """A table as far as it could be read."""

    frame: pl.DataFrame
    rows: tuple[int, ...]
    faults: tuple[Fault, ...]
    is_readable: bool


@dataclass(frozen=True, slots=True)
class _ReadFolder:
    """A study folder as far as it could be read."""

    settings: Settings | None
    tables: CheckedTables
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class StudyInputs:
    """What the files of a study folder say, without faults.

    Parameters
    ----------
    settings : Settings
        The file ``study.toml``.
    tables : CheckedTables
        Every input table with the lines of its rows; paced trains as they stand.
    warnings : tuple of Fault
        What does not keep the study from being used.
    """

    settings: Settings
    tables: CheckedTables
    warnings: tuple[Fault, ...]


def read_study(path: str | Path) -> Study:
    """Read a study folder.

    Parameters
    ----------
    path : str or Path
        Folder with ``study.toml`` and ``tables``.

    Returns
    -------
    Study
        The study, each repetition of a paced train a train of its own; its warnings are the faults
        that do not keep it from being used.

    Raises
    ------
    StudyError
        With all faults of all files, when any is an error.
    """
    inputs = read_inputs(path)
    tables = expand_paces(inputs.tables.frames)
    return Study(Path(path), inputs.settings, tables, inputs.warnings)


def read_inputs(path: str | Path) -> StudyInputs:
    """Read the rows of a study folder as they stand, no paced train repeated.

    Parameters
    ----------
    path : str or Path
        Folder with ``study.toml`` and ``tables``.

    Returns
    -------
    StudyInputs
        Settings and tables, with the line of each row.

    Raises
    ------
    StudyError
        With all faults of all files, when any is an error.
    """
    folder = Path(path)
    read = _read_folder(folder)
    if has_errors(read.faults) or read.settings is None:
        count = sum(fault.severity == "error" for fault in read.faults)
        message = (
            f"The study {shorten_text(folder.name)!r} has {count} fault{'s' if count != 1 else ''}"
        )
        raise StudyError(message, read.faults)
    return StudyInputs(read.settings, read.tables, read.faults)


def check_study(path: str | Path) -> tuple[Fault, ...]:
    """List every fault of a study folder; bad data never raise.

    Parameters
    ----------
    path : str or Path
        Folder of the study.

    Returns
    -------
    tuple of Fault
        Errors and warnings in the order of files and rows; empty when there are none.
    """
    return _read_folder(Path(path)).faults


def read_table(path: Path, name: str) -> pl.DataFrame:
    """Read one table from a file of any place and name.

    Parameters
    ----------
    path : Path
        CSV file.
    name : str
        Table whose columns it has.

    Returns
    -------
    polars.DataFrame
        The table; what other tables would have to agree with is not checked.

    Raises
    ------
    StudyError
        With all faults of the file, when any is an error.
    """
    if not _is_present(path):
        message = f"The file {shorten_text(path.name)!r} does not exist."
        raise StudyError(message)
    read = _read_table(path, load_schema(name), shorten_text(path.name))
    if has_errors(read.faults):
        message = f"{shorten_text(path.name)!r} is no table {name}"
        raise StudyError(message, read.faults)
    return read.frame


def _read_folder(folder: Path) -> _ReadFolder:
    fault = _check_folder(folder)
    if fault is not None:
        return _ReadFolder(None, CheckedTables({}, {}), (fault,))
    faults: list[Fault] = []
    settings = _read_settings(folder, faults)
    faults.extend(_check_file_names(folder))
    frames: dict[str, pl.DataFrame] = {}
    rows: dict[str, tuple[int, ...]] = {}
    unreadable: set[str] = set()
    for name in list_tables(TableRole.INPUT):
        schema = load_schema(name)
        table = _read_table(folder / schema.file, schema)
        frames[name] = table.frame
        rows[name] = table.rows
        faults.extend(table.faults)
        if not table.is_readable:
            unreadable.add(name)
    if not any(_is_present(folder / load_schema(name).file) for name in frames):
        cure = "Write at least one table into the folder tables; `arterial new` makes a study."
        faults.append(Fault("The study has no tables.", cure, _TABLES_FOLDER))
    tables = CheckedTables(frames, rows, frozenset(unreadable))
    faults.extend(check_tables(tables, settings))
    return _ReadFolder(settings, tables, tuple(faults))


def _check_folder(folder: Path) -> Fault | None:
    cure = "Name a folder that holds study.toml and a folder tables."
    try:
        if folder.is_dir():
            return None
        cause = "is a file, not a folder" if folder.exists() else "does not exist"
    except (OSError, ValueError):
        cause = "cannot be opened"
    return Fault(f"The study {shorten_text(folder.name)!r} {cause}.", cure)


def _read_settings(folder: Path, faults: list[Fault]) -> Settings | None:
    path = folder / SETTINGS_FILE
    if not _is_present(path):
        cause = "The study has no settings."
        cure = "Write study.toml; `arterial new` makes one."
        faults.append(Fault(cause, cure, SETTINGS_FILE))
        return None
    text, fault = read_text_file(path, SETTINGS_FILE)
    if fault is not None:
        faults.append(fault)
        return None
    bad = next((row for row, line in enumerate(text.split("\n"), 1) if _is_foreign(line)), 0)
    if bad:
        cure = "Save the file as UTF-8."
        faults.append(Fault("The line is not in UTF-8.", cure, SETTINGS_FILE, bad))
        return None
    parsed = parse_settings(text)
    faults.extend(parsed.faults)
    return parsed.settings


def _is_foreign(line: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in line)


def _is_present(path: Path) -> bool:
    """Whether there is anything of that name, be it a broken link."""
    try:
        return path.exists() or path.is_symlink()
    except (OSError, ValueError):
        return True


def _check_file_names(folder: Path) -> list[Fault]:
    """Find CSV files that no table belongs to; hidden files and other kinds are left alone."""
    expected = {load_schema(name).file for name in list_tables(TableRole.INPUT)}
    results = set(list_tables(TableRole.RESULT))
    faults = []
    for place in (folder, folder / _TABLES_FOLDER):
        try:
            names = sorted(path.name for path in place.iterdir() if not path.name.startswith("."))
        except OSError:
            continue
        if place != folder:
            faults += [_spreadsheet_fault(name) for name in names if _is_spreadsheet(name)]
        files = [name for name in names if Path(name).suffix.lower() == ".csv"]
        for name in files:
            file = name if place == folder else f"{_TABLES_FOLDER}/{name}"
            if file not in expected:
                faults.append(_file_fault(shorten_text(file), expected, results))
    return faults


def _is_spreadsheet(name: str) -> bool:
    return Path(name).suffix.lower() in _SPREADSHEETS


def _spreadsheet_fault(name: str) -> Fault:
    cause = "The file is not read: tables are text."
    cure = "Save each sheet as CSV UTF-8, named after its table, and move the file elsewhere."
    return Fault(cause, cure, f"{_TABLES_FOLDER}/{shorten_text(name)}", severity=WARNING)


def _file_fault(file: str, expected: set[str], results: set[str]) -> Fault:
    stem = Path(file).stem
    if stem in results:
        cause = f"{stem} is a result table; results never stand among the inputs."
        return Fault(cause, "Remove the file; a run writes its results to runs.", file)
    right_place = [other for other in expected if Path(other).stem == stem]
    if right_place:
        return Fault("The file stands in the wrong folder.", f"Move it to {right_place[0]}.", file)
    near = find_near_names(file, expected)
    return Fault("No table has this name.", "Rename the file or remove it.", file, near=near)


def _read_table(path: Path, schema: TableSchema, file: str | None = None) -> _ReadTable:
    """Read a table as far as it can be; faults name `file`, else its place in a study."""
    file = file or schema.file
    if not _is_present(path):
        return _ReadTable(empty_table(schema.name), (), (), is_readable=True)
    raw = read_csv_file(path, file)
    if not raw.is_readable:
        return _ReadTable(empty_table(schema.name), (), raw.faults, is_readable=False)
    faults = [*raw.faults, *_check_columns(raw, schema, file)]
    missing_cells = (None,) * len(raw.rows)
    series = []
    for attribute in schema.attributes:
        cells = raw.columns.get(attribute.name, missing_cells)
        values, cell_faults = parse_column(attribute, cells, raw.rows, file)
        faults.extend(cell_faults)
        dtype = POLARS_TYPES[attribute.type]
        series.append(pl.Series(attribute.name, values, dtype=dtype))
    is_readable = all(
        column in raw.columns or schema.attribute(column).default is not None
        for column in schema.key
    )
    return _ReadTable(pl.DataFrame(series), raw.rows, tuple(faults), is_readable)


def _check_columns(raw: RawTable, schema: TableSchema, file: str) -> tuple[Fault, ...]:
    faults = []
    for attribute in schema.attributes:
        if attribute.is_needed and attribute.name not in raw.columns:
            kind = "key" if attribute.is_key else "required"
            cause = f"The {kind} column {attribute.name} is missing."
            near = find_near_names(attribute.name, set(raw.columns) - set(schema.columns))
            cure = f"Add the column: {attribute.description}."
            faults.append(Fault(cause, cure, file, 1, attribute.name, near))
    for name in raw.columns:
        if name not in schema.columns:
            near = find_near_names(name, schema.columns)
            cause = f"The table has no column {name!r}."
            cure = "Rename or remove the column; remarks go into the column note."
            faults.append(Fault(cause, cure, file, 1, name, near))
    return limit_faults(faults)
