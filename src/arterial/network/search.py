"""Search of routes; main functions `find_route` and `find_alternatives`."""

from collections.abc import Sequence
from itertools import pairwise

from arterial.errors import Fault, LimitError, StudyError
from arterial.network.graph import Constraints, build_search_graph, find_paths
from arterial.network.legs import can_search_legs, find_leg_paths
from arterial.network.missing_route import explain_missing_route
from arterial.network.model import Network
from arterial.network.route import Route, make_route
from arterial.study.faults import find_near_names

__all__ = ["find_alternatives", "find_route"]


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
        if count == 1 and can_search_legs(network, constraints):
            path = find_leg_paths(network, targets, constraints)
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
    known = sorted({section.line_id for section in network.sections})
    faults += [
        Fault(
            cause=f"No section belongs to a line {line}.",
            cure="Correct the line of the route, or leave it empty.",
            file="tables/route_points.csv",
            column="line_id",
            near=find_near_names(line, known),
        )
        for line in constraints.lines
        if line is not None and line not in known
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
