"""Through coaches, their legs and the host trains, brought together from the study's tables.

Main function: :func:`read_timetable`. A coach is not a train: its number changes with every host
(architecture §5). :func:`list_coach_routes` gives the route of each over its host trains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from arterial.clock import MAXIMUM_JOURNEY_DAYS
from arterial.errors import Fault, StudyError
from arterial.network.route import cut_route
from arterial.running.slow_periods import DatedLinks
from arterial.running.train_runs import CalibratedWay
from arterial.study.study import Study
from arterial.timetable.coaches.procedures import Procedure, make_fixed_procedure, read_procedures
from arterial.timetable.trains.calendars import CalendarDay, resolve_calendars
from arterial.timetable.trains.train_plans import TrainPlan, read_train_plans
from arterial.timetable.trains.train_times import SlowedPlans, TrainTimer

__all__ = [
    "CoachLeg",
    "CoachService",
    "Timetable",
    "TimetableOptions",
    "list_coach_routes",
    "make_options",
    "read_timetable",
]

LEGS_FILE = "tables/coach_legs.csv"


@dataclass(frozen=True, slots=True)
class TimetableOptions:
    """Settings that a timetable depends on.

    Parameters
    ----------
    epoch : date
        Study epoch, midnight UTC.
    horizon_from, horizon_to : date
        First and last local day of departure.
    as_of : date
        Day on which the evidence was closed.
    minimum_connection_min : float
        Time a coach needs between two trains where no procedure is given [min].
    default_dwell_min : float
        Standstill at a stop that states none [min].
    catch_up_days : int
        How far to look for the next host train [d].
    slowed : tuple of DatedLinks
        Running times on the operating days of temporary speed restrictions.
    """

    epoch: date
    horizon_from: date
    horizon_to: date
    as_of: date
    minimum_connection_min: float = 90.0
    default_dwell_min: float = 3.0
    catch_up_days: int = 4
    slowed: tuple[DatedLinks, ...] = ()


@dataclass(frozen=True, slots=True)
class CoachLeg:
    """One ride of a through coach on a host train.

    Parameters
    ----------
    sequence : int
        Order.
    train_id : str
        Host train.
    from_stop, to_stop : int
        Index of the stops of the host between which the coach rides.
    boarding_day : int or None
        Announced local day of departure after the departure of the service [d].
    procedure : Procedure
        What is done before the coach leaves; a fixed time where none is given.
    procedure_id : str or None
        The procedure as named in the study.
    """

    sequence: int
    train_id: str
    from_stop: int
    to_stop: int
    boarding_day: int | None
    procedure: Procedure
    procedure_id: str | None


@dataclass(frozen=True, slots=True)
class CoachService:
    """A coach offered from one place to another.

    Parameters
    ----------
    service_id : str
        The service.
    days : mapping of date to CalendarDay
        Days that its calendar names.
    legs : tuple of CoachLeg
        Rides in order.
    """

    service_id: str
    days: Mapping[date, CalendarDay]
    legs: tuple[CoachLeg, ...]


@dataclass(frozen=True, slots=True)
class Timetable:
    """Everything that trips are resolved from.

    Parameters
    ----------
    services : tuple of CoachService
        Through coaches.
    timer : TrainTimer
        Times of the host trains.
    train_days : mapping of str to mapping
        Days on which each train leaves its first stop.
    train_labels, point_names : mapping of str to str
        Words for findings.
    options : TimetableOptions
        Settings.
    """

    services: tuple[CoachService, ...]
    timer: TrainTimer
    train_days: Mapping[str, Mapping[date, CalendarDay]]
    train_labels: Mapping[str, str]
    point_names: Mapping[str, str]
    options: TimetableOptions

    def is_running(self, train_id: str, operating_day: date) -> bool:
        """Whether a train leaves its first stop on that local day."""
        said = self.train_days.get(train_id, {}).get(operating_day)
        return said is not None and said.effect.has_train

    def name_train(self, train_id: str) -> str:
        """Words for a train; its id if it has none."""
        return self.train_labels.get(train_id, f"train {train_id}")

    def name_point(self, point_id: str) -> str:
        """Name of a point; its id if it has none."""
        return self.point_names.get(point_id, point_id)

    def plan(self, leg: CoachLeg) -> TrainPlan:
        """Host train of a leg."""
        return self.timer.plans[leg.train_id]


@dataclass(frozen=True, slots=True)
class _LegReader:
    plans: Mapping[str, TrainPlan]
    procedures: Mapping[str, Procedure]
    fixed: Procedure
    faults: list[Fault] = field(default_factory=list)

    def read(self, row: Mapping[str, Any]) -> CoachLeg | None:
        """Read a leg; None and a fault if it does not fit its train."""
        plan = self.plans.get(row["train_id"])
        from_stop = None if plan is None else plan.find_stop(row["from_point"])
        if plan is None or from_stop is None:
            self._refuse(row, f"train {row['train_id']} does not stop at {row['from_point']}")
            return None
        to_stop = plan.find_stop(row["to_point"], after=from_stop)
        if to_stop is None:
            reason = f"train {row['train_id']} does not stop at {row['to_point']} behind "
            self._refuse(row, reason + str(row["from_point"]))
            return None
        procedure_id = row["procedure_id"]
        if procedure_id is not None and procedure_id not in self.procedures:
            self._refuse(row, f"procedure {procedure_id} has no steps")
        return CoachLeg(
            sequence=row["sequence"],
            train_id=row["train_id"],
            from_stop=from_stop,
            to_stop=to_stop,
            boarding_day=row["boarding_day"],
            procedure=self.procedures.get(procedure_id or "", self.fixed),
            procedure_id=procedure_id,
        )

    def check_chain(self, service: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Refuse legs that do not join end to end from the first to the last point."""
        place = service["from_point"]
        for row in rows:
            if row["from_point"] != place:
                self._refuse(row, f"it begins at {row['from_point']} but the coach is at {place}")
            place = row["to_point"]
        if rows and place != service["to_point"]:
            self._refuse(rows[-1], f"it ends at {place}, the service at {service['to_point']}")

    def _refuse(self, row: Mapping[str, Any], reason: str) -> None:
        fault = Fault(
            cause=f"Service {row['service_id']}, leg {row['sequence']}: {reason}.",
            cure="Correct the leg, or the stops of the train in train_stops.",
            file=LEGS_FILE,
        )
        self.faults.append(fault)


