"""The line as train paths see it: points with tracks, and steps between neighbouring points.

Main function: :func:`build_line_model`. A step is run over by one train at a time, or by following
trains a headway apart; a point holds as many trains as it has tracks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.network import Network
from arterial.timetable.paths.occupation_kernel import Intervals
from arterial.timetable.paths.stated_track import (
    StatedIntervals,
    StationTrack,
    name_derived_headways,
    read_headways,
    read_station_tracks,
)

__all__ = [
    "UNLIMITED_TRACKS",
    "LineModel",
    "LineStep",
    "PathRules",
    "build_line_model",
    "raise_tracks",
]

UNLIMITED_TRACKS: Final = 1 << 30
"""Tracks of a point whose number is unknown: its capacity is then not judged [1]."""

DEFAULT_STEP_TRACKS: Final = 1
"""Running tracks where a section states none: the cautious case, an assumption [1]."""

FOLLOWING_SIGNALLING: Final = "automatic block"
"""Signalling under which trains follow one another inside a section."""


@dataclass(frozen=True, slots=True)
class PathRules:
    """Least times between trains, and what an unplanned stop costs.

    The defaults are the values of single-line practice on the 1520 mm network: crossing interval
    1 min, following interval of semi-automatic block 4 min, automatic block 1440/160 = 9 min,
    2 min lost in starting and 1 min in stopping [worked examples of the period method].

    Parameters
    ----------
    opposing_interval_s : int
        From the arrival of a train to the departure of the opposing one into the same step [s].
    following_interval_s : int
        From leaving a step to the entry of the next train the same way [s].
    headway_s : int
        Between following trains where the block lets them follow inside a step [s].
    track_release_s : int
        From a departure until the track at the point is free again [s].
    start_loss_s, stop_loss_s : int
        Running time added by a stop that the running times do not hold yet [s].
    margin_s : int
        Added to every interval towards other trains [s].
    """

    opposing_interval_s: int = 60
    following_interval_s: int = 240
    headway_s: int = 540
    track_release_s: int = 60
    start_loss_s: int = 120
    stop_loss_s: int = 60
    margin_s: int = 0

    def __post_init__(self) -> None:
        """Refuse intervals under which two trains could swap places at one instant."""
        intervals = (
            self.opposing_interval_s,
            self.following_interval_s,
            self.headway_s,
            self.track_release_s,
        )
        if min(intervals) < 1 or min(self.start_loss_s, self.stop_loss_s, self.margin_s) < 0:
            message = "Intervals between trains are at least 1 s; losses and margins at least 0 s."
            raise LimitError(message)

    def encode(self, *, margin_s: int | None = None) -> Intervals:
        """Intervals with their margin as kernels take them [s]."""
        more_s = self.margin_s if margin_s is None else margin_s
        return Intervals(
            opposing_s=self.opposing_interval_s + more_s,
            following_s=self.following_interval_s + more_s,
            headway_s=self.headway_s + more_s,
            release_s=self.track_release_s + more_s,
        )


@dataclass(frozen=True, slots=True)
class LineStep:
    """The track between two neighbouring operational points.

    Parameters
    ----------
    section_id : str
        Section it lies in.
    from_point, to_point : str
        Its ends, in the order of the section.
    tracks_count : int
        Running tracks.
    can_follow : bool
        Whether trains may follow one another inside it.
    length_km : float
        Length [km].
    gauges_mm : tuple of int
        Gauges it can be run on; empty = unknown [mm].
    electrification : str or None
        System of the contact line; None = unknown.
    intervals : tuple of StatedIntervals
        What is stated for trains that enter it in its order, and against it.
    """

    section_id: str
    from_point: str
    to_point: str
    tracks_count: int = 1
    can_follow: bool = False
    length_km: float = 0.0
    gauges_mm: tuple[int, ...] = ()
    electrification: str | None = None
    intervals: tuple[StatedIntervals, StatedIntervals] = (StatedIntervals(), StatedIntervals())

    @property
    def step_id(self) -> str:
        """Id of the step."""
        return f"{self.section_id}:{self.from_point}-{self.to_point}"

    @property
    def is_single(self) -> bool:
        """Whether both directions share one track."""
        return self.tracks_count == 1


@dataclass(frozen=True)
class LineModel:
    """Points and steps of a network, ready for train paths.

    Parameters
    ----------
    point_ids : tuple of str
        Points, ``(n_points,)``.
    tracks_count : tuple of int
        Tracks of each point; :data:`UNLIMITED_TRACKS` = not judged, ``(n_points,)``.
    loop_length_m : tuple of float
        Length of the longest loop of each point; infinite = not judged, ``(n_points,)`` [m].
    steps : tuple of LineStep
        Steps, ``(n_steps,)``.
    rules : PathRules
        Least times between trains.
    assumptions : tuple of str
        What was unknown and how it was taken, in words.
    station_tracks : mapping of int to tuple of StationTrack
        Tracks of the points that state them, by number of the point.
    one_each_way : frozenset of int
        Points of one track that hold one train of each direction, or as many as half of the tracks
        where more than two run through.
    """

    point_ids: tuple[str, ...]
    tracks_count: tuple[int, ...]
    loop_length_m: tuple[float, ...]
    steps: tuple[LineStep, ...]
    rules: PathRules = field(default_factory=PathRules)
    assumptions: tuple[str, ...] = ()
    station_tracks: Mapping[int, tuple[StationTrack, ...]] = field(default_factory=dict)
    one_each_way: frozenset[int] = frozenset()
    point_numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)
    step_numbers: Mapping[tuple[str, str, str], int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Number points and steps."""
        points = {point: number for number, point in enumerate(self.point_ids)}
        steps: dict[tuple[str, str, str], int] = {}
        for number, step in enumerate(self.steps):
            steps[step.section_id, step.from_point, step.to_point] = number
            for section in (step.section_id, ""):
                steps.setdefault((section, step.from_point, step.to_point), number)
        object.__setattr__(self, "point_numbers", points)
        object.__setattr__(self, "step_numbers", steps)

    def list_intervals(self, step: int, direction: int) -> Intervals:
        """Intervals before a train that enters a step in a direction, with their margin [s]."""
        rules, stated = self.rules.encode(), self.steps[step].intervals[direction]
        margin_s = self.rules.margin_s
        found = {
            name: value + margin_s
            for name in ("opposing_s", "following_s", "headway_s")
            if (value := getattr(stated, name)) is not None
        }
        return rules._replace(**found)

    @cached_property
    def intervals_s(self) -> NDArray[np.int64]:
        """Opposing, following, headway interval of each step and direction, ``(n, 2, 3)`` [s]."""
        return np.array(
            [
                [self.list_intervals(number, direction)[:3] for direction in range(2)]
                for number in range(len(self.steps))
            ],
            dtype=np.int64,
        ).reshape(-1, 2, 3)

    @cached_property
    def longest_interval_s(self) -> int:
        """Longest interval that any train keeps, with its margin [s]."""
        return int(self.intervals_s.max(initial=max(self.rules.encode())))

    def find_step(self, from_point: str, to_point: str, section_id: str = "") -> tuple[int, int]:
        """Number of the step from one point to the next, and 1 where it is run backward.

        Raises
        ------
        LimitError
            If no step joins the two points.
        """
        number = self.step_numbers.get((section_id, from_point, to_point))
        if number is not None:
            return (number, 0)
        number = self.step_numbers.get((section_id, to_point, from_point))
        if number is None:
            message = f"No step joins {from_point} and {to_point}; add the section between them."
            raise LimitError(message)
        return (number, 1)


