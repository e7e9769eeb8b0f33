"""What the works of a study leaves for its timetable: coach sets and locomotives.

Main functions: :func:`schedule_study_works` and :func:`list_fleet`. A study without jobs has no
works, and gets none of these tables. What is needed counts locomotives before a train; stays
between two trains come on top, so that more may be wanting than is told here, never fewer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import polars as pl

from arterial.clock import MAXIMUM_JOURNEY_DAYS, civil_to_epoch_s
from arterial.running.train_runs import TrainRuns
from arterial.study import Study, conform_table, empty_table
from arterial.timetable import TimetableOptions
from arterial.timetable.coaches.coach_services import Timetable, read_timetable
from arterial.timetable.coaches.set_stays import cut_spans
from arterial.timetable.coaches.trips import write_day
from arterial.timetable.trains.train_plans import TrainPlan
from arterial.workshop.overhaul.scheduling import WORKS_S, resolve_works

__all__ = ["Haul", "count_at_once", "list_fleet", "list_hauls", "schedule_study_works"]

HAULING: Final = ("locomotive", "multiple_unit")

ONE_DAY: Final = timedelta(days=1)


def schedule_study_works(
    study: Study, tables: Mapping[str, pl.DataFrame]
) -> Mapping[str, pl.DataFrame]:
    """Result tables of the works of a study; none where it states no jobs.

    Parameters
    ----------
    study : Study
        The study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.

    Returns
    -------
    mapping of str to DataFrame
        As of :func:`arterial.workshop.overhaul.scheduling.resolve_works`.
    """
    if tables["works_jobs"].is_empty():
        return {}
    return resolve_works(tables, study.settings.as_of, seconds=WORKS_S, seed=study.settings.seed)


def list_fleet(
    tables: Mapping[str, pl.DataFrame],
    works: Mapping[str, pl.DataFrame],
    set_availability: pl.DataFrame,
    runs: TrainRuns,
    options: TimetableOptions,
) -> dict[str, pl.DataFrame]:
    """Result tables of the works, and what it leaves for coaches and trains.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the study with their defaults.
    works : mapping of str to DataFrame
        Result tables of the works; empty where there is none.
    set_availability : DataFrame
        What the rotation of coach sets found.
    runs : TrainRuns
        Which locomotives haul the host trains, and how long they take.
    options : TimetableOptions
        Options of the timetable.

    Returns
    -------
    dict of str to DataFrame
        Result tables by name; none without a works.
    """
    if not works:
        return {}
    timetable = read_timetable(tables, runs.link_times, options)
    stays = works["works_stays"]
    locomotives = _tabulate_locomotives(tables, runs.section_runs, timetable, stays)
    return {
        **works,
        "set_availability": set_availability,
        "locomotive_availability": locomotives,
    }


@dataclass(frozen=True, slots=True)
class Haul:
    """Locomotives of one type before a train, from stop to stop.

    Parameters
    ----------
    train_id : str
        The train.
    from_stop, to_stop : int
        Index of its stops.
    count : int
        Locomotives.
    """

    train_id: str
    from_stop: int
    to_stop: int
    count: int


def _tabulate_locomotives(
    tables: Mapping[str, pl.DataFrame],
    section_runs: pl.DataFrame,
    timetable: Timetable,
    works_stays: pl.DataFrame,
) -> pl.DataFrame:
    """Table ``locomotive_availability``: a row whenever the number in the works changes.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        ``vehicle_types``, ``traction_assignments``, ``sections`` and ``trains`` of the study.
    section_runs : polars.DataFrame
        Which type hauls each train on each section.
    timetable : Timetable
        Times and days of the trains.
    works_stays : polars.DataFrame
        What the works holds.

    Returns
    -------
    polars.DataFrame
        Spans with at least one vehicle in the works.
    """
    rows = []
    for kind in tables["vehicle_types"].iter_rows(named=True):
        own = works_stays.filter(pl.col("vehicle_type_id") == kind["vehicle_type_id"])
        if kind["kind"] not in HAULING or own.is_empty():
            continue
        hauls = list_hauls(tables, section_runs, timetable.timer.plans, kind["vehicle_type_id"])
        for span in cut_spans(own):
            needed = count_at_once(timetable, hauls, span["from_day"], span["to_day"])
            rows.append(_describe(kind, span, needed))
    if not rows:
        return empty_table("locomotive_availability")
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return conform_table("locomotive_availability", frame, fill_missing=True)


def list_hauls(
    tables: Mapping[str, pl.DataFrame],
    section_runs: pl.DataFrame,
    plans: Mapping[str, TrainPlan],
    vehicle_type_id: str,
) -> list[Haul]:
    """Where a type hauls the trains; a change between stops counts on to the stops around it.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        ``traction_assignments``, ``sections`` and ``trains``.
    section_runs : polars.DataFrame
        Which type hauls each train on each section.
    plans : mapping of str to TrainPlan
        Trains.
    vehicle_type_id : str
        The type.

    Returns
    -------
    list of Haul
        Train by train.
    """
    counts = _read_counts(tables["traction_assignments"])
    railways = dict(tables["sections"].select("section_id", "railway_id").iter_rows())
    categories = dict(tables["trains"].select("train_id", "category").iter_rows())
    found = []
    for train_id, rows in groupby(
        section_runs.sort("train_id", "sequence").to_dicts(), key=itemgetter("train_id")
    ):
        if train_id not in plans:
            continue
        of_train = _find_stops(plans[train_id], list(rows))
        category = "freight" if categories.get(train_id) == "freight" else "passenger"
        for is_own, piece in groupby(
            of_train, key=lambda row: row["vehicle_type_id"] == vehicle_type_id
        ):
            stretch = list(piece)
            if not is_own:
                continue
            keys = [
                (railways.get(r["section_id"]), r["electrification"], category) for r in stretch
            ]
            count = max(counts.get(key, 1) for key in keys)
            found.append(Haul(train_id, stretch[0]["from_stop"], stretch[-1]["to_stop"], count))
    return found


def count_at_once(
    timetable: Timetable, hauls: Iterable[Haul], first: date, last: date
) -> int | None:
    """Most locomotives before trains at once between two days, UTC; None beyond the horizon.

    Parameters
    ----------
    timetable : Timetable
        Times and days of the trains.
    hauls : iterable of Haul
        Where the type hauls them.
    first, last : date
        The days.

    Returns
    -------
    int or None
        Locomotives.
    """
    options = timetable.options
    first, last = max(first, options.horizon_from), min(last, options.horizon_to)
    if first > last:
        return None
    begin_s, end_s = (
        civil_to_epoch_s(day, "00:00", "UTC", options.epoch) for day in (first, last + ONE_DAY)
    )
    changes: list[tuple[int, int]] = []
    reach = timedelta(days=MAXIMUM_JOURNEY_DAYS)
    for haul in hauls:
        days = timetable.train_days.get(haul.train_id, {})
        for day in sorted(day for day in days if first - reach <= day <= last + ONE_DAY):
            if not timetable.is_running(haul.train_id, day):
                continue
            run = timetable.timer.time(haul.train_id, day)
            leaves, comes = run.departure(haul.from_stop), run.arrival(haul.to_stop)
            if leaves is None or comes is None:
                continue
            from_s, until_s = max(leaves.at.at_s, begin_s), min(comes.at.at_s, end_s)
            if from_s < until_s:
                changes += [(from_s, haul.count), (until_s, -haul.count)]
    out = most = 0
    for _, change in sorted(changes):
        out += change
        most = max(most, out)
    return most


def _read_counts(assignments: pl.DataFrame) -> dict[tuple[str | None, str, str], int]:
    """Locomotives of a train, by railway, contact line and category."""
    return {
        (row["railway_id"], row["electrification"], row["category"] or "passenger"): row["count"]
        or 1
        for row in assignments.iter_rows(named=True)
    }


def _find_stops(plan: TrainPlan, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sections of a train with the stops at or before their begin and at or behind their end."""
    reached = 0
    for row in rows:
        at = plan.find_stop(row["from_point"], after=reached - 1)
        reached = reached if at is None else at
        row["from_stop"] = reached
    coming = len(plan.stops) - 1
    for row in reversed(rows):
        at = plan.find_stop(row["to_point"], after=row["from_stop"])
        coming = coming if at is None else at
        row["to_stop"] = coming
    return rows


