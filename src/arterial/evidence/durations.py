"""Published durations checked against the true time between their two clock faces.

`list_service_lengths` and `time_published_runs` give what the model makes of published distances
and runs.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
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
from arterial.network import Route
from arterial.running.published_stretches import sum_dwell_s
from arterial.running.train_runs import CalibratedWay
from arterial.timetable.coaches.published import compare_stated_duration, write_duration
from arterial.units import HOUR_S, KM_TO_M, MINUTE_S

__all__ = ["check_durations", "list_service_lengths", "time_published_runs"]

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
            f"{len(spans)} departure{'s take' if len(spans) > 1 else ' takes'} {computed} by the "
            f"best estimate; all times together, {_write_spread(least, most)}, {reach}."
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


def list_service_lengths(
    tables: Mapping[str, pl.DataFrame], routes: Mapping[str, Route]
) -> pl.DataFrame:
    """Length of every route that a coach service may take.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study table ``coach_services``.
    routes : mapping of str to Route
        Ways of the routes by id.

    Returns
    -------
    DataFrame
        service_id, route_id, distance_km, distance_error_km: a row for each route that joins the
        ends of the service, in either direction.
    """
    rows = [
        {
            "service_id": service["service_id"],
            "route_id": route_id,
            "distance_km": route.length_km,
            "distance_error_km": route.length_error_km,
        }
        for service in tables["coach_services"].iter_rows(named=True)
        for route_id, route in routes.items()
        if {service["from_point"], service["to_point"]} == {route.points[0], route.points[-1]}
    ]
    texts = dict.fromkeys(("service_id", "route_id"), pl.String)
    numbers = dict.fromkeys(("distance_km", "distance_error_km"), pl.Float64)
    return pl.DataFrame(rows, schema={**texts, **numbers})


def time_published_runs(
    tables: Mapping[str, pl.DataFrame], ways: Sequence[CalibratedWay], default_dwell_min: float
) -> pl.DataFrame:
    """What the model gives for each row of ``published_runs`` that a host train runs over.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study table ``published_runs``.
    ways : sequence of CalibratedWay
        Ways of the host trains; the first that fits a row is taken, those of its own direction
        before those of the other.
    default_dwell_min : float
        Standstill at a stop that states none [min].

    Returns
    -------
    DataFrame
        run_id, low_h, best_h, high_h.
    """
    rows = []
    for run in tables["published_runs"].iter_rows(named=True):
        begin, end = str(run["from_point"]), str(run["to_point"])
        same_first = sorted(ways, key=lambda done: not _runs_from(done, begin, end))
        timed = (time_run(run, done, default_dwell_min) for done in same_first)
        found = next((row for row in timed if row is not None), None)
        if found is not None:
            rows.append(found)
    numbers = dict.fromkeys(("low_h", "best_h", "high_h"), pl.Float64)
    return pl.DataFrame(rows, schema={"run_id": pl.String, **numbers})


def _runs_from(done: CalibratedWay, begin: str, end: str) -> bool:
    """Whether a train's way has both points, in this order."""
    places = done.way.route.points
    return begin in places and end in places and places.index(begin) < places.index(end)


def time_run(
    run: Mapping[str, object], done: CalibratedWay, default_dwell_min: float
) -> dict[str, object] | None:
    """A published run as the model has it on one train's way; None where it does not lie there."""
    places = dict(zip(done.way.route.points, done.way.route.distance_km, strict=True))
    begin, end = places.get(str(run["from_point"])), places.get(str(run["to_point"]))
    is_own = run["train_id"] == done.way.train_id
    if begin is None or end is None or not (is_own or run["train_id"] is None):
        return None
    if begin > end and is_own:
        return None
    from_m, to_m = (place * KM_TO_M for place in sorted((begin, end)))
    dwell_s = sum_dwell_s(done.way.stops, from_m, to_m, default_dwell_min)
    bounds = np.append(done.pieces["from_m"].to_numpy(), done.pieces["to_m"][-1])
    row: dict[str, object] = {"run_id": run["run_id"]}
    for name, column in (
        ("low_h", "calibrated_low_s"),
        ("best_h", "calibrated_s"),
        ("high_h", "calibrated_high_s"),
    ):
        passed = np.append(0.0, done.pieces[column].to_numpy().cumsum())
        start_s, end_s = np.interp([from_m, to_m], bounds, passed)
        row[name] = (float(end_s - start_s) + dwell_s) / HOUR_S
    return row
