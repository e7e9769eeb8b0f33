"""Rows of conflicts: each pair and place once, with its days."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stated_cases import make_line, resolve

from arterial.timetable.paths.conflict_rows import tabulate_conflicts

AB = [{"from_point": "A", "to_point": "B", "passenger_speed_limit_kmh": 100.0}]
ABC = [*AB, {"from_point": "B", "to_point": "C", "passenger_speed_limit_kmh": 100.0}]
PAIR = {
    "E": [("A", None, "08:02"), ("B", "08:20", None)],
    "W": [("B", None, "08:00"), ("A", "08:18", None)],
}


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 1)), min_size=2, max_size=8
    )
)
@settings(max_examples=25, deadline=None)
def test_each_pair_and_place_is_told_once_with_its_days(made):
    """Rows as the kernels give them: of two trains either may be the later one."""
    traffic = resolve(make_line({"A": {}, "B": {}}, AB, PAIR)).traffic
    rows = [
        {"kind": 0, "is_impossible": True, "is_fixed": True, "train": turn, "other": 1 - turn,
         "step": 0, "is_backward": bool(turn), "point": None, "from_number": None,
         "to_number": None, "first_day": first, "days_count": 2, "from_s": 60 * minute,
         "to_s": 60 * minute + 60, "missing_s": 60, "days": [first, first + 2]}
        for first, minute, turn in made
    ]  # fmt: skip
    kinds = dict.fromkeys(("point", "from_number", "to_number"), pl.Int64)
    found = pl.DataFrame(rows, schema_overrides=kinds)
    (row,) = tabulate_conflicts(traffic.timed, traffic.model, found).to_dicts()
    days = {day for one in rows for day in one["days"]}
    assert row["days_count"] == len(days)
    first = min(days)
    assert {n for n, sign in enumerate(row["days"]) if sign == "1"} == {d - first for d in days}


def run_on(study, days):
    """The study with all its trains on some days of the week."""
    rule = pl.DataFrame([{"calendar_id": "DAYS", "sequence": 1, "pattern": "weekdays",
                          "days": days, "effect": "runs"}])  # fmt: skip
    return study.with_tables(
        calendar_rules=pl.concat([study.table("calendar_rules"), rule], how="diagonal"),
        trains=study.table("trains").with_columns(calendar_id=pl.lit("DAYS")),
    )


def make_too_fast():
    return make_line({"A": {}, "B": {}}, AB, {"T": [("A", None, "08:00"), ("B", "08:01", None)]})


def make_missed():
    trains = {
        "X": [("A", None, "08:00"), ("B", "08:20", None)],
        "T": [("B", None, "08:21"), ("C", "08:40", None)],
    }
    link = {"link_id": "L", "train_id": "T", "other_train_id": "X", "point_id": "B"}
    links = pl.DataFrame([link | {"kind": "after", "minimum_min": 5.0}])
    return make_line({"A": {}, "B": {}, "C": {}}, ABC, trains).with_tables(train_links=links)


@pytest.mark.parametrize(
    ("make", "kind"), [(make_too_fast, "too_fast"), (make_missed, "connection")]
)
def test_days_are_listed_of_every_conflict_of_one_train(make, kind):
    study = run_on(make(), "Mon;Thu")
    rows = resolve(study).tables["timetable_conflicts"].filter(kind=kind).to_dicts()
    (row,) = rows
    assert row["days"].count("1") == row["days_count"]
    shown = [row["first_day"] + dt.timedelta(days=n) for n, sign in enumerate(row["days"])
             if sign == "1"]  # fmt: skip
    assert {day.weekday() for day in shown} == {0, 3}


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        ((None, None), (None, None), None),
        (("2026-01-12", "2026-01-12"), ("2026-01-13", "2026-01-13"), ["2026-01-12"]),
        (("2026-01-12", "2026-01-14"), ("2026-01-12", "2026-01-14"), ["2026-01-12", "2026-01-13"]),
        (("2026-01-12", "2026-01-12"), ("2026-01-12", "2026-01-12"), []),
        ((None, None), ("2026-01-20", "2026-01-19"), []),
    ],
)
def test_restrictions_on_both_sides_of_midnight_add_up(first, second, days):
    """Free 36 min, behind one of them 60, behind both 84; 70 are stated."""
    sections = [one | {"length_km": 30.0} for one in ABC]
    trains = {"T": [("A", None, "23:45"), ("C", "00:55", None)]}
    ends = [[end and dt.date.fromisoformat(end) for end in each] for each in (first, second)]
    orders = pl.DataFrame(
        [
            {"restriction_id": name, "section_id": name, "from_offset_m": 0.0,
             "to_offset_m": 10_000.0, "speed_limit_kmh": 20.0, "valid_from": begin, "valid_to": end}
            for name, (begin, end) in zip(("A-B", "B-C"), ends, strict=True)
        ],
        schema_overrides={"valid_from": pl.Date, "valid_to": pl.Date},
    )  # fmt: skip
    study = make_line({"A": {}, "B": {}, "C": {}}, sections, trains)
    found = resolve(study.with_tables(speed_restrictions=orders)).tables["timetable_conflicts"]
    rows = found.filter(kind="too_fast").to_dicts()
    period = study.settings
    if days is None:
        whole = (period.horizon_to - period.horizon_from).days + 1
        assert [row["days_count"] for row in rows] == [whole]
        return
    met = {
        row["first_day"] + dt.timedelta(days=n)
        for row in rows
        for n, sign in enumerate(row["days"])
        if sign == "1"
    }
    assert met == {dt.date.fromisoformat(day) for day in days}


@pytest.mark.parametrize(("second_km", "arrives", "count"), [(10, "08:59", 1), (0, "09:01", 0)])
def test_two_restrictions_of_one_section_cost_both(second_km, arrives, count):
    """Free 18 min, behind 10 km at 20 km/h 42, behind two of them 66; lying on another: once."""
    trains = {"T": [("A", None, "08:00"), ("B", arrives, None)]}
    orders = pl.DataFrame(
        [
            {"restriction_id": f"R{km}", "section_id": "A-B", "from_offset_m": 1000.0 * km,
             "to_offset_m": 1000.0 * km + 10_000.0, "speed_limit_kmh": limit}
            for km, limit in ((0, 20.0), (second_km, 21.0))
        ]
    ).unique("restriction_id")  # fmt: skip
    study = make_line({"A": {}, "B": {}}, [AB[0] | {"length_km": 30.0}], trains)
    found = resolve(study.with_tables(speed_restrictions=orders)).tables["timetable_conflicts"]
    assert found.filter(kind="too_fast").height == count
