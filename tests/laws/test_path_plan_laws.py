"""Laws of planned and rescheduled train paths, for every line, timetable and disruption."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.dispatching.paths.rescheduling import Disruption, reschedule, serve_first_come
from arterial.study import read_study
from arterial.timetable.paths import (
    Closure,
    DepartureWindow,
    UnpaidKind,
    find_conflicts,
    find_unpaid,
    make_request,
)
from arterial.timetable.paths.study_line import (
    list_day_requests,
    list_flow_requests,
    prepare_line,
)
from arterial.timetable.paths.train_requests import Period
from arterial.units import DAY_S
from path_cases import timetables

LAWFUL = settings(max_examples=60, deadline=None)


def plan(model, wanted, closures, *, moves=60, seed=1):
    requests = [make_request(model, **wish) for wish in wanted]
    options = PlanOptions(moves=moves, seed=seed, group_most=3)
    return plan_paths(model, requests, closures=closures, options=options)


def times(planned):
    return {path.train_id: (path.arrival_s.tolist(), path.departure_s.tolist())
            for path in planned.paths}  # fmt: skip


@st.composite
def disruptions(draw, model, paths):
    """An instant of a plan at which trains are held, steps shut and steps slow."""
    ends = [path.arrive_at_s for path in paths] or [0]
    now = draw(st.integers(-100, max(ends)))
    shut, slow = [], {}
    for number in range(draw(st.integers(0, 2))):
        step = draw(st.integers(0, len(model.steps) - 1))
        begin = now + draw(st.integers(0, 1200))
        shut.append(Closure(f"s{number}", begin, begin + draw(st.integers(60, 3600)), step))
    if draw(st.booleans()):
        slow[draw(st.integers(0, len(model.steps) - 1))] = draw(st.integers(30, 600))
    names = [path.train_id for path in paths]
    held = draw(st.sets(st.sampled_from(names), max_size=2)) if names else ()
    return Disruption(now, {name: draw(st.integers(60, 2400)) for name in sorted(held)},
                      tuple(shut), slow)  # fmt: skip


@LAWFUL
@given(timetables())
def test_both_judges_pass_what_is_planned_and_it_keeps_its_bound(timetable):
    model, wanted, closures = timetable
    planned = plan(model, wanted, closures)
    assert find_conflicts(model, planned.paths, closures=closures) == ()
    assert find_unpaid(planned.paths) == ()
    assert planned.bound <= planned.cost


@LAWFUL
@given(timetables())
def test_moves_never_worsen_the_first_plan_nor_lose_a_train(timetable):
    model, wanted, closures = timetable
    first, planned = plan(model, wanted, closures, moves=0), plan(model, wanted, closures)
    assert len(planned.unplaced) <= len(first.unplaced)
    assert planned.first_cost == first.cost
    if len(planned.unplaced) == len(first.unplaced):
        assert planned.cost <= first.cost


@LAWFUL
@given(timetables())
def test_a_plan_is_never_worse_than_the_one_it_begins_with(timetable):
    model, wanted, closures = timetable
    requests = [make_request(model, **wish) for wish in wanted]
    begin = PlanOptions(moves=10, group_most=3, seed=2, leaves_late=True)
    old = plan_paths(model, requests, closures=closures, options=begin)
    options = PlanOptions(moves=30, group_most=3)
    new = plan_paths(model, requests, closures=closures, start=old.paths, options=options)
    assert len(new.unplaced) <= len(old.unplaced)
    if len(new.unplaced) == len(old.unplaced):
        assert new.cost <= old.cost
    assert find_conflicts(model, new.paths, closures=closures) == ()
    assert find_unpaid(new.paths) == ()


@LAWFUL
@given(timetables(), st.integers(0, 9))
def test_the_same_seed_gives_the_same_plan(timetable, seed):
    model, wanted, closures = timetable
    first, second = (plan(model, wanted, closures, seed=seed) for _ in range(2))
    assert times(first) == times(second)


@LAWFUL
@given(timetables(), st.integers(-(10**7), 10**7))
def test_a_plan_shifted_in_time_is_the_same_plan(timetable, shift_s):
    model, wanted, closures = timetable
    later = [
        wish | {"window": DepartureWindow(wish["window"].from_s + shift_s, (1 << 50) + shift_s)}
        for wish in wanted
    ]
    moved = [replace(one, from_s=one.from_s + shift_s, to_s=one.to_s + shift_s) for one in closures]
    first, second = plan(model, wanted, closures), plan(model, later, moved)
    for one, other in zip(first.paths, second.paths, strict=True):
        assert np.array_equal(one.arrival_s + shift_s, other.arrival_s)


@LAWFUL
@given(timetables(), st.data())
def test_a_new_plan_keeps_the_past_and_passes_both_judges(timetable, data):
    model, wanted, closures = timetable
    planned = plan(model, wanted, closures)
    disruption = data.draw(disruptions(model, planned.paths))
    now = disruption.now_s
    options = PlanOptions(moves=40, group_most=3)
    new = reschedule(model, planned.paths, disruption, closures=closures, options=options)
    assert find_conflicts(model, new.paths, closures=new.closures) == ()
    before = {path.train_id: path for path in planned.paths}
    for path in new.paths:
        old = before[path.train_id]
        for one, other in ((old.arrival_s, path.arrival_s), (old.departure_s, path.departure_s)):
            assert one[one <= now].tolist() == other[one <= now].tolist()
            assert (other[one > now] >= now).all()
        here = int(np.searchsorted(old.arrival_s, now, "right")) - 1
        for unpaid in find_unpaid([path]):
            # Where it is at that instant, a train can be held; nowhere else.
            is_inside = old.departure_s[here] <= now < old.arrival_s[here + 1]
            assert unpaid.kind is (UnpaidKind.SLOW if is_inside else UnpaidKind.DWELL)
            assert unpaid.place == here


@LAWFUL
@given(timetables(), st.data())
def test_held_trains_stand_as_long_as_they_are_held(timetable, data):
    model, wanted, closures = timetable
    planned = plan(model, wanted, closures)
    disruption = data.draw(disruptions(model, planned.paths))
    for solve in (reschedule, serve_first_come):
        new = solve(model, planned.paths, disruption, closures=closures)
        before = {path.train_id: path for path in planned.paths}
        for path in new.paths:
            hold_s = disruption.held.get(path.train_id, 0)
            old = before[path.train_id]
            ahead = old.arrival_s > disruption.now_s
            if hold_s and ahead.any():
                place = int(np.argmax(ahead))
                assert path.arrival_s[place] >= disruption.now_s + hold_s


@LAWFUL
@given(timetables())
def test_nothing_is_changed_where_nothing_has_happened(timetable):
    model, wanted, closures = timetable
    planned = plan(model, wanted, closures)
    now = min((path.depart_at_s for path in planned.paths), default=0) + 300
    new = reschedule(model, planned.paths, Disruption(now), closures=closures,
                     options=PlanOptions(moves=0))  # fmt: skip
    assert (new.changed, new.cancelled) == ((), ())
    assert new.cost == planned.cost


@pytest.mark.parametrize("name", ["pyongyang_moscow", "pyongyang_beijing"])
def test_the_trains_of_shipped_studies_are_planned_by_the_same_laws(name):
    line = prepare_line(read_study(Path(__file__).parents[2] / "studies" / name))
    day = line.settings.epoch + timedelta(days=200)
    timetable = list_day_requests(line, day, day + timedelta(days=1))
    from_s = min(request.depart_from_s for request in timetable)
    requests = [*timetable, *list_flow_requests(line, Period(from_s, from_s + DAY_S))]
    old = plan_paths(line.model, requests, options=PlanOptions(moves=0, leaves_late=True))
    planned = plan_paths(line.model, requests, options=PlanOptions(moves=3000))
    assert planned.unplaced == old.unplaced == ()
    assert planned.bound <= planned.cost <= old.cost
    assert find_conflicts(line.model, planned.paths) == ()
    assert find_unpaid(planned.paths) == ()
