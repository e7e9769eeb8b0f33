"""Compiled attribution: the delay at the end of a journey, shared among its causes to the second.

`share_delay` walks the binding chain backwards from the last arrival and gives each delay that it
meets what is left of the whole, at most its own seconds, nearest first, so that slack wipes out the
oldest. Where the chain leads through a host that was missed, all that made the coach late for it
bear the wait in proportion to the seconds by which each made it late. Behind a missed host or a
late coach set every share is knock-on. Shares are exact: see `_convert`.
"""

from typing import Final

import numpy as np

from arterial.compiling import compiled
from arterial.operations.coaches.arrays import (
    COST,
    EXPECTED,
    FROM_ABOARD,
    FROM_HOST,
    FROM_PROCEDURE,
    HOST_LATE,
    LATE,
    LEFT_LATE,
    MISSED_WAIT,
    NO_HOST,
    RIDDEN,
    RUN,
    SHORTAGE,
    TRACE_END,
    TRIP_BEFORE,
    TRIP_COLUMNS,
    TRIP_READY,
    TRIP_STATUS,
)
from arterial.operations.coaches.desk import (
    AT_S,
    HOST_RUN_EVENT,
    LEG_NO_HOST_SOURCE,
    LEG_NO_LATER_SOURCE,
    LEG_PLAN_READY_S,
    LEG_SHORT_SOURCE,
    LEG_TO_STOP,
    LEVEL,
    PATH,
    TIMETABLE_SOURCE,
    TRIP_BEST_ARRIVAL_S,
    TRIP_LEG_BEGIN,
    TRIP_RECORD,
    TRIP_TURN_SOURCE,
    WORK_COUNT,
    WORK_KNOCK_ON_S,
    WORK_MARK,
    WORK_PRIMARY_S,
    WORK_TOUCHED,
    WORK_TOUCHED_SIZE,
    WORK_TRACE_S,
    WORK_TRACE_SOURCE,
    Desk,
)
from arterial.operations.coaches.journey_kernel import plan_arrival_s

__all__ = ["share_delay"]

# Columns of a level of the chain: seconds to share, seconds that bear them, seconds borne so far.
SHARED: Final = 0
BEARING: Final = 1
BORNE: Final = 2
DEEPEST: Final = 30


@compiled
def _convert(desk: Desk, deepest: int, seconds: int) -> int:
    """Seconds of delay at the end that seconds on the chain stand for.

    Each level maps the first c of its seconds to floor(shared c / bearing) seconds of the level
    above, so that shares of any size add up to the whole.
    """
    for level in range(deepest, 0, -1):
        before = desk.ints[desk.at[LEVEL] + level * 3 + BORNE]
        desk.ints[desk.at[LEVEL] + level * 3 + BORNE] = before + seconds
        shared, bearing = (
            desk.ints[desk.at[LEVEL] + level * 3 + SHARED],
            desk.ints[desk.at[LEVEL] + level * 3 + BEARING],
        )
        seconds = shared * (before + seconds) // bearing - shared * before // bearing
    return seconds


@compiled
def blame(desk: Desk, source: int, seconds: int, level: int, passed_on: int) -> None:
    """Charge a source, and all that it is part of, with seconds on the chain."""
    charged = _convert(desk, level, seconds)
    if charged == 0:
        return
    for place in range(4):
        node = desk.ints[desk.at[PATH] + source * 4 + place]
        if node < 0:
            break
        if desk.ints[desk.at[WORK_MARK] + node] == 0:
            desk.ints[desk.at[WORK_MARK] + node] = 1
            desk.ints[desk.at[WORK_TOUCHED] + desk.ints[desk.at[WORK_TOUCHED_SIZE]]] = node
            desk.ints[desk.at[WORK_TOUCHED_SIZE]] = desk.ints[desk.at[WORK_TOUCHED_SIZE]] + 1
        if passed_on:
            desk.ints[desk.at[WORK_KNOCK_ON_S] + node] = (
                desk.ints[desk.at[WORK_KNOCK_ON_S] + node] + charged
            )
        else:
            desk.ints[desk.at[WORK_PRIMARY_S] + node] = (
                desk.ints[desk.at[WORK_PRIMARY_S] + node] + charged
            )


