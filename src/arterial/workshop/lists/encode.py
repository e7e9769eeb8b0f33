"""Works problems as arrays for the kernels; main function `encode_works`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.exchange.scheduling import ScheduleProblem
from arterial.workshop.construction import find_horizon
from arterial.workshop.links import link_rows

__all__ = ["Works", "encode_works"]

Integers = NDArray[np.int64]


class Works(NamedTuple):
    """A problem with everything as arrays; links as in `arterial.workshop.links`.

    Parameters
    ----------
    release : (n_tasks,)
        Earliest start [slots].
    before_first, before : arrays
        Predecessors.
    mode_first, length, calendar : arrays
        Modes of each task: duration [slots], row of `worked`.
    demand_first, resource, amount : arrays
        Demands of each mode.
    use_first, part, quantity : arrays
        Parts that each task uses.
    capacity : (n_resources,)
        Units.
    worked, slot_of : (n_calendars, horizon + 1)
        Worked slots before a slot, and slot of each worked slot; the last row never rests.
    stock : (n_parts, horizon + 1)
        Units that have come in up to each slot.
    due_first, due_task, due_day, weight : arrays
        Due dates and their tasks.
    day : (horizon,)
        Day of each slot.
    group : (n_tasks,)
        Tasks that hang together by precedence.
    """

    release: Integers
    before_first: Integers
    before: Integers
    mode_first: Integers
    length: Integers
    calendar: Integers
    demand_first: Integers
    resource: Integers
    amount: Integers
    use_first: Integers
    part: Integers
    quantity: Integers
    capacity: Integers
    worked: Integers
    slot_of: Integers
    stock: Integers
    due_first: Integers
    due_task: Integers
    due_day: Integers
    weight: Integers
    day: Integers
    group: Integers


def encode_works(problem: ScheduleProblem) -> Works:
    """Encode any scheduling problem.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.

    Returns
    -------
    Works
        Its arrays.
    """
    modes = [mode for task in problem.tasks for mode in task.modes]
    horizon = find_horizon(problem)
    n_calendars = len(problem.calendars)
    slots = np.array([*problem.calendars, (True,) * horizon], dtype=bool)
    worked, slot_of = _count_work(slots)
    before_first, before = link_rows(problem.predecessors)
    mode_first = np.cumsum([0] + [len(task.modes) for task in problem.tasks]).astype(np.int64)
    demand_first, resource = link_rows([[d.resource for d in m.demands] for m in modes])
    use_first, part = link_rows([[use.resource for use in task.parts] for task in problem.tasks])
    due_first, due_task = link_rows([due.tasks for due in problem.due_dates])
    return Works(
        release=np.array([task.release for task in problem.tasks], dtype=np.int64),
        before_first=before_first,
        before=before,
        mode_first=mode_first,
        length=np.array([mode.duration for mode in modes], dtype=np.int64),
        calendar=np.array(
            [n_calendars if m.calendar is None else m.calendar for m in modes], dtype=np.int64
        ),
        demand_first=demand_first,
        resource=resource,
        amount=link_rows([[d.amount for d in mode.demands] for mode in modes])[1],
        use_first=use_first,
        part=part,
        quantity=link_rows([[use.amount for use in t.parts] for t in problem.tasks])[1],
        capacity=np.array(problem.capacities or (0,), dtype=np.int64),
        worked=worked,
        slot_of=slot_of,
        stock=_add_supplies(problem, horizon),
        due_first=due_first,
        due_task=due_task,
        due_day=np.array([due.day for due in problem.due_dates] or [0], dtype=np.int64),
        weight=np.array([due.weight for due in problem.due_dates] or [0], dtype=np.int64),
        day=np.array(problem.days or (0,), dtype=np.int64),
        group=_find_groups(problem),
    )


def _count_work(slots: NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """Worked slots before each slot, and the slot of each; behind the last stands the horizon."""
    n_rows, horizon = slots.shape
    worked = np.zeros((n_rows, horizon + 1), dtype=np.int64)
    worked[:, 1:] = np.cumsum(slots, axis=1)
    slot_of = np.full((n_rows, horizon + 1), horizon, dtype=np.int64)
    for row in range(n_rows):
        places = np.flatnonzero(slots[row])
        slot_of[row, : len(places)] = places
    return worked, slot_of


def _add_supplies(problem: ScheduleProblem, horizon: int) -> Integers:
    """Units of each part that have come in up to each slot."""
    stock = np.zeros((max(1, len(problem.supplies)), horizon + 1), dtype=np.int64)
    for part, supplies in enumerate(problem.supplies):
        for supply in supplies:
            if supply.at <= horizon:
                stock[part, supply.at :] += supply.amount
    return stock


def _find_groups(problem: ScheduleProblem) -> Integers:
    """Number of the group of each task: tasks that precede each other are in one."""
    group = list(range(len(problem.tasks)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    for number, task in enumerate(problem.tasks):
        for successor in task.successors:
            one, other = sorted((root(number), root(successor)))
            group[other] = one
    numbers = {first: place for place, first in enumerate(sorted({root(n) for n in group}))}
    return np.array([numbers[root(n)] for n in range(len(group))], dtype=np.int64)
