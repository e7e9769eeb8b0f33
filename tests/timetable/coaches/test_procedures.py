"""Procedures at hand-overs: longest path, ranges and opening hours."""

from datetime import date

import pytest

from arterial.errors import StudyError
from arterial.timetable.coaches.procedures import finish_procedure, read_procedures
from arterial.timetable.trains.train_plans import TimeRange

EPOCH = date(2025, 1, 1)
ZONE = "Asia/Pyongyang"
HOUR = 3600
# Midnight of 1 January in Pyongyang is nine hours before the epoch.
MIDNIGHT = -9 * HOUR


@pytest.fixture
def finish(build):
    """End of a procedure in hours of the local day, for an arrival in hours of the local day."""

    def finish_steps(arrival_h, *steps):
        frame = build.table("procedure_steps", [build.step("p", *step[:5], **step[5])
                                                for step in steps])  # fmt: skip
        hours = arrival_h if isinstance(arrival_h, tuple) else (arrival_h,) * 3
        arrival = TimeRange(*(MIDNIGHT + round(hour * HOUR) for hour in hours))
        return finish_procedure(read_procedures(frame)["p"], arrival, ZONE, EPOCH)

    return finish_steps


def in_hours(at):
    return tuple((end - MIDNIGHT) / HOUR for end in (at.low_at_s, at.at_s, at.high_at_s))


def test_steps_without_order_follow_one_another(finish):
    end = finish(8, (1, "exit", 30, 60, 90, {}), (2, "entry", 15, 30, 60, {}))
    assert in_hours(end.finished) == (8.75, 9.5, 10.5)
    assert end.finished == end.finished_if_open


def test_parallel_steps_take_the_longest_path(finish):
    end = finish(
        8,
        (1, "detach", 10, 10, 10, {}),
        (2, "customs", 60, 120, 240, {"after": "1"}),
        (3, "bogies", 90, 90, 90, {"after": "1"}),
        (4, "brake test", 20, 20, 20, {"after": "2;3"}),
    )
    assert in_hours(end.finished) == pytest.approx((8 + 120 / 60, 8 + 150 / 60, 8 + 270 / 60))


def test_a_step_after_zero_begins_at_once(finish):
    end = finish(8, (1, "exit", 60, 60, 60, {}), (2, "water", 30, 30, 30, {"after": "0"}))
    assert in_hours(end.finished) == (9, 9, 9)


def test_the_range_of_the_arrival_is_added_to_the_range_of_the_work(finish):
    end = finish((7, 8, 10), (1, "exit", 30, 60, 90, {}))
    assert in_hours(end.finished) == (7.5, 9, 11.5)


def test_a_step_waits_for_its_opening_hours(finish):
    hours = {"opens": "09:00", "closes": "17:00"}
    end = finish(6, (1, "customs", 60, 60, 60, hours))
    assert in_hours(end.finished) == (10, 10, 10)
    assert in_hours(end.finished_if_open) == (7, 7, 7)
    assert end.waits[0].step_name == "customs"
    assert (end.waits[0].to_at_s - end.waits[0].from_at_s) / HOUR == 3


def test_a_step_that_cannot_end_before_closing_waits_for_the_next_morning(finish):
    hours = {"opens": "09:00", "closes": "17:00"}
    assert in_hours(finish(16, (1, "c", 60, 60, 60, hours)).finished) == (17, 17, 17)
    assert in_hours(finish(16.5, (1, "c", 60, 60, 60, hours)).finished) == (34, 34, 34)


def test_hours_may_run_over_midnight(finish):
    hours = {"opens": "22:00", "closes": "06:00"}
    assert in_hours(finish(2, (1, "c", 60, 60, 60, hours)).finished) == (3, 3, 3)
    assert in_hours(finish(12, (1, "c", 60, 60, 60, hours)).finished) == (23, 23, 23)


def test_work_longer_than_the_hours_begins_when_they_open(finish):
    hours = {"opens": "09:00", "closes": "11:00"}
    assert in_hours(finish(9.5, (1, "c", 300, 300, 300, hours)).finished) == (38, 38, 38)


def test_only_an_opening_time_means_until_midnight(finish):
    assert in_hours(finish(3, (1, "c", 60, 60, 60, {"opens": "08:00"})).finished) == (9, 9, 9)
    assert in_hours(finish(3, (1, "c", 60, 60, 60, {"closes": "02:00"})).finished) == (25, 25, 25)


def test_the_same_opening_and_closing_time_is_round_the_clock(finish):
    hours = {"opens": "08:00", "closes": "08:00"}
    assert in_hours(finish(3, (1, "c", 60, 60, 60, hours)).finished) == (4, 4, 4)


@pytest.mark.parametrize("after", ["2", "3", "x", "1;5"])
def test_a_step_may_wait_only_for_steps_before_it(build, after):
    rows = [build.step("p", 1, "a", 1, 1, 1), build.step("p", 2, "b", 1, 1, 1, after=after)]
    with pytest.raises(StudyError, match="wait for steps") as caught:
        read_procedures(build.table("procedure_steps", rows))
    assert f"'{after}'" in caught.value.faults[0].cause
