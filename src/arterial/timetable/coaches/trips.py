"""Resolved trips: a trip, its findings and its verdict, and the result tables that they make.

Main classes: :class:`Trip` and :class:`Finding`. Main functions: :func:`make_trips`,
:func:`make_trip_events`, :func:`make_connections` and :func:`make_findings`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from arterial.clock import local_text, utc_offset_min
from arterial.study import conform_table, empty_table
from arterial.timetable.coaches.coach_services import CoachService, Timetable
from arterial.timetable.coaches.leg_runs import Connection, ConnectionVerdict, LegRun
from arterial.timetable.coaches.trip_verdicts import BLOCK, NOTE, WARN, judge_departure
from arterial.timetable.trains.train_plans import TimeRange
from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "BLOCK",
    "NOTE",
    "WARN",
    "Finding",
    "Trip",
    "make_connections",
    "make_findings",
    "make_trip_events",
    "make_trips",
    "write_count",
    "write_day",
]

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Trip:
    """One dated departure of a through coach with its legs on dated hosts.

    Parameters
    ----------
    service : CoachService
        Through coach.
    trip_date : date
        Local day of departure.
    status : str
        As in the table ``trips``.
    runs : tuple of LegRun
        Legs as far as hosts are found.
    connections : tuple of Connection
        Changes of trains.
    """

    service: CoachService
    trip_date: date
    status: str
    runs: tuple[LegRun, ...]
    connections: tuple[Connection, ...]

    @property
    def trip_id(self) -> str:
        """Service and date, joined by @."""
        return f"{self.service.service_id}@{self.trip_date.isoformat()}"

    @property
    def is_whole(self) -> bool:
        """Whether every leg has a dated host."""
        return bool(self.runs) and len(self.runs) == len(self.service.legs)


class _EventWriter:
    """Rows of trip events, with the texts of each instant and zone written once."""

    def __init__(self, timetable: Timetable, reference_zones: Mapping[str, str]) -> None:
        self._timetable = timetable
        self._reference_zones = reference_zones
        self._epoch = timetable.options.epoch

    def write(self, trip: Trip) -> Iterator[dict[str, Any]]:
        """Rows of one trip in order."""
        start_km: float | None = 0.0
        sequence = 0
        for run in trip.runs:
            plan, leg = self._timetable.plan(run.leg), run.leg
            boarded_km = plan.distances_km[leg.from_stop]
            for event in range(2 * leg.from_stop + 1, 2 * leg.to_stop + 1):
                sequence += 1
                here_km = plan.distances_km[event // 2]
                yield {
                    "trip_id": trip.trip_id,
                    "sequence": sequence,
                    "event": "departure" if event % 2 else "arrival",
                    "train_id": leg.train_id,
                    "is_handover": event in {2 * leg.from_stop + 1, 2 * leg.to_stop},
                    "distance_km": _add_km(start_km, here_km, boarded_km),
                    **self._time_columns(run, event),
                }
            start_km = _add_km(start_km, plan.distances_km[leg.to_stop], boarded_km)

    def _time_columns(self, run: LegRun, event: int) -> dict[str, Any]:
        stop = self._timetable.plan(run.leg).stops[event // 2]
        time = run.event(event)
        columns: dict[str, Any] = {"point_id": stop.point_id, "basis": time.basis if time else None}
        if time is None:
            unknown = (
                "low_at_s", "at_s", "high_at_s", "local_time", "reference_time", "utc_time",
                "utc_offset_min",
            )  # fmt: skip
            return columns | dict.fromkeys(unknown)
        at_s = time.at.at_s
        reference_zone = self._reference_zones.get(stop.point_id)
        return columns | {
            "low_at_s": time.at.low_at_s,
            "at_s": at_s,
            "high_at_s": time.at.high_at_s,
            "local_time": local_text(at_s, self._epoch, stop.zone),
            "reference_time": reference_zone and local_text(at_s, self._epoch, reference_zone),
            "utc_time": local_text(at_s, self._epoch, "UTC"),
            "utc_offset_min": utc_offset_min(at_s, self._epoch, stop.zone),
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the table ``findings``.

    Parameters
    ----------
    finding_id, service_id, kind, severity : str
        As in the table.
    trip_date : date or None
        Day of departure; None for every day.
    train_id, point_id : str or None
        Train and place concerned.
    cause, consequence, cure : str
        Plain words.
    """

    finding_id: str
    service_id: str | None
    trip_date: date | None
    kind: str
    severity: str
    train_id: str | None
    point_id: str | None
    cause: str
    consequence: str
    cure: str


