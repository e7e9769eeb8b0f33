"""Compiled search for the path of one train through the free windows of its way.

`search_path` sets labels point by point over (point, free window, stops or passes). A label holds
the whole interval of arrival times that can be reached there, so that the search is exact with
limits on dwell as well. Times are int64 seconds; a wait happens only at a point.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = ["search_path"]

Integers = NDArray[np.int64]
Records = NDArray[np.void]

FAR: Final = 1 << 60

STAGE: Final = np.dtype(
    [
        ("running_s", np.int64),
        ("start_loss_s", np.int64),
        ("stop_loss_s", np.int64),
        ("dwell_least_s", np.int64),
        ("dwell_most_s", np.int64),
        ("earliest_s", np.int64),
        ("latest_s", np.int64),
        ("is_planned", np.bool_),
    ]
)
"""What a train needs at a point and on the step behind it; limits on departure and arrival."""

LABEL: Final = np.dtype(
    [
        ("window", np.int64),
        ("stops", np.int64),
        ("low_s", np.int64),
        ("high_s", np.int64),
        ("parent", np.int64),
    ]
)
"""Arrivals, earliest and latest, that can be reached in a window of a point, stopping or not."""


@compiled
def _leave_from(label: np.void, stage: np.void, until_s: int) -> tuple[int, int]:
    """Earliest and latest departure of a label [s]."""
    first_s, last_s = label["low_s"], label["high_s"]
    if label["stops"]:
        first_s, last_s = first_s + stage["dwell_least_s"], last_s + stage["dwell_most_s"]
    return max(first_s, stage["earliest_s"]), min(last_s, until_s)


@compiled
def _first_at_least(values: Integers, least: int) -> int:
    """First place at which ascending values reach one."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _grow(rows: Records, needed: int) -> Records:
    """Rows with room for as many as needed."""
    if needed <= len(rows):
        return rows
    grown = np.empty(2 * max(needed, len(rows)), rows.dtype)
    grown[: len(rows)] = rows
    return grown


@compiled
def _enter_points(
    found: Records,
    count: int,
    from_s: int,
    to_s: int,
    points: Records,
    stage: np.void,
    stops: int,
    parent: int,
) -> int:
    """Add a candidate for each window of the next point that an interval of arrivals meets."""
    dwell_s = stage["dwell_least_s"] if stops else 0
    high_s = min(to_s, stage["latest_s"])
    for window in range(_first_at_least(points["to_s"], from_s + dwell_s), len(points)):
        if points[window]["from_s"] > high_s:
            break
        low_here = max(from_s, points[window]["from_s"])
        high_here = min(high_s, points[window]["to_s"] - dwell_s)
        if low_here <= high_here:
            candidate = found[count]
            candidate["window"], candidate["stops"], candidate["parent"] = window, stops, parent
            candidate["low_s"], candidate["high_s"] = low_here, high_here
            count += 1
    return count


@compiled
def _extend(
    labels: Records,
    number: int,
    stages: Records,
    until_s: int,
    steps: Records,
    points: Records,
    found: Records,
    count: int,
) -> tuple[Records, int]:
    """Candidates at the next point that one label leads to.

    Parameters are the labels and the number of this one, the stages of this point and the next,
    ``(2,)``, the end of its window, the windows of the step and of the next point, and the
    candidates so far.
    """
    label, here, there = labels[number], stages[0], stages[1]
    first_s, last_s = _leave_from(label, here, until_s)
    begin = _first_at_least(steps["entry_to_s"], first_s)
    for stops in range(2):
        if (there["is_planned"] and not stops) or (stops and there["dwell_most_s"] < 0):
            continue
        run_s = here["running_s"] + here["start_loss_s"] * label["stops"]
        run_s += there["stop_loss_s"] * stops
        for window in range(begin, len(steps)):
            step = steps[window]
            if step["entry_from_s"] > last_s:
                break
            from_s = max(first_s, step["entry_from_s"], step["exit_from_s"] - run_s) + run_s
            to_s = min(last_s, step["entry_to_s"], step["exit_to_s"] - run_s) + run_s
            if from_s <= to_s:
                found = _grow(found, count + len(points))
                count = _enter_points(found, count, from_s, to_s, points, there, stops, number)
    return found, count


@compiled
def _keep_best(found: Records, count: int, windows: int, stage: np.void) -> Records:
    """Candidates that reach times which no other candidate of the same window reaches.

    Intervals are cut to what is new. Where a train may wait for ever, the earliest arrival at a
    window is enough.
    """
    order = np.argsort(found["low_s"][:count], kind="mergesort")
    covered = np.full(2 * windows, -FAR, np.int64)
    kept = np.empty(count, LABEL)
    number = 0
    for place in order:
        row = found[place]
        slot = 2 * row["window"] + row["stops"]
        is_seen = covered[slot] > -FAR
        waits_on = row["stops"] and stage["dwell_most_s"] >= FAR
        if row["high_s"] <= covered[slot] or (is_seen and waits_on):
            continue
        kept[number] = row
        if is_seen:
            kept[number]["low_s"] = max(row["low_s"], covered[slot] + 1)
        covered[slot] = row["high_s"]
        number += 1
    return kept[:number]


