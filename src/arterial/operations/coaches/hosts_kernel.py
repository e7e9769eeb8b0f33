"""Compiled runs of host trains: section by section, with recovery and what delays them.

`_pass_host` runs one dated host past the stop where a coach waits for it, and on. A delay d becomes
max(0, d + x - r) on a step that adds x and can make up r; what a step adds does not depend on d, so
that many steps together turn d into max(floor, d + shift), whoever rides. Failures are found by a
clock that runs down with the summed hazard of all sources of a step: it strikes at a baseline rate
that no change of condition shifts, and a strike counts with the share of the baseline that is left
(thinning). A run that would wait too long at a closed line is cancelled; so are those behind it,
until one comes that waits no longer.
"""

from math import exp
from typing import Final

from arterial.compiling import compiled
from arterial.operations.chance.chance_kernel import exponential, lognormal, triangular, uniform
from arterial.operations.coaches.state import (
    CROSSING_POINTS,
    LOGNORMAL,
    NEVER,
    OUTAGE,
    UNIFORM,
    Chance,
    CoachPlan,
    CoachState,
    Integers,
    Leg,
    Numbers,
    Row,
    Run,
    Source,
    month_of,
)
from arterial.units import DAY_S

__all__ = ["meet_host", "push_delay", "sample_delay", "sum_hazards"]

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
"""Days by which all are shifted, so that the number of none is negative."""


@compiled(counts_references=False, is_merged=True)
def push_delay(state: CoachState, source: Source, seconds: int) -> None:
    """Write a delay into the trace; beyond its end only the length grows, for the caller to see."""
    size = state.sizes[0].trace
    if size < len(state.trace):
        state.trace[size].source = source
        state.trace[size].seconds = seconds
    state.sizes[0].trace = size + 1


@compiled(counts_references=False)
def sum_hazards(
    plan: CoachPlan, base: Numbers, rates: Numbers, months: Integers, summed: Numbers
) -> None:
    """Sum the hazards of the sources of each step up within it, month by month.

    `base` (n,) before season and draw, `rates` (n_sources,) factors of the draw, `months` those
    that are looked at, `summed` (n, 12) zeros.
    """
    for month in months:
        # One sum runs over all steps, so that no digit hangs on how they are cut.
        running = 0.0
        for step in range(len(plan.host_steps)):
            before, now = running, plan.host_steps[step]
            for row in range(now.hazard_begin, now.hazard_end):
                source = plan.hazard_source[row]
                running += base[row] * rates[source] * plan.season[source, month]
                summed[row, month] = running - before


@compiled(counts_references=False)
def sample_delay(shape: int, first: float, second: float, third: float, u: float, v: float) -> int:
    """Delay from one uniform number; a closure takes a second one for what is left of it.

    A train that comes upon a closure meets long ones more often: their length is lognormal with
    the median times exp(sigma^2), and a uniform share of it is still to come.
    """
    if shape == LOGNORMAL:
        seconds = lognormal(u, first, second)
    elif shape == OUTAGE:
        seconds = lognormal(u, first * exp(second * second), second) * v
    elif shape == UNIFORM:
        seconds = first + u * (third - first)
    else:
        seconds = triangular(u, first, second, third)
    return int(min(seconds, LONGEST_S) + 0.5)


