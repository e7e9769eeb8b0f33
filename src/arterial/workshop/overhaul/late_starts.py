"""Less work in progress: vehicles begin as late as their day of turning out allows.

The main function is `start_late`. List search begins all it can as soon as it can, so vehicles
stand half stripped for months in front of the one bay that is short. Nothing is turned out later.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from arterial.exchange.scheduling import Mode, Schedule, ScheduleProblem, modes_end
from arterial.workshop.pricing import schedule_ends

__all__ = ["start_late"]


def start_late(problem: ScheduleProblem, schedule: Schedule) -> Schedule:
    """The same schedule with all but the last operations put off until the next one needs them.

    From the end backwards, each task that has a successor moves to the latest start at which it is
    over before its successors begin and finds its resources free. Tasks without successors stay, so
    neither lateness nor makespan changes; parts come in before, never after.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.
    schedule : Schedule
        A schedule that keeps its rules.

    Returns
    -------
    Schedule
        Of the same value.
    """
    starts, ends = list(schedule.starts), schedule_ends(problem, schedule)
    modes = [task.modes[mode] for task, mode in zip(problem.tasks, schedule.modes, strict=True)]
    free = np.repeat(np.array(problem.capacities)[:, None], len(problem.days), axis=1)
    for mode, start, end in zip(modes, starts, ends, strict=True):
        _hold(free, mode, slice(start, end), 1)
    for number in sorted(range(len(starts)), key=lambda each: (-ends[each], each)):
        # Tasks turned out stay: moving them could put off a due day or block a bay.
        successors = problem.tasks[number].successors
        if not successors:
            continue
        mode, limit = modes[number], min(starts[each] for each in successors)
        _hold(free, mode, slice(starts[number], ends[number]), -1)
        for start in range(limit - 1, starts[number], -1):
            until = modes_end(problem, mode, start)
            if until is None or until > limit:
                continue
            if _fits(problem, mode, free, slice(start, until)):
                starts[number], ends[number] = start, until
                break
        _hold(free, mode, slice(starts[number], ends[number]), 1)
    return replace(schedule, starts=tuple(starts))


def _hold(free: NDArray[np.int64], mode: Mode, span: slice, sign: int) -> None:
    """Take what a mode holds out of what is free, or give it back."""
    for demand in mode.demands:
        free[demand.resource, span] -= sign * demand.amount


def _fits(problem: ScheduleProblem, mode: Mode, free: NDArray[np.int64], span: slice) -> bool:
    """Whether a mode begins in a slot that it works in, and its resources are free."""
    if mode.calendar is not None and not problem.calendars[mode.calendar][span.start]:
        return False
    return all(bool((free[each.resource, span] >= each.amount).all()) for each in mode.demands)
