"""Compiled times of trains at the points that they pass: `share_times`, `mark_fixed`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.timetable.trains.timing_kernel import UNKNOWN

__all__ = ["Courses", "Passings", "mark_fixed", "share_times"]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Courses(NamedTuple):
    """Routes of trains, place after place.

    Attributes
    ----------
    first : (n_courses + 1,)
        First place of each course.
    point, step, direction : (n_places,)
        Point of each place, step that leads there (-1 at the origin and where no way is known),
        and 1 where that step is run backward.
    share : (n_places,)
        What the way to each place is worth when the time between two known ones is shared.
    stop_first : (n_courses + 1,)
        First stop of each course.
    stop_place : (n_stops,)
        Place of each stop, counted within the course.
    """

    first: Integers
    point: Integers
    step: Integers
    direction: Integers
    share: Numbers
    stop_first: Integers
    stop_place: Integers


class Passings(NamedTuple):
    """Times of every pattern at every place of its course.

    Attributes
    ----------
    courses : Courses
        The courses.
    own : (n_patterns,)
        Course of each pattern.
    first : (n_patterns + 1,)
        First place of each pattern.
    arrival_s, departure_s : (n_places of all patterns,)
        Seconds after 00:00 UTC of the operating day; `UNKNOWN` where nothing is known.
    is_fixed : (n_places of all patterns,)
        Whether the step that leads there lies between two stated times without a place to wait.
    is_stated_stop : (n_places of all patterns,)
        Whether the stay there is stated.
    """

    courses: Courses
    own: Integers
    first: Integers
    arrival_s: Integers
    departure_s: Integers
    is_fixed: Flags
    is_stated_stop: Flags


@compiled
def share_times(passings: Passings, event_first: Integers, event_s: Integers) -> None:
    """Put the known times of each pattern at its stops and share the time between them.

    Parameters
    ----------
    passings : Passings
        `arrival_s` and `departure_s` are written.
    event_first : (n_patterns + 1,)
        First event of each pattern.
    event_s : (n_events,)
        Time of each event [s].
    """
    courses, first = passings.courses, passings.first
    for pattern in range(len(passings.own)):
        course = passings.own[pattern]
        share = courses.share[courses.first[course] : courses.first[course + 1]]
        arrive = passings.arrival_s[first[pattern] : first[pattern + 1]]
        depart = passings.departure_s[first[pattern] : first[pattern + 1]]
        before = -1
        for stop in range(courses.stop_first[course + 1] - courses.stop_first[course]):
            place = courses.stop_place[courses.stop_first[course] + stop]
            at_s = event_s[event_first[pattern] + 2 * stop]
            leave_s = event_s[event_first[pattern] + 2 * stop + 1]
            if at_s == UNKNOWN and leave_s == UNKNOWN:
                continue
            arrive[place] = leave_s if at_s == UNKNOWN else at_s
            depart[place] = at_s if leave_s == UNKNOWN else leave_s
            if before >= 0:
                _share_between(share, arrive, depart, before, place)
            before = place


@compiled
def _share_between(
    share: Numbers, arrive: Integers, depart: Integers, before: int, after: int
) -> None:
    """Share the time from a departure to an arrival over the places between."""
    whole = share[before + 1 : after + 1].sum()
    span_s = arrive[after] - depart[before]
    spent = 0.0
    for place in range(before + 1, after):
        spent += share[place]
        part = spent / whole if whole > 0 else (place - before) / (after - before)
        arrive[place] = depart[place] = depart[before] + np.int64(np.rint(part * span_s))


@compiled
def mark_fixed(
    passings: Passings, event_first: Integers, is_stated: Flags, can_wait: Flags
) -> None:
    """Mark the steps that a train runs between two stated times without a place to wait.

    Parameters
    ----------
    passings : Passings
        `is_fixed` and `is_stated_stop` are written.
    event_first : (n_patterns + 1,)
        First event of each pattern.
    is_stated : (n_events,)
        Whether the time of each event is stated.
    can_wait : (n_points,)
        Whether a train may let another one pass at each point, or nothing is known of it.
    """
    courses, first = passings.courses, passings.first
    for pattern in range(len(passings.own)):
        course = passings.own[pattern]
        points = courses.point[courses.first[course] : courses.first[course + 1]]
        fixed = passings.is_fixed[first[pattern] : first[pattern + 1]]
        stays = passings.is_stated_stop[first[pattern] : first[pattern + 1]]
        stated = is_stated[event_first[pattern] : event_first[pattern + 1]]
        before, last = -1, courses.stop_first[course + 1] - courses.stop_first[course] - 1
        for stop in range(last + 1):
            place = courses.stop_place[courses.stop_first[course] + stop]
            has_arrival, has_departure = stated[2 * stop], stated[2 * stop + 1]
            if has_arrival and before >= 0:
                may_wait = False
                for between in range(before + 1, place):
                    may_wait |= points[between] < 0 or can_wait[points[between]]
                fixed[before + 1 : place + 1] = not may_wait
            stays[place] = has_arrival and has_departure
            if stop in (0, last):
                stays[place] = has_arrival or has_departure
            if has_departure:
                before = place
            elif has_arrival:
                before = -1
