"""Coach sets: the fewest that can work the trips, their turns, and what a lost turn costs."""

from datetime import date, timedelta

import polars as pl
import pytest

from arterial.study import conform_table
from arterial.timetable.coaches.coach_pools import find_turn_h
from arterial.timetable.coaches.coach_services import TimetableOptions
from arterial.timetable.coaches.rotations import rotate_coaches
from arterial.timetable.coaches.set_turns import (
    PoolTrip,
    TimeCase,
    chance_turn_lost,
    find_critical_instant,
    rotate_trips,
)
from arterial.timetable.trains.train_plans import TimeRange

DAY = 86_400
HOUR = 3600
EPOCH = date(2025, 7, 1)
OPTIONS = TimetableOptions(EPOCH, EPOCH, date(2025, 12, 31), EPOCH)


@pytest.fixture
def rotate(build):
    """Rotate one pool between P and M; trips as (day out, days on the way, from, error in h)."""

    def rotate_pool(*runs, trips=(), **pool):
        services = [
            {
                "service_id": service,
                "name": f"{start} to {end}",
                "from_point": start,
                "to_point": end,
                "calendar_id": service,
                "pool_id": "pool",
                "berths_offered": 36,
            }
            for service, start, end in (("out", "P", "M"), ("back", "M", "P"))
        ]
        tables = build.tables(
            operational_points=[
                {"point_id": p, "name": n, "zone": "UTC", "country": "KP", "kind": "station"}
                for p, n in (("P", "Pyongyang"), ("M", "Moscow"))
            ],
            coach_services=services,
            coach_pools=[{"pool_id": "pool", "name": "Coaches", "home_point": "P"} | pool],
            calendar_rules=[build.rule(service, 1, "days_of_month", "3;17")
                            for service in ("out", "back")],
        )  # fmt: skip
        rows = [make_trip(*run) for run in runs] + list(trips)
        frame = conform_table("trips", pl.DataFrame(rows), fill_missing=True)
        return rotate_coaches(tables, frame, OPTIONS)

    return rotate_pool


def make_trip(day, days, service="out", error_h=0.0, status="planned"):
    leaves, comes = round(day * DAY), round((day + days) * DAY)
    error = round(error_h * HOUR)
    trip_date = EPOCH + timedelta(days=int(day))
    return {
        "trip_id": f"{service}@{trip_date}",
        "service_id": service,
        "trip_date": trip_date,
        "status": status,
        "departure_low_at_s": leaves,
        "departure_at_s": leaves,
        "departure_high_at_s": leaves,
        "arrival_low_at_s": comes - error,
        "arrival_at_s": comes,
        "arrival_high_at_s": comes + error,
    }


def make_pool_trip(number, start, end, leaves, comes):
    at = [TimeRange(at_s, at_s, at_s) for at_s in (leaves, comes)]
    return PoolTrip(f"t{number}", "s", start, end, *at)


ROUND = [(0, 8), (8.5, 8, "back"), (14, 8), (22.5, 8, "back"), (28, 8), (36.5, 8, "back")]


def test_two_sets_take_turns_and_each_turn_has_its_slack(rotate):
    found = rotate(*ROUND, minimum_turn_home_h=24.0, minimum_turn_away_h=4.0)
    need = found.set_requirements.row(0, named=True)
    assert (need["minimum_sets"], need["trips_count"]) == (2, 6)
    assert need["critical_at_s"] == 14 * DAY
    turns = found.coach_turns.filter(pl.col("set_number") == 1)
    assert turns["trip_id"].to_list() == [
        "out@2025-07-01", "back@2025-07-09", "out@2025-07-29", "back@2025-08-06",
    ]  # fmt: skip
    assert turns["slack_h"].to_list() == [8.0, 11.5 * 24 - 24, 8.0, None]
    assert turns["minimum_turn_h"].to_list() == [4.0, 24.0, 4.0, 24.0]
    assert turns["next_trip_id"].to_list()[-1] is None


def test_suspended_trips_need_no_set(rotate):
    suspended = make_trip(14, 8, status="suspended")
    found = rotate((0, 8), (8.5, 8, "back"), trips=[suspended])
    assert found.set_requirements["minimum_sets"][0] == 1
    assert found.set_requirements["trips_count"][0] == 2


