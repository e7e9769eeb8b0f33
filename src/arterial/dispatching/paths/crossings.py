"""Which trains a host train meets on a single line, and what the waits cost it.

Main function: :func:`resolve_crossings`. How many other trains run is known as a range only, and
nobody publishes who waits for whom, so both are varied and every result says for which case. The
cases need nothing of one another: :func:`lay_crossing_case` does one, in whatever process.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

import polars as pl

from arterial.dispatching.paths.planning import PlannedPaths, PlanOptions, plan_paths
from arterial.errors import Fault, StudyError
from arterial.study import conform_table, empty_table
from arterial.timetable.paths import (
    Closure,
    LineModel,
    PathRequest,
    PathRules,
    TrainLink,
    TrainPath,
    find_conflicts,
    tabulate_conflicts,
    tabulate_occupations,
    tabulate_paths,
)
from arterial.timetable.paths.links import read_train_links
from arterial.timetable.paths.path_tables import PathEvent, PathEventKind, list_path_events
from arterial.timetable.paths.possessions import resolve_possessions
from arterial.timetable.paths.study_line import (
    StudyLine,
    list_day_requests,
    list_flow_requests,
)
from arterial.timetable.paths.train_requests import Pace, Period, request_train_day
from arterial.units import HOUR_S

__all__ = [
    "CrossingCase",
    "CrossingOptions",
    "HostOrder",
    "join_crossing_cases",
    "lay_crossing_case",
    "list_crossing_cases",
    "resolve_crossings",
]

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
class CrossingCase:
    """One combination of flows and order, with all that its paths are made of: a task.

    Parameters
    ----------
    model : LineModel
        The line.
    host : PathRequest
        What the host asks for.
    requests : tuple of PathRequest
        The host and whatever else runs around its time, ranked.
    closures : tuple of Closure
        What possessions take.
    links : tuple of TrainLink
        Links between the trains.
    flows : str
        Which end of the range of the flows.
    order : HostOrder
        When the host gets its path.
    published_h : float or None
        Published journey of the host [h].
    is_shown : bool
        Whether it gives the tables of whole paths too.
    """

    model: LineModel
    host: PathRequest
    requests: tuple[PathRequest, ...]
    closures: tuple[Closure, ...]
    links: tuple[TrainLink, ...]
    flows: str
    order: HostOrder
    published_h: float | None
    is_shown: bool


def resolve_crossings(
    line: StudyLine, train_id: str, operating_day: date, *, options: CrossingOptions | None = None
) -> dict[str, pl.DataFrame]:
    """The crossings of a host train on one day, over the range of the flows.

    Parameters
    ----------
    line : StudyLine
        The line with its trains, under the rules of the options.
    train_id : str
        The host train.
    operating_day : date
        Local day at its first stop.
    options : CrossingOptions, optional
        What is varied.

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
    cases = list_crossing_cases(line, train_id, operating_day, options or CrossingOptions())
    return join_crossing_cases([lay_crossing_case(case) for case in cases])


def list_crossing_cases(
    line: StudyLine, train_id: str, operating_day: date, options: CrossingOptions
) -> list[CrossingCase]:
    """Cases of a host train by order, then by flows; parameters as of :func:`resolve_crossings`."""
    if train_id not in line.ways:
        fault = Fault(f"There is no train {train_id}.", "Name one of trains.", "tables/trains.csv")
        message = "The train whose crossings are wanted does not exist."
        raise StudyError(message, [fault])
    run = line.timer.time(train_id, operating_day)
    leave, arrive = run.departure(0), run.arrival(len(run.plan.stops) - 1)
    published_h = None
    if leave is not None and arrive is not None:
        published_h = (arrive.at.at_s - leave.at.at_s) / HOUR_S
    host = request_train_day(line.model, line.ways[train_id], run, pace=options.pace)
    closures = _list_closures(line, operating_day)
    # What runs differs by flows alone; the order changes nothing but priorities.
    around = _list_trains_around(line, host, operating_day, options.pace)
    requests = {flows: _list_requests(line, host, around, flows) for flows in FLOW_CASES}
    return [
        CrossingCase(
            model=line.model,
            host=host,
            requests=_rank(requests[flows], host, order),
            closures=closures,
            links=_list_links(line, requests[flows]),
            flows=flows,
            order=order,
            published_h=published_h,
            is_shown=(flows, order) == ("best", options.orders[0]),
        )
        for order in options.orders
        for flows in FLOW_CASES
    ]


def lay_crossing_case(case: CrossingCase) -> dict[str, pl.DataFrame]:
    """Tables of one case, from nothing but the case.

    Parameters
    ----------
    case : CrossingCase
        The case.

    Returns
    -------
    dict of str to DataFrame
        ``crossings`` and ``crossing_delays``; where the case is shown, ``train_paths``,
        ``path_occupations`` and ``conflicts`` as well.
    """
    # In the order of priority, without exchanging the order afterwards.
    planned = plan_paths(
        case.model,
        case.requests,
        closures=case.closures,
        links=case.links,
        options=PlanOptions(moves=0, leaves_late=True),
    )
    paths = {path.train_id: path for path in planned.paths}
    path = paths.get(case.host.train_id)
    events = () if path is None else list_path_events(path, planned.paths)
    tables = {
        "crossings": _list_crossings(case, events),
        "crossing_delays": _sum_delays(case, planned, path, events),
    }
    if case.is_shown:
        # Conflicts are left only where a link is loose.
        conflicts = find_conflicts(case.model, planned.paths, closures=case.closures)
        tables |= {
            "train_paths": tabulate_paths(case.model, planned.paths),
            "path_occupations": tabulate_occupations(case.model, planned.paths, case.closures),
            "conflicts": tabulate_conflicts(conflicts),
        }
    return tables


