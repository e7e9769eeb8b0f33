"""Replications of a plan with its order kept: millions of train runs a second.

The main function is `simulate_fixed_order`. Rules and chance are those of the event-driven engine;
under the policy of planned order both give the same times to the second.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.operations.line.event_engine import Workspace, run_in_blocks
from arterial.operations.line.hazards import Hazards
from arterial.operations.line.outcome import Replications
from arterial.operations.line.plan import OperationsPlan
from arterial.operations.line.sampling_kernel import Chance
from fixed_order_kernel import LANES, LaneOutput, OrderedPlan, run_chunk

__all__ = ["simulate_fixed_order"]

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]

BLOCK: Final = 256


class _Ordering(NamedTuple):
    """A plan in the order of computation, and the place of each event in it."""

    ordered: OrderedPlan
    position: Integers


def simulate_fixed_order(
    plan: OperationsPlan,
    hazards: Hazards,
    *,
    key: np.uint64,
    replications: int,
    first_replication: int = 0,
    factor: Numbers | None = None,
    with_parts: bool = True,
    with_times: bool = False,
) -> Replications:
    """Simulate replications of a settled plan in its planned order.

    Parameters
    ----------
    plan : OperationsPlan
        A settled plan, see :func:`arterial.operations.line.event_engine.settle_plan`.
    hazards : Hazards
        What can go wrong.
    key : numpy.uint64
        Key of chance, see :func:`arterial.operations.chance.make_key`.
    replications, first_replication : int
        How many, and the number of the first; a replication's chance hangs on its number alone.
    factor : ndarray, optional
        Share of candidates accepted for each source, at most 1, ``(n_sources,)``.
    with_parts : bool
        Whether delays are attributed.
    with_times : bool
        Whether the times of all events are kept; an event before its plan counts as at its plan.

    Returns
    -------
    Replications
        Delays at the end of each run.

    Raises
    ------
    LimitError
        When the plan breaks its own intervals and so has to be settled first.
    """
    ordering = _order_events(plan)
    items, hits = hazards.items.copy(), hazards.hits.copy()
    items["event"] = ordering.position[items["event"]]
    hits["event"] = ordering.position[hits["event"]]
    moved = hazards._replace(items=items, hits=hits)
    shares = np.ones(hazards.sources.size) if factor is None else factor

    lanes = np.zeros((plan.events_count, LANES), dtype=np.int32)

    def attempt(workspace: Workspace) -> bool:
        output = LaneOutput(workspace.delay, workspace.times, workspace.records, lanes)
        chance = Chance(key, workspace.first_replication)
        return run_chunk(ordering.ordered, moved, shares, workspace.draws, chance, output)

    done = run_in_blocks(
        attempt,
        plan,
        first_replication=first_replication,
        replications=replications,
        block=BLOCK,
        with_parts=with_parts,
        with_times=with_times,
    )
    if done.times_s is None:
        return done
    return Replications(
        first_replication=done.first_replication,
        delay_s=done.delay_s,
        parts=done.parts,
        times_s=done.times_s[:, ordering.position],
    )


def _order_events(plan: OperationsPlan) -> _Ordering:
    """Events in an order in which causes come first: by planned time, then along the run."""
    events, arcs = plan.events, plan.arcs
    count = plan.events_count
    order = np.lexsort((np.arange(count), events.run, events.planned))
    position = np.empty(count, dtype=np.int64)
    position[order] = np.arange(count)
    is_first = np.zeros(count, dtype=bool)
    is_first[events.first[:-1]] = True
    before = np.where(is_first, 0, np.arange(count) - 1)
    slack = np.where(is_first, 0, events.planned - events.planned[before] - events.least)
    later = np.repeat(np.arange(count), np.diff(arcs.first))
    arc_slack = events.planned[later] - events.planned[arcs.earlier] - arcs.weight
    is_forward = position[arcs.earlier] < position[later]
    if slack.min(initial=0) < 0 or arc_slack.min(initial=0) < 0 or not is_forward.all():
        message = "The plan breaks its own running times or intervals: settle it first."
        raise LimitError(message)
    by_place = np.lexsort((np.arange(later.size), position[later]))
    return _Ordering(
        OrderedPlan(
            own=np.where(is_first, -1, position[before])[order].astype(np.int32),
            slack=slack[order].astype(np.int32),
            arc_first=np.searchsorted(position[later][by_place], np.arange(count + 1)).astype(
                np.int32
            ),
            earlier=position[arcs.earlier][by_place].astype(np.int32),
            arc_slack=arc_slack[by_place].astype(np.int32),
            limit=arcs.limit[by_place].astype(np.int32),
            planned=events.planned[order],
            step=events.step[order].astype(np.int32),
            is_arrival=(order % 2).astype(np.int32),
            run=events.run[order].astype(np.int32),
            last=position[events.first[1:] - 1].astype(np.int32),
        ),
        position,
    )
