"""Itineraries: every departure of every through coach, day by day, on its dated host trains.

Main function: :func:`resolve_trips`. Each trip is shown as announced; what does not work on that
day is found, with what follows from it (architecture §4, §5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from arterial.timetable.coaches.coach_services import (
    CoachService,
    Timetable,
    TimetableOptions,
    read_timetable,
)
from arterial.timetable.coaches.host_times import find_absurd_times, find_crossed_ranges
from arterial.timetable.coaches.leg_runs import judge_connections, resolve_legs
from arterial.timetable.coaches.published import find_published_differences
from arterial.timetable.coaches.trip_findings import (
    find_connection_faults,
    find_host_faults,
    find_missing_clock_times,
    find_missing_host,
    note_suspension,
)
from arterial.timetable.coaches.trip_verdicts import settle_departures
from arterial.timetable.coaches.trips import (
    Finding,
    Trip,
    make_connections,
    make_findings,
    make_trip_events,
    make_trips,
)
from arterial.timetable.trains.calendars import CalendarDay, CalendarEffect

__all__ = ["ResolvedTrips", "resolve_trips"]


@dataclass(frozen=True, slots=True)
class ResolvedTrips:
    """Result tables of resolved trips.

    Parameters
    ----------
    trips, trip_events, connections, findings : polars.DataFrame
        Tables of the same names.
    """

    trips: pl.DataFrame
    trip_events: pl.DataFrame
    connections: pl.DataFrame
    findings: pl.DataFrame


def resolve_trips(
    tables: Mapping[str, pl.DataFrame], link_times: pl.DataFrame, options: TimetableOptions
) -> ResolvedTrips:
    """Resolve every through-coach trip in the horizon.

    Each service date is put on the hosts that are announced for it, whether or not they run that
    day; hosts that do not run, connections that are too short and published arrival days that
    differ become findings. Ranges of times are carried to the arrival.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Tables of the study: ``coach_services``, ``coach_legs``, ``trains``, ``train_stops``,
        ``calendar_rules``, ``procedure_steps``, ``operational_points``, ``railways`` and
        ``published_events``.
    link_times : polars.DataFrame
        ``train_id``, ``sequence`` of the stop arrived at, ``distance_km``, ``running_low_s``,
        ``running_s``, ``running_high_s``.
    options : TimetableOptions
        Settings.

    Returns
    -------
    ResolvedTrips
        Result tables.

    Raises
    ------
    StudyError
        With every calendar rule, train, procedure or leg that cannot be read.
    """
    # No coach rides in any other train, and there may be thousands of those.
    is_host = pl.col("train_id").is_in(tables["coach_legs"]["train_id"].implode())
    own = {**tables, "train_stops": tables["train_stops"].filter(is_host)}
    timetable = read_timetable(own, link_times, options)
    published = _group_published(tables["published_events"])
    trips: list[Trip] = []
    findings: list[Finding] = []
    for service in timetable.services:
        for day, said in sorted(service.days.items()):
            is_inside = options.horizon_from <= day <= options.horizon_to
            if not is_inside or said.effect is CalendarEffect.DOES_NOT_RUN:
                continue
            trip = _resolve_trip(timetable, service, day, said)
            trips.append(trip)
            findings.extend(_find(timetable, trip, published.get(service.service_id, []), said))
    settled = settle_departures(
        make_trips(trips, findings), make_connections(timetable, trips), make_findings(findings)
    )
    events = make_trip_events(timetable, trips, _reference_zones(tables))
    return ResolvedTrips(trip_events=events, **settled)


def _resolve_trip(
    timetable: Timetable, service: CoachService, day: date, said: CalendarDay
) -> Trip:
    runs = resolve_legs(timetable, service, day)
    return Trip(
        service=service,
        trip_date=day,
        status=_get_status(day, said, timetable.options.as_of),
        runs=tuple(runs),
        connections=tuple(judge_connections(timetable, runs)),
    )


def _get_status(day: date, said: CalendarDay, as_of: date) -> str:
    if said.effect is CalendarEffect.SUSPENDED or said.reported is False:
        return "suspended"
    if said.effect is CalendarEffect.TEST_RUN:
        return "test"
    if said.reported and day <= as_of:
        return "past_reported"
    return "past_announced" if day < as_of else "planned"


def _find(
    timetable: Timetable, trip: Trip, published: list[dict[str, Any]], said: CalendarDay
) -> list[Finding]:
    if trip.status == "suspended":
        return [note_suspension(trip, is_reported=said.reported is False)]
    return [
        *find_host_faults(timetable, trip),
        *find_missing_host(timetable, trip),
        *find_connection_faults(timetable, trip),
        *find_missing_clock_times(timetable, trip),
        *find_absurd_times(timetable, trip),
        *find_crossed_ranges(timetable, trip),
        *find_published_differences(timetable, trip, published),
    ]


def _group_published(published_events: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in published_events.iter_rows(named=True):
        grouped.setdefault(row["service_id"], []).append(row)
    return grouped


def _reference_zones(tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    railways = tables["railways"]
    zones = dict(zip(railways["railway_id"], railways["reference_zone"], strict=True))
    return {
        row["point_id"]: zones[row["railway_id"]]
        for row in tables["operational_points"].iter_rows(named=True)
        if zones.get(row["railway_id"])
    }
