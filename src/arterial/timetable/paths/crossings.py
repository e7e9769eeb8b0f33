"""Which trains a host train meets on a single line, and what the waits cost it.

Main function: :func:`resolve_crossings`. How many other trains run is known as a range only, and
nobody publishes who waits for whom, so both are varied and every result says for which case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

import polars as pl

from arterial.progress import ReportStep, stay_silent
from arterial.study import Study, conform_table, empty_table
from arterial.timetable.paths.background import Period
from arterial.timetable.paths.conflicts import find_conflicts, tabulate_conflicts
from arterial.timetable.paths.line_model import PathRules
from arterial.timetable.paths.links import read_train_links
from arterial.timetable.paths.meetings import MeetingKind, list_meetings
from arterial.timetable.paths.possessions import resolve_possessions
from arterial.timetable.paths.requests import PathRequest, TrainPath
from arterial.timetable.paths.resolving import (
    ResolvedPaths,
    ResolveOptions,
    make_conflict_free,
)
from arterial.timetable.paths.study_line import (
    StudyLine,
    list_day_requests,
    list_flow_requests,
    prepare_line,
)
from arterial.timetable.paths.tables import tabulate_occupations, tabulate_paths
from arterial.timetable.paths.traffic import Closure
from arterial.timetable.paths.train_days import Pace, request_train_day
from arterial.units import HOUR_S

__all__ = ["CrossingOptions", "HostOrder", "cross_on_line", "resolve_crossings"]

LEAD_S: Final = 30 * HOUR_S
"""How long before the host other trains begin to fill the line [s]."""

TAIL_S: Final = 6 * HOUR_S
"""How long after its free arrival they still leave [s]."""

FLOW_CASES: Final = ("low", "best", "high")


class HostOrder(StrEnum):
    """When the host gets its path."""

    FIRST = "first"
    AMONG_PASSENGER = "among_passenger"
    LAST = "last"


PRIORITIES: Final[Mapping[HostOrder, Mapping[str, int]]] = {
    HostOrder.FIRST: {"host": 0, "passenger": 1, "freight": 2},
    HostOrder.AMONG_PASSENGER: {"passenger": 0, "host": 1, "freight": 2},
    HostOrder.LAST: {"passenger": 0, "freight": 1, "host": 2},
}


@dataclass(frozen=True, slots=True)
class CrossingOptions:
    """What is varied and how.

    Parameters
    ----------
    orders : tuple of HostOrder
        Orders that are tried; the first gives the tables of paths and conflicts.
    pace : Pace
        Running times of the host. Published ones already hold the waits of their day, so free ones
        are the default.
    rules : PathRules
        Least times between trains.
    """

    orders: tuple[HostOrder, ...] = (
        HostOrder.AMONG_PASSENGER,
        HostOrder.FIRST,
        HostOrder.LAST,
    )
    pace: Pace = Pace.FREE
    rules: PathRules = field(default_factory=PathRules)


@dataclass(frozen=True, slots=True)
class _Case:
    """One combination of flows and order."""

    flows: str
    order: HostOrder


def resolve_crossings(
    study: Study,
    train_id: str,
    operating_day: date,
    *,
    options: CrossingOptions | None = None,
    report_step: ReportStep = stay_silent,
) -> dict[str, pl.DataFrame]:
    """The crossings of a host train on one day, over the range of the flows.

    Parameters
    ----------
    study : Study
        The study, with ``train_flows``.
    train_id : str
        The host train.
    operating_day : date
        Local day at its first stop.
    options : CrossingOptions, optional
        What is varied.
    report_step : callable
        Told the name of each step and the share of work done.

    Returns
    -------
    dict of str to DataFrame
        ``crossings`` and ``crossing_delays`` of every case; ``train_paths``, ``path_occupations``
        and ``conflicts`` of the best case under the first order.

    Raises
    ------
    StudyError
        If the train does not exist, or the study lacks what its path needs.
    """
    options = options or CrossingOptions()
    # Only the trains that share the line are run, each once for all cases.
    report_step("Running the trains of the line", 0.0)
    line = prepare_line(study, along=train_id, rules=options.rules)
    return cross_on_line(line, train_id, operating_day, options=options, report_step=report_step)


def cross_on_line(
    line: StudyLine,
    train_id: str,
    operating_day: date,
    *,
    options: CrossingOptions,
    report_step: ReportStep = stay_silent,
) -> dict[str, pl.DataFrame]:
    """The crossings of a host train on a line whose trains have been run.

    Parameters
    ----------
    line : StudyLine
        The line with its trains.
    train_id, operating_day, options, report_step
        As in :func:`resolve_crossings`.

    Returns
    -------
    dict of str to DataFrame
        As :func:`resolve_crossings` gives them.
    """
    run = line.timer.time(train_id, operating_day)
    host = request_train_day(line.model, line.ways[train_id], run, pace=options.pace)
    closures = _list_closures(line, operating_day)
    results: dict[str, list[pl.DataFrame]] = {"crossings": [], "crossing_delays": []}
    chosen: dict[str, pl.DataFrame] = {}
    cases = [_Case(flows, order) for order in options.orders for flows in FLOW_CASES]
    for number, case in enumerate(cases):
        report_step("Laying paths", (number + 1) / (len(cases) + 1))
        requests = _rank(_list_requests(line, host, operating_day, case, options), host, case)
        resolved = _resolve(line, requests, closures)
        results["crossings"].append(_list_crossings(line, host, resolved, case))
        results["crossing_delays"].append(_sum_delays(line, host, resolved, case, operating_day))
        # One case stands for the rest where whole paths are shown.
        if case == _Case("best", options.orders[0]):
            chosen = _tabulate_case(line, resolved, closures)
    return {name: pl.concat(parts) for name, parts in results.items()} | chosen


def _list_closures(line: StudyLine, day: date) -> tuple[Closure, ...]:
    """Possessions around an operating day."""
    return resolve_possessions(
        line.model,
        line.tables,
        epoch=line.settings.epoch,
        day_from=day - timedelta(days=3),
        day_to=day + timedelta(days=5),
    )


def _list_requests(
    line: StudyLine, host: PathRequest, day: date, case: _Case, options: CrossingOptions
) -> list[PathRequest]:
    """The host and whatever else runs around its time."""
    from_s = host.depart_from_s - LEAD_S
    to_s = host.depart_from_s + host.free_running_s + TAIL_S
    around = list_day_requests(
        line, day - timedelta(days=2), day + timedelta(days=2), pace=options.pace
    )
    same_time = [
        request
        for request in around
        if request.depart_from_s < to_s
        and request.depart_from_s + request.free_running_s > from_s
        and request.train_id != host.train_id
    ]
    flows = list_flow_requests(line, Period(from_s, to_s), case=case.flows)
    return _keep_connected(host, [*same_time, *flows])


def _keep_connected(host: PathRequest, others: Iterable[PathRequest]) -> list[PathRequest]:
    """The host and every train that can bear on it, directly or through further trains."""
    kept, waiting = [host], list(others)
    steps = set(host.step_rows[:, 0].tolist())
    while True:
        near = [one for one in waiting if steps & set(one.step_rows[:, 0].tolist())]
        if not near:
            return kept
        kept += near
        taken = {one.train_id for one in near}
        waiting = [one for one in waiting if one.train_id not in taken]
        for one in near:
            steps |= set(one.step_rows[:, 0].tolist())


def _rank(requests: Iterable[PathRequest], host: PathRequest, case: _Case) -> list[PathRequest]:
    """Requests with the priority that the order gives them."""
    priorities = PRIORITIES[case.order]
    ranked = []
    for request in requests:
        rank = "freight" if request.traits.category == "freight" else "passenger"
        rank = "host" if request.train_id == host.train_id else rank
        traits = replace(request.traits, priority=priorities[rank])
        ranked.append(replace(request, traits=traits))
    return ranked


def _resolve(
    line: StudyLine, requests: list[PathRequest], closures: tuple[Closure, ...]
) -> ResolvedPaths:
    """Paths in the order of priority, without exchanging the order afterwards."""
    names: dict[str, list[str]] = {}
    for request in requests:
        names.setdefault(request.train_id.split("@")[0], []).append(request.train_id)
    return make_conflict_free(
        line.model,
        requests,
        closures=closures,
        links=read_train_links(line.tables["train_links"], names),
        options=ResolveOptions(rounds=0, seed=line.settings.seed),
    )


def _find_host(host: PathRequest, resolved: ResolvedPaths) -> TrainPath | None:
    """Path of the host."""
    paths = {path.train_id: path for path in resolved.paths}
    return paths.get(host.train_id)


def _list_crossings(
    line: StudyLine, host: PathRequest, resolved: ResolvedPaths, case: _Case
) -> pl.DataFrame:
    """Rows of ``crossings`` for one case."""
    del line
    path = _find_host(host, resolved)
    meetings = () if path is None else list_meetings(path, resolved.paths)
    train, day = host.train_id.split("@")
    rows: list[dict[str, Any]] = [
        {
            "crossing_id": f"{host.train_id}/{case.order}/{case.flows}/{number}",
            "train_id": train,
            "operating_day": date.fromisoformat(day),
            "flow_case": case.flows,
            "host_order": case.order.value,
            "sequence": number,
            "kind": meeting.kind.value,
            "point_id": meeting.point_id,
            "other_path_id": meeting.other_id,
            "at_s": meeting.at_s,
            "host_wait_s": meeting.wait_s,
            "other_wait_s": meeting.other_wait_s,
        }
        for number, meeting in enumerate(meetings, start=1)
    ]
    schema = empty_table("crossings").schema
    return conform_table("crossings", pl.DataFrame(rows, schema=schema))


def _sum_delays(
    line: StudyLine, host: PathRequest, resolved: ResolvedPaths, case: _Case, day: date
) -> pl.DataFrame:
    """Row of ``crossing_delays`` for one case."""
    path = _find_host(host, resolved)
    meetings = () if path is None else list_meetings(path, resolved.paths)
    train = host.train_id.split("@")[0]
    run = line.timer.time(train, day)
    leave, arrive = run.departure(0), run.arrival(len(run.plan.stops) - 1)
    published = None
    if leave is not None and arrive is not None:
        published = (arrive.at.at_s - leave.at.at_s) / HOUR_S
    journey = None
    if path is not None:
        journey = (path.arrive_at_s - host.depart_from_s) / HOUR_S
    free = host.free_running_s / HOUR_S
    row = {
        "train_id": train,
        "operating_day": day,
        "flow_case": case.flows,
        "host_order": case.order.value,
        "trains_count": len(resolved.paths) - (path is not None),
        "unplaced_count": len(resolved.unplaced),
        "free_h": free,
        "journey_h": journey,
        "wait_h": None if journey is None else journey - free,
        "crossings_count": sum(one.kind is MeetingKind.CROSSING for one in meetings),
        "waits_count": sum(one.wait_s > 0 for one in meetings),
        "published_h": published,
    }
    return conform_table(
        "crossing_delays", pl.DataFrame([row], schema=empty_table("crossing_delays").schema)
    )


def _tabulate_case(
    line: StudyLine, resolved: ResolvedPaths, closures: tuple[Closure, ...]
) -> dict[str, pl.DataFrame]:
    """Whole paths, occupations and the conflicts that are left (none, unless a link is loose)."""
    conflicts = find_conflicts(line.model, resolved.paths, closures=closures)
    return {
        "train_paths": tabulate_paths(line.model, resolved.paths),
        "path_occupations": tabulate_occupations(line.model, resolved.paths, closures),
        "conflicts": tabulate_conflicts(conflicts),
    }
