"""The pool of plans from which a shop is searched: different plans, and plans between two."""

import numpy as np
import pytest

from arterial.randomness import stream
from arterial.workshop.construction import construct_schedule, list_order
from arterial.workshop.shop.encode import encode_shop
from arterial.workshop.shop.searching import Pool, PooledPlan, search_shop
from arterial.workshop.shop.shop_kernel import load_plan, make_plan, time_plan
from arterial.workshop.state import SearchState
from scheduling_cases import draw_shop, shortest


def draw_known(problem, seed):
    """A plan from random modes and a random order."""
    shop, rng = encode_shop(problem), np.random.default_rng(seed)
    n_modes = np.diff(shop.mode_first)
    mode = shop.mode_first[:-1] + (rng.random(len(n_modes)) * n_modes).astype(np.int64)
    order = np.array(list_order(problem, rng.permutation(len(n_modes))), dtype=np.int64)
    plan = make_plan(shop)
    load_plan(shop, plan, mode, order)
    return PooledPlan(int(plan.counts[0].makespan), plan.mode.copy(), plan.rank.copy())


def make_known(makespan, *rank):
    return PooledPlan(makespan, np.zeros(len(rank), dtype=np.int64), np.array(rank))


def test_only_different_plans_are_kept_and_the_longest_goes():
    pool = Pool(2)
    for plan in (make_known(9, 0, 1), make_known(7, 0, 1), make_known(7, 0, 1)):
        pool.add(plan)
    assert [plan.makespan for plan in pool.plans] == [7, 9]
    pool.add(make_known(8, 1, 0))
    assert [plan.makespan for plan in pool.plans] == [7, 8]


def test_between_two_plans_stands_what_both_agree_on():
    pool = Pool(2)
    pool.add(make_known(7, 0, 1, 2, 3))
    pool.add(make_known(8, 1, 0, 3, 2))
    for draw in range(20):
        order = pool.draw_between(stream(1, "test", draw))[1]
        assert set(order[:2]) == {0, 1}
        assert set(order[2:]) == {2, 3}


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_between_two_has_no_task_that_waits_for_itself(seed):
    problem = draw_shop(seed, n_jobs=6, n_machines=4)
    shop = encode_shop(problem)
    pool = Pool(4)
    for number in range(4):
        pool.add(draw_known(problem, 10 * seed + number))
    plan, rng = make_plan(shop), stream(seed, "test")
    for _ in range(10):
        load_plan(shop, plan, *pool.draw_between(rng))
        time_plan(shop, plan)
        assert sorted(plan.order) == list(range(len(problem.tasks)))
        starts, ends = plan.head, plan.head + plan.length
        for number, task in enumerate(problem.tasks):
            assert all(starts[other] >= ends[number] for other in task.successors)


@pytest.mark.parametrize("seed", range(3))
def test_a_search_that_begins_anew_many_times_meets_the_optimum(seed):
    problem = draw_shop(seed, alternatives=1, n_jobs=2)
    state = SearchState(problem, seconds=60.0)
    state.offer(construct_schedule(problem), "construction")
    search_shop(state, seed=seed, draw=0, is_wanted=lambda: True, most=100)
    assert state.value == shortest(problem)
