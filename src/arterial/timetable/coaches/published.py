"""Arithmetic on published times: stated durations and arrival days.

Main functions: :func:`compare_stated_duration`, which recognises a difference of clock faces that
was taken for a journey time, :func:`list_arrival_days`, and :func:`find_published_differences`,
which checks published arrival days against resolved trips.
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from arterial.clock import CivilTime, clock_face_difference_s, elapsed_s, local_day
from arterial.timetable.coaches.coach_services import Timetable
from arterial.timetable.coaches.trips import NOTE, Finding, Trip, write_count, write_day
from arterial.units import MINUTE_S

__all__ = [
    "ArrivalDay",
    "DurationReading",
    "DurationVerdict",
    "compare_stated_duration",
    "find_published_differences",
    "list_arrival_days",
    "write_duration",
]

MONTH_LENGTHS: Final = (28, 29, 30, 31)


class DurationVerdict(StrEnum):
    """How a stated duration agrees with the two clock faces it belongs to."""

    HOLDS = "holds"
    ONLY_IF_ZONES_IGNORED = "only_if_zones_ignored"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class DurationReading:
    """A stated duration checked against two clock faces.

    Parameters
    ----------
    verdict : DurationVerdict
        Whether it holds.
    elapsed_min : float
        True elapsed time [min].
    clock_face_min : float
        Difference of the clock faces with zones ignored [min].
    stated_min : float
        What was stated [min].
    explanation : str
        The calculation in words.
    """

    verdict: DurationVerdict
    elapsed_min: float
    clock_face_min: float
    stated_min: float
    explanation: str


@dataclass(frozen=True, slots=True)
class ArrivalDay:
    """Day of the month on which a journey ends, by the length of the month it begins in.

    Parameters
    ----------
    month_length_days : int
        Days of the month of departure.
    day_of_month : int
        Day of arrival.
    """

    month_length_days: int
    day_of_month: int


def compare_stated_duration(
    start: CivilTime, end: CivilTime, stated_min: float, *, tolerance_min: float = 2.0
) -> DurationReading:
    """Hold a stated duration against the true elapsed time between two clock faces.

    Parameters
    ----------
    start, end : CivilTime
        Departure and arrival.
    stated_min : float
        Stated duration [min].
    tolerance_min : float
        How far it may be off and still agree [min].

    Returns
    -------
    DurationReading
        Holds; or holds only for the difference of the clock faces; or neither.

    Examples
    --------
    >>> from datetime import date
    >>> start = CivilTime(date(2026, 3, 12), "17:26", "Asia/Shanghai")
    >>> end = CivilTime(date(2026, 3, 13), "18:07", "Asia/Pyongyang")
    >>> compare_stated_duration(start, end, 24 * 60 + 41).verdict.value
    'only_if_zones_ignored'
    """
    elapsed_min = elapsed_s(start, end) / MINUTE_S
    face_min = clock_face_difference_s(start, end) / MINUTE_S
    gained = write_duration(abs(face_min - elapsed_min))
    direction = "forward" if face_min > elapsed_min else "back"
    true_text = f"From {_write_face(start)} to {_write_face(end)} is {write_duration(elapsed_min)}."
    if abs(stated_min - elapsed_min) <= tolerance_min:
        verdict = DurationVerdict.HOLDS
        explanation = f"{true_text} The stated {write_duration(stated_min)} holds."
    elif abs(stated_min - face_min) <= tolerance_min:
        verdict = DurationVerdict.ONLY_IF_ZONES_IGNORED
        explanation = (
            f"{true_text} The stated {write_duration(stated_min)} is the difference of the clock "
            f"faces, {write_duration(face_min)}: it ignores that the clocks go {direction} by "
            f"{gained} on the way."
        )
    else:
        verdict = DurationVerdict.CONTRADICTED
        explanation = (
            f"{true_text} The stated {write_duration(stated_min)} is neither that nor the "
            f"difference of the clock faces, {write_duration(face_min)}."
        )
    return DurationReading(verdict, elapsed_min, face_min, stated_min, explanation)


def list_arrival_days(departure_day: int, journey_days: int) -> tuple[ArrivalDay, ...]:
    """Days of the month on which a journey can end, for every length of month.

    Parameters
    ----------
    departure_day : int
        Day of the month of departure, 1 to 31.
    journey_days : int
        Local calendar days from departure to arrival [d].

    Returns
    -------
    tuple of ArrivalDay
        For months of 28, 29, 30 and 31 days that have the day of departure; a journey past the
        end of the following month is counted with that month's 31 days.

    Examples
    --------
    >>> [arrival.day_of_month for arrival in list_arrival_days(26, 8)]
    [6, 5, 4, 3]
    """
    days = []
    for length in MONTH_LENGTHS:
        if departure_day <= length:
            total = departure_day + journey_days
            day = total if total <= length else (total - length - 1) % MONTH_LENGTHS[-1] + 1
            days.append(ArrivalDay(length, day))
    return tuple(days)


def write_duration(minutes: float) -> str:
    """Duration in days, hours and minutes as words.

    Examples
    --------
    >>> write_duration(1421)
    '23 h 41 min'
    >>> write_duration(65), write_duration(60)
    ('1 h 05 min', '1 h')
    """
    sign = "-" if minutes < 0 else ""
    hours, rest = divmod(round(abs(minutes)), 60)
    if not hours:
        return f"{sign}{rest} min"
    return f"{sign}{hours} h {rest:02d} min" if rest else f"{sign}{hours} h"


def find_published_differences(
    timetable: Timetable, trip: Trip, published: Sequence[dict[str, Any]]
) -> Iterator[Finding]:
    """Find the published arrival days that the resolved trip does not meet.

    A published day agrees if any day between the earliest and the latest arrival has it.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trip : Trip
        As announced.
    published : sequence of dict
        Rows of ``published_events`` of this service.

    Yields
    ------
    Finding
        Kind ``published_arrival_differs``.
    """
    for row in published:
        if row["event"] != "arrival" or not _applies(row, trip.trip_date):
            continue
        days = _list_arrival_days(timetable, trip, row["point_id"])
        if not days or _agrees(row, days, trip.trip_date):
            continue
        place = timetable.name_point(row["point_id"])
        yield Finding(
            finding_id=f"{trip.trip_id}:published_arrival_differs:{row['statement_id']}",
            service_id=trip.service.service_id,
            trip_date=trip.trip_date,
            kind="published_arrival_differs",
            severity=NOTE,
            train_id=None,
            point_id=row["point_id"],
            cause=f"Published is arrival at {place} {_describe_stated(row)}; "
            f"the trip of {write_day(trip.trip_date)} arrives {_describe_days(days)}.",
            consequence=_describe_month(trip.trip_date, days),
            cure="Read the published day as true for some months only; the arrival dates of one "
            "long and one short month would settle it.",
        )


def _write_face(civil: CivilTime) -> str:
    return f"{civil.day} {civil.clock_time} ({civil.zone})"


def _applies(row: dict[str, Any], trip_date: date) -> bool:
    day, exact = row["departure_day_of_month"], row["departure_date"]
    return day in {None, trip_date.day} and exact in {None, trip_date}


def _list_arrival_days(timetable: Timetable, trip: Trip, point_id: str) -> list[date]:
    for run in reversed(trip.runs):
        plan = timetable.plan(run.leg)
        for stop in range(run.leg.to_stop, run.leg.from_stop, -1):
            if plan.stops[stop].point_id != point_id:
                continue
            arrival = run.event(2 * stop)
            if arrival is None:
                return []
            ends = (arrival.at.low_at_s, arrival.at.high_at_s)
            zone, epoch = plan.stops[stop].zone, timetable.options.epoch
            first, last = (local_day(at_s, epoch, zone) for at_s in ends)
            return [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return []


def _agrees(row: dict[str, Any], days: list[date], trip_date: date) -> bool:
    day, offset = row["stated_day_of_month"], row["stated_day_offset"]
    if day is not None and all(one.day != day for one in days):
        return False
    return offset is None or trip_date + timedelta(days=offset) in days


def _describe_stated(row: dict[str, Any]) -> str:
    if row["stated_day_of_month"] is not None:
        return f"on day {row['stated_day_of_month']} of the month"
    return f"{write_count(row['stated_day_offset'], 'day')} after departure"


def _describe_days(days: list[date]) -> str:
    if len(days) == 1:
        return f"on {write_day(days[0])}"
    return f"between {write_day(days[0])} and {write_day(days[-1])}"


def _describe_month(trip_date: date, days: list[date]) -> str:
    journey = (days[0] - trip_date).days
    length = calendar.monthrange(trip_date.year, trip_date.month)[1]
    by_length = ", ".join(
        f"{item.day_of_month} ({item.month_length_days}-day month)"
        for item in list_arrival_days(trip_date.day, journey)
    )
    return (
        f"Day {trip_date.day} plus {write_count(journey, 'day')} in a month of {length} days; "
        f"by month the arrival falls on day {by_length}."
    )
