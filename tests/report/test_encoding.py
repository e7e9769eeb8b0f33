"""Compact columns: what is written is what the page reads back."""

import datetime as dt
import math

import polars as pl
import pytest

from arterial.report.encoding import encode_column, encode_table
from page_reader import decode_column


@pytest.mark.parametrize(
    "values",
    [
        [3, 1, 1, 4],
        [None, 2, None],
        ["a", "b", "a", "a", None, "b"],
        ["x", "y", "z"],
        [True, False, None],
        [None, None],
        [7, 7, 7],
        [1.5, 2.25, 1.5, 1.5],
    ],
)
def test_a_column_reads_back_as_it_was(values):
    column = pl.Series("column", values)
    assert decode_column(encode_column(column), len(values)) == values


def test_instants_are_written_as_differences():
    assert encode_column(pl.Series("at_s", [100, 160, 130])) == {"i": [100, 60, -30]}


def test_numbers_are_rounded_to_what_is_drawn():
    assert encode_column(pl.Series("latitude_deg", [39.012345, 42.0])) == {"v": [39.0123, 42]}
    assert encode_column(pl.Series("speed_kmh", [59.96, 10.04])) == {"v": [60, 10]}


def test_infinite_and_undefined_numbers_are_unknown():
    column = pl.Series("x_h", [math.inf, math.nan, 1.0])
    assert decode_column(encode_column(column), 3) == [None, None, 1]


def test_dates_are_written_in_the_international_way():
    column = pl.Series("trip_date", [dt.date(2025, 6, 17), None])
    assert decode_column(encode_column(column), 2) == ["2025-06-17", None]


def test_a_table_without_rows_keeps_its_columns():
    frame = pl.DataFrame({"a": []}, schema={"a": pl.Int64})
    assert encode_table(frame) == {"rows": 0, "columns": {"a": {"v": []}}}
