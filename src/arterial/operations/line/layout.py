"""Points and steps of a line as arrays, and the events of runs on them.

The main function is `make_layout`. A step joins two points; a run enters and leaves it.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FOLLOWING",
    "HEADWAY",
    "OPPOSING",
    "UNLIMITED",
    "Events",
    "Intervals",
    "Layout",
    "find_offsets",
    "make_layout",
]

Integers = NDArray[np.int64]

UNLIMITED: Final = 1 << 20
"""Tracks of a point at which they are not judged."""


# Columns of the intervals of a step and direction.
OPPOSING: Final = 0
FOLLOWING: Final = 1
HEADWAY: Final = 2


class Intervals(NamedTuple):
    """Least times between trains [s]; defaults as for train paths.

    Parameters
    ----------
    opposing_s : int
        From an arrival to the departure of the opposing train into the same step.
    following_s : int
        From an arrival to the departure of the next train in the same direction.
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
    at each point from ``beside_first`` (n_points + 1,) on. ``between`` (n_steps, 2, 3) is the
    opposing, following and headway interval before a train that enters a step in a direction,
    ``release_s`` that after which a track at a point is free again [s].
    """

    tracks: Integers
    track_first: Integers
    ends: Integers
    step_tracks: Integers
    follows: Integers
    beside_first: Integers
    beside: Integers
    between: Integers
    release_s: int


class Events(NamedTuple):
    """Events of all runs: run ``r`` has ``first[r]`` to ``first[r + 1]``, departures at even ones.

    ``planned`` [s], ``least`` running or standing time before the event [s], ``run``, ``step`` and
    ``direction`` (0 or 1) of the step entered or left, ``point``; ``weight`` (n_runs,) in
    dispatching.
    """

    first: Integers
    planned: Integers
    least: Integers
    run: Integers
    step: Integers
    direction: Integers
    point: Integers
    weight: Integers


def make_layout(
    tracks: Sequence[int],
    ends: Sequence[tuple[int, int]],
    *,
    step_tracks: Sequence[int] | None = None,
    follows: Sequence[bool] | None = None,
    intervals: Intervals | None = None,
    between: Integers | None = None,
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
    between : ndarray of int64, optional
        Those of each step and direction, ``(n_steps, 2, 3)`` [s]; `intervals` if left out.

    Returns
    -------
    Layout
        The arrays.
    """
    judged = np.array([t if t < UNLIMITED else 0 for t in tracks], dtype=np.int64)
    beside: list[list[int]] = [[] for _ in tracks]
    for step, pair in enumerate(ends):
        for point in sorted(set(pair)):
            beside[point].append(step)
    count, everywhere = len(ends), intervals or Intervals()
    if between is None:
        between = np.full((count, 2, 3), everywhere[:3], np.int64)
    return Layout(
        tracks=np.array(tracks, dtype=np.int64),
        track_first=find_offsets(judged),
        ends=np.array(ends, dtype=np.int64).reshape(count, 2),
        step_tracks=np.array(step_tracks or [1] * count, dtype=np.int64),
        follows=np.array(follows or [False] * count, dtype=np.int64),
        beside_first=find_offsets(np.array([len(b) for b in beside], dtype=np.int64)),
        beside=np.array([s for b in beside for s in b], dtype=np.int64),
        between=between,
        release_s=everywhere.release_s,
    )


def find_offsets(sizes: Integers) -> Integers:
    """Where each group begins in a list of all members."""
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes, dtype=np.int64)))
