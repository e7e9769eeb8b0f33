"""Compiled knapsack of the judge of campaigns; it shares no code with that of the solver."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = ["fill_knapsack"]

Floats = NDArray[np.float64]

# Cells of a possession; works are rounded down to them, so the bound is never too low.
CELLS: Final = 1000


@compiled
def fill_knapsack(gains: Floats, sizes: Floats, limit: float) -> float:
    """Most that a set of works can bring whose sizes, rounded down, fit a limit."""
    best = np.zeros(CELLS + 1)
    for k in range(gains.shape[0]):
        size = int(np.floor(sizes[k] / limit * CELLS))
        # From the top, so that each work is taken once.
        for cell in range(CELLS, size - 1, -1):
            best[cell] = max(best[cell], best[cell - size] + gains[k])
    return float(best[CELLS])
