"""Who waits where, how long and for whom; main function `find_waits`.

A train waits where it leaves a point, or its origin, later than it could by itself. It waits for
the train or possession that clears its way last: a step on the way to its next stop, or a track at
a point ahead.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from arterial.timetable.paths import Closure, LineModel, TrainPath

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
    """A use of a step or a point."""

    enter_s: int
    leave_s: int
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
    found = [
        wait
        for path in paths
        for wait in _list_waits(traffic, path)
        if from_s is None or wait.to_s > from_s
    ]
    return tuple(sorted(found, key=lambda wait: (-wait.wait_s, wait.from_s, wait.train_id)))


def _enter(traffic: _Traffic, path: TrainPath) -> None:
    """Enter the uses of a path."""
    arrival, departure = path.arrival_s.tolist(), path.departure_s.tolist()
    for place, row in enumerate(path.request.point_rows["row"].tolist()):
        use = _Use(arrival[place], departure[place], 0, path.train_id)
        traffic.points[row].append(use)
    for place, (row, direction, _, _) in enumerate(path.request.step_rows.tolist()):
        use = _Use(departure[place], arrival[place + 1], direction, path.train_id)
        traffic.steps[row].append(use)


def _list_waits(traffic: _Traffic, path: TrainPath) -> Iterator[Wait]:
    """Waits of one train."""
    request = path.request
    rows = request.stages[["dwell_least_s", "earliest_s"]].tolist()
    for place, (dwell_s, earliest_s) in enumerate(rows[:-1]):
        to_s = int(path.departure_s[place])
        free_s = max(int(path.arrival_s[place]) + dwell_s, earliest_s)
        if place == 0:
            free_s = max(request.depart_from_s, earliest_s)
        if to_s > free_s:
            cause = _find_cause(traffic, path, place, to_s - free_s)
            because = (None, "") if cause is None else (cause.because_of, cause.place)
            yield Wait(path.train_id, request.points[place], free_s, to_s, *because)


def _find_cause(traffic: _Traffic, path: TrainPath, begin: int, wait_s: int) -> _Cause | None:
    """What clears the way last on the way to the next stop, if it does so during a wait."""
    causes: list[_Cause] = []
    for place in range(begin, len(path.arrival_s) - 1):
        causes += _list_step_causes(traffic, path, place)
        causes += _list_point_causes(traffic, path, place + 1)
        if path.departure_s[place + 1] > path.arrival_s[place + 1]:
            break
    late = [cause for cause in causes if 0 <= cause.slack_s < wait_s]
    return min(late, key=lambda cause: cause.slack_s, default=None)


def _list_step_causes(traffic: _Traffic, path: TrainPath, place: int) -> Iterator[_Cause]:
    """Trains and possessions before a train on a step."""
    rules = traffic.model.rules
    row, direction, is_single, can_follow = path.request.step_rows[place].tolist()
    enter_s, leave_s = int(path.departure_s[place]), int(path.arrival_s[place + 1])
    name = traffic.model.steps[row].step_id
    for use in traffic.steps[row]:
        opposes = use.direction != direction
        if use.enter_s >= enter_s or use.name == path.train_id or (opposes and not is_single):
            continue
        if not opposes and can_follow:
            slack_s = min(enter_s - use.enter_s, leave_s - use.leave_s) - rules.headway_s
        else:
            gap_s = rules.opposing_interval_s if opposes else rules.following_interval_s
            slack_s = enter_s - use.leave_s - gap_s
        yield _Cause(slack_s, use.name, name)
    for closure in traffic.closures[row]:
        if closure.direction is None or closure.direction == direction:
            yield _Cause(enter_s - closure.to_s, closure.possession_id, name)


def _list_point_causes(traffic: _Traffic, path: TrainPath, place: int) -> Iterator[_Cause]:
    """Trains that give up a track of a point whose tracks were all taken."""
    row = int(path.request.point_rows["row"][place])
    arrive_s, release_s = int(path.arrival_s[place]), traffic.model.rules.track_release_s
    before = [
        use
        for use in traffic.points[row]
        if use.name != path.train_id and use.enter_s < arrive_s <= use.leave_s + 2 * release_s
    ]
    for use in before:
        end_s = use.leave_s + release_s
        inside = sum(other.enter_s < end_s <= other.leave_s + release_s for other in before)
        if end_s <= arrive_s and inside >= traffic.model.tracks_count[row]:
            yield _Cause(arrive_s - end_s, use.name, traffic.model.point_ids[row])
