"""Tables in memory follow their schema."""

import datetime as dt

import polars as pl
import pytest

from arterial.errors import LimitError
from arterial.study import (
    conform_table,
    empty_table,
    join_list,
    list_tables,
    load_schema,
    split_list,
)


@pytest.mark.parametrize("table", list_tables())
def test_an_empty_table_has_every_column_and_no_row(table: str) -> None:
    frame = empty_table(table)
    assert tuple(frame.columns) == load_schema(table).columns
    assert frame.height == 0


def test_a_frame_is_brought_into_order_and_type() -> None:
    frame = pl.DataFrame(
        {
            "distance_error_km": [None],
            "distance_km": [12],
            "section_id": [None],
            "point_id": ["A"],
            "sequence": [1],
            "route_id": ["R"],
        }
    )
    conformed = conform_table("route_lines", frame)
    assert tuple(conformed.columns) == load_schema("route_lines").columns
    assert conformed.schema["distance_km"] == pl.Float64
    assert conformed.schema["section_id"] == pl.String
    assert conformed.row(0) == ("R", 1, "A", None, 12.0, None)


def test_a_missing_and_an_unknown_column_are_told_together() -> None:
    with pytest.raises(LimitError, match=r"Missing: sequence\. Unknown: sequense \(did you mean"):
        conform_table(
            "route_points",
            pl.DataFrame({"route_id": [], "sequense": [], "point_id": [], "line_id": []}),
        )


def test_optional_columns_may_be_filled_but_required_ones_not() -> None:
    frame = pl.DataFrame({"calendar_id": ["C"], "name": ["Every day"]})
    filled = conform_table("calendars", frame, fill_missing=True)
    assert filled.row(0, named=True)["grade"] is None
    with pytest.raises(LimitError, match="Missing: name"):
        conform_table("calendars", frame.drop("name"), fill_missing=True)


def test_a_value_that_does_not_fit_is_refused() -> None:
    frame = pl.DataFrame({"calendar_id": ["C"], "sequence": ["first"], "pattern": ["daily"]})
    with pytest.raises(LimitError, match="does not fit"):
        conform_table("calendar_rules", frame, fill_missing=True)


def test_dates_stay_dates() -> None:
    day = dt.date(2025, 6, 17)
    frame = pl.DataFrame({"trip_id": ["S@2025-06-17"], "trip_date": [day]})
    rest = {name: [None] for name in load_schema("trips").columns[1:] if name != "trip_date"}
    conformed = conform_table("trips", frame.with_columns(pl.DataFrame(rest)))
    assert conformed["trip_date"][0] == day


@pytest.mark.parametrize(
    ("text", "items"),
    [(None, ()), ("", ()), ("1435", ("1435",)), ("a; b;c ", ("a", "b", "c")), (";", ())],
)
def test_a_list_cell_is_split_at_semicolons(text: str | None, items: tuple[str, ...]) -> None:
    assert split_list(text) == items


def test_joining_and_splitting_a_list_come_back() -> None:
    assert split_list(join_list(("3kv_dc", "none"))) == ("3kv_dc", "none")
    assert join_list(()) is None
