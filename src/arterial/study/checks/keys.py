"""Keys and references: a key names one row, looks like no other, and what is referred to exists."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl

from arterial.errors import Fault
from arterial.study.faults import (
    FAULTS_PER_COLUMN,
    WARNING,
    find_near_names,
    limit_faults,
    shorten_text,
)
from arterial.study.records import CheckedTables, Record
from arterial.study.schema import (
    Attribute,
    AttributeType,
    Reference,
    TableRole,
    TableSchema,
    list_tables,
    load_schema,
)

__all__ = [
    "check_duplicate_keys",
    "check_look_alikes",
    "check_references",
    "cite_origins",
    "drop_doubled_rows",
    "index_keys",
]

_NEAR: Final = 50
"""Distinct dangling values that near names are looked for; the search is slow in long tables."""

_LATIN_TWINS: Final = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0430\u0435\u043e\u0440\u0441\u0443"
    "\u0445\u0456\u0458\u0455\u0406\u0408\u0405\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1"
    "\u03a4\u03a5\u03a7\u03bf\u03bd",
    "ABEKMHOPCTYXaeopcyxijsIJSABEZHIKMNOPTYXov",
)
"""Cyrillic and Greek letters that nobody tells from a Latin one."""


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


def drop_doubled_rows(tables: CheckedTables) -> CheckedTables:
    """Give the tables without rows whose key an earlier row has."""
    frames, rows = dict(tables.frames), dict(tables.rows)
    for name in list_tables(TableRole.INPUT):
        doubled = {row for row, *_ in _list_doubled(tables, load_schema(name))}
        if doubled:
            kept = [row not in doubled for row in tables.rows[name]]
            frames[name] = frames[name].filter(pl.Series(kept, dtype=pl.Boolean))
            rows[name] = tuple(row for row in rows[name] if row not in doubled)
    return CheckedTables(frames, rows, tables.unreadable) if rows != tables.rows else tables


def check_look_alikes(tables: CheckedTables) -> list[Fault]:
    """Find ids of mixed alphabets, and those that only letters of another alphabet tell apart."""
    faults: list[Fault] = []
    for name in list_tables(TableRole.INPUT):
        schema = load_schema(name)
        column = schema.key[0]
        if (
            schema.attribute(column).type is AttributeType.IDENTIFIER
            and not schema.attribute(column).reference
        ):
            faults.extend(limit_faults(_find_look_alikes(tables, name, column)))
    return faults


def _find_look_alikes(tables: CheckedTables, name: str, column: str) -> Iterator[Fault]:
    first: dict[str, Record] = {}
    for value, record in tables.index(name, column).items():
        if value.isascii():
            first.setdefault(value, record)
    for value, record in tables.index(name, column).items():
        twin = first.setdefault(value.translate(_LATIN_TWINS), record)
        alphabets = {
            unicodedata.name(letter, "").split()[0] for letter in value if letter.isalpha()
        }
        shown = shorten_text(value)
        cure = "Write ids in one alphabet, here and wherever the row is named."
        if twin[column] != value:
            cause = f"{shown!r} looks like {twin[column]!r} of row {twin.row}, and is another id."
            yield record.fault(cause, cure, column, severity=WARNING)
        elif "LATIN" in alphabets and alphabets & {"CYRILLIC", "GREEK"}:
            cause = f"{shown!r} mixes Latin letters with those of another alphabet."
            yield record.fault(cause, cure, column, severity=WARNING)


def _list_doubled(
    tables: CheckedTables, schema: TableSchema
) -> Iterator[tuple[int, int, tuple[object, ...]]]:
    """Lines of rows whose key an earlier row has, with its line and the key."""
    columns = schema.key
    defaults = [schema.attribute(column).default for column in columns]
    frame = tables.frames[schema.name]
    values = (frame[column].to_list() for column in columns)
    keys = list(zip(*map(_fill, values, defaults), strict=True))
    if len(set(keys)) == len(keys):
        return
    first_rows: dict[tuple[object, ...], int] = {}
    for key, row in zip(keys, tables.rows[schema.name], strict=True):
        if None in key:
            continue
        first_row = first_rows.setdefault(key, row)
        if first_row != row:
            yield row, first_row, key


def _find_duplicates(tables: CheckedTables, schema: TableSchema) -> list[Fault]:
    faults: list[Fault] = []
    column = schema.key[-1]
    for row, first_row, key in _list_doubled(tables, schema):
        if len(faults) >= FAULTS_PER_COLUMN:
            # All others are only counted; words for each of 200,000 take seconds.
            faults.append(faults[-1])
            continue
        shown = shorten_text(", ".join(str(part) for part in key))
        cause = f"The key {shown!r} is already in row {first_row}."
        faults.append(Fault(cause, "Give each row its own key.", schema.file, row, column))
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
        cure = f"Fill {target.file}."
        if not attribute.is_needed:
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


def index_keys(tables: CheckedTables, table: str) -> dict[str, Record]:
    """Rows of a table by their key, as ``estimates`` and ``origins`` write it: parts by semicolons.

    Parameters
    ----------
    tables : CheckedTables
        All input tables as read.
    table : str
        Table name.

    Returns
    -------
    dict of str to Record
        Of rows with the same key, the last.
    """
    columns = load_schema(table).key
    return {
        ";".join(_key_text(record[column]) for column in columns): record
        for record in tables.records(table)
    }


def cite_origins(tables: CheckedTables, faults: Iterable[Fault]) -> list[Fault]:
    """Faults that also name the file and place which their rows came from.

    Parameters
    ----------
    tables : CheckedTables
        All input tables as read.
    faults : iterable of Fault
        Faults of any of them.

    Returns
    -------
    list of Fault
        As they were, but for those of rows that ``origins`` knows.
    """
    places: dict[tuple[str, int], str] = {}
    rows: dict[str, dict[str, Record]] = {}
    for pointer in tables.records("origins"):
        table, file = pointer["table"], pointer["file"]
        if table not in tables.frames or file is None:
            continue
        if table not in rows:
            rows[table] = index_keys(tables, table)
        if (record := rows[table].get(pointer["key"])) is not None:
            words = shorten_text(" ".join(filter(None, (file, pointer["place"]))))
            places[load_schema(table).file, record.row] = words
    return [
        replace(fault, cause=f"{fault.cause} It came from {place}.")
        if (place := places.get((fault.file, fault.row or 0)))
        else fault
        for fault in faults
    ]


def _key_text(part: Any) -> str:  # noqa: ANN401 - any cell
    if isinstance(part, float) and part.is_integer():
        return str(int(part))
    return "" if part is None else str(part)
