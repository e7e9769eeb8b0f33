"""Variants of a study: a copy of its folder with some cells changed.

The main function is `change_study`. What was changed, before and after, is told by `list_changes`
and so by every comparison of the two.
"""

import csv
import io
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from arterial.errors import Fault, StudyError
from arterial.study.changes import SETTINGS, list_settings
from arterial.study.csvtext import format_cell, read_csv_file
from arterial.study.faults import find_near_names
from arterial.study.reader import read_inputs
from arterial.study.run_folder import list_input_files
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.settings import Settings
from arterial.study.settingsfile import SETTINGS_FILE
from arterial.study.writer import build_folder, format_settings

__all__ = ["CellEdit", "change_study"]

CellEdit = tuple[str, object, str, object]
"""Table, key of the row, column and new value."""


def change_study(path: str | Path, copy: str | Path, cells: Iterable[CellEdit]) -> Path:
    """Write a copy of a study with some cells changed; the study itself stays as it is.

    Parameters
    ----------
    path : str or Path
        Folder of the study.
    copy : str or Path
        Folder to create; its parent must exist.
    cells : iterable of tuple
        For each cell its table, the key of its row (several values as a tuple, in the order of the
        table's key), its column and the new value as the file would hold it; None = unknown. A
        setting is ``("study", "", "reliability.draws", 8)``.

    Returns
    -------
    Path
        The copy: settings, tables and remarks, without runs.

    Raises
    ------
    StudyError
        If the study has faults, a cell does not exist, or the copy would have faults. Nothing is
        written then.
    """
    source = Path(path)
    settings = read_inputs(source).settings
    edits = list(cells)
    faults: list[Fault] = []
    texts = {
        load_schema(table).file: text
        for table in dict.fromkeys(edit[0] for edit in edits if edit[0] != SETTINGS)
        if (text := _edit_table(source, table, _edits_of(table, edits), faults)) is not None
    }
    if own := _edits_of(SETTINGS, edits):
        texts[SETTINGS_FILE] = format_settings(_edit_settings(settings, own, faults))
    if faults:
        message = "Cells are to be changed that the study does not have."
        raise StudyError(message, faults)
    with build_folder(copy) as folder:
        for file in filter(Path.is_file, list_input_files(source)):
            place = folder / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        # Read as any study is: the new values meet every check.
        try:
            read_inputs(folder)
        except StudyError as error:
            message = f"The study does not hold with {len(edits)} changed cells"
            raise StudyError(message, error.faults) from None
    return Path(copy)


def _edits_of(table: str, edits: Sequence[CellEdit]) -> list[CellEdit]:
    return [edit for edit in edits if edit[0] == table]


def _edit_table(
    source: Path, table: str, edits: Sequence[CellEdit], faults: list[Fault]
) -> str | None:
    """The file of a table with the new cells; None where one of them does not exist."""
    inputs = list_tables(TableRole.INPUT)
    if table not in inputs:
        near = find_near_names(table, inputs)
        faults.append(Fault(f"There is no input table {table!r}.", "Name one.", near=near))
        return None
    schema = load_schema(table)
    raw = read_csv_file(source / schema.file, schema.file)
    count = len(raw.rows)
    columns = {name: list(cells) for name, cells in raw.columns.items()}
    keys = [tuple(columns[name][row] or "" for name in schema.key) for row in range(count)]
    known = len(faults)
    for _, key, column, value in edits:
        wanted = tuple(map(format_cell, key if isinstance(key, tuple) else (key,)))
        if column not in schema.columns:
            near = find_near_names(column, schema.columns)
            cause = f"The table {table} has no column {column!r}."
            faults.append(Fault(cause, "Name one of its columns.", schema.file, near=near))
        elif wanted not in keys:
            near = find_near_names(" ".join(wanted), [" ".join(one) for one in keys])
            cause = f"The table {table} has no row with {', '.join(schema.key)} = {wanted}."
            faults.append(Fault(cause, "Name the key of one row.", schema.file, near=near))
        else:
            cells = columns.setdefault(column, [None] * count)
            cells[keys.index(wanted)] = format_cell(value)
    if len(faults) > known:
        return None
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return target.getvalue()


def _edit_settings(settings: Settings, edits: Sequence[CellEdit], faults: list[Fault]) -> Settings:
    values = settings.model_dump()
    for _, _, name, value in edits:
        part: object = values
        *parents, last = name.split(".")
        for parent in parents:
            part = part.get(parent) if isinstance(part, dict) else None
        if not isinstance(part, dict) or last not in part or isinstance(part[last], dict):
            near = find_near_names(name, list_settings(settings))
            faults.append(
                Fault(f"There is no setting {name!r}.", "Name one.", SETTINGS_FILE, near=near)
            )
            continue
        part[last] = value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=False):
            cause = f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}."
            faults.append(Fault(cause, "Give a value that the setting allows.", SETTINGS_FILE))
        return settings
