"""State of the search for projects: a population of lists, and the workspace of its kernels."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.workshop.project.encode import Project

__all__ = ["ListWorkspace", "Population", "make_population", "make_workspace"]

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
