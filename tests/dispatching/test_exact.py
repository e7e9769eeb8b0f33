"""The exact method: optima by hand, by enumeration of orders, and published ones."""

import numpy as np
import pytest

from arterial.dispatching.annealing import anneal
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.effort import Cooling
from arterial.dispatching.encode import encode_problem
from arterial.dispatching.exact.solving import ExactStatus, freeze_plan, solve_exactly
from arterial.dispatching.outcome import decode_plan
from arterial.dispatching.proofs import polish_plan
from arterial.dispatching.state import make_state, retime_plan
from arterial.exchange.displib import parse_problem, read_problem
from arterial.exchange.displib_check import check_solution
from dispatching_cases import draw_line, join_trains, make_train, needs_file, read_json

SMALL = [
    f"{kind}{name}" for kind in ("orig", "track", "station") for name in ("A6", "B2", "B6", "B8")
]
MINI = {"swapping1": 30, "swapping2": 15, "headway1": 34}


def solve(problem, *, most=None):
    """Result and value of the exact method on the whole problem."""
    graphs = encode_problem(problem)
    floor = make_state(graphs, seed=0).floor
    result = solve_exactly(
        graphs, np.ones(len(graphs.duration), dtype=bool), seconds=60, most=most, floor=floor
    )
    if result.plan is None:
        return result, None
    solution = decode_plan(graphs, result.plan)
    assert check_solution(problem, solution).is_accepted
    assert result.bound == solution.objective_value
    return result, solution.objective_value


def test_crossing_in_the_loop_costs_nothing():
    problem = join_trains(make_train(["a", "b", "c"], 60, 0), make_train(["c", "b", "a"], 60, 0))
    assert solve(problem)[1] == 300


def test_without_a_loop_one_train_waits():
    problem = join_trains(
        make_train(["a", "b", "c"], 60, 0, tracks=1), make_train(["c", "b", "a"], 60, 0, tracks=1)
    )
    assert solve(problem)[1] == 450


@pytest.mark.parametrize("seed", range(4))
def test_no_search_finds_less_than_the_optimum(seed):
    problem = draw_line(seed, n_trains=4, n_stations=3, release_s=3 * (seed % 2))
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=seed)
    construct_plan(state)
    found = anneal(state, Cooling(first=1.0, most_trains=4, iterations=20_000))
    assert solve(problem, most=found)[1] == found


def test_below_the_optimum_there_is_nothing():
    problem = draw_line(1, n_trains=3, n_stations=3)
    _, best = solve(problem)
    result, value = solve(problem, most=best - 1)
    assert (result.status, value) == (ExactStatus.INFEASIBLE, None)


@pytest.mark.parametrize(("name", "value"), MINI.items())
def test_mini_cases_have_their_published_values(name, value):
    assert solve(read_problem(needs_file(f"mini/displib_testinstances_{name}.json")))[1] == value


@pytest.mark.parametrize("name", ["infeasible1", "infeasible2"])
def test_infeasible_mini_cases_are_proven_so(name):
    result, _ = solve(read_problem(needs_file(f"mini/displib_testinstances_{name}.json")))
    assert result.status is ExactStatus.INFEASIBLE


def test_a_swap_at_one_instant_is_no_solution():
    """Two trains on two tracks that want to change places, with no third track."""

    def train(first, second):
        return [
            {
                "start_ub": 0,
                "min_duration": 5,
                "resources": [{"resource": first}],
                "successors": [1],
            },
            {"min_duration": 0, "resources": [{"resource": second}], "successors": [2]},
            {"min_duration": 0, "successors": []},
        ]

    swap = {"trains": [train("a", "b"), train("b", "a")], "objective": []}
    assert solve(parse_problem(swap))[0].status is ExactStatus.INFEASIBLE
    # A side track "c" for the second train, for as short as it likes, makes it possible.
    aside = train("b", "c")
    aside[2:] = [
        {"min_duration": 0, "resources": [{"resource": "a"}], "successors": [3]},
        {"min_duration": 0, "successors": []},
    ]
    possible = {"trains": [train("a", "b"), aside], "objective": []}
    assert solve(parse_problem(possible))[0].status is ExactStatus.OPTIMAL


def test_polishing_keeps_a_plan_valid_and_never_makes_it_worse():
    problem = draw_line(7, n_trains=8, n_stations=4)
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=1)
    construct_plan(state)
    built = int(state.best.price.sum())
    polished = polish_plan(state, seconds=1.5)
    solution = decode_plan(graphs, state.best)
    assert check_solution(problem, solution).is_accepted
    assert solution.objective_value == polished <= built


def test_freezing_all_trains_leaves_nothing_to_gain():
    problem = draw_line(7, n_trains=5)
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=1)
    construct_plan(state)
    plan = retime_plan(graphs, state.plan)
    none = np.array([], dtype=np.int32)
    frozen = freeze_plan(graphs, plan, none, keeps_routes=True)
    value = int(plan.price.sum())
    results = [
        solve_exactly(
            graphs, frozen.is_allowed, seconds=20, most=most, floor=state.floor, frozen=frozen
        )
        for most in (value, value - 1)
    ]
    assert int(results[0].plan.price.sum()) == value
    assert results[1].status is ExactStatus.INFEASIBLE


@pytest.mark.parametrize("name", SMALL)
def test_small_line_problems_have_their_published_optimum(name):
    optima = {
        item["name"]: item["proven_optimum"] for item in read_json("line/_optima.json")["instances"]
    }
    problem = read_problem(needs_file(f"line/{name}.json"))
    graphs = encode_problem(problem)
    state = make_state(graphs, seed=1)
    construct_plan(state)
    found = anneal(state, Cooling(first=1.0, iterations=2_000))
    assert solve(problem, most=found)[1] == optima[name]


def test_without_time_there_is_no_answer_but_a_bound():
    graphs = encode_problem(draw_line(2, n_trains=6, n_stations=4))
    floor = make_state(graphs, seed=0).floor
    everything = np.ones(len(graphs.duration), dtype=bool)
    result = solve_exactly(graphs, everything, seconds=-1.0, floor=floor)
    assert (result.status, result.plan) == (ExactStatus.TIME_LIMIT, None)
    assert result.bound >= floor.sum()