def join_crossing_cases(tables: Sequence[Mapping[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Tables of all cases of a host from those of each, in the order of the cases."""
    names = dict.fromkeys(name for found in tables for name in found)
    return {name: pl.concat([one[name] for one in tables if name in one]) for name in names}


def _list_closures(line: StudyLine, day: date) -> tuple[Closure, ...]:
    """Possessions around an operating day."""
    return resolve_possessions(
        line.model,
        line.tables,
        epoch=line.settings.epoch,
        day_from=day - timedelta(days=3),
        day_to=day + timedelta(days=5),
    )


def _list_trains_around(
    line: StudyLine, host: PathRequest, day: date, pace: Pace
) -> list[PathRequest]:
    """Other trains of the timetable that run around the time of the host."""
    from_s, to_s = _find_period(host)
    # What left two days before may still be on the way: its day says nothing of when it is here.
    return [
        request
        for request in list_day_requests(
            line, day - timedelta(days=2), day + timedelta(days=2), pace=pace
        )
        if request.depart_from_s < to_s
        and request.depart_from_s + request.free_running_s > from_s
        and request.train_id != host.train_id
    ]


def _find_period(host: PathRequest) -> tuple[int, int]:
    """When the other trains fill the line [s]."""
    end_s = host.depart_from_s + host.free_running_s
    return host.depart_from_s - LEAD_S, end_s + TAIL_S


def _list_requests(
    line: StudyLine, host: PathRequest, around: Iterable[PathRequest], flows: str
) -> list[PathRequest]:
    """The host and every train that can bear on it, directly or through further trains."""
    others = [*around, *list_flow_requests(line, Period(*_find_period(host)), case=flows)]
    return _keep_connected(host, others)


def _keep_connected(host: PathRequest, others: Iterable[PathRequest]) -> list[PathRequest]:
    """The host and every train that shares a step with it or with another one kept."""
    kept = [host]
    steps = set(host.step_rows["row"].tolist())
    waiting = [(one, set(one.step_rows["row"].tolist())) for one in others]
    while True:
        near = [(one, own) for one, own in waiting if steps & own]
        if not near:
            return kept
        kept += [one for one, _ in near]
        taken = {one.train_id for one, _ in near}
        waiting = [(one, own) for one, own in waiting if one.train_id not in taken]
        steps = steps.union(*(own for _, own in near))


def _rank(
    requests: Iterable[PathRequest], host: PathRequest, order: HostOrder
) -> tuple[PathRequest, ...]:
    """Requests with the priority that the order gives them."""
    priorities = PRIORITIES[order]
    ranked = []
    for request in requests:
        rank = "freight" if request.traits.category == "freight" else "passenger"
        rank = "host" if request.train_id == host.train_id else rank
        traits = replace(request.traits, priority=priorities[rank])
        ranked.append(replace(request, traits=traits))
    return tuple(ranked)


def _list_links(line: StudyLine, requests: Iterable[PathRequest]) -> tuple[TrainLink, ...]:
    """Links between the trains that run."""
    names: dict[str, list[str]] = {}
    for request in requests:
        names.setdefault(request.train_id.split("@")[0], []).append(request.train_id)
    return read_train_links(line.tables["train_links"], names)


def _list_crossings(case: CrossingCase, events: Iterable[PathEvent]) -> pl.DataFrame:
    """Rows of ``crossings`` for one case."""
    train, day = case.host.train_id.split("@")
    rows: list[dict[str, Any]] = [
        {
            "crossing_id": f"{case.host.train_id}/{case.order}/{case.flows}/{number}",
            "train_id": train,
            "operating_day": date.fromisoformat(day),
            "flow_case": case.flows,
            "host_order": case.order.value,
            "sequence": number,
            "kind": event.kind.value,
            "point_id": event.point_id,
            "other_path_id": event.other_id,
            "at_s": event.at_s,
            "host_wait_s": event.wait_s,
            "other_wait_s": event.other_wait_s,
        }
        for number, event in enumerate(events, start=1)
    ]
    schema = empty_table("crossings").schema
    return conform_table("crossings", pl.DataFrame(rows, schema=schema))


def _sum_delays(
    case: CrossingCase,
    planned: PlannedPaths,
    path: TrainPath | None,
    events: Sequence[PathEvent],
) -> pl.DataFrame:
    """Row of ``crossing_delays`` for one case."""
    train, day = case.host.train_id.split("@")
    journey_h = None
    if path is not None:
        journey_h = (path.arrive_at_s - case.host.depart_from_s) / HOUR_S
    free_h = case.host.free_running_s / HOUR_S
    row = {
        "train_id": train,
        "operating_day": date.fromisoformat(day),
        "flow_case": case.flows,
        "host_order": case.order.value,
        "trains_count": len(planned.paths) - (path is not None),
        "unplaced_count": len(planned.unplaced),
        "free_h": free_h,
        "journey_h": journey_h,
        "wait_h": None if journey_h is None else journey_h - free_h,
        "crossings_count": sum(one.kind is PathEventKind.CROSSING for one in events),
        "waits_count": sum(one.wait_s > 0 for one in events),
        "published_h": case.published_h,
    }
    return conform_table(
        "crossing_delays", pl.DataFrame([row], schema=empty_table("crossing_delays").schema)
    )
