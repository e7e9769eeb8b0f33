"""Compiled chunk of replications with fixed order: draw, run, attribute, sixteen at a time."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.chance.sampling_kernel import Draws, clear_draws, draw_replication
from arterial.operations.fixed_order.order_kernel import LANES, OrderedPlan, run_lanes
from arterial.operations.line.attribution_kernel import Records, trace_lane
from arterial.operations.line.hazards import Hazards

__all__ = ["LaneOutput", "run_chunk"]

IS_FULL: Final = 2


class LaneOutput(NamedTuple):
    """Where a chunk writes: ``delay`` (n_replications, n_runs), ``times`` (n or 0, n_events).

    ``lanes`` (n_events, 16) is for the delays of a group.
    """

    delay: NDArray[np.int32]
    times: NDArray[np.int64]
    records: Records
    lanes: NDArray[np.int32]


@compiled(counts_references=False, is_merged=True)
def _draw_lanes(
    hazards: Hazards, factor: NDArray[np.float64], key: np.uint64, first: int, draws: Draws
) -> None:
    """Draw sixteen replications, one a lane."""
    clear_draws(draws)
    for lane in range(LANES):
        draw_replication(hazards, factor, key, first + lane, lane, draws)


@compiled(counts_references=False, is_merged=True)
def _keep_lanes(
    plan: OrderedPlan, delay: NDArray[np.int32], draws: Draws, group: int, output: LaneOutput
) -> None:
    """Write what sixteen lanes gave."""
    first = group * LANES
    used = min(LANES, output.delay.shape[0] - first)
    for run in range(plan.last.size):
        for lane in range(used):
            output.delay[first + lane, run] = delay[plan.last[run], lane]
    for lane in range(min(used, output.times.shape[0] - first)):
        for event in range(plan.own.size):
            output.times[first + lane, event] = plan.planned[event] + delay[event, lane]
    if output.records.rows.size > 0:
        for lane in range(used):
            for run in range(plan.last.size):
                if delay[plan.last[run], lane] > 0:
                    before = output.records.counts[0]
                    trace_lane(plan, delay, draws, run, lane, output.records)
                    after = min(output.records.counts[0], output.records.rows.size)
                    for place in range(before, after):
                        output.records.rows[place].lane += first


@compiled(counts_references=False)
def run_chunk(
    plan: OrderedPlan,
    hazards: Hazards,
    factor: NDArray[np.float64],
    draws: Draws,
    chance: tuple[np.uint64, int],
    output: LaneOutput,
) -> bool:
    """Run replications from ``chance[1]`` on; False where `draws` had too little room."""
    delay = output.lanes
    output.records.counts[0] = 0
    for group in range((output.delay.shape[0] + LANES - 1) // LANES):
        first = chance[1] + group * LANES
        _draw_lanes(hazards, factor, chance[0], first, draws)
        run_lanes(plan, delay, hazards, draws, chance[0], first)
        if draws.counts[IS_FULL] != 0:
            return False
        _keep_lanes(plan, delay, draws, group, output)
    return True
