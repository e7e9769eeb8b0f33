"""Trains under way: what of a path is past at an instant, and what can still change.

Main function: :func:`split_path`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from arterial.dispatching.paths.encoding import Live, Use, list_uses
from arterial.timetable.paths import LineModel, PathRequest, TrainPath
from arterial.timetable.paths.requests import NO_LIMIT_S

__all__ = ["Part", "list_past_uses", "split_path"]


@dataclass(frozen=True, slots=True)
class Part:
    """A path, and what can still change of it.

    Parameters
    ----------
    path : TrainPath
        As planned.
    whole : PathRequest
        What the whole path asks for, slower where the line is.
    first : int
        Place from which on it can change: where the train is, or which it left last.
    request : PathRequest or None
        What it asks for from there on; None = the train has arrived.
    live : Live or None
        Where it is; None = it has not come to its origin yet, or has arrived.
    turn : tuple
        By which trains come in turn.
    """

    path: TrainPath
    whole: PathRequest
    first: int
    request: PathRequest | None
    live: Live | None
    turn: tuple[int, str]

    @property
    def can_keep(self) -> bool:
        """Whether the line is no slower ahead than planned."""
        return self.whole is self.path.request

    @property
    def due_s(self) -> int:
        """Arrival that is no delay, however slow the line is now [s]."""
        return self.path.arrive_at_s - self.path.delay_s


def split_path(
    path: TrainPath,
    now_s: int,
    held: Mapping[str, int],
    slow: Mapping[int, int],
    *,
    least_run_s: Mapping[int, int] = MappingProxyType({}),
) -> Part:
    """What of a path can still change.

    Parameters
    ----------
    path : TrainPath
        The path as planned.
    now_s : int
        The instant [s].
    held : mapping of str to int
        How much longer trains cannot go on [s].
    slow : mapping of int to int
        What trains need more over steps that they have not entered [s].
    least_run_s : mapping of int to int
        What they need there at least [s].

    Returns
    -------
    Part
        The part.
    """
    held_s = held.get(path.train_id, 0)
    last = len(path.arrival_s) - 1
    # A train that comes at this very second has come.
    first = int(np.searchsorted(path.arrival_s, now_s, "right")) - 1
    if first == last:
        return Part(path, path.request, last, None, None, (path.arrive_at_s, path.train_id))
    is_inside = first >= 0 and int(path.departure_s[first]) <= now_s
    whole = _slow_down(path.request, slow, least_run_s, first + is_inside)
    if first < 0:
        return _wait_for_origin(path, whole, now_s + held_s)
    if is_inside:
        return _split_inside(path, whole, first, held_s)
    return _split_standing(path, whole, first, now_s + held_s)


def _slow_down(
    request: PathRequest,
    slow: Mapping[int, int],
    least_run_s: Mapping[int, int],
    from_place: int,
) -> PathRequest:
    """The request with longer running times over slow steps from a place on."""
    rows, running = request.step_rows["row"].tolist(), request.stages["running_s"].tolist()
    more = [
        max(slow.get(row, 0), least_run_s.get(row, 0) - running[place])
        if place >= from_place
        else 0
        for place, row in enumerate(rows)
    ]
    # The same object: whether a train can keep its plan is told by that.
    if not any(more):
        return request
    stages = request.stages.copy()
    stages["running_s"][:-1] += more
    return replace(request, stages=stages)


def _wait_for_origin(path: TrainPath, whole: PathRequest, from_s: int) -> Part:
    """A train that has not come to its origin yet."""
    # It comes no earlier than now.
    depart_s = from_s + int(whole.stages["dwell_least_s"][0])
    request = replace(whole, depart_from_s=max(whole.depart_from_s, depart_s))
    turn = (int(path.arrival_s[0]), path.train_id)
    return Part(path, whole, 0, request, None, turn)


def _cut(whole: PathRequest, first: int) -> PathRequest:
    """A request from a place on, where the train stands and may stand as long as it has to."""
    stages = whole.stages[first:].copy()
    stages["dwell_most_s"][0] = stages["latest_s"][0] = NO_LIMIT_S
    return replace(
        whole,
        points=whole.points[first:],
        point_rows=whole.point_rows[first:],
        step_rows=whole.step_rows[first:],
        stages=stages,
    )


def _split_standing(path: TrainPath, whole: PathRequest, first: int, from_s: int) -> Part:
    """A train that stands at a point."""
    arrive_s = int(path.arrival_s[first])
    request = _cut(whole, first)
    request.stages["dwell_least_s"][0] = max(
        int(request.stages["dwell_least_s"][0]), from_s - arrive_s
    )
    until_s = whole.depart_to_s if first == 0 else NO_LIMIT_S
    request = request.shift_window(from_s, until_s)
    live = Live(arrive_s)
    return Part(path, whole, first, request, live, (int(path.departure_s[first]), path.train_id))


def _split_inside(path: TrainPath, whole: PathRequest, first: int, held_s: int) -> Part:
    """A train between two points."""
    arrive_s, depart_s = int(path.arrival_s[first]), int(path.departure_s[first])
    leave_s = int(path.arrival_s[first + 1])
    request = _cut(whole, first)
    stages, there = request.stages, whole.stages[first + 1]
    stands = int(path.departure_s[first + 1]) > leave_s and not there["is_planned"]
    # Whether it brakes for the next point is open; what it has lost so far is not.
    stages["running_s"][0] = leave_s - depart_s + held_s - (there["stop_loss_s"] if stands else 0)
    stages["start_loss_s"][0], stages["earliest_s"][0] = 0, -NO_LIMIT_S
    stages["dwell_least_s"][0] = depart_s - arrive_s
    return Part(
        path=path,
        whole=whole,
        first=first,
        request=request.shift_window(depart_s, depart_s),
        live=Live(arrive_s, waits_inside=True),
        turn=(leave_s + held_s, path.train_id),
    )


def list_past_uses(model: LineModel, parts: Iterable[Part], now_s: int) -> list[Use]:
    """What trains have used of late, so that others still have to keep their distance.

    Parameters
    ----------
    model : LineModel
        The line.
    parts : iterable of Part
        The trains.
    now_s : int
        The instant [s].

    Returns
    -------
    list of Use
        Of the trains up to where they are.
    """
    since_s = now_s - model.longest_interval_s
    uses = []
    for part in parts:
        end = part.first if part.request is not None else part.first + 1
        # The step that ends there was entered a place before.
        begin = max(int(np.searchsorted(part.path.departure_s, since_s)) - 1, 0)
        if begin < end:
            found = list_uses(model, part.path, from_place=begin, end_place=end)
            uses += [use for use in found if use.leave_s >= since_s]
    return uses
