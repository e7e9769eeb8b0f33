"""Compiled sums over all columns for the price search.

`sum_smoothed` weighs the columns of each site, and doing nothing, by exp(profit / temperature) and
adds up what they would use; `sum_best` adds up the best profit of each site. Both work on a range
of sites and release the interpreter, so that ranges run on threads; sums of a range depend on
nothing else, so the number of threads changes no digit.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.encode import Columns, PriceTables
from arterial.compiling import compiled

__all__ = ["best_of_sites", "fill_worth", "level_rows", "sum_best", "sum_smoothed"]


# exp(x) is taken as (1 + x / 256)^256, which vectorises; below -256 it is nothing.
STEPS: Final = 256.0


@compiled
def fill_worth(
    columns: Columns, tables: PriceTables, share: float, option: int, profit: NDArray[np.float32]
) -> None:
    """Benefit less a share of the price of all that an option takes, for each first month."""
    labour = columns.labour[option] * np.float32(share)
    possession = columns.possession[option] * np.float32(share)
    cost = columns.cost[option] * np.float32(share)
    benefit = columns.benefit[option]
    labour_price = tables.labour[columns.labour_class[option]]
    possession_price = tables.possession[columns.possession_class[option]]
    for t in range(benefit.shape[0]):
        profit[t] = (
            benefit[t]
            - labour * labour_price[t]
            - possession * possession_price[t]
            - cost * tables.cost[t]
        )
    for m in range(tables.material.shape[0]):
        units = columns.material[option, m] * np.float32(share)
        if units > np.float32(0.0):
            for t in range(benefit.shape[0]):
                profit[t] -= units * tables.material[m, t]


@compiled
def sum_best(columns: Columns, tables: PriceTables, start: int, end: int) -> float:
    """Sum over sites of the best profit, at least nothing."""
    n_months = columns.benefit.shape[1]
    profit = np.empty(n_months, dtype=np.float32)
    total = 0.0
    for site in range(start, end):
        best = np.float32(0.0)
        for option in range(columns.first[site], columns.first[site + 1]):
            fill_worth(columns, tables, 1.0, option, profit)
            top = profit[0]
            for t in range(n_months):
                top = max(top, profit[t])
            best = max(best, top)
        total += float(best)
    return total


@compiled
def best_of_sites(
    columns: Columns, tables: PriceTables, start: int, end: int, best: NDArray[np.float32]
) -> None:
    """Best profit of each site of a range, below nothing too."""
    n_months = columns.benefit.shape[1]
    profit = np.empty(n_months, dtype=np.float32)
    for site in range(start, end):
        highest = np.float32(-1e30)
        for option in range(columns.first[site], columns.first[site + 1]):
            fill_worth(columns, tables, 1.0, option, profit)
            top = profit[0]
            for t in range(n_months):
                top = max(top, profit[t])
            highest = max(highest, top)
        best[site] = highest


@compiled
def sum_smoothed(
    columns: Columns,
    tables: PriceTables,
    sites: NDArray[np.int32],
    temperature: float,
    use: PriceTables,
    spread: PriceTables,
) -> None:
    """Add the smoothed use of some sites to `use`, and its derivative to `spread`."""
    n_months = columns.benefit.shape[1]
    most = 1
    for site in sites:
        most = max(most, columns.first[site + 1] - columns.first[site])
    weight = np.empty((most, n_months), dtype=np.float32)
    scale = np.float32(1.0 / (temperature * STEPS))
    for site in sites:
        first = columns.first[site]
        n_options = columns.first[site + 1] - first
        highest = np.float32(0.0)
        for k in range(n_options):
            fill_worth(columns, tables, 1.0, first + k, weight[k])
            row = weight[k]
            top = row[0]
            for t in range(n_months):
                top = max(top, row[t])
            highest = max(highest, top)
        total = _raise_power(-highest * scale)
        for k in range(n_options):
            row = weight[k]
            part = np.float32(0.0)
            for t in range(n_months):
                x = _raise_power((row[t] - highest) * scale)
                row[t] = x
                part += x
            total += part
        for k in range(n_options):
            _add_use(columns, first + k, weight[k], np.float32(1.0) / total, use, spread)


@compiled(is_inlined=True)
def _raise_power(step: np.float32) -> np.float32:
    """(1 + step)^256, nothing where the base is negative."""
    x = max(np.float32(0.0), np.float32(1.0) + step)
    x *= x
    x *= x
    x *= x
    x *= x
    x *= x
    x *= x
    x *= x
    x *= x
    return x


@compiled
def _add_use(
    columns: Columns,
    option: int,
    weight: NDArray[np.float32],
    share: np.float32,
    use: PriceTables,
    spread: PriceTables,
) -> None:
    """Add an option's weighted use of everything; weights are brought to one by `share`."""
    labour = columns.labour[option]
    possession = columns.possession[option]
    cost = columns.cost[option]
    n_months = weight.shape[0]
    labour_use = use.labour[columns.labour_class[option]]
    labour_spread = spread.labour[columns.labour_class[option]]
    possession_use = use.possession[columns.possession_class[option]]
    possession_spread = spread.possession[columns.possession_class[option]]
    for t in range(n_months):
        p = weight[t] * share
        v = p * (np.float32(1.0) - p)
        weight[t] = p
        labour_use[t] += labour * p
        labour_spread[t] += labour * labour * v
        possession_use[t] += possession * p
        possession_spread[t] += possession * possession * v
    for m in range(use.material.shape[0]):
        units = columns.material[option, m]
        if units > np.float32(0.0):
            for t in range(n_months):
                p = weight[t]
                use.material[m, t] += units * p
                spread.material[m, t] += units * units * p * (np.float32(1.0) - p)
    if cost > np.float32(0.0):
        for t in range(n_months):
            p = weight[t]
            use.cost[t] += cost * p
            spread.cost[t] += cost * cost * p * (np.float32(1.0) - p)


@compiled
def level_rows(rows: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nearest rows that never rise, by weighted squares: neighbours that rise are pooled.

    Blocks grow in the order of [Busing 2022], as those of `scipy.optimize.isotonic_regression`.
    """
    level = np.empty(rows.shape)
    n_months = rows.shape[1]
    value, mass = np.empty(n_months), np.empty(n_months)
    end = np.empty(n_months, dtype=np.int32)
    for m in range(rows.shape[0]):
        # From the last month on, in which direction they may not fall.
        row, heavy = rows[m, ::-1], weight[m, ::-1]
        last, t = -1, 0
        while t < n_months:
            mean, total = row[t], heavy[t]
            if last >= 0 and value[last] >= mean:
                both = mass[last] * value[last] + total * mean
                total += mass[last]
                mean = both / total
                last -= 1
                while t + 1 < n_months and mean >= row[t + 1]:
                    t += 1
                    both += heavy[t] * row[t]
                    total += heavy[t]
                    mean = both / total
                while last >= 0 and value[last] >= mean:
                    both += mass[last] * value[last]
                    total += mass[last]
                    mean = both / total
                    last -= 1
            last += 1
            value[last], mass[last], end[last] = mean, total, t + 1
            t += 1
        begin = 0
        for block in range(last + 1):
            for back in range(begin, end[block]):
                level[m, n_months - 1 - back] = value[block]
            begin = end[block]
    return level
