"""Compiled list of who uses which step and point when, and the free windows that it leaves.

Every step and point of the `Line` is a *row* whose uses stand in order of entry.
`add_train` and `remove_train` enter the path of one train and delete it; `open_step` and
`open_point` list what is left between two instants for one more train. A look goes back no
further than the longest use of the row, so that its price does not grow with the horizon. Times
are int64 seconds.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.rows import Row, Rows, row_kind

__all__ = [
    "FAR",
    "PLACE",
    "POINT_WINDOW",
    "ROW",
    "STEP_WINDOW",
    "TRAIN",
    "USE",
    "Line",
    "add_train",
    "add_use",
    "find_first",
    "open_point",
    "open_step",
    "remove_train",
    "remove_use",
]

Integers = NDArray[np.int64]

FAR: Final = 1 << 60

# Marks of a use of a step: the direction of a train, or what a possession closes.
CLOSED: Final = 2
CLOSED_FORWARD: Final = 3

MOST_KINDS: Final = 10
"""Kinds of trains at a point among which a track is looked for; with more there is none [1]."""

USE: Final = row_kind("enter_s leave_s mark owner")
"""A use of a row; its mark is that of a step, or that of a point: whether no loop of it holds the
train or, where tracks are told apart, a bit for each that does."""

ROW: Final = row_kind("first room count longest_s gap_s")
"""Where the uses of a row stand, how many have room, the longest use, the longest interval."""

PLACE: Final = row_kind(
    "point step tracks_count is_listed mark direction is_single can_follow running_s start_loss_s "
    "stop_loss_s dwell_least_s dwell_most_s earliest_s latest_s is_planned is_inside "
    "opposing_s opposed_s following_s headway_s"
)
"""A point of a train's way and the step behind it; a train that `is_inside` has entered it.

The intervals are those before the train enters the step; `opposed_s` is that before an opposing
train enters behind it."""

TRAIN: Final = row_kind(
    "first end depart_from_s depart_to_s arrive_at_s is_live waits_inside due_s least_s is_fixed "
    "link_first link_end",
    "weight missing_cost",
)
"""A train: its places, its window of departure, the arrival that is no delay, its least delay, what
a second of it counts, and what it counts to have no path.

