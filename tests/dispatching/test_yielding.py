"""Inserting a train to which others give way: by hand, and against trying every place."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from arterial.dispatching.annealing import anneal
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.effort import Cooling
from arterial.dispatching.encode import FOREVER, encode_problem
from arterial.dispatching.insertion_kernel import NO_PATH, find_path
from arterial.dispatching.journal_kernel import begin_move
from arterial.dispatching.orders_kernel import NO_VISIT, refresh_late
from arterial.dispatching.outcome import decode_plan
from arterial.dispatching.search_kernel import copy_path, copy_plan
from arterial.dispatching.state import load_plan, load_rows, make_state
from arterial.dispatching.timing_kernel import (
    park_train,
    put_in,
    settle,
    take_out,
    undo_move,
)
from arterial.dispatching.yielding_kernel import find_yielding_path, write_yielding_path
from arterial.exchange.displib_check import check_solution
from dispatching_cases import draw_line, join_trains, make_train

SEEDS = range(8)
# A weight of pushes at which none is made that costs anything.
DEAR = 1e6
WAYS = Cooling(first=1.0, last=0.01, most_trains=3, iterations=300, gives_way=True)


def built(problem, seed=0):
    state = make_state(encode_problem(problem), seed=seed)
    assert construct_plan(state)
    load_rows(state)
    return state


def park(state, train):
    """Take a train out; what all others then pay."""
    graphs, rows, plan = state.graphs, state.rows, state.plan
    begin_move(rows.journal)
    park_train(graphs, rows.orders, rows.journal, plan, train, rows.before)
    assert settle(graphs, rows.orders, rows.journal, plan, FOREVER)
    take_out(graphs, rows.orders, rows.journal, plan, train)
    assert settle(graphs, rows.orders, rows.journal, plan, FOREVER)
    refresh_late(graphs, rows.orders, rows.journal, plan)
    return int(plan.price.sum())


def find_label(state, train, limit=FOREVER, weight=1.0):
    return find_yielding_path(
        state.graphs, state.rows.orders, state.plan, state.pushes, train, limit,
        (-1, 0, 0.0, weight, state.rng),
    )  # fmt: skip


def insert(state, train, weight=1.0):
    """Put a train in where the search says; what all pay then."""
    graphs, rows, plan = state.graphs, state.rows, state.plan
    label = find_label(state, train, weight=weight)
    write_yielding_path(graphs, state.pushes, plan, train, label, rows.before)
    assert put_in(graphs, rows.orders, rows.journal, plan, train, rows.before, FOREVER)
    return int(plan.price.sum())


def try_every_place(state, train):
    """Least price of all over every path of a train and every place in every row."""
    graphs, rows, plan = state.graphs, state.rows, state.plan
    orders, nobody = rows.orders, state.all_trains[:0]
    best = FOREVER
    for path in list_paths(graphs, train):
        choices = []
        for operation in path:
            for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
                resource = graphs.use_resource[use]
                first = graphs.resource_first[resource]
                row = orders.visit[first : first + orders.held[resource]].tolist()
                choices.append([(use, visit) for visit in [*row, NO_VISIT]])
        for chosen in product(*choices):
            begin_move(rows.journal)
            for use, visit in chosen:
                rows.before[use] = visit
            first = graphs.train_first[train]
            plan.length[train] = len(path)
            plan.operation[first : first + len(path)] = path
            if put_in(graphs, orders, rows.journal, plan, train, rows.before, FOREVER):
                best = min(best, int(plan.price.sum()))
            undo_move(graphs, orders, rows.journal, plan, state.ruin.backup, nobody)
            plan.length[train] = 0
    return best


def list_paths(graphs, train):
    """Every path of a train."""
    last = graphs.train_first[train + 1] - 1
    paths = [[int(graphs.train_first[train])]]
    while any(path[-1] != last for path in paths):
        paths = [
            [*path, int(follower)]
            for path in paths
            for follower in graphs.next_operation[
                graphs.next_first[path[-1]] : graphs.next_first[path[-1] + 1]
            ]
        ]
    return paths


@pytest.mark.parametrize("seed", SEEDS)
def test_no_place_in_the_rows_is_better_than_the_best_chosen(seed):
    problem = draw_line(seed, n_trains=3, n_stations=3, tracks=1)
    found = []
    for weight in (1.0, 2.0):
        state = built(problem, seed)
        park(state, 1)
        found.append(insert(state, 1, weight))
    state = built(problem, seed)
    park(state, 1)
    least = try_every_place(state, 1)
    # A push that delays a second train is underrated by the first weight, not by the other.
    assert min(found) == found[1] == least


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tracks", [1, 2])
def test_giving_way_never_costs_more_than_standing_still(seed, tracks):
    state = built(draw_line(seed, n_trains=5, tracks=tracks), seed)
    load_plan(state, state.plan)
    others = park(state, 2)
    kept = state.plan.length.copy()
    alone = make_state(state.graphs, seed=0)
    copy_plan(state.plan, alone.plan)
    assert (alone.plan.length == kept).all()
    load_plan(alone, alone.plan)
    label = find_path(
        alone.graphs, alone.occupations, alone.labels, 2, FOREVER, (-1, 0, 0.0, alone.rng)
    )
    assert insert(state, 2, DEAR) <= others + alone.labels.price[label]


def test_an_important_train_goes_first_and_the_other_gives_way():
    one = make_train(["a", "b"], 60, 0, tracks=1)
    problem = join_trains(one, make_train(["a", "b"], 60, 5, tracks=1))
    costs = (problem.objective[0], replace(problem.objective[1], coefficient=10))
    state = built(replace(problem, objective=costs))
    # The first alone is out after 80 s.
    assert park(state, 1) == 80
    # The second is out at 85, 850; the first enters the station at 15 and is out at 145.
    assert insert(state, 1) == 850 + 145


def test_a_push_that_costs_more_than_is_allowed_is_not_made():
    one = make_train(["a", "b"], 60, 0, tracks=1)
    state = built(join_trains(one, make_train(["a", "b"], 60, 5, tracks=1)))
    park(state, 1)
    assert find_label(state, 1, limit=100) == NO_PATH
    assert find_label(state, 1, limit=200) != NO_PATH


@pytest.mark.parametrize("seed", SEEDS)
def test_plans_with_trains_that_give_way_are_accepted(seed):
    problem = draw_line(seed, n_trains=7, n_stations=5, release_s=4)
    state = built(problem, seed)
    first = int(state.plan.price.sum())
    assert anneal(state, WAYS) <= first
    assert check_solution(problem, decode_plan(state.graphs, state.best)).is_accepted


def test_the_same_seed_gives_the_same_plan():
    plans = []
    for _ in range(2):
        state = built(draw_line(3, n_trains=7), seed=5)
        anneal(state, WAYS)
        plans.append(decode_plan(state.graphs, state.best))
    assert plans[0] == plans[1]


def test_the_rows_fit_the_current_plan_after_a_search():
    state = built(draw_line(2, n_trains=7), seed=1)
    cooling = replace(WAYS, first=5.0, last=5.0)
    anneal(state, cooling)
    before = state.plan.price.copy()
    load_rows(state)
    assert state.plan.price.tolist() == before.tolist()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tracks", [1, 2])
def test_no_path_closes_a_circle_of_waits(seed, tracks):
    state = built(draw_line(seed, n_trains=7, n_stations=5, tracks=tracks), seed)
    graphs, rows, plan = state.graphs, state.rows, state.plan
    for train in state.all_trains:
        copy_path(graphs, plan, state.ruin.backup, train)
        for weight in (0.0, 0.5, 2.0):
            park(state, train)
            # Without a limit of the price only a circle can keep the times from being found.
            insert(state, train, weight=weight)
            undo_move(graphs, rows.orders, rows.journal, plan, state.ruin.backup, np.array([train]))
