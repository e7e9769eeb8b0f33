"""Stated times of trains against restrictions of some days, and against all reason.

Main functions: :func:`find_slowed` (between two stated times less than a restriction leaves, on the
days on which it is valid), :func:`find_absurd` (far more than a train needs) and
:func:`find_unkept_times` (both, and times faster than limits, from tables alone).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.clock import local_day
from arterial.network import Network
from arterial.running.shared_routes import TrainRoutes
from arterial.running.slow_periods import SlowPeriod, list_slow_periods
from arterial.running.train_runs import LINK_SCHEMA
from arterial.study import Settings
from arterial.timetable.paths.courses import follow_courses, list_courses
from arterial.timetable.paths.courses_kernel import Passings
from arterial.timetable.paths.floors import (
    FASTEST_KMH,
    find_too_fast,
    list_least_times,
)
from arterial.timetable.paths.line_model import LineModel, build_line_model
from arterial.timetable.trains.missing_faces import find_double_faces, find_missing_faces
from arterial.timetable.trains.timed_trains import (
    MOST_JOURNEY_DAYS,
    TimedTrains,
    TrainPeriod,
    time_trains,
)
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.timetable.trains.train_times import SLOWEST_MORE_S, is_absurd
from arterial.units import DAY_S, HOUR_S, KM_TO_M, MINUTE_S

__all__ = ["UnkeptTimes", "find_absurd", "find_slowed", "find_unkept_times"]

Numbers = NDArray[np.float64]
PLACE: Final = ("train", "from_number", "to_number")


@dataclass(frozen=True, slots=True)
class UnkeptTimes:
    """Stated times that no train keeps, or that none needs.

    Parameters
    ----------
    too_fast, slowed, absurd : DataFrame
        As :func:`arterial.timetable.paths.floors.find_too_fast` gives them; of absurd times
        ``missed_s`` is what there is too much.
    missing_faces, double_faces : DataFrame
        As `arterial.timetable.trains.missing_faces` finds them.
    point_ids, train_ids : tuple of str
        Names behind the numbers.
    """

    too_fast: pl.DataFrame
    slowed: pl.DataFrame
    absurd: pl.DataFrame
    missing_faces: pl.DataFrame
    double_faces: pl.DataFrame
    point_ids: tuple[str, ...]
    train_ids: tuple[str, ...]


class _Restricted(NamedTuple):
    """What is restricted of a step, from its end in the order of the section [km], [km/h]."""

    from_km: float
    to_km: float
    kmh: float


def find_unkept_times(
    network: Network,
    tables: Mapping[str, pl.DataFrame],
    settings: Settings,
    routes: TrainRoutes,
) -> UnkeptTimes:
    """Hold the stated times of all trains against lengths, limits and restrictions alone.

    Parameters
    ----------
    network : Network
        The network of the study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.
    settings : Settings
        Its settings.
    routes : TrainRoutes
        Routes of its trains.

    Returns
    -------
    UnkeptTimes
        Trains without a way or without times have none.
    """
    model = build_line_model(network, tables)
    period = TrainPeriod(settings.epoch, settings.horizon_from, settings.horizon_to)
    timed = time_trains(
        tables,
        pl.DataFrame(schema=LINK_SCHEMA),
        period,
        default_dwell_min=settings.timetable.default_dwell_min,
    )
    passings = follow_courses(model, *list_courses(model, routes, {}), timed)
    least_s = list_least_times(model, tables, passings, timed, {})
    return UnkeptTimes(
        too_fast=find_too_fast(passings, timed, least_s),
        slowed=find_slowed(model, tables, passings, timed, least_s),
        absurd=find_absurd(tables, passings, timed, least_s),
        missing_faces=find_missing_faces(tables, timed),
        double_faces=find_double_faces(tables, timed),
        point_ids=model.point_ids,
        train_ids=timed.train_ids,
    )


def find_slowed(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    passings: Passings,
    timed: TimedTrains,
    least_s: list[Numbers],
) -> pl.DataFrame:
    """Find stretches between two stated times that restrictions make impossible on their days.

    A restricted stretch is run no faster than its limit: of each step the longer of its least time
    and its length at the limits is needed. What counts is the local day on which a train comes to
    each restriction, not that on which it set out.

    Parameters
    ----------
    model : LineModel
        Points and steps.
    tables : mapping of str to DataFrame
        ``sections``, ``trains`` and ``speed_restrictions``.
    passings : Passings
        Courses of the patterns.
    timed : TimedTrains
        Stated times.
    least_s : list of ndarray
        Without restrictions, as :func:`arterial.timetable.paths.floors.list_least_times` gives it.

    Returns
    -------
    DataFrame
        As of :func:`arterial.timetable.paths.floors.find_too_fast`; what is impossible without a
        restriction too is left out.
    """
    always = find_too_fast(passings, timed, least_s)
    ends = (timed.period.day_from, timed.period.day_to + timedelta(days=MOST_JOURNEY_DAYS))
    found = [always.clear()]
    dated = []
    for period in list_slow_periods(tables.get("speed_restrictions"), ends):
        slow = _place_restrictions(model, tables["speed_restrictions"], period.first)
        dated.append((period, _find_lags(model, tables, passings, timed, period.first, slow)))
    # A train over midnight may meet one restriction today and the next one tomorrow.
    for begin, end in pairwise(_list_cuts(timed.period, dated)):
        day = timed.period.day_from + timedelta(days=begin)
        now = [
            [
                met
                for period, lags in dated
                for met, lag in lags[pattern].items()
                if period.first <= day + timedelta(days=lag) <= period.last
            ]
            for pattern in range(len(timed.pattern_trains))
        ]
        if any(now):
            days = np.arange(timed.period.days_count)
            here = replace(timed, days=timed.days & (begin <= days) & (days < end))
            slow_s = _slow_down(model, tables, passings, timed, least_s, now)
            found.append(find_too_fast(passings, here, slow_s).filter(pl.col("days_count") > 0))
    return pl.concat(found).join(always, on=PLACE, how="anti", maintain_order="left")


def find_absurd(
    tables: Mapping[str, pl.DataFrame],
    passings: Passings,
    timed: TimedTrains,
    least_s: list[Numbers],
) -> pl.DataFrame:
    """Find stretches between two stated times that take ten times what a train needs, and more.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``train_stops``: what a train stands at its stops is not counted.
    passings : Passings
        Courses of the patterns.
    timed : TimedTrains
        Stated times.
    least_s : list of ndarray
        As :func:`arterial.timetable.paths.floors.list_least_times` gives it.

    Returns
    -------
    DataFrame
        As of :func:`arterial.timetable.paths.floors.find_too_fast`; ``missing_s`` is negative.
    """
    # The same pairs of stated times, held against a floor that all of them miss.
    longest: Numbers = np.arange(max(map(len, least_s), default=0), dtype=np.float64) * 1e9
    endless: dict[int, Numbers] = {len(places): longest[: len(places)] for places in least_s}
    floors = [endless[len(places)] for places in least_s]
    every = find_too_fast(passings, timed, floors, lists_days=False)
    pairs = every.filter(pl.col("to_s") - pl.col("from_s") > SLOWEST_MORE_S)
    suspects = set(pairs["train"].to_list())
    need = {
        key: value
        for pattern, train in enumerate(timed.pattern_trains.tolist())
        if train in suspects
        for key, value in _list_needs(passings, pattern, train, least_s[pattern]).items()
    }
    sums = tables["train_stops"].group_by("train_id").agg(pl.col("dwell_min").sum())
    standing_min = dict(sums.iter_rows())
    rows = []
    for row in pairs.iter_rows(named=True):
        least = need.get((row["train"], row["from_number"], row["to_number"]), 0.0)
        given = row["to_s"] - row["from_s"]
        standing_s = (standing_min.get(timed.train_ids[row["train"]]) or 0.0) * MINUTE_S
        if is_absurd(given - standing_s, least):
            rows.append(row | {"missing_s": round(least) - given})
    return pl.DataFrame(rows, schema=pairs.schema)


def _list_needs(
    passings: Passings, pattern: int, train: int, least_s: Numbers
) -> dict[tuple[int, int, int], float]:
    """Least time from stop to stop of a pattern, by train and points."""
    courses, course = passings.courses, int(passings.own[pattern])
    stops = courses.stop_place[courses.stop_first[course] : courses.stop_first[course + 1]]
    points = courses.point[courses.first[course] :]
    return {
        (train, int(points[begin]), int(points[end])): float(least_s[end] - least_s[begin])
        for place, begin in enumerate(stops.tolist())
        for end in stops[place + 1 :].tolist()
    }


def _find_lags(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    passings: Passings,
    timed: TimedTrains,
    on: date,
    slow: Mapping[int, list[_Restricted]],
) -> list[dict[tuple[int, _Restricted], int]]:
    """Days from the operating day of each pattern to when it meets what, at which places."""
    zones = dict(tables["operational_points"].select("point_id", "zone").iter_rows())
    epoch, courses, found = timed.period.epoch, passings.courses, []
    midnight_s = (on - epoch).days * DAY_S
    for pattern, course in enumerate(passings.own.tolist()):
        lags, first, own = {}, int(courses.first[course]), int(passings.first[pattern])
        steps = courses.step[first : courses.first[course + 1]].tolist()
        for place, step in enumerate(steps):
            enters_s = int(passings.departure_s[own + place - 1]) if step in slow else UNKNOWN
            if enters_s == UNKNOWN:
                continue
            length_km = model.steps[step].length_km
            zone = zones.get(model.point_ids[courses.point[first + place - 1]]) or "Etc/UTC"
            for met in slow[step]:
                begin_km = (
                    length_km - met.to_km if courses.direction[first + place] else met.from_km
                )
                run_s = max(int(passings.arrival_s[own + place]) - enters_s, 0)
                at_s = midnight_s + enters_s + round(run_s * begin_km / length_km)
                lags[place, met] = (local_day(at_s, epoch, zone) - on).days
        found.append(lags)
    return found


def _list_cuts(
    period: TrainPeriod, dated: list[tuple[SlowPeriod, list[dict[tuple[int, _Restricted], int]]]]
) -> list[int]:
    """Operating days, counted within the period, from which trains meet other restrictions."""
    cuts = {0, period.days_count}
    for slow, lags in dated:
        for lag in {lag for of_pattern in lags for lag in of_pattern.values()}:
            begin = (slow.first - period.day_from).days - lag
            cuts |= {begin, begin + (slow.last - slow.first).days + 1}
    return sorted(day for day in cuts if 0 <= day <= period.days_count)


def _slow_down(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    passings: Passings,
    timed: TimedTrains,
    least_s: list[Numbers],
    met: list[list[tuple[int, _Restricted]]],
) -> list[Numbers]:
    """Least times under the restrictions that each pattern meets, at which places."""
    trains = tables["trains"].select("category", "top_speed_kmh").rows()
    limits = {row["section_id"]: row for row in tables["sections"].iter_rows(named=True)}
    courses, found = passings.courses, []
    for pattern, train in enumerate(timed.pattern_trains.tolist()):
        course = int(passings.own[pattern])
        steps = courses.step[courses.first[course] : courses.first[course + 1]].tolist()
        need = np.diff(least_s[pattern], prepend=0.0)
        category = "freight" if trains[train][0] == "freight" else "passenger"
        for place in sorted({place for place, _ in met[pattern]}):
            step, here = steps[place], [one for at, one in met[pattern] if at == place]
            limit = limits[model.steps[step].section_id][f"{category}_speed_limit_kmh"]
            free_kmh = min(float(limit or FASTEST_KMH), float(trains[train][1] or FASTEST_KMH))
            length_km = model.steps[step].length_km
            need[place] = max(need[place], _time_step(length_km, free_kmh, here))
        found.append(np.cumsum(need))
    return found


def _time_step(length_km: float, free_kmh: float, met: list[_Restricted]) -> float:
    """Time of a step whose stretches are run at the lowest of their limits [s]."""
    ends_km = sorted({0.0, length_km, *(end for one in met for end in (one.from_km, one.to_km))})
    hours = 0.0
    for begin, end in pairwise(ends_km):
        here = [one.kmh for one in met if one.from_km <= begin and end <= one.to_km]
        hours += (end - begin) / min([free_kmh, *here])
    return hours * HOUR_S


def _place_restrictions(
    model: LineModel, restrictions: pl.DataFrame, on: date
) -> dict[int, list[_Restricted]]:
    """What is restricted of each step on a day."""
    steps: dict[str, list[int]] = {}
    for number, step in enumerate(model.steps):
        steps.setdefault(step.section_id, []).append(number)
    found: dict[int, list[_Restricted]] = {}
    for row in restrictions.iter_rows(named=True):
        if not (row["valid_from"] or on) <= on <= (row["valid_to"] or on):
            continue
        begin_km, end_km = (row[f"{end}_offset_m"] / KM_TO_M for end in ("from", "to"))
        at_km = 0.0
        for number in steps.get(row["section_id"], ()):
            next_km = at_km + model.steps[number].length_km
            ends_km = (max(begin_km, at_km) - at_km, min(end_km, next_km) - at_km)
            if ends_km[0] < ends_km[1]:
                met = _Restricted(*ends_km, row["speed_limit_kmh"])
                found.setdefault(number, []).append(met)
            at_km = next_km
    return found
