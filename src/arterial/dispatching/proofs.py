"""Proofs: better plans than a known one, or that there is none; else a bound.

`prove_plan` is the main function. Where no train has a choice of paths, branch and bound over
orders decides the question. Elsewhere the operations that no train can avoid are a relaxation that
the same method bounds; what is left goes to the model of times, paths and orders.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from arterial.dispatching.encode import Graphs
from arterial.dispatching.exact.alternatives import build_alternatives, write_plan
from arterial.dispatching.exact.ordering import order_trains, raise_bound
from arterial.dispatching.exact.solving import ExactStatus, solve_exactly
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.state import SearchState

__all__ = ["Proof", "bound_plan", "prove_plan"]

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
