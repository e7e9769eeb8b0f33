"""Dated trips, their legs and stops as arrays, and the tables that say what the rows stand for.

Main functions: :func:`list_dated_trips` and :func:`make_trip_rows`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from arterial.clock import civil_to_epoch_s
from arterial.operations.coaches.causes import CauseBuilder
from arterial.operations.coaches.host_rows import HostBuilder
from arterial.operations.coaches.model import RunIn
from arterial.operations.coaches.procedure_rows import ProcedureBuilder
from arterial.operations.coaches.state import LEG, TRIP, PlaceProcedure, Rows, fill_rows
from arterial.timetable.coaches.coach_pools import find_turn_h
from arterial.timetable.coaches.coach_services import CoachService, Timetable
from arterial.timetable.coaches.leg_runs import LegRun, resolve_legs
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["DatedTrip", "TripContext", "TripRows", "list_dated_trips", "make_trip_rows"]

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
class TripContext:
    """Where the rows of trips look things up.

    Parameters
    ----------
    timetable : Timetable
        Hosts and services.
    hosts : HostBuilder
        Rows of hosts.
    procedures : ProcedureBuilder
        Rows of procedures.
    causes : CauseBuilder
        Sources.
    tables : mapping of str to polars.DataFrame
        Tables of the study, and ``set_availability``.
    """

    timetable: Timetable
    hosts: HostBuilder
    procedures: ProcedureBuilder
    causes: CauseBuilder
    tables: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class TripRows:
    """Trips and legs as rows of kernels and as tables.

    Parameters
    ----------
    trips, legs : Rows
        Trips and legs.
    trip_table, leg_table, event_table : polars.DataFrame
        What the rows stand for.
    groups : tuple of tuple of str
        Service and name of each group.
    run_in : RunIn
        Rows before the first trip that counts.
    """

    trips: Rows
    legs: Rows
    trip_table: pl.DataFrame
    leg_table: pl.DataFrame
    event_table: pl.DataFrame
    groups: tuple[tuple[str, str], ...]
    run_in: RunIn


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


def make_trip_rows(dated: Sequence[DatedTrip], context: TripContext, first_day: date) -> TripRows:
    """Rows of trips, legs and stops.

    Parameters
    ----------
    dated : sequence of DatedTrip
        Trips in order of departure, all timed.
    context : TripContext
        Hosts, procedures and sources.
    first_day : date
        Local day of departure from which trips count; those before belong to no group.

    Returns
    -------
    TripRows
        Arrays and tables.
    """
    legs: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    trips: list[dict[str, Any]] = []
    reader = _Reader(context, [row["pool_id"] for row in context.tables["coach_pools"].to_dicts()])
    first = next(number for number, trip in enumerate(dated) if trip.trip_date >= first_day)
    run_in = RunIn(first, 0, 0)
    for number, trip in enumerate(dated):
        if number == first:
            run_in = RunIn(first, len(legs), len(events))
        row = reader.read_trip(trip, len(legs), len(events))
        legs += reader.read_legs(trip, number, len(events))
        events += reader.read_events(trip, number)
        trips.append(row | {"leg_end": len(legs), "event_end": len(events)})
    counted = dated[first:]
    groups = list(dict.fromkeys((trip.service.service_id, "all") for trip in counted))
    groups += list(
        dict.fromkeys((trip.service.service_id, "works") for trip in counted if trip.works)
    )
    return TripRows(
        trips=_make_trips(trips, groups, first),
        legs=fill_rows(
            LEG,
            {name: [leg[name] for leg in legs] for name in LEG.names or () if name in legs[0]},
        ),
        trip_table=pl.DataFrame(trips, infer_schema_length=None),
        leg_table=pl.DataFrame(legs, infer_schema_length=None),
        event_table=pl.DataFrame(events, infer_schema_length=None),
        groups=tuple(groups),
        run_in=run_in,
    )


class _Reader:
    """Rows of one trip after another."""

    def __init__(self, context: TripContext, pool_ids: list[str]) -> None:
        self._context = context
        self._pool_ids = pool_ids
        tables = context.tables
        self._services = {row["service_id"]: row for row in tables["coach_services"].to_dicts()}
        self._pools = {row["pool_id"]: row for row in tables["coach_pools"].to_dicts()}
        self._pools_in_works = set(tables["set_availability"]["pool_id"])
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
            turn_h = find_turn_h(self._context.tables, pool, to_point) or 0.0
            name = self._context.timetable.name_point(from_point)
            works = " and works" if pool["pool_id"] in self._pools_in_works else ""
            turn_source = self._context.causes.add(
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
            + (trip.trip_date - self._context.timetable.options.epoch).days
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
            "announced_until_s": self._find_day_end(trip, service["announced_arrival_day"]),
        }

    def _find_day_end(self, trip: DatedTrip, days: int | None) -> int | None:
        """End of the announced local day of arrival [s]."""
        if days is None:
            return None
        run = trip.runs[-1]
        zone = run.best.plan.stops[run.leg.to_stop].zone
        after = trip.trip_date + timedelta(days=days + 1)
        epoch = self._context.timetable.options.epoch
        return civil_to_epoch_s(after, "00:00", zone, epoch, allow_gap=True)

    def read_legs(self, trip: DatedTrip, number: int, event: int) -> Iterator[dict[str, Any]]:
        """Rows of the legs of a trip."""
        context = self._context
        service_id = trip.service.service_id
        for order, run in enumerate(trip.runs):
            leg = run.leg
            stop = run.best.plan.stops[leg.from_stop]
            name = context.timetable.name_point(stop.point_id)
            train = context.timetable.name_train(leg.train_id)
            key = f"{service_id}:{leg.sequence}"
            yield {
                "trip": number,
                "order": order,
                "sequence": leg.sequence,
                "point_id": stop.point_id,
                "train_id": leg.train_id,
                "host": context.hosts.numbers[leg.train_id],
                "from_stop": leg.from_stop,
                "to_stop": leg.to_stop,
                "announced_run": context.hosts.runs[leg.train_id, run.best.operating_day],
                "first_run": context.hosts.find_run(leg.train_id, run.best.operating_day),
                "wait_s": round(self._waits.get((service_id, leg.sequence), 0.0) * MINUTE_S),
                "procedure": self._enter_procedure(trip, order, stop.point_id, stop.zone),
                "event": event,
                "passage": context.hosts.find_passage(leg.train_id, leg.from_stop, leg.to_stop),
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

    def _enter_procedure(
        self, trip: DatedTrip, order: int, point_id: str, zone: str
    ) -> PlaceProcedure:  # fmt: skip
        if order == 0 or _stays_aboard(trip.runs[order - 1], trip.runs[order]):
            return PlaceProcedure(-1)
        name = self._context.timetable.name_point(point_id)
        procedure = trip.runs[order].leg.procedure
        return self._context.procedures.enter(procedure, point_id, zone, name)

    def _add(self, key: str, kind: str, name: str, point_id: str) -> int:
        return self._context.causes.add(
            f"{kind}:{key}", "missed_connection", name, point_id=point_id
        )


def _stays_aboard(before: LegRun, after: LegRun) -> bool:
    is_same_day = before.best.operating_day == after.best.operating_day
    is_same_train = before.leg.train_id == after.leg.train_id
    return is_same_train and is_same_day and after.leg.procedure_id is None


def _add_km(start: float | None, here: float | None, boarded: float | None) -> float | None:
    if start is None or here is None or boarded is None:
        return None
    return start + here - boarded


def _make_trips(
    rows: Sequence[Mapping[str, Any]], groups: Sequence[tuple[str, str]], first: int
) -> Rows:
    """Rows of trips with the groups that they belong to, and the next trip of each service."""
    numbers = {group: number for number, group in enumerate(groups)}
    grouped = [
        {
            **row,
            "group": -1 if number < first else numbers[row["service_id"], "all"],
            "works_group": numbers[row["service_id"], "works"]
            if row["works"] and number >= first
            else -1,
        }
        for number, row in enumerate(rows)
    ]
    following: dict[str, int] = {}
    for number in reversed(range(len(grouped))):
        grouped[number]["next_trip"] = following.get(rows[number]["service_id"], -1)
        following[rows[number]["service_id"]] = number
        # Sets that stand ready by the plan are counted in each draw.
        grouped[number]["sets_there"] = 0
    return fill_rows(TRIP, {name: [row[name] for row in grouped] for name in TRIP.names or ()})
