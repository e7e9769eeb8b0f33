"""The trains of a day planned without conflicts, and planned anew once something goes wrong.

Main functions: :func:`plan_day` and :func:`replan_day`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from arterial.clock import local_datetime
from arterial.compiling import start_warming
from arterial.compute import ALONE, Workers
from arterial.dispatching.paths.clashes import Clash, explain_unplaced
from arterial.dispatching.paths.disturbances import DayClock, Disturbance, read_disturbance
from arterial.dispatching.paths.planning import (
    PLAN_KERNELS,
    PlannedPaths,
    PlanOptions,
)
from arterial.dispatching.paths.rescheduling import (
    Disruption,
    RescheduledPaths,
    reschedule,
    serve_first_come,
)
from arterial.dispatching.paths.waits import Wait, find_waits
from arterial.dispatching.paths.wishes import ease_request, plan_wishes
from arterial.flows.conflicts import follow_study_trains
from arterial.study import Study, apply_defaults, require_day
from arterial.timetable.paths import Closure, PathRequest, TrainLink, TrainPath
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.stated_links import link_requests
from arterial.timetable.paths.stated_requests import (
    close_stated_day,
    list_stated_paths,
    request_next_day,
    request_stated_day,
)
from arterial.timetable.paths.throats import find_crossed_paths
from arterial.units import HOUR_S
from arterial.writing import write_whole

__all__ = [
    "PlannedDay",
    "plan_day",
    "replan_day",
    "write_paths",
]

DAY_TABLES: Final = (
    "possessions",
    "calendar_rules",
    "operational_points",
    "trains",
    "train_categories",
    "train_links",
    "train_stops",
)
NO_PLAN: Final = PlannedPaths((), (), (), 0.0, 0.0, 0.0, {})
MOST_EXPLAINED: Final = 3
"""Trains without a path for which the clash of wishes is looked for [1]."""


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
        How much later each train arrives than stated; of a plan made anew, than in the plan of
        the day before it [s].
    stated_delays_s : mapping of str to int
        How much later it arrives than stated [s].
    earlier_s : mapping of str to int
        How much earlier than stated trains leave, of those that do [s].
    clashes : tuple of Clash
        Wishes that keep trains without a path from having one.
    loose_links : tuple of str
        Trains whose connection or turn-round could not be kept.
    crossed : DataFrame
        As :func:`arterial.timetable.paths.throats.find_crossed_paths` gives it.
    waits : tuple of Wait
        Who waits where behind whom.
    cost_h, bound_h : float
        Sum of weighted shifts or delays, and what it cannot fall below [h].
    compared_h : float or None
        That of what the plan is held against: the first plan, or first come, first
        served [h].
    """

    study: Study
    traffic: StatedTraffic
    day: date
    paths: tuple[TrainPath, ...]
    unplaced: tuple[str, ...]
    left_out: tuple[str, ...]
    delays_s: Mapping[str, int]
    stated_delays_s: Mapping[str, int]
    earlier_s: Mapping[str, int]
    clashes: tuple[Clash, ...]
    loose_links: tuple[str, ...]
    crossed: pl.DataFrame
    waits: tuple[Wait, ...]
    cost_h: float
    bound_h: float
    compared_h: float | None


@dataclass(frozen=True, slots=True)
class _LaidDay:
    """The trains of a day with their first plan, and what it was made of."""

    study: Study
    traffic: StatedTraffic
    day: date
    closures: tuple[Closure, ...]
    links: tuple[TrainLink, ...]
    requests: tuple[PathRequest, ...]
    left_out: tuple[str, ...]
    options: PlanOptions
    planned: PlannedPaths


