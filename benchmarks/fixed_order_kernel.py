"""Compiled fixed-order engine: delays of sixteen replications at once, trains in planned order.

`run_chunk` is the main function: draw, run, attribute. With the order fixed, the delay of an event
is the greatest of what comes to it, each less its slack: delay = max(0, own + disturbance - slack,
other - slack), the max-plus recursion [Goverde 2010]. Events are in an order in which causes come
first. All of it stands in one file: where compiled code is kept, only imports of the package count.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.line.attribution_kernel import (
    BY_DISPATCHING,
    Owner,
    Records,
    add_record,
    give_seconds,
)
from arterial.operations.line.hazards import Hazards
from arterial.operations.line.sampling_kernel import (
    Chance,
    Draws,
    clear_draws,
    draw_replication,
    meet_outages,
    record_closures,
)

__all__ = ["LANES", "LaneOutput", "OrderedPlan", "run_chunk"]

Indices = NDArray[np.int32]
Integers = NDArray[np.int64]

LANES: Final = 16


class OrderedPlan(NamedTuple):
    """Events in the order of computation.

    ``own`` (n,) place of the event before in the same run, -1 = none; ``slack`` to it [s];
    ``arc_first`` (n + 1,) into ``earlier``, ``arc_slack`` and ``limit`` [s]; ``planned`` [s];
    ``step``; ``is_arrival``; ``run``; ``last`` (n_runs,) place of the last event of each run.
    """

    own: Indices
    slack: Indices
    arc_first: Indices
    earlier: Indices
    arc_slack: Indices
    limit: Indices
    planned: Integers
    step: Indices
    is_arrival: Indices
    run: Indices
    last: Indices


class LaneOutput(NamedTuple):
    """Where a chunk writes: ``delay`` (n_replications, n_runs), ``times`` (n or 0, n_events).

    ``lanes`` (n_events, 16) is for the delays of a group.
    """

    delay: NDArray[np.int32]
    times: NDArray[np.int64]
    records: Records
    lanes: NDArray[np.int32]


@compiled(counts_references=False, is_merged=True)
def _pass_on(delay: Indices, event: int, own: int, slack: int) -> None:
    """Delay of the event before, less the slack."""
    to = delay[event]
    if own < 0:
        to[:] = 0
        return
    come = delay[own]
    for lane in range(LANES):
        to[lane] = max(come[lane] - np.int32(slack), np.int32(0))


@compiled(counts_references=False, is_merged=True)
def _hold_back(delay: Indices, event: int, earlier: int, slack: int, limit: int) -> None:
    """Delay of an event that must come before, less the slack, up to a limit."""
    to, come = delay[event], delay[earlier]
    for lane in range(LANES):
        bound = min(come[lane] - np.int32(slack), np.int32(limit))
        to[lane] = max(to[lane], bound)


@compiled(counts_references=False, is_merged=True)
def _disturb(plan: OrderedPlan, delay: Indices, draws: Draws, event: int) -> None:
    """Add the disturbances of an event, in the lanes that have any."""
    place = draws.head[event]
    done = 0
    while place >= 0:
        lane = draws.entries[place].lane
        if (done >> lane) & 1 == 0:
            done |= 1 << lane
            value = _early_seconds(draws, event, lane) - plan.slack[event]
            if plan.own[event] >= 0:
                value += delay[plan.own[event], lane]
            delay[event, lane] = max(value, 0)
        place = draws.entries[place].follower


@compiled(counts_references=False, is_merged=True)
def _early_seconds(draws: Draws, event: int, lane: int) -> int:
    """Disturbances of an event that its slack can take up [s]."""
    total, place = 0, draws.head[event]
    while place >= 0:
        if draws.entries[place].lane == lane and draws.entries[place].is_late == 0:
            total += draws.entries[place].seconds
        place = draws.entries[place].follower
    return total


@compiled(counts_references=False, is_merged=True)
def _late_seconds(draws: Draws, event: int, lane: int) -> int:
    """Waits for closures after all else let the train go [s]."""
    total, place = 0, draws.head[event]
    while place >= 0:
        if draws.entries[place].lane == lane and draws.entries[place].is_late == 1:
            total += draws.entries[place].seconds
        place = draws.entries[place].follower
    return total


@compiled(counts_references=False, is_merged=True)
def _meet_in_lanes(
    plan: OrderedPlan,
    delay: Indices,
    hazards: Hazards,
    draws: Draws,
    event: int,
    chance: Chance,
) -> None:
    """Failures that trains meet on their way to an arrival."""
    own, step = plan.own[event], plan.step[event]
    name = hazards.runs[plan.run[event]].key
    for lane in range(LANES):
        entered = plan.planned[own] + delay[own, lane]
        meeting = Chance(chance.key, chance.replication + lane)
        meet_outages(hazards, draws, event, step, lane, entered, meeting, name)


@compiled(counts_references=False, is_merged=True)
def _close_in_lanes(
    plan: OrderedPlan, delay: Indices, hazards: Hazards, draws: Draws, event: int
) -> None:
    """Closures that hold trains back at a departure."""
    planned, step = plan.planned[event], plan.step[event]
    for lane in range(LANES):
        leaves = planned + delay[event, lane]
        opened = record_closures(hazards, draws, event, step, lane, leaves)
        delay[event, lane] = opened - planned


@compiled(counts_references=False, is_merged=True)
def _run_lanes(
    plan: OrderedPlan,
    delay: Indices,
    hazards: Hazards,
    draws: Draws,
    key: np.uint64,
    first_replication: int,
) -> None:
    """Delays of all events ``(n_events, 16)`` under what was drawn [s]."""
    for event in range(plan.own.size):
        is_open = draws.outage_head[plan.step[event]] < 0
        if not is_open and plan.is_arrival[event] == 1:
            _meet_in_lanes(plan, delay, hazards, draws, event, Chance(key, first_replication))
        _pass_on(delay, event, plan.own[event], plan.slack[event])
        if draws.head[event] >= 0:
            _disturb(plan, delay, draws, event)
        for arc in range(plan.arc_first[event], plan.arc_first[event + 1]):
            _hold_back(delay, event, plan.earlier[arc], plan.arc_slack[arc], plan.limit[arc])
        if not is_open and plan.is_arrival[event] == 0:
            _close_in_lanes(plan, delay, hazards, draws, event)


@compiled(counts_references=False, is_merged=True)
def _find_binding(
    plan: OrderedPlan, delay: Indices, draws: Draws, event: int, lane: int, base: int
) -> int:
    """Event of another train that gives a delay; -1 where the train's own does."""
    own = plan.own[event]
    value = _early_seconds(draws, event, lane) - plan.slack[event]
    if own >= 0:
        value += delay[own, lane]
    if value >= base:
        return -1
    for arc in range(plan.arc_first[event], plan.arc_first[event + 1]):
        bound = min(delay[plan.earlier[arc], lane] - plan.arc_slack[arc], plan.limit[arc])
        if bound == base:
            return int(plan.earlier[arc])
    return -1


