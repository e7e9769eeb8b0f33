"""Compiled search for the path of one train that arrives first between those that stand.

`find_path` sets labels place by place over (free window of the point, stops or passes). A label
holds the whole interval of arrivals that can be reached, so that the search is exact with losses
of stops and with limits on standstills; windows are listed only between the instants at which the
train can be there at all. Source: safe interval path planning [Phillips 2011].
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.paths.line_kernel import (
    FAR,
    POINT_WINDOW,
    STEP_WINDOW,
    USE,
    Line,
    open_point,
    open_step,
)
from arterial.rows import Row, Rows, row_kind

__all__ = [
    "LABEL",
    "WAIT_AT_ORIGIN",
    "WAIT_EARLY",
    "WAIT_LATE",
    "Labels",
    "find_path",
    "make_labels",
    "write_path",
]

Integers = NDArray[np.int64]

LABEL: Final = row_kind("until_s stops low_s high_s parent after")
"""Arrivals that can be reached in a window of a point, stopping or not; `after` is the next label
of the same window."""

NONE: Final = -1

WAIT_EARLY: Final = 0
WAIT_LATE: Final = 1
WAIT_AT_ORIGIN: Final = 2


AT: Final = row_kind("first count windows points latest_s waits_inside is_full")
"""Where a search is: its labels at the present place, the windows ahead, and until when; `is_full`
once a label has found no room."""


class Labels(NamedTuple):
    """Workspace of a search.

    Parameters
    ----------
    at : numpy.ndarray of AT
        Where it is, ``(1,)``.
    rows : numpy.ndarray of LABEL
        Labels, those of a place in one piece.
    heads : numpy.ndarray of int64
        Newest label of each window of the place that is reached now, by stopping or not.
    latest_s : numpy.ndarray of int64
        Latest arrival at each place of the way from which the limit can be kept.
    step_windows, bounds, point_windows, ends
        For the windows of one step and one point.
    """

    at: Rows
    rows: Rows
    heads: Integers
    latest_s: Integers
    step_windows: Rows
    bounds: Rows
    point_windows: Rows
    ends: Rows


def make_labels(places_most: int, uses_most: int) -> Labels:
    """Workspace for ways of so many places over rows of so many uses."""
    return Labels(
        at=np.zeros(1, AT).view(np.recarray),
        rows=np.zeros(1 << 17, LABEL).view(np.recarray),
        heads=np.zeros(2 * uses_most + 4, np.int64),
        latest_s=np.zeros(places_most + 1, np.int64),
        step_windows=np.zeros(uses_most + 2, STEP_WINDOW).view(np.recarray),
        bounds=np.zeros(uses_most + 2, STEP_WINDOW).view(np.recarray),
        point_windows=np.zeros(uses_most + 2, POINT_WINDOW).view(np.recarray),
        ends=np.zeros(uses_most + 2, USE).view(np.recarray),
    )


@compiled(counts_references=False, is_merged=True)
def _limit_arrivals(labels: Labels, places: Rows, train: Row, arrive_by: int) -> None:
    """Set the latest arrival at each place that leaves time for the rest of the way."""
    latest_s = min(arrive_by, places[train.end - 1].latest_s)
    labels.latest_s[train.end - 1 - train.first] = latest_s
    for number in range(train.end - 2, train.first - 1, -1):
        place = places[number]
        # Losses of time and stops not planned are left out: the limit must not be too early.
        rest_s = place.running_s + (place.dwell_least_s if place.is_planned else 0)
        latest_s = min(latest_s - rest_s, place.latest_s)
        labels.latest_s[number - train.first] = latest_s


@compiled(counts_references=False, is_merged=True)
def _offer_label(labels: Labels, slot: int, low_s: int, high_s: int, waits_on: int) -> int:
    """Place for an interval of arrivals in a window: a new label, one it replaces, or none."""
    at = labels.at[0]
    number = labels.heads[slot]
    while number >= at.first:
        row = labels.rows[number]
        # Where a train may wait for ever, the earliest arrival at a window is enough.
        if row.low_s <= low_s and (waits_on or row.high_s >= high_s):
            return NONE
        if low_s <= row.low_s and (waits_on or high_s >= row.high_s):
            return int(number)
        number = row.after
    if at.count >= len(labels.rows):
        at.is_full = 1
        return NONE
    labels.rows[at.count].after = labels.heads[slot]
    labels.heads[slot] = at.count
    at.count += 1
    return int(at.count) - 1


@compiled(counts_references=False, is_merged=True)
def _enter_point(
    labels: Labels, place: Row, from_s: int, to_s: int, stops: int, parent: int
) -> None:
    """Offer an interval of arrivals to every window of a point."""
    dwell_s = place.dwell_least_s if stops else 0
    waits_on = int(stops == 1 and place.dwell_most_s >= FAR)
    for number in range(labels.at[0].points):
        window = labels.point_windows[number]
        if window.from_s > to_s:
            break
        low_s, high_s = max(from_s, window.from_s), min(to_s, window.to_s - dwell_s)
        if low_s > high_s:
            continue
        chosen = _offer_label(labels, 2 * number + stops, low_s, high_s, waits_on)
        if chosen == NONE:
            continue
        row = labels.rows[chosen]
        row.until_s, row.stops, row.parent = window.to_s, stops, parent
        row.low_s, row.high_s = low_s, high_s


@compiled(counts_references=False)
def _extend(labels: Labels, here: Row, there: Row, parent: int) -> None:
    """Set the labels at the next point that one label leads to."""
    at, label = labels.at[0], labels.rows[parent]
    from_s, to_s, stopped = label.low_s, label.high_s, label.stops
    if stopped:
        from_s, to_s = from_s + here.dwell_least_s, to_s + here.dwell_most_s
    from_s, to_s = max(from_s, here.earliest_s), min(to_s, label.until_s)
    for stops in range(2):
        if (there.is_planned and not stops) or (stops and there.dwell_most_s < 0):
            continue
        run_s = here.running_s + here.start_loss_s * stopped + there.stop_loss_s * stops
        for number in range(at.windows):
            step = labels.step_windows[number]
            # Windows are in order of time, so no later one can be entered either.
            if step.entry_from_s > to_s or step.entry_from_s + run_s > at.latest_s:
                break
            low_s = max(from_s, step.entry_from_s, step.exit_from_s - run_s) + run_s
            high_s = min(to_s, step.entry_to_s, step.exit_to_s - run_s) + run_s
            if at.waits_inside and stops and step.entry_to_s >= from_s:
                # It has entered the step and stops behind it: it can be held in front as well.
                low_s, high_s = max(from_s + run_s, step.exit_from_s), step.exit_to_s
            high_s = min(high_s, at.latest_s)
            if low_s <= high_s:
                _enter_point(labels, there, low_s, high_s, stops, parent)


@compiled(counts_references=False, is_merged=True)
def _set_origin(line: Line, labels: Labels, place: Row, train: Row) -> int:
    """Labels at the origin, one a free window; gives their number."""
    dwell_s = place.dwell_least_s
    first_s = max(train.depart_from_s, place.earliest_s) - dwell_s
    last_s = min(train.depart_to_s, labels.latest_s[0] + dwell_s)
    begin_s = train.arrive_at_s if train.is_live else first_s
    windows = open_point(line, place, begin_s, last_s, labels.point_windows, labels.ends)
    count = 0
    for number in range(windows):
        window = labels.point_windows[number]
        low_s, high_s = max(window.from_s, first_s), min(window.to_s, last_s) - dwell_s
        if train.is_live:
            # It stands there since it came.
            low_s = high_s = train.arrive_at_s
            is_open = window.from_s <= low_s and low_s + dwell_s <= window.to_s
        else:
            is_open = low_s <= high_s
        if is_open:
            row = labels.rows[count]
            row.until_s = min(window.to_s, train.depart_to_s)
            row.stops, row.parent, row.after = 1, NONE, NONE
            row.low_s, row.high_s = low_s, high_s
            count += 1
    return count


@compiled(counts_references=False)
def find_path(line: Line, labels: Labels, places: Rows, train: Row, arrive_by: int) -> int:
    """Label of the path that arrives first; `NONE` where none arrives in time.

    Parameters
    ----------
    line : Line
        Who uses what; the train itself is not in it.
    labels : Labels
        Workspace; the path is read from it by `write_path`.
    places : numpy.ndarray of PLACE
        The ways of all trains.
    train : record of TRAIN
        The train.
    arrive_by : int
        Arrival that is not looked beyond [s].

    Returns
    -------
    int
        Number of the last label.
    """
    _limit_arrivals(labels, places, train, arrive_by)
    at = labels.at[0]
    at.first, at.count = 0, _set_origin(line, labels, places[train.first], train)
    for number in range(train.first, train.end - 1):
        first, last = at.first, at.count
        if first == last:
            return NONE
        here, there = places[number], places[number + 1]
        from_s = labels.rows[first].low_s
        for label in range(first + 1, last):
            from_s = min(from_s, labels.rows[label].low_s)
        at.latest_s = labels.latest_s[number + 1 - train.first]
        at.waits_inside = train.waits_inside and number == train.first
        # A train stays until its latest arrival at the point behind, less the run to it.
        until_s = at.latest_s + there.dwell_least_s
        if number + 2 < train.end:
            until_s = labels.latest_s[number + 2 - train.first] - there.running_s
        at.windows = open_step(line, here, from_s, at.latest_s, labels.step_windows, labels.bounds)
        from_s += here.running_s
        at.points = open_point(line, there, from_s, until_s, labels.point_windows, labels.ends)
        for slot in range(2 * at.points):
            labels.heads[slot] = NONE
        # Labels of a place stand in one piece behind those of the place before.
        at.first = last
        for label in range(first, last):
            _extend(labels, here, there, label)
    best = NONE
    for label in range(at.first, at.count):
        if best == NONE or labels.rows[label].low_s < labels.rows[best].low_s:
            best = label
    return best


@compiled(counts_references=False)
def write_path(
    labels: Labels,
    places: Rows,
    train: Row,
    label: int,
    wait_rule: int,
    arrival_s: Integers,
    departure_s: Integers,
) -> None:
    """Write the times of a path that `find_path` found.

    Parameters
    ----------
    label : int
        Its last label.
    wait_rule : int
        `WAIT_EARLY` keeps the line ahead free, `WAIT_LATE` clears the line behind.
    arrival_s, departure_s : numpy.ndarray of int64
        Times of all trains, to be written at the places of this one [s].
    """
    end = train.end - 1
    arrival_s[end] = labels.rows[label].low_s
    departure_s[end] = arrival_s[end] + places[end].dwell_least_s
    number = label
    for place in range(end - 1, train.first - 1, -1):
        here, there = labels.rows[labels.rows[number].parent], labels.rows[number]
        if place == train.first and train.waits_inside:
            arrival_s[place], departure_s[place] = train.arrive_at_s, train.depart_to_s
            break
        run_s = places[place].running_s
        run_s += places[place].start_loss_s * here.stops
        run_s += places[place + 1].stop_loss_s * there.stops
        # From the end backwards: the label ahead says when the train has to be there.
        departure_s[place] = arrival_s[place + 1] - run_s
        if not here.stops:
            arrival_s[place] = departure_s[place]
        elif wait_rule == WAIT_EARLY and not (train.waits_inside and place == train.first + 1):
            arrival_s[place] = min(here.high_s, departure_s[place] - places[place].dwell_least_s)
        else:
            arrival_s[place] = max(here.low_s, departure_s[place] - places[place].dwell_most_s)
        number = labels.rows[number].parent
