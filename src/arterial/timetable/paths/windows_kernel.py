"""Compiled book-keeping of who uses a track when, and the free windows that this leaves.

A *use* is a row (enter, leave, mark, owner) of a step or of a point, sorted by the time of entry;
`_step_windows` and `_point_windows` give what is left for one more train. Times are int64 seconds.
Windows are exact: whatever lies inside one keeps every rule against every use, and whatever lies
outside all of them breaks one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = ["add_uses", "list_windows", "remove_owner"]

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR: Final = 1 << 60

# Columns of a use.
ENTER: Final = 0
LEAVE: Final = 1
MARK: Final = 2
OWNER: Final = 3

# Marks of a use of a step: the direction of a train, or what a possession closes.
FORWARD: Final = 0
BACKWARD: Final = 1
CLOSED: Final = 2
CLOSED_FORWARD: Final = 3

# Marks of a use of a point.
FITS: Final = 0
IS_LONG: Final = 1

# Columns of what a stretch of the way is like.
ROW: Final = 0
DIRECTION: Final = 1
IS_SINGLE: Final = 2
CAN_FOLLOW: Final = 3
TRACKS: Final = 4
LONG: Final = 5

# Places in the rules.
OPPOSING: Final = 0
FOLLOWING: Final = 1
HEADWAY: Final = 2
RELEASE: Final = 3

# Columns of the windows of steps and of points.
STEP_COLUMNS: Final = 4
POINT_COLUMNS: Final = 2

# Kinds of relation between a use of a step and one more train.
APART: Final = 0
EXCLUDES: Final = 1
FOLLOWS: Final = 2


@compiled
def add_uses(uses: Integers, counts: Integers, rows: Integers, new: Integers) -> None:
    """Enter one use each in several rows, keeping the order of entry; there must be room."""
    for number in range(len(rows)):
        row = rows[number]
        place = counts[row]
        while place > 0 and uses[row, place - 1, ENTER] > new[number, ENTER]:
            uses[row, place] = uses[row, place - 1]
            place -= 1
        uses[row, place] = new[number]
        counts[row] += 1


@compiled
def remove_owner(uses: Integers, counts: Integers, rows: Integers, owner: int) -> None:
    """Delete every use that an owner has of some rows."""
    for row in rows:
        kept = 0
        for place in range(counts[row]):
            if uses[row, place, OWNER] != owner:
                uses[row, kept] = uses[row, place]
                kept += 1
        counts[row] = kept


@compiled
def _relate(mark: int, stretch: Integers) -> int:
    """How a use of a step bears on a train that runs over it in a direction."""
    if mark == CLOSED:
        return EXCLUDES
    if mark >= CLOSED_FORWARD:
        return EXCLUDES if mark - CLOSED_FORWARD == stretch[DIRECTION] else APART
    if mark == stretch[DIRECTION]:
        return FOLLOWS if stretch[CAN_FOLLOW] else EXCLUDES
    return EXCLUDES if stretch[IS_SINGLE] else APART


@compiled
def _gap(mark: int, stretch: Integers, rules: Integers) -> int:
    """Least time between a use and one more train where one excludes the other [s]."""
    if mark >= CLOSED:
        return 0
    if mark == stretch[DIRECTION]:
        return int(rules[FOLLOWING])
    return int(rules[OPPOSING])


@compiled
def _bound_from(use: Integers, relation: int, stretch: Integers, rules: Integers) -> Integers:
    """Earliest entry and exit behind a use, latest entry and exit before it, ``(4,)`` [s]."""
    bounds = np.empty(4, np.int64)
    if relation == FOLLOWS:
        bounds[0], bounds[2] = use[ENTER] + rules[HEADWAY], use[LEAVE] + rules[HEADWAY]
        bounds[1], bounds[3] = use[ENTER] - rules[HEADWAY], use[LEAVE] - rules[HEADWAY]
        return bounds
    gap = _gap(use[MARK], stretch, rules)
    bounds[0], bounds[2] = use[LEAVE] + gap, -FAR
    bounds[1], bounds[3] = FAR, use[ENTER] - gap
    return bounds


@compiled
def _step_windows(
    uses: Integers, count: int, stretch: Integers, rules: Integers, ignored: Flags
) -> Integers:
    """Free windows of a step: rows (entry from, entry to, exit from, exit to), in order.

    Parameters
    ----------
    uses : numpy.ndarray of int64
        Uses of the step by entry, ``(capacity, 4)``, the first `count` valid.
    count : int
        Number of uses.
    stretch : numpy.ndarray of int64
        What the step is like for this train.
    rules : numpy.ndarray of int64
        Opposing interval, following interval, headway [s].
    ignored : numpy.ndarray of bool
        Owners that count as absent.
    """
    bounds = np.empty((count, 4), np.int64)
    kept = 0
    for place in range(count):
        use = uses[place]
        relation = _relate(use[MARK], stretch)
        if relation != APART and not ignored[use[OWNER]]:
            bounds[kept] = _bound_from(use, relation, stretch, rules)
            kept += 1
    windows = np.empty((kept + 1, 4), np.int64)
    windows[kept, 1] = windows[kept, 3] = FAR
    for slot in range(kept - 1, -1, -1):
        windows[slot, 1] = min(windows[slot + 1, 1], bounds[slot, 1])
        windows[slot, 3] = min(windows[slot + 1, 3], bounds[slot, 3])
    windows[0, 0] = windows[0, 2] = -FAR
    for slot in range(kept):
        windows[slot + 1, 0] = max(windows[slot, 0], bounds[slot, 0])
        windows[slot + 1, 2] = max(windows[slot, 2], bounds[slot, 2])
    found = 0
    for slot in range(kept + 1):
        window = windows[slot]
        window[1] = min(window[1], window[3])
        if window[0] <= window[1] and window[2] <= window[3]:
            windows[found] = window
            found += 1
    return windows[:found].copy()


@compiled
def _sort_ends(ends: Integers) -> None:
    """Sort rows (time, mark) by time; they are nearly sorted already."""
    for place in range(1, len(ends)):
        time, mark = ends[place, 0], ends[place, 1]
        back = place
        while back > 0 and ends[back - 1, 0] > time:
            ends[back, 0], ends[back, 1] = ends[back - 1, 0], ends[back - 1, 1]
            back -= 1
        ends[back, 0], ends[back, 1] = time, mark


@compiled
def _list_ends(uses: Integers, count: int, release: int, ignored: Flags) -> Integers:
    """Ends of the uses that count, each a row (time, mark), in order."""
    ends = np.empty((count, 2), np.int64)
    kept = 0
    for place in range(count):
        if not ignored[uses[place, OWNER]]:
            ends[kept, 0], ends[kept, 1] = uses[place, LEAVE] + release, uses[place, MARK]
            kept += 1
    ends = ends[:kept]
    _sort_ends(ends)
    return ends


@compiled
def _point_windows(
    uses: Integers, count: int, stretch: Integers, release: int, ignored: Flags
) -> Integers:
    """Free windows of a point: rows (arrival from, departure to), in order.

    A train occupies a track from its arrival until `release` after its departure. A window is
    where fewer trains are there than there are tracks and, for a train that no loop holds, no
    other such train is there.
    """
    ends = _list_ends(uses, count, release, ignored)
    windows = np.empty((count + 1, 2), np.int64)
    found, inside, long_inside, ended = 0, 0, 0, 0
    free_from = -FAR
    is_free = stretch[TRACKS] > 0
    for place in range(count):
        use = uses[place]
        if ignored[use[OWNER]]:
            continue
        # A track that is given up is free before the next train takes one at the same second.
        while ended < len(ends) and ends[ended, 0] <= use[ENTER]:
            inside -= 1
            long_inside -= ends[ended, 1] == IS_LONG
            opens = inside < stretch[TRACKS] and not (stretch[LONG] and long_inside > 0)
            if opens and not is_free:
                free_from, is_free = ends[ended, 0], True
            ended += 1
        inside += 1
        long_inside += use[MARK] == IS_LONG
        closes = inside >= stretch[TRACKS] or (stretch[LONG] and long_inside > 0)
        if closes and is_free:
            is_free = False
            if use[ENTER] - release >= free_from:
                windows[found, 0], windows[found, 1] = free_from, use[ENTER] - release
                found += 1
    return _close_windows(windows, found, ends[ended:], stretch, inside, long_inside, free_from)


@compiled
def _close_windows(
    windows: Integers,
    found: int,
    ends: Integers,
    stretch: Integers,
    inside: int,
    long_inside: int,
    free_from: int,
) -> Integers:
    """Add the window that never ends, once the last uses are over."""
    for place in range(len(ends) + 1):
        if inside < stretch[TRACKS] and not (stretch[LONG] and long_inside > 0):
            start = free_from if place == 0 else ends[place - 1, 0]
            windows[found, 0], windows[found, 1] = start, FAR
            return windows[: found + 1].copy()
        if place < len(ends):
            inside -= 1
            long_inside -= ends[place, 1] == IS_LONG
    return windows[:found].copy()


@compiled
def list_windows(
    uses: Integers,
    counts: Integers,
    stretches: Integers,
    rules: Integers,
    ignored: Flags,
    columns: int,
) -> tuple[Integers, Integers]:
    """Free windows of every stretch of a way, one after another.

    Parameters
    ----------
    uses, counts : numpy.ndarray of int64
        Ledger of all steps or of all points, ``(n_rows, capacity, 4)`` and ``(n_rows,)``.
    stretches : numpy.ndarray of int64
        The way, ``(n, 6)``.
    rules : numpy.ndarray of int64
        Opposing interval, following interval, headway, release of a track [s].
    ignored : numpy.ndarray of bool
        Owners that count as absent.
    columns : int
        4 for steps, 2 for points.

    Returns
    -------
    tuple
        Where the windows of each stretch begin, ``(n + 1,)``, and the windows: four columns for
        steps, two for points.
    """
    starts = np.zeros(len(stretches) + 1, np.int64)
    windows = np.empty((256, columns), np.int64)
    for number in range(len(stretches)):
        stretch = stretches[number]
        row = stretch[ROW]
        if columns == STEP_COLUMNS:
            found = _step_windows(uses[row], counts[row], stretch, rules, ignored)
        else:
            found = _point_windows(uses[row], counts[row], stretch, rules[RELEASE], ignored)
        begin, end = starts[number], starts[number] + len(found)
        while end > len(windows):
            grown = np.empty((2 * len(windows), columns), np.int64)
            grown[: len(windows)] = windows
            windows = grown
        windows[begin:end] = found
        starts[number + 1] = end
    return starts, windows[: starts[-1]]
