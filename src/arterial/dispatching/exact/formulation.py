r"""The exact model: times, routes, prices and orders of trains as a mixed-integer program.

Variables, all times in seconds from zero:

- ``t_n``: instant of a node; the end of an operation and the starts of its successors are one node,
- ``x_o``: operation is used (constant 1 where a train has no choice), ``f_uv``: goes from u to v,
- ``p_o``: price of a late start, ``w_o``: its increment is due,
- ``y_ab``: operation a holds a shared resource before operation b.

Orders are added by `define_order` only where a solution shows a conflict. `build_model` is the
main function.
"""

import math
import time
from dataclasses import dataclass, field
from typing import Final

import highspy
import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.encode import TICKS_PER_S, Graphs, successors_of
from arterial.dispatching.exact.bounds import StartBounds, bound_starts

__all__ = [
    "ExactModel",
    "add_row",
    "build_model",
    "define_cycle_cut",
    "define_order",
    "define_value_limit",
    "unbounded",
]

UNBOUNDED: Final = highspy.kHighsInf


def unbounded() -> float:
    """The side of a row that binds nothing."""
    return float(UNBOUNDED)


@dataclass(slots=True)
class ExactModel:
    """A model under construction: the solver and where each variable is.

    ``node_of`` and ``end_of`` give the time variable of the start and end of each operation, -1
    where it is not in the model; ``used`` its variable ``x_o``, -1 where it is constant.
    """

    graphs: Graphs
    solver: highspy.Highs
    bounds: StartBounds
    node_of: NDArray[np.int64]
    end_of: NDArray[np.int64]
    used: NDArray[np.int64]
    train_of: NDArray[np.int64]
    node_low: list[int] = field(default_factory=list)
    node_high: list[int] = field(default_factory=list)
    prices: list[tuple[int, float]] = field(default_factory=list)
    orders: dict[tuple[int, int], int] = field(default_factory=dict)
    deadline: float = math.inf

    @property
    def is_late(self) -> bool:
        """Whether the time was over while it was built: then parts of it are missing."""
        return time.perf_counter() >= self.deadline


def build_model(
    graphs: Graphs,
    is_allowed: NDArray[np.bool_],
    budgets: NDArray[np.int64],
    *,
    horizon_s: int,
    deadline: float = math.inf,
) -> ExactModel:
    """Build the model without orders.

    Parameters
    ----------
    graphs : Graphs
        The problem.
    is_allowed : (n_operations,) bool
        Operations that may be used; a train without any is left out.
    budgets : (n_trains,)
        The most that each train may pay; bounds the times.
    horizon_s : int
        Latest instant of all [s].
    deadline : float
        Instant of `time.perf_counter` at which building stops [s].

    Returns
    -------
    ExactModel
        Ready to be solved, unless ``is_late``.
    """
    bounds = bound_starts(graphs, is_allowed, budgets, horizon_s=horizon_s)
    count = len(graphs.duration)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)  # noqa: FBT003
    model = ExactModel(
        graphs=graphs,
        solver=solver,
        bounds=bounds,
        node_of=np.full(count, -1, dtype=np.int64),
        end_of=np.full(count, -1, dtype=np.int64),
        used=np.full(count, -1, dtype=np.int64),
        train_of=np.repeat(np.arange(len(graphs.slope)), np.diff(graphs.train_first)),
        deadline=deadline,
    )
    _define_nodes(model)
    _define_routes(model)
    _define_durations(model)
    _define_prices(model)
    return model


def _add_column(model: ExactModel, cost: float, low: float, high: float) -> int:
    """Add a variable; its place."""
    model.solver.addCol(cost, low, high, 0, np.empty(0, dtype=np.int32), np.empty(0))
    return int(model.solver.getNumCol()) - 1


def _add_binary(model: ExactModel) -> int:
    """Add a variable that is 0 or 1; its place."""
    column = _add_column(model, 0.0, 0.0, 1.0)
    model.solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    return column


def add_row(model: ExactModel, terms: list[tuple[int, float]], low: float, high: float) -> None:
    """Add ``low <= sum <= high``; terms of one variable are joined."""
    joined: dict[int, float] = {}
    for column, factor in terms:
        joined[column] = joined.get(column, 0.0) + factor
    columns = np.fromiter(joined.keys(), dtype=np.int32, count=len(joined))
    factors = np.fromiter(joined.values(), dtype=np.float64, count=len(joined))
    model.solver.addRow(low, high, len(joined), columns, factors)


