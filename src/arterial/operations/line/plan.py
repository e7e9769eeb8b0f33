"""A plan of train runs on a line, as arrays that both engines read.

A run has events: departure from its first point, arrival at the second, departure, and so on. The
main function is `build_plan`. Both engines keep the same rules: no train leaves or arrives before
its plan; a single track is used one way at a time; a train enters a step only when a track at the
next point is free for it and stays so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.operations.line.directions import orient_steps
from arterial.operations.line.order_arcs import Arcs, Link, bind_events

__all__ = [
    "UNLIMITED",
    "Connection",
    "Events",
    "Intervals",
    "Layout",
    "OperationsPlan",
    "TrainRun",
    "build_plan",
    "make_layout",
]

Integers = NDArray[np.int64]

UNLIMITED: Final = 1 << 20
"""Tracks of a point at which they are not judged."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Least times between trains [s]; defaults as for train paths.

    Parameters
    ----------
    opposing_s : int
        From an arrival to the departure of the opposing train into the same step.
    following_s : int
        From an arrival to the departure of the next train the same way.
    headway_s : int
        Between trains that follow each other inside a step.
    release_s : int
        From a departure until the track at the point is free.
    """

    opposing_s: int = 60
    following_s: int = 240
    headway_s: int = 540
    release_s: int = 60


class Layout(NamedTuple):
    """Points and steps: ``tracks`` (n_points,), ``ends`` (n_steps, 2), the rest (n_steps,).

    ``track_first`` (n_points + 1,) numbers the tracks of judged points; ``beside`` lists the steps
    at each point from ``beside_first`` (n_points + 1,) on; ``intervals`` (4,) [s].
    """

    tracks: Integers
    track_first: Integers
    ends: Integers
    step_tracks: Integers
    follows: Integers
    beside_first: Integers
    beside: Integers
    intervals: Integers


class Events(NamedTuple):
    """Events of all runs: run ``r`` has ``first[r]`` to ``first[r + 1]``, departures at even ones.

    ``planned`` [s], ``least`` running or standing time before the event [s], ``run``, ``step`` and
    ``way`` (0 or 1) of the step entered or left, ``point``; ``weight`` (n_runs,) in dispatching.
    """

    first: Integers
    planned: Integers
    least: Integers
    run: Integers
    step: Integers
    way: Integers
    point: Integers
    weight: Integers


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
    """Train runs with their order, ready for both engines.

    Parameters
    ----------
    runs : tuple of TrainRun
        The runs, ``(n_runs,)``.
    layout : Layout
        Points and steps.
    events : Events
        Events of the runs.
    arcs : Arcs
        Planned order: at steps, at tracks of points, and connections.
    links : Arcs
        Connections alone.
    connections : tuple of Connection
        The connections.
    """

    runs: tuple[TrainRun, ...]
    layout: Layout
    events: Events
    arcs: Arcs
    links: Arcs
    connections: tuple[Connection, ...] = field(default=())

    @property
    def runs_count(self) -> int:
        """Number of runs."""
        return len(self.runs)

    @property
    def events_count(self) -> int:
        """Number of events."""
        return int(self.events.planned.size)


def make_layout(
    tracks: Sequence[int],
    ends: Sequence[tuple[int, int]],
    *,
    step_tracks: Sequence[int] | None = None,
    follows: Sequence[bool] | None = None,
    intervals: Intervals | None = None,
) -> Layout:
    """Points and steps as arrays.

    Parameters
    ----------
    tracks : sequence of int
        Tracks of each point, :data:`UNLIMITED` where not judged, ``(n_points,)``.
    ends : sequence of pair of int
        Points at both ends of each step, ``(n_steps,)``.
    step_tracks : sequence of int, optional
        Tracks of each step; 1 if left out.
    follows : sequence of bool, optional
        Whether trains follow each other inside the step; no if left out.
    intervals : Intervals, optional
        Least times between trains.

    Returns
    -------
    Layout
        The arrays.
    """
    between = intervals or Intervals()
    judged = np.array([t if t < UNLIMITED else 0 for t in tracks], dtype=np.int64)
    beside: list[list[int]] = [[] for _ in tracks]
    for step, pair in enumerate(ends):
        for point in sorted(set(pair)):
            beside[point].append(step)
    count = len(ends)
    return Layout(
        tracks=np.array(tracks, dtype=np.int64),
        track_first=_offsets(judged),
        ends=np.array(ends, dtype=np.int64).reshape(count, 2),
        step_tracks=np.array(step_tracks or [1] * count, dtype=np.int64),
        follows=np.array(follows or [False] * count, dtype=np.int64),
        beside_first=_offsets(np.array([len(b) for b in beside], dtype=np.int64)),
        beside=np.array([s for b in beside for s in b], dtype=np.int64),
        intervals=np.array(
            [between.opposing_s, between.following_s, between.headway_s, between.release_s],
            dtype=np.int64,
        ),
    )


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
    links = [
        Link(
            int(events.first[one.feeder]) + 2 * one.feeder_place - 1,
            int(events.first[one.run]) + 2 * one.place,
            one.transfer_s,
            one.wait_limit_s,
        )
        for one in held
    ]
    return OperationsPlan(
        runs=listed,
        layout=layout,
        events=events,
        arcs=bind_events(layout, events, links, with_order=True),
        links=bind_events(layout, events, links, with_order=False),
        connections=held,
    )


def _list_events(layout: Layout, runs: Sequence[TrainRun]) -> Events:
    """Events of the runs in their order."""
    ways = orient_steps(layout.ends, [(run.points, run.steps) for run in runs])
    sizes = np.array([2 * len(run.steps) for run in runs], dtype=np.int64)
    columns: dict[str, list[int]] = {
        name: [] for name in ("planned", "least", "run", "step", "way", "point")
    }
    for number, run in enumerate(runs):
        for place, step in enumerate(run.steps):
            way = ways[number][place]
            columns["planned"] += [run.departure_s[place], run.arrival_s[place + 1]]
            standing = run.least_dwell_s[place] if place else 0
            columns["least"] += [standing, run.least_running_s[place]]
            columns["run"] += [number, number]
            columns["step"] += [step, step]
            columns["way"] += [way, way]
            columns["point"] += [run.points[place], run.points[place + 1]]
    arrays = {name: np.array(column, dtype=np.int64) for name, column in columns.items()}
    weight = np.array([run.weight for run in runs], dtype=np.int64)
    return Events(first=_offsets(sizes), weight=weight, **arrays)


def _offsets(sizes: Integers) -> Integers:
    """Where each group begins in a list of all members."""
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes, dtype=np.int64)))
