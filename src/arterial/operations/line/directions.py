"""In which of two directions a train runs, the same for all trains of a line.

The main function is `orient_steps`. The two must agree from step to step, for the rule that
keeps a track free for the other direction rests on it; steps are joined by the runs that use them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["orient_steps"]


def orient_steps(
    ends: NDArray[np.int64], routes: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]
) -> list[list[int]]:
    """Direction of every run on every of its steps.

    A run keeps its direction from step to step; where the network closes a loop in which that
    cannot hold for all, the runs that come later give in.

    Parameters
    ----------
    ends : ndarray
        Points at both ends of each step, ``(n_steps, 2)``.
    routes : sequence of pairs
        Points and steps of each run.

    Returns
    -------
    list of list of int
        0 or 1 for each step of each run; opposite on one step means opposing trains.

    Examples
    --------
    >>> ends = np.array([[0, 1], [2, 1]])
    >>> orient_steps(ends, [((0, 1, 2), (0, 1)), ((2, 1, 0), (1, 0))])
    [[0, 0], [1, 1]]
    """
    parent = list(range(len(ends)))
    parity = [0] * len(ends)

    def find(step: int) -> tuple[int, int]:
        turned = 0
        while parent[step] != step:
            turned ^= parity[step]
            step = parent[step]
        return step, turned

    sides = [
        [int(ends[step, 0] != points[place]) for place, step in enumerate(steps)]
        for points, steps in routes
    ]
    for (_, steps), side in zip(routes, sides, strict=True):
        for place in range(len(steps) - 1):
            first, first_turned = find(steps[place])
            second, second_turned = find(steps[place + 1])
            if first != second:
                parent[second] = first
                parity[second] = first_turned ^ side[place] ^ second_turned ^ side[place + 1]
    return [
        [turn ^ find(step)[1] for step, turn in zip(steps, side, strict=True)]
        for (_, steps), side in zip(routes, sides, strict=True)
    ]
