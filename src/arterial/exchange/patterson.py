"""Projects with scarce resources in Patterson's text format, as PSPLIB gives them.

The file is one stream of numbers: how many tasks and resources, the capacities, then for each task
its duration, its demands (none where there are no resources), how many successors it has, and
which (the first task is 1). Where lines break does not matter. The main function is
`parse_patterson`. Source: [Kolisch 1997].
"""

from collections.abc import Iterator, Sequence

from arterial.errors import Fault
from arterial.exchange.number_rows import NumberRow
from arterial.exchange.scheduling import Demand, Mode, ProblemFormat, ScheduleProblem, Task

__all__ = ["parse_patterson"]


class Stream:
    """Numbers one after another, with the line each stands in."""

    def __init__(self, rows: Sequence[NumberRow]) -> None:
        self._numbers = [(number, row.line) for row in rows for number in row.numbers]
        self._place = 0

    @property
    def line(self) -> int:
        """Line of the next number; the last line at the end."""
        return self._numbers[min(self._place, len(self._numbers) - 1)][1]

    @property
    def left(self) -> int:
        """How many numbers are still there."""
        return len(self._numbers) - self._place

    def take(self, count: int) -> list[int]:
        """The next numbers; fewer where the file ends."""
        taken = [number for number, _ in self._numbers[self._place : self._place + count]]
        self._place += len(taken)
        return taken


def parse_patterson(
    rows: Sequence[NumberRow], *, name: str, file: str
) -> tuple[ScheduleProblem, list[Fault]]:
    """Turn the rows of a Patterson file into a problem.

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
    stream = Stream(rows)
    n_tasks, n_resources = (*stream.take(2), 0, 0)[:2]
    capacities = tuple(stream.take(n_resources))
    tasks: list[Task] = []
    faults: list[Fault] = []
    for number in range(1, n_tasks + 1):
        line = stream.line
        head = stream.take(n_resources + 2)
        successors = stream.take(head[-1]) if len(head) == n_resources + 2 else []
        if len(head) < n_resources + 2 or len(successors) < head[-1]:
            cause = f"The file ends within task {number} of {n_tasks}."
            faults.append(Fault(cause, "Give every task of the first row.", file, line))
            # A wrong count shifts all numbers behind it: further faults would name the wrong tasks.
            break
        faults += [
            Fault(cause, cure, file, line)
            for cause, cure in _judge_task(number, n_tasks, head, successors, capacities)
        ]
        demands = tuple(Demand(r, a) for r, a in enumerate(head[1:-1]) if a)
        followers = tuple(sorted({s - 1 for s in successors if 1 <= s <= n_tasks}))
        tasks.append(Task((Mode(head[0], demands),), followers))
    # Lines do not matter to the format, so that only the end of the file can show a surplus.
    if stream.left and not faults:
        cause = f"{stream.left} numbers follow the last task."
        faults.append(Fault(cause, "Remove them, or mend the first row.", file, stream.line))
    if not n_tasks:
        cause = "The first row names no tasks."
        cure = "Give how many tasks there are, then how many resources; 0 where there are none."
        faults.append(Fault(cause, cure, file, rows[0].line))
    problem = ScheduleProblem(tuple(tasks), capacities, ProblemFormat.PROJECT, name)
    return problem, faults


def _judge_task(
    number: int,
    n_tasks: int,
    head: Sequence[int],
    successors: Sequence[int],
    capacities: Sequence[int],
) -> Iterator[tuple[str, str]]:
    """What is wrong with one task, as cause and cure."""
    for resource, (demand, capacity) in enumerate(zip(head[1:-1], capacities, strict=True)):
        # Tasks that take no time hold nothing: the first and last of many files claim anything.
        if demand > capacity and head[0] > 0:
            cause = f"Task {number} needs {demand} of resource {resource + 1}"
            yield f"{cause}, there are {capacity}.", "Lower the demand or raise the capacity."
    for successor in successors:
        if not 1 <= successor <= n_tasks:
            yield f"Task {number} precedes task {successor}, of {n_tasks}.", "Name a task there is."
        elif successor == number:
            yield f"Task {number} precedes itself.", "Remove it."
