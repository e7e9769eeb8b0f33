"""The working-hours axis: slots, shifts, days off."""

from datetime import date

import pytest

from arterial.workshop.overhaul.axis import Shift, build_axis, choose_slot_h
from scheduling_cases import MONDAY

LONG = Shift(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat"), 8.0)
SHORT = Shift(("Mon", "Tue"), 4.0)


@pytest.mark.parametrize(
    ("hours", "slot_h"),
    [([8, 16, 40], 8), ([8, 12], 4), ([7.5, 8], 0.5), ([1, 2, 3], 1), ([0.7], 0.5)],
)
def test_the_slot_is_the_longest_that_divides_every_length(hours, slot_h):
    assert choose_slot_h(hours) == slot_h


def test_days_on_which_nothing_works_have_no_slots():
    axis = build_axis(MONDAY, 14, [LONG, SHORT], rests=frozenset({date(2025, 1, 8)}), slot_h=4.0)
    # Twelve working days of two slots, less the Wednesday off.
    assert len(axis.days) == 22
    assert 2 not in axis.days
    assert 6 not in axis.days
    assert axis.date_of(21) == date(2025, 1, 18)


def test_a_shorter_week_and_shift_rests_in_the_other_slots():
    axis = build_axis(MONDAY, 7, [LONG, SHORT], rests=frozenset(), slot_h=4.0)
    assert axis.works_in(SHORT).tolist() == [True, False, True, False] + [False] * 8
    assert axis.works_in(LONG).all()


def test_the_first_slot_of_a_day_off_is_that_of_the_next_working_day():
    axis = build_axis(MONDAY, 14, [LONG], rests=frozenset(), slot_h=8.0)
    assert axis.first_slot(date(2025, 1, 11)) == 5
    assert axis.first_slot(date(2025, 1, 12)) == axis.first_slot(date(2025, 1, 13)) == 6
