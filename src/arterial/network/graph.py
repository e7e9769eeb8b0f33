"""The search graph of a route: one node per leg, point and gauge.

A train that stands at a point on a gauge can go on over every step that carries the gauge, or, at
a declared change point, change it. Arriving at the point that ends a leg moves the train to the
next leg, so one shortest path through all legs obeys the order of the points and the gauge.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np
import numpy.typing as npt

from arterial.network.model import Network, Section

__all__ = [
    "ANY_GAUGE",
    "Arc",
    "Constraints",
    "Crossing",
    "Mode",
    "ModeChange",
    "SearchGraph",
    "build_search_graph",
    "find_paths",
    "list_gauges",
    "list_moves",
]

ARC: Final = np.dtype(
    [
        ("tail", np.int64),
        ("head", np.int64),
        ("weight_km", np.float64),
        ("step", np.int64),
        ("is_forward", np.bool_),
        ("gauge_mm", np.int64),
    ]
)
"""An arc from one state to another; its step is -1 where it is no step."""

Arcs = npt.NDArray[np.void]
"""Arcs as records of type `ARC`, shape ``(n_arcs,)``."""

NOMINAL_KM: Final = 1e-6
"""Weight of what takes no distance (a change of gauge, a step of no length) [km]."""

ANY_GAUGE: Final = 0
"""Stands for the gauge where gauge is not looked at [mm]."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A state in which a train runs: its gauge and what hauls it.

    Parameters
    ----------
    gauge_mm : int
        Gauge [mm].
    factors : tuple of float
        By what the length of each section counts in this mode, ``(n_sections,)``; 0 = the train
        cannot run there.
    more_km : tuple of float
        What each step of a section weighs beside its length, ``(n_sections,)`` [km].
    """

    gauge_mm: int
    factors: tuple[float, ...]
    more_km: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ModeChange:
    """A point at which a train passes from one mode to another, and what that weighs [km]."""

    point: int
    before: int
    after: int
    weight_km: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """A step in one direction that weighs more than its length [km]; infinite = it is barred."""

    step: int
    is_forward: bool
    more_km: float


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
    modes : tuple of Mode
        Modes in which the train runs, in place of its gauges and contact lines; empty = by these.
    mode_changes : tuple of ModeChange
        Where it may pass from one mode to another.
    crossings : tuple of Crossing
        Steps that weigh more than their length.
    """

    gauges_mm: tuple[int, ...] | None = None
    gauge_changes: str = "declared"
    electrification: tuple[str, ...] | None = None
    lines: tuple[str | None, ...] = ()
    keeps_direction: bool = True
    keeps_closures: bool = True
    modes: tuple[Mode, ...] = ()
    mode_changes: tuple[ModeChange, ...] = ()
    crossings: tuple[Crossing, ...] = ()


@dataclass(frozen=True, slots=True)
class Arc:
    """One traversal of a step on a path: the step, its direction, the gauge [mm] and the mode."""

    step: int
    is_forward: bool
    gauge_mm: int
    mode: int = 0


@dataclass(frozen=True, slots=True)
class SearchGraph:
    """Directed graph of states; `arcs` are sorted by tail and head, which no two share."""

    arcs: Arcs
    states_count: int
    source: int
    target: int
    modes_count: int = 1


