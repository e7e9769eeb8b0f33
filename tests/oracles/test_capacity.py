"""The capacity oracle: pairs a day by section length and speed, and every worked figure."""

import math

import pytest

from arterial.capacity import (
    EndMeet,
    MeetEnds,
    MeetScheme,
    MeetTimes,
    Removal,
    needed_pairs,
    pairs_per_day,
    remaining_pairs,
    scott_trains_per_day,
    section_period_min,
)

PLANNING = MeetTimes(arrival_interval_min=5, crossing_interval_min=2, start_min=2, stop_min=1)
ORACLE = {
    (8, 30): 27, (8, 40): 33, (8, 60): 42,
    (12, 30): 20, (12, 40): 25, (12, 60): 33,
    (15, 30): 17, (15, 40): 21, (15, 60): 29,
    (20, 30): 13, (20, 40): 17, (20, 60): 23,
}  # fmt: skip


@pytest.mark.parametrize(("case", "pairs"), ORACLE.items())
def test_pairs_a_day_by_length_and_speed(case, pairs) -> None:
    length_km, speed_kmh = case
    running_min = 60 * length_km / speed_kmh
    period = section_period_min(running_min, running_min, MeetScheme.BOTH_STOP, PLANNING)
    found = pairs_per_day(period, window_min=75, reliability=0.9)
    # Rounded to whole pairs, as the table is.
    assert math.floor(found + 0.5) == pairs


COURSE = MeetTimes(arrival_interval_min=4, crossing_interval_min=1, start_min=2, stop_min=1)
FIRST_SCHEME = MeetEnds(EndMeet.BOTH_STOP_ENTERING_FIRST, EndMeet.ENTERING_PASSES)


@pytest.mark.parametrize(
    ("runs", "scheme", "period"),
    [
        ((24, 25), FIRST_SCHEME, 58),
        ((24, 25), MeetScheme.LEAVE_MOVING, 55),
        ((24, 25), MeetScheme.UP_PASSES, 57),
        ((24, 25), MeetScheme.DOWN_PASSES, 57),
        ((21, 20), MeetScheme.LEAVE_MOVING, 47),
        ((21, 20), MeetScheme.UP_PASSES, 49),
        ((21, 20), MeetScheme.DOWN_PASSES, 49),
    ],
)
def test_worked_periods(runs, scheme, period) -> None:
    assert section_period_min(*runs, scheme, COURSE) == period


def test_worked_pairs_and_demands() -> None:
    double = pairs_per_day(16 + 4, window_min=120, reliability=0.95)
    demand = needed_pairs(30, [Removal(8, 1.4), Removal(2, 2.2)], reserve=0.91, unevenness=1.1)
    others = [Removal(1, 1.2), Removal(1, 1), Removal(1, 1.2), Removal(1, 1.6)]
    assert math.floor(pairs_per_day(55)) == 26
    assert math.floor(pairs_per_day(47)) == 30
    assert pairs_per_day(9) == 160
    assert round(double, 1) == 62.7
    assert round(demand, 1) == 55.1
    assert math.ceil(double) - math.ceil(demand - 0.5) == 8
    assert round(remaining_pairs(22, others)) == 17
    assert round(needed_pairs(13, others, reserve=0.87), 1) == 20.7


def test_scott() -> None:
    assert scott_trains_per_day(20, 100, efficiency=0.75) == pytest.approx(9)
    assert scott_trains_per_day(10, 2, efficiency=0.9) == pytest.approx(108)