A train that is *live* stands at its first place since `arrive_at_s`; one that *waits inside* has
left it at `depart_to_s` and may be held in front of the next point. One that is *fixed* stays as
it is."""

STEP_WINDOW: Final = row_kind("entry_from_s entry_to_s exit_from_s exit_to_s")
"""When a train may enter and leave a step."""

POINT_WINDOW: Final = row_kind("from_s to_s")
"""Earliest arrival at a point, and latest departure from it."""


class Line(NamedTuple):
    """The uses, and how long a track at a point is held behind a train [s]."""

    rows: Rows
    uses: Rows
    release_s: int


@compiled(counts_references=False)
def find_first(line: Line, row: Row, enter_s: int) -> int:
    """Number of the first use of a row that begins at or after an instant."""
    # Uses are in order of their begin, so what begins earlier but lasts is not found here.
    low, high = row.first, row.first + row.count
    while low < high:
        middle = (low + high) // 2
        if line.uses[middle].enter_s < enter_s:
            low = middle + 1
        else:
            high = middle
    return int(low)


@compiled(counts_references=False)
def add_use(line: Line, number: int, enter_s: int, leave_s: int, mark: int, owner: int) -> None:
    """Enter one use in a row, behind those that begin at the same instant."""
    row = line.rows[number]
    place = row.first + row.count
    uses = line.uses
    while place > row.first and uses[place - 1].enter_s > enter_s:
        uses[place].enter_s = uses[place - 1].enter_s
        uses[place].leave_s = uses[place - 1].leave_s
        uses[place].mark = uses[place - 1].mark
        uses[place].owner = uses[place - 1].owner
        place -= 1
    uses[place].enter_s = enter_s
    uses[place].leave_s = leave_s
    uses[place].mark = mark
    uses[place].owner = owner
    row.count += 1
    # Never lowered again: too long only makes a search begin a little earlier.
    row.longest_s = max(row.longest_s, leave_s - enter_s)


@compiled(counts_references=False)
def remove_use(line: Line, number: int, enter_s: int, owner: int) -> None:
    """Delete the use of an owner that begins at an instant."""
    row = line.rows[number]
    uses = line.uses
    end = row.first + row.count
    place = find_first(line, row, enter_s)
    # Several may begin at the same second; the owner tells which one goes.
    while place < end and uses[place].owner != owner:
        place += 1
    for after in range(place + 1, end):
        uses[after - 1].enter_s = uses[after].enter_s
        uses[after - 1].leave_s = uses[after].leave_s
        uses[after - 1].mark = uses[after].mark
        uses[after - 1].owner = uses[after].owner
    row.count -= 1


@compiled(counts_references=False, has_entry=False)
def add_train(
    line: Line, places: Rows, train: Row, owner: int, arrival_s: Integers, departure_s: Integers
) -> None:
    """Enter the path of a train."""
    for number in range(train.first, train.end):
        place = places[number]
        add_use(line, place.point, arrival_s[number], departure_s[number], place.mark, owner)
        if number + 1 < train.end:
            leave_s = arrival_s[number + 1]
            add_use(line, place.step, departure_s[number], leave_s, place.direction, owner)


@compiled(counts_references=False, has_entry=False)
def remove_train(
    line: Line, places: Rows, train: Row, owner: int, arrival_s: Integers, departure_s: Integers
) -> None:
    """Delete the path of a train."""
    for number in range(train.first, train.end):
        place = places[number]
        remove_use(line, place.point, arrival_s[number], owner)
        if number + 1 < train.end:
            remove_use(line, place.step, departure_s[number], owner)


@compiled(counts_references=False, is_merged=True)
def _bound_step(place: Row, use: Row, bound: Row) -> bool:
    """Set what a use leaves before and behind it; whether it bears on the train at all.

    Where one excludes the other, only who is off before the other is on counts; where trains
    follow one another, both entries and both exits lie a headway apart.
    """
    mark = use.mark
    if mark >= CLOSED and place.is_inside:
        return False
    if mark == place.direction and place.can_follow:
        headway_s = place.headway_s
        bound.entry_from_s, bound.exit_from_s = use.enter_s + headway_s, use.leave_s + headway_s
        bound.entry_to_s, bound.exit_to_s = use.enter_s - headway_s, use.leave_s - headway_s
        return True
    if mark == place.direction:
        before_s = behind_s = place.following_s
    elif mark < CLOSED:
        if not place.is_single:
            return False
        before_s, behind_s = place.opposing_s, place.opposed_s
    elif mark == CLOSED or mark - CLOSED_FORWARD == place.direction:
        before_s = behind_s = 0
    else:
        return False
    bound.entry_from_s, bound.exit_from_s = use.leave_s + before_s, -FAR
    bound.entry_to_s, bound.exit_to_s = FAR, use.enter_s - behind_s
    return True


@compiled(counts_references=False, has_entry=False)
def open_step(line: Line, place: Row, from_s: int, to_s: int, windows: Rows, bounds: Rows) -> int:
    """List the free windows of a step for runs between two instants; how many there are.

    Between two neighbouring uses lies one window: behind the latest bound of all uses before it,
    ahead of the earliest of all uses after it. One too short for the train is left out.
    """
    row = line.rows[place.step]
    end = row.first + row.count
    kept = 0
    # A use that began earlier may still last: so far back as the longest one and its interval.
    for number in range(find_first(line, row, from_s - row.longest_s - row.gap_s), end):
        use = line.uses[number]
        if use.enter_s > to_s + row.gap_s:
            break
        if _bound_step(place, use, bounds[kept]):
            kept += 1
    windows[kept].entry_to_s = FAR
    windows[kept].exit_to_s = FAR
    # Backwards, for a use far behind may ask for more than the next one.
    for slot in range(kept - 1, -1, -1):
        here, after, bound = windows[slot], windows[slot + 1], bounds[slot]
        here.entry_to_s = min(after.entry_to_s, bound.entry_to_s)
        here.exit_to_s = min(after.exit_to_s, bound.exit_to_s)
    entry_s, exit_s = -FAR, -FAR
    found = 0
    for slot in range(kept + 1):
        last_exit_s = windows[slot].exit_to_s
        last_entry_s = min(windows[slot].entry_to_s, last_exit_s - place.running_s)
        if entry_s <= last_entry_s and exit_s <= last_exit_s and last_entry_s >= from_s:
            here = windows[found]
            here.entry_from_s, here.exit_from_s = entry_s, exit_s
            here.entry_to_s, here.exit_to_s = last_entry_s, last_exit_s
            found += 1
        if slot < kept:
            entry_s = max(entry_s, bounds[slot].entry_from_s)
            exit_s = max(exit_s, bounds[slot].exit_from_s)
    return found


@compiled(counts_references=False, is_merged=True)
def _count_bits(mask: int) -> int:
    """Bits of a number that are set."""
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@compiled(counts_references=False)
def _finds_track(fits: int, ends: Rows, first: int, end: int) -> bool:
    """Whether a train finds a track of its own among others, all of whom may change theirs.

    It does unless some tracks, those that hold it among them, hold no more than stand there and can
    stand nowhere else [Hall 1935]; the kinds of trains that are there tell which to look at.
    """
    if _count_bits(fits) > end - first:
        return True
    kinds = 0
    for place in range(first, end):
        is_new = True
        for before in range(first, place):
            is_new = is_new and ends[before].mark != ends[place].mark
        ends[place].owner = kinds if is_new else -1
        kinds += is_new
    if kinds > MOST_KINDS:
        return False
    # All sets of kinds, which is why kinds are few; see `MOST_KINDS`.
    for chosen in range(1 << kinds):
        tracks = fits
        for place in range(first, end):
            kind = ends[place].owner
            if kind >= 0 and chosen >> kind & 1:
                tracks |= ends[place].mark
        bound = 0
        for place in range(first, end):
            bound += ends[place].mark & ~tracks == 0
        if bound >= _count_bits(tracks):
            return False
    return True


@compiled(counts_references=False, is_merged=True)
def _has_room(place: Row, ends: Rows, first: int, end: int, long_count: int) -> bool:
    """Whether a point holds one more train beside those that are there."""
    if place.is_listed:
        return _finds_track(place.mark, ends, first, end)
    return end - first < place.tracks_count and not (place.mark and long_count > 0)


@compiled(counts_references=False, has_entry=False)
def open_point(line: Line, place: Row, from_s: int, to_s: int, windows: Rows, ends: Rows) -> int:
    """List the free windows of a point for stays between two instants; how many there are.

    A train occupies a track from its arrival until `release_s` after its departure. A window is
    where fewer trains are there than there are tracks and, for a train that no loop holds, no
    other such train is there; where tracks are told apart, all find one at once. `ends` is
    workspace of the kind of a use.
    """
    row, uses, release_s = line.rows[place.point], line.uses, line.release_s
    end, count = row.first + row.count, 0
    begin = find_first(line, row, from_s - row.longest_s - release_s)
    found, long_inside, ended = 0, 0, 0
    free_from_s, is_free = -FAR, place.tracks_count > 0
    for number in range(begin, end):
        use = uses[number]
        # The release counts on both sides: whoever comes later needs the track free.
        if use.enter_s > to_s + release_s:
            break
        # A track that is given up is free before the next train takes one at the same second.
        while ended < count and ends[ended].leave_s <= use.enter_s:
            long_inside -= ends[ended].mark
            ended += 1
            if not is_free and _has_room(place, ends, ended, count, long_inside):
                free_from_s, is_free = ends[ended - 1].leave_s, True
        back = count
        while back > ended and ends[back - 1].leave_s > use.leave_s + release_s:
            ends[back].leave_s, ends[back].mark = ends[back - 1].leave_s, ends[back - 1].mark
            back -= 1
        ends[back].leave_s, ends[back].mark = use.leave_s + release_s, use.mark
        count += 1
        long_inside += use.mark
        if is_free and not _has_room(place, ends, ended, count, long_inside):
            is_free = False
            # The train must be off so long before the track is taken.
            last_s = use.enter_s - release_s
            if last_s >= free_from_s and last_s >= from_s:
                windows[found].from_s, windows[found].to_s = free_from_s, last_s
                found += 1
    while not is_free and ended < count:
        long_inside -= ends[ended].mark
        free_from_s = ends[ended].leave_s
        ended += 1
        is_free = _has_room(place, ends, ended, count, long_inside)
    if is_free:
        windows[found].from_s, windows[found].to_s = free_from_s, FAR
        found += 1
    return found