def build_search_graph(
    network: Network, targets: Collection[int], constraints: Constraints
) -> SearchGraph:
    """Search graph for a way through points in order.

    Parameters
    ----------
    network : Network
        The network; the arcs of one leg are made once for the same constraints and kept with it.
    targets : collection of int
        Indices of the points to pass in order, shape ``(n_legs + 1,)``.
    constraints : Constraints
        What is required of every step.

    Returns
    -------
    SearchGraph
        States are ``(leg * n_points + point) * n_gauges + gauge``, then the source, the target
        and one state for each parallel arc, so that two lines between the same points stay two.
        Where the train has modes, they stand in place of the gauges.
    """
    order = list(targets)
    gauges = constraints.gauges_mm or list_gauges(network)
    gauges_count, legs_count = len(constraints.modes or gauges), len(order) - 1
    leg_size = len(network.point_ids) * gauges_count
    source = (legs_count + 1) * leg_size
    every_gauge = np.arange(gauges_count)
    starts = np.full(gauges_count, source), order[0] * gauges_count + every_gauge
    ends = legs_count * leg_size + order[-1] * gauges_count + every_gauge
    parts = [_join(*starts), _join(ends, np.full(gauges_count, source + 1))]
    if constraints.modes:
        changes = _join_changes(constraints)
    else:
        pairs = _list_gauge_changes(network, gauges, constraints.gauge_changes)
        changes = _join(pairs[:, 0], pairs[:, 1])
    # A way through every point of a train has a leg for each section: most are alike.
    moves_of: dict[str | None, Arcs] = {}
    for leg in range(legs_count):
        line = constraints.lines[leg] if constraints.lines else None
        if line not in moves_of:
            moves_of[line] = (
                _list_mode_moves(network, constraints, line)
                if constraints.modes
                else list_moves(network, gauges, constraints, line)
            )
        moves = moves_of[line].copy()
        # Arriving at the point that ends a leg is arriving in the next leg.
        arrives = moves["head"] // gauges_count == order[leg + 1]
        moves["tail"] += leg * leg_size
        moves["head"] += (leg + arrives) * leg_size
        here = changes.copy()
        here["tail"] += leg * leg_size
        here["head"] += leg * leg_size
        parts += [moves, here]
    return _freeze(np.concatenate(parts), source, gauges_count)


def find_paths(graph: SearchGraph, count: int) -> list[list[Arc]]:
    """Shortest paths from source to target, shortest first, at most `count`.

    Dijkstra's algorithm for one path, Yen's for several; paths that differ only in where the
    gauge is changed count as one.
    """
    # Imported here because scipy costs a third of a second that most commands do not need.
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra, yen

    shape = (graph.states_count, graph.states_count)
    ends = (graph.arcs["tail"].astype(np.int32), graph.arcs["head"].astype(np.int32))
    matrix = csr_array((graph.arcs["weight_km"].copy(), ends), shape=shape)
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


def _join(tails: npt.NDArray[np.int64], heads: npt.NDArray[np.int64]) -> Arcs:
    """Arcs between pairs of states that take no distance."""
    arcs = np.zeros(len(tails), ARC)
    arcs["tail"], arcs["head"], arcs["weight_km"] = tails, heads, NOMINAL_KM
    arcs["step"], arcs["is_forward"] = -1, True
    return arcs


def list_gauges(network: Network) -> tuple[int, ...]:
    """Every gauge of the network, in ascending order [mm]."""
    found = {gauge for section in network.sections for gauge in section.gauges_mm}
    return tuple(sorted(found)) or (ANY_GAUGE,)


def _list_gauge_changes(
    network: Network, gauges: tuple[int, ...], where: str
) -> npt.NDArray[np.int64]:
    """States of one leg before and after each allowed change, both ways, ``(n_changes, 2)``."""
    number = {str(gauge): place for place, gauge in enumerate(gauges)}
    pairs = [(a, b) for a in range(len(gauges)) for b in range(len(gauges)) if a != b]
    allowed: set[tuple[int, int, int]] = set()
    if where == "anywhere":
        allowed = {(point, a, b) for point in range(len(network.point_ids)) for a, b in pairs}
    elif where != "none":
        for change in network.change_points:
            values = [number[value] for value in change.values if value in number]
            if change.kind == "gauge" and len(values) == len(change.values):
                point = network.point_numbers[change.point_id]
                allowed |= {(point, a, b) for a, b in pairs if {a, b} == set(values)}
    states = [(point * len(gauges) + a, point * len(gauges) + b) for point, a, b in sorted(allowed)]
    return np.array(states, np.int64).reshape(-1, 2)


def list_moves(
    network: Network, gauges: tuple[int, ...], constraints: Constraints, line: str | None
) -> Arcs:
    """Arcs of the steps of one leg, with states ``point * n_gauges + gauge``; read only."""
    keeps = (constraints.keeps_direction, constraints.keeps_closures)
    key = (gauges, line, constraints.electrification, keeps)
    if key not in network.arcs:
        parts = []
        for place, gauge in enumerate(gauges):
            for is_forward in (True, False):
                against = "backward" if is_forward else "forward"
                allowed = [
                    (gauge in (ANY_GAUGE, *section.gauges_mm))
                    and not (constraints.keeps_direction and section.direction == against)
                    and _is_allowed(section, constraints, line)
                    for section in network.sections
                ]
                steps = np.flatnonzero(np.array(allowed, np.bool_)[network.step_section])
                arcs = np.empty(len(steps), ARC)
                ends = (network.step_from[steps], network.step_to[steps])
                tails, heads = ends if is_forward else ends[::-1]
                # Widened first: states are more than points, and int32 would overflow unseen.
                arcs["tail"] = tails.astype(np.int64) * len(gauges) + place
                arcs["head"] = heads.astype(np.int64) * len(gauges) + place
                arcs["weight_km"] = np.maximum(network.step_length_km[steps], NOMINAL_KM)
                arcs["step"], arcs["is_forward"], arcs["gauge_mm"] = steps, is_forward, gauge
                parts.append(arcs)
        network.arcs[key] = np.concatenate(parts)
    return network.arcs[key]


