"""Which dated host a coach boards, and the edges of verdicts and states."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from arterial.study import conform_table
from arterial.timetable.coaches.itineraries import resolve_trips

FIRST = "west@2025-07-03"


def pick(table, **columns):
    return table.filter(*(pl.col(name) == value for name, value in columns.items()))


def verdict_at_khasan(corridor, links, options, change, departure, **more):
    key = {"train_id": "652", "sequence": 1}
    tables = change(corridor, "train_stops", key, departure=departure, **more)
    connections = resolve_trips(tables, links, options).connections
    return pick(connections, trip_id=FIRST, sequence=3)["verdict"][0]


@pytest.mark.parametrize(
    ("departure", "verdict"),
    [("19:00", "ok"), ("18:59", "at_risk"), ("17:00", "at_risk"), ("16:59", "too_short")],
)
def test_the_verdict_changes_at_the_minute_the_coach_is_ready(
    corridor, links, options, change, departure, verdict
):
    # Arrival 15:30; the work at Khasan takes 90 to 210 min, best 135.
    assert verdict_at_khasan(corridor, links, options, change, departure) == verdict


def test_a_departure_that_may_be_later_keeps_the_connection_possible(
    corridor, links, options, change
):
    found = verdict_at_khasan(corridor, links, options, change, "16:30", later_min=30.0)
    assert found == "at_risk"


def test_a_coach_that_stays_on_its_train_needs_no_time(corridor, links, options):
    legs = corridor["coach_legs"].to_dicts()
    first = legs[3] | {"to_point": "novosibirsk"}
    second = legs[3] | {"sequence": 5, "from_point": "novosibirsk", "boarding_day": 6}
    through = [*legs[:3], first, second]
    tables = corridor | {"coach_legs": conform_table("coach_legs", pl.DataFrame(through))}
    resolved = resolve_trips(tables, links, options)
    connection = pick(resolved.connections, trip_id=FIRST, sequence=5).row(0, named=True)
    assert (connection["available_min"], connection["required_min"]) == (48, 0)
    assert connection["verdict"] == "ok"
    assert pick(resolved.trips, trip_id=FIRST)["elapsed_h"][0] == 193.0


@pytest.mark.parametrize("point", ["novosibirsk", "yekaterinburg"])
def test_boarding_days_count_at_the_boarding_point_however_far_the_host_has_come(
    corridor, links, options, point
):
    # The host leaves Ussuriysk on 27 June to be in Novosibirsk on 1 July, before the horizon.
    boarding = {"novosibirsk": "2025-07-01 10:18", "yekaterinburg": "2025-07-01 04:52"}[point]
    service = corridor["coach_services"].with_columns(
        from_point=pl.lit(point), calendar_id=pl.lit("daily")
    )
    legs = corridor["coach_legs"].filter(pl.col("sequence") == 4)
    legs = legs.with_columns(from_point=pl.lit(point), boarding_day=pl.lit(0))
    tables = corridor | {
        "coach_services": service,
        "coach_legs": conform_table("coach_legs", legs),
    }
    resolved = resolve_trips(tables, links, options)
    events = pick(resolved.trip_events, trip_id="west@2025-07-01")
    assert events["local_time"][0] == boarding
    assert events["distance_km"][0] == 0.0
    assert resolved.findings.is_empty()


def test_the_day_of_the_evidence_itself_is_past_only_if_it_is_reported(
    corridor, links, options, build
):
    rules = [
        *corridor["calendar_rules"].to_dicts(),
        build.rule("coach", 9, "dates", "2025-07-17", reported=True),
    ]
    tables = corridor | {"calendar_rules": conform_table("calendar_rules", pl.DataFrame(rules))}
    for as_of, day, status in (
        (date(2025, 7, 3), date(2025, 7, 3), "planned"),
        (date(2025, 7, 4), date(2025, 7, 3), "past_announced"),
        (date(2025, 7, 17), date(2025, 7, 17), "past_reported"),
        (date(2025, 7, 16), date(2025, 7, 17), "planned"),
    ):
        trips = resolve_trips(tables, links, replace(options, as_of=as_of)).trips
        assert pick(trips, trip_date=day)["status"][0] == status


def test_the_range_of_the_departure_widens_the_elapsed_time(corridor, links, options, change):
    key = {"train_id": "D8", "sequence": 1}
    tables = change(corridor, "train_stops", key, earlier_min=60.0, later_min=120.0)
    trip = pick(resolve_trips(tables, links, options).trips, trip_id=FIRST).row(0, named=True)
    hours = [trip[f"elapsed_{case}h"] for case in ("low_", "", "high_")]
    assert hours == [191.0, 193.0, 194.0]


def test_a_later_host_may_still_reach_the_next_one(corridor, links, options, change):
    # A second shuttle train leaves Khasan six hours on; the coach waits at Ussuriysk anyway.
    key = {"train_id": "652", "sequence": 1}
    tables = change(corridor, "train_stops", key, departure="16:30")
    key = {"service_id": "west", "sequence": 4}
    tables = change(tables, "coach_legs", key, boarding_day=4)
    finding = pick(resolve_trips(tables, links, options).findings, trip_date=date(2025, 7, 3))
    assert finding["consequence"][0].startswith(
        "If it is missed: The next train 652 leaves Khasan on Sat 2025-07-05, 1 day later than "
        "announced. The coach still reaches Moscow on "
    )
