"""Ways leg by leg on a network of one gauge, where no leg depends on the one before.

Main function: :func:`find_leg_paths`. `arterial.network.graph` searches all legs at once, which a
change of gauge on the way needs; its graph grows with the number of legs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np

from arterial.network.graph import Arc, Arcs, Constraints, list_gauges, list_moves
from arterial.network.model import Network

__all__ = ["can_search_legs", "find_leg_paths"]


@dataclass(frozen=True, slots=True)
class _LegGraph:
    """Arcs between points, sorted by their ends, as records and as a sparse matrix."""

    arcs: Arcs
    keys: np.ndarray[Any, np.dtype[np.int64]]
    matrix: Any
    reach_km: float


def can_search_legs(network: Network, constraints: Constraints) -> bool:
    """Whether all trains that the constraints let through are of one gauge."""
    return not constraints.modes and len(constraints.gauges_mm or list_gauges(network)) == 1


def find_leg_paths(
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
    for leg, (begin, end) in enumerate(pairwise(targets)):
        line = constraints.lines[leg] if constraints.lines else None
        key = ("leg", begin, end, replace(constraints, lines=(line,)))
        if key not in network.legs:
            network.legs[key] = _find_leg(_get_graph(network, constraints, line), begin, end)
        found = network.legs[key]
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
    from scipy.sparse.csgraph import dijkstra

    limit_km = graph.reach_km
    while True:
        distances, befores = dijkstra(
            graph.matrix, indices=np.array([begin]), limit=limit_km, return_predecessors=True
        )
        distances, befores = distances[0], befores[0]
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
