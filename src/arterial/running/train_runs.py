"""The running times of every host train: route, physics, calibration, links between stops."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import polars as pl

from arterial.clock import MAXIMUM_JOURNEY_DAYS
from arterial.compute import ALONE, Workers
from arterial.errors import ArterialError, Fault, StudyError
from arterial.network import Network, Route
from arterial.running.calibration import (
    calibrate_pieces,
    list_section_runs,
    place_restrictions,
    sum_links,
)
from arterial.running.hauling import Hauling, make_hauling
from arterial.running.published_stretches import lay_published_runs
from arterial.running.shared_routes import find_stop_route, place_stops
from arterial.running.slow_periods import DatedLinks, list_slow_periods
from arterial.running.stretches import TimedRoute, time_route
from arterial.stock import list_formation_changes
from arterial.study import Settings, conform_table, empty_table
from arterial.units import KM_TO_M

__all__ = [
    "CalibratedWay",
    "TrainRoute",
    "TrainRuns",
    "calibrate",
    "find_train_route",
    "list_links",
    "run_trains",
    "sum_sections",
    "time_train",
]

LINK_SCHEMA: Final[Mapping[str, type[pl.DataType]]] = {
    "train_id": pl.String,
    "sequence": pl.Int64,
    "from_point": pl.String,
    "to_point": pl.String,
    "distance_km": pl.Float64,
    "running_low_s": pl.Float64,
    "running_s": pl.Float64,
    "running_high_s": pl.Float64,
    "least_s": pl.Float64,
}
"""Columns of the running times between neighbouring stops."""


@dataclass(frozen=True, slots=True)
class TrainRoute:
    """A train's way from its first to its last stop.

    Parameters
    ----------
    train : mapping of str to object
        Row of ``trains``.
    route : Route
        The way.
    stops : DataFrame
        Rows of ``train_stops`` in order, with ``position_m`` from the first stop.
    """

    train: Mapping[str, object]
    route: Route
    stops: pl.DataFrame

    @property
    def train_id(self) -> str:
        """Id of the train."""
        return str(self.train["train_id"])


@dataclass(frozen=True, slots=True)
class CalibratedWay:
    """A train's way with its calibrated running times.

    Parameters
    ----------
    way : TrainRoute
        The way.
    pieces : DataFrame
        As :func:`arterial.running.calibration.calibrate_pieces` gives them.
    """

    way: TrainRoute
    pieces: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _TrainRun:
    """A train's run on the day that the study is of, and in each period of restrictions."""

    way: TrainRoute
    timed: TimedRoute
    dated: Mapping[tuple[dt.date, dt.date], TimedRoute]


@dataclass(frozen=True, slots=True)
class TrainRuns:
    """What running times a study's host trains need.

    Parameters
    ----------
    section_runs, speed_profile : DataFrame
        Result tables of these names.
    link_times : DataFrame
        Running time between neighbouring stops, without temporary speed restrictions: train_id,
        sequence (of the arriving stop), from_point, to_point, distance_km, running_low_s,
        running_s, running_high_s, and least_s that no train is faster than.
    dated_links : tuple of DatedLinks
        The same of trains that are slowed down, on the days of the restrictions.
    ways : tuple of CalibratedWay
        The way of each train.
    helpers : tuple of str
        Locomotives that had to be added, in words.
    too_steep : mapping of str to tuple of str
        Those of each train that what is known of its gradients asks for already.
    """

    section_runs: pl.DataFrame
    speed_profile: pl.DataFrame
    link_times: pl.DataFrame
    dated_links: tuple[DatedLinks, ...]
    ways: tuple[CalibratedWay, ...]
    helpers: tuple[str, ...]
    too_steep: Mapping[str, tuple[str, ...]]


