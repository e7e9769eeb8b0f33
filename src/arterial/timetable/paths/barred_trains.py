"""Stated trains whose vehicles or locomotives cannot run over their way.

Main function: :func:`list_barred_trains`. The reasons are those of a train that is asked for; times
of changes are not judged here, since the train states its own.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from arterial.errors import ArterialError
from arterial.network import Network
from arterial.running.shared_routes import find_shared_routes
from arterial.timetable.paths.equipment import read_equipment
from arterial.timetable.paths.equipped_routes import find_equipped_route
from arterial.timetable.paths.route_rules import RouteRequest
from arterial.timetable.paths.stands import StatedStands

__all__ = ["list_barred_trains"]

Key = tuple[int, str, str]


def list_barred_trains(network: Network, tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Trains with vehicles that cannot run over their way, with the reason.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        Study tables.

    Returns
    -------
    dict of str to str
        By train; those without vehicles or without a way are not judged.
    """
    routes = find_shared_routes(network, tables)
    reasons: dict[Key, str] = {}
    barred: dict[str, str] = {}
    trains = tables["trains"].select("train_id", "formation_id", "category").rows()
    for (train, formation, category), number in zip(trains, routes.numbers.tolist(), strict=True):
        route = routes.routes[number].route if number >= 0 else None
        if route is None or formation is None:
            continue
        key = (number, formation, category)
        if key not in reasons:
            reasons[key] = _explain(network, tables, route.points, key)
        if reasons[key]:
            barred[train] = reasons[key]
    return barred


def _explain(
    network: Network, tables: Mapping[str, pl.DataFrame], points: tuple[str, ...], key: Key
) -> str:
    """Why a formation cannot run over points; empty where it can."""
    _, formation, category = key
    asked: dict[str, Any] = {"train_id": None, "formation_id": formation, "category": category}
    asked |= {"gauges_mm": (), "gauge_change": None, "systems": (), "length_m": None}
    # A minute everywhere: what a change takes is the affair of the train.
    try:
        way = RouteRequest(points, read_equipment(tables, asked), dict.fromkeys(points, 1.0))
        find_equipped_route(network, tables, StatedStands(), way)
    except ArterialError as error:
        return " ".join(str(fault) for fault in error.faults)
    return ""
