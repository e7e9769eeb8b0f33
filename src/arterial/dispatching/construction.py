"""A first plan without conflicts: trains inserted one by one, those that get stuck earlier.

`construct_plan` is the main function. Trains come in the order of their earliest exit. The entry
of a train that is not yet placed is held for its shortest stay. When a train finds no path, it
goes further to the front and all start anew; entries held by trains that others have walled in
are freed this way.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.bench import Bench, clear_bench, reserve_entries
from arterial.dispatching.encode import FOREVER
from arterial.dispatching.search_kernel import ALL_PLACED, copy_plan, insert_trains

__all__ = ["MOST_ATTEMPTS", "construct_plan", "first_order"]

MOST_ATTEMPTS: Final = 400
# From this attempt on a stuck train moves by a random distance, so that no order repeats for ever.
FIRST_RANDOM_ATTEMPT: Final = 60
NO_LIMIT: Final = FOREVER


def construct_plan(
    bench: Bench,
    *,
    order: NDArray[np.int32] | None = None,
    attempts: int = MOST_ATTEMPTS,
    is_over: Callable[[], bool] = lambda: False,
) -> bool:
    """Fill the bench with a plan.

    Parameters
    ----------
    bench : Bench
        Its plans and book are overwritten.
    order : (n_trains,), optional
        Order of the first attempt; else `first_order`.
    attempts : int
        How many orders to try.
    is_over : callable
        Asked between attempts whether the time is up; the first is always made.

    Returns
    -------
    bool
        Whether every train has a path.
    """
    if order is None:
        order = first_order(bench)
    for attempt in range(attempts):
        clear_bench(bench)
        reserve_entries(bench)
        stuck = insert_trains(
            bench.graphs, bench.book, bench.plan, bench.labels, order, bench.floor,
            (NO_LIMIT, 0.0), bench.rng,
        )  # fmt: skip
        if stuck == ALL_PLACED:
            copy_plan(bench.plan, bench.best)
            return True
        if is_over():
            return False
        order = _move_forward(order, stuck, attempt, bench.rng)
    return False


def first_order(bench: Bench) -> NDArray[np.int32]:
    """Trains by the instant at which they have to be through: threshold less price owed."""
    last = bench.graphs.train_first[1:] - 1
    due = bench.graphs.free_limit_s[bench.graphs.train_first[:-1]]
    exits = np.where(due < FOREVER, due, bench.graphs.earliest[last])
    return np.argsort(exits, kind="stable").astype(np.int32)


def _move_forward(
    order: NDArray[np.int32], stuck: int, attempt: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """The order with the stuck train at the front, later at a random place before its own."""
    place = 0 if attempt < FIRST_RANDOM_ATTEMPT else int(rng.integers(0, max(stuck, 1)))
    return np.insert(np.delete(order, stuck), place, order[stuck]).astype(np.int32)
