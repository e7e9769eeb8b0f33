"""Rows of study tables for vehicles and their surroundings."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl
import pytest

from arterial.study import conform_table, empty_table, load_schema


def conform(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    if not rows:
        return empty_table(name)
    columns = load_schema(name).columns
    filled = [{column: row.get(column) for column in columns} for row in rows]
    return conform_table(name, pl.DataFrame(filled, infer_schema_length=None))


@pytest.fixture
def make_tables() -> Callable[..., dict[str, pl.DataFrame]]:
    """Study tables from rows that give only the columns that matter."""

    def make(**rows: Sequence[Mapping[str, object]]) -> dict[str, pl.DataFrame]:
        return {name: conform(name, given) for name, given in rows.items()}

    return make
