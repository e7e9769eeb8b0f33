"""Compiled chunk of replications with dispatching: draw, run, attribute, one after another."""

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
from arterial.operations.line.event_kernel import run_events
from arterial.operations.line.rules_kernel import Inputs
from arterial.operations.line.sampling_kernel import Chance, clear_draws, draw_replication
from arterial.operations.line.state_kernel import State

__all__ = ["EventOutput", "run_chunk"]


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
