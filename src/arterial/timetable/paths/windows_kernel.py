"""Compiled book-keeping of who uses a track when, and the free windows that this leaves.

A *use* is a record of type `USE` of a step or of a point, sorted by the time of entry;
`list_step_windows` and `list_point_windows` give what is left for one more train. Times are int64
seconds. Windows are exact: whatever lies inside one keeps every rule against every use, and
whatever lies outside all of them breaks one.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = [
    "Intervals",
    "add_uses",
    "list_point_windows",
    "list_step_windows",
    "remove_owner",
]

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Records = NDArray[np.void]

FAR: Final = 1 << 60

USE: Final = np.dtype(
    [("enter_s", np.int64), ("leave_s", np.int64), ("mark", np.int64), ("owner", np.int64)]
)
"""A use of a step or a point, with a mark of its kind and the number of its owner."""

# Marks of a use of a step: the direction of a train, or what a possession closes.
FORWARD: Final = 0
BACKWARD: Final = 1
CLOSED: Final = 2
CLOSED_FORWARD: Final = 3

# Marks of a use of a point.
FITS: Final = 0
IS_LONG: Final = 1

STEP: Final = np.dtype(
    [
        ("row", np.int64),
        ("direction", np.int64),
        ("is_single", np.bool_),
        ("can_follow", np.bool_),
    ]
)
"""A step of a train's way: its number, the direction of the train, and how trains share it."""

POINT: Final = np.dtype([("row", np.int64), ("tracks_count", np.int64), ("is_long", np.bool_)])
"""A point of a train's way: its number and tracks, and whether no loop holds the train."""

STEP_WINDOW: Final = np.dtype(
    [
        ("entry_from_s", np.int64),
        ("entry_to_s", np.int64),
        ("exit_from_s", np.int64),
        ("exit_to_s", np.int64),
    ]
)
"""When a train may enter and leave a step."""

POINT_WINDOW: Final = np.dtype([("from_s", np.int64), ("to_s", np.int64)])
"""Earliest arrival at a point, and latest departure from it."""

# Kinds of relation between a use of a step and one more train.
APART: Final = 0
EXCLUDES: Final = 1
FOLLOWS: Final = 2


class Intervals(NamedTuple):
    """Least times between trains, their margin included [s]."""

    opposing_s: int
    following_s: int
    headway_s: int
    release_s: int


@compiled
def add_uses(uses: Records, counts: Integers, rows: Integers, new: Records) -> None:
    """Enter one use each in several rows, keeping the order of entry; there must be room."""
    for number in range(len(rows)):
        row = rows[number]
        place = counts[row]
        while place > 0 and uses[row, place - 1]["enter_s"] > new[number]["enter_s"]:
            uses[row, place] = uses[row, place - 1]
            place -= 1
        uses[row, place] = new[number]
        counts[row] += 1


@compiled
def remove_owner(uses: Records, counts: Integers, rows: Integers, owner: int) -> None:
    """Delete every use that an owner has of some rows."""
    for row in rows:
        kept = 0
        for place in range(counts[row]):
            if uses[row, place]["owner"] != owner:
                uses[row, kept] = uses[row, place]
                kept += 1
        counts[row] = kept


@compiled
def _relate(mark: int, step: np.void) -> int:
    """How a use of a step bears on a train that runs over it in a direction."""
    if mark == CLOSED:
        return EXCLUDES
    if mark >= CLOSED_FORWARD:
        return EXCLUDES if mark - CLOSED_FORWARD == step["direction"] else APART
    if mark == step["direction"]:
        return FOLLOWS if step["can_follow"] else EXCLUDES
    return EXCLUDES if step["is_single"] else APART


@compiled
def _gap(mark: int, step: np.void, intervals: Intervals) -> int:
    """Least time between a use and one more train where one excludes the other [s]."""
    if mark >= CLOSED:
        return 0
    if mark == step["direction"]:
        return intervals.following_s
    return intervals.opposing_s


