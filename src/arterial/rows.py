"""Rows with named columns, for the state of kernels; main function `row_kind`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Row", "Rows", "row_kind"]

Rows = NDArray[np.void]
Row = Any
"""One row of `Rows`; its columns are attributes, within kernels and outside."""


def row_kind(integers: str, numbers: str = "") -> np.dtype[np.void]:
    """Kind of rows with the named columns of whole numbers, then those of other numbers.

    Parameters
    ----------
    integers, numbers : str
        Names of the columns, with blanks between.

    Returns
    -------
    dtype
        Of an array whose rows have the columns as attributes.

    Examples
    --------
    >>> rows = np.zeros(2, dtype=row_kind("start_s", "length_m"))
    >>> rows[1].start_s = 60
    >>> int(rows["start_s"].sum())
    60
    """
    columns = [(name, np.int64) for name in integers.split()]
    kinds = [*columns, *((name, np.float64) for name in numbers.split())]
    # Of records, not of plain structures: only these have attributes outside kernels.
    return np.dtype((np.record, kinds))
