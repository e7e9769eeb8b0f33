"""The bound with whole works in each possession, from prices and a plan.

`bound_by_packing` starts from the worth that the price bound gives each site, from where on the
knapsacks can only lower the bound, and improves it line by line.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.encode import Encoded, list_needs, spread_prices
from arterial.campaign.choice.packing_kernel import Offer, Steps, improve_worths
from arterial.campaign.choice.price_kernel import best_of_sites
from arterial.campaign.choice.pricing import limits_at
from arterial.campaign.choice.problem import Prices

__all__ = ["PackingBound", "bound_by_packing", "count_line_values"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PackingBound:
    """A bound, and the prices and worths of sites (in the problem's order) that prove it."""

    bound: float
    prices: Prices
    site_worth: Floats


def bound_by_packing(
    encoded: Encoded,
    prices: Prices,
    *,
    line_values: Floats,
    steps: Steps,
    pool: ThreadPoolExecutor,
) -> PackingBound:
    """Lower the price bound by keeping works whole in each line and month.

    Parameters
    ----------
    encoded : Encoded
        Problem for the kernels.
    prices : Prices
        Prices of the price bound.
    line_values : Floats
        Profit, at the prices without possession, of a plan's works on each line, `(n_lines,)`.
    steps : Steps
        Length of the search on each line.
    pool : ThreadPoolExecutor
        Threads; each line is one task.
    """
    tables = spread_prices(encoded, prices)
    n_sites = len(encoded.site_order)
    best = np.empty(n_sites, dtype=np.float32)
    best_of_sites(encoded.columns, tables, 0, n_sites, best)
    worth = np.maximum(best, 0.0).astype(np.float64)
    without = replace(prices, possession=np.zeros_like(prices.possession))
    tables = spread_prices(encoded, without)
    limit = encoded.problem.possession_limit_h
    offer = Offer(encoded.columns, tables, list_needs(encoded), limit, encoded.line_first)
    n_lines = len(encoded.line_first) - 1
    bounds = np.zeros(n_lines)
    lines = np.flatnonzero(np.diff(encoded.line_first) > 0).astype(np.int32)

    def work(part: NDArray[np.int32]) -> None:
        improve_worths(offer, part, line_values, steps, worth, bounds)

    list(pool.map(work, np.array_split(lines, max(1, min(len(lines), 16)))))
    site_worth = np.zeros(n_sites)
    site_worth[encoded.site_order] = worth
    total = limits_at(encoded.problem, without) + float(bounds.sum())
    return PackingBound(bound=total, prices=without, site_worth=site_worth)


def count_line_values(
    encoded: Encoded, prices: Prices, option: NDArray[np.int32], month: NDArray[np.int32]
) -> Floats:
    """Profit of a plan on each line, possession for nothing, `(n_lines,)`."""
    tables, columns = spread_prices(encoded, prices), encoded.columns
    chosen = np.flatnonzero(option >= 0)
    k, t = option[chosen], month[chosen]
    profit = columns.benefit[k, t].astype(np.float64)
    profit -= columns.labour[k] * tables.labour[columns.labour_class[k], t]
    profit -= columns.cost[k] * tables.cost[t]
    profit -= (columns.material[k] * tables.material[:, t].T).sum(axis=1)
    line = encoded.problem.line[encoded.site_order[chosen]]
    return np.asarray(
        np.bincount(line, profit, minlength=len(encoded.line_first) - 1), dtype=np.float64
    )
