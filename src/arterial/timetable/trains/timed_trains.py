"""Times of every stated train as arrays: patterns of times, and the days of each.

Main function: :func:`time_trains`. A pattern is what a train's times are, after 00:00 UTC of its
operating day, on all days between two changes of a clock; most trains have one. The times are
those of `arterial.timetable.trains.train_times`, which a coach's hosts are followed with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock_faces import read_face_s
from arterial.timetable.trains.calendars import list_calendar_days, resolve_calendars
from arterial.timetable.trains.timing_kernel import (
    NO_DAY,
    NOT_STATED,
    UNKNOWN,
    StatedStops,
    time_patterns,
)
from arterial.timetable.trains.zone_offsets import ZoneOffsets, tabulate_offsets
from arterial.units import DAY_S, MINUTE_S

__all__ = ["MOST_JOURNEY_DAYS", "TimedTrains", "TrainPeriod", "time_trains"]

MOST_JOURNEY_DAYS: Final = 62
"""How far clocks are looked up beyond the horizon [d]."""

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TrainPeriod:
    """Operating days that are looked at.

    Parameters
    ----------
    epoch : date
        Study epoch.
    day_from, day_to : date
        First and last operating day, both included.
    """

    epoch: date
    day_from: date
    day_to: date

    @property
    def days_count(self) -> int:
        """Number of days."""
        return (self.day_to - self.day_from).days + 1


@dataclass(frozen=True, slots=True)
class TimedTrains:
    """Times of all trains at their stops.

    Parameters
    ----------
    period : TrainPeriod
        Days that are looked at.
    train_ids : tuple of str
        Trains in the order of their table, ``(n_trains,)``.
    stop_first : ndarray of int64, shape (n_trains + 1,)
        First stop of each train among `stop_points`.
    stop_points : ndarray of int64, shape (n_stops,)
        Number of the point of each stop in ``operational_points``.
    standing_s : ndarray of float64, shape (n_stops,)
        Standstill stated at each stop; 0 where none is [s].
    pattern_trains : ndarray of int64, shape (n_patterns,)
        Train of each pattern, in order.
    event_first : ndarray of int64, shape (n_patterns + 1,)
        First event of each pattern: arrival and departure of each stop in turn.
    event_s : ndarray of int64, shape (n_events,)
        Time after 00:00 UTC of the operating day [s]; `UNKNOWN` where it is not.
    is_stated : ndarray of bool, shape (n_events,)
        Whether it is stated.
    pattern_days : ndarray of int64, shape (n_patterns,)
        Row of `days` of each pattern.
    days : ndarray of bool, shape (n_rows, days_count)
        Different sets of days.
    backward_stops : mapping of int to int
        Stop, counted within the train, at which the stated times of a train run backwards.
    """

    period: TrainPeriod
    train_ids: tuple[str, ...]
    stop_first: Integers
    stop_points: Integers
    standing_s: Numbers
    pattern_trains: Integers
    event_first: Integers
    event_s: Integers
    is_stated: Flags
    pattern_days: Integers
    days: Flags
    backward_stops: Mapping[int, int]


def time_trains(
    tables: Mapping[str, pl.DataFrame],
    link_times: pl.DataFrame,
    period: TrainPeriod,
    *,
    default_dwell_min: float,
) -> TimedTrains:
    """Times of all trains on all their days.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trains``, ``train_stops``, ``operational_points``, ``calendar_rules``.
    link_times : DataFrame
        As :func:`arterial.timetable.trains.train_plans.read_train_plans` takes them; trains
        without rows keep their stated times alone.
    period : TrainPeriod
        Operating days wanted.
    default_dwell_min : float
        Standstill where a stop states none [min].

    Returns
    -------
    TimedTrains
        A train without calendar, without a day in the period or without stops has no pattern.
    """
    train_ids = tuple(tables["trains"]["train_id"].to_list())
    stops, points, zones = _read_stops(tables, link_times, train_ids, default_dwell_min)
    last = period.day_to + timedelta(days=MOST_JOURNEY_DAYS)
    offsets = tabulate_offsets(zones, period.epoch, period.day_from - timedelta(days=2), last)
    days, train_rows = _read_train_days(tables, period)
    patterns = _split_patterns(stops, offsets, days, train_rows, period)
    lengths = 2 * np.diff(stops.first)[patterns.trains]
    event_first = np.concatenate([[0], np.cumsum(lengths)])
    event_s = np.empty(event_first[-1], np.int64)
    is_stated = np.empty(event_first[-1], np.bool_)
    backward = time_patterns(
        stops, offsets, patterns.trains, patterns.epoch_days, event_first, event_s, is_stated
    )
    known = event_s != UNKNOWN
    event_s[known] -= np.repeat(patterns.epoch_days * DAY_S, lengths)[known]
    return TimedTrains(
        period=period,
        train_ids=train_ids,
        stop_first=stops.first,
        stop_points=points,
        standing_s=stops.standing_s,
        pattern_trains=patterns.trains,
        event_first=event_first,
        event_s=event_s,
        is_stated=is_stated,
        pattern_days=patterns.rows,
        days=patterns.days,
        backward_stops={
            int(patterns.trains[number]): int(backward[number])
            for number in np.flatnonzero(backward >= 0)
        },
    )


def _read_train_days(
    tables: Mapping[str, pl.DataFrame], period: TrainPeriod
) -> tuple[Flags, Integers]:
    """Days on which each calendar runs, and the calendar of each train.

    Returns
    -------
    days : ndarray of bool, shape (n_calendars + 1, days_count)
        The last row is of trains without a calendar: they never run.
    rows : ndarray of int64, shape (n_trains,)
        Row of each train.
    """
    calendars = resolve_calendars(tables["calendar_rules"], period.day_from, period.day_to)
    days = np.zeros((len(calendars) + 1, period.days_count), np.bool_)
    numbers: dict[str, int] = {}
    for number, (name, said) in enumerate(calendars.items()):
        numbers[name] = number
        days[number, [(day - period.day_from).days for day in list_calendar_days(said)]] = True
    wanted = tables["trains"]["calendar_id"].to_list()
    rows = np.array([numbers.get(name, len(calendars)) for name in wanted], dtype=np.int64)
    return days, rows


def _read_stops(
    tables: Mapping[str, pl.DataFrame],
    link_times: pl.DataFrame,
    train_ids: tuple[str, ...],
    default_dwell_min: float,
) -> tuple[StatedStops, Integers, list[str]]:
    """Stops of all trains as arrays, the points they lie at, and the zones of the points."""
    points = (
        tables["operational_points"]
        .with_row_index("point")
        .with_columns(pl.col("zone").fill_null("Etc/UTC"))
    )
    zones = sorted(set(points["zone"].to_list())) or ["Etc/UTC"]
    order = pl.DataFrame({"train_id": train_ids}, schema={"train_id": pl.String})
    links = link_times.select("train_id", "sequence", "running_s", "running_low_s")
    rows = (
        tables["train_stops"]
        .join(order.with_row_index("train"), on="train_id", how="inner")
        .join(points.select("point_id", "point", "zone"), on="point_id", how="inner")
        .join(links, on=["train_id", "sequence"], how="left")
        .with_columns(
            pl.col("zone").replace_strict(zones, list(range(len(zones))), return_dtype=pl.Int64),
            pl.col("dwell_min").fill_null(0.0).alias("standing_min") * MINUTE_S,
            pl.col("dwell_min").fill_null(default_dwell_min) * MINUTE_S,
            pl.col("running_low_s").fill_null(pl.col("running_s")),
            pl.col("arrival_day", "departure_day").fill_null(NO_DAY),
            *(_read_faces(tables["train_stops"], name) for name in ("arrival", "departure")),
        )
        .sort("train", "sequence")
    )
    counts = np.bincount(rows["train"].to_numpy(), minlength=len(train_ids))
    stops = StatedStops(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        zone=rows["zone"].to_numpy().astype(np.int64),
        face_s=rows.select("arrival", "departure").to_numpy().astype(np.int64, order="C"),
        day=rows.select("arrival_day", "departure_day").to_numpy().astype(np.int64, order="C"),
        standing_s=rows["standing_min"].to_numpy().astype(np.float64),
        dwell_s=rows["dwell_min"].to_numpy().astype(np.float64),
        running_s=rows["running_s"].cast(pl.Float64).fill_null(float("nan")).to_numpy().copy(),
        running_low_s=rows["running_low_s"]
        .cast(pl.Float64)
        .fill_null(float("nan"))
        .to_numpy()
        .copy(),
    )
    return stops, rows["point"].to_numpy().astype(np.int64), zones


def _read_faces(stops: pl.DataFrame, column: str) -> pl.Expr:
    """Seconds after midnight of clock faces; each different face is read once."""
    faces = stops[column].drop_nulls().unique(maintain_order=True).to_list()
    seconds = [read_face_s(face) for face in faces]
    return (
        pl.col(column)
        .replace_strict(faces, seconds, default=None, return_dtype=pl.Int64)
        .fill_null(NOT_STATED)
    )


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Train, an operating day since the epoch, and row of days of each pattern."""

    trains: Integers
    epoch_days: Integers
    rows: Integers
    days: Flags


