"""What the compiled searches share: how kernels are compiled, rows copied and filled.

Plain loops instead of slices: an assignment of a slice brings in the words of its error messages,
which takes seconds to compile and nothing to run. Main functions: `copy_row` and `fill_row`.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["compiled", "copy_row", "fill_row"]

Integers = NDArray[np.int64]
P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel with numba, cached on disk; it runs without the interpreter's lock."""
    build = numba.njit(cache=True, nogil=True, error_model="numpy")
    return cast("Callable[P, R]", build(function))


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
