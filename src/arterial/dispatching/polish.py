"""Better plans by exact methods: orders on the paths of a plan, then paths of a few trains.

`polish_plan` is the main function. The orders on given paths are decided first. A few trains at a
time are then free to take other paths; branch and bound over what they cannot avoid tells at once
where that cannot pay, the model of times, paths and orders solves the rest. The size of the
neighbourhood follows what can be closed in the time for one try.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from arterial.dispatching.exact.alternatives import build_alternatives, write_plan
from arterial.dispatching.exact.ordering import order_trains
from arterial.dispatching.exact.solving import ExactStatus, freeze_plan, solve_exactly
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.search_kernel import choose_trains, copy_plan
from arterial.dispatching.state import SearchState, load_plan

__all__ = ["polish_plan"]

FIRST_SIZE: Final = 4
LEAST_SIZE: Final = 2
# Time for one try: a share of the whole within limits; what ends in a quarter of it is quick.
TRY_SHARE: Final = 0.08
LEAST_TRY_S: Final = 3.0
MOST_TRY_S: Final = 15.0
QUICK_SHARE: Final = 0.25
# Shares of the time for a try: orders on given paths, and what free trains cannot avoid.
ORDERS_SHARE: Final = 0.5
SCREEN_SHARE: Final = 0.1
# How the number of free trains grows after a quick try, and after one ruled out at once.
GROWTH: Final = 0.25
GROWTH_IN_VAIN: Final = 0.02


@dataclass(slots=True)
class Neighbourhood:
    """How many trains are free at once, and which pairs of operations were in conflict before."""

    size: float = FIRST_SIZE
    known: set[tuple[int, int]] = field(default_factory=set)


def polish_plan(
    state: SearchState, *, seconds: float, is_halted: Callable[[], bool] = lambda: False
) -> int:
    """Improve the best plan of a state.

    Parameters
    ----------
    state : SearchState
        Its current plan must be its best one; both are changed.
    seconds : float
        Wall time to stay within [s].
    is_halted : callable
        Asked between tries whether to stop.

    Returns
    -------
    int
        Value of the best plan.
    """
    deadline = time.perf_counter() + seconds
    try_s = min(max(TRY_SHARE * seconds, LEAST_TRY_S), MOST_TRY_S)
    best_possible = int(state.floor.sum())
    near = Neighbourhood()
    _polish_orders(state, min(ORDERS_SHARE * try_s, seconds))
    while int(state.best.price.sum()) > best_possible and not is_halted():
        left = deadline - time.perf_counter()
        if left <= 0:
            break
        if _try_paths(state, near, min(try_s, left)):
            left = deadline - time.perf_counter()
            _polish_orders(state, min(ORDERS_SHARE * try_s, left))
    return int(state.best.price.sum())


def _adopt(state: SearchState, plan: Plan) -> None:
    """Make a plan the best and the current one."""
    copy_plan(plan, state.best)
    load_plan(state, state.best)


def _polish_orders(state: SearchState, seconds: float) -> None:
    """Find the best orders on the paths of the best plan."""
    frame = build_alternatives(state.graphs, state.best)
    value = int(state.best.price.sum())
    result = order_trains(frame, cutoff=value, seconds=seconds)
    if result.start is not None:
        _adopt(state, write_plan(state.graphs, frame, result.start))


def _try_paths(state: SearchState, near: Neighbourhood, seconds: float) -> bool:
    """Free some trains; whether that gave a better plan."""
    started = time.perf_counter()
    value = int(state.best.price.sum())
    count = choose_trains(
        state.graphs,
        state.occupations,
        state.plan,
        state.ruin,
        int(near.size),
        state.floor,
        state.rng,
    )
    free = state.ruin.trains[:count]
    frame = build_alternatives(state.graphs, state.best, free.tolist())
    screen = order_trains(frame, cutoff=value, seconds=SCREEN_SHARE * seconds)
    # Nothing below the cutoff even on what the free trains cannot avoid: no path of theirs pays.
    if screen.is_complete and screen.start is None:
        near.size = min(near.size + GROWTH_IN_VAIN, len(state.floor))
        return False
    frozen = freeze_plan(state.graphs, state.best, free, keeps_routes=False)
    result = solve_exactly(
        state.graphs,
        frozen.is_allowed,
        seconds=seconds - (time.perf_counter() - started),
        most=value - 1,
        floor=state.floor,
        seed=int(state.rng.integers(0, 1 << 30)),
        frozen=frozen,
        known=near.known,
    )
    # As large as can just be solved: smaller ones find what the search has found already.
    if result.status is ExactStatus.TIME_LIMIT:
        near.size = max(near.size - 1.0, LEAST_SIZE)
    elif time.perf_counter() - started < QUICK_SHARE * seconds:
        near.size = min(near.size + GROWTH, len(state.floor))
    if result.plan is None or int(result.plan.price.sum()) >= value:
        return False
    _adopt(state, result.plan)
    return True
