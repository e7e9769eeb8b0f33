"""The whole stated timetable: every train timed, followed over its route and held against others.

Main function: :func:`resolve_stated_trains`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock import local_text
from arterial.compute import ALONE, Workers
from arterial.network import Network
from arterial.running.hauling import DEFAULT_LENGTHS_M
from arterial.running.shared_routes import TrainRoutes, find_shared_routes
from arterial.running.stated_runs import NO_STOPS, StatedRuns, run_stated_trains
from arterial.running.train_runs import TrainRuns
from arterial.study import Settings, conform_table, empty_table
from arterial.study.identifiers import name_numbers
from arterial.timetable.paths.courses import bound_passings, follow_courses, list_courses
from arterial.timetable.paths.courses_kernel import Passings
from arterial.timetable.paths.floors import find_too_fast, list_least_times
from arterial.timetable.paths.line_model import LineModel, build_line_model, raise_tracks
from arterial.timetable.paths.possessions import resolve_lasting_possessions
from arterial.timetable.paths.stated_conflicts import StatedTraffic, find_stated_conflicts
from arterial.timetable.paths.stated_links import find_missed_links
from arterial.timetable.paths.stated_track import read_stop_tracks
from arterial.timetable.paths.throats import find_throat_conflicts
from arterial.timetable.stated_assumptions import list_assumptions
from arterial.timetable.stated_limits import find_slowed
from arterial.timetable.trains.missing_faces import find_missing_faces, leave_out_paced
from arterial.timetable.trains.timed_trains import (
    MOST_JOURNEY_DAYS,
    TimedTrains,
    TrainPeriod,
    time_trains,
)
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S, MINUTE_S

__all__ = [
    "STATED_TABLES",
    "StatedTimetable",
    "follow_stated_trains",
    "resolve_stated_trains",
]

STATED_TABLES: Final = ("train_runs", "train_patterns", "train_times", "timetable_conflicts")
NO_TIMES: Final = "No time at any of its stops is known."
NO_DAYS: Final = "Its calendar has no day in the horizon."
BACKWARD: Final = "The times at its stops run backwards."


@dataclass(frozen=True, slots=True)
class StatedTimetable:
    """All stated trains of a study.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The tables named in `STATED_TABLES`.
    section_runs : DataFrame
        Table ``section_runs`` of hosts, and of one train for each other run.
    traffic : StatedTraffic
        The trains on their tracks.
    assumptions : DataFrame
        What the conflicts took on trust, as the table ``assumptions``.
    """

    tables: Mapping[str, pl.DataFrame]
    section_runs: pl.DataFrame
    traffic: StatedTraffic
    assumptions: pl.DataFrame


def resolve_stated_trains(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    hosts: TrainRuns,
    workers: Workers = ALONE,
) -> StatedTimetable:
    """Times, days and conflicts of every train of ``trains``.

    Parameters
    ----------
    network : Network
        The network of the study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.
    settings : Settings
        Its settings.
    hosts : TrainRuns
        Runs of the trains that carry coaches.
    workers : Workers
        Who shares the runs.

    Returns
    -------
    StatedTimetable
        Result tables, and what simulation and dispatching go on with.
    """
    model = build_line_model(network, tables)
    routes = find_shared_routes(network, tables)
    runs = run_stated_trains(tables, routes, hosts, settings, workers)
    traffic = _follow_trains(model, tables, settings, routes, runs)
    timed, passings, period = traffic.timed, traffic.passings, traffic.timed.period
    # What meets the trains of the first and last days runs on the days around them.
    around = _look_around(model, tables, settings, routes, runs, traffic)
    closures = resolve_lasting_possessions(
        model,
        tables,
        epoch=period.epoch,
        day_from=period.day_from,
        day_to=around.timed.period.day_to,
    )
    missed = find_missed_links(around, tables)
    crossed = find_throat_conflicts(around, tables["throat_exclusions"])
    conflicts = find_stated_conflicts(around, traffic.too_fast, closures, missed, crossed)
    found = {
        "train_runs": _tabulate_runs(tables, runs, routes, traffic, conflicts),
        "train_patterns": _tabulate_patterns(timed),
        "train_times": _tabulate_times(model, timed, passings),
        "timetable_conflicts": conflicts,
    }
    return StatedTimetable(found, runs.section_runs, traffic, list_assumptions(tables, traffic))


def follow_stated_trains(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    hosts: TrainRuns,
    workers: Workers = ALONE,
) -> StatedTraffic:
    """Times and days of every train of ``trains`` on its tracks, held against nothing.

    Parameters
    ----------
    network, tables, settings, hosts, workers
        As of :func:`resolve_stated_trains`.

    Returns
    -------
    StatedTraffic
        The trains.
    """
    routes = find_shared_routes(network, tables)
    runs = run_stated_trains(tables, routes, hosts, settings, workers)
    return _follow_trains(build_line_model(network, tables), tables, settings, routes, runs)


def _follow_trains(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    routes: TrainRoutes,
    runs: StatedRuns,
) -> StatedTraffic:
    """Every train on its tracks on the days of the horizon, and what no train can keep."""
    period = TrainPeriod(settings.epoch, settings.horizon_from, settings.horizon_to)
    traffic, least_s = _lay_trains(model, tables, settings, routes, runs, period)
    passings, timed = traffic.passings, traffic.timed
    slowed = find_slowed(model, tables, passings, timed, least_s)
    too_fast = pl.concat([find_too_fast(passings, timed, least_s), slowed])
    return replace(traffic, too_fast=too_fast)


def _look_around(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    routes: TrainRoutes,
    runs: StatedRuns,
    traffic: StatedTraffic,
) -> StatedTraffic:
    """Every train, also on so many days before and after the horizon as one is under way."""
    period, times_s = traffic.timed.period, traffic.timed.event_s
    known = times_s[times_s != UNKNOWN]
    ends = known.min(initial=0) // DAY_S, known.max(initial=0) // DAY_S
    margin = int(min(ends[1] - ends[0], MOST_JOURNEY_DAYS)) + 2
    more = timedelta(days=margin)
    period = TrainPeriod(period.epoch, period.day_from - more, period.day_to + more)
    around, _ = _lay_trains(model, tables, settings, routes, runs, period)
    return replace(around, margin_days=margin)


def _lay_trains(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    routes: TrainRoutes,
    runs: StatedRuns,
    period: TrainPeriod,
) -> tuple[StatedTraffic, list[NDArray[np.float64]]]:
    """Every train on its tracks on the days of a period, and what it needs at least."""
    timed = time_trains(
        tables, runs.link_times, period, default_dwell_min=settings.timetable.default_dwell_min
    )
    missing = find_missing_faces(tables, timed)
    timed = leave_out_paced(timed, missing)
    courses, numbers = list_courses(model, routes, runs.step_times)
    passings = follow_courses(model, courses, numbers, timed)
    least_s = list_least_times(model, tables, passings, timed, runs.least_s)
    traffic = StatedTraffic(
        raise_tracks(model),
        timed,
        passings,
        _measure_trains(tables),
        bound_passings(passings, timed, least_s),
        read_stop_tracks(tables),
        missing,
    )
    return traffic, least_s


def _measure_trains(tables: Mapping[str, pl.DataFrame]) -> NDArray[np.float64]:
    """Greatest length of each train with one locomotive; not a number where none is stated [m]."""
    lengths = pl.col("length_m").fill_null(
        pl.col("kind").replace_strict(DEFAULT_LENGTHS_M, default=None)
    )
    rakes = (
        tables["formation_vehicles"]
        .join(tables["vehicle_types"], on="vehicle_type_id")
        .group_by("formation_id")
        .agg((lengths * pl.col("count")).sum().alias("rake_m"))
    )
    vehicles = [tables[n].select("train_id", "formation_id") for n in ("trains", "train_parts")]
    longest = pl.concat(vehicles).join(rakes, on="formation_id").group_by("train_id").max()
    joined = tables["trains"].join(longest, on="train_id", how="left", maintain_order="left")
    lengths_m = joined["rake_m"].cast(pl.Float64) + DEFAULT_LENGTHS_M["locomotive"]
    return lengths_m.fill_null(float("nan")).to_numpy().copy()


def _tabulate_patterns(timed: TimedTrains) -> pl.DataFrame:
    """Days of every pattern."""
    signs = ["".join("1" if day else "0" for day in row) for row in timed.days]
    firsts = timed.days.argmax(axis=1) if len(timed.days) else np.zeros(0, np.int64)
    rows = timed.pattern_days
    return conform_table(
        "train_patterns",
        pl.DataFrame(
            {
                "train_id": pl.Series(timed.train_ids, dtype=pl.String).gather(
                    timed.pattern_trains
                ),
                "pattern": _count_within(timed.pattern_trains),
                "days_count": timed.days.sum(axis=1)[rows] if len(rows) else rows,
                "first_day": [timed.period.day_from + timedelta(days=int(n)) for n in firsts[rows]],
                "days": pl.Series(signs, dtype=pl.String).gather(rows),
            },
            schema_overrides={"first_day": pl.Date},
        ),
    )


def _count_within(owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of each row among those of the same owner, which stand together."""
    new = np.ones(len(owners), np.bool_)
    new[1:] = owners[1:] != owners[:-1]
    places = np.arange(len(owners))
    return places - places[new][np.cumsum(new) - 1] if len(owners) else places


