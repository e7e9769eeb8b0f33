"""The compiled search against a plain search over every second."""

from itertools import combinations, pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.dispatching.paths import Traffic, find_blockers, find_path, list_departures
from arterial.dispatching.paths.blocking import hit_all
from arterial.dispatching.paths.insertion import PathFinder
from arterial.timetable.paths import (
    DepartureWindow,
    LineModel,
    LineStep,
    PathRules,
    find_conflicts,
    find_unpaid,
    make_request,
)
from plain_paths import HORIZON_S, find_earliest, scenes


@settings(max_examples=150, deadline=None)
@given(scenes())
def test_the_search_finds_the_earliest_arrival_there_is(scene):
    traffic, request = scene
    path = find_path(traffic, request)
    wanted = find_earliest(traffic.model, traffic.paths, traffic.closures, request)
    found = None if path is None else path.arrive_at_s
    if found is None or found < HORIZON_S - 10:
        assert found == wanted
    if path is not None:
        everything = [*traffic.paths, path]
        assert not find_conflicts(traffic.model, everything, closures=traffic.closures)
        assert not find_unpaid([path])


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_the_departure_is_the_latest_that_keeps_the_arrival(scene):
    traffic, request = scene
    path = find_path(traffic, request)
    if path is None or path.arrive_at_s >= HORIZON_S - 10:
        return
    later = request.shift_window(path.depart_at_s + 1, request.depart_to_s)
    best = find_earliest(traffic.model, traffic.paths, traffic.closures, later)
    assert best is None or best > path.arrive_at_s


@settings(max_examples=40, deadline=None)
@given(scenes())
def test_listed_departures_are_free_of_conflict_and_none_beats_another(scene):
    traffic, request = scene
    found = list_departures(traffic, request, count=20, spacing_s=1)
    for path in found:
        everything = [*traffic.paths, path]
        assert not find_conflicts(traffic.model, everything, closures=traffic.closures)
    for one, other in pairwise(sorted(found, key=lambda path: path.depart_at_s)):
        assert one.depart_at_s < other.depart_at_s
        assert one.arrive_at_s < other.arrive_at_s


@settings(max_examples=150, deadline=None)
@given(scenes(), st.data())
def test_no_cheaper_set_of_trains_would_make_room(scene, data):
    traffic, request = scene
    until = request.depart_to_s + request.free_running_s + data.draw(st.integers(0, 4))
    last = len(request.points) - 1
    request = request.limit_point(last, earliest_at_s=-(1 << 60), latest_at_s=until)
    users, finder = traffic.users, PathFinder(traffic, request)
    prices = {user: float(data.draw(st.integers(1, 3))) for user in users}
    enough = [
        sum(prices[user] for user in gone)
        for size in range(len(users) + 1)
        for gone in combinations(users, size)
        if finder.find(absent=gone)
    ]
    blockage = find_blockers(traffic, request, prices=prices)
    assert blockage.is_smallest
    assert blockage.price == min(enough, default=inf)


@st.composite
def crowds(draw):
    """Sets of which each must lose a member, and what each member costs."""
    users = [f"u{number}" for number in range(draw(st.integers(1, 7)))]
    cost = {user: float(draw(st.integers(1, 4))) for user in users}
    some = st.sets(st.sampled_from(users), min_size=1).map(lambda one: tuple(sorted(one)))
    return draw(st.lists(some, max_size=7)), cost


@settings(max_examples=200, deadline=None)
@given(crowds())
def test_the_cheapest_selection_hits_every_set(crowd):
    cores, cost = crowd
    chosen = hit_all(cores, cost)
    assert all(set(core) & set(chosen) for core in cores)
    prices = [
        sum(cost[user] for user in some)
        for size in range(len(cost) + 1)
        for some in combinations(cost, size)
        if all(set(core) & set(some) for core in cores)
    ]
    assert sum(cost[user] for user in chosen) == min(prices)


@pytest.mark.parametrize("tracks", [1, 2])
def test_the_plain_search_knows_a_crossing(tracks):
    steps = (LineStep("AB", "A", "B"), LineStep("BC", "B", "C"))
    model = LineModel(tuple("ABC"), (2, tracks, 2), (1e9,) * 3, steps, PathRules(1, 2, 3, 1, 0, 0))
    other = make_request(model, "o", tuple("CBA"), [10, 10], window=DepartureWindow(5, 5))
    standing = find_path(Traffic(model), other)
    request = make_request(model, "t", tuple("ABC"), [10, 10], window=DepartureWindow(0, 40))
    # With two tracks at B it meets the other there at 15 and leaves at 16.
    assert find_earliest(model, [standing], [], request) == (26 if tracks == 2 else 46)