@compiled
def _bound(
    bound: np.void, use: np.void, relation: int, step: np.void, intervals: Intervals
) -> None:
    """Set the earliest entry and exit behind a use, and the latest entry and exit before it."""
    if relation == FOLLOWS:
        headway_s = intervals.headway_s
        bound["entry_from_s"] = use["enter_s"] + headway_s
        bound["exit_from_s"] = use["leave_s"] + headway_s
        bound["entry_to_s"] = use["enter_s"] - headway_s
        bound["exit_to_s"] = use["leave_s"] - headway_s
    else:
        # Where one excludes the other, only who is off before the other is on counts.
        gap_s = _gap(use["mark"], step, intervals)
        bound["entry_from_s"], bound["exit_from_s"] = use["leave_s"] + gap_s, -FAR
        bound["entry_to_s"], bound["exit_to_s"] = FAR, use["enter_s"] - gap_s


@compiled
def _step_windows(
    uses: Records, count: int, step: np.void, intervals: Intervals, ignored: Flags
) -> Records:
    """Free windows of a step, in order; the first `count` uses are valid, sorted by entry.

    Owners that are ignored count as absent. Between two neighbouring uses lies one window: behind
    the latest bound of all uses before it, ahead of the earliest of all uses after it.
    """
    bounds = np.empty(count, STEP_WINDOW)
    kept = 0
    for place in range(count):
        use = uses[place]
        relation = _relate(use["mark"], step)
        if relation != APART and not ignored[use["owner"]]:
            _bound(bounds[kept], use, relation, step, intervals)
            kept += 1
    windows = np.empty(kept + 1, STEP_WINDOW)
    windows[kept]["entry_to_s"] = FAR
    windows[kept]["exit_to_s"] = FAR
    for slot in range(kept - 1, -1, -1):
        here, after, bound = windows[slot], windows[slot + 1], bounds[slot]
        here["entry_to_s"] = min(after["entry_to_s"], bound["entry_to_s"])
        here["exit_to_s"] = min(after["exit_to_s"], bound["exit_to_s"])
    windows[0]["entry_from_s"] = -FAR
    windows[0]["exit_from_s"] = -FAR
    for slot in range(kept):
        here, after, bound = windows[slot], windows[slot + 1], bounds[slot]
        after["entry_from_s"] = max(here["entry_from_s"], bound["entry_from_s"])
        after["exit_from_s"] = max(here["exit_from_s"], bound["exit_from_s"])
    found = 0
    for slot in range(kept + 1):
        here = windows[slot]
        here["entry_to_s"] = min(here["entry_to_s"], here["exit_to_s"])
        can_enter = here["entry_from_s"] <= here["entry_to_s"]
        if can_enter and here["exit_from_s"] <= here["exit_to_s"]:
            windows[found] = here
            found += 1
    return windows[:found].copy()


@compiled
def _list_ends(
    uses: Records, count: int, release_s: int, ignored: Flags
) -> tuple[Integers, Integers]:
    """Ends of the uses that count, in order, and the marks of these uses."""
    ends, marks = np.empty(count, np.int64), np.empty(count, np.int64)
    kept = 0
    for place in range(count):
        if ignored[uses[place]["owner"]]:
            continue
        end, mark = uses[place]["leave_s"] + release_s, uses[place]["mark"]
        # Sorted by insertion: uses come by entry, so their ends are nearly in order.
        back = kept
        while back > 0 and ends[back - 1] > end:
            ends[back], marks[back] = ends[back - 1], marks[back - 1]
            back -= 1
        ends[back], marks[back] = end, mark
        kept += 1
    return ends[:kept], marks[:kept]


