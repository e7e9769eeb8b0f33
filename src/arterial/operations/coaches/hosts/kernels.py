"""Compiled runs of host trains: section by section, with recovery and what delays them.

`begin_run` sets the clock of chance of one dated run, `run_steps` moves it on. A delay d becomes
max(0, d + x - r) on a step that adds x and can make up r. Failures are found by a clock that runs
down with the summed hazard of all sources of a step: it strikes at a baseline rate that no change
of condition shifts, and a strike counts with the share of the baseline that is left (thinning).
"""

from math import exp, floor
from typing import Final

from arterial.operations.chance.kernels import (
    compiled,
    exponential,
    lognormal,
    triangular,
    uniform,
)
from arterial.operations.coaches.arrays import (
    LOGNORMAL,
    OUTAGE,
    UNIFORM,
    Chance,
)
from arterial.operations.coaches.desk import (
    CLOCK,
    FIRST_DAY,
    HOST_CROSSING_S,
    HOST_CROSSING_SHARE,
    HOST_CROSSING_SOURCE,
    HOST_DAY_BEGIN,
    HOST_DAY_SOURCE,
    HOST_LIST_BEGIN,
    HOST_LIST_HAZARD,
    HOST_LIST_SOURCE,
    HOST_OFFSET_S,
    HOST_RECOVERY_S,
    HOST_RESTRICTION_S,
    HOST_RESTRICTION_SOURCE,
    HOST_RUN_HOST,
    HOST_RUN_MIDNIGHT_S,
    HOST_STEP_BEGIN,
    MONTH,
    SOURCE_DAY_GROUP,
    SOURCE_DAY_RATE,
    SOURCE_DAY_SLOT,
    SOURCE_FACTOR,
    SOURCE_FIRST,
    SOURCE_SEASON,
    SOURCE_SECOND,
    SOURCE_SHAPE,
    SOURCE_THIRD,
    WORK_COUNT,
    WORK_SEEN,
    WORK_TRACE_S,
    WORK_TRACE_SIZE,
    WORK_TRACE_SOURCE,
    Desk,
)
from arterial.operations.coaches.reach.kernels import get, get_number, put, put_number

__all__ = ["begin_run", "push", "run_steps", "sample_delay"]

DAY: Final = 86_400
POINTS_COUNT: Final = 21

# Purposes of chance, so that no two questions share a number.
GAP: Final = 1
ACCEPT: Final = 2
SIZE: Final = 3
REST: Final = 4
DAY_STRIKES: Final = 5
DAY_SIZE: Final = 6
CROSSING: Final = 7

RUN_CODE: Final = 1 << 24
DAY_CODE: Final = 1 << 50
SOURCE_CODE: Final = 1 << 20
LONGEST_S: Final = 200.0 * DAY
DAYS_BEFORE: Final = 1 << 20


@compiled
def push(desk: Desk, source: int, seconds: int) -> None:
    """Write a delay into the trace; past its end it joins the last entry of the same source."""
    size = get(desk, WORK_TRACE_SIZE, 0)
    if size < get(desk, WORK_TRACE_SIZE, 1):
        put(desk, WORK_TRACE_SOURCE, size, source)
        put(desk, WORK_TRACE_S, size, seconds)
    put(desk, WORK_TRACE_SIZE, 0, size + 1)


@compiled
def sample_delay(desk: Desk, source: int, u: float, rest: float) -> int:
    """Delay from one uniform number; a closure takes a second one for what is left of it.

    A train that comes upon a closure meets long ones more often: their length is lognormal with
    the median times exp(sigma^2), and a uniform share of it is still to come.
    """
    shape = get(desk, SOURCE_SHAPE, source)
    first = get_number(desk, SOURCE_FIRST, source)
    second = get_number(desk, SOURCE_SECOND, source)
    third = get_number(desk, SOURCE_THIRD, source)
    if shape == LOGNORMAL:
        seconds = lognormal(u, first, second)
    elif shape == OUTAGE:
        seconds = lognormal(u, first * exp(second * second), second) * rest
    elif shape == UNIFORM:
        seconds = first + u * (third - first)
    else:
        seconds = triangular(u, first, second, third)
    return int(floor(min(seconds, LONGEST_S) + 0.5))


@compiled
def run_code(desk: Desk, run: int) -> int:
    """Number that stands for a train on a day, whatever the span that is simulated."""
    day = get(desk, HOST_RUN_MIDNIGHT_S, run) // DAY + DAYS_BEFORE
    return int(get(desk, HOST_RUN_HOST, run) * RUN_CODE + day)


@compiled
def begin_run(desk: Desk, chance: Chance, run: int) -> None:
    """Set the clock of chance for a dated run, before its first step."""
    code = run_code(desk, run)
    for slot in range(get(desk, WORK_COUNT, 3)):
        put(desk, WORK_SEEN, slot, -1)
    put(desk, WORK_COUNT, 0, 0)
    put_number(
        desk, CLOCK, 0, exponential(uniform(chance.key, chance.replication, code, 0, GAP), 1.0)
    )
    put_number(desk, CLOCK, 1, 0.0)
    host = get(desk, HOST_RUN_HOST, run)
    if get(desk, HOST_CROSSING_SOURCE, host) >= 0:
        u = uniform(chance.key, chance.replication, code, 0, CROSSING)
        place = u * (POINTS_COUNT - 1)
        below = int(floor(place))
        low = get_number(desk, HOST_CROSSING_S, host * POINTS_COUNT + below)
        high = get_number(desk, HOST_CROSSING_S, host * POINTS_COUNT + below + 1)
        put_number(desk, CLOCK, 1, low + (place - below) * (high - low))


