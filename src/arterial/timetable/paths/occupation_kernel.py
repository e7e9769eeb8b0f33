"""Compiled search for stated trains that need the same track at once.

`list_step_uses` and `list_point_uses` list who is on a step or at a point; `find_pairs` looks for
trains too close on a step. A train that runs on many days is looked at once: what counts is on how
many days both run, so that the work does not grow with the horizon.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.rows import Row, Rows, row_kind
from arterial.timetable.paths.courses_kernel import Passings
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S

__all__ = [
    "CATCHING_UP",
    "HEADWAY",
    "OPPOSING",
    "PAIR",
    "Intervals",
    "Running",
    "StepRules",
    "Uses",
    "find_pairs",
    "list_point_uses",
    "list_step_uses",
]

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Intervals(NamedTuple):
    """Least times between trains, their margin included [s]."""

    opposing_s: int
    following_s: int
    headway_s: int
    release_s: int


OPPOSING: Final = 0
CATCHING_UP: Final = 1
HEADWAY: Final = 2

DOUBLE_TRACK: Final = 2
"""On more tracks trains pass each other either way; only stations are judged there."""

USE: Final = row_kind("from_s to_s day pattern place direction is_fixed")
"""A train on a step or at a point: from when to when, `from_s` within a day, and how many days
after its operating day that day is; its pattern, place of its course, direction on a step, and
whether its times are stated so that it can wait nowhere in between."""

PAIR: Final = row_kind(
    "kind is_impossible is_fixed place earlier later shift_days first_day days_count missing_s "
    "from_s to_s"
)
"""Two uses of a step, by number: the later one's operating day lies `shift_days` after the
other's; the first day is an operating day of the later one; times after its 00:00 UTC. Whether a
pair is impossible is marked by `arterial.timetable.paths.windows_kernel.mark_certain`."""


class Uses(NamedTuple):
    """Uses of steps or points in order of the time of day.

    Attributes
    ----------
    first : (n + 1,)
        First use of each step or point.
    rows : (n_uses,) of `USE`
        The uses.
    """

    first: Integers
    rows: Rows


class Running(NamedTuple):
    """When patterns run.

    Attributes
    ----------
    trains : (n_patterns,)
        Train of each pattern.
    day_rows : (n_patterns,)
        Row of `days` of each pattern.
    days : (n_rows, n_days)
        Whether something runs on each day of the period.
    margin : int
        Days at either end that are looked at only for what meets trains of the days between.
    """

    trains: Integers
    day_rows: Integers
    days: Flags
    margin: int


class StepRules(NamedTuple):
    """How trains share steps.

    Attributes
    ----------
    tracks_count : (n_steps,)
        Running tracks.
    can_follow : (n_steps,)
        Whether trains may follow one another inside.
    opposing_s, following_s, headway_s : (n_steps, 2)
        Least times before a train that enters in a direction [s].
    longest_s : int
        The longest of them [s].
    """

    tracks_count: Integers
    can_follow: Flags
    opposing_s: Integers
    following_s: Integers
    headway_s: Integers
    longest_s: int


@compiled
def list_step_uses(passings: Passings, steps_count: int) -> tuple[Integers, Rows]:
    """Uses of every step by the patterns of all trains, unordered, and where each begins."""
    courses, first = passings.courses, passings.first
    starts = np.zeros(steps_count + 1, np.int64)
    for turn in range(2):
        if turn == 1:
            starts = np.cumsum(starts)
            filled, rows = starts[:-1].copy(), np.empty(starts[-1], USE)
        for pattern in range(len(passings.own)):
            begin = courses.first[passings.own[pattern]]
            for place in range(1, first[pattern + 1] - first[pattern]):
                at, step = first[pattern] + place, courses.step[begin + place]
                enter_s, leave_s = passings.departure_s[at - 1], passings.arrival_s[at]
                if step < 0 or UNKNOWN in (enter_s, leave_s) or leave_s < enter_s:
                    continue
                if turn == 0:
                    starts[step + 1] += 1
                    continue
                row = rows[filled[step]]
                _put_use(row, enter_s, leave_s, pattern, place)
                row.direction = courses.direction[begin + place]
                row.is_fixed = passings.is_fixed[at]
                filled[step] += 1
    return starts, rows


@compiled
def list_point_uses(passings: Passings, is_judged: Flags) -> tuple[Integers, Rows]:
    """Uses of every point that is judged, unordered, and where each begins."""
    courses, first = passings.courses, passings.first
    starts = np.zeros(len(is_judged) + 1, np.int64)
    for turn in range(2):
        if turn == 1:
            starts = np.cumsum(starts)
            filled, rows = starts[:-1].copy(), np.empty(starts[-1], USE)
        for pattern in range(len(passings.own)):
            begin = courses.first[passings.own[pattern]]
            for place in range(first[pattern + 1] - first[pattern]):
                at, point = first[pattern] + place, courses.point[begin + place]
                arrive_s = passings.arrival_s[at]
                if point < 0 or not is_judged[point] or arrive_s == UNKNOWN:
                    continue
                if turn == 0:
                    starts[point + 1] += 1
                    continue
                row = rows[filled[point]]
                leave_s = max(passings.departure_s[at], arrive_s)
                _put_use(row, arrive_s, leave_s, pattern, place)
                row.is_fixed = passings.is_stated_stop[at]
                filled[point] += 1
    return starts, rows


@compiled
def _put_use(row: Row, from_s: int, to_s: int, pattern: int, place: int) -> None:
    """Note a use with its begin within a day."""
    row.day = from_s // DAY_S
    row.from_s = from_s - row.day * DAY_S
    row.to_s = to_s - row.day * DAY_S
    row.pattern = pattern
    row.place = place
    row.direction = 0


@compiled
def find_pairs(uses: Uses, rules: StepRules, running: Running, pairs: Rows) -> int:
    """Trains that come too close on a step.

    Parameters
    ----------
    uses : Uses
        Uses of the steps.
    rules : StepRules
        How trains share the steps.
    running : Running
        When the patterns run.
    pairs : (n,) of `PAIR`
        Written, as many as there is room for.

    Returns
    -------
    int
        Number of pairs found.
    """
    count = 0
    for step in range(len(uses.first) - 1):
        begin, end = uses.first[step], uses.first[step + 1]
        tracks = rules.tracks_count[step]
        if tracks > DOUBLE_TRACK:
            continue
        for earlier in range(begin, end):
            last_s = uses.rows[earlier].to_s + rules.longest_s
            ahead = 1
            while True:
                later = begin + (earlier - begin + ahead) % (end - begin)
                turns = (earlier - begin + ahead) // (end - begin)
                ahead += 1
                start_s = uses.rows[later].from_s + turns * DAY_S
                if start_s >= last_s:
                    break
                if (
                    tracks == DOUBLE_TRACK
                    and uses.rows[earlier].direction != uses.rows[later].direction
                ):
                    continue
                kind, missing_s = _judge_pair(
                    uses.rows[earlier], uses.rows[later], turns, rules, step
                )
                if missing_s <= 0:
                    continue
                count += _note_pair(
                    uses, running, pairs, count, (step, earlier, later, turns, kind, missing_s)
                )
    return count


@compiled
def _judge_pair(
    earlier: Row, later: Row, turns: int, rules: StepRules, step: int
) -> tuple[int, int]:
    """Kind of a conflict of two uses of one track, and by how much the later comes too early."""
    start_s, leave_s = later.from_s + turns * DAY_S, later.to_s + turns * DAY_S
    if earlier.direction != later.direction:
        return OPPOSING, earlier.to_s + rules.opposing_s[step, later.direction] - start_s
    if rules.can_follow[step]:
        headway_s = rules.headway_s[step, later.direction]
        missing_s = max(earlier.from_s + headway_s - start_s, earlier.to_s + headway_s - leave_s)
    else:
        missing_s = earlier.to_s + rules.following_s[step, later.direction] - start_s
    return (CATCHING_UP if leave_s <= earlier.to_s else HEADWAY), missing_s


@compiled
def _note_pair(
    uses: Uses,
    running: Running,
    pairs: Rows,
    count: int,
    found: tuple[int, int, int, int, int, int],
) -> int:
    """Note a pair that meets on some day of the period; 1 if it does, else 0."""
    step, earlier, later, turns, kind, missing_s = found
    one, two = uses.rows[earlier], uses.rows[later]
    # Days from the operating day of the earlier train to that of the later one.
    shift = one.day + turns - two.day
    if shift == 0 and running.trains[one.pattern] == running.trains[two.pattern]:
        return 0
    own = running.days[running.day_rows[one.pattern]]
    other = running.days[running.day_rows[two.pattern]]
    days_count, first_day = 0, -1
    inside = range(running.margin, len(own) - running.margin)
    for day in range(max(0, -shift), min(len(own), len(own) - shift)):
        if own[day] and other[day + shift] and (day in inside or day + shift in inside):
            days_count += 1
            if first_day < 0:
                first_day = day + shift
    if days_count == 0:
        return 0
    if count < len(pairs):
        pair = pairs[count]
        start_s = two.from_s + turns * DAY_S
        pair.kind = kind
        pair.is_fixed = one.is_fixed and two.is_fixed
        pair.place, pair.earlier, pair.later = step, earlier, later
        pair.shift_days, pair.first_day, pair.days_count = shift, first_day, days_count
        pair.missing_s = missing_s
        pair.from_s = two.day * DAY_S + two.from_s
        pair.to_s = max(pair.from_s, pair.from_s + one.to_s - start_s)
    return 1
