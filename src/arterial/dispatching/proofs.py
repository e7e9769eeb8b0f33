"""Exact methods beside the search: better plans, a proof that there is none, or a bound.

`prove_plan` asks of a whole problem. Where no train has a choice of paths, branch and bound over
orders decides the question. Elsewhere the operations that no train can avoid are a relaxation that
the same method bounds; what is left goes to the model of times, paths and orders. `polish_plan`
betters a plan: the orders on its paths are decided first, then a few trains at a time are free to
take other paths; branch and bound over what they cannot avoid tells at once where that cannot pay.
The size of the neighbourhood follows what can be closed in the time for one try.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from arterial.dispatching.encode import Graphs
from arterial.dispatching.exact.alternatives import build_alternatives, write_plan
from arterial.dispatching.exact.ordering import order_trains, raise_bound
from arterial.dispatching.exact.solving import ExactStatus, freeze_plan, solve_exactly
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.search_kernel import choose_trains, copy_plan
from arterial.dispatching.state import SearchState, load_plan

__all__ = ["Proof", "bound_plan", "polish_plan", "prove_plan"]

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


# The share of the time for the relaxation before the model of everything.
RELAXATION_SHARE: Final = 0.3
NO_CUTOFF: Final = 1 << 60


@dataclass(frozen=True, slots=True)
class Proof:
    """The best plan known, a bound, and whether that decides the question."""

    plan: Plan | None
    bound: int
    is_decided: bool

    @property
    def is_infeasible(self) -> bool:
        """Whether no plan exists."""
        return self.is_decided and self.plan is None


def prove_plan(
    state: SearchState,
    plan: Plan | None,
    *,
    seconds: float,
    seed: int = 0,
    is_halted: Callable[[], bool] = lambda: False,
) -> Proof:
    """Look for a plan better than a known one, or prove that there is none.

    Parameters
    ----------
    state : SearchState
        The problem and the least price of each train.
    plan : Plan, optional
        The plan to beat.
    seconds : float
        Wall time to stay within [s].
    seed : int
        Seed of the solver.
    is_halted : callable
        Asked from time to time whether to stop.

    Returns
    -------
    Proof
        With the better of both plans.
    """
    deadline = time.perf_counter() + seconds
    floor = int(state.floor.sum())
    if plan is not None and int(plan.price.sum()) <= floor:
        return Proof(plan, floor, is_decided=True)
    # With all paths given, orders are all that is open, and branch and bound beats the model.
    if not state.graphs.is_optional.any():
        return _prove_orders(state.graphs, plan, floor, seconds, is_halted)
    if plan is not None:
        value = int(plan.price.sum())
        floor = bound_plan(state.graphs, plan, floor, RELAXATION_SHARE * seconds, is_halted)
        if floor >= value:
            return Proof(plan, floor, is_decided=True)
    return _prove_model(state, plan, floor, deadline - time.perf_counter(), seed)


def bound_plan(
    graphs: Graphs, plan: Plan, bound: int, seconds: float, is_halted: Callable[[], bool]
) -> int:
    """The value of a plan or a bound below it, from the operations that no train can avoid."""
    return raise_bound(
        build_alternatives(graphs),
        bound=bound,
        value=int(plan.price.sum()),
        seconds=seconds,
        is_halted=is_halted,
    ).bound


def _prove_orders(
    graphs: Graphs, plan: Plan | None, bound: int, seconds: float, is_halted: Callable[[], bool]
) -> Proof:
    """Decide a problem in which only orders are open."""
    deadline = time.perf_counter() + seconds
    frame = build_alternatives(graphs)
    value = NO_CUTOFF if plan is None else int(plan.price.sum())
    raised = raise_bound(frame, bound=bound, value=value, seconds=seconds, is_halted=is_halted)
    bound, value, start = raised.bound, raised.value, raised.start
    if bound < value:
        # What is left goes into better plans: the search below the best value of all.
        left = deadline - time.perf_counter()
        result = order_trains(frame, cutoff=value, seconds=left, is_halted=is_halted)
        value, start = result.value, start if result.start is None else result.start
        bound = result.value if result.is_complete else bound
    if start is not None:
        plan = write_plan(graphs, frame, start)
    return Proof(plan, bound, is_decided=bound >= value)


def _prove_model(
    state: SearchState, plan: Plan | None, bound: int, seconds: float, seed: int
) -> Proof:
    """Decide a problem by the model of times, paths and orders."""
    most = None if plan is None else int(plan.price.sum()) - 1
    result = solve_exactly(
        state.graphs,
        np.ones(len(state.graphs.duration), dtype=np.bool_),
        seconds=max(seconds, 0.0),
        most=most,
        floor=state.floor,
        seed=seed,
    )
    bound = max(bound, result.bound)
    if result.status is ExactStatus.INFEASIBLE and most is not None:
        # Nothing costs less than the plan it started from.
        return Proof(plan, most + 1, is_decided=True)
    better = plan if result.plan is None else result.plan
    return Proof(better, bound, is_decided=result.status is not ExactStatus.TIME_LIMIT)


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
