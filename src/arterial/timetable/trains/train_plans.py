"""Trains as they are stated: stops, clock faces, standstills and running times between them.

Main functions: :func:`read_train_plans` and :func:`find_anchors`, which turns the clock faces of
one operating day into instants (architecture §4). Instants and durations are
ranges, low, best and high: :class:`TimeRange` and :class:`DurationRange`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from arterial.clock import civil_to_epoch_s, local_day
from arterial.errors import Fault, StudyError
from arterial.units import MINUTE_S

__all__ = [
    "DAY_SEARCH_SHARE",
    "Anchor",
    "DurationRange",
    "Piece",
    "TimeRange",
    "TrainPlan",
    "TrainStop",
    "find_anchors",
    "read_train_plans",
]

DAY_SEARCH_SHARE: Final = 0.5
"""Share of the shortest running time behind which an unstated day is sought; below one, so that
a stated time slightly faster than the computed one does not fall on the next day [1]."""


@dataclass(frozen=True, slots=True)
class TrainStop:
    """A stop as it is stated.

    Parameters
    ----------
    sequence : int
        Order in the train.
    point_id : str
        Place.
    zone : str
        Its zone.
    clock_times : tuple of str or None
        Local time of arrival and of departure; None if not stated.
    days : tuple of int or None
        Local days of arrival and departure after the operating day; None if not stated.
    earlier_s, later_s : int
        How far the stated times may really lie to either side [s].
    basis : str or None
        Where the stated times come from.
    has_default_dwell : bool
        Whether the standstill is the default and matters because a time is missing.
    """

    sequence: int
    point_id: str
    zone: str
    clock_times: tuple[str | None, str | None]
    days: tuple[int | None, int | None]
    earlier_s: int
    later_s: int
    basis: str | None
    has_default_dwell: bool


@dataclass(frozen=True, slots=True)
class DurationRange:
    """A duration that is known as a range.

    Parameters
    ----------
    low_s, best_s, high_s : float
        Shortest, most likely and longest [s].

    Examples
    --------
    >>> DurationRange(1, 2, 3).add(DurationRange(10, 10, 10)).best_s
    12
    """

    low_s: float
    best_s: float
    high_s: float

    def add(self, other: "DurationRange") -> "DurationRange":
        """Return the sum; the ends are added as if both erred alike."""
        return DurationRange(
            self.low_s + other.low_s, self.best_s + other.best_s, self.high_s + other.high_s
        )

    def scale(self, factor: float) -> "DurationRange":
        """Return the range, each end multiplied by a factor."""
        return DurationRange(self.low_s * factor, self.best_s * factor, self.high_s * factor)


@dataclass(frozen=True, slots=True)
class Piece:
    """A standstill or a run between two neighbouring events.

    Parameters
    ----------
    duration : DurationRange
        How long.
    is_running : bool
        True for a run, which may be stretched to fit stated times.
    least_s : float
        What no train is faster than; 0 where it is not known [s].
    """

    duration: DurationRange
    is_running: bool
    least_s: float = 0.0


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """A train as it is stated, the same on every day.

    Parameters
    ----------
    train_id : str
        The train.
    stops : tuple of TrainStop
        Stops in order.
    pieces : tuple of Piece or None
        Piece after each event (arrival and departure of each stop in turn), ``(2 n - 1,)``; None
        where a running time is unknown.
    distances_km : tuple of float or None
        Distance of each stop from the first [km]; None from the first unknown distance on.
    """

    train_id: str
    stops: tuple[TrainStop, ...]
    pieces: tuple[Piece | None, ...]
    distances_km: tuple[float | None, ...]

    def least_s(self, from_event: int, to_event: int) -> float:
        """Running time between two events that no train is faster than; unknown pieces count 0."""
        pieces = self.pieces[from_event:to_event]
        return sum(piece.least_s for piece in pieces if piece is not None and piece.is_running)

    def find_stop(self, point_id: str, *, after: int = -1) -> int | None:
        """Index of the first stop at a point behind stop number `after`; None if there is none."""
        for index, stop in enumerate(self.stops):
            if index > after and stop.point_id == point_id:
                return index
        return None


@dataclass(frozen=True, slots=True)
class TimeRange:
    """An instant that is known as a range.

    Parameters
    ----------
    low_at_s, at_s, high_at_s : int
        Earliest, best and latest [s UTC since the study epoch].

    Examples
    --------
    >>> TimeRange(0, 60, 120).shift(60)
    TimeRange(low_at_s=60, at_s=120, high_at_s=180)
    """

    low_at_s: int
    at_s: int
    high_at_s: int

    def shift(self, by_s: int) -> "TimeRange":
        """Return the same range, later by some seconds."""
        return TimeRange(self.low_at_s + by_s, self.at_s + by_s, self.high_at_s + by_s)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stated time as an instant.

    Parameters
    ----------
    event : int
        Index of the event: twice the stop for its arrival, one more for its departure.
    at : TimeRange
        When.
    basis : str or None
        Where it comes from.
    """

    event: int
    at: TimeRange
    basis: str | None

    def shift(self, by_s: int) -> "Anchor":
        """Return the same anchor, later by some seconds."""
        return Anchor(self.event, self.at.shift(by_s), self.basis)


