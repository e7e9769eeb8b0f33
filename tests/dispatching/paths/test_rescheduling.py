"""New plans after disruptions, with numbers worked out by hand, and who waits for whom."""

from dataclasses import replace

import numpy as np
import pytest

from arterial.dispatching.paths import rescheduling
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.dispatching.paths.rescheduling import Disruption, reschedule, serve_first_come
from arterial.dispatching.paths.waits import Wait, find_waits
from arterial.errors import LimitError
from arterial.timetable.paths import (
    Closure,
    DepartureWindow,
    LinkKind,
    StopWish,
    TrainLink,
    TrainTraits,
    find_conflicts,
    make_request,
)
from path_cases import make_letter_line
from path_engine import draw_random_line

FIRST = PlanOptions(moves=0)


@pytest.fixture
def model():
    """Points A, B, C, D on a single line, two tracks each."""
    return make_letter_line(4)


@pytest.fixture
def plan(model):
    """Plan trains given as (name, way, departure), 100 s a step."""

    def of(*trains, **traits):
        requests = [
            make_request(
                model,
                name,
                tuple(way),
                [100] * (len(way) - 1),
                window=DepartureWindow(depart),
                traits=TrainTraits(**traits.get(name, {})),
            )
            for name, way, depart in trains
        ]
        return plan_paths(model, requests, options=FIRST).paths

    return of


def times(path):
    return path.arrival_s.tolist(), path.departure_s.tolist()


def test_a_train_held_at_a_point_leaves_when_it_can_go_on(model, plan):
    (path,) = plan(("t", "ABCD", 0))
    new = reschedule(model, [path], Disruption(-10, held={"t": 70}), options=FIRST)
    assert times(new.paths[0]) == ([60, 160, 260, 360],) * 2
    assert (new.cost, new.bound, new.changed) == (60, 60, ("t",))


def test_a_train_held_between_points_leaves_the_step_so_much_later(model, plan):
    (path,) = plan(("t", "ABCD", 0))
    new = reschedule(model, [path], Disruption(150, held={"t": 50}), options=FIRST)
    # Between B and C at 150; it comes to C at 250 instead of 200.
    assert times(new.paths[0]) == ([0, 100, 250, 350],) * 2


def test_a_train_behind_one_that_is_held_waits_for_it(model, plan):
    paths = plan(("a", "ABCD", 0), ("b", "ABCD", 130))
    disruption = Disruption(150, held={"a": 500})
    new = reschedule(model, paths, disruption, options=FIRST)
    # a leaves B-C at 700: b, at B since 230, follows 20 s later.
    assert times(new.paths[1]) == ([130, 230, 820, 920], [130, 720, 820, 920])
    assert find_conflicts(model, new.paths) == ()
    assert find_waits(model, new.paths) == (Wait("b", "B", 230, 720, "a", "BC:B-C"),)


def test_a_shut_step_lets_out_the_train_inside_and_holds_the_next(model, plan):
    paths = plan(("a", "ABCD", 0), ("b", "ABCD", 130))
    shut = Closure("tree", 150, 1000, step=1)
    new = reschedule(model, paths, Disruption(150, shut=(shut,)), options=FIRST)
    assert times(new.paths[0]) == times(paths[0])
    assert new.paths[1].departure_s.tolist() == [130, 1000, 1100, 1200]
    # a leaves the step at 200.
    assert [(one.from_s, one.to_s) for one in new.closures] == [(200, 1000)]
    assert find_conflicts(model, new.paths, closures=new.closures) == ()
    (wait,) = find_waits(model, new.paths, closures=new.closures)
    assert (wait.train_id, wait.because_of, wait.wait_s) == ("b", "tree", 770)


def test_a_slow_step_costs_every_train_that_has_not_entered_it(model, plan):
    paths = plan(("a", "ABCD", 0), ("b", "ABCD", 300))
    new = reschedule(model, paths, Disruption(150, slow={1: 40, 2: 5}), options=FIRST)
    # a is on B-C already.
    assert [path.arrival_s.tolist() for path in new.paths] == [
        [0, 100, 200, 305],
        [300, 400, 540, 645],
    ]
    assert new.cost == 50


def test_a_train_keeps_its_distance_to_one_that_has_just_left_the_step(model):
    # Long between points, so that the step was entered long before.
    long = make_request(model, "long", tuple("ABC"), [5000, 100], window=DepartureWindow(0))
    late = make_request(model, "late", tuple("BA"), [100], window=DepartureWindow(4900))
    paths = plan_paths(model, [long, late], options=FIRST).paths
    # It leaves B at 5010, 10 s after the other has come, not at 5005.
    new = reschedule(model, paths, Disruption(5005), options=PlanOptions(moves=20))
    assert paths[1].depart_at_s == new.paths[1].depart_at_s == 5010


def test_other_trains_keep_their_plan(model, plan):
    paths = plan(("a", "AB", 0), ("b", "CD", 0), ("c", "DC", 400))
    new = reschedule(model, paths, Disruption(50, held={"a": 900}), options=FIRST)
    assert new.changed == ("a",)


def test_search_finds_the_better_order_that_first_come_first_served_misses(model, plan):
    # The freight train comes to C first; the passenger train would have to wait for it at B.
    paths = plan(("freight", "DCBA", 0), ("fast", "ABCD", 95), fast={"weight": 20.0, "priority": 1})
    disruption = Disruption(10, slow={0: 400})
    served = serve_first_come(model, paths, disruption)
    new = reschedule(model, paths, disruption, options=PlanOptions(moves=200))
    assert new.cost < served.cost
    for one in (served, new):
        assert find_conflicts(model, one.paths, closures=one.closures) == ()
        assert one.bound <= one.cost


