"""Tables as compact columns that the page decodes again.

The main function is `encode_table`. A column is one of: a constant ``{"k": value}``; differences
of whole numbers ``{"i": [...]}``; codes into a dictionary ``{"d": [...], "c": [...]}``, -1 for
unknown; plain values ``{"v": [...]}``.
"""

import math
from itertools import pairwise
from typing import Any, Final

import polars as pl

__all__ = ["encode_column", "encode_table"]

DIGITS_BY_ENDING: Final = {
    "_deg": 4,
    "_km": 2,
    "_s": 0,
    "_min": 1,
    "_h": 3,
    "_kmh": 1,
    "_permille": 1,
    "_per_year": 8,
    "_per_year_low": 8,
    "_per_year_high": 8,
}
"""Decimals that are shown or drawn, by the unit a column name ends with."""

OTHER_DIGITS: Final = 6
"""Of shares among others: as a percentage with one decimal they are rounded once more."""


def encode_table(frame: pl.DataFrame) -> dict[str, Any]:
    """Give a table as compact columns, with every value as it can be written in JSON.

    Parameters
    ----------
    frame : polars.DataFrame
        Table with text, number, truth or date columns.

    Returns
    -------
    dict
        ``rows`` and ``columns``.

    Examples
    --------
    >>> encode_table(pl.DataFrame({"at_s": [60, 120, 120], "basis": ["x", "x", "x"]}))
    {'rows': 3, 'columns': {'at_s': {'i': [60, 60, 0]}, 'basis': {'k': 'x'}}}
    """
    columns = {name: encode_column(frame[name]) for name in frame.columns}
    return {"rows": frame.height, "columns": columns}


def encode_column(column: pl.Series) -> dict[str, Any]:
    """Give one column in the shortest of the four ways.

    Examples
    --------
    >>> encode_column(pl.Series("train", ["a", "b", "a", None, "a", "b"]))
    {'d': ['a', 'b'], 'c': [0, 1, 0, -1, 0, 1]}
    >>> encode_column(pl.Series("length_km", [1.0, 2.345]))
    {'v': [1, 2.35]}
    """
    values = _plain_values(column)
    if not values:
        return {"v": []}
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return {"k": distinct[0]}
    # Differences need every value: a gap would shift all that follow.
    if column.dtype.is_integer() and None not in distinct:
        steps = [values[0], *(b - a for a, b in pairwise(values))]
        return {"i": steps}
    known = [value for value in distinct if value is not None]
    is_repeated = 2 * len(known) <= len(values)
    if is_repeated and column.dtype != pl.Boolean:
        codes = {value: code for code, value in enumerate(known)}
        return {"d": known, "c": [-1 if value is None else codes[value] for value in values]}
    return {"v": values}


def _plain_values(column: pl.Series) -> list[Any]:
    if column.dtype == pl.Null:
        return [None] * len(column)
    if column.dtype.is_temporal():
        return column.cast(pl.String).to_list()
    values = column.to_list()
    if not column.dtype.is_float():
        return values
    endings = (
        digits for ending, digits in DIGITS_BY_ENDING.items() if column.name.endswith(ending)
    )
    digits = next(endings, OTHER_DIGITS)
    # Columns repeat themselves. Rounding is Python's, for that of polars is off by a last digit.
    plain = {value: _plain_number(value, digits) for value in dict.fromkeys(values)}
    return [plain[value] for value in values]


def _plain_number(value: float | None, digits: int) -> float | int | None:
    if value is None or not math.isfinite(value):
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded
