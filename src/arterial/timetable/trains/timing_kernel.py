"""Compiled times of many trains, each on one operating day; main function `time_patterns`.

The same rules as `arterial.timetable.trains.train_times`, which follows one train at a time with
its ranges: stated times are anchors, running times fill the stops between and outside them. Times
are seconds UTC; an event is the arrival (even) or the departure (odd) of a stop.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.timetable.trains.train_plans import DAY_SEARCH_SHARE
from arterial.timetable.trains.zone_offsets import ZoneOffsets
from arterial.units import DAY_S

__all__ = ["NOT_STATED", "UNKNOWN", "StatedStops", "time_patterns"]

NOT_STATED: Final = -1
"""Stands for a clock face that is not stated [s]."""

NO_DAY: Final = -1000
"""Stands for a day that is not stated [d]."""

UNKNOWN: Final = -(1 << 62)
"""Stands for the time of an event that no chain of running times joins to a stated one [s]."""


Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


class StatedStops(NamedTuple):
    """Stops of all trains, train after train.

    Attributes
    ----------
    first : (n_trains + 1,)
        First stop of each train.
    zone : (n_stops,)
        Number of the zone of its point.
    face_s : (n_stops, 2)
        Stated local times of arrival and departure after midnight [s]; `NOT_STATED` = none.
    day : (n_stops, 2)
        Stated days after the operating day; `NO_DAY` = none.
    standing_s : (n_stops,)
        Standstill where it is stated; 0 elsewhere [s].
    dwell_s : (n_stops,)
        Standstill, stated or the default [s].
    running_s, running_low_s : (n_stops,)
        Best and shortest running time from the stop before [s]; not a number = unknown.
    """

    first: Integers
    zone: Integers
    face_s: Integers
    day: Integers
    standing_s: Numbers
    dwell_s: Numbers
    running_s: Numbers
    running_low_s: Numbers


@compiled
def time_patterns(
    stops: StatedStops,
    zones: ZoneOffsets,
    trains: Integers,
    days: Integers,
    starts: Integers,
    event_s: Integers,
    is_stated: NDArray[np.bool_],
) -> Integers:
    """Times of trains on operating days.

    Parameters
    ----------
    stops : StatedStops
        The trains.
    zones : ZoneOffsets
        Their zones.
    trains, days : (n,)
        Train and operating day, counted from the epoch, of each pattern.
    starts : (n + 1,)
        Where the events of each pattern begin.
    event_s, is_stated : (starts[-1],)
        Written: time of each event [s], and whether it is stated.

    Returns
    -------
    (n,)
        Stop at which the stated times of a pattern run backwards; -1 where they do not.
    """
    backward = np.full(len(trains), -1, np.int64)
    for pattern in range(len(trains)):
        begin, end = starts[pattern], starts[pattern + 1]
        first = stops.first[trains[pattern]]
        events, stated = event_s[begin:end], is_stated[begin:end]
        _place_stated(stops, zones, first, days[pattern], events, stated)
        before = -1
        for event in range(len(events)):
            if not stated[event]:
                continue
            if before < 0:
                _fill_backward(stops, first, events, event, 0)
            else:
                if events[event] < events[before]:
                    backward[pattern] = event // 2
                _fill_between(stops, first, events, before, event)
            before = event
        if before >= 0:
            _fill_forward(stops, first, events, before, len(events) - 1)
            # Nothing is known of a train before its first stop and behind its last.
            events[0] = events[-1] = UNKNOWN
    return backward


@compiled
def _place_stated(
    stops: StatedStops,
    zones: ZoneOffsets,
    first: int,
    operating_day: int,
    events: Integers,
    stated: NDArray[np.bool_],
) -> None:
    """Put each stated clock face on its day."""
    events[:] = UNKNOWN
    stated[:] = False
    before = -1
    for event in range(1, len(events) - 1):
        stop, part = first + event // 2, event % 2
        face_s, day = stops.face_s[stop, part], stops.day[stop, part]
        if face_s == NOT_STATED:
            continue
        zone = stops.zone[stop]
        if day == NO_DAY and event == 1:
            day = 0
        if day != NO_DAY:
            at_s = place_face(zones, zone, operating_day + day, face_s)
        elif before >= 0:
            shortest_s = 0.0
            for between in range(before // 2 + 1, event // 2 + 1):
                low_s = stops.running_low_s[first + between]
                if not np.isnan(low_s):
                    shortest_s += low_s
            # The first showing of the clock face that the train can reach.
            earliest_s = events[before] + np.int64(DAY_SEARCH_SHARE * shortest_s)
            local_day = (earliest_s + find_offset(zones, zone, earliest_s)) // DAY_S
            at_s = place_face(zones, zone, local_day, face_s)
            if at_s < earliest_s:
                at_s = place_face(zones, zone, local_day + 1, face_s)
        else:
            continue
        events[event] = at_s
        stated[event] = True
        before = event


@compiled
def place_face(zones: ZoneOffsets, zone: int, day: int, face_s: int) -> int:
    """Instant of a clock face; the first of two, and before the change inside a gap [s]."""
    local_s = day * DAY_S + face_s
    offset_s = zones.offset_s[zones.first[zone]]
    for place in range(zones.first[zone] + 1, zones.first[zone + 1]):
        after_s = zones.offset_s[place]
        if local_s < zones.from_s[place] + max(offset_s, after_s):
            break
        offset_s = after_s
    return int(local_s - offset_s)


@compiled
def find_offset(zones: ZoneOffsets, zone: int, at_s: int) -> int:
    """Offset of a zone at an instant [s]."""
    offset_s = zones.offset_s[zones.first[zone]]
    for place in range(zones.first[zone] + 1, zones.first[zone + 1]):
        if at_s < zones.from_s[place]:
            break
        offset_s = zones.offset_s[place]
    return int(offset_s)


@compiled(is_merged=True)
def _get_piece(stops: StatedStops, first: int, event: int) -> float:
    """What lies after an event: a standstill after an arrival, else a run [s]."""
    stop = first + event // 2
    return float(stops.dwell_s[stop] if event % 2 == 0 else stops.running_s[stop + 1])


@compiled
def _fill_between(
    stops: StatedStops, first: int, events: Integers, before: int, after: int
) -> None:
    """Share the time between two stated times; past an unknown run, go in from both ends."""
    running_s, dwell_s = 0.0, 0.0
    for event in range(before, after):
        piece_s = _get_piece(stops, first, event)
        if np.isnan(piece_s):
            _fill_forward(stops, first, events, before, after)
            _fill_backward(stops, first, events, after, before)
            _leave_out(events, before, after)
            return
        if event % 2 == 0:
            dwell_s += piece_s
        else:
            running_s += piece_s
    span_s = events[after] - events[before]
    # Only runs are stretched; where the standstills alone are too long, all shrinks alike.
    if running_s > 0 and span_s > dwell_s:
        running_factor, dwell_factor = (span_s - dwell_s) / running_s, 1.0
    else:
        whole_s = running_s + dwell_s
        running_factor = span_s / whole_s if whole_s > 0 else 0.0
        dwell_factor = running_factor
    spent_s = 0.0
    for event in range(before, after - 1):
        factor = dwell_factor if event % 2 == 0 else running_factor
        spent_s += _get_piece(stops, first, event) * factor
        events[event + 1] = np.int64(np.rint(events[before] + spent_s))


@compiled
def _leave_out(events: Integers, before: int, after: int) -> None:
    """Forget what lies behind the next stated time, or before a time that is reached already."""
    latest_s = events[before]
    for event in range(before + 1, after):
        if events[event] == UNKNOWN:
            continue
        if latest_s <= events[event] <= events[after]:
            latest_s = events[event]
        else:
            events[event] = UNKNOWN


@compiled
def _fill_forward(
    stops: StatedStops, first: int, events: Integers, anchor: int, stop_before: int
) -> None:
    """Run on from a stated time until an unknown run."""
    spent_s = 0.0
    for event in range(anchor, stop_before - 1):
        piece_s = _get_piece(stops, first, event)
        if np.isnan(piece_s):
            return
        spent_s += piece_s
        events[event + 1] = np.int64(np.rint(events[anchor] + spent_s))


@compiled
def _fill_backward(
    stops: StatedStops, first: int, events: Integers, anchor: int, stop_after: int
) -> None:
    """Run back from a stated time until an unknown run."""
    spent_s = 0.0
    for event in range(anchor - 1, stop_after, -1):
        piece_s = _get_piece(stops, first, event)
        if np.isnan(piece_s):
            return
        spent_s += piece_s
        events[event] = np.int64(np.rint(events[anchor] - spent_s))
