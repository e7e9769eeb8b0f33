"""The best orders of trains on given paths, and bounds on all plans.

`order_trains` searches below a cutoff and tells whether it saw all; `raise_bound` lets the cutoff
climb from below: it proves bounds, and the optimum where time suffices.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.exact.alternatives import Frame
from arterial.dispatching.exact.branching_kernel import (
    EXHAUSTED,
    make_conflicts,
    make_levels,
    run_search,
)
from arterial.dispatching.exact.propagation_kernel import make_progress

__all__ = ["OrderBound", "OrderResult", "order_trains", "raise_bound"]

Integers = NDArray[np.int64]

BATCH_S: Final = 0.05
# A node of the largest problems takes a second: the pace is taken from one.
FIRST_BATCH: Final = 1
MOST_BATCH: Final = 20_000
# `raise_bound`: steps as a share of what is open; the last one, to the value itself, as a share of
# the whole gap; time for one try as a share of what is left.
STEP: Final = 0.33
LAST_STEP: Final = 0.02
TRY_SHARE: Final = 0.2
MOST_FAILURES: Final = 8


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What a search over orders gave.

    ``is_complete``: no better plan exists on these paths. ``start`` holds the instants of the
    nodes of the best plan [ticks], None where no plan below the cutoff was found.
    """

    value: int
    start: Integers | None
    is_complete: bool
    nodes: int


@dataclass(frozen=True, slots=True)
class OrderBound:
    """What is proven: the best plan on a graph costs ``bound`` or more, and at most ``value``.

    ``start`` holds the instants of a plan of that value [ticks], None where none was found.
    """

    bound: int
    value: int
    start: Integers | None


def order_trains(
    frame: Frame,
    *,
    cutoff: int,
    seconds: float,
    is_halted: Callable[[], bool] = lambda: False,
) -> OrderResult:
    """Find the cheapest orders below a cutoff.

    Parameters
    ----------
    frame : Frame
        Paths, and where they meet.
    cutoff : int
        Plans have to cost less.
    seconds : float
        Wall time to stay within [s].
    is_halted : callable
        Asked from time to time whether to stop.

    Returns
    -------
    OrderResult
        The best orders found, and whether they are the best of all.
    """
    alternatives = frame.alternatives
    n_trains = len(frame.train_first) - 1
    progress = make_progress(alternatives, n_trains, cutoff)
    counts: Any = progress.counts[0]
    is_over = bool((alternatives.earliest > alternatives.latest).any())
    if is_over or counts.total >= cutoff:
        return OrderResult(cutoff, None, is_complete=True, nodes=0)
    conflicts = make_conflicts(n_trains)
    levels = make_levels()
    # Reading the kernels from disk takes longer than a short search: it is none of its time.
    run_search(alternatives, progress, conflicts, levels, 0)
    deadline = time.perf_counter() + seconds
    batch, nodes = FIRST_BATCH, 0
    while counts.depth != EXHAUSTED and not counts.is_full:
        before = time.perf_counter()
        if before >= deadline or is_halted():
            break
        run_search(alternatives, progress, conflicts, levels, batch)
        nodes += batch
        pace = batch / max(time.perf_counter() - before, 1e-6)
        batch = int(min(max(pace * BATCH_S, 1), 2 * batch, MOST_BATCH))
    value = int(counts.cutoff)
    return OrderResult(
        value=value,
        start=progress.best_time if value < cutoff else None,
        is_complete=bool(counts.depth == EXHAUSTED and not counts.is_full),
        nodes=nodes,
    )


def raise_bound(
    frame: Frame,
    *,
    bound: int,
    value: int,
    seconds: float,
    is_halted: Callable[[], bool] = lambda: False,
) -> OrderBound:
    """Raise the cutoff from below until a plan is found, which then is the best, or time is over.

    Depth first with a high cutoff may be lost in a part without good plans; the cost of searches
    with low cutoffs adds up to less.

    Parameters
    ----------
    frame : Frame
        A graph that no plan can be cheaper than.
    bound, value : int
        What is known: no plan is cheaper than the one, some plan costs the other.
    seconds : float
        Wall time to stay within [s].
    is_halted : callable
        Asked from time to time whether to stop.

    Returns
    -------
    OrderBound
        The bound, and what was found on the way.
    """
    deadline = time.perf_counter() + seconds
    start, ceiling, failures = None, value, 0
    last_step = int(LAST_STEP * (value - bound))
    while bound < ceiling and failures < MOST_FAILURES and not is_halted():
        left = deadline - time.perf_counter()
        if left <= 0:
            break
        cutoff = bound + int(STEP * (ceiling - bound)) + 1
        if failures == 0 and cutoff - bound <= last_step:
            cutoff = ceiling
        # A cutoff that is too high may never be closed; a fifth of the time leaves lower ones.
        allowed = TRY_SHARE * left
        result = order_trains(frame, cutoff=cutoff, seconds=allowed, is_halted=is_halted)
        if result.start is not None:
            value, start = result.value, result.start
        if result.is_complete:
            bound, ceiling = max(bound, result.value), min(ceiling, value)
        else:
            ceiling, failures = min(cutoff, value), failures + 1
    return OrderBound(min(bound, value), value, start)