@compiled(counts_references=False, is_merged=True)
def _run_code(plan: CoachPlan, run: Run) -> int:
    """Number that stands for a train on a day, whatever the span that is simulated."""
    row = plan.runs[run]
    return int(row.host * RUN_CODE + row.midnight_s // DAY_S + DAYS_BEFORE)


@compiled(counts_references=False, is_merged=True)
def _begin_run(plan: CoachPlan, state: CoachState, chance: Chance, run: Run) -> None:
    """Set the clock of chance for a dated run, before its first step."""
    code = _run_code(plan, run)
    for slot in range(len(state.days_seen)):
        state.days_seen[slot] = -1
    clock = state.clock[0]
    clock.strikes = 0
    clock.day = NEVER
    clock.closed_by = -1
    clock.late_s = 0
    clock.floor_s = 0
    clock.shift_s = 0
    # One clock for all sources: it strikes when the summed hazard has run off.
    clock.hazard_left = exponential(uniform(chance.key, chance.replication, code, 0, GAP), 1.0)
    clock.crossing_s = 0.0
    host = plan.runs[run].host
    if plan.hosts[host].crossing_source >= 0:
        u = uniform(chance.key, chance.replication, code, 0, CROSSING)
        place = u * (CROSSING_POINTS - 1)
        below = int(place)
        low, high = plan.crossing_s[host, below], plan.crossing_s[host, below + 1]
        clock.crossing_s = low + (place - below) * (high - low)


@compiled(counts_references=False, is_merged=True)
def _find_source(plan: CoachPlan, step: Row, month: int, place: float) -> Source:
    """Source in whose part of the summed hazard of a step a place lies."""
    low, high = step.hazard_begin, step.hazard_end - 1
    while low < high:
        middle = (low + high) // 2
        if plan.hazard_sum[middle, month] > place:
            high = middle
        else:
            low = middle + 1
    source: Source = plan.hazard_source[low]
    return source


@compiled(counts_references=False, is_merged=True)
def _meet_failures(
    plan: CoachPlan, state: CoachState, chance: Chance, run: Run, step: Row, month: int
) -> int:  # fmt: skip
    """Delay by the sources whose clock strikes on a step [s]."""
    clock = state.clock[0]
    whole = plan.hazard_sum[step.hazard_end - 1, month]
    if clock.hazard_left > whole:
        clock.hazard_left -= whole
        return 0
    code = _run_code(plan, run)
    place, delay_s = 0.0, 0
    while clock.hazard_left <= whole - place:
        # What is left counts from the last strike, not from the begin of the step.
        place += clock.hazard_left
        source = _find_source(plan, step, month, place)
        row = plan.sources[source]
        number = clock.strikes
        # Thinning: the strike is there whatever the condition, so that no other one moves.
        if uniform(chance.key, chance.replication, code, number, ACCEPT) < row.factor:
            size = uniform(chance.key, chance.replication, code, number, SIZE)
            rest = uniform(chance.key, chance.replication, code, number, REST)
            seconds = sample_delay(row.shape, row.first, row.second, row.third, size, rest)
            if row.shape == OUTAGE and seconds > plan.closed_wait_s:
                if clock.closed_by < 0:
                    clock.closed_by = source
                    clock.opens_s = seconds
            else:
                push_delay(state, source, seconds)
                delay_s += seconds
        clock.strikes = number + 1
        gap = uniform(chance.key, chance.replication, code, number + 1, GAP)
        clock.hazard_left = exponential(gap, 1.0)
    clock.hazard_left -= whole - place
    return delay_s


@compiled(counts_references=False, is_merged=True)
def _meet_days(
    plan: CoachPlan, state: CoachState, chance: Chance, run: Run, step: Row, day: int
) -> int:  # fmt: skip
    """Delay by what hits every train of a day, once a day for each train [s]."""
    delay_s = 0
    month = month_of(plan, day)
    for place in range(step.day_begin, step.day_end):
        source = plan.day_source[place]
        row = plan.sources[source]
        if state.days_seen[row.day_slot] == day:
            continue
        state.days_seen[row.day_slot] = day
        # All trains of a day ask the same question of chance, and those of one storm too.
        code = DAY_CODE + day + DAYS_BEFORE
        strikes = uniform(chance.key, chance.replication, code, row.day_group, DAY_STRIKES)
        if strikes < row.day_rate * plan.season[source, month]:
            mark = (day + DAYS_BEFORE) * SOURCE_CODE + row.day_slot
            code = _run_code(plan, run)
            size = uniform(chance.key, chance.replication, code, mark, DAY_SIZE)
            seconds = sample_delay(row.shape, row.first, row.second, row.third, size, 0.0)
            push_delay(state, source, seconds)
            delay_s += seconds
    return delay_s


@compiled(counts_references=False, is_merged=True)
def _wait_for_crossings(plan: CoachPlan, state: CoachState, host: int, step: int) -> int:
    """Part of a run's wait for crossings on a step [s]; all parts add up to the whole."""
    whole_s = state.clock[0].crossing_s
    if whole_s <= 0.0 or step <= plan.hosts[host].step_begin:
        return 0
    share, before = plan.host_steps[step].crossing_share, plan.host_steps[step - 1].crossing_share
    # Differences of rounded sums: rounded shares would not add up to the whole.
    return int(whole_s * share + 0.5) - int(whole_s * before + 0.5)


@compiled(counts_references=False, is_merged=True)
def _pass_step(plan: CoachPlan, state: CoachState, chance: Chance, run: Run, step: int) -> None:
    """Take a run over one step: what delays it there, less what it can make up."""
    row, clock, host = plan.host_steps[step], state.clock[0], plan.runs[run].host
    day = (plan.runs[run].midnight_s + row.offset_s) // DAY_S
    more_s = 0
    if row.hazard_begin < row.hazard_end:
        month = month_of(plan, day)
        more_s += _meet_failures(plan, state, chance, run, row, month)
        if clock.closed_by >= 0:
            clock.opens_s += _comes_at_s(plan, state, run, step)
            return
    # On a step with the sources of the step before, all have been asked on the same day.
    if row.day_begin < row.day_end and (row.repeats_days == 0 or day != clock.day):
        more_s += _meet_days(plan, state, chance, run, row, day)
    clock.day = day
    waits_s = _wait_for_crossings(plan, state, host, step)
    if waits_s > 0:
        push_delay(state, plan.hosts[host].crossing_source, waits_s)
        more_s += waits_s
    if row.restriction_s > 0:
        push_delay(state, row.restriction_source, row.restriction_s)
        more_s += row.restriction_s
    # A host makes up what it lost here, but arrives no earlier than its plan.
    clock.floor_s = max(0, clock.floor_s + more_s - row.recovery_s)
    clock.shift_s += more_s - row.recovery_s


@compiled(counts_references=False, is_merged=True)
def _comes_at_s(plan: CoachPlan, state: CoachState, run: Run, step: int) -> int:
    """When a run comes to a step if it waits for no coach."""
    clock = state.clock[0]
    at_s = plan.runs[run].midnight_s + plan.host_steps[step].offset_s
    return int(at_s + max(clock.floor_s, clock.late_s + clock.shift_s))


@compiled(counts_references=False, is_merged=True)
def _meet_closure(plan: CoachPlan, state: CoachState, run: Run, step: int) -> None:
    """Let a run wait where a run before it found the line closed, if it still is."""
    closure, clock = state.closure[0], state.clock[0]
    if closure.closed_by < 0 or closure.step != step:
        return
    wait_s = closure.opens_s - _comes_at_s(plan, state, run, step)
    if wait_s > plan.closed_wait_s:
        clock.closed_by = closure.closed_by
        clock.opens_s = closure.opens_s
    elif wait_s > 0:
        push_delay(state, closure.closed_by, wait_s)
        # However late a coach makes the run, it waits until then.
        planned_s = plan.runs[run].midnight_s + plan.host_steps[step].offset_s
        clock.floor_s = closure.opens_s - planned_s


@compiled(counts_references=False, is_merged=True)
def _note_event(state: CoachState, event: int) -> None:
    """Write what the ride so far makes of a delay at boarding."""
    state.events[event].floor_s = state.clock[0].floor_s
    state.events[event].shift_s = state.clock[0].shift_s


@compiled(counts_references=False)
def _pass_host(
    plan: CoachPlan,
    state: CoachState,
    chance: Chance,
    leg: Leg,
    run: Run,
    behind_s: int,
    wait_s: int,
    passage: Row,
) -> None:
    """Run a host past the stop where a coach waits, and to where it gets off if it can ride.

    The coach is ready `behind_s` after the planned departure; the host leaves when it is itself
    ready, or has waited `wait_s`. Its lateness, and what the ride does to the coach, go into the
    leg's passages, delays into the trace.
    """
    row, host = plan.legs[leg], plan.hosts[plan.legs[leg].host]
    clock = state.clock[0]
    boarding = plan.stop_step[host.stop_begin + row.from_stop]
    end = plan.stop_step[host.stop_begin + row.to_stop]
    passage.is_known = 1
    passage.is_whole = 0
    passage.closed_by = -1
    event = row.event
    _begin_run(plan, state, chance, run)
    for step in range(host.step_begin, end):
        is_ridden = step > boarding and plan.host_steps[step].is_stop > 0
        if is_ridden:
            event += 1
            _note_event(state, event)
        _meet_closure(plan, state, run, step)
        if clock.closed_by < 0:
            _pass_step(plan, state, chance, run, step)
        if clock.closed_by >= 0:
            passage.closed_by = clock.closed_by
            passage.step = step
            passage.opens_s = clock.opens_s
            if step <= boarding:
                passage.late_s = clock.floor_s
            return
        if is_ridden:
            event += 1
            _note_event(state, event)
        if step == boarding:
            # What the host lost up to here is its own; the trace from here on is the coach's too.
            passage.late_s = clock.floor_s
            state.legs[leg].from_ride = state.sizes[0].trace
            if behind_s > max(passage.late_s, wait_s):
                return
            # From here on of the coach's own delay, whatever it is.
            clock.late_s = clock.floor_s
            clock.floor_s = 0
            clock.shift_s = 0
    _note_event(state, event + 1)
    passage.is_whole = 1
    passage.floor_s = clock.floor_s
    passage.shift_s = clock.shift_s


@compiled(counts_references=False, is_merged=True)
def meet_host(
    plan: CoachPlan,
    state: CoachState,
    chance: Chance,
    leg: Leg,
    run: Run,
    behind_s: int,
    wait_s: int,
    is_traced: bool,
) -> Row:
    """Passage of a host at a leg; one that this replication has met is not run again."""
    if state.closure[0].closed_by >= 0:
        # What this coach knows of a closed line is no affair of the others that ask for the run.
        behind = state.passages[len(state.passages) - 1]
        _pass_host(plan, state, chance, leg, run, behind_s, wait_s, behind)
        return behind
    passage = state.passages[plan.legs[leg].passage + run]
    is_missed = passage.is_known > 0 and behind_s > max(passage.late_s, wait_s)
    is_cancelled = passage.is_known > 0 and passage.closed_by >= 0
    # A ride that is traced has to write its delays anew, at their place between others.
    if not is_missed and not is_cancelled and (is_traced or passage.is_whole == 0):
        _pass_host(plan, state, chance, leg, run, behind_s, wait_s, passage)
    return passage