@dataclass(frozen=True, slots=True)
class _StatedEvent:
    event: int
    stop: TrainStop
    clock_time: str
    day: int | None


def read_train_plans(
    tables: Mapping[str, pl.DataFrame], link_times: pl.DataFrame, *, default_dwell_min: float
) -> dict[str, TrainPlan]:
    """Read every train with its stops, standstills and running times.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        ``train_stops`` and ``operational_points`` of the study.
    link_times : polars.DataFrame
        ``train_id``, ``sequence`` of the stop arrived at, ``distance_km``, ``running_low_s``,
        ``running_s``, ``running_high_s`` and perhaps ``least_s``; a missing row or a null is an
        unknown running time.
    default_dwell_min : float
        Standstill where a stop states none [min].

    Returns
    -------
    dict of str to TrainPlan
        By train.

    Raises
    ------
    StudyError
        If a stop lies at a point that has no zone.
    """
    points = tables["operational_points"]
    zones = dict(zip(points["point_id"], points["zone"], strict=True))
    links = {(row["train_id"], row["sequence"]): row for row in link_times.iter_rows(named=True)}
    stops = tables["train_stops"].sort("train_id", "sequence")
    faults = [
        _zone_fault(row) for row in stops.iter_rows(named=True) if not zones.get(row["point_id"])
    ]
    if faults:
        message = f"{len(faults)} train stops lie at points whose zone is unknown."
        raise StudyError(message, faults)
    return {
        str(train_id): _read_plan(str(train_id), rows, zones, links, default_dwell_min)
        for (train_id,), rows in stops.partition_by(
            "train_id", as_dict=True, maintain_order=True
        ).items()
    }


def find_anchors(plan: TrainPlan, operating_day: date, epoch: date) -> list[Anchor]:
    """Stated times of one operating day as instants, in order of the stops.

    A stated day counts on the local calendar of the place from the operating day, which is the
    local day at the first stop. Where no day is stated, the first showing of the clock face is
    taken that the train can reach from the stated time before; the first stop has day 0.

    Parameters
    ----------
    plan : TrainPlan
        The train.
    operating_day : date
        Local day at the first stop.
    epoch : date
        Study epoch.

    Returns
    -------
    list of Anchor
        One for each stated time that can be placed.
    """
    anchors: list[Anchor] = []
    for stated in _stated_events(plan):
        if stated.day is not None:
            at_s = _place(stated, operating_day + timedelta(days=stated.day), epoch)
        elif anchors:
            at_s = _place_after(plan, stated, anchors[-1], epoch)
        else:
            continue
        stop = stated.stop
        at = TimeRange(at_s - stop.earlier_s, at_s, at_s + stop.later_s)
        anchors.append(Anchor(stated.event, at, stop.basis))
    return anchors