@compiled(counts_references=False, is_merged=True)
def _trace_lane(
    plan: OrderedPlan, delay: Indices, draws: Draws, run: int, lane: int, records: Records
) -> int:
    """Charge the delay of one run in one lane; seconds not explained."""
    event, knock_on = int(plan.last[run]), 0
    left = int(delay[event, lane])
    while left > 0 and event >= 0:
        owner = Owner(lane, lane, run, knock_on)
        left = give_seconds(draws, records, event, 1, left, owner)
        base = delay[event, lane] - _late_seconds(draws, event, lane)
        if left == 0 or base <= 0:
            break
        other = _find_binding(plan, delay, draws, event, lane, base)
        if other >= 0:
            event, knock_on = other, 1
            continue
        left = give_seconds(draws, records, event, 0, left, owner)
        event = int(plan.own[event])
        if event >= 0 and delay[event, lane] <= 0:
            break
    if left > 0:
        add_record(records, Owner(lane, lane, run, 1), BY_DISPATCHING, left)
    return left


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
                    _trace_lane(plan, delay, draws, run, lane, output.records)
                    after = min(output.records.counts[0], output.records.rows.size)
                    for place in range(before, after):
                        output.records.rows[place].lane += first


@compiled(counts_references=False)
def run_chunk(
    plan: OrderedPlan,
    hazards: Hazards,
    factor: NDArray[np.float64],
    draws: Draws,
    chance: Chance,
    output: LaneOutput,
) -> bool:
    """Run replications from that of `chance` on; False where `draws` had too little room."""
    delay = output.lanes
    output.records.counts[0] = 0
    for group in range((output.delay.shape[0] + LANES - 1) // LANES):
        first = chance.replication + group * LANES
        _draw_lanes(hazards, factor, chance.key, first, draws)
        _run_lanes(plan, delay, hazards, draws, chance.key, first)
        if draws.counters[0].is_full != 0:
            return False
        _keep_lanes(plan, delay, draws, group, output)
    return True
