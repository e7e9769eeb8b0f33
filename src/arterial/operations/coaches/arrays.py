"""The arrays that the compiled simulation of through coaches works on.

Main class: `World`, all that one draw of uncertain inputs fixes. A row number stands for each
train, run, leg, step and source of delay, and every time is int64 seconds since the epoch.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Chance",
    "Groups",
    "HostArrays",
    "LegArrays",
    "Outcome",
    "PoolArrays",
    "ProcedureArrays",
    "SourceArrays",
    "TripArrays",
    "Variant",
    "World",
]

Integers = NDArray[np.int64]
Small = NDArray[np.int32]
Numbers = NDArray[np.float64]

# Shapes of the delay of a source.
TRIANGULAR: Final = 0
UNIFORM: Final = 1
LOGNORMAL: Final = 2
OUTAGE: Final = 3

# Columns of the record of a leg.
RUN: Final = 0
DEPARTURE: Final = 1
ARRIVAL: Final = 2
HOST_LATE: Final = 3
LEFT_LATE: Final = 4
NO_HOST: Final = 5
MISSED_WAIT: Final = 6
LATE: Final = 7
SHORTAGE: Final = 8
MISSED: Final = 9
FIRST_LEAVE: Final = 10
FROM_PROCEDURE: Final = 11
FROM_HOST: Final = 12
FROM_ABOARD: Final = 13
TRACE_END: Final = 14
STATUS: Final = 15
COST: Final = 16
EXPECTED: Final = 17
LEG_COLUMNS: Final = 18

# Status of a leg and of a trip.
NOT_REACHED: Final = 0
RIDDEN: Final = 1
BROKEN_OFF: Final = 2
NO_SET: Final = 3

# Columns of the record of a trip.
TRIP_STATUS: Final = 0
TRIP_SET: Final = 1
TRIP_BEFORE: Final = 2
TRIP_READY: Final = 3
TRIP_ARRIVAL: Final = 4
TRIP_COLUMNS: Final = 5

# Columns of what is given of a trip.
OUT_DEPARTURE_DELAY: Final = 0
OUT_ARRIVAL: Final = 1
OUT_ARRIVAL_DELAY: Final = 2
OUT_MISSED: Final = 3
OUT_FIRST_MISSED: Final = 4
OUT_SET_LATE: Final = 5
OUT_STATUS: Final = 6
OUT_FULL_DELAY: Final = 7
OUT_LOST: Final = 8
OUT_COLUMNS: Final = 9

# Columns of what is given of a leg.
LEG_OFFERED: Final = 0
LEG_MISSED: Final = 1
LEG_WAIT: Final = 2
LEG_COST: Final = 3
LEG_OUT_COLUMNS: Final = 4

# Kinds of variants.
HOST_WAITS: Final = 0
HOST_LATER: Final = 1
STEP_SHORTER: Final = 2

NEVER: Final = -(1 << 60)
"""Stands for a time that has not come."""


class HostArrays(NamedTuple):
    """Host trains: steps (standstill at a stop, or piece of a section) and dated runs."""

    step_begin: Integers
    stop_begin: Integers
    stop_step: Integers
    recovery_s: Integers
    offset_s: Integers
    list_begin: Integers
    list_source: Integers
    list_hazard: Numbers
    day_begin: Integers
    day_source: Integers
    restriction_s: Integers
    restriction_source: Integers
    crossing_share: Numbers
    crossing_s: Numbers
    crossing_source: Integers
    run_begin: Integers
    run_end: Integers
    run_host: Integers
    run_midnight_s: Integers
    run_event: Integers


class SourceArrays(NamedTuple):
    """Sources of delay: how long, how often on a day, and how much of its baseline is left."""

    shape: Integers
    first: Numbers
    second: Numbers
    third: Numbers
    factor: Numbers
    season: Numbers
    day_rate: Numbers
    day_slot: Integers
    day_group: Integers


class ProcedureArrays(NamedTuple):
    """Procedures at a place: steps, what they wait for, opening hours, mishaps on top."""

    begin: Integers
    low_s: Numbers
    mode_s: Numbers
    high_s: Numbers
    best_s: Integers
    after_begin: Integers
    after: Integers
    window_begin: Integers
    opens_s: Integers
    closes_s: Integers
    source: Integers
    opening_source: Integers
    mishap_begin: Integers
    mishap_source: Integers
    mishap_rate: Numbers


class LegArrays(NamedTuple):
    """Legs of dated trips on dated hosts."""

    host: Integers
    from_stop: Integers
    to_stop: Integers
    announced_run: Integers
    first_run: Integers
    wait_s: Integers
    procedure: Integers
    plan_ready_s: Integers
    event: Integers
    short_source: Integers
    no_host_source: Integers
    no_later_source: Integers


class TripArrays(NamedTuple):
    """Dated trips in order of departure."""

    leg_begin: Integers
    code: Integers
    pool: Integers
    from_place: Integers
    to_place: Integers
    turn_s: Integers
    turn_source: Integers
    best_departure_s: Integers
    best_arrival_s: Integers
    event_begin: Integers
    event_best_s: Integers
    target: Integers
    works_target: Integers


class PoolArrays(NamedTuple):
    """Coach sets at the start: pool, place and ready time; stays in the works, by their begin."""

    pool: Integers
    place: Integers
    ready_s: Integers
    stay_pool: Integers
    stay_place: Integers
    stay_from_s: Integers
    stay_until_s: Integers


class World(NamedTuple):
    """All that a draw of uncertain inputs fixes."""

    hosts: HostArrays
    sources: SourceArrays
    procedures: ProcedureArrays
    legs: LegArrays
    trips: TripArrays
    at_s: Integers
    month: Integers
    first_day: int
    longest_wait_s: int
    samples_steps: int
    timetable_source: int
    path: Integers


class Chance(NamedTuple):
    """Key of the draw and number of the replication."""

    key: np.uint64
    replication: int


class Variant(NamedTuple):
    """What is changed at one leg: the host waits longer or leaves later, steps take less."""

    leg: int
    wait_s: int
    later_s: int
    shorter_s: int


class Groups(NamedTuple):
    """What the groups have of one replication: shares of causes, those touched, finished trips."""

    shares_s: Integers
    mark: Integers
    touched: Integers
    size: Integers
    finished: Integers


class Outcome(NamedTuple):
    """What a batch of replications gives; delays by cause are summed, with their squares."""

    trip: Integers
    leg: Integers
    event_s: Small
    variant: Integers
    cause_sums: Numbers
    group_sums: Numbers
    gap_s: Integers
    has_causes: Integers
