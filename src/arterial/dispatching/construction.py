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

from arterial.dispatching.encode import FOREVER
from arterial.dispatching.search_kernel import ALL_PLACED, copy_plan, insert_trains
from arterial.dispatching.state import SearchState, clear_state, reserve_entries

__all__ = ["MOST_ATTEMPTS", "construct_plan"]

MOST_ATTEMPTS: Final = 400
# From this attempt on a stuck train moves by a random distance, so that no order repeats for ever.
FIRST_RANDOM_ATTEMPT: Final = 60
NO_LIMIT: Final = FOREVER


def construct_plan(
    state: SearchState,
    *,
    order: NDArray[np.int32] | None = None,
    attempts: int = MOST_ATTEMPTS,
    is_over: Callable[[], bool] = lambda: False,
) -> bool:
    """Construct a plan as the current and the best one.

    Parameters
    ----------
    state : SearchState
        Its plans and occupations are overwritten.
    order : (n_trains,), optional
        Order of the first attempt; else `_first_order`.
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
        order = _first_order(state)
    for attempt in range(attempts):
        clear_state(state)
        reserve_entries(state)
        stuck = insert_trains(
            state.graphs, state.occupations, state.plan, state.labels, order, state.floor,
            (NO_LIMIT, 0.0), state.rng,
        )  # fmt: skip
        if stuck == ALL_PLACED:
            copy_plan(state.plan, state.best)
            return True
        if is_over():
            return False
        order = _move_forward(order, stuck, attempt, state.rng)
    return False


def _first_order(state: SearchState) -> NDArray[np.int32]:
    """Trains by the instant at which they have to be through: threshold less price owed."""
    last = state.graphs.train_first[1:] - 1
    # An exit without a price is due when the train can be there at the earliest.
    due = state.graphs.free_limit_s[state.graphs.train_first[:-1]]
    exits = np.where(due < FOREVER, due, state.graphs.earliest[last])
    return np.argsort(exits, kind="stable").astype(np.int32)


def _move_forward(
    order: NDArray[np.int32], stuck: int, attempt: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """The order with the stuck train at the front, later at a random place before its own."""
    # Two trains that wall each other in would otherwise take turns at the front.
    place = 0 if attempt < FIRST_RANDOM_ATTEMPT else int(rng.integers(0, max(stuck, 1)))
    return np.insert(np.delete(order, stuck), place, order[stuck]).astype(np.int32)
