"""What a place costs: the way to it and back, in kilometres and hours.

Two places on one line are compared in the chainage of that line; nothing is compared across two
chainage systems.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.clock import CivilTime, elapsed_s
from arterial.errors import LimitError
from arterial.evidence.verdicts import Row, read_number, read_table
from arterial.units import HOUR_S

__all__ = ["Detour", "find_detour"]

COVER_TOLERANCE: Final = 0.01
"""Share of a span that sections may leave out and still give its time [1]."""


@dataclass(frozen=True, slots=True)
class Detour:
    """The way from one place to another and back.

    Parameters
    ----------
    near : str
        The place it is measured from.
    single_km : float
        Distance between the places [km], 0 when the place is no detour.
    line_id : str
        Line in whose chainage it was measured.
    single_h : float or None
        Time for it [h]; None = unknown.
    time_basis : str
        What the time rests on.
    """

    near: str
    single_km: float
    line_id: str
    single_h: float | None
    time_basis: str


def find_detour(
    tables: Mapping[str, pl.DataFrame], *, near: str, far: str, towards: str, train_id: str
) -> Detour | None:
    """Way from a near place on to a far one, as seen from where the coach is bound.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``line_points``, ``sections``, ``train_stops`` and ``operational_points``.
    near, far : str
        The two places.
    towards : str
        Place that the coach is bound for, or comes from, on the same line.
    train_id : str
        Train that serves both places.

    Returns
    -------
    Detour or None
        With 0 km when `far` is not farther from `towards` than `near`; None when no line lists
        all three places.
    """
    points = read_table(tables, "line_points")
    for line_id in points["line_id"].unique(maintain_order=True).to_list():
        on_line = points.filter(pl.col("line_id") == line_id)
        locations = dict(on_line.select("point_id", "location_km").rows())
        if {near, far, towards} <= locations.keys():
            extra_km = abs(locations[far] - locations[towards])
            extra_km -= abs(locations[near] - locations[towards])
            break
    else:
        return None
    if extra_km <= 0:
        return Detour(near, 0.0, line_id, 0.0, "no detour")
    hours = _find_train_hours(tables, train_id, near, far)
    if hours is not None:
        return Detour(near, extra_km, line_id, hours, f"the times of train {train_id}")
    return Detour(
        near,
        extra_km,
        line_id,
        _find_typical_hours(tables, line_id, sorted((locations[near], locations[far]))),
        "typical section speeds",
    )


def _find_train_hours(
    tables: Mapping[str, pl.DataFrame], train_id: str, near: str, far: str
) -> float | None:
    """Hours between two stops of a train, where both are timed."""
    stops = read_table(tables, "train_stops").filter(pl.col("train_id") == train_id)
    zones = dict(read_table(tables, "operational_points").select("point_id", "zone").rows())
    found = {row["point_id"]: row for row in stops.iter_rows(named=True)}
    if not {near, far} <= found.keys():
        return None
    first, last = sorted((found[near], found[far]), key=lambda row: int(str(row["sequence"])))
    start = _read_face(first, ("departure", "arrival"), zones[first["point_id"]])
    end = _read_face(last, ("arrival", "departure"), zones[last["point_id"]])
    if start is None or end is None:
        return None
    try:
        hours = elapsed_s(start, end) / HOUR_S
    except LimitError:
        return None
    return hours if hours > 0 else None


def _read_face(row: Row, events: tuple[str, str], zone: str) -> CivilTime | None:
    """Clock face of a stop on an arbitrary day of operation; None when it is not timed."""
    for event in events:
        if row.get(event) is not None:
            days = read_number(row, f"{event}_day") or 0
            # Only differences count, so any day without a change of offset near it will do.
            day = dt.date(2025, 6, 1) + dt.timedelta(days=days)
            return CivilTime(day, str(row[event]), zone)
    return None


def _find_typical_hours(
    tables: Mapping[str, pl.DataFrame], line_id: str, span_km: list[float]
) -> float | None:
    """Hours over a span of a line at typical passenger speeds; None when sections leave gaps."""
    points = read_table(tables, "line_points").filter(pl.col("line_id") == line_id)
    locations = dict(points.select("point_id", "location_km").rows())
    covered_km, hours = 0.0, 0.0
    for row in read_table(tables, "sections").iter_rows(named=True):
        ends = [locations.get(row[end]) for end in ("from_point", "to_point")]
        inside = [end for end in ends if end is not None and span_km[0] <= end <= span_km[1]]
        speed_kmh = row["typical_passenger_speed_kmh"]
        if row["line_id"] == line_id and len(inside) == len(ends) and speed_kmh is not None:
            covered_km += abs(inside[1] - inside[0])
            hours += row["length_km"] / speed_kmh
    whole_km = span_km[1] - span_km[0]
    return hours if abs(covered_km - whole_km) <= COVER_TOLERANCE * whole_km else None