@compiled
def _point_windows(
    uses: Records, count: int, point: np.void, release_s: int, ignored: Flags
) -> Records:
    """Free windows of a point, in order.

    A train occupies a track from its arrival until `release_s` after its departure. A window is
    where fewer trains are there than there are tracks and, for a train that no loop holds, no
    other such train is there.
    """
    ends, marks = _list_ends(uses, count, release_s, ignored)
    kept = len(ends)
    windows = np.empty(count + 1, POINT_WINDOW)
    found, inside, long_inside, ended = 0, 0, 0, 0
    free_from = -FAR
    is_free = point["tracks_count"] > 0
    for place in range(count):
        use = uses[place]
        if ignored[use["owner"]]:
            continue
        # A track that is given up is free before the next train takes one at the same second.
        while ended < kept and ends[ended] <= use["enter_s"]:
            inside -= 1
            long_inside -= marks[ended] == IS_LONG
            if not is_free and _has_room(point, inside, long_inside):
                free_from, is_free = ends[ended], True
            ended += 1
        inside += 1
        long_inside += use["mark"] == IS_LONG
        if is_free and not _has_room(point, inside, long_inside):
            is_free = False
            if use["enter_s"] - release_s >= free_from:
                windows[found]["from_s"] = free_from
                windows[found]["to_s"] = use["enter_s"] - release_s
                found += 1
    # The window that never ends opens once enough of the last trains have gone.
    while ended < kept and not _has_room(point, inside, long_inside):
        inside -= 1
        long_inside -= marks[ended] == IS_LONG
        free_from = ends[ended]
        ended += 1
    if _has_room(point, inside, long_inside):
        windows[found]["from_s"], windows[found]["to_s"] = free_from, FAR
        found += 1
    return windows[:found].copy()


@compiled
def _has_room(point: np.void, inside: int, long_inside: int) -> bool:
    """Whether a point holds one more train beside those inside."""
    return inside < point["tracks_count"] and not (point["is_long"] and long_inside > 0)


@compiled
def _append(windows: Records, count: int, found: Records) -> Records:
    """Windows with those found behind the first so many, in a larger array where needed."""
    if count + len(found) > len(windows):
        grown = np.empty(2 * max(count + len(found), len(windows)), windows.dtype)
        grown[:count] = windows[:count]
        windows = grown
    windows[count : count + len(found)] = found
    return windows


@compiled
def list_step_windows(
    uses: Records, counts: Integers, steps: Records, intervals: Intervals, ignored: Flags
) -> tuple[Integers, Records]:
    """Free windows of every step of a way, one after another.

    Parameters
    ----------
    uses : numpy.ndarray of USE
        Uses of all steps by entry, ``(n_rows, capacity)``.
    counts : numpy.ndarray of int64
        How many of them are valid, ``(n_rows,)``.
    steps : numpy.ndarray of STEP
        The way, ``(n,)``.
    intervals : Intervals
        Least times between trains [s].
    ignored : numpy.ndarray of bool
        Owners that count as absent.

    Returns
    -------
    tuple
        Where the windows of each step begin, ``(n + 1,)``, and the windows, of `STEP_WINDOW`.
    """
    starts = np.zeros(len(steps) + 1, np.int64)
    windows = np.empty(256, STEP_WINDOW)
    for number in range(len(steps)):
        row = steps[number]["row"]
        found = _step_windows(uses[row], counts[row], steps[number], intervals, ignored)
        windows = _append(windows, starts[number], found)
        starts[number + 1] = starts[number] + len(found)
    return starts, windows[: starts[-1]]


@compiled
def list_point_windows(
    uses: Records, counts: Integers, points: Records, intervals: Intervals, ignored: Flags
) -> tuple[Integers, Records]:
    """Free windows of every point of a way, as :func:`list_step_windows` those of its steps.

    The way is of `POINT`, ``(n,)``, the windows are of `POINT_WINDOW`.
    """
    starts = np.zeros(len(points) + 1, np.int64)
    windows = np.empty(256, POINT_WINDOW)
    for number in range(len(points)):
        row = points[number]["row"]
        found = _point_windows(uses[row], counts[row], points[number], intervals.release_s, ignored)
        windows = _append(windows, starts[number], found)
        starts[number + 1] = starts[number] + len(found)
    return starts, windows[: starts[-1]]
