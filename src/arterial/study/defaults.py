"""Defaults: what the schema puts where a cell is empty, and how often it did.

The main functions are `apply_defaults` and `list_default_uses`.
"""

from typing import Final

import polars as pl

from arterial.study.cells import Value, parse_cell
from arterial.study.schema import Attribute, load_schema
from arterial.study.study import Study
from arterial.study.tables import conform_table, empty_table

__all__ = ["GRADES", "UNSURE", "apply_defaults", "list_default_uses", "make_assumption"]

GRADES: Final = ("sourced", "derived", "recalled", "estimate", "assumption")
"""How sure a value is, the surest first."""

UNSURE: Final = GRADES[2:]
"""Grades of what nobody read anywhere."""


def apply_defaults(study: Study, table: str) -> pl.DataFrame:
    """Give a table in which each empty cell of a column with a default holds the default.

    Parameters
    ----------
    study : Study
        The study; it is not modified.
    table : str
        Input table.

    Returns
    -------
    polars.DataFrame
        The same rows and columns; columns without a default keep their unknown cells.
    """
    return study.table(table).with_columns(
        pl.col(attribute.name).fill_null(pl.lit(_default_value(attribute)))
        for attribute in load_schema(table).attributes
        if attribute.default is not None
    )


def list_default_uses(study: Study, *tables: str) -> pl.DataFrame:
    """List every default that `apply_defaults` uses, as rows of the table ``assumptions``.

    Parameters
    ----------
    study : Study
        The study.
    *tables : str
        Input tables; none given means all.

    Returns
    -------
    polars.DataFrame
        One row for each column in which a default stands in for at least one cell.
    """
    rows = [
        _default_row(table, attribute, count)
        for table in tables or tuple(study.tables)
        for attribute in load_schema(table).attributes
        if attribute.default is not None
        and (count := study.table(table)[attribute.name].null_count()) > 0
    ]
    if not rows:
        return empty_table("assumptions")
    return conform_table("assumptions", pl.DataFrame(rows), fill_missing=True)


def _default_value(attribute: Attribute) -> Value:
    return parse_cell(attribute, attribute.default or "").value


def _default_row(table: str, attribute: Attribute, count: int) -> dict[str, object]:
    unit = f" {attribute.unit}" if attribute.unit else ""
    return {
        "assumption_id": f"default:{table}.{attribute.name}",
        "kind": "default",
        "where": f"{table}.{attribute.name}",
        "value": f"{attribute.default}{unit}",
        "reason": f"Default where the cell is empty: {attribute.description}",
        "uses_count": count,
    }


def make_assumption(
    assumption_id: str,
    kind: str,
    where: str,
    value: str,
    *,
    reason: str,
    low_high: str | None = None,
    uses: int | None = None,
    source_id: str | None = None,
) -> dict[str, object]:
    """One row of the table ``assumptions``."""
    return {
        "assumption_id": assumption_id,
        "kind": kind,
        "where": where,
        "value": value,
        "range": low_high,
        "reason": reason,
        "source_id": source_id,
        "uses_count": uses,
    }
