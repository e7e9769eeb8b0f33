"""Periods of single-track sections, against worked examples and by hand."""

import itertools

import pytest

from arterial.capacity import (
    EndMeet,
    MeetEnds,
    MeetScheme,
    MeetTimes,
    SectionTimes,
    StationMeet,
    plan_meets,
    section_period_min,
)
from arterial.errors import LimitError

TIMES = MeetTimes(arrival_interval_min=4, crossing_interval_min=1, start_min=2, stop_min=1)


def test_the_four_schemes_of_the_first_course_work_give_its_periods() -> None:
    # 24 + 25 min: both stop at one end and one enters moving at the other; both leave moving;
    # either train passes at both ends.
    first = MeetEnds(EndMeet.BOTH_STOP_ENTERING_FIRST, EndMeet.ENTERING_PASSES)
    schemes = (first, MeetScheme.LEAVE_MOVING, MeetScheme.UP_PASSES, MeetScheme.DOWN_PASSES)
    assert [section_period_min(24, 25, scheme, TIMES) for scheme in schemes] == [58, 55, 57, 57]


def test_both_trains_entering_on_the_move_give_the_period_of_another_course_work() -> None:
    assert section_period_min(25, 24, MeetScheme.ENTER_MOVING, TIMES) == 59


def test_the_schemes_of_the_second_course_work_give_its_periods() -> None:
    schemes = (MeetScheme.LEAVE_MOVING, MeetScheme.UP_PASSES, MeetScheme.DOWN_PASSES)
    assert [section_period_min(21, 20, scheme, TIMES) for scheme in schemes] == [47, 49, 49]


def test_equal_crossing_intervals_and_allowances_of_a_third_course_work() -> None:
    times = MeetTimes(arrival_interval_min=4, crossing_interval_min=1, start_min=1, stop_min=1)
    assert section_period_min(24, 25, MeetScheme.LEAVE_MOVING, times) == 53
    assert section_period_min(25, 24, MeetScheme.UP_PASSES, times) == 56


def test_the_planning_form_is_running_times_intervals_and_two_starts_and_stops() -> None:
    assert section_period_min(16, 16, MeetScheme.BOTH_STOP, TIMES) == 32 + 4 + 1 + 2 * (2 + 1)


@pytest.mark.parametrize("times", [(0, 10), (10, -1), (float("nan"), 3)])
def test_a_running_time_of_nothing_is_refused(times: tuple[float, float]) -> None:
    with pytest.raises(LimitError, match="must be above 0 min"):
        section_period_min(*times, MeetScheme.UP_PASSES, TIMES)


def test_a_negative_interval_is_refused_by_its_name() -> None:
    with pytest.raises(LimitError, match="crossing_interval_min must be 0 or more, not -1"):
        MeetTimes(arrival_interval_min=4, crossing_interval_min=-1, start_min=2, stop_min=1)


COURSE_LINE = [
    SectionTimes(15, 16), SectionTimes(17, 17), SectionTimes(16, 17), SectionTimes(21, 20),
    SectionTimes(16, 18), SectionTimes(17, 16), SectionTimes(16, 17),
]  # fmt: skip


def test_the_line_of_the_second_course_work_is_limited_by_its_fourth_section() -> None:
    ends = StationMeet.UP_STOPS_FIRST
    line = plan_meets(COURSE_LINE, TIMES, first=ends, last=StationMeet.DOWN_STOPS_FIRST)
    assert line.limiting_section == 3
    assert line.limiting_period_min == 47


OTHER_LINE = [
    SectionTimes(19, 18), SectionTimes(19, 20), SectionTimes(21, 19), SectionTimes(25, 24),
    SectionTimes(18, 20), SectionTimes(20, 21), SectionTimes(19, 17),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sections", "periods"),
    [
        (COURSE_LINE, [40, 40, 43, 47, 44, 39, 42]),
        (OTHER_LINE, [46, 45, 50, 55, 48, 47, 45]),
    ],
)
def test_the_meets_that_two_course_works_chose_give_their_periods(sections, periods) -> None:
    chosen = [
        StationMeet.UP_STOPS_FIRST, StationMeet.DOWN_PASSES, StationMeet.UP_PASSES,
        StationMeet.DOWN_PASSES, StationMeet.UP_PASSES, StationMeet.DOWN_PASSES,
        StationMeet.UP_PASSES, StationMeet.DOWN_STOPS_FIRST,
    ]  # fmt: skip
    found = []
    for section, (before, after) in zip(sections, itertools.pairwise(chosen), strict=True):
        found += plan_meets([section], TIMES, first=before, last=after).periods_min
    assert found == periods
    planned = plan_meets(sections, TIMES, first=chosen[0], last=chosen[-1])
    assert planned.limiting_period_min == max(periods)
    assert sum(planned.periods_min) <= sum(periods)


def test_the_first_course_work_finds_its_hardest_section() -> None:
    runs = [(18, 19), (20, 19), (19, 21), (24, 25), (20, 18), (21, 20), (19, 17)]
    line = plan_meets([SectionTimes(*run) for run in runs], TIMES)
    assert [sum(run) for run in runs] == [37, 39, 40, 49, 38, 41, 36]
    assert line.limiting_section == 3
    assert line.limiting_period_min == 55


def test_planned_meets_are_the_best_of_all_ways_to_meet() -> None:
    times = MeetTimes(arrival_interval_min=5, crossing_interval_min=2, start_min=2.5, stop_min=1)
    sections = [SectionTimes(10, 12), SectionTimes(13, 9), SectionTimes(11, 11)]
    found = plan_meets(sections, times)
    every = []
    for stations in itertools.product(StationMeet, repeat=4):
        periods = [
            plan_meets([section], times, first=before, last=after).periods_min[0]
            for section, (before, after) in zip(sections, itertools.pairwise(stations), strict=True)
        ]
        every.append((max(periods), sum(periods)))
    assert (max(found.periods_min), sum(found.periods_min)) == pytest.approx(min(every))


def test_a_line_without_sections_is_refused() -> None:
    with pytest.raises(LimitError, match="at least one section"):
        plan_meets([], TIMES)
