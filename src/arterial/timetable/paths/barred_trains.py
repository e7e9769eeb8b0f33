"""Stated trains whose vehicles or locomotives cannot run over their way.

Main functions: :func:`list_barred_trains`, by all rules that a way keeps, and
:func:`find_unfit_trains`, by gauge, axle load and outline alone. What a locomotive that nobody has
named, or a border of which nothing is stated, would bar is for the former to tell: it is a gap of
the study. Times of changes are not judged, since a train states its own.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from arterial.errors import ArterialError, Fault
from arterial.network import Network
from arterial.running.shared_routes import find_shared_routes
from arterial.stock.compatibility import get_grade, list_reported_calendars
from arterial.stock.rules import SECTION_RULES, Row, Surroundings, Verdict, read_list
from arterial.study.defaults import GRADES, UNSURE
from arterial.timetable.paths.equipment import FITS, read_equipment
from arterial.timetable.paths.equipped_routes import find_equipped_route
from arterial.timetable.paths.route_rules import RouteRequest
from arterial.timetable.paths.stands import StatedStands

__all__ = [
    "UNFIT_CURE",
    "Misfit",
    "UnfitTrains",
    "find_unfit_trains",
    "list_barred_trains",
]

UNFIT_CURE: Final = (
    "Give the train vehicles or a locomotive that fit, or another way; or correct gauges_mm, axle "
    "load and loading gauge in vehicle_types and sections, or declare the change of gauge in "
    "change_points."
)

Tables = Mapping[str, pl.DataFrame]
NOWHERE: Final = Surroundings((), frozenset())
LIMITS: Final = {
    "axle_load": ("axle_load_t", "maximum_axle_load_t"),
    "loading_gauge": ("loading_gauge", "loading_gauge"),
    "gauge": ("gauges_mm", "gauges_mm"),
}
"""Columns of ``vehicle_types`` and ``sections`` that are held against each other."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A vehicle of a train, or its assigned locomotive, that does not fit a section of its way.

    Parameters
    ----------
    train_id : str
        The train.
    vehicle_type_id, section_id : str
        What does not fit, and where.
    attribute : str
        ``axle_load``, ``loading_gauge`` or ``gauge``.
    words : str
        Vehicle and both values.
    values : tuple of (str, str, str, str or None)
        Table, key, column and grade of each value that takes part, the least sure first.
    """

    train_id: str
    vehicle_type_id: str
    section_id: str
    attribute: str
    words: str
    values: tuple[tuple[str, str, str, str | None], ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about, whatever the train."""
        return (self.vehicle_type_id, self.section_id, self.attribute)

    @property
    def contradiction(self) -> str:
        """What is wrong where the train is reported to have run."""
        rows = ", ".join(
            f"{column} of {key} in {table} ({grade or 'no grade'})"
            for table, key, column, grade in self.values
        )
        return (
            f"Train {self.train_id} is reported to have run over section {self.section_id}, which "
            f"bars it: {self.words} One of these is wrong, the first is the least sure: {rows}."
        )


@dataclass(frozen=True, slots=True)
class UnfitTrains:
    """Trains of which a vehicle or the locomotive does not fit.

    Parameters
    ----------
    reasons : dict of str to str
        Vehicle, section and both values in words, by train; `UNFIT_CURE` mends them.
    contradicted : tuple of Misfit
        Those by an unsure value of which a train is reported to have run all the same, once each:
        they stop no train.
    """

    reasons: dict[str, str]
    contradicted: tuple[Misfit, ...]


def find_unfit_trains(network: Network, tables: Tables) -> UnfitTrains:
    """Trains of which a vehicle or the locomotive does not fit: gauge, axle load, outline.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to DataFrame
        Study tables with their defaults.

    Returns
    -------
    UnfitTrains
        What is not stated is not held against a train. Gauges of vehicles are judged of trains with
        coaches alone, since they need a search for each way; `list_barred_trains` judges all.
    """
    hosts = tables["coach_legs"]["train_id"].drop_nulls().unique().sort().to_list()
    is_host = pl.col("train_id").is_in(hosts)
    own = {name: tables[name].filter(is_host) for name in ("trains", "train_stops")}
    barring, contradicted = _part_contradicted(network, tables)
    judged = _judge(network, {**tables, **own}, is_whole=False)
    return UnfitTrains(_join_words(barring, judged), tuple(contradicted))


def _part_contradicted(network: Network, tables: Tables) -> tuple[list[Misfit], list[Misfit]]:
    """Misfits that bar trains, and those that a reported run shows to be wrong."""
    calendars = list_reported_calendars(tables)
    is_reported = pl.col("calendar_id").is_in([*calendars])
    services = tables["coach_services"].filter(is_reported)["service_id"]
    legs = tables["coach_legs"].filter(pl.col("service_id").is_in(services.to_list()))
    seen = {*legs["train_id"].to_list()}
    seen |= {*tables["trains"].filter(is_reported)["train_id"].to_list()}
    found = list(_list_misfits(network, tables))
    contradicted: dict[tuple[str, str, str], Misfit] = {}
    for one in found:
        if one.train_id in seen and one.values[0][3] in UNSURE:
            contradicted.setdefault(one.key, one)
    return [one for one in found if one.key not in contradicted], [*contradicted.values()]