def test_the_fewest_sets_are_given_for_kind_and_harsh_times_too(rotate):
    # 12 h between arrival and departure in Moscow; 10 h of them may be lost or won.
    runs = [(0, 8, "out", 10.0), (8.5, 8, "back")]
    found = rotate(*runs, minimum_turn_away_h=13.0)
    need = found.set_requirements.row(0, named=True)
    assert [need[f"minimum_sets{case}"] for case in ("_low", "", "_high")] == [1, 2, 2]
    found = rotate(*runs, minimum_turn_away_h=4.0)
    need = found.set_requirements.row(0, named=True)
    assert [need[f"minimum_sets{case}"] for case in ("_low", "", "_high")] == [1, 1, 2]


def test_the_chance_of_a_lost_turn_is_given_in_three_cases(rotate):
    found = rotate(
        (0, 8),
        (8 + 11.5 / 24, 8, "back"),
        minimum_turn_away_h=4.0,
        delay_median_low_h=1.0,
        delay_median_h=3.0,
        delay_median_high_h=6.0,
        delay_sigma=1.0,
    )
    turn = found.coach_turns.row(0, named=True)
    assert turn["slack_h"] == pytest.approx(7.5)
    chances = [turn[name] for name in ("chance_lost_low", "chance_lost", "chance_lost_high")]
    assert chances == pytest.approx([0.022, 0.180, 0.412], abs=0.001)
    tight = found.findings.filter(pl.col("finding_id") == "pool:tight_turn:M").row(0, named=True)
    assert (tight["kind"], tight["severity"]) == ("set_not_back", "warn")
    assert "7 h 30 min of slack" in tight["cause"]
    assert "18 % (2 % to 41 %)" in tight["cause"]
    assert "beyond the horizon" in tight["consequence"]


def test_a_lost_turn_costs_the_wait_for_the_next_departure(rotate):
    found = rotate(*ROUND, minimum_turn_away_h=4.0, delay_median_h=3.0, delay_sigma=1.0)
    tight = found.findings.filter(pl.col("point_id") == "M", pl.col("kind") == "set_not_back")
    assert "waits 14 days" in tight["consequence"][0]


def test_an_unknown_delay_leaves_the_chance_unknown(rotate):
    turn = rotate((0, 8), (8.5, 8, "back")).coach_turns.row(0, named=True)
    assert (turn["slack_h"], turn["chance_lost"]) == (12.0, None)


def test_a_shortest_stay_that_is_not_stated_is_named(rotate):
    found = rotate((0, 8), (8.5, 8, "back"), minimum_turn_home_h=24.0)
    assert found.coach_turns["minimum_turn_h"].to_list() == [None, 24.0]
    assert "No shortest stay is stated at Moscow" in found.set_requirements["explanation"][0]


def test_with_too_few_sets_the_departures_without_one_are_found(rotate):
    found = rotate(*ROUND, sets_owned=1, spare_sets=0)
    late = found.findings.filter(pl.col("kind") == "set_not_back", pl.col("severity") == "block")
    # The only set is away on 15 July, so the trip home of 23 July has none either.
    assert late["trip_date"].to_list() == [date(2025, 7, 15), date(2025, 7, 23)]
    assert "leaves 60 h late" in late["consequence"][0]
    assert rotate(*ROUND, sets_owned=2).findings.filter(pl.col("severity") == "block").is_empty()


def test_a_set_that_is_ready_at_the_second_of_a_departure_takes_it(rotate):
    found = rotate((0, 8), (8, 6, "back"), (14, 8), sets_owned=1)
    assert found.findings.filter(pl.col("severity") == "block").is_empty()


def test_the_slack_of_an_uncertain_arrival_has_three_values(rotate):
    turn = rotate((0, 8, "out", 2.0), (8.5, 8, "back")).coach_turns.row(0, named=True)
    assert [turn[f"slack_{case}h"] for case in ("low_", "", "high_")] == [10.0, 12.0, 14.0]


def test_a_horizon_that_begins_in_the_middle_counts_the_sets_that_stand_away(rotate):
    found = rotate((1, 8, "back"), (2, 8))
    need = found.set_requirements.row(0, named=True)
    assert need["minimum_sets"] == 2
    assert "1 of them must stand away" in need["explanation"]


