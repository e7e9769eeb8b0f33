"""What the compiled searches share: how kernels are compiled, rows copied and filled.

Plain loops instead of slices: an assignment of a slice brings in the words of its error messages,
which takes seconds to compile and nothing to run. Main functions: `copy_row` and `fill_row`.
"""

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = ["copy_row", "fill_row"]

Integers = NDArray[np.int64]


@compiled
def copy_row(source: Integers, target: Integers) -> None:
    """Copy a row into one of the same length."""
    for place in range(len(target)):
        target[place] = source[place]


@compiled
def fill_row(row: Integers, value: int) -> None:
    """Give every place of a row the same value."""
    for place in range(len(row)):
        row[place] = value
