"""Closed forms against the worked figures they were read in."""

import pytest

from arterial.capacity import (
    Removal,
    ValueRange,
    needed_pairs,
    pairs_per_day,
    remaining_pairs,
    scott_trains_per_day,
)
from arterial.errors import LimitError


def test_pairs_a_day_of_the_worked_periods() -> None:
    assert int(pairs_per_day(55)) == 26
    assert int(pairs_per_day(47)) == 30
    assert pairs_per_day(9) == 160


def test_a_double_track_section_with_window_and_reliability() -> None:
    # (1440 - 120) 0.95 / (16 + 4); the source prints 63.
    carried = pairs_per_day(20, window_min=120, reliability=0.95)
    needed = needed_pairs(30, [Removal(8, 1.4), Removal(2, 2.2)], reserve=0.91, unevenness=1.1)
    assert carried == pytest.approx(62.7)
    assert needed == pytest.approx(55.12, abs=0.01)
    assert round(carried - needed) == 8


def test_a_timetable_with_faster_and_slower_trains() -> None:
    others = [Removal(1, 1.2), Removal(1, 1), Removal(1, 1.2), Removal(1, 1.6)]
    assert remaining_pairs(22, others) == pytest.approx(17.0)
    # The source cuts 20.7 to 20.
    assert needed_pairs(13, others, reserve=0.87) == pytest.approx(20.69, abs=0.01)


def test_no_fewer_than_no_trains_remain() -> None:
    assert remaining_pairs(2, [Removal(3, 1.6)]) == 0


def test_half_a_day_without_current_is_half_the_reliability() -> None:
    always, half = (pairs_per_day(45, reliability=share) for share in (0.9, 0.45))
    assert half == always / 2


def test_scott_gives_the_two_published_examples() -> None:
    assert scott_trains_per_day(20, 100, efficiency=0.75) == pytest.approx(9)
    assert scott_trains_per_day(10, 2, efficiency=0.9) == pytest.approx(108)
    assert scott_trains_per_day(18, 2) == pytest.approx(1440 / 20 * 0.7)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pairs_per_day(0), "period must be above 0"),
        (lambda: pairs_per_day(40, window_min=1500), "window must lie within 0 and 1440"),
        (lambda: pairs_per_day(40, reliability=1.1), "reliability must lie within 0 and 1"),
        (lambda: needed_pairs(10, reserve=0), "reserve coefficient must lie above 0"),
        (lambda: scott_trains_per_day(0, 0), "must be above 0 min"),
        (lambda: scott_trains_per_day(9, 1, efficiency=2), "efficiency must lie within 0 and 1"),
        (lambda: ValueRange(2, 1, 3), "must rise from low to high"),
        (lambda: ValueRange(float("nan"), 1, 3), "must rise from low to high"),
    ],
)
def test_values_outside_their_limits_are_refused(call, words: str) -> None:
    with pytest.raises(LimitError, match=words):
        call()