def _read_slowed(
    tables: Mapping[str, pl.DataFrame], link_times: pl.DataFrame, options: TimetableOptions
) -> list[SlowedPlans]:
    """Trains as restrictions slow them down, by period."""
    found = []
    for part in options.slowed:
        trains = set(part.link_times["train_id"].to_list())
        links = part.link_times.select(link_times.columns)
        stops = tables["train_stops"].filter(pl.col("train_id").is_in(trains))
        own = {**tables, "train_stops": stops}
        plans = read_train_plans(own, links, default_dwell_min=options.default_dwell_min)
        slow = {train_id: plan for train_id, plan in plans.items() if train_id in trains}
        by_train = part.link_times.sort("sequence").group_by("train_id").agg("slow_after_s")
        after_s = {train_id: tuple(seconds) for train_id, seconds in by_train.iter_rows()}
        found.append(SlowedPlans(part.first, part.last, slow, after_s))
    return found


def read_timetable(
    tables: Mapping[str, pl.DataFrame], link_times: pl.DataFrame, options: TimetableOptions
) -> Timetable:
    """Bring through coaches, host trains, calendars and procedures together.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        ``coach_services``, ``coach_legs``, ``trains``, ``train_stops``, ``operational_points``,
        ``calendar_rules`` and ``procedure_steps`` of the study.
    link_times : polars.DataFrame
        Running times between stops; see
        :func:`arterial.timetable.trains.train_plans.read_train_plans`.
    options : TimetableOptions
        Settings.

    Returns
    -------
    Timetable
        Ready to be resolved.

    Raises
    ------
    StudyError
        With every leg that does not fit its train or the leg before it.
    """
    # A host may have left its first stop long before the horizon, and may be needed behind it.
    reach = timedelta(days=MAXIMUM_JOURNEY_DAYS + options.catch_up_days)
    calendars = resolve_calendars(
        tables["calendar_rules"], options.horizon_from - reach, options.horizon_to + reach
    )
    plans = read_train_plans(tables, link_times, default_dwell_min=options.default_dwell_min)
    reader = _LegReader(
        plans,
        read_procedures(tables["procedure_steps"]),
        make_fixed_procedure(options.minimum_connection_min),
    )
    services = tuple(
        _read_service(row, tables["coach_legs"], reader, calendars)
        for row in tables["coach_services"].iter_rows(named=True)
    )
    if reader.faults:
        message = f"{len(reader.faults)} coach legs do not fit their host trains."
        raise StudyError(message, reader.faults)
    return Timetable(
        services=services,
        timer=TrainTimer(plans, options.epoch, _read_slowed(tables, link_times, options)),
        train_days={
            row["train_id"]: calendars.get(row["calendar_id"], {})
            for row in tables["trains"].iter_rows(named=True)
        },
        train_labels={
            row["train_id"]: _label(row) for row in tables["trains"].iter_rows(named=True)
        },
        point_names={
            row["point_id"]: row["name"] or row["point_id"]
            for row in tables["operational_points"].iter_rows(named=True)
        },
        options=options,
    )


