"""A first schedule without search, in plain Python; main function `construct_schedule`.

Tasks are placed one after another, each as early as everything it needs allows, in the mode that
ends first. It is slow and simple: the kernels are tested against it.
"""

import heapq
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arterial.errors import InfeasibleError
from arterial.exchange.scheduling import Mode, Schedule, ScheduleProblem, Task, modes_end

__all__ = ["construct_schedule", "find_horizon"]


class Workspace:
    """What is held at each slot, and what is left of each part from each slot on."""

    def __init__(self, problem: ScheduleProblem) -> None:
        self.problem = problem
        self.horizon = find_horizon(problem)
        self.held = np.zeros((max(1, len(problem.capacities)), self.horizon + 1), dtype=np.int64)
        self.last_end = 0
        self.left = np.zeros((max(1, len(problem.supplies)), self.horizon + 1), dtype=np.int64)
        for part, supplies in enumerate(problem.supplies):
            for supply in supplies:
                if supply.at <= self.horizon:
                    self.left[part, supply.at :] += supply.amount

    def find_place(self, task: Task, mode: Mode, ready: int) -> tuple[int, int] | None:
        """Earliest start and end from a slot on; None where there is none."""
        start = ready
        for use in task.parts:
            # What is taken now must not be wanting later: the last slot that is short counts.
            short = np.flatnonzero(self.left[use.resource] < use.amount)
            start = max(start, int(short[-1]) + 1 if len(short) else 0)
        if mode.calendar is None:
            return self.find_gap(mode, start)
        slots = self.problem.calendars[mode.calendar]
        while start <= self.horizon:
            if mode.duration and not (start < len(slots) and slots[start]):
                start += 1
                continue
            end = modes_end(self.problem, mode, start)
            if end is None or end > self.horizon:
                return None
            clash = self.last_clash(mode, start, end)
            if clash is None:
                return start, end
            # Any start up to the last clash would cover it.
            start = clash + 1
        return None

    def find_gap(self, mode: Mode, ready: int) -> tuple[int, int] | None:
        """Earliest start and end of a mode that never rests; all slots are looked at at once."""
        if any(demand.amount > self.problem.capacities[demand.resource] for demand in mode.demands):
            return None if mode.duration else (ready, ready)
        # Nothing is held behind the last end, so that the last gap is as long as need be.
        blocked = np.zeros(max(0, self.last_end - ready), dtype=bool)
        for demand in mode.demands:
            free = self.problem.capacities[demand.resource] - demand.amount
            blocked |= self.held[demand.resource, ready : self.last_end] > free
        clashes = np.flatnonzero(blocked)
        begins = np.concatenate(([0], clashes + 1))
        lengths = np.append(clashes, self.horizon + mode.duration) - begins
        start = ready + int(begins[np.argmax(lengths >= mode.duration)])
        end = start + mode.duration
        return (start, end) if end <= self.horizon else None

    def last_clash(self, mode: Mode, start: int, end: int) -> int | None:
        """Last slot in which a resource does not suffice."""
        latest = -1
        for demand in mode.demands:
            capacity = self.problem.capacities[demand.resource]
            window = self.held[demand.resource, start:end]
            clashes = np.flatnonzero(window + demand.amount > capacity)
            latest = max(latest, int(clashes[-1]) if len(clashes) else -1)
        return None if latest < 0 else start + latest

    def take(self, task: Task, mode: Mode, start: int, end: int) -> None:
        """Take what a task needs."""
        self.last_end = max(self.last_end, end)
        for demand in mode.demands:
            self.held[demand.resource, start:end] += demand.amount
        for use in task.parts:
            self.left[use.resource, start:] -= use.amount


def construct_schedule(problem: ScheduleProblem, rank: NDArray[np.int64] | None = None) -> Schedule:
    """Place every task in turn.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.
    rank : (n_tasks,), optional
        Lower goes first among tasks whose predecessors are placed; else by slack.

    Returns
    -------
    Schedule
        A schedule that keeps every rule.

    Raises
    ------
    InfeasibleError
        When a task finds no place before the calendar ends or for want of a part.

    Examples
    --------
    >>> from arterial.exchange.scheduling import Demand
    >>> tasks = (Task((Mode(3, (Demand(0),)),)), Task((Mode(2, (Demand(0),)),)))
    >>> construct_schedule(ScheduleProblem(tasks, (1,)), np.array([1, 0])).starts
    (2, 0)
    """
    ranks = _rank_by_slack(problem) if rank is None else rank
    workspace = Workspace(problem)
    starts = [0] * len(problem.tasks)
    ends = [0] * len(problem.tasks)
    modes = [0] * len(problem.tasks)
    for number in list_order(problem, ranks):
        task = problem.tasks[number]
        ready = max([task.release, *(ends[before] for before in problem.predecessors[number])])
        places = [
            (place[1], place[0], mode)
            for mode in range(len(task.modes))
            if (place := workspace.find_place(task, task.modes[mode], ready)) is not None
        ]
        if not places:
            message = (
                f"Task {number + 1} finds no place within {workspace.horizon} slots: a resource, "
                "a shift or a part does not suffice."
            )
            raise InfeasibleError(message)
        ends[number], starts[number], modes[number] = min(places)
        workspace.take(task, task.modes[modes[number]], starts[number], ends[number])
    return Schedule(tuple(starts), tuple(modes))


def list_order(problem: ScheduleProblem, rank: Sequence[int] | NDArray[np.int64]) -> list[int]:
    """Tasks by rank, each behind its predecessors."""
    waiting = [len(before) for before in problem.predecessors]
    ready = [(int(rank[n]), n) for n, count in enumerate(waiting) if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, number = heapq.heappop(ready)
        order.append(number)
        for successor in problem.tasks[number].successors:
            waiting[successor] -= 1
            if waiting[successor] == 0:
                heapq.heappush(ready, (int(rank[successor]), successor))
    return order


def _rank_by_slack(problem: ScheduleProblem) -> NDArray[np.int64]:
    """Latest end of each task that still keeps the due days, or the critical path."""
    length = [min(mode.duration for mode in task.modes) for task in problem.tasks]
    order = list_order(problem, range(len(problem.tasks)))
    horizon = find_horizon(problem)
    latest = np.full(len(order), horizon, dtype=np.int64)
    days = np.array(problem.days, dtype=np.int64)
    for due in problem.due_dates:
        last = int(np.searchsorted(days, due.day, side="right"))
        for task in due.tasks:
            latest[task] = min(latest[task], last)
    for number in reversed(order):
        for successor in problem.tasks[number].successors:
            latest[number] = min(latest[number], latest[successor] - length[successor])
    return latest


def find_horizon(problem: ScheduleProblem) -> int:
    """A slot by which some schedule is over; that of the calendars where there are any."""
    if problem.days:
        return len(problem.days)
    if problem.calendars:
        return len(problem.calendars[0])
    work = sum(max(mode.duration for mode in task.modes) for task in problem.tasks)
    return max((task.release for task in problem.tasks), default=0) + work
