"""Train paths told: point by point, as what they occupy, and as what happens on them.

Main functions: :func:`tabulate_paths`, :func:`tabulate_occupations` and :func:`list_path_events`,
which lists crossings, overtakings and the waits that they cost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np
import polars as pl

from arterial.study import conform_table, empty_table
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.possessions import Closure
from arterial.timetable.paths.requests import NO_LIMIT_S, TrainPath

__all__ = [
    "PathEvent",
    "PathEventKind",
    "list_path_events",
    "tabulate_occupations",
    "tabulate_paths",
]

DAY_MARK: Final = "@"
FLOW_MARK: Final = "/"

USE_COLUMNS: Final = (
    "kind",
    "path_id",
    "possession_id",
    "point_id",
    "section_id",
    "from_point",
    "to_point",
    "from_at_s",
    "to_at_s",
)


class PathEventKind(StrEnum):
    """What happens between two trains at a point."""

    CROSSING = "crossing"
    OVERTAKEN = "overtaken"
    OVERTAKING = "overtaking"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class PathEvent:
    """A train meets another one at a point.

    Parameters
    ----------
    kind : PathEventKind
        What happens; ``wait`` = it stands until the step ahead is free of a train that it does not
        meet here.
    place : int
        Place in the points of the train.
    point_id : str
        Where.
    other_id : str or None
        The other train; None = a possession, or nothing that can be named.
    at_s : int
        Arrival of the train there [s].
    wait_s, other_wait_s : int
        Standstill of each beyond its plan [s]; where several trains are met at a point, the wait
        counts with the one that ends it.
    """

    kind: PathEventKind
    place: int
    point_id: str
    other_id: str | None
    at_s: int
    wait_s: int
    other_wait_s: int


def tabulate_paths(model: LineModel, paths: Iterable[TrainPath]) -> pl.DataFrame:
    """Paths as the result table ``train_paths``, one row a point.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : iterable of TrainPath
        The paths; their names are ``train@day`` or ``flow/direction/number``.

    Returns
    -------
    DataFrame
        Table ``train_paths``.
    """
    rows = [row for path in paths for row in _list_points(model, path)]
    return _tabulate("train_paths", rows)


def tabulate_occupations(
    model: LineModel, paths: Iterable[TrainPath], closures: Iterable[Closure] = ()
) -> pl.DataFrame:
    """What paths and possessions occupy, as the result table ``path_occupations``.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : iterable of TrainPath
        The paths.
    closures : iterable of Closure
        What possessions take.

    Returns
    -------
    DataFrame
        Table ``path_occupations``, by time; at a point a track is held until it is released.
    """
    columns: dict[str, list[Any]] = {name: [] for name in USE_COLUMNS}
    for path in paths:
        for name, values in _list_uses(model, path).items():
            columns[name] += values
    for closure in closures:
        for name, value in _describe_closure(model, closure).items():
            columns[name].append(value)
    schema = empty_table("path_occupations").schema
    rows = pl.DataFrame(columns, {name: schema[name] for name in columns}).sort(
        "from_at_s", "to_at_s", pl.col("path_id").fill_null("None"), maintain_order=True
    )
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(7)
    named = rows.with_columns(occupation_id=pl.lit("O") + number)
    return conform_table("path_occupations", named, fill_missing=True)


def list_path_events(path: TrainPath, others: Iterable[TrainPath]) -> tuple[PathEvent, ...]:
    """Everything that a train meets at the points of its way, and every wait.

    Parameters
    ----------
    path : TrainPath
        The train.
    others : iterable of TrainPath
        The other trains.

    Returns
    -------
    tuple of PathEvent
        In order of the way. Trains that pass each other on the open line of two tracks are not
        listed; the waits add up to the standstill beyond the plan.
    """
    others = [other for other in others if other.train_id != path.train_id]
    # Events by place, each with the instant at which it lets the train go.
    found: dict[int, list[tuple[int, PathEvent]]] = defaultdict(list)
    for other in others:
        for lets_go_s, event in _list_encounters(path, other):
            found[event.place].append((lets_go_s, event))
    events: list[PathEvent] = []
    for place in range(len(path.request.points)):
        here = sorted(found[place], key=lambda one: (one[0], one[1].other_id))
        wait_s = _wait(path, place)
        events += [event for _, event in here]
        # A train that is overtaken holds nobody up; whoever lets the train go last does.
        if here and events[-1].kind is not PathEventKind.OVERTAKING:
            events[-1] = replace(events[-1], wait_s=wait_s)
        elif wait_s > 0:
            events.append(_name_wait(path, place, wait_s, others))
    return tuple(events)


def _list_points(model: LineModel, path: TrainPath) -> Iterator[dict[str, Any]]:
    """Rows of one path."""
    request, last = path.request, len(path.request.points) - 1
    is_flow = FLOW_MARK in path.train_id
    name = path.train_id.split(FLOW_MARK if is_flow else DAY_MARK)[0]
    for place, point in enumerate(request.points):
        stage = request.stages[place]
        planned = int(stage["dwell_least_s"]) if stage["is_planned"] else None
        dwell = int(path.departure_s[place] - path.arrival_s[place])
        section = (
            model.steps[int(request.step_rows["row"][place - 1])].section_id if place else None
        )
        yield {
            "path_id": path.train_id,
            "sequence": place + 1,
            "train_id": None if is_flow else name,
            "flow_id": name if is_flow else None,
            "point_id": point,
            "section_id": section,
            "arrival_at_s": int(path.arrival_s[place]) if place else None,
            "departure_at_s": int(path.departure_s[place]) if place < last else None,
            "planned_dwell_s": planned,
            "wait_s": dwell - (planned or 0),
        }


def _list_uses(model: LineModel, path: TrainPath) -> dict[str, list[Any]]:
    """Columns of what one path occupies: its points, then its steps."""
    names, rows = path.request.points, path.request.step_rows["row"].tolist()
    arrival_s, departure_s = path.arrival_s.tolist(), path.departure_s.tolist()
    release_s = model.rules.track_release_s
    no_points, no_steps = [None] * len(names), [None] * len(rows)
    return {
        "kind": ["point"] * len(names) + ["step"] * len(rows),
        "path_id": [path.train_id] * (len(names) + len(rows)),
        "possession_id": [*no_points, *no_steps],
        "point_id": [*names, *no_steps],
        "section_id": [*no_points, *(model.steps[row].section_id for row in rows)],
        "from_point": [*no_points, *names[:-1]],
        "to_point": [*no_points, *names[1:]],
        "from_at_s": arrival_s + departure_s[: len(rows)],
        "to_at_s": [at_s + release_s for at_s in departure_s] + arrival_s[1:],
    }


def _describe_closure(model: LineModel, closure: Closure) -> dict[str, Any]:
    """What one possession occupies."""
    step = None if closure.step is None else model.steps[closure.step]
    return {
        "kind": "point" if step is None else "step",
        "path_id": None,
        "possession_id": closure.possession_id,
        "point_id": None if closure.point is None else model.point_ids[closure.point],
        "section_id": None if step is None else step.section_id,
        "from_point": None if step is None else step.from_point,
        "to_point": None if step is None else step.to_point,
        "from_at_s": closure.from_s,
        "to_at_s": closure.to_s,
    }


def _tabulate(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a table, absent cells unknown."""
    schema = empty_table(name).schema
    columns = {key: [row.get(key) for row in rows] for key in schema}
    return conform_table(name, pl.DataFrame(columns, schema))


