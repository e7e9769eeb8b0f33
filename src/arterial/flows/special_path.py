"""A path for one more train on a day of a study, as a planner asks for it.

Main function: :func:`plan_special`. The stated trains stand at their times and the trains of the
flows between them; the special takes what is left. Where nothing is left, it says who would have to
move.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from arterial.clock import local_text
from arterial.compute import ALONE, Workers
from arterial.dispatching.paths.blocking import find_blockers, move_trains
from arterial.dispatching.paths.insertion import Traffic, list_departures
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.network import build_network
from arterial.running.train_runs import run_trains
from arterial.study import Study, apply_defaults, require_day, require_tables
from arterial.timetable.paths import PathRequest, TrainPath
from arterial.timetable.paths.line_model import build_line_model, raise_tracks
from arterial.timetable.paths.path_tables import list_path_events
from arterial.timetable.paths.possessions import resolve_lasting_possessions
from arterial.timetable.paths.special_requests import (
    SpecialWish,
    list_step_times,
    request_special,
)
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.stated_requests import (
    list_stated_paths,
    request_stated_period,
)
from arterial.timetable.paths.study_line import StudyLine, list_flow_requests
from arterial.timetable.paths.train_requests import Period
from arterial.timetable.stated import follow_stated_trains
from arterial.timetable.trains.timed_trains import MOST_JOURNEY_DAYS
from arterial.timetable.trains.train_times import TrainTimer
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["describe_special", "plan_special"]

LEAD_S: Final = 30 * HOUR_S
"""How long before the special other trains begin to fill the line [s]."""

TAIL_FACTOR: Final = 3
"""For how many of its shortest journeys the others go on after its latest departure [1]."""

SPACING_S: Final = HOUR_S // 2
"""Least time between two departures that are offered [s]."""

AS_STATED: Final = (
    "Over {} of its steps no typical speed is stated: there it takes the median time of the stated "
    "trains of its kind."
)
NEEDED: Final = ("operational_points", "sections")


def plan_special(study: Study, wish: SpecialWish, *, workers: Workers = ALONE) -> dict[str, Any]:
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
        JSON-ready: the wish, ``paths`` best first, and, where there is none, ``blocked_by`` and
        ``moved`` with the extra delay of each train that would have to move.

    Raises
    ------
    StudyError
        If a point does not exist, or the sections state no speed.
    """
    require_tables(study, *NEEDED, purpose="A path for one more train")
    require_day(study, wish.day)
    line = _draw_line(study)
    stated = _follow_trains(line, wish.day, workers)
    # How fast it runs is told by the sections, else by the stated trains of its kind.
    is_freight = wish.category == "freight"
    stated_s = list_step_times(stated, line.tables["trains"], is_freight=is_freight)
    request = request_special(line, wish, stated_s)
    # The stated trains as they are stated, then those of which only a number is known.
    timetable = _list_timetable(line, stated, request)
    traffic = _add_flows(line, timetable, request, wish.flows)
    traffic = traffic.widen(round(wish.margin_min * MINUTE_S))
    paths = list_departures(traffic, request, count=wish.count, spacing_s=SPACING_S)
    result: dict[str, Any] = {
        "from_point": request.points[0],
        "to_point": request.points[-1],
        "date": wish.day.isoformat(),
        "other_trains": len(traffic.paths),
        "near_trains": _count_near(traffic, request),
        "flows": wish.flows,
        "steps_as_stated": _count_as_stated(line, request, wish.category),
        "free_running_min": request.free_running_s / MINUTE_S,
        "paths": [_describe(line, path, traffic) for path in paths],
        "blocked_by": [],
        "moved": [],
    }
    if paths:
        return result
    plan = move_trains(traffic, request)
    others = traffic.without(plan.blockage.blockers).add(*plan.moved)
    # Where trains alone cannot make room, a possession stands in the way: it is named.
    blockage = plan.blockage if plan.path else find_blockers(traffic, request)
    return result | {
        "blocked_by": list(blockage.blockers),
        "is_smallest": blockage.is_smallest,
        "paths_if_moved": [_describe(line, plan.path, others)] if plan.path else [],
        "moved": [
            {"train": train, "later_min": delay_s / MINUTE_S}
            for train, delay_s in plan.extra_delay_s.items()
        ],
        "cancelled": list(plan.cancelled),
    }


