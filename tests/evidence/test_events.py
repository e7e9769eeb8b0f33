import datetime as dt

import polars as pl
import pytest

from arterial.evidence.events import check_events

EPOCH = dt.date(2025, 6, 1)
STATEMENT = {
    "statement_id": "e",
    "service_id": "s",
    "point_id": "pyongyang",
    "event": "arrival",
}


def arrive(departure, days, clock_time="20:00", spread_min=60):
    start = dt.date.fromisoformat(departure)
    return (start, start + dt.timedelta(days=days), clock_time, spread_min)


@pytest.fixture
def check(make_tables, make_trips):
    def run(statement, arrivals, **options):
        tables = make_tables(published_events=[{**STATEMENT, **statement}])
        made = make_trips(arrivals, **options)
        (found,) = check_events(tables, made["trips"], made["trip_events"], EPOCH)
        return found

    return run


@pytest.mark.parametrize(
    ("event", "subject"),
    [("arrival", "s, arrival at Pyongyang"), ("passing", "s, passing Pyongyang")],
)
def test_the_event_is_named_in_words(check, event, subject):
    assert check({"event": event, "stated_day_offset": 8}, []).subject == subject


def test_the_26th_and_eight_days_is_the_4th_only_after_a_month_of_30_days(check):
    months = ["2025-06-26", "2025-07-26", "2025-09-26", "2026-02-26"]
    found = check(
        {"departure_day_of_month": 26, "stated_day_of_month": 4},
        [arrive(day, 8) for day in months],
    )
    assert found.verdict == "simplified"
    assert found.computed == "day 3, 4 or 6 of the month"
    assert (
        "Holds for 2 of 4 departures: 2025-06-26 -> 07-04, 2025-09-26 -> 10-04."
        in found.calculation
    )
    assert "Does not hold for 2 of 4 departures: 2025-07-26 -> 08-03" in found.calculation


def test_a_day_of_the_month_within_the_month_holds_for_every_month(check):
    found = check(
        {"departure_day_of_month": 12, "stated_day_of_month": 20},
        [arrive("2025-07-12", 8), arrive("2025-08-12", 8), arrive("2025-08-26", 9)],
    )
    assert found.verdict == "holds"
    assert "for 2 of 2 departures" in found.calculation


def test_a_day_that_never_holds_is_contradicted(check):
    found = check({"stated_day_of_month": 21}, [arrive("2025-07-12", 8)])
    assert found.verdict == "contradicted"


def test_a_day_that_the_range_of_times_only_touches_decides_nothing(check):
    found = check({"stated_day_of_month": 21}, [arrive("2025-07-12", 8, "23:30", 60)])
    assert found.verdict == "cannot_tell"
    assert "Possible within the range of times for 1 of 1" in found.calculation


def test_an_offset_of_days_is_counted_on_the_local_calendar(check):
    assert check({"stated_day_offset": 8}, [arrive("2025-07-12", 8)]).verdict == "holds"
    assert check({"stated_day_offset": 9}, [arrive("2025-07-12", 8)]).verdict == "contradicted"


@pytest.mark.parametrize(
    ("stated", "tolerance", "verdict"),
    [
        ("20:00", None, "holds"),
        ("20:40", 60.0, "holds"),
        ("20:40", None, "cannot_tell"),
        ("23:00", 60.0, "contradicted"),
    ],
)
def test_a_time_agrees_within_its_tolerance_or_within_the_range(check, stated, tolerance, verdict):
    statement = {"stated_time": stated, "stated_day_offset": 8, "tolerance_min": tolerance}
    found = check(statement, [arrive("2025-07-12", 8)])
    assert (found.kind, found.verdict) == ("event_time", verdict)


def test_a_time_without_a_day_is_held_against_the_nearest_one(check):
    statement = {"stated_time": "00:10", "tolerance_min": 30.0}
    assert check(statement, [arrive("2025-07-12", 8, "23:50", 0)]).verdict == "holds"


def test_a_departure_date_picks_one_trip(check):
    statement = {"departure_date": dt.date(2025, 7, 26), "stated_day_of_month": 4}
    found = check(statement, [arrive("2025-06-26", 8), arrive("2025-07-26", 8)])
    assert found.verdict == "contradicted"
    assert found.computed == "2025-08-03 20:00 local time"


