"""Trains of flows: how many, how spread, and repeatable."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.errors import LimitError
from arterial.randomness import stream
from arterial.timetable.paths import TrainTraits
from arterial.timetable.paths.train_requests import (
    FlowRoute,
    Period,
    request_flow,
    spread_departures,
)
from arterial.units import DAY_S


@given(st.floats(0.2, 60), st.integers(0, 1000))
def test_a_day_holds_as_many_trains_as_the_flow_says(trains_per_day, seed):
    days = 20
    times = spread_departures(trains_per_day, Period(0, days * DAY_S), stream(seed, "test"))
    assert abs(len(times) - days * trains_per_day) <= 1
    assert list(times) == sorted(times)
    assert all(0 <= time < days * DAY_S for time in times)


def test_neighbouring_departures_keep_half_the_spacing():
    times = spread_departures(24, Period(0, 10 * DAY_S), stream(3, "test"))
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert min(gaps) >= 1799
    assert max(gaps) <= 5401


def test_no_trains_a_day_give_none_and_fewer_are_refused():
    assert spread_departures(0, Period(0, DAY_S), stream(1, "test")) == ()
    with pytest.raises(LimitError, match="at least 0 trains"):
        spread_departures(-1, Period(0, DAY_S), stream(1, "test"))


def test_both_directions_are_made_and_a_seed_repeats_them(ground):
    way = FlowRoute("F", ("A", "B"), ("AB",), (100.0,), TrainTraits(length_m=500.0))
    ways = {"forward": way, "backward": way.turn()}
    first, again, other = (
        request_flow(ground.model, ways, 6, Period(0, DAY_S), seed=seed) for seed in (4, 4, 5)
    )
    assert [one.depart_from_s for one in first] == [one.depart_from_s for one in again]
    assert [one.depart_from_s for one in first] != [one.depart_from_s for one in other]
    assert {one.points for one in first} == {("A", "B"), ("B", "A")}
    assert first[0].train_id == "F/forward/1"
    assert first[0].traits.length_m == 500.0
