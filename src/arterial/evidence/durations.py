"""Published durations checked against the true time between their two clock faces."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from arterial.clock import CivilTime, clock_face_difference_s, elapsed_s
from arterial.errors import LimitError
from arterial.evidence.statement_verdicts import (
    Row,
    StatementCheck,
    StatementKind,
    StatementVerdict,
    name_point,
    read_date,
    read_number,
    read_table,
    read_text,
)
from arterial.timetable.coaches.published import compare_stated_duration, write_duration
from arterial.units import MINUTE_S

__all__ = ["check_durations"]

FACE_COLUMNS: Final = (
    "from_point",
    "departure",
    "to_point",
    "arrival",
    "arrival_day",
    "departure_date",
)
"""Columns that are the two clock faces of a statement."""


def check_durations(
    tables: Mapping[str, pl.DataFrame], trips: pl.DataFrame, trip_events: pl.DataFrame
) -> list[StatementCheck]:
    """Every published duration, with each step from clock face to UTC to elapsed time.

    A duration that is the difference of the clock faces is recognised as such: it leaves out that
    the zone, or the offset of the zone, changes on the way. A duration of a service, a journey or
    a stay on the way, is held against its resolved departures.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``published_durations`` and ``operational_points``.
    trips, trip_events : polars.DataFrame
        Resolved trips and their events.

    Returns
    -------
    list of StatementCheck
        One for each row; without a stated duration, or without a zone, nothing can be told.
    """
    points = read_table(tables, "operational_points")
    zones = dict(points.select("point_id", "zone").rows())
    rows = read_table(tables, "published_durations").to_dicts()
    return [
        _check_duration(tables, zones, row, _list_conflicts(row, rows))
        if row["service_id"] is None
        else _check_service_duration(row, trips, trip_events)
        for row in rows
    ]


def _check_service_duration(
    row: Row, trips: pl.DataFrame, trip_events: pl.DataFrame
) -> StatementCheck:
    """A duration of a service against all its departures, or against that of one day.

    It holds where the best estimate of every departure lies within what the statement can mean,
    is contradicted where not even the range of one reaches it.
    """
    spans = _list_spans_min(row, trips, trip_events)
    ends = [read_number(row, f"stated_{end}_min") for end in ("low", "high")]
    stated_min = read_number(row, "stated_duration_min")
    low, high = (stated_min if end is None else end for end in ends)
    verdict, computed, calculation = StatementVerdict.CANNOT_TELL, "unknown", "Nothing to hold."
    if spans and low is not None and high is not None:
        least, most = min(span[0] for span in spans), max(span[2] for span in spans)
        best = sorted({span[1] for span in spans})
        computed = _write_spread(best[0], best[-1])
        if low <= best[0] and best[-1] <= high:
            verdict = StatementVerdict.HOLDS
        elif most < low or least > high:
            verdict = StatementVerdict.CONTRADICTED
        reach = "reach it" if least <= high and low <= most else "do not reach it"
        calculation = (
            f"{len(spans)} departures take {computed} by the best estimate; all times together, "
            f"{_write_spread(least, most)}, {reach}."
        )
    return StatementCheck(
        statement_id=read_text(row, "statement_id"),
        kind=StatementKind.DURATION,
        subject=read_text(row, "subject"),
        stated="none" if low is None or high is None else _write_spread(low, high),
        computed=computed,
        verdict=verdict,
        calculation=calculation,
        row=row,
    )


def _list_spans_min(
    row: Row, trips: pl.DataFrame, trip_events: pl.DataFrame
) -> list[tuple[float, float, float]]:
    """Least, best and greatest minutes of each departure that a statement speaks of."""
    of_service = trips.filter(
        (pl.col("service_id") == row["service_id"]) & ~pl.col("verdict").eq_missing("does_not_work")
    )
    if (day := read_date(row, "departure_date")) is not None:
        of_service = of_service.filter(pl.col("trip_date") == day)
    is_stay = row["span"] == "stay"
    ends = []
    for point, event in zip(
        (row["from_point"], row["to_point"]),
        ("arrival", "departure") if is_stay else ("departure", "arrival"),
        strict=True,
    ):
        here = (pl.col("point_id") == point) & (pl.col("event") == event)
        ends.append(trip_events.filter(here).drop_nulls("at_s"))
    begin, end = ends
    times = ("low_at_s", "at_s", "high_at_s")
    joined = begin.select("trip_id", *times).join(
        end.select("trip_id", *times), on="trip_id", suffix="_end"
    )
    return [
        (
            (moment["low_at_s_end"] - moment["high_at_s"]) / MINUTE_S,
            (moment["at_s_end"] - moment["at_s"]) / MINUTE_S,
            (moment["high_at_s_end"] - moment["low_at_s"]) / MINUTE_S,
        )
        for moment in joined.join(of_service, on="trip_id", how="semi").iter_rows(named=True)
    ]


def _write_spread(low_min: float, high_min: float) -> str:
    """A range of durations; one where both ends are the same."""
    words = [write_duration(minutes) for minutes in (low_min, high_min)]
    return words[0] if words[0] == words[1] else f"{words[0]} to {words[1]}"


def _list_conflicts(row: Row, rows: Sequence[Row]) -> tuple[str, ...]:
    """Statements that give another duration between the same clock faces."""
    stated = row["stated_duration_min"]
    return tuple(
        read_text(other, "statement_id")
        for other in rows
        if all(other[column] == row[column] for column in FACE_COLUMNS)
        and None not in (stated, other["stated_duration_min"])
        and other["stated_duration_min"] != stated
    )


def _check_duration(
    tables: Mapping[str, pl.DataFrame],
    zones: Mapping[str, str],
    row: Row,
    conflicts: tuple[str, ...],
) -> StatementCheck:
    """One published duration."""
    stated_min = read_number(row, "stated_duration_min")
    verdict = StatementVerdict.CANNOT_TELL
    computed = "unknown"
    try:
        start, end = _read_faces(zones, row)
        elapsed = write_duration(elapsed_s(start, end) / MINUTE_S)
        calculation, computed = _write_steps(start, end), elapsed
        if stated_min is None:
            calculation += "; no duration was stated"
        else:
            reading = compare_stated_duration(start, end, stated_min)
            verdict = StatementVerdict(reading.verdict.value)
            calculation += f"; stated {write_duration(stated_min)}: {_explain(verdict)}"
    except LimitError as error:
        calculation = error.message
    return StatementCheck(
        statement_id=read_text(row, "statement_id"),
        kind=StatementKind.DURATION,
        subject=read_text(row, "subject"),
        stated=_write_stated(tables, row, stated_min),
        computed=computed,
        verdict=verdict,
        calculation=calculation,
        row=row,
        conflicts_with=conflicts,
    )


def _read_faces(zones: Mapping[str, str], row: Row) -> tuple[CivilTime, CivilTime]:
    """The two clock faces of a row."""
    day = read_date(row, "departure_date")
    begin, end = read_text(row, "from_point"), read_text(row, "to_point")
    missing = [point for point in (begin, end) if not zones.get(point)]
    if day is None or missing:
        what = f"The zone of {' and of '.join(missing)}" if missing else "The day of departure"
        message = f"{what} is unknown."
        raise LimitError(message)
    days = dt.timedelta(days=read_number(row, "arrival_day") or 0)
    return (
        CivilTime(day, read_text(row, "departure"), zones[begin]),
        CivilTime(day + days, read_text(row, "arrival"), zones[end]),
    )


def _write_stated(tables: Mapping[str, pl.DataFrame], row: Row, stated_min: float | None) -> str:
    """The statement in words."""
    names = [name_point(tables, row[end]) for end in ("from_point", "to_point")]
    day = read_number(row, "arrival_day") or 0
    later = {0: "", 1: " (next day)"}.get(round(day), f" (day {day:.0f})")
    faces = f"{names[0]} {row['departure']} - {names[1]} {row['arrival']}{later}"
    return faces if stated_min is None else f"{write_duration(stated_min)}, {faces}"


def _write_steps(start: CivilTime, end: CivilTime) -> str:
    """Both faces turned into UTC, their distance, and the difference of the faces."""
    elapsed = write_duration(elapsed_s(start, end) / MINUTE_S)
    faces = write_duration(clock_face_difference_s(start, end) / MINUTE_S)
    return (
        f"{_write_face(start, start.day)}; {_write_face(end, start.day)}; {elapsed}; "
        f"clock faces differ by {faces}"
    )


def _write_face(face: CivilTime, first_day: dt.date) -> str:
    """A clock face with its offset and the same instant in UTC."""
    instant = face.instant
    offset_min = round((_read_face(face) - instant.replace(tzinfo=None)).total_seconds() / MINUTE_S)
    hours, minutes = divmod(abs(offset_min), 60)
    zone = f"UTC{'-' if offset_min < 0 else '+'}{hours}{f':{minutes:02}' if minutes else ''}"
    local_day = _write_day((face.day - first_day).days)
    utc_day = _write_day((instant.date() - first_day).days)
    return f"{face.clock_time} {zone}{local_day} = {instant:%H:%M} UTC{utc_day}"


def _read_face(face: CivilTime) -> dt.datetime:
    """Day and time as the clock shows them."""
    return dt.datetime.combine(face.day, dt.time.fromisoformat(face.clock_time.zfill(5)))


def _write_day(days: int) -> str:
    """Days from the day of departure in words, with a leading blank."""
    named = {0: "", 1: " next day", -1: " the day before"}
    return named.get(days, f" on day {days}")


def _explain(verdict: StatementVerdict) -> str:
    """What the verdict means."""
    return {
        StatementVerdict.HOLDS: "the true elapsed time",
        StatementVerdict.ONLY_IF_ZONES_IGNORED: "the difference of the clock faces, zones ignored",
    }.get(verdict, "neither the elapsed time nor the difference of the clock faces")
