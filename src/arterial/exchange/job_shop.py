"""Job shops as text: a row for each job, in it machine and duration of each operation in turn.

The first row gives jobs and machines; machines count from 0, or from 1 where none is 0. A machine
may come back in a job. The main function is `parse_job_shop`. The layout is that of JSPLIB.
"""

from collections.abc import Sequence

from arterial.errors import Fault
from arterial.exchange.number_rows import NumberRow, judge_job_count
from arterial.exchange.scheduling import Demand, Mode, ProblemFormat, ScheduleProblem, Task

__all__ = ["parse_job_shop"]


def parse_job_shop(
    rows: Sequence[NumberRow], *, name: str, file: str
) -> tuple[ScheduleProblem, list[Fault]]:
    """Turn the rows of a job-shop file into a problem: tasks job by job.

    Parameters
    ----------
    rows : sequence of NumberRow
        Rows of the file.
    name, file : str
        Name of the problem, and of the file for the faults.

    Returns
    -------
    ScheduleProblem
        As far as it could be read.
    list of Fault
        Everything that is wrong.
    """
    n_jobs, n_machines = (*rows[0].numbers, 0, 0)[:2]
    faults = judge_job_count(rows, n_jobs, file)
    base = min((machine for row in rows[1:] for machine in row.numbers[::2]), default=0)
    base = min(base, 1)
    tasks: list[Task] = []
    for row in rows[1:]:
        if len(row.numbers) % 2:
            cause = "The row ends within an operation."
            faults.append(Fault(cause, "Give machine and duration by turns.", file, row.line))
        operations = list(zip(row.numbers[::2], row.numbers[1::2], strict=False))
        for place, (machine, duration) in enumerate(operations):
            if machine - base >= n_machines:
                cause = f"Operation {place + 1} is on machine {machine}, of {n_machines}."
                faults.append(Fault(cause, "Name a machine there is.", file, row.line))
            is_last = place + 1 == len(operations)
            successors = () if is_last else (len(tasks) + 1,)
            tasks.append(Task((Mode(duration, (Demand(machine - base),)),), successors))
    problem = ScheduleProblem(tuple(tasks), (1,) * n_machines, ProblemFormat.JOB_SHOP, name)
    return problem, faults
