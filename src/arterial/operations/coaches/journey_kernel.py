"""Compiled journeys: procedures at hand-overs, boarding a host, and the legs of a trip.

`ride` takes a coach from one leg to the end of its trip. A host leaves without a coach that is not
ready when it leaves, or at the end of the time that it waits; the coach then takes the next run of
that host, as long as it comes within the days that are looked ahead.
"""

from typing import Final

import numpy as np

from arterial.compiling import compiled
from arterial.operations.chance.chance_kernel import triangular, uniform
from arterial.operations.coaches.arrays import (
    ARRIVAL,
    BROKEN_OFF,
    DEPARTURE,
    EXPECTED,
    FIRST_LEAVE,
    FROM_ABOARD,
    FROM_HOST,
    FROM_PROCEDURE,
    HOST_LATE,
    LATE,
    LEFT_LATE,
    MISSED,
    MISSED_WAIT,
    NO_HOST,
    RIDDEN,
    RUN,
    SHORTAGE,
    STATUS,
    TRACE_END,
    Chance,
    Variant,
)
from arterial.operations.coaches.desk import (
    AT_S,
    FIRST_DAY,
    HOST_RUN_END,
    HOST_RUN_EVENT,
    HOST_RUN_MIDNIGHT_S,
    HOST_STEP_BEGIN,
    HOST_STOP_BEGIN,
    HOST_STOP_STEP,
    LEG_ANNOUNCED_RUN,
    LEG_EVENT,
    LEG_FIRST_RUN,
    LEG_FROM_STOP,
    LEG_HOST,
    LEG_PROCEDURE,
    LEG_TO_STOP,
    LEG_WAIT_S,
    LONGEST_WAIT_S,
    MONTH,
    PROCEDURE_AFTER,
    PROCEDURE_AFTER_BEGIN,
    PROCEDURE_BEGIN,
    PROCEDURE_BEST_S,
    PROCEDURE_CLOSES_S,
    PROCEDURE_HIGH_S,
    PROCEDURE_LOW_S,
    PROCEDURE_MISHAP_BEGIN,
    PROCEDURE_MISHAP_RATE,
    PROCEDURE_MISHAP_SOURCE,
    PROCEDURE_MODE_S,
    PROCEDURE_OPENING_SOURCE,
    PROCEDURE_OPENS_S,
    PROCEDURE_SOURCE,
    PROCEDURE_WINDOW_BEGIN,
    SAMPLES_STEPS,
    SOURCE_SEASON,
    TRIP_CODE,
    TRIP_LEG_BEGIN,
    WORK_CHAIN,
    WORK_EVENTS_S,
    WORK_OPENED_S,
    WORK_OVER_S,
    WORK_SAMPLED_S,
    WORK_START_S,
    WORK_TRACE_SIZE,
    Desk,
)
from arterial.operations.coaches.hosts_kernel import begin_run, push, run_steps, sample_delay
from arterial.units import DAY_S

__all__ = ["finish_plain", "plan_arrival_s", "plan_departure_s", "ride"]

STEP: Final = 11
MISHAP: Final = 12
MISHAP_SIZE: Final = 13
LEG_CODE: Final = 1 << 10
JOURNEY_CODE: Final = 1 << 45


@compiled
def plan_departure_s(desk: Desk, leg: int) -> int:
    """Announced departure on a leg, in the timetable of the draw."""
    begin = desk.ints[desk.at[HOST_RUN_EVENT] + desk.ints[desk.at[LEG_ANNOUNCED_RUN] + leg]]
    return int(desk.ints[desk.at[AT_S] + begin + 2 * desk.ints[desk.at[LEG_FROM_STOP] + leg] + 1])


@compiled
def plan_arrival_s(desk: Desk, leg: int) -> int:
    """Announced arrival on a leg, in the timetable of the draw."""
    begin = desk.ints[desk.at[HOST_RUN_EVENT] + desk.ints[desk.at[LEG_ANNOUNCED_RUN] + leg]]
    return int(desk.ints[desk.at[AT_S] + begin + 2 * desk.ints[desk.at[LEG_TO_STOP] + leg]])