def _wait(path: TrainPath, place: int) -> int:
    """Standstill beyond the plan at a place [s]."""
    dwell = int(path.departure_s[place] - path.arrival_s[place])
    return dwell - int(path.request.stages["dwell_least_s"][place])


def _list_encounters(path: TrainPath, other: TrainPath) -> Iterator[tuple[int, PathEvent]]:
    """Points at which two trains are at once and one lets the other pass, with when it may go."""
    places = {point: place for place, point in enumerate(other.request.points)}
    shared = [
        (place, places[point]) for place, point in enumerate(path.request.points) if point in places
    ]
    if len(shared) < 2:  # noqa: PLR2004 trains that share one point use no common step
        return
    is_opposing = shared[0][1] > shared[-1][1]
    arrivals, departures = path.arrival_s.tolist(), path.departure_s.tolist()
    other_arrivals, other_departures = other.arrival_s.tolist(), other.departure_s.tolist()
    for place, there in shared:
        arrive, leave = arrivals[place], departures[place]
        other_arrive, other_leave = other_arrivals[there], other_departures[there]
        if max(arrive, other_arrive) > min(leave, other_leave):
            continue
        kind = PathEventKind.CROSSING
        if not is_opposing:
            first = (arrive - other_arrive) * (leave - other_leave)
            if first >= 0:
                continue
            kind = PathEventKind.OVERTAKEN if leave > other_leave else PathEventKind.OVERTAKING
        event = PathEvent(
            kind=kind,
            place=place,
            point_id=path.request.points[place],
            other_id=other.train_id,
            at_s=arrive,
            wait_s=0,
            other_wait_s=_wait(other, there),
        )
        lets_go_s = other_arrive if is_opposing else other_leave
        yield (-NO_LIMIT_S if kind is PathEventKind.OVERTAKING else lets_go_s), event


def _name_wait(path: TrainPath, place: int, wait_s: int, others: Iterable[TrainPath]) -> PathEvent:
    """A wait without a crossing or overtaking: for the last train that uses the step ahead."""
    latest, cause = -NO_LIMIT_S, None
    if place < len(path.request.step_rows):
        step, leave = int(path.request.step_rows["row"][place]), int(path.departure_s[place])
        for other in others:
            for number in np.flatnonzero(other.request.step_rows["row"] == step).tolist():
                off_s = int(other.arrival_s[number + 1])
                if int(other.departure_s[number]) <= leave and off_s > latest:
                    latest, cause = off_s, other.train_id
    return PathEvent(
        kind=PathEventKind.WAIT,
        place=place,
        point_id=path.request.points[place],
        other_id=cause,
        at_s=int(path.arrival_s[place]),
        wait_s=wait_s,
        other_wait_s=0,
    )
