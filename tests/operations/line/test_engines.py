import numpy as np
import pytest

from arterial.errors import LimitError
from arterial.operations.line import event_engine
from arterial.operations.line.event_engine import Policy, settle_plan, simulate_events
from arterial.operations.line.hazards import Horizon, Shape
from arterial.operations.line.layout import Intervals, make_layout
from arterial.operations.line.plan import Connection, build_plan
from fixed_order import simulate_fixed_order
from operations_cases import (
    KEY,
    Source,
    make_hazards,
    random_line,
    rough_hazards,
    run_along,
    with_slack,
)

LAYOUT = make_layout([2, 2, 2], [(0, 1), (1, 2)], intervals=Intervals(60, 240, 540, 60))


def crossing_plan():
    """Two trains that cross at the middle point."""
    east = run_along("east/1", (0, 1, 2), (0, 1), 0, [600, 600])
    west = run_along("west/1", (2, 1, 0), (1, 0), 0, [600, 600])
    return settle_plan(build_plan(LAYOUT, [east, west]))


def one_delay(plan, event, seconds):
    """A sure delay at one event."""
    source = Source("sure", Shape.UNIFORM, (seconds, seconds, 0.0), day_rate=1.0)
    return make_hazards(plan, [source], hits=[(event, 0, 0)])


def test_settling_lets_the_opposing_train_wait_a_minute_at_the_crossing() -> None:
    plan = crossing_plan()
    assert plan.runs[0].arrival_s[1:] == (600, 1260)
    assert plan.runs[1].arrival_s[1:] == (600, 1260)


@pytest.mark.parametrize("policy", Policy)
def test_a_late_train_holds_the_opposing_one_and_is_charged_for_it(policy: Policy) -> None:
    plan = crossing_plan()
    # 300 s late at the crossing; its own planned minute there takes up 60 of them, not the other's.
    done = simulate_events(plan, one_delay(plan, 1, 300), key=KEY, replications=1, policy=policy)
    assert done.delay_s.tolist() == [[240, 300]]
    parts = done.parts
    assert parts.seconds.tolist() == [240, 300]
    assert parts.is_knock_on.tolist() == [False, True]
    assert done.attribution_gap_s == 0


def test_slack_takes_up_the_oldest_delay_first() -> None:
    plan = with_slack(crossing_plan(), 0.1)
    sources = [
        Source("old", Shape.UNIFORM, (100.0, 100.0, 0.0), day_rate=1.0),
        Source("new", Shape.UNIFORM, (90.0, 90.0, 0.0), day_rate=1.0),
    ]
    hazards = make_hazards(plan, sources, hits=[(0, 0, 0), (2, 1, 0)])
    done = simulate_fixed_order(plan, hazards, key=KEY, replications=1)
    # Leaves 100 late, arrives 40 late (60 s slack), leaves 60 + 60 of crossing + 40 + 90 late.
    east = done.parts.seconds[done.parts.run == 0].tolist()
    sources_of_east = done.parts.source[done.parts.run == 0].tolist()
    assert done.delay_s[0, 0] == 10
    assert (sources_of_east, east) == ([1], [10])


def test_a_connection_is_held_up_to_its_limit_and_then_broken() -> None:
    layout = make_layout([9, 9, 9, 9], [(0, 1), (2, 1), (1, 3)])
    feeder = run_along("feeder/1", (0, 1), (0,), 0, [600])
    other = run_along("other/1", (2, 1, 3), (1, 2), 0, [600, 600], dwell_s=120)
    link = Connection(0, 1, 1, 1, transfer_s=120, wait_limit_s=300)
    plan = settle_plan(build_plan(layout, [feeder, other], [link]))
    for late, held in ((200, 200), (300, 300), (900, 300)):
        hazards = one_delay(plan, 1, late)
        for policy in (Policy.FIRST_COME, Policy.PLANNED_ORDER):
            done = simulate_events(plan, hazards, key=KEY, replications=1, policy=policy)
            assert done.delay_s.tolist() == [[late, held]]
            assert done.attribution_gap_s == 0
        assert simulate_fixed_order(plan, hazards, key=KEY, replications=1).delay_s[0, 1] == held


def test_priority_and_look_ahead_let_the_heavier_train_through_first() -> None:
    layout = make_layout([3, 3], [(0, 1)], intervals=Intervals(60, 240, 540, 60))
    light = run_along("light/1", (0, 1), (0,), 100, [600], weight=1)
    heavy = run_along("heavy/1", (1, 0), (0,), 760, [300], weight=5)
    plan = settle_plan(build_plan(layout, [light, heavy]))
    hazards = one_delay(plan, 0, 650)
    # Ready at 750, ten seconds before the heavy train, which waits for it under first come.
    first = simulate_events(plan, hazards, key=KEY, replications=1)
    assert first.delay_s.tolist() == [[650, 650]]
    late = one_delay(plan, 0, 700)
    by_weight = simulate_events(plan, late, key=KEY, replications=1, policy=Policy.BY_WEIGHT)
    assert by_weight.delay_s[0, 1] == 0


