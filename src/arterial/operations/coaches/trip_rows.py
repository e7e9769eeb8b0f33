"""Dated trips, their legs and stops as arrays, and the tables that say what the rows stand for.

Main functions: :func:`list_dated_trips` and :func:`make_trip_rows`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from arterial.clock import civil_to_epoch_s
from arterial.operations.coaches.arrays import LegArrays, TripArrays
from arterial.operations.coaches.causes import CauseBook
from arterial.operations.coaches.host_rows import HostBook
from arterial.operations.coaches.procedure_rows import ProcedureBook
from arterial.timetable.coaches.coach_services import CoachService, Timetable
from arterial.timetable.coaches.leg_runs import LegRun, resolve_legs
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["DatedTrip", "TripBooks", "TripRows", "list_dated_trips", "make_trip_rows"]

SERVICE_CODE = 1 << 20


@dataclass(frozen=True, slots=True)
class DatedTrip:
    """A trip with its announced hosts.

    Parameters
    ----------
    trip_id : str
        The trip.
    service : CoachService
        Its service.
    service_number : int
        Number of the service in the study.
    trip_date : date
        Local day of departure.
    runs : tuple of LegRun
        Legs on their announced hosts.
    """

    trip_id: str
    service: CoachService
    service_number: int
    trip_date: date
    runs: tuple[LegRun, ...]

    @property
    def is_timed(self) -> bool:
        """Whether every leg has a host whose times are known where the coach rides."""
        return len(self.runs) == len(self.service.legs) and all(
            run.best.events[event] is not None
            for run in self.runs
            for event in range(2 * run.leg.from_stop + 1, 2 * run.leg.to_stop + 1)
        )

    @property
    def works(self) -> bool:
        """Whether every announced host runs on its day."""
        return all(run.is_running for run in self.runs)

    @property
    def departure_s(self) -> int:
        """Announced departure [s UTC since the study epoch]."""
        event = self.runs[0].best.departure(self.runs[0].leg.from_stop)
        return 0 if event is None else event.at.at_s

    @property
    def arrival_s(self) -> int:
        """Announced arrival [s UTC since the study epoch]."""
        event = self.runs[-1].best.arrival(self.runs[-1].leg.to_stop)
        return 0 if event is None else event.at.at_s


@dataclass(frozen=True, slots=True)
class TripBooks:
    """Where the rows of trips look things up.

    Parameters
    ----------
    timetable : Timetable
        Hosts and services.
    hosts : HostBook
        Rows of hosts.
    procedures : ProcedureBook
        Rows of procedures.
    causes : CauseBook
        Sources.
    tables : mapping of str to polars.DataFrame
        Tables of the study, and ``set_availability``.
    """

    timetable: Timetable
    hosts: HostBook
    procedures: ProcedureBook
    causes: CauseBook
    tables: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class TripRows:
    """Trips and legs as arrays and as tables.

    Parameters
    ----------
    trips : TripArrays
        Trips.
    legs : LegArrays
        Legs.
    trip_table, leg_table, event_table : polars.DataFrame
        What the rows stand for.
    groups : tuple of tuple of str
        Service and name of each group.
    """

    trips: TripArrays
    legs: LegArrays
    trip_table: pl.DataFrame
    leg_table: pl.DataFrame
    event_table: pl.DataFrame
    groups: tuple[tuple[str, str], ...]


def list_dated_trips(
    timetable: Timetable, trips: pl.DataFrame, first: date, last: date
) -> list[DatedTrip]:
    """Trips of a span of days that are not suspended, in order of departure.

    Parameters
    ----------
    timetable : Timetable
        Hosts and services.
    trips : polars.DataFrame
        Table ``trips``.
    first, last : date
        First and last local day of departure.

    Returns
    -------
    list of DatedTrip
        Those without known times included.
    """
    numbers = {service.service_id: number for number, service in enumerate(timetable.services)}
    inside = pl.col("trip_date").is_between(first, last) & (pl.col("status") != "suspended")
    found = []
    for row in trips.filter(inside).iter_rows(named=True):
        number = numbers[row["service_id"]]
        service = timetable.services[number]
        runs = tuple(resolve_legs(timetable, service, row["trip_date"]))
        found.append(DatedTrip(row["trip_id"], service, number, row["trip_date"], runs))
    return sorted(found, key=lambda trip: (trip.departure_s if trip.runs else 0, trip.trip_id))


def make_trip_rows(dated: Sequence[DatedTrip], books: TripBooks) -> TripRows:
    """Rows of trips, legs and stops.

    Parameters
    ----------
    dated : sequence of DatedTrip
        Trips in order of departure, all timed.
    books : TripBooks
        Hosts, procedures and sources.

    Returns
    -------
    TripRows
        Arrays and tables.
    """
    legs: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    trips: list[dict[str, Any]] = []
    reader = _Reader(books, [row["pool_id"] for row in books.tables["coach_pools"].to_dicts()])
    for number, trip in enumerate(dated):
        row = reader.read_trip(trip, len(legs), len(events))
        legs += reader.read_legs(trip, number, len(events))
        events += reader.read_events(trip, number)
        trips.append(row)
    groups = list(dict.fromkeys((trip.service.service_id, "all") for trip in dated))
    groups += list(
        dict.fromkeys((trip.service.service_id, "works") for trip in dated if trip.works)
    )
    return TripRows(
        trips=_trip_arrays(trips, groups, len(legs), events),
        legs=_leg_arrays(legs),
        trip_table=pl.DataFrame(trips, infer_schema_length=None),
        leg_table=pl.DataFrame(legs, infer_schema_length=None),
        event_table=pl.DataFrame(events, infer_schema_length=None),
        groups=tuple(groups),
    )


class _Reader:
    """Rows of one trip after another."""

    def __init__(self, books: TripBooks, pool_ids: list[str]) -> None:
        self._books = books
        self._pool_ids = pool_ids
        tables = books.tables
        self._services = {row["service_id"]: row for row in tables["coach_services"].to_dicts()}
        self._pools = {row["pool_id"]: row for row in tables["coach_pools"].to_dicts()}
        self._held = set(tables["set_availability"]["pool_id"])
        self._places: dict[str, int] = {}
        waits = tables["coach_legs"]
        self._waits = {
            (row["service_id"], row["sequence"]): row["host_wait_min"] or 0.0
            for row in waits.iter_rows(named=True)
        }

    def read_trip(self, trip: DatedTrip, leg_begin: int, event_begin: int) -> dict[str, Any]:
        """Row of a trip."""
        service = self._services[trip.service.service_id]
        pool = self._pools.get(service["pool_id"])
        from_point, to_point = service["from_point"], service["to_point"]
        turn_h, turn_source = 0.0, -1
        if pool is not None:
            at_home = to_point == pool["home_point"]
            turn_h = pool["minimum_turn_home_h" if at_home else "minimum_turn_away_h"] or 0.0
            name = self._books.timetable.name_point(from_point)
            works = " and works" if pool["pool_id"] in self._held else ""
            turn_source = self._books.causes.add(
                f"turn:{pool['pool_id']}@{from_point}",
                "coach_set",
                f"Turn-round{works} of {pool['name']}, {name}",
                point_id=from_point,
            )
        return {
            "trip_id": trip.trip_id,
            "service_id": trip.service.service_id,
            "trip_date": trip.trip_date,
            "works": trip.works,
            "leg_begin": leg_begin,
            "event_begin": event_begin,
            "code": trip.service_number * SERVICE_CODE
            + (trip.trip_date - self._books.timetable.options.epoch).days
            + SERVICE_CODE // 2,
            "pool": -1 if pool is None else self._pool_ids.index(pool["pool_id"]),
            "from_point": from_point,
            "to_point": to_point,
            "from_place": self._places.setdefault(from_point, len(self._places)),
            "to_place": self._places.setdefault(to_point, len(self._places)),
            "is_to_home": pool is not None and to_point == pool["home_point"],
            "turn_s": round(turn_h * HOUR_S),
            "turn_source": turn_source,
            "best_departure_s": trip.departure_s,
            "best_arrival_s": trip.arrival_s,
            "announced_until_s": self._find_day_end(trip, service["announced_arrival_day"]),
        }

    def _find_day_end(self, trip: DatedTrip, days: int | None) -> int | None:
        """End of the announced local day of arrival [s]."""
        if days is None:
            return None
        run = trip.runs[-1]
        zone = run.best.plan.stops[run.leg.to_stop].zone
        after = trip.trip_date + timedelta(days=days + 1)
        epoch = self._books.timetable.options.epoch
        return civil_to_epoch_s(after, "00:00", zone, epoch, allow_gap=True)

    def read_legs(self, trip: DatedTrip, number: int, event: int) -> Iterator[dict[str, Any]]:
        """Rows of the legs of a trip."""
        books = self._books
        service_id = trip.service.service_id
        for order, run in enumerate(trip.runs):
            leg = run.leg
            stop = run.best.plan.stops[leg.from_stop]
            name = books.timetable.name_point(stop.point_id)
            train = books.timetable.name_train(leg.train_id)
            key = f"{service_id}:{leg.sequence}"
            yield {
                "trip": number,
                "order": order,
                "sequence": leg.sequence,
                "point_id": stop.point_id,
                "train_id": leg.train_id,
                "host": books.hosts.numbers[leg.train_id],
                "from_stop": leg.from_stop,
                "to_stop": leg.to_stop,
                "announced_run": books.hosts.runs[leg.train_id, run.best.operating_day],
                "first_run": _find_first_run(books.hosts, run),
                "wait_s": round(self._waits.get((service_id, leg.sequence), 0.0) * MINUTE_S),
                "procedure": self._enter_procedure(trip, order, stop.point_id, stop.zone),
                "event": event,
                "short_source": self._add(
                    key, "short", f"Hand-over to {train} planned too short, {name}", stop.point_id
                ),
                "no_host_source": self._add(
                    key,
                    "no_host",
                    f"{train} does not run on the announced day, {name}",
                    stop.point_id,
                ),
                "no_later_source": self._add(
                    key,
                    "no_later",
                    f"No later {train} within the days looked ahead, {name}",
                    stop.point_id,
                ),
            }
            event += 2 * (leg.to_stop - leg.from_stop)

    def read_events(self, trip: DatedTrip, number: int) -> Iterator[dict[str, Any]]:
        """Rows of the departures and arrivals of a trip, numbered as in ``trip_events``."""
        sequence = 0
        start_km: float | None = 0.0
        for run in trip.runs:
            plan, leg = run.best.plan, run.leg
            boarded = plan.distances_km[leg.from_stop]
            for event in range(2 * leg.from_stop + 1, 2 * leg.to_stop + 1):
                sequence += 1
                time, here = run.best.events[event], plan.distances_km[event // 2]
                yield {
                    "trip": number,
                    "sequence": sequence,
                    "point_id": plan.stops[event // 2].point_id,
                    "event": "departure" if event % 2 else "arrival",
                    "distance_km": _add_km(start_km, here, boarded),
                    "planned_at_s": 0 if time is None else time.at.at_s,
                }
            start_km = _add_km(start_km, plan.distances_km[leg.to_stop], boarded)

    def _enter_procedure(self, trip: DatedTrip, order: int, point_id: str, zone: str) -> int:
        if order == 0 or _stays_aboard(trip.runs[order - 1], trip.runs[order]):
            return -1
        name = self._books.timetable.name_point(point_id)
        procedure = trip.runs[order].leg.procedure
        return self._books.procedures.enter(procedure, point_id, zone, name)

    def _add(self, key: str, kind: str, name: str, point_id: str) -> int:
        return self._books.causes.add(f"{kind}:{key}", "missed_connection", name, point_id=point_id)


def _stays_aboard(before: LegRun, after: LegRun) -> bool:
    is_same_day = before.best.operating_day == after.best.operating_day
    is_same_train = before.leg.train_id == after.leg.train_id
    return is_same_train and is_same_day and after.leg.procedure_id is None


def _find_first_run(hosts: HostBook, run: LegRun) -> int:
    """First running day of the host that is not before the announced one."""
    train_id = run.leg.train_id
    days = [
        number
        for (train, day), number in hosts.runs.items()
        if train == train_id and day >= run.best.operating_day and number < hosts.run_ends[train]
    ]
    return min(days, default=hosts.run_ends[train_id])


def _add_km(start: float | None, here: float | None, boarded: float | None) -> float | None:
    if start is None or here is None or boarded is None:
        return None
    return start + here - boarded


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> np.ndarray:
    return np.array([row[name] for row in rows], np.int64)


def _trip_arrays(
    rows: Sequence[Mapping[str, Any]],
    groups: Sequence[tuple[str, str]],
    legs_count: int,
    events: Sequence[Mapping[str, Any]],
) -> TripArrays:
    numbers = {group: number for number, group in enumerate(groups)}
    works = [numbers[row["service_id"], "works"] if row["works"] else -1 for row in rows]
    return TripArrays(
        leg_begin=np.append(_column(rows, "leg_begin"), legs_count),
        code=_column(rows, "code"),
        pool=_column(rows, "pool"),
        from_place=_column(rows, "from_place"),
        to_place=_column(rows, "to_place"),
        turn_s=_column(rows, "turn_s"),
        turn_source=_column(rows, "turn_source"),
        best_departure_s=_column(rows, "best_departure_s"),
        best_arrival_s=_column(rows, "best_arrival_s"),
        event_begin=np.append(_column(rows, "event_begin"), len(events)),
        event_best_s=_column(events, "planned_at_s"),
        target=np.array([numbers[row["service_id"], "all"] for row in rows], np.int64),
        works_target=np.array(works, np.int64),
    )


def _leg_arrays(rows: Sequence[Mapping[str, Any]]) -> LegArrays:
    names = [name for name in LegArrays._fields if name != "plan_ready_s"]
    columns = {name: _column(rows, name) for name in names}
    return LegArrays(**columns, plan_ready_s=np.zeros(len(rows), np.int64))
