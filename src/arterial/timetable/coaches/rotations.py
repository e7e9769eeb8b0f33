"""Rotation of coach sets: the fewest sets that can work the trips of a pool, and their turns.

Main function: :func:`rotate_coaches`. A set that has arrived and stayed its shortest stay takes the
next departure from the same place; sets of one pool can stand in for one another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from arterial.study import conform_table, empty_table
from arterial.timetable.coaches.coach_pools import (
    DelayAssumption,
    PoolService,
    PoolView,
    TurnChance,
    assess_turn,
    find_turn_h,
    tabulate_shortages,
)
from arterial.timetable.coaches.coach_services import TimetableOptions
from arterial.timetable.coaches.rotation_findings import (
    find_berth_faults,
    find_late_sets,
    find_tight_turns,
)
from arterial.timetable.coaches.set_stays import SetStay, count_sets_away, list_set_stays
from arterial.timetable.coaches.set_turns import (
    PoolTrip,
    Rotation,
    TimeCase,
    find_critical_instant,
    rotate_trips,
)
from arterial.timetable.coaches.trips import make_findings, write_count
from arterial.timetable.trains.calendars import list_calendar_days, resolve_calendars
from arterial.timetable.trains.train_plans import TimeRange
from arterial.units import HOUR_S

if TYPE_CHECKING:
    from arterial.timetable.coaches.trips import Finding

__all__ = ["RotatedCoaches", "rotate_coaches"]

DAYS_OF_YEAR: Final = 366


@dataclass(frozen=True, slots=True)
class RotatedCoaches:
    """Result tables of rotated coach sets.

    Parameters
    ----------
    coach_turns, set_requirements, findings, set_availability : polars.DataFrame
        Tables of the same names.
    """

    coach_turns: pl.DataFrame
    set_requirements: pl.DataFrame
    findings: pl.DataFrame
    set_availability: pl.DataFrame


def rotate_coaches(
    tables: Mapping[str, pl.DataFrame],
    trips: pl.DataFrame,
    options: TimetableOptions,
    works_stays: pl.DataFrame | None = None,
    *,
    lost: Mapping[str, TurnChance] | None = None,
) -> RotatedCoaches:
    """Rotate the coach sets of every pool over its resolved trips.

    Trips that are suspended need no set. The fewest sets follow from
    :func:`arterial.timetable.coaches.set_turns.rotate_trips`, once for the best times, once for
    the kindest (earliest arrival, latest departure) and once for the harshest.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        ``coach_pools``, ``pool_turns``, ``coach_services``, ``calendar_rules``, ``vehicle_types``
        and ``operational_points`` of the study.
    trips : polars.DataFrame
        Table ``trips``.
    options : TimetableOptions
        Settings.
    works_stays : polars.DataFrame, optional
        Table ``works_stays``: vehicles that the pools miss meanwhile.
    lost : mapping of str to TurnChance, optional
        Chance that each simulated trip wants a set; the chance of a turn then comes from it alone.

    Returns
    -------
    RotatedCoaches
        Turns, requirements and findings; what the works leaves of each pool.
    """
    stays = empty_table("works_stays") if works_stays is None else works_stays
    away = count_sets_away(tables["coach_pools"], stays, tables["coach_services"])
    points = tables["operational_points"]
    zones = dict(zip(points["point_id"], points["zone"], strict=True))
    spans: list[pl.DataFrame] = []
    turns: list[dict[str, Any]] = []
    requirements: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for pool in tables["coach_pools"].iter_rows(named=True):
        zone = zones[pool["home_point"]]
        held = list_set_stays(away, pool["pool_id"], zone, options.epoch)
        view = replace(_view_pool(tables, trips, pool, options, held), lost=lost)
        best = rotate_trips(view.trips, view.turn_s) if view.is_timed else None
        if best is not None:
            turns.extend(_turn_rows(view, best))
            late = list(find_late_sets(view))
            findings.extend(late)
            findings.extend(find_tight_turns(view, best))
            spans.append(tabulate_shortages(view, best, away, late, zone))
        else:
            spans.append(away.filter(pl.col("pool_id") == view.pool_id))
        findings.extend(find_berth_faults(view))
        requirements.append(_requirement_row(view, best))
    return RotatedCoaches(
        coach_turns=_conform("coach_turns", turns),
        set_requirements=_conform("set_requirements", requirements),
        findings=make_findings(findings),
        set_availability=pl.concat([away.clear(), *spans]),
    )


def _view_pool(
    tables: Mapping[str, pl.DataFrame],
    trips: pl.DataFrame,
    pool: Mapping[str, Any],
    options: TimetableOptions,
    held: tuple[SetStay, ...],
) -> PoolView:
    services = tables["coach_services"].filter(pl.col("pool_id") == pool["pool_id"])
    working = trips.filter(pl.col("status") != "suspended").join(
        services.select("service_id", "from_point", "to_point"), on="service_id"
    )
    timed = working.drop_nulls(["departure_at_s", "arrival_at_s"]).sort("departure_at_s", "trip_id")
    places = sorted({*services["from_point"], *services["to_point"]})
    stays = {place: find_turn_h(tables, pool, place) for place in places}
    points = tables["operational_points"]
    return PoolView(
        pool_id=pool["pool_id"],
        name=pool["name"],
        home_point=pool["home_point"],
        trips=tuple(_read_trip(row) for row in timed.iter_rows(named=True)),
        untimed_count=working.height - timed.height,
        turn_s={place: (stay or 0.0) * HOUR_S for place, stay in stays.items()},
        unstated_turns=tuple(place for place in places if stays[place] is None),
        sets_owned=pool["sets_owned"],
        spare_sets=pool["spare_sets"],
        delay=DelayAssumption(
            pool["delay_median_low_h"],
            pool["delay_median_h"],
            pool["delay_median_high_h"],
            pool["delay_sigma"],
        ),
        services=_read_services(tables, services, options),
        point_names=dict(zip(points["point_id"], points["name"], strict=True)),
        epoch=options.epoch,
        stays=held,
    )


def _read_trip(row: Mapping[str, Any]) -> PoolTrip:
    departure, arrival = (
        TimeRange(row[f"{name}_low_at_s"], row[f"{name}_at_s"], row[f"{name}_high_at_s"])
        for name in ("departure", "arrival")
    )
    return PoolTrip(
        row["trip_id"],
        row["service_id"],
        row["from_point"],
        row["to_point"],
        departure,
        arrival,
        row["trip_date"],
    )


def _read_services(
    tables: Mapping[str, pl.DataFrame], services: pl.DataFrame, options: TimetableOptions
) -> tuple[PoolService, ...]:
    vehicles = tables["vehicle_types"]
    berths = dict(zip(vehicles["vehicle_type_id"], vehicles["berths_count"], strict=True))
    two_years = timedelta(days=2 * DAYS_OF_YEAR)
    calendars = resolve_calendars(
        tables["calendar_rules"], options.horizon_from, options.horizon_to + two_years
    )
    read = []
    for row in services.iter_rows(named=True):
        per_coach, coaches = berths.get(row["vehicle_type_id"]), row["coaches_count"]
        is_known = per_coach is not None and coaches is not None
        days = list_calendar_days(calendars.get(row["calendar_id"], {}))
        read.append(
            PoolService(
                service_id=row["service_id"],
                name=row["name"],
                from_point=row["from_point"],
                berths_offered=row["berths_offered"],
                berths_in_coaches=per_coach * coaches if is_known else None,
                departures_per_year=_count_year(days),
            )
        )
    return tuple(read)


def _count_year(days: Sequence[date]) -> int:
    """Departures in the twelve months from the first; a whole year has every day of month once."""
    if not days:
        return 0
    first = days[0]
    is_leap_day = (first.month, first.day) == (2, 29)
    end = date(first.year + 1, 3, 1) if is_leap_day else first.replace(year=first.year + 1)
    return sum(day < end for day in days)


def _turn_rows(view: PoolView, rotation: Rotation) -> list[dict[str, Any]]:
    rows = []
    for number, turns in enumerate(rotation.sets, start=1):
        for sequence, turn in enumerate(turns, start=1):
            place = turn.trip.to_point
            risk = assess_turn(view, turn)
            is_stated = place not in view.unstated_turns
            rows.append(
                {
                    "pool_id": view.pool_id,
                    "set_number": number,
                    "sequence": sequence,
                    "trip_id": turn.trip.trip_id,
                    "point_id": place,
                    "arrival_at_s": turn.trip.arrival.at_s,
                    "next_trip_id": turn.next_trip.trip_id if turn.next_trip else None,
                    "next_departure_at_s": turn.next_trip.departure.at_s
                    if turn.next_trip
                    else None,
                    "minimum_turn_h": view.turn_s[place] / HOUR_S if is_stated else None,
                    "slack_low_h": risk.slack_low_h if risk else None,
                    "slack_h": risk.slack_h if risk else None,
                    "slack_high_h": risk.slack_high_h if risk else None,
                    "chance_lost_low": risk.chance_low if risk else None,
                    "chance_lost": risk.chance if risk else None,
                    "chance_lost_high": risk.chance_high if risk else None,
                }
            )
    return rows


def _requirement_row(view: PoolView, best: Rotation | None) -> dict[str, Any]:
    counts = {
        case: rotate_trips(view.trips, view.turn_s, case=case).sets_count if best else None
        for case in (TimeCase.KIND, TimeCase.HARSH)
    }
    critical = find_critical_instant(best, view.home_point, view.turn_s) if best else None
    return {
        "pool_id": view.pool_id,
        "trips_count": len(view.trips) + view.untimed_count,
        "minimum_sets": best.sets_count if best else None,
        "minimum_sets_low": counts[TimeCase.KIND],
        "minimum_sets_high": counts[TimeCase.HARSH],
        "spare_sets": view.spare_sets,
        "sets_owned": view.sets_owned,
        "critical_at_s": critical,
        "berths_per_year": _count_berths(view.services, view.home_point),
        "explanation": _describe_requirement(view, best, critical),
    }


def _conform(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    empty = empty_table(name)
    return conform_table(name, pl.DataFrame(rows, schema=dict(empty.schema))) if rows else empty


def _count_berths(services: Sequence[PoolService], home_point: str) -> int | None:
    """Berths a year that leave the depot, over all services; None if one is unknown.

    Examples
    --------
    >>> moscow = PoolService("m", "Moscow coach", "pyongyang", 36, None, 24)
    >>> _count_berths([moscow], "pyongyang")
    864
    """
    leaving = [service for service in services if service.from_point == home_point]
    total = 0
    for service in leaving:
        if service.berths_offered is None:
            return None
        total += service.berths_offered * service.departures_per_year
    return total if leaving else None


def _describe_requirement(
    view: PoolView, rotation: Rotation | None, critical_at_s: int | None
) -> str:
    """Say in words how many sets the trips need, and why.

    Parameters
    ----------
    view : PoolView
        The pool.
    rotation : Rotation or None
        Its turns; None if times are unknown.
    critical_at_s : int or None
        Instant at which all sets are out [s UTC since the study epoch].

    Returns
    -------
    str
        Sentences.
    """
    if rotation is None:
        return (
            f"The times of {write_count(view.untimed_count, 'trip')} are unknown, so the sets "
            "cannot be counted."
        )
    if critical_at_s is None:
        return "There is no trip to work."
    need = f"{write_count(len(view.trips), 'trip')} need {write_count(rotation.sets_count, 'set')}"
    words = [f"{need}: at {view.write_instant(critical_at_s)} all of them are out."]
    if view.spare_sets:
        total = rotation.sets_count + view.spare_sets
        words.append(f"With {write_count(view.spare_sets, 'spare')} that is {total}.")
    away = sum(turns[0].trip.from_point != view.home_point for turns in rotation.sets)
    if away:
        words.append(f"{away} of them must stand away from home when the horizon begins.")
    places = ", ".join(view.name_point(place) for place in view.unstated_turns)
    if places:
        words.append(f"No shortest stay is stated at {places}; none is assumed there.")
    return " ".join(words)
