"""Solve a small dispatching problem exactly, or bound it from below.

`solve_exactly` solves the model of `arterial.dispatching.exact.formulation`, looks for overlaps
and swaps in its solution, adds the orders that decide them, and starts again. Each round's bound
holds for the whole problem, for the conflicts still missing could only add to the value. When
nothing is broken the solution is an optimum. Source: lazy conflict generation as in
[Lamorgese 2015], [Croella 2024].

`freeze_plan` keeps the routes of all trains but a few and the orders among them, and leaves the
rest to the model. Their times may still move, which inserting one train after another can never do.
"""

import math
import time
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Final

import highspy
import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.encode import FOREVER, TICKS_PER_S, Graphs, successors_of
from arterial.dispatching.exact.formulation import (
    ExactModel,
    add_row,
    build_model,
    define_cycle_cut,
    define_order,
    define_value_limit,
    unbounded,
)
from arterial.dispatching.exact.separation import (
    Timetable,
    Visit,
    find_cycle,
    find_overlaps,
    order_arcs,
    order_events,
    read_visits,
)
from arterial.dispatching.occupancy_kernel import Plan, sweep_starts
from arterial.dispatching.state import make_plan, planned_steps, price_plan

__all__ = ["ExactResult", "ExactStatus", "freeze_plan", "solve_exactly"]


@dataclass(frozen=True, slots=True)
class _FrozenPlan:
    """What a plan leaves to decide.

    ``is_allowed`` marks the operations that may be used, ``is_frozen`` those whose orders among
    each other stay, ``start`` when they start in the plan [ticks].
    """

    is_allowed: NDArray[np.bool_]
    is_frozen: NDArray[np.bool_]
    start: NDArray[np.int64]


# Prices are whole numbers: closer than this to the optimum is the optimum.
WHOLE_GAP: Final = 0.99
ROUNDING_S: Final = 1e-5
USED: Final = 0.5
LARGEST_SEED: Final = 2**31 - 1


