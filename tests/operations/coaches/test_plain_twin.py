"""The kernels of through coaches against a plain simulation by the same rules, second by second."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from arterial.operations.chance import make_key
from arterial.operations.coaches.outcome import UNREACHED_S, make_groups, make_outcome
from arterial.operations.coaches.simulate import draw_plan, list_variants
from arterial.operations.coaches.state import make_state
from arterial.operations.coaches.trips_kernel import simulate_replications
from coach_cases import (
    build_model,
    make_disturbance,
    make_states,
    make_table,
    make_tables,
    renew_assets,
)
from plain_attribution import share_all
from plain_coaches import CANCELLED, RIDDEN, Change, PlainCoaches

COUNT = 4
FIRST = 3
DISTURBANCES = [
    make_disturbance("SLOW", per="train_km", rate=0.004, delay_low_min=5.0, delay_best_min=40.0,
                     delay_high_min=300.0, shape="lognormal"),
    make_disturbance("LATE", cause="late_host", rate=0.4, delay_low_min=1.0, delay_high_min=90.0),
    make_disturbance("PAPERS", cause="border", point_id="B", per="stop", rate=0.3, shape="uniform",
                     delay_high_min=240.0),
    make_disturbance("RAIN", cause="weather", per="day", rate=0.2, delay_high_min=500.0,
                     storm_group="storm", months="1;2"),
    make_disturbance("WIND", cause="weather", per="day", rate=0.1, delay_high_min=200.0,
                     storm_group="storm"),
]  # fmt: skip
ASSETS = [
    {"asset_id": f"X{number}", "from_offset_m": 7000.0 * number, "failure_rate_per_year": 500.0,
     "delay_sigma": 0.7, "closes_line": number % 5 == 0, "section_id": "BC" if number % 2 else "AB"}
    for number in range(14)
]  # fmt: skip


RULES = [
    {"calendar_id": "DAILY", "sequence": 1, "pattern": "daily", "effect": "runs"},
    {"calendar_id": "MOST", "sequence": 1, "pattern": "daily", "effect": "runs"},
    {"calendar_id": "MOST", "sequence": 2, "pattern": "days_of_month", "days": "6;7;20",
     "effect": "does_not_run"},
    {"calendar_id": "DAYS", "sequence": 1, "pattern": "days_of_month", "days": "5;6;8;15;16",
     "effect": "runs"},
]  # fmt: skip


def put(table, column, where, value):
    """The table with another value in the rows where a condition holds."""
    return table.with_columns(pl.when(where).then(pl.lit(value)).otherwise(column).alias(column))


def build_busy(*, host_wait_min=20.0, assets=ASSETS, **options):
    """Departures on many days, opening hours, a host with days off, a stay in the works."""
    tables = make_tables(disturbances=DISTURBANCES, calendar_rules=RULES)
    second = pl.col("sequence") == 2
    is_third = pl.col("train_id") == "T3"
    is_second = pl.col("train_id") == "T2"
    tables["trains"] = put(tables["trains"], "calendar_id", is_third, "MOST")
    tables["procedure_steps"] = put(tables["procedure_steps"], "opens", second, "09:00")
    tables["procedure_steps"] = put(tables["procedure_steps"], "closes", second, "21:00")
    tables["train_stops"] = put(tables["train_stops"], "later_min", is_second, 60.0)
    tables["coach_legs"] = put(tables["coach_legs"], "host_wait_min", second, host_wait_min)
    tables["coach_pools"] = tables["coach_pools"].with_columns(minimum_turn_away_h=pl.lit(3.5))
    away = make_table(
        "set_availability",
        [{"pool_id": "POOL", "from_day": date(2025, 1, 15), "to_day": date(2025, 1, 16),
          "sets_away": 1}],
    )  # fmt: skip
    return build_model(
        tables, make_states(*assets), away, simulate_to=date(2025, 2, 28),
        buffer_minutes=(20, 120), **options,
    )  # fmt: skip


CLOSURES = [
    row | {"failure_rate_per_year": 25.0, "repair_median_h": 30.0, "repair_sigma": 1.0}
    for row in ASSETS
]


def build_closed(wait_h=8.0):
    """Lines that stay closed for days: hosts are cancelled, and those behind them wait or are."""
    return build_busy(assets=CLOSURES, closed_line_wait_h=wait_h, cancel_after_h=72.0)


def build_quiet(**options):
    """No disturbances: what is planned too short delays all the same."""
    tables = make_tables()
    steps = tables["procedure_steps"].with_columns(
        pl.col("duration_best_min") * 2, pl.col("duration_high_min") * 2
    )
    return build_model(tables | {"procedure_steps": steps}, buffer_minutes=(60,), **options)


def run_kernels(model, draw):
    plan, variants = draw_plan(model, draw).plan, list_variants(model)
    outcome = make_outcome(plan, COUNT, COUNT, len(variants))
    state, key = make_state(plan, 1 << 16), make_key(7, "twin", draw)
    assert simulate_replications(plan, state, variants, key, FIRST, outcome, make_groups(plan))
    return plan, key, outcome


def find_planned_ends(coaches, trip):
    """Departure and arrival of a trip by the timetable of the draw."""
    row = coaches.plan.trips[trip]
    leaves_s = coaches.planned_s(int(row["leg_begin"]), "from_stop")
    return leaves_s, coaches.planned_s(int(row["leg_end"]) - 1, "to_stop")


def describe_trip(coaches, trip):
    """What the kernels tell of a trip, in their order."""
    journey = coaches.journeys[trip]
    is_cancelled = journey.status == CANCELLED
    missed = [1] if is_cancelled else [ride.missed_hosts for ride in journey.rides]
    leaves_s, comes_s = find_planned_ends(coaches, trip)
    departure_s = 0 if is_cancelled else journey.rides[0].departure_s - leaves_s
    is_lost, set_late_s = coaches.set_late_s(trip)
    arrival_s = journey.arrival_s
    first = next((order for order, count in enumerate(missed) if count), -1)
    return (
        journey.status, departure_s, arrival_s, arrival_s - comes_s, arrival_s - leaves_s,
        sum(missed), first, is_lost, set_late_s,
    )  # fmt: skip


def describe_spares(coaches, trip):
    """What the kernels tell of a trip with other numbers of spare sets."""
    journey, (is_lost, set_late_s) = coaches.journeys[trip], coaches.set_late_s(trip)
    delay_s = journey.arrival_s - find_planned_ends(coaches, trip)[1]
    return is_lost, int(journey.status == CANCELLED), set_late_s, delay_s


def list_late_events(coaches, trip):
    plan, row = coaches.plan, coaches.plan.trips[trip]
    best_s = []
    for leg in plan.legs[row["leg_begin"] : row["leg_end"]]:
        event = plan.runs[leg["announced_run"]]["event"]
        best_s += plan.times_s[
            event + 2 * leg["from_stop"] + 1 : event + 2 * leg["to_stop"] + 1
        ].tolist()
    times_s = [at_s for ride in coaches.journeys[trip].rides for at_s in ride.events_s]
    late_s = [at_s - best for at_s, best in zip(times_s, best_s, strict=False)]
    return late_s + [UNREACHED_S] * (len(best_s) - len(late_s))


def try_variant(coaches, trip, order, variant):
    """Whether a host is still missed with a buffer at a leg, and what it saves at the end."""
    journey, leg = coaches.journeys[trip], int(coaches.plan.trips[trip]["leg_begin"]) + order
    name = ("wait_s", "later_s", "shorter_s")[variant["kind"]]
    change = Change(leg, **{name: int(variant["seconds"])})
    rides = coaches.travel(trip, 0, change, journey.rides[:order])
    saved_s = journey.arrival_s - coaches.full_arrival_s(trip, rides)
    return 1, int(rides[order].missed_hosts > 0), saved_s


def build_patient():
    """Hosts that wait for hours: one is missed by far, and the next one waits."""
    return build_busy(host_wait_min=360.0)


def build_renewed():
    """Assets that fail on some of the occasions only."""
    return renew_assets(build_busy(), 0.4)


def build_begun():
    """The first departures are followed and not counted."""
    return build_busy(simulate_from=date(2025, 1, 8))


@pytest.mark.parametrize(
    ("build", "draw"),
    [
        (build_busy, -1),
        (build_patient, 4),
        (build_renewed, 4),
        (build_begun, 2),
        (build_closed, -1),
        (build_closed, 3),
        (build_quiet, 0),
        (build_quiet, -1),
    ],
)
def test_kernels_give_what_plain_rules_give(build, draw):
    model = build()
    plan, key, outcome = run_kernels(model, draw)
    variants = list_variants(model)
    causes = np.zeros((*outcome.trip_causes.shape, 2), np.int64)
    for row in range(COUNT):
        coaches = PlainCoaches(plan, key, FIRST + row)
        coaches.run_all()
        shares = share_all(coaches)
        for trip, journey in coaches.journeys.items():
            assert outcome.trips[row, trip].tolist() == describe_trip(coaches, trip)
            events = slice(plan.trips[trip]["event_begin"], plan.trips[trip]["event_end"])
            assert outcome.events_s[row, events].tolist() == list_late_events(coaches, trip)
            nodes, costs_s = shares.get(trip, ({}, [0] * len(journey.rides)))
            begin = plan.trips[trip]["leg_begin"]
            for order, ride in enumerate(journey.rides):
                leg = outcome.legs[row, begin + order]
                assert leg["missed"] == (ride.missed_hosts > 0)
                assert leg["cancelled"] == (ride.closed_by >= 0)
                assert leg["cost_s"] == (costs_s[order] if ride.status == RIDDEN else 0)
                tried = variants if order and plan.trips[trip]["group"] >= 0 else []
                for number, variant in enumerate(tried):
                    assert outcome.variants[row, begin + order, number].tolist() == try_variant(
                        coaches, trip, order, variant
                    )
            for node, pair in nodes.items():
                if node < causes.shape[1]:
                    causes[trip, node] += pair
        for number in range(len(outcome.spares)):
            coaches.run_all(number + 1)
            found = [describe_spares(coaches, trip) for trip in coaches.journeys]
            assert outcome.spares[number, row].tolist() == found
    assert np.array_equal(outcome.trip_causes["p"], causes[..., 0])
    assert np.array_equal(outcome.trip_causes["k"], causes[..., 1])
    assert outcome.gap_s[0] == 0


def test_the_busy_study_meets_all_that_can_happen():
    _, _, outcome = run_kernels(build_busy(), 4)
    statuses = set(outcome.trips["status"].ravel().tolist())
    assert {RIDDEN, CANCELLED} <= statuses
    assert outcome.trips["missed"].sum() > 10
    assert outcome.trips["set_late_s"].max() > 0
    assert outcome.variants["saved_s"].min() < 0 < outcome.variants["saved_s"].max()
    assert outcome.trip_causes["k"].sum() > 0


def test_hosts_are_cancelled_at_lines_that_stay_closed():
    """More where less is waited for the repair, none where any is."""
    counts = []
    for hours in (4.0, 24.0, 100_000.0):
        _, _, outcome = run_kernels(build_closed(hours), 3)
        counts.append(int(outcome.legs["cancelled"].sum()))
        assert outcome.gap_s[0] == 0
    assert counts[0] > counts[1] > counts[2] == 0
