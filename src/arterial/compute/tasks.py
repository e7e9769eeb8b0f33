"""Tasks and what became of them: `Task`, `FailedTask`, `RunReport`.

A task is one call of a function that gives tables. Its key names it for good: the key is in the
name of its result files, in the journal and in the order of rows.
"""

import functools
import importlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl

from arterial.errors import ArterialError, Fault

__all__ = [
    "FailedTask",
    "ProgressReport",
    "RunReport",
    "Task",
    "TaskFunction",
    "check_tasks",
    "name_function",
    "name_some",
]

TaskFunction: TypeAlias = Callable[..., Mapping[str, pl.DataFrame]]
ProgressReport: TypeAlias = Callable[[int, int, float | None], None]

KEY_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


@dataclass(frozen=True, slots=True)
class Task:
    """One call of the function of a run.

    Parameters
    ----------
    key : str
        Name of the task, unique in the run, fit for a file name; rows are ordered by it, so
        numbers in it are best padded with zeros (``draw-0007``).
    payload : object
        What the function is called with; picklable, and small, for it travels with the task.
    """

    key: str
    payload: object


@dataclass(frozen=True, slots=True)
class FailedTask:
    """A task that gave no result, and why."""

    key: str
    message: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run has done.

    Parameters
    ----------
    folder : Path
        Where the result parts are.
    done : tuple of str
        Keys of the finished tasks, sorted, those finished in an earlier run included.
    resumed : tuple of str
        Those of them that an earlier run had finished.
    failed : tuple of FailedTask
        Tasks that gave no result, sorted by key.
    elapsed_s : float
        Wall time of this run [s].
    """

    folder: Path
    done: tuple[str, ...]
    resumed: tuple[str, ...]
    failed: tuple[FailedTask, ...]
    elapsed_s: float

    @property
    def is_complete(self) -> bool:
        """Whether every task has its result."""
        return not self.failed


def name_function(function: TaskFunction) -> str:
    """Give the importable name of a task function, ``module:name``.

    Parameters
    ----------
    function : callable
        A function of a module, or a `functools.partial` of one.

    Returns
    -------
    str
        Its name; arguments of a partial are not part of it.

    Raises
    ------
    TypeError
        When another process could not import it (lambdas, inner functions, methods).

    Examples
    --------
    >>> name_function(re.escape)
    're:escape'
    """
    inner = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    module = getattr(inner, "__module__", None)
    name = getattr(inner, "__qualname__", None)
    if module and name:
        found = getattr(importlib.import_module(module), name, None)
        if found is inner:
            return f"{module}:{name}"
    message = f"{function!r} cannot be imported by another process: use a function of a module."
    raise TypeError(message)


def check_tasks(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Give the tasks, or say what is wrong with their keys.

    Parameters
    ----------
    tasks : iterable of Task
        Tasks of one run.

    Returns
    -------
    tuple of Task
        The same tasks in the same order.

    Raises
    ------
    ArterialError
        When a key does not fit a file name or stands twice (upper and lower case count as one).
    """
    checked = tuple(tasks)
    faults = []
    seen: set[str] = set()
    for task in checked:
        if KEY_FORM.fullmatch(task.key) is None:
            cure = "Use up to 120 letters, digits, '.', '_' and '-', a letter or digit first."
            faults.append(Fault(f"The task key {task.key!r} does not fit a file name.", cure))
        if task.key.lower() in seen:
            faults.append(Fault(f"The task key {task.key!r} stands twice.", "Rename one of them."))
        seen.add(task.key.lower())
    if faults:
        message = "The tasks cannot be told apart by their keys."
        raise ArterialError(message, faults)
    return checked


def name_some(keys: Sequence[str]) -> str:
    """Give the first few of many keys, for a message."""
    shown = ", ".join(keys[:5])
    return shown if len(keys) <= 5 else f"{shown} and {len(keys) - 5} more"  # noqa: PLR2004
