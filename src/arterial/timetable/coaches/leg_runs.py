"""The legs of one trip on their dated host trains, and the connections between them.

Main functions: :func:`resolve_legs`, :func:`judge_connections` and :func:`catch_up`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from arterial.clock import MAXIMUM_JOURNEY_DAYS, local_day
from arterial.timetable.coaches.coach_services import CoachLeg, CoachService, Timetable
from arterial.timetable.coaches.procedures import ProcedureEnd, finish_procedure
from arterial.timetable.trains.train_plans import TimeRange
from arterial.timetable.trains.train_times import EventTime, TrainRun

__all__ = [
    "CatchUp",
    "Connection",
    "ConnectionVerdict",
    "LaterRide",
    "LegRun",
    "catch_up",
    "judge_connections",
    "resolve_legs",
]


class ConnectionVerdict(StrEnum):
    """Whether a connection can be made."""

    OK = "ok"
    AT_RISK = "at_risk"
    TOO_SHORT = "too_short"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LegRun:
    """A leg on its dated host train.

    Parameters
    ----------
    leg : CoachLeg
        The leg.
    low, best, high : TrainRun
        Host run in the earliest, best and latest case; all the same where a day is announced.
    is_running : bool
        Whether the host's calendar has it on the best day.
    """

    leg: CoachLeg
    low: TrainRun
    best: TrainRun
    high: TrainRun
    is_running: bool

    def event(self, index: int) -> EventTime | None:
        """Time of an event of the host over the three cases; None if unknown."""
        best = self.best.events[index]
        low, high = self.low.events[index], self.high.events[index]
        if best is None or low is None or high is None:
            return None
        at = TimeRange(low.at.low_at_s, best.at.at_s, high.at.high_at_s)
        return EventTime(at, best.basis, best.running_factor)

    @property
    def departure(self) -> EventTime | None:
        """Departure of the coach on this leg."""
        return self.event(2 * self.leg.from_stop + 1)

    @property
    def arrival(self) -> EventTime | None:
        """Arrival of the coach on this leg."""
        return self.event(2 * self.leg.to_stop)


@dataclass(frozen=True, slots=True)
class Connection:
    """Time there is and time that is needed where a coach changes trains.

    Parameters
    ----------
    before, after : LegRun
        Legs that are joined.
    arrival, departure : TimeRange or None
        When the coach comes and when it should leave.
    end : ProcedureEnd or None
        When it is ready to leave.
    verdict : ConnectionVerdict
        Whether it is ready in time: always, not always, never.
    is_closed : bool
        Whether opening hours are what makes the verdict worse.
    """

    before: LegRun
    after: LegRun
    arrival: TimeRange | None
    departure: TimeRange | None
    end: ProcedureEnd | None
    verdict: ConnectionVerdict
    is_closed: bool


@dataclass(frozen=True, slots=True)
class LaterRide:
    """A leg on the host that the coach takes instead of the announced one.

    Parameters
    ----------
    leg : CoachLeg
        The leg.
    departure_at_s : int
        Best estimate of the departure [s UTC since the study epoch].
    days_later : int
        Days by which the host's operating day is later than the announced one [d].
    """

    leg: CoachLeg
    departure_at_s: int
    days_later: int


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What follows if a leg is taken by a later host.

    Parameters
    ----------
    rides : tuple of LaterRide
        The missed leg and those behind it, as far as hosts are found.
    arrival_at_s : int or None
        Best estimate of the arrival at the end of the trip; None if a later host is not found.
    """

    rides: tuple[LaterRide, ...]
    arrival_at_s: int | None