class ExactStatus(Enum):
    """How an exact solution ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    TIME_LIMIT = "time limit"


@dataclass(frozen=True, slots=True)
class ExactResult:
    """What an exact solution gave: ``plan`` is there when the status is optimal."""

    status: ExactStatus
    bound: int
    plan: Plan | None
    rounds: int
    orders: int


def solve_exactly(
    graphs: Graphs,
    is_allowed: NDArray[np.bool_],
    *,
    seconds: float,
    most: int | None = None,
    floor: NDArray[np.int64] | None = None,
    seed: int = 0,
    frozen: _FrozenPlan | None = None,
    known: set[tuple[int, int]] | None = None,
) -> ExactResult:
    """Find the cheapest plan among the allowed operations.

    Parameters
    ----------
    graphs : Graphs
        The problem.
    is_allowed : (n_operations,) bool
        Operations that may be used. Trains without any are left out, which can only lower the
        optimum: bounds for some trains hold for all.
    seconds : float
        Time limit [s].
    most : int, optional
        Look only for plans of this value or less; the value of a known plan makes the model small.
    floor : (n_trains,), optional
        Least price of each train; goes with ``most``.
    seed : int
        Seed of the solver.
    frozen : _FrozenPlan, optional
        Orders that stay as they are; bounds then hold for what is left to decide only.
    known : set of (int, int), optional
        Pairs of operations that were in conflict before: their orders are in the model from the
        start, and new ones are added to the set.

    Returns
    -------
    ExactResult
        With status infeasible when there is no plan within ``most``.
    """
    deadline = time.perf_counter() + seconds
    takes_part = np.add.reduceat(is_allowed, graphs.train_first[:-1]) > 0
    horizon_s = _find_horizon(graphs)
    budgets = np.full(len(graphs.slope), FOREVER, dtype=np.int64)
    if most is not None and floor is not None:
        budgets = most - int(floor[takes_part].sum()) + floor
    model = build_model(graphs, is_allowed, budgets, horizon_s=horizon_s, deadline=deadline)
    bound = 0 if floor is None else int(floor[takes_part].sum())
    if (model.node_of[graphs.train_first[:-1]][takes_part] < 0).any():
        return ExactResult(ExactStatus.INFEASIBLE, bound, None, 0, 0)
    _set_options(model, seed)
    if most is not None:
        define_value_limit(model, most)
    if frozen is not None:
        _define_frozen_orders(model, frozen)
    _define_known_orders(model, known or set(), frozen)
    rounds = 0
    while True:
        rounds += 1
        # A limit below zero is refused, and the one of the round before would stay.
        model.solver.setOptionValue("time_limit", max(deadline - time.perf_counter(), 0.0))
        model.solver.run()
        status = model.solver.getModelStatus()
        if status in (
            highspy.HighsModelStatus.kInfeasible,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            return ExactResult(ExactStatus.INFEASIBLE, bound, None, rounds, len(model.orders))
        bound = max(bound, _read_bound(model))
        if status != highspy.HighsModelStatus.kOptimal or time.perf_counter() > deadline:
            return ExactResult(ExactStatus.TIME_LIMIT, bound, None, rounds, len(model.orders))
        # An optimum of what is in the model so far: conflicts not yet in it may be broken.
        timetable = _read_timetable(model)
        order = _decide_conflicts(model, timetable, frozen)
        if known is not None:
            known.update(model.orders)
        if order is not None:
            plan = _time_orders(graphs, timetable, order)
            return ExactResult(ExactStatus.OPTIMAL, bound, plan, rounds, len(model.orders))


def _define_known_orders(
    model: ExactModel, known: set[tuple[int, int]], frozen: _FrozenPlan | None
) -> None:
    """Orders of pairs that are in the model and open."""
    for first, second in sorted(known):
        is_there = model.node_of[first] >= 0 and model.node_of[second] >= 0
        if is_there and _frozen_value(frozen, first, second) is None:
            define_order(model, first, second, _longest_gaps(model.graphs, first, second))


def _find_horizon(graphs: Graphs) -> int:
    """An instant by which all can be done, one train after the other [s]."""
    stays = np.where(graphs.duration < FOREVER, graphs.duration, 0)
    return int(
        (graphs.earliest.max(initial=0) + stays.sum() + graphs.use_gap.sum()) // TICKS_PER_S + 1
    )


def _set_options(model: ExactModel, seed: int) -> None:
    """One thread, a fixed seed, and no gap that whole prices could hide in."""
    # The processes of the portfolio have a core each; more threads would only change the order.
    model.solver.setOptionValue("threads", 1)
    model.solver.setOptionValue("random_seed", seed % LARGEST_SEED)
    model.solver.setOptionValue("mip_rel_gap", 0.0)
    model.solver.setOptionValue("mip_abs_gap", WHOLE_GAP)


def _read_bound(model: ExactModel) -> int:
    """The proven lower bound of the last solve, raised to a whole number."""
    found = model.solver.getInfo().mip_dual_bound
    return math.ceil(found - ROUNDING_S) if math.isfinite(found) else 0


def _read_timetable(model: ExactModel) -> Timetable:
    """Paths and starts of the solver's solution, rounded down to seconds."""
    values = np.asarray(model.solver.getSolution().col_value)
    paths: dict[int, list[int]] = {}
    start_s: dict[int, int] = {}
    for train, first in enumerate(model.graphs.train_first[:-1]):
        if model.node_of[first] < 0:
            continue
        operation, path = int(first), [int(first)]
        while operation != model.graphs.train_first[train + 1] - 1:
            followers = successors_of(model.graphs, operation)
            # Flows may split where a route costs nothing: any operation in use leads to the exit.
            operation = int(next(w for w in followers if _is_used(model, values, int(w))))
            path.append(operation)
        paths[train] = path
        for operation in path:
            start_s[operation] = math.floor(values[model.node_of[operation]] + ROUNDING_S)
    return Timetable(paths, start_s)


def _is_used(model: ExactModel, values: NDArray[np.float64], operation: int) -> bool:
    """Whether the solution uses an operation."""
    if model.node_of[operation] < 0:
        return False
    return model.used[operation] < 0 or bool(values[model.used[operation]] > USED)


