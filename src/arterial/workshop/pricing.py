"""The value of a schedule: makespan, or lateness first and makespan second.

The main function is `price_schedule`.
"""

from arterial.exchange.scheduling import Schedule, ScheduleProblem, modes_end

__all__ = ["lateness_factor", "price_schedule", "schedule_ends"]


def lateness_factor(problem: ScheduleProblem) -> int:
    """What one unit of late weight counts in slots: more than any makespan."""
    return len(problem.days) + 1


def schedule_ends(problem: ScheduleProblem, schedule: Schedule) -> list[int]:
    """End of each task [slots]; the horizon where it does not end within its calendar."""
    ends = []
    for task, start, mode in zip(problem.tasks, schedule.starts, schedule.modes, strict=True):
        end = modes_end(problem, task.modes[mode], start)
        ends.append(len(problem.days) if end is None else end)
    return ends


def price_schedule(problem: ScheduleProblem, schedule: Schedule) -> int:
    """Value of a schedule; less is better.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.
    schedule : Schedule
        A schedule that keeps its rules.

    Returns
    -------
    int
        Makespan [slots]; with due dates, weighted days of lateness times
        `lateness_factor`, plus the makespan.
    """
    ends = schedule_ends(problem, schedule)
    makespan = max(ends, default=0)
    if not problem.due_dates:
        return makespan
    late = 0
    for due in problem.due_dates:
        last = max(ends[task] for task in due.tasks)
        # Nothing that takes time: over before the first day, and so never late.
        if last > 0:
            late += due.weight * max(0, problem.days[last - 1] - due.day)
    return late * lateness_factor(problem) + makespan
