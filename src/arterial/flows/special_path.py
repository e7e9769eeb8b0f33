"""A path for one more train on a day of a study, as a planner asks for it.

Main function: :func:`find_path`. The stated trains stand at their times and the trains of the
flows between them; the special takes what is left. Where nothing is left, it says who would have to
move, and what else would do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from math import ceil, floor
from typing import Any, Final

from arterial.clock import local_text, utc_offset_min
from arterial.compute import ALONE, Workers
from arterial.dispatching.paths.insertion import Traffic
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.dispatching.paths.specials import Change, list_best, refuse
from arterial.network import build_network
from arterial.running.train_runs import run_trains
from arterial.study import Study, apply_defaults, require_day, require_tables
from arterial.study.study import PATH_TABLES
from arterial.timetable.coaches.openings import list_openings
from arterial.timetable.coaches.procedures import (
    Procedure,
    finish_procedure,
    make_fixed_procedure,
    read_procedures,
)
from arterial.timetable.paths import PathRequest, TrainPath
from arterial.timetable.paths.equipped_routes import Stand
from arterial.timetable.paths.line_model import build_line_model, raise_tracks
from arterial.timetable.paths.path_tables import list_path_events
from arterial.timetable.paths.possessions import resolve_lasting_possessions
from arterial.timetable.paths.requests import NO_LIMIT_S
from arterial.timetable.paths.special_requests import (
    SpecialRequest,
    list_step_times,
    request_special,
)
from arterial.timetable.paths.special_times import Basis
from arterial.timetable.paths.special_wishes import SpecialWish
from arterial.timetable.paths.stands import read_stated_stands
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.stated_requests import (
    list_stated_paths,
    request_stated_period,
)
from arterial.timetable.paths.study_line import StudyLine, list_flow_requests
from arterial.timetable.paths.train_requests import Period
from arterial.timetable.stated import follow_stated_trains
from arterial.timetable.trains.timed_trains import MOST_JOURNEY_DAYS
from arterial.timetable.trains.train_plans import TimeRange
from arterial.timetable.trains.train_times import TrainTimer
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["find_path"]

LEAD_S: Final = 30 * HOUR_S
"""How long before the special other trains begin to fill the line [s]."""

TAIL_FACTOR: Final = 3
"""For how many of its shortest journeys the others go on after its latest departure [1]."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A special with what it is laid between."""

    line: StudyLine
    special: SpecialRequest
    procedures: Mapping[str, Procedure]
    choices: tuple[PathRequest, ...]
    traffic: Traffic
    until_s: int


def find_path(study: Study, wish: SpecialWish, *, workers: Workers = ALONE) -> dict[str, Any]:
    """Paths for one more train, or what stands in its way.

    Parameters
    ----------
    study : Study
        The study.
    wish : SpecialWish
        What is asked for.
    workers : Workers
        Who shares the running times.

    Returns
    -------
    dict
        JSON-ready: the wish, the train and what it stands for, ``paths`` best first, and, where
        there is none, ``blocked_by`` and ``moved`` with the extra delay of each train that would
        have to move, ``binding`` and ``would_do``: the smallest changes that give a path.

    Raises
    ------
    StudyError
        If a point does not exist, or nothing tells how fast the train runs.
    InfeasibleError
        If there is no way for the train, naming what bars it.
    """
    require_tables(study, *PATH_TABLES, purpose="A path for one more train")
    require_day(study, wish.day)
    case = _prepare(study, wish, workers)
    traffic, choices = case.traffic, case.choices
    paths = list_best(traffic, choices, wish.count)
    request, special = choices[0], case.special
    result: dict[str, Any] = {
        "from_point": request.points[0],
        "to_point": request.points[-1],
        "date": wish.day.isoformat(),
        "other_trains": len(traffic.paths),
        "near_trains": _count_near(traffic, request),
        "flows": wish.flows,
        "train": special.train.name,
        "steps_as_stated": sum(time.basis is Basis.STATED for time in special.times),
        "steps_by_physics": sum(time.basis is Basis.PHYSICS for time in special.times),
        "haulers": _list_haulers(special),
        "stands": [_describe_stand(case, stand) for stand in special.way.stands],
        "notes": list(special.notes),
        "free_running_min": request.free_running_s / MINUTE_S,
        "paths": [_describe(case, path, traffic) for path in paths],
        "blocked_by": [],
        "moved": [],
        "binding": [],
        "would_do": [],
    }
    return result if paths else result | _explain_none(case, wish)


