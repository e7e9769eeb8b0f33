"""When an operation can start at all: what keeps the constants of the exact model small.

`bound_starts` is the main function. Everything here is in seconds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.encode import FOREVER, TICKS_PER_S, Graphs, successors_of

__all__ = ["StartBounds", "bound_starts"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StartBounds:
    """Earliest and latest start of each operation [s]; ``is_possible`` where that leaves some."""

    earliest_s: Integers
    latest_s: Integers
    is_possible: NDArray[np.bool_]


def bound_starts(
    graphs: Graphs, is_allowed: NDArray[np.bool_], budgets: Integers, *, horizon_s: int
) -> StartBounds:
    """Bounds of all starts for paths among the allowed operations within a budget.

    Forwards ``E_v = max(lower bound, min_u(E_u + d_u))``; backwards
    ``L_u = min(upper bound, last start within the budget, max_v(L_v - d_u))``.

    Parameters
    ----------
    graphs : Graphs
        The problem.
    is_allowed : (n_operations,) bool
        Operations that may be used.
    budgets : (n_trains,)
        The most that each train may pay.
    horizon_s : int
        Latest instant of all [s].

    Returns
    -------
    StartBounds
        Of every operation of every train.
    """
    count = len(graphs.duration)
    stay = np.where(graphs.duration < FOREVER, graphs.duration // TICKS_PER_S, 0)
    # Out of reach, and so far behind the horizon that no sum of stays comes back below it.
    low = np.full(count, 2 * horizon_s, dtype=np.int64)
    high = np.full(count, -1, dtype=np.int64)
    for train in range(len(graphs.slope)):
        first, stop = int(graphs.train_first[train]), int(graphs.train_first[train + 1])
        low[first] = 0
        for operation in range(first, stop):
            low[operation] = max(low[operation], graphs.earliest[operation] // TICKS_PER_S)
            if not is_allowed[operation]:
                low[operation] = 2 * horizon_s
            for follower in successors_of(graphs, operation):
                low[follower] = min(low[follower], low[operation] + stay[operation])
        for operation in range(stop - 1, first - 1, -1):
            if not is_allowed[operation]:
                continue
            limit = min(int(graphs.latest[operation]) // TICKS_PER_S, horizon_s)
            limit = min(limit, _last_paid(graphs, operation, int(budgets[train]), limit))
            followers = successors_of(graphs, operation)
            if len(followers):
                limit = min(limit, int(high[followers].max()) - int(stay[operation]))
            high[operation] = limit
    return StartBounds(low, high, is_allowed & (low <= high))


def _last_paid(graphs: Graphs, operation: int, budget: int, limit: int) -> int:
    """Latest start of an operation whose price is within a budget [s]."""
    threshold = int(graphs.threshold_s[operation])
    increment, coefficient = int(graphs.increment[operation]), int(graphs.coefficient[operation])
    if increment > budget:
        return threshold - 1
    if coefficient == 0:
        return limit
    return threshold + (budget - increment) // coefficient
