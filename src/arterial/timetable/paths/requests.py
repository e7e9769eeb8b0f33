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
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.stated_track import MOST_TRACKS, find_fitting

__all__ = [
    "NO_LIMIT_S",
    "DepartureWindow",
    "PathRequest",
    "StopWish",
    "TrainPath",
    "TrainTraits",
    "encode_points",
    "make_request",
]

NO_LIMIT_S: Final = 1 << 60
"""Stands for no limit on a time or a standstill [s]."""

STEP: Final = np.dtype(
    [
        ("row", np.int64),
        ("direction", np.int64),
        ("is_single", np.bool_),
        ("can_follow", np.bool_),
    ]
)
"""A step of a train's way: its number, the direction of the train, and how trains share it."""

POINT: Final = np.dtype(
    [
        ("row", np.int64),
        ("tracks_count", np.int64),
        ("is_listed", np.bool_),
        ("mark", np.int64),
    ]
)
"""A point of a train's way: its number and tracks, and whether these are told apart; then the mark
has a bit for each that holds the train, else it is 1 where no loop does."""

STAGE: Final = np.dtype(
    [
        ("running_s", np.int64),
        ("start_loss_s", np.int64),
        ("stop_loss_s", np.int64),
        ("dwell_least_s", np.int64),
        ("dwell_most_s", np.int64),
        ("earliest_s", np.int64),
        ("latest_s", np.int64),
        ("earlier_most_s", np.int64),
        ("is_planned", np.bool_),
    ]
)
"""What a train needs at a point and on the step behind it; limits on departure and arrival, and by
how much the first of them gives way to a plan that has the train leave earlier."""


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
    earlier_most_s : int
        By how much before `earliest_at_s` it may leave where a plan has the train run earlier [s].
    """

    dwell_s: int = 0
    dwell_most_s: int = NO_LIMIT_S
    earliest_at_s: int = -NO_LIMIT_S
    latest_at_s: int = NO_LIMIT_S
    earlier_most_s: int = NO_LIMIT_S


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
    earlier_most_s : int
        By how much earlier than it asks to it may leave where a plan gains by it [s].
    """

    category: str = "freight"
    priority: int = 0
    weight: float = 1.0
    length_m: float | None = None
    gauge_mm: int | None = None
    systems: tuple[str, ...] = ()
    wait_most_s: int = NO_LIMIT_S
    earlier_most_s: int = 0


@dataclass(frozen=True, slots=True)
class PathRequest:
    """A path that a train asks for.

    Parameters
    ----------
    train_id : str
        The train, on one day.
    points : tuple of str
        Operational points in order, ``(n,)``.
    point_rows, step_rows : numpy.ndarray of POINT and of STEP
        Its way as kernels take it, ``(n,)`` and ``(n - 1,)``.
    stages : numpy.ndarray of STAGE
        Running times, losses and limits at each point, ``(n,)``.
    depart_from_s, depart_to_s : int
        Earliest and latest departure from the origin [s].
    traits : TrainTraits
        What the train is like.
    """

    train_id: str
    points: tuple[str, ...]
    point_rows: NDArray[np.void]
    step_rows: NDArray[np.void]
    stages: NDArray[np.void]
    depart_from_s: int
    depart_to_s: int
    traits: TrainTraits

    @property
    def free_running_s(self) -> int:
        """Shortest journey, running times and planned standstills alone [s]."""
        stages = self.stages
        return int(stages["running_s"][:-1].sum() + stages["dwell_least_s"][1:-1].sum())

    @property
    def first_departure_s(self) -> int:
        """Earliest departure that window and timetable allow [s]."""
        return max(self.depart_from_s, int(self.stages["earliest_s"][0]))

    def shift_window(self, depart_from_s: int, depart_to_s: int) -> Self:
        """The same request with another window of departure."""
        return replace(self, depart_from_s=depart_from_s, depart_to_s=depart_to_s)

    def limit_point(
        self, place: int, *, earliest_at_s: int, latest_at_s: int, dwell_s: int = 0
    ) -> Self:
        """The same request with the times at one point bounded, and a stop if it has to dwell."""
        stages = self.stages.copy()
        row = stages[place]
        row["earliest_s"] = max(row["earliest_s"], earliest_at_s)
        row["latest_s"] = min(row["latest_s"], latest_at_s)
        if dwell_s > 0:
            row["is_planned"] = True
            row["dwell_least_s"] = max(row["dwell_least_s"], dwell_s)
            row["dwell_most_s"] = max(row["dwell_most_s"], row["dwell_least_s"])
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
    step_rows = _encode_steps(model, points, sections)
    return PathRequest(
        train_id=train_id,
        points=tuple(points),
        point_rows=encode_points(model, points, step_rows, traits),
        step_rows=step_rows,
        stages=_encode_stages(model, running_s, stops or {}, traits),
        depart_from_s=window.from_s,
        depart_to_s=window.to_s,
        traits=traits,
    )