@compiled
def _find_opening(desk: Desk, step: int, ready_s: int, duration_s: int) -> int:
    """First instant from which a step can be worked within its opening hours."""
    begin, end = (
        desk.ints[desk.at[PROCEDURE_WINDOW_BEGIN] + step],
        desk.ints[desk.at[PROCEDURE_WINDOW_BEGIN] + step + 1],
    )
    low, high = begin, end
    while low < high:
        middle = (low + high) // 2
        if desk.ints[desk.at[PROCEDURE_CLOSES_S] + middle] > ready_s:
            high = middle
        else:
            low = middle + 1
    for window in range(low, end):
        opens, closes = (
            desk.ints[desk.at[PROCEDURE_OPENS_S] + window],
            desk.ints[desk.at[PROCEDURE_CLOSES_S] + window],
        )
        start = max(ready_s, opens)
        if start + min(duration_s, closes - opens) <= closes:
            return int(start)
    return ready_s


@compiled
def _work_steps(desk: Desk, procedure: int, begin_s: int) -> int:
    """Work through the steps with the durations in hand; the end of the longest path [s]."""
    first = desk.ints[desk.at[PROCEDURE_BEGIN] + procedure]
    end_s = begin_s
    for step in range(first, desk.ints[desk.at[PROCEDURE_BEGIN] + procedure + 1]):
        ready_s = begin_s
        desk.ints[desk.at[WORK_CHAIN] + step - first] = -1
        for place in range(
            desk.ints[desk.at[PROCEDURE_AFTER_BEGIN] + step],
            desk.ints[desk.at[PROCEDURE_AFTER_BEGIN] + step + 1],
        ):
            before = desk.ints[desk.at[PROCEDURE_AFTER] + place]
            if (
                desk.ints[desk.at[WORK_OVER_S] + before] > ready_s
                or desk.ints[desk.at[WORK_CHAIN] + step - first] < 0
            ):
                ready_s = max(ready_s, desk.ints[desk.at[WORK_OVER_S] + before])
                desk.ints[desk.at[WORK_CHAIN] + step - first] = before
        duration = desk.ints[desk.at[WORK_SAMPLED_S] + step - first]
        start_s = ready_s
        if (
            desk.ints[desk.at[PROCEDURE_WINDOW_BEGIN] + step]
            < desk.ints[desk.at[PROCEDURE_WINDOW_BEGIN] + step + 1]
        ):
            start_s = _find_opening(desk, step, ready_s, duration)
        desk.ints[desk.at[WORK_OPENED_S] + step - first] = start_s - ready_s
        desk.ints[desk.at[WORK_OVER_S] + step - first] = start_s + duration
        end_s = max(end_s, start_s + duration)
    return end_s


@compiled
def finish_plain(desk: Desk, leg: int, arrival_s: int) -> int:
    """When the procedure before a leg is over at its best durations [s]."""
    procedure = desk.ints[desk.at[LEG_PROCEDURE] + leg]
    if procedure < 0:
        return arrival_s
    first = desk.ints[desk.at[PROCEDURE_BEGIN] + procedure]
    for step in range(first, desk.ints[desk.at[PROCEDURE_BEGIN] + procedure + 1]):
        desk.ints[desk.at[WORK_SAMPLED_S] + step - first] = desk.ints[
            desk.at[PROCEDURE_BEST_S] + step
        ]
    return _work_steps(desk, procedure, arrival_s)


