"""The search graph of a route: one node per leg, point and gauge.

A train that stands at a point on a gauge can go on over every step that carries the gauge, or, at
a declared change point, change it. Arriving at the point that ends a leg moves the train to the
next leg, so one shortest path through all legs obeys the order of the points and the gauge.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from arterial.network.model import Network, Section

__all__ = ["ANY_GAUGE", "Arc", "Constraints", "SearchGraph", "build_search_graph", "find_paths"]

ArcRow = tuple[int, int, float, int, bool, int]
"""Tail, head, weight [km], step, whether forward, gauge [mm]."""

NOMINAL_KM: Final = 1e-6
"""Weight of what takes no distance (a change of gauge, a step of no length) [km]."""

ANY_GAUGE: Final = 0
"""Stands for the gauge where gauge is not looked at [mm]."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a train must find on every step of its way.

    Parameters
    ----------
    gauges_mm : tuple of int or None
        Gauges the train may run on [mm]; None = every gauge of the network. ``(ANY_GAUGE,)``
        drops the constraint altogether.
    gauge_changes : str
        Where the train may change among them: ``"none"``, ``"declared"`` change points or
        ``"anywhere"``.
    electrification : tuple of str or None
        Contact-line systems it may run under; None = not looked at.
    lines : tuple of (str or None)
        Line to keep to on each leg, shape ``(n_legs,)``; empty or None = any.
    keeps_direction : bool
        Whether the permitted direction of a section is obeyed.
    keeps_closures : bool
        Whether closed sections are avoided.
    """

    gauges_mm: tuple[int, ...] | None = None
    gauge_changes: str = "declared"
    electrification: tuple[str, ...] | None = None
    lines: tuple[str | None, ...] = ()
    keeps_direction: bool = True
    keeps_closures: bool = True


@dataclass(frozen=True, slots=True)
class Arc:
    """One traversal of a step on a path: the step, its direction and the gauge run on [mm]."""

    step: int
    is_forward: bool
    gauge_mm: int


@dataclass(frozen=True, slots=True)
class SearchGraph:
    """Directed graph of states as parallel arrays, shape ``(n_arcs,)``, sorted by tail and head.

    ``arc_step`` is -1 for arcs that are no step; ``source`` and ``target`` are states.
    """

    tails: npt.NDArray[np.int32]
    heads: npt.NDArray[np.int32]
    weights_km: npt.NDArray[np.float64]
    arc_step: npt.NDArray[np.int64]
    arc_forward: npt.NDArray[np.bool_]
    arc_gauge_mm: npt.NDArray[np.int64]
    states_count: int
    source: int
    target: int


def build_search_graph(
    network: Network, targets: Collection[int], constraints: Constraints
) -> SearchGraph:
    """Search graph for a way through points in order.

    Parameters
    ----------
    network : Network
        The network.
    targets : collection of int
        Indices of the points to pass in order, shape ``(n_legs + 1,)``.
    constraints : Constraints
        What is required of every step.

    Returns
    -------
    SearchGraph
        States are ``(leg * n_points + point) * n_gauges + gauge``, then the source, the target
        and one state for each parallel arc, so that two lines between the same points stay two.
    """
    order = list(targets)
    gauges = constraints.gauges_mm or _list_gauges(network)
    points_count, gauges_count, legs_count = len(network.point_ids), len(gauges), len(order) - 1

    def state(leg: int, point: int, gauge: int) -> int:
        return (leg * points_count + point) * gauges_count + gauge

    source = (legs_count + 1) * points_count * gauges_count
    arcs: list[ArcRow] = []
    for gauge in range(gauges_count):
        arcs.append(_join(source, state(0, order[0], gauge)))
        arcs.append(_join(state(legs_count, order[-1], gauge), source + 1))
    changes = _list_gauge_changes(network, gauges, constraints.gauge_changes)
    for leg in range(legs_count):
        line = constraints.lines[leg] if constraints.lines else None
        for step, gauge, is_forward in _list_moves(network, gauges, constraints, line):
            begin, end = int(network.step_from[step]), int(network.step_to[step])
            if not is_forward:
                begin, end = end, begin
            arrival_leg = leg + 1 if end == order[leg + 1] else leg
            weight = max(float(network.step_length_km[step]), NOMINAL_KM)
            tail, head = state(leg, begin, gauge), state(arrival_leg, end, gauge)
            arcs.append((tail, head, weight, step, is_forward, gauges[gauge]))
        for point, before, after in changes:
            arcs.append(_join(state(leg, point, before), state(leg, point, after)))
    return _freeze(arcs, source)


def find_paths(graph: SearchGraph, count: int) -> list[list[Arc]]:
    """Shortest paths from source to target, shortest first, at most `count`.

    Dijkstra's algorithm for one path, Yen's for several; paths that differ only in where the
    gauge is changed count as one.
    """
    # Imported here because scipy costs a third of a second that most commands do not need.
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra, yen

    shape = (graph.states_count, graph.states_count)
    matrix = csr_array((graph.weights_km, (graph.tails, graph.heads)), shape=shape)
    if count == 1:
        source = np.array([graph.source])
        distances, befores = dijkstra(matrix, indices=source, return_predecessors=True)
        return [_trace(graph, befores[0])] if np.isfinite(distances[0, graph.target]) else []
    wanted = count
    while True:
        _, befores = yen(matrix, graph.source, graph.target, wanted, return_predecessors=True)
        distinct: dict[tuple[tuple[int, bool], ...], list[Arc]] = {}
        for path in (_trace(graph, before) for before in befores):
            distinct.setdefault(tuple((arc.step, arc.is_forward) for arc in path), path)
        if len(distinct) >= count or len(befores) < wanted:
            return list(distinct.values())[:count]
        wanted *= 2


def _join(tail: int, head: int) -> ArcRow:
    """Arc between two states that takes no distance."""
    return (tail, head, NOMINAL_KM, -1, True, 0)


def _list_gauges(network: Network) -> tuple[int, ...]:
    """Every gauge of the network, in ascending order [mm]."""
    found = {gauge for section in network.sections for gauge in section.gauges_mm}
    return tuple(sorted(found)) or (ANY_GAUGE,)


def _list_gauge_changes(
    network: Network, gauges: tuple[int, ...], where: str
) -> list[tuple[int, int, int]]:
    """Allowed changes as (point, gauge before, gauge after), both ways."""
    if where == "none" or len(gauges) == 1:
        return []
    number = {str(gauge): place for place, gauge in enumerate(gauges)}
    pairs = [(a, b) for a in range(len(gauges)) for b in range(len(gauges)) if a != b]
    if where == "anywhere":
        return [(point, a, b) for point in range(len(network.point_ids)) for a, b in pairs]
    result: set[tuple[int, int, int]] = set()
    for change in network.change_points:
        values = [number[value] for value in change.values if value in number]
        if change.kind == "gauge" and len(values) == len(change.values):
            point = network.point_ids.index(change.point_id)
            result |= {(point, a, b) for a, b in pairs if {a, b} == set(values)}
    return sorted(result)


def _list_moves(
    network: Network, gauges: tuple[int, ...], constraints: Constraints, line: str | None
) -> list[tuple[int, int, bool]]:
    """Allowed moves as (step, gauge, whether in the order of the section)."""
    moves = []
    for step, owner in enumerate(network.step_section.tolist()):
        section = network.sections[owner]
        if not _is_allowed(section, constraints, line):
            continue
        for place, gauge in enumerate(gauges):
            if gauge not in (ANY_GAUGE, *section.gauges_mm):
                continue
            if not constraints.keeps_direction or section.direction != "backward":
                moves.append((step, place, True))
            if not constraints.keeps_direction or section.direction != "forward":
                moves.append((step, place, False))
    return moves


def _is_allowed(section: Section, constraints: Constraints, line: str | None) -> bool:
    """Whether a section meets every constraint but those on gauge and direction."""
    if line is not None and section.line_id != line:
        return False
    if constraints.keeps_closures and not section.is_open:
        return False
    systems = constraints.electrification
    return systems is None or section.electrification in systems


def _freeze(arcs: list[ArcRow], source: int) -> SearchGraph:
    """Arrays of the arcs, each pair of states joined once."""
    # Of parallel arcs the shortest keeps the pair; each other one goes through a state of its own.
    rows = sorted(arcs)
    states_count = source + 2
    final: list[ArcRow] = []
    for number, row in enumerate(rows):
        tail, head = row[:2]
        if number and rows[number - 1][:2] == (tail, head):
            final.append(_join(states_count, head))
            head, states_count = states_count, states_count + 1
        final.append((tail, head, *row[2:]))
    final.sort()
    columns = list(zip(*final, strict=True))
    return SearchGraph(
        tails=np.array(columns[0], dtype=np.int32),
        heads=np.array(columns[1], dtype=np.int32),
        weights_km=np.array(columns[2], dtype=np.float64),
        arc_step=np.array(columns[3], dtype=np.int64),
        arc_forward=np.array(columns[4], dtype=np.bool_),
        arc_gauge_mm=np.array(columns[5], dtype=np.int64),
        states_count=states_count,
        source=source,
        target=source + 1,
    )


def _trace(graph: SearchGraph, before: npt.NDArray[np.int32]) -> list[Arc]:
    """Steps of the path that the predecessors of each state describe."""
    keys = graph.tails.astype(np.int64) * graph.states_count + graph.heads
    arcs: list[Arc] = []
    head = graph.target
    while head != graph.source:
        tail = int(before[head])
        place = int(np.searchsorted(keys, tail * graph.states_count + head))
        if graph.arc_step[place] >= 0:
            arcs.append(
                Arc(
                    int(graph.arc_step[place]),
                    bool(graph.arc_forward[place]),
                    int(graph.arc_gauge_mm[place]),
                )
            )
        head = tail
    return arcs[::-1]
