"""Compiled windows in which stated trains must be at each place, and who can pass whom in them.

`bound_times` gives the earliest and latest time of each train at each place of its course, from
its stated times and the least time of each step; `mark_certain` marks the pairs of trains that no
times within their windows let pass each other. Every bound is a kind one, so that what is marked
is certain; what is not marked may still be a conflict.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.rows import Row, Rows
from arterial.timetable.paths.courses_kernel import Courses, Passings
from arterial.timetable.paths.occupation_kernel import (
    CATCHING_UP,
    DOUBLE_TRACK,
    OPPOSING,
    Uses,
)
from arterial.units import DAY_S

__all__ = ["Meeting", "Windows", "bound_times", "mark_certain"]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER_S: Final = 1 << 60
"""Stands for a bound that is not known, with a sign [s]."""

HALF_ROUNDING_S: Final = 30
"""By how much a clock face of whole minutes may be off [s]."""


class Windows(NamedTuple):
    """Bounds of the times of every pattern at every place, in seconds after its 00:00 UTC.

    Attributes
    ----------
    arrival_s, departure_s : (n_places of all patterns, 2)
        Earliest and latest; `NEVER_S` where nothing bounds them.
    """

    arrival_s: Integers
    departure_s: Integers


class Meeting(NamedTuple):
    """What says where trains can pass each other.

    Attributes
    ----------
    tracks_count : (n_steps,)
        Running tracks of each step.
    can_wait : (n_points,)
        Whether a train may let an opposing one pass at each point, or nothing is known of it.
    can_overtake : (n_points,)
        The same of one that runs the same way.
    loops_m : (n_points,)
        Longest loop [m].
    lengths_m : (n_patterns,)
        Length of each train; not a number = unknown [m].
    """

    tracks_count: Integers
    can_wait: Flags
    can_overtake: Flags
    loops_m: Numbers
    lengths_m: Numbers


@compiled
def bound_times(
    passings: Passings,
    event_first: Integers,
    event_s: Integers,
    is_stated: Flags,
    least_s: Numbers,
    windows: Windows,
) -> None:
    """Bound the times of every pattern at every place.

    Parameters
    ----------
    passings : Passings
        Courses of the patterns.
    event_first, event_s, is_stated
        Events of the patterns, as of `arterial.timetable.trains.timed_trains.TimedTrains`.
    least_s : (n_places of all patterns,)
        Least time from the first place of each pattern [s].
    windows : Windows
        Written.
    """
    courses, first = passings.courses, passings.first
    for pattern in range(len(passings.own)):
        course = passings.own[pattern]
        begin, end = first[pattern], first[pattern + 1]
        # Stated arrival and departure of each place; `NEVER_S` = none.
        stated_s = np.full((end - begin, 2), NEVER_S, np.int64)
        for stop in range(courses.stop_first[course + 1] - courses.stop_first[course]):
            place = courses.stop_place[courses.stop_first[course] + stop]
            for part in range(2):
                event = event_first[pattern] + 2 * stop + part
                if is_stated[event]:
                    stated_s[place, part] = event_s[event]
        need_s = least_s[begin:end]
        arrive, leave = windows.arrival_s[begin:end], windows.departure_s[begin:end]
        _bound_below(stated_s, need_s, arrive, leave)
        _bound_above(stated_s, need_s, arrive, leave)
        for place in range(end - begin):
            # Stated faster than physics, which is told elsewhere: the shared times alone are left.
            if arrive[place, 0] > arrive[place, 1]:
                arrive[place, :] = passings.arrival_s[begin + place]
            if leave[place, 0] > leave[place, 1]:
                leave[place, :] = passings.departure_s[begin + place]


@compiled
def _bound_below(stated_s: Integers, need_s: Numbers, arrive: Integers, leave: Integers) -> None:
    """Earliest times: run as fast as can be from the last stated time."""
    at_s, at_need, slack_s = np.int64(-NEVER_S), 0.0, 0
    for place in range(len(stated_s)):
        for part in range(2):
            if stated_s[place, part] != NEVER_S:
                at_s, at_need, slack_s = stated_s[place, part], need_s[place], 0
            bound_s = at_s
            if at_s != -NEVER_S:
                bound_s += np.int64(np.floor(need_s[place] - at_need)) - slack_s
            if part == 0:
                arrive[place, 0] = bound_s
            else:
                leave[place, 0] = bound_s
        slack_s = HALF_ROUNDING_S


@compiled
def _bound_above(stated_s: Integers, need_s: Numbers, arrive: Integers, leave: Integers) -> None:
    """Latest times: run as fast as can be towards the next stated time."""
    at_s, at_need, slack_s = np.int64(NEVER_S), 0.0, 0
    for place in range(len(stated_s) - 1, -1, -1):
        for part in range(1, -1, -1):
            if stated_s[place, part] != NEVER_S:
                at_s, at_need, slack_s = stated_s[place, part], need_s[place], 0
            bound_s = at_s
            if at_s != NEVER_S:
                bound_s -= np.int64(np.floor(at_need - need_s[place])) - slack_s
            if part == 1:
                leave[place, 1] = bound_s
            else:
                arrive[place, 1] = bound_s
        slack_s = HALF_ROUNDING_S


@compiled
def mark_certain(
    pairs: Rows, uses: Uses, passings: Passings, windows: Windows, meeting: Meeting
) -> None:
    """Mark the pairs of trains that cannot pass each other whatever they do in their windows.

    Parameters
    ----------
    pairs : (n,) of `PAIR`
        `is_impossible` and `is_fixed` are written.
    uses : Uses
        Uses of the steps.
    passings : Passings
        Courses of the patterns.
    windows : Windows
        As `bound_times` writes them.
    meeting : Meeting
        Where trains can pass each other.
    """
    for number in range(len(pairs)):
        pair = pairs[number]
        one, two = uses.rows[pair.earlier], uses.rows[pair.later]
        shift_s = pair.shift_days * DAY_S
        is_met = pair.kind == CATCHING_UP
        if pair.kind == OPPOSING:
            # At the same instant at a place with one track is a collision too.
            is_met = two.day * DAY_S + two.from_s + shift_s <= one.day * DAY_S + one.to_s
        if not is_met:
            continue
        if pair.kind == OPPOSING:
            can_pass = _can_meet(one, two, shift_s, passings, windows, meeting)
        else:
            can_pass = _can_overtake(one, two, shift_s, passings, windows, meeting)
        if not can_pass:
            pair.is_impossible = pair.is_fixed = 1


@compiled
def _can_meet(
    one: Row, two: Row, shift_s: int, passings: Passings, windows: Windows, meeting: Meeting
) -> bool:
    """Whether two trains can meet at an end of their common track or at a loop within it."""
    first, last = _find_common(one, two, passings, meeting)
    begin, other = passings.first[one.pattern], passings.first[two.pattern]
    point = passings.courses.first[passings.own[one.pattern]]
    for place in range(first - 1, last + 1):
        mine, theirs = begin + place, other + two.place - 1 - (place - one.place)
        # One is there before the other leaves; at an end, it need not wait for the other.
        comes = windows.arrival_s[mine, 0] <= windows.departure_s[theirs, 1] + shift_s
        goes = windows.arrival_s[theirs, 0] + shift_s <= windows.departure_s[mine, 1]
        if place == first - 1 and goes:
            return True
        if place == last and comes:
            return True
        if first <= place < last and comes and goes:
            at = passings.courses.point[point + place]
            if _holds(meeting, meeting.can_wait, at, one.pattern, two.pattern):
                return True
    return False


@compiled
def _can_overtake(
    one: Row, two: Row, shift_s: int, passings: Passings, windows: Windows, meeting: Meeting
) -> bool:
    """Whether two trains of one direction can run over their common track in some order."""
    first, last = _find_common(one, two, passings, meeting)
    begin, other = passings.first[one.pattern], passings.first[two.pattern]
    point = passings.courses.first[passings.own[one.pattern]]
    is_first = is_second = True
    for place in range(first, last + 1):
        mine, theirs = begin + place, other + two.place + place - one.place
        if place > first:
            at = passings.courses.point[point + place - 1]
            is_there = windows.arrival_s[mine - 1, 0] <= (
                windows.departure_s[theirs - 1, 1] + shift_s
            ) and (windows.arrival_s[theirs - 1, 0] + shift_s <= windows.departure_s[mine - 1, 1])
            if is_there and _holds(meeting, meeting.can_overtake, at, one.pattern, two.pattern):
                is_first = is_second = is_first or is_second
        is_first &= (
            windows.departure_s[mine - 1, 0] <= windows.departure_s[theirs - 1, 1] + shift_s
            and windows.arrival_s[mine, 0] <= windows.arrival_s[theirs, 1] + shift_s
        )
        is_second &= (
            windows.departure_s[theirs - 1, 0] + shift_s <= windows.departure_s[mine - 1, 1]
            and windows.arrival_s[theirs, 0] + shift_s <= windows.arrival_s[mine, 1]
        )
        if not (is_first or is_second):
            return False
    return True


@compiled
def _holds(meeting: Meeting, can_pass: Flags, point: int, one: int, two: int) -> bool:
    """Whether two trains can be at a point at once."""
    if point < 0:
        return True
    shorter_m = min(meeting.lengths_m[one], meeting.lengths_m[two])
    # A length that is not known is longer than no loop.
    return bool(can_pass[point]) and not shorter_m > meeting.loops_m[point]


@compiled
def _find_common(one: Row, two: Row, passings: Passings, meeting: Meeting) -> tuple[int, int]:
    """First and last place of a train whose steps it shares without a second track."""
    turn = 1 if one.direction == two.direction else -1
    most = DOUBLE_TRACK if turn == 1 else 1
    courses, bounds = passings.courses, (one.place, one.place)
    for forward in (-1, 1):
        place = one.place
        while _shares(courses, passings, one, two, place + forward, turn, meeting, most):
            place += forward
        bounds = (place, bounds[1]) if forward < 0 else (bounds[0], place)
    return bounds


@compiled
def _shares(
    courses: Courses,
    passings: Passings,
    one: Row,
    two: Row,
    place: int,
    turn: int,
    meeting: Meeting,
    most: int,
) -> bool:
    """Whether both trains run over the step that leads to a place of the first of them."""
    own, other = passings.own[one.pattern], passings.own[two.pattern]
    theirs = two.place + turn * (place - one.place)
    if not 0 < place < passings.first[one.pattern + 1] - passings.first[one.pattern]:
        return False
    if not 0 < theirs < passings.first[two.pattern + 1] - passings.first[two.pattern]:
        return False
    mine, at = courses.first[own] + place, courses.first[other] + theirs
    if courses.step[mine] != courses.step[at] or courses.step[mine] < 0:
        return False
    is_alike = courses.direction[mine] == courses.direction[at]
    return bool(is_alike == (turn == 1) and meeting.tracks_count[courses.step[mine]] <= most)
