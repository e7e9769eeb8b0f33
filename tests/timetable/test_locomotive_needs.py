"""Locomotives before trains at once, counted by hand."""

from datetime import date

import polars as pl
import pytest

from arterial.study import conform_table
from arterial.timetable.coaches.coach_services import TimetableOptions, read_timetable
from arterial.timetable.locomotive_needs import Haul, count_at_once, list_hauls

FIRST, LAST = date(2025, 1, 1), date(2025, 1, 10)
OPTIONS = TimetableOptions(FIRST, FIRST, LAST, FIRST)


@pytest.fixture
def tables(build):
    """A night train of 30 h over A, B, C and D, and a short one that stops at A and C only."""
    return build.tables(
        operational_points=[
            {"point_id": p, "name": p, "zone": "UTC", "country": "KP", "kind": "station"}
            for p in "ABCD"
        ],
        sections=[
            {"section_id": s, "from_point": s[0], "to_point": s[1], "railway_id": "R",
             "line_id": "L", "length_km": 100.0, "gauges_mm": "1435"}
            for s in ("AB", "BC", "CD")
        ],
        trains=[
            {"train_id": name, "number": name, "calendar_id": "DAILY", "category": "passenger"}
            for name in ("NIGHT", "SHORT")
        ],
        train_stops=[
            build.stop("NIGHT", 1, "A", None, "20:00"),
            build.stop("NIGHT", 2, "B", "02:00+1", "03:00+1"),
            build.stop("NIGHT", 3, "D", "02:00+2", None),
            build.stop("SHORT", 1, "A", None, "10:00"),
            build.stop("SHORT", 2, "C", "12:00+0", None),
        ],
        traction_assignments=[
            {"railway_id": "R", "electrification": "none", "category": "passenger",
             "vehicle_type_id": "DIESEL", "count": 2},
        ],
        calendar_rules=[build.rule("DAILY", 1, "daily")],
    )  # fmt: skip


def make_runs(*rows):
    columns = ("train_id", "section_id", "vehicle_type_id", "electrification")
    frame = [
        dict(zip(columns, row, strict=True))
        | {"sequence": number, "from_point": row[1][0], "to_point": row[1][1]}
        for number, row in enumerate(rows)
    ]
    return conform_table("section_runs", pl.DataFrame(frame), fill_missing=True)


RUNS = make_runs(
    ("NIGHT", "AB", "ELECTRIC", "3kv_dc"),
    ("NIGHT", "BC", "DIESEL", "none"),
    ("NIGHT", "CD", "DIESEL", "none"),
    ("SHORT", "AB", "ELECTRIC", "3kv_dc"),
    ("SHORT", "BC", "DIESEL", "none"),
)


def read(tables, build):
    return read_timetable(tables, build.links(), OPTIONS)


def test_a_type_hauls_from_its_first_stop_to_its_last_with_as_many_as_are_assigned(tables, build):
    plans = read(tables, build).timer.plans
    # The short train changes at B, where it does not stop: both types count for its whole way.
    assert list_hauls(tables, RUNS, plans, "DIESEL") == [Haul("NIGHT", 1, 2, 2),
                                                         Haul("SHORT", 0, 1, 2)]  # fmt: skip
    assert list_hauls(tables, RUNS, plans, "ELECTRIC") == [Haul("NIGHT", 0, 1, 1),
                                                           Haul("SHORT", 0, 1, 1)]  # fmt: skip


def test_locomotives_of_trains_that_run_into_each_other_add_up(tables, build):
    timetable = read(tables, build)
    night = [Haul("NIGHT", 1, 2, 2)]
    # 03:00 to 02:00 a day later: never two trains at once, though one leaves each day.
    assert count_at_once(timetable, night, date(2025, 1, 4), date(2025, 1, 5)) == 2
    whole = [Haul("NIGHT", 0, 2, 1)]
    # 20:00 to 02:00 on the second day behind: two trains overlap from 20:00 to 02:00.
    assert count_at_once(timetable, whole, date(2025, 1, 4), date(2025, 1, 5)) == 2
    short = [*night, Haul("SHORT", 0, 1, 2)]
    assert count_at_once(timetable, short, date(2025, 1, 4), date(2025, 1, 4)) == 4


def test_days_beyond_the_horizon_tell_nothing(tables, build):
    timetable = read(tables, build)
    assert count_at_once(timetable, [], date(2025, 1, 11), date(2025, 2, 1)) is None
    assert count_at_once(timetable, [], date(2025, 1, 10), date(2025, 2, 1)) == 0