def resolve_legs(timetable: Timetable, service: CoachService, trip_date: date) -> list[LegRun]:
    """Put each leg of a trip on a dated host train.

    A leg with an announced day takes the host that leaves on that local day, whether or not the
    host's calendar has it. A leg without one takes the first running host that the coach can
    reach, for each end of the range by itself. The chain ends where no host is found.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    service : CoachService
        Through coach.
    trip_date : date
        Local day of departure.

    Returns
    -------
    list of LegRun
        As far as hosts are found.
    """
    runs: list[LegRun] = []
    for leg in service.legs:
        boarding_day = 0 if leg.boarding_day is None and not runs else leg.boarding_day
        if boarding_day is not None:
            day = trip_date + timedelta(days=boarding_day)
            run = _announced_run(timetable, leg, day)
        else:
            run = _reachable_run(timetable, leg, runs[-1])
        if run is None:
            break
        runs.append(run)
    return runs


def judge_connections(timetable: Timetable, runs: list[LegRun]) -> list[Connection]:
    """Hold the time there is against the time that is needed, for each change of trains.

    A connection is ok if the coach is ready in the harshest case (latest arrival, longest work,
    earliest departure), too short if it is not even ready in the kindest, and at risk between.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    runs : list of LegRun
        Legs of one trip.

    Returns
    -------
    list of Connection
        One for each leg but the first.
    """
    return [_judge(timetable, before, after) for before, after in pairwise(runs)]


def _find_next_run(
    timetable: Timetable, leg: CoachLeg, after_day: date, *, within_days: int
) -> date | None:
    """Find the next operating day on which the host of a leg runs; None within the days given."""
    for step in range(1, within_days + 1):
        day = after_day + timedelta(days=step)
        if timetable.is_running(leg.train_id, day):
            return day
    return None


def catch_up(timetable: Timetable, runs: list[LegRun], index: int) -> CatchUp | None:
    """Let a leg be taken by the next running host and follow the coach to its end.

    Later legs keep their announced host if it runs and the coach is ready for it; otherwise they
    take the next running one that it is ready for. Best estimates are taken throughout.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    runs : list of LegRun
        Legs as announced.
    index : int
        Leg that is missed.

    Returns
    -------
    CatchUp or None
        None if no host runs within the days to look ahead, or its times are unknown.
    """
    within = timetable.options.catch_up_days
    missed = runs[index]
    day = _find_next_run(timetable, missed.leg, missed.best.operating_day, within_days=within)
    if day is None:
        return None
    run = timetable.timer.time(missed.leg.train_id, day)
    departure = run.departure(missed.leg.from_stop)
    if departure is None:
        return None
    arrival = run.arrival(missed.leg.to_stop)
    waiting = (day - missed.best.operating_day).days
    rides = [LaterRide(missed.leg, departure.at.at_s, waiting)]
    for later in runs[index + 1 :]:
        found = None if arrival is None else _follow(timetable, later, arrival.at)
        if found is None:
            return CatchUp(tuple(rides), None)
        departure, arrival = found.departure(later.leg.from_stop), found.arrival(later.leg.to_stop)
        waiting = (found.operating_day - later.best.operating_day).days
        if departure is not None:
            rides.append(LaterRide(later.leg, departure.at.at_s, waiting))
    return CatchUp(tuple(rides), arrival.at.at_s if arrival else None)


def _follow(timetable: Timetable, later: LegRun, arrival: TimeRange) -> TrainRun | None:
    ready_s = _get_ready(timetable, later.leg, arrival).finished.at_s
    leg, day = later.leg, later.best.operating_day
    for step in range(timetable.options.catch_up_days + MAXIMUM_JOURNEY_DAYS):
        operating_day = day + timedelta(days=step)
        if not timetable.is_running(leg.train_id, operating_day):
            continue
        run = timetable.timer.time(leg.train_id, operating_day)
        departure = run.departure(leg.from_stop)
        if departure is not None and departure.at.at_s >= ready_s:
            return run
    return None


def _announced_run(timetable: Timetable, leg: CoachLeg, boarding: date) -> LegRun | None:
    day = _find_operating_day(timetable, leg, boarding)
    if day is None:
        return None
    run = timetable.timer.time(leg.train_id, day)
    return LegRun(leg, run, run, run, timetable.is_running(leg.train_id, day))


