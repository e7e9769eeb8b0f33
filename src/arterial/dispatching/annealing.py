"""Ruin and recreate under a falling temperature, for a given time or number of iterations.

`anneal` is the main function. The first temperature is a share of what the mean train pays above
its own optimum, so that it scales with the instance; it falls geometrically to a small part of
itself, and with the best plan where that gets far cheaper. Time is looked at between batches that
last a few hundredths of a second.
"""

import math
import time
from collections.abc import Callable
from typing import Final

from arterial.dispatching.effort import Cooling
from arterial.dispatching.reinsertion_kernel import run_reinsertions
from arterial.dispatching.search_kernel import BEST, copy_plan, run_iterations
from arterial.dispatching.state import SearchState, load_plan, load_rows, retime_plan

__all__ = ["anneal"]

BATCH_S: Final = 0.03
FIRST_BATCH: Final = 8
MOST_BATCH: Final = 20_000
LEAST_TEMPERATURE: Final = 0.02
# A first plan with a jam of trains has a multiple of the excess that most of the search works on.
MOST_EXCESS_FACTOR: Final = 2.0


def _mean_excess(state: SearchState) -> float:
    """What the mean train pays above its own optimum in the best plan [cost units]."""
    return float((state.best.price - state.floor).sum()) / max(len(state.floor), 1)


def anneal(
    state: SearchState, cooling: Cooling, *, is_halted: Callable[[], bool] = lambda: False
) -> int:
    """Search from the current plan of a state.

    Parameters
    ----------
    state : SearchState
        With a complete plan; its current and best plans are changed.
    cooling : Cooling
        Temperatures, size of moves, time.
    is_halted : callable
        Asked between batches whether to stop at once.

    Returns
    -------
    int
        Value of the best plan.
    """
    started = time.perf_counter()
    excess = _mean_excess(state)
    if cooling.gives_way:
        load_rows(state)
    best_possible = int(state.floor.sum())
    totals = [int(state.plan.price.sum()), int(state.best.price.sum())]
    batch, done = FIRST_BATCH, 0
    share = 0.0
    while share < 1.0 and totals[BEST] > best_possible and not is_halted():
        excess = min(excess, MOST_EXCESS_FACTOR * _mean_excess(state))
        temperature = excess * cooling.first * (cooling.last / cooling.first) ** share
        before = time.perf_counter()
        totals = _run_batch(state, cooling, batch, max(temperature, LEAST_TEMPERATURE))
        done += batch
        # Processor time would be the better clock, but the limit is one of wall time.
        now = time.perf_counter()
        share = (now - started) / cooling.seconds
        if cooling.iterations is None:
            pace = batch / max(now - before, 1e-6)
            batch = min(max(math.ceil(pace * BATCH_S), 1), MOST_BATCH)
        else:
            share = max(share, done / cooling.iterations)
    # Fixed times leave idle seconds between trains that orders do not need.
    _retime_best(state)
    return int(state.best.price.sum())


def _run_batch(state: SearchState, cooling: Cooling, batch: int, temperature: float) -> list[int]:
    """Some iterations at one temperature; totals of the current and of the best plan."""
    control = (batch, temperature, cooling.most_trains, cooling.blindness)
    plans = (state.plan, state.best)
    if cooling.gives_way:
        totals = run_reinsertions(
            state.graphs, state.rows, plans, state.pushes, state.ruin, state.floor, control,
            state.rng,
        )  # fmt: skip
    else:
        totals = run_iterations(
            state.graphs, state.occupations, plans, state.labels, state.ruin, state.floor, control,
            state.rng,
        )  # fmt: skip
    return [int(total) for total in totals]


def _retime_best(state: SearchState) -> None:
    """Shift the best plan to the earliest starts of its orders, and go on from it."""
    copy_plan(retime_plan(state.graphs, state.best), state.best)
    load_plan(state, state.best)
