"""Findings on host trains: vehicles that do not fit, times beyond physics or beyond all reason.

Main functions: :func:`find_host_limits`, :func:`find_unfit_vehicles`, :func:`find_absurd_times` and
:func:`find_crossed_ranges`.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import polars as pl

from arterial.timetable.coaches.coach_services import Timetable
from arterial.timetable.coaches.leg_runs import LegRun
from arterial.timetable.coaches.published import write_duration
from arterial.timetable.coaches.trips import BLOCK, NOTE, WARN, Finding, Trip
from arterial.timetable.trains.train_times import COMPUTED, is_absurd
from arterial.units import MINUTE_S

__all__ = ["find_absurd_times", "find_crossed_ranges", "find_host_limits", "find_unfit_vehicles"]

SLOWER_THAN_BASIC: Final = 0.9995
"""Quality factor from which a time is no faster than the supplemented basic one [1]."""


def find_absurd_times(timetable: Timetable, trip: Trip) -> Iterator[Finding]:
    """Find hosts whose stated times leave far more for a run than any train needs.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trip : Trip
        As announced.

    Yields
    ------
    Finding
        Kind ``slower_than_credible``, one a leg.
    """
    for run in trip.runs:
        found = next(_list_absurd(run), None)
        if found is None:
            continue
        begin, running_s, least_s = found
        stop = run.best.plan.stops[begin // 2]
        label, place = timetable.name_train(run.leg.train_id), timetable.name_point(stop.point_id)
        told, needed = (write_duration(seconds / MINUTE_S) for seconds in (running_s, least_s))
        yield Finding(
            finding_id=f"{trip.trip_id}:slower_than_credible:{run.leg.sequence}",
            service_id=trip.service.service_id,
            trip_date=trip.trip_date,
            kind="slower_than_credible",
            severity=WARN,
            train_id=run.leg.train_id,
            point_id=stop.point_id,
            cause=f"The stated times of {label} leave {told} for the run from {place}, which needs "
            f"{needed} at least.",
            consequence="The times are taken as stated, but not believed.",
            cure="Correct the clock times and arrival_day, or state the standstill as dwell_min.",
        )


def find_crossed_ranges(timetable: Timetable, trip: Trip) -> Iterator[Finding]:
    """Find departures whose times are known so badly that the coach might come before it leaves.

    Parameters
    ----------
    timetable : Timetable
        Hosts and settings.
    trip : Trip
        As announced.

    Yields
    ------
    Finding
        A note of kind ``faster_than_physics``: the low end of the elapsed time is not what the ends
        of the ranges leave.
    """
    if not (trip.runs and trip.is_whole):
        return
    first, last = trip.runs[0], trip.runs[-1]
    leaves = first.best.departure(first.leg.from_stop)
    comes = last.best.arrival(last.leg.to_stop)
    if leaves is None or comes is None or comes.at.low_at_s > leaves.at.high_at_s:
        return
    spread = write_duration((leaves.at.high_at_s - comes.at.low_at_s) / MINUTE_S)
    stop = first.best.plan.stops[first.leg.from_stop]
    yield Finding(
        finding_id=f"{trip.trip_id}:faster_than_physics:ranges",
        service_id=trip.service.service_id,
        trip_date=trip.trip_date,
        kind="faster_than_physics",
        severity=NOTE,
        train_id=first.leg.train_id,
        point_id=stop.point_id,
        cause=f"By the ends of the stated ranges of {timetable.name_train(first.leg.train_id)} the "
        f"coach would arrive {spread} before it leaves.",
        consequence="No shorter time on the way is taken than the run needs.",
        cure="Narrow earlier_min and later_min of its stops.",
    )


def _list_absurd(run: LegRun) -> Iterator[tuple[int, float, float]]:
    """Runs between two stated times that take too long: event, time there is, least time [s]."""
    plan, events = run.best.plan, run.best.events
    ride = range(2 * run.leg.from_stop + 1, 2 * run.leg.to_stop + 1)
    stated = [event for event in ride if (at := events[event]) and at.basis != COMPUTED]
    for begin, end in pairwise(stated):
        first, last = events[begin], events[end]
        if first is None or last is None:
            continue
        standing_s = sum(
            piece.duration.best_s
            for piece in plan.pieces[begin:end]
            if piece is not None and not piece.is_running
        )
        running_s, least_s = last.at.at_s - first.at.at_s - standing_s, plan.least_s(begin, end)
        if is_absurd(running_s, least_s):
            yield begin, running_s, least_s


def find_host_limits(
    trips: pl.DataFrame,
    trip_events: pl.DataFrame,
    too_steep: Mapping[str, tuple[str, ...]],
    section_runs: pl.DataFrame,
) -> Iterator[dict[str, Any]]:
    """Find the departures whose hosts are stated beyond what physics allows.

    Parameters
    ----------
    trips, trip_events : polars.DataFrame
        Departures and where their coach is on which host.
    too_steep : mapping of str to tuple of str
        Stretches that the locomotives of a train cannot climb, in words.
    section_runs : polars.DataFrame
        Running times; a quality factor below 1 is faster than the supplemented basic time.

    Yields
    ------
    dict
        Row of ``findings``: ``host_cannot_run``, a ``block``, for a train that cannot climb what is
        known; ``faster_than_physics`` and ``slower_than_credible``, each a ``warn``, for a section
        that it is said to run too fast, or in ten times the time that it needs.
    """
    fast_of = {
        row["train_id"]: row
        for row in section_runs.filter(pl.col("quality_factor") < SLOWER_THAN_BASIC)
        .sort("quality_factor", descending=True)
        .iter_rows(named=True)
    }
    least_s = pl.col("basic_low_s") + pl.col("restriction_s")
    slow_of = {
        row["train_id"]: row
        for row in section_runs.with_columns(least_s=least_s)
        .sort("quality_factor", nulls_last=False)
        .iter_rows(named=True)
        if is_absurd(row["calibrated_s"] or 0.0, row["least_s"] or 0.0)
    }
    hosts: dict[str, dict[str, None]] = {}
    for trip_id, train_id in trip_events.select("trip_id", "train_id").iter_rows():
        hosts.setdefault(trip_id, {})[train_id] = None
    for trip in trips.filter(pl.col("status") != "suspended").iter_rows(named=True):
        trip_id = trip["trip_id"]
        for train_id in hosts.get(trip_id, ()):
            head = {
                "service_id": trip["service_id"],
                "trip_date": trip["trip_date"],
                "train_id": train_id,
                "point_id": None,
            }
            if train_id in too_steep:
                yield head | {
                    "finding_id": f"{trip_id}:host_cannot_run:{train_id}:climb",
                    "kind": "host_cannot_run",
                    "severity": BLOCK,
                    "cause": f"Train {train_id} cannot climb what is known of its way with the "
                    f"locomotives stated: {'; '.join(too_steep[train_id])} would be needed.",
                    "consequence": "Its times are reckoned with the locomotives added.",
                    "cure": "State more locomotives, another type or a lighter train; or correct "
                    "the gradient.",
                }
            if train_id in fast_of:
                yield head | _too_fast(trip_id, train_id, fast_of[train_id])
            if train_id in slow_of:
                yield head | _too_slow(trip_id, train_id, slow_of[train_id])


def find_unfit_vehicles(
    trips: pl.DataFrame,
    trip_events: pl.DataFrame,
    unfit: Mapping[str, str],
    compatibility: pl.DataFrame,
) -> Iterator[dict[str, Any]]:
    """Find the departures on which the host, or the coach itself, does not fit the way.

    Parameters
    ----------
    trips, trip_events : polars.DataFrame
        Departures and where their coach is on which host.
    unfit : mapping of str to str
        What does not fit, by host train: vehicle, section and values.
    compatibility : polars.DataFrame
        Table ``compatibility_checks``.

    Yields
    ------
    dict
        Row of ``findings``, each a ``block``: ``host_cannot_run`` for a host that does not fit,
        ``compatibility`` for the first attribute of a coach that does not, by section or train.
    """
    barred = compatibility.filter(verdict="block").unique(
        ["service_id", "attribute"], keep="first", maintain_order=True
    )
    coaches = barred.rows_by_key("service_id", named=True)
    pairs = trip_events.select("trip_id", "train_id").unique(maintain_order=True)
    hosts = pairs.rows_by_key("trip_id")
    for trip in trips.filter(pl.col("status") != "suspended").iter_rows(named=True):
        trip_id, service_id = trip["trip_id"], trip["service_id"]
        head = {name: trip[name] for name in ("service_id", "trip_date")}
        head |= {"point_id": None, "severity": BLOCK}
        for (train_id,) in hosts.get(trip_id, ()):
            if train_id in unfit:
                yield head | {
                    "finding_id": f"{trip_id}:host_cannot_run:{train_id}:unfit",
                    "kind": "host_cannot_run",
                    "train_id": train_id,
                    "cause": f"Train {train_id} cannot run over its way. {unfit[train_id]}",
                    "consequence": "The host cannot be run as it is stated, and the coach with it.",
                    "cure": "Give the train vehicles or a locomotive that fit, or another way; or "
                    "correct gauge, axle load and loading gauge of vehicle_types and sections.",
                }
        for row in coaches.get(service_id, ()):
            of_train = row["subject_kind"] == "train"
            yield head | {
                "finding_id": f"{trip_id}:compatibility:{row['attribute']}",
                "kind": "compatibility",
                "train_id": row["subject_id"] if of_train else None,
                "cause": f"The coach does not fit {row['subject_kind']} {row['subject_id']} "
                f"({row['attribute'].replace('_', ' ')}): {row['explanation']}",
                "consequence": "The coach cannot be taken over its way as stated.",
                "cure": "Take another coach type, or correct its row in vehicle_types or that of "
                f"the {row['subject_kind']}.",
            }


def _too_fast(trip_id: str, train_id: str, section: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "finding_id": f"{trip_id}:faster_than_physics:{train_id}",
        "kind": "faster_than_physics",
        "severity": WARN,
        "point_id": section["from_point"],
        "cause": f"Train {train_id} is said to run section {section['section_id']} faster than its "
        f"running time with supplement and restrictions: quality factor "
        f"{section['quality_factor']:.2f} by {(section['quality_basis'] or '').replace('_', ' ')}.",
        "consequence": "Basic running time and restrictions are the least that is taken.",
        "cure": "Correct the stated or published time, the limits, or the masses.",
    }


def _too_slow(trip_id: str, train_id: str, section: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "finding_id": f"{trip_id}:slower_than_credible:{train_id}",
        "kind": "slower_than_credible",
        "severity": WARN,
        "point_id": section["from_point"],
        "cause": f"Train {train_id} is said to need {section['quality_factor']:.0f} times its "
        f"running time with supplement on section {section['section_id']}, by "
        f"{(section['quality_basis'] or '').replace('_', ' ')}.",
        "consequence": "The time is taken as stated, but not believed.",
        "cure": "Correct the stated or published time, its unit, or the length of the section.",
    }
