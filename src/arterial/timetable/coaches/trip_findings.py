"""Findings on a trip in plain words: what is wrong, what follows, what would mend it.

Main functions: :func:`find_host_faults`, :func:`find_connection_faults` and
:func:`note_suspension`.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from arterial.clock import (
    MAXIMUM_JOURNEY_DAYS,
    CivilTimeKind,
    civil_to_epoch_s,
    classify_civil_time,
    local_text,
)
from arterial.timetable.coaches.coach_services import Timetable
from arterial.timetable.coaches.leg_runs import CatchUp, Connection, ConnectionVerdict, catch_up
from arterial.timetable.coaches.procedures import ProcedureEnd
from arterial.timetable.coaches.published import write_duration
from arterial.timetable.coaches.trips import (
    BLOCK,
    NOTE,
    WARN,
    Finding,
    Trip,
    write_count,
    write_day,
)
from arterial.units import DAY_S, MINUTE_S

__all__ = [
    "find_connection_faults",
    "find_host_faults",
    "find_missing_clock_times",
    "find_missing_host",
    "note_suspension",
]


def find_host_faults(timetable: Timetable, trip: Trip) -> Iterator[Finding]:
    """Find the legs whose announced host does not run on the day it is needed.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trip : Trip
        As announced.

    Yields
    ------
    Finding
        Kind ``host_does_not_run``, with the next running host and the shift of the arrival.
    """
    for index, run in enumerate(trip.runs):
        if run.is_running:
            continue
        label = timetable.name_train(run.leg.train_id)
        stop = timetable.plan(run.leg).stops[run.leg.from_stop]
        place = timetable.name_point(stop.point_id)
        day = run.best.operating_day
        consequence = _describe_catch_up(
            timetable, trip, catch_up(timetable, list(trip.runs), index), place
        )
        yield Finding(
            finding_id=f"{trip.trip_id}:host_does_not_run:{run.leg.sequence}",
            service_id=trip.service.service_id,
            trip_date=trip.trip_date,
            kind="host_does_not_run",
            severity=BLOCK,
            train_id=run.leg.train_id,
            point_id=stop.point_id,
            cause=f"The coach needs {label} of {write_day(day)} from {place}, "
            "but its calendar does not have that day.",
            consequence=consequence,
            cure=f"Run {label} on {write_day(day)}, or give the coach a path of its own there; "
            "a timetable or a sighting of the host on that day would settle it.",
        )


def find_missing_host(timetable: Timetable, trip: Trip) -> Iterator[Finding]:
    """Find the leg for which no host at all was found, with no day announced for it.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trip : Trip
        As far as hosts are found.

    Yields
    ------
    Finding
        Kind ``host_does_not_run``, if the chain ends before the last leg.
    """
    if trip.is_whole or not trip.service.legs:
        return
    leg = trip.service.legs[len(trip.runs)]
    stop = timetable.plan(leg).stops[leg.from_stop]
    label, place = timetable.name_train(leg.train_id), timetable.name_point(stop.point_id)
    yield Finding(
        finding_id=f"{trip.trip_id}:host_not_found:{leg.sequence}",
        service_id=trip.service.service_id,
        trip_date=trip.trip_date,
        kind="host_does_not_run",
        severity=WARN,
        train_id=leg.train_id,
        point_id=stop.point_id,
        cause=f"No day is found on which the coach can board {label} at {place}: its times there "
        f"are unknown, or it does not run within {MAXIMUM_JOURNEY_DAYS} days.",
        consequence="The trip cannot be followed beyond that place.",
        cure=f"State times of {label} at {place}, its calendar, or the boarding day.",
    )


def find_connection_faults(timetable: Timetable, trip: Trip) -> Iterator[Finding]:
    """Find the changes of trains that cannot be made, or not always.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trip : Trip
        As announced.

    Yields
    ------
    Finding
        Kind ``border_closed`` where opening hours are the reason, otherwise
        ``connection_too_short`` or ``connection_at_risk``.
    """
    for index, connection in enumerate(trip.connections, start=1):
        is_short = connection.verdict is ConnectionVerdict.TOO_SHORT
        if not is_short and connection.verdict is not ConnectionVerdict.AT_RISK:
            continue
        kind = "connection_too_short" if is_short else "connection_at_risk"
        kind = "border_closed" if connection.is_closed else kind
        leg = connection.after.leg
        stop = timetable.plan(leg).stops[leg.from_stop]
        place = timetable.name_point(stop.point_id)
        later = catch_up(timetable, list(trip.runs), index)
        yield Finding(
            finding_id=f"{trip.trip_id}:{kind}:{leg.sequence}",
            service_id=trip.service.service_id,
            trip_date=trip.trip_date,
            kind=kind,
            severity=BLOCK if is_short else WARN,
            train_id=leg.train_id,
            point_id=stop.point_id,
            cause=_describe_connection(timetable, connection, place),
            consequence="If it is missed: " + _describe_catch_up(timetable, trip, later, place),
            cure=_describe_connection_cure(timetable, trip.connections[index - 1 :], place),
        )


def find_missing_clock_times(timetable: Timetable, trip: Trip) -> Iterator[Finding]:
    """Find stated times that no clock shows on their day, or that clocks show twice.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trip : Trip
        As announced.

    Yields
    ------
    Finding
        Kind ``clock_time_missing`` or ``clock_time_twice``, with the time that was taken.
    """
    for run in trip.runs:
        train, stops = run.best, timetable.plan(run.leg).stops
        for event in range(2 * run.leg.from_stop + 1, 2 * run.leg.to_stop + 1):
            stop, part = stops[event // 2], event % 2
            clock_time, time = stop.clock_times[part], train.events[event]
            day = 0 if event == 1 and stop.days[part] is None else stop.days[part]
            if clock_time is None or day is None or time is None:
                continue
            on = train.operating_day + timedelta(days=day)
            civil = classify_civil_time(on, clock_time, stop.zone)
            if civil not in {CivilTimeKind.NONEXISTENT, CivilTimeKind.AMBIGUOUS}:
                continue
            is_missing = civil is CivilTimeKind.NONEXISTENT
            kind = "clock_time_missing" if is_missing else "clock_time_twice"
            place = timetable.name_point(stop.point_id)
            label = timetable.name_train(run.leg.train_id)
            epoch = timetable.options.epoch
            taken = local_text(time.at.at_s, epoch, stop.zone)
            first_s = civil_to_epoch_s(on, clock_time, stop.zone, epoch, allow_gap=True)
            showing = "first" if time.at.at_s <= first_s else "second"
            cause = f"{clock_time} of {label} at {place} "
            cause += "does not exist" if is_missing else "exists twice"
            yield Finding(
                finding_id=f"{trip.trip_id}:{kind}:{run.leg.sequence}:{event}",
                service_id=trip.service.service_id,
                trip_date=trip.trip_date,
                kind=kind,
                severity=NOTE,
                train_id=run.leg.train_id,
                point_id=stop.point_id,
                cause=f"{cause} on {write_day(on)}, as clocks go "
                f"{'forward' if is_missing else 'back'} there.",
                consequence=f"{taken[-5:]} is taken, which is as long after midnight."
                if is_missing
                else f"The {showing} showing is taken.",
                cure="State the time that the train keeps on that day.",
            )


def note_suspension(trip: Trip, *, is_reported: bool) -> Finding:
    """Note that a trip does not run because the service is suspended.

    Parameters
    ----------
    trip : Trip
        The trip.
    is_reported : bool
        Whether a source reports that this very trip did not run.

    Returns
    -------
    Finding
        Kind ``suspended``.
    """
    cause = (
        f"A source reports that the trip of {write_day(trip.trip_date)} did not run."
        if is_reported
        else f"The service is suspended on {write_day(trip.trip_date)}."
    )
    return Finding(
        finding_id=f"{trip.trip_id}:suspended",
        service_id=trip.service.service_id,
        trip_date=trip.trip_date,
        kind="suspended",
        severity=NOTE,
        train_id=None,
        point_id=None,
        cause=cause,
        consequence="The trip is shown as announced but not judged.",
        cure="A report of a run on that day, or a later rule in its calendar.",
    )


def _describe_catch_up(timetable: Timetable, trip: Trip, later: CatchUp | None, place: str) -> str:
    within = write_count(timetable.options.catch_up_days, "day")
    if later is None:
        return f"No later host is known from {place} within {within}; the coach stands there."
    hosts = _describe_later_hosts(timetable, later)
    last = trip.runs[-1].arrival
    if later.arrival_at_s is None or last is None or not trip.is_whole:
        return f"{hosts} The arrival cannot be told."
    shift_min = (later.arrival_at_s - last.at.at_s) / MINUTE_S
    leg = trip.runs[-1].leg
    stop = timetable.plan(leg).stops[leg.to_stop]
    when = local_text(later.arrival_at_s, timetable.options.epoch, stop.zone)
    target = timetable.name_point(stop.point_id)
    if shift_min <= 0:
        return f"{hosts} The coach still reaches {target} on {when}."
    return f"{hosts} The coach reaches {target} on {when}, {_write_lateness(shift_min)} late."


def _describe_later_hosts(timetable: Timetable, later: CatchUp) -> str:
    """The next host, and each further one that makes the coach wait longer still."""
    sentences: list[str] = []
    days_later = 0
    for ride in later.rides:
        if ride.days_later <= days_later:
            continue
        stop = timetable.plan(ride.leg).stops[ride.leg.from_stop]
        moment = local_text(ride.departure_at_s, timetable.options.epoch, stop.zone)
        day = write_day(date.fromisoformat(moment.split(" ", maxsplit=1)[0]))
        label, place = timetable.name_train(ride.leg.train_id), timetable.name_point(stop.point_id)
        opening = f"The next {label} leaves {place} on {day}"
        if sentences:
            opening = f"The next {label} behind it leaves {place} only on {day}"
        sentences.append(f"{opening}, {write_count(ride.days_later, 'day')} later than announced.")
        days_later = ride.days_later
    return " ".join(sentences)


def _write_lateness(minutes: float) -> str:
    days, rest = divmod(round(minutes), DAY_S // MINUTE_S)
    return write_duration(minutes) if rest else write_count(days, "day")


def _describe_connection(timetable: Timetable, connection: Connection, place: str) -> str:
    before = timetable.name_train(connection.before.leg.train_id)
    after = timetable.name_train(connection.after.leg.train_id)
    arrival, departure, end = connection.arrival, connection.departure, connection.end
    if arrival is None or departure is None or end is None:
        return f"The time between {before} and {after} at {place} is unknown."
    required = write_duration((end.finished.at_s - arrival.at_s) / MINUTE_S)
    available_min = (departure.at_s - arrival.at_s) / MINUTE_S
    if available_min < 0:
        text = (
            f"The coach comes to {place} with {before} {write_duration(-available_min)} after "
            f"{after} has left, and {required} are needed for the change"
        )
    else:
        text = (
            f"Between {before} and {after} at {place} there are {write_duration(available_min)} "
            f"and {required} are needed"
        )
    text += _describe_worst(connection, end, after) + "."
    waits = "".join(
        f" {wait.step_name} waits {write_duration((wait.to_at_s - wait.from_at_s) / MINUTE_S)} "
        "for its opening hours."
        for wait in end.waits
    )
    return text + (waits if connection.is_closed else "")


def _describe_worst(connection: Connection, end: ProcedureEnd, after: str) -> str:
    """The harshest case behind a semicolon; nothing where it is the best estimate."""
    arrival, departure = connection.arrival, connection.departure
    if arrival is None or departure is None:
        return ""
    least_min = (departure.low_at_s - arrival.high_at_s) / MINUTE_S
    if least_min < 0:
        return f"; at worst the coach comes {write_duration(-least_min)} after {after} has left"
    is_same = round(least_min) == round((departure.at_s - arrival.at_s) / MINUTE_S)
    most_min = (end.finished.high_at_s - arrival.high_at_s) / MINUTE_S
    if is_same and round(most_min) == round((end.finished.at_s - arrival.at_s) / MINUTE_S):
        return ""
    return (
        f"; at worst there are {write_duration(least_min)} and {write_duration(most_min)} "
        "are needed"
    )


def _describe_connection_cure(
    timetable: Timetable, connections: Sequence[Connection], place: str
) -> str:
    """What would mend the first of these connections; the others are those behind it."""
    connection = connections[0]
    departure, end = connection.departure, connection.end
    label = timetable.name_train(connection.after.leg.train_id)
    if departure is None or end is None:
        return f"State the times of {label} at {place}."
    short_min = (end.finished.high_at_s - departure.low_at_s) / MINUTE_S
    wait = _describe_wait(timetable, connections[1:], label, short_min)
    first = f"Open {place} for the coach outside its hours"
    if not connection.is_closed:
        first = f"Shorten the work at {place}"
    parts = [first, *wait, *([] if connection.is_closed else ["board a later host"])]
    cures = " or ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    settles = "hours" if connection.is_closed else "times there"
    return f"{cures}; the real {settles} would settle it."


def _describe_wait(
    timetable: Timetable, behind: Sequence[Connection], label: str, short_min: float
) -> list[str]:
    """Let the host wait, no longer than the change behind it can spare by best estimates."""
    following = next(iter(behind), None)
    if following is None or following.departure is None or following.end is None:
        return [f"let {label} wait up to {write_duration(short_min)}"]
    spare_min = (following.departure.at_s - following.end.finished.at_s) / MINUTE_S
    if spare_min >= short_min:
        return [f"let {label} wait up to {write_duration(short_min)}"]
    if spare_min < 1:
        return []
    leg = following.after.leg
    place = timetable.name_point(timetable.plan(leg).stops[leg.from_stop].point_id)
    bound = (
        f"all that the change at {place} can spare, where {write_duration(short_min)} may be wanted"
    )
    return [f"let {label} wait up to {write_duration(spare_min)} ({bound})"]
