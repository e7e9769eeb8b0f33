"""A part of a route, from one of its points to another; main function `cut_route`."""

from dataclasses import replace
from math import sqrt

from arterial.errors import StudyError
from arterial.network.route import Route

__all__ = ["cut_route"]


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


def _take_off(error: float | None, before: float | None) -> float | None:
    """Error of a distance counted from a later begin."""
    if error is None or before is None:
        return None
    return sqrt(max(error * error - before * before, 0.0))
