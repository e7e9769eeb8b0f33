"""A plan of train runs on a line, as arrays that the engine reads.

A run has events: departure from its first point, arrival at the second, departure, and so on. The
main function is `build_plan`. The rules: no train leaves or arrives before its plan; a single track
is used in one direction at a time; a train enters a step only when a track at the next point is
free for it and stays so.

All trains of a line run in one of the same two directions: they must agree from step to step, for
the rule that keeps a track free for the other direction rests on it.

The plan implies an order of events. Consecutive users of a step are bound (others follow from
them); each train that stands at a judged point has one of its tracks from the moment it enters the
step before it; connections are bound up to their limit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.operations.line.layout import (
    FOLLOWING,
    HEADWAY,
    OPPOSING,
    Events,
    Layout,
    find_offsets,
)

__all__ = ["NO_LIMIT", "Connection", "OperationsPlan", "TrainRun", "build_plan"]

Integers = NDArray[np.int64]

NO_LIMIT: Final = 1 << 30
"""Limit of an arc that holds however long it takes [s]."""


class _Link(NamedTuple):
    """One bound pair: ``later`` comes ``weight_s`` after ``earlier``, or ``limit_s`` after plan."""

    earlier: int
    later: int
    weight_s: int
    limit_s: int


class _Arcs(NamedTuple):
    """Bound pairs by their later event, and the later events by their earlier one.

    ``first`` (n_events + 1,) into ``earlier``, ``weight`` [s], ``limit`` [s]; ``after_first``
    (n_events + 1,) into ``after``.
    """

    first: Integers
    earlier: Integers
    weight: Integers
    limit: Integers
    after_first: Integers
    after: Integers


@dataclass(frozen=True, slots=True)
class TrainRun:
    """One train on one day.

    Parameters
    ----------
    run_id : str
        Its name; chance hangs on it, so that other runs can come and go.
    points, steps : tuple of int
        Numbers of its points ``(n,)`` and of the steps between them ``(n - 1,)``.
    arrival_s, departure_s : tuple of int
        Planned times, ``(n,)``; the first arrival and the last departure are not read [s].
    least_running_s : tuple of int
        Least running times ``(n - 1,)`` [s].
    least_dwell_s : tuple of int
        Least standing times ``(n,)`` [s].
    train_key : str
        Train or flow with direction that it belongs to.
    weight : int
        Its weight in dispatching.
    """

    run_id: str
    points: tuple[int, ...]
    steps: tuple[int, ...]
    arrival_s: tuple[int, ...]
    departure_s: tuple[int, ...]
    least_running_s: tuple[int, ...]
    least_dwell_s: tuple[int, ...]
    train_key: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Connection:
    """A run that waits for another.

    Parameters
    ----------
    feeder, run : int
        Numbers of the run that brings and of the one that waits.
    feeder_place, place : int
        Places of the point in each run.
    transfer_s : int
        Least time from arrival to departure [s].
    wait_limit_s : int
        How long after its plan the run is held at most; then the connection is broken [s].
    """

    feeder: int
    run: int
    feeder_place: int
    place: int
    transfer_s: int
    wait_limit_s: int


@dataclass(frozen=True)
class OperationsPlan:
    """Train runs with their order, ready to be simulated.

    Parameters
    ----------
    runs : tuple of TrainRun
        The runs, ``(n_runs,)``.
    layout : Layout
        Points and steps.
    events : Events
        Events of the runs.
    links : _Arcs
        Connections.
    connections : tuple of Connection
        The connections.
    """

    runs: tuple[TrainRun, ...]
    layout: Layout
    events: Events
    links: _Arcs
    connections: tuple[Connection, ...] = field(default=())

    @cached_property
    def arcs(self) -> _Arcs:
        """Planned order: at steps, at tracks of points, and connections.

        Made when it is asked for: trains that are dispatched as they come need the links alone, and
        with thousands of trains the order takes seconds.
        """
        links = _list_links(self.events, self.connections)
        return _bind_events(self.layout, self.events, links, with_order=True)

    @property
    def runs_count(self) -> int:
        """Number of runs."""
        return len(self.runs)

    @property
    def events_count(self) -> int:
        """Number of events."""
        return int(self.events.planned.size)


def build_plan(
    layout: Layout, runs: Iterable[TrainRun], connections: Iterable[Connection] = ()
) -> OperationsPlan:
    """Plan of train runs with the order that their planned times imply.

    Parameters
    ----------
    layout : Layout
        Points and steps.
    runs : iterable of TrainRun
        The runs.
    connections : iterable of Connection
        Who waits for whom.

    Returns
    -------
    OperationsPlan
        The plan.

    Raises
    ------
    LimitError
        When there is no run, or one has fewer than two points or lists of different length.
    """
    listed = tuple(runs)
    if not listed:
        message = "A plan needs a run."
        raise LimitError(message)
    for run in listed:
        lengths = {len(run.points), len(run.steps) + 1, len(run.least_running_s) + 1}
        lengths |= {len(run.arrival_s), len(run.departure_s), len(run.least_dwell_s)}
        if lengths != {len(run.points)} or len(run.points) < 2:  # noqa: PLR2004 a step has two ends
            message = f"Run {run.run_id} needs two points or more, and one time for each."
            raise LimitError(message)
    events = _list_events(layout, listed)
    held = tuple(connections)
    return OperationsPlan(
        runs=listed,
        layout=layout,
        events=events,
        links=_bind_events(layout, events, _list_links(events, held), with_order=False),
        connections=held,
    )


def _list_links(events: Events, connections: Iterable[Connection]) -> list[_Link]:
    """Arrival and departure that each connection binds."""
    return [
        _Link(
            int(events.first[one.feeder]) + 2 * one.feeder_place - 1,
            int(events.first[one.run]) + 2 * one.place,
            one.transfer_s,
            one.wait_limit_s,
        )
        for one in connections
    ]


def _list_events(layout: Layout, runs: Sequence[TrainRun]) -> Events:
    """Events of the runs in their order."""
    directions = _orient_steps(layout.ends, [(run.points, run.steps) for run in runs])
    sizes = np.array([2 * len(run.steps) for run in runs], dtype=np.int64)
    columns: dict[str, list[int]] = {
        name: [] for name in ("planned", "least", "run", "step", "direction", "point")
    }
    for number, run in enumerate(runs):
        for place, step in enumerate(run.steps):
            direction = directions[number][place]
            columns["planned"] += [run.departure_s[place], run.arrival_s[place + 1]]
            standing = run.least_dwell_s[place] if place else 0
            columns["least"] += [standing, run.least_running_s[place]]
            columns["run"] += [number, number]
            columns["step"] += [step, step]
            columns["direction"] += [direction, direction]
            columns["point"] += [run.points[place], run.points[place + 1]]
    arrays = {name: np.array(column, dtype=np.int64) for name, column in columns.items()}
    weight = np.array([run.weight for run in runs], dtype=np.int64)
    return Events(first=find_offsets(sizes), weight=weight, **arrays)


def _orient_steps(
    ends: NDArray[np.int64], routes: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]
) -> list[list[int]]:
    """Direction of every run on every of its steps.

    A run keeps its direction from step to step; where the network closes a loop in which that
    cannot hold for all, the runs that come later give in.

    Parameters
    ----------
    ends : ndarray
        Points at both ends of each step, ``(n_steps, 2)``.
    routes : sequence of pairs
        Points and steps of each run.

    Returns
    -------
    list of list of int
        0 or 1 for each step of each run; opposite on one step means opposing trains.

    Examples
    --------
    >>> ends = np.array([[0, 1], [2, 1]])
    >>> _orient_steps(ends, [((0, 1, 2), (0, 1)), ((2, 1, 0), (1, 0))])
    [[0, 0], [1, 1]]
    """
    parent = list(range(len(ends)))
    parity = [0] * len(ends)

    def find(step: int) -> tuple[int, int]:
        turned = 0
        while parent[step] != step:
            turned ^= parity[step]
            step = parent[step]
        return step, turned

    sides = [
        [int(ends[step, 0] != points[place]) for place, step in enumerate(steps)]
        for points, steps in routes
    ]
    for (_, steps), side in zip(routes, sides, strict=True):
        for place in range(len(steps) - 1):
            first, first_turned = find(steps[place])
            second, second_turned = find(steps[place + 1])
            if first != second:
                parent[second] = first
                parity[second] = first_turned ^ side[place] ^ second_turned ^ side[place + 1]
    return [
        [turn ^ find(step)[1] for step, turn in zip(steps, side, strict=True)]
        for (_, steps), side in zip(routes, sides, strict=True)
    ]


def _bind_events(
    layout: Layout, events: Events, links: Iterable[_Link], *, with_order: bool
) -> _Arcs:
    """_Arcs of a plan.

    Parameters
    ----------
    layout : Layout
        Points and steps.
    events : Events
        Events with planned times.
    links : iterable of _Link
        Connections.
    with_order : bool
        Whether the order at steps and points is bound too.

    Returns
    -------
    _Arcs
        The arcs.
    """
    listed = list(links)
    if with_order:
        listed += _order_steps(layout, events)
        listed += _order_tracks(layout, events)
    count = int(events.planned.size)
    listed.sort(key=lambda link: (link.later, link.earlier))
    table = np.array(listed, dtype=np.int64).reshape(len(listed), 4)
    by_earlier = np.argsort(table[:, 0], kind="stable")
    return _Arcs(
        first=np.searchsorted(table[:, 1], np.arange(count + 1)).astype(np.int64),
        earlier=table[:, 0].copy(),
        weight=table[:, 2].copy(),
        limit=table[:, 3].copy(),
        after_first=np.searchsorted(table[by_earlier, 0], np.arange(count + 1)).astype(np.int64),
        after=table[by_earlier, 1].copy(),
    )


def _order_steps(layout: Layout, events: Events) -> Iterator[_Link]:
    """Consecutive users of each step, or of each direction where there are two tracks."""
    departures = np.arange(0, events.planned.size, 2)
    side = np.where(layout.step_tracks[events.step] > 1, events.direction + 1, 0)[departures]
    order = np.lexsort(
        (events.run[departures], events.planned[departures], side, events.step[departures])
    )
    sorted_departures, sorted_sides = departures[order], side[order]
    for place in range(1, len(order)):
        before, after = int(sorted_departures[place - 1]), int(sorted_departures[place])
        step = int(events.step[after])
        if step != events.step[before] or sorted_sides[place] != sorted_sides[place - 1]:
            continue
        is_following = events.direction[before] == events.direction[after]
        if is_following and layout.follows[step]:
            headway = int(layout.between[step, events.direction[after], HEADWAY])
            yield _Link(before, after, headway, NO_LIMIT)
            yield _Link(before + 1, after + 1, headway, NO_LIMIT)
        else:
            kind = FOLLOWING if is_following else OPPOSING
            interval = int(layout.between[step, events.direction[after], kind])
            yield _Link(before + 1, after, interval, NO_LIMIT)


def _order_tracks(layout: Layout, events: Events) -> Iterator[_Link]:
    """Consecutive users of each track at judged points."""
    release = layout.release_s
    arrivals = np.arange(1, events.planned.size, 2)
    arrivals = arrivals[
        layout.track_first[1:][events.point[arrivals]]
        > layout.track_first[:-1][events.point[arrivals]]
    ]
    # A track is held from the departure towards it, so that the train can surely be received.
    order = np.lexsort((events.run[arrivals], events.planned[arrivals - 1]))
    held: dict[int, list[tuple[int, int]]] = {}
    last_of_run = set((events.first[1:] - 1).tolist())
    for arrival in arrivals[order].tolist():
        point = int(events.point[arrival])
        enters = arrival - 1
        leaves = arrival if arrival in last_of_run else arrival + 1
        users = held.setdefault(point, [(-NO_LIMIT, -1)] * int(layout.tracks[point]))
        free = [i for i, user in enumerate(users) if user[0] <= events.planned[enters]]
        # The track that was left last keeps the others free for longer stays.
        track = max(free, key=lambda i: users[i][0]) if free else len(users)
        if not free:
            users.append((-NO_LIMIT, -1))
        if users[track][1] >= 0:
            yield _Link(users[track][1], enters, release, NO_LIMIT)
        users[track] = (int(events.planned[leaves]) + release, leaves)
