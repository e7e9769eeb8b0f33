"""Rows of different lengths as one array; main function `link_rows`."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["link_rows"]

Integers = NDArray[np.int64]


def link_rows(rows: Sequence[Sequence[int]]) -> tuple[Integers, Integers]:
    """Where each row begins, and all rows as one array.

    What belongs to row ``j`` stands from ``first[j]`` up to ``first[j + 1]``.

    Examples
    --------
    >>> [int(place) for place in link_rows([(3,), (), (1, 2)])[0]]
    [0, 1, 1, 3]
    """
    first = np.zeros(len(rows) + 1, dtype=np.int64)
    first[1:] = np.cumsum([len(row) for row in rows])
    # One entry more keeps the array from being empty.
    return first, np.array([item for row in rows for item in row] + [0], dtype=np.int64)
