"""The compiled searches against plain Python: the same schedule from the same list."""

import numpy as np
import pytest

from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.scheduling import Demand, DueDate, Mode, Schedule, ScheduleProblem, Supply
from arterial.exchange.scheduling import Task as Job
from arterial.randomness import stream
from arterial.workshop.construction import construct_schedule, list_order
from arterial.workshop.lists import lists_kernel as lists
from arterial.workshop.lists.encode import encode_works
from arterial.workshop.pricing import price_schedule
from arterial.workshop.project import project_kernel as project
from arterial.workshop.project.encode import encode_project, make_workspace, reverse_links
from arterial.workshop.shop import shop_kernel as shop
from arterial.workshop.shop.encode import encode_shop, list_sequences
from scheduling_cases import draw_project, draw_shop

SEEDS = range(5)


def draw_works(seed):
    """A problem with shifts, alternatives, parts, releases and due dates."""
    rng = np.random.default_rng(seed)
    calendars = tuple(tuple(bool(slot % 7 < days) for slot in range(210)) for days in (5, 6))
    tasks = []
    for vehicle in range(4):
        for step in range(3):
            modes = tuple(
                Mode(int(rng.integers(1, 6)), (Demand(bay), Demand(2, 2)), int(rng.integers(2)))
                for bay in range(int(rng.integers(1, 3)))
            )
            followers = (len(tasks) + 1,) if step < 2 else ()
            parts = (Demand(0, int(rng.integers(1, 3))),) if step == 1 else ()
            tasks.append(Job(modes, followers, 3 * vehicle, parts))
    return ScheduleProblem(
        tasks=tuple(tasks),
        capacities=(1, 1, 3),
        calendars=calendars,
        supplies=((Supply(0, 2), Supply(20, 3), Supply(60, 9)),),
        due_dates=(DueDate((2, 5), 3, 150), DueDate((8, 11), 5, 50)),
        days=tuple(slot // 7 for slot in range(210)),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_of_a_project_gives_the_schedule_of_plain_python(seed):
    problem = draw_project(seed, n_tasks=25, capacities=(4, 3, 5, 2, 6))
    arrays = encode_project(problem)
    order = np.array(list_order(problem, np.random.default_rng(seed).permutation(25)))
    rank = np.argsort(order)
    workspace = make_workspace(arrays)
    makespan = project.build_schedule(arrays, order, workspace)
    plain = construct_schedule(problem, rank)
    assert tuple(workspace.start) == plain.starts
    assert makespan == price_schedule(problem, plain)
    # The workspace is as empty as before.
    assert (workspace.usage == arrays.empty[:, None]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_justification_never_lengthens_a_schedule(seed):
    problem = draw_project(seed, n_tasks=25, capacities=(4, 3))
    arrays = encode_project(problem)
    workspace = make_workspace(arrays)
    order = np.array(list_order(problem, range(25)))
    before = project.build_schedule(arrays, order.copy(), workspace)
    after = project.raise_schedule(arrays, reverse_links(arrays), order, workspace)
    assert after <= before
    assert check_schedule(
        problem, Schedule(tuple(map(int, workspace.start)), (0,) * 25)
    ).is_accepted


@pytest.mark.parametrize("seed", SEEDS)
def test_child_lists_hold_every_task_once_and_keep_precedence(seed):
    problem = draw_project(seed, n_tasks=20)
    arrays = encode_project(problem)
    workspace = make_workspace(arrays)
    rng = stream(seed, "test")
    mother, father = (np.array(list_order(problem, rng.permutation(20))) for _ in range(2))
    child = np.zeros(20, dtype=np.int64)
    for _ in range(20):
        project.cross_lists(mother, father, child, workspace, rng)
        project.swap_neighbours(arrays, child, rng)
        place = np.argsort(child)
        assert sorted(child) == list(range(20))
        links = [(i, j) for i, t in enumerate(problem.tasks) for j in t.successors]
        assert all(place[i] < place[j] for i, j in links)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_task_the_plan_is_timed_as_if_it_took_no_time(seed):
    problem = draw_shop(seed, n_jobs=4, n_machines=4)
    arrays = encode_shop(problem)
    plan = shop.make_plan(arrays)
    shop.load_plan(arrays, plan, *list_sequences(arrays, construct_schedule(problem)))
    for number in range(len(problem.tasks)):
        makespan = shop.time_without(arrays, plan, number)
        head = plan.head_without.copy()
        # The same by hand: off its machine, of no length, timed anew.
        ahead, behind, length = plan.ahead[number], plan.behind[number], plan.length[number]
        if ahead >= 0:
            plan.behind[ahead] = behind
        if behind >= 0:
            plan.ahead[behind] = ahead
        plan.ahead[number] = plan.behind[number] = -1
        plan.length[number] = 0
        shop.time_plan(arrays, plan)
        assert makespan == plan.counts[0].makespan
        assert (head == plan.head).all()
        plan.ahead[number], plan.behind[number], plan.length[number] = ahead, behind, length
        if ahead >= 0:
            plan.behind[ahead] = number
        if behind >= 0:
            plan.ahead[behind] = number
        shop.time_plan(arrays, plan)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_of_the_tabu_search_leaves_a_schedule_that_keeps_the_rules(seed):
    problem = draw_shop(seed, n_jobs=5, n_machines=4, alternatives=3)
    arrays = encode_shop(problem)
    plan, kept = shop.make_plan(arrays), shop.make_plan(arrays)
    for one in (plan, kept):
        shop.load_plan(arrays, one, *list_sequences(arrays, construct_schedule(problem)))
    rng = stream(seed, "test")
    for _ in range(30):
        shop.run_tabu(arrays, plan, kept, rng, 1)
        modes = tuple(map(int, plan.mode - arrays.mode_first[:-1]))
        schedule = Schedule(tuple(map(int, plan.head)), modes)
        makespan = int(plan.counts[0].makespan)
        assert check_schedule(problem, schedule, makespan=makespan).is_accepted


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_of_a_works_gives_the_schedule_and_value_of_plain_python(seed):
    problem = draw_works(seed)
    arrays = encode_works(problem)
    order = np.array(list_order(problem, np.random.default_rng(seed).permutation(12)))
    state = lists.make_list_state(arrays, order, 5)
    value = lists.decode_list(arrays, state, order)
    plain = construct_schedule(problem, np.argsort(order))
    assert tuple(state.start) == plain.starts
    assert value == price_schedule(problem, plain)
    assert check_schedule(problem, plain).is_accepted


@pytest.mark.parametrize("seed", SEEDS)
def test_moves_keep_every_task_and_never_lose_the_best(seed):
    problem = draw_works(seed)
    arrays = encode_works(problem)
    first = construct_schedule(problem)
    state = lists.make_list_state(arrays, np.array(list_order(problem, first.starts)), 5)
    values = [lists.run_moves(arrays, state, stream(seed, "test"), 20) for _ in range(3)]
    assert values == sorted(values, reverse=True)
    assert sorted(state.order) == list(range(12))
    found = Schedule(
        tuple(map(int, state.best_start)), tuple(map(int, state.best_mode - arrays.mode_first[:-1]))
    )
    assert check_schedule(problem, found).is_accepted
    assert price_schedule(problem, found) == values[-1]
