"""Compiled runs of host trains: section by section, with recovery and what delays them.

`begin_run` sets the clock of chance of one dated run, `run_steps` moves it on. A delay d becomes
max(0, d + x - r) on a step that adds x and can make up r. Failures are found by a clock that runs
down with the summed hazard of all sources of a step: it strikes at a baseline rate that no change
of condition shifts, and a strike counts with the share of the baseline that is left (thinning).
"""

from math import exp
from typing import Final

from arterial.compiling import compiled
from arterial.operations.chance.chance_kernel import exponential, lognormal, triangular, uniform
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
from arterial.units import DAY_S

__all__ = ["begin_run", "push", "run_steps", "sample_delay"]

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
LONGEST_S: Final = 200.0 * DAY_S
DAYS_BEFORE: Final = 1 << 20


@compiled
def push(desk: Desk, source: int, seconds: int) -> None:
    """Write a delay into the trace; past its end it joins the last entry of the same source."""
    size = desk.ints[desk.at[WORK_TRACE_SIZE]]
    if size < desk.ints[desk.at[WORK_TRACE_SIZE] + 1]:
        desk.ints[desk.at[WORK_TRACE_SOURCE] + size] = source
        desk.ints[desk.at[WORK_TRACE_S] + size] = seconds
    desk.ints[desk.at[WORK_TRACE_SIZE]] = size + 1


@compiled
def sample_delay(desk: Desk, source: int, u: float, rest: float) -> int:
    """Delay from one uniform number; a closure takes a second one for what is left of it.

    A train that comes upon a closure meets long ones more often: their length is lognormal with
    the median times exp(sigma^2), and a uniform share of it is still to come.
    """
    shape = desk.ints[desk.at[SOURCE_SHAPE] + source]
    first = desk.numbers[desk.at[SOURCE_FIRST] + source]
    second = desk.numbers[desk.at[SOURCE_SECOND] + source]
    third = desk.numbers[desk.at[SOURCE_THIRD] + source]
    if shape == LOGNORMAL:
        seconds = lognormal(u, first, second)
    elif shape == OUTAGE:
        seconds = lognormal(u, first * exp(second * second), second) * rest
    elif shape == UNIFORM:
        seconds = first + u * (third - first)
    else:
        seconds = triangular(u, first, second, third)
    return int(min(seconds, LONGEST_S) + 0.5)


@compiled
def _run_code(desk: Desk, run: int) -> int:
    """Number that stands for a train on a day, whatever the span that is simulated."""
    day = desk.ints[desk.at[HOST_RUN_MIDNIGHT_S] + run] // DAY_S + DAYS_BEFORE
    return int(desk.ints[desk.at[HOST_RUN_HOST] + run] * RUN_CODE + day)


@compiled
def begin_run(desk: Desk, chance: Chance, run: int) -> None:
    """Set the clock of chance for a dated run, before its first step."""
    code = _run_code(desk, run)
    for slot in range(desk.ints[desk.at[WORK_COUNT] + 3]):
        desk.ints[desk.at[WORK_SEEN] + slot] = -1
    desk.ints[desk.at[WORK_COUNT]] = 0
    desk.numbers[desk.at[CLOCK]] = exponential(
        uniform(chance.key, chance.replication, code, 0, GAP), 1.0
    )
    desk.numbers[desk.at[CLOCK] + 1] = 0.0
    host = desk.ints[desk.at[HOST_RUN_HOST] + run]
    if desk.ints[desk.at[HOST_CROSSING_SOURCE] + host] >= 0:
        u = uniform(chance.key, chance.replication, code, 0, CROSSING)
        place = u * (POINTS_COUNT - 1)
        below = int(place)
        low = desk.numbers[desk.at[HOST_CROSSING_S] + host * POINTS_COUNT + below]
        high = desk.numbers[desk.at[HOST_CROSSING_S] + host * POINTS_COUNT + below + 1]
        desk.numbers[desk.at[CLOCK] + 1] = low + (place - below) * (high - low)


@compiled
def _find_source(desk: Desk, step: int, month: int, place: float) -> int:
    """Source in whose part of the summed hazard of a step a place lies."""
    low, high = (
        desk.ints[desk.at[HOST_LIST_BEGIN] + step],
        desk.ints[desk.at[HOST_LIST_BEGIN] + step + 1] - 1,
    )
    while low < high:
        middle = (low + high) // 2
        if desk.numbers[desk.at[HOST_LIST_HAZARD] + middle * 12 + month] > place:
            high = middle
        else:
            low = middle + 1
    return int(desk.ints[desk.at[HOST_LIST_SOURCE] + low])


