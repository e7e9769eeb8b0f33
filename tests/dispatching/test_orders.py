"""Orders on resources: the times that follow, by hand and against plain Python."""

import numpy as np
import pytest

from arterial.dispatching.construction import construct_plan
from arterial.dispatching.encode import FOREVER, TICKS_PER_S, encode_problem
from arterial.dispatching.journal_kernel import begin_move, enqueue
from arterial.dispatching.orders_kernel import refresh_late
from arterial.dispatching.reinsertion_kernel import run_reinsertions
from arterial.dispatching.search_kernel import copy_path, copy_plan
from arterial.dispatching.state import load_rows, make_state, planned_steps
from arterial.dispatching.timing_kernel import park_train, settle, undo_move
from dispatching_cases import draw_line

SEEDS = range(6)


def built(problem, seed=0):
    """A state with a first plan in its rows."""
    state = make_state(encode_problem(problem), seed=seed)
    assert construct_plan(state)
    load_rows(state)
    return state


def settle_from(state, steps, most=FOREVER):
    """Time some events anew in a move that is taken back; the price of all, None if not allowed."""
    graphs, rows, plan = state.graphs, state.rows, state.plan
    begin_move(rows.journal)
    for step in steps:
        enqueue(rows.journal.queue, step, plan.time[step])
    is_timed = settle(graphs, rows.orders, rows.journal, plan, most)
    total = int(plan.price.sum())
    undo_move(graphs, rows.orders, rows.journal, plan, state.ruin.backup, state.all_trains[:0])
    return total if is_timed else None


def take_picture(state):
    """Rows, and the times of all events, as they are."""
    graphs, orders, plan = state.graphs, state.rows.orders, state.plan
    steps = planned_steps(graphs, plan)
    row = np.concatenate(
        [orders.visit[first : first + held] for first, held in
         zip(graphs.resource_first[:-1], orders.held[:-1], strict=True)]
    )  # fmt: skip
    parts = (row, orders.place[row], orders.leave[row], orders.release[row], orders.late[steps])
    return [part.tolist() for part in (steps, plan.operation[steps], plan.time[steps], *parts)]


def move_often(state, iterations=60, seed=1):
    """Some accepted and some rejected moves; totals of the current and of the best plan."""
    control = (iterations, 30.0, 3, 0.015)
    return run_reinsertions(
        state.graphs, state.rows, (state.plan, state.best), state.pushes, state.ruin, state.floor,
        control, np.random.default_rng(seed),
    )  # fmt: skip


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
    move_often(state)
    for step, start in reach_times(state).items():
        assert state.plan.time[step] == start


@pytest.mark.parametrize("seed", SEEDS)
def test_what_moves_keep_up_to_date_is_what_is_counted_from_scratch(seed):
    state = built(draw_line(seed, n_trains=7, n_stations=5, release_s=2))
    current, best = move_often(state)
    assert current == state.plan.price.sum()
    assert best == state.best.price.sum()
    kept = take_picture(state)
    copy_plan(state.plan, state.best)
    load_rows(state)
    assert take_picture(state) == kept


@pytest.mark.parametrize("seed", SEEDS)
def test_a_move_taken_back_leaves_no_trace(seed):
    state = built(draw_line(seed, n_trains=6, tracks=1))
    graphs, rows, plan = state.graphs, state.rows, state.plan
    move_often(state, seed=seed)
    before, price = take_picture(state), plan.price.copy()
    trains = np.array([4, 1], dtype=np.int32)
    begin_move(rows.journal)
    for train in trains:
        copy_path(graphs, plan, state.ruin.backup, train)
        park_train(graphs, rows.orders, rows.journal, plan, train, rows.before)
    assert settle(graphs, rows.orders, rows.journal, plan, FOREVER)
    refresh_late(graphs, rows.orders, rows.journal, plan)
    assert take_picture(state) != before
    undo_move(graphs, rows.orders, rows.journal, plan, state.ruin.backup, trains)
    assert take_picture(state) == before
    assert plan.price.tolist() == price.tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_start_delayed_to_its_latest_raises_no_price_and_a_second_more_does(seed):
    state = built(draw_line(seed, n_trains=5))
    graphs, orders, plan = state.graphs, state.rows.orders, state.plan
    total = int(plan.price.sum())
    raised = 0
    for step in planned_steps(graphs, plan).tolist():
        operation, late = plan.operation[step], int(orders.late[step])
        if late >= FOREVER // 2 or graphs.latest[operation] < FOREVER:
            continue
        before = int(graphs.earliest[operation])
        graphs.earliest[operation] = late
        assert settle_from(state, [step]) == total
        graphs.earliest[operation] = late + TICKS_PER_S
        raised += settle_from(state, [step]) > total
        assert settle_from(state, [step]) > total
        graphs.earliest[operation] = before
    assert raised


def test_no_times_are_given_above_the_price_that_is_allowed():
    state = built(draw_line(1, n_trains=5))
    total = int(state.plan.price.sum())
    last = planned_steps(state.graphs, state.plan)[-1]
    state.graphs.earliest[state.plan.operation[last]] = state.plan.time[last] + 7 * TICKS_PER_S
    assert settle_from(state, [last], total + 7) == total + 7
    assert settle_from(state, [last], total + 6) is None


def test_no_times_are_given_after_the_latest_instant():
    state = built(draw_line(1, n_trains=5))
    last = planned_steps(state.graphs, state.plan)[-1]
    operation = state.plan.operation[last]
    state.graphs.earliest[operation] = state.plan.time[last] + TICKS_PER_S
    state.graphs.latest[operation] = state.plan.time[last]
    assert settle_from(state, [last]) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_train_taken_out_delays_no_one(seed):
    state = built(draw_line(seed, n_trains=5))
    graphs, rows, plan = state.graphs, state.rows, state.plan
    before = plan.price.copy()
    begin_move(rows.journal)
    park_train(graphs, rows.orders, rows.journal, plan, 2, rows.before)
    assert settle(graphs, rows.orders, rows.journal, plan, FOREVER)
    assert (plan.price <= before).all()
    assert plan.price[2] == 0
    for step, start in reach_times(state).items():
        assert plan.time[step] == start
