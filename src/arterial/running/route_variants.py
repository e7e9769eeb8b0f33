"""The routes of a study compared: length, changes, running time on one footing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from arterial.errors import ArterialError, Fault, StudyError
from arterial.network import Network, Route, compare_routes, find_route, route_table
from arterial.running.hauling import make_hauling
from arterial.running.stretches import HauledTrain, MakeTrain, TractionKey, time_route
from arterial.running.train_runs import TrainRoute, calibrate
from arterial.study import Settings, conform_table, empty_table
from arterial.units import HOUR_S, KM_TO_M

__all__ = ["ComparedRoutes", "compare_study_routes", "find_study_routes"]


@dataclass(frozen=True, slots=True)
class ComparedRoutes:
    """The routes of a study.

    Parameters
    ----------
    route_lines, route_variants : DataFrame
        Result tables of these names.
    routes : mapping of str to Route
        The ways found.
    """

    route_lines: pl.DataFrame
    route_variants: pl.DataFrame
    routes: Mapping[str, Route]


def compare_study_routes(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    link_times: pl.DataFrame,
) -> ComparedRoutes:
    """Every route of a study with its length, changes and running time.

    On each railway the formation of its longest host train runs, behind the locomotives assigned
    there, stopping at the points that fix the route. Times follow typical section speeds and the
    published runs that hold for any train, so that variants are compared on one footing.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        Study tables.
    settings : Settings
        Settings.
    link_times : DataFrame
        Links of the host trains, as :class:`arterial.running.train_runs.TrainRuns` has them.

    Returns
    -------
    ComparedRoutes
        The ways and their comparison; without a host train no time.

    Raises
    ------
    StudyError
        Naming every route that has no way, with the reason.
    """
    routes = find_study_routes(network, tables)
    if not routes:
        return ComparedRoutes(empty_table("route_lines"), empty_table("route_variants"), {})
    lengths = link_times.group_by("train_id").agg(pl.col("distance_km").sum())
    hosts = tables["trains"].join(lengths, on="train_id").sort("distance_km", "train_id")
    times: list[dict[str, object]] = [{"route_id": name} for name in routes]
    if hosts.height:
        make_train = _choose_hauling(tables, settings, hosts)
        times = [_time_variant(tables, settings, make_train, *one) for one in routes.items()]
    variants = compare_routes(routes).drop(TIME_COLUMNS)
    timed = pl.DataFrame(
        times, schema=dict.fromkeys(TIME_COLUMNS, pl.Float64) | {"route_id": pl.String}
    )
    compared = variants.join(timed, on="route_id", maintain_order="left")
    return ComparedRoutes(
        route_lines=pl.concat([route_table(name, route) for name, route in routes.items()]),
        route_variants=conform_table("route_variants", compared),
        routes=routes,
    )


TIME_COLUMNS = ("basic_h", "calibrated_low_h", "calibrated_h", "calibrated_high_h")


def find_study_routes(network: Network, tables: Mapping[str, pl.DataFrame]) -> dict[str, Route]:
    """Ways of all rows of ``routes`` over their points.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        ``routes`` and ``route_points``.

    Returns
    -------
    dict of str to Route
        By route.

    Raises
    ------
    StudyError
        Naming every route that has no way, with the reason.
    """
    routes: dict[str, Route] = {}
    faults: list[Fault] = []
    for route_id in tables["routes"]["route_id"].to_list():
        try:
            routes[route_id] = _find_study_route(network, tables, route_id)
        except ArterialError as error:
            cure = " ".join(str(fault) for fault in error.faults)
            cause = f"Route {route_id}: {error.message}"
            faults.append(Fault(cause, cure, "tables/route_points.csv"))
    if faults:
        message = "Some routes have no way through the network."
        raise StudyError(message, faults)
    return routes


def _find_study_route(network: Network, tables: Mapping[str, pl.DataFrame], route_id: str) -> Route:
    """The way of a row of ``routes`` over its points."""
    along = tables["route_points"].filter(pl.col("route_id") == route_id).sort("sequence")
    lines = along["line_id"].to_list()[:-1]
    return find_route(network, along["point_id"].to_list(), lines=lines)


def _choose_hauling(
    tables: Mapping[str, pl.DataFrame], settings: Settings, hosts: pl.DataFrame
) -> MakeTrain:
    """On each railway, the formation of its longest host train; hosts come in order of length."""
    by_railway = {row["railway_id"]: row for row in hosts.iter_rows(named=True)}
    longest = hosts.row(-1, named=True)
    hauling = make_hauling(tables, settings.running)
    made: dict[str, Callable[[TractionKey, int], HauledTrain]] = {}

    def make_train(key: TractionKey, more: int) -> HauledTrain:
        if key.railway_id not in made:
            made[key.railway_id] = hauling(by_railway.get(key.railway_id, longest))
        return made[key.railway_id](key, more)

    return make_train


def _time_variant(
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    make_train: MakeTrain,
    route_id: str,
    route: Route,
) -> dict[str, object]:
    """Running times of one route [h]."""
    stops = tables["route_points"].filter(pl.col("route_id") == route_id)["point_id"]
    places = dict(zip(route.points, route.distance_km, strict=True))
    positions = sorted(places[stop] * KM_TO_M for stop in stops)
    timed = time_route(
        route,
        tables,
        make_train,
        stops=[(at, None) for at in positions],
        settings=settings.running,
        restrictions_on=settings.as_of,
    )
    stop_rows = pl.DataFrame({"position_m": positions, "dwell_min": [0.0] * len(positions)})
    way = TrainRoute({"train_id": None, "category": "passenger"}, route, stop_rows)
    pieces = calibrate([(way, timed)], tables, settings)[0].pieces
    return {
        "route_id": route_id,
        "basic_h": pieces["basic_s"].sum() / HOUR_S,
        "calibrated_low_h": pieces["calibrated_low_s"].sum() / HOUR_S,
        "calibrated_h": pieces["calibrated_s"].sum() / HOUR_S,
        "calibrated_high_h": pieces["calibrated_high_s"].sum() / HOUR_S,
    }
