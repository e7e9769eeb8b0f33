"""Links between stated trains: connections and turn-rounds, missed as stated or held in a plan.

Main functions: :func:`find_missed_links` and :func:`link_requests`. A train is linked to the other
train's last arrival that is not more than `LATE_MOST_S` too late for it: so a train that comes the
evening before is found, and one that comes a little too late is told as missed. Links of a paced
train hold for its repetitions, with the last of those of the other that is in time for each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.study.paces import Family, list_families
from arterial.timetable.paths.links import LinkKind, TrainLink
from arterial.timetable.paths.requests import PathRequest
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.paths.stated_requests import list_stated_paths
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["LATE_MOST_S", "find_missed_links", "link_requests"]

LATE_MOST_S: Final = 2 * HOUR_S
"""How much too late a train may come that still is the one that is waited for [s]."""

Tables = Mapping[str, pl.DataFrame]
Integers = NDArray[np.int64]

MISSED_SCHEMA: Final[Mapping[str, Any]] = {
    "is_impossible": pl.Boolean,
    "is_fixed": pl.Boolean,
    "train": pl.Int64,
    "other": pl.Int64,
    "point": pl.Int64,
    "days": pl.List(pl.Int64),
    "first_day": pl.Int64,
    "days_count": pl.Int64,
    "from_s": pl.Int64,
    "to_s": pl.Int64,
    "missing_s": pl.Int64,
}


class _Bond(NamedTuple):
    """A link for one train, and the trains of which it waits for the last that comes."""

    link: Mapping[str, Any]
    train_id: str
    other_ids: tuple[str, ...]
    late_s: float

    @property
    def least_s(self) -> int:
        """Time that it needs [s]."""
        return round((self.link["minimum_min"] or 0) * MINUTE_S)


def _list_bonds(tables: Tables) -> Iterator[_Bond]:
    """Every link for every train that it binds: repetitions of a paced train are bound as it is."""
    families = list_families(tables)
    for link in tables["train_links"].sort("link_id").iter_rows(named=True):
        train, other = link["train_id"], link["other_train_id"]
        if train == other:
            continue
        own = families.get(train, Family((train,), inf))
        others = families.get(other, Family((other,), inf))
        # What comes later than half a pace is for the next repetition, or another one comes for it.
        late_s = min(LATE_MOST_S, own.every_s / 2, others.every_s / 2)
        for train_id in own.train_ids:
            yield _Bond(link, train_id, others.train_ids, late_s)


class _Stays(NamedTuple):
    """Stays of trains at a point on all their days, in order of arrival [s after the period]."""

    arrive_s: Integers
    leave_s: Integers
    day: Integers
    is_stated: NDArray[np.bool_]
    train: Integers


def find_missed_links(traffic: StatedTraffic, tables: Tables) -> pl.DataFrame:
    """Links that the stated times do not keep, one row a link and train that it binds.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    tables : mapping of str to DataFrame
        ``train_links``, ``paced_trains`` and ``train_stops``.

    Returns
    -------
    DataFrame
        As :func:`arterial.timetable.paths.stated_conflicts.find_stated_conflicts` takes it.
    """
    numbers = {name: n for n, name in enumerate(traffic.timed.train_ids)}
    stays: dict[tuple[str, ...], _Stays] = {}

    def list_stays(names: tuple[str, ...], point: int) -> _Stays:
        key = (*names, str(point))
        if key not in stays:
            trains = [numbers[name] for name in names if name in numbers]
            stays[key] = _list_stays(traffic, trains, point)
        return stays[key]

    rows = []
    for bond in _list_bonds(tables):
        point = traffic.model.point_numbers.get(bond.link["point_id"])
        if point is None or bond.train_id not in numbers:
            continue
        own, other = list_stays((bond.train_id,), point), list_stays(bond.other_ids, point)
        row = _judge_bond(bond, own, other, traffic.inside)
        if row is not None:
            rows.append(row | {"train": numbers[bond.train_id], "point": point})
    return pl.DataFrame(rows, schema=dict(MISSED_SCHEMA))


def _list_stays(traffic: StatedTraffic, trains: Iterable[int], point: int) -> _Stays:
    """Stays of trains at a point, the first time that each comes there."""
    timed, passings = traffic.timed, traffic.passings
    found: list[tuple[int, int, int, bool, int]] = []
    for pattern in np.flatnonzero(np.isin(timed.pattern_trains, [*trains])).tolist():
        course, begin = passings.own[pattern], int(passings.first[pattern])
        own = passings.courses.point[passings.courses.first[course] :]
        places = np.flatnonzero(own[: passings.first[pattern + 1] - begin] == point)
        if not len(places) or passings.arrival_s[begin + places[0]] == UNKNOWN:
            continue
        at = begin + int(places[0])
        arrive_s = int(passings.arrival_s[at])
        leave_s = max(int(passings.departure_s[at]), arrive_s)
        is_stated, train = bool(passings.is_stated_stop[at]), int(timed.pattern_trains[pattern])
        days = np.flatnonzero(timed.days[timed.pattern_days[pattern]])
        found += [
            (arrive_s + day * DAY_S, leave_s + day * DAY_S, day, is_stated, train)
            for day in days.tolist()
        ]
    table = np.array(sorted(found), dtype=np.int64).reshape(-1, 5)
    return _Stays(table[:, 0], table[:, 1], table[:, 2], table[:, 3] > 0, table[:, 4])


def _judge_bond(bond: _Bond, own: _Stays, other: _Stays, inside: range) -> dict[str, Any] | None:
    """Row of a link that is missed; None where it is kept."""
    least_s = bond.least_s
    place = _find_partners(own.leave_s - least_s, other.arrive_s, bond.late_s)
    found = (place >= 0) & np.isin(own.day, inside)
    if not found.any():
        return None
    leave_s, arrive_s = own.leave_s[found], other.arrive_s[place[found]]
    missing_s = arrive_s + least_s - leave_s
    if bond.link["kind"] == LinkKind.TOGETHER:
        until_s = np.minimum(leave_s, other.leave_s[place[found]])
        missing_s = least_s - (until_s - np.maximum(arrive_s, own.arrive_s[found]))
    missed = np.flatnonzero(missing_s > 0)
    if not len(missed):
        return None
    first, days = missed[0], own.day[found][missed]
    is_stated = bool((own.is_stated[found][missed] & other.is_stated[place[found]][missed]).all())
    from_s = int(min(leave_s[first], arrive_s[first])) - int(days[0]) * DAY_S
    return {
        "is_impossible": is_stated,
        "is_fixed": is_stated,
        "other": int(other.train[place[found]][first]),
        "days": days.tolist(),
        "first_day": int(days[0]),
        "days_count": len(np.unique(days)),
        "from_s": from_s,
        "to_s": from_s + int(missing_s[first]),
        "missing_s": int(missing_s[missed].max()),
    }


def _find_partners(ready_s: Integers, arrive_s: Integers, late_s: float) -> Integers:
    """Number of the last arrival that is not much too late for each of some instants; else -1."""
    places: Integers = np.searchsorted(arrive_s, ready_s + late_s, side="right") - 1
    return places


def link_requests(tables: Tables, requests: Sequence[PathRequest]) -> tuple[TrainLink, ...]:
    """Links between the dated trains of a plan.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``train_links``, ``paced_trains`` and ``train_stops``.
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
    for bond in _list_bonds(tables):
        point, link = bond.link["point_id"], bond.link
        names = [name for other in bond.other_ids for name in runs.get(other, ())]
        others = sorted(_list_times(paths, names, point))
        arrive_s = np.array([arrive for arrive, _, _ in others], dtype=np.int64)
        for _, leave_s, name in _list_times(paths, runs.get(bond.train_id, ()), point):
            ready_s = np.array([leave_s - bond.least_s])
            (place,) = _find_partners(ready_s, arrive_s, bond.late_s).tolist()
            if place >= 0:
                kind = LinkKind(link["kind"] or "after")
                found.append(
                    TrainLink(link["link_id"], name, others[place][2], point, kind, bond.least_s)
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
