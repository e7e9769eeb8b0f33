"""Flexible job shops as text: each operation may be done on one of several machines.

The first row gives jobs, machines and, often, the mean number of alternatives. A job's row gives
how many operations it has; each operation how many alternatives, then machine and duration of each.
Machines count from 1, or from 0 where one is 0. The main function is `parse_flexible_job_shop`.
Source: [Brandimarte 1993].
"""

from collections.abc import Sequence

from arterial.errors import Fault
from arterial.exchange.number_rows import NumberRow, judge_job_count
from arterial.exchange.scheduling import Demand, Mode, ProblemFormat, ScheduleProblem, Task

__all__ = ["parse_flexible_job_shop", "split_operations"]

Alternatives = list[tuple[int, int]]


def split_operations(row: NumberRow) -> list[Alternatives] | None:
    """Alternatives (machine, duration) of each operation of a job; None where the row is broken.

    Examples
    --------
    >>> split_operations(NumberRow(2, (2, 1, 5, 3, 2, 1, 4, 2, 6)))
    [[(5, 3)], [(1, 4), (2, 6)]]
    """
    numbers, place = row.numbers, 1
    operations: list[Alternatives] = []
    for _ in range(numbers[0]):
        if place >= len(numbers):
            return None
        end = place + 1 + 2 * numbers[place]
        pairs = numbers[place + 1 : end]
        if end > len(numbers) or not pairs:
            return None
        operations.append(list(zip(pairs[::2], pairs[1::2], strict=True)))
        place = end
    # Numbers left over are the only sign of a wrong count further ahead.
    return operations if place == len(numbers) and operations else None


def parse_flexible_job_shop(
    rows: Sequence[NumberRow], *, name: str, file: str
) -> tuple[ScheduleProblem, list[Fault]]:
    """Turn the rows of a flexible job-shop file into a problem: tasks job by job.

    Parameters
    ----------
    rows : sequence of NumberRow
        Rows of the file.
    name, file : str
        Name of the problem, and of the file for the faults.

    Returns
    -------
    ScheduleProblem
        As far as it could be read; its modes stand in the order of the alternatives.
    list of Fault
        Everything that is wrong.
    """
    n_jobs, n_machines = (*rows[0].numbers, 0, 0)[:2]
    faults = judge_job_count(rows, n_jobs, file)
    jobs: list[tuple[int, list[Alternatives]]] = []
    for row in rows[1:]:
        operations = split_operations(row)
        if operations is None:
            cause = "The counts of operations and alternatives do not fit the length of the row."
            cure = "Give operations, then for each its alternatives as machine and duration."
            faults.append(Fault(cause, cure, file, row.line))
        jobs.append((row.line, operations or []))
    used = [pair[0] for _, operations in jobs for pairs in operations for pair in pairs]
    # Files count machines from 1 as from 0; only one of both leaves a machine 0.
    base = min(1, min(used, default=1))
    tasks: list[Task] = []
    for line, operations in jobs:
        for place, pairs in enumerate(operations):
            faults += [
                Fault(f"Operation {place + 1} is on machine {machine}, of {n_machines}.",
                      "Name a machine there is.", file, line)
                for machine, _ in pairs
                if machine - base >= n_machines
            ]  # fmt: skip
            modes = tuple(Mode(duration, (Demand(machine - base),)) for machine, duration in pairs)
            is_last = place + 1 == len(operations)
            tasks.append(Task(modes, () if is_last else (len(tasks) + 1,)))
    kind = ProblemFormat.FLEXIBLE_JOB_SHOP
    return ScheduleProblem(tuple(tasks), (1,) * n_machines, kind, name), faults