def run_trains(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    workers: Workers = ALONE,
) -> TrainRuns:
    """Running times of every train that carries a coach.

    Parameters
    ----------
    network : Network
        The network of the study.
    tables : mapping of str to DataFrame
        Study tables.
    settings : Settings
        Settings of the study.
    workers : Workers
        Who shares the trains.

    Returns
    -------
    TrainRuns
        Section by section, and from stop to stop.

    Raises
    ------
    StudyError
        Naming every train that has no way or cannot be run, with the reason.
    """
    hosts = tables["trains"].filter(
        pl.col("train_id").is_in(tables["coach_legs"]["train_id"].to_list())
    )
    run = partial(_run_train, network, tables, settings)
    outcomes = workers.map(run, hosts.iter_rows(named=True))
    if faults := [one for one in outcomes if isinstance(one, Fault)]:
        message = "Some host trains cannot be run over the network."
        raise StudyError(message, faults)
    runs = [one for one in outcomes if not isinstance(one, Fault)]
    timed = [(one.way, one.timed) for one in runs]
    ways = calibrate(timed, tables, settings)
    profiles = [run.profile.with_columns(train_id=pl.lit(way.train_id)) for way, run in timed]
    return TrainRuns(
        section_runs=sum_sections(ways),
        speed_profile=(
            conform_table("speed_profile", pl.concat(profiles))
            if profiles
            else empty_table("speed_profile")
        ),
        link_times=list_links(_calibrate_free(timed, ways, tables, settings)),
        dated_links=_link_dated(runs, tables, settings),
        ways=tuple(ways),
        helpers=tuple(f"{way.train_id}: {text}" for way, run in timed for text in run.helpers),
        too_steep={way.train_id: run.too_steep for way, run in timed if run.too_steep},
    )


def _run_train(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    train: Mapping[str, object],
) -> _TrainRun | Fault:
    """Way and run of one train; the fault where it has none, so that all are told at once."""
    try:
        way = find_train_route(network, tables, train)
        hauling = make_hauling(tables, settings.running)
        timed = time_train(way, tables, settings, hauling)
        return _TrainRun(way, timed, _time_dated(way, tables, settings, hauling))
    except ArterialError as error:
        cause = f"Train {train['train_id']}: {error.message}"
        cure = " ".join(str(fault) for fault in error.faults)
        return Fault(cause, cure, "tables/trains.csv")


def _time_dated(
    way: TrainRoute, tables: Mapping[str, pl.DataFrame], settings: Settings, hauling: Hauling
) -> dict[tuple[dt.date, dt.date], TimedRoute]:
    """A train in each period of restrictions on its way; none where none lies on it."""
    # A train of before the horizon may still be under way in it.
    reach = dt.timedelta(days=MAXIMUM_JOURNEY_DAYS)
    ends = (settings.horizon_from - reach, settings.horizon_to + reach)
    here = set(way.route.section_ids)
    return {
        (period.first, period.last): time_train(way, tables, settings, hauling, on=period.first)
        for period in list_slow_periods(tables.get("speed_restrictions"), ends)
        if here & period.section_ids
    }


def _calibrate_free(
    timed: Sequence[tuple[TrainRoute, TimedRoute]],
    ways: Sequence[CalibratedWay],
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
) -> Sequence[CalibratedWay]:
    """Trains' ways without temporary speed restrictions."""
    if not any(run.pieces["restriction_s"].sum() for _, run in timed):
        return ways
    free = [
        (way, replace(run, pieces=run.pieces.with_columns(restriction_s=pl.lit(0.0))))
        for way, run in timed
    ]
    return calibrate(free, tables, settings)


def _link_dated(
    runs: Sequence[_TrainRun], tables: Mapping[str, pl.DataFrame], settings: Settings
) -> tuple[DatedLinks, ...]:
    """Links of all slowed trains by period."""
    dated = []
    for period in sorted({period for one in runs for period in one.dated}):
        slow = [(one.way, one.dated[period]) for one in runs if period in one.dated]
        ways = calibrate(slow, tables, settings)
        stops_m = [one.way.stops["position_m"].to_list() for one in ways]
        after_s = place_restrictions([one.pieces for one in ways], stops_m)
        dated.append(DatedLinks(*period, list_links(ways).with_columns(slow_after_s=after_s)))
    return tuple(dated)


def time_train(
    way: TrainRoute,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    hauling: Hauling,
    *,
    on: dt.date | None = None,
    is_brief: bool = False,
) -> TimedRoute:
    """Basic running times of a train over its way.

    Parameters
    ----------
    way : TrainRoute
        The way.
    tables : mapping of str to DataFrame
        Study tables.
    settings : Settings
        Settings of the study.
    hauling : callable
        As `arterial.running.hauling.make_hauling` gives it.
    on : date, optional
        Day whose temporary speed restrictions hold; that which the study is of by default.
    is_brief : bool
        As in `arterial.running.stretches.time_route`.

    Returns
    -------
    TimedRoute
        Times, and the speed profile unless left out.
    """
    return time_route(
        way.route,
        tables,
        hauling(way.train),
        stops=_list_stops(way, tables),
        settings=settings.running,
        restrictions_on=on or settings.as_of,
        is_freight=way.train["category"] == "freight",
        is_brief=is_brief,
    )