def _define_nodes(model: ExactModel) -> None:
    """``E_n <= t_n <= L_n``, the widest bounds of the operations that start at the node."""
    parent = list(range(len(model.node_of)))

    def root(operation: int) -> int:
        while parent[operation] != operation:
            parent[operation] = parent[parent[operation]]
            operation = parent[operation]
        return operation

    possible = np.flatnonzero(model.bounds.is_possible)
    for operation in possible:
        followers = _possible_successors(model, int(operation))
        for follower in followers[1:]:
            parent[root(follower)] = root(followers[0])
    columns: dict[int, int] = {}
    for operation in possible:
        node = root(int(operation))
        low = int(model.bounds.earliest_s[operation])
        high = int(model.bounds.latest_s[operation])
        if node not in columns:
            columns[node] = _add_column(model, 0.0, 0.0, 0.0)
            model.node_low.append(low)
            model.node_high.append(high)
        column = columns[node]
        model.node_low[column] = min(model.node_low[column], low)
        model.node_high[column] = max(model.node_high[column], high)
        model.node_of[operation] = column
    for operation in possible:
        followers = _possible_successors(model, int(operation))
        if followers:
            model.end_of[operation] = model.node_of[followers[0]]
    _widen_nodes(model)
    for column, (low, high) in enumerate(zip(model.node_low, model.node_high, strict=True)):
        model.solver.changeColBounds(column, low, high)


def _widen_nodes(model: ExactModel) -> None:
    """Let nodes that a train passes by have instants between those that it visits.

    ``E_n <= E_m`` and ``L_n <= L_m`` for every operation from n to m: then ``t_n = max(E_n, last
    visited instant before n)`` keeps every row of an operation that is not used.
    """
    ended = np.flatnonzero(model.end_of >= 0)
    pairs = [(int(model.node_of[o]), int(model.end_of[o])) for o in ended]
    # Backwards for earliest, forwards for latest: mostly one pass of each is enough.
    has_changed = True
    while has_changed:
        has_changed = False
        for start, end in reversed(pairs):
            if model.node_low[end] < model.node_low[start]:
                model.node_low[start] = model.node_low[end]
                has_changed = True
        for start, end in pairs:
            if model.node_high[start] > model.node_high[end]:
                model.node_high[end] = model.node_high[start]
                has_changed = True


def _possible_successors(model: ExactModel, operation: int) -> list[int]:
    """Successors of an operation that are in the model."""
    return [int(w) for w in successors_of(model.graphs, operation) if model.bounds.is_possible[w]]


def _define_routes(model: ExactModel) -> None:
    """``sum_u f_uv = x_v = sum_w f_vw``: each used operation is entered and left once."""
    for train in range(len(model.graphs.slope)):
        if model.is_late:
            return
        first, stop = model.graphs.train_first[train], model.graphs.train_first[train + 1]
        operations = [int(o) for o in range(first, stop) if model.node_of[o] >= 0]
        arcs = [(u, v) for u in operations for v in _possible_successors(model, u)]
        # A single chain needs no flows: all its operations are used.
        if len(arcs) < len(operations):
            continue
        inward: dict[int, list[int]] = {operation: [] for operation in operations}
        outward: dict[int, list[int]] = {operation: [] for operation in operations}
        for operation in operations:
            model.used[operation] = _add_binary(model)
        for u, v in arcs:
            flow = _add_column(model, 0.0, 0.0, 1.0)
            outward[u].append(flow)
            inward[v].append(flow)
        for operation in operations:
            used = int(model.used[operation])
            if operation in (first, stop - 1):
                model.solver.changeColBounds(used, 1.0, 1.0)
            if operation != first:
                add_row(model, [(used, -1.0), *((f, 1.0) for f in inward[operation])], 0.0, 0.0)
            if operation != stop - 1:
                add_row(model, [(used, -1.0), *((f, 1.0) for f in outward[operation])], 0.0, 0.0)