def plan_day(
    path: Path | str,
    day: date,
    *,
    moves: int = 20_000,
    workers: Workers = ALONE,
    announce: Callable[[str], object] | None = None,
) -> PlannedDay:
    """Plan all trains of a day within their wishes, so that no two exclude each other.

    No train leaves before its stated time unless it is stated how much earlier it may.

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
    laid = _lay_day(path, day, moves=moves, workers=workers, announce=announce)
    planned, stated = laid.planned, list_stated_paths(laid.requests)
    clashes: tuple[Clash, ...] = ()
    if planned.unplaced:
        clashes = explain_unplaced(
            laid.traffic.model,
            laid.requests,
            replace(planned, unplaced=planned.unplaced[:MOST_EXPLAINED]),
            closures=laid.closures,
            options=laid.options,
        )
    return PlannedDay(
        study=laid.study,
        traffic=laid.traffic,
        day=day,
        paths=planned.paths,
        unplaced=planned.unplaced,
        left_out=laid.left_out,
        delays_s=(delays_s := _list_delays(planned.paths, stated)),
        stated_delays_s=delays_s,
        earlier_s={
            path.train_id: early_s
            for path in planned.paths
            if (early_s := stated[path.train_id].depart_at_s - path.depart_at_s) > 0
        },
        clashes=clashes,
        loose_links=planned.loose_links,
        crossed=_find_crossed(laid, planned.paths),
        waits=find_waits(laid.traffic.model, planned.paths, closures=laid.closures),
        cost_h=planned.cost / HOUR_S,
        bound_h=planned.bound / HOUR_S,
        compared_h=planned.first_cost / HOUR_S,
    )


def replan_day(
    path: Path | str,
    day: date,
    disturbance: Disturbance,
    *,
    moves: int = 20_000,
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
    laid = _lay_day(path, day, moves=moves, workers=workers, announce=announce)
    before, disruption, after = _reschedule_day(laid, disturbance)
    # A late train may meet trains of the next day.
    while len(wider := _request_until(laid, after.paths)) > len(laid.requests):
        laid = _lay_requests(laid, wider)
        before, disruption, after = _reschedule_day(laid, disturbance)
    model, closures, links = laid.traffic.model, laid.closures, laid.links
    served = serve_first_come(model, before, disruption, closures=closures, links=links)
    wished = {one.train_id: one for one in before}
    late_h = [_sum_late_h(_list_delays(one.paths, wished), wished) for one in (after, served)]
    # What it is held against is a plan as well, and taken where it is the better one.
    if late_h[1] < late_h[0] and len(served.cancelled) <= len(after.cancelled):
        after = replace(served, bound=after.bound)
    delays_s = _list_delays(after.paths, wished)
    return PlannedDay(
        study=laid.study,
        traffic=laid.traffic,
        day=day,
        paths=after.paths,
        unplaced=(*laid.planned.unplaced, *after.cancelled),
        left_out=laid.left_out,
        delays_s=delays_s,
        stated_delays_s=_list_delays(after.paths, list_stated_paths(laid.requests)),
        earlier_s={},
        clashes=(),
        loose_links=laid.planned.loose_links,
        crossed=_find_crossed(laid, after.paths),
        waits=find_waits(
            model,
            after.paths,
            closures=(*closures, *after.closures),
            held_until_s={name: disruption.now_s + s for name, s in disruption.held.items()},
        ),
        cost_h=_sum_late_h(delays_s, wished),
        bound_h=max(after.bound - sum(_weigh_delay(one) for one in before), 0.0) / HOUR_S,
        compared_h=late_h[1],
    )


def _reschedule_day(
    laid: _LaidDay, disturbance: Disturbance
) -> tuple[list[TrainPath], Disruption, RescheduledPaths]:
    """Paths before, what goes wrong in seconds and rows, and the plan after."""
    # How late a train may be is a wish for the plan; what happens is not bound by it.
    before = [replace(path, request=ease_request(path.request)) for path in laid.planned.paths]
    clock = DayClock(laid.day, laid.study.settings.epoch, laid.study.tables)
    disruption = read_disturbance(laid.traffic.model, before, disturbance, clock)
    after = reschedule(
        laid.traffic.model,
        before,
        disruption,
        closures=laid.closures,
        links=laid.links,
        options=laid.options,
    )
    return before, disruption, after


def _lay_day(
    path: Path | str,
    day: date,
    *,
    moves: int,
    workers: Workers,
    announce: Callable[[str], object] | None,
) -> _LaidDay:
    """Plan the trains of a day."""
    warming = start_warming(PLAN_KERNELS)
    study, traffic = follow_study_trains(path, workers=workers)
    require_day(study, day)
    tables = {name: apply_defaults(study, name) for name in DAY_TABLES}
    requests, left_out = request_stated_day(traffic, tables, day)
    closures = close_stated_day(traffic, tables, day)
    options = PlanOptions(moves=moves, seed=study.settings.seed)
    warming.wait(announce)
    empty = _LaidDay(study, traffic, day, closures, (), (), left_out, options, NO_PLAN)
    laid = _lay_requests(empty, requests)
    while len(wider := _request_until(laid, laid.planned.paths)) > len(laid.requests):
        laid = _lay_requests(laid, wider)
    return laid


def _lay_requests(laid: _LaidDay, requests: tuple[PathRequest, ...]) -> _LaidDay:
    """The day with a plan of some requests."""
    links = link_requests(laid.study.tables, requests)
    planned = plan_wishes(
        laid.traffic.model,
        requests,
        closures=laid.closures,
        links=links,
        options=laid.options,
    )
    return replace(laid, requests=requests, links=links, planned=planned)


def _request_until(laid: _LaidDay, paths: Sequence[TrainPath]) -> tuple[PathRequest, ...]:
    """Requests of the day with those of the next that leave before a plan is over."""
    tables = {name: apply_defaults(laid.study, name) for name in DAY_TABLES}
    until_s = max((path.arrive_at_s for path in paths), default=0)
    after = request_next_day(laid.traffic, tables, laid.day, until_s)
    names = {request.train_id for request in after}
    if names <= {request.train_id for request in laid.requests}:
        return laid.requests
    return (*(one for one in laid.requests if one.train_id not in names), *after)


def _find_crossed(laid: _LaidDay, paths: Iterable[TrainPath]) -> pl.DataFrame:
    """Trains of a plan whose ways cross in throats too close."""
    return find_crossed_paths(laid.traffic.model, laid.study.table("throat_exclusions"), paths)


def _list_delays(paths: Iterable[TrainPath], wished: Mapping[str, TrainPath]) -> dict[str, int]:
    """How much later each train arrives than it wished to [s]."""
    return {path.train_id: path.arrive_at_s - wished[path.train_id].arrive_at_s for path in paths}


def _sum_late_h(delays_s: Mapping[str, int], paths: Mapping[str, TrainPath]) -> float:
    """Sum of weighted delays; what comes earlier makes up for nothing [h]."""
    late = (
        paths[name].request.traits.weight * max(delay_s, 0) for name, delay_s in delays_s.items()
    )
    return sum(late) / HOUR_S


def _weigh_delay(path: TrainPath) -> float:
    """Weight times delay of a path [weight s]."""
    return path.request.traits.weight * path.delay_s


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
