"""How fast a train that is asked for runs: by physics, typical speeds or the times of others.

Main function: :func:`time_equipped_route`. Where its vehicles are named, physics runs. Else the
typical speed of each section holds, else the median of the stated trains, else the physics of the
vehicles that most trains of its category have on that railway. No step is faster than its limits.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from math import inf
from typing import Final

import polars as pl

from arterial.errors import ArterialError, Fault, InfeasibleError
from arterial.network import Route, RouteStep
from arterial.network.graph import Arc
from arterial.network.route import make_route
from arterial.running.hauling import make_hauling
from arterial.running.point_links import list_point_links
from arterial.running.train_runs import TrainRoute, calibrate, time_train
from arterial.timetable.paths.equipment import Equipment
from arterial.timetable.paths.equipped_routes import EquippedRoute
from arterial.timetable.paths.study_line import StudyLine
from arterial.units import HOUR_S, KM_TO_M

__all__ = ["Basis", "StepTime", "time_equipped_route"]


class Basis(StrEnum):
    """What tells how fast a train runs over a step."""

    TYPICAL = "typical speed"
    STATED = "median of stated trains"
    PHYSICS = "physics"


@dataclass(frozen=True, slots=True)
class StepTime:
    """Running time of a step.

    Parameters
    ----------
    running_s : float
        The time [s].
    basis : Basis
        What it rests on.
    formation_id : str or None
        Vehicles that were run; None where none were.
    """

    running_s: float
    basis: Basis
    formation_id: str | None = None


def time_equipped_route(
    line: StudyLine,
    way: EquippedRoute,
    train: Equipment,
    stated_s: Mapping[tuple[int, int], float],
    faults: list[Fault],
    notes: list[str],
    *,
    stop_places: Sequence[int] = (),
) -> list[StepTime] | None:
    """Running time of every step of a way.

    Parameters
    ----------
    line : StudyLine
        The line.
    way : EquippedRoute
        The way.
    train : Equipment
        The train.
    stated_s : mapping of (int, int) to float
        Median running time of stated trains by step and direction [s].
    faults : list of Fault
        What is missing is added.
    notes : list of str
        Why vehicles that are named are not run by physics is added.
    stop_places : sequence of int
        Places at which it stops.

    Returns
    -------
    list of StepTime or None
        ``(n - 1,)``; None with a fault where nothing tells how fast it runs.
    """
    steps = way.route.steps
    known = [_read_time(line, step, train, stated_s) for step in steps]
    times: list[StepTime | None] = list(known)
    if train.formation_id:
        times = [None] * len(steps)
    owners = dict(line.tables["sections"].select("section_id", "railway_id").iter_rows())
    missing = [place for place, time in enumerate(times) if time is None]
    wanted = {
        place: train.formation_id
        or _find_usual(line.tables["trains"], owners[steps[place].section.section_id], train)
        for place in missing
    }
    reasons: dict[str, None] = {}
    for formation, group in groupby(missing, key=lambda place: wanted[place]):
        places = list(group)
        try:
            runs = (
                [] if formation is None else _run(line, way, train, formation, places, stop_places)
            )
        except ArterialError as error:
            # What cannot climb does not run at a typical speed either.
            if train.formation_id and isinstance(error, InfeasibleError):
                raise
            reasons[error.reason] = None
            continue
        for place, running_s in zip(places, runs, strict=bool(runs)):
            times[place] = StepTime(running_s, Basis.PHYSICS, formation)
    # What physics cannot run for want of numbers runs as any train of its category.
    times = [own or usual for own, usual in zip(times, known, strict=True)]
    found = [time for time in times if time is not None]
    if len(found) == len(times):
        notes += [f"Not run by physics: {reason}" for reason in reasons]
        return found
    names = dict.fromkeys(
        steps[place].section.section_id for place, time in enumerate(times) if time is None
    )
    column = f"typical_{train.category}_speed_kmh"
    why = " ".join(reasons) or f"No {train.category} train of the study has vehicles there."
    faults += [
        Fault(
            f"Section {name} states no {column}, and no physics runs: {why}",
            "State the speed, with its grade, or name vehicles that can be run (--formation).",
            "tables/sections.csv",
            column=column,
        )
        for name in names
    ]
    return None


def _read_time(
    line: StudyLine, step: RouteStep, train: Equipment, stated_s: Mapping[tuple[int, int], float]
) -> StepTime | None:
    """Time of a step at its typical speed within its limits, else as stated."""
    section = step.section.section_id
    row = line.tables["sections"].row(by_predicate=pl.col("section_id") == section, named=True)
    typical = row[f"typical_{train.category}_speed_kmh"]
    if typical is not None:
        limits = (row[f"{train.category}_speed_limit_kmh"] or inf, train.top_speed_kmh or inf)
        return StepTime(step.length_km / min(typical, *limits) * HOUR_S, Basis.TYPICAL)
    key = line.model.find_step(step.from_point, step.to_point, section)
    return StepTime(stated_s[key], Basis.STATED) if key in stated_s else None


def _find_usual(trains: pl.DataFrame, railway_id: str | None, train: Equipment) -> str | None:
    """Formation that most trains of a category have, on a railway or anywhere."""
    is_freight = pl.col("category") == "freight"
    alike = trains.filter(is_freight if train.category == "freight" else ~is_freight)
    alike = alike.drop_nulls("formation_id")
    own = alike.filter(pl.col("railway_id") == pl.lit(railway_id, dtype=pl.String))
    names = (own if own.height else alike)["formation_id"].to_list()
    # Of those equally usual the first one counts.
    return Counter(names).most_common(1)[0][0] if names else None


NO_TRAIN: Final = "special"


def _run(
    line: StudyLine,
    way: EquippedRoute,
    train: Equipment,
    formation: str,
    places: Sequence[int],
    stop_places: Sequence[int],
) -> list[float]:
    """Times of consecutive steps by physics, behind what hauls the train over each [s]."""
    part = _cut(line, way.route, places)
    points_m = [distance * KM_TO_M for distance in part.distance_km]
    inside = [place - places[0] for place in stop_places if places[0] < place <= places[-1]]
    stops = pl.DataFrame({"position_m": [points_m[place] for place in (0, *inside, -1)]})
    row = {
        "train_id": NO_TRAIN,
        "formation_id": formation,
        "category": train.category,
        "top_speed_kmh": train.top_speed_kmh,
    }
    tables = {**line.tables, "traction_assignments": _assign(line, way, train)}
    whole = TrainRoute(row, part, stops.with_columns(dwell_min=pl.lit(0.0)))
    hauling = make_hauling(tables, line.settings.running)
    timed = time_train(whole, tables, line.settings, hauling, is_brief=True)
    (done,) = calibrate([(whole, timed)], tables, line.settings)
    times: list[float] = list_point_links(done.pieces, points_m)["running_s"].to_list()
    return times


def _cut(line: StudyLine, route: Route, places: Sequence[int]) -> Route:
    """Consecutive steps of a route."""
    arcs = []
    for place in places:
        step = route.steps[place]
        number, backward = line.model.find_step(
            step.from_point, step.to_point, step.section.section_id
        )
        arcs.append(Arc(number, not backward, step.gauge_mm))
    return make_route(line.network, arcs)


def _assign(line: StudyLine, way: EquippedRoute, train: Equipment) -> pl.DataFrame:
    """Locomotives as they haul this train, in place of those that are assigned."""
    assigned = line.tables["traction_assignments"]
    types = set(line.tables["vehicle_types"]["vehicle_type_id"].to_list())
    owners = dict(line.tables["sections"].select("section_id", "railway_id").iter_rows())
    own = {
        (owners[step.section.section_id] or "", step.section.electrification or "none"): hauler
        for step, hauler in zip(way.route.steps, way.haulers, strict=True)
        if hauler in types
    }
    of_category = assigned.filter(
        pl.col("category").fill_null("passenger") == train.category
    ).iter_rows(named=True)
    rows = [
        row
        for row in of_category
        if own.get((row["railway_id"], row["electrification"]), row["vehicle_type_id"])
        == row["vehicle_type_id"]
    ]
    kept = {(row["railway_id"], row["electrification"]) for row in rows}
    rows += [
        {
            "railway_id": railway,
            "electrification": system,
            "category": train.category,
            "vehicle_type_id": hauler,
            "count": 1,
        }
        for (railway, system), hauler in own.items()
        if (railway, system) not in kept
    ]
    return pl.DataFrame(rows, schema=assigned.schema)
