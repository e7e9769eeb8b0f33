"""Replications of a plan under a dispatching policy, events as they come.

The main functions are `simulate_events` and `settle_plan`, which moves planned times to where the
rules of the line let trains run when nothing goes wrong.

Replications go in blocks (`run_in_blocks`). How much goes wrong is not known beforehand; a block
that ran out of room is run again with more, and gives the same, for chance has no state.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.operations.line.hazards import Hazards, make_hazards
from arterial.operations.line.outcome import Parts, Replications
from arterial.operations.line.plan import OperationsPlan, TrainRun, build_plan

if TYPE_CHECKING:
    from arterial.operations.line.attribution_kernel import Records
    from arterial.operations.line.rules_kernel import Inputs
    from arterial.operations.line.sampling_kernel import Draws

__all__ = ["Policy", "Workspace", "run_in_blocks", "settle_plan", "simulate_events"]

Number = TypeVar("Number", bound=np.signedinteger[Any])
FIRST_DRAWS: Final = 4096
MOST_DRAWS: Final = 4096 * 4**6
"""Room for what goes wrong and is waited for in one replication, at most [1]."""

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


Numbers = NDArray[np.float64]
BLOCK: Final = 64
SETTLING_ROUNDS: Final = 20


class Policy(IntEnum):
    """Which of the trains that wait for a step goes first."""

    FIRST_COME = 0
    BY_WEIGHT = 1
    PLANNED_ORDER = 2
    LEAST_DELAY = 3


def simulate_events(
    plan: OperationsPlan,
    hazards: Hazards,
    *,
    key: np.uint64,
    replications: int,
    first_replication: int = 0,
    policy: Policy = Policy.FIRST_COME,
    factor: Numbers | None = None,
    with_times: bool = False,
) -> Replications:
    """Simulate replications of a plan, trains dispatched as they come.

    Parameters
    ----------
    plan : OperationsPlan
        The plan; delays are from its times.
    hazards : Hazards
        What can go wrong.
    key : numpy.uint64
        Key of chance, see :func:`arterial.operations.chance.make_key`.
    replications, first_replication : int
        How many, and the number of the first; a replication's chance hangs on its number alone.
    policy : Policy
        Which train goes first.
    factor : ndarray, optional
        Share of candidates accepted for each source, at most 1, ``(n_sources,)``.
    with_times : bool
        Whether the times of all events are kept.

    Returns
    -------
    Replications
        Delays with their parts.
    """
    from arterial.operations.line.event_kernel import EventOutput, run_chunk
    from arterial.operations.line.sampling_kernel import Chance
    from arterial.operations.line.state_kernel import make_state

    shares = np.ones(hazards.sources.size) if factor is None else factor
    fixed = _build_inputs(plan, hazards, policy)
    base_capacity = 4 * (plan.runs_count + plan.layout.step_tracks.size)

    def attempt(workspace: Workspace) -> bool:
        inputs = fixed._replace(draws=workspace.draws)
        state = make_state(plan.layout, plan.events, capacity=base_capacity + workspace.capacity)
        output = EventOutput(
            workspace.delay,
            workspace.times,
            workspace.records,
            workspace.forced,
            workspace.cancelled,
        )
        return run_chunk(inputs, state, shares, Chance(key, workspace.first_replication), output)

    return run_in_blocks(
        attempt,
        plan,
        first_replication=first_replication,
        replications=replications,
        block=BLOCK,
        with_parts=True,
        with_times=with_times,
    )


def _build_inputs(plan: OperationsPlan, hazards: Hazards, policy: Policy) -> "Inputs":
    """What stays as it is, in rows as the kernels take them."""
    from arterial.operations.line.rules_kernel import Inputs
    from arterial.operations.line.sampling_kernel import make_draws
    from arterial.operations.line.state_kernel import make_rows

    layout, events = plan.layout, plan.events
    bound = plan.arcs if policy is Policy.PLANNED_ORDER else plan.links
    columns = events._asdict() | {"arc_first": bound.first, "after_first": bound.after_first}
    names = "planned least run step direction point arc_first after_first"
    table = make_rows(names, bound.first.size, kind=np.int32)
    for name in table.dtype.names or ():
        table[name][: columns[name].size] = columns[name]
    runs = make_rows("first weight by_start", events.first.size)
    runs["first"], runs["weight"][:-1] = events.first, events.weight
    runs["by_start"][:-1] = np.argsort(events.planned[events.first[:-1]], kind="stable")
    steps = make_rows("tracks follows", layout.step_tracks.size)
    steps["tracks"], steps["follows"] = layout.step_tracks, layout.follows
    points = make_rows("tracks track_first beside_first", layout.track_first.size)
    points["tracks"][:-1] = layout.tracks
    points["track_first"], points["beside_first"] = layout.track_first, layout.beside_first
    arcs = make_rows("earlier weight limit", bound.earlier.size)
    arcs["earlier"], arcs["weight"], arcs["limit"] = bound.earlier, bound.weight, bound.limit
    return Inputs(
        events=table,
        runs=runs,
        steps=steps,
        points=points,
        beside=layout.beside,
        between=layout.between,
        release_s=layout.release_s,
        arcs=arcs,
        after=bound.after,
        hazards=hazards,
        draws=make_draws(0, 0, 1),
        policy=int(policy),
    )


def settle_plan(plan: OperationsPlan, *, policy: Policy = Policy.FIRST_COME) -> OperationsPlan:
    """Plan whose times the rules of the line allow, so that it runs undelayed undisturbed.

    Trains are simulated without disturbance and their times become the plan, until nothing moves.

    Parameters
    ----------
    plan : OperationsPlan
        The plan as wished.
    policy : Policy
        Which train goes first where the wishes clash.

    Returns
    -------
    OperationsPlan
        Plan with the same runs, none of them earlier; without the links between trains where these
        lead in a circle and no times satisfy them.

    Raises
    ------
    LimitError
        When the times still move after twenty rounds, or trains lock.
    """
    nothing = make_hazards(plan)
    for _ in range(SETTLING_ROUNDS):
        done = simulate_events(
            plan, nothing, key=np.uint64(0), replications=1, policy=policy, with_times=True
        )
        if done.times_s is None or done.forced_count:
            message = "Trains lock on this line even undisturbed: a point has too few tracks."
            raise LimitError(message)
        times = done.times_s[0]
        if (times == plan.events.planned).all():
            return plan
        runs = [_retime(run, times[plan.events.first[n] :]) for n, run in enumerate(plan.runs)]
        plan = build_plan(plan.layout, runs, plan.connections)
    if plan.connections:
        # Links that lead in a circle move each other's trains for ever: without them it settles.
        return settle_plan(build_plan(plan.layout, plan.runs, ()), policy=policy)
    message = f"The planned times still move after {SETTLING_ROUNDS} rounds."
    raise LimitError(message)


def _retime(run: TrainRun, times: NDArray[np.int64]) -> TrainRun:
    """A run at other times."""
    count = len(run.steps)
    departures = tuple(times[0 : 2 * count : 2].tolist())
    arrivals = tuple(times[1 : 2 * count : 2].tolist())
    return replace(
        run,
        departure_s=(*departures, run.departure_s[-1]),
        arrival_s=(run.arrival_s[0], *arrivals),
    )


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

    Raises
    ------
    LimitError
        Where trains wait without end.
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
            draws_capacity = _give_more_room(draws_capacity)
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


def _give_more_room(capacity: int) -> int:
    """Give more room for what goes wrong, as long as there can be an end to it."""
    if capacity >= MOST_DRAWS:
        message = (
            f"In one replication trains of the line wait more than {MOST_DRAWS:,} times. Lower the "
            "rates and durations of disturbances and failures, or shorten closed_line_wait_h."
        )
        raise LimitError(message)
    return 4 * capacity


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
