"""Compiled simulation of all trips of all through coaches, replication by replication.

`simulate_replications` takes the trips of each replication in order of departure, gives each the
set that has been ready longest at its first place, lets it ride, asks what longer waits and shorter
steps would have changed, and shares the delay among its causes.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.coaches.arrays import (
    ARRIVAL,
    BROKEN_OFF,
    COST,
    DEPARTURE,
    EXPECTED,
    FIRST_LEAVE,
    HOST_LATE,
    HOST_LATER,
    HOST_WAITS,
    LATE,
    LEFT_LATE,
    LEG_COLUMNS,
    LEG_COST,
    LEG_MISSED,
    LEG_OFFERED,
    LEG_WAIT,
    MISSED,
    NEVER,
    NO_SET,
    NOT_REACHED,
    OUT_ARRIVAL,
    OUT_ARRIVAL_DELAY,
    OUT_DEPARTURE_DELAY,
    OUT_FIRST_MISSED,
    OUT_FULL_DELAY,
    OUT_LOST,
    OUT_MISSED,
    OUT_SET_LATE,
    OUT_STATUS,
    RIDDEN,
    RUN,
    STATUS,
    STEP_SHORTER,
    TRIP_ARRIVAL,
    TRIP_BEFORE,
    TRIP_COLUMNS,
    TRIP_READY,
    TRIP_SET,
    TRIP_STATUS,
    Chance,
    Groups,
    Outcome,
    PoolArrays,
    Variant,
)
from arterial.operations.coaches.attribution_kernel import share_delay
from arterial.operations.coaches.desk import (
    AT_S,
    HOST_RUN_END,
    HOST_RUN_EVENT,
    LEG_FROM_STOP,
    LEG_HOST,
    LEG_PLAN_READY_S,
    LONGEST_WAIT_S,
    TRIP_BEST_ARRIVAL_S,
    TRIP_BEST_DEPARTURE_S,
    TRIP_EVENT_BEGIN,
    TRIP_EVENT_BEST_S,
    TRIP_LEG_BEGIN,
    TRIP_POOL,
    TRIP_RECORD,
    TRIP_TARGET,
    TRIP_TO_PLACE,
    TRIP_TURN_S,
    TRIP_WORKS_TARGET,
    TRIPS_COUNT,
    WORK_EVENTS_S,
    WORK_SET_PLACE,
    WORK_SET_READY_S,
    WORK_SET_TRIP,
    WORK_TRACE_SIZE,
    Desk,
)
from arterial.operations.coaches.journey_kernel import (
    finish_plain,
    plan_arrival_s,
    plan_departure_s,
    ride,
)
from arterial.operations.coaches.sets_kernel import choose_set, serve_works, start_sets
from arterial.operations.coaches.tally_kernel import add_groups, add_trip

__all__ = ["plan_ready_times", "simulate_replications"]

NO_ARRIVAL: Final = -(1 << 31)


@compiled
def plan_ready_times(desk: Desk) -> None:
    """When the coach would be ready for each leg if all went as announced in this draw."""
    for trip in range(desk.ints[desk.at[TRIPS_COUNT]]):
        for leg in range(
            desk.ints[desk.at[TRIP_LEG_BEGIN] + trip] + 1,
            desk.ints[desk.at[TRIP_LEG_BEGIN] + trip + 1],
        ):
            desk.ints[desk.at[LEG_PLAN_READY_S] + leg] = finish_plain(
                desk, leg, plan_arrival_s(desk, leg - 1)
            )


@compiled
def _clear_trip(desk: Desk, trip: int) -> None:
    """Forget what a leg of the trip was in the replication before."""
    first, last = (
        desk.ints[desk.at[TRIP_LEG_BEGIN] + trip],
        desk.ints[desk.at[TRIP_LEG_BEGIN] + trip + 1],
    )
    for leg in range(first, last):
        desk.record[leg, :] = 0
    for event in range(
        desk.ints[desk.at[TRIP_EVENT_BEGIN] + trip], desk.ints[desk.at[TRIP_EVENT_BEGIN] + trip + 1]
    ):
        desk.ints[desk.at[WORK_EVENTS_S] + event] = NEVER
    desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_BEFORE] = -1
    desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_READY] = NEVER
    desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_STATUS] = NO_SET


@compiled
def _full_arrival_s(desk: Desk, trip: int) -> int:
    """Arrival; for a journey broken off, as if a host came after the last day looked ahead."""
    first, behind = (
        desk.ints[desk.at[TRIP_LEG_BEGIN] + trip],
        desk.ints[desk.at[TRIP_LEG_BEGIN] + trip + 1],
    )
    if desk.record[behind - 1, STATUS] == RIDDEN:
        return int(desk.record[behind - 1, ARRIVAL])
    planned_s = plan_arrival_s(desk, behind - 1)
    for leg in range(first, behind):
        if desk.record[leg, STATUS] == BROKEN_OFF:
            return int(planned_s + desk.record[leg, DEPARTURE] - plan_departure_s(desk, leg))
    return int(planned_s + desk.ints[desk.at[LONGEST_WAIT_S]])


@compiled
def _run_trip(desk: Desk, chance: Chance, pools: PoolArrays, trip: int) -> None:
    """Give a trip its set, let it ride, and say where and when the set is ready again."""
    _clear_trip(desk, trip)
    begin = desk.ints[desk.at[TRIP_LEG_BEGIN] + trip]
    ready_s = plan_departure_s(desk, begin) if desk.ints[desk.at[TRIP_POOL] + trip] < 0 else NEVER
    number = -1
    if desk.ints[desk.at[TRIP_POOL] + trip] >= 0:
        number = choose_set(desk, pools, trip)
        if number < 0:
            desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_ARRIVAL] = _full_arrival_s(
                desk, trip
            )
            return
        ready_s = desk.ints[desk.at[WORK_SET_READY_S] + number]
        before = desk.ints[desk.at[WORK_SET_TRIP] + number]
        desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_BEFORE] = before
        if before >= 0:
            last = desk.ints[desk.at[TRIP_LEG_BEGIN] + before + 1] - 1
            desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_READY] = (
                plan_arrival_s(desk, last) + desk.ints[desk.at[TRIP_TURN_S] + before]
            )
    plain = Variant(-1, 0, 0, 0)
    finished = ride(desk, chance, trip, begin, ready_s, plain)
    desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_STATUS] = (
        RIDDEN if finished else BROKEN_OFF
    )
    desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_SET] = ready_s
    arrival_s = _full_arrival_s(desk, trip)
    desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_ARRIVAL] = arrival_s
    if number >= 0 and desk.record[begin, STATUS] == RIDDEN:
        desk.ints[desk.at[WORK_SET_PLACE] + number] = desk.ints[desk.at[TRIP_TO_PLACE] + trip]
        desk.ints[desk.at[WORK_SET_READY_S] + number] = (
            arrival_s + desk.ints[desk.at[TRIP_TURN_S] + trip]
        )
        desk.ints[desk.at[WORK_SET_TRIP] + number] = trip


@compiled
def _can_matter(desk: Desk, leg: int, kind: int, seconds: int) -> bool:
    """Whether a variant at a leg can change anything beside what happened."""
    if desk.record[leg, STATUS] == NOT_REACHED:
        return False
    if kind != HOST_LATER:
        if desk.record[leg, MISSED] > 0:
            return bool(
                desk.record[leg, LATE] <= seconds
                or desk.record[leg, MISSED] > 1
                or desk.record[leg, STATUS] == BROKEN_OFF
            )
        is_held = desk.record[leg, LEFT_LATE] > desk.record[leg, HOST_LATE]
        return bool(kind == STEP_SHORTER and is_held)
    return True


@compiled
def _count_missed(leg: NDArray[np.int64]) -> int:
    """Runs of its host that a coach missed at a leg, beside those it had lost before."""
    if leg[STATUS] == BROKEN_OFF:
        return int(max(1, leg[MISSED]))
    return int(max(0, leg[RUN] - leg[EXPECTED]))


@compiled
def _try_variants(
    desk: Desk, chance: Chance, trip: int, variants: NDArray[np.int64], row: int, out: Outcome,
    kept: NDArray[np.int64],
) -> None:  # fmt: skip
    """What waits, later hosts and shorter steps would have changed, with the same chance."""
    begin, behind = (
        desk.ints[desk.at[TRIP_LEG_BEGIN] + trip],
        desk.ints[desk.at[TRIP_LEG_BEGIN] + trip + 1],
    )
    whole_s = desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_ARRIVAL]
    kept[: behind - begin] = desk.record[begin:behind]
    size = desk.ints[desk.at[WORK_TRACE_SIZE]]
    for leg in range(begin + 1, behind):
        if kept[leg - begin, STATUS] == NOT_REACHED:
            break
        arrival_s = kept[leg - begin - 1, ARRIVAL]
        for number in range(len(variants)):
            kind, seconds = variants[number, 0], variants[number, 1]
            missed, saved_s = _count_missed(kept[leg - begin]) > 0, 0
            desk.record[begin:behind] = kept[: behind - begin]
            if _can_matter(desk, leg, kind, seconds):
                variant = Variant(
                    leg,
                    seconds if kind == HOST_WAITS else 0,
                    seconds if kind == HOST_LATER else 0,
                    seconds if kind == STEP_SHORTER else 0,
                )
                for later in range(leg, behind):
                    desk.record[later, STATUS] = NOT_REACHED
                ride(desk, chance, trip, leg, arrival_s, variant)
                saved_s = whole_s - _full_arrival_s(desk, trip)
                missed = _count_missed(desk.record[leg]) > 0
                desk.ints[desk.at[WORK_TRACE_SIZE]] = size
            out.variant[row, leg, number, 0] = 1
            out.variant[row, leg, number, 1] = 1 if missed else 0
            out.variant[row, leg, number, 2] = saved_s
    desk.record[begin:behind] = kept[: behind - begin]


@compiled
def _write_stops(desk: Desk, trip: int, row: int, out: Outcome) -> None:
    """Write the delay of each stop of a trip."""
    for event in range(
        desk.ints[desk.at[TRIP_EVENT_BEGIN] + trip], desk.ints[desk.at[TRIP_EVENT_BEGIN] + trip + 1]
    ):
        at_s = desk.ints[desk.at[WORK_EVENTS_S] + event]
        late_s = (
            at_s - desk.ints[desk.at[TRIP_EVENT_BEST_S] + event] if at_s != NEVER else NO_ARRIVAL
        )
        out.event_s[row, event] = late_s


@compiled
def _wait_of_missed(desk: Desk, leg: int) -> int:
    """Seconds from when the first host that was missed leaves by its plan to the departure."""
    run = desk.record[leg, EXPECTED]
    stop = desk.ints[desk.at[LEG_FROM_STOP] + leg]
    if run >= desk.ints[desk.at[HOST_RUN_END] + desk.ints[desk.at[LEG_HOST] + leg]]:
        return int(desk.ints[desk.at[LONGEST_WAIT_S]])
    leaves_s = desk.ints[desk.at[AT_S] + desk.ints[desk.at[HOST_RUN_EVENT] + run] + 2 * stop + 1]
    return int(max(0, desk.record[leg, DEPARTURE] - leaves_s))


@compiled
def _write_trip(desk: Desk, trip: int, row: int, out: Outcome) -> None:
    """Write what a trip gave: delays, missed hosts, late set, and what its legs met."""
    begin, behind = (
        desk.ints[desk.at[TRIP_LEG_BEGIN] + trip],
        desk.ints[desk.at[TRIP_LEG_BEGIN] + trip + 1],
    )
    given, best_s = out.trip[row, trip], desk.ints[desk.at[TRIP_BEST_DEPARTURE_S] + trip]
    status = desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_STATUS]
    given[OUT_STATUS] = status
    given[OUT_FULL_DELAY] = (
        desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_ARRIVAL]
        - desk.ints[desk.at[TRIP_BEST_ARRIVAL_S] + trip]
    )
    given[OUT_ARRIVAL] = desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_ARRIVAL]
    given[OUT_ARRIVAL_DELAY] = given[OUT_FULL_DELAY]
    given[OUT_LOST] = 1
    given[OUT_FIRST_MISSED] = -1
    given[OUT_SET_LATE] = desk.ints[desk.at[LONGEST_WAIT_S]]
    given[OUT_DEPARTURE_DELAY] = 0
    given[OUT_MISSED] = 0
    if status == NO_SET:
        return
    first = desk.record[begin]
    ready_s, planned_s = (
        desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_SET],
        plan_departure_s(desk, begin),
    )
    given[OUT_DEPARTURE_DELAY] = first[DEPARTURE] - best_s
    given[OUT_LOST] = 1 if ready_s > planned_s else 0
    given[OUT_SET_LATE] = 0
    if ready_s > planned_s:
        given[OUT_SET_LATE] = max(0, first[DEPARTURE] - max(first[FIRST_LEAVE], planned_s))
    for leg in range(begin, behind):
        if desk.record[leg, STATUS] == NOT_REACHED:
            break
        missed = _count_missed(desk.record[leg])
        given[OUT_MISSED] += missed
        if missed > 0 and given[OUT_FIRST_MISSED] < 0:
            given[OUT_FIRST_MISSED] = leg - begin
        told = out.leg[row, leg]
        told[LEG_OFFERED] = 1
        told[LEG_MISSED] = 1 if missed > 0 else 0
        is_ridden = desk.record[leg, STATUS] == RIDDEN
        told[LEG_WAIT] = _wait_of_missed(desk, leg) if missed > 0 else 0
        told[LEG_COST] = desk.record[leg, COST] if is_ridden else 0


@compiled
def _blame_trip(desk: Desk, trip: int, out: Outcome, groups: Groups) -> None:
    """Share the delay of a finished trip, and note by how much the shares miss it."""
    if desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_STATUS] != RIDDEN:
        return
    arrival_s = desk.ints[desk.at[TRIP_RECORD] + trip * TRIP_COLUMNS + TRIP_ARRIVAL]
    share_delay(desk, trip, arrival_s)
    total = add_trip(desk, trip, out, groups)
    gap = abs(total - (arrival_s - desk.ints[desk.at[TRIP_BEST_ARRIVAL_S] + trip]))
    out.gap_s[0] = max(out.gap_s[0], gap)
    groups.finished[desk.ints[desk.at[TRIP_TARGET] + trip]] += 1
    if desk.ints[desk.at[TRIP_WORKS_TARGET] + trip] >= 0:
        groups.finished[desk.ints[desk.at[TRIP_WORKS_TARGET] + trip]] += 1


@compiled
def simulate_replications(
    desk: Desk,
    pools: PoolArrays,
    variants: NDArray[np.int64],
    key: np.uint64,
    first: int,
    out: Outcome,
    groups: Groups,
) -> bool:
    """Simulate as many replications as `out` has rows, from number `first`; False if too long.

    Where `out.variant` has no rows for a replication, variants are left out there.
    """
    kept = np.zeros((64, LEG_COLUMNS), np.int64)
    n_stays = len(pools.stay_pool)
    is_in = np.zeros(n_stays, np.bool_)
    held_until_s = np.zeros(len(pools.pool), np.int64)
    for row in range(out.trip.shape[0]):
        chance = Chance(key, first + row)
        start_sets(desk, pools)
        is_in[:] = False
        held_until_s[:] = NEVER
        desk.ints[desk.at[WORK_TRACE_SIZE]] = 0
        for trip in range(desk.ints[desk.at[TRIPS_COUNT]]):
            if n_stays > 0:
                begin = desk.ints[desk.at[TRIP_LEG_BEGIN] + trip]
                serve_works(desk, pools, is_in, held_until_s, plan_departure_s(desk, begin))
            _run_trip(desk, chance, pools, trip)
            if desk.ints[desk.at[WORK_TRACE_SIZE]] > desk.ints[desk.at[WORK_TRACE_SIZE] + 1]:
                return False
            if out.has_causes[0] > 0:
                _blame_trip(desk, trip, out, groups)
            _write_trip(desk, trip, row, out)
            _write_stops(desk, trip, row, out)
            if row < out.variant.shape[0]:
                _try_variants(desk, chance, trip, variants, row, out, kept)
        add_groups(out, groups)
    return True
