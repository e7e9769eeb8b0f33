"""Routes of all stated trains; trains with the same stops on the same route share one.

Main function: :func:`find_shared_routes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.errors import ArterialError, StudyError
from arterial.network import Network, Route, find_route
from arterial.network.route import cut_route

__all__ = ["SharedRoute", "TrainRoutes", "find_shared_routes", "find_stop_route", "place_stops"]

NO_ROUTE: Final = -1
"""Stands for a train that has no stops."""


@dataclass(frozen=True, slots=True)
class SharedRoute:
    """A route with the stops that trains make on it.

    Parameters
    ----------
    stop_points : tuple of str
        Points of the stops, ``(n_stops,)``.
    route : Route or None
        From the first stop to the last; None where there is none.
    stop_places : tuple of int
        Place of each stop among the points of the route, ``(n_stops,)``.
    reason : str
        Why there is no route; empty where there is one.
    """

    stop_points: tuple[str, ...]
    route: Route | None
    stop_places: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrainRoutes:
    """Routes of all trains of a study.

    Parameters
    ----------
    routes : tuple of SharedRoute
        Different ones.
    numbers : ndarray of int64, shape (n_trains,)
        Route of each train in the order of ``trains``; -1 = it has fewer than two stops.
    """

    routes: tuple[SharedRoute, ...]
    numbers: NDArray[np.int64]


def find_shared_routes(network: Network, tables: Mapping[str, pl.DataFrame]) -> TrainRoutes:
    """Route of every train: over its route's points, cut to its first and last stop.

    Parameters
    ----------
    network : Network
        The network; without sections no train has a route.
    tables : mapping of str to DataFrame
        ``trains``, ``train_stops`` and ``route_points``.

    Returns
    -------
    TrainRoutes
        A train without a route has one that says why.
    """
    stops = (
        tables["train_stops"]
        .sort("train_id", "sequence")
        .group_by("train_id", maintain_order=True)
        .agg(pl.col("point_id").str.join("\n").alias("stops"), pl.len().alias("count"))
    )
    trains = (
        tables["trains"]
        .select("train_id", "route_id")
        .join(stops, on="train_id", how="left", maintain_order="left")
    )
    along = {
        str(route): rows
        for (route,), rows in tables["route_points"]
        .sort("route_id", "sequence")
        .partition_by("route_id", as_dict=True, maintain_order=True)
        .items()
    }
    found: dict[tuple[str | None, str], int] = {}
    routes: list[SharedRoute] = []
    numbers = np.full(trains.height, NO_ROUTE, np.int64)
    wanted = zip(trains["route_id"], trains["stops"], trains["count"], strict=True)
    for place, (route_id, names, count) in enumerate(wanted):
        if names is None or count < 2:  # noqa: PLR2004 origin and destination
            continue
        key = (route_id, names)
        if key not in found:
            found[key] = len(routes)
            routes.append(_find_shared(network, tuple(names.split("\n")), along.get(route_id)))
        numbers[place] = found[key]
    return TrainRoutes(tuple(routes), numbers)


def _find_shared(
    network: Network, stops: tuple[str, ...], along: pl.DataFrame | None
) -> SharedRoute:
    """Route of some stops with their places; the reason where there is none."""
    if not network.sections:
        return SharedRoute(stops, None, (), "The study has no sections.")
    try:
        route = find_stop_route(network, stops, along)
        return SharedRoute(stops, route, place_stops(route, stops))
    except ArterialError as error:
        return SharedRoute(stops, None, (), error.reason)


def find_stop_route(network: Network, stops: tuple[str, ...], along: pl.DataFrame | None) -> Route:
    """Route over the points of a stated route or, without one, over the stops.

    Parameters
    ----------
    network : Network
        The network.
    stops : tuple of str
        Points at which the train stops, at least two.
    along : DataFrame or None
        Rows of ``route_points`` in order; None or empty = the shortest way from stop to stop.

    Returns
    -------
    Route
        Cut to the first and the last stop.

    Raises
    ------
    StudyError
        If a stop lies off the route.
    InfeasibleError
        If there is no way.
    """
    if along is None or along.is_empty():
        # A train may come back to a point, but does not run from a point to itself.
        points = [point for point, _ in groupby(stops)]
        lines = [None] * (len(points) - 1)
    else:
        points, lines = along["point_id"].to_list(), along["line_id"].to_list()[:-1]
        if _runs_backward(points, stops):
            points, lines = points[::-1], lines[::-1]
    whole = find_route(network, points, lines=lines)
    missing = [name for name in stops if name not in whole.points]
    if missing:
        message = f"its stops {', '.join(missing)} do not lie on its route."
        raise StudyError(message)
    return cut_route(whole, stops[0], stops[-1])


def _runs_backward(points: list[str], stops: tuple[str, ...]) -> bool:
    """Whether a train meets the points of a route from last to first."""
    shared = [points.index(stop) for stop in stops if stop in points]
    return len(shared) > 1 and shared[0] > shared[-1]


def place_stops(route: Route, stops: tuple[str, ...]) -> tuple[int, ...]:
    """Place of each stop among the points of a route, one behind the other.

    Parameters
    ----------
    route : Route
        The route.
    stops : tuple of str
        Points of the stops in order.

    Returns
    -------
    tuple of int
        Places, ``(n_stops,)``.

    Raises
    ------
    StudyError
        If a stop does not follow the one before it.
    """
    places: list[int] = []
    for name in stops:
        begin = places[-1] + 1 if places else 0
        try:
            places.append(route.points.index(name, begin))
        except ValueError:
            message = f"its stop {name} does not follow the one before it on its route."
            raise StudyError(message) from None
    return tuple(places)