def test_trains_that_come_to_where_a_train_is_held_are_laid_after_it(model, plan):
    # Both tracks of C are in use while `a` is held there; `d` has to stay at D.
    paths = plan(("a", "ABCD", 0), ("d", "DCBA", 160))
    new = reschedule(model, paths, Disruption(205, held={"a": 600}), options=PlanOptions(moves=20))
    assert find_conflicts(model, new.paths) == ()
    assert new.cancelled == ()


@pytest.mark.parametrize("now", [-50, 120, 230])
def test_links_are_kept_to_trains_that_come_and_to_those_that_have_come(model, now):
    link = TrainLink("L", "t", "other", "B", LinkKind.AFTER, 200)
    requests = [
        make_request(model, name, tuple(way), [100] * (len(way) - 1), window=DepartureWindow(at))
        for name, way, at in (("t", "ABC", 0), ("other", "CB", 105), ("x", "AB", 20))
    ]
    paths = plan_paths(model, requests, links=[link], options=FIRST).paths
    # The other comes to B at 210 or later, t leaves B 200 s after it.
    new = reschedule(
        model, paths, Disruption(now, held={"x": 30}), links=[link], options=PlanOptions(moves=30)
    )
    assert find_conflicts(model, new.paths, links=[link]) == ()
    assert new.cancelled == ()


def test_a_train_that_has_arrived_keeps_its_path_and_its_delay(model, plan):
    paths = plan(("a", "AB", 0), ("b", "BA", 0))
    new = reschedule(model, paths, Disruption(10**6), options=FIRST)
    assert [times(path) for path in new.paths] == [times(path) for path in paths]
    assert new.cost == sum(path.delay_s for path in paths) > 0


def test_a_train_whose_window_has_passed_is_cancelled(model):
    request = make_request(model, "t", tuple("AB"), [100], window=DepartureWindow(0, 50))
    paths = plan_paths(model, [request], options=FIRST).paths
    new = reschedule(model, paths, Disruption(-10, held={"t": 100}), options=FIRST)
    assert (new.cancelled, new.paths) == (("t",), ())


@pytest.mark.parametrize("number", range(3))
def test_a_full_line_is_never_locked_whatever_happens(number):
    model, requests = draw_random_line(number)
    paths = plan_paths(model, requests, options=PlanOptions(moves=2000)).paths
    generator = np.random.default_rng(number)
    for now in generator.integers(10_000, 80_000, 5).tolist():
        live = [path.train_id for path in paths if path.arrive_at_s > now]
        held = {str(train): 3000 for train in generator.choice(live, 2, replace=False)}
        steps = generator.integers(0, len(model.steps), 3).tolist()
        shut = (
            Closure("x", now + 600, now + 7200, steps[0]),
            Closure("y", now, now + 900, steps[1]),
        )
        disruption = Disruption(now, held, shut, {steps[2]: 300})
        served = serve_first_come(model, paths, disruption)
        new = reschedule(model, paths, disruption, options=PlanOptions(moves=500))
        for one in (served, new):
            assert one.cancelled == ()
            assert find_conflicts(model, one.paths, closures=one.closures) == ()
        assert new.bound <= new.cost < served.cost


def test_unknown_trains_and_shut_points_are_refused(model, plan):
    paths = plan(("a", "AB", 0))
    with pytest.raises(LimitError, match="nobody"):
        reschedule(model, paths, Disruption(0, held={"nobody": 5}))
    with pytest.raises(LimitError, match="steps are shut"):
        reschedule(model, paths, Disruption(0, shut=(Closure("x", 0, 1, point=0),)))


def test_a_train_waits_for_the_track_that_another_gives_up(model):
    narrow = replace(model, tracks_count=(2, 1, 2, 2))
    stay = {1: StopWish(dwell_s=300)}
    requests = [
        make_request(narrow, "a", tuple("ABC"), [100] * 2, window=DepartureWindow(0), stops=stay),
        make_request(narrow, "b", tuple("AB"), [100], window=DepartureWindow(150)),
    ]
    paths = plan_paths(narrow, requests, options=FIRST).paths
    # a stands at B until 400, its track is free 5 s later: b leaves A at 305.
    assert find_waits(narrow, paths) == (Wait("b", "A", 150, 305, "a", "B"),)
    assert find_waits(narrow, paths, from_s=305) == ()


def test_what_trains_without_a_path_keep_is_given_up_before_all_are_laid_anew(model, monkeypatch):
    # Both stand at B when B-C is shut; f then cannot keep its limit at C and keeps its track.
    requests = [
        make_request(
            model,
            name,
            tuple("ABC"),
            [100, 100],
            window=DepartureWindow(depart),
            stops={1: StopWish(dwell_s=600), 2: StopWish(latest_at_s=latest)},
        )
        for name, depart, latest in (("f", 0, 900), ("g", 30, 99_999))
    ]
    paths = plan_paths(model, requests, options=FIRST).paths
    shut = Closure("tree", 300, 5000, step=1)
    seen = []

    def look(state):
        rows, uses = state.line.rows, state.line.uses
        seen.append([uses[row.first : row.first + row.count].owner.tolist() for row in rows])
        load_plan(state)

    load_plan = rescheduling.load_plan
    monkeypatch.setattr(rescheduling, "load_plan", look)
    new = reschedule(model, paths, Disruption(300, shut=(shut,)), options=FIRST)
    assert new.cancelled == ("f",)
    # The shut step and what is past belong to nobody (2); no train may stand there already.
    assert len(seen) == 1
    assert {owner for owners in seen[0] for owner in owners} <= {2}
