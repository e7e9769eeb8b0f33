"""Ruin and recreate under a falling temperature, for a given time or number of iterations.

`anneal` is the main function. The first temperature is a share of what the mean train pays above
its own optimum, so that it scales with the instance; it falls geometrically to a small part of
itself. Time is looked at between batches that last a few hundredths of a second.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from arterial.dispatching.bench import Bench, load_plan, load_rows, retime_plan
from arterial.dispatching.reinsertion_kernel import run_reinsertions
from arterial.dispatching.search_kernel import BEST, copy_plan, run_iterations

__all__ = ["Cooling", "anneal", "mean_excess"]

BATCH_S: Final = 0.03
FIRST_BATCH: Final = 8
MOST_BATCH: Final = 20_000
LEAST_TEMPERATURE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Cooling:
    """How to anneal.

    Parameters
    ----------
    first, last : float
        Temperatures at both ends, as shares of the mean excess of a train.
    most_trains : int
        Most trains to remove at once.
    blindness : float
        Chance that an insertion overlooks a free window, in some of the moves.
    gives_way : bool
        Whether the trains that stay may slip when others are put back.
    seconds : float
        Wall time to stay within [s].
    iterations : int or None
        Stop after so many iterations instead: the result then depends on the seed alone.
    """

    first: float = 0.3
    last: float = 0.002
    most_trains: int = 8
    blindness: float = 0.015
    gives_way: bool = False
    seconds: float = 10.0
    iterations: int | None = None


def mean_excess(bench: Bench) -> float:
    """What the mean train pays above its own optimum in the best plan [cost units]."""
    return float((bench.best.price - bench.floor).sum()) / max(len(bench.floor), 1)


def anneal(bench: Bench, cooling: Cooling, *, is_halted: Callable[[], bool] = lambda: False) -> int:
    """Search from the current plan of a bench.

    Parameters
    ----------
    bench : Bench
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
    excess = mean_excess(bench)
    if cooling.gives_way:
        load_rows(bench)
    best_possible = int(bench.floor.sum())
    totals = [int(bench.plan.price.sum()), int(bench.best.price.sum())]
    batch, done = FIRST_BATCH, 0
    share = 0.0
    while share < 1.0 and totals[BEST] > best_possible and not is_halted():
        temperature = excess * cooling.first * (cooling.last / cooling.first) ** share
        before = time.perf_counter()
        totals = _run_batch(bench, cooling, batch, max(temperature, LEAST_TEMPERATURE))
        done += batch
        if cooling.iterations is None:
            now = time.perf_counter()
            share = (now - started) / cooling.seconds
            pace = batch / max(now - before, 1e-6)
            batch = min(max(math.ceil(pace * BATCH_S), 1), MOST_BATCH)
        else:
            share = done / cooling.iterations
    _retime_best(bench)
    return int(bench.best.price.sum())


def _run_batch(bench: Bench, cooling: Cooling, batch: int, temperature: float) -> list[int]:
    """Some iterations at one temperature; totals of the current and of the best plan."""
    control = (batch, temperature, cooling.most_trains, cooling.blindness)
    plans = (bench.plan, bench.best)
    if cooling.gives_way:
        totals = run_reinsertions(
            bench.graphs, bench.rows, plans, bench.pushes, bench.ruin, bench.floor, control,
            bench.rng,
        )  # fmt: skip
    else:
        totals = run_iterations(
            bench.graphs, bench.book, plans, bench.labels, bench.ruin, bench.floor, control,
            bench.rng,
        )  # fmt: skip
    return [int(total) for total in totals]


def _retime_best(bench: Bench) -> None:
    """Shift the best plan to the earliest starts of its orders, and go on from it."""
    copy_plan(retime_plan(bench.graphs, bench.best), bench.best)
    load_plan(bench, bench.best)
