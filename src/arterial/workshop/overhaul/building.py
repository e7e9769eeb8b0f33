"""From the rows of a works to a scheduling problem; main function `build_problem`.

An operation works in the slots in which all its resources work, and holds them from its start to
its end: a bay is not cleared overnight, and workers stay with their vehicle.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from arterial.errors import InfeasibleError
from arterial.exchange.scheduling import (
    WEIGHT_UNITS,
    Demand,
    DueDate,
    Mode,
    ProblemFormat,
    ScheduleProblem,
    Supply,
    Task,
)
from arterial.workshop.construction import construct_schedule
from arterial.workshop.overhaul.axis import (
    MOST_DAYS,
    TOLERANCE_H,
    Shift,
    WorkAxis,
    build_axis,
    choose_slot_h,
)
from arterial.workshop.overhaul.reading import Job, Operation, WorksRows

__all__ = ["BuiltWorks", "TaskPlace", "build_problem"]

# Parts are counted in thousandths, uses rounded up and supplies down.
PART_UNITS: Final = 1000
LEAST_DAYS: Final = 60
FREE: Final = Shift((), 24.0)


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """What a task stands for: job, vehicle from 1, operation, and the bay of each mode."""

    job: Job
    vehicle: int
    operation: Operation
    bays: tuple[str | None, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class BuiltWorks:
    """A scheduling problem and how to read its schedule.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.
    axis : WorkAxis
        Its slots.
    places : tuple of TaskPlace
        What each task stands for.
    resource_ids : tuple of str
        Resources in the order of the capacities.
    """

    problem: ScheduleProblem
    axis: WorkAxis
    places: tuple[TaskPlace, ...]
    resource_ids: tuple[str, ...]


def build_problem(rows: WorksRows, as_of: date) -> BuiltWorks:
    """Build the problem on an axis that is long enough for a first schedule.

    Parameters
    ----------
    rows : WorksRows
        The works.
    as_of : date
        First day; vehicles that came before stand ready on it.

    Returns
    -------
    BuiltWorks
        Problem, axis, meaning of its tasks.

    Raises
    ------
    InfeasibleError
        When some operation finds no place in forty years: a shift in common, or parts, are wanting.
    """
    n_days = _guess_days(rows, as_of)
    while True:
        built = _build_on(rows, as_of, n_days)
        try:
            construct_schedule(built.problem)
        except InfeasibleError:
            if n_days >= MOST_DAYS:
                raise InfeasibleError(_explain(built)) from None
            n_days = min(MOST_DAYS, 2 * n_days)
        else:
            return built


def _guess_days(rows: WorksRows, as_of: date) -> int:
    """Calendar days that the works may need: last arrival, and the busiest resource twice over."""
    work: dict[str, float] = {}
    last = as_of
    for job in rows.jobs:
        last = max(last, job.arrives_on + timedelta(days=job.spacing_d * job.vehicles))
        for step in rows.operations[job.class_id]:
            hours = step.duration_h * job.vehicles
            for bay in step.bays:
                work[bay] = work.get(bay, 0.0) + hours / len(step.bays)
            for name, amount in step.needs:
                work[name] = work.get(name, 0.0) + hours * amount
    busiest = 0.0
    for name, hours in work.items():
        resource = rows.resources[name]
        week_h = (len(resource.shift.weekdays) or 7) * resource.shift.hours_per_day
        busiest = max(busiest, hours / max(1, resource.capacity) / week_h * 7)
    chain = max((sum(s.duration_h for s in steps) for steps in rows.operations.values()), default=0)
    days = LEAST_DAYS + (last - as_of).days + 2 * busiest + chain
    return int(min(MOST_DAYS, days))


def _build_on(rows: WorksRows, as_of: date, n_days: int) -> BuiltWorks:
    """Build the problem on so many days."""
    ids = tuple(rows.resources)
    shifts = [rows.resources[name].shift for name in ids]
    hours = [shift.hours_per_day for shift in shifts]
    used = {job.class_id for job in rows.jobs}
    hours += [step.duration_h for name in used for step in rows.operations[name]]
    slot_h = choose_slot_h(hours)
    axis = build_axis(as_of, n_days, shifts or [FREE], rests=rows.rests, slot_h=slot_h)
    builder = Builder(rows, axis, ids)
    for job in rows.jobs:
        builder.add_job(job)
    return BuiltWorks(builder.problem(), axis, tuple(builder.places), ids)


class Builder:
    """Collects the tasks of all vehicles."""

    def __init__(self, rows: WorksRows, axis: WorkAxis, ids: tuple[str, ...]) -> None:
        self.rows = rows
        self.axis = axis
        self.numbers = {name: number for number, name in enumerate(ids)}
        self.works = {name: axis.works_in(rows.resources[name].shift) for name in ids}
        self.calendars: dict[bytes, int] = {}
        self.slots: list[tuple[bool, ...]] = []
        steps = [step for job in rows.jobs for step in rows.operations[job.class_id]]
        self.parts = sorted({step.part for step in steps if step.part and step.quantity > 0})
        self.tasks: list[Task] = []
        self.places: list[TaskPlace] = []
        self.due_dates: list[DueDate] = []
        self.modes: dict[Operation, tuple[Mode, ...]] = {}

    def add_job(self, job: Job) -> None:
        """Add the vehicles of a job."""
        steps = self.rows.operations[job.class_id]
        is_last = {s.sequence: not any(s.sequence in o.after for o in steps) for s in steps}
        ends = []
        for vehicle in range(1, job.vehicles + 1):
            arrives_on = job.arrives_on + timedelta(days=job.spacing_d * (vehicle - 1))
            release = self.axis.first_slot(arrives_on)
            first = len(self.tasks)
            numbers = {step.sequence: first + place for place, step in enumerate(steps)}
            for step in steps:
                successors = tuple(numbers[o.sequence] for o in steps if step.sequence in o.after)
                uses: tuple[Demand, ...] = ()
                if step.part and step.quantity > 0:
                    amount = math.ceil(step.quantity * PART_UNITS - TOLERANCE_H)
                    uses = (Demand(self.parts.index(step.part), amount),)
                self.tasks.append(Task(self.modes_of(step), successors, release, uses))
                bays = step.bays or (None,)
                self.places.append(TaskPlace(job, vehicle, step, bays, is_last[step.sequence]))
                if is_last[step.sequence]:
                    ends.append(numbers[step.sequence])
        if job.due_on is not None:
            day = (job.due_on - self.axis.first_day).days
            weight = round(job.weight * WEIGHT_UNITS)
            self.due_dates.append(DueDate(tuple(ends), day, weight))

    def modes_of(self, step: Operation) -> tuple[Mode, ...]:
        """One mode for each bay that may be used."""
        if step not in self.modes:
            duration = math.ceil(step.duration_h / self.axis.slot_h - TOLERANCE_H)
            self.modes[step] = tuple(
                self.mode_on(((bay, 1), *step.needs) if bay else step.needs, duration)
                for bay in step.bays or (None,)
            )
        return self.modes[step]

    def mode_on(self, needs: tuple[tuple[str, int], ...], duration: int) -> Mode:
        """A mode that works when all its resources do."""
        works = np.ones(len(self.axis.days), dtype=bool)
        for name, _ in needs:
            works &= self.works[name]
        calendar = None
        if not works.all():
            calendar = self.calendars.setdefault(works.tobytes(), len(self.slots))
            if calendar == len(self.slots):
                self.slots.append(tuple(works.tolist()))
        amounts: dict[int, int] = {}
        for name, amount in needs:
            amounts[self.numbers[name]] = amounts.get(self.numbers[name], 0) + amount
        demands = tuple(Demand(resource, amount) for resource, amount in amounts.items())
        return Mode(duration, demands, calendar)

    def problem(self) -> ScheduleProblem:
        """Everything that was added."""
        resources = self.rows.resources.values()
        return ScheduleProblem(
            tasks=tuple(self.tasks),
            capacities=tuple(resource.capacity for resource in resources),
            kind=ProblemFormat.WORKS,
            name="works",
            calendars=tuple(self.slots),
            supplies=tuple(self.supplies_of(part) for part in self.parts),
            due_dates=tuple(self.due_dates),
            days=tuple(self.axis.days.tolist()),
        )

    def supplies_of(self, part: str) -> tuple[Supply, ...]:
        """Stock at the start, then what comes on the first of each month."""
        stock, monthly = self.rows.stocks[part]
        first = self.axis.first_day
        supplies = [Supply(0, math.floor(stock * PART_UNITS + TOLERANCE_H))]
        month = first.replace(day=1)
        while (at := self.axis.first_slot(month)) < len(self.axis.days):
            comes = self.rows.supplies.get((part, month), monthly)
            supplies.append(Supply(at, math.floor(comes * PART_UNITS + TOLERANCE_H)))
            month = (month + timedelta(days=32)).replace(day=1)
        return tuple(supplies)


def _explain(built: BuiltWorks) -> str:
    """Why there is no schedule: the part that is short, or resources that never work together."""
    needs: dict[int, int] = {}
    for task in built.problem.tasks:
        for use in task.parts:
            needs[use.resource] = needs.get(use.resource, 0) + use.amount
    names = sorted({p.operation.part for p in built.places
                    if p.operation.part and p.operation.quantity > 0})  # fmt: skip
    for part, supplies in enumerate(built.problem.supplies):
        comes = sum(supply.amount for supply in supplies)
        if needs.get(part, 0) > comes:
            return (
                f"The jobs need {needs[part] / PART_UNITS:g} of {names[part]}, but only "
                f"{comes / PART_UNITS:g} ever come. Raise stock or supply, or drop jobs."
            )
    for task, place in zip(built.problem.tasks, built.places, strict=True):
        calendars = [mode.calendar for mode in task.modes]
        if all(c is not None and not any(built.problem.calendars[c]) for c in calendars):
            return (
                f"Operation {place.operation.sequence} of class {place.job.class_id} has no slot "
                "in which all its resources work. Give their weekdays a day in common."
            )
    return "The jobs do not fit into forty years. Raise capacities or drop jobs."
