"""Laws of dispatching that hold whatever the trains and the line."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from arterial.dispatching.annealing import anneal
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.effort import Cooling
from arterial.dispatching.encode import encode_problem
from arterial.dispatching.exact.solving import ExactStatus, solve_exactly
from arterial.dispatching.outcome import decode_plan
from arterial.dispatching.state import make_state
from arterial.exchange.displib import DisplibProblem, ResourceUse
from dispatching_cases import draw_line, drop_train

SEEDS = range(4)


def search(problem, seed=0):
    """A plan found by the search."""
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=seed)
    assert construct_plan(state)
    anneal(state, Cooling(first=1.0, last=0.01, most_trains=4, iterations=500))
    return decode_plan(graphs, state.best)


def optimum(problem):
    """The value of the best plan, proven."""
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=0)
    construct_plan(state)
    found = anneal(state, Cooling(first=1.0, most_trains=4, iterations=1_000))
    result = solve_exactly(
        graphs,
        np.ones(len(graphs.duration), dtype=bool),
        seconds=60,
        most=found,
        floor=state.floor,
    )
    assert result.status is ExactStatus.OPTIMAL
    return int(result.plan.price.sum())


def stays(problem, solution):
    """Every stay on a resource as (resource, start, end, train)."""
    events = defaultdict(list)
    for event in solution.events:
        events[event.train].append(event)
    for train, steps in events.items():
        for step, following in pairwise(steps):
            for use in problem.trains[train][step.operation].resources:
                yield use.resource, step.time_s, following.time_s, train


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_trains_are_on_a_single_line_section_at_once(seed):
    problem = draw_line(seed, n_trains=6)
    on_section = defaultdict(list)
    for resource, start, end, train in stays(problem, search(problem)):
        if "-" in resource:
            on_section[resource].append((start, end, train))
    assert on_section
    for found in on_section.values():
        found.sort()
        for (_, end, one), (start, _, other) in pairwise(found):
            assert start >= end
            assert one != other


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tracks", [1, 2, 3])
def test_never_more_trains_at_a_point_than_tracks(seed, tracks):
    problem = draw_line(seed, n_trains=6, tracks=tracks)
    changes = []
    for resource, start, end, _ in stays(problem, search(problem)):
        if "/" in resource:
            station = resource.split("/")[0]
            # Within a second a track is left before it is taken again.
            changes += [(start, 1, station), (end, 0, station)]
    present = Counter()
    for _, enters, station in sorted(changes):
        present[station] += 1 if enters else -1
        assert present[station] <= tracks
    assert max(present.values()) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_more_tracks_never_worsen_the_optimum(seed):
    values = [optimum(draw_line(seed, n_stations=3, tracks=tracks)) for tracks in (1, 2, 3)]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_removing_a_train_never_worsens_the_optimum_of_the_others(seed):
    problem = draw_line(seed, n_stations=3)
    graphs = encode_problem(problem)
    floor = make_state(graphs, seed=0).floor
    whole = optimum(problem)
    for gone in range(len(problem.trains)):
        assert optimum(drop_train(problem, gone)) <= whole - floor[gone]


@pytest.mark.parametrize("shift_s", [1, 3_600, 8 * 86_400])
def test_a_shift_in_time_shifts_the_plan_and_nothing_else(shift_s):
    problem = draw_line(2, n_trains=5)
    shifted = DisplibProblem(
        tuple(
            (
                replace(train[0], min_duration_s=train[0].min_duration_s + shift_s),
                *(replace(step, start_lb_s=step.start_lb_s + shift_s) for step in train[1:]),
            )
            for train in problem.trains
        ),
        tuple(replace(cost, threshold_s=cost.threshold_s + shift_s) for cost in problem.objective),
    )
    here, there = search(problem), search(shifted)
    assert here.objective_value == there.objective_value
    moved = {(e.train, e.operation): e.time_s - shift_s for e in there.events if e.operation}
    assert moved == {(e.train, e.operation): e.time_s for e in here.events if e.operation}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimum_does_not_depend_on_names_or_the_order_of_trains(seed):
    problem = draw_line(seed, n_stations=3, release_s=4)
    turned = DisplibProblem(
        tuple(
            tuple(
                replace(
                    step,
                    resources=tuple(
                        ResourceUse(f"x{use.resource[::-1]}", use.release_time_s)
                        for use in step.resources
                    ),
                )
                for step in train
            )
            for train in problem.trains[::-1]
        ),
        tuple(
            replace(cost, train=len(problem.trains) - 1 - cost.train) for cost in problem.objective
        ),
    )
    assert optimum(problem) == optimum(turned)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_trains_swap_resources_at_one_instant(seed):
    """In list order every resource is left before it is taken: a swap has no such order."""
    problem = draw_line(seed, n_trains=6, tracks=1)
    holder = {}
    at = {}
    for event in search(problem).events:
        left = at.get(event.train)
        if left is not None:
            for use in problem.trains[event.train][left].resources:
                assert holder.pop(use.resource) == event.train
        for use in problem.trains[event.train][event.operation].resources:
            assert use.resource not in holder
            holder[use.resource] = event.train
        at[event.train] = event.operation
    assert holder == {}
