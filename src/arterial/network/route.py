"""A route: the steps a train takes, its distances, errors, changes and reversals; its tables.

Main functions: `make_route`, `cut_route` (a part of one), `route_table` and `compare_routes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import hypot, sqrt

import polars as pl

from arterial.errors import StudyError
from arterial.network.graph import Arc
from arterial.network.model import Network, Section
from arterial.study import conform_table
from arterial.units import add_in_order

__all__ = [
    "Route",
    "RouteChange",
    "RouteStep",
    "compare_routes",
    "cut_route",
    "make_route",
    "route_table",
]


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One step of a route, from one operational point to the next.

    Parameters
    ----------
    from_point, to_point : str
        Where it begins and ends.
    section : Section
        Section it lies in.
    from_offset_km, to_offset_km : float
        Distances of its begin and end from the section's from_point [km]; the first is the
        larger one where the section is run backward.
    gauge_mm : int
        Gauge it is run on [mm]; 0 where gauge was not looked at.
    """

    from_point: str
    to_point: str
    section: Section
    from_offset_km: float
    to_offset_km: float
    gauge_mm: int

    @property
    def length_km(self) -> float:
        """Length [km]."""
        return abs(self.to_offset_km - self.from_offset_km)

    @property
    def is_forward(self) -> bool:
        """Whether the section is run from its from_point to its to_point."""
        return self.to_offset_km >= self.from_offset_km


@dataclass(frozen=True, slots=True)
class RouteChange:
    """A change of gauge or electrification on a route.

    Parameters
    ----------
    point_id : str
        Where it happens.
    kind : str
        ``"gauge"`` or ``"electrification"``.
    from_value, to_value : str
        Values before and after.
    is_declared : bool
        Whether the study declares the change at this point.
    """

    point_id: str
    kind: str
    from_value: str
    to_value: str
    is_declared: bool


@dataclass(frozen=True)
class Route:
    """A way through the network.

    Parameters
    ----------
    steps : tuple of RouteStep
        The steps in order, shape ``(n_steps,)``.
    distance_km : tuple of float
        Distance of each point from the start [km], shape ``(n_steps + 1,)``.
    distance_error_km : tuple of (float or None)
        Stated error of each distance [km], shape ``(n_steps + 1,)``; None = unknown.
    changes : tuple of RouteChange
        Changes of gauge and electrification, in order.
    reversals : tuple of str
        Points at which the train turns back.
    """

    steps: tuple[RouteStep, ...]
    distance_km: tuple[float, ...]
    distance_error_km: tuple[float | None, ...]
    changes: tuple[RouteChange, ...]
    reversals: tuple[str, ...]

    @cached_property
    def points(self) -> tuple[str, ...]:
        """Operational points in order, shape ``(n_steps + 1,)``."""
        return (self.steps[0].from_point, *(step.to_point for step in self.steps))

    @cached_property
    def section_ids(self) -> tuple[str, ...]:
        """Section of each step, shape ``(n_steps,)``."""
        return tuple(step.section.section_id for step in self.steps)

    @property
    def length_km(self) -> float:
        """Length [km]."""
        return self.distance_km[-1]

    @property
    def length_error_km(self) -> float | None:
        """Stated error of the length [km]; None = unknown."""
        return self.distance_error_km[-1]


def make_route(network: Network, arcs: list[Arc]) -> Route:
    """Route made of the arcs that a search found.

    Errors of section lengths are taken as independent and added as root-sum-square; a section run
    in part counts its error in proportion, and a cut inside a section adds the location error of
    the point of the cut. An unknown error makes every error after it unknown.

    Parameters
    ----------
    network : Network
        Network the arcs belong to.
    arcs : list of Arc
        At least one, each beginning where the one before it ends.

    Returns
    -------
    Route
        With every change and every reversal.
    """
    steps = tuple(_make_step(network, arc) for arc in arcs)
    distances = [0.0]
    for step in steps:
        distances.append(distances[-1] + step.length_km)
    return Route(
        steps=steps,
        distance_km=tuple(distances),
        distance_error_km=tuple(_sum_errors(network, steps)),
        changes=tuple(_list_changes(network, steps)),
        reversals=tuple(
            before.to_point for before, after in pairwise(steps) if _is_reversal(before, after)
        ),
    )


