"""Better plans by the exact method on a few trains at a time, the times of all others free to move.

`polish_plan` is the main function. The size of the neighbourhood follows what the solver can close
in the time for one try.
"""

import time
from collections.abc import Callable
from typing import Final

from arterial.dispatching.bench import Bench, load_plan
from arterial.dispatching.exact.freezing import freeze_plan
from arterial.dispatching.exact.solving import ExactStatus, solve_exactly
from arterial.dispatching.search.kernels import choose_trains, copy_plan

__all__ = ["polish_plan"]

FIRST_SIZE: Final = 4
LEAST_SIZE: Final = 2
# Time for one try: a share of the whole within limits; what ends in a quarter of it is quick.
TRY_SHARE: Final = 0.08
LEAST_TRY_S: Final = 3.0
MOST_TRY_S: Final = 15.0
QUICK_SHARE: Final = 0.25
KEEPS_ROUTES_SHARE: Final = 0.4


def polish_plan(
    bench: Bench, *, seconds: float, is_halted: Callable[[], bool] = lambda: False
) -> int:
    """Improve the best plan of a bench.

    Parameters
    ----------
    bench : Bench
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
    size = float(FIRST_SIZE)
    most_size = len(bench.floor)
    best_possible = int(bench.floor.sum())
    value = int(bench.best.price.sum())
    while (left := deadline - time.perf_counter()) > 0 and value > best_possible:
        if is_halted():
            break
        started = time.perf_counter()
        count = choose_trains(
            bench.graphs, bench.book, bench.plan, bench.ruin, int(size), bench.floor, bench.rng
        )
        keeps_routes = bool(bench.rng.random() < KEEPS_ROUTES_SHARE)
        free = bench.ruin.trains[:count]
        frozen = freeze_plan(bench.graphs, bench.best, free, keeps_routes=keeps_routes)
        result = solve_exactly(
            bench.graphs,
            frozen.is_allowed,
            seconds=min(try_s, left),
            most=value - 1,
            floor=bench.floor,
            seed=int(bench.rng.integers(0, 1 << 30)),
            frozen=frozen,
        )
        if result.plan is not None and int(result.plan.price.sum()) < value:
            copy_plan(result.plan, bench.best)
            load_plan(bench, bench.best)
            value = int(bench.best.price.sum())
        if result.status is ExactStatus.TIME_LIMIT:
            size = max(size - 1.0, LEAST_SIZE)
        elif time.perf_counter() - started < QUICK_SHARE * try_s:
            size = min(size + 0.25, most_size)
    return value
