"""What a study states of single tracks at points and of intervals between trains on sections.

Main functions: :func:`read_station_tracks` and :func:`read_headways`. What is not stated stays
with the rules of the line (:class:`arterial.timetable.paths.line_model.PathRules`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, inf
from typing import Any, Final

import polars as pl

from arterial.study import split_list
from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "MOST_TRACKS",
    "StatedIntervals",
    "StationTrack",
    "derive_headways",
    "find_fitting",
    "name_derived_headways",
    "order_stops",
    "read_headways",
    "read_station_tracks",
    "read_stop_tracks",
]

DIRECTIONS: Final[Mapping[str, tuple[int, ...]]] = {
    "both": (0, 1),
    "forward": (0,),
    "backward": (1,),
}
MOST_TRACKS: Final = 62
"""Tracks of a point that are told apart [1]."""

BLOCKS_BETWEEN: Final = 3
"""Free blocks that a train keeps ahead of itself where the next one follows at line speed [1]."""

LONG_TRAIN_KM: Final = 0.85
"""Train length where signals give the headway: usual length of a track at stations [km]."""

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

    def suits(self, ways: Sequence[tuple[str, tuple[int, ...]]]) -> bool:
        """Whether it is reached from sections, each with its gauges."""
        return not self.explain_unfit(ways, None)

    def explain_unfit(
        self, ways: Sequence[tuple[str, tuple[int, ...]]], length_m: float | None
    ) -> str:
        """What keeps a train from standing on it, with what would do; empty where nothing does."""
        if length_m is not None and length_m > self.length_m:
            return (
                f"Track {self.track_id} is {self.length_m:.0f} m long, the train {length_m:.0f} m: "
                "state a longer one, or correct the lengths."
            )
        for section_id, gauges in ways:
            if self.section_ids and section_id not in self.section_ids:
                return (
                    f"Track {self.track_id} is not reached from section {section_id}: state "
                    "another one, or correct section_ids."
                )
            if self.gauges_mm and gauges and not set(gauges) & set(self.gauges_mm):
                own, found = (
                    " and ".join(str(gauge) for gauge in one) for one in (self.gauges_mm, gauges)
                )
                return (
                    f"Track {self.track_id} has {own} mm, section {section_id} {found} mm: state "
                    "another one, or correct gauges_mm."
                )
        return ""


def find_fitting(
    tracks: Sequence[StationTrack],
    ways: Sequence[tuple[str, tuple[int, ...]]],
    length_m: float | None,
) -> int:
    """Tracks of a point on which a train can stand.

    Parameters
    ----------
    tracks : sequence of StationTrack
        At most `MOST_TRACKS`.
    ways : sequence of (str, tuple of int)
        Sections by which it comes and goes, with their gauges.
    length_m : float or None
        Length of the train; None or not a number = it is not judged [m].

    Returns
    -------
    int
        A bit each. A train that no track holds is taken to stand on any that it reaches, and where
        it reaches none, on any: that is told on its own.
    """
    suiting = [track.suits(ways) for track in tracks]
    holding = [
        fit and not (length_m or 0.0) > track.length_m
        for fit, track in zip(suiting, tracks, strict=True)
    ]
    chosen = next((one for one in (holding, suiting) if any(one)), [True] * len(tracks))
    return sum(1 << number for number, fit in enumerate(chosen) if fit)


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
        ``headways``, if there is one; ``signals`` and ``sections`` for those that state none.

    Returns
    -------
    dict of str to tuple of StatedIntervals
        A row of one direction comes before one of both, and either before what signals give.
    """
    found: dict[str, list[StatedIntervals]] = {}
    for (section, direction), headway_s in derive_headways(tables).items():
        both = found.setdefault(section, [StatedIntervals(), StatedIntervals()])
        both[direction] = StatedIntervals(headway_s=headway_s)
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


def derive_headways(tables: Mapping[str, pl.DataFrame]) -> dict[tuple[str, int], int]:
    """Headways of sections that state signals: a train keeps three blocks behind the one ahead.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``sections`` and, if there is one, ``signals``.

    Returns
    -------
    dict of (str, int) to int
        By section and direction (1 = backward): time of the slower kind of train over the three
        longest neighbouring blocks and the length of a train [s]. A section without any
        speed is left out, and one with a single block, which no two trains follow one another in.

    Notes
    -----
    With three aspects a driver who sees green has three blocks between trains; the interval is
    that of the worst place [recalled: practice of automatic block on the 1520 mm network].
    """
    table = tables.get("signals")
    if table is None or table.is_empty():
        return {}
    sections = {row["section_id"]: row for row in tables["sections"].iter_rows(named=True)}
    places: dict[tuple[str, int], set[float]] = {}
    for row in table.iter_rows(named=True):
        if row["kind"] != "distant" and row["section_id"] in sections:
            key = (row["section_id"], DIRECTIONS[row["direction"]][0])
            places.setdefault(key, set()).add(row["position_km"])
    found = {}
    for (section, direction), at_km in places.items():
        length_km, speed_kmh = sections[section]["length_km"], _find_speed(sections[section])
        ends_km = sorted({0.0, *at_km, length_km})
        blocks_km = [end - begin for begin, end in pairwise(ends_km) if begin < end <= length_km]
        if speed_kmh is None or len(blocks_km) < 2:  # noqa: PLR2004
            continue
        windows = range(max(len(blocks_km) - BLOCKS_BETWEEN, 0) + 1)
        longest_km = max(sum(blocks_km[i : i + BLOCKS_BETWEEN]) for i in windows)
        found[section, direction] = ceil((longest_km + LONG_TRAIN_KM) / speed_kmh * HOUR_S)
    return found


def name_derived_headways(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Headways that signals give, in words, for what a line takes as given."""
    sides = ("forward", "backward")
    return [
        f"section {section}, {sides[direction]}: headway of {seconds / MINUTE_S:.1f} min from its "
        "signals, where none is stated"
        for (section, direction), seconds in derive_headways(tables).items()
    ]


def _find_speed(section: Mapping[str, Any]) -> float | None:
    """Speed of the slower kind of train on a section, typical before allowed [km/h]."""
    for name in ("typical_{}_speed_kmh", "{}_speed_limit_kmh"):
        speeds = [section.get(name.format(kind)) for kind in ("passenger", "freight")]
        if known := [float(speed) for speed in speeds if speed is not None]:
            return min(known)
    return None


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
    tracks = order_stops(tables)["track_id"].to_list()
    return {number: track for number, track in enumerate(tracks) if track is not None}


def order_stops(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Stops of all trains in the order in which they are timed.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trains``, ``train_stops``, ``operational_points``.

    Returns
    -------
    DataFrame
        Rows of ``train_stops`` with the number of their ``train``.
    """
    order = tables["trains"].select("train_id").with_row_index("train")
    return (
        tables["train_stops"]
        .join(order, on="train_id", how="inner")
        .join(tables["operational_points"].select("point_id"), on="point_id", how="inner")
        .sort("train", "sequence")
    )
