"""Paths that the stated trains of a day ask for, to plan the timetable and plan it anew.

Main functions: :func:`request_stated_day` and :func:`request_stated_period`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from arterial.timetable.paths.possessions import (
    Closure,
    resolve_lasting_possessions,
)
from arterial.timetable.paths.requests import (
    NO_LIMIT_S,
    DepartureWindow,
    PathRequest,
    StopWish,
    TrainPath,
    TrainTraits,
    make_request,
)
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.stated_wishes import read_wishes
from arterial.timetable.trains.timed_trains import MOST_JOURNEY_DAYS
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S, MINUTE_S

__all__ = [
    "close_stated_day",
    "find_busiest_day",
    "list_stated_paths",
    "name_run",
    "request_next_day",
    "request_stated_day",
    "request_stated_period",
]


def request_stated_day(
    traffic: StatedTraffic, tables: Mapping[str, pl.DataFrame], day: date
) -> tuple[tuple[PathRequest, ...], tuple[str, ...]]:
    """Requests of the trains of an operating day and of those that they meet over midnight.

    A train asks to leave every stop no earlier than stated, with the stated standstills and the
    stated time from stop to stop; it may wait wherever trains can. Earlier trains that are still
    under way on the day ask too, and those of the next day that leave before the last one arrives.
    What it weighs, which goes first and by how much it may be shifted are as its row of ``trains``
    says, else as its category does; at a stop that states limits of its own, also those hold.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    tables : mapping of str to DataFrame
        ``trains``, ``train_categories``, ``train_stops`` and ``operational_points``.
    day : date
        Operating day.

    Returns
    -------
    requests : tuple of PathRequest
        Named ``train@day``.
    left_out : tuple of str
        Trains of the day, named alike, whose way or times are not known.
    """
    number = (day - traffic.timed.period.day_from).days
    wishes = read_wishes(tables)
    requests: list[PathRequest] = []
    left_out: list[str] = []
    for pattern, last_s in enumerate(_find_last_times(traffic)):
        for before in range(max(last_s // DAY_S, 0) + 1):
            if not _runs_on(traffic, pattern, number - before):
                continue
            request = _request_train(traffic, pattern, number - before, wishes)
            if request is not None:
                requests.append(request)
            elif before == 0:
                left_out.append(name_run(traffic, pattern, number))
    ends_s = max((one.first_departure_s + one.free_running_s for one in requests), default=0)
    return (*requests, *request_next_day(traffic, tables, day, ends_s)), tuple(left_out)


def request_next_day(
    traffic: StatedTraffic, tables: Mapping[str, pl.DataFrame], day: date, until_s: int
) -> tuple[PathRequest, ...]:
    """Requests of the trains of the day after an operating day that leave before an instant.

    Parameters
    ----------
    traffic, tables, day
        As of :func:`request_stated_day`.
    until_s : int
        The instant, such as the end of a plan of the day [s].

    Returns
    -------
    tuple of PathRequest
        Named ``train@day``.
    """
    period, passings = traffic.timed.period, traffic.passings
    number = (day - period.day_from).days + 1
    midnight_s = (day - period.epoch).days * DAY_S + DAY_S
    wishes = read_wishes(tables)
    requests = []
    for pattern, (begin, end) in enumerate(pairwise(passings.first.tolist())):
        leave_s = passings.departure_s[begin:end]
        first_s = leave_s[leave_s != UNKNOWN].min(initial=until_s - midnight_s)
        if midnight_s + first_s >= until_s or not _runs_on(traffic, pattern, number):
            continue
        request = _request_train(traffic, pattern, number, wishes)
        if request is not None and request.first_departure_s < until_s:
            requests.append(request)
    return tuple(requests)


def request_stated_period(
    traffic: StatedTraffic, tables: Mapping[str, pl.DataFrame], from_s: int, to_s: int
) -> tuple[PathRequest, ...]:
    """Requests of the trains that are under way in a period by their stated times.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    tables : mapping of str to DataFrame
        ``trains`` and ``train_categories``.
    from_s, to_s : int
        First instant, and the one behind the last [s].

    Returns
    -------
    tuple of PathRequest
        As of :func:`request_stated_day`; a train whose way or times are not known is left out.
    """
    wishes = read_wishes(tables)
    period = traffic.timed.period
    first_s = (period.day_from - period.epoch).days * DAY_S
    requests = []
    for pattern, last_s in enumerate(_find_last_times(traffic)):
        # Of the days on which it may be under way, those on which it runs.
        first_day = max((from_s - first_s - last_s) // DAY_S, 0)
        days = range(first_day, (to_s - first_s) // DAY_S + 2)
        days_run = [number for number in days if _runs_on(traffic, pattern, number)]
        request = _request_train(traffic, pattern, 0, wishes) if days_run else None
        if request is None:
            continue
        begin_s, length_s = request.first_departure_s, request.free_running_s
        requests += [
            _shift_request(request, name_run(traffic, pattern, number), number * DAY_S)
            for number in days_run
            if from_s - length_s < begin_s + number * DAY_S < to_s
        ]
    return tuple(requests)


def _shift_request(request: PathRequest, train_id: str, later_s: int) -> PathRequest:
    """The request of the same train on a later day."""
    stages = request.stages.copy()
    for column in ("earliest_s", "latest_s"):
        is_bound = np.abs(stages[column]) < NO_LIMIT_S
        stages[column][is_bound] += later_s
    return replace(
        request,
        train_id=train_id,
        stages=stages,
        depart_from_s=request.depart_from_s + later_s,
    )


def close_stated_day(
    traffic: StatedTraffic, tables: Mapping[str, pl.DataFrame], day: date
) -> tuple[Closure, ...]:
    """What possessions take that last into a day or begin while its trains are under way.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    tables : mapping of str to DataFrame
        ``possessions``, ``calendar_rules``, ``operational_points``.
    day : date
        Operating day.

    Returns
    -------
    tuple of Closure
        One for each possession, day and step or point.
    """
    return resolve_lasting_possessions(
        traffic.model,
        tables,
        epoch=traffic.timed.period.epoch,
        day_from=day,
        day_to=day + timedelta(days=MOST_JOURNEY_DAYS),
    )


def _find_last_times(traffic: StatedTraffic) -> list[int]:
    """Last arrival of each pattern after 00:00 UTC of its operating day [s]."""
    passings = traffic.passings
    return [
        int(passings.arrival_s[begin:end].max(initial=UNKNOWN))
        for begin, end in pairwise(passings.first.tolist())
    ]


def _runs_on(traffic: StatedTraffic, pattern: int, number: int) -> bool:
    """Whether a pattern runs on a day of the period."""
    days = traffic.timed.days[traffic.timed.pattern_days[pattern]]
    return 0 <= number < len(days) and bool(days[number])


def name_run(traffic: StatedTraffic, pattern: int, number: int) -> str:
    """Train and operating day."""
    timed = traffic.timed
    day = timed.period.day_from + timedelta(days=number)
    return f"{timed.train_ids[timed.pattern_trains[pattern]]}@{day}"


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


def _describe_traits(
    traffic: StatedTraffic, train: int, wish: Mapping[str, Any], origin_s: int | None
) -> TrainTraits:
    """What a train is like; a limit that its origin states holds beside its own."""
    length_m = float(traffic.lengths_m[train])
    earlier_s = round((wish["earlier_most_min"] or 0) * MINUTE_S)
    return TrainTraits(
        category=wish["category"],
        priority=wish["priority"],
        weight=wish["delay_weight"],
        length_m=None if np.isnan(length_m) else length_m,
        earlier_most_s=earlier_s if origin_s is None else min(earlier_s, origin_s),
    )


def _request_train(
    traffic: StatedTraffic, pattern: int, number: int, wishes: Sequence[Mapping[str, Any]]
) -> PathRequest | None:
    """Request of one train on a day of the period; None where its way or times are not known."""
    passings, model = traffic.passings, traffic.model
    period, train = traffic.timed.period, int(traffic.timed.pattern_trains[pattern])
    midnight_s = ((period.day_from - period.epoch).days + number) * DAY_S
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
    wish = wishes[train]
    limits = {int(stops[stop]): own for stop, own in wish["stops"].items() if stop < len(stops)}
    latest_s = {
        place: midnight_s + int(arrive[place]) + later_s
        for place, (_, later_s) in limits.items()
        if later_s is not None and first < place <= last
    }
    if wish["later_most_min"] is not None:
        limit_s = midnight_s + int(arrive[last]) + round(wish["later_most_min"] * MINUTE_S)
        latest_s[last] = min(limit_s, latest_s.get(last, limit_s))
    earlier_s = {place: one for place, (one, _) in limits.items() if one is not None}
    dwells_s = {int(stops[stop]): s for stop, s in wish["dwells"].items() if stop < len(stops)}
    return make_request(
        model,
        name_run(traffic, pattern, number),
        [model.point_ids[point] for point in points],
        running_s.astype(np.float64).tolist(),
        window=DepartureWindow(midnight_s + int(leave[first])),
        stops={
            stop - first: StopWish(
                dwell_s=max(int(leave[stop] - arrive[stop]), dwells_s.get(stop, 0)),
                earliest_at_s=midnight_s + int(leave[stop]),
                latest_at_s=latest_s.get(stop, NO_LIMIT_S),
                earlier_most_s=earlier_s.get(stop, NO_LIMIT_S),
            )
            for stop in inside
        }
        | {last - first: StopWish(latest_at_s=latest_s.get(last, NO_LIMIT_S))},
        section_ids=[model.steps[step].section_id for step in steps],
        traits=_describe_traits(traffic, train, wish, earlier_s.get(first)),
    )


def list_stated_paths(requests: tuple[PathRequest, ...]) -> Mapping[str, TrainPath]:
    """Each train where its own times put it, whatever the others do."""
    paths = {}
    for request in requests:
        stages = request.stages
        columns = [stages[name].tolist() for name in ("dwell_least_s", "earliest_s", "running_s")]
        at_s, last = request.first_departure_s, len(stages) - 1
        times = []
        for place, (dwell_s, earliest_s, running_s) in enumerate(zip(*columns, strict=True)):
            leave_s = max(at_s + dwell_s, earliest_s) if 0 < place < last else at_s
            times.append((at_s, leave_s))
            at_s = leave_s + running_s
        arrival_s, departure_s = np.array(times, np.int64).T.copy()
        paths[request.train_id] = TrainPath(request, arrival_s, departure_s)
    return paths
