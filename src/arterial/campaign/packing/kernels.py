"""Compiled bound with whole works in each possession: one knapsack for each line and month.

Labour, materials and money stay at their prices, and the rule of one option for each site is
relaxed at a worth u of the site; the hours of each line and month are kept as whole works. The
bound is then sum u + sum over line-months of the best set of columns, each worth its profit less u,
whose hours fit [Fisher 1986]. Sizes are rounded down to a grid, so what is found is never too low.
A work of several months enters each of them with an even part of hours and worth. `improve_worths`
lowers the bound of each line by subgradient steps on u.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.dual.kernels import compiled
from arterial.campaign.encode import Columns, Needs, PriceTables
from arterial.campaign.plan.kernels import fill_worth

__all__ = ["Steps", "improve_worths"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]

GRID: Final = 400
SMALL: Final = 1e-7


class Steps(NamedTuple):
    """How long a line is worked at, and how boldly."""

    rounds: int
    first: float
    patience: int


@compiled
def improve_worths(
    columns: Columns,
    tables: PriceTables,
    needs: Needs,
    limit: Floats,
    line_first: Indices,
    lines: Indices,
    target: Floats,
    steps: Steps,
    worth: Floats,
    bound: Floats,
) -> None:
    """Lower the bound of some lines by moving the worths of their sites; `bound` gets the best."""
    n_months = columns.benefit.shape[1]
    for line in lines:
        start, end = line_first[line], line_first[line + 1]
        first = columns.first[start]
        n_options = columns.first[end] - first
        profit = np.empty((n_options, n_months), dtype=np.float32)
        for k in range(n_options):
            fill_worth(columns, tables, 1.0, first + k, profit[k])
        owner = np.empty(n_options, dtype=np.int32)
        for site in range(start, end):
            for option in range(columns.first[site], columns.first[site + 1]):
                owner[option - first] = site - start
        table = np.empty((n_options * 2 + 1, GRID + 1), dtype=np.float32)
        current = worth[start:end].copy()
        best = np.inf
        count = np.empty(end - start)
        bold, waited = steps.first, 0
        for _step in range(steps.rounds):
            total = current.sum()
            count[:] = 0.0
            for month in range(n_months):
                total += pack_month(
                    needs, profit, owner, current, first, month, limit[line, month], table, count
                )
            if total < best - SMALL * abs(best):
                best = total
                worth[start:end] = current
                waited = 0
            else:
                waited += 1
                if waited >= steps.patience:
                    bold *= 0.6
                    waited = 0
                    current[:] = worth[start:end]
            length = 0.0
            for i in range(end - start):
                slope = 1.0 - count[i]
                if slope < 0.0 or current[i] > 0.0:
                    length += slope * slope
            if length == 0.0:
                break
            size = bold * max(total - target[line], 1e-4 * abs(total)) / length
            for i in range(end - start):
                current[i] = max(0.0, current[i] - size * (1.0 - count[i]))
        bound[line] = best


@compiled
def pack_month(
    needs: Needs,
    profit: Singles,
    owner: Indices,
    worth: Floats,
    first: int,
    month: int,
    limit: float,
    table: Singles,
    count: Floats,
) -> float:
    """Best set of columns of one line whose hours fit a month; adds to `count` who is in it."""
    n_options = profit.shape[0]
    item = np.empty(table.shape[0], dtype=np.int32)
    cells = np.empty(table.shape[0], dtype=np.int32)
    gain = np.empty(table.shape[0], dtype=np.float32)
    part = np.empty(table.shape[0])
    n_items, sum_cells, total = 0, 0, 0.0
    for k in range(n_options):
        months = needs.duration[first + k]
        hours = needs.possession[first + k] / months
        if hours > limit:
            continue
        for begin in range(max(0, month - months + 1), month + 1):
            won = (profit[k, begin] - worth[owner[k]]) / months
            if won <= 0.0:
                continue
            size = int(hours / limit * GRID) if hours > 0.0 else 0
            if size == 0:
                total += won
                count[owner[k]] += 1.0 / months
                continue
            if n_items + 1 == table.shape[0]:
                # No more room to be exact: the rest is counted in full, which keeps the bound.
                total += won
                count[owner[k]] += 1.0 / months
                continue
            item[n_items], cells[n_items] = k, size
            gain[n_items], part[n_items] = won, 1.0 / months
            n_items += 1
            sum_cells += size
    if sum_cells <= GRID:
        for k in range(n_items):
            total += gain[k]
            count[owner[item[k]]] += part[k]
        return total
    table[0, :] = np.float32(0.0)
    for k in range(n_items):
        old, new = table[k], table[k + 1]
        size, won_here = cells[k], gain[k]
        for c in range(size):
            new[c] = old[c]
        for c in range(GRID + 1 - size):
            new[c + size] = max(old[c + size], old[c] + won_here)
    c = GRID
    for back in range(n_items):
        k = n_items - 1 - back
        if table[k + 1, c] != table[k, c]:
            count[owner[item[k]]] += part[k]
            c -= cells[k]
    return total + float(table[n_items, GRID])
