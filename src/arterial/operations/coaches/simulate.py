"""Batches of replications of all through coaches, and the parts that they leave.

Main function: :func:`simulate_coaches`.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.operations.chance import make_key
from arterial.operations.coaches.arrays import (
    HOST_LATER,
    HOST_WAITS,
    LEG_OUT_COLUMNS,
    OUT_COLUMNS,
    STEP_SHORTER,
    Groups,
    Outcome,
    PoolArrays,
    World,
)
from arterial.operations.coaches.desk import pack_desk
from arterial.operations.coaches.drawing import DrawnWorld, draw_world
from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.parts import Batch, DrawnTimetable, make_parts
from arterial.operations.coaches.trips_kernel import plan_ready_times, simulate_replications

__all__ = ["VARIANT_KINDS", "list_variants", "name_variants", "simulate_coaches"]

BATCH: Final = 500
TRACE_PER_TRIP: Final = 256
MOST_TRACE_PER_TRIP: Final = 1 << 16
SUMS: Final = 7
PLANNED_SPARES: Final = -1
VARIANT_KINDS: Final = {
    HOST_WAITS: "host_waits",
    HOST_LATER: "host_later",
    STEP_SHORTER: "step_shorter",
}


def simulate_coaches(
    model: CoachModel, *, draw: int, first_replication: int, replications: int
) -> Mapping[str, pl.DataFrame]:
    """Simulate replications of one draw of the uncertain inputs.

    A replication is one span of time with all services. What it gives does not depend on how the
    replications are cut into calls.

    Parameters
    ----------
    model : CoachModel
        From :func:`arterial.operations.coaches.prepare_coaches`.
    draw : int
        Number of the draw; -1 for the best values.
    first_replication, replications : int
        Number of the first one, and how many.

    Returns
    -------
    mapping of str to polars.DataFrame
        Parts: ``simulated_trips`` as in the schema; ``coach_sums``, ``place_bins``, ``cause_sums``
        and ``coach_batches`` for :func:`arterial.operations.coaches.summarise_coaches`.

    Raises
    ------
    LimitError
        If a journey meets more delays than can be kept.
    """
    if replications < 1:
        message = f"At least one replication is needed, not {replications}."
        raise LimitError(message)
    drawn = draw_world(model, draw)
    parts: list[Mapping[str, pl.DataFrame]] = []
    for begin in range(first_replication, first_replication + replications, BATCH):
        count = min(BATCH, first_replication + replications - begin)
        parts.append(_simulate_batch(model, drawn, draw, begin, count))
    return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}


def list_variants(model: CoachModel) -> NDArray[np.int64]:
    """Kind and seconds of each buffer that is tried, ``(n, 2)``."""
    return np.array(
        [
            (kind, 60 * minutes)
            for kind in VARIANT_KINDS
            for minutes in model.options.buffer_minutes
        ],
        np.int64,
    ).reshape(-1, 2)


def _simulate_batch(
    model: CoachModel, drawn: DrawnWorld, draw: int, begin: int, count: int
) -> Mapping[str, pl.DataFrame]:
    key = make_key(model.options.seed, "operations/coaches", draw)
    tried = max(0, min(count, model.options.buffer_replications - begin))
    pools = model.pools
    run = _Runner(model, drawn.world, key, begin)
    base = run.run(pools[PLANNED_SPARES], count, tried, has_causes=True)
    spares = {
        number: run.run(sets, count, 0, has_causes=False)
        for number, sets in pools.items()
        if number != PLANNED_SPARES
    }
    found = DrawnTimetable(drawn.attempts, drawn.missed_s)
    return make_parts(model, Batch(draw, begin, base, spares, found))


class _Runner:
    """Memory and calls of the kernel for one batch."""

    def __init__(self, model: CoachModel, world: World, key: np.uint64, begin: int) -> None:
        self._world = world
        self._variants = list_variants(model)
        self._key = key
        self._begin = begin
        self._trace = TRACE_PER_TRIP
        self._sets = max(len(sets.pool) for sets in model.pools.values())
        self._lay_desk()

    def _lay_desk(self) -> None:
        self._desk = pack_desk(self._world, self._sets, self._trace * len(self._world.trips.code))
        plan_ready_times(self._desk)

    def run(self, pools: PoolArrays, count: int, tried: int, *, has_causes: bool) -> Outcome:
        """Simulate; the trace of delays grows until it is long enough."""
        while self._trace <= MOST_TRACE_PER_TRIP:
            kinds = len(self._variants)
            out = _make_outcome(self._world, count, tried, kinds, has_causes=has_causes)
            groups = _make_groups(self._world)
            if simulate_replications(
                self._desk, pools, self._variants, self._key, self._begin, out, groups
            ):
                return out
            self._trace *= 4
            self._lay_desk()
        message = "A journey meets more delays than can be kept; are the rates per kilometre right?"
        raise LimitError(message)


def _make_outcome(
    world: World, count: int, tried: int, variants: int, *, has_causes: bool
) -> Outcome:
    """Room for what a batch gives."""
    trips, legs = len(world.trips.code), len(world.legs.host)
    groups = int(max(world.trips.target.max(), world.trips.works_target.max())) + 1
    depths = world.path
    nodes = int(depths.max()) + 1
    # Assets stand last and only in the sums of groups: a trip names the branch that holds them.
    branches = int(np.where(depths[:, 3] >= 0, depths[:, 1], depths[:, 0]).max()) + 1
    return Outcome(
        trip=np.zeros((count, trips, OUT_COLUMNS), np.int64),
        leg=np.zeros((count, legs, LEG_OUT_COLUMNS), np.int64),
        event_s=np.full((count, len(world.trips.event_best_s)), -(1 << 31), np.int32),
        variant=np.zeros((tried, legs, variants, 3), np.int64),
        cause_sums=np.zeros((trips, branches, SUMS) if has_causes else (0, 0, SUMS)),
        group_sums=np.zeros((groups, nodes, SUMS) if has_causes else (0, 0, SUMS)),
        gap_s=np.zeros(1, np.int64),
        has_causes=np.array([int(has_causes)], np.int64),
    )


def _make_groups(world: World) -> Groups:
    """Memory of what the groups have of one replication."""
    nodes = int(world.path.max()) + 1
    groups = int(max(world.trips.target.max(), world.trips.works_target.max())) + 1
    return Groups(
        shares_s=np.zeros((groups, nodes, 2), np.int64),
        mark=np.zeros((groups, nodes), np.int64),
        touched=np.zeros((groups, nodes), np.int64),
        size=np.zeros(groups, np.int64),
        finished=np.zeros(groups, np.int64),
    )


def name_variants() -> dict[int, str]:
    """Words for the kinds of buffers."""
    return dict(VARIANT_KINDS)
