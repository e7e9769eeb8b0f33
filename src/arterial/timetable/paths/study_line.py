"""Train paths of a study: the line, the trains of the timetable and the flows beside them.

Main functions: :func:`prepare_line`, :func:`list_day_requests` and :func:`list_flow_requests`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.network import Network, Route, RouteStep, build_network, find_route
from arterial.running.hauling import DEFAULT_LENGTHS_M, read_rake
from arterial.running.point_links import list_point_links
from arterial.running.train_runs import TrainRuns, run_trains
from arterial.stock import list_formation_changes
from arterial.study import Settings, Study, apply_defaults, split_list
from arterial.timetable.paths.line_model import LineModel, PathRules, build_line_model
from arterial.timetable.paths.requests import PathRequest, TrainTraits
from arterial.timetable.paths.train_requests import (
    FlowRoute,
    Pace,
    Period,
    TrainWay,
    request_flow,
    request_train_day,
)
from arterial.timetable.trains.calendars import list_calendar_days, resolve_calendars
from arterial.timetable.trains.train_plans import read_train_plans
from arterial.timetable.trains.train_times import TrainTimer
from arterial.units import HOUR_S, KM_TO_M

__all__ = [
    "StudyLine",
    "find_flow_route",
    "list_day_requests",
    "list_flow_requests",
    "make_study_line",
    "prepare_line",
]


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A study's line with the trains that run over it.

    Parameters
    ----------
    model : LineModel
        Points and steps.
    network : Network
        The network.
    tables : mapping of str to DataFrame
        Study tables with their defaults.
    settings : Settings
        Settings of the study.
    ways : mapping of str to TrainWay
        Ways of the trains, with running times.
    timer : TrainTimer
        Times of the trains by operating day.
    """

    model: LineModel
    network: Network
    tables: Mapping[str, pl.DataFrame]
    settings: Settings
    ways: Mapping[str, TrainWay]
    timer: TrainTimer


def prepare_line(study: Study, *, rules: PathRules | None = None) -> StudyLine:
    """The line of a study with its trains, each of them run.

    Parameters
    ----------
    study : Study
        The study.
    rules : PathRules, optional
        Least times between trains.

    Returns
    -------
    StudyLine
        Everything that paths are made of.

    Raises
    ------
    StudyError
        If a train cannot be run.
    """
    tables = {name: apply_defaults(study, name) for name in study.tables}
    network = build_network(tables)
    runs = run_trains(network, tables, study.settings)
    return make_study_line(tables, study.settings, network, runs, rules=rules)


def make_study_line(
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    network: Network,
    runs: TrainRuns,
    *,
    rules: PathRules | None = None,
) -> StudyLine:
    """The line of a study whose network is built and whose trains have been run.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables with their defaults.
    settings : Settings
        Settings of the study.
    network : Network
        Its network.
    runs : TrainRuns
        Running times of its host trains.
    rules : PathRules, optional
        Least times between trains.

    Returns
    -------
    StudyLine
        Everything that paths are made of.
    """
    dwell_min = settings.timetable.default_dwell_min
    plans = read_train_plans(tables, runs.link_times, default_dwell_min=dwell_min)
    return StudyLine(
        model=build_line_model(network, tables, rules=rules),
        network=network,
        tables=tables,
        settings=settings,
        ways=_list_ways(runs, tables),
        timer=TrainTimer(plans, settings.epoch),
    )


def _list_ways(runs: TrainRuns, tables: Mapping[str, pl.DataFrame]) -> dict[str, TrainWay]:
    """Ways of trains with the running time of every step."""
    ways = {}
    for done in runs.ways:
        route, train = done.way.route, done.way.train
        points_m = [distance * KM_TO_M for distance in route.distance_km]
        profile = runs.speed_profile.filter(pl.col("train_id") == done.way.train_id)
        links = list_point_links(done.pieces, points_m, profile)
        stops = tuple(
            min(range(len(points_m)), key=lambda place: abs(points_m[place] - position))
            for position in done.way.stops["position_m"]
        )
        ways[done.way.train_id] = TrainWay(
            train_id=done.way.train_id,
            points=route.points,
            section_ids=route.section_ids,
            free_s=tuple(links["free_s"].to_list()),
            running_s=tuple(links["running_s"].to_list()),
            stop_places=stops,
            traits=TrainTraits(
                category=str(train["category"]), length_m=_measure_train(tables, train)
            ),
        )
    return ways


def _measure_train(tables: Mapping[str, pl.DataFrame], train: Mapping[str, object]) -> float:
    """Greatest length of a train with one locomotive, named defaults where types state none [m]."""
    changes = list_formation_changes(tables).get(str(train["train_id"]), ())
    trains = [train, *({**train, "formation_id": name} for _, name in changes)]
    rakes_m = [sum(load.count * load.length_m for load in read_rake(tables, t)) for t in trains]
    return max(rakes_m) + DEFAULT_LENGTHS_M["locomotive"]


