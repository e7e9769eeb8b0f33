"""What a closure costs the trains of a plan: single cases, and against a plan around it."""

import numpy as np
import pytest
from hypothesis import given, settings

from arterial.dispatching.paths import PlanOptions, Traffic, plan_paths
from arterial.dispatching.paths.closing import price_closures
from arterial.errors import LimitError
from arterial.timetable.paths import Closure, make_request
from path_cases import timetables

FIRST = PlanOptions(moves=0)


def test_a_train_waits_until_the_step_is_open(ground):
    path = ground.lay("t", "ABC", depart=(0, 9999), weight=3.0)
    shut = [
        Closure("late", 50, 500, step=0),
        Closure("never", 101, 500, step=0),
        Closure("back", 0, 500, step=0, direction=1),
        Closure("ahead", 150, 200, step=1),
    ]
    assert price_closures(ground.model, [path], shut).tolist() == [1500.0, 0.0, 0.0, 300.0]


def test_a_train_that_is_held_goes_between_those_that_stay(ground):
    traffic = ground.run(Traffic(ground.model), "first", "AB", depart=(0, 9999))
    traffic = ground.run(traffic, "second", "AB", depart=(520, 520))
    # Open at 500, but the other leaves at 520 and is there at 620: 20 s behind it.
    price = price_closures(ground.model, traffic.paths, [Closure("works", 50, 500, step=0)])
    assert price.tolist() == [640.0]


def test_a_point_is_not_shut(ground):
    shut = [Closure("works", 0, 9, point=1, tracks_count=1)]
    with pytest.raises(LimitError, match="Only steps"):
        price_closures(ground.model, [ground.lay("t", "AB")], shut)


@settings(max_examples=60, deadline=None)
@given(timetables(), timetables())
def test_a_price_is_that_of_a_plan_around_the_closure_and_leaves_all_as_it_was(timetable, other):
    model, wanted, _ = timetable
    paths = plan_paths(model, [make_request(model, **wish) for wish in wanted], options=FIRST).paths
    shut = [one for one in other[2] if one.step < len(model.steps)] * 2
    prices = price_closures(model, paths, shut)
    for closure, price in zip(shut, prices, strict=True):
        met = {
            path.train_id
            for path in paths
            for place, row in enumerate(path.request.step_rows["row"])
            if row == closure.step
            and path.departure_s[place] < closure.to_s
            and path.arrival_s[place + 1] > closure.from_s
        }
        assert (price == 0.0) or met
        if len(met) == 1:
            stay = [path for path in paths if path.train_id not in met]
            (old,) = [path for path in paths if path.train_id in met]
            plan = plan_paths(
                model, [old.request], closures=[closure], standing=stay, options=FIRST
            )
            assert price == sum(path.delay_s for path in plan.paths) - old.delay_s or plan.unplaced
    assert np.array_equal(prices[: len(shut) // 2], prices[len(shut) // 2 :])