def cut_route(route: Route, first: str, last: str) -> Route:
    """Part of a route between two of its points.

    Parameters
    ----------
    route : Route
        The whole route.
    first, last : str
        Points where the part begins and ends; where a point is passed twice, its first passing
        begins and its last one ends the part.

    Returns
    -------
    Route
        The part, distances counted from its begin. Errors are taken as independent: the square of
        the error up to the begin is taken off.

    Raises
    ------
    StudyError
        If a point is not on the route, or the last does not follow the first.
    """
    points = route.points
    missing = [point for point in (first, last) if point not in points]
    if missing:
        message = f"{' and '.join(missing)} lie off the route."
        raise StudyError(message)
    begin, end = points.index(first), len(points) - 1 - points[::-1].index(last)
    if end <= begin:
        message = f"{last} does not follow {first} on the route."
        raise StudyError(message)
    inside = set(points[begin + 1 : end])
    return replace(
        route,
        steps=route.steps[begin:end],
        distance_km=tuple(
            distance - route.distance_km[begin] for distance in route.distance_km[begin : end + 1]
        ),
        distance_error_km=tuple(
            _take_off(error, route.distance_error_km[begin])
            for error in route.distance_error_km[begin : end + 1]
        ),
        changes=tuple(change for change in route.changes if change.point_id in inside),
        reversals=tuple(point for point in route.reversals if point in inside),
    )


def route_table(route_id: str, route: Route) -> pl.DataFrame:
    """Points of a route with the distance from its start and the stated error of it.

    Errors are added as root-sum-square over the sections, see `make_route`.

    Parameters
    ----------
    route_id : str
        Id that the rows carry.
    route : Route
        The route.

    Returns
    -------
    polars.DataFrame
        Table ``route_lines``, one row a point, shape ``(n_steps + 1, 6)``.
    """
    count = len(route.points)
    frame = pl.DataFrame(
        {
            "route_id": [route_id] * count,
            "sequence": list(range(1, count + 1)),
            "point_id": list(route.points),
            "section_id": [None, *route.section_ids],
            "distance_km": list(route.distance_km),
            "distance_error_km": pl.Series(route.distance_error_km, dtype=pl.Float64),
        }
    )
    return conform_table("route_lines", frame)


def compare_routes(routes: Mapping[str, Route]) -> pl.DataFrame:
    """Lengths and changes of several routes side by side.

    Parameters
    ----------
    routes : mapping of str to Route
        Routes by id.

    Returns
    -------
    polars.DataFrame
        Table ``route_variants``, one row a route. A length of single or unelectrified track is
        unknown as soon as one section does not say what it is; running times are left unknown.
    """
    rows = [
        {
            "route_id": route_id,
            "length_km": route.length_km,
            "length_error_km": route.length_error_km,
            "traction_changes_count": _count_changes(route, "electrification"),
            "gauge_changes_count": _count_changes(route, "gauge"),
            "single_track_km": _sum_lengths([(step, _is_single(step)) for step in route.steps]),
            "unelectrified_km": _sum_lengths([(step, _is_bare(step)) for step in route.steps]),
        }
        for route_id, route in routes.items()
    ]
    columns = ("basic_h", "calibrated_low_h", "calibrated_h", "calibrated_high_h")
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.lit(None, dtype=pl.Float64).alias(column) for column in columns
    )
    return conform_table("route_variants", frame)


