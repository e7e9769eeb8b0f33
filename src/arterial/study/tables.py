"""Tables in memory: polars frames whose columns follow the schema.

The main functions are `empty_table`, `conform_table` (a result or variant brought into schema
order and types) and `split_list` (the items of a list cell).
"""

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from arterial.errors import LimitError
from arterial.study.faults import find_near_names
from arterial.study.schema import AttributeType, TableSchema, load_schema

__all__ = [
    "POLARS_TYPES",
    "conform_table",
    "empty_table",
    "join_list",
    "polars_schema",
    "split_list",
]

POLARS_TYPES: Final[Mapping[AttributeType, pl.DataType]] = {
    AttributeType.IDENTIFIER: pl.String(),
    AttributeType.TEXT: pl.String(),
    AttributeType.ZONE: pl.String(),
    AttributeType.CLOCK_TIME: pl.String(),
    AttributeType.LIST: pl.String(),
    AttributeType.INTEGER: pl.Int64(),
    AttributeType.NUMBER: pl.Float64(),
    AttributeType.BOOLEAN: pl.Boolean(),
    AttributeType.DATE: pl.Date(),
}
"""The polars type of each attribute type; null stands for unknown in all of them."""

_SEPARATOR: Final = ";"


def polars_schema(schema: TableSchema) -> dict[str, pl.DataType]:
    """Column names and polars types of a table, in order."""
    return {attribute.name: POLARS_TYPES[attribute.type] for attribute in schema.attributes}


def empty_table(name: str) -> pl.DataFrame:
    """Give a table without rows, with all its columns.

    Examples
    --------
    >>> empty_table("line_points").columns[:3]
    ['line_id', 'sequence', 'point_id']
    """
    return pl.DataFrame(schema=polars_schema(load_schema(name)))


def conform_table(name: str, frame: pl.DataFrame, *, fill_missing: bool = False) -> pl.DataFrame:
    """Bring a frame into the columns, order and types of a table.

    Parameters
    ----------
    name : str
        Table whose schema the frame shall follow.
    frame : polars.DataFrame
        The rows; it is not modified.
    fill_missing : bool
        Add columns that are neither key nor required, as unknown, instead of refusing the frame.

    Returns
    -------
    polars.DataFrame
        The same rows with the columns of the schema.

    Raises
    ------
    LimitError
        When a column is missing or unknown, or a value does not fit its type.
    """
    schema = load_schema(name)
    missing = [column for column in schema.columns if column not in frame.columns]
    if fill_missing:
        missing = [column for column in missing if schema.attribute(column).is_needed]
    unknown = [column for column in frame.columns if column not in schema.columns]
    if missing or unknown:
        raise LimitError(_columns_message(schema, missing, unknown))
    columns = [
        pl.col(column).cast(dtype)
        if column in frame.columns
        else pl.lit(None, dtype=dtype).alias(column)
        for column, dtype in polars_schema(schema).items()
    ]
    try:
        return frame.select(columns)
    except pl.exceptions.PolarsError as error:
        message = f"Table {name}: a value does not fit the type of its column: {error}"
        raise LimitError(message) from error


def split_list(value: str | None) -> tuple[str, ...]:
    """Items of a list cell, blanks around them removed; an unknown list has none.

    Examples
    --------
    >>> split_list("1435; 1520")
    ('1435', '1520')
    >>> split_list(None)
    ()
    """
    if value is None:
        return ()
    return tuple(item.strip() for item in value.split(_SEPARATOR) if item.strip())


def join_list(items: Iterable[object]) -> str | None:
    """List cell made of items; none give an unknown cell.

    Examples
    --------
    >>> join_list([1435, 1520])
    '1435;1520'
    """
    return _SEPARATOR.join(str(item) for item in items) or None


def _columns_message(schema: TableSchema, missing: list[str], unknown: list[str]) -> str:
    parts = [f"Table {schema.name} does not have the columns of its schema."]
    if missing:
        parts.append(f"Missing: {', '.join(missing)}.")
    for column in unknown:
        near = find_near_names(column, schema.columns)
        hint = f" (did you mean {', '.join(near)}?)" if near else ""
        parts.append(f"Unknown: {column}{hint}.")
    return " ".join(parts)
