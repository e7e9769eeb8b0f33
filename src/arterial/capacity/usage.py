"""How many trains a day use each step of a network, from host trains and train flows.

Main function: :func:`count_trains`. A train with a calendar counts with the share of days on which
it runs; on a busy day it takes a whole path, which is the high value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl

from arterial.capacity.block_capacity import ValueRange
from arterial.errors import ArterialError, Fault, StudyError
from arterial.network import Network, find_route
from arterial.timetable.trains.calendars import resolve_calendars

__all__ = ["StepKey", "TrainCount", "count_trains"]

StepKey = tuple[str, str, str]
"""Section, from point and to point of a step in the direction of travel."""


@dataclass(frozen=True, slots=True)
class TrainCount:
    """Trains a day over a step in one direction.

    Parameters
    ----------
    passenger, freight : ValueRange
        Trains a day.
    grades : frozenset of str
        How sure the rows are that they come from.
    """

    passenger: ValueRange = field(default=ValueRange(0.0, 0.0, 0.0))
    freight: ValueRange = field(default=ValueRange(0.0, 0.0, 0.0))
    grades: frozenset[str] = frozenset()

    @property
    def total(self) -> ValueRange:
        """Trains a day of both kinds."""
        return self.passenger.add(self.freight)

    def add(self, category: str, trains: ValueRange, *, grade: str | None = None) -> "TrainCount":
        """Return the count with trains of a category added; mixed trains count as passenger."""
        grades = self.grades if grade is None else self.grades | {grade}
        if category == "freight":
            return TrainCount(self.passenger, self.freight.add(trains), grades)
        return TrainCount(self.passenger.add(trains), self.freight, grades)


@dataclass(frozen=True, slots=True)
class _Traffic:
    """Trains of one kind on one way."""

    name: str
    category: str
    points: tuple[str, ...]
    lines: tuple[str | None, ...]
    ends: tuple[str, str]
    trains_per_day: ValueRange
    grade: str | None
    fault_file: str


def count_trains(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    flows: pl.DataFrame,
    *,
    day_from: date,
    day_to: date,
) -> dict[StepKey, TrainCount]:
    """Trains a day over every step that is used.

    Parameters
    ----------
    network : Network
        The network.
    tables : mapping of str to polars.DataFrame
        ``trains``, ``train_stops``, ``route_points``, ``calendar_rules`` and, for the ranges of
        flows, ``estimates``.
    flows : polars.DataFrame
        Table ``train_flows``: trains a day in each direction that they run in.
    day_from, day_to : date
        Period whose days are counted, both included.

    Returns
    -------
    dict of StepKey to TrainCount
        By section and direction of travel.

    Raises
    ------
    StudyError
        Naming every train and flow that has no way through the network.
    """
    counts: dict[StepKey, TrainCount] = {}
    faults = []
    traffic = [
        *_read_trains(tables, day_from, day_to),
        *_read_flows(tables, flows, day_from, day_to),
    ]
    for item in traffic:
        try:
            steps = _find_steps(network, item)
        except ArterialError as error:
            cause = f"{item.name} has no way: {error.message}"
            cure = " ".join(str(fault) for fault in error.faults) or "Correct its points."
            faults.append(Fault(cause, cure, item.fault_file))
            continue
        for step in steps:
            before = counts.get(step, TrainCount())
            counts[step] = before.add(item.category, item.trains_per_day, grade=item.grade)
    if faults:
        message = f"{len(faults)} trains or flows cannot be laid on the network."
        raise StudyError(message, faults)
    return counts


def _read_trains(
    tables: Mapping[str, pl.DataFrame], day_from: date, day_to: date
) -> Iterator[_Traffic]:
    """Trains with at least two stops and at least one day."""
    days_count = (day_to - day_from).days + 1
    calendars = resolve_calendars(tables["calendar_rules"], day_from, day_to)
    stops = tables["train_stops"].sort("train_id", "sequence")
    for train in tables["trains"].iter_rows(named=True):
        named = calendars.get(train["calendar_id"], {})
        runs = sum(said.effect.has_train for said in named.values())
        points = _drop_repeats(stops.filter(pl.col("train_id") == train["train_id"])["point_id"])
        if not runs or len(points) <= 1:
            continue
        share = runs / days_count
        way, lines = _read_way(tables["route_points"], train["route_id"], points)
        yield _Traffic(
            name=f"Train {train['train_id']}",
            category=train["category"],
            points=way,
            lines=lines,
            ends=(points[0], points[-1]),
            trains_per_day=ValueRange(share, share, 1.0),
            grade=train["grade"],
            fault_file="tables/trains.csv",
        )


def _read_way(
    route_points: pl.DataFrame, route_id: str | None, stops: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """Points to pass and lines to keep to: those of the route, turned as the train runs."""
    # No route has an empty id, so that a train without one finds no points.
    along = route_points.filter(pl.col("route_id") == (route_id or "")).sort("sequence")
    points, lines = tuple(along["point_id"]), tuple(along["line_id"])[:-1]
    if not points:
        return stops, (None,) * (len(stops) - 1)
    shared = [points.index(stop) for stop in stops if stop in points]
    if len(shared) > 1 and shared[0] > shared[-1]:
        return points[::-1], lines[::-1]
    return points, lines


def _read_flows(
    tables: Mapping[str, pl.DataFrame], flows: pl.DataFrame, day_from: date, day_to: date
) -> Iterator[_Traffic]:
    """Flows of known size, once in each direction that they run in."""
    ranges: dict[str, Mapping[str, Any]] = {}
    if "estimates" in tables:
        found = tables["estimates"].filter(
            (pl.col("table") == "train_flows") & (pl.col("attribute") == "trains_per_day")
        )
        ranges = {row["key"]: row for row in found.iter_rows(named=True)}
    for row in flows.iter_rows(named=True):
        if row["trains_per_day"] is None:
            continue
        trains = _find_trains_per_day(row, ranges.get(row["flow_id"]), day_from, day_to)
        ends = (row["from_point"], row["to_point"])
        direction = row.get("direction") or "both"
        for name, way in (("forward", ends), ("backward", ends[::-1])):
            if direction not in {"both", name}:
                continue
            points, lines = _read_way(tables["route_points"], row.get("route_id"), way)
            yield _Traffic(
                name=f"Flow {row['flow_id']}",
                category=row["category"] or "freight",
                points=points,
                lines=lines,
                ends=way,
                trains_per_day=trains,
                grade=row.get("grade"),
                fault_file="tables/train_flows.csv",
            )


def _find_trains_per_day(
    row: Mapping[str, Any], known: Mapping[str, Any] | None, day_from: date, day_to: date
) -> ValueRange:
    """Trains a day of a flow, thinned out to the days of the period on which it is valid."""
    best = row["trains_per_day"]
    low = best if known is None or known["low"] is None else min(known["low"], best)
    high = best if known is None or known["high"] is None else max(known["high"], best)
    begin = max(day_from, row.get("first_day") or day_from)
    end = min(day_to, row.get("last_day") or day_to)
    days_count = max(0, (end - begin).days + 1)
    share = days_count / ((day_to - day_from).days + 1)
    return ValueRange(low * share, best * share, high if days_count else 0.0)


def _find_steps(network: Network, traffic: _Traffic) -> list[StepKey]:
    """Steps of the way between the first and the last point of the traffic."""
    route = find_route(network, traffic.points, lines=traffic.lines)
    missing = [point for point in traffic.ends if point not in route.points]
    if missing:
        message = f"{' and '.join(missing)} do not lie on its route."
        raise StudyError(message)
    begin = route.points.index(traffic.ends[0])
    end = route.points.index(traffic.ends[1], begin)
    steps = route.steps[begin:end]
    return [(step.section.section_id, step.from_point, step.to_point) for step in steps]


def _drop_repeats(points: Sequence[str] | pl.Series) -> tuple[str, ...]:
    names = list(points)
    return tuple(names[:1] + [after for before, after in pairwise(names) if before != after])