def _split_patterns(
    stops: StatedStops,
    offsets: ZoneOffsets,
    days: Flags,
    train_rows: Integers,
    period: TrainPeriod,
) -> _Patterns:
    """Cut the days of each train where a clock that it meets changes."""
    first_day = (period.day_from - period.epoch).days
    spans = _count_journey_days(stops, offsets, first_day)
    kept: dict[bytes, int] = {}
    different: list[Flags] = []
    found: dict[tuple[int, int, tuple[int, ...]], list[tuple[int, int]]] = {}
    trains: list[int] = []
    epoch_days: list[int] = []
    rows: list[int] = []
    for train, calendar in enumerate(train_rows.tolist()):
        begin, end = stops.first[train], stops.first[train + 1]
        if end - begin < 2:  # noqa: PLR2004 origin and destination
            continue
        zones = tuple(np.unique(stops.zone[begin:end]).tolist())
        key = (calendar, int(spans[train]), zones)
        if key not in found:
            found[key] = []
            for group in _group_days(offsets, zones, days.shape[1], first_day, int(spans[train])):
                running = days[calendar] & group
                if not running.any():
                    continue
                row = kept.setdefault(running.tobytes(), len(different))
                if row == len(different):
                    different.append(running)
                found[key].append((first_day + int(running.argmax()), row))
        for day, row in found[key]:
            trains.append(train)
            epoch_days.append(day)
            rows.append(row)
    return _Patterns(
        np.array(trains, dtype=np.int64),
        np.array(epoch_days, dtype=np.int64),
        np.array(rows, dtype=np.int64),
        np.array(different, dtype=np.bool_).reshape(-1, days.shape[1]),
    )


