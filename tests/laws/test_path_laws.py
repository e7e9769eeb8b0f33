"""Laws of train paths: what must hold for every line, timetable and one more train."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.dispatching.paths import PlanOptions, Traffic, find_path, plan_paths
from arterial.dispatching.paths.insertion import PathFinder
from arterial.timetable.paths import (
    DepartureWindow,
    LineModel,
    LineStep,
    find_conflicts,
    make_request,
)
from path_cases import timetables, wishes

LAWFUL = settings(max_examples=60, deadline=None)


def resolve(model, wanted, closures, *, moves=0):
    requests = [make_request(model, **wish) for wish in wanted]
    options = PlanOptions(moves=moves, group_most=3, leaves_late=True)
    return plan_paths(model, requests, closures=closures, options=options)


def let_stand(model, wanted, closures):
    return Traffic(model, resolve(model, wanted, closures).paths, tuple(closures))


def held_at(path, place):
    return int(path.arrival_s[place]), int(path.departure_s[place])


@LAWFUL
@given(timetables(single=True))
def test_no_two_trains_are_on_a_single_line_section_at_once(timetable):
    model, wanted, closures = timetable
    # Following trains may share a step under automatic block only: it is taken away here.
    steps = tuple(replace(step, can_follow=False) for step in model.steps)
    model = replace(model, steps=steps)
    uses = {}
    for path in resolve(model, wanted, closures, moves=30).paths:
        for place, row in enumerate(path.request.step_rows):
            span = (int(path.departure_s[place]), int(path.arrival_s[place + 1]))
            uses.setdefault(int(row[0]), []).append(span)
    for spans in uses.values():
        for (_, leave), (enter, _) in pairwise(sorted(spans)):
            assert leave < enter


@LAWFUL
@given(timetables())
def test_opposing_trains_never_meet_on_one_track(timetable):
    model, wanted, closures = timetable
    paths = resolve(model, wanted, closures, moves=30).paths
    for one, other in combinations(paths, 2):
        for place, row in enumerate(one.request.step_rows):
            for there, other_row in enumerate(other.request.step_rows):
                if row[0] == other_row[0] and row[1] != other_row[1] and row[2]:
                    first = one.arrival_s[place + 1] < other.departure_s[there]
                    assert first or other.arrival_s[there + 1] < one.departure_s[place]


@LAWFUL
@given(timetables())
def test_never_more_trains_at_a_point_than_tracks(timetable):
    model, wanted, closures = timetable
    paths = resolve(model, wanted, closures, moves=30).paths
    for number, point in enumerate(model.point_ids):
        stays = [
            held_at(path, path.request.points.index(point))
            for path in paths
            if point in path.request.points
        ]
        for at, _ in stays:
            there = sum(arrive <= at <= leave for arrive, leave in stays)
            assert there <= model.tracks_count[number]


@LAWFUL
@given(timetables())
def test_two_trains_never_swap_places_at_one_instant(timetable):
    model, wanted, closures = timetable
    for one, other in combinations(resolve(model, wanted, closures, moves=30).paths, 2):
        for place, row in enumerate(one.request.step_rows):
            enters, leaves = int(one.departure_s[place]), int(one.arrival_s[place + 1])
            for there, other_row in enumerate(other.request.step_rows):
                if row[0] == other_row[0] and row[1] != other_row[1] and row[2]:
                    assert leaves != int(other.departure_s[there])
                    assert enters != int(other.arrival_s[there + 1])


@LAWFUL
@given(timetables())
def test_a_resolved_timetable_has_no_conflict_and_keeps_its_bound(timetable):
    model, wanted, closures = timetable
    resolved = resolve(model, wanted, closures, moves=50)
    assert find_conflicts(model, resolved.paths, closures=closures) == ()
    assert resolved.bound <= resolved.cost


@LAWFUL
@given(timetables(), st.data())
def test_more_tracks_never_worsen_the_best_path_of_one_more_train(timetable, data):
    model, wanted, closures = timetable
    traffic = let_stand(model, wanted, closures)
    wish = data.draw(wishes(model, "one more"))
    path = find_path(traffic, make_request(model, **wish))
    point = data.draw(st.integers(0, len(model.point_ids) - 1))
    tracks = list(model.tracks_count)
    tracks[point] += 1
    roomier = replace(model, tracks_count=tuple(tracks))
    after = find_path(replace(traffic, model=roomier), make_request(roomier, **wish))
    if path is not None:
        assert after.arrive_at_s <= path.arrive_at_s


@LAWFUL
@given(timetables(), st.data())
def test_removing_a_train_never_worsens_the_best_path_of_another(timetable, data):
    model, wanted, closures = timetable
    traffic = let_stand(model, wanted, closures)
    if not traffic.paths:
        return
    request = make_request(model, **data.draw(wishes(model, "one more")))
    finder = PathFinder(traffic, request)
    before = finder.find()
    gone = data.draw(st.sampled_from([path.train_id for path in traffic.paths]))
    without = finder.find(absent=[gone])
    after = find_path(traffic.without([gone]), request)
    assert (after is None) == (without is None)
    if before is not None:
        assert after.arrive_at_s == without.arrive_at_s <= before.arrive_at_s


@LAWFUL
@given(timetables(), st.data())
def test_a_train_taken_out_and_laid_anew_is_no_worse(timetable, data):
    model, wanted, closures = timetable
    traffic = let_stand(model, wanted, closures)
    if not traffic.paths:
        return
    old = data.draw(st.sampled_from(traffic.paths))
    new = find_path(traffic.without([old.train_id]), old.request)
    assert new.arrive_at_s <= old.arrive_at_s


@LAWFUL
@given(timetables(), st.integers(-(10**7), 10**7))
def test_a_timetable_shifted_in_time_is_the_same_timetable(timetable, shift_s):
    model, wanted, closures = timetable
    later = [
        wish | {"window": DepartureWindow(wish["window"].from_s + shift_s, (1 << 50) + shift_s)}
        for wish in wanted
    ]
    moved = [replace(one, from_s=one.from_s + shift_s, to_s=one.to_s + shift_s) for one in closures]
    first, second = resolve(model, wanted, closures), resolve(model, later, moved)
    assert len(first.paths) == len(second.paths)
    for one, other in zip(first.paths, second.paths, strict=True):
        assert np.array_equal(one.arrival_s + shift_s, other.arrival_s)
        assert np.array_equal(one.departure_s + shift_s, other.departure_s)


@LAWFUL
@given(timetables(), st.randoms(use_true_random=False))
def test_other_names_and_numbers_of_points_change_no_time(timetable, random):
    model, wanted, closures = timetable
    names = list(model.point_ids)
    shuffled = names.copy()
    random.shuffle(shuffled)
    new = {name: f"new {other}" for name, other in zip(names, shuffled, strict=True)}
    order = list(range(len(names)))
    random.shuffle(order)
    renamed = LineModel(
        tuple(new[names[place]] for place in order),
        tuple(model.tracks_count[place] for place in order),
        tuple(model.loop_length_m[place] for place in order),
        tuple(
            replace(step, from_point=new[step.from_point], to_point=new[step.to_point])
            for step in model.steps
        ),
        model.rules,
    )
    again = [wish | {"points": tuple(new[point] for point in wish["points"])} for wish in wanted]
    first, second = resolve(model, wanted, closures), resolve(renamed, again, closures)
    assert [path.arrival_s.tolist() for path in first.paths] == [
        path.arrival_s.tolist() for path in second.paths
    ]


@LAWFUL
@given(timetables())
def test_the_order_in_which_trains_are_listed_changes_nothing(timetable):
    model, wanted, closures = timetable
    first, second = resolve(model, wanted, closures), resolve(model, wanted[::-1], closures)
    assert {path.train_id: path.arrival_s.tolist() for path in first.paths} == {
        path.train_id: path.arrival_s.tolist() for path in second.paths
    }


@LAWFUL
@given(timetables(most=3))
def test_trains_alone_on_the_line_take_their_free_time(timetable):
    model, wanted, _ = timetable
    for wish in wanted:
        request = make_request(model, **wish)
        path = find_path(Traffic(model), request)
        assert path.journey_s == request.free_running_s
        assert path.delay_s == 0


@pytest.mark.parametrize("trains", [2, 5, 9])
def test_a_line_full_of_trains_from_both_ends_is_never_locked(trains):
    steps = tuple(LineStep(a + b, a, b) for a, b in pairwise("ABCDEF"))
    model = LineModel(tuple("ABCDEF"), (20, 1, 2, 1, 2, 20), (1e9,) * 6, steps)
    wanted = [
        {
            "train_id": f"{way[0]}{number}",
            "points": tuple(way),
            "running_s": [600] * 5,
            "window": DepartureWindow(0, 1 << 50),
        }
        for number in range(trains)
        for way in ("ABCDEF", "FEDCBA")
    ]
    resolved = resolve(model, wanted, [], moves=50)
    assert resolved.unplaced == ()
    assert find_conflicts(model, resolved.paths) == ()
