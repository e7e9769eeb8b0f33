"""Bounds of the makespan that need no search; main function `bound_makespan`."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.exchange.scheduling import ScheduleProblem
from arterial.workshop.construction import list_order

__all__ = ["bound_makespan", "bound_one_machine"]

MOST_CHOICES: Final = 20_000
"""Modes up to which the choice of modes is relaxed to a linear program; it takes 0.1 s [1]."""

TOLERANCE: Final = 1e-6
"""What a solver of linear programs may err by [slots]."""


@dataclass(frozen=True, slots=True)
class _Times:
    """Of each task: least start, least duration, and what must follow at least [slots]."""

    heads: NDArray[np.int64]
    durations: NDArray[np.int64]
    tails: NDArray[np.int64]


def bound_makespan(problem: ScheduleProblem) -> int:
    """A makespan that no schedule beats.

    The greatest of the longest path; of each resource's work between the first head and the last
    tail; of each machine alone, preemption allowed [Carlier 1982]; and of the least load to which
    modes can be chosen, fractions allowed. Tasks with several modes count with the least of each
    quantity; slots of rest are ignored, which can only lower it.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.

    Returns
    -------
    int
        Slots.

    Examples
    --------
    >>> from arterial.exchange.scheduling import Demand, Mode, Task
    >>> press = Task((Mode(3, (Demand(0),)),))
    >>> bound_makespan(ScheduleProblem((press, press), (1,)))
    6
    """
    times = _find_times(problem)
    bound = int((times.heads + times.durations + times.tails).max(initial=0))
    for resource, capacity in enumerate(problem.capacities):
        bound = max(bound, _bound_work(problem, times, resource, capacity))
        alone = np.array(list(_list_alone(problem, resource, capacity)), np.int64)
        if len(alone) > 1:
            rows = zip(
                times.heads[alone].tolist(),
                times.durations[alone].tolist(),
                times.tails[alone].tolist(),
                strict=True,
            )
            bound = max(bound, bound_one_machine(rows))
    return max(bound, _bound_choices(problem, times))


def bound_one_machine(tasks: Iterable[tuple[int, int, int]]) -> int:
    """Makespan of one machine that may interrupt its tasks, by Jackson's rule; it is the least.

    Parameters
    ----------
    tasks : iterable of tuple
        Head, duration and tail of each task [slots].

    Returns
    -------
    int
        Slots; at each instant the task of the longest tail is worked.

    Examples
    --------
    >>> bound_one_machine([(0, 4, 1), (1, 2, 6)])
    9
    """
    waiting: list[tuple[int, int]] = []
    now = bound = 0
    for head, duration, tail in [*sorted(tasks), (1 << 62, 0, 0)]:
        while waiting and now < head:
            longest, left = waiting[0]
            worked = min(left, head - now)
            now += worked
            if worked == left:
                heapq.heappop(waiting)
                bound = max(bound, now - longest)
            else:
                heapq.heapreplace(waiting, (longest, left - worked))
        now = max(now, head)
        heapq.heappush(waiting, (-tail, duration))
    return bound


def _find_times(problem: ScheduleProblem) -> _Times:
    """Longest paths to and from each task."""
    durations = [min(mode.duration for mode in task.modes) for task in problem.tasks]
    heads, tails = [0] * len(problem.tasks), [0] * len(problem.tasks)
    order = list_order(problem, range(len(problem.tasks)))
    for number in order:
        before = [heads[other] + durations[other] for other in problem.predecessors[number]]
        heads[number] = max([problem.tasks[number].release, *before])
    for number in reversed(order):
        after = [tails[other] + durations[other] for other in problem.tasks[number].successors]
        tails[number] = max(after, default=0)
    return _Times(*(np.array(each, np.int64) for each in (heads, durations, tails)))


def _bound_work(problem: ScheduleProblem, times: _Times, resource: int, capacity: int) -> int:
    """Work of a resource: nobody works before the first task's head and behind the last tail."""
    least = [
        min(
            mode.duration * sum(d.amount for d in mode.demands if d.resource == resource)
            for mode in task.modes
        )
        for task in problem.tasks
    ]
    # A task that can do without the resource in some mode adds nothing for sure.
    users = np.flatnonzero(least)
    if not len(users) or not capacity:
        return 0
    work = -(-sum(least) // capacity)
    return int(times.heads[users].min() + work + times.tails[users].min())


def _list_alone(problem: ScheduleProblem, resource: int, capacity: int) -> Iterator[int]:
    """Tasks that take more than half of a resource in every mode: no two at once."""
    for number, task in enumerate(problem.tasks):
        amounts = [
            sum(demand.amount for demand in mode.demands if demand.resource == resource)
            for mode in task.modes
        ]
        if 2 * min(amounts) > capacity:
            yield number


def _bound_choices(problem: ScheduleProblem, times: _Times) -> int:
    """Least makespan to which the loads of all resources can be evened out.

    Minimise C with shares x of the modes: sum x = 1 for each task, and for each resource the sum of
    duration, amount and x is at most its capacity times (C - least head - least tail).
    """
    choices = sum(len(task.modes) for task in problem.tasks)
    if choices == len(problem.tasks) or choices > MOST_CHOICES:
        return 0
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    modes = [(number, mode) for number, task in enumerate(problem.tasks) for mode in task.modes]
    loads = [
        (demand.resource, column, mode.duration * demand.amount)
        for column, (_, mode) in enumerate(modes)
        for demand in mode.demands
    ]
    spans, limits = [], []
    for resource, capacity in enumerate(problem.capacities):
        users = [modes[column][0] for of, column, _ in loads if of == resource]
        ends = int(times.heads[users].min() + times.tails[users].min()) if users else 0
        spans.append((resource, len(modes), -capacity))
        limits.append(-capacity * ends)
    row, column, value = zip(*loads, *spans, strict=True)
    width = len(modes) + 1
    chosen = [(number, column, 1) for column, (number, _) in enumerate(modes)]
    which, place, one = zip(*chosen, strict=True)
    # Its stubs know no sparse arrays.
    solved = linprog(  # type: ignore[call-overload]
        np.append(np.zeros(len(modes)), 1.0),
        A_ub=csr_array((value, (row, column)), shape=(len(problem.capacities), width)),
        b_ub=limits,
        A_eq=csr_array((one, (which, place)), shape=(len(problem.tasks), width)),
        b_eq=np.ones(len(problem.tasks)),
        method="highs",
    )
    return int(np.ceil(solved.fun - TOLERANCE)) if solved.status == 0 else 0
