"""Result tables of a works: schedule, load by month, fleet availability.

The main functions are `list_schedule`, `list_load`, `list_availability` and `list_stays`;
`late_days` counts the lateness of all jobs by weight.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.exchange.scheduling import WEIGHT_UNITS, Schedule
from arterial.study import conform_table, empty_table
from arterial.workshop.overhaul.building import BuiltWorks
from arterial.workshop.overhaul.reading import WorksRows
from arterial.workshop.pricing import schedule_ends

__all__ = ["late_days", "list_availability", "list_load", "list_schedule", "list_stays"]


@dataclass(frozen=True, slots=True)
class Stay:
    """First and last day of a vehicle in the works."""

    job_id: str
    vehicle: int
    class_id: str
    came: date
    out: date


def list_schedule(built: BuiltWorks, schedule: Schedule) -> pl.DataFrame:
    """Give the table ``works_schedule``.

    Parameters
    ----------
    built : BuiltWorks
        The problem and what its tasks stand for.
    schedule : Schedule
        Starts and modes.

    Returns
    -------
    DataFrame
        A row for each operation of each vehicle; lateness stands on a vehicle's last one.
    """
    ends = schedule_ends(built.problem, schedule)
    last: dict[tuple[str, int], int] = {}
    for place, end in zip(built.places, ends, strict=True):
        key = (place.job.job_id, place.vehicle)
        last[key] = max(last.get(key, 0), end)
    rows = []
    for number, place in enumerate(built.places):
        start, end = schedule.starts[number], ends[number]
        to_day = built.axis.date_of(max(start, end - 1))
        due_on = place.job.due_on
        ends_vehicle = place.is_last and end == last[place.job.job_id, place.vehicle]
        late_d = max(0.0, float((to_day - due_on).days)) if due_on and ends_vehicle else None
        rows.append(
            {
                "job_id": place.job.job_id,
                "vehicle": place.vehicle,
                "sequence": place.operation.sequence,
                "class_id": place.job.class_id,
                "name": place.operation.name,
                "from_day": built.axis.date_of(start),
                "from_h": start * built.axis.slot_h,
                "to_day": to_day,
                "to_h": end * built.axis.slot_h,
                "bay_id": place.bays[schedule.modes[number]],
                "late_d": late_d,
            }
        )
    return _table("works_schedule", rows).sort("job_id", "vehicle", "sequence")


def late_days(built: BuiltWorks, schedule: Schedule) -> float:
    """Days of lateness of all jobs by weight [d]."""
    ends = schedule_ends(built.problem, schedule)
    total = 0.0
    for due in built.problem.due_dates:
        last = max(ends[task] for task in due.tasks)
        day = built.problem.days[last - 1] if last else due.day
        total += due.weight / WEIGHT_UNITS * max(0, day - due.day)
    return total


def list_load(
    built: BuiltWorks, rows: WorksRows, schedule: Schedule, worth_d: Mapping[str, float]
) -> pl.DataFrame:
    """Give the table ``works_load``: hours used and available of each resource by month.

    Parameters
    ----------
    built, rows : BuiltWorks, WorksRows
        The works.
    schedule : Schedule
        Starts and modes.
    worth_d : mapping
        Weighted days of lateness that one more of a resource saves, where it was tried [d].

    Returns
    -------
    DataFrame
        From the first month to that of the last operation. Hours count in units of the resource:
        two workers for an hour are two. ``worth_d`` is of the whole schedule, the same each month.
    """
    used = count_used_slots(built, schedule)
    ends = schedule_ends(built.problem, schedule)
    months = [built.axis.date_of(slot).replace(day=1) for slot in range(max(ends, default=0))]
    marks = np.array([month.toordinal() for month in months], dtype=np.int64)
    records = []
    for number, name in enumerate(built.resource_ids):
        resource = rows.resources[name]
        works = built.axis.works_in(resource.shift)
        for month in _months_between(built, ends):
            inside = _slots_of(built, month)
            available_h = float(works[inside].sum()) * resource.capacity * built.axis.slot_h
            used_h = float(used[number][: len(marks)][marks == month.toordinal()].sum())
            used_h *= built.axis.slot_h
            records.append(
                {
                    "resource_id": name,
                    "month": month,
                    "used_h": used_h,
                    "available_h": available_h,
                    "used_share": used_h / available_h if available_h else None,
                    "worth_d": worth_d.get(name),
                }
            )
    return _table("works_load", records)


def count_used_slots(built: BuiltWorks, schedule: Schedule) -> NDArray[np.int64]:
    """Units of each resource that work in each slot; slots of rest do not count."""
    problem = built.problem
    used = np.zeros((len(problem.capacities), len(problem.days)), dtype=np.int64)
    calendars = [np.array(slots, dtype=bool) for slots in problem.calendars]
    ends = schedule_ends(problem, schedule)
    for number, task in enumerate(problem.tasks):
        mode = task.modes[schedule.modes[number]]
        window = slice(schedule.starts[number], ends[number])
        works = 1 if mode.calendar is None else calendars[mode.calendar][window]
        for demand in mode.demands:
            used[demand.resource, window] += demand.amount * works
    return used


def list_availability(built: BuiltWorks, rows: WorksRows, schedule: Schedule) -> pl.DataFrame:
    """Give the table ``fleet_availability``: vehicles turned out and in the works, by month.

    Parameters
    ----------
    built, rows : BuiltWorks, WorksRows
        The works.
    schedule : Schedule
        Starts and modes.

    Returns
    -------
    DataFrame
        A vehicle is in the works from its arrival, or from the first day if it came before, to
        the day its last operation ends, both included.
    """
    ends = schedule_ends(built.problem, schedule)
    first = built.axis.first_day
    stays = _find_stays(built, schedule)
    records = []
    for class_id in sorted({stay.class_id for stay in stays}):
        done = 0
        own = [(stay.came, stay.out) for stay in stays if stay.class_id == class_id]
        for month in _months_between(built, ends):
            following = _next_month(month)
            begins = max(month, first)
            turned_out = sum(month <= out < following for _, out in own)
            done += turned_out
            days = sum(
                max(0, (min(out + timedelta(days=1), following) - max(came, begins)).days)
                for came, out in own
            )
            records.append(
                {
                    "vehicle_kind": rows.vehicle_kinds[class_id],
                    "class_id": class_id,
                    "month": month,
                    "turned_out": turned_out,
                    "in_works_mean": days / (following - begins).days,
                    "cumulative": done,
                }
            )
    return _table("fleet_availability", records)


def list_stays(built: BuiltWorks, rows: WorksRows, schedule: Schedule) -> pl.DataFrame:
    """Give the table ``works_stays``: what each fleet misses meanwhile.

    Parameters
    ----------
    built, rows : BuiltWorks, WorksRows
        The works.
    schedule : Schedule
        Starts and modes.

    Returns
    -------
    DataFrame
        A row for each vehicle; vehicles built anew are missed by nobody and left out.
    """
    pools = {job.job_id: job.coach_pool_id for job in rows.jobs}
    records = [
        {
            "job_id": stay.job_id,
            "vehicle": stay.vehicle,
            "class_id": stay.class_id,
            "vehicle_type_id": rows.vehicle_types[stay.class_id],
            "coach_pool_id": pools[stay.job_id],
            "from_day": stay.came,
            "to_day": stay.out,
        }
        for stay in _find_stays(built, schedule)
        if stay.class_id not in rows.new_classes
    ]
    return _table("works_stays", records).sort("job_id", "vehicle")


def _find_stays(built: BuiltWorks, schedule: Schedule) -> list[Stay]:
    """Stay of every vehicle, in the order of the jobs."""
    first = built.axis.first_day
    stays: dict[tuple[str, int], Stay] = {}
    for place, end in zip(built.places, schedule_ends(built.problem, schedule), strict=True):
        job, key = place.job, (place.job.job_id, place.vehicle)
        arrives_on = job.arrives_on + (place.vehicle - 1) * timedelta(days=job.spacing_d)
        out = built.axis.date_of(max(0, end - 1))
        known = stays.get(key)
        out = out if known is None else max(known.out, out)
        stays[key] = Stay(job.job_id, place.vehicle, job.class_id, max(first, arrives_on), out)
    return list(stays.values())


def _table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows as a table of the schema."""
    if not rows:
        return empty_table(name)
    return conform_table(name, pl.DataFrame(rows, infer_schema_length=None))


def _next_month(month: date) -> date:
    """First day of the following month."""
    return (month + timedelta(days=32)).replace(day=1)


def _months_between(built: BuiltWorks, ends: list[int]) -> Iterator[date]:
    """First days of the months from the first day to the end of the last operation."""
    if not ends:
        return
    month = built.axis.first_day.replace(day=1)
    last = built.axis.date_of(max(0, max(ends) - 1))
    while month <= last:
        yield month
        month = _next_month(month)


def _slots_of(built: BuiltWorks, month: date) -> slice:
    """Slots of a month."""
    first = built.axis.first_slot(month)
    return slice(first, built.axis.first_slot(_next_month(month)))
