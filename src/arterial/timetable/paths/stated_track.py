"""What a study states of single tracks at points and of intervals between trains on sections.

Main functions: :func:`read_station_tracks` and :func:`read_headways`. What is not stated stays
with the rules of the line (:class:`arterial.timetable.paths.line_model.PathRules`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Final

import polars as pl

from arterial.study import split_list
from arterial.units import MINUTE_S

__all__ = [
    "StatedIntervals",
    "StationTrack",
    "read_headways",
    "read_station_tracks",
    "read_stop_tracks",
]

DIRECTIONS: Final[Mapping[str, tuple[int, ...]]] = {
    "both": (0, 1),
    "forward": (0,),
    "backward": (1,),
}
INTERVAL_COLUMNS: Final = {
    "opposing_s": "crossing_min",
    "following_s": "following_min",
    "headway_s": "headway_min",
}


@dataclass(frozen=True, slots=True)
class StatedIntervals:
    """Least times before a train that enters a step in one direction; None = as the rules say.

    Parameters
    ----------
    opposing_s, following_s, headway_s : int or None
        As the intervals of `PathRules` [s].
    """

    opposing_s: int | None = None
    following_s: int | None = None
    headway_s: int | None = None


@dataclass(frozen=True, slots=True)
class StationTrack:
    """A track at a point on which a train can stand.

    Parameters
    ----------
    track_id : str
        Its name at the point.
    length_m : float
        Usable length; infinite = unknown [m].
    gauges_mm : tuple of int
        Gauges it holds; empty = those of the point [mm].
    section_ids : tuple of str
        Sections from which and to which it can be run; empty = all.
    """

    track_id: str
    length_m: float = inf
    gauges_mm: tuple[int, ...] = ()
    section_ids: tuple[str, ...] = ()


def read_station_tracks(tables: Mapping[str, pl.DataFrame]) -> dict[str, tuple[StationTrack, ...]]:
    """Tracks of each point that states them, in the order of the table.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``station_tracks``, if there is one.

    Returns
    -------
    dict of str to tuple of StationTrack
        Points of which no track is stated are left out.
    """
    found: dict[str, list[StationTrack]] = {}
    table = tables.get("station_tracks")
    for row in () if table is None else table.iter_rows(named=True):
        track = StationTrack(
            track_id=row["track_id"],
            length_m=inf if row["usable_length_m"] is None else float(row["usable_length_m"]),
            gauges_mm=tuple(int(gauge) for gauge in split_list(row["gauges_mm"])),
            section_ids=split_list(row["section_ids"]),
        )
        found.setdefault(row["point_id"], []).append(track)
    return {point: tuple(tracks) for point, tracks in found.items()}


def read_headways(
    tables: Mapping[str, pl.DataFrame],
) -> dict[str, tuple[StatedIntervals, StatedIntervals]]:
    """Intervals of each section that states some, forward and backward.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``headways``, if there is one.

    Returns
    -------
    dict of str to tuple of StatedIntervals
        A row of one direction comes before one of both.
    """
    found: dict[str, list[StatedIntervals]] = {}
    table = tables.get("headways")
    rows = [] if table is None else table.to_dicts()
    # Rows of one direction last, so that they stand over those of both.
    for row in sorted(rows, key=lambda one: len(DIRECTIONS[one["direction"] or "both"]) == 1):
        both = found.setdefault(row["section_id"], [StatedIntervals(), StatedIntervals()])
        stated = {
            name: round(row[column] * MINUTE_S)
            for name, column in INTERVAL_COLUMNS.items()
            if row[column] is not None
        }
        for direction in DIRECTIONS[row["direction"] or "both"]:
            both[direction] = replace(both[direction], **stated)
    return {section: (both[0], both[1]) for section, both in found.items()}


def read_stop_tracks(tables: Mapping[str, pl.DataFrame]) -> dict[int, str]:
    """Tracks that trains are stated on.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trains``, ``train_stops``, ``operational_points``.

    Returns
    -------
    dict of int to str
        By number of the stop, in the order of
        :class:`arterial.timetable.trains.timed_trains.TimedTrains`.
    """
    order = tables["trains"].select("train_id").with_row_index("train")
    stops = (
        tables["train_stops"]
        .join(order, on="train_id", how="inner")
        .join(tables["operational_points"].select("point_id"), on="point_id", how="inner")
        .sort("train", "sequence")
    )
    tracks = stops["track_id"].to_list()
    return {number: track for number, track in enumerate(tracks) if track is not None}
