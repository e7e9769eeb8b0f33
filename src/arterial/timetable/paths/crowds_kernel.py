"""Compiled search for points with more stated trains than tracks; main function `find_crowds`."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.rows import Row, Rows, row_kind
from arterial.timetable.paths.occupation_kernel import Running, Uses
from arterial.timetable.paths.stated_track import MOST_TRACKS
from arterial.units import DAY_S

__all__ = [
    "CROWD",
    "LOOP_TOO_SHORT",
    "STATION_FULL",
    "TRACK_TAKEN",
    "DayClasses",
    "StationTracks",
    "can_stand",
    "find_crowds",
]

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


STATION_FULL: Final = 3
LOOP_TOO_SHORT: Final = 4
TRACK_TAKEN: Final = 5

CROWD: Final = row_kind(
    "kind is_impossible is_fixed point use day days_count missing_s others_first"
)
"""A use that finds no track at a point on a day of the period, with what stands there."""


class StationTracks(NamedTuple):
    """What points hold.

    Attributes
    ----------
    tracks_count : (n_points,)
        Tracks of each point.
    is_listed : (n_points,)
        Whether the tracks of the point are told apart.
    is_long : (n_uses,)
        Whether no loop of the point, or not every track that is told apart, holds the train of
        each use.
    fits : (n_uses,)
        Tracks that hold the train, a bit each, where they are told apart.
    each_way : (n_points,)
        Tracks of each direction where these are kept apart; 0 = they are not.
    release_s : int
        From a departure until the track is free again [s].
    """

    tracks_count: Integers
    is_listed: Flags
    is_long: Flags
    fits: Integers
    each_way: Integers
    release_s: int


class DayClasses(NamedTuple):
    """Days on which the same trains are about.

    Attributes
    ----------
    day : (n_classes,)
        First day of each class.
    days_count : (n_classes,)
        How many days are like it.
    """

    day: Integers
    days_count: Integers


@compiled
def find_crowds(
    uses: Uses,
    tracks: StationTracks,
    running: Running,
    classes: DayClasses,
    crowds: Rows,
    others: Integers,
) -> tuple[int, int]:
    """Trains that find no track at a point, or none that holds them.

    Parameters
    ----------
    uses : Uses
        Uses of the points.
    tracks : StationTracks
        What points hold.
    running : Running
        When the patterns run.
    classes : DayClasses
        Days that differ.
    crowds : (n,) of `CROWD`
        Written, as many as there is room for.
    others : (m,)
        Written: uses that each crowd finds, one after another.

    Returns
    -------
    tuple of int
        Number of crowds and of their uses.
    """
    count, others_count = 0, 0
    for point in range(len(uses.first) - 1):
        if not _can_crowd(uses, tracks, point):
            continue
        lead_days = _count_lead_days(uses, tracks, point)
        places = (uses.first[point + 1] - uses.first[point]) * (lead_days + 1)
        active, ends_s = np.empty(places, np.int64), np.empty(places, np.int64)
        for number in range(len(classes.day)):
            active_count = 0
            for turn in range((lead_days + 1) * (uses.first[point + 1] - uses.first[point])):
                step, use = _split_turn(uses, point, turn, lead_days)
                row = uses.rows[use]
                if not _runs_on(running, row, classes.day[number] + step - row.day):
                    continue
                from_s = row.from_s + step * DAY_S
                gone_s = from_s - tracks.release_s
                active_count = _drop_gone(active, ends_s, active_count, gone_s)
                here = (point, use, number, from_s)
                there = (active[:active_count], ends_s[:active_count])
                found = _judge_crowd(uses, tracks, here, there)
                if step == 0 and found[0] >= 0:
                    _note_crowd(crowds, count, here, found, classes, others_count)
                    others_count += _note_others(uses, others, others_count, tracks, here, there[0])
                    count += 1
                active[active_count] = use
                ends_s[active_count] = max(row.to_s + step * DAY_S, gone_s + 1)
                active_count += 1
    return count, others_count


@compiled
def _split_turn(uses: Uses, point: int, turn: int, lead_days: int) -> tuple[int, int]:
    """Day before the one looked at, and use, of a turn through the uses of all those days."""
    length = uses.first[point + 1] - uses.first[point]
    return turn // length - lead_days, uses.first[point] + turn % length


@compiled
def _runs_on(running: Running, row: Row, day: int) -> bool:
    """Whether the train of a use runs on an operating day of the period."""
    if day < 0 or day >= running.days.shape[1]:
        return False
    return bool(running.days[running.day_rows[row.pattern], day])


@compiled
def _note_others(
    uses: Uses,
    others: Integers,
    first: int,
    tracks: StationTracks,
    here: tuple[int, int, int, int],
    active: Integers,
) -> int:
    """Write down what stands where the train could, as far as there is room; how many do."""
    count = 0
    for use in active:
        if tracks.is_listed[here[0]] and not tracks.fits[use] & tracks.fits[here[1]]:
            continue
        is_apart = uses.rows[use].direction != uses.rows[here[1]].direction
        if tracks.each_way[here[0]] > 0 and is_apart:
            continue
        if first + count < len(others):
            others[first + count] = use
        count += 1
    return count


@compiled
def _count_lead_days(uses: Uses, tracks: StationTracks, point: int) -> int:
    """Days before a day from which trains may still stand at a point."""
    longest_s = 0
    for use in range(uses.first[point], uses.first[point + 1]):
        longest_s = max(longest_s, uses.rows[use].to_s - uses.rows[use].from_s)
    return (longest_s + tracks.release_s) // DAY_S + 1


@compiled
def _can_crowd(uses: Uses, tracks: StationTracks, point: int) -> bool:
    """Whether more trains than tracks could be there if all ran every day."""
    begin, end = uses.first[point], uses.first[point + 1]
    if tracks.is_listed[point] or tracks.is_long[begin:end].sum() > 1:
        return True
    for use in range(begin, end):
        # One that stays so long meets itself of the next day.
        if uses.rows[use].to_s - uses.rows[use].from_s >= DAY_S - tracks.release_s:
            return True
    if tracks.each_way[point] > 0:
        return bool(end - begin > tracks.each_way[point])
    if end - begin <= tracks.tracks_count[point]:
        return False
    ends_s = np.empty(2 * (end - begin), np.int64)
    active = np.empty(2 * (end - begin), np.int64)
    active_count = 0
    for step in range(2):
        for use in range(begin, end):
            row = uses.rows[use]
            from_s = row.from_s + step * DAY_S
            gone_s = from_s - tracks.release_s
            active_count = _drop_gone(active, ends_s, active_count, gone_s)
            ends_s[active_count] = max(row.to_s + step * DAY_S, gone_s + 1)
            active_count += 1
            if active_count > tracks.tracks_count[point]:
                return True
    return False


@compiled
def _drop_gone(active: Integers, ends_s: Integers, count: int, before_s: int) -> int:
    """Forget uses that ended at an instant or before; how many are left."""
    kept = 0
    for place in range(count):
        if ends_s[place] > before_s:
            active[kept], ends_s[kept] = active[place], ends_s[place]
            kept += 1
    return kept


@compiled
def _judge_crowd(
    uses: Uses,
    tracks: StationTracks,
    here: tuple[int, int, int, int],
    there: tuple[Integers, Integers],
) -> tuple[int, bool, bool, int]:
    """Kind of a conflict (-1 = none), whether it is impossible and stated, and what is missing."""
    point, use, _, from_s = here
    active, ends_s = there
    if tracks.is_listed[point]:
        return _judge_tracks(uses, tracks, here, there)
    room = tracks.tracks_count[point]
    if tracks.each_way[point] > 0:
        room = tracks.each_way[point]
        own = uses.rows["direction"][active] == uses.rows[use].direction
        active, ends_s = active[own], ends_s[own]
    long_count, present, fixed_count, last_s = 0, 0, 0, from_s
    for place in range(len(active)):
        other = uses.rows[active[place]]
        is_there = _find_end(other, ends_s[place]) > from_s
        present += is_there and other.is_fixed
        fixed_count += other.is_fixed
        if is_there and tracks.is_long[active[place]]:
            long_count += 1
            last_s = max(last_s, ends_s[place])
    is_fixed = uses.rows[use].is_fixed and fixed_count == len(active)
    if len(active) >= room:
        # So many have to leave before there is a track.
        leave_s = _find_smallest(ends_s, len(active) - room) + tracks.release_s
        is_impossible = present >= room and uses.rows[use].is_fixed
        return STATION_FULL, is_impossible, is_fixed, leave_s - from_s
    if tracks.is_long[use] and long_count > 0:
        return LOOP_TOO_SHORT, is_fixed, is_fixed, last_s - from_s
    return -1, False, False, 0


@compiled
def can_stand(fits: Integers, count: int) -> bool:
    """Whether the last of some trains finds a track when as many as can of the others have one.

    Parameters
    ----------
    fits : (n_trains,)
        Tracks that hold each train, a bit each.
    count : int
        How many trains there are, the one that is asked for last.

    Returns
    -------
    bool
        By augmenting paths: trains change tracks if another then finds one too.
    """
    owner, seat = np.full(MOST_TRACKS, -1), np.full(count, -1)
    queue, via = np.empty(MOST_TRACKS + 1, np.int64), np.empty(MOST_TRACKS, np.int64)
    found = -1
    for train in range(count):
        queue[0], head, end, seen, found = train, 0, 1, 0, -1
        while head < end and found < 0:
            asking = queue[head]
            head += 1
            for track in range(MOST_TRACKS):
                bit = 1 << track
                if seen & bit or not fits[asking] & bit:
                    continue
                seen |= bit
                via[track] = asking
                if owner[track] < 0:
                    found = track
                    break
                queue[end] = owner[track]
                end += 1
        track = found
        while track >= 0:
            moved = via[track]
            track, seat[moved] = seat[moved], track
            owner[seat[moved]] = moved
    return found >= 0


@compiled
def _judge_tracks(
    uses: Uses,
    tracks: StationTracks,
    here: tuple[int, int, int, int],
    there: tuple[Integers, Integers],
) -> tuple[int, bool, bool, int]:
    """As `_judge_crowd`, where tracks are told apart."""
    point, use, _, from_s = here
    active, ends_s = there
    count, fixed_count = len(active), 0
    fits, kept = np.empty(count + 1, np.int64), 0
    order = np.argsort(-ends_s)
    for place in range(count):
        fits[place] = tracks.fits[active[order[place]]]
        fixed_count += uses.rows[active[place]].is_fixed
    fits[count] = tracks.fits[use]
    if can_stand(fits, count + 1):
        return -1, False, False, 0
    kept = count
    while kept > 0:
        # The one that leaves first goes.
        kept -= 1
        fits[kept] = tracks.fits[use]
        if can_stand(fits, kept + 1):
            break
    missing_s = ends_s[order[kept]] + tracks.release_s - from_s
    kept = 0
    for place in range(count):
        other = uses.rows[active[place]]
        if _find_end(other, ends_s[place]) > from_s and other.is_fixed:
            fits[kept] = tracks.fits[active[place]]
            kept += 1
    fits[kept] = tracks.fits[use]
    is_met = not can_stand(fits, kept + 1)
    kind = TRACK_TAKEN
    if count >= tracks.tracks_count[point]:
        kind = STATION_FULL
    elif tracks.is_long[use]:
        kind = LOOP_TOO_SHORT
    is_fixed = uses.rows[use].is_fixed and fixed_count == count
    return kind, is_met and bool(uses.rows[use].is_fixed), is_fixed, missing_s


@compiled
def _find_end(row: Row, end_s: int) -> int:
    """When a train really leaves: one that does so as it comes is held for a second more."""
    return end_s - 1 if row.to_s <= row.from_s else end_s


@compiled
def _note_crowd(
    crowds: Rows,
    count: int,
    here: tuple[int, int, int, int],
    found: tuple[int, bool, bool, int],
    classes: DayClasses,
    others_first: int,
) -> None:
    """Write a crowd down, if there is room."""
    if count >= len(crowds):
        return
    crowd = crowds[count]
    crowd.kind, crowd.is_impossible, crowd.is_fixed, crowd.missing_s = found
    crowd.point, crowd.use = here[0], here[1]
    crowd.day, crowd.days_count = classes.day[here[2]], classes.days_count[here[2]]
    crowd.others_first = others_first


@compiled
def _find_smallest(values: Integers, rank: int) -> int:
    """The value that as many lie below as the rank says."""
    for value in values:
        below, equal = 0, 0
        for other in values:
            below += other < value
            equal += other == value
        if below <= rank < below + equal:
            return int(value)
    return int(values[0])