def encode_points(
    model: LineModel, points: Sequence[str], step_rows: NDArray[np.void], traits: TrainTraits
) -> NDArray[np.void]:
    """Points of a way as kernels take them.

    Parameters
    ----------
    model : LineModel
        The line.
    points : sequence of str
        Points in order, ``(n,)``.
    step_rows : numpy.ndarray of STEP
        Steps between them, ``(n - 1,)``.
    traits : TrainTraits
        What the train is like.

    Returns
    -------
    numpy.ndarray of POINT
        ``(n,)``.
    """
    rows = np.zeros(len(points), POINT)
    length_m = traits.length_m
    numbers = [model.point_numbers[point] for point in points]
    rows["row"] = numbers
    rows["tracks_count"] = [model.tracks_count[number] for number in numbers]
    if length_m is not None:
        rows["mark"] = [length_m > model.loop_length_m[number] for number in numbers]
    for place, number in enumerate(numbers):
        tracks = model.station_tracks.get(number, ())
        if not 0 < len(tracks) <= MOST_TRACKS:
            continue
        near = step_rows["row"][max(place - 1, 0) : place + 1].tolist()
        steps = [model.steps[row] for row in near]
        ways = [(step.section_id, step.gauges_mm) for step in steps]
        rows[place] = (
            number,
            rows["tracks_count"][place],
            True,
            find_fitting(tracks, ways, length_m),
        )
    return rows


def _encode_steps(
    model: LineModel, points: Sequence[str], sections: Sequence[str]
) -> NDArray[np.void]:
    """Steps of a way as kernels take them."""
    rows = np.zeros(len(points) - 1, STEP)
    found = [
        model.find_step(begin, end, section)
        for (begin, end), section in zip(pairwise(points), sections, strict=True)
    ]
    steps = [model.steps[number] for number, _ in found]
    rows["row"] = [number for number, _ in found]
    rows["direction"] = [direction for _, direction in found]
    rows["is_single"] = [step.is_single for step in steps]
    rows["can_follow"] = [step.can_follow for step in steps]
    return rows


def _encode_stages(
    model: LineModel,
    running_s: Sequence[float],
    stops: Mapping[int, StopWish],
    traits: TrainTraits,
) -> NDArray[np.void]:
    """Running times, losses and limits at each point as kernels take them."""
    count = len(running_s) + 1
    stages = np.zeros(count, STAGE)
    stages["running_s"][:-1] = np.rint(np.asarray(running_s))
    stages["start_loss_s"] = model.rules.start_loss_s
    stages["stop_loss_s"] = model.rules.stop_loss_s
    stages["dwell_most_s"] = traits.wait_most_s
    stages["earliest_s"], stages["latest_s"] = -NO_LIMIT_S, NO_LIMIT_S
    stages["earlier_most_s"] = NO_LIMIT_S
    planned = {0: StopWish(), count - 1: StopWish(), **stops}
    places, wishes = list(planned), planned.values()
    stages["is_planned"][places] = True
    stages["start_loss_s"][places] = stages["stop_loss_s"][places] = 0
    stages["dwell_least_s"][places] = [stop.dwell_s for stop in wishes]
    stages["dwell_most_s"][places] = [stop.dwell_most_s for stop in wishes]
    stages["earliest_s"][places] = [stop.earliest_at_s for stop in wishes]
    stages["latest_s"][places] = [stop.latest_at_s for stop in wishes]
    stages["earlier_most_s"][places] = [stop.earlier_most_s for stop in wishes]
    # Standing at the origin before its time would only hold a track that others need.
    stages["dwell_most_s"][0] = stages["dwell_least_s"][0]
    return stages
