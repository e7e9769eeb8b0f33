"""Plans of train paths: single cases, and the compiled search against the plain one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.errors import LimitError
from arterial.timetable.paths import (
    Closure,
    DepartureWindow,
    LinkKind,
    StopWish,
    TrainLink,
    TrainTraits,
    find_conflicts,
    find_unpaid,
    make_request,
)
from path_cases import QUICK, make_letter_line
from plain_paths import HORIZON_S, find_earliest, scenes

FIRST = PlanOptions(moves=0)


def ask(model, train, way, *, depart=(0, 9999), running=100, stops=None, **traits):
    """Request over the points named by the letters of a way."""
    return make_request(
        model,
        train,
        tuple(way),
        [running] * (len(way) - 1),
        window=DepartureWindow(*depart),
        stops=stops,
        traits=TrainTraits(**traits),
    )


@settings(max_examples=150, deadline=None)
@given(scenes())
def test_one_more_train_arrives_as_early_as_a_plain_search_finds(scene):
    (traffic, request), others = scene, scene[0].paths
    planned = plan_paths(
        traffic.model, [request], closures=traffic.closures, standing=others, options=FIRST
    )
    wanted = find_earliest(traffic.model, others, traffic.closures, request)
    found = planned.paths[0].arrive_at_s if planned.paths else None
    if found is None or found < HORIZON_S - 10:
        assert found == wanted
    everything = [*others, *planned.paths]
    assert not find_conflicts(traffic.model, everything, closures=traffic.closures)
    assert not find_unpaid(planned.paths)


def test_the_plan_of_two_trains_on_one_step_is_the_better_order():
    model = make_letter_line(2)
    wanted = [ask(model, "a", "AB"), ask(model, "b", "BA", running=40)]
    plan = plan_paths(model, wanted, options=PlanOptions(moves=50))
    # a first, by name: b waits 100 + 10 s; b first: a waits 40 + 10 s.
    assert (plan.first_cost, plan.cost, plan.bound) == (110, 50, 0)


def test_weights_price_the_wait():
    model = make_letter_line(2)
    wanted = [ask(model, "a", "AB", weight=10.0), ask(model, "b", "BA", running=40)]
    assert plan_paths(model, wanted, options=PlanOptions(moves=50)).cost == 110


def test_a_stop_costs_braking_and_starting():
    rules = replace(QUICK, start_loss_s=120, stop_loss_s=60)
    model = make_letter_line(3, rules=rules)
    # Both want to meet at B; the one that stands there loses 180 s beside the 10 s of the interval.
    wanted = [ask(model, "a", "ABC"), ask(model, "b", "CBA", depart=(30, 9999))]
    plan = plan_paths(model, wanted, options=PlanOptions(moves=200))
    assert find_conflicts(model, plan.paths) == ()
    assert find_unpaid(plan.paths) == ()
    # a comes to B at 160 and leaves 10 s after b has come at 130, if it stands at all; or b stays
    # at C until a has come: 180 s + 0 against 170 + 10 s.
    assert plan.cost == 180


def test_a_point_holds_as_many_trains_as_it_has_tracks():
    wanted = ["ABC", "ABC", "CBA", "CBA"]
    costs = []
    for tracks in (1, 2, 3):
        model = replace(make_letter_line(3), tracks_count=(9, tracks, 9))
        trains = [ask(model, f"t{number}", way) for number, way in enumerate(wanted)]
        plan = plan_paths(model, trains, options=PlanOptions(moves=300))
        assert find_conflicts(model, plan.paths) == ()
        costs.append(plan.cost)
    assert costs[0] > costs[1] >= costs[2]


def test_a_possession_is_planned_around():
    model = make_letter_line(2)
    shut = Closure("works", 50, 500, step=0)
    plan = plan_paths(model, [ask(model, "a", "AB")], closures=[shut], options=FIRST)
    # 100 s do not fit before it.
    assert (plan.cost, plan.bound) == (500, 500)
    assert plan.paths[0].departure_s[0] == 500


def test_one_direction_of_a_step_can_be_shut():
    model = make_letter_line(2)
    shut = Closure("works", 0, 500, step=0, direction=1)
    wanted = [ask(model, "a", "AB"), ask(model, "b", "BA")]
    plan = plan_paths(model, wanted, closures=[shut], options=FIRST)
    assert [path.delay_s for path in plan.paths] == [0, 500]


def test_tracks_of_a_point_can_be_shut():
    model = make_letter_line(3)
    shut = Closure("works", 0, 1000, point=1, tracks_count=2)
    plan = plan_paths(model, [ask(model, "a", "ABC")], closures=[shut], options=FIRST)
    assert plan.paths[0].arrival_s[1] == 1000


def test_a_train_without_a_path_is_named_and_makes_room_for_as_many_as_can_run():
    model = make_letter_line(2)
    wanted = [
        ask(model, "a", "AB", depart=(0, 0), running=100, priority=0),
        ask(model, "b", "BA", depart=(0, 60), running=40, priority=1),
        ask(model, "c", "AB", depart=(61, 61), running=20, priority=1),
    ]
    first = plan_paths(model, wanted, options=FIRST)
    assert first.unplaced == ("b", "c")
    # Without a, b and c both run.
    assert plan_paths(model, wanted, options=PlanOptions(moves=300)).unplaced == ("a",)


def test_a_train_that_never_can_run_changes_nothing_for_the_others():
    model = make_letter_line(2)
    shut = Closure("works", 0, 1 << 50, step=0, direction=0)
    wanted = [ask(model, "a", "AB"), ask(model, "b", "BA")]
    plan = plan_paths(model, wanted, closures=[shut], options=PlanOptions(moves=50))
    assert (plan.unplaced, plan.cost) == (("a",), 0)


@pytest.mark.parametrize("kind", LinkKind)
def test_links_are_kept(kind):
    model = make_letter_line(3, tracks=4)
    link = TrainLink("L", "t", "other", "B", kind, 60)
    wanted = [
        ask(model, "t", "ABC", priority=0),
        ask(model, "other", "CB", depart=(500, 9999), priority=1),
        *(ask(model, f"x{number}", "CBA", depart=(400, 9999)) for number in range(3)),
    ]
    plan = plan_paths(model, wanted, links=[link], options=PlanOptions(moves=200))
    assert plan.loose_links == ()
    assert find_conflicts(model, plan.paths, links=[link]) == ()


def test_a_link_that_cannot_be_kept_is_named():
    model = make_letter_line(3)
    link = TrainLink("L", "t", "other", "B", LinkKind.AFTER, 60)
    wanted = [
        ask(model, "t", "ABC", stops={2: StopWish(latest_at_s=300)}),
        ask(model, "other", "CB", depart=(500, 9999)),
    ]
    plan = plan_paths(model, wanted, links=[link], options=PlanOptions(moves=20))
    assert (plan.loose_links, plan.unplaced) == (("t",), ())


def test_trains_from_both_ends_never_lock_the_line():
    model = replace(make_letter_line(6), tracks_count=(9, 1, 2, 1, 2, 9))
    wanted = [
        ask(model, f"{way[0]}{number}", way) for number in range(8) for way in ("ABCDEF", "FEDCBA")
    ]
    plan = plan_paths(model, wanted, options=PlanOptions(moves=300))
    assert plan.unplaced == ()
    assert find_conflicts(model, plan.paths) == ()


def test_a_plan_goes_on_from_the_paths_it_begins_with():
    model = make_letter_line(2)
    wanted = [ask(model, "a", "AB"), ask(model, "b", "BA", running=40), ask(model, "c", "AB")]
    before = plan_paths(model, wanted[:2], options=PlanOptions(moves=50))
    plan = plan_paths(model, wanted, start=before.paths, options=FIRST)
    # b, then a at 50, then c 20 s behind a.
    assert [path.depart_at_s for path in plan.paths] == [50, 0, 170]
    assert plan.first_cost == 50 + 170


def test_no_trains_give_an_empty_plan():
    assert plan_paths(make_letter_line(2), []).paths == ()


def test_faulty_requests_are_refused():
    model = make_letter_line(2)
    with pytest.raises(LimitError, match="once"):
        plan_paths(model, [ask(model, "a", "AB"), ask(model, "a", "BA")])
    with pytest.raises(LimitError, match="weight"):
        plan_paths(model, [ask(model, "a", "AB", weight=0.0)])