def _make_step(network: Network, arc: Arc) -> RouteStep:
    """Step of a route from one arc."""
    begin, end = int(network.step_from[arc.step]), int(network.step_to[arc.step])
    begin_km = float(network.step_offset_km[arc.step])
    end_km = begin_km + float(network.step_length_km[arc.step])
    if not arc.is_forward:
        begin, end, begin_km, end_km = end, begin, end_km, begin_km
    return RouteStep(
        from_point=network.point_ids[begin],
        to_point=network.point_ids[end],
        section=network.sections[int(network.step_section[arc.step])],
        from_offset_km=begin_km,
        to_offset_km=end_km,
        gauge_mm=arc.gauge_mm,
    )


def _is_reversal(before: RouteStep, after: RouteStep) -> bool:
    """Whether a train turns back between two steps.

    Seen where it goes back to the point it came from, or changes its direction within a section;
    how the tracks of different sections lie at the point they share is not in the study.
    """
    turns = before.section is after.section and before.is_forward != after.is_forward
    return turns or before.from_point == after.to_point


def _sum_errors(network: Network, steps: tuple[RouteStep, ...]) -> list[float | None]:
    """Error of the distance of each point, root-sum-square over the sections run [km]."""
    errors: list[float | None] = [0.0]
    # Square of the error of all sections left behind, and where the present section was entered.
    behind: float | None = 0.0
    entry = steps[0]
    for number, step in enumerate(steps):
        if number and step.section is not steps[number - 1].section:
            behind, entry = _square(errors[-1]), step
        share = abs(step.to_offset_km - entry.from_offset_km) / step.section.length_km
        cuts = _find_cut_error(network, step.section, (entry.from_point, step.to_point))
        length_error = step.section.length_error_km
        if behind is None or length_error is None or cuts is None:
            errors.append(None)
        else:
            errors.append(hypot(behind**0.5, length_error * share, cuts))
    return errors


def _square(value: float | None) -> float | None:
    """Square of a value that may be unknown."""
    return None if value is None else value * value


def _find_cut_error(network: Network, section: Section, points: tuple[str, ...]) -> float | None:
    """Root-sum-square of the location errors of the points that lie inside a section [km]."""
    inside = [p for p in points if p not in (section.from_point, section.to_point)]
    if not inside:
        return 0.0
    number = network.section_numbers[section.section_id]
    total = 0.0
    for point_id in inside:
        error = network.location_error_km.get((number, network.point_numbers[point_id]))
        if error is None:
            return None
        total = hypot(total, error)
    return total


def _list_changes(network: Network, steps: tuple[RouteStep, ...]) -> list[RouteChange]:
    """Changes of gauge and of electrification between the steps."""
    declared = {(change.point_id, change.kind, change.values) for change in network.change_points}
    changes = []
    for before, after in pairwise(steps):
        for kind, old, new in (
            ("gauge", str(before.gauge_mm), str(after.gauge_mm)),
            ("electrification", before.section.electrification, after.section.electrification),
        ):
            if old is not None and new is not None and old != new:
                key = (before.to_point, kind, frozenset({old, new}))
                changes.append(RouteChange(before.to_point, kind, old, new, key in declared))
    return changes


def _take_off(error: float | None, before: float | None) -> float | None:
    """Error of a distance counted from a later begin."""
    if error is None or before is None:
        return None
    return sqrt(max(error * error - before * before, 0.0))


def _count_changes(route: Route, kind: str) -> int:
    """Changes of one kind along a route."""
    return sum(change.kind == kind for change in route.changes)


def _is_single(step: RouteStep) -> bool | None:
    """Whether a step is single track; None = unknown."""
    tracks = step.section.tracks_count
    return None if tracks is None else tracks == 1


def _is_bare(step: RouteStep) -> bool | None:
    """Whether a step has no contact line; None = unknown."""
    system = step.section.electrification
    return None if system is None else system == "none"


def _sum_lengths(steps: list[tuple[RouteStep, bool | None]]) -> float | None:
    """Length of the steps marked true [km]; None as soon as one mark is unknown."""
    if any(mark is None for _, mark in steps):
        return None
    return add_in_order(step.length_km for step, mark in steps if mark)