def _define_durations(model: ExactModel) -> None:
    """``t_end - t_start >= d_o x_o`` and ``E_o x_o <= t_start <= L_n - (L_n - L_o) x_o``."""
    for operation in np.flatnonzero(model.node_of >= 0):
        if model.is_late:
            return
        start, used = int(model.node_of[operation]), int(model.used[operation])
        if model.end_of[operation] >= 0:
            stay = float(model.graphs.duration[operation] // TICKS_PER_S)
            ends = [(int(model.end_of[operation]), 1.0), (start, -1.0)]
            if used < 0:
                add_row(model, ends, stay, UNBOUNDED)
            else:
                add_row(model, [*ends, (used, -stay)], 0.0, UNBOUNDED)
        if used < 0:
            continue
        earliest, latest = model.bounds.earliest_s[operation], model.bounds.latest_s[operation]
        if earliest > model.node_low[start]:
            rise = float(earliest - model.node_low[start])
            add_row(model, [(start, 1.0), (used, -rise)], model.node_low[start], UNBOUNDED)
        if latest < model.node_high[start]:
            fall = float(model.node_high[start] - latest)
            add_row(model, [(start, 1.0), (used, fall)], -UNBOUNDED, model.node_high[start])


def _define_prices(model: ExactModel) -> None:
    """``p_o >= t - threshold - M (1 - x_o)`` and ``t <= threshold - 1 + M w_o + M (1 - x_o)``."""
    graphs = model.graphs
    for operation in np.flatnonzero(model.node_of >= 0):
        if model.is_late:
            return
        start, used = int(model.node_of[operation]), int(model.used[operation])
        threshold = int(graphs.threshold_s[operation])
        margin = float(max(model.node_high[start] - threshold + 1, 0))
        # It can never be late, whatever is decided.
        if margin == 0.0:
            continue
        if graphs.coefficient[operation] > 0:
            price = _add_column(model, float(graphs.coefficient[operation]), 0.0, UNBOUNDED)
            model.prices.append((price, float(graphs.coefficient[operation])))
            terms, free = [(price, 1.0), (start, -1.0)], -float(threshold)
            if used >= 0:
                terms, free = [*terms, (used, -margin)], free - margin
            add_row(model, terms, free, UNBOUNDED)
        if graphs.increment[operation] > 0:
            due = _add_binary(model)
            model.prices.append((due, float(graphs.increment[operation])))
            model.solver.changeColCost(due, float(graphs.increment[operation]))
            terms, most = [(start, 1.0), (due, -margin)], float(threshold - 1)
            if used >= 0:
                terms, most = [*terms, (used, margin)], most + margin
            add_row(model, terms, -UNBOUNDED, most)


def define_value_limit(model: ExactModel, most: int) -> None:
    """``sum c_o p_o + sum d_o w_o <= most``: only plans as good as that are looked for."""
    add_row(model, model.prices, -UNBOUNDED, float(most))


def define_order(model: ExactModel, one: int, other: int, gaps: tuple[int, int]) -> int:
    """Decide who goes first on the resources that two operations share.

    ``t_b >= end_a + g_a - M (1 - y) - M (1 - x_a) - M (1 - x_b)``, and the same the other way round
    with ``M y``. A side that the bounds exclude fixes ``y``.

    Returns
    -------
    int
        The variable ``y``: one means that ``one`` goes first.
    """
    if (one, other) in model.orders:
        return model.orders[one, other]
    order = _add_binary(model)
    model.orders[one, other] = order
    for first, second, gap, sign in ((one, other, gaps[0], 1), (other, one, gaps[1], 0)):
        end, start = int(model.end_of[first]), int(model.node_of[second])
        uses = [int(model.used[o]) for o in (first, second) if model.used[o] >= 0]
        if end < 0:
            # The exit never ends: whoever needs the resource must have been there before.
            terms = [(order, 1.0 if sign else -1.0), *((used, 1.0) for used in uses)]
            add_row(model, terms, -UNBOUNDED, len(uses) - 1 + sign)
            continue
        most = float(model.node_high[end] + gap - model.node_low[start])
        terms = [(start, 1.0), (end, -1.0), (order, -most if sign else most)]
        terms += [(used, -most) for used in uses]
        add_row(model, terms, gap - most * (len(uses) + sign), UNBOUNDED)
    return order


def define_cycle_cut(
    model: ExactModel, literals: list[tuple[int, int]], operations: set[int]
) -> None:
    """``sum of orders on a cycle + sum of x <= lengths - 1``: no swap at one instant.

    Each literal is an order variable and the value that it has on the cycle. The operations of
    these orders count too, for where one is not used its orders mean nothing.
    """
    used = [int(model.used[operation]) for operation in operations if model.used[operation] >= 0]
    terms = [(order, 1.0 if value else -1.0) for order, value in literals]
    ones = sum(1 for _, value in literals if not value)
    terms += [(column, 1.0) for column in used]
    add_row(model, terms, -UNBOUNDED, len(literals) - 1 - ones + len(used))
