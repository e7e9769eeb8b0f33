"""Search and construction: plans without conflicts, counted from their events."""

import numpy as np
import pytest

from arterial.dispatching.annealing import anneal
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.effort import Cooling
from arterial.dispatching.encode import encode_problem
from arterial.dispatching.outcome import decode_plan
from arterial.dispatching.state import make_state, price_plan, retime_plan
from arterial.exchange.displib import DelayCost, DisplibProblem, Operation, ResourceUse
from arterial.exchange.displib_check import check_solution
from dispatching_cases import draw_line, join_trains, make_train

QUICK = Cooling(first=1.0, last=0.01, most_trains=4, iterations=300)


@pytest.mark.parametrize("release_s", [0, 7])
@pytest.mark.parametrize("seed", range(4))
def test_every_plan_on_the_way_is_accepted_by_the_checker(seed, release_s):
    problem = draw_line(seed, n_trains=6, release_s=release_s)
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=seed)
    assert construct_plan(state)
    built = decode_plan(graphs, state.plan)
    value = anneal(state, QUICK)
    found = decode_plan(graphs, state.best)
    for solution in (built, found):
        assert check_solution(problem, solution).is_accepted
    assert int(state.floor.sum()) <= value == found.objective_value <= built.objective_value


def test_the_price_kept_by_the_search_is_the_price_of_its_plan():
    graphs = encode_problem(draw_line(3, n_trains=6))
    state = make_state(graphs, seed=3)
    construct_plan(state)
    anneal(state, QUICK)
    assert np.array_equal(price_plan(graphs, state.plan), state.plan.price)
    assert np.array_equal(price_plan(graphs, state.best), state.best.price)


def test_the_same_seed_and_iterations_give_the_same_plan():
    plans = []
    for _ in range(2):
        state = make_state(encode_problem(draw_line(5, n_trains=6)), seed=9)
        construct_plan(state)
        anneal(state, QUICK)
        plans.append([array.tolist() for array in state.best])
    assert plans[0] == plans[1]


def test_shifting_a_plan_to_the_left_keeps_it_valid_and_never_costs():
    problem = draw_line(11, n_trains=6, release_s=5)
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=2)
    construct_plan(state)
    shifted = retime_plan(graphs, state.plan)
    assert (shifted.price <= state.plan.price).all()
    assert check_solution(problem, decode_plan(graphs, shifted)).is_accepted


def test_a_train_that_stands_in_the_way_leaves_first():
    """The first train wants the track on which the second stands when the day begins."""
    mover = (
        Operation(0, (1,), start_ub_s=0),
        Operation(30, (2,), (ResourceUse("a"),)),
        Operation(0, ()),
    )
    stander = (
        Operation(60, (1,), (ResourceUse("a"),), start_ub_s=0),
        Operation(10, (2,), (ResourceUse("b"),)),
        Operation(0, ()),
    )
    problem = join_trains(mover, stander)
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=0)
    assert construct_plan(state)
    solution = decode_plan(graphs, state.plan)
    # 60 s to leave, 30 s to run; and 70 s for the one that stood.
    assert check_solution(problem, solution).is_accepted
    assert solution.objective_value == 90 + 70


def test_two_trains_cross_in_the_loop_between_two_sections():
    east = make_train(["a", "b", "c"], 60, 0)
    west = make_train(["c", "b", "a"], 60, 0)
    problem = join_trains(east, west)
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=0)
    construct_plan(state)
    # Nobody waits: both meet in b. 10 + 60 + 10 + 60 + 10 each.
    assert anneal(state, QUICK) == 300
    assert int(state.floor.sum()) == 300


def test_without_a_loop_one_train_waits_for_the_whole_run_of_the_other():
    east = make_train(["a", "b", "c"], 60, 0, tracks=1)
    west = make_train(["c", "b", "a"], 60, 0, tracks=1)
    graphs = encode_problem(join_trains(east, west))
    state = make_state(graphs, seed=0)
    construct_plan(state)
    # The second enters at c when the first has left it at 150: 150 + 150.
    assert anneal(state, QUICK) == 150 + 300


def test_an_exit_that_holds_a_track_closes_it_for_ever():
    stays = (Operation(0, (1,)), Operation(0, (), (ResourceUse("a"),)))
    passes = (Operation(0, (1,)), Operation(5, (2,), (ResourceUse("a"),)), Operation(0, ()))
    problem = DisplibProblem((stays, passes), (DelayCost(0, 1, 0, 1), DelayCost(1, 2, 0, 1)))
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=0)
    assert construct_plan(state)
    solution = decode_plan(graphs, state.plan)
    assert check_solution(problem, solution).is_accepted
    assert solution.objective_value == 10


def test_construction_ends_with_the_time_after_one_attempt():
    # Each holds what the other needs next, so that no order of the two leads anywhere.
    trains = tuple(
        (
            Operation(0, (1,), (ResourceUse(one),), start_ub_s=0),
            Operation(5, (2,), (ResourceUse(other),)),
            Operation(0, ()),
        )
        for one, other in (("a", "b"), ("b", "a"))
    )
    state = make_state(encode_problem(DisplibProblem(trains, ())), seed=0)
    asked = []
    assert not construct_plan(state, is_over=lambda: asked.append(1) or len(asked) == 3)
    assert len(asked) == 3
