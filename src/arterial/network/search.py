"""Search of routes; main functions `find_route` and `find_alternatives`.

On a network of one gauge no leg depends on the one before, so each leg is searched and kept alone.
`arterial.network.graph` searches all legs at once, which a change of gauge on the way needs; its
graph grows with the number of legs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf
from typing import Any, Final

import numpy as np

from arterial.errors import Fault, LimitError, StudyError
from arterial.network.graph import (
    Arc,
    Arcs,
    Constraints,
    build_search_graph,
    find_paths,
    list_gauges,
    list_moves,
)
from arterial.network.missing_route import explain_missing_route
from arterial.network.model import Network
from arterial.network.route import Route, make_route
from arterial.study.faults import find_near_names

__all__ = ["find_alternatives", "find_route"]

MOST_KEPT: Final = 4_000_000
"""Points of trees that are kept, of 12 bytes each [1]."""


@dataclass(frozen=True, slots=True)
class _LegGraph:
    """Arcs between points, sorted by their ends, as records and as a sparse matrix.

    What is found between two points is kept in `legs`, and in `trees` what is within some reach of
    one: most points begin several legs.
    """

    arcs: Arcs
    keys: np.ndarray[Any, np.dtype[np.int64]]
    matrix: Any
    reach_km: float
    legs: dict[tuple[int, int], list[Arc] | None] = field(default_factory=dict)
    trees: dict[tuple[int, float], tuple[Any, Any]] = field(default_factory=dict)


def find_route(
    network: Network,
    points: Sequence[str],
    *,
    gauges_mm: Sequence[int] | None = None,
    gauge_changes: str = "declared",
    electrification: Sequence[str] | None = None,
    lines: Sequence[str | None] | None = None,
) -> Route:
    """Shortest way through operational points in a given order.

    Gauge is continuous along the way; it changes only at declared change points, and only among
    the gauges given. A system of electrification that is not allowed, a closed section and a
    section in its forbidden direction are never used.

    Parameters
    ----------
    network : Network
        The network.
    points : sequence of str
        Ids of the points to pass, in order, shape ``(n_legs + 1,)``.
    gauges_mm : sequence of int, optional
        Gauges the train can run on [mm]; None = every gauge of the network.
    gauge_changes : str
        Where it may change among them: ``"none"`` (the vehicle cannot), ``"declared"`` (at the
        declared change points) or ``"anywhere"``.
    electrification : sequence of str, optional
        Contact-line systems the train can run under (``"none"`` = no contact line); None = any. A
        section whose system is unknown is used only when any will do.
    lines : sequence of (str or None), optional
        Line to keep to on each leg, shape ``(n_legs,)``.

    Returns
    -------
    Route
        The shortest way. It may turn back at a point; its reversals list where.

    Raises
    ------
    StudyError
        For points or lines that do not exist, with near names.
    InfeasibleError
        When there is no way, naming the constraints that each bar one and the way that would open.

    Examples
    --------
    A break of gauge between a-b (10 km, 1435 mm) and b-c (5 km, 1520 mm), with a declared change.

    >>> import polars as pl
    >>> from arterial.network import build_network
    >>> from arterial.study import conform_table
    >>> rows = {
    ...     "operational_points": [
    ...         {"point_id": p, "name": p, "country": "XX", "zone": "UTC", "kind": "station"}
    ...         for p in "abc"],
    ...     "sections": [
    ...         {"section_id": "S", "line_id": "L", "from_point": "a", "to_point": "b",
    ...          "length_km": 10.0, "gauges_mm": "1435"},
    ...         {"section_id": "T", "line_id": "L", "from_point": "b", "to_point": "c",
    ...          "length_km": 5.0, "gauges_mm": "1520"}],
    ...     "change_points": [
    ...         {"point_id": "b", "kind": "gauge", "from_value": "1435", "to_value": "1520"}]}
    >>> tables = {
    ...     name: conform_table(name, pl.DataFrame(found), fill_missing=True)
    ...     for name, found in rows.items()}
    >>> route = find_route(build_network(tables), ["a", "c"])
    >>> route.length_km, [change.point_id for change in route.changes]
    (15.0, ['b'])
    """
    constraints = Constraints(
        gauges_mm=None if gauges_mm is None else tuple(gauges_mm),
        gauge_changes=gauge_changes,
        electrification=None if electrification is None else tuple(electrification),
        lines=() if lines is None else tuple(lines),
    )
    return _search(network, tuple(points), constraints, 1)[0]


def find_alternatives(
    network: Network,
    points: Sequence[str],
    *,
    count: int,
    gauges_mm: Sequence[int] | None = None,
    electrification: Sequence[str] | None = None,
    lines: Sequence[str | None] | None = None,
) -> tuple[Route, ...]:
    """Shortest ways through points in a given order, by Yen's algorithm.

    Parameters
    ----------
    network : Network
        The network.
    points : sequence of str
        Ids of the points to pass, in order, shape ``(n_legs + 1,)``.
    count : int
        How many ways are wanted, at least 1; fewer come back where there are not so many.
    gauges_mm, electrification, lines
        As in `find_route`.

    Returns
    -------
    tuple of Route
        Shortest first; no two take the same steps, and none passes a point twice on one leg.
    """
    if count < 1:
        message = f"At least one way must be asked for, not {count}."
        raise LimitError(message)
    constraints = Constraints(
        gauges_mm=None if gauges_mm is None else tuple(gauges_mm),
        electrification=None if electrification is None else tuple(electrification),
        lines=() if lines is None else tuple(lines),
    )
    return _search(network, tuple(points), constraints, count)


def _search(
    network: Network, points: tuple[str, ...], constraints: Constraints, count: int
) -> tuple[Route, ...]:
    """Shortest ways that meet the constraints, or the reason why there is none."""
    # Trains that share a way, and each use of it after the first, find it here.
    request = (points, constraints, count)
    if request not in network.routes:
        _check_request(network, points, constraints)
        targets = [network.point_numbers[point] for point in points]
        if count == 1 and _can_search_legs(network, constraints):
            path = _find_leg_paths(network, targets, constraints)
            paths = [] if path is None else [path]
        else:
            paths = find_paths(build_search_graph(network, targets, constraints), count)
        if not paths:
            raise explain_missing_route(network, targets, constraints)
        network.routes[request] = tuple(make_route(network, path) for path in paths)
    return network.routes[request]


def _check_request(network: Network, points: tuple[str, ...], constraints: Constraints) -> None:
    """Refuse points and lines that do not exist, and requests that mean nothing."""
    if len(points) < 2:  # noqa: PLR2004
        message = "A route needs at least two points."
        raise LimitError(message)
    if constraints.lines and len(constraints.lines) != len(points) - 1:
        message = f"{len(points) - 1} legs need as many lines, not {len(constraints.lines)}."
        raise LimitError(message)
    faults = [_name_unknown_point(network, p) for p in points if p not in network.point_numbers]
    # Most requests name no line.
    lines = [line for line in constraints.lines if line is not None]
    known = sorted({section.line_id for section in network.sections}) if lines else []
    faults += [
        Fault(
            cause=f"No section belongs to a line {line}.",
            cure="Correct the line of the route, or leave it empty.",
            file="tables/route_points.csv",
            column="line_id",
            near=find_near_names(line, known),
        )
        for line in lines
        if line not in known
    ]
    faults += [
        Fault(
            cause=f"The route names {before} twice in a row.",
            cure="Remove one of the two.",
            file="tables/route_points.csv",
            column="point_id",
        )
        for before, after in pairwise(points)
        if before == after
    ]
    if faults:
        message = "The route names points or lines that cannot be used."
        raise StudyError(message, faults)


def _name_unknown_point(network: Network, point_id: str) -> Fault:
    """Fault for a point that does not exist, with ids and names that resemble it."""
    near = find_near_names(point_id, network.point_ids)
    names = find_near_names(point_id, network.point_names)
    near += tuple(network.point_ids[network.point_names.index(name)] for name in names)
    return Fault(
        cause=f"There is no operational point {point_id}.",
        cure="Use the id of a point in operational_points.",
        file="tables/route_points.csv",
        column="point_id",
        near=tuple(dict.fromkeys(near))[:4],
    )


def _can_search_legs(network: Network, constraints: Constraints) -> bool:
    """Whether all trains that the constraints let through are of one gauge."""
    return not constraints.modes and len(constraints.gauges_mm or list_gauges(network)) == 1


def _find_leg_paths(
    network: Network, targets: Sequence[int], constraints: Constraints
) -> list[Arc] | None:
    """Shortest way through points in order; None where there is none.

    Parameters
    ----------
    network : Network
        A network whose trains are of one gauge.
    targets : sequence of int
        Indices of the points to pass, shape ``(n_legs + 1,)``.
    constraints : Constraints
        What is required of every step.

    Returns
    -------
    list of Arc or None
        The steps.
    """
    path: list[Arc] = []
    graphs: dict[str | None, _LegGraph] = {}
    for leg, (begin, end) in enumerate(pairwise(targets)):
        line = constraints.lines[leg] if constraints.lines else None
        if line not in graphs:
            graphs[line] = _get_graph(network, constraints, line)
        legs = graphs[line].legs
        if (begin, end) not in legs:
            legs[begin, end] = _find_leg(graphs[line], begin, end)
        found = legs[begin, end]
        if found is None:
            return None
        path += found
    return path


def _get_graph(network: Network, constraints: Constraints, line: str | None) -> _LegGraph:
    """Graph of one leg, made once for the same constraints and kept with the network."""
    from scipy.sparse import csr_array

    key = ("graph", replace(constraints, lines=(line,)))
    if key not in network.legs:
        gauges = constraints.gauges_mm or list_gauges(network)
        arcs = list_moves(network, gauges, constraints, line)
        arcs = arcs[np.lexsort((arcs["step"], arcs["weight_km"], arcs["head"], arcs["tail"]))]
        # Of parallel steps the shortest counts.
        new = np.ones(len(arcs), np.bool_)
        new[1:] = (arcs["tail"][1:] != arcs["tail"][:-1]) | (arcs["head"][1:] != arcs["head"][:-1])
        arcs, count = arcs[new], len(network.point_ids)
        ends = (arcs["tail"].astype(np.int32), arcs["head"].astype(np.int32))
        matrix = csr_array((arcs["weight_km"].copy(), ends), shape=(count, count))
        keys = arcs["tail"] * count + arcs["head"]
        longest = float(arcs["weight_km"].max(initial=1.0))
        network.legs[key] = _LegGraph(arcs, keys, matrix, longest)
    graph: _LegGraph = network.legs[key]
    return graph


def _find_leg(graph: _LegGraph, begin: int, end: int) -> list[Arc] | None:
    """Shortest way between two points, looked for in a circle that grows."""
    limit_km = graph.reach_km
    while True:
        distances, befores = _grow_tree(graph, begin, limit_km)
        if np.isfinite(distances[end]):
            break
        if limit_km == inf:
            return None
        # Where nothing new came into reach, nothing will.
        reached = np.isfinite(distances)
        limit_km = inf if distances[reached].max() * 4 < limit_km else limit_km * 4
    wanted, head = [], end
    while head != begin:
        tail = int(befores[head])
        wanted.append(tail * len(befores) + head)
        head = tail
    passed = graph.arcs[np.searchsorted(graph.keys, wanted[::-1])]
    return [Arc(int(arc["step"]), bool(arc["is_forward"]), int(arc["gauge_mm"])) for arc in passed]


def _grow_tree(graph: _LegGraph, begin: int, limit_km: float) -> tuple[Any, Any]:
    """Distances to all points within reach of one, and the point before each on the way."""
    from scipy.sparse.csgraph import dijkstra

    key = (begin, limit_km)
    if key not in graph.trees:
        if len(graph.trees) * graph.matrix.shape[0] > MOST_KEPT:
            graph.trees.clear()
        distances, befores = dijkstra(
            graph.matrix, indices=np.array([begin]), limit=limit_km, return_predecessors=True
        )
        graph.trees[key] = (distances[0], befores[0])
    return graph.trees[key]
