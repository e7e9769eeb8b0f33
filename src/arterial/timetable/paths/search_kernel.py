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

FAR: Final = 1 << 60

# Columns of a stage: what the train needs at a point and on the step behind it.
RUNNING: Final = 0
START_LOSS: Final = 1
STOP_LOSS: Final = 2
DWELL_LEAST: Final = 3
DWELL_MOST: Final = 4
EARLIEST: Final = 5
LATEST: Final = 6
IS_PLANNED: Final = 7

# Columns of a label.
WINDOW: Final = 0
STOPS: Final = 1
LOW: Final = 2
HIGH: Final = 3
PARENT: Final = 4


@compiled
def _leave_from(label: Integers, stage: Integers, until: int) -> Integers:
    """Earliest and latest departure of a label, ``(2,)`` [s]."""
    leave = np.empty(2, np.int64)
    if label[STOPS]:
        leave[0] = label[LOW] + stage[DWELL_LEAST]
        leave[1] = min(label[HIGH] + stage[DWELL_MOST], until)
    else:
        leave[0], leave[1] = label[LOW], min(label[HIGH], until)
    leave[0] = max(leave[0], stage[EARLIEST])
    return leave


@compiled
def _first_at_least(windows: Integers, column: int, least: int) -> int:
    """First row whose ascending column reaches a value."""
    low, high = 0, len(windows)
    while low < high:
        middle = (low + high) // 2
        if windows[middle, column] < least:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _grow(rows: Integers, needed: int) -> Integers:
    """Rows with room for as many as needed."""
    if needed <= len(rows):
        return rows
    grown = np.empty((2 * max(needed, len(rows)), rows.shape[1]), np.int64)
    grown[: len(rows)] = rows
    return grown


@compiled
def _enter_points(
    found: Integers,
    count: int,
    arrival: Integers,
    points: Integers,
    stage: Integers,
    candidate: Integers,
) -> int:
    """Add a candidate for each window of the next point that an interval of arrivals meets."""
    dwell = stage[DWELL_LEAST] if candidate[STOPS] else 0
    high = min(arrival[1], stage[LATEST])
    for window in range(_first_at_least(points, 1, arrival[0] + dwell), len(points)):
        if points[window, 0] > high:
            break
        low_here = max(arrival[0], points[window, 0])
        high_here = min(high, points[window, 1] - dwell)
        if low_here <= high_here:
            row = found[count]
            row[WINDOW], row[STOPS], row[PARENT] = window, candidate[STOPS], candidate[PARENT]
            row[LOW], row[HIGH] = low_here, high_here
            count += 1
    return count


@compiled
def _extend(
    label: Integers,
    parent: int,
    stages: Integers,
    until: int,
    steps: Integers,
    points: Integers,
    found: Integers,
    count: int,
) -> tuple[Integers, int]:
    """Candidates at the next point that one label leads to.

    Parameters are the label, its number, the stages of this point and the next ``(2, 8)``, the end
    of its window, the windows of the step and of the next point, and the candidates so far.
    """
    here, there = stages[0], stages[1]
    leave = _leave_from(label, here, until)
    candidate = np.empty(5, np.int64)
    arrival = np.empty(2, np.int64)
    candidate[PARENT] = parent
    begin = _first_at_least(steps, 1, leave[0])
    for stops in range(2):
        if (there[IS_PLANNED] and not stops) or (stops and there[DWELL_MOST] < 0):
            continue
        candidate[STOPS] = stops
        run = here[RUNNING] + here[START_LOSS] * label[STOPS] + there[STOP_LOSS] * stops
        for window in range(begin, len(steps)):
            step = steps[window]
            if step[0] > leave[1]:
                break
            arrival[0] = max(leave[0], step[0], step[2] - run) + run
            arrival[1] = min(leave[1], step[1], step[3] - run) + run
            if arrival[0] <= arrival[1]:
                found = _grow(found, count + len(points))
                count = _enter_points(found, count, arrival, points, there, candidate)
    return found, count


@compiled
def _keep_best(found: Integers, count: int, windows: int, stage: Integers) -> Integers:
    """Candidates that reach times which no other candidate of the same window reaches.

    Intervals are cut to what is new. Where a train may wait for ever, the earliest arrival at a
    window is enough.
    """
    order = np.argsort(found[:count, LOW], kind="mergesort")
    covered = np.full(2 * windows, -FAR, np.int64)
    kept = np.empty((count, 5), np.int64)
    number = 0
    for place in order:
        row = found[place]
        slot = 2 * row[WINDOW] + row[STOPS]
        is_seen = covered[slot] > -FAR
        if row[HIGH] <= covered[slot] or (is_seen and row[STOPS] and stage[DWELL_MOST] >= FAR):
            continue
        kept[number] = row
        kept[number, LOW] = max(row[LOW], covered[slot] + 1) if is_seen else row[LOW]
        covered[slot] = row[HIGH]
        number += 1
    return kept[:number]