def _list_misfits(network: Network, tables: Tables) -> Iterator[Misfit]:
    """Every misfit of every train; like trains are judged once."""
    routes = find_shared_routes(network, tables)
    types = {row["vehicle_type_id"]: row for row in tables["vehicle_types"].iter_rows(named=True)}
    sections = {row["section_id"]: row for row in tables["sections"].iter_rows(named=True)}
    keys = ("railway_id", "electrification", "category")
    assigned: dict[tuple[Any, ...], Row] = {}
    for row in tables["traction_assignments"].iter_rows(named=True):
        assigned.setdefault(tuple(row[key] for key in keys), row)
    rakes: dict[str, list[Row]] = {}
    for formation, name in (
        tables["formation_vehicles"].select("formation_id", "vehicle_type_id").iter_rows()
    ):
        rakes.setdefault(formation, []).append(types.get(name, {}))
    found: dict[tuple[int, str | None, str], tuple[Misfit, ...]] = {}
    trains = tables["trains"].select("train_id", "formation_id", "category").rows()
    for (train, formation, category), number in zip(trains, routes.numbers.tolist(), strict=True):
        route = routes.routes[number].route if number >= 0 else None
        if route is None:
            continue
        kind = "freight" if category == "freight" else "passenger"
        key = (number, formation, kind)
        if key not in found:
            rake = rakes.get(formation or "", [])
            met = [sections[name] for name in dict.fromkeys(route.section_ids)]
            found[key] = tuple(
                misfit
                for section in met
                for misfit in _check_against(section, rake, assigned, types, kind)
            )
        yield from (replace(one, train_id=train) for one in found[key])


def _check_against(
    section: Row,
    rake: list[Row],
    assigned: Mapping[tuple[Any, ...], Row],
    types: Mapping[Any, Row],
    category: str,
) -> Iterator[Misfit]:
    """What of a rake and of the locomotive before it does not fit a section."""
    for vehicle in {str(row.get("vehicle_type_id")): row for row in rake}.values():
        yield from _judge_vehicle(section, vehicle)
    head = assigned.get((section["railway_id"], section["electrification"], category))
    is_hauled = all(row.get("kind") != "multiple_unit" for row in rake)
    locomotive = types.get(head["vehicle_type_id"]) if head and is_hauled else None
    if head is None or locomotive is None:
        return
    yield from _judge_vehicle(section, locomotive, head)
    own, there = read_list(locomotive, "gauges_mm"), read_list(section, "gauges_mm")
    shared = [set(stated) for row in rake if (stated := read_list(row, "gauges_mm"))]
    run = [gauge for gauge in there if all(gauge in stated for stated in shared)] or there
    if own and run and not {*own} & {*run}:
        words = f"{' or '.join(own)} mm, and the train runs on {' or '.join(run)} mm."
        yield _make_misfit(section, locomotive, "gauge", words, head)


def _judge_vehicle(section: Row, vehicle: Row, head: Row | None = None) -> Iterator[Misfit]:
    """Axle load and outline of a vehicle, that of a locomotive with the row that assigns it."""
    for attribute in FITS:
        finding = SECTION_RULES[attribute](vehicle, section, NOWHERE)
        if finding.verdict is Verdict.BLOCK:
            yield _make_misfit(section, vehicle, attribute, finding.explanation, head)


def _make_misfit(
    section: Row, vehicle: Row, attribute: str, words: str, head: Row | None
) -> Misfit:
    name, place = str(vehicle["vehicle_type_id"]), str(section["section_id"])
    own, limit = LIMITS[attribute]
    values = [
        ("sections", place, limit, get_grade(section, attribute)),
        ("vehicle_types", name, own, get_grade(vehicle, attribute)),
    ]
    if head is not None:
        which = " ".join(str(head[key]) for key in ("railway_id", "electrification", "category"))
        values.append(("traction_assignments", which, "vehicle_type_id", get_grade(head, "")))
    order: tuple[str | None, ...] = (*reversed(GRADES), None)
    values.sort(key=lambda value: order.index(value[3]))
    called = f"locomotive {name}" if head is not None else name
    return Misfit("", name, place, attribute, f"{called}: {words}", tuple(values))


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
    barring, _ = _part_contradicted(network, tables)
    return _join_words(barring, _judge(network, tables, is_whole=True))


def _join_words(
    barring: Collection[Misfit], judged: Iterator[tuple[str, tuple[Fault, ...]]]
) -> dict[str, str]:
    """What bars each train in words."""
    words: dict[str, list[str]] = {}
    for train, faults in judged:
        if faults:
            words[train] = [fault.cause for fault in faults]
    for one in barring:
        words.setdefault(one.train_id, []).append(f"Section {one.section_id}: {one.words}")
    return {train: " ".join(dict.fromkeys(each)) for train, each in words.items()}


def _judge(
    network: Network, tables: Tables, *, is_whole: bool
) -> Iterator[tuple[str, tuple[Fault, ...]]]:
    """What bars each train that has vehicles and a way; like trains are judged once.

    Axle loads and outlines are left out: `_list_misfits` judges them.
    """
    routes = find_shared_routes(network, tables)
    open_sections = tables["sections"].with_columns(
        pl.lit(None, dtype=tables["sections"][name].dtype).alias(name)
        for name in ("maximum_axle_load_t", "loading_gauge")
    )
    judged = {**tables, "sections": open_sections}
    if not is_whole:
        # Without assignments any locomotive is there for any contact line.
        judged["traction_assignments"] = tables["traction_assignments"].clear()
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
