"""Orders on resources: the times that follow, by hand and against plain Python."""

import numpy as np
import pytest

from arterial.dispatching.clocks_kernel import count_clocks
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.encode import FOREVER, TICKS_PER_S, encode_problem
from arterial.dispatching.orders_kernel import (
    NO_TIMES,
    park_train,
    time_backward,
    time_forward,
)
from arterial.dispatching.state import load_rows, make_state, planned_steps
from dispatching_cases import draw_line, join_trains, make_train

SEEDS = range(6)


def built(problem, seed=0):
    """A state with a first plan in its rows."""
    state = make_state(encode_problem(problem), seed=seed)
    assert construct_plan(state)
    load_rows(state)
    return state


def time_all(state, most=FOREVER):
    return time_forward(state.graphs, state.rows.orders, state.plan, most)


def list_edges(state):
    """Every (event before, event after, least distance) of paths and rows; plain Python."""
    graphs, orders, plan = state.graphs, state.rows.orders, state.plan
    steps = set(planned_steps(graphs, plan).tolist())
    for step in steps:
        operation = plan.operation[step]
        if (
            step + 1 in steps
            and orders.train_of[plan.operation[step + 1]] == (orders.train_of[operation])
        ):
            yield step, step + 1, int(graphs.duration[operation])
    for resource, first in enumerate(graphs.resource_first[:-1]):
        row = orders.visit[first : first + orders.held[resource]]
        for place, earlier in enumerate(row):
            for later in row[place + 1 :]:
                one, other = orders.operation_of[earlier], orders.operation_of[later]
                if orders.train_of[one] == orders.train_of[other]:
                    continue
                end = int(orders.step[orders.operation_of[orders.leave[earlier]]]) + 1
                yield end, int(orders.step[other]), int(graphs.use_gap[earlier])


def reach_times(state):
    """Earliest starts by sweeping over all edges until none moves any more."""
    graphs, plan = state.graphs, state.plan
    steps = planned_steps(graphs, plan)
    times = {int(s): int(graphs.earliest[plan.operation[s]]) for s in steps}
    edges = list(list_edges(state))
    moved = True
    while moved:
        moved = False
        for one, other, distance in edges:
            if times[one] + distance > times[other]:
                times[other], moved = times[one] + distance, True
    return times


@pytest.mark.parametrize("seed", SEEDS)
def test_starts_are_the_longest_paths_through_orders(seed):
    state = built(draw_line(seed, n_trains=6, release_s=3))
    for step, start in reach_times(state).items():
        assert state.plan.time[step] == start


@pytest.mark.parametrize("seed", SEEDS)
def test_a_start_delayed_to_its_latest_raises_no_price_and_a_second_more_does(seed):
    state = built(draw_line(seed, n_trains=5))
    graphs, orders, plan = state.graphs, state.rows.orders, state.plan
    total = int(plan.price.sum())
    time_backward(graphs, orders, plan, 0)
    raised = 0
    for step in planned_steps(graphs, plan).tolist():
        operation, late = plan.operation[step], int(orders.late[step])
        if late >= FOREVER // 2 or graphs.latest[operation] < FOREVER:
            continue
        before = int(graphs.earliest[operation])
        graphs.earliest[operation] = late
        assert time_all(state) == total
        graphs.earliest[operation] = late + TICKS_PER_S
        raised += time_all(state) > total
        assert time_all(state) > total
        graphs.earliest[operation] = before
    assert raised


@pytest.mark.parametrize("seed", SEEDS)
def test_clocks_name_exactly_the_events_that_come_before(seed):
    state = built(draw_line(seed, n_trains=4))
    graphs, orders = state.graphs, state.rows.orders
    count_clocks(graphs, orders, state.plan, 0, FOREVER)
    before = {int(s): {int(s)} for s in planned_steps(graphs, state.plan)}
    edges = list(list_edges(state))
    for _ in range(len(before)):
        for one, other, _distance in edges:
            before[other] |= before[one]
    for step, events in before.items():
        for train in range(4):
            first, stop = graphs.train_first[train], graphs.train_first[train + 1]
            own = [event - first for event in events if first <= event < stop]
            assert orders.clock[step, train] == max(own, default=-1)


def test_a_circle_of_waits_has_no_times():
    one = make_train(["a", "b"], 60, 0, tracks=1)
    state = built(join_trains(one, make_train(["a", "b"], 60, 0, tracks=1)))
    orders, graphs = state.rows.orders, state.graphs
    assert time_all(state) >= 0
    # Who is first on the section becomes second, but stays first at the station before it.
    resource = next(r for r in range(len(orders.held) - 1) if orders.held[r] == 2)
    first = graphs.resource_first[resource]
    pair = orders.visit[first : first + 2].copy()
    orders.visit[first : first + 2] = pair[::-1]
    orders.place[pair] = [1, 0]
    assert time_all(state) == NO_TIMES


def test_no_times_are_given_above_the_price_that_is_allowed():
    state = built(draw_line(1, n_trains=5))
    total = time_all(state)
    assert time_all(state, total) == total
    assert time_all(state, total - 1) == NO_TIMES


@pytest.mark.parametrize("seed", SEEDS)
def test_a_train_taken_out_delays_no_one(seed):
    state = built(draw_line(seed, n_trains=5))
    before = state.plan.price.copy()
    park_train(state.graphs, state.rows.orders, state.plan, 2, state.rows.before)
    assert time_all(state) >= 0
    assert (state.plan.price <= before).all()
    assert state.plan.price[2] == 0
    assert np.isin(2, state.rows.orders.train_of)
