"""Rates of UIC 406 as recalled, and a check that third parties publish."""

import pytest

from arterial.capacity import (
    DayPart,
    LineKind,
    additional_time_rate,
    allowed_occupancy_rate,
    assess_consumption,
)
from arterial.errors import LimitError


@pytest.mark.parametrize(("allowed", "percent"), [(0.85, 18), (0.75, 33), (0.70, 43), (0.60, 67)])
def test_the_additional_time_rate_follows_from_the_allowed_occupancy(allowed, percent) -> None:
    assert round(100 * additional_time_rate(allowed)) == percent


def test_twelve_trains_at_three_minutes_with_a_third_added_consume_four_fifths_of_an_hour() -> None:
    found = assess_consumption(12 * 180, 3600, additional_rate=0.33)
    assert found.occupancy_rate == pytest.approx(0.60)
    assert found.consumption == pytest.approx(0.798)
    assert not found.is_congested


def test_occupied_and_added_seconds_over_two_hours() -> None:
    assert assess_consumption(4500, 7200, additional_rate=900 / 4500).consumption == 0.75


def test_a_line_at_its_allowed_occupancy_is_just_not_congested() -> None:
    allowed = allowed_occupancy_rate(LineKind.SUBURBAN, DayPart.PEAK)
    rate = additional_time_rate(allowed)
    full = assess_consumption(allowed * 3600, 3600, additional_rate=rate)
    assert full.consumption == pytest.approx(1)
    assert assess_consumption(allowed * 3700, 3600, additional_rate=rate).is_congested


def test_a_period_of_nothing_is_refused() -> None:
    with pytest.raises(LimitError, match="period must be above 0 s"):
        assess_consumption(10, 0, additional_rate=0.2)
    with pytest.raises(LimitError, match="must be 0 or more"):
        assess_consumption(-1, 10, additional_rate=0.2)
    with pytest.raises(LimitError, match="allowed occupancy rate"):
        additional_time_rate(0)
