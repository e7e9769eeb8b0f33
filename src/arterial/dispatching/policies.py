"""Simple dispatchers: trains take their paths one after another in a given order.

The order is who comes first, who matters most, or one that is given; each train then gets the best
path that those before it leave. `dispatch_by_policy` answers in the form of
`arterial.dispatching.portfolio.dispatch_trains`, so that a simulation can use either.
"""

import time
from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.construction import construct_plan
from arterial.dispatching.decode import decode_plan
from arterial.dispatching.encode import encode_problem
from arterial.dispatching.outcome import DispatchOutcome
from arterial.dispatching.state import SearchState, make_state
from arterial.errors import InfeasibleError, LimitError
from arterial.exchange.displib import DisplibProblem

__all__ = ["Policy", "dispatch_by_policy"]


class Policy(Enum):
    """By what a train goes before another."""

    FIRST_COME = "first come"
    PRIORITY = "priority"
    FIXED_ORDER = "fixed order"


def dispatch_by_policy(
    problem: DisplibProblem, policy: Policy, *, ranks: Sequence[float] = (), seed: int = 0
) -> DispatchOutcome:
    """Plan all trains by a simple rule.

    Parameters
    ----------
    problem : DisplibProblem
        Trains and prices.
    policy : Policy
        The rule. A train that would be walled in by those before it goes further to the front.
    ranks : sequence of float
        For `Policy.PRIORITY` the importance of each train, for `Policy.FIXED_ORDER` its place.
    seed : int
        Decides between paths of equal price.

    Returns
    -------
    DispatchOutcome
        A plan without conflicts; its bound is that of trains alone.

    Raises
    ------
    LimitError
        When a rule that needs a rank for each train has not got them.
    InfeasibleError
        When the rule leads to no plan.
    """
    started = time.perf_counter()
    state = make_state(encode_problem(problem), seed=seed)
    order = _order_trains(state, policy, ranks)
    if not construct_plan(state, order=order):
        message = f"No plan by {policy.value}: in every order tried some train found no path."
        raise InfeasibleError(message)
    return DispatchOutcome(
        solution=decode_plan(state.graphs, state.plan),
        bound=int(state.floor.sum()),
        found_by=policy.value,
        seconds=time.perf_counter() - started,
    )


def _order_trains(state: SearchState, policy: Policy, ranks: Sequence[float]) -> NDArray[np.int32]:
    """Trains in the order of a policy; equal ones in the order of the problem."""
    if policy is Policy.FIRST_COME:
        graphs = state.graphs
        # Entries hold trains outside the network: the operation after tells when one comes.
        second = graphs.next_operation[graphs.next_first[graphs.train_first[:-1]]]
        return np.argsort(graphs.earliest[second], kind="stable").astype(np.int32)
    if len(ranks) != len(state.floor):
        message = f"{policy.value} needs a rank for each of {len(state.floor)} trains."
        raise LimitError(message)
    sign = -1.0 if policy is Policy.PRIORITY else 1.0
    return np.argsort(sign * np.asarray(ranks), kind="stable").astype(np.int32)