def _stated_events(plan: TrainPlan) -> Iterator[_StatedEvent]:
    last = 2 * len(plan.stops) - 1
    for index, stop in enumerate(plan.stops):
        for part in range(2):
            event = 2 * index + part
            clock_time, day = stop.clock_times[part], stop.days[part]
            if clock_time is None or event in {0, last}:
                continue
            yield _StatedEvent(event, stop, clock_time, 0 if day is None and event == 1 else day)


def _place(stated: _StatedEvent, day: date, epoch: date) -> int:
    # A face inside a gap keeps the offset before it, so that a whole trip is not lost for it.
    return civil_to_epoch_s(day, stated.clock_time, stated.stop.zone, epoch, allow_gap=True)


def _place_after(plan: TrainPlan, stated: _StatedEvent, before: Anchor, epoch: date) -> int:
    """First showing of a clock face that can be reached from the anchor before [s]."""
    pieces = plan.pieces[before.event : stated.event]
    shortest_s = sum(
        piece.duration.low_s for piece in pieces if piece is not None and piece.is_running
    )
    earliest_s = before.at.at_s + int(DAY_SEARCH_SHARE * shortest_s)
    day = local_day(earliest_s, epoch, stated.stop.zone)
    at_s = _place(stated, day, epoch)
    return at_s if at_s >= earliest_s else _place(stated, day + timedelta(days=1), epoch)


def _read_plan(
    train_id: str,
    rows: pl.DataFrame,
    zones: Mapping[str, str],
    links: Mapping[tuple[str, int], Mapping[str, Any]],
    default_dwell_min: float,
) -> TrainPlan:
    stops: list[TrainStop] = []
    pieces: list[Piece | None] = []
    distances: list[float | None] = []
    for row in rows.iter_rows(named=True):
        link = links.get((train_id, row["sequence"]))
        if stops:
            pieces.append(_read_run(link))
        distances.append(_add_distance(distances, link))
        is_end = len(stops) in {0, rows.height - 1}
        stops.append(_read_stop(row, zones[row["point_id"]], is_end=is_end))
        dwell_min = default_dwell_min if row["dwell_min"] is None else row["dwell_min"]
        dwell_s = dwell_min * MINUTE_S
        pieces.append(Piece(DurationRange(dwell_s, dwell_s, dwell_s), is_running=False))
    return TrainPlan(train_id, tuple(stops), tuple(pieces), tuple(distances))


def _read_stop(row: Mapping[str, Any], zone: str, *, is_end: bool) -> TrainStop:
    times = (row["arrival"], row["departure"])
    return TrainStop(
        sequence=row["sequence"],
        point_id=row["point_id"],
        zone=zone,
        clock_times=times,
        days=(row["arrival_day"], row["departure_day"]),
        earlier_s=round((row["earlier_min"] or 0) * MINUTE_S),
        later_s=round((row["later_min"] or 0) * MINUTE_S),
        basis=row["time_basis"],
        has_default_dwell=row["dwell_min"] is None and None in times and not is_end,
    )


def _read_run(link: Mapping[str, Any] | None) -> Piece | None:
    if link is None or link["running_s"] is None:
        return None
    best = float(link["running_s"])
    low, high = link["running_low_s"], link["running_high_s"]
    return Piece(
        DurationRange(best if low is None else low, best, best if high is None else high),
        is_running=True,
        least_s=float(link.get("least_s") or 0.0),
    )


def _add_distance(distances: list[float | None], link: Mapping[str, Any] | None) -> float | None:
    if not distances:
        return 0.0
    if link is None or link["distance_km"] is None or distances[-1] is None:
        return None
    return distances[-1] + float(link["distance_km"])


def _zone_fault(row: Mapping[str, Any]) -> Fault:
    return Fault(
        cause=f"Train {row['train_id']} stops at '{row['point_id']}', whose zone is unknown.",
        cure="Add the point with its zone to operational_points, or correct the stop.",
        file="tables/train_stops.csv",
        column="point_id",
    )
