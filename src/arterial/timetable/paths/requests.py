"""What a train asks for, and the path it gets.

Main function: :func:`make_request`. Times are int64 seconds UTC since the study epoch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.timetable.paths import search_kernel as kernel
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.windows_kernel import (
    CAN_FOLLOW,
    DIRECTION,
    IS_SINGLE,
    LONG,
    ROW,
    TRACKS,
)

__all__ = [
    "NO_LIMIT_S",
    "DepartureWindow",
    "PathRequest",
    "StopWish",
    "TrainPath",
    "TrainTraits",
    "make_request",
]

NO_LIMIT_S: Final = kernel.FAR
"""Stands for no limit on a time or a standstill [s]."""

STAGE_COLUMNS: Final = 8
WAY_COLUMNS: Final = 6


@dataclass(frozen=True, slots=True)
class DepartureWindow:
    """When a train may leave its origin.

    Parameters
    ----------
    from_s, to_s : int
        Earliest and latest departure [s].
    """

    from_s: int = 0
    to_s: int = NO_LIMIT_S


@dataclass(frozen=True, slots=True)
class StopWish:
    """A stop that a train must make.

    Parameters
    ----------
    dwell_s : int
        Least standstill [s].
    dwell_most_s : int
        Longest standstill [s].
    earliest_at_s : int
        It does not leave before this instant [s].
    latest_at_s : int
        It does not arrive after this instant [s].
    """

    dwell_s: int = 0
    dwell_most_s: int = NO_LIMIT_S
    earliest_at_s: int = -NO_LIMIT_S
    latest_at_s: int = NO_LIMIT_S


@dataclass(frozen=True, slots=True)
class TrainTraits:
    """What a train is like, as far as its path depends on it.

    Parameters
    ----------
    category : str
        ``passenger``, ``freight`` or ``mixed``.
    priority : int
        Smaller goes first.
    weight : float
        Price of a second of its delay [1/s].
    length_m : float or None
        Length; None = unknown, then no loop is too short for it [m].
    gauge_mm : int or None
        Gauge; None = not judged [mm].
    systems : tuple of str
        Contact lines its locomotive needs one of; empty = not judged.
    wait_most_s : int
        Longest standstill at a point without a planned stop; negative = it never waits [s].
    """

    category: str = "freight"
    priority: int = 0
    weight: float = 1.0
    length_m: float | None = None
    gauge_mm: int | None = None
    systems: tuple[str, ...] = ()
    wait_most_s: int = NO_LIMIT_S


@dataclass(frozen=True, slots=True)
class PathRequest:
    """A path that a train asks for.

    Parameters
    ----------
    train_id : str
        The train, on one day.
    points : tuple of str
        Operational points in order, ``(n,)``.
    point_rows, step_rows : numpy.ndarray of int64
        Its way as kernels take it, ``(n, 6)`` and ``(n - 1, 6)``.
    stages : numpy.ndarray of int64
        Running times, losses and limits at each point, ``(n, 8)``.
    depart_from_s, depart_to_s : int
        Earliest and latest departure from the origin [s].
    traits : TrainTraits
        What the train is like.
    """

    train_id: str
    points: tuple[str, ...]
    point_rows: NDArray[np.int64]
    step_rows: NDArray[np.int64]
    stages: NDArray[np.int64]
    depart_from_s: int
    depart_to_s: int
    traits: TrainTraits

    @property
    def free_running_s(self) -> int:
        """Shortest journey, running times and planned standstills alone [s]."""
        stages = self.stages
        return int(stages[:-1, kernel.RUNNING].sum() + stages[1:-1, kernel.DWELL_LEAST].sum())

    @property
    def first_departure_s(self) -> int:
        """Earliest departure that window and timetable allow [s]."""
        return max(self.depart_from_s, int(self.stages[0, kernel.EARLIEST]))

    def shift_window(self, depart_from_s: int, depart_to_s: int) -> Self:
        """The same request with another window of departure."""
        return replace(self, depart_from_s=depart_from_s, depart_to_s=depart_to_s)

    def limit_point(
        self, place: int, *, earliest_at_s: int, latest_at_s: int, dwell_s: int = 0
    ) -> Self:
        """The same request with the times at one point bounded, and a stop if it has to dwell."""
        stages = self.stages.copy()
        row = stages[place]
        row[kernel.EARLIEST] = max(row[kernel.EARLIEST], earliest_at_s)
        row[kernel.LATEST] = min(row[kernel.LATEST], latest_at_s)
        if dwell_s > 0:
            row[kernel.IS_PLANNED] = 1
            row[kernel.DWELL_LEAST] = max(row[kernel.DWELL_LEAST], dwell_s)
            row[kernel.DWELL_MOST] = max(row[kernel.DWELL_MOST], row[kernel.DWELL_LEAST])
        return replace(self, stages=stages)


@dataclass(frozen=True, slots=True)
class TrainPath:
    """The path of one train: space and time.

    Parameters
    ----------
    request : PathRequest
        What it asked for.
    arrival_s, departure_s : numpy.ndarray of int64
        Arrival and departure at each point, ``(n,)`` [s].
    """

    request: PathRequest
    arrival_s: NDArray[np.int64]
    departure_s: NDArray[np.int64]

    @property
    def train_id(self) -> str:
        """The train."""
        return self.request.train_id

    @property
    def depart_at_s(self) -> int:
        """Departure from the origin [s]."""
        return int(self.departure_s[0])

    @property
    def arrive_at_s(self) -> int:
        """Arrival at the destination [s]."""
        return int(self.arrival_s[-1])

    @property
    def journey_s(self) -> int:
        """Time from departure to arrival [s]."""
        return self.arrive_at_s - self.depart_at_s

    @property
    def delay_s(self) -> int:
        """Arrival behind the earliest that an empty line would allow [s]."""
        request = self.request
        return self.arrive_at_s - request.first_departure_s - request.free_running_s


def make_request(
    model: LineModel,
    train_id: str,
    points: Sequence[str],
    running_s: Sequence[float],
    *,
    window: DepartureWindow,
    stops: Mapping[int, StopWish] | None = None,
    section_ids: Sequence[str] | None = None,
    traits: TrainTraits | None = None,
) -> PathRequest:
    """Request of a train for a path over neighbouring points.

    Parameters
    ----------
    model : LineModel
        The line.
    train_id : str
        The train, on one day.
    points : sequence of str
        Points in order, ``(n,)``.
    running_s : sequence of float
        Running time of each step as far as no unplanned stop adds to it, ``(n - 1,)`` [s].
    window : DepartureWindow
        When it may leave its origin.
    stops : mapping of int to StopWish, optional
        Planned stops by place in `points`; the running times hold what they cost.
    section_ids : sequence of str, optional
        Section of each step, where points are joined by several, ``(n - 1,)``.
    traits : TrainTraits, optional
        What the train is like.

    Returns
    -------
    PathRequest
        The request.

    Raises
    ------
    LimitError
        If two points are not neighbours, or a running time is missing or negative.
    """
    if len(points) < 2 or len(running_s) != len(points) - 1:  # noqa: PLR2004
        message = f"Train {train_id}: a path has at least two points and a running time a step."
        raise LimitError(message)
    if not all(time >= 0 for time in running_s):
        message = f"Train {train_id}: a running time is unknown or negative."
        raise LimitError(message)
    traits = traits or TrainTraits()
    sections = section_ids or [""] * len(running_s)
    return PathRequest(
        train_id=train_id,
        points=tuple(points),
        point_rows=_encode_points(model, points, traits),
        step_rows=_encode_steps(model, points, sections),
        stages=_encode_stages(model, running_s, stops or {}, traits),
        depart_from_s=window.from_s,
        depart_to_s=window.to_s,
        traits=traits,
    )


def _encode_points(
    model: LineModel, points: Sequence[str], traits: TrainTraits
) -> NDArray[np.int64]:
    """Points of a way as kernels take them."""
    rows = np.zeros((len(points), WAY_COLUMNS), np.int64)
    for place, point in enumerate(points):
        number = model.point_numbers[point]
        length_m = traits.length_m
        rows[place, ROW] = number
        rows[place, TRACKS] = model.tracks_count[number]
        rows[place, LONG] = length_m is not None and length_m > model.loop_length_m[number]
    return rows


def _encode_steps(
    model: LineModel, points: Sequence[str], sections: Sequence[str]
) -> NDArray[np.int64]:
    """Steps of a way as kernels take them."""
    rows = np.zeros((len(points) - 1, WAY_COLUMNS), np.int64)
    for place, ((begin, end), section) in enumerate(zip(pairwise(points), sections, strict=True)):
        number, direction = model.find_step(begin, end, section)
        step = model.steps[number]
        rows[place, ROW], rows[place, DIRECTION] = number, direction
        rows[place, IS_SINGLE], rows[place, CAN_FOLLOW] = step.is_single, step.can_follow
    return rows


def _encode_stages(
    model: LineModel,
    running_s: Sequence[float],
    stops: Mapping[int, StopWish],
    traits: TrainTraits,
) -> NDArray[np.int64]:
    """Running times, losses and limits at each point as kernels take them."""
    count = len(running_s) + 1
    stages = np.zeros((count, STAGE_COLUMNS), np.int64)
    stages[:-1, kernel.RUNNING] = np.rint(np.asarray(running_s))
    stages[:, kernel.START_LOSS] = model.rules.start_loss_s
    stages[:, kernel.STOP_LOSS] = model.rules.stop_loss_s
    stages[:, kernel.DWELL_MOST] = traits.wait_most_s
    stages[:, kernel.EARLIEST], stages[:, kernel.LATEST] = -NO_LIMIT_S, NO_LIMIT_S
    for place, stop in {0: StopWish(), count - 1: StopWish(), **stops}.items():
        row = stages[place]
        row[kernel.IS_PLANNED] = 1
        row[kernel.START_LOSS] = row[kernel.STOP_LOSS] = 0
        row[kernel.DWELL_LEAST], row[kernel.DWELL_MOST] = (
            stop.dwell_s,
            stop.dwell_most_s,
        )
        row[kernel.EARLIEST], row[kernel.LATEST] = (
            stop.earliest_at_s,
            stop.latest_at_s,
        )
    # Standing at the origin before its time would only hold a track that others need.
    stages[0, kernel.DWELL_MOST] = stages[0, kernel.DWELL_LEAST]
    return stages