def _tabulate_times(model: LineModel, timed: TimedTrains, passings: Passings) -> pl.DataFrame:
    """Times of every pattern at every place of its course."""
    courses, own = passings.courses, passings.own
    counts = np.diff(passings.first)
    pattern = np.repeat(np.arange(len(own)), counts)
    within = np.arange(passings.first[-1]) - np.repeat(passings.first[:-1], counts)
    place = np.repeat(courses.first[own], counts) + within
    stops = np.zeros(len(courses.point), np.bool_)
    offset = np.repeat(courses.first[:-1], np.diff(courses.stop_first))
    stops[offset + courses.stop_place] = True
    sections = pl.Series([step.section_id for step in model.steps], dtype=pl.String)
    step, known = courses.step[place], passings.arrival_s != UNKNOWN
    table = pl.DataFrame(
        {
            "train_id": pl.Series(timed.train_ids, dtype=pl.String).gather(
                timed.pattern_trains[pattern]
            ),
            "pattern": _count_within(timed.pattern_trains)[pattern],
            "sequence": within + 1,
            "point_id": pl.Series(model.point_ids, dtype=pl.String).gather(courses.point[place]),
            "section_id": sections.gather(pl.Series(step).replace({-1: None})),
            "arrival_s": passings.arrival_s,
            "departure_s": passings.departure_s,
            "is_stop": stops[place],
            "basis": pl.Series(["computed", "stated"]).gather(
                passings.is_stated_stop.astype(np.int64)
            ),
        }
    )
    return conform_table("train_times", table.filter(pl.Series(known)))