def describe_special(result: Mapping[str, Any]) -> str:
    """The outcome as text for a terminal."""
    others = f"{result['other_trains']} others around (flows: {result['flows']})"
    head = (
        f"{result['from_point']} to {result['to_point']} on {result['date']}: "
        f"{result['free_running_min']:.0f} min without any other train; "
        f"{others}, of which {result['near_trains']} share its way."
    )
    lines = [head]
    if result["steps_as_stated"]:
        lines.append(AS_STATED.format(result["steps_as_stated"]))
    if not result["paths"]:
        blockers = ", ".join(result["blocked_by"]) or "the limits of the train itself"
        sure = "" if result["is_smallest"] else ", perhaps not the smallest set"
        lines.append(f"No path in that window. In the way: {blockers}{sure}.")
        lines += [
            f"  {one['train']} would arrive {one['later_min']:.0f} min later"
            for one in result["moved"]
        ]
        lines += [f"  {train} would find no other path" for train in result["cancelled"]]
    for path in (*result["paths"], *result.get("paths_if_moved", ())):
        lines += ["", *_describe_path(path)]
    return "\n".join(lines)


def _describe_path(path: Mapping[str, Any]) -> list[str]:
    title = (
        f"leaves {path['departure']}, arrives {path['arrival']}: {path['journey_min']:.0f} min, "
        f"of it {path['wait_min']:.0f} min waits"
    )
    rows = [
        f"  {point['point']:<34}{point['arrival'] or '':>18}{point['departure'] or '':>18}"
        + (f"  stands {point['stand_min']:.0f} min" if point["stand_min"] else "")
        for point in path["points"]
        if point["is_shown"]
    ]
    events = [f"  meets {event['train']} at {event['point']}" for event in path["events"]]
    return [title, *rows, *events]


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


def _list_timetable(line: StudyLine, stated: StatedTraffic, request: PathRequest) -> Traffic:
    """The stated trains that are under way around the special's time, and the possessions."""
    tables, period = line.tables, _find_period(request)
    trains = request_stated_period(stated, tables, period.from_s, period.to_s)
    epoch = line.settings.epoch
    closures = resolve_lasting_possessions(
        line.model,
        tables,
        epoch=epoch,
        day_from=epoch + timedelta(days=period.from_s // DAY_S),
        day_to=epoch + timedelta(days=period.to_s // DAY_S + 1),
    )
    return Traffic(line.model, tuple(list_stated_paths(trains).values()), closures)


def _add_flows(line: StudyLine, timetable: Traffic, request: PathRequest, case: str) -> Traffic:
    """The traffic with trains of the flows laid between those of the timetable."""
    requests = list_flow_requests(line, _find_period(request), case=case)
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


def _count_as_stated(line: StudyLine, request: PathRequest, category: str) -> int:
    """Steps of a way over which no typical speed is stated."""
    sections = line.tables["sections"].filter(pl.col(f"typical_{category}_speed_kmh").is_null())
    unknown = set(sections["section_id"].to_list())
    rows = request.step_rows["row"].tolist()
    return sum(line.model.steps[row].section_id in unknown for row in rows)


def _count_near(traffic: Traffic, request: PathRequest) -> int:
    """Trains that share a step of the way in the time around the window."""
    to_s = request.depart_to_s + request.free_running_s
    users = traffic.list_users(request, request.depart_from_s, to_s)
    return len(set(users) & {path.train_id for path in traffic.paths})


def _describe(line: StudyLine, path: TrainPath, others: Traffic) -> dict[str, Any]:
    """A path as JSON-ready values, times in local time of each point."""
    users = set(others.list_users(path.request, path.depart_at_s, path.arrive_at_s))
    near = [other for other in others.paths if other.train_id in users]
    names = dict(line.tables["operational_points"].select("point_id", "name").iter_rows())
    stands = path.departure_s - path.arrival_s
    last = len(path.request.points) - 1
    points = [
        {
            "point_id": point,
            "point": names[point],
            "arrival": _tell(line, point, path.arrival_s[place]) if place else None,
            "departure": _tell(line, point, path.departure_s[place]) if place < last else None,
            "stand_min": float(stands[place]) / MINUTE_S if 0 < place < last else 0.0,
            "is_shown": place in {0, last} or bool(stands[place]),
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


def _tell(line: StudyLine, point: str, at_s: int) -> str:
    zones: dict[str, str] = dict(
        line.tables["operational_points"].select("point_id", "zone").iter_rows()
    )
    return local_text(int(at_s), line.settings.epoch, str(zones[point]))
