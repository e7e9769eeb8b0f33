"""Who waits where, how long and for whom; main function `find_waits`.

A train waits where it leaves a point, or its origin, later than it could by itself. It waits for
the train or possession that clears its way last: a step on the way to its next stop, or a track at
a point ahead.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from arterial.timetable.paths import Closure, LineModel, TrainPath
from arterial.timetable.paths.requests import NO_LIMIT_S

__all__ = ["Wait", "find_waits"]


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait of a train.

    Parameters
    ----------
    train_id : str
        The train.
    point_id : str
        Where it waits.
    from_s, to_s : int
        From when it could go on until it does [s].
    because_of : str or None
        Train or possession that it waits for; None = for nothing that the paths show, such as a
        train that is held.
    place : str
        What it waits for: a step or a point; empty where nothing is known.
    """

    train_id: str
    point_id: str
    from_s: int
    to_s: int
    because_of: str | None = None
    place: str = ""

    @property
    def wait_s(self) -> int:
        """How long it waits [s]."""
        return self.to_s - self.from_s


class _Cause(NamedTuple):
    """Who cleared the way, and how long before it was taken [s]."""

    slack_s: int
    because_of: str
    place: str


class _Use(NamedTuple):
    """A use of a step or a point, sorted by its end."""

    leave_s: int
    enter_s: int
    direction: int
    name: str


@dataclass(frozen=True, slots=True)
class _Traffic:
    """The line, and who uses what."""

    model: LineModel
    steps: dict[int, list[_Use]]
    points: dict[int, list[_Use]]
    closures: dict[int, list[Closure]]


def find_waits(
    model: LineModel,
    paths: Sequence[TrainPath],
    *,
    closures: Iterable[Closure] = (),
    from_s: int | None = None,
    held_until_s: Mapping[str, int] | None = None,
) -> tuple[Wait, ...]:
    """Waits of trains with their causes, the longest first.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : sequence of TrainPath
        Paths that all stand at once.
    closures : iterable of Closure
        What is shut.
    from_s : int, optional
        Instant before which a wait has ended that is left out [s].
    held_until_s : mapping of str to int, optional
        Until when trains are held for themselves: until then they wait for nobody [s].

    Returns
    -------
    tuple of Wait
        The waits.
    """
    traffic = _Traffic(model, defaultdict(list), defaultdict(list), defaultdict(list))
    for closure in closures:
        if closure.step is not None:
            traffic.closures[closure.step].append(closure)
    for path in paths:
        _enter(traffic, path)
    for uses in (*traffic.steps.values(), *traffic.points.values()):
        uses.sort()
    since_s = -NO_LIMIT_S if from_s is None else from_s
    held = held_until_s or {}
    found = [
        wait
        for path in paths
        for wait in _list_waits(traffic, path, since_s, held.get(path.train_id, -NO_LIMIT_S))
    ]
    return tuple(sorted(found, key=lambda wait: (-wait.wait_s, wait.from_s, wait.train_id)))


def _enter(traffic: _Traffic, path: TrainPath) -> None:
    """Enter the uses of a path."""
    arrival, departure = path.arrival_s.tolist(), path.departure_s.tolist()
    for place, row in enumerate(path.request.point_rows["row"].tolist()):
        use = _Use(departure[place], arrival[place], 0, path.train_id)
        traffic.points[row].append(use)
    for place, (row, direction, _, _) in enumerate(path.request.step_rows.tolist()):
        use = _Use(arrival[place + 1], departure[place], direction, path.train_id)
        traffic.steps[row].append(use)


def _list_waits(traffic: _Traffic, path: TrainPath, since_s: int, held_s: int) -> Iterator[Wait]:
    """Waits of one train that end after an instant, once it is no longer held for itself."""
    request = path.request
    rows = request.stages[["dwell_least_s", "earliest_s"]].tolist()
    for place, (dwell_s, earliest_s) in enumerate(rows[:-1]):
        to_s = int(path.departure_s[place])
        free_s = max(int(path.arrival_s[place]) + dwell_s, earliest_s)
        if place == 0:
            free_s = max(request.depart_from_s, earliest_s)
        free_s = max(free_s, held_s)
        if to_s > max(free_s, since_s):
            cause = _find_cause(traffic, path, place, to_s - free_s)
            because = (None, "") if cause is None else (cause.because_of, cause.place)
            yield Wait(path.train_id, request.points[place], free_s, to_s, *because)


def _find_cause(traffic: _Traffic, path: TrainPath, begin: int, wait_s: int) -> _Cause | None:
    """What clears the way last on the way to the next stop, if it does so during a wait.

    A train may wait earlier than it has to: where nothing is found, what lies behind counts.
    """
    causes: list[_Cause] = []
    for place in range(begin, len(path.arrival_s) - 1):
        causes += _list_step_causes(traffic, path, place, wait_s)
        causes += _list_point_causes(traffic, path, place + 1, wait_s)
        if causes and path.departure_s[place + 1] > path.arrival_s[place + 1]:
            break
    return min(causes, key=lambda cause: cause.slack_s, default=None)


def _list_step_causes(
    traffic: _Traffic, path: TrainPath, place: int, wait_s: int
) -> Iterator[_Cause]:
    """Trains and possessions that clear a step during a wait."""
    row, direction, is_single, can_follow = path.request.step_rows[place].tolist()
    enter_s, leave_s = int(path.departure_s[place]), int(path.arrival_s[place + 1])
    name, uses = traffic.model.steps[row].step_id, traffic.steps[row]
    rules = traffic.model.list_intervals(row, direction)
    since_s = enter_s - wait_s - traffic.model.longest_interval_s
    for number in range(bisect_left(uses, (since_s,)), len(uses)):
        use = uses[number]
        if use.leave_s >= leave_s:
            break
        opposes = use.direction != direction
        if use.enter_s >= enter_s or use.name == path.train_id or (opposes and not is_single):
            continue
        if not opposes and can_follow:
            slack_s = min(enter_s - use.enter_s, leave_s - use.leave_s) - rules.headway_s
        else:
            gap_s = rules.opposing_s if opposes else rules.following_s
            slack_s = enter_s - use.leave_s - gap_s
        if 0 <= slack_s < wait_s:
            yield _Cause(slack_s, use.name, name)
    for closure in traffic.closures[row]:
        is_shut = closure.direction is None or closure.direction == direction
        if is_shut and 0 <= enter_s - closure.to_s < wait_s:
            yield _Cause(enter_s - closure.to_s, closure.possession_id, name)


def _list_point_causes(
    traffic: _Traffic, path: TrainPath, place: int, wait_s: int
) -> Iterator[_Cause]:
    """Trains that give up a track of a point, all of whose tracks were taken, during a wait."""
    row = int(path.request.point_rows["row"][place])
    uses, tracks = traffic.points[row], traffic.model.tracks_count[row]
    arrive_s, release_s = int(path.arrival_s[place]), traffic.model.rules.track_release_s
    for number in range(bisect_left(uses, (arrive_s - wait_s - release_s,)), len(uses)):
        end_s = uses[number].leave_s + release_s
        if end_s > arrive_s:
            break
        inside = sum(
            use.enter_s < end_s <= use.leave_s + release_s
            for use in uses
            if use.name != path.train_id
        )
        if uses[number].name != path.train_id and end_s > arrive_s - wait_s and inside >= tracks:
            yield _Cause(arrive_s - end_s, uses[number].name, traffic.model.point_ids[row])
