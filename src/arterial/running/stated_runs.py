"""The running times of every stated train: by physics where vehicles are known, else as stated.

Main function: :func:`run_stated_trains`. Trains with the same stops, formation, category and speed
are run once; those that carry coaches were run before, with their ranges.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.compute import ALONE, Workers
from arterial.errors import ArterialError
from arterial.network import Route
from arterial.running.calibration import list_section_runs
from arterial.running.point_links import list_point_links
from arterial.running.shared_routes import SharedRoute, TrainRoutes
from arterial.running.train_runs import (
    TrainRoute,
    TrainRuns,
    calibrate,
    list_links,
    name_positions,
    time_train,
)
from arterial.study import Settings, conform_table
from arterial.units import KM_TO_M

__all__ = ["NO_STOPS", "StatedRuns", "run_stated_trains"]

NO_VEHICLES: Final = "No formation is stated."
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


@dataclass(frozen=True, slots=True)
class _Run:
    """A run that trains share: its sections, links between stops, and times of its steps."""

    sections: pl.DataFrame
    links: pl.DataFrame
    step_s: NDArray[np.float64]

    @property
    def basic_s(self) -> float:
        return float(self.sections["basic_s"].sum())


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
    keys = [
        None if row["train_id"] in carried else _name_run(row, number, published)
        for row, number in zip(trains, routes.numbers.tolist(), strict=True)
    ]
    firsts = {key: place for place, key in reversed(list(enumerate(keys))) if key is not None}
    order = sorted(firsts, key=lambda key: firsts[key])
    run = partial(_run_once, tables, settings)
    done = workers.map(run, [(trains[firsts[key]], routes.routes[key[0]]) for key in order])
    runs = dict(zip(order, done, strict=True))
    step_times = {
        place: (firsts[key], one.step_s)
        for place, key in enumerate(keys)
        if key is not None and isinstance(one := runs[key], _Run)
    }
    least_s = {}
    for place, row in enumerate(trains):
        if row["train_id"] in carried:
            host = carried[row["train_id"]]
            profile = hosts.speed_profile.filter(pl.col("train_id") == row["train_id"])
            links = _link_points(host.pieces, host.way.route, profile)
            step_times[place] = (place, links["running_s"].to_numpy())
            least_s[place] = links["least_s"].to_numpy()
    found = [one for one in done if isinstance(one, _Run)]
    sections = [hosts.section_runs, *(one.sections for one in found)]
    return StatedRuns(
        link_times=_list_links(tables["train_stops"], trains, keys, runs, firsts, hosts),
        section_runs=pl.concat(sections) if found else hosts.section_runs,
        step_times=step_times,
        least_s=least_s,
        outcomes=_list_outcomes(trains, keys, runs, firsts, routes, hosts),
    )


Key = tuple[Any, ...]


def _name_run(row: Mapping[str, Any], route: int, published: set[str]) -> Key | None:
    """What decides on a run; None where there is none."""
    if route < 0 or row["formation_id"] is None:
        return None
    own = row["train_id"] if row["train_id"] in published else None
    return (route, row["formation_id"], row["category"], row["top_speed_kmh"], own)


def _run_once(
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    wanted: tuple[Mapping[str, Any], SharedRoute],
) -> _Run | str:
    """Run of one train for all that are like it; the reason where it cannot be run."""
    train, shared = wanted
    if shared.route is None:
        return shared.reason
    positions = [shared.route.distance_km[place] * KM_TO_M for place in shared.stop_places]
    stops = tables["train_stops"].filter(pl.col("train_id") == train["train_id"]).sort("sequence")
    way = TrainRoute(train, shared.route, stops.with_columns(position_m=pl.Series(positions)))
    try:
        timed = time_train(way, tables, settings, is_brief=True)
    except ArterialError as error:
        return " ".join([error.message, *(str(fault) for fault in error.faults)])
    pieces = calibrate(way, timed, tables, settings)
    sections = list_section_runs(way.train_id, pieces, name_positions(way.route))
    return _Run(
        sections=conform_table("section_runs", sections),
        links=list_links(way, pieces),
        step_s=_link_points(pieces, way.route, None)["running_s"].to_numpy(),
    )


def _link_points(pieces: pl.DataFrame, route: Route, profile: pl.DataFrame | None) -> pl.DataFrame:
    """Running times of the steps of a route."""
    points_m = [distance * KM_TO_M for distance in route.distance_km]
    return list_point_links(pieces, points_m, profile)


def _list_links(
    train_stops: pl.DataFrame,
    trains: list[dict[str, Any]],
    keys: list[Key | None],
    runs: Mapping[Key, _Run | str],
    firsts: Mapping[Key, int],
    hosts: TrainRuns,
) -> pl.DataFrame:
    """Links of all trains: each takes those of the train that was run for it, stop by stop."""
    like = [
        (row["train_id"], trains[firsts[key]]["train_id"])
        for row, key in zip(trains, keys, strict=True)
        if key is not None and isinstance(runs[key], _Run)
    ]
    if not like:
        return hosts.link_times
    links = pl.concat([one.links for one in runs.values() if isinstance(one, _Run)])
    # Stops are counted, not numbered: trains that are alike may number theirs differently.
    links = links.with_columns(stop=pl.int_range(pl.len()).over("train_id")).drop("sequence")
    pairs = pl.DataFrame(like, schema=["train_id", "like"], orient="row")
    stops = train_stops.select("train_id", "sequence").sort("train_id", "sequence")
    stops = stops.with_columns(stop=pl.int_range(pl.len()).over("train_id") - 1)
    joined = pairs.join(links.rename({"train_id": "like"}), on="like", maintain_order="left")
    numbered = joined.join(stops, on=["train_id", "stop"], maintain_order="left")
    return pl.concat([hosts.link_times, numbered.select(hosts.link_times.columns)])


def _list_outcomes(
    trains: list[dict[str, Any]],
    keys: list[Key | None],
    runs: Mapping[Key, _Run | str],
    firsts: Mapping[Key, int],
    routes: TrainRoutes,
    hosts: TrainRuns,
) -> pl.DataFrame:
    """How each train is run, and why not otherwise."""
    basic = dict(hosts.section_runs.group_by("train_id").agg(pl.col("basic_s").sum()).iter_rows())
    rows = []
    for row, key, number in zip(trains, keys, routes.numbers.tolist(), strict=True):
        shared = routes.routes[number] if number >= 0 else None
        run = runs[key] if key is not None else None
        reason, like, seconds = NO_VEHICLES, None, None
        if row["train_id"] in basic:
            reason, like, seconds = "", row["train_id"], basic[row["train_id"]]
        elif isinstance(run, _Run) and key is not None:
            reason, like, seconds = "", trains[firsts[key]]["train_id"], run.basic_s
        elif shared is None or shared.route is None:
            reason = NO_STOPS if shared is None else shared.reason
        elif isinstance(run, str):
            reason = run
        km = None if shared is None or shared.route is None else shared.route.length_km
        rows.append((row["train_id"], not reason, reason or None, like, km, seconds))
    schema = {
        "train_id": pl.String,
        "is_run": pl.Boolean,
        "reason": pl.String,
        "like_train_id": pl.String,
        "distance_km": pl.Float64,
        "basic_s": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