def _prepare(study: Study, wish: SpecialWish, workers: Workers) -> _Case:
    """The special and the trains around it."""
    line = _draw_line(study)
    stated = _follow_trains(line, wish.day, workers)
    procedures = read_procedures(line.tables["procedure_steps"])
    never = TimeRange(0, 0, 0)
    ends = {
        name: finish_procedure(one, never, "UTC", line.settings.epoch).finished_if_open
        for name, one in procedures.items()
    }
    work_s = {
        name: (float(end.low_at_s), float(end.at_s), float(end.high_at_s))
        for name, end in ends.items()
    }
    # How fast it runs is told by its vehicles or the sections, else by trains of its kind.
    special = request_special(
        line,
        wish,
        read_stated_stands(stated, line.tables, work_s),
        lambda is_freight: list_step_times(stated, line.tables["trains"], is_freight=is_freight),
    )
    request = special.request
    choices = tuple(_list_choices(line, special, procedures, request))
    # The stated trains as they are stated, then those of which only a number is known.
    period = _find_period(choices[0])
    timetable = _list_timetable(line, stated, period)
    traffic = _add_flows(line, timetable, period, wish.flows)
    traffic = traffic.widen(round(wish.margin_min * MINUTE_S))
    return _Case(line, special, procedures, choices, traffic, period.to_s)


def _list_choices(
    line: StudyLine,
    special: SpecialRequest,
    procedures: Mapping[str, Procedure],
    request: PathRequest,
) -> Iterator[PathRequest]:
    """Requests with the standstills of the way, one for each choice of opening hours."""
    zones = _read_zones(line)
    stands, openings = special.way.stands, []
    # Whoever waits for a day at every one of them is still looked at.
    until_s = request.depart_to_s + request.free_running_s + len(stands) * 2 * DAY_S
    for stand in stands:
        works = [procedures[name] for name in stand.procedure_ids]
        works.append(make_fixed_procedure(stand.more_s[1] / MINUTE_S))
        openings.append(
            list_openings(
                works,
                zones[request.points[stand.place]],
                line.settings.epoch,
                from_s=request.depart_from_s,
                to_s=until_s,
            )
        )
    for chosen in product(*openings):
        limited = request
        for stand, one in zip(stands, chosen, strict=True):
            limited = limited.limit_point(
                stand.place,
                earliest_at_s=ceil(max(one.ready_s, -NO_LIMIT_S)),
                latest_at_s=floor(min(one.until_s, NO_LIMIT_S)),
                dwell_s=ceil(one.work_s),
            )
        yield limited


def _explain_none(case: _Case, wish: SpecialWish) -> dict[str, Any]:
    """Who or what stands in the way, and what would do, as JSON-ready values."""
    line, request = case.line, case.special.request

    def choose(from_s: int, to_s: int) -> tuple[PathRequest, ...]:
        shifted = request.shift_window(from_s, to_s)
        return tuple(_list_choices(line, case.special, case.procedures, shifted))

    refusal = refuse(
        case.traffic,
        case.choices,
        choose,
        margin_min=wish.margin_min,
        until_s=case.until_s,
    )
    plan, blockage = refusal.plan, refusal.blockage
    others = case.traffic.without(plan.blockage.blockers).add(*plan.moved)
    names = dict(line.tables["operational_points"].select("point_id", "name").iter_rows())
    return {
        "blocked_by": list(blockage.blockers),
        "is_smallest": blockage.is_smallest,
        "paths_if_moved": [_describe(case, plan.path, others)] if plan.path else [],
        "moved": [
            {"train": train, "later_min": delay_s / MINUTE_S}
            for train, delay_s in plan.extra_delay_s.items()
        ],
        "cancelled": list(plan.cancelled),
        "binding": [names.get(place, place) for place in refusal.places],
        "would_do": [_describe_change(case, change) for change in refusal.changes],
    }


def _describe_change(case: _Case, change: Change) -> dict[str, Any]:
    """A change that gives a path, as JSON-ready values."""
    if change.attribute != "window":
        return {"attribute": change.attribute, "value": change.value, "off": change.off}
    return {
        "attribute": "departure",
        "value": _tell(case.line, case.special.request.points[0], int(change.value)),
        "off": change.off / MINUTE_S,
    }


def _draw_line(study: Study) -> StudyLine:
    """The line of a study, no train followed yet."""
    tables = {name: apply_defaults(study, name) for name in study.tables}
    network = build_network(tables)
    model = raise_tracks(build_line_model(network, tables))
    timer = TrainTimer({}, study.settings.epoch)
    return StudyLine(model, network, tables, study.settings, {}, timer)


def _find_period(request: PathRequest) -> Period:
    """When the other trains fill the line."""
    return Period(
        request.depart_from_s - LEAD_S,
        request.depart_to_s + TAIL_FACTOR * request.free_running_s,
    )


def _follow_trains(line: StudyLine, day: date, workers: Workers) -> StatedTraffic:
    """All stated trains around a day, held against nothing."""
    reach = timedelta(days=MOST_JOURNEY_DAYS)
    days = {"horizon_from": day - reach, "horizon_to": day + reach}
    hosts = run_trains(line.network, line.tables, line.settings, workers)
    settings = line.settings.model_copy(update=days)
    return follow_stated_trains(line.network, line.tables, settings, hosts, workers)