@compiled
def _push_chain(desk: Desk, procedure: int, end_s: int) -> None:
    """Write what is beyond the best durations on the longest path, in order of time."""
    first, behind = (
        desk.ints[desk.at[PROCEDURE_BEGIN] + procedure],
        desk.ints[desk.at[PROCEDURE_BEGIN] + procedure + 1],
    )
    step = -1
    for number in range(behind - first):
        if desk.ints[desk.at[WORK_OVER_S] + number] == end_s:
            step = number
    # The chain is followed from its end; `start_s` keeps it to be written from its begin.
    length = 0
    while step >= 0:
        desk.ints[desk.at[WORK_START_S] + length] = step
        length += 1
        step = desk.ints[desk.at[WORK_CHAIN] + step]
    for place in range(length - 1, -1, -1):
        step = desk.ints[desk.at[WORK_START_S] + place]
        if desk.ints[desk.at[WORK_OPENED_S] + step] > 0:
            push(
                desk,
                desk.ints[desk.at[PROCEDURE_OPENING_SOURCE] + first + step],
                desk.ints[desk.at[WORK_OPENED_S] + step],
            )
        more = (
            desk.ints[desk.at[WORK_SAMPLED_S] + step]
            - desk.ints[desk.at[PROCEDURE_BEST_S] + first + step]
        )
        if more > 0:
            push(desk, desk.ints[desk.at[PROCEDURE_SOURCE] + first + step], more)


