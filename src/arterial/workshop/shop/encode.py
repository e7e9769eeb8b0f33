"""Shops as arrays for the kernels; main functions `encode_shop` and `is_shop`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.exchange.scheduling import Schedule, ScheduleProblem
from arterial.workshop.links import link_rows

__all__ = ["Shop", "encode_shop", "is_shop", "list_sequences"]

Integers = NDArray[np.int64]


class Shop(NamedTuple):
    """A shop as arrays; what belongs to task ``j`` stands from ``first[j]`` to ``first[j + 1]``.

    Parameters
    ----------
    mode_first, machine, length : arrays
        Modes of each task: machine and duration [slots].
    before_first, before, after_first, after : arrays
        Predecessors and successors.
    n_machines : int
        How many machines there are.
    """

    mode_first: Integers
    machine: Integers
    length: Integers
    before_first: Integers
    before: Integers
    after_first: Integers
    after: Integers
    n_machines: int


def is_shop(problem: ScheduleProblem) -> bool:
    """Whether every mode of a plain problem holds one machine and nothing else."""
    return problem.is_plain and all(
        len(mode.demands) == 1
        and mode.duration > 0
        and 2 * mode.demands[0].amount > problem.capacities[mode.demands[0].resource]
        for task in problem.tasks
        for mode in task.modes
    )


def encode_shop(problem: ScheduleProblem) -> Shop:
    """Encode a problem for which `is_shop` holds."""
    modes = [mode for task in problem.tasks for mode in task.modes]
    before_first, before = link_rows(problem.predecessors)
    after_first, after = link_rows([task.successors for task in problem.tasks])
    counts = [0] + [len(task.modes) for task in problem.tasks]
    return Shop(
        mode_first=np.cumsum(counts).astype(np.int64),
        machine=np.array([mode.demands[0].resource for mode in modes], dtype=np.int64),
        length=np.array([mode.duration for mode in modes], dtype=np.int64),
        before_first=before_first,
        before=before,
        after_first=after_first,
        after=after,
        n_machines=len(problem.capacities),
    )


def list_sequences(shop: Shop, schedule: Schedule) -> tuple[Integers, Integers]:
    """Mode of each task, and all tasks in the order of their starts."""
    mode = shop.mode_first[:-1] + np.array(schedule.modes, dtype=np.int64)
    # Within one start a task of a machine cannot meet another: all last at least a slot.
    return mode, np.argsort(np.array(schedule.starts), kind="stable").astype(np.int64)