def list_day_requests(
    line: StudyLine,
    day_from: date,
    day_to: date,
    *,
    pace: Pace = Pace.TIMETABLE,
    leaving_out: Iterable[str] = (),
) -> tuple[PathRequest, ...]:
    """Requests of the trains of the timetable on the days of a period.

    Parameters
    ----------
    line : StudyLine
        The line with its trains.
    day_from, day_to : date
        First and last operating day.
    pace : Pace
        Which running times are taken.
    leaving_out : iterable of str
        Trains that are not wanted.

    Returns
    -------
    tuple of PathRequest
        One a train and operating day on which it runs.
    """
    calendars = resolve_calendars(line.tables["calendar_rules"], day_from, day_to)
    skipped = set(leaving_out)
    requests = []
    for row in line.tables["trains"].iter_rows(named=True):
        train = row["train_id"]
        if train not in line.ways or train in skipped:
            continue
        for day in list_calendar_days(calendars.get(row["calendar_id"], {})):
            run = line.timer.time(train, day)
            requests.append(request_train_day(line.model, line.ways[train], run, pace=pace))
    return tuple(requests)


def list_flow_requests(
    line: StudyLine, period: Period, *, case: str = "best"
) -> tuple[PathRequest, ...]:
    """Requests of the trains of all flows in a period.

    A flow's trains run at the typical speed that sections state for their category.

    Parameters
    ----------
    line : StudyLine
        The line.
    period : Period
        When they leave.
    case : str
        ``low``, ``best`` or ``high``: which end of the range that ``estimates`` gives.

    Returns
    -------
    tuple of PathRequest
        One a train.

    Raises
    ------
    StudyError
        Naming every section that states no typical speed for a flow that runs over it.
    """
    requests: list[PathRequest] = []
    faults: list[Fault] = []
    ranges = line.tables["estimates"].filter(
        (pl.col("table") == "train_flows") & (pl.col("attribute") == "trains_per_day")
    )
    ends = {row["key"]: row for row in ranges.iter_rows(named=True)}
    for row in line.tables["train_flows"].sort("flow_id").iter_rows(named=True):
        number = row["trains_per_day"]
        if case != "best" and row["flow_id"] in ends:
            number = ends[row["flow_id"]][case]
        way = find_flow_route(line.network, line.tables, row, faults)
        if way is None or number is None:
            continue
        directions = {"forward": way, "backward": way.turn()}
        kept = {
            name: one
            for name, one in directions.items()
            if row["direction"] in {None, "both", name}
        }
        requests += request_flow(line.model, kept, number, period, seed=line.settings.seed)
    if faults:
        message = "Some flows cannot be run over their sections."
        raise StudyError(message, faults)
    return tuple(requests)


def find_flow_route(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    row: Mapping[str, object],
    faults: list[Fault],
) -> FlowRoute | None:
    """Way of a row of ``train_flows`` at typical speeds; None with a fault where one is missing."""
    route_id = pl.lit(row["route_id"], dtype=pl.String)
    along = tables["route_points"].filter(pl.col("route_id") == route_id).sort("sequence")
    points, lines = along["point_id"].to_list(), along["line_id"].to_list()[:-1]
    if not points:
        points, lines = [row["from_point"], row["to_point"]], [None]
    route: Route = find_route(network, points, lines=lines)
    category = "freight" if row["category"] == "freight" else "passenger"
    column = f"typical_{category}_speed_kmh"
    speeds = dict(tables["sections"].select("section_id", column).iter_rows())
    running_s = [_time_step(step, speeds) for step in route.steps]
    missing = sorted(
        {
            step.section.section_id
            for step, time_s in zip(route.steps, running_s, strict=True)
            if time_s is None
        }
    )
    faults += [
        Fault(
            f"Section {name} states no {column}, and flow {row['flow_id']} runs over it.",
            "State it, with its grade.",
            "tables/sections.csv",
            column=column,
        )
        for name in missing
    ]
    if missing:
        return None
    length, gauge = row["length_m"], row["gauge_mm"]
    systems = row["systems"]
    return FlowRoute(
        flow_id=str(row["flow_id"]),
        points=route.points,
        section_ids=route.section_ids,
        running_s=tuple(time_s for time_s in running_s if time_s is not None),
        traits=TrainTraits(
            category=str(row["category"]),
            length_m=None if length is None else float(str(length)),
            gauge_mm=None if gauge is None else int(str(gauge)),
            systems=split_list(systems if isinstance(systems, str) else None),
        ),
    )


def _time_step(step: RouteStep, speeds: Mapping[str, float | None]) -> float | None:
    """Running time of a step at its typical speed; None = unknown [s]."""
    speed_kmh = speeds[step.section.section_id]
    return None if speed_kmh is None else step.length_km / speed_kmh * HOUR_S