def build_line_model(
    network: Network, tables: Mapping[str, pl.DataFrame], *, rules: PathRules | None = None
) -> LineModel:
    """Points with their tracks and steps with their rules of use.

    Parameters
    ----------
    network : Network
        The network of the study.
    tables : mapping of str to DataFrame
        ``operational_points`` and ``sections``, and ``station_tracks``, ``headways`` and
        ``signals`` where there are any.
    rules : PathRules, optional
        Least times between trains; the named defaults if left out.

    Returns
    -------
    LineModel
        An unknown number of tracks at a point is not judged; a section of unknown track count is
        taken as single track. Both are named in `assumptions`.

    Notes
    -----
    Trains follow one another only where the signalling of the section is named automatic block,
    or a headway or signals are stated. Where the tracks of a point are stated one by one, they are
    all that it has; a train longer than the second longest of them shares the longest with no
    other. On two and more tracks each direction keeps to its own; single-line working on one of
    them is not looked at.
    """
    signalling = dict(tables["sections"].select("section_id", "signalling").iter_rows())
    points = tables["operational_points"]
    loops = points["loop_length_m"] if "loop_length_m" in points.columns else [None] * len(points)
    tracks = dict(zip(points["point_id"], points["tracks_count"], strict=True))
    lengths = dict(zip(points["point_id"], loops, strict=True))
    stated = read_station_tracks(tables)
    tracks |= {point: len(of_point) for point, of_point in stated.items()}
    lengths |= {point: _find_loop(of_point) for point, of_point in stated.items()}
    steps = tuple(_list_steps(network, signalling, read_headways(tables)))
    return LineModel(
        point_ids=network.point_ids,
        tracks_count=tuple(_count_tracks(tracks.get(point)) for point in network.point_ids),
        loop_length_m=tuple(_take_length(lengths.get(point)) for point in network.point_ids),
        steps=steps,
        rules=rules or PathRules(),
        assumptions=(*_name_assumptions(network, tracks), *name_derived_headways(tables)),
        station_tracks={
            number: stated[point]
            for number, point in enumerate(network.point_ids)
            if point in stated
        },
    )


