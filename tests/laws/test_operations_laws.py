"""Laws of simulated operations, on random lines with rough chances."""

import numpy as np
import pytest

from arterial.operations.line.event_engine import Policy, simulate_events
from arterial.operations.line.sampling_kernel import clear_draws, draw_replication, make_draws
from fixed_order import simulate_fixed_order
from operations_cases import KEY, judge_times, random_line, rough_hazards, with_slack

SEEDS = range(12)


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_step_is_shared_and_no_point_overfull_and_no_train_stands_for_ever(
    seed: int, policy: Policy
) -> None:
    plan = with_slack(random_line(seed, points=5 + seed % 4, runs=18), 0.05)
    hazards = rough_hazards(plan, chance=0.2)
    done = simulate_events(plan, hazards, key=KEY, replications=12, policy=policy, with_times=True)
    assert done.forced_count == 0
    for times in done.times_s:
        assert (times >= 0).all()
        assert judge_times(plan, times) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_add_up_to_the_delay_of_every_run_in_every_replication(seed: int) -> None:
    plan = with_slack(random_line(seed), 0.05)
    hazards = rough_hazards(plan, chance=0.2)
    for policy in Policy:
        done = simulate_events(plan, hazards, key=KEY, replications=20, policy=policy)
        assert done.delay_s.any()
        assert done.attribution_gap_s == 0
        assert (done.parts.seconds > 0).all()
    fixed = simulate_fixed_order(plan, hazards, key=KEY, replications=20)
    assert fixed.attribution_gap_s == 0
    assert (fixed.parts.source >= 0).all()


def draw_outages(hazards, factor, replication, steps, events):
    draws = make_draws(events, steps, 4096)
    clear_draws(draws)
    draw_replication(hazards, factor, KEY, replication, 0, draws)
    rows = draws.outages[: draws.counters["outages"][0]]
    return set(rows[["step", "source", "start", "end"]].tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_renewed_asset_fails_on_a_subset_of_the_occasions(seed: int) -> None:
    plan = random_line(seed)
    hazards = rough_hazards(plan)
    rng = np.random.default_rng(seed)
    before = np.ones(hazards.sources.size)
    after = rng.uniform(0.0, 1.0, before.size)
    steps, fewer = plan.layout.step_tracks.size, 0
    for replication in range(40):
        old = draw_outages(hazards, before, replication, steps, plan.events_count)
        new = draw_outages(hazards, after, replication, steps, plan.events_count)
        assert new <= old
        fewer += len(old) - len(new)
    assert fewer > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_more_slack_never_delays_more_in_fixed_order(seed: int) -> None:
    plan = random_line(seed)
    hazards = rough_hazards(plan)._replace(assets=rough_hazards(plan).assets[:0])
    delays = [
        simulate_fixed_order(with_slack(plan, share), hazards, key=KEY, replications=32).delay_s
        for share in (0.0, 0.05, 0.2)
    ]
    assert (delays[1] <= delays[0]).all()
    assert (delays[2] <= delays[1]).all()
    assert delays[2].sum() < delays[0].sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_an_undisturbed_plan_runs_to_the_second(seed: int) -> None:
    plan = random_line(seed)
    calm = rough_hazards(plan)
    factor = np.zeros(calm.sources.size)
    for policy in Policy:
        done = simulate_events(
            plan, calm, key=KEY, replications=1, policy=policy, factor=factor, with_times=True
        )
        assert done.times_s[0].tolist() == plan.events.planned.tolist()