@compiled
def finish_procedure(desk: Desk, chance: Chance, trip: int, leg: int, arrival_s: int) -> int:
    """When the coach is ready for a leg, each step of the procedure sampled [s]."""
    procedure = desk.ints[desk.at[LEG_PROCEDURE] + leg]
    if procedure < 0:
        return arrival_s
    first = desk.ints[desk.at[PROCEDURE_BEGIN] + procedure]
    code = JOURNEY_CODE + desk.ints[desk.at[TRIP_CODE] + trip]
    number = (leg - desk.ints[desk.at[TRIP_LEG_BEGIN] + trip]) * LEG_CODE
    for step in range(first, desk.ints[desk.at[PROCEDURE_BEGIN] + procedure + 1]):
        seconds = desk.ints[desk.at[PROCEDURE_BEST_S] + step]
        if desk.ints[desk.at[SAMPLES_STEPS]]:
            u = uniform(chance.key, chance.replication, code, number + step - first, STEP)
            low, high = (
                desk.numbers[desk.at[PROCEDURE_LOW_S] + step],
                desk.numbers[desk.at[PROCEDURE_HIGH_S] + step],
            )
            seconds = int(
                triangular(u, low, desk.numbers[desk.at[PROCEDURE_MODE_S] + step], high) + 0.5
            )
        desk.ints[desk.at[WORK_SAMPLED_S] + step - first] = seconds
    end_s = _work_steps(desk, procedure, arrival_s)
    _push_chain(desk, procedure, end_s)
    month = desk.ints[desk.at[MONTH] + arrival_s // DAY_S - desk.ints[desk.at[FIRST_DAY]]]
    for place in range(
        desk.ints[desk.at[PROCEDURE_MISHAP_BEGIN] + procedure],
        desk.ints[desk.at[PROCEDURE_MISHAP_BEGIN] + procedure + 1],
    ):
        source = desk.ints[desk.at[PROCEDURE_MISHAP_SOURCE] + place]
        mark = number + place - desk.ints[desk.at[PROCEDURE_MISHAP_BEGIN] + procedure]
        rate = (
            desk.numbers[desk.at[PROCEDURE_MISHAP_RATE] + place]
            * desk.numbers[desk.at[SOURCE_SEASON] + source * 12 + month]
        )
        if uniform(chance.key, chance.replication, code, mark, MISHAP) < rate:
            u = uniform(chance.key, chance.replication, code, mark, MISHAP_SIZE)
            seconds = sample_delay(desk, source, u, 0.0)
            push(desk, source, seconds)
            end_s += seconds
    return end_s


@compiled
def _find_expected_run(desk: Desk, leg: int, begin: int) -> int:
    """First run of a host that a coach can expect: as many days later as it rode before."""
    run = desk.ints[desk.at[LEG_FIRST_RUN] + leg]
    if leg == begin:
        return int(run)
    midnight = desk.at[HOST_RUN_MIDNIGHT_S]
    announced_s = desk.ints[midnight + desk.ints[desk.at[LEG_ANNOUNCED_RUN] + leg]]
    later_s = (
        desk.ints[midnight + desk.record[leg - 1, RUN]]
        - desk.ints[midnight + desk.ints[desk.at[LEG_ANNOUNCED_RUN] + leg - 1]]
    )
    end = desk.ints[desk.at[HOST_RUN_END] + desk.ints[desk.at[LEG_HOST] + leg]]
    while run < end and desk.ints[midnight + run] < announced_s + later_s:
        run += 1
    return int(run)


@compiled
def board(desk: Desk, chance: Chance, leg: int, ready_s: int, variant: Variant) -> bool:
    """Put a coach on the first run that it is ready for; False if none comes soon enough."""
    host, stop = desk.ints[desk.at[LEG_HOST] + leg], desk.ints[desk.at[LEG_FROM_STOP] + leg]
    is_changed = variant.leg == leg
    wait_s = desk.ints[desk.at[LEG_WAIT_S] + leg] + (variant.wait_s if is_changed else 0)
    later_s = variant.later_s if is_changed else 0
    waits_from_s = max(ready_s, plan_departure_s(desk, leg) + later_s)
    desk.record[leg, MISSED] = 0
    desk.record[leg, LATE] = 0
    for run in range(
        desk.ints[desk.at[LEG_FIRST_RUN] + leg], desk.ints[desk.at[HOST_RUN_END] + host]
    ):
        leaves_s = (
            desk.ints[desk.at[AT_S] + desk.ints[desk.at[HOST_RUN_EVENT] + run] + 2 * stop + 1]
            + later_s
        )
        if leaves_s - waits_from_s > desk.ints[desk.at[LONGEST_WAIT_S]]:
            return False
        trace = desk.ints[desk.at[WORK_TRACE_SIZE]]
        begin_run(desk, chance, run)
        step = desk.ints[
            desk.at[HOST_STOP_STEP] + desk.ints[desk.at[HOST_STOP_BEGIN] + host] + stop
        ]
        late_s = run_steps(
            desk, chance, run, desk.ints[desk.at[HOST_STEP_BEGIN] + host], step, int(np.int64(0))
        )
        last_s = leaves_s + max(late_s, wait_s)
        if desk.record[leg, MISSED] == 0:
            desk.record[leg, FIRST_LEAVE] = leaves_s + late_s
            desk.record[leg, SHORTAGE] = last_s if ready_s > last_s else leaves_s
        if ready_s <= last_s:
            desk.record[leg, RUN] = run
            desk.record[leg, HOST_LATE] = late_s
            desk.record[leg, DEPARTURE] = max(leaves_s + late_s, ready_s)
            desk.record[leg, LEFT_LATE] = desk.record[leg, DEPARTURE] - leaves_s
            return True
        if desk.record[leg, MISSED] == 0:
            desk.record[leg, LATE] = ready_s - last_s
        desk.record[leg, MISSED] += 1
        desk.ints[desk.at[WORK_TRACE_SIZE]] = trace
    return False


@compiled
def _ride_aboard(desk: Desk, chance: Chance, leg: int, later_s: int) -> None:
    """Ride from boarding to the end of a leg, writing the delay of each stop."""
    run, host = desk.record[leg, RUN], desk.ints[desk.at[LEG_HOST] + leg]
    stops = desk.ints[desk.at[HOST_STOP_BEGIN] + host]
    times = desk.ints[desk.at[HOST_RUN_EVENT] + run]
    delay = desk.record[leg, LEFT_LATE]
    event = desk.ints[desk.at[LEG_EVENT] + leg]
    desk.ints[desk.at[WORK_EVENTS_S] + event] = desk.record[leg, DEPARTURE]
    for stop in range(
        desk.ints[desk.at[LEG_FROM_STOP] + leg] + 1, desk.ints[desk.at[LEG_TO_STOP] + leg] + 1
    ):
        here = desk.ints[desk.at[HOST_STOP_STEP] + stops + stop]
        first = desk.ints[desk.at[HOST_STOP_STEP] + stops + stop - 1] + 1
        delay = run_steps(desk, chance, run, first, here - 1, delay)
        event += 1
        desk.ints[desk.at[WORK_EVENTS_S] + event] = (
            desk.ints[desk.at[AT_S] + times + 2 * stop] + later_s + delay
        )
        if stop < desk.ints[desk.at[LEG_TO_STOP] + leg]:
            delay = run_steps(desk, chance, run, here, here, delay)
            event += 1
            desk.ints[desk.at[WORK_EVENTS_S] + event] = (
                desk.ints[desk.at[AT_S] + times + 2 * stop + 1] + later_s + delay
            )
    desk.record[leg, ARRIVAL] = desk.ints[desk.at[WORK_EVENTS_S] + event]
    desk.record[leg, STATUS] = RIDDEN


@compiled
def _note_waits(desk: Desk, leg: int) -> None:
    """Split the wait for another day's host, and say how much of it was planned too short."""
    to_stop = 2 * desk.ints[desk.at[LEG_TO_STOP] + leg]
    first_s = desk.ints[
        desk.at[AT_S]
        + desk.ints[desk.at[HOST_RUN_EVENT] + desk.ints[desk.at[LEG_FIRST_RUN] + leg]]
        + to_stop
    ]
    taken_s = desk.ints[
        desk.at[AT_S] + desk.ints[desk.at[HOST_RUN_EVENT] + desk.record[leg, RUN]] + to_stop
    ]
    desk.record[leg, NO_HOST] = first_s - plan_arrival_s(desk, leg)
    desk.record[leg, MISSED_WAIT] = taken_s - first_s


@compiled
def ride(
    desk: Desk,
    chance: Chance,
    trip: int,
    first: int,
    ready_s: int,
    variant: Variant,
) -> bool:
    """Ride a trip from leg `first` on; False where no host comes soon enough.

    `ready_s` is when the coach is ready for the first leg of the trip, and else when it comes to
    the hand-over before leg `first`.
    """
    begin = desk.ints[desk.at[TRIP_LEG_BEGIN] + trip]
    for leg in range(first, desk.ints[desk.at[TRIP_LEG_BEGIN] + trip + 1]):
        desk.record[leg, FROM_PROCEDURE] = desk.ints[desk.at[WORK_TRACE_SIZE]]
        if leg > begin:
            ready_s = finish_procedure(desk, chance, trip, leg, ready_s)
            if variant.leg == leg:
                ready_s = max(desk.record[leg - 1, ARRIVAL], ready_s - variant.shorter_s)
        desk.record[leg, FROM_HOST] = desk.ints[desk.at[WORK_TRACE_SIZE]]
        desk.record[leg, EXPECTED] = _find_expected_run(desk, leg, begin)
        if not board(desk, chance, leg, ready_s, variant):
            desk.record[leg, STATUS] = BROKEN_OFF
            waits_from_s = max(ready_s, plan_departure_s(desk, leg))
            desk.record[leg, DEPARTURE] = waits_from_s + desk.ints[desk.at[LONGEST_WAIT_S]]
            desk.record[leg, TRACE_END] = desk.ints[desk.at[WORK_TRACE_SIZE]]
            return False
        desk.record[leg, FROM_ABOARD] = desk.ints[desk.at[WORK_TRACE_SIZE]]
        later_s = variant.later_s if variant.leg == leg else 0
        _ride_aboard(desk, chance, leg, later_s)
        _note_waits(desk, leg)
        desk.record[leg, TRACE_END] = desk.ints[desk.at[WORK_TRACE_SIZE]]
        ready_s = desk.record[leg, ARRIVAL]
    return True
