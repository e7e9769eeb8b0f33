"""Where tasks are worked off: `SerialExecutor`, `ShardExecutor`, and what every executor does.

An executor claims its tasks, works them off in any order and gives each result as it comes. What
a task gives depends on its payload alone, so all of them leave the same files.
"""

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, Self, TypeAlias

from arterial.compute.parts import TaskResult, encode_task, store_parts
from arterial.compute.tasks import Task, TaskFunction
from arterial.errors import UsageError

__all__ = ["Executor", "Job", "SerialExecutor", "ShardExecutor", "TaskResults", "claim_shard"]

# A generator, so that the run can end it and with it the workers.
TaskResults: TypeAlias = Generator[TaskResult, None, None]

SHARD_FORM: Final = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Job:
    """What executors are given: the function, the folder of the run, and where to write first."""

    function: TaskFunction
    folder: Path
    unfinished: Path


class Executor(Protocol):
    """What `run_many` asks of an executor."""

    @property
    def journal_name(self) -> str:
        """Name of the journal that this executor writes, without its ending."""
        ...

    def claim(self, tasks: Sequence[Task]) -> tuple[Task, ...]:
        """Give those of the tasks of a run that are this executor's."""
        ...

    def run(
        self, job: Job, tasks: Sequence[Task], *, should_stop: Callable[[], bool]
    ) -> TaskResults:
        """Work off the tasks and give each result as it comes; begin none once asked to stop."""
        ...


@dataclass(frozen=True, slots=True)
class SerialExecutor:
    """One task after the other, in this process.

    A task that ends its process ends the run; the pool with one worker outlives it.
    """

    @property
    def journal_name(self) -> str:
        """Name of its journal."""
        return "journal"

    def claim(self, tasks: Sequence[Task]) -> tuple[Task, ...]:
        """Give all tasks."""
        return tuple(tasks)

    def run(
        self, job: Job, tasks: Sequence[Task], *, should_stop: Callable[[], bool]
    ) -> TaskResults:
        """Work off the tasks in order."""
        for task in tasks:
            if should_stop():
                return
            yield store_parts(encode_task(job.function, task), job.folder, job.unfinished)


@dataclass(frozen=True, slots=True)
class ShardExecutor:
    """One share of the tasks, for job arrays: machines that share a folder and nothing else.

    Parameters
    ----------
    index : int
        Number of this shard, 1 to `count`.
    count : int
        Number of shards.
    inner : Executor
        What works off the share.

    Raises
    ------
    LimitError
        When there is no such shard.
    """

    index: int
    count: int
    inner: Executor = field(default_factory=SerialExecutor)

    def __post_init__(self) -> None:
        """Refuse a shard that does not exist."""
        if not 1 <= self.index <= self.count:
            message = f"There is no shard {self.index} of {self.count}: count from 1."
            raise UsageError(message)

    @classmethod
    def from_text(cls, text: str, *, inner: Executor | None = None) -> Self:
        """Read a shard as it is given on the command line.

        Parameters
        ----------
        text : str
            ``"2/8"`` is the second of eight.
        inner : Executor or None
            What works off the share; None takes one process.

        Returns
        -------
        ShardExecutor
            The shard.

        Raises
        ------
        LimitError
            When the text is not a shard, or there is no such shard.

        Examples
        --------
        >>> ShardExecutor.from_text("2/8").journal_name
        'journal-2-of-8'
        """
        form = SHARD_FORM.fullmatch(text)
        if form is None:
            message = f"{text!r} is not a shard: write 2/8 for the second of eight."
            raise UsageError(message)
        return cls(int(form[1]), int(form[2]), inner or SerialExecutor())

    @property
    def journal_name(self) -> str:
        """Name of its journal."""
        return f"journal-{self.index}-of-{self.count}"

    def claim(self, tasks: Sequence[Task]) -> tuple[Task, ...]:
        """Give every `count`-th task in order of key, from the `index`-th on."""
        keys = set(claim_shard([task.key for task in tasks], self.index, self.count))
        return tuple(task for task in tasks if task.key in keys)

    def run(
        self, job: Job, tasks: Sequence[Task], *, should_stop: Callable[[], bool]
    ) -> TaskResults:
        """Work off the share by the inner executor."""
        return self.inner.run(job, tasks, should_stop=should_stop)


def claim_shard(keys: Sequence[str], index: int, count: int) -> list[str]:
    """Give the keys that belong to a shard, dealt out like cards in order of key.

    Parameters
    ----------
    keys : sequence of str
        Keys of all tasks, in any order.
    index, count : int
        Shard `index` of `count`, from 1.

    Returns
    -------
    list of str
        Its keys, sorted.

    Examples
    --------
    >>> claim_shard(["d", "b", "a", "c", "e"], 2, 3)
    ['b', 'e']
    """
    return sorted(keys)[index - 1 :: count]
