"""Batches of replications of all through coaches, and the parts that they leave.

Main function: :func:`simulate_coaches`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from arterial.errors import LimitError
from arterial.operations.chance import make_key
from arterial.operations.coaches.cells import list_cells, list_variants
from arterial.operations.coaches.delay_bins import count_bins, make_bins, tabulate_bins
from arterial.operations.coaches.drawing import DrawnPlan, draw_plan
from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.outcome import Outcome, leave_out, make_groups, make_outcome
from arterial.operations.coaches.parts import Batch, make_parts
from arterial.operations.coaches.state import make_state
from arterial.operations.coaches.trips_kernel import simulate_replications

__all__ = ["simulate_coaches"]

BATCH: Final = 500
TRACE_PER_TRIP: Final = 256
MOST_TRACE_PER_TRIP: Final = 1 << 16


def simulate_coaches(
    model: CoachModel, *, draws: Sequence[int], first_replication: int, replications: int
) -> Mapping[str, pl.DataFrame]:
    """Simulate replications of each of some draws of the uncertain inputs.

    A replication is one span of time with all services. What it gives does not depend on how the
    replications are cut into calls.

    Parameters
    ----------
    model : CoachModel
        From :func:`arterial.operations.coaches.prepare_coaches`.
    draws : sequence of int
        Numbers of the draws, one at least; -1 for the best values.
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
    cells, bins = list_cells(model), make_bins(model.events.height)
    parts: list[Mapping[str, pl.DataFrame]] = []
    end = first_replication + replications
    for draw in draws:
        drawn = draw_plan(model, draw)
        for begin in range(first_replication, end, BATCH):
            outcome = _simulate_batch(model, drawn, draw, begin, min(BATCH, end - begin))
            count_bins(outcome.events_s, bins)
            batch = Batch(draw, begin, outcome, drawn.attempts, drawn.missed_s)
            parts.append(make_parts(model, cells, batch))
    whole = {name: pl.concat([part[name] for part in parts], rechunk=True) for name in parts[0]}
    return {**whole, "place_bins": tabulate_bins(bins)}


def _simulate_batch(
    model: CoachModel, drawn: DrawnPlan, draw: int, begin: int, count: int
) -> Outcome:
    """Replications of a draw; the trace of delays grows until it is long enough."""
    key = make_key(model.options.seed, "operations/coaches", draw)
    tried = max(0, min(count, model.options.buffer_replications - begin))
    variants = list_variants(model)
    trace = TRACE_PER_TRIP
    while trace <= MOST_TRACE_PER_TRIP:
        state = make_state(drawn.plan, trace * len(drawn.plan.trips))
        outcome = make_outcome(drawn.plan, count, tried, len(variants))
        groups = make_groups(drawn.plan)
        if simulate_replications(drawn.plan, state, variants, key, begin, outcome, groups):
            return leave_out(outcome, model.run_in)
        trace *= 4
    message = "A journey meets more delays than can be kept; are the rates per kilometre right?"
    raise LimitError(message)
