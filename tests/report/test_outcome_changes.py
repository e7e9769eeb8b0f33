"""Differences of verdicts, times and findings, and their words."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.report.outcome_changes import compare_outcomes, group_outcomes
from arterial.report.outcome_words import describe_outcomes

SCHEMA = {
    "service_id": pl.String,
    "trip_date": pl.Date,
    "verdict": pl.String,
    "elapsed_h": pl.Float64,
    "departure_at_s": pl.Int64,
}


def trips(*rows: tuple[str, int, str, float | None, int]) -> dict[str, pl.DataFrame]:
    """Departures in January 2026: service, day, verdict, hours, departure."""
    made = [(name, date(2026, 1, day), *rest) for name, day, *rest in rows]
    return {"trips": pl.DataFrame(made, schema=SCHEMA, orient="row")}


def test_departures_that_lose_as_much_are_one_group_with_their_days() -> None:
    before = trips(*(("S", day, "works", 2.0, 0) for day in range(1, 7)))
    after = trips(
        *(("S", day, "works", 2.5 if day in {2, 3, 5} else 2.0, 0) for day in range(1, 7))
    )
    found = compare_outcomes(before, after)
    assert found["difference"].to_list() == [1800.0] * 3
    (row,) = group_outcomes(found).to_dicts()
    assert [day.day for day in row["days"]] == [2, 3, 5]
    words = list(describe_outcomes(found, {"services": {"S": "Coach"}}, [before, after]))
    assert words[0] == (
        "Coach, 3 of 6 departures (2 January 2026 to 3 January 2026 and 5 January 2026): "
        "journey time 30 min longer, 2 h before, 2 h 30 min after."
    )


def test_an_epoch_that_moved_moves_no_departure() -> None:
    found = compare_outcomes(
        trips(("S", 1, "works", 2.0, 86_400)),
        trips(("S", 1, "works", 2.0, 0)),
        epoch_shift_s=86_400,
    )
    assert found.is_empty()


def test_what_becomes_known_or_unknown_is_told_without_a_number() -> None:
    known, unknown = trips(("S", 1, "works", 2.0, 0)), trips(("S", 1, "unknown", None, 0))
    words = "\n".join(describe_outcomes(compare_outcomes(known, unknown), {}, [known, unknown]))
    assert "verdict works before, unknown after" in words
    assert "journey time not known any more" in words


def test_a_column_that_an_older_run_lacks_is_not_compared() -> None:
    new = trips(("S", 1, "works", 2.0, 0))
    old = {"trips": new["trips"].drop("elapsed_h")}
    assert compare_outcomes(old, new).is_empty()


ROWS = st.dictionaries(
    st.tuples(st.sampled_from("ST"), st.integers(1, 9)),
    st.tuples(
        st.sampled_from(["works", "at_risk"]),
        st.none() | st.sampled_from([1.0, 1.5, 2.0]),
        st.integers(0, 3),
    ),
)


@given(first=ROWS, second=ROWS)
def test_differences_turn_round_with_the_runs_and_of_equal_runs_there_are_none(
    first, second
) -> None:
    before, after = (
        trips(*((*key, *row) for key, row in rows.items())) for rows in (first, second)
    )
    there, back = compare_outcomes(before, after), compare_outcomes(after, before)
    assert compare_outcomes(before, before).is_empty()
    keys = ["subject", "key", "measure"]
    joined = there.join(back, on=keys, how="full", coalesce=True)
    assert joined.height == there.height == back.height
    turned = joined["before"].eq_missing(joined["after_right"])
    assert turned.all()
    sums = (joined["difference"] + joined["difference_right"]).drop_nulls()
    assert (sums == 0).all()
    # As many words as there are groups of differences, and nothing fails.
    assert list(describe_outcomes(there, {}, [before, after])) or there.is_empty()
    if first != second:
        assert not there.is_empty()


@pytest.mark.parametrize("table", ["trips", "findings", "train_runs"])
def test_tables_without_rows_or_that_one_run_lacks_are_no_difference(table) -> None:
    assert compare_outcomes({}, {table: pl.DataFrame()}).is_empty()
    assert compare_outcomes({}, {}).is_empty()