def _list_stops(
    way: TrainRoute, tables: Mapping[str, pl.DataFrame]
) -> list[tuple[float, str | None]]:
    """Positions of the stops of a train [m], with the formation where it changes its vehicles."""
    changes = dict(list_formation_changes(tables).get(way.train_id, ()))
    if not changes:
        return [(position_m, None) for position_m in way.stops["position_m"]]
    stops = way.stops.select("point_id", "position_m").iter_rows()
    return [(position_m, changes.pop(point, None)) for point, position_m in stops]


def find_train_route(
    network: Network, tables: Mapping[str, pl.DataFrame], train: Mapping[str, object]
) -> TrainRoute:
    """The way of a train: over its route's points, cut to its first and last stop.

    Raises
    ------
    StudyError
        If it has fewer than two stops, or a stop lies off its route.
    InfeasibleError
        If there is no way.
    """
    stops = tables["train_stops"].filter(pl.col("train_id") == train["train_id"])
    stops = stops.sort("sequence")
    names = tuple(stops["point_id"].to_list())
    if len(names) < 2:  # noqa: PLR2004
        message = "it has fewer than two stops in train_stops."
        raise StudyError(message)
    of_route = pl.col("route_id") == pl.lit(train["route_id"], dtype=pl.String)
    route = find_stop_route(
        network, names, tables["route_points"].filter(of_route).sort("sequence")
    )
    positions = [route.distance_km[place] * KM_TO_M for place in place_stops(route, names)]
    return TrainRoute(train, route, stops.with_columns(position_m=pl.Series(positions)))


def calibrate(
    timed: Sequence[tuple[TrainRoute, TimedRoute]],
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
) -> list[CalibratedWay]:
    """Calibrated pieces of trains' ways, in their order."""
    pieces: dict[int, pl.DataFrame] = {}
    dwell_min = settings.timetable.default_dwell_min
    for category in ("passenger", "freight"):
        numbers = [
            number
            for number, (way, _) in enumerate(timed)
            if (way.train["category"] == "freight") == (category == "freight")
        ]
        published = [
            list(lay_published_runs(timed[number][0], tables, dwell_min)) for number in numbers
        ]
        calibrated = calibrate_pieces(
            [timed[number][1].pieces for number in numbers],
            tables,
            published,
            category=category,
            default_supplement_percent=settings.running.default_supplement_percent,
        )
        pieces |= zip(numbers, calibrated, strict=True)
    return [CalibratedWay(way, pieces[number]) for number, (way, _) in enumerate(timed)]


def sum_sections(ways: Sequence[CalibratedWay]) -> pl.DataFrame:
    """Table ``section_runs`` of some trains."""
    if not ways:
        return empty_table("section_runs")
    rows = list_section_runs(
        [one.way.train_id for one in ways],
        [one.pieces for one in ways],
        [_name_positions(one.way.route) for one in ways],
    )
    return conform_table("section_runs", rows)


def _name_positions(route: Route) -> dict[int, str]:
    """Operational points by position, rounded to the metre."""
    return {
        round(distance * KM_TO_M): point
        for point, distance in zip(route.points, route.distance_km, strict=True)
    }


def list_links(ways: Sequence[CalibratedWay]) -> pl.DataFrame:
    """Running times between neighbouring stops of some trains, as `TrainRuns.link_times`."""
    if not ways:
        return pl.DataFrame(schema=LINK_SCHEMA)
    stops = [one.way.stops for one in ways]
    links = sum_links(
        [one.pieces for one in ways], [each["position_m"].to_list() for each in stops]
    )
    ends = [
        each.select(
            pl.lit(one.way.train_id).alias("train_id"),
            pl.col("sequence").cast(pl.Int64),
            pl.col("point_id").shift().alias("from_point"),
            pl.col("point_id").alias("to_point"),
        ).slice(1)
        for one, each in zip(ways, stops, strict=True)
    ]
    return pl.concat(ends).hstack(links.drop("run", "link"))