def _tabulate_runs(
    tables: Mapping[str, pl.DataFrame],
    runs: StatedRuns,
    routes: TrainRoutes,
    traffic: StatedTraffic,
    conflicts: pl.DataFrame,
) -> pl.DataFrame:
    """How each train is run, on how many days, and in how many conflicts."""
    timed = traffic.timed
    if not timed.train_ids:
        return empty_table("train_runs")
    ends = [routes.routes[n].stop_points if n >= 0 else () for n in routes.numbers.tolist()]
    named = conflicts.select(
        pl.concat_list("train_id", pl.col("other_train_ids").str.split(";")).alias("train_id")
    )
    counts = (
        named.with_columns(pl.col("train_id").list.unique())
        .explode("train_id")
        .group_by("train_id")
        .agg(pl.len().cast(pl.Int64).alias("conflicts_count"))
    )
    table = (
        pl.concat(
            [
                tables["trains"].select("train_id", name_numbers(tables), "category"),
                runs.outcomes.drop("train_id"),
                _summarise_times(tables, traffic),
            ],
            how="horizontal",
        )
        .join(counts, on="train_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("conflicts_count").fill_null(0),
            from_point=pl.Series([names[0] if names else None for names in ends], dtype=pl.String),
            to_point=pl.Series([names[-1] if names else None for names in ends], dtype=pl.String),
            stops_count=pl.Series([len(names) for names in ends], dtype=pl.Int64),
            basic_min=pl.col("basic_s") / MINUTE_S,
            # What has no time is not run, whatever its vehicles are.
            reason=pl.coalesce("fault", "reason"),
            mode=pl.when(pl.col("fault").is_not_null())
            .then(pl.lit("not_run"))
            .when("is_run")
            .then(pl.lit("running_time"))
            .otherwise(pl.lit("timetable")),
        )
    )
    return conform_table("train_runs", table.select(empty_table("train_runs").columns))


