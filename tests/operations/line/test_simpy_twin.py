"""The event-driven engine against the same model in plain Python with simpy."""

import numpy as np
import pytest

from arterial.operations.line.event_engine import simulate_events
from arterial.operations.line.sampling_kernel import clear_draws, draw_replication, make_draws
from operations_cases import KEY, random_line, with_slack
from operations_corridor import disturb_evenly, make_corridor
from operations_simpy import simulate_with_simpy


def draw_plainly(plan, hazards, replication: int) -> dict[int, int]:
    """Disturbances of one replication by event [s]."""
    draws = make_draws(plan.events_count, plan.layout.step_tracks.size, 1 << 14)
    clear_draws(draws)
    draw_replication(hazards, np.ones(1), KEY, replication, 0, draws)
    drawn: dict[int, int] = {}
    for entry in draws.entries[: draws.counters["entries"][0]]:
        drawn[int(entry["event"])] = drawn.get(int(entry["event"]), 0) + int(entry["seconds"])
    return drawn


@pytest.mark.parametrize("seed", range(6))
def test_every_train_has_the_same_delay_as_in_plain_python(seed: int) -> None:
    plan = with_slack(random_line(seed, points=7, runs=20), 0.05)
    hazards = disturb_evenly(plan, 0.1, 300.0)
    ours = simulate_events(plan, hazards, key=KEY, replications=10).delay_s
    theirs = [simulate_with_simpy(plan, draw_plainly(plan, hazards, n)) for n in range(10)]
    assert ours.any()
    assert abs(ours.mean() - np.mean(theirs)) < 0.02 * ours.mean()
    assert (ours == np.array(theirs)).mean() > 0.95


def test_the_made_up_corridor_runs_undelayed_undisturbed() -> None:
    plan = make_corridor(12, 10)
    calm = disturb_evenly(plan, 0.0, 300.0)
    assert not simulate_events(plan, calm, key=KEY, replications=1).delay_s.any()
    assert not simulate_with_simpy(plan, {}).any()
