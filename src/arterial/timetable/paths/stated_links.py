"""Links between stated trains: connections and turn-rounds, missed as stated or held in a plan.

Main functions: :func:`find_missed_links` and :func:`link_requests`. A train is linked to the other
train's last arrival that is not more than `LATE_MOST_S` too late for it: so a train that comes the
evening before is found, and one that comes a little too late is told as missed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.timetable.paths.links import LinkKind, TrainLink
from arterial.timetable.paths.requests import PathRequest
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.stated_requests import list_stated_paths
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["LATE_MOST_S", "find_missed_links", "link_requests"]

LATE_MOST_S: Final = 2 * HOUR_S
"""How much too late a train may come that still is the one that is waited for [s]."""

Integers = NDArray[np.int64]

MISSED_SCHEMA: Final = {
    "is_impossible": pl.Boolean,
    "is_fixed": pl.Boolean,
    "train": pl.Int64,
    "other": pl.Int64,
    "point": pl.Int64,
    "first_day": pl.Int64,
    "days_count": pl.Int64,
    "from_s": pl.Int64,
    "to_s": pl.Int64,
    "missing_s": pl.Int64,
}


class _Stays(NamedTuple):
    """Stays of a train at a point on all its days, in order of arrival [s after the period]."""

    arrive_s: Integers
    leave_s: Integers
    day: Integers
    is_stated: NDArray[np.bool_]


def find_missed_links(traffic: StatedTraffic, train_links: pl.DataFrame) -> pl.DataFrame:
    """Links that the stated times do not keep, one row a link.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    train_links : DataFrame
        Table ``train_links``.

    Returns
    -------
    DataFrame
        As :func:`arterial.timetable.paths.stated_conflicts.find_stated_conflicts` takes it.
    """
    numbers = {name: n for n, name in enumerate(traffic.timed.train_ids)}
    rows = []
    for link in train_links.sort("link_id").iter_rows(named=True):
        train, other = numbers.get(link["train_id"]), numbers.get(link["other_train_id"])
        point = traffic.model.point_numbers.get(link["point_id"])
        if train is None or other is None or point is None or train == other:
            continue
        row = _judge_link(
            link,
            _list_stays(traffic, train, point),
            _list_stays(traffic, other, point),
            traffic.inside,
        )
        if row is not None:
            is_stated, *times = row
            rows.append((is_stated, is_stated, train, other, point, *times))
    return pl.DataFrame(rows, schema=MISSED_SCHEMA, orient="row")


def _list_stays(traffic: StatedTraffic, train: int, point: int) -> _Stays:
    """Stays of a train at a point, the first time that it comes there."""
    timed, passings = traffic.timed, traffic.passings
    found: list[tuple[int, int, int, bool]] = []
    for pattern in np.flatnonzero(timed.pattern_trains == train).tolist():
        course, begin = passings.own[pattern], int(passings.first[pattern])
        own = passings.courses.point[passings.courses.first[course] :]
        places = np.flatnonzero(own[: passings.first[pattern + 1] - begin] == point)
        if not len(places) or passings.arrival_s[begin + places[0]] == UNKNOWN:
            continue
        at = begin + int(places[0])
        arrive_s = int(passings.arrival_s[at])
        leave_s = max(int(passings.departure_s[at]), arrive_s)
        is_stated = bool(passings.is_stated_stop[at])
        days = np.flatnonzero(timed.days[timed.pattern_days[pattern]])
        found += [
            (arrive_s + day * DAY_S, leave_s + day * DAY_S, day, is_stated) for day in days.tolist()
        ]
    table = np.array(sorted(found), dtype=np.int64).reshape(-1, 4)
    return _Stays(table[:, 0], table[:, 1], table[:, 2], table[:, 3] > 0)


def _judge_link(
    link: Mapping[str, Any], own: _Stays, other: _Stays, inside: range
) -> tuple[bool, int, int, int, int, int] | None:
    """Whether it is by stated times, first day, days, from, to and what is missing at most."""
    least_s = round((link["minimum_min"] or 0) * MINUTE_S)
    place = _find_partners(own.leave_s - least_s, other.arrive_s)
    found = (place >= 0) & np.isin(own.day, inside)
    if not found.any():
        return None
    leave_s, arrive_s = own.leave_s[found], other.arrive_s[place[found]]
    missing_s = arrive_s + least_s - leave_s
    if link["kind"] == LinkKind.TOGETHER:
        until_s = np.minimum(leave_s, other.leave_s[place[found]])
        missing_s = least_s - (until_s - np.maximum(arrive_s, own.arrive_s[found]))
    missed = np.flatnonzero(missing_s > 0)
    if not len(missed):
        return None
    first = missed[0]
    day = int(own.day[found][first])
    is_stated = own.is_stated[found][missed] & other.is_stated[place[found]][missed]
    from_s = int(min(leave_s[first], arrive_s[first])) - day * DAY_S
    return (
        bool(is_stated.all()),
        day,
        len(missed),
        from_s,
        from_s + int(missing_s[first]),
        int(missing_s[missed].max()),
    )


def _find_partners(ready_s: Integers, arrive_s: Integers) -> Integers:
    """Number of the last arrival that is not much too late for each of some instants; else -1."""
    places: Integers = np.searchsorted(arrive_s, ready_s + LATE_MOST_S, side="right") - 1
    return places


def link_requests(
    train_links: pl.DataFrame, requests: Sequence[PathRequest]
) -> tuple[TrainLink, ...]:
    """Links between the dated trains of a plan.

    Parameters
    ----------
    train_links : DataFrame
        Table ``train_links``.
    requests : sequence of PathRequest
        What is asked for, named ``train@day``.

    Returns
    -------
    tuple of TrainLink
        One for each dated train and the arrival that it waits for.
    """
    paths = list_stated_paths(tuple(requests))
    runs: dict[str, list[str]] = {}
    for name in paths:
        runs.setdefault(name.rpartition("@")[0], []).append(name)
    found = []
    for link in train_links.sort("link_id").iter_rows(named=True):
        if link["train_id"] == link["other_train_id"]:
            continue
        point, least_s = link["point_id"], round((link["minimum_min"] or 0) * MINUTE_S)
        others = sorted(_list_times(paths, runs.get(link["other_train_id"], ()), point))
        arrive_s = np.array([arrive for arrive, _, _ in others], dtype=np.int64)
        for _, leave_s, name in _list_times(paths, runs.get(link["train_id"], ()), point):
            (place,) = _find_partners(np.array([leave_s - least_s]), arrive_s).tolist()
            if place >= 0:
                kind = LinkKind(link["kind"] or "after")
                found.append(
                    TrainLink(link["link_id"], name, others[place][2], point, kind, least_s)
                )
    return tuple(found)


def _list_times(
    paths: Mapping[str, Any], names: Iterable[str], point: str
) -> list[tuple[int, int, str]]:
    """Arrival, departure and name of the trains that come to a point."""
    found = []
    for name in names:
        points = paths[name].request.points
        if point in points:
            place = points.index(point)
            times = paths[name].arrival_s[place], paths[name].departure_s[place]
            found.append((int(times[0]), int(times[1]), name))
    return found
