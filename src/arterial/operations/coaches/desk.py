"""The desk: all arrays of the simulation of through coaches in four, with the place of each.

Compiled functions call each other millions of times; four arrays are handed on at no cost, a
hundred are not. `pack_desk` lays the arrays of a :class:`World` and the memory of one replication
side by side; element `row` of a field stands at `desk.ints[desk.at[FIELD] + row]`.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.operations.coaches.arrays import LEG_COLUMNS, TRIP_COLUMNS, World

__all__ = ["Desk", "pack_desk"]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]

# Numbers of the fields: host trains, sources, procedures, legs, trips, the draw, and memory.
HOST_STEP_BEGIN: Final = 0
HOST_STOP_BEGIN: Final = 1
HOST_STOP_STEP: Final = 2
HOST_RECOVERY_S: Final = 3
HOST_OFFSET_S: Final = 4
HOST_LIST_BEGIN: Final = 5
HOST_LIST_SOURCE: Final = 6
HOST_LIST_HAZARD: Final = 7
HOST_DAY_BEGIN: Final = 8
HOST_DAY_SOURCE: Final = 9
HOST_RESTRICTION_S: Final = 10
HOST_RESTRICTION_SOURCE: Final = 11
HOST_CROSSING_SHARE: Final = 12
HOST_CROSSING_S: Final = 13
HOST_CROSSING_SOURCE: Final = 14
HOST_RUN_BEGIN: Final = 15
HOST_RUN_END: Final = 16
HOST_RUN_HOST: Final = 17
HOST_RUN_MIDNIGHT_S: Final = 18
HOST_RUN_EVENT: Final = 19
SOURCE_SHAPE: Final = 20
SOURCE_FIRST: Final = 21
SOURCE_SECOND: Final = 22
SOURCE_THIRD: Final = 23
SOURCE_FACTOR: Final = 24
SOURCE_SEASON: Final = 25
SOURCE_DAY_RATE: Final = 26
SOURCE_DAY_SLOT: Final = 27
SOURCE_DAY_GROUP: Final = 28
PROCEDURE_BEGIN: Final = 29
PROCEDURE_LOW_S: Final = 30
PROCEDURE_MODE_S: Final = 31
PROCEDURE_HIGH_S: Final = 32
PROCEDURE_BEST_S: Final = 33
PROCEDURE_AFTER_BEGIN: Final = 34
PROCEDURE_AFTER: Final = 35
PROCEDURE_WINDOW_BEGIN: Final = 36
PROCEDURE_OPENS_S: Final = 37
PROCEDURE_CLOSES_S: Final = 38
PROCEDURE_SOURCE: Final = 39
PROCEDURE_OPENING_SOURCE: Final = 40
PROCEDURE_MISHAP_BEGIN: Final = 41
PROCEDURE_MISHAP_SOURCE: Final = 42
PROCEDURE_MISHAP_RATE: Final = 43
LEG_HOST: Final = 44
LEG_FROM_STOP: Final = 45
LEG_TO_STOP: Final = 46
LEG_ANNOUNCED_RUN: Final = 47
LEG_FIRST_RUN: Final = 48
LEG_WAIT_S: Final = 49
LEG_PROCEDURE: Final = 50
LEG_PLAN_READY_S: Final = 51
LEG_EVENT: Final = 52
LEG_SHORT_SOURCE: Final = 53
LEG_NO_HOST_SOURCE: Final = 54
LEG_NO_LATER_SOURCE: Final = 55
TRIP_LEG_BEGIN: Final = 56
TRIP_CODE: Final = 57
TRIP_POOL: Final = 58
TRIP_FROM_PLACE: Final = 59
TRIP_TO_PLACE: Final = 60
TRIP_TURN_S: Final = 61
TRIP_TURN_SOURCE: Final = 62
TRIP_BEST_DEPARTURE_S: Final = 63
TRIP_BEST_ARRIVAL_S: Final = 64
TRIP_EVENT_BEGIN: Final = 65
TRIP_EVENT_BEST_S: Final = 66
TRIP_TARGET: Final = 67
TRIP_WORKS_TARGET: Final = 68
AT_S: Final = 69
MONTH: Final = 70
PATH: Final = 71
FIRST_DAY: Final = 72
LONGEST_WAIT_S: Final = 73
SAMPLES_STEPS: Final = 74
TIMETABLE_SOURCE: Final = 75
TRIPS_COUNT: Final = 76
TRIP_RECORD: Final = 77
LEVEL: Final = 78
CLOCK: Final = 79
WORK_TRACE_SOURCE: Final = 80
WORK_TRACE_S: Final = 81
WORK_TRACE_SIZE: Final = 82
WORK_COUNT: Final = 83
WORK_SEEN: Final = 84
WORK_OVER_S: Final = 85
WORK_START_S: Final = 86
WORK_OPENED_S: Final = 87
WORK_SAMPLED_S: Final = 88
WORK_CHAIN: Final = 89
WORK_EVENTS_S: Final = 90
WORK_SET_PLACE: Final = 91
WORK_SET_READY_S: Final = 92
WORK_SET_TRIP: Final = 93
WORK_PRIMARY_S: Final = 94
WORK_KNOCK_ON_S: Final = 95
WORK_TOUCHED: Final = 96
WORK_TOUCHED_SIZE: Final = 97
WORK_MARK: Final = 98
FIELDS_COUNT: Final = 99

DEEPEST: Final = 32
STEPS: Final = 64


class Desk(NamedTuple):
    """Integers and numbers of all fields, where each field begins, and the records of legs."""

    ints: Integers
    numbers: Numbers
    at: Integers
    record: Integers


def pack_desk(world: World, sets_count: int, trace: int) -> Desk:
    """Lay everything side by side.

    Parameters
    ----------
    world : World
        Arrays of a draw.
    sets_count : int
        Coach sets.
    trace : int
        Delays that a replication can meet.

    Returns
    -------
    Desk
        With all memory at zero.
    """
    fields: dict[int, NDArray[np.int64] | NDArray[np.float64]] = {}
    number = 0
    for arrays in (world.hosts, world.sources, world.procedures, world.legs, world.trips):
        for array in arrays:
            fields[number] = array.reshape(-1)
            number += 1
    trips, nodes = len(world.trips.code), int(world.path.max()) + 1
    fields |= {
        AT_S: world.at_s,
        MONTH: world.month,
        PATH: world.path.reshape(-1),
        FIRST_DAY: np.array([world.first_day]),
        LONGEST_WAIT_S: np.array([world.longest_wait_s]),
        SAMPLES_STEPS: np.array([world.samples_steps]),
        TIMETABLE_SOURCE: np.array([world.timetable_source]),
        TRIPS_COUNT: np.array([trips]),
    }
    sizes = _size_memory(world, sets_count, trace, nodes)
    fields |= {field: np.zeros(size, np.int64) for field, size in sizes.items()}
    fields[CLOCK] = np.zeros(2)
    ints: list[NDArray[Any]] = []
    numbers: list[NDArray[Any]] = []
    at = np.zeros(FIELDS_COUNT + 1, np.int64)
    ends = {True: 0, False: 0}
    for field in range(FIELDS_COUNT):
        is_integer = fields[field].dtype.kind == "i"
        at[field] = ends[is_integer]
        ends[is_integer] += len(fields[field])
        (ints if is_integer else numbers).append(fields[field])
    ints_whole = np.concatenate(ints).astype(np.int64)
    ints_whole[at[WORK_TRACE_SIZE] + 1] = trace
    ints_whole[at[WORK_COUNT] + 3] = sizes[WORK_SEEN]
    record = np.zeros((len(world.legs.host), LEG_COLUMNS), np.int64)
    return Desk(ints_whole, np.concatenate(numbers), at, record)


def _size_memory(world: World, sets_count: int, trace: int, nodes: int) -> dict[int, int]:
    slots = int(world.sources.day_slot.max(initial=-1)) + 2
    return {
        TRIP_RECORD: len(world.trips.code) * TRIP_COLUMNS,
        LEVEL: DEEPEST * 3,
        WORK_TRACE_SOURCE: trace,
        WORK_TRACE_S: trace,
        WORK_TRACE_SIZE: 2,
        WORK_COUNT: 4,
        WORK_SEEN: slots,
        **dict.fromkeys(
            (WORK_OVER_S, WORK_START_S, WORK_OPENED_S, WORK_SAMPLED_S, WORK_CHAIN), STEPS
        ),
        WORK_EVENTS_S: len(world.trips.event_best_s),
        **dict.fromkeys((WORK_SET_PLACE, WORK_SET_READY_S, WORK_SET_TRIP), sets_count),
        **dict.fromkeys((WORK_PRIMARY_S, WORK_KNOCK_ON_S, WORK_TOUCHED, WORK_MARK), nodes),
        WORK_TOUCHED_SIZE: 1,
    }
