"""Whom a train meets on its path: crossings, overtakings, and the waits that they cost.

Main function: :func:`list_meetings`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from arterial.timetable.paths import search_kernel as kernel
from arterial.timetable.paths.requests import TrainPath

__all__ = ["Meeting", "MeetingKind", "list_meetings"]


class MeetingKind(StrEnum):
    """What happens between two trains at a point."""

    CROSSING = "crossing"
    OVERTAKEN = "overtaken"
    OVERTAKING = "overtaking"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A train meets another one at a point.

    Parameters
    ----------
    kind : MeetingKind
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

    kind: MeetingKind
    place: int
    point_id: str
    other_id: str | None
    at_s: int
    wait_s: int
    other_wait_s: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A meeting with the instant at which it lets the train go."""

    meeting: Meeting
    lets_go_s: int


def list_meetings(path: TrainPath, others: Iterable[TrainPath]) -> tuple[Meeting, ...]:
    """Everything that a train meets at the points of its way, and every wait.

    Parameters
    ----------
    path : TrainPath
        The train.
    others : iterable of TrainPath
        The other trains.

    Returns
    -------
    tuple of Meeting
        In order of the way. Trains that pass each other on the open line of two tracks are not
        listed; the waits add up to the standstill beyond the plan.
    """
    others = [other for other in others if other.train_id != path.train_id]
    found: dict[int, list[_Candidate]] = {}
    for other in others:
        for candidate in _meet(path, other):
            found.setdefault(candidate.meeting.place, []).append(candidate)
    meetings: list[Meeting] = []
    for place in range(len(path.request.points)):
        here = sorted(found.get(place, []), key=lambda one: (one.lets_go_s, one.meeting.other_id))
        wait_s = _wait(path, place)
        # A train that is overtaken holds nobody up; whoever lets the train go last does.
        is_held = bool(here) and here[-1].meeting.kind is not MeetingKind.OVERTAKING
        meetings += [one.meeting for one in (here[:-1] if is_held else here)]
        if is_held:
            meetings.append(replace(here[-1].meeting, wait_s=wait_s))
        elif wait_s > 0:
            meetings.append(_name_wait(path, place, wait_s, others))
    return tuple(meetings)


def _wait(path: TrainPath, place: int) -> int:
    """Standstill beyond the plan at a place [s]."""
    dwell = int(path.departure_s[place] - path.arrival_s[place])
    return dwell - int(path.request.stages[place, kernel.DWELL_LEAST])


def _meet(path: TrainPath, other: TrainPath) -> Iterator[_Candidate]:
    """Points at which two trains are at once and one lets the other pass."""
    places = {point: place for place, point in enumerate(other.request.points)}
    shared = [point for point in path.request.points if point in places]
    if len(shared) < 2:  # noqa: PLR2004 trains that share one point use no common step
        return
    is_opposing = places[shared[0]] > places[shared[-1]]
    for place, point in enumerate(path.request.points):
        if point not in places:
            continue
        there = places[point]
        arrive, leave = int(path.arrival_s[place]), int(path.departure_s[place])
        other_arrive, other_leave = int(other.arrival_s[there]), int(other.departure_s[there])
        if max(arrive, other_arrive) > min(leave, other_leave):
            continue
        kind = MeetingKind.CROSSING
        if not is_opposing:
            first = (arrive - other_arrive) * (leave - other_leave)
            if first >= 0:
                continue
            kind = MeetingKind.OVERTAKEN if leave > other_leave else MeetingKind.OVERTAKING
        meeting = Meeting(
            kind=kind,
            place=place,
            point_id=point,
            other_id=other.train_id,
            at_s=arrive,
            wait_s=0,
            other_wait_s=_wait(other, there),
        )
        lets_go_s = other_arrive if is_opposing else other_leave
        yield _Candidate(meeting, -kernel.FAR if kind is MeetingKind.OVERTAKING else lets_go_s)


def _name_wait(path: TrainPath, place: int, wait_s: int, others: Iterable[TrainPath]) -> Meeting:
    """A wait without a meeting: for the last train that uses the step ahead before."""
    latest, cause = -kernel.FAR, None
    if place < len(path.request.step_rows):
        step, leave = int(path.request.step_rows[place, 0]), int(path.departure_s[place])
        for other in others:
            for number, row in enumerate(other.request.step_rows[:, 0].tolist()):
                off_s = int(other.arrival_s[number + 1])
                enters_before = int(other.departure_s[number]) <= leave
                if row == step and enters_before and off_s > latest:
                    latest, cause = off_s, other.train_id
    return Meeting(
        kind=MeetingKind.WAIT,
        place=place,
        point_id=path.request.points[place],
        other_id=cause,
        at_s=int(path.arrival_s[place]),
        wait_s=wait_s,
        other_wait_s=0,
    )
