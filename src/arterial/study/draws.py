"""Draws of a whole study: every estimated cell takes a value from its range.

The main function is `sample_tables`.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import polars as pl

from arterial.errors import LimitError
from arterial.randomness import stream
from arterial.study.checks.ranges import ORDERED_COLUMNS
from arterial.study.estimates import EstimateShape, Range, sample_from_range
from arterial.study.schema import AttributeType, load_schema
from arterial.study.study import Study

__all__ = ["BEST_VALUES", "sample_tables"]

BEST_VALUES: Final = -1
"""Number of the draw in which every cell keeps the value that the study states."""

_ORDERS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    *ORDERED_COLUMNS,
    ("sections", ("typical_passenger_speed_kmh", "passenger_speed_limit_kmh")),
    ("sections", ("typical_freight_speed_kmh", "freight_speed_limit_kmh")),
)
"""Columns that may not fall from left to right in a drawn row either."""

_Cells = dict[int, float]


def sample_tables(study: Study, draw: int) -> dict[str, pl.DataFrame]:
    """Input tables of one draw: one picture of what is not known.

    Each row of ``estimates`` is sampled by `sample_from_range`, from a stream of
    its own, and put into its cell; whole numbers are rounded. Where a drawn value would break the
    order of its row (a most likely delay above the greatest), the cells that were not drawn give
    way; where both were drawn, the lower one is cut to the upper one.

    Parameters
    ----------
    study : Study
        The study; it is not modified.
    draw : int
        Number of the draw; -1 gives the values as the study states them.

    Returns
    -------
    dict of str to polars.DataFrame
        Every input table by name.

    Raises
    ------
    LimitError
        When the draw is below -1.
    """
    if draw < BEST_VALUES:
        message = f"A draw is -1 for the best values, or 0 and more, not {draw}."
        raise LimitError(message)
    tables = dict(study.tables)
    if draw == BEST_VALUES:
        return tables
    drawn = _draw_cells(study, draw)
    for name, columns in drawn.items():
        tables[name] = _keep_order(name, _put_cells(name, tables[name], columns), columns)
    return tables


def _draw_cells(study: Study, draw: int) -> dict[str, dict[str, _Cells]]:
    """Drawn values by table, column and row number."""
    drawn: dict[str, dict[str, _Cells]] = defaultdict(lambda: defaultdict(dict))
    rows: dict[str, dict[str, int]] = {}
    columns = ("table", "key", "attribute", "low", "best", "high", "shape")
    for table, key, attribute, low, best, high, shape in (
        study.table("estimates").select(columns).iter_rows()
    ):
        if table not in rows:
            rows[table] = _number_rows(study.tables, table)
        row = rows[table].get(key)
        if row is None:
            continue
        value_range = Range(low, best, high, EstimateShape(shape or EstimateShape.TRIANGULAR))
        purpose = f"estimates/{table}/{key}/{attribute}"
        value = sample_from_range(value_range, stream(study.settings.seed, purpose, draw))
        drawn[table][attribute][row] = value
    return drawn


def _number_rows(tables: Mapping[str, pl.DataFrame], name: str) -> dict[str, int]:
    keys = tables[name].select(load_schema(name).key).iter_rows()
    return {
        ";".join("" if part is None else str(part) for part in key): row
        for row, key in enumerate(keys)
    }


def _put_cells(name: str, frame: pl.DataFrame, columns: Mapping[str, _Cells]) -> pl.DataFrame:
    schema = load_schema(name)
    series = []
    for column, cells in columns.items():
        values: list[float | None] = list(cells.values())
        if schema.attribute(column).type is AttributeType.INTEGER:
            # A column of whole numbers would refuse a fraction, and counts are whole.
            values = [None if value is None else round(value) for value in values]
        series.append(frame[column].clone().scatter(list(cells), values))
    return frame.with_columns(series)


def _keep_order(name: str, frame: pl.DataFrame, drawn: Mapping[str, _Cells]) -> pl.DataFrame:
    """Rows whose ordered cells follow the drawn ones."""
    for table, columns in _ORDERS:
        touched = [column for column in columns if column in drawn] if table == name else []
        if not touched:
            continue
        values = {column: frame[column].to_list() for column in columns}
        for row in sorted({row for column in touched for row in drawn[column]}):
            is_drawn = {column: row in drawn.get(column, ()) for column in columns}
            _order_row(values, columns, row, is_drawn)
        types = {column: frame[column].dtype for column in columns}
        frame = frame.with_columns(
            pl.Series(column, cells, dtype=types[column]) for column, cells in values.items()
        )
    return frame


def _order_row(
    values: Mapping[str, list[float | None]],
    columns: tuple[str, ...],
    row: int,
    is_drawn: Mapping[str, bool],
) -> None:
    """Push what was not drawn out of the way of what was, leftwards then rightwards."""
    known = [column for column in columns if values[column][row] is not None]
    for left, right in reversed(list(pairwise(known))):
        low, high = values[left][row], values[right][row]
        if low is not None and high is not None and low > high and is_drawn[right]:
            values[left][row] = high
    for left, right in pairwise(known):
        low, high = values[left][row], values[right][row]
        if low is not None and high is not None and low > high:
            values[right][row] = low