def _list_timetable(line: StudyLine, stated: StatedTraffic, period: Period) -> Traffic:
    """The stated trains that are under way around the special's time, and the possessions."""
    trains = request_stated_period(stated, line.tables, period.from_s, period.to_s)
    epoch = line.settings.epoch
    closures = resolve_lasting_possessions(
        line.model,
        line.tables,
        epoch=epoch,
        day_from=epoch + timedelta(days=period.from_s // DAY_S),
        day_to=epoch + timedelta(days=period.to_s // DAY_S + 1),
    )
    return Traffic(line.model, tuple(list_stated_paths(trains).values()), closures)


def _add_flows(line: StudyLine, timetable: Traffic, period: Period, case: str) -> Traffic:
    """The traffic with trains of the flows laid between those of the timetable."""
    requests = list_flow_requests(line, period, case=case)
    if not requests:
        return timetable
    planned = plan_paths(
        line.model,
        requests,
        closures=timetable.closures,
        standing=timetable.paths,
        options=PlanOptions(moves=0, leaves_late=True),
    )
    return timetable.add(*planned.paths)


def _count_near(traffic: Traffic, request: PathRequest) -> int:
    """Trains that share a step of the way in the time around the window."""
    to_s = request.depart_to_s + request.free_running_s
    users = traffic.list_users(request, request.depart_from_s, to_s)
    return len(set(users) & {path.train_id for path in traffic.paths})


def _list_haulers(special: SpecialRequest) -> list[dict[str, str]]:
    """What hauls the train from where to where."""
    points = special.way.route.points
    rows: list[dict[str, str]] = []
    for place, hauler in enumerate(special.way.haulers):
        if rows and rows[-1]["hauler"] == hauler:
            rows[-1]["to_point"] = points[place + 1]
        else:
            rows.append(
                {"hauler": hauler, "from_point": points[place], "to_point": points[place + 1]}
            )
    return rows


def _describe_stand(case: _Case, stand: Stand) -> dict[str, Any]:
    """A standstill that the way needs, as JSON-ready values."""
    request, epoch = case.special.request, case.line.settings.epoch
    point = request.points[stand.place]
    low, best, high = (
        part
        + sum(
            getattr(
                finish_procedure(
                    case.procedures[name], TimeRange(0, 0, 0), "UTC", epoch
                ).finished_if_open,
                column,
            )
            for name in stand.procedure_ids
        )
        for part, column in zip(stand.more_s, ("low_at_s", "at_s", "high_at_s"), strict=True)
    )
    hours = [
        {"step": step.name, "opens": step.opens, "closes": step.closes}
        for name in stand.procedure_ids
        for step in case.procedures[name].steps
        if step.opens or step.closes
    ]
    names = dict(case.line.tables["operational_points"].select("point_id", "name").iter_rows())
    return {
        "point_id": point,
        "point": names[point],
        "needs": [need.value for need in stand.needs],
        "low_min": low / MINUTE_S,
        "best_min": best / MINUTE_S,
        "high_min": high / MINUTE_S,
        "as": list(stand.reasons),
        "hours": hours,
    }


def _describe(case: _Case, path: TrainPath, others: Traffic) -> dict[str, Any]:
    """A path as JSON-ready values, times in local time of each point."""
    line = case.line
    users = set(others.list_users(path.request, path.depart_at_s, path.arrive_at_s))
    near = [other for other in others.paths if other.train_id in users]
    names = dict(line.tables["operational_points"].select("point_id", "name").iter_rows())
    zones, epoch = _read_zones(line), line.settings.epoch
    needs = {stand.place: stand.needs for stand in case.special.way.stands}
    stands = path.departure_s - path.arrival_s
    last = len(path.request.points) - 1
    points = [
        {
            "point_id": point,
            "point": names[point],
            "zone": zones[point],
            "utc_offset_min": utc_offset_min(int(path.arrival_s[place]), epoch, zones[point]),
            "arrival": _tell(line, point, path.arrival_s[place]) if place else None,
            "departure": _tell(line, point, path.departure_s[place]) if place < last else None,
            "stand_min": float(stands[place]) / MINUTE_S if 0 < place < last else 0.0,
            "needs": [need.value for need in needs.get(place, ())],
            "is_shown": place in {0, last} or place in needs or bool(stands[place]),
        }
        for place, point in enumerate(path.request.points)
    ]
    return {
        "departure": points[0]["departure"],
        "arrival": points[-1]["arrival"],
        "journey_min": path.journey_s / MINUTE_S,
        "wait_min": (path.journey_s - path.request.free_running_s) / MINUTE_S,
        "points": points,
        "events": [
            {"train": event.other_id, "point": names[event.point_id], "kind": event.kind}
            for event in list_path_events(path, near)
        ],
    }


def _read_zones(line: StudyLine) -> dict[str, str]:
    """Zone of each point."""
    return dict(line.tables["operational_points"].select("point_id", "zone").iter_rows())


def _tell(line: StudyLine, point: str, at_s: int) -> str:
    return local_text(int(at_s), line.settings.epoch, _read_zones(line)[point])
