"""Paths that the stated trains of a day ask for, to plan the timetable and plan it anew.

Main function: :func:`request_stated_day`.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from arterial.timetable.paths.requests import (
    DepartureWindow,
    PathRequest,
    StopWish,
    TrainPath,
    TrainTraits,
    make_request,
)
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S

__all__ = ["PRIORITIES", "find_busiest_day", "list_stated_paths", "request_stated_day"]

PRIORITIES: Final = {"passenger": 0, "mixed": 1, "freight": 2}
"""Which train goes first where two want the same track, an assumption: smaller goes first."""


def request_stated_day(
    traffic: StatedTraffic, trains: pl.DataFrame, day: date
) -> tuple[PathRequest, ...]:
    """Requests of all trains of an operating day, and of earlier ones still under way on it.

    A train asks to leave every stop no earlier than stated, with the stated standstills and the
    stated time from stop to stop; it may wait wherever trains can.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    trains : DataFrame
        Table ``trains``.
    day : date
        Operating day.

    Returns
    -------
    tuple of PathRequest
        Named ``train@day``; a train whose way or times are not known has none.
    """
    timed, passings = traffic.timed, traffic.passings
    number = (day - timed.period.day_from).days
    first_s = (timed.period.day_from - timed.period.epoch).days * DAY_S
    categories = trains["category"].to_list()
    requests = []
    for pattern, train in enumerate(timed.pattern_trains.tolist()):
        span = slice(passings.first[pattern], passings.first[pattern + 1])
        last_s = int(passings.arrival_s[span].max(initial=UNKNOWN))
        running = timed.days[timed.pattern_days[pattern]]
        for before in range(max(last_s // DAY_S, 0) + 1):
            operating = number - before
            if not 0 <= operating < len(running) or not running[operating]:
                continue
            request = _request_train(
                traffic,
                pattern,
                train_id=f"{timed.train_ids[train]}@{date.fromordinal(day.toordinal() - before)}",
                midnight_s=first_s + operating * DAY_S,
                traits=_describe_traits(traffic, train, categories[train]),
            )
            if request is not None:
                requests.append(request)
    return tuple(requests)


def find_busiest_day(traffic: StatedTraffic) -> date:
    """First of the days on which most trains run.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.

    Returns
    -------
    date
        A day of the period; the first one where nothing runs.
    """
    timed = traffic.timed
    counts = np.bincount(timed.pattern_days, minlength=len(timed.days)) @ timed.days
    number = int(counts.argmax()) if len(timed.days) else 0
    return timed.period.day_from + timedelta(days=number)


def _describe_traits(traffic: StatedTraffic, train: int, category: str) -> TrainTraits:
    length_m = float(traffic.lengths_m[train])
    return TrainTraits(
        category=category,
        priority=PRIORITIES.get(category, 1),
        length_m=None if np.isnan(length_m) else length_m,
    )


def _request_train(
    traffic: StatedTraffic, pattern: int, *, train_id: str, midnight_s: int, traits: TrainTraits
) -> PathRequest | None:
    """Request of one train; None where it is not known where it is when."""
    passings, model = traffic.passings, traffic.model
    courses, course = passings.courses, passings.own[pattern]
    begin = courses.first[course]
    span = slice(passings.first[pattern], passings.first[pattern + 1])
    arrive, leave = passings.arrival_s[span], passings.departure_s[span]
    known = np.flatnonzero(arrive != UNKNOWN)
    if len(known) < 2 or known[-1] - known[0] + 1 != len(known):  # noqa: PLR2004 two ends
        return None
    first, last = int(known[0]), int(known[-1])
    steps = courses.step[begin + first + 1 : begin + last + 1]
    running_s = arrive[first + 1 : last + 1] - leave[first:last]
    if (steps < 0).any() or (running_s < 0).any():
        return None
    stops = courses.stop_place[courses.stop_first[course] : courses.stop_first[course + 1]]
    inside = [int(stop) for stop in stops if first < stop < last]
    points = courses.point[begin + first : begin + last + 1]
    return make_request(
        model,
        train_id,
        [model.point_ids[point] for point in points],
        running_s.astype(np.float64).tolist(),
        window=DepartureWindow(midnight_s + int(leave[first])),
        stops={
            stop - first: StopWish(
                dwell_s=max(int(leave[stop] - arrive[stop]), 0),
                earliest_at_s=midnight_s + int(leave[stop]),
            )
            for stop in inside
        },
        section_ids=[model.steps[step].section_id for step in steps],
        traits=traits,
    )


def list_stated_paths(requests: tuple[PathRequest, ...]) -> Mapping[str, TrainPath]:
    """Each train where its own times put it, whatever the others do."""
    paths = {}
    for request in requests:
        stages = request.stages
        arrival = np.empty(len(stages), np.int64)
        departure = np.empty(len(stages), np.int64)
        at_s = request.first_departure_s
        for place, stage in enumerate(stages):
            arrival[place] = at_s
            leaves = max(at_s + int(stage["dwell_least_s"]), int(stage["earliest_s"]))
            departure[place] = leaves if 0 < place < len(stages) - 1 else at_s
            at_s = int(departure[place]) + int(stage["running_s"])
        paths[request.train_id] = TrainPath(request, arrival, departure)
    return paths
