"""The dispatcher as a whole, and the simple policies behind the same form of answer."""

import time

import pytest

from arterial.dispatching import DispatchStatus, dispatch_trains
from arterial.errors import InfeasibleError, LimitError
from arterial.exchange.displib import read_problem
from arterial.exchange.displib_check import check_solution
from dispatching_cases import FILES, draw_line, join_trains, make_train, needs_file

MINI = {"swapping1": 30, "swapping2": 15, "headway1": 34}
MEET = join_trains(
    make_train(["a", "b", "c"], 60, 0, tracks=1), make_train(["c", "b", "a"], 60, 20, tracks=1)
)


@pytest.mark.parametrize(("name", "value"), MINI.items())
def test_mini_cases_are_solved_to_their_published_values(name, value):
    problem = read_problem(needs_file(f"mini/displib_testinstances_{name}.json"))
    outcome = dispatch_trains(problem, seconds=20)
    assert (outcome.value, outcome.status) == (value, DispatchStatus.OPTIMAL)
    assert check_solution(problem, outcome.solution).is_accepted


@pytest.mark.parametrize("name", ["infeasible1", "infeasible2"])
def test_infeasible_mini_cases_are_said_to_be_so(name):
    problem = read_problem(needs_file(f"mini/displib_testinstances_{name}.json"))
    with pytest.raises(InfeasibleError, match="No plan exists"):
        dispatch_trains(problem, seconds=20)


def test_an_optimum_ends_the_search_early():
    started = time.perf_counter()
    outcome = dispatch_trains(MEET, seconds=600)
    assert outcome.status is DispatchStatus.OPTIMAL
    assert outcome.gap == 0.0
    assert time.perf_counter() - started < 300


def test_the_report_of_values_never_rises_and_the_bound_never_falls():
    seen = []
    outcome = dispatch_trains(
        draw_line(1, n_trains=8, n_stations=5, tracks=1),
        seconds=2,
        report_value=lambda value, bound: seen.append((value, bound)),
    )
    values, bounds = [value for value, _ in seen], [bound for _, bound in seen]
    assert values == sorted(values, reverse=True)
    assert bounds == sorted(bounds)
    assert (outcome.value, outcome.bound) == seen[-1]


def test_several_processes_give_a_plan_that_is_accepted():
    problem = draw_line(4, n_trains=8, n_stations=5)
    outcome = dispatch_trains(problem, seconds=4, workers=2)
    assert check_solution(problem, outcome.solution).is_accepted
    assert outcome.bound <= outcome.value


def test_the_same_number_of_moves_gives_the_same_plan():
    problem = draw_line(4, n_trains=8, n_stations=5, tracks=1)
    found = [dispatch_trains(problem, moves=300, seed=3).solution for _ in range(2)]
    assert found[0] == found[1]
    assert check_solution(problem, found[0]).is_accepted
    spread = dispatch_trains(problem, moves=300, seed=3, workers=2).solution
    assert dispatch_trains(problem, moves=300, seed=3, workers=2).solution == spread


def test_no_moves_at_all_are_refused():
    with pytest.raises(LimitError, match="at least one move"):
        dispatch_trains(MEET, moves=0)


@pytest.mark.parametrize(("seconds", "workers"), [(0, 1), (-1, 1), (float("inf"), 1), (1, 0)])
def test_limits_out_of_range_are_refused(seconds, workers):
    with pytest.raises(LimitError):
        dispatch_trains(MEET, seconds=seconds, workers=workers)


@pytest.mark.slow
@pytest.mark.skipif(not FILES.is_dir(), reason="the benchmark files are not beside the checkout")
@pytest.mark.parametrize("path", sorted((FILES / "problems").glob("*.json")), ids=lambda p: p.stem)
def test_every_benchmark_gets_a_plan_that_is_accepted(path):
    problem = read_problem(path)
    assert check_solution(problem, dispatch_trains(problem, seconds=5).solution).is_accepted
