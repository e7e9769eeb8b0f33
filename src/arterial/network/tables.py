"""Routes as result tables: the points of each (`route_table`) and their comparison."""

from collections.abc import Mapping

import polars as pl

from arterial.network.route import Route, RouteStep
from arterial.study import conform_table

__all__ = ["compare_routes", "route_table"]


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
    return sum((step.length_km for step, mark in steps if mark), 0.0)
