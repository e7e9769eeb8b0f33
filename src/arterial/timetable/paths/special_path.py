"""A path for one more train on a day of a study, as a planner asks for it.

Main function: :func:`plan_special`. The timetable's trains and the trains of the flows stand first;
the special takes what is left. Where nothing is left, it says who would have to move.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from arterial.clock import civil_to_epoch_s, local_text
from arterial.errors import Fault, LimitError, StudyError
from arterial.study import Study
from arterial.study.faults import find_near_names
from arterial.timetable.paths import (
    DepartureWindow,
    PathRequest,
    ResolveOptions,
    StopWish,
    Traffic,
    TrainPath,
    find_blockers,
    list_departures,
    make_conflict_free,
    make_request,
    move_trains,
)
from arterial.timetable.paths.path_tables import list_path_events
from arterial.timetable.paths.study_line import (
    StudyLine,
    find_flow_way,
    list_day_requests,
    list_flow_requests,
    prepare_line,
)
from arterial.timetable.paths.traffic import resolve_possessions
from arterial.timetable.paths.train_requests import Period
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["SpecialWish", "describe_special", "plan_special", "read_wish"]

LEAD_S: Final = 30 * HOUR_S
"""How long before the special other trains begin to fill the line [s]."""

SPACING_S: Final = HOUR_S // 2
"""Least time between two departures that are offered [s]."""

SPECIAL: Final = "special"
CATEGORIES: Final = ("passenger", "freight")


@dataclass(frozen=True, slots=True)
class SpecialWish:
    """What a planner asks for.

    Parameters
    ----------
    from_point, to_point : str
        Ids or names of the points between which the train runs.
    day : date
        Local day of departure at `from_point`.
    earliest, latest : str
        Local clock times between which it may leave.
    category : str
        ``passenger`` or ``freight``: it runs at the typical speed of such trains.
    stops : mapping of str to float
        Points at which it stops, and for how long [min].
    length_m : float or None
        Length of the train; None = no loop is too short for it [m].
    margin_min : float
        Margin towards other trains, beside the line's intervals [min].
    flows : str
        ``low``, ``best`` or ``high``: how many other trains there are.
    count : int
        How many departures at most.
    """

    from_point: str
    to_point: str
    day: date
    earliest: str = "00:00"
    latest: str = "23:59"
    category: str = "passenger"
    stops: Mapping[str, float] = field(default_factory=dict)
    length_m: float | None = None
    margin_min: float = 0.0
    flows: str = "best"
    count: int = 3


def read_wish(
    points: Sequence[str],
    day: date,
    *,
    window: str,
    category: str = "passenger",
    margin_min: float = 0.0,
) -> SpecialWish:
    """A wish from its short forms.

    Parameters
    ----------
    points : sequence of str
        Where it begins, each stop as ``POINT:MINUTES``, and where it ends.
    day : date
        Local day of departure.
    window : str
        ``HH:MM-HH:MM``.
    category : str
        ``passenger`` or ``freight``.
    margin_min : float
        Margin towards other trains [min].

    Returns
    -------
    SpecialWish
        The wish.

    Raises
    ------
    LimitError
        Naming everything that cannot be read.

    Examples
    --------
    >>> read_wish(("A", "C:5", "B"), date(2026, 1, 5), window="06:00-12:00").stops
    {'C': 5.0}
    """
    faults = []
    if len(points) < len(("from", "to")):
        faults.append(Fault("A train needs two points.", "Name where it begins and ends."))
    clocks = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", window)
    if clocks is None:
        faults.append(Fault(f"{window!r} is no window.", "Write HH:MM-HH:MM: 06:00-12:00."))
    if category not in CATEGORIES:
        faults.append(Fault(f"{category!r} is no category.", f"Use {' or '.join(CATEGORIES)}."))
    matches = {text: re.fullmatch(r"(.+):(\d+(?:\.\d+)?)", text) for text in points[1:-1]}
    faults += [
        Fault(f"{text!r} is no stop.", "Write POINT:MINUTES: Hamhung:10.")
        for text, match in matches.items()
        if match is None
    ]
    if faults or clocks is None:
        message = "What is asked for cannot be read."
        raise LimitError(message, faults)
    return SpecialWish(
        from_point=points[0],
        to_point=points[-1],
        day=day,
        earliest=clocks.group(1),
        latest=clocks.group(2),
        category=category,
        stops={match.group(1): float(match.group(2)) for match in matches.values() if match},
        margin_min=margin_min,
    )


def plan_special(study: Study, wish: SpecialWish) -> dict[str, Any]:
    """Paths for one more train, or what stands in its way.

    Parameters
    ----------
    study : Study
        The study.
    wish : SpecialWish
        What is asked for.

    Returns
    -------
    dict
        JSON-ready: the wish, ``paths`` best first, and, where there is none, ``blocked_by`` and
        ``moved`` with the extra delay of each train that would have to move.

    Raises
    ------
    StudyError
        If a point does not exist, or the sections state no speed.
    LimitError
        If the window of departure is empty.
    """
    line = prepare_line(study)
    request = _request(line, wish)
    traffic = _fill_line(line, request, wish)
    margin_s = round(wish.margin_min * MINUTE_S) + line.model.rules.margin_s
    paths = list_departures(
        traffic, request, count=wish.count, spacing_s=SPACING_S, margin_s=margin_s
    )
    result: dict[str, Any] = {
        "from_point": request.points[0],
        "to_point": request.points[-1],
        "date": wish.day.isoformat(),
        "other_trains": len(traffic.paths),
        "near_trains": _count_near(traffic, request),
        "flows": wish.flows,
        "free_running_min": request.free_running_s / MINUTE_S,
        "paths": [_describe(line, path, traffic.paths.values()) for path in paths],
        "blocked_by": [],
        "moved": [],
    }
    if paths:
        return result
    plan = move_trains(traffic, request)
    moved = {path.train_id: path for path in plan.moved}
    # Where trains alone cannot make room, a possession stands in the way: it is named.
    blockage = plan.blockage if plan.path else find_blockers(traffic, request)
    return result | {
        "blocked_by": list(blockage.blockers),
        "is_smallest": blockage.is_smallest,
        "paths_if_moved": [_describe(line, plan.path, moved.values())] if plan.path else [],
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


def _request(line: StudyLine, wish: SpecialWish) -> PathRequest:
    """The path request of a wish."""
    faults: list[Fault] = []
    ends = [_find_point(line, text, faults) for text in (wish.from_point, wish.to_point)]
    stops = {_find_point(line, text, faults): dwell for text, dwell in wish.stops.items()}
    if faults:
        message = "The special cannot be planned."
        raise StudyError(message, faults)
    row = {
        "flow_id": SPECIAL,
        "category": wish.category,
        "route_id": None,
        "from_point": ends[0],
        "to_point": ends[1],
        "length_m": wish.length_m,
        "gauge_mm": None,
        "systems": None,
    }
    way = find_flow_way(line, row, faults)
    strange = [point for point in stops if way is not None and point not in way.points]
    faults += [
        Fault(f"{point} does not lie on the way.", "Leave the stop out.") for point in strange
    ]
    if way is None or faults:
        message = "The special cannot be planned."
        raise StudyError(message, faults)
    window = _read_window(line, ends[0], wish)
    return make_request(
        line.model,
        SPECIAL,
        way.points,
        way.running_s,
        window=window,
        stops={
            way.points.index(point): StopWish(dwell_s=round(dwell * MINUTE_S))
            for point, dwell in stops.items()
        },
        section_ids=way.section_ids,
        traits=way.traits,
    )


def _find_point(line: StudyLine, text: str, faults: list[Fault]) -> str:
    """Id of a point given by id or name."""
    points = line.tables["operational_points"].select("point_id", "name")
    by_word = {word: row[0] for row in points.iter_rows() for word in row if word}
    if text not in by_word:
        near = find_near_names(text, by_word)
        faults.append(Fault(f"There is no point {text!r}.", "Name one of the study.", near=near))
    return str(by_word.get(text, text))


def _read_window(line: StudyLine, point: str, wish: SpecialWish) -> DepartureWindow:
    """Window of departure in seconds."""
    zones = dict(line.tables["operational_points"].select("point_id", "zone").iter_rows())
    epoch = line.settings.epoch
    from_s, to_s = (
        civil_to_epoch_s(wish.day, clock_time, zones[point], epoch)
        for clock_time in (wish.earliest, wish.latest)
    )
    if to_s < from_s:
        message = f"The window ends ({wish.latest}) before it begins ({wish.earliest})."
        raise LimitError(message)
    return DepartureWindow(from_s, to_s)


def _fill_line(line: StudyLine, request: PathRequest, wish: SpecialWish) -> Traffic:
    """The other trains around the special's time, without conflicts, and the possessions."""
    from_s = request.depart_from_s - LEAD_S
    to_s = request.depart_to_s + 3 * request.free_running_s
    days = timedelta(days=3)
    timetable = list_day_requests(line, wish.day - days, wish.day + days)
    flows = list_flow_requests(line, Period(from_s, to_s), case=wish.flows)
    around = [
        other
        for other in (*timetable, *flows)
        if other.depart_from_s < to_s and other.depart_from_s + other.free_running_s > from_s
    ]
    closures = resolve_possessions(
        line.model,
        line.tables,
        epoch=line.settings.epoch,
        day_from=wish.day - days,
        day_to=wish.day + days,
    )
    resolved = make_conflict_free(
        line.model,
        around,
        closures=closures,
        options=ResolveOptions(rounds=0, seed=line.settings.seed),
    )
    return Traffic.of(line.model, resolved.paths, closures)


def _count_near(traffic: Traffic, request: PathRequest) -> int:
    """Trains that share a step of the way in the time around the window."""
    to_s = request.depart_to_s + request.free_running_s
    users = traffic.list_users(request, request.depart_from_s, to_s)
    return sum(user in traffic.paths for user in users)


def _describe(line: StudyLine, path: TrainPath, others: Iterable[TrainPath]) -> dict[str, Any]:
    """A path as JSON-ready values, times in local time of each point."""
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
            for event in list_path_events(path, others)
        ],
    }


def _tell(line: StudyLine, point: str, at_s: int) -> str:
    zones: dict[str, str] = dict(
        line.tables["operational_points"].select("point_id", "zone").iter_rows()
    )
    return local_text(int(at_s), line.settings.epoch, str(zones[point]))
