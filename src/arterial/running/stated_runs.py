"""The running times of every stated train: by physics where vehicles are known, else as stated.

Main function: :func:`run_stated_trains`. Trains with the same stops, formation, category and speed
are run once; those that carry coaches were run before, with their ranges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.compute import ALONE, Workers
from arterial.errors import ArterialError
from arterial.running.hauling import Hauling, make_hauling
from arterial.running.point_links import list_point_links
from arterial.running.shared_routes import SharedRoute, TrainRoutes
from arterial.running.stretches import TimedRoute
from arterial.running.train_runs import (
    CalibratedWay,
    TrainRoute,
    TrainRuns,
    calibrate,
    list_links,
    sum_sections,
    time_train,
)
from arterial.stock import list_formation_changes
from arterial.study import Settings
from arterial.units import KM_TO_M

__all__ = ["NO_STOPS", "StatedRuns", "run_stated_trains"]

NO_VEHICLES: Final = "No formation is stated."
RUNS_AT_ONCE: Final = 16
NO_STOPS: Final = "It has fewer than two stops."


@dataclass(frozen=True, slots=True)
class StatedRuns:
    """What is known of the runs of all trains.

    Parameters
    ----------
    link_times : DataFrame
        As :attr:`arterial.running.train_runs.TrainRuns.link_times`, of all trains.
    section_runs : DataFrame
        Table ``section_runs`` of one train for each run that carries no coach.
    step_times : mapping of int to (int, ndarray)
        For trains by number: their run, and the running time of each step of their route [s].
    least_s : mapping of int to ndarray
        Running time of each step under the kindest gradients, for trains that carry coaches [s].
    outcomes : DataFrame
        A row a train: train_id, mode, reason, like_train_id, distance_km, basic_min.
    """

    link_times: pl.DataFrame
    section_runs: pl.DataFrame
    step_times: Mapping[int, tuple[int, NDArray[np.float64]]]
    least_s: Mapping[int, NDArray[np.float64]]
    outcomes: pl.DataFrame


def run_stated_trains(
    tables: Mapping[str, pl.DataFrame],
    routes: TrainRoutes,
    hosts: TrainRuns,
    settings: Settings,
    workers: Workers = ALONE,
) -> StatedRuns:
    """Run every train whose vehicles and route are known.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables.
    routes : TrainRoutes
        Routes of all trains.
    hosts : TrainRuns
        Runs of the trains that carry coaches.
    settings : Settings
        Settings of the study.
    workers : Workers
        Who shares the runs.

    Returns
    -------
    StatedRuns
        A train that cannot be run says why; the others go on.
    """
    trains = tables["trains"].to_dicts()
    carried = {done.way.train_id: done for done in hosts.ways}
    published = set(tables["published_runs"]["train_id"].drop_nulls().to_list())
    changes = list_formation_changes(tables)
    keys = [
        None if row["train_id"] in carried else _name_run(row, number, published, changes)
        for row, number in zip(trains, routes.numbers.tolist(), strict=True)
    ]
    firsts = {key: place for place, key in reversed(list(enumerate(keys))) if key is not None}
    order = sorted(firsts, key=lambda key: firsts[key])
    stops = tables["train_stops"].sort("train_id", "sequence")
    stops_of = stops.partition_by("train_id", as_dict=True, maintain_order=True)
    wanted = []
    for key in order:
        train = trains[firsts[key]]
        wanted.append((train, stops_of[train["train_id"],], routes.routes[key[0]]))
    outcomes = workers.map(
        partial(_time_some, tables, settings),
        [wanted[i : i + RUNS_AT_ONCE] for i in range(0, len(wanted), RUNS_AT_ONCE)],
    )
    runs = dict(zip(order, chain.from_iterable(outcomes), strict=True))
    timed = {key: run for key, run in runs.items() if not isinstance(run, str)}
    reasons = {key: run for key, run in runs.items() if isinstance(run, str)}
    ways = calibrate(list(timed.values()), tables, settings)
    run_s = {key: _list_steps(way, None) for key, way in zip(timed, ways, strict=True)}
    step_times = {
        place: (firsts[key], run_s[key]["running_s"].to_numpy())
        for place, key in enumerate(keys)
        if key in run_s
    }
    least_s = {}
    for place, row in enumerate(trains):
        if row["train_id"] in carried:
            profile = hosts.speed_profile.filter(pl.col("train_id") == row["train_id"])
            links = _list_steps(carried[row["train_id"]], profile)
            step_times[place] = (place, links["running_s"].to_numpy())
            least_s[place] = links["least_s"].to_numpy()
    section_runs = pl.concat([hosts.section_runs, sum_sections(ways)])
    like = {
        row["train_id"]: trains[firsts[key]]["train_id"]
        for row, key in zip(trains, keys, strict=True)
        if key in run_s
    }
    return StatedRuns(
        link_times=_list_links(tables["train_stops"], like, list_links(ways), hosts.link_times),
        section_runs=section_runs,
        step_times=step_times,
        least_s=least_s,
        outcomes=_list_outcomes(trains, keys, reasons, like, routes, section_runs),
    )


Key = tuple[Any, ...]
_Wanted = tuple[Mapping[str, Any], pl.DataFrame, SharedRoute]
"""A row of ``trains``, its stops, and the route it shares."""


def _name_run(
    row: Mapping[str, Any], route: int, published: set[str], changes: Mapping[str, Key]
) -> Key | None:
    """What decides on a run; None where there is none."""
    if route < 0 or row["formation_id"] is None:
        return None
    own = row["train_id"] if row["train_id"] in published else None
    vehicles = (row["formation_id"], changes.get(row["train_id"]))
    return (route, vehicles, row["category"], row["top_speed_kmh"], own)


def _time_some(
    tables: Mapping[str, pl.DataFrame], settings: Settings, wanted: Sequence[_Wanted]
) -> list[tuple[TrainRoute, TimedRoute] | str]:
    """Runs of some trains, each for all that are like it; the reason where it cannot be run."""
    hauling = make_hauling(tables, settings.running)
    return [_time_one(tables, settings, hauling, *each) for each in wanted]


def _time_one(
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    hauling: Hauling,
    train: Mapping[str, Any],
    stops: pl.DataFrame,
    shared: SharedRoute,
) -> tuple[TrainRoute, TimedRoute] | str:
    """Run of one train; the reason where it cannot be run."""
    if shared.route is None:
        return shared.reason
    positions = [shared.route.distance_km[place] * KM_TO_M for place in shared.stop_places]
    way = TrainRoute(train, shared.route, stops.with_columns(position_m=pl.Series(positions)))
    try:
        return way, time_train(way, tables, settings, hauling, is_brief=True)
    except ArterialError as error:
        return error.reason


def _list_steps(done: CalibratedWay, profile: pl.DataFrame | None) -> pl.DataFrame:
    """Running times of the steps of a route."""
    points_m = [distance * KM_TO_M for distance in done.way.route.distance_km]
    return list_point_links(done.pieces, points_m, profile)


def _list_links(
    train_stops: pl.DataFrame, like: Mapping[str, str], links: pl.DataFrame, hosts: pl.DataFrame
) -> pl.DataFrame:
    """Links of all trains: each takes those of the train that was run for it, stop by stop."""
    # Stops are counted, not numbered: trains that are alike may number theirs differently.
    links = links.with_columns(stop=pl.int_range(pl.len()).over("train_id")).drop("sequence")
    pairs = pl.DataFrame(
        [*like.items()], schema={"train_id": pl.String, "like": pl.String}, orient="row"
    )
    stops = train_stops.select("train_id", "sequence").sort("train_id", "sequence")
    stops = stops.with_columns(stop=pl.int_range(pl.len()).over("train_id") - 1)
    joined = pairs.join(links.rename({"train_id": "like"}), on="like", maintain_order="left")
    numbered = joined.join(stops, on=["train_id", "stop"], maintain_order="left")
    return pl.concat([hosts, numbered.select(hosts.columns)])


def _list_outcomes(
    trains: list[dict[str, Any]],
    keys: list[Key | None],
    reasons: Mapping[Key, str],
    like: Mapping[str, str],
    routes: TrainRoutes,
    section_runs: pl.DataFrame,
) -> pl.DataFrame:
    """How each train is run, and why not otherwise."""
    sums = section_runs.group_by("train_id", maintain_order=True).agg(pl.col("basic_s").sum())
    basic_s = dict(sums.iter_rows())
    rows = []
    for row, key, number in zip(trains, keys, routes.numbers.tolist(), strict=True):
        shared = routes.routes[number] if number >= 0 else None
        as_train = like.get(row["train_id"], row["train_id"])
        reason = NO_VEHICLES
        if as_train in basic_s:
            reason = ""
        elif shared is None or shared.route is None:
            reason = NO_STOPS if shared is None else shared.reason
        elif key is not None and key in reasons:
            reason = reasons[key]
        km = None if shared is None or shared.route is None else shared.route.length_km
        found = None if reason else as_train
        rows.append((row["train_id"], not reason, reason or None, found, km, basic_s.get(as_train)))
    schema = {
        "train_id": pl.String,
        "is_run": pl.Boolean,
        "reason": pl.String,
        "like_train_id": pl.String,
        "distance_km": pl.Float64,
        "basic_s": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
