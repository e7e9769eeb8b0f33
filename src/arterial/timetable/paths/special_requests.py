"""The path request of one more train that a planner asks for.

Main function: :func:`request_special`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from arterial.clock import CivilTimeKind, civil_to_epoch_s, classify_civil_time, local_text
from arterial.errors import Fault, StudyError, UsageError
from arterial.study.faults import find_near_names
from arterial.study.identifiers import find_coded
from arterial.timetable.paths.equipment import Equipment, read_equipment
from arterial.timetable.paths.equipped_routes import EquippedRoute, find_equipped_route
from arterial.timetable.paths.requests import (
    DepartureWindow,
    PathRequest,
    StopWish,
    TrainTraits,
    make_request,
)
from arterial.timetable.paths.route_rules import RouteRequest
from arterial.timetable.paths.special_times import StepTime, time_equipped_route
from arterial.timetable.paths.special_wishes import SpecialWish
from arterial.timetable.paths.stands import StatedStands
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.study_line import StudyLine
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import MINUTE_S

__all__ = ["SpecialRequest", "list_step_times", "request_special"]

SPECIAL: Final = "special"


@dataclass(frozen=True, slots=True)
class SpecialRequest:
    """The path request of a wish, and how it came about.

    Parameters
    ----------
    request : PathRequest
        With the standstills that are asked for; those that the way needs are not in it yet.
    way : EquippedRoute
        Its way.
    train : Equipment
        The train.
    times : tuple of StepTime
        Running times, ``(n - 1,)``.
    notes : tuple of str
        What was taken where what is asked for does not exist.
    """

    request: PathRequest
    way: EquippedRoute
    train: Equipment
    times: tuple[StepTime, ...]
    notes: tuple[str, ...] = ()


def request_special(
    line: StudyLine,
    wish: SpecialWish,
    stated: StatedStands,
    stated_s: Callable[[bool], Mapping[tuple[int, int], float]],
) -> SpecialRequest:
    """The path request of a wish.

    Parameters
    ----------
    line : StudyLine
        The line.
    wish : SpecialWish
        What is asked for.
    stated : StatedStands
        What is stated of standstills.
    stated_s : callable
        For freight or not, running time by step and direction, where no typical speed is
        stated [s].

    Returns
    -------
    SpecialRequest
        Named ``special``, over the shortest way on which it can run.

    Raises
    ------
    StudyError
        If a point does not exist or does not lie on the way, or nothing tells how
        fast it runs over a section.
    InfeasibleError
        If there is no way for the train, with what bars it.
    """
    message = "The special cannot be planned."
    faults: list[Fault] = []
    ends = [_find_point(line, text, faults) for text in (wish.from_point, wish.to_point)]
    stops = {_find_point(line, text, faults): dwell for text, dwell in wish.stops.items()}
    if not faults and ends[0] == ends[1]:
        faults.append(Fault(f"It begins and ends at {ends[0]}.", "Name two points."))
    if faults:
        raise UsageError(message, faults)
    train = read_equipment(
        line.tables,
        {
            "category": wish.category,
            "train_id": wish.train_id,
            "formation_id": wish.formation_id,
            "gauges_mm": wish.gauges_mm,
            "gauge_change": wish.gauge_change,
            "systems": wish.systems,
            "length_m": wish.length_m,
        },
    )
    way = _find_way(line, train, stated, ends, stops)
    points = way.route.points
    faults += _list_strange_stops(points, stops)
    places = {points.index(point): dwell for point, dwell in stops.items() if point in points}
    stand_places = sorted({*places, *(stand.place for stand in way.stands)})
    times, notes = None, list[str]()
    if not faults:
        medians = stated_s(train.category == "freight")
        times = time_equipped_route(
            line, way, train, medians, faults, notes, stop_places=stand_places
        )
    if times is None:
        raise StudyError(message, faults)
    window = _read_window(line, ends[0], wish, notes)
    request = make_request(
        line.model,
        SPECIAL,
        points,
        [time.running_s for time in times],
        window=window,
        stops={
            place: StopWish(dwell_s=round(places.get(place, 0.0) * MINUTE_S))
            for place in stand_places
        },
        section_ids=way.route.section_ids,
        traits=TrainTraits(category=train.category, length_m=train.length_m),
    )
    return SpecialRequest(request, way, train, tuple(times), tuple(notes))


def _list_strange_stops(points: Sequence[str], stops: Iterable[str]) -> Iterator[Fault]:
    """Stops that are none on a way."""
    ends = (points[0], points[-1])
    for point in stops:
        if point not in points[1:-1]:
            where = "is an end of" if point in ends else "does not lie on"
            yield Fault(f"{point} {where} the way.", "Leave the stop out.")


def _find_way(
    line: StudyLine,
    train: Equipment,
    stated: StatedStands,
    ends: Sequence[str],
    stops: Mapping[str, float],
) -> EquippedRoute:
    """Shortest way between two points; through the stops in their order where it misses one."""
    asked = RouteRequest((ends[0], ends[1]), train, stops)
    way = find_equipped_route(line.network, line.tables, stated, asked)
    if all(point in way.route.points for point in stops):
        return way
    through = replace(asked, points=(ends[0], *stops, ends[1]))
    other = find_equipped_route(line.network, line.tables, stated, through)
    return way if other.route.reversals else other


def _find_point(line: StudyLine, text: str, faults: list[Fault]) -> str:
    """Id of a point given by id, name or a code of a register."""
    points = line.tables["operational_points"].select("point_id", "name")
    if text in points["point_id"]:
        return text
    named = points.filter(pl.col("name") == text)["point_id"].to_list()
    named = named or find_coded(line.tables, "point_id", text)
    if len(named) > 1:
        cure = f"Use one of the ids: {', '.join(named)}."
        faults.append(Fault(f"{len(named)} points are called {text!r}.", cure))
    if not named:
        near = find_near_names(text, [word for row in points.iter_rows() for word in row if word])
        faults.append(Fault(f"There is no point {text!r}.", "Name one of the study.", near=near))
    return named[0] if named else text


def _read_window(
    line: StudyLine, point: str, wish: SpecialWish, notes: list[str]
) -> DepartureWindow:
    """Window of departure in seconds; one that ends before it begins lasts over midnight."""
    zones = dict(line.tables["operational_points"].select("point_id", "zone").iter_rows())
    last_day = wish.day + timedelta(days=int(wish.latest < wish.earliest))
    ends_s = []
    for day, clock_time in ((wish.day, wish.earliest), (last_day, wish.latest)):
        zone = zones[point]
        at_s = civil_to_epoch_s(day, clock_time, zone, line.settings.epoch, allow_gap=True)
        if classify_civil_time(day, clock_time, zone) is CivilTimeKind.NONEXISTENT:
            taken = local_text(at_s, line.settings.epoch, zone)
            notes.append(
                f"{clock_time} on {day} never showed on the clocks of {zone}; {taken} is taken."
            )
        ends_s.append(at_s)
    return DepartureWindow(ends_s[0], ends_s[1])


def list_step_times(
    traffic: StatedTraffic, trains: pl.DataFrame, *, is_freight: bool
) -> dict[tuple[int, int], float]:
    """Median running time of stated trains by step and direction.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    trains : DataFrame
        Table ``trains``.
    is_freight : bool
        Whether freight trains are looked at, or all others.

    Returns
    -------
    dict of (int, int) to float
        Seconds from departure to arrival by number of the step and 1 where it is run backward.
    """
    passings, courses = traffic.passings, traffic.passings.courses
    counts = np.diff(passings.first)
    pattern = np.repeat(np.arange(len(passings.own)), counts)
    within = np.arange(passings.first[-1]) - np.repeat(passings.first[:-1], counts)
    place = np.repeat(courses.first[passings.own], counts) + within
    left_s = np.concatenate([[UNKNOWN], passings.departure_s[:-1]]).astype(np.int64)
    owners = traffic.timed.pattern_trains[pattern]
    is_wanted = (trains["category"] == "freight").to_numpy() == is_freight
    is_known = (within > 0) & (courses.step[place] >= 0) & is_wanted[owners]
    is_known &= (passings.arrival_s != UNKNOWN) & (left_s != UNKNOWN)
    frame = pl.DataFrame(
        {
            "step": courses.step[place][is_known],
            "direction": courses.direction[place][is_known],
            "running_s": (passings.arrival_s - left_s)[is_known],
        }
    )
    medians = frame.filter(pl.col("running_s") > 0).group_by("step", "direction").median()
    return {(step, direction): time_s for step, direction, time_s in medians.iter_rows()}