def test_times_of_a_plan_that_clashes_are_refused_by_the_fixed_order() -> None:
    east = run_along("east/1", (0, 1), (0,), 0, [600])
    west = run_along("west/1", (1, 0), (0,), 300, [600])
    plan = build_plan(LAYOUT, [east, west])
    with pytest.raises(LimitError, match="settle it first"):
        simulate_fixed_order(plan, make_hazards(plan, ()), key=KEY, replications=1)


def test_a_run_of_one_point_is_refused() -> None:
    with pytest.raises(LimitError, match="two points"):
        build_plan(LAYOUT, [run_along("r/1", (0,), (), 0, [])])


def test_the_fixed_order_follows_the_plain_recursion() -> None:
    plan = with_slack(random_line(3), 0.1)
    sources = [Source("day", Shape.TRIANGULAR, (10.0, 200.0, 900.0), day_rate=0.5)]
    hits = [(int(first), 0, n) for n, first in enumerate(plan.events.first[:-1])]
    hazards = make_hazards(plan, sources, hits=hits)
    done = simulate_fixed_order(plan, hazards, key=KEY, replications=24, with_times=True)
    events, arcs = plan.events, plan.arcs
    for times in done.times_s:
        late = {int(e): int(times[e] - events.planned[e]) for e in events.first[:-1]}
        x = np.zeros(plan.events_count, dtype=np.int64)
        for event in np.lexsort((np.arange(x.size), events.run, events.planned)).tolist():
            bounds = [int(events.planned[event])]
            if event not in late:
                bounds.append(int(x[event - 1] + events.least[event]))
            into = range(arcs.first[event], arcs.first[event + 1])
            bounds += [int(x[arcs.earlier[arc]] + arcs.weight[arc]) for arc in into]
            bounds.append(int(events.planned[event]) + late.get(event, 0))
            x[event] = max(bounds)
        assert x.tolist() == times.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_both_engines_agree_to_the_second_in_planned_order(seed: int) -> None:
    plan = with_slack(random_line(seed), 0.08)
    hazards = rough_hazards(plan)
    fixed = simulate_fixed_order(plan, hazards, key=KEY, replications=32, with_times=True)
    events = simulate_events(
        plan, hazards, key=KEY, replications=32, policy=Policy.PLANNED_ORDER, with_times=True
    )
    assert fixed.times_s.tolist() == events.times_s.tolist()
    for name in ("replication", "run", "source", "is_knock_on", "seconds"):
        assert getattr(fixed.parts, name).tolist() == getattr(events.parts, name).tolist()
    assert fixed.delay_s.any()


def test_chunks_do_not_change_a_number() -> None:
    plan = with_slack(random_line(5), 0.08)
    hazards = rough_hazards(plan)
    for simulate in (simulate_fixed_order, simulate_events):
        whole = simulate(plan, hazards, key=KEY, replications=37)
        parts = [
            simulate(plan, hazards, key=KEY, replications=n, first_replication=start)
            for start, n in ((0, 5), (5, 31), (36, 1))
        ]
        assert whole.delay_s.tolist() == [row for part in parts for row in part.delay_s.tolist()]
        seconds = [s for part in parts for s in part.parts.seconds.tolist()]
        assert whole.parts.seconds.tolist() == seconds


def test_small_disturbances_give_both_engines_the_same_delays_whatever_the_policy() -> None:
    plan = crossing_plan()
    for policy in Policy:
        hazards = one_delay(plan, 1, 20)
        free = simulate_events(plan, hazards, key=KEY, replications=4, policy=policy)
        fixed = simulate_fixed_order(plan, hazards, key=KEY, replications=4)
        assert free.delay_s.tolist() == fixed.delay_s.tolist()


@pytest.mark.parametrize("mean", [1e9, 1e300, np.inf, np.nan])
def test_rates_at_which_drawing_would_not_end_are_refused(mean: float) -> None:
    plan = crossing_plan()
    source = Source("endless", Shape.UNIFORM, (1.0, 2.0, 0.0))
    with pytest.raises(LimitError, match=r"Lower `rate` in disturbances.csv"):
        make_hazards(plan, [source], chances=[(0, 0, mean)])
    closed = Source("closed", Shape.UNIFORM, (1.0, 2.0, 0.0), rate_per_s=mean, step=0)
    with pytest.raises(LimitError, match="failures"):
        make_hazards(plan, [closed], horizon=Horizon(0, 1000))


def test_trains_that_wait_without_end_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = crossing_plan()
    source = Source("often", Shape.UNIFORM, (1.0, 2.0, 0.0))
    hazards = make_hazards(plan, [source], chances=[(0, 0, 5000.0)])
    assert simulate_events(plan, hazards, key=KEY, replications=1).delay_s.any()
    monkeypatch.setattr(event_engine, "MOST_DRAWS", event_engine.FIRST_DRAWS)
    with pytest.raises(LimitError, match="wait more than 4,096 times"):
        simulate_events(plan, hazards, key=KEY, replications=1)
