"""What a planner asks for one more train, and the path request that it comes to.

Main functions: :func:`read_wish` and :func:`request_special`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from arterial.clock import civil_to_epoch_s
from arterial.errors import Fault, LimitError, StudyError
from arterial.study.faults import find_near_names
from arterial.timetable.paths.requests import (
    DepartureWindow,
    PathRequest,
    StopWish,
    make_request,
)
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.study_line import StudyLine, find_flow_way
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import MINUTE_S

__all__ = ["SpecialWish", "list_step_times", "read_wish", "request_special"]

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
        Local clock times between which it may leave; the latest on the next day where it is before
        the earliest.
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
    # The end of a day is written 24:00 too.
    clocks = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", window.replace("-24:00", "-23:59"))
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


def request_special(
    line: StudyLine, wish: SpecialWish, stated_s: Mapping[tuple[int, int], float]
) -> PathRequest:
    """The path request of a wish.

    Parameters
    ----------
    line : StudyLine
        The line.
    wish : SpecialWish
        What is asked for.
    stated_s : mapping of (int, int) to float
        Running time by step and direction, where no typical speed is stated [s].

    Returns
    -------
    PathRequest
        Named ``special``, over the shortest way, at the typical speeds of its category.

    Raises
    ------
    StudyError
        If a point does not exist or does not lie on the way, or nothing tells how
        fast it runs over a section.
    """
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
    way = find_flow_way(line, row, faults, stated_s=stated_s)
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
    """Window of departure in seconds; one that ends before it begins lasts over midnight."""
    zones = dict(line.tables["operational_points"].select("point_id", "zone").iter_rows())
    last_day = wish.day + timedelta(days=int(wish.latest < wish.earliest))
    from_s, to_s = (
        civil_to_epoch_s(day, clock_time, zones[point], line.settings.epoch)
        for day, clock_time in ((wish.day, wish.earliest), (last_day, wish.latest))
    )
    return DepartureWindow(from_s, to_s)


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