@compiled
def walk(desk: Desk, begin: int, end: int, left: int, level: int, passed_on: int) -> int:
    """Charge the delays of a part of the trace, nearest first; the seconds that are left."""
    for place in range(end - 1, begin - 1, -1):
        if left <= 0:
            break
        seconds = min(left, desk.ints[desk.at[WORK_TRACE_S] + place])
        blame(desk, desk.ints[desk.at[WORK_TRACE_SOURCE] + place], seconds, level, passed_on)
        left -= seconds
    return left


@compiled
def _leave_boarding(desk: Desk, leg: int, left: int, level: int, passed_on: int) -> int:
    """Charge what the host itself was late and days without it; what the coach has to bear."""
    by_coach = 0
    part = min(left, desk.record[leg, LEFT_LATE])
    left -= part
    if desk.record[leg, LEFT_LATE] > desk.record[leg, HOST_LATE]:
        by_coach = part
    else:
        unpaid = walk(
            desk,
            desk.record[leg, FROM_HOST],
            desk.record[leg, FROM_ABOARD],
            part,
            level,
            passed_on,
        )
        left += unpaid
    wait = min(left, desk.record[leg, MISSED_WAIT])
    left -= wait
    days = min(left, desk.record[leg, NO_HOST])
    if days > 0:
        blame(desk, desk.ints[desk.at[LEG_NO_HOST_SOURCE] + leg], days, level, passed_on)
        left -= days
    if left != 0:
        blame(desk, desk.ints[desk.at[TIMETABLE_SOURCE]], left, level, passed_on)
    own = min(wait, _own_wait_s(desk, leg))
    if own > 0:
        desk.record[leg, COST] += _convert_plain(desk, level, own)
    return int(by_coach + wait)


@compiled
def _own_wait_s(desk: Desk, leg: int) -> int:
    """By how much later a coach arrives than with the first run that it could expect [s]."""
    to_stop = 2 * desk.ints[desk.at[LEG_TO_STOP] + leg]
    times = desk.at[HOST_RUN_EVENT]
    taken = desk.ints[times + desk.record[leg, RUN]] + to_stop
    expected = desk.ints[times + desk.record[leg, EXPECTED]] + to_stop
    return int(desk.ints[desk.at[AT_S] + taken] - desk.ints[desk.at[AT_S] + expected])


@compiled
def _convert_plain(desk: Desk, deepest: int, seconds: int) -> int:
    """Seconds at the end that seconds on the chain stand for, without charging them."""
    for level in range(deepest, 0, -1):
        before = desk.ints[desk.at[LEVEL] + level * 3 + BORNE]
        shared, bearing = (
            desk.ints[desk.at[LEVEL] + level * 3 + SHARED],
            desk.ints[desk.at[LEVEL] + level * 3 + BEARING],
        )
        seconds = shared * (before + seconds) // bearing - shared * before // bearing
    return seconds


@compiled
def _follow_leg(desk: Desk, leg: int, left: int, level: int, passed_on: int) -> int:
    """Charge a leg and what came before it at the hand-over; the level at which it ends.

    The seconds that are left for what came before are written to the count in hand.
    """
    left = walk(
        desk, desk.record[leg, FROM_ABOARD], desk.record[leg, TRACE_END], left, level, passed_on
    )
    desk.ints[desk.at[WORK_COUNT] + 1] = 0
    if left <= 0:
        return level
    left = _leave_boarding(desk, leg, left, level, passed_on)
    if left <= 0:
        return level
    if desk.record[leg, LATE] > 0 and level < DEEPEST:
        level += 1
        desk.ints[desk.at[LEVEL] + level * 3 + SHARED] = left
        desk.ints[desk.at[LEVEL] + level * 3 + BEARING] = desk.record[leg, LATE]
        desk.ints[desk.at[LEVEL] + level * 3 + BORNE] = 0
        left = desk.record[leg, LATE]
        passed_on = int(np.int64(1))
    left = walk(
        desk,
        desk.record[leg, FROM_PROCEDURE],
        desk.record[leg, FROM_HOST],
        left,
        level,
        passed_on,
    )
    desk.ints[desk.at[WORK_COUNT] + 1] = left
    return level


