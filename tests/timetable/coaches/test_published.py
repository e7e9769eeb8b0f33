"""Published durations and arrival days."""

from datetime import date

import pytest

from arterial.clock import CivilTime
from arterial.timetable.coaches.published import (
    compare_stated_duration,
    list_arrival_days,
    write_duration,
)


def compare(start, end, stated_h, **more):
    return compare_stated_duration(CivilTime(*start), CivilTime(*end), stated_h * 60, **more)


def test_moscow_to_beijing_in_2019_was_stated_truly_over_five_zones():
    reading = compare(
        (date(2019, 6, 1), "23:45", "Europe/Moscow"),
        (date(2019, 6, 8), "05:49", "Asia/Shanghai"),
        145 + 4 / 60,
    )
    assert reading.verdict == "holds"
    assert reading.clock_face_min == 150 * 60 + 4


def test_a_westward_slip_says_that_the_clocks_go_back():
    reading = compare(
        (date(2018, 4, 10), "10:00", "Asia/Pyongyang"),
        (date(2018, 4, 11), "08:30", "Asia/Shanghai"),
        22.5,
    )
    assert reading.elapsed_min == 23 * 60
    assert reading.verdict == "only_if_zones_ignored"
    assert "clocks go back by 30 min" in reading.explanation


def test_within_one_zone_the_clock_difference_holds():
    noon = (date(2025, 6, 17), "12:00", "Asia/Pyongyang")
    assert compare(noon, (date(2025, 6, 18), "12:00", "Asia/Pyongyang"), 24).verdict == "holds"


def test_the_tolerance_decides_how_far_a_rounded_duration_may_be_off():
    ends = (
        (date(2025, 6, 17), "10:00", "Asia/Pyongyang"),
        (date(2025, 6, 25), "14:10", "Europe/Moscow"),
    )
    assert compare(*ends, 192).verdict == "contradicted"
    assert compare(*ends, 192, tolerance_min=24 * 60).verdict == "holds"


def test_a_stay_within_the_month_does_not_depend_on_its_length():
    assert {item.day_of_month for item in list_arrival_days(3, 8)} == {11}


def test_a_departure_on_the_31st_exists_in_long_months_only():
    assert [(i.month_length_days, i.day_of_month) for i in list_arrival_days(31, 1)] == [(31, 1)]


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (59.6, "1 h"), (-90, "-1 h 30 min"), (11_520, "192 h")]
)
def test_durations_are_written_in_hours_and_minutes(minutes, words):
    assert write_duration(minutes) == words
