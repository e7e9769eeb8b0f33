"""Keys and references: a key names one row, and what is referred to exists."""

from collections.abc import Sequence
from typing import Any, Final

from arterial.errors import Fault
from arterial.study.faults import find_near_names, limit_faults, shorten_text
from arterial.study.records import CheckedTables
from arterial.study.schema import (
    Attribute,
    Reference,
    TableRole,
    TableSchema,
    list_tables,
    load_schema,
)

__all__ = ["check_duplicate_keys", "check_references"]

_NEAR: Final = 50
"""Distinct dangling values that near names are looked for; the search is slow in long tables."""


def check_duplicate_keys(tables: CheckedTables) -> list[Fault]:
    """Find rows whose key an earlier row already has; an empty part stands for its default."""
    faults: list[Fault] = []
    for name in list_tables(TableRole.INPUT):
        if name not in tables.unreadable:
            faults.extend(limit_faults(_find_duplicates(tables, load_schema(name))))
    return faults


def check_references(tables: CheckedTables) -> list[Fault]:
    """Find values that refer to a row that does not exist."""
    faults: list[Fault] = []
    for name in list_tables(TableRole.INPUT):
        for attribute in load_schema(name).attributes:
            reference = attribute.reference
            if reference is not None and reference.table not in tables.unreadable:
                faults.extend(_find_dangling(tables, name, attribute, reference))
    return faults


def _find_duplicates(tables: CheckedTables, schema: TableSchema) -> list[Fault]:
    columns = schema.key
    defaults = [schema.attribute(column).default for column in columns]
    frame = tables.frames[schema.name]
    values = (frame[column].to_list() for column in columns)
    keys = list(zip(*map(_fill, values, defaults), strict=True))
    if len(set(keys)) == len(keys):
        return []
    first_rows: dict[tuple[object, ...], int] = {}
    faults = []
    for key, record in zip(keys, tables.records(schema.name), strict=True):
        if None in key:
            continue
        first_row = first_rows.setdefault(key, record.row)
        if first_row != record.row:
            shown = shorten_text(", ".join(str(part) for part in key))
            cause = f"The key {shown!r} is already in row {first_row}."
            faults.append(record.fault(cause, "Give each row its own key.", columns[-1]))
    return faults


def _fill(values: list[object], default: object) -> list[object]:
    return values if default is None else [default if part is None else part for part in values]


def _find_dangling(
    tables: CheckedTables, name: str, attribute: Attribute, reference: Reference
) -> Sequence[Fault]:
    used = _list_values(tables, name, attribute.name)
    if not used:
        return ()
    target = load_schema(reference.table)
    known = _list_values(tables, target.name, reference.attribute)
    if not known:
        cause = f"It refers to {target.name}, which has no rows."
        cure = f"Fill {target.file}, or leave the column empty."
        return (Fault(cause, cure, load_schema(name).file, column=attribute.name),)
    if used <= known:
        return ()
    near = {value: find_near_names(str(value), known) for value in list(used - known)[:_NEAR]}
    faults = [
        Fault(
            f"{shorten_text(str(value))!r} is not in {target.name}.",
            f"Correct it, or add the row to {target.file}.",
            load_schema(name).file,
            record.row,
            attribute.name,
            near.get(value, ()),
        )
        for record in tables.records(name)
        if (value := record[attribute.name]) is not None and value not in known
    ]
    return limit_faults(faults)


def _list_values(tables: CheckedTables, name: str, column: str) -> set[Any]:
    """Values of a column but for the unknown one."""
    # `drop_nulls` plans and runs a query, which takes longer than a small table.
    return set(tables.frames[name][column].to_list()) - {None}