def make_trips(trips: Sequence[Trip], findings: Sequence[Finding]) -> pl.DataFrame:
    """Table ``trips``: each dated departure with its ends, true elapsed time and verdict.

    The shortest elapsed time joins the latest departure to the earliest arrival, the longest the
    other way round, as if both erred independently; but none is shorter than the basic running
    times of the hosts on the way.

    Parameters
    ----------
    trips : sequence of Trip
        Resolved trips.
    findings : sequence of Finding
        Findings on them.

    Returns
    -------
    polars.DataFrame
        Table ``trips``.
    """
    by_trip = defaultdict(list)
    for finding in findings:
        by_trip[finding.service_id, finding.trip_date].append(finding)
    rows = []
    for trip in trips:
        found = by_trip[trip.service.service_id, trip.trip_date]
        first = trip.runs[0].departure if trip.runs else None
        last = trip.runs[-1].arrival if trip.is_whole else None
        departure = first.at if first else None
        arrival = last.at if last else None
        rows.append(
            {
                "trip_id": trip.trip_id,
                "service_id": trip.service.service_id,
                "trip_date": trip.trip_date,
                "status": trip.status,
                "verdict": _judge_trip(trip, found, is_timed=None not in {departure, arrival}),
                **_range_columns("departure", departure),
                **_range_columns("arrival", arrival),
                **_elapsed_columns(departure, arrival, _sum_least_s(trip)),
                "findings_count": len(found),
            }
        )
    return _conform("trips", rows)


def make_trip_events(
    timetable: Timetable, trips: Sequence[Trip], reference_zones: Mapping[str, str]
) -> pl.DataFrame:
    """Table ``trip_events``: each departure and arrival in local, reference and UTC time.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trips : sequence of Trip
        Resolved trips.
    reference_zones : mapping of str to str
        Zone of the reference clock of the railway at each point, where it is known.

    Returns
    -------
    polars.DataFrame
        Table ``trip_events``; unknown times stay null.
    """
    writer = _EventWriter(timetable, reference_zones)
    return _conform("trip_events", [row for trip in trips for row in writer.write(trip)])


def make_connections(timetable: Timetable, trips: Sequence[Trip]) -> pl.DataFrame:
    """Table ``connections``: time there is and time that is needed at each change of trains.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trips : sequence of Trip
        Resolved trips.

    Returns
    -------
    polars.DataFrame
        Table ``connections``.
    """
    rows = [
        _connection_row(timetable, trip, connection)
        for trip in trips
        for connection in trip.connections
    ]
    return _conform("connections", rows)


def make_findings(findings: Sequence[Finding]) -> pl.DataFrame:
    """Table ``findings`` from findings; ids that repeat get a number.

    Parameters
    ----------
    findings : sequence of Finding
        In order.

    Returns
    -------
    polars.DataFrame
        Table ``findings``.
    """
    seen: Counter[str] = Counter()
    rows = []
    for finding in findings:
        seen[finding.finding_id] += 1
        row = asdict(finding)
        if seen[finding.finding_id] > 1:
            row["finding_id"] = f"{finding.finding_id}:{seen[finding.finding_id]}"
        rows.append(row)
    return _conform("findings", rows)


def write_day(day: date) -> str:
    """Day with its weekday, the same in every locale.

    Examples
    --------
    >>> write_day(date(2025, 7, 4))
    'Fri 2025-07-04'
    """
    return f"{_WEEKDAYS[day.weekday()]} {day.isoformat()}"


