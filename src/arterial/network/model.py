"""The railway network as frozen arrays: points, steps between them, sections, change points.

A *step* is the piece of a section between two neighbouring operational points. Steps are what a
route is made of; everything else a route knows (gauge, electrification, tracks, limit) belongs to
the section that its step lies in.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from arterial.network.route import Route

__all__ = ["ChangePoint", "Network", "Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """One line section with the attributes that decide whether a train may run over it.

    Parameters
    ----------
    section_id, line_id, from_point, to_point : str
        Keys of the section, its line and its two end points.
    length_km : float
        Length along the track [km].
    length_error_km : float or None
        Stated error of the length, else the root-sum-square of the location errors of its two
        ends on its own line [km]; None when neither is known.
    gauges_mm : tuple of int
        Track gauges that a train can run on [mm].
    tracks_count : int or None
        Running tracks; where the count varies, the lower.
    electrification : str or None
        System of the contact line, ``"none"`` for no contact line; None = unknown.
    direction : str
        ``"both"``, ``"forward"`` (from_point to to_point) or ``"backward"``.
    is_open : bool
        Whether trains may run at all.
    """

    section_id: str
    line_id: str
    from_point: str
    to_point: str
    length_km: float
    length_error_km: float | None
    gauges_mm: tuple[int, ...]
    tracks_count: int | None
    electrification: str | None
    direction: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A declared change of gauge or of electrification at an operational point.

    Parameters
    ----------
    point_id : str
        Where the change is made.
    kind : str
        ``"gauge"`` or ``"electrification"``.
    values : frozenset of str
        The two values that meet there (``{"1435", "1520"}``); a change holds both ways.
    method : str or None
        How it is made, such as ``"bogie_exchange"``.
    """

    point_id: str
    kind: str
    values: frozenset[str]
    method: str | None


@dataclass(frozen=True, slots=True)
class Network:
    """Operational points joined by steps, ready for the search of a route.

    Parameters
    ----------
    point_ids, point_names : tuple of str
        Ids and names of the operational points, shape ``(n_points,)``.
    sections : tuple of Section
        The sections, shape ``(n_sections,)``.
    change_points : tuple of ChangePoint
        The declared changes.
    step_from, step_to : numpy.ndarray of int32
        Points of each step in the order of its section, shape ``(n_steps,)``.
    step_section : numpy.ndarray of int32
        Section of each step, shape ``(n_steps,)``.
    step_offset_km : numpy.ndarray of float64
        Distance of each step's begin from its section's from_point [km], shape ``(n_steps,)``.
    step_length_km : numpy.ndarray of float64
        Length of each step [km], shape ``(n_steps,)``; a section's steps add up to its length.
    location_error_km : dict of (section index, point index) to float
        Stated location errors of the points inside a section, on its own line [km]; a point
        whose error is unknown has no entry.

    Notes
    -----
    A network never changes, so that the arcs that a search makes of it (``arcs``), the legs and
    the routes it has found (``legs``, ``routes``) are kept with it; `arterial.network.search`
    fills and reads them.
    """

    point_ids: tuple[str, ...]
    point_names: tuple[str, ...]
    sections: tuple[Section, ...]
    change_points: tuple[ChangePoint, ...]
    step_from: npt.NDArray[np.int32]
    step_to: npt.NDArray[np.int32]
    step_section: npt.NDArray[np.int32]
    step_offset_km: npt.NDArray[np.float64]
    step_length_km: npt.NDArray[np.float64]
    location_error_km: dict[tuple[int, int], float]
    point_numbers: dict[str, int] = field(init=False, repr=False, compare=False)
    section_numbers: dict[str, int] = field(init=False, repr=False, compare=False)
    arcs: dict[Hashable, npt.NDArray[np.void]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    legs: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    routes: dict[Hashable, "tuple[Route, ...]"] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Number points and sections."""
        points = {point: number for number, point in enumerate(self.point_ids)}
        sections = {one.section_id: number for number, one in enumerate(self.sections)}
        object.__setattr__(self, "point_numbers", points)
        object.__setattr__(self, "section_numbers", sections)

    def describe_point(self, point_id: str) -> str:
        """Name of a point with its id in brackets, for messages."""
        name = self.point_names[self.point_numbers[point_id]]
        return name if name == point_id else f"{name} ({point_id})"