def _count_journey_days(stops: StatedStops, offsets: ZoneOffsets, day: int) -> Integers:
    """Days that each train is under way, found by timing it once, and one more [d].

    Where no day is stated, the day of a clock face follows from the one before: on other days it
    may be another one, but by no more than a clock changes.
    """
    trains = np.arange(len(stops.first) - 1)
    lengths = 2 * np.diff(stops.first)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    event_s, is_stated = np.empty(starts[-1], np.int64), np.empty(starts[-1], np.bool_)
    days = np.full(len(trains), day, np.int64)
    time_patterns(stops, offsets, trains, days, starts, event_s, is_stated)
    spans = np.zeros(len(trains), np.int64)
    np.maximum.at(spans, np.repeat(trains, lengths), event_s // DAY_S - day)
    bounded: Integers = np.minimum(spans + 2, MOST_JOURNEY_DAYS)
    return bounded


def _group_days(
    offsets: ZoneOffsets, zones: tuple[int, ...], days_count: int, first_day: int, span: int
) -> list[Flags]:
    """Days of the period in groups on which no clock that a train meets changes otherwise."""
    signs: dict[tuple[tuple[int, ...], ...], Flags] = {}
    changes = [
        (int(offsets.from_s[place]), int(offsets.offset_s[place]))
        for zone in zones
        for place in range(offsets.first[zone], offsets.first[zone + 1])
    ]
    if all(offsets.first[zone + 1] - offsets.first[zone] == 1 for zone in zones):
        return [np.ones(days_count, np.bool_)]
    for number in range(days_count):
        from_s = (first_day + number - 1) * DAY_S
        to_s = from_s + (span + 2) * DAY_S
        # What holds when the day begins, and each change while the train is under way.
        before = tuple(int(offsets.offset_s[_last_before(offsets, zone, from_s)]) for zone in zones)
        under_way = tuple((at - from_s, to) for at, to in changes if from_s < at <= to_s)
        sign = (before, *under_way)
        signs.setdefault(sign, np.zeros(days_count, np.bool_))[number] = True
    return list(signs.values())


def _last_before(offsets: ZoneOffsets, zone: int, at_s: int) -> int:
    """Place of the offset that holds in a zone at an instant."""
    begin, end = offsets.first[zone], offsets.first[zone + 1]
    return int(begin + np.searchsorted(offsets.from_s[begin:end], at_s, side="right") - 1)
