"""One state of each departure: verdicts, hand-overs and findings that agree."""

from datetime import date, timedelta

import polars as pl
import pytest

from arterial.study import conform_table, empty_table
from arterial.timetable.coaches.host_times import find_host_limits
from arterial.timetable.coaches.trip_verdicts import (
    find_unrunnable_hosts,
    judge_departure,
    settle_departures,
)
from arterial.units import DAY_S

FIRST = date(2026, 1, 5)
DAYS = [FIRST + timedelta(days=number) for number in range(5)]


def make(name, rows):
    return conform_table(name, pl.DataFrame(rows, infer_schema_length=None), fill_missing=True)


NO_TIMES = empty_table("train_times")


def make_trips(status="planned"):
    rows = [
        {"trip_id": f"S@{day}", "service_id": "S", "trip_date": day, "status": status,
         "departure_at_s": 0, "arrival_at_s": 3600, "findings_count": 0}
        for day in DAYS
    ]  # fmt: skip
    return make("trips", rows)


def make_events():
    rows = [
        {"trip_id": f"S@{day}", "sequence": number, "event": event, "train_id": "T",
         "point_id": point, "at_s": (day - FIRST).days * DAY_S + 36_000}
        for day in DAYS
        for number, (event, point) in enumerate([("departure", "A"), ("arrival", "B")])
    ]  # fmt: skip
    return make("trip_events", rows)


def make_conflict(first_day, days_count, from_point="A", days=None):
    row = {
        "conflict_id": "X", "kind": "opposing", "is_impossible": True, "train_id": "T",
        "other_train_ids": "U", "from_point": from_point, "to_point": "B", "first_day": first_day,
        "from_at_s": (first_day - FIRST).days * DAY_S + 35_000,
        "days_count": days_count, "days": days, "cure": "Let one wait.",
    }  # fmt: skip
    return make("timetable_conflicts", [row])


@pytest.mark.parametrize(
    ("status", "severities", "is_known", "verdict"),
    [
        ("planned", set(), True, "works"),
        ("planned", {"note"}, True, "works"),
        ("planned", {"warn"}, True, "at_risk"),
        ("planned", {"warn", "block"}, False, "does_not_work"),
        ("planned", {"warn"}, False, "unknown"),
        ("suspended", {"block"}, True, "unknown"),
        ("past_reported", {"block"}, False, "ran"),
    ],
)
def test_a_departure_is_judged_from_its_findings(status, severities, is_known, verdict) -> None:
    assert judge_departure(status, severities, is_known=is_known) == verdict


def test_a_report_of_a_run_stands_above_what_the_model_finds() -> None:
    finding = {
        "finding_id": "f", "service_id": "S", "trip_date": FIRST, "kind": "set_not_back",
        "severity": "block", "cause": "No set.", "consequence": "It is dropped.",
    }  # fmt: skip
    connection = {"trip_id": f"S@{FIRST}", "sequence": 2, "verdict": "too_short"}
    settled = settle_departures(
        make_trips("past_reported"),
        make("connections", [connection]),
        make("findings", [finding, {**finding, "finding_id": "g", "trip_date": None}]),
    )
    assert set(settled["trips"]["verdict"]) == {"ran"}
    assert settled["trips"]["findings_count"].to_list() == [1, 0, 0, 0, 0]
    assert settled["connections"]["verdict"].to_list() == ["made"]
    told, general = settled["findings"].iter_rows(named=True)
    assert told["severity"] == "note"
    assert "reported as run: what the study says of this place is inc" in told["consequence"]
    assert general["severity"] == "block"


def test_a_risk_of_a_departure_that_ran_says_nothing_against_the_study() -> None:
    finding = {
        "finding_id": "f", "service_id": "S", "trip_date": FIRST, "kind": "connection_at_risk",
        "severity": "warn", "cause": "It is short.", "consequence": "It may be missed.",
    }  # fmt: skip
    settled = settle_departures(
        make_trips("past_reported"), empty_table("connections"), make("findings", [finding])
    )
    told = settled["findings"].row(0, named=True)
    assert told["severity"] == "note"
    assert "the risk did not come true" in told["consequence"]
    assert "wrong" not in told["consequence"]


