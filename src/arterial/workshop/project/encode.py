"""Projects as arrays for the kernels; main function `encode_project`.

Up to four resources share a 64-bit word, so that one addition and one mask tell whether a task
fits into a slot. Each lane starts at its highest value without the guard bit less the capacity:
the guard bit shows exactly when the capacity is exceeded. The state of the search, a population of
lists with its workspace, stands here too.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.exchange.scheduling import ScheduleProblem
from arterial.workshop.construction import list_order
from arterial.workshop.links import link_rows

__all__ = [
    "ListWorkspace",
    "Population",
    "Project",
    "encode_project",
    "make_population",
    "make_workspace",
    "reverse_links",
]

Integers = NDArray[np.int64]


class ListWorkspace(NamedTuple):
    """Working arrays of one search."""

    usage: Integers
    bucket: Integers
    key: Integers
    start: Integers
    order: Integers
    spare: Integers
    weight: NDArray[np.float64]


class Population(NamedTuple):
    """Lists, their makespans and marks; the first half are the parents, the rest their children."""

    order: Integers
    makespan: Integers
    mark: Integers
    rank: Integers
    kept: Integers
    kept_makespan: Integers
    kept_mark: Integers
    best: Integers
    start: Integers


WORD_BITS: Final = 64
NARROW_BITS: Final = 16
WIDE_BITS: Final = 32


class Project(NamedTuple):
    """A project as arrays; links of task ``j`` stand from ``first[j]`` up to ``first[j + 1]``.

    Parameters
    ----------
    duration : (n_tasks,)
        Duration [slots].
    demand : (n_tasks, n_words)
        Demands, packed.
    empty : (n_words,)
        Packed state of an empty slot.
    guard : int
        Guard bits of all lanes.
    before_first, before, after_first, after : arrays
        Predecessors and successors.
    urgency : (n_tasks,)
        Latest end that keeps the critical path [slots].
    """

    duration: Integers
    demand: Integers
    empty: Integers
    guard: int
    before_first: Integers
    before: Integers
    after_first: Integers
    after: Integers
    urgency: Integers


def encode_project(problem: ScheduleProblem) -> Project:
    """Encode a plain problem of one mode a task.

    Parameters
    ----------
    problem : ScheduleProblem
        Without calendars, parts, due dates.

    Returns
    -------
    Project
        Its arrays.
    """
    n_tasks = len(problem.tasks)
    duration = np.array([task.modes[0].duration for task in problem.tasks], dtype=np.int64)
    units = np.zeros((n_tasks, max(1, len(problem.capacities))), dtype=np.int64)
    for number, task in enumerate(problem.tasks):
        for demand in task.modes[0].demands:
            units[number, demand.resource] = demand.amount if task.modes[0].duration else 0
    capacity = np.array(problem.capacities or (0,), dtype=np.int64)
    # The guard bit must stay free: demands above half a lane need the wide one.
    is_narrow = capacity.max() < 1 << (NARROW_BITS - 1)
    bits = NARROW_BITS if is_narrow else WIDE_BITS
    highest = (1 << (bits - 1)) - 1
    before_first, before = link_rows(problem.predecessors)
    after_first, after = link_rows([task.successors for task in problem.tasks])
    return Project(
        duration=duration,
        demand=np.stack([_pack(row, bits) for row in units]),
        empty=_pack(highest - capacity, bits),
        guard=int(_pack(np.full(WORD_BITS // bits, highest + 1), bits)[0]),
        before_first=before_first,
        before=before,
        after_first=after_first,
        after=after,
        urgency=_latest_ends(problem, duration),
    )


def _pack(values: Integers, bits: int) -> Integers:
    """Values side by side in as few words as they need.

    Examples
    --------
    >>> [int(word) for word in _pack(np.array([1, 2]), 16)]
    [131073]
    """
    lanes = WORD_BITS // bits
    words = np.zeros(-(-len(values) // lanes), dtype=np.uint64)
    for place, value in enumerate(values):
        shift = np.uint64(bits * (place % lanes))
        words[place // lanes] |= np.uint64(value) << shift
    return words.view(np.int64)


def _latest_ends(problem: ScheduleProblem, duration: Integers) -> Integers:
    """Latest end of each task within the critical path."""
    order = list_order(problem, range(len(problem.tasks)))
    head = np.zeros(len(order), dtype=np.int64)
    for number in order:
        for successor in problem.tasks[number].successors:
            head[successor] = max(head[successor], head[number] + duration[number])
    latest = np.full(len(order), int((head + duration).max(initial=0)), dtype=np.int64)
    for number in reversed(order):
        for successor in problem.tasks[number].successors:
            latest[number] = min(latest[number], latest[successor] - duration[successor])
    return latest


def reverse_links(project: Project) -> Project:
    """The same project seen from its end."""
    return project._replace(
        before_first=project.after_first,
        before=project.after,
        after_first=project.before_first,
        after=project.before,
    )


def make_workspace(project: Project) -> ListWorkspace:
    """Workspace for a project."""
    n_tasks, n_words = project.demand.shape
    horizon = int(project.duration.sum()) + 1
    usage = np.empty((n_words, horizon), dtype=np.int64)
    usage[:] = project.empty[:, None]
    return ListWorkspace(
        usage=usage,
        bucket=np.zeros(horizon + 2, dtype=np.int64),
        key=np.zeros(n_tasks, dtype=np.int64),
        start=np.zeros(n_tasks, dtype=np.int64),
        order=np.zeros(n_tasks, dtype=np.int64),
        spare=np.zeros(n_tasks, dtype=np.int64),
        weight=np.zeros(n_tasks, dtype=np.float64),
    )


def make_population(project: Project, size: int) -> Population:
    """An empty population; ``best`` holds the least makespan, -1 before the first."""
    n_tasks = len(project.duration)
    return Population(
        order=np.zeros((2 * size, n_tasks), dtype=np.int64),
        makespan=np.zeros(2 * size, dtype=np.int64),
        mark=np.zeros(2 * size, dtype=np.int64),
        rank=np.zeros(2 * size, dtype=np.int64),
        kept=np.zeros((size, n_tasks), dtype=np.int64),
        kept_makespan=np.zeros(size, dtype=np.int64),
        kept_mark=np.zeros(size, dtype=np.int64),
        best=np.full(1, -1, dtype=np.int64),
        start=np.zeros(n_tasks, dtype=np.int64),
    )
