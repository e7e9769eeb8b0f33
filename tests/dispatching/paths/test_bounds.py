"""What no plan can fall below."""

import pytest
from hypothesis import given, settings

from arterial.dispatching.paths.bounds import bound_delays
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.timetable.paths import (
    DepartureWindow,
    TrainTraits,
    make_request,
)
from path_cases import make_letter_line, timetables


@pytest.fixture
def model():
    """Points A, B, C on a single line with many tracks and no losses of stops."""
    return make_letter_line(3, tracks=9)


def ask(model, train, way, *, running=100, weight=1.0, depart=1000):
    return make_request(
        model,
        train,
        tuple(way),
        [running] * (len(way) - 1),
        window=DepartureWindow(depart),
        traits=TrainTraits(weight=weight),
    )


def test_two_trains_on_one_step_cost_at_least_the_cheaper_order(model):
    wanted = [ask(model, "a", "AB"), ask(model, "b", "BA", running=40)]
    assert bound_delays(model, wanted, cost=110, seconds=120) == 50
    wanted = [ask(model, "a", "AB", weight=2.5), ask(model, "b", "BA", running=40)]
    assert bound_delays(model, wanted, cost=200, seconds=120) == 110


def test_one_train_alone_has_nothing_to_wait_for(model):
    assert bound_delays(model, [ask(model, "a", "ABC")], cost=7, seconds=5) == 0


@settings(max_examples=25, deadline=None)
@given(timetables(most=5))
def test_no_plan_is_cheaper_than_the_bound(timetable):
    model, wanted, _ = timetable
    requests = [make_request(model, **wish) for wish in wanted]
    plan = plan_paths(model, requests, options=PlanOptions(moves=100))
    if not plan.unplaced:
        # An outrageous cost to begin with, so that the plan is not taken for the bound.
        bound = bound_delays(model, requests, cost=10 * plan.cost + 1e4, seconds=2)
        assert bound <= plan.cost + 1e-6