@pytest.mark.parametrize(
    ("count", "of_days", "found"),
    [
        (5, 5, ["block"] * 5),
        (2, 5, [None, "block", "block", None, None]),
        (2, 3, [None, "warn", "warn", "warn", "warn"]),
    ],
    ids=["every day", "some days of a daily train", "days of a train that runs on some"],
)
def test_a_host_that_cannot_run_hits_the_days_of_its_conflict(count, of_days, found) -> None:
    first = FIRST if count == of_days else DAYS[1]
    runs = make("train_runs", [{"train_id": "T", "days_count": of_days}])
    rows = find_unrunnable_hosts(
        make_trips(), make_events(), make_conflict(first, count), runs, NO_TIMES
    )
    by_day = {row["trip_date"]: row["severity"] for row in rows}
    assert [by_day.get(day) for day in DAYS] == found


def test_trains_of_two_days_that_meet_after_midnight_hit_each_its_own_departure() -> None:
    # The other train left the evening before: its first conflict lies on its second day.
    late = make_events().with_columns(
        train_id=pl.lit("U"), at_s=pl.col("at_s") - DAY_S // 2, local_time=pl.lit(None, pl.String)
    )
    conflict = make_conflict(DAYS[1], 2).with_columns(from_at_s=pl.lit(DAY_S - 2_000, pl.Int64))
    runs = make("train_runs", [{"train_id": "T", "days_count": 5}])
    rows = find_unrunnable_hosts(make_trips(), late, conflict, runs, NO_TIMES)
    assert [row["trip_date"] for row in rows] == [DAYS[1], DAYS[2]]


def test_a_conflict_where_the_coach_does_not_ride_is_none_of_its_own() -> None:
    runs = make("train_runs", [{"train_id": "T", "days_count": 5}])
    conflict = make_conflict(FIRST, 5, from_point="C")
    assert list(find_unrunnable_hosts(make_trips(), make_events(), conflict, runs, NO_TIMES)) == []


def test_a_conflict_of_listed_days_hits_those_days_alone() -> None:
    # A daily host and a train of Tuesday and Thursday: not the first two days of the five.
    runs = make("train_runs", [{"train_id": "T", "days_count": 5}])
    conflict = make_conflict(DAYS[1], 2, days="101")
    rows = find_unrunnable_hosts(make_trips(), make_events(), conflict, runs, NO_TIMES)
    assert [(row["trip_date"], row["severity"]) for row in rows] == [
        (DAYS[1], "block"),
        (DAYS[3], "block"),
    ]


def test_a_conflict_at_a_place_that_is_only_passed_hits_the_coach_that_rides_over_it() -> None:
    runs = make("train_runs", [{"train_id": "T", "days_count": 5}])
    course = [("A", 36_000), ("M", 36_000), ("N", 36_000), ("B", 36_000), ("Z", 40_000)]
    times = make("train_times", [
        {"train_id": "T", "pattern": 0, "sequence": number, "point_id": point,
         "arrival_s": at_s, "departure_s": at_s}
        for number, (point, at_s) in enumerate(course, 1)
    ])  # fmt: skip
    for from_point, to_point, count in (("M", "N", 5), ("B", "Z", 0)):
        conflict = make_conflict(FIRST, 5, from_point=from_point).with_columns(
            to_point=pl.lit(to_point)
        )
        rows = find_unrunnable_hosts(make_trips(), make_events(), conflict, runs, times)
        assert len(list(rows)) == count


@pytest.mark.parametrize(("factor", "count"), [(0.93, 5), (1.0, 0), (1.4, 0)])
def test_a_quality_factor_below_one_is_a_finding(factor: float, count: int) -> None:
    runs = make(
        "section_runs",
        [{"train_id": "T", "sequence": 1, "section_id": "AB", "from_point": "A",
          "quality_factor": factor, "quality_basis": "published_run"}],
    )  # fmt: skip
    rows = list(find_host_limits(make_trips(), make_events(), {}, runs))
    assert [row["kind"] for row in rows] == ["faster_than_physics"] * count
    assert all(row["severity"] == "warn" for row in rows)


def test_without_conflicts_and_fast_sections_there_is_nothing_to_find() -> None:
    dated = (make_trips(), make_events())
    tables = (empty_table("timetable_conflicts"), empty_table("train_runs"), NO_TIMES)
    assert list(find_unrunnable_hosts(*dated, *tables)) == []
    assert list(find_host_limits(*dated, {}, empty_table("section_runs"))) == []
