"""What blocks a path: the smallest set, and what it costs to move it."""

from itertools import combinations
from math import inf

import pytest

from arterial.dispatching.paths import Traffic, find_blockers, find_path, move_trains
from arterial.timetable.paths import Closure, find_conflicts


@pytest.fixture
def busy(make_ground):
    """Four points; trains that leave no path from A to D before 330."""
    ground = make_ground(4)
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "x", "DCBA", depart=(0, 0))
    traffic = ground.run(traffic, "y", "CD", depart=(200, 200))
    traffic = ground.run(traffic, "z", "BA", depart=(120, 600))
    return ground, traffic


def limit(ground, until):
    return ground.request("t", "ABCD", depart=(0, 30)).limit_point(
        3, earliest_at_s=0, latest_at_s=until
    )


def test_nothing_blocks_a_train_that_has_a_path(ground):
    blockage = find_blockers(Traffic(ground.model), ground.request("t", "ABC"))
    assert (blockage.blockers, blockage.price) == ((), 0.0)
    assert blockage.path.arrive_at_s == 200


def test_the_one_train_in_the_way_is_named(ground):
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "far", "CB", depart=(1000, 1000))
    traffic = ground.run(traffic, "near", "CBA", depart=(0, 0))
    request = ground.request("t", "ABC").limit_point(2, earliest_at_s=0, latest_at_s=210)
    blockage = find_blockers(traffic, request)
    assert blockage.blockers == ("near",)
    assert blockage.is_smallest
    assert blockage.path.arrive_at_s == 200


def test_no_smaller_set_would_do(busy):
    ground, traffic = busy
    for until in range(300, 420, 20):
        request = limit(ground, until)
        blockage = find_blockers(traffic, request)
        users = ["x", "y", "z"]
        smallest = next(
            size
            for size in range(4)
            if any(find_path(traffic.without(gone), request) for gone in combinations(users, size))
        )
        assert len(blockage.blockers) == smallest
        assert blockage.is_smallest


def test_a_possession_that_blocks_is_named(ground):
    traffic = Traffic(ground.model, closures=(Closure("works", 0, 500, step=1),))
    request = ground.request("t", "ABC").limit_point(2, earliest_at_s=0, latest_at_s=300)
    assert find_blockers(traffic, request).blockers == ("works",)


def test_limits_that_no_line_could_keep_are_told_apart(ground):
    request = ground.request("t", "ABC").limit_point(2, earliest_at_s=0, latest_at_s=150)
    blockage = find_blockers(Traffic(ground.model), request)
    assert blockage.path is None
    assert blockage.price == inf


def test_a_price_turns_the_choice(ground):
    # Either the two trains before or the one behind could make room.
    traffic = Traffic(ground.model)
    traffic = ground.run(traffic, "cheap1", "AB", depart=(0, 0))
    traffic = ground.run(traffic, "dear", "BA", depart=(115, 115))
    request = ground.request("t", "AB", depart=(0, 60))
    assert find_blockers(traffic, request).price == 1.0
    prices = {"cheap1": 3.0, "dear": 2.0}
    blockage = find_blockers(traffic, request, prices=prices)
    free = {gone: find_path(traffic.without([gone]), request) is not None for gone in prices}
    assert blockage.price == min(prices[gone] for gone, is_free in free.items() if is_free)
    held = find_blockers(traffic, request, prices=dict.fromkeys(prices, inf))
    assert held.path is None


def test_moved_trains_get_new_paths_without_conflict(busy):
    ground, traffic = busy
    plan = move_trains(traffic, limit(ground, 330))
    assert plan.path.arrive_at_s <= 330
    assert {path.train_id for path in plan.moved} == set(plan.blockage.blockers)
    assert not plan.cancelled
    stay = traffic.without(plan.blockage.blockers).paths
    assert len(stay) + len(plan.moved) == len(traffic.paths)
    assert find_conflicts(ground.model, [*stay, plan.path, *plan.moved]) == ()


def test_possessions_are_never_moved(ground):
    traffic = Traffic(ground.model, closures=(Closure("works", 0, 500, step=1),))
    request = ground.request("t", "ABC").limit_point(2, earliest_at_s=0, latest_at_s=300)
    assert move_trains(traffic, request).path is None


def test_after_few_searches_some_set_is_given_and_said_to_be_unproven(busy):
    ground, traffic = busy
    request = limit(ground, 330)
    blockage = find_blockers(traffic, request, tests_most=1)
    assert not blockage.is_smallest
    assert blockage.path is not None
    assert find_path(traffic.without(blockage.blockers), request) is not None
