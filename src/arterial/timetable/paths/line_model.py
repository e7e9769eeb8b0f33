"""The line as train paths see it: points with tracks, and steps between neighbouring points.

Main function: :func:`build_line_model`. A step is run over by one train at a time, or by following
trains a headway apart; a point holds as many trains as it has tracks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

import polars as pl

from arterial.errors import LimitError
from arterial.network import Network
from arterial.timetable.paths.occupation_kernel import Intervals

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
    """

    section_id: str
    from_point: str
    to_point: str
    tracks_count: int = 1
    can_follow: bool = False
    length_km: float = 0.0
    gauges_mm: tuple[int, ...] = ()
    electrification: str | None = None

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
    """

    point_ids: tuple[str, ...]
    tracks_count: tuple[int, ...]
    loop_length_m: tuple[float, ...]
    steps: tuple[LineStep, ...]
    rules: PathRules = field(default_factory=PathRules)
    assumptions: tuple[str, ...] = ()
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
        ``operational_points`` and ``sections``.
    rules : PathRules, optional
        Least times between trains; the named defaults if left out.

    Returns
    -------
    LineModel
        An unknown number of tracks at a point is not judged; a section of unknown track count is
        taken as single track. Both are named in `assumptions`.

    Notes
    -----
    Trains follow one another only where the signalling of the section is named automatic block.
    On two and more tracks each direction keeps to its own; single-line working on one of them is
    not looked at.
    """
    signalling = dict(tables["sections"].select("section_id", "signalling").iter_rows())
    points = tables["operational_points"]
    loops = points["loop_length_m"] if "loop_length_m" in points.columns else [None] * len(points)
    tracks = dict(zip(points["point_id"], points["tracks_count"], strict=True))
    lengths = dict(zip(points["point_id"], loops, strict=True))
    steps = tuple(_list_steps(network, signalling))
    return LineModel(
        point_ids=network.point_ids,
        tracks_count=tuple(_count_tracks(tracks.get(point)) for point in network.point_ids),
        loop_length_m=tuple(_take_length(lengths.get(point)) for point in network.point_ids),
        steps=steps,
        rules=rules or PathRules(),
        assumptions=tuple(_name_assumptions(network, tracks)),
    )


def raise_tracks(model: LineModel) -> LineModel:
    """The line with no fewer tracks at a point than run through it on any step.

    Parameters
    ----------
    model : LineModel
        The line.

    Returns
    -------
    LineModel
        A halt on double track, whose own tracks are stated as one or none, holds two trains.
    """
    tracks = list(model.tracks_count)
    for step in model.steps:
        for name in (step.from_point, step.to_point):
            number = model.point_numbers[name]
            tracks[number] = max(tracks[number], step.tracks_count)
    return replace(model, tracks_count=tuple(tracks))


def _count_tracks(tracks: int | None) -> int:
    """Tracks of a point; a halt without any holds the one train that passes."""
    return UNLIMITED_TRACKS if tracks is None else max(tracks, 1)


def _take_length(length_m: float | None) -> float:
    """Length of a loop, infinite where unknown."""
    return inf if length_m is None else length_m


def _list_steps(network: Network, signalling: Mapping[str, str | None]) -> list[LineStep]:
    """Steps of a network in its order."""
    steps = []
    for number, owner in enumerate(network.step_section.tolist()):
        section = network.sections[owner]
        block = (signalling.get(section.section_id) or "").lower()
        steps.append(
            LineStep(
                section_id=section.section_id,
                from_point=network.point_ids[int(network.step_from[number])],
                to_point=network.point_ids[int(network.step_to[number])],
                tracks_count=section.tracks_count or DEFAULT_STEP_TRACKS,
                can_follow=block.startswith(FOLLOWING_SIGNALLING),
                length_km=float(network.step_length_km[number]),
                gauges_mm=section.gauges_mm,
                electrification=section.electrification,
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
