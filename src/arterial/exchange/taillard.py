"""Job shops in Taillard's layout: a block of times and a block of machines, a row for each job.

Above the blocks stands a row of counts: jobs, machines, and figures that no reader uses (seeds,
bounds). Machines count from 1. The words "Times" and "Machines" may be left out. The main function
is `parse_taillard`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from arterial.errors import Fault
from arterial.exchange.number_rows import NumberRow
from arterial.exchange.scheduling import Demand, Mode, ProblemFormat, ScheduleProblem, Task

__all__ = ["is_bare_taillard", "is_taillard", "parse_bare_taillard", "parse_taillard"]

TIMES: Final = "times"
MACHINES: Final = "machines"
COUNTS: Final = "counts"
LONGEST_NUMBER: Final = 9


def is_taillard(text: str) -> bool:
    r"""Whether a text has the two headings of the layout.

    Examples
    --------
    >>> is_taillard("1 1 0 0 9 9\nTimes\n 9\nMachines\n 1\n")
    True
    """
    headings = [line.strip().lower() for line in text.splitlines()]
    return TIMES in headings and MACHINES in headings


def parse_taillard(text: str, *, name: str, file: str) -> tuple[ScheduleProblem, list[Fault]]:
    """Turn the text of a file into a problem: tasks job by job.

    Parameters
    ----------
    text : str
        Content of the file, of one shop.
    name, file : str
        Name of the problem, and of the file for the faults.

    Returns
    -------
    ScheduleProblem
        As far as it could be read.
    list of Fault
        Everything that is wrong.
    """
    blocks, faults = _split_blocks(text, file)
    return _join_blocks(blocks, faults, name=name, file=file)


def is_bare_taillard(rows: Sequence[NumberRow]) -> bool:
    """Whether rows of numbers are a row of counts, then a block of times and one of machines.

    Examples
    --------
    >>> is_bare_taillard([NumberRow(1, (1, 2)), NumberRow(2, (5, 3)), NumberRow(3, (2, 1))])
    True
    """
    if len(rows[0].numbers) < 2:  # noqa: PLR2004 - jobs and machines
        return False
    n_jobs, n_machines = rows[0].numbers[:2]
    blocks = rows[1:]
    if not n_jobs or len(blocks) != 2 * n_jobs or n_machines < 2:  # noqa: PLR2004
        return False
    machines = set(range(1, n_machines + 1))
    return all(len(row.numbers) == n_machines for row in blocks) and all(
        set(row.numbers) == machines for row in blocks[n_jobs:]
    )


def parse_bare_taillard(
    rows: Sequence[NumberRow], *, name: str, file: str
) -> tuple[ScheduleProblem, list[Fault]]:
    """Turn rows without headings, of which `is_bare_taillard` holds, into a problem."""
    n_jobs = rows[0].numbers[0]
    blocks = {
        COUNTS: [rows[0]],
        TIMES: list(rows[1 : n_jobs + 1]),
        MACHINES: list(rows[n_jobs + 1 :]),
    }
    return _join_blocks(blocks, [], name=name, file=file)


def _join_blocks(
    blocks: Mapping[str, Sequence[NumberRow]], faults: list[Fault], *, name: str, file: str
) -> tuple[ScheduleProblem, list[Fault]]:
    """The problem of a block of times and one of machines."""
    counts = blocks[COUNTS][0].numbers if blocks[COUNTS] else ()
    if len(counts) < 2:  # noqa: PLR2004 - jobs and machines
        faults.append(Fault("No row of jobs and machines stands above Times.", "Give it.", file))
        return ScheduleProblem((), ()), faults
    n_jobs, n_machines = counts[:2]
    for heading in (TIMES, MACHINES):
        faults += _judge_block(heading, blocks[heading], n_jobs, n_machines, file)
    if faults:
        return ScheduleProblem((), ()), faults
    tasks: list[Task] = []
    for times, machines in zip(blocks[TIMES], blocks[MACHINES], strict=True):
        for place, (duration, machine) in enumerate(
            zip(times.numbers, machines.numbers, strict=True), start=1
        ):
            if not 1 <= machine <= n_machines:
                cause = f"Operation {place} is on machine {machine}, of {n_machines}."
                faults.append(Fault(cause, "Name a machine there is.", file, machines.line))
            successors = () if place == n_machines else (len(tasks) + 1,)
            tasks.append(Task((Mode(duration, (Demand(machine - 1),)),), successors))
    return ScheduleProblem(tuple(tasks), (1,) * n_machines, ProblemFormat.JOB_SHOP, name), faults


def _split_blocks(text: str, file: str) -> tuple[dict[str, list[NumberRow]], list[Fault]]:
    """Rows of numbers by heading; words above the first heading are a title."""
    blocks: dict[str, list[NumberRow]] = {COUNTS: [], TIMES: [], MACHINES: []}
    heading, faults = COUNTS, []
    for line, content in enumerate(text.splitlines(), start=1):
        words = content.split()
        if content.strip().lower() in {TIMES, MACHINES}:
            heading = content.strip().lower()
        elif words and all(_is_number(word) for word in words):
            blocks[heading].append(NumberRow(line, tuple(int(word) for word in words)))
        elif words and heading != COUNTS:
            cause = f"{content.strip()[:20]!r} is no row of whole numbers."
            faults.append(Fault(cause, "Give one shop a file, in numbers.", file, line))
    return blocks, faults


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= LONGEST_NUMBER


def _judge_block(
    heading: str, rows: Sequence[NumberRow], n_jobs: int, n_machines: int, file: str
) -> list[Fault]:
    """Faults of a block that has other rows or columns than the counts say."""
    if len(rows) != n_jobs:
        cause = f"There are {len(rows)} rows of {heading}, not {n_jobs}."
        return [Fault(cause, "Give a row for each job.", file, rows[0].line if rows else None)]
    return [
        Fault(f"The row has {len(row.numbers)} {heading}, not {n_machines}.",
              "Give one for each machine.", file, row.line)
        for row in rows
        if len(row.numbers) != n_machines
    ]  # fmt: skip