@compiled
def _trace_back(labels: Records, last: int, stages: Records) -> tuple[Integers, Integers]:
    """Arrival and departure at every point of the path that ends in a label, ``(n,)`` [s].

    A train runs on as early as it can and waits where it must, so that it clears the line behind.
    """
    end = len(stages) - 1
    arrival, departure = np.empty(end + 1, np.int64), np.empty(end + 1, np.int64)
    arrival[end] = labels[last]["low_s"]
    departure[end] = labels[last]["low_s"] + stages[end]["dwell_least_s"]
    number = last
    for place in range(end - 1, -1, -1):
        label = labels[labels[number]["parent"]]
        run_s = (
            stages[place]["running_s"]
            + stages[place]["start_loss_s"] * label["stops"]
            + stages[place + 1]["stop_loss_s"] * labels[number]["stops"]
        )
        departure[place] = arrival[place + 1] - run_s
        if label["stops"]:
            arrival[place] = max(label["low_s"], departure[place] - stages[place]["dwell_most_s"])
        else:
            arrival[place] = departure[place]
        number = labels[number]["parent"]
    return arrival, departure


@compiled
def _set_first(labels: Records, stage: np.void, points: Records, from_s: int, to_s: int) -> int:
    """Labels at the origin, one a free window; gives their number."""
    dwell_s = stage["dwell_least_s"]
    number = 0
    for window in range(len(points)):
        low_s = max(points[window]["from_s"], max(from_s, stage["earliest_s"]) - dwell_s)
        high_s = min(points[window]["to_s"], to_s, stage["latest_s"] + dwell_s) - dwell_s
        if low_s <= high_s:
            label = labels[number]
            label["window"], label["stops"], label["parent"] = window, 1, -1
            label["low_s"], label["high_s"] = low_s, high_s
            number += 1
    return number


@compiled
def _lower_limits(stages: Records, arrive_by: int) -> Records:
    """Stages whose latest arrivals leave time for the rest of the way."""
    limited = stages.copy()
    last = len(stages) - 1
    limited[last]["latest_s"] = min(limited[last]["latest_s"], arrive_by)
    for number in range(last - 1, -1, -1):
        rest_s = stages[number]["running_s"]
        if stages[number]["is_planned"]:
            rest_s += stages[number]["dwell_least_s"]
        following_s = limited[number + 1]["latest_s"] - rest_s
        limited[number]["latest_s"] = min(limited[number]["latest_s"], following_s)
    return limited


@compiled
def search_path(
    stages: Records,
    step_starts: Integers,
    step_windows: Records,
    point_starts: Integers,
    point_windows: Records,
    depart_from_s: int,
    depart_to_s: int,
    arrive_by: int,
) -> tuple[Integers, Integers]:
    """Times of the path that arrives first; empty where there is none.

    Parameters
    ----------
    stages : numpy.ndarray of STAGE
        What the train needs at each point, ``(n,)``.
    step_starts, point_starts : numpy.ndarray of int64
        Where the windows of each step and point begin, ``(n,)`` and ``(n + 1,)``.
    step_windows, point_windows : numpy.ndarray of STEP_WINDOW and of POINT_WINDOW
        Free windows.
    depart_from_s, depart_to_s : int
        Earliest and latest departure from the origin [s].
    arrive_by : int
        Arrival that is not looked beyond [s].

    Returns
    -------
    tuple
        Arrival and departure at each point, ``(n,)`` or ``(0,)`` [s].
    """
    stages = _lower_limits(stages, arrive_by)
    labels = np.empty(max(1024, point_starts[1]), LABEL)
    origin = point_windows[: point_starts[1]]
    first, last = 0, _set_first(labels, stages[0], origin, depart_from_s, depart_to_s)
    found = np.empty(256, LABEL)
    for number in range(len(stages) - 1):
        steps = step_windows[step_starts[number] : step_starts[number + 1]]
        here = point_windows[point_starts[number] : point_starts[number + 1]]
        points = point_windows[point_starts[number + 1] : point_starts[number + 2]]
        pair = stages[number : number + 2]
        candidates = 0
        for label in range(first, last):
            until_s = here[labels[label]["window"]]["to_s"]
            found, candidates = _extend(
                labels, label, pair, until_s, steps, points, found, candidates
            )
        kept = _keep_best(found, candidates, len(points), stages[number + 1])
        labels = _grow(labels, last + len(kept))
        labels[last : last + len(kept)] = kept
        first, last = last, last + len(kept)
        if first == last:
            return np.empty(0, np.int64), np.empty(0, np.int64)
    best = first
    for label in range(first, last):
        if labels[label]["low_s"] < labels[best]["low_s"]:
            best = label
    return _trace_back(labels, best, stages)
