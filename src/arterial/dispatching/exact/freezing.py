"""Keep most of a plan and leave the rest to the exact method.

`freeze_plan` chooses what stays: the routes of all trains but a few, and the orders among them.
Their times may still move, which inserting one train after another can never do.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.encode import TICKS_PER_S, Graphs
from arterial.dispatching.exact.formulation import ExactModel, add_row, unbounded
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.state import planned_steps

__all__ = ["FrozenPlan", "define_frozen_orders", "freeze_plan", "frozen_value"]


@dataclass(frozen=True, slots=True)
class FrozenPlan:
    """What a plan leaves to decide.

    ``is_allowed`` marks the operations that may be used, ``is_frozen`` those whose orders among
    each other stay, ``start`` when they start in the plan [ticks].
    """

    is_allowed: NDArray[np.bool_]
    is_frozen: NDArray[np.bool_]
    start: NDArray[np.int64]


def freeze_plan(
    graphs: Graphs, plan: Plan, free_trains: NDArray[np.int32], *, keeps_routes: bool
) -> FrozenPlan:
    """Freeze all but a few trains of a plan.

    Parameters
    ----------
    graphs : Graphs
        The problem.
    plan : Plan
        A plan without conflicts.
    free_trains : array of int32
        Trains whose orders are open.
    keeps_routes : bool
        Whether these keep their routes all the same.

    Returns
    -------
    FrozenPlan
        Allowed operations and fixed orders.
    """
    steps = planned_steps(graphs, plan)
    on_path = np.zeros(len(graphs.duration), dtype=np.bool_)
    on_path[plan.operation[steps]] = True
    start = np.zeros(len(graphs.duration), dtype=np.int64)
    start[plan.operation[steps]] = plan.time[steps]
    is_free = np.zeros(len(plan.length), dtype=np.bool_)
    is_free[free_trains] = True
    of_free = np.repeat(is_free, np.diff(graphs.train_first))
    is_allowed = on_path if keeps_routes else on_path | of_free
    return FrozenPlan(is_allowed, on_path & ~of_free, start)


def define_frozen_orders(model: ExactModel, frozen: FrozenPlan) -> None:
    """``t_b >= end_a + g_a`` for neighbours a, b on a resource whose order stays."""
    graphs = model.graphs
    visits: dict[int, list[tuple[int, int, int]]] = {}
    for operation in np.flatnonzero(frozen.is_frozen & (model.node_of >= 0)):
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            visit = (int(frozen.start[operation]), int(operation), int(graphs.use_gap[use]))
            visits.setdefault(int(graphs.use_resource[use]), []).append(visit)
    for found in visits.values():
        for (_, one, gap), (_, other, _) in pairwise(sorted(found)):
            end = int(model.end_of[one])
            if model.train_of[one] != model.train_of[other] and end >= 0:
                terms = [(int(model.node_of[other]), 1.0), (end, -1.0)]
                add_row(model, terms, float(gap // TICKS_PER_S), unbounded())


def frozen_value(frozen: FrozenPlan | None, first: int, second: int) -> int | None:
    """Whether the first of two operations goes first in the plan; None where that is open."""
    if frozen is None or not (frozen.is_frozen[first] and frozen.is_frozen[second]):
        return None
    return int((frozen.start[first], first) < (frozen.start[second], second))
