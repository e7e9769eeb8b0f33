"""Closed steps: single-line working, trains that are taken off, queues."""

import numpy as np
import pytest

from arterial.operations.line.event_engine import Policy, simulate_events
from arterial.operations.line.hazards import Closures, Horizon
from arterial.operations.line.layout import OPPOSING, UNLIMITED, Intervals, make_layout
from arterial.operations.line.plan import build_plan
from arterial.operations.line.sampling_kernel import clear_draws, draw_replication, make_draws
from operations_cases import KEY, Source, make_hazards, random_line, rough_hazards, run_along

HOUR_S = 3600
REPLICATIONS = 60


def make_line(tracks, *, trains=24, spacing_s=2000):
    """Trains of both directions, by turns, over one step of half an hour."""
    layout = make_layout(
        [UNLIMITED, UNLIMITED],
        [(0, 1)],
        step_tracks=[tracks],
        intervals=Intervals(60, 120, 150, 60),
    )
    # On one track they leave room for each other.
    spacing_s = spacing_s if tracks > 1 else 2400
    runs = [
        run_along(
            f"t/{n}", (0, 1) if n % 2 == 0 else (1, 0), (0,), 7200 + spacing_s * n, [1800]
        )
        for n in range(trains)
    ]  # fmt: skip
    return build_plan(layout, runs)


def close_line(plan, hours, *, per_day=1.0, minutes=0.0):
    source = Source(
        "bank", size=(60.0 * minutes, 0.0, 0.0), shape=2, step=0, rate_per_s=per_day / 86_400,
        repair_median_s=HOUR_S * hours, closes=True,
    )  # fmt: skip
    end = int(plan.events.planned.max())
    return make_hazards(plan, [source], horizon=Horizon(-6 * HOUR_S, end))


def run(plan, hazards, **closures):
    done = simulate_events(
        plan,
        hazards._replace(closures=Closures(**closures)),
        key=KEY,
        replications=REPLICATIONS,
        with_times=True,
    )
    assert done.attribution_gap_s == 0
    return done


def list_outages(plan, hazards, replication):
    draws = make_draws(plan.events_count, 1, 4096)
    clear_draws(draws)
    draw_replication(hazards, np.ones(hazards.sources.size), KEY, replication, 0, draws)
    return draws.outages[: draws.counters["outages"][0]][["start", "end"]].tolist()


def count_open(outages, at_s, tracks):
    return tracks - sum(start <= at_s < end for start, end in outages)


def test_on_double_track_trains_of_both_directions_share_the_track_that_is_left():
    plan = make_line(2)
    hazards = close_line(plan, 4.0)
    closed = run(plan, hazards)
    shared = run(plan, hazards, shares_tracks=1)
    # Trains wait for each other for minutes, not for the repair.
    assert 0 < shared.delay_s.sum() < 0.5 * closed.delay_s.sum()
    entered, left = shared.times_s[:, 0::2], shared.times_s[:, 1::2]
    opposing_s = int(plan.layout.between[0, 0, OPPOSING])
    met = 0
    for replication in range(REPLICATIONS):
        outages = list_outages(plan, hazards, replication)
        for train, enters_s in enumerate(entered[replication]):
            tracks = count_open(outages, enters_s, 2)
            assert tracks > 0
            if tracks == 1:
                for other in range((train + 1) % 2, plan.runs_count, 2):
                    comes_s, goes_s = entered[replication, other], left[replication, other]
                    met += 1
                    assert not comes_s < enters_s < goes_s + opposing_s
    assert met > 1000


def test_a_train_that_passes_a_closed_track_loses_the_minutes_of_the_failure():
    plan = make_line(2, trains=2, spacing_s=7200)
    hazards = close_line(plan, 200.0, per_day=0.5, minutes=7.0)
    done = run(plan, hazards, shares_tracks=1)
    # With one failure seven minutes; with two and more both tracks are closed.
    assert {0, 420} <= set(done.delay_s.ravel().tolist())


@pytest.mark.parametrize("hours", [1, 6])
def test_a_train_that_would_wait_too_long_is_taken_off_and_counts_as_late_by_that(hours):
    plan = make_line(1)
    hazards = close_line(plan, 8.0)
    waits = run(plan, hazards)
    done = run(plan, hazards, longest_wait_s=hours * HOUR_S)
    assert done.cancelled.any()
    assert not waits.cancelled.any()
    assert (done.delay_s[done.cancelled] == hours * HOUR_S).all()
    # Nobody else waits for a closed line so long; a queue that it leaves takes its time.
    others = done.delay_s[~done.cancelled]
    assert others.max() <= hours * HOUR_S + 2400 * plan.runs_count
    assert done.delay_s.sum() < waits.delay_s.sum()
    # Who is not late by more than that without the rule is not taken off with it.
    assert (waits.delay_s[done.cancelled] > hours * HOUR_S).all()


def test_no_more_trains_queue_than_may():
    plan = make_line(1)
    hazards = close_line(plan, 12.0)
    full = [run(plan, hazards, longest_wait_s=1 << 29, queue=most) for most in (0, 1, 3, 50)]
    lost = [int(done.cancelled.sum()) for done in full]
    assert lost[0] > lost[1] > lost[2] > lost[3] == 0


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("seed", range(4))
def test_every_train_of_a_rough_line_arrives_or_is_taken_off(seed, policy):
    plan = random_line(seed)
    hazards = rough_hazards(plan)._replace(closures=Closures(1800, 2, 1))
    done = simulate_events(
        plan, hazards, key=KEY, replications=40, policy=policy, with_times=True
    )  # fmt: skip
    assert done.attribution_gap_s == 0
    assert (done.times_s >= plan.events.planned).all()
    assert (done.delay_s[done.cancelled] == 1800).all()
    assert done.forced_count == 0
