"""Compiled chunk of replications with dispatching: draw, run, attribute, one after another."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.chance.sampling_kernel import clear_draws, draw_replication
from arterial.operations.line.attribution_kernel import Records, trace_events
from arterial.operations.line.event_kernel import run_replication
from arterial.operations.line.rules_kernel import World
from arterial.operations.line.state_kernel import Desk

__all__ = ["EventOutput", "run_chunk"]

DRAWS_FULL: Final = 2
FORCED: Final = 3
HEAP_FULL: Final = 4


class EventOutput(NamedTuple):
    """Where a chunk writes: ``delay`` (n_replications, n_runs), ``times`` (n or 0, n_events)."""

    delay: NDArray[np.int32]
    times: NDArray[np.int64]
    records: Records
    forced: NDArray[np.int64]


@compiled(counts_references=False, is_merged=True)
def _keep_replication(world: World, desk: Desk, place: int, output: EventOutput) -> None:
    """Write what one replication gave."""
    events = world.events
    for run in range(desk.runs.size):
        last = world.runs[run + 1].first - 1
        delay = max(desk.events[last].time - events[last].planned, 0)
        output.delay[place, run] = delay
        if delay > 0 and output.records.rows.size > 0:
            trace_events(world, desk, run, place, output.records)
    if place < output.times.shape[0]:
        for event in range(output.times.shape[1]):
            output.times[place, event] = desk.events[event].time
    output.forced[0] += desk.counts[FORCED]


@compiled(counts_references=False)
def run_chunk(
    world: World,
    desk: Desk,
    factor: NDArray[np.float64],
    chance: tuple[np.uint64, int],
    output: EventOutput,
) -> bool:
    """Run replications from ``chance[1]`` on; False where there was too little room."""
    output.records.counts[0] = 0
    for place in range(output.delay.shape[0]):
        replication = chance[1] + place
        clear_draws(world.draws)
        draw_replication(world.hazards, factor, chance[0], replication, 0, world.draws)
        run_replication(world, desk, chance[0], replication)
        if world.draws.counts[DRAWS_FULL] != 0 or desk.counts[HEAP_FULL] != 0:
            return False
        _keep_replication(world, desk, place, output)
    return True
