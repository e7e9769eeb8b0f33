"""Published arrival days held against resolved trips.

Main function: :func:`find_published_differences`.
"""

import calendar
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from arterial.clock import local_day
from arterial.timetable.coaches.coach_services import Timetable
from arterial.timetable.coaches.published import list_arrival_days
from arterial.timetable.coaches.trip_model import NOTE, Finding, Trip, write_count, write_day

__all__ = ["find_published_differences"]


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
