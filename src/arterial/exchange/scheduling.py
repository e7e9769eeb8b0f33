"""Scheduling problems: tasks, what they need, and schedules; the one model of the workshop.

A task is done in one of its modes. A mode lasts a whole number of slots and holds units of
renewable resources from its start to its end: a machine or bay is a resource of one unit, a trade
one of many. A task starts when its predecessors are over. What a works needs beyond the published
problems is optional: slots in which a mode rests, days of release, parts that run out, due dates.

Without due dates the objective is the makespan. With them it is lexicographic: weighted days of
lateness first, then the makespan. Source of the plain model: [Kolisch 1997].
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final

from arterial.errors import LimitError

__all__ = [
    "WEIGHT_UNITS",
    "Demand",
    "DueDate",
    "Mode",
    "ProblemFormat",
    "Schedule",
    "ScheduleProblem",
    "Supply",
    "Task",
    "modes_end",
]

WEIGHT_UNITS: Final = 100
"""Weights of due dates are whole multiples of one part in so many."""


class ProblemFormat(Enum):
    """Where a problem comes from."""

    PROJECT = "project"
    JOB_SHOP = "job shop"
    FLEXIBLE_JOB_SHOP = "flexible job shop"
    WORKS = "works"


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of a resource, or of a part."""

    resource: int
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to do a task.

    Parameters
    ----------
    duration : int
        Slots of work.
    demands : tuple of Demand
        Held from start to end, also in slots of rest; each resource once.
    calendar : int or None
        Calendar of the problem whose slots it works in; None = every slot.
    uses : tuple of Demand
        Taken once and for all from the stocks of the problem.
    """

    duration: int
    demands: tuple[Demand, ...] = ()
    calendar: int | None = None
    uses: tuple[Demand, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a resource named twice: its amounts would be held against each other."""
        if len({demand.resource for demand in self.demands}) < len(self.demands):
            message = "A mode names each resource once; add the amounts up."
            raise LimitError(message)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done once.

    Parameters
    ----------
    modes : tuple of Mode
        At least one.
    successors : tuple of int
        Tasks that start after its end.
    release : int
        Slot before which it cannot start.
    parts : tuple of Demand
        Parts used up at its start.
    """

    modes: tuple[Mode, ...]
    successors: tuple[int, ...] = ()
    release: int = 0
    parts: tuple[Demand, ...] = ()


@dataclass(frozen=True, slots=True)
class Supply:
    """Units of a part that come in at a slot."""

    at: int
    amount: int


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a group of tasks is wanted.

    Parameters
    ----------
    tasks : tuple of int
        All must be over.
    day : int
        Last day that is not late.
    weight : int
        What a day of lateness counts [1/WEIGHT_UNITS].
    """

    tasks: tuple[int, ...]
    day: int
    weight: int = WEIGHT_UNITS


@dataclass(frozen=True)
class ScheduleProblem:
    """Tasks and the resources that they share.

    Parameters
    ----------
    tasks : tuple of Task
        In the order of the file.
    capacities : tuple of int
        Units of each renewable resource.
    kind : ProblemFormat
        Where it comes from.
    name : str
        Of the file, without its ending.
    calendars : tuple of tuple of bool
        Whether each slot is worked.
    supplies : tuple of tuple of Supply
        What comes in of each part, by slot.
    due_dates : tuple of DueDate
        None: only the makespan counts.
    days : tuple of int
        Day of each slot; needed with due dates.
    stocks : tuple of int
        Units of each resource that is used up: all modes chosen take no more in all.
    """

    tasks: tuple[Task, ...]
    capacities: tuple[int, ...]
    kind: ProblemFormat = ProblemFormat.PROJECT
    name: str = ""
    calendars: tuple[tuple[bool, ...], ...] = ()
    supplies: tuple[tuple[Supply, ...], ...] = ()
    due_dates: tuple[DueDate, ...] = ()
    days: tuple[int, ...] = ()
    stocks: tuple[int, ...] = ()

    @cached_property
    def predecessors(self) -> tuple[tuple[int, ...], ...]:
        """Tasks that must be over before each."""
        before: list[list[int]] = [[] for _ in self.tasks]
        for number, task in enumerate(self.tasks):
            for successor in task.successors:
                before[successor].append(number)
        return tuple(tuple(numbers) for numbers in before)

    @property
    def is_plain(self) -> bool:
        """Whether it has neither calendars, parts, stocks, due dates nor days of release."""
        extras = self.calendars or self.supplies or self.due_dates or self.stocks
        return not extras and not any(task.release for task in self.tasks)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each task starts, and in which of its modes."""

    starts: tuple[int, ...]
    modes: tuple[int, ...]


def modes_end(problem: ScheduleProblem, mode: Mode, start: int) -> int | None:
    """Slot after the last one in which a mode works; None beyond the horizon of its calendar.

    Examples
    --------
    >>> week = ((True, True, False, True),)
    >>> problem = ScheduleProblem(tasks=(), capacities=(), calendars=week)
    >>> modes_end(problem, Mode(2, calendar=0), 1)
    4
    """
    if mode.calendar is None:
        return start + mode.duration
    left = mode.duration
    slots = problem.calendars[mode.calendar]
    for slot in range(start, len(slots)):
        if left == 0:
            return slot
        left -= slots[slot]
    return len(slots) if left == 0 else None
