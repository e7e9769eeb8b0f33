"""The trains of a day planned without conflicts, and planned anew once something goes wrong.

Main functions: :func:`plan_day` and :func:`replan_day`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from arterial.clock import civil_to_epoch_s, local_datetime
from arterial.compiling import start_warming
from arterial.compute import ALONE, Workers
from arterial.dispatching.paths.planning import PlannedPaths, PlanOptions, plan_paths
from arterial.dispatching.paths.rescheduling import (
    Disruption,
    RescheduledPaths,
    reschedule,
    serve_first_come,
)
from arterial.dispatching.paths.waits import Wait, find_waits
from arterial.errors import Fault, LimitError, StudyError
from arterial.flows.stated_day import PLAN_KERNELS
from arterial.network import build_network
from arterial.running.train_runs import run_trains
from arterial.study import Study, apply_defaults, read_study, require_tables
from arterial.study.faults import find_near_names
from arterial.timetable.paths import Closure, TrainPath
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.stated_requests import list_stated_paths, request_stated_day
from arterial.timetable.paths.traffic import count_possession_days, resolve_possessions
from arterial.timetable.stated import StatedTimetable, resolve_stated_trains
from arterial.timetable.trains.timed_trains import MOST_JOURNEY_DAYS
from arterial.units import DAY_S, HOUR_S, MINUTE_S
from arterial.writing import write_whole

__all__ = ["Disturbance", "PlannedDay", "list_conflicts", "plan_day", "replan_day", "write_paths"]

NEEDED: Final = ("operational_points", "calendar_rules", "trains", "train_stops", "sections")


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What goes wrong on a day, in the words of the study.

    Parameters
    ----------
    delays_min : mapping of str to float
        How much later each of some trains can leave its first stop [min].
    closed : sequence of (str, (str, str))
        Sections that are shut, each with the local times from when to when.
    speeds_kmh : mapping of str to float
        Speed that some sections can be run at [km/h].
    """

    delays_min: Mapping[str, float]
    closed: Sequence[tuple[str, tuple[str, str]]]
    speeds_kmh: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A plan of a day.

    Parameters
    ----------
    study : Study
        The study.
    traffic : StatedTraffic
        Its trains as stated.
    day : date
        Operating day.
    paths : tuple of TrainPath
        The plan.
    unplaced : tuple of str
        Trains that have no path in it.
    left_out : tuple of str
        Trains of the day whose way or times are not known.
    delays_s : mapping of str to int
        How much later each train arrives than stated [s].
    waits : tuple of Wait
        Who waits where behind whom.
    cost_h, bound_h : float
        Sum of delays, and what it cannot fall below [h].
    compared_h : float or None
        Sum of delays of what the plan is held against: the first plan, or first come, first
        served [h].
    """

    study: Study
    traffic: StatedTraffic
    day: date
    paths: tuple[TrainPath, ...]
    unplaced: tuple[str, ...]
    left_out: tuple[str, ...]
    delays_s: Mapping[str, int]
    waits: tuple[Wait, ...]
    cost_h: float
    bound_h: float
    compared_h: float | None


def list_conflicts(path: Path | str, *, workers: Workers = ALONE) -> tuple[Study, StatedTimetable]:
    """All stated trains of a study, held against each other.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    workers : Workers
        Who shares the running times.

    Returns
    -------
    study : Study
        The study.
    timetable : StatedTimetable
        Its trains with their conflicts.
    """
    study = read_study(Path(path))
    require_tables(study, *NEEDED, purpose="Planning trains")
    tables = {name: apply_defaults(study, name) for name in study.tables}
    network = build_network(tables)
    hosts = run_trains(network, tables, study.settings, workers)
    return study, resolve_stated_trains(network, tables, study.settings, hosts, workers)


def plan_day(
    path: Path | str,
    day: date,
    *,
    moves: int,
    workers: Workers = ALONE,
    announce: Callable[[str], object] | None = None,
) -> PlannedDay:
    """Plan all trains of a day: none leaves before its stated time, no two exclude each other.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    day : date
        Operating day.
    moves : int
        How long the plan is improved; the same number gives the same plan.
    workers : Workers
        Who shares the running times.
    announce : callable, optional
        Called with what to tell whoever waits for kernels.

    Returns
    -------
    PlannedDay
        The plan, held against the first one that was found.
    """
    warming = start_warming(PLAN_KERNELS)
    study, stated = list_conflicts(path, workers=workers)
    _check_day(study, day)
    requests, left_out = request_stated_day(stated.traffic, study.table("trains"), day)
    closures = _list_closures(study, stated.traffic, day)
    options = PlanOptions(moves=moves, seed=study.settings.seed)
    warming.wait(announce)
    planned = plan_paths(stated.traffic.model, requests, closures=closures, options=options)
    wished = list_stated_paths(requests)
    return PlannedDay(
        study=study,
        traffic=stated.traffic,
        day=day,
        paths=planned.paths,
        unplaced=planned.unplaced,
        left_out=left_out,
        delays_s=_sum_delays(planned.paths, wished),
        waits=find_waits(stated.traffic.model, planned.paths, closures=closures),
        cost_h=_count_hours(planned, wished),
        bound_h=planned.bound / HOUR_S,
        compared_h=planned.first_cost / HOUR_S,
    )


def _sum_delays(paths: Iterable[TrainPath], wished: Mapping[str, TrainPath]) -> dict[str, int]:
    """How much later each train arrives than it wished to [s]."""
    return {path.train_id: path.arrive_at_s - wished[path.train_id].arrive_at_s for path in paths}


def _count_hours(planned: PlannedPaths, wished: Mapping[str, TrainPath]) -> float:
    """Delay of a plan against what is stated [h]."""
    return sum(max(late, 0) for late in _sum_delays(planned.paths, wished).values()) / HOUR_S


def replan_day(
    path: Path | str,
    day: date,
    disturbance: Disturbance,
    *,
    moves: int,
    workers: Workers = ALONE,
    announce: Callable[[str], object] | None = None,
) -> PlannedDay:
    """Plan a day anew from the instant at which something goes wrong.

    Parameters
    ----------
    path, day, moves, workers, announce
        As in `plan_day`, whose plan of the day is the one that is disturbed.
    disturbance : Disturbance
        What goes wrong.

    Returns
    -------
    PlannedDay
        The new plan, held against first come, first served.
    """
    before = plan_day(path, day, moves=moves, workers=workers, announce=announce)
    model, study = before.traffic.model, before.study
    closures = _list_closures(study, before.traffic, day)
    disruption = _read_disturbance(before, disturbance)
    options = PlanOptions(moves=moves, seed=study.settings.seed)
    after = reschedule(model, before.paths, disruption, closures=closures, options=options)
    served = serve_first_come(model, before.paths, disruption, closures=closures)
    wished = {one.train_id: one for one in before.paths}
    return PlannedDay(
        study=study,
        traffic=before.traffic,
        day=day,
        paths=after.paths,
        unplaced=(*before.unplaced, *after.cancelled),
        left_out=before.left_out,
        delays_s=_sum_delays(after.paths, wished),
        waits=find_waits(model, after.paths, closures=(*closures, *after.closures)),
        cost_h=_count_late(after, wished),
        bound_h=max(after.bound - sum(one.delay_s for one in before.paths), 0.0) / HOUR_S,
        compared_h=_count_late(served, wished),
    )


def _count_late(plan: RescheduledPaths, wished: Mapping[str, TrainPath]) -> float:
    """Delay of a new plan against the old one; what comes earlier makes up for nothing [h]."""
    return sum(max(late, 0) for late in _sum_delays(plan.paths, wished).values()) / HOUR_S


def _check_day(study: Study, day: date) -> None:
    """Refuse a day outside the horizon."""
    settings = study.settings
    if not settings.horizon_from <= day <= settings.horizon_to:
        message = (
            f"{day} lies outside the horizon of the study, {settings.horizon_from} to "
            f"{settings.horizon_to}. Give a day inside, or change study.toml."
        )
        raise LimitError(message)


def _list_closures(study: Study, traffic: StatedTraffic, day: date) -> tuple[Closure, ...]:
    """Possessions that last into a day or begin while its trains are under way."""
    tables = {name: apply_defaults(study, name) for name in study.tables}
    lead = timedelta(days=count_possession_days(tables["possessions"]))
    return resolve_possessions(
        traffic.model,
        tables,
        epoch=study.settings.epoch,
        day_from=day - lead,
        day_to=day + timedelta(days=MOST_JOURNEY_DAYS),
    )


def _read_disturbance(before: PlannedDay, disturbance: Disturbance) -> Disruption:
    """The disturbance in numbers, from the first instant at which the plan has to change."""
    # The train of the day that is asked for; one still under way is named with its own day.
    paths = {path.train_id: path for path in before.paths}
    of_day = f"@{before.day}"
    paths |= {
        name.removesuffix(of_day): paths[name] for name in list(paths) if name.endswith(of_day)
    }
    sections = sorted({step.section_id for step in before.traffic.model.steps})
    faults = [
        Fault(
            f"Train {name} has no path on {before.day}.",
            "Name one that runs on that day.",
            near=find_near_names(name, paths),
        )
        for name in disturbance.delays_min
        if name not in paths
    ]
    faults += [
        Fault(
            f"There is no section {name}.",
            "Use an id of sections.",
            near=find_near_names(name, sections),
        )
        for name in (*(name for name, _ in disturbance.closed), *disturbance.speeds_kmh)
        if name not in sections
    ]
    if faults:
        message = "The disturbance names what the study does not have."
        raise StudyError(message, faults)
    shut = tuple(
        closure
        for name, times in disturbance.closed
        for closure in _shut_section(before, name, times)
    )
    leaves = {name: paths[name].depart_at_s for name in disturbance.delays_min}
    starts = [*leaves.values(), *(closure.from_s for closure in shut)]
    # A moment before: what leaves at the instant itself has left already.
    now_s = min(starts, default=min((path.depart_at_s for path in before.paths), default=0)) - 1
    held = {
        paths[name].train_id: leaves[name] - now_s + round(minutes * MINUTE_S)
        for name, minutes in disturbance.delays_min.items()
    }
    return Disruption(now_s, held, shut, _slow_steps(before, disturbance.speeds_kmh))


def _shut_section(before: PlannedDay, section_id: str, times: tuple[str, str]) -> Sequence[Closure]:
    """Closures of all steps of a section, in the time of its first point."""
    model, settings = before.traffic.model, before.study.settings
    points = before.study.table("operational_points")
    zones = dict(points.select("point_id", "zone").iter_rows())
    steps = [n for n, step in enumerate(model.steps) if step.section_id == section_id]
    zone = zones[model.steps[steps[0]].from_point] or "Etc/UTC"
    from_s, to_s = (
        civil_to_epoch_s(before.day, face, zone, settings.epoch, allow_gap=True) for face in times
    )
    if to_s <= from_s:
        to_s += DAY_S
    return [Closure(f"closed {section_id}", from_s, to_s, step=step) for step in steps]


def _slow_steps(before: PlannedDay, speeds_kmh: Mapping[str, float]) -> dict[int, int]:
    """What the fastest train of the day loses on each slow step [s]."""
    model = before.traffic.model
    fastest: dict[int, int] = {}
    for path in before.paths:
        running = path.request.stages["running_s"][:-1].tolist()
        for row, seconds in zip(path.request.step_rows["row"].tolist(), running, strict=True):
            fastest[row] = min(fastest.get(row, seconds), seconds)
    return {
        number: max(
            round(step.length_km / speeds_kmh[step.section_id] * HOUR_S) - fastest[number], 0
        )
        for number, step in enumerate(model.steps)
        if step.section_id in speeds_kmh and number in fastest
    }


def write_paths(planned: PlannedDay, output: Path) -> Path:
    """Write the times of a plan as CSV: train, point, arrival, departure, local times, delay.

    Parameters
    ----------
    planned : PlannedDay
        The plan.
    output : Path
        File to write.

    Returns
    -------
    Path
        The file.
    """
    points = planned.study.table("operational_points")
    zones = dict(points.select("point_id", "zone").iter_rows())
    epoch = planned.study.settings.epoch
    rows = [
        {
            "train_id": path.train_id.rpartition("@")[0],
            "operating_day": path.train_id.rpartition("@")[2],
            "sequence": place + 1,
            "point_id": point,
            "arrival": _write_time(path.arrival_s[place], epoch, zones[point]),
            "departure": _write_time(path.departure_s[place], epoch, zones[point]),
        }
        for path in planned.paths
        for place, point in enumerate(path.request.points)
    ]
    return write_whole(output, pl.DataFrame(rows).write_csv())


def _write_time(at_s: int, epoch: date, zone: str | None) -> str:
    """Local date and time to the second."""
    return f"{local_datetime(int(at_s), epoch, zone or 'Etc/UTC'):%Y-%m-%d %H:%M:%S}"