@compiled
def _meet_failures(desk: Desk, chance: Chance, run: int, step: int, month: int) -> int:
    """Delay by the sources whose clock strikes on a step [s]."""
    last = desk.ints[desk.at[HOST_LIST_BEGIN] + step + 1] - 1
    whole = desk.numbers[desk.at[HOST_LIST_HAZARD] + last * 12 + month]
    if desk.numbers[desk.at[CLOCK]] > whole:
        desk.numbers[desk.at[CLOCK]] = desk.numbers[desk.at[CLOCK]] - whole
        return 0
    code = _run_code(desk, run)
    place = 0.0
    delay = 0
    while desk.numbers[desk.at[CLOCK]] <= whole - place:
        place += desk.numbers[desk.at[CLOCK]]
        source = _find_source(desk, step, month, place)
        number = desk.ints[desk.at[WORK_COUNT]]
        if (
            uniform(chance.key, chance.replication, code, number, ACCEPT)
            < (desk.numbers[desk.at[SOURCE_FACTOR] + source])
        ):
            size = uniform(chance.key, chance.replication, code, number, SIZE)
            rest = uniform(chance.key, chance.replication, code, number, REST)
            seconds = sample_delay(desk, source, size, rest)
            push(desk, source, seconds)
            delay += seconds
        desk.ints[desk.at[WORK_COUNT]] = number + 1
        gap = uniform(chance.key, chance.replication, code, number + 1, GAP)
        desk.numbers[desk.at[CLOCK]] = exponential(gap, 1.0)
    desk.numbers[desk.at[CLOCK]] = desk.numbers[desk.at[CLOCK]] - (whole - place)
    return delay


@compiled
def _meet_days(desk: Desk, chance: Chance, run: int, step: int, day: int) -> int:
    """Delay by what hits every train of a day, once a day for each train [s]."""
    delay = 0
    month = desk.ints[desk.at[MONTH] + day - desk.ints[desk.at[FIRST_DAY]]]
    for place in range(
        desk.ints[desk.at[HOST_DAY_BEGIN] + step], desk.ints[desk.at[HOST_DAY_BEGIN] + step + 1]
    ):
        source = desk.ints[desk.at[HOST_DAY_SOURCE] + place]
        slot = desk.ints[desk.at[SOURCE_DAY_SLOT] + source]
        if desk.ints[desk.at[WORK_SEEN] + slot] == day:
            continue
        desk.ints[desk.at[WORK_SEEN] + slot] = day
        rate = (
            desk.numbers[desk.at[SOURCE_DAY_RATE] + source]
            * desk.numbers[desk.at[SOURCE_SEASON] + source * 12 + month]
        )
        code = DAY_CODE + day + DAYS_BEFORE
        group = desk.ints[desk.at[SOURCE_DAY_GROUP] + source]
        strikes = uniform(chance.key, chance.replication, code, group, DAY_STRIKES) < rate
        if strikes:
            mark = (day + DAYS_BEFORE) * SOURCE_CODE + slot
            size = uniform(chance.key, chance.replication, _run_code(desk, run), mark, DAY_SIZE)
            seconds = sample_delay(desk, source, size, 0.0)
            push(desk, source, seconds)
            delay += seconds
    return delay


@compiled
def run_steps(desk: Desk, chance: Chance, run: int, first: int, last: int, delay: int) -> int:
    """Delay behind step `last` of a run that was `delay` late before step `first` [s]."""
    host = desk.ints[desk.at[HOST_RUN_HOST] + run]
    for step in range(first, last + 1):
        day = (
            desk.ints[desk.at[HOST_RUN_MIDNIGHT_S] + run] + desk.ints[desk.at[HOST_OFFSET_S] + step]
        ) // DAY_S
        more = 0
        if (
            desk.ints[desk.at[HOST_LIST_BEGIN] + step]
            < desk.ints[desk.at[HOST_LIST_BEGIN] + step + 1]
        ):
            month = desk.ints[desk.at[MONTH] + day - desk.ints[desk.at[FIRST_DAY]]]
            more += _meet_failures(desk, chance, run, step, month)
        if (
            desk.ints[desk.at[HOST_DAY_BEGIN] + step]
            < desk.ints[desk.at[HOST_DAY_BEGIN] + step + 1]
        ):
            more += _meet_days(desk, chance, run, step, day)
        if (
            desk.numbers[desk.at[CLOCK] + 1] > 0.0
            and step > desk.ints[desk.at[HOST_STEP_BEGIN] + host]
        ):
            seconds = int(
                desk.numbers[desk.at[CLOCK] + 1] * desk.numbers[desk.at[HOST_CROSSING_SHARE] + step]
                + 0.5
            ) - int(
                desk.numbers[desk.at[CLOCK] + 1]
                * desk.numbers[desk.at[HOST_CROSSING_SHARE] + step - 1]
                + 0.5
            )
            if seconds > 0:
                push(desk, desk.ints[desk.at[HOST_CROSSING_SOURCE] + host], seconds)
                more += seconds
        if desk.ints[desk.at[HOST_RESTRICTION_S] + step] > 0:
            push(
                desk,
                desk.ints[desk.at[HOST_RESTRICTION_SOURCE] + step],
                desk.ints[desk.at[HOST_RESTRICTION_S] + step],
            )
            more += desk.ints[desk.at[HOST_RESTRICTION_S] + step]
        delay = max(0, delay + more - desk.ints[desk.at[HOST_RECOVERY_S] + step])
    return delay
