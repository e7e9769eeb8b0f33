"""What happens to a train on its path: crossings, overtakings, and the waits that they cost.

Main function: :func:`list_path_events`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from arterial.timetable.paths import search_kernel as kernel
from arterial.timetable.paths.requests import TrainPath

__all__ = ["PathEvent", "PathEventKind", "list_path_events"]


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


def _wait(path: TrainPath, place: int) -> int:
    """Standstill beyond the plan at a place [s]."""
    dwell = int(path.departure_s[place] - path.arrival_s[place])
    return dwell - int(path.request.stages[place, kernel.DWELL_LEAST])


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
        yield (-kernel.FAR if kind is PathEventKind.OVERTAKING else lets_go_s), event


def _name_wait(path: TrainPath, place: int, wait_s: int, others: Iterable[TrainPath]) -> PathEvent:
    """A wait without a crossing or overtaking: for the last train that uses the step ahead."""
    latest, cause = -kernel.FAR, None
    if place < len(path.request.step_rows):
        step, leave = int(path.request.step_rows[place, 0]), int(path.departure_s[place])
        for other in others:
            for number in np.flatnonzero(other.request.step_rows[:, 0] == step).tolist():
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