def _reachable_run(timetable: Timetable, leg: CoachLeg, before: LegRun) -> LegRun | None:
    if before.arrival is None:
        return None
    ready = _get_ready(timetable, leg, before.arrival.at).finished
    runs = [
        _find_departure(timetable, leg, ready_s)
        for ready_s in (ready.low_at_s, ready.at_s, ready.high_at_s)
    ]
    low, best, high = runs
    if low is None or best is None or high is None:
        return None
    return LegRun(leg, low, best, high, is_running=True)


def _find_departure(timetable: Timetable, leg: CoachLeg, ready_s: int) -> TrainRun | None:
    """First running host whose best departure is not before the coach is ready."""
    first = local_day(ready_s, timetable.options.epoch, _boarding_zone(timetable, leg))
    for step in range(-1, MAXIMUM_JOURNEY_DAYS):
        day = _find_operating_day(timetable, leg, first + timedelta(days=step))
        if day is None:
            return None
        if not timetable.is_running(leg.train_id, day):
            continue
        run = timetable.timer.time(leg.train_id, day)
        departure = run.departure(leg.from_stop)
        if departure is None:
            return None
        if departure.at.at_s >= ready_s:
            return run
    return None


def _find_operating_day(timetable: Timetable, leg: CoachLeg, boarding: date) -> date | None:
    """Operating day of the host that leaves the boarding point on a local day."""
    stop = timetable.plan(leg).stops[leg.from_stop]
    stated = stop.days[1]
    if leg.from_stop == 0:
        return boarding
    if stated is not None:
        return boarding - timedelta(days=stated)
    day = boarding
    # Two rounds: the second mends a change of offset between the guess and the true day.
    for _ in range(2):
        departure = timetable.timer.time(leg.train_id, day).departure(leg.from_stop)
        if departure is None:
            return None
        day -= local_day(departure.at.at_s, timetable.options.epoch, stop.zone) - boarding
    return day


def _boarding_zone(timetable: Timetable, leg: CoachLeg) -> str:
    return timetable.plan(leg).stops[leg.from_stop].zone


def _get_ready(timetable: Timetable, leg: CoachLeg, arrival: TimeRange) -> ProcedureEnd:
    zone = _boarding_zone(timetable, leg)
    return finish_procedure(leg.procedure, arrival, zone, timetable.options.epoch)


def _judge(timetable: Timetable, before: LegRun, after: LegRun) -> Connection:
    arrival, departure = before.arrival, after.departure
    if arrival is None or departure is None:
        return Connection(
            before,
            after,
            arrival.at if arrival else None,
            departure.at if departure else None,
            None,
            ConnectionVerdict.UNKNOWN,
            is_closed=False,
        )
    comes, leaves = arrival.at, departure.at
    if _is_same_run(before, after):
        # A train that comes late leaves late: the time it stands does not depend on when.
        comes, leaves = (TimeRange(at.at_s, at.at_s, at.at_s) for at in (comes, leaves))
    if _is_same_run(before, after) and after.leg.procedure_id is None:
        end = ProcedureEnd(comes, comes, ())
    else:
        end = _get_ready(timetable, after.leg, comes)
    verdict = _compare(end.finished, leaves)
    is_closed = verdict is not _compare(end.finished_if_open, leaves)
    return Connection(before, after, comes, leaves, end, verdict, is_closed)


def _is_same_run(before: LegRun, after: LegRun) -> bool:
    is_same_day = before.best.operating_day == after.best.operating_day
    return before.leg.train_id == after.leg.train_id and is_same_day


def _compare(ready: TimeRange, departure: TimeRange) -> ConnectionVerdict:
    if departure.low_at_s >= ready.high_at_s:
        return ConnectionVerdict.OK
    if departure.high_at_s < ready.low_at_s:
        return ConnectionVerdict.TOO_SHORT
    return ConnectionVerdict.AT_RISK
