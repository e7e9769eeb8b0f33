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

from arterial.campaign.choice.encode import Columns, Needs, PriceTables
from arterial.campaign.choice.price_kernel import fill_worth
from arterial.compiling import compiled

__all__ = ["Offer", "Steps", "improve_worths"]

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


class Offer(NamedTuple):
    """What options bring and take, the hours of each line and month, first site of each line."""

    columns: Columns
    tables: PriceTables
    needs: Needs
    limit: Floats
    line_first: Indices


class LineWorks(NamedTuple):
    """Options of one line: the first, profits, owners among its sites, hours, room to work in."""

    first: int
    profit: Singles
    owner: Indices
    limit: Floats
    table: Singles


class Items(NamedTuple):
    """Columns that enter a month: owner, cells of the grid, worth, and part of the whole work."""

    owner: Indices
    cells: Indices
    gain: Singles
    part: Floats


class Listed(NamedTuple):
    """How many columns enter a month, and the worth of those that need no choice."""

    n_items: int
    total: float


@compiled
def improve_worths(
    offer: Offer, lines: Indices, target: Floats, steps: Steps, worth: Floats, bound: Floats
) -> None:
    """Lower the bound of some lines by moving the worths of their sites; `bound` gets the best."""
    for line in lines:
        start, end = offer.line_first[line], offer.line_first[line + 1]
        works = _open_line(offer, line)
        bound[line] = _improve_line(offer.needs, works, steps, target[line], worth[start:end])


@compiled
def _open_line(offer: Offer, line: int) -> LineWorks:
    """Profits and owners of the options of a line."""
    columns = offer.columns
    start, end = offer.line_first[line], offer.line_first[line + 1]
    first = columns.first[start]
    n_options = columns.first[end] - first
    profit = np.empty((n_options, columns.benefit.shape[1]), dtype=np.float32)
    for k in range(n_options):
        fill_worth(columns, offer.tables, 1.0, first + k, profit[k])
    owner = np.empty(n_options, dtype=np.int32)
    for site in range(start, end):
        for option in range(columns.first[site], columns.first[site + 1]):
            owner[option - first] = site - start
    table = np.empty((n_options * 2 + 1, GRID + 1), dtype=np.float32)
    return LineWorks(first, profit, owner, offer.limit[line], table)


@compiled
def _improve_line(
    needs: Needs, works: LineWorks, steps: Steps, target: float, worth: Floats
) -> float:
    """Lower the bound of a line by subgradient steps on the worths of its sites; gives it."""
    current = worth.copy()
    best = np.inf
    count = np.empty(worth.shape[0])
    bold, waited = steps.first, 0
    for _step in range(steps.rounds):
        total = current.sum()
        count[:] = 0.0
        for month in range(works.profit.shape[1]):
            total += _pack_month(needs, works, current, month, count)
        if total < best - SMALL * abs(best):
            best = total
            worth[:] = current
            waited = 0
        else:
            waited += 1
            if waited >= steps.patience:
                bold *= 0.6
                waited = 0
                current[:] = worth
        length = _measure_slope(current, count)
        if length == 0.0:
            break
        size = bold * max(total - target, 1e-4 * abs(total)) / length
        for i in range(worth.shape[0]):
            current[i] = max(0.0, current[i] - size * (1.0 - count[i]))
    return best


@compiled
def _measure_slope(worth: Floats, count: Floats) -> float:
    """Square of the slope of the bound, without worths that cannot fall below nothing."""
    length = 0.0
    for i in range(worth.shape[0]):
        slope = 1.0 - count[i]
        if slope < 0.0 or worth[i] > 0.0:
            length += slope * slope
    return length


@compiled
def _pack_month(needs: Needs, works: LineWorks, worth: Floats, month: int, count: Floats) -> float:
    """Best set of columns of one line whose hours fit a month; adds to `count` who is in it."""
    most = works.table.shape[0]
    items = Items(
        np.empty(most, dtype=np.int32),
        np.empty(most, dtype=np.int32),
        np.empty(most, dtype=np.float32),
        np.empty(most),
    )
    n_items, total = _list_items(needs, works, worth, month, items, count)
    if items.cells[:n_items].sum() > GRID:
        return total + _pack_items(items, n_items, works.table, count)
    for k in range(n_items):
        total += items.gain[k]
        count[items.owner[k]] += items.part[k]
    return total


@compiled
def _list_items(
    needs: Needs, works: LineWorks, worth: Floats, month: int, items: Items, count: Floats
) -> Listed:
    """Columns worth anything that enter a month; those that take nothing are counted at once."""
    limit, owner = works.limit[month], works.owner
    n_items, total = 0, 0.0
    for k in range(works.profit.shape[0]):
        months = needs.duration[works.first + k]
        hours = needs.possession[works.first + k] / months
        if hours > limit:
            continue
        for begin in range(max(0, month - months + 1), month + 1):
            won = (works.profit[k, begin] - worth[owner[k]]) / months
            if won <= 0.0:
                continue
            size = int(hours / limit * GRID) if hours > 0.0 else 0
            # With no more room to be exact, the rest is counted in full, which keeps the bound.
            if size == 0 or n_items + 1 == items.cells.shape[0]:
                total += won
                count[owner[k]] += 1.0 / months
                continue
            items.owner[n_items], items.cells[n_items] = owner[k], size
            items.gain[n_items], items.part[n_items] = won, 1.0 / months
            n_items += 1
    return Listed(n_items, total)


@compiled
def _pack_items(items: Items, n_items: int, table: Singles, count: Floats) -> float:
    """Knapsack of the grid by dynamic programming; gives its worth, adds to `count`."""
    table[0, :] = np.float32(0.0)
    for k in range(n_items):
        old, new = table[k], table[k + 1]
        size, won_here = items.cells[k], items.gain[k]
        for c in range(size):
            new[c] = old[c]
        for c in range(GRID + 1 - size):
            new[c + size] = max(old[c + size], old[c] + won_here)
    c = GRID
    for back in range(n_items):
        k = n_items - 1 - back
        if table[k + 1, c] != table[k, c]:
            count[items.owner[k]] += items.part[k]
            c -= items.cells[k]
    return float(table[n_items, GRID])
