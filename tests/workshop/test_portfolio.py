"""Schedules of published problems and hand-made ones: right, proven, no better than possible."""

import csv

import pytest

from arterial.errors import InfeasibleError, LimitError
from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.schedule_files import read_schedule_problem
from arterial.exchange.scheduling import Demand, Mode, ScheduleProblem, Supply, Task
from arterial.workshop import ScheduleStatus, schedule_tasks
from arterial.workshop.bounds import bound_makespan
from arterial.workshop.construction import construct_schedule
from arterial.workshop.portfolio import SearchKind, choose_search, improve_schedule
from arterial.workshop.pricing import price_schedule
from scheduling_cases import LIBRARY, draw_project, draw_shop, shortest, task


def listed(name):
    """Problem of the library with its bounds."""
    if not LIBRARY.is_dir():
        pytest.skip("the scheduling library is not beside the checkout")
    with (LIBRARY / "index.csv").open(newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["file"] == name)
    return read_schedule_problem(LIBRARY / name), int(row["lower_bound"]), int(row["upper_bound"])


@pytest.mark.parametrize(
    "name",
    ["rcpsp/j30/j30_1_1.rcp", "rcpsp/j60/j60_1_1.rcp", "jsp/instances/ft06", "jsp/instances/la05"],
)
def test_published_optima_are_met_and_proven(name):
    problem, lower, upper = listed(name)
    found = schedule_tasks(problem, seconds=60, workers=2)
    assert lower == found.bound == found.value == upper
    assert found.status is ScheduleStatus.OPTIMAL
    assert check_schedule(problem, found.schedule, makespan=found.value).is_accepted


def test_a_flexible_job_shop_comes_close_to_the_best_known_with_stated_effort():
    problem, lower, upper = listed("fjsp/Brandimarte1993/mk01.txt")
    first = construct_schedule(problem)
    found = improve_schedule(problem, first, seconds=600, seed=1, effort=50)
    assert check_schedule(problem, found).is_accepted
    assert lower <= price_schedule(problem, found) <= 1.05 * upper


@pytest.mark.parametrize("seed", range(4))
def test_small_projects_are_solved_like_by_trying_every_order(seed):
    problem = draw_project(seed, n_tasks=7)
    found = schedule_tasks(problem, seconds=60, seed=seed)
    assert found.status is ScheduleStatus.OPTIMAL
    assert found.value == shortest(problem)


@pytest.mark.parametrize("seed", range(3))
def test_tabu_search_and_exact_model_agree_on_small_flexible_shops(seed):
    problem = draw_shop(seed)
    proven = schedule_tasks(problem, seconds=60, seed=seed)
    assert proven.status is ScheduleStatus.OPTIMAL
    first = construct_schedule(problem)
    found = improve_schedule(problem, first, seconds=600, seed=seed, effort=20)
    assert price_schedule(problem, found) == proven.value


def test_the_bound_counts_the_longest_path_and_the_work_of_a_resource():
    chain = ScheduleProblem((task(3, (), (1,)), task(4)), ())
    assert bound_makespan(chain) == 7
    # Three tasks of 4 on 2 units: 24 unit-slots of 2 units.
    crew = ScheduleProblem((task(4, ((0, 2),)),) * 3, (2,))
    assert bound_makespan(crew) == 12
    # The machine stands still before the shortest head and behind the shortest tail.
    press = ScheduleProblem((task(2, (), (1,)), task(5, ((0, 1),), (2,)), task(1)), (1,))
    assert bound_makespan(press) == 8


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (draw_project(0), SearchKind.PROJECT),
        (draw_shop(0), SearchKind.SHOP),
        (ScheduleProblem((Task((Mode(2),), (), 3),), ()), SearchKind.LISTS),
    ],
)
def test_each_problem_gets_the_search_that_fits(problem, kind):
    assert choose_search(problem) is kind


def test_effort_instead_of_time_gives_the_same_schedule_again():
    problem = draw_project(3, n_tasks=20)
    first = construct_schedule(problem)
    found = [improve_schedule(problem, first, seconds=600, seed=5, effort=2) for _ in range(2)]
    assert found[0] == found[1]


def test_a_part_that_never_comes_is_infeasible():
    uses = Task((Mode(1),), parts=(Demand(0, 2),))
    problem = ScheduleProblem((uses,), (), supplies=((Supply(0, 1),),))
    with pytest.raises(InfeasibleError, match="finds no place"):
        schedule_tasks(problem, seconds=1)


@pytest.mark.parametrize(("seconds", "workers"), [(0, 1), (float("nan"), 1), (1, 0), (1, 1000)])
def test_limits_out_of_range_are_refused(seconds, workers):
    with pytest.raises(LimitError):
        schedule_tasks(draw_project(0), seconds=seconds, workers=workers)


def test_a_project_of_more_resources_than_a_word_holds_keeps_every_capacity():
    capacities = (2, 2, 2, 2, 2, 40_000)
    tasks = tuple(task(2 + number % 3, ((number % 5, 1), (5, 20_000))) for number in range(12))
    problem = ScheduleProblem(tasks, capacities)
    found = schedule_tasks(problem, seconds=20)
    assert check_schedule(problem, found.schedule, makespan=found.value).is_accepted
    # Only two tasks fit beside each other: 36 slots of work in pairs.
    assert found.value == found.bound == 18