def _join_changes(constraints: Constraints) -> Arcs:
    """Arcs of one leg from mode to mode."""
    found, count = constraints.mode_changes, len(constraints.modes)
    tails = np.array([one.point * count + one.before for one in found], np.int64)
    heads = np.array([one.point * count + one.after for one in found], np.int64)
    arcs = _join(tails, heads)
    arcs["weight_km"] += [one.weight_km for one in found]
    return arcs


def _list_mode_moves(network: Network, constraints: Constraints, line: str | None) -> Arcs:
    """Arcs of the steps of one leg, with states ``point * n_modes + mode``."""
    more_km = {(one.step, one.is_forward): one.more_km for one in constraints.crossings}
    count, rows = len(constraints.modes), []
    for step, owner in enumerate(network.step_section.tolist()):
        section = network.sections[owner]
        if not _is_allowed(section, constraints, line):
            continue
        ends = (int(network.step_from[step]), int(network.step_to[step]))
        length_km = max(float(network.step_length_km[step]), NOMINAL_KM)
        for is_forward in (True, False):
            against = "backward" if is_forward else "forward"
            extra_km = more_km.get((step, is_forward), 0.0)
            if extra_km == inf or (constraints.keeps_direction and section.direction == against):
                continue
            tail, head = ends if is_forward else ends[::-1]
            rows += [
                (
                    tail * count + place,
                    head * count + place,
                    length_km * mode.factors[owner] + mode.more_km[owner] + extra_km,
                    step,
                    is_forward,
                    mode.gauge_mm,
                )
                for place, mode in enumerate(constraints.modes)
                if mode.factors[owner] > 0
            ]
    return np.array(rows, ARC)


def _is_allowed(section: Section, constraints: Constraints, line: str | None) -> bool:
    """Whether a section meets every constraint but those on gauge and direction."""
    if line is not None and section.line_id != line:
        return False
    if constraints.keeps_closures and not section.is_open:
        return False
    systems = constraints.electrification
    return systems is None or section.electrification in systems


def _freeze(arcs: Arcs, source: int, modes_count: int) -> SearchGraph:
    """Sorted arcs, each pair of states joined once."""
    arcs = _sort(arcs)
    # Of parallel arcs the shortest keeps the pair; each other one goes through a state of its own.
    repeats = (arcs["tail"][1:] == arcs["tail"][:-1]) & (arcs["head"][1:] == arcs["head"][:-1])
    others = np.flatnonzero(repeats) + 1
    states_count = source + 2 + len(others)
    between = np.arange(source + 2, states_count)
    onwards = _join(between, arcs["head"][others])
    arcs["head"][others] = between
    arcs = _sort(np.concatenate([arcs, onwards]))
    return SearchGraph(arcs, states_count, source, source + 1, modes_count)


def _sort(arcs: Arcs) -> Arcs:
    """Arcs by tail, head, weight, step, direction and gauge."""
    return arcs[np.lexsort([arcs[name] for name in reversed(ARC.names or ())])]


def _trace(graph: SearchGraph, before: npt.NDArray[np.int32]) -> list[Arc]:
    """Steps of the path that the predecessors of each state describe."""
    keys = graph.arcs["tail"] * graph.states_count + graph.arcs["head"]
    wanted, head = [], graph.target
    while head != graph.source:
        tail = int(before[head])
        wanted.append(tail * graph.states_count + head)
        head = tail
    passed = graph.arcs[np.searchsorted(keys, wanted[::-1])]
    count = graph.modes_count
    return [
        Arc(
            int(arc["step"]),
            bool(arc["is_forward"]),
            int(arc["gauge_mm"]),
            int(arc["tail"]) % count,
        )
        for arc in passed[passed["step"] >= 0]
    ]
