"""Compiled event-driven engine: one replication of a plan under a dispatching policy.

`run_events` is the main function, `step_event` one thing that happens. A train asks to enter its
step when it is ready; the step is looked at again whenever something that could let a train go has
happened or is due.

`run_chunk` runs many replications: draw, run, attribute, one after another.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.line.attribution_kernel import (
    Owner,
    Records,
    add_record,
    trace_events,
)
from arterial.operations.line.layout import HEADWAY, UNLIMITED
from arterial.operations.line.rules_kernel import (
    PLANNED_ORDER,
    Inputs,
    choose_train,
    find_closure,
    find_stranded,
    find_track,
    record_opening,
    shared_from,
)
from arterial.operations.line.sampling_kernel import (
    Chance,
    clear_draws,
    draw_replication,
    is_shared,
    meet_outages,
    record_closures,
)
from arterial.operations.line.state_kernel import (
    ARRIVE,
    FAR,
    READY,
    SERVE,
    START,
    State,
    clear_state,
    is_quiet,
    join_queue,
    leave_queue,
    peek_event,
    schedule_event,
    take_event,
    wide,
)

__all__ = ["EventOutput", "run_chunk", "run_events"]


class EventOutput(NamedTuple):
    """Where a chunk writes: ``delay``, ``cancelled`` (n, n_runs), ``times`` (n or 0, n_events)."""

    delay: NDArray[np.int32]
    times: NDArray[np.int64]
    records: Records
    forced: NDArray[np.int64]
    cancelled: NDArray[np.bool_]


@compiled(counts_references=False, is_merged=True)
def _keep_cancelled(
    inputs: Inputs, state: State, run: int, place: int, output: EventOutput
) -> None:  # fmt: skip
    """A train that was taken off counts as late by the longest wait wherever it did not come."""
    longest_s = inputs.hazards.closures.longest_wait_s
    if place < output.times.shape[0]:
        for event in range(state.runs[run].taken_off_at, inputs.runs[run + 1].first):
            output.times[place, event] = inputs.events[event].planned + longest_s
    output.cancelled[place, run] = True
    output.delay[place, run] = longest_s
    if output.records.rows.size > 0 and longest_s > 0:
        owner = Owner(0, place, run, 0)
        add_record(output.records, owner, state.runs[run].taken_off_by, longest_s)


@compiled(counts_references=False, is_merged=True)
def _keep_replication(inputs: Inputs, state: State, place: int, output: EventOutput) -> None:
    """Write what one replication gave."""
    events = inputs.events
    if place < output.times.shape[0]:
        for event in range(output.times.shape[1]):
            output.times[place, event] = state.events[event].time
    for run in range(state.runs.size):
        last = inputs.runs[run + 1].first - 1
        if state.runs[run].taken_off_at >= 0:
            _keep_cancelled(inputs, state, run, place, output)
            continue
        delay = max(state.events[last].time - events[last].planned, 0)
        output.delay[place, run] = delay
        if delay > 0 and output.records.rows.size > 0:
            trace_events(inputs, state, run, place, output.records)
    output.forced[0] += state.counters[0].forced


@compiled(counts_references=False)
def run_chunk(
    inputs: Inputs,
    state: State,
    factor: NDArray[np.float64],
    first: Chance,
    output: EventOutput,
) -> bool:
    """Run replications from that of `first` on; False where there was too little room."""
    output.records.counts[0] = 0
    for place in range(output.delay.shape[0]):
        chance = Chance(first.key, first.replication + place)
        clear_draws(inputs.draws)
        draw_replication(inputs.hazards, factor, chance.key, chance.replication, 0, inputs.draws)
        run_events(inputs, state, chance)
        if inputs.draws.counters[0].is_full != 0 or state.counters[0].is_full != 0:
            return False
        _keep_replication(inputs, state, place, output)
    return True


@compiled(counts_references=False, is_merged=True)
def _wait_before(inputs: Inputs, event: int) -> int:
    """Disturbances drawn before an event [s]."""
    total, place = 0, inputs.draws.head[event]
    while place >= 0:
        if inputs.draws.entries[place].is_late == 0:
            total += inputs.draws.entries[place].seconds
        place = inputs.draws.entries[place].follower
    return total


@compiled(counts_references=False, is_merged=True)
def _look_again(state: State, step: int, instant: int, cause: int) -> None:
    """Look at a step again at an instant, unless that is to happen anyway or nobody waits."""
    if state.steps[step].queue >= 0 and instant < state.steps[step].due:
        state.steps[step].due = instant
        schedule_event(state, instant, SERVE, step, cause)


@compiled(counts_references=False, is_merged=True)
def _look_around(inputs: Inputs, state: State, point: int, instant: int, cause: int) -> None:
    """Look again at the steps at a point where a track comes free."""
    for place in range(inputs.points[point].beside_first, inputs.points[point + 1].beside_first):
        _look_again(state, inputs.beside[place], instant, cause)


@compiled(counts_references=False, is_merged=True)
def _take_track(inputs: Inputs, state: State, run: int, event: int, instant: int) -> None:
    """Give up the track where a train stands and take one at the next point."""
    events = inputs.events
    _leave_track(inputs, state, run, event, instant)
    point = wide(events[event + 1].point)
    state.present[point, events[event].direction] += 1
    if inputs.points[point].tracks < UNLIMITED and inputs.policy != PLANNED_ORDER:
        track = find_track(inputs, state, point)
        # A train that was forced finds none free and then holds none.
        if state.tracks[track].free_at <= instant:
            state.tracks[track].free_at = FAR
            state.runs[run].ahead = track


@compiled(counts_references=False, is_merged=True)
def _leave_track(inputs: Inputs, state: State, run: int, event: int, instant: int) -> None:
    """Set free the track where a train stands, once `event` has taken it away."""
    if event == inputs.runs[run].first:
        return
    # Departures are the even events: there the train stood since the arrival before.
    before = event - 1 if event % 2 == 0 else event
    state.present[inputs.events[before].point, inputs.events[before].direction] -= 1
    track = state.runs[run].track
    if track >= 0:
        state.tracks[track].free_at = instant + inputs.release_s
        state.tracks[track].freed_by = event
    state.runs[run].track = -1


@compiled(counts_references=False, is_merged=True)
def depart(
    inputs: Inputs,
    state: State,
    run: int,
    now: int,
    cause: int,
    chance: Chance,
) -> None:
    """A train enters its step; its arrival is known from here on."""
    events, event = inputs.events, state.runs[run].next_event
    step, direction = wide(events[event].step), wide(events[event].direction)
    name, last = inputs.hazards.runs[run].key, state.directions[step, direction]
    leave_queue(state, step, run)
    state.events[event].time = now
    state.events[event].cause = cause
    _take_track(inputs, state, run, event, now)
    arrival = now + events[event + 1].least + _wait_before(inputs, event + 1)
    arrival += meet_outages(inputs.hazards, inputs.draws, event + 1, step, 0, now, chance, name)
    # A train ahead of its plan eases off: supplements make up delay and nothing else.
    arrival = max(arrival, events[event + 1].planned)
    if inputs.steps[step].follows != 0:
        behind = last.arrived + inputs.between[step, direction, HEADWAY]
        if behind > arrival:
            arrival = behind
            state.events[event + 1].cause = last.arrived_event
    state.events[event + 1].time = arrival
    last.departed, last.departed_event = now, event
    last.arrived, last.arrived_event = arrival, event + 1
    if last.expected == run:
        last.expected = -1
    state.runs[run].next_event = event + 2
    if event + 2 < inputs.runs[run + 1].first:
        state.runs[run].ready = max(events[event + 2].planned, arrival + events[event + 2].least)
        state.directions[events[event + 2].step, events[event + 2].direction].expected = run
    schedule_event(state, arrival, ARRIVE, run, -1)
    _wake_others(inputs, state, run, event, now)


@compiled(counts_references=False, is_merged=True)
def _wake_others(inputs: Inputs, state: State, run: int, event: int, now: int) -> None:
    """Look again wherever this departure, or the arrival that it fixes, may let a train go."""
    events = inputs.events
    for known in range(event, event + 2 if inputs.arcs.size > 0 else event):
        for place in range(events[known].after_first, events[known + 1].after_first):
            after = inputs.after[place]
            if state.runs[events[after].run].next_event == after:
                _look_again(state, wide(events[after].step), now, known)
    if inputs.policy != PLANNED_ORDER and event > inputs.runs[run].first:
        _look_around(inputs, state, wide(events[event].point), now, event)


@compiled(counts_references=False, is_merged=True)
def _take_off(inputs: Inputs, state: State, step: int, run: int, now: int) -> None:
    """A train goes no further: its track is free, and who waits for it waits no longer."""
    event, end = state.runs[run].next_event, inputs.runs[run + 1].first
    _, _, source = find_closure(inputs.hazards, inputs.draws, step, now)
    state.runs[run].taken_off_at = event
    state.runs[run].taken_off_by = source
    leave_queue(state, step, run)
    direction = wide(inputs.events[event].direction)
    if state.directions[step, direction].expected == run:
        state.directions[step, direction].expected = -1
    _leave_track(inputs, state, run, event, now)
    state.runs[run].next_event = end
    state.counters[0].done += 1
    for known in range(event, end):
        state.events[known].time = now
        for place in range(inputs.events[known].after_first, inputs.events[known + 1].after_first):
            after = inputs.after[place]
            if state.runs[inputs.events[after].run].next_event == after:
                _look_again(state, wide(inputs.events[after].step), now, -1)
    if event > inputs.runs[run].first:
        _look_around(inputs, state, wide(inputs.events[event].point), now, -1)


@compiled(counts_references=False, is_merged=True)
def _serve_step(
    inputs: Inputs,
    state: State,
    step: int,
    now: int,
    asked_by: int,
    chance: Chance,
) -> None:
    """Let trains enter a step as long as one may, and see when to look again."""
    stranded = find_stranded(inputs, state, step, now)
    while stranded >= 0:
        _take_off(inputs, state, step, stranded, now)
        stranded = find_stranded(inputs, state, step, now)
    while state.steps[step].queue >= 0:
        run = choose_train(inputs, state, step, now)
        if run < 0:
            break
        instant, cause = state.steps[step].entry, state.steps[step].cause
        event = state.runs[run].next_event
        if is_shared(inputs.hazards, step):
            tracks, free = wide(inputs.steps[step].tracks), shared_from(inputs, state, event)
            opened = record_opening(
                inputs.hazards, inputs.draws, event, step, tracks, instant, free
            )
        else:
            opened = record_closures(inputs.hazards, inputs.draws, event, step, 0, instant)
        if opened < now:
            # It waited for something else than what it waits for now.
            _forget_closures(inputs, event)
            cause = asked_by
        depart(inputs, state, run, now, cause, chance)
    if state.steps[step].served_at < FAR:
        _look_again(state, step, state.steps[step].served_at, -1)


@compiled(counts_references=False, is_merged=True)
def _forget_closures(inputs: Inputs, event: int) -> None:
    """Take back what `record_closures` noted."""
    draws = inputs.draws
    place = draws.head[event]
    while place >= 0:
        if draws.entries[place].is_late != 0:
            draws.entries[place].seconds = 0
        place = draws.entries[place].follower


@compiled(counts_references=False, is_merged=True)
def _force_train(inputs: Inputs, state: State, now: int, chance: Chance) -> None:
    """Let the train that has been ready longest go although no track is free for it."""
    first = -1
    for run in range(state.runs.size):
        event = state.runs[run].next_event
        is_over = event == inputs.runs[run + 1].first
        if not is_over and (first < 0 or state.runs[run].ready < state.runs[first].ready):
            first = run
    state.counters[0].forced += 1
    depart(inputs, state, first, now, -1, chance)


@compiled(counts_references=False, is_merged=True)
def _make_ready(inputs: Inputs, state: State, run: int, now: int, chance: Chance) -> None:
    """A train asks to enter its step."""
    step = wide(inputs.events[state.runs[run].next_event].step)
    state.runs[run].ready = now
    join_queue(state, step, run)
    if is_quiet(state, now, SERVE):
        _serve_step(inputs, state, step, now, -1, chance)
    else:
        _look_again(state, step, now, -1)


@compiled(counts_references=False, is_merged=True)
def arrive(inputs: Inputs, state: State, run: int, now: int, chance: Chance) -> None:
    """A train stands at a point: it ends there, or makes ready to go on."""
    events, event = inputs.events, state.runs[run].next_event
    state.runs[run].track = state.runs[run].ahead
    state.runs[run].ahead = -1
    if event == inputs.runs[run + 1].first:
        _leave_track(inputs, state, run, event - 1, now)
        state.counters[0].done += 1
        if inputs.policy != PLANNED_ORDER:
            _look_around(inputs, state, wide(events[event - 1].point), now, event - 1)
        return
    ready = now + events[event].least + _wait_before(inputs, event)
    ready = max(ready, events[event].planned)
    if ready == now and is_quiet(state, now, READY):
        _make_ready(inputs, state, run, now, chance)
    else:
        schedule_event(state, ready, READY, run, -1)


@compiled(counts_references=False, is_merged=True)
def _start_train(inputs: Inputs, state: State, place: int) -> None:
    """The next train in order of departure makes ready; the one after it is put on the heap.

    So the heap holds the trains on their way and not the whole plan.
    """
    run = inputs.runs[place].by_start
    event = inputs.runs[run].first
    ready = inputs.events[event].planned + _wait_before(inputs, event)
    schedule_event(state, ready, READY, run, -1)
    if place + 1 < state.runs.size:
        after = inputs.runs[inputs.runs[place + 1].by_start].first
        schedule_event(state, wide(inputs.events[after].planned), START, place + 1, -1)


@compiled(counts_references=False, is_merged=True)
def step_event(inputs: Inputs, state: State, chance: Chance) -> int:
    """Let the next thing happen; its instant [s]."""
    now, kind, item, cause = peek_event(state)
    take_event(state)
    if kind == START:
        _start_train(inputs, state, item)
    elif kind == ARRIVE:
        arrive(inputs, state, item, now, chance)
    elif kind == READY:
        _make_ready(inputs, state, item, now, chance)
    # A look that was brought forward is still on the heap: here it comes at the wrong time.
    elif state.steps[item].due == now:
        state.steps[item].due = FAR
        _serve_step(inputs, state, item, now, cause, chance)
    return now


@compiled(counts_references=False, is_merged=True)
def run_events(inputs: Inputs, state: State, chance: Chance) -> None:
    """One replication from the first train to the last; its times are left in the state."""
    now = 0
    clear_state(state)
    for run in range(state.runs.size):
        state.runs[run].next_event = inputs.runs[run].first
    _start_train(inputs, state, 0)
    while state.counters[0].done < state.runs.size and state.counters[0].is_full == 0:
        if state.counters[0].scheduled == 0:
            # Trains are left and nothing is to come: they hold each other up.
            _force_train(inputs, state, now, chance)
        else:
            now = step_event(inputs, state, chance)
