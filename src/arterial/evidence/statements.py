"""Published statements checked against the model; main function `check_statements`.

Each kind of statement has a file of its own; frequencies, held against the calendar of their
service, stand here.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import polars as pl

from arterial.evidence.distances import check_distances, check_runs
from arterial.evidence.durations import check_durations
from arterial.evidence.events import check_events
from arterial.evidence.places import check_places
from arterial.evidence.statement_verdicts import (
    Row,
    StatementCheck,
    StatementKind,
    StatementVerdict,
    make_table,
    name_service,
    read_table,
    read_text,
)
from arterial.study import empty_table
from arterial.timetable.trains.calendars import resolve_calendar
from arterial.timetable.trains.frequencies import FrequencyReading, read_frequency

__all__ = ["StatementResults", "StatementSettings", "check_frequencies", "check_statements"]

YEAR_DAYS: Final = 365
SHORTEST_SPAN_DAYS: Final = 330
"""Least span of days of a calendar over a year for which a count per year is meant [d]."""


class StatementSettings(Protocol):
    """Settings of a study that statements are read with."""

    @property
    def epoch(self) -> dt.date:
        """Day from whose midnight UTC instants are counted."""

    @property
    def horizon_from(self) -> dt.date:
        """First day of departure that is looked at."""

    @property
    def horizon_to(self) -> dt.date:
        """Last day of departure that is looked at."""


def _no_lengths() -> pl.DataFrame:
    """Lengths of no service."""
    texts = dict.fromkeys(("service_id", "route_id"), pl.String)
    numbers = dict.fromkeys(("distance_km", "distance_error_km"), pl.Float64)
    return pl.DataFrame(schema={**texts, **numbers})


def _no_times() -> pl.DataFrame:
    """Times of no run."""
    numbers = dict.fromkeys(("low_h", "best_h", "high_h"), pl.Float64)
    return pl.DataFrame(schema={"run_id": pl.String, **numbers})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementResults:
    """Results of the model that statements are checked against; all may be missing.

    Parameters
    ----------
    trips, trip_events : polars.DataFrame
        Result tables of that name.
    service_lengths : polars.DataFrame
        ``service_id``, ``route_id``, ``distance_km``, ``distance_error_km``: every route that a
        service may take.
    run_times : polars.DataFrame
        ``run_id``, ``low_h``, ``best_h``, ``high_h``: what the model gives for each row of
        ``published_runs``.
    """

    trips: pl.DataFrame = field(default_factory=lambda: empty_table("trips"))
    trip_events: pl.DataFrame = field(default_factory=lambda: empty_table("trip_events"))
    service_lengths: pl.DataFrame = field(default_factory=_no_lengths)
    run_times: pl.DataFrame = field(default_factory=_no_times)


def check_statements(
    tables: Mapping[str, pl.DataFrame], *, settings: StatementSettings, results: StatementResults
) -> pl.DataFrame:
    """Every published statement of a study, checked against what the model gives.

    Durations against the two clock faces; days and hours against the resolved trips; places
    against each other; frequencies against the calendar; distances and runs against routes and
    calibrated times. What the model does not know leaves the verdict ``cannot_tell``.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables.
    settings : StatementSettings
        Epoch and horizon.
    results : StatementResults
        Results that are there.

    Returns
    -------
    polars.DataFrame
        Table ``statement_checks``, one row a statement, in the order of kinds above.
    """
    return make_table(
        [
            *check_durations(tables, results.trips, results.trip_events),
            *check_events(tables, results.trips, results.trip_events, settings.epoch),
            *check_places(tables),
            *check_frequencies(tables, settings.horizon_from, settings.horizon_to),
            *check_distances(tables, results.service_lengths),
            *check_runs(tables, results.run_times),
        ]
    )


def check_frequencies(
    tables: Mapping[str, pl.DataFrame], horizon_from: dt.date, horizon_to: dt.date
) -> list[StatementCheck]:
    """Every worded frequency, read as departures a year and counted in the calendar.

    Counted are the days named in the 365 days that begin with the first of them, days later
    suspended included: the wording speaks of the plan.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``published_frequencies``, ``coach_services`` and ``calendar_rules``.
    horizon_from, horizon_to : datetime.date
        First and last day that is looked at.

    Returns
    -------
    list of StatementCheck
        One for each row; a wording with two meanings is ambiguous, whatever the calendar says.
    """
    services = read_table(tables, "coach_services").select("service_id", "calendar_id")
    calendars = dict(services.rows())
    rules = read_table(tables, "calendar_rules")
    rows = read_table(tables, "published_frequencies").to_dicts()
    checks = []
    for row in rows:
        calendar_id = calendars.get(row["service_id"], "")
        days = resolve_calendar(rules, calendar_id, horizon_from, horizon_to)
        named = days.filter(pl.col("effect").is_in(["runs", "suspended"]))
        subject = f"{name_service(tables, row['service_id'])}, frequency"
        checks.append(_check_frequency(row, subject, named, _list_conflicts(row, rows)))
    return checks


def _list_conflicts(row: Row, rows: Sequence[Row]) -> tuple[str, ...]:
    """Statements on the same service whose departures a year cannot be the same."""
    own = read_frequency(read_text(row, "wording"))
    return tuple(
        read_text(other, "statement_id")
        for other in rows
        if other["service_id"] == row["service_id"]
        and _is_apart(own, read_frequency(read_text(other, "wording")))
    )


def _is_apart(one: FrequencyReading, other: FrequencyReading) -> bool:
    """Whether two readings have no number of departures a year in common."""
    lows = (one.per_year_low, other.per_year_low)
    highs = (one.per_year_high, other.per_year_high)
    known_lows = [low for low in lows if low is not None]
    known_highs = [high for high in highs if high is not None]
    if len(known_lows) < len(lows) or len(known_highs) < len(highs):
        return False
    return max(known_lows) > min(known_highs)


def _check_frequency(
    row: Row, subject: str, days: pl.DataFrame, conflicts: tuple[str, ...]
) -> StatementCheck:
    """One worded frequency against the days its calendar names."""
    wording = read_text(row, "wording")
    reading = read_frequency(wording)
    dates: list[dt.date] = days["date"].to_list()
    year = [day for day in dates if (day - dates[0]).days < YEAR_DAYS]
    span_days = (year[-1] - year[0]).days if year else 0
    is_full = span_days >= SHORTEST_SPAN_DAYS
    count = len(year)
    suspended = days.filter(pl.col("date").is_in(year) & (pl.col("effect") == "suspended")).height
    calendar = "The calendar names no day."
    if year:
        calendar = f"The calendar names {count} days from {year[0]} to {year[-1]}."
        calendar += f" {suspended} of them were suspended." if suspended else ""
    if year and not is_full:
        calendar += " That is too short for a count per year."
    return StatementCheck(
        statement_id=read_text(row, "statement_id"),
        kind=StatementKind.FREQUENCY,
        subject=subject,
        stated=f'"{wording}"',
        computed=f"{count} departures a year" if is_full else "not counted over a year",
        verdict=_judge(reading, count if is_full else None),
        calculation=f"{reading.explanation} {calendar}",
        row=row,
        conflicts_with=conflicts,
    )


def _judge(reading: FrequencyReading, count: int | None) -> StatementVerdict:
    """Verdict from the reading and the count a year."""
    if reading.is_ambiguous:
        return StatementVerdict.AMBIGUOUS
    low, high = reading.per_year_low, reading.per_year_high
    if count is None or low is None or high is None:
        return StatementVerdict.CANNOT_TELL
    return StatementVerdict.HOLDS if low <= count <= high else StatementVerdict.CONTRADICTED