def test_a_time_taken_from_a_source_is_no_independent_check(check):
    found = check({"stated_day_offset": 8}, [arrive("2025-07-12", 8)], basis="observed")
    assert "no independent check" in found.calculation


def test_without_trips_nothing_can_be_told(check):
    found = check(
        {"departure_day_of_month": 3, "stated_day_of_month": 11}, [arrive("2025-07-12", 8)]
    )
    assert found.verdict == "cannot_tell"


def test_a_time_that_was_set_from_the_statement_proves_nothing(make_tables, make_trips):
    statement = {**STATEMENT, "stated_time": "20:00", "tolerance_min": 30.0, "source_id": "S"}
    made = make_trips([arrive("2025-07-12", 8)])
    stop = {"train_id": "t", "sequence": 1, "point_id": "pyongyang", "arrival": "20:00"}
    verdicts = []
    for source in ("S", "T"):
        tables = make_tables(
            published_events=[statement], train_stops=[{**stop, "source_id": source}]
        )
        (found,) = check_events(tables, made["trips"], made["trip_events"], EPOCH)
        verdicts.append(found.verdict)
    assert verdicts == ["cannot_tell", "holds"]


@pytest.mark.parametrize(
    ("leg", "verdict"),
    [
        ({"sequence": 4, "boarding_day": 2, "source_id": "S"}, "cannot_tell"),
        ({"sequence": 4, "boarding_day": 2, "source_id": "T"}, "holds"),
        ({"sequence": 4, "source_id": "S"}, "holds"),
        ({"sequence": 1, "boarding_day": 0, "source_id": "S"}, "holds"),
        ({"sequence": 4, "boarding_day": 2, "source_id": "S", "service_id": "t"}, "holds"),
    ],
)
def test_a_day_by_which_the_coach_is_boarded_proves_nothing(make_tables, make_trips, leg, verdict):
    made = make_trips([arrive("2025-07-12", 8)])
    tables = make_tables(
        published_events=[{**STATEMENT, "stated_day_offset": 8, "source_id": "S"}],
        coach_legs=[{"service_id": "s", **leg}],
    )
    (found,) = check_events(tables, made["trips"], made["trip_events"], EPOCH)
    assert found.verdict == verdict
    assert ("set from this very" in found.calculation) == (verdict == "cannot_tell")


@pytest.mark.parametrize(("clock_time", "leaves"), [("20:00", False), ("23:30", True)])
def test_a_day_that_holds_by_the_best_time_only_is_said_to(check, clock_time, leaves):
    found = check({"stated_day_offset": 8}, [arrive("2025-07-12", 8, clock_time, 60)])
    assert found.verdict == "holds"
    assert ("the range of 1 of them reaches another day" in found.calculation) == leaves


def test_departures_that_do_not_work_hold_no_statement(make_tables, make_trips):
    tables = make_tables(published_events=[{**STATEMENT, "stated_day_offset": 8}])
    made = make_trips([arrive("2025-07-12", 8), arrive("2025-08-12", 8)])
    blocked = made["trips"].with_columns(
        verdict=pl.Series(["does_not_work", "works"], dtype=pl.String)
    )
    (found,) = check_events(tables, blocked, made["trip_events"], EPOCH)
    assert "Holds for 1 of 1 departures" in found.calculation
    assert "1 departure is not held" in found.calculation


@pytest.mark.parametrize(
    ("published", "kind", "verdict"),
    [
        ("2025-06-23", None, "cannot_tell"),
        ("2025-06", None, "cannot_tell"),
        ("2025-07-04", None, "holds"),
        (None, None, "holds"),
        ("2025-06-23", "plan", "holds"),
    ],
)
def test_an_event_told_before_it_happened_proves_no_run(
    make_tables, make_trips, published, kind, verdict
):
    statement = {**STATEMENT, "departure_date": dt.date(2025, 6, 26), "stated_day_offset": 8}
    statement |= {"source_id": "paper", "kind": kind}
    source = {"source_id": "paper", "title": "Paper", "published_on": published}
    tables = make_tables(published_events=[statement], sources=[source])
    made = make_trips([arrive("2025-06-26", 8)])
    (found,) = check_events(tables, made["trips"], made["trip_events"], EPOCH)
    assert found.verdict == verdict
    assert ("a forecast, not a sighting" in found.calculation) == (verdict == "cannot_tell")
