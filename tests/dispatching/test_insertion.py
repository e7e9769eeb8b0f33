"""Inserting one train: cases by hand, and a plain search over every second as reference."""

from functools import cache

import numpy as np
import pytest

from arterial.dispatching.encode import FOREVER, TICKS_PER_S, encode_problem
from arterial.dispatching.insertion_kernel import (
    NO_PATH,
    WAIT_EARLY,
    WAIT_LATE,
    find_path,
    write_path,
)
from arterial.dispatching.occupancy_kernel import find_after, occupy, vacate
from arterial.dispatching.state import clear_state, make_state
from arterial.exchange.displib import DelayCost, DisplibProblem, Operation, ResourceUse

HORIZON_S = 60


def draw_problem(seed):
    """One train with a random graph, random occupations of others, and prices on the way."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 8))
    operations = []
    for place in range(count - 1):
        last = min(place + 3, count - 1)
        followers = {place + 1, int(rng.integers(place + 1, last + 1))}
        uses = tuple(
            ResourceUse(f"r{r}", int(rng.integers(1, 4)))
            for r in rng.choice(4, size=int(rng.integers(0, 3)), replace=False)
        )
        operations.append(
            Operation(
                min_duration_s=int(rng.integers(0, 6)),
                successors=tuple(sorted(followers)),
                resources=uses,
                start_lb_s=int(rng.integers(0, 8)) if rng.random() < 0.3 else 0,
                start_ub_s=int(rng.integers(20, 50)) if rng.random() < 0.2 else None,
            )
        )
    operations.append(Operation(0, ()))
    prices = tuple(
        DelayCost(0, place, *(int(v) for v in rng.integers(0, (20, 3, 9))))
        for place in rng.choice(count, size=3, replace=False)
    )
    busy = {}
    for resource in range(4):
        edges = np.sort(rng.choice(HORIZON_S - 20, size=4, replace=False)).tolist()
        busy[f"r{resource}"] = [(edges[0], edges[1]), (edges[2], edges[3])]
    return DisplibProblem((tuple(operations),), prices), busy


def cheapest_by_seconds(problem, busy):
    """Least price over all paths and whole-second starts; None when there is no path."""
    train = problem.trains[0]
    prices = {cost.operation: cost for cost in problem.objective}

    def is_free(operation, start, end):
        return all(
            start >= until or end + use.release_time_s <= since
            for use in operation.resources
            for since, until in busy[use.resource]
        )

    @cache
    def least(place, start):
        operation = train[place]
        if start < operation.start_lb_s or start > (operation.start_ub_s or HORIZON_S * 2):
            return None
        price = prices[place].price(start) if place in prices else 0
        if not operation.successors:
            return price
        best = None
        for end in range(start + operation.min_duration_s, HORIZON_S):
            if not is_free(operation, start, end):
                continue
            for follower in operation.successors:
                rest = least(follower, end)
                if rest is not None and (best is None or price + rest < best):
                    best = price + rest
        return best

    found = [least(0, start) for start in range(HORIZON_S)]
    return min((price for price in found if price is not None), default=None)


def insert_alone(problem, busy, rule=WAIT_LATE):
    """Price and path that the kernel finds among the occupations of others."""
    uses = [use for operation in problem.trains[0] for use in operation.resources]
    ids = {name: place for place, name in enumerate(dict.fromkeys(u.resource for u in uses))}
    # Other trains' uses make places for the occupations.
    other = tuple(
        Operation(0, (place + 1,), tuple(ResourceUse(name) for name in ids)) for place in range(2)
    )
    graphs = encode_problem(
        DisplibProblem((*problem.trains, (*other, Operation(0, ()))), problem.objective)
    )
    state = make_state(graphs, seed=1)
    clear_state(state)
    for name, spans in busy.items():
        for since, until in spans:
            if name in ids:
                occupy(state.occupations, ids[name], since * TICKS_PER_S, until * TICKS_PER_S, 1)
    label = find_path(graphs, state.occupations, state.labels, 0, FOREVER, (-1, 0, 0.0, state.rng))
    if label == NO_PATH:
        return None
    write_path(graphs, state.labels, state.plan, 0, label, rule)
    return state


@pytest.mark.parametrize("seed", range(60))
def test_the_kernel_finds_the_price_of_a_search_over_every_second(seed):
    problem, busy = draw_problem(seed)
    state = insert_alone(problem, busy)
    found = None if state is None else int(state.plan.price[0])
    assert found == cheapest_by_seconds(problem, busy)


@pytest.mark.parametrize("rule", [WAIT_LATE, WAIT_EARLY])
@pytest.mark.parametrize("seed", range(20))
def test_a_path_keeps_bounds_durations_and_free_time(seed, rule):
    problem, busy = draw_problem(seed)
    state = insert_alone(problem, busy, rule)
    if state is None:
        assert cheapest_by_seconds(problem, busy) is None
        return
    steps = range(state.plan.length[0])
    path = [problem.trains[0][state.plan.operation[step]] for step in steps]
    times = [state.plan.time[step] / TICKS_PER_S for step in steps]
    for here, start, end in zip(path, times, times[1:], strict=False):
        assert start >= here.start_lb_s
        assert end >= start + here.min_duration_s
        for use in here.resources:
            for since, until in busy[use.resource]:
                assert start >= until or end + use.release_time_s <= since


def one_track(duration_s=5):
    return (
        Operation(0, (1,)),
        Operation(duration_s, (2,), (ResourceUse("r"),)),
        Operation(0, ()),
    )


def test_a_train_waits_for_a_gap_that_is_long_enough():
    # Gaps of 4 s at 10 and of 5 s and more from 20 on: with one tick to spare it needs the second.
    problem = DisplibProblem((one_track(),), (DelayCost(0, 2, 0, 1),))
    state = insert_alone(problem, {"r": [(0, 10), (14, 20)]})
    assert state.plan.price[0] == 25


def test_waiting_early_moves_the_wait_back_but_not_before_the_entry():
    late = DisplibProblem(
        (
            (
                Operation(5, (1,), (ResourceUse("a"),)),
                Operation(5, (2,), (ResourceUse("b"),)),
                Operation(5, (3,), (ResourceUse("c"),)),
                Operation(0, ()),
            ),
        ),
        (DelayCost(0, 3, 0, 1),),
    )
    busy = {"c": [(0, 30)], "a": [], "b": []}
    times = {
        rule: (insert_alone(late, busy, rule).plan.time[:3] // TICKS_PER_S).tolist()
        for rule in (WAIT_LATE, WAIT_EARLY)
    }
    assert times == {WAIT_LATE: [0, 5, 30], WAIT_EARLY: [0, 25, 30]}


def test_intervals_of_one_train_that_touch_are_joined_and_leave_together():
    state = insert_alone(DisplibProblem((one_track(),), ()), {"r": []})
    occupations = state.occupations
    for start, end, owner in ((10, 20, 1), (20, 30, 1), (40, 50, 0)):
        occupy(occupations, 0, start, end, owner)
    assert occupations.held[0] == 2
    assert (occupations.start[0], occupations.end[0], occupations.owner[0]) == (10, 30, 1)
    assert [int(find_after(occupations, 0, t)) for t in (9, 29, 30, 50)] == [0, 0, 1, 2]
    vacate(occupations, 0, 15, 1)
    vacate(occupations, 0, 25, 1)
    assert (occupations.held[0], occupations.start[0]) == (1, 40)
