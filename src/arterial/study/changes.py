"""What was changed between two studies: rows of their tables and settings, by key.

Main functions: `list_changes`, `group_changes` (changes that only make sense together) and
`apply_changes` (the first study with some of them), which lets the effect of each be seen alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import polars as pl

from arterial.study.checks import check_tables
from arterial.study.csvtext import format_cell
from arterial.study.faults import has_errors
from arterial.study.paces import expand_paces
from arterial.study.reader import StudyInputs
from arterial.study.records import CheckedTables
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.settings import Settings
from arterial.study.settingsfile import SETTINGS_FILE
from arterial.study.study import Study

__all__ = [
    "CellChange",
    "Change",
    "ChangeGroup",
    "ChangeKind",
    "apply_changes",
    "group_changes",
    "list_changes",
    "list_settings",
]

SETTINGS: Final = "study"
"""What settings are called where a table is named."""

WORDING: Final = frozenset({(SETTINGS, name) for name in ("name", "title", "summary")})
NOTE: Final = "note"

Key = tuple[object, ...]
Name = tuple[str, str]
"""A table and the key of a row."""


class ChangeKind(StrEnum):
    """What became of a row or setting."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CellChange:
    """A value before and after, as text; empty where there is none.

    Parameters
    ----------
    column : str
        Column, or the setting.
    before, after : str
        Values as a file writes them.
    """

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """A row or setting that differs.

    Parameters
    ----------
    table : str
        Table; ``study`` for a setting.
    file : str
        File, relative to the study folder.
    key : tuple
        Values of the key of the row, or the name of the setting.
    kind : ChangeKind
        Added, removed or changed.
    cells : tuple of CellChange
        Columns that differ; of a row that is new or gone those that are not empty.
    row_before, row_after : int or None
        Line of the file; None where the row is not there, and for settings.
    """

    table: str
    file: str
    key: Key
    kind: ChangeKind
    cells: tuple[CellChange, ...]
    row_before: int | None = None
    row_after: int | None = None

    @property
    def is_wording(self) -> bool:
        """Whether only a title or a remark differs, which no result rests on."""
        if self.table == SETTINGS:
            return (SETTINGS, self.key[0]) in WORDING
        return self.kind is ChangeKind.CHANGED and {cell.column for cell in self.cells} == {NOTE}


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes that are made together, such as a new train with its stops.

    Parameters
    ----------
    changes : tuple of Change
        At least one.
    """

    changes: tuple[Change, ...]


def list_changes(before: StudyInputs, after: StudyInputs) -> tuple[Change, ...]:
    """List every row and setting that differs, in the order of settings and tables.

    A row is the same row where its key is the same; the order of rows does not matter.

    Parameters
    ----------
    before, after : StudyInputs
        The two studies as their files stand.
    """
    changes = [*_compare_settings(before.settings, after.settings)]
    for table in list_tables(TableRole.INPUT):
        changes.extend(_compare_table(table, before.tables, after.tables))
    return tuple(changes)


def group_changes(changes: Sequence[Change], *, most: int) -> tuple[ChangeGroup, ...]:
    """Put changes together that only make sense together; of too many, those of one table.

    Rows of one owner (the stops of a train) and rows that refer to a row that is new or gone form
    one group. Titles and remarks are left out.

    Parameters
    ----------
    changes : sequence of Change
        As from `list_changes`.
    most : int
        Groups that may be given; where there are more, a group is a table.
    """
    counted = [change for change in changes if not change.is_wording]
    moved = {_own_name(change) for change in counted if change.kind is not ChangeKind.CHANGED}
    groups = _gather(
        counted, [{_own_name(change)} | _references(change) & moved for change in counted]
    )
    if len(groups) > most:
        groups = _gather(counted, [{(change.table, "")} for change in counted])
    if len(groups) > most:
        groups = [counted]
    return tuple(ChangeGroup(tuple(group)) for group in groups)


def apply_changes(
    before: StudyInputs, after: StudyInputs, changes: Iterable[Change], *, like: Study
) -> Study | None:
    """Give the first study with some of the changes made; None where that has faults.

    Parameters
    ----------
    before, after : StudyInputs
        The two studies.
    changes : iterable of Change
        What is made, all from `list_changes` of the two.
    like : Study
        Whose folder the variant bears.
    """
    frames, rows = dict(before.tables.frames), dict(before.tables.rows)
    made: dict[str, set[Key]] = {}
    for change in changes:
        made.setdefault(change.table, set()).add(change.key)
    for table in made.keys() - {SETTINGS}:
        frames[table] = _mix_rows(table, before.tables, after.tables, made[table])
        rows[table] = tuple(range(2, frames[table].height + 2))
    settings = _mix_settings(before.settings, after.settings, made.get(SETTINGS, set()))
    if settings is None or has_errors(check_tables(CheckedTables(frames, rows), settings)):
        return None
    return Study(like.path, settings, expand_paces(frames))


def _compare_settings(before: Settings, after: Settings) -> Iterator[Change]:
    first, second = (
        dict(_flatten(settings.model_dump(mode="json"))) for settings in (before, after)
    )
    for name in dict.fromkeys([*first, *second]):
        values = [_setting_text(flat.get(name)) for flat in (first, second)]
        if values[0] != values[1]:
            cell = CellChange(name, values[0], values[1])
            yield Change(SETTINGS, SETTINGS_FILE, (name,), ChangeKind.CHANGED, (cell,))


def list_settings(settings: Settings) -> list[str]:
    """Names of all settings, those of a part of the file after its name and a dot."""
    return [name for name, _ in _flatten(settings.model_dump())]


def _flatten(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _setting_text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(format_cell(item) for item in value)
    return format_cell(value)


def _compare_table(table: str, before: CheckedTables, after: CheckedTables) -> Iterator[Change]:
    schema = load_schema(table)
    if before.frames[table].equals(after.frames[table]):
        return
    sides = [
        {tuple(row[name] for name in schema.key): row for row in tables.records(table)}
        for tables in (before, after)
    ]
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        first, second = (side.get(key) for side in sides)
        cells = tuple(
            CellChange(name, *texts)
            for name in schema.columns
            if (texts := [format_cell(row[name]) if row else "" for row in (first, second)])
            and texts[0] != texts[1]
        )
        if not cells:
            continue
        kind = ChangeKind.CHANGED
        if first is None or second is None:
            kind = ChangeKind.REMOVED if second is None else ChangeKind.ADDED
        lines = [None if row is None else row.row for row in (first, second)]
        yield Change(table, schema.file, key, kind, cells, lines[0], lines[1])


def _own_name(change: Change) -> Name:
    """The owner of a row: the stops of a train are one thing to whoever changes them."""
    return change.table, format_cell(change.key[0])


def _references(change: Change) -> set[Name]:
    """Rows of other tables that a change speaks of, before or after."""
    if change.table == SETTINGS:
        return set()
    schema = load_schema(change.table)
    values = {cell.column: (cell.before, cell.after) for cell in change.cells}
    keys = {name: (format_cell(value),) for name, value in zip(schema.key, change.key, strict=True)}
    return {
        (attribute.reference.table, text)
        for attribute in schema.attributes
        if attribute.reference is not None
        for text in (*values.get(attribute.name, ()), *keys.get(attribute.name, ()))
    }


def _gather(changes: Sequence[Change], names: Sequence[set[Name]]) -> list[list[Change]]:
    """Changes that have a name in common, in the order of the first of each group."""
    groups: list[tuple[set[Name], list[int]]] = []
    for number, found in enumerate(names):
        joined, members, apart = set(found), [number], []
        for others, numbers in groups:
            if others & found:
                joined |= others
                members = [*numbers, *members]
            else:
                apart.append((others, numbers))
        groups = [*apart, (joined, members)]
    ordered = sorted(sorted(numbers) for _, numbers in groups)
    return [[changes[number] for number in numbers] for numbers in ordered]


def _mix_rows(
    table: str, before: CheckedTables, after: CheckedTables, made: set[Key]
) -> pl.DataFrame:
    """Rows of the first study, those of the keys as in the second."""
    schema = load_schema(table)
    sides = [
        {tuple(row[name] for name in schema.key): row.values for row in tables.records(table)}
        for tables in (before, after)
    ]
    rows = []
    # In the order of the second, so that all changes together give it.
    for key in dict.fromkeys([*sides[1], *sides[0]]):
        row = sides[1 if key in made else 0].get(key)
        if row is not None:
            rows.append(row)
    return pl.DataFrame(rows, schema=before.frames[table].schema)


def _mix_settings(before: Settings, after: Settings, made: set[Key]) -> Settings | None:
    if not made:
        return before
    values, wanted = before.model_dump(), after.model_dump()
    for key in made:
        part, source = values, wanted
        *parents, name = str(key[0]).split(".")
        for parent in parents:
            part, source = part[parent], source[parent]
        part[name] = source[name]
    try:
        return Settings.model_validate(values)
    except ValueError:
        return None