def write_count(number: int, noun: str) -> str:
    """Number with its noun, in the plural where it needs one.

    Examples
    --------
    >>> write_count(1, "day"), write_count(14, "day")
    ('1 day', '14 days')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _judge_trip(trip: Trip, found: Sequence[Finding], *, is_timed: bool) -> str:
    is_unknown = any(item.verdict is ConnectionVerdict.UNKNOWN for item in trip.connections)
    severities = {finding.severity for finding in found}
    return judge_departure(trip.status, severities, is_known=is_timed and not is_unknown)


def _connection_row(timetable: Timetable, trip: Trip, connection: Connection) -> dict[str, Any]:
    leg = connection.after.leg
    return {
        "trip_id": trip.trip_id,
        "sequence": leg.sequence,
        "point_id": timetable.plan(leg).stops[leg.from_stop].point_id,
        "from_train_id": connection.before.leg.train_id,
        "to_train_id": leg.train_id,
        "procedure_id": leg.procedure_id,
        **_available_columns(connection),
        **_required_columns(connection),
        "verdict": connection.verdict.value,
    }


def _available_columns(connection: Connection) -> dict[str, int | None]:
    arrival, departure = connection.arrival, connection.departure
    names = ("available_low_min", "available_min", "available_high_min")
    if arrival is None or departure is None:
        return dict.fromkeys(names)
    spans_s = (
        departure.low_at_s - arrival.high_at_s,
        departure.at_s - arrival.at_s,
        departure.high_at_s - arrival.low_at_s,
    )
    return {name: round(span / MINUTE_S) for name, span in zip(names, spans_s, strict=True)}


def _required_columns(connection: Connection) -> dict[str, int | None]:
    arrival, end = connection.arrival, connection.end
    names = ("required_low_min", "required_min", "required_high_min")
    if arrival is None or end is None:
        return dict.fromkeys(names)
    # A later arrival may wait less for an opening, so the three cases need not come in order.
    spans_s = sorted(
        (
            end.finished.low_at_s - arrival.low_at_s,
            end.finished.high_at_s - arrival.high_at_s,
        )
    )
    best_s = end.finished.at_s - arrival.at_s
    spans = (min(spans_s[0], best_s), best_s, max(spans_s[1], best_s))
    return {name: round(span / MINUTE_S) for name, span in zip(names, spans, strict=True)}


def _range_columns(name: str, at: TimeRange | None) -> dict[str, int | None]:
    return {
        f"{name}_low_at_s": at.low_at_s if at else None,
        f"{name}_at_s": at.at_s if at else None,
        f"{name}_high_at_s": at.high_at_s if at else None,
    }


def _sum_least_s(trip: Trip) -> float:
    """Running time on all hosts that no train is faster than [s]."""
    return sum(
        run.best.plan.least_s(2 * run.leg.from_stop + 1, 2 * run.leg.to_stop) for run in trip.runs
    )


def _elapsed_columns(
    departure: TimeRange | None, arrival: TimeRange | None, least_s: float
) -> dict[str, float | None]:
    names = ("elapsed_low_h", "elapsed_h", "elapsed_high_h")
    if departure is None or arrival is None:
        return dict.fromkeys(names)
    best_s = arrival.at_s - departure.at_s
    spans_s = (
        # Both ends may move with one departure: what is stated too fast is a finding of its own.
        max(arrival.low_at_s - departure.high_at_s, min(least_s, best_s)),
        best_s,
        arrival.high_at_s - departure.low_at_s,
    )
    return {name: span / HOUR_S for name, span in zip(names, spans_s, strict=True)}


def _add_km(start: float | None, here: float | None, boarded: float | None) -> float | None:
    if start is None or here is None or boarded is None:
        return None
    return start + here - boarded


def _conform(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    empty = empty_table(name)
    if not rows:
        return empty
    return conform_table(name, pl.DataFrame(rows, schema=dict(empty.schema)))