@compiled
def _pay_shortage(desk: Desk, trip: int, leg: int, plan_ready_s: int, level: int) -> None:
    """Charge what was planned too short before a leg, out of the count in hand."""
    short = min(
        desk.ints[desk.at[WORK_COUNT] + 1], max(0, plan_ready_s - desk.record[leg, SHORTAGE])
    )
    if short > 0:
        source = desk.ints[desk.at[LEG_SHORT_SOURCE] + leg]
        if leg == desk.ints[desk.at[TRIP_LEG_BEGIN] + trip]:
            source = desk.ints[desk.at[TRIP_TURN_SOURCE] + trip]
        passed_on = (
            int(np.int64(1)) if desk.record[leg, LATE] > 0 else desk.ints[desk.at[WORK_COUNT] + 2]
        )
        blame(desk, source, short, level, passed_on)
        desk.ints[desk.at[WORK_COUNT] + 1] = desk.ints[desk.at[WORK_COUNT] + 1] - short


@compiled
def share_delay(desk: Desk, trip: int, arrival_s: int) -> None:
    """Share the delay of a finished trip among its causes into `primary_s` and `knock_on_s`."""
    leg = desk.ints[desk.at[TRIP_LEG_BEGIN] + trip + 1] - 1
    planned_s = plan_arrival_s(desk, leg)
    shift_s = planned_s - desk.ints[desk.at[TRIP_BEST_ARRIVAL_S] + trip]
    desk.ints[desk.at[WORK_COUNT] + 1] = arrival_s - planned_s
    # `count[2]` says whether a missed host or a late set lies between here and the end.
    desk.ints[desk.at[WORK_COUNT] + 2] = 0
    level = int(np.int64(0))
    passed_on = desk.ints[desk.at[WORK_COUNT] + 2]
    blame(desk, desk.ints[desk.at[TIMETABLE_SOURCE]], shift_s, level, passed_on)
    while desk.ints[desk.at[WORK_COUNT] + 1] > 0:
        left = desk.ints[desk.at[WORK_COUNT] + 1]
        level = _follow_leg(desk, leg, left, level, desk.ints[desk.at[WORK_COUNT] + 2])
        if desk.record[leg, LATE] > 0 and desk.ints[desk.at[WORK_COUNT] + 1] > 0:
            desk.ints[desk.at[WORK_COUNT] + 2] = 1
        if desk.ints[desk.at[WORK_COUNT] + 1] <= 0:
            return
        is_first = leg == desk.ints[desk.at[TRIP_LEG_BEGIN] + trip]
        if not is_first:
            _pay_shortage(desk, trip, leg, desk.ints[desk.at[LEG_PLAN_READY_S] + leg], level)
            leg -= 1
            continue
        before = desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_BEFORE]
        _pay_shortage(
            desk,
            trip,
            leg,
            desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_READY],
            level,
        )
        desk.ints[desk.at[WORK_COUNT] + 2] = 1
        if (
            before < 0
            or desk.ints[desk.at[TRIP_RECORD] + before * TRIP_COLUMNS + TRIP_STATUS] != RIDDEN
        ):
            source = desk.ints[desk.at[TRIP_TURN_SOURCE] + trip]
            if before >= 0:
                source = desk.ints[
                    desk.at[LEG_NO_LATER_SOURCE]
                    + desk.ints[desk.at[TRIP_LEG_BEGIN] + before + 1]
                    - 1
                ]
            blame(desk, source, desk.ints[desk.at[WORK_COUNT] + 1], level, int(np.int64(1)))
            return
        trip = before
        leg = desk.ints[desk.at[TRIP_LEG_BEGIN] + trip + 1] - 1