def test_unknown_times_leave_the_requirement_unknown(rotate):
    unknown = make_trip(14, 8) | {"arrival_at_s": None}
    found = rotate((0, 8), trips=[unknown], sets_owned=1)
    need = found.set_requirements.row(0, named=True)
    assert (need["minimum_sets"], need["critical_at_s"], need["trips_count"]) == (None, None, 2)
    assert "times of 1 trip are unknown" in need["explanation"]
    assert found.coach_turns.is_empty()


def test_a_pool_without_trips_needs_no_set(rotate):
    suspended = make_trip(14, 8, status="suspended")
    need = rotate(trips=[suspended]).set_requirements.row(0, named=True)
    assert (need["minimum_sets"], need["critical_at_s"]) == (0, None)


def test_berths_a_year_follow_the_calendar_and_not_the_horizon(rotate):
    found = rotate(*ROUND)
    assert found.set_requirements["berths_per_year"][0] == 864
    notes = found.findings.filter(pl.col("kind") == "berths")
    assert notes.height == 2
    assert "36 berths on 24 departures a year, 864 berths" in notes["cause"][0]


def test_an_exact_fit_is_enough_and_a_second_less_is_not():
    trips = [make_pool_trip(1, "P", "M", 0, 50), make_pool_trip(2, "M", "P", 150, 200)]
    assert rotate_trips(trips, {"M": 100}).sets_count == 1
    assert rotate_trips(trips, {"M": 101}).sets_count == 2


def test_the_longest_standing_set_leaves_first():
    trips = [
        make_pool_trip(1, "P", "M", 0, 50),
        make_pool_trip(2, "P", "M", 1, 40),
        make_pool_trip(3, "M", "P", 60, 100),
        make_pool_trip(4, "M", "P", 70, 110),
    ]
    rotation = rotate_trips(trips, {})
    pairs = {turn.trip.trip_id: turn.next_trip for turns in rotation.sets for turn in turns}
    assert pairs["t2"].trip_id == "t3"
    assert pairs["t1"].trip_id == "t4"


def test_the_critical_instant_lies_where_the_last_set_leaves():
    trips = [make_pool_trip(n, "P", "P", 10 * n, 10 * n + 25) for n in range(5)]
    rotation = rotate_trips(trips, {"P": 0})
    assert rotation.sets_count == 3
    assert find_critical_instant(rotation, "P", {"P": 0}) == 20
    assert find_critical_instant(rotate_trips([], {}), "P", {}) is None


def test_kind_and_harsh_cases_take_the_far_ends_of_the_times():
    out = PoolTrip("a", "s", "P", "M", TimeRange(0, 0, 0), TimeRange(40, 50, 60))
    back = PoolTrip("b", "s", "M", "P", TimeRange(50, 55, 60), TimeRange(90, 90, 90))
    counts = {case: rotate_trips([out, back], {}, case=case).sets_count for case in TimeCase}
    assert counts == {TimeCase.KIND: 1, TimeCase.BEST: 1, TimeCase.HARSH: 2}


@pytest.mark.parametrize(
    ("slack", "median", "sigma", "chance"),
    [(3, 3, 1, 0.5), (0, 3, 1, 1.0), (-1, 3, 1, 1.0), (5, 0, 1, 0.0), (5, 6, 0, 1.0), (5, 4, 0, 0)],
)
def test_the_chance_has_the_right_edges(slack, median, sigma, chance):
    assert chance_turn_lost(slack, median, sigma) == chance


def test_a_place_that_states_its_turn_goes_before_home_and_far_end():
    pool = {
        "pool_id": "pool", "home_point": "P", "minimum_turn_home_h": 24.0,
        "minimum_turn_away_h": 4.0,
    }  # fmt: skip
    rows = {"pool_id": ["pool", "other"], "point_id": ["M", "P"], "minimum_turn_h": [9.0, 1.0]}
    tables = {"pool_turns": pl.DataFrame(rows)}
    assert [find_turn_h(tables, pool, place) for place in "PMK"] == [24.0, 9.0, 4.0]
    assert [find_turn_h({}, pool, place) for place in "PMK"] == [24.0, 4.0, 4.0]
    assert find_turn_h({}, pool | {"minimum_turn_away_h": None}, "M") is None
