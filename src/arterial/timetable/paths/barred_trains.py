"""Stated trains whose vehicles cannot run over their way.

Main functions: :func:`list_barred_trains`, by all rules that a way keeps, and
:func:`list_unfit_trains`, by gauge, axle load and outline alone. What a locomotive that nobody has
named, or a border of which nothing is stated, would bar is for the former to tell: it is a gap of
the study, as is a locomotive heavier than its line. Times of changes are not judged, since a train
states its own.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.errors import ArterialError, Fault
from arterial.network import Network
from arterial.running.shared_routes import find_shared_routes
from arterial.timetable.paths.equipment import read_equipment
from arterial.timetable.paths.equipped_routes import find_equipped_route
from arterial.timetable.paths.route_rules import RouteRequest
from arterial.timetable.paths.stands import StatedStands

__all__ = ["UNFIT_CURE", "list_barred_trains", "list_unfit_trains"]

UNFIT_CURE: Final = (
    "Give the train vehicles that fit, or another way; or correct gauges_mm, axle load and loading "
    "gauge in vehicle_types and sections, or declare the change of gauge in change_points."
)

Tables = Mapping[str, pl.DataFrame]


def list_barred_trains(network: Network, tables: Tables) -> dict[str, str]:
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
    return {
        train: " ".join(map(str, faults))
        for train, faults in _judge(network, tables, is_whole=True)
        if faults
    }


def list_unfit_trains(network: Network, tables: Tables, trains: Collection[str]) -> dict[str, str]:
    """Trains of which a vehicle does not fit a section: gauge, axle load, outline.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        Study tables.
    trains : collection of str
        Those that are judged.

    Returns
    -------
    dict of str to str
        Vehicle, section and both values in words, by train; `UNFIT_CURE` mends them. What is not
        stated is not held against a train.
    """
    is_asked = pl.col("train_id").is_in(sorted(trains))
    own = {name: tables[name].filter(is_asked) for name in ("trains", "train_stops")}
    return {
        train: " ".join(fault.cause for fault in faults)
        for train, faults in _judge(network, {**tables, **own}, is_whole=False)
        if faults
    }


def _judge(
    network: Network, tables: Tables, *, is_whole: bool
) -> Iterator[tuple[str, tuple[Fault, ...]]]:
    """What bars each train that has vehicles and a way; like trains are judged once."""
    routes = find_shared_routes(network, tables)
    # Without assignments any locomotive is there for any contact line.
    free = tables["traction_assignments"].clear()
    judged = tables if is_whole else {**tables, "traction_assignments": free}
    found: dict[tuple[int, str, str], tuple[Fault, ...]] = {}
    trains = tables["trains"].select("train_id", "formation_id", "category").rows()
    for (train, formation, category), number in zip(trains, routes.numbers.tolist(), strict=True):
        route = routes.routes[number].route if number >= 0 else None
        if route is None or formation is None:
            continue
        key = (number, formation, category)
        if key not in found:
            found[key] = _explain(network, judged, route.points, formation, category)
        yield train, found[key]


def _explain(
    network: Network, tables: Tables, points: tuple[str, ...], formation: str, category: str
) -> tuple[Fault, ...]:
    """Why a formation cannot run over points; empty where it can."""
    asked: dict[str, Any] = {"train_id": None, "formation_id": formation, "category": category}
    asked |= {"gauges_mm": (), "gauge_change": None, "systems": (), "length_m": None}
    # A minute everywhere: what a change takes is the affair of the train.
    try:
        way = RouteRequest(points, read_equipment(tables, asked), dict.fromkeys(points, 1.0))
        find_equipped_route(network, tables, StatedStands(), way)
    except ArterialError as error:
        return tuple(error.faults)
    return ()
