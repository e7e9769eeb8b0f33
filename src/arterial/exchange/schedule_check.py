"""An independent judge of schedules: it shares no code with what makes them.

`check_schedule` sweeps over the starts and ends of each resource and counts the makespan and the
days of lateness anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from arterial.errors import Fault
from arterial.exchange.scheduling import Schedule, ScheduleProblem, modes_end

__all__ = ["ScheduleVerdict", "check_schedule"]

Breach = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ScheduleVerdict:
    """What the judge counted, and every breach of a rule.

    Parameters
    ----------
    makespan : int
        End of the last task [slots].
    late_weight : int
        Days of lateness by weight, in units of the weights.
    faults : tuple of Fault
        Breaches; none means the schedule can be carried out.
    """

    makespan: int
    late_weight: int
    faults: tuple[Fault, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether the schedule keeps every rule."""
        return not self.faults


def check_schedule(
    problem: ScheduleProblem, schedule: Schedule, *, makespan: int | None = None
) -> ScheduleVerdict:
    """Judge a schedule.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.
    schedule : Schedule
        Start and mode of each task.
    makespan : int, optional
        What the schedule claims; a fault where it is another.

    Returns
    -------
    ScheduleVerdict
        With a fault for each breach: number of tasks, modes, starts before release or the end of a
        predecessor, slots of rest, resources, parts and stocks that do not suffice.
    """
    n_tasks = len(problem.tasks)
    if len(schedule.starts) != n_tasks or len(schedule.modes) != n_tasks:
        cause = f"It has {len(schedule.starts)} starts and {len(schedule.modes)} modes."
        return ScheduleVerdict(0, 0, (Fault(cause, f"Give one each for {n_tasks} tasks."),))
    modes = [
        Fault(f"Task {number + 1} has no mode {mode}.", "Choose one it has.")
        for number, mode in enumerate(schedule.modes)
        if not 0 <= mode < len(problem.tasks[number].modes)
    ]
    # Without modes there are no durations to judge anything else by.
    if modes:
        return ScheduleVerdict(0, 0, tuple(modes))
    ends: list[int] = []
    breaches: list[Breach] = []
    for number, (start, mode) in enumerate(zip(schedule.starts, schedule.modes, strict=True)):
        end = modes_end(problem, problem.tasks[number].modes[mode], start) if start >= 0 else 0
        if end is None:
            breaches.append((f"Task {number + 1} ends after the calendar.", "Start it earlier."))
        # Counted as over at its start, so that what follows is judged all the same.
        ends.append(start if end is None else end)
    breaches += _judge_starts(problem, schedule, ends)
    breaches += _judge_resources(problem, schedule, ends)
    breaches += _judge_parts(problem, schedule)
    breaches += _judge_stocks(problem, schedule)
    counted = max(ends, default=0)
    if makespan is not None and makespan != counted:
        breaches.append((f"It lasts {counted}, not {makespan}.", "Write the true makespan."))
    faults = tuple(Fault(cause, cure) for cause, cure in breaches)
    return ScheduleVerdict(counted, _count_lateness(problem, ends), faults)


def _judge_starts(
    problem: ScheduleProblem, schedule: Schedule, ends: list[int]
) -> Iterator[Breach]:
    """Starts that come too early, or in a slot of rest."""
    for number, task in enumerate(problem.tasks):
        start = schedule.starts[number]
        if start < task.release:
            yield f"Task {number + 1} starts at {start}, before {task.release}.", "Start it later."
        mode = task.modes[schedule.modes[number]]
        if mode.calendar is not None and mode.duration:
            slots = problem.calendars[mode.calendar]
            if not (0 <= start < len(slots) and slots[start]):
                cause = f"Task {number + 1} starts at {start}, a slot of rest."
                yield cause, "Start it in a shift."
        for successor in task.successors:
            if schedule.starts[successor] < ends[number]:
                cause = f"Task {successor + 1} starts before task {number + 1} ends"
                yield f"{cause} at {ends[number]}.", "Start it later."


def _judge_resources(
    problem: ScheduleProblem, schedule: Schedule, ends: list[int]
) -> Iterator[Breach]:
    """Instants from which a resource is overdrawn."""
    steps: list[list[tuple[int, int]]] = [[] for _ in problem.capacities]
    for number, task in enumerate(problem.tasks):
        start, end = schedule.starts[number], ends[number]
        # A task without length holds nothing, not even at its instant.
        if end > start:
            for demand in task.modes[schedule.modes[number]].demands:
                steps[demand.resource] += [(start, demand.amount), (end, -demand.amount)]
    for resource, capacity in enumerate(problem.capacities):
        held = 0
        # Ends sort before starts at one instant, for their amounts are negative.
        for instant, change in sorted(steps[resource]):
            held += change
            if held > capacity:
                cause = f"Resource {resource + 1} has {capacity}, but {held} are used at {instant}."
                yield cause, "Move a task."
                # One sentence a resource: each later instant would repeat it.
                break


def _judge_parts(problem: ScheduleProblem, schedule: Schedule) -> Iterator[Breach]:
    """Instants at which a part is wanting."""
    for part, supplies in enumerate(problem.supplies):
        # At one instant what comes in is there before it is used.
        steps = [(supply.at, 0, supply.amount) for supply in supplies]
        for start, task in zip(schedule.starts, problem.tasks, strict=True):
            steps += [(start, 1, -use.amount) for use in task.parts if use.resource == part]
        stock = 0
        for instant, _, change in sorted(steps):
            stock += change
            if stock < 0:
                yield f"Of part {part + 1} {-stock} are wanting at {instant}.", "Move a task."
                break


def _judge_stocks(problem: ScheduleProblem, schedule: Schedule) -> Iterator[Breach]:
    """Stocks of which the modes chosen take more than there is."""
    taken = [0] * len(problem.stocks)
    for task, mode in zip(problem.tasks, schedule.modes, strict=True):
        for use in task.modes[mode].uses:
            taken[use.resource] += use.amount
    for number, (amount, stock) in enumerate(zip(taken, problem.stocks, strict=True), start=1):
        if amount > stock:
            cause = f"Of stock {number} {amount} are used, there are {stock}."
            yield cause, "Choose modes that take less."


def _count_lateness(problem: ScheduleProblem, ends: list[int]) -> int:
    """Days of lateness by weight."""
    total = 0
    for due in problem.due_dates:
        last = max(ends[task] for task in due.tasks)
        day = problem.days[last - 1] if 0 < last <= len(problem.days) else due.day
        total += due.weight * max(0, day - due.day)
    return total