def _summarise_times(tables: Mapping[str, pl.DataFrame], traffic: StatedTraffic) -> pl.DataFrame:
    """First departure, journey and days of each train, and why it has none."""
    timed, passings = traffic.timed, traffic.passings
    zones = dict(tables["operational_points"].select("point_id", "zone").iter_rows())
    trains_count = len(timed.train_ids)
    faults: list[str | None] = [
        NO_DAYS if count > 1 else NO_STOPS for count in np.diff(timed.stop_first).tolist()
    ]
    departures: list[str | None] = [None] * trains_count
    journeys: list[float | None] = [None] * trains_count
    firsts: list[object] = [None] * trains_count
    days = np.zeros(trains_count, np.int64)
    per_row = timed.days.sum(axis=1)
    first_days = timed.days.argmax(axis=1) if len(timed.days) else per_row
    day_from = (timed.period.day_from - timed.period.epoch).days
    for pattern, train in enumerate(timed.pattern_trains.tolist()):
        row = timed.pattern_days[pattern]
        days[train] += per_row[row]
        if firsts[train] is not None:
            continue
        number = int(first_days[row])
        firsts[train] = timed.period.day_from + timedelta(days=number)
        begin, end = passings.first[pattern], passings.first[pattern + 1] - 1
        leave_s, arrive_s = int(passings.departure_s[begin]), int(passings.arrival_s[end])
        is_backward = train in timed.backward_stops
        faults[train] = (
            BACKWARD if is_backward else None if _has_times(passings, pattern) else NO_TIMES
        )
        if leave_s != UNKNOWN:
            point = traffic.model.point_ids[
                passings.courses.point[passings.courses.first[passings.own[pattern]]]
            ]
            at_s = (day_from + number) * DAY_S + leave_s
            departures[train] = local_text(at_s, timed.period.epoch, zones[point] or "Etc/UTC")
        if UNKNOWN not in (leave_s, arrive_s):
            journeys[train] = (arrive_s - leave_s) / MINUTE_S
    return pl.DataFrame(
        {
            "fault": pl.Series(faults, dtype=pl.String),
            "days_count": days,
            "first_day": pl.Series(firsts, dtype=pl.Date),
            "departure": pl.Series(departures, dtype=pl.String),
            "journey_min": pl.Series(journeys, dtype=pl.Float64),
        }
    )


def _has_times(passings: Passings, pattern: int) -> bool:
    """Whether two places of a pattern have a time."""
    own = passings.arrival_s[passings.first[pattern] : passings.first[pattern + 1]]
    return int((own != UNKNOWN).sum()) > 1