def _decide_conflicts(
    model: ExactModel, timetable: Timetable, frozen: _FrozenPlan | None
) -> list[tuple[int, int]] | None:
    """Add what decides the conflicts of a timetable; the order of its events if it has none."""
    visits = read_visits(model.graphs, timetable)
    overlaps = find_overlaps(visits)
    for one, other in overlaps:
        _decide_pair(model, one, other, frozen)
    if overlaps:
        return None
    values = np.asarray(model.solver.getSolution().col_value)

    def goes_first(one: Visit, other: Visit) -> bool:
        pair = min(one.operation, other.operation), max(one.operation, other.operation)
        if pair not in model.orders:
            return False
        is_smaller_first = bool(values[model.orders[pair]] > USED)
        return is_smaller_first == (one.operation < other.operation)

    arcs = order_arcs(visits, goes_first)
    order = order_events(timetable, arcs)
    if len(order) == sum(len(path) for path in timetable.paths.values()):
        return order
    cycle = find_cycle(timetable, arcs, order)
    operations = {visit.operation for arc in cycle for visit in arc}
    literals = [_decide_pair(model, one, other, frozen) for one, other in cycle]
    define_cycle_cut(model, literals, operations)
    return None


def _decide_pair(
    model: ExactModel, one: Visit, other: Visit, frozen: _FrozenPlan | None
) -> tuple[int, int]:
    """The order variable of two visits, and its value when the first goes first."""
    first, second = sorted((one.operation, other.operation))
    gaps = _longest_gaps(model.graphs, first, second)
    order = define_order(model, first, second, gaps)
    value = _frozen_value(frozen, first, second)
    if value is not None:
        model.solver.changeColBounds(order, float(value), float(value))
    return order, int(first == one.operation)


def _longest_gaps(graphs: Graphs, first: int, second: int) -> tuple[int, int]:
    """Longest release times of two operations among the resources that they share [s]."""
    gaps = []
    shared = set(_uses_of(graphs, first)) & set(_uses_of(graphs, second))
    for operation in (first, second):
        uses = range(graphs.use_first[operation], graphs.use_first[operation + 1])
        ticks = [graphs.use_gap[use] for use in uses if graphs.use_resource[use] in shared]
        gaps.append(int(max(ticks)) // TICKS_PER_S)
    return gaps[0], gaps[1]


def _uses_of(graphs: Graphs, operation: int) -> list[int]:
    """Resources of an operation."""
    first, stop = graphs.use_first[operation], graphs.use_first[operation + 1]
    return [int(resource) for resource in graphs.use_resource[first:stop]]


def _time_orders(graphs: Graphs, timetable: Timetable, order: list[tuple[int, int]]) -> Plan:
    """A plan with the paths of a timetable, started as early as the order of events allows."""
    plan = make_plan(graphs)
    for train, path in timetable.paths.items():
        first = graphs.train_first[train]
        plan.length[train] = len(path)
        plan.operation[first : first + len(path)] = path
    owner = np.repeat(np.arange(len(plan.length), dtype=np.int32), np.diff(graphs.train_first))
    steps = np.array([graphs.train_first[train] + step for train, step in order], dtype=np.int32)
    sweep_starts(graphs, plan, steps, owner)
    plan.price[:] = price_plan(graphs, plan)
    return plan


def freeze_plan(
    graphs: Graphs, plan: Plan, free_trains: NDArray[np.int32], *, keeps_routes: bool
) -> _FrozenPlan:
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
    _FrozenPlan
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
    return _FrozenPlan(is_allowed, on_path & ~of_free, start)


def _define_frozen_orders(model: ExactModel, frozen: _FrozenPlan) -> None:
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


def _frozen_value(frozen: _FrozenPlan | None, first: int, second: int) -> int | None:
    """Whether the first of two operations goes first in the plan; None where that is open."""
    if frozen is None or not (frozen.is_frozen[first] and frozen.is_frozen[second]):
        return None
    return int((frozen.start[first], first) < (frozen.start[second], second))
