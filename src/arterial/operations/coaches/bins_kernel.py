"""Compiled counting of delays by stop and bin."""

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = ["add_to_bins"]

UNREACHED = -(1 << 31)


@compiled
def add_to_bins(
    delays_s: NDArray[np.int32],
    lookup: NDArray[np.int64],
    lowest_s: int,
    grid_s: int,
    counts: NDArray[np.int32],
) -> None:
    """Count each delay in the bin that `lookup` gives for its place on an even grid."""
    last = len(lookup) - 1
    for row in range(delays_s.shape[0]):
        for stop in range(delays_s.shape[1]):
            late_s = delays_s[row, stop]
            if late_s == UNREACHED:
                continue
            place = (late_s - lowest_s) // grid_s
            place = min(max(place, 0), last)
            counts[stop, lookup[place]] += 1
