"""Stated times that no clock shows, where clocks are set forward: what is taken, what is left out.

Main functions: :func:`find_missing_faces`, :func:`find_double_faces` (times that clocks show twice,
where they are set back) and :func:`leave_out_paced`. A stated time keeps the
offset before the change, as a train that keeps its pace would. A repetition of a paced train whose
departure never shows does not run that day: the pace goes on behind the change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from arterial.clock import local_datetime
from arterial.clock_faces import read_face_s
from arterial.timetable.trains.timed_trains import TimedTrains
from arterial.timetable.trains.zone_offsets import tabulate_offsets
from arterial.units import DAY_S

__all__ = ["find_double_faces", "find_missing_faces", "leave_out_paced"]

SCHEMA = {
    "pattern": pl.Int64,
    "day_number": pl.Int64,
    "train_id": pl.String,
    "point_id": pl.String,
    "zone": pl.String,
    "is_departure": pl.Boolean,
    "is_first": pl.Boolean,
    "stated": pl.Datetime,
    "taken_at_s": pl.Int64,
    "is_left_out": pl.Boolean,
}
Change = tuple[int, int, int]
"""Instant at which a clock is set, and its offsets before and after [s]."""


def find_missing_faces(tables: Mapping[str, pl.DataFrame], timed: TimedTrains) -> pl.DataFrame:
    """Stated times of trains that never show on the clocks of their points.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``trains``, ``train_stops``, ``operational_points`` and ``paced_trains``.
    timed : TimedTrains
        Times of the trains.

    Returns
    -------
    DataFrame
        One row a train, day and time: pattern, day_number in the period, train_id, point_id, zone,
        is_departure, is_first (whether it is the departure of the first stop), stated (local day
        and time), taken_at_s [s UTC since the study epoch], is_left_out (whether a repetition of a
        paced train does not run for it).
    """
    zones = tables["operational_points"]["zone"].fill_null("Etc/UTC").to_list()
    rows: list[tuple[object, ...]] = []
    for zone, change in _list_changes(zones, timed):
        if change[2] > change[1]:
            rows += _list_in_gap(tables, timed, (zone, zones), change)
    found = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    paced = set(tables["paced_trains"]["train_id"].to_list())
    is_paced = pl.col("train_id").is_in(sorted(paced)) | pl.col("train_id").str.replace(
        r"-\d{4,6}$", ""
    ).is_in(sorted(paced))
    return found.with_columns(is_left_out=is_paced & pl.col("is_first")).sort(
        "taken_at_s", "train_id", "pattern"
    )


def find_double_faces(tables: Mapping[str, pl.DataFrame], timed: TimedTrains) -> pl.DataFrame:
    """Stated times of trains that the clocks of their points show twice on that day.

    Parameters
    ----------
    tables, timed
        As of :func:`find_missing_faces`.

    Returns
    -------
    DataFrame
        As of :func:`find_missing_faces`; ``taken_at_s`` is the showing that is taken.
    """
    zones = tables["operational_points"]["zone"].fill_null("Etc/UTC").to_list()
    rows: list[tuple[object, ...]] = []
    points, epoch = tables["operational_points"]["point_id"].to_list(), timed.period.epoch
    for zone, (at_s, before_s, after_s) in _list_changes(zones, timed):
        span = (at_s - (before_s - after_s), at_s + before_s - after_s)
        if after_s > before_s:
            continue
        for pattern, number, stop, part, taken_s in _list_near(timed, (zone, zones), span):
            shown = local_datetime(taken_s, epoch, zone).replace(tzinfo=None)
            train = timed.train_ids[timed.pattern_trains[pattern]]
            name, is_first = points[timed.stop_points[stop]], False
            rows.append(
                (pattern, number, train, name, zone, part > 0, is_first, shown, taken_s, False)
            )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("taken_at_s", "train_id")


def _list_changes(zones: list[str], timed: TimedTrains) -> Iterator[tuple[str, Change]]:
    """Zones with the changes of their clocks in the period of the trains."""
    names, period = sorted(set(zones)), timed.period
    offsets = tabulate_offsets(
        names, period.epoch, period.day_from, period.day_to + timedelta(days=2)
    )
    for number, zone in enumerate(names):
        span = slice(int(offsets.first[number]), int(offsets.first[number + 1]))
        from_s, offset_s = offsets.from_s[span], offsets.offset_s[span]
        for at_s, before_s, after_s in zip(from_s[1:], offset_s[:-1], offset_s[1:], strict=True):
            yield zone, (int(at_s), int(before_s), int(after_s))


def _list_near(
    timed: TimedTrains, where: tuple[str, list[str]], span: tuple[int, int]
) -> Iterator[tuple[int, int, int, int, int]]:
    """Stated times in a zone within a span of time.

    Each gives pattern, number of the operating day, stop, 0 or 1 (departure), and instant [s].
    """
    zone, zones = where
    owner = np.repeat(np.arange(len(timed.pattern_trains)), np.diff(timed.event_first))
    within = np.arange(len(timed.event_s)) - timed.event_first[owner]
    stop = timed.stop_first[timed.pattern_trains[owner]] + within // 2
    of_zone = np.array([name == zone for name in zones], np.bool_)
    # The operating day on which the event falls behind the begin of the span, if any.
    first_s = (timed.period.day_from - timed.period.epoch).days * DAY_S
    day = -((timed.event_s + first_s - span[0]) // DAY_S)
    instant_s = timed.event_s + first_s + day * DAY_S
    is_near = timed.is_stated & of_zone[timed.stop_points[stop]]
    is_near &= (instant_s >= span[0]) & (instant_s < span[1])
    is_near &= (day >= 0) & (day < timed.days.shape[1])
    for event in np.flatnonzero(is_near).tolist():
        pattern, number = int(owner[event]), int(day[event])
        if timed.days[timed.pattern_days[pattern], number]:
            yield pattern, number, int(stop[event]), int(within[event] % 2), int(instant_s[event])


def _list_in_gap(
    tables: Mapping[str, pl.DataFrame],
    timed: TimedTrains,
    where: tuple[str, list[str]],
    gap: Change,
) -> Iterator[tuple[object, ...]]:
    """Stated times in one gap of one zone."""
    (zone, _), (at_s, before_s, after_s) = where, gap
    span = (at_s, at_s + after_s - before_s)
    order = tables["trains"].select("train_id").with_row_index("train")
    stops = (
        tables["train_stops"]
        .join(order, on="train_id", how="inner")
        .join(tables["operational_points"].select("point_id"), on="point_id", how="inner")
        .sort("train", "sequence")
    )
    faces = (stops["arrival"].to_list(), stops["departure"].to_list())
    names = stops["point_id"].to_list()
    for pattern, number, stop, part, taken_s in _list_near(timed, where, span):
        face = faces[part][stop]
        shown = local_datetime(taken_s, timed.period.epoch, zone)
        if face is None or read_face_s(face) == _count_seconds(shown):
            continue
        stated = shown.replace(tzinfo=None) - timedelta(seconds=after_s - before_s)
        yield (
            pattern,
            number,
            timed.train_ids[timed.pattern_trains[pattern]],
            names[stop],
            zone,
            part > 0,
            part > 0 and stop == timed.stop_first[timed.pattern_trains[pattern]],
            stated,
            taken_s,
            False,
        )


def _count_seconds(shown: datetime) -> int:
    """Seconds of a clock face since its midnight."""
    midnight = shown.replace(hour=0, minute=0, second=0, tzinfo=None)
    return int((shown.replace(tzinfo=None) - midnight).total_seconds())


def leave_out_paced(timed: TimedTrains, missing: pl.DataFrame) -> TimedTrains:
    """The trains without the repetitions of paced trains that no clock shows.

    Parameters
    ----------
    timed : TimedTrains
        The trains.
    missing : DataFrame
        As `find_missing_faces` gives it.

    Returns
    -------
    TimedTrains
        The same where none is left out.
    """
    out = missing.filter("is_left_out").select("pattern", "day_number")
    if out.is_empty():
        return timed
    rows, days = timed.pattern_days.copy(), [*timed.days]
    for (pattern,), of_pattern in out.group_by("pattern", maintain_order=True):
        kept = timed.days[rows[pattern]].copy()
        kept[of_pattern["day_number"].to_numpy()] = False
        rows[pattern] = len(days)
        days.append(kept)
    return replace(timed, pattern_days=rows, days=np.array(days))