def list_coach_routes(
    ways: Sequence[CalibratedWay], tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """The route of each coach service, point by point over all its legs.

    Parameters
    ----------
    ways : sequence of CalibratedWay
        Ways of the host trains.
    tables : mapping of str to DataFrame
        Study tables.

    Returns
    -------
    DataFrame
        service_id, train_id, point_id, section_id (the one that leads to the point; null where a
        leg begins).
    """
    routes = {done.way.train_id: done.way.route for done in ways}
    names = ("service_id", "train_id", "point_id", "section_id")
    parts = [pl.DataFrame(schema=dict.fromkeys(names, pl.String))]
    for leg in tables["coach_legs"].sort("service_id", "sequence").iter_rows(named=True):
        part = cut_route(routes[leg["train_id"]], leg["from_point"], leg["to_point"])
        parts.append(
            pl.DataFrame(
                {
                    "service_id": [leg["service_id"]] * len(part.points),
                    "train_id": [leg["train_id"]] * len(part.points),
                    "point_id": list(part.points),
                    "section_id": [None, *part.section_ids],
                }
            )
        )
    return pl.concat(parts)


def make_options(study: Study) -> TimetableOptions:
    """Options of the timetable from the settings of a study."""
    settings = study.settings
    return TimetableOptions(
        epoch=settings.epoch,
        horizon_from=settings.horizon_from,
        horizon_to=settings.horizon_to,
        as_of=settings.as_of,
        minimum_connection_min=settings.timetable.minimum_connection_min,
        default_dwell_min=settings.timetable.default_dwell_min,
        catch_up_days=settings.timetable.catch_up_days,
    )


def _read_service(
    row: Mapping[str, Any],
    coach_legs: pl.DataFrame,
    reader: _LegReader,
    calendars: Mapping[str, Mapping[date, CalendarDay]],
) -> CoachService:
    of_service = coach_legs.filter(pl.col("service_id") == row["service_id"]).sort("sequence")
    rows = list(of_service.iter_rows(named=True))
    reader.check_chain(row, rows)
    legs = [reader.read(leg) for leg in rows]
    return CoachService(
        service_id=row["service_id"],
        days=calendars.get(row["calendar_id"], {}),
        legs=tuple(leg for leg in legs if leg is not None),
    )


def _label(row: Mapping[str, Any]) -> str:
    name = f" ({row['name']})" if row["name"] else ""
    return f"train {row['number']}{name}"