def raise_tracks(model: LineModel) -> LineModel:
    """The line with as many tracks at a halt as run through it.

    Parameters
    ----------
    model : LineModel
        The line.

    Returns
    -------
    LineModel
        A halt on double track, whose own tracks are stated as one or none, holds one train of each
        direction. More than one, or tracks that are stated one by one, stay as stated: a station
        may have fewer tracks than lead to it.
    """
    tracks = list(model.tracks_count)
    for step in model.steps:
        for name in (step.from_point, step.to_point):
            number = model.point_numbers[name]
            if number not in model.station_tracks and model.tracks_count[number] == 1:
                tracks[number] = max(tracks[number], step.tracks_count)
    raised = enumerate(zip(model.tracks_count, tracks, strict=True))
    one_each_way = frozenset(number for number, (own, most) in raised if own < most)
    return replace(model, tracks_count=tuple(tracks), one_each_way=one_each_way)


def _count_tracks(tracks: int | None) -> int:
    """Tracks of a point; a halt without any holds the one train that passes."""
    return UNLIMITED_TRACKS if tracks is None else max(tracks, 1)


def _find_loop(tracks: Sequence[StationTrack]) -> float:
    """Length above which a train finds no second track; infinite where one is unknown [m]."""
    lengths_m = sorted(track.length_m for track in tracks)
    return lengths_m[-2] if len(lengths_m) > 1 else inf


def _take_length(length_m: float | None) -> float:
    """Length of a loop, infinite where unknown."""
    return inf if length_m is None else length_m


def _list_steps(
    network: Network,
    signalling: Mapping[str, str | None],
    headways: Mapping[str, tuple[StatedIntervals, StatedIntervals]],
) -> list[LineStep]:
    """Steps of a network in its order."""
    steps = []
    nothing = (StatedIntervals(), StatedIntervals())
    for number, owner in enumerate(network.step_section.tolist()):
        section = network.sections[owner]
        block = (signalling.get(section.section_id) or "").lower()
        intervals = headways.get(section.section_id, nothing)
        follows = any(one.headway_s is not None for one in intervals)
        steps.append(
            LineStep(
                section_id=section.section_id,
                from_point=network.point_ids[int(network.step_from[number])],
                to_point=network.point_ids[int(network.step_to[number])],
                tracks_count=section.tracks_count or DEFAULT_STEP_TRACKS,
                can_follow=follows or block.startswith(FOLLOWING_SIGNALLING),
                length_km=float(network.step_length_km[number]),
                gauges_mm=section.gauges_mm,
                electrification=section.electrification,
                intervals=intervals,
            )
        )
    return steps


def _name_assumptions(network: Network, tracks: Mapping[str, int | None]) -> list[str]:
    """What the model takes for unknown numbers of tracks."""
    unknown = [section.section_id for section in network.sections if section.tracks_count is None]
    words = [f"section {name}: track count unknown, taken as single track" for name in unknown]
    words += [
        f"point {point}: number of tracks unknown, not judged"
        for point in network.point_ids
        if tracks.get(point) is None
    ]
    return words