@compiled
def _trace_back(labels: Integers, last: int, stages: Integers) -> Integers:
    """Arrival and departure at every point of the path that ends in a label, ``(n, 2)`` [s].

    A train runs on as early as it can and waits where it must, so that it clears the line behind.
    """
    count = len(stages)
    times = np.empty((count, 2), np.int64)
    times[count - 1, 0] = labels[last, LOW]
    times[count - 1, 1] = labels[last, LOW] + stages[count - 1, DWELL_LEAST]
    label = last
    for number in range(count - 2, -1, -1):
        before = labels[label, PARENT]
        run = (
            stages[number, RUNNING]
            + stages[number, START_LOSS] * labels[before, STOPS]
            + stages[number + 1, STOP_LOSS] * labels[label, STOPS]
        )
        departure = times[number + 1, 0] - run
        times[number, 1] = departure
        if labels[before, STOPS]:
            most = stages[number, DWELL_MOST]
            times[number, 0] = max(labels[before, LOW], departure - most)
        else:
            times[number, 0] = departure
        label = before
    return times


@compiled
def _set_first(labels: Integers, stage: Integers, points: Integers, departure: Integers) -> int:
    """Labels at the origin, one a free window; gives their number."""
    dwell = stage[DWELL_LEAST]
    number = 0
    for window in range(len(points)):
        low = max(points[window, 0], max(departure[0], stage[EARLIEST]) - dwell)
        high = min(points[window, 1], departure[1], stage[LATEST] + dwell) - dwell
        if low <= high:
            row = labels[number]
            row[WINDOW], row[STOPS], row[PARENT] = window, 1, -1
            row[LOW], row[HIGH] = low, high
            number += 1
    return number


@compiled
def _lower_limits(stages: Integers, arrive_by: int) -> Integers:
    """Stages whose latest arrivals leave time for the rest of the way."""
    limited = stages.copy()
    last = len(stages) - 1
    limited[last, LATEST] = min(limited[last, LATEST], arrive_by)
    for number in range(last - 1, -1, -1):
        rest = stages[number, RUNNING]
        rest += stages[number, DWELL_LEAST] if stages[number, IS_PLANNED] else 0
        following = limited[number + 1, LATEST] - rest
        limited[number, LATEST] = min(limited[number, LATEST], following)
    return limited


@compiled
def search_path(
    stages: Integers,
    step_starts: Integers,
    step_windows: Integers,
    point_starts: Integers,
    point_windows: Integers,
    departure: Integers,
    arrive_by: int,
) -> Integers:
    """Times of the path that arrives first; no rows where there is none.

    Parameters
    ----------
    stages : numpy.ndarray of int64
        What the train needs at each point, ``(n, 8)``.
    step_starts, point_starts : numpy.ndarray of int64
        Where the windows of each step and point begin, ``(n,)`` and ``(n + 1,)``.
    step_windows, point_windows : numpy.ndarray of int64
        Free windows, ``(_, 4)`` and ``(_, 2)``.
    departure : numpy.ndarray of int64
        Earliest and latest departure from the origin, ``(2,)`` [s].
    arrive_by : int
        Arrival that is not looked beyond [s].

    Returns
    -------
    numpy.ndarray of int64
        Arrival and departure at each point, ``(n, 2)`` or ``(0, 2)``.
    """
    count = len(stages)
    stages = _lower_limits(stages, arrive_by)
    labels = np.empty((1024, 5), np.int64)
    labels = _grow(labels, point_starts[1])
    first, last = 0, 0
    last = _set_first(labels, stages[0], point_windows[: point_starts[1]], departure)
    found = np.empty((256, 5), np.int64)
    for number in range(count - 1):
        steps = step_windows[step_starts[number] : step_starts[number + 1]]
        here = point_windows[point_starts[number] : point_starts[number + 1]]
        points = point_windows[point_starts[number + 1] : point_starts[number + 2]]
        candidates = 0
        for label in range(first, last):
            until = here[labels[label, WINDOW], 1]
            found, candidates = _extend(
                labels[label],
                label,
                stages[number : number + 2],
                until,
                steps,
                points,
                found,
                candidates,
            )
        kept = _keep_best(found, candidates, len(points), stages[number + 1])
        labels = _grow(labels, last + len(kept))
        labels[last : last + len(kept)] = kept
        first, last = last, last + len(kept)
        if first == last:
            return np.empty((0, 2), np.int64)
    best = first
    for label in range(first, last):
        if labels[label, LOW] < labels[best, LOW]:
            best = label
    return _trace_back(labels, best, stages)
