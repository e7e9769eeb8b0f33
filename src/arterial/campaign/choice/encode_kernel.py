"""Compiled prices by class and first month, and use of each month from them.

What a work of several months costs by its first month is a sum over its months, and what it uses in
each month comes from all first months before: `spread_prices` and `gather_use` of `encode` are
these sums, taken at every step of the price search.
"""

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled

__all__ = ["gather_hours", "gather_labour", "spread_rows"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]


@compiled
def spread_rows(prices: Floats, need: Floats, classes: Indices) -> Floats:
    """Price of an hour by class (row of `prices`, row of `need`, months) and first month."""
    n_months = prices.shape[1]
    spread = np.zeros((classes.shape[0], n_months))
    for k in range(classes.shape[0]):
        row, season, months = classes[k, 0], classes[k, 1], classes[k, 2]
        for later in range(min(months, n_months)):
            for t in range(later, n_months):
                spread[k, t - later] += prices[row, t] * need[season, t] / months
    return spread


@compiled
def gather_labour(
    hours: Singles,
    need: Floats,
    classes: Indices,
    n_pools: int,
    squared: bool,  # noqa: FBT001
) -> Floats:
    """Man-hours of each pool and month from those by class and first month."""
    n_months = hours.shape[1]
    use = np.zeros((n_pools, n_months))
    for k in range(classes.shape[0]):
        pool, season, months = classes[k, 0], classes[k, 1], classes[k, 2]
        for later in range(min(months, n_months)):
            for t in range(later, n_months):
                factor = need[season, t]
                if squared:
                    factor *= factor
                use[pool, t] += hours[k, t - later] * (factor / months)
    return use


@compiled
def gather_hours(hours: Singles, classes: Indices, n_lines: int) -> Floats:
    """Hours of possession of each line and month from those by class and first month."""
    n_months = hours.shape[1]
    use = np.zeros((n_lines, n_months))
    for k in range(classes.shape[0]):
        line, months = classes[k, 0], classes[k, 1]
        for later in range(min(months, n_months)):
            for t in range(later, n_months):
                # In single precision, as the sums over columns are.
                use[line, t] += hours[k, t - later] / np.float32(months)
    return use
