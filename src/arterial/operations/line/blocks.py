"""Replications in blocks, each with room enough for what is drawn and attributed.

The main function is `run_in_blocks`. How much goes wrong is not known beforehand; a block that ran
out of room is run again with more, and gives the same, for chance has no state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from arterial.operations.line.outcome import Parts, Replications
from arterial.operations.line.plan import OperationsPlan

if TYPE_CHECKING:
    from arterial.operations.line.attribution_kernel import Records
    from arterial.operations.line.sampling_kernel import Draws

Number = TypeVar("Number", bound=np.signedinteger[Any])

__all__ = ["Workspace", "run_in_blocks"]

FIRST_DRAWS: Final = 4096
FIRST_PARTS: Final = 1 << 16
PARTS_PER_RUN: Final = 8
"""Parts of delays that a train of a replication is given room for: few blocks run twice [1]."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where one block of replications is written.

    Parameters
    ----------
    first_replication : int
        Number of its first replication.
    capacity : int
        How many things to come the event-driven engine can hold.
    delay, times : ndarray
        ``(n_replications, n_runs)`` and ``(n_replications or 0, n_events)`` [s].
    draws, records
        Room for what is drawn and for the parts of delays.
    forced : ndarray
        ``(1,)``, departures without a free track.
    cancelled : ndarray
        ``(n_replications, n_runs)``, whether a train was taken off.
    """

    first_replication: int
    capacity: int
    delay: NDArray[np.int32]
    times: NDArray[np.int64]
    draws: "Draws"
    records: "Records"
    forced: NDArray[np.int64]
    cancelled: NDArray[np.bool_]


def run_in_blocks(
    attempt: Callable[[Workspace], bool],
    plan: OperationsPlan,
    *,
    first_replication: int,
    replications: int,
    block: int,
    with_parts: bool,
    with_times: bool,
) -> Replications:
    """Run replications block by block.

    Parameters
    ----------
    attempt : callable
        Runs a block; False where it had too little room.
    plan : OperationsPlan
        The plan.
    first_replication, replications : int
        Which replications.
    block : int
        Most replications in a block.
    with_parts, with_times : bool
        Whether parts of delays and times of events are kept.

    Returns
    -------
    Replications
        All blocks together.
    """
    from arterial.operations.line.attribution_kernel import make_records
    from arterial.operations.line.sampling_kernel import make_draws

    wanted = max(FIRST_PARTS, PARTS_PER_RUN * min(block, replications) * plan.runs_count)
    draws_capacity, parts_capacity = FIRST_DRAWS, wanted if with_parts else 0
    steps = plan.layout.step_tracks.size
    draws = make_draws(plan.events_count, steps, draws_capacity)
    records = make_records(parts_capacity)
    delays, times, parts, cancelled = [], [], [], []
    forced, start = 0, 0
    while start < replications:
        size = min(block, replications - start)
        workspace = Workspace(
            first_replication=first_replication + start,
            capacity=draws_capacity,
            delay=np.zeros((size, plan.runs_count), dtype=np.int32),
            times=np.zeros((size if with_times else 0, plan.events_count), dtype=np.int64),
            draws=draws,
            records=records,
            forced=np.zeros(1, dtype=np.int64),
            cancelled=np.zeros((size, plan.runs_count), dtype=np.bool_),
        )
        if not attempt(workspace):
            draws_capacity *= 4
            draws = make_draws(plan.events_count, steps, draws_capacity)
            continue
        if with_parts and int(records.counts[0]) > parts_capacity:
            parts_capacity = 2 * int(records.counts[0])
            records = make_records(parts_capacity)
            continue
        delays.append(workspace.delay)
        times.append(workspace.times)
        cancelled.append(workspace.cancelled)
        parts.append(_copy_parts(workspace))
        forced += int(workspace.forced[0])
        start += size
    return Replications(
        first_replication=first_replication,
        delay_s=_join(delays, plan.runs_count, np.int32),
        parts=_join_parts(parts) if with_parts else None,
        times_s=_join(times, plan.events_count, np.int64) if with_times else None,
        forced_count=forced,
        cancelled=np.concatenate([np.zeros((0, plan.runs_count), np.bool_), *cancelled]),
    )


def _join(blocks: list[NDArray[Number]], width: int, kind: type[Number]) -> NDArray[Number]:
    """Blocks below each other."""
    return np.concatenate([np.zeros((0, width), dtype=kind), *blocks])


def _copy_parts(workspace: Workspace) -> Parts:
    """Parts that a block wrote."""
    rows = workspace.records.rows[: int(workspace.records.counts[0])]
    return Parts(
        replication=(rows["lane"] + workspace.first_replication).astype(np.int32),
        run=rows["run"].copy(),
        source=rows["source"].copy(),
        is_knock_on=rows["is_knock_on"] == 1,
        seconds=rows["seconds"].copy(),
    )


def _join_parts(parts: list[Parts]) -> Parts:
    """Parts of all blocks."""
    empty = np.zeros(0, dtype=np.int32)
    return Parts(
        replication=np.concatenate([empty, *(part.replication for part in parts)]),
        run=np.concatenate([empty, *(part.run for part in parts)]),
        source=np.concatenate([empty, *(part.source for part in parts)]),
        is_knock_on=np.concatenate([np.zeros(0, dtype=bool), *(p.is_knock_on for p in parts)]),
        seconds=np.concatenate([empty, *(part.seconds for part in parts)]),
    )