def _describe(
    kind: Mapping[str, Any], span: Mapping[str, Any], needed: int | None
) -> dict[str, Any]:
    """Row of a span."""
    owned, away = kind["vehicles_owned"], span["vehicles_away"]
    left = None if owned is None else max(0, owned - away)
    days = f"{write_day(span['from_day'])} to {write_day(span['to_day'])}"
    held = f"{days}: the works has {away} \N{MULTIPLICATION SIGN} {kind['name']}"
    held += f" ({', '.join(span['jobs'])})"
    if left is not None:
        held += f", leaving {left} of {owned}"
    if needed is None:
        words = f"{held}; the timetable does not reach these days."
    else:
        words = f"{held}; host trains need at least {needed} at once."
    if owned is None and needed is not None:
        words += f" How many there are is not stated: at least {needed + away} are wanted."
    missing = None if left is None or needed is None else max(0, needed - left)
    if missing:
        words += f" At least {missing} too few: trains have no locomotive of the type."
    return {
        "vehicle_type_id": kind["vehicle_type_id"],
        "from_day": span["from_day"],
        "to_day": span["to_day"],
        "vehicles_away": away,
        "vehicles_owned": owned,
        "vehicles_available": left,
        "vehicles_needed": needed,
        "is_short": None if missing is None else missing > 0,
        "job_ids": ";".join(span["jobs"]),
        "explanation": words,
    }