@compiled
def find_source(desk: Desk, step: int, month: int, place: float) -> int:
    """Source in whose part of the summed hazard of a step a place lies."""
    low, high = get(desk, HOST_LIST_BEGIN, step), get(desk, HOST_LIST_BEGIN, step + 1) - 1
    while low < high:
        middle = (low + high) // 2
        if get_number(desk, HOST_LIST_HAZARD, middle * 12 + month) > place:
            high = middle
        else:
            low = middle + 1
    return int(get(desk, HOST_LIST_SOURCE, low))


@compiled
def meet_failures(desk: Desk, chance: Chance, run: int, step: int, month: int) -> int:
    """Delay by the sources whose clock strikes on a step [s]."""
    last = get(desk, HOST_LIST_BEGIN, step + 1) - 1
    whole = get_number(desk, HOST_LIST_HAZARD, last * 12 + month)
    if get_number(desk, CLOCK, 0) > whole:
        put_number(desk, CLOCK, 0, get_number(desk, CLOCK, 0) - whole)
        return 0
    code = run_code(desk, run)
    place = 0.0
    delay = 0
    while get_number(desk, CLOCK, 0) <= whole - place:
        place += get_number(desk, CLOCK, 0)
        source = find_source(desk, step, month, place)
        number = get(desk, WORK_COUNT, 0)
        if uniform(chance.key, chance.replication, code, number, ACCEPT) < (
            get_number(desk, SOURCE_FACTOR, source)
        ):
            size = uniform(chance.key, chance.replication, code, number, SIZE)
            rest = uniform(chance.key, chance.replication, code, number, REST)
            seconds = sample_delay(desk, source, size, rest)
            push(desk, source, seconds)
            delay += seconds
        put(desk, WORK_COUNT, 0, number + 1)
        gap = uniform(chance.key, chance.replication, code, number + 1, GAP)
        put_number(desk, CLOCK, 0, exponential(gap, 1.0))
    put_number(desk, CLOCK, 0, get_number(desk, CLOCK, 0) - (whole - place))
    return delay


@compiled
def meet_days(desk: Desk, chance: Chance, run: int, step: int, day: int) -> int:
    """Delay by what hits every train of a day, once a day for each train [s]."""
    delay = 0
    month = get(desk, MONTH, day - get(desk, FIRST_DAY, 0))
    for place in range(get(desk, HOST_DAY_BEGIN, step), get(desk, HOST_DAY_BEGIN, step + 1)):
        source = get(desk, HOST_DAY_SOURCE, place)
        slot = get(desk, SOURCE_DAY_SLOT, source)
        if get(desk, WORK_SEEN, slot) == day:
            continue
        put(desk, WORK_SEEN, slot, day)
        rate = get_number(desk, SOURCE_DAY_RATE, source) * get_number(
            desk, SOURCE_SEASON, source * 12 + month
        )
        code = DAY_CODE + day + DAYS_BEFORE
        group = get(desk, SOURCE_DAY_GROUP, source)
        strikes = uniform(chance.key, chance.replication, code, group, DAY_STRIKES) < rate
        if strikes:
            mark = (day + DAYS_BEFORE) * SOURCE_CODE + slot
            size = uniform(chance.key, chance.replication, run_code(desk, run), mark, DAY_SIZE)
            seconds = sample_delay(desk, source, size, 0.0)
            push(desk, source, seconds)
            delay += seconds
    return delay


@compiled
def run_steps(desk: Desk, chance: Chance, run: int, first: int, last: int, delay: int) -> int:
    """Delay behind step `last` of a run that was `delay` late before step `first` [s]."""
    host = get(desk, HOST_RUN_HOST, run)
    for step in range(first, last + 1):
        day = (get(desk, HOST_RUN_MIDNIGHT_S, run) + get(desk, HOST_OFFSET_S, step)) // DAY
        more = 0
        if get(desk, HOST_LIST_BEGIN, step) < get(desk, HOST_LIST_BEGIN, step + 1):
            month = get(desk, MONTH, day - get(desk, FIRST_DAY, 0))
            more += meet_failures(desk, chance, run, step, month)
        if get(desk, HOST_DAY_BEGIN, step) < get(desk, HOST_DAY_BEGIN, step + 1):
            more += meet_days(desk, chance, run, step, day)
        if get_number(desk, CLOCK, 1) > 0.0 and step > get(desk, HOST_STEP_BEGIN, host):
            seconds = int(
                floor(
                    get_number(desk, CLOCK, 1) * get_number(desk, HOST_CROSSING_SHARE, step) + 0.5
                )
            ) - int(
                floor(
                    get_number(desk, CLOCK, 1) * get_number(desk, HOST_CROSSING_SHARE, step - 1)
                    + 0.5
                )
            )
            if seconds > 0:
                push(desk, get(desk, HOST_CROSSING_SOURCE, host), seconds)
                more += seconds
        if get(desk, HOST_RESTRICTION_S, step) > 0:
            push(
                desk, get(desk, HOST_RESTRICTION_SOURCE, step), get(desk, HOST_RESTRICTION_S, step)
            )
            more += get(desk, HOST_RESTRICTION_S, step)
        delay = max(0, delay + more - get(desk, HOST_RECOVERY_S, step))
    return delay
