"""Bounds of the makespan that need no search; main function `bound_makespan`."""

from arterial.exchange.scheduling import ScheduleProblem
from arterial.workshop.construction import list_order

__all__ = ["bound_makespan"]


def bound_makespan(problem: ScheduleProblem) -> int:
    """A makespan that no schedule beats: longest path, and work of each resource.

    Tasks with several modes count with the least of each quantity; slots of rest are ignored,
    which can only lower it.

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
    length = [min(mode.duration for mode in task.modes) for task in problem.tasks]
    ends = [0] * len(problem.tasks)
    order = list_order(problem, range(len(problem.tasks)))
    for number in order:
        before = [ends[other] for other in problem.predecessors[number]]
        ends[number] = max([problem.tasks[number].release, *before]) + length[number]
    tails = [0] * len(problem.tasks)
    for number in reversed(order):
        after = [tails[other] for other in problem.tasks[number].successors]
        tails[number] = max(after, default=0) + length[number]
    bound = max(ends, default=0)
    for resource, capacity in enumerate(problem.capacities):
        work, head, tail = 0, bound, bound
        for number, task in enumerate(problem.tasks):
            least = min(
                mode.duration * sum(d.amount for d in mode.demands if d.resource == resource)
                for mode in task.modes
            )
            # A task that can do without the resource in some mode adds nothing for sure.
            if least:
                work += least
                head = min(head, ends[number] - length[number])
                tail = min(tail, tails[number] - length[number])
        # Nobody works before the first task's head and behind the last one's tail.
        if work and capacity:
            bound = max(bound, head - (-work // capacity) + tail)
    return bound
