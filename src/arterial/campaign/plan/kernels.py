"""Compiled making and mending of plans: put in, take out, fill, and repack a month of a line.

What is left of every limit is kept in double precision; of material, also the least that is left
from a month on, so that one look tells whether units may be taken in that month. `repack_month`
chooses anew which works of a line begin in a month: a knapsack over its possession (or its labour,
where that is scarcer) by dynamic programming, the other resource at a price found by bisection.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.dual.kernels import compiled
from arterial.campaign.encode import Columns, Needs, PriceTables

__all__ = ["Left", "Work", "improve_lines", "insert_in_order", "put_all"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]

TOLERANCE: Final = 1e-9
GRID: Final = 384
MOST_ITEMS: Final = 160
BISECTIONS: Final = 5
SMALL: Final = 1e-9


class Left(NamedTuple):
    """What is left of each limit; `free` is the least of `material` from a month on."""

    labour: Floats
    possession: Floats
    material: Floats
    free: Floats
    budget: Floats


class Work(NamedTuple):
    """Plan (option and month of each site, -1 for none) and room to work in."""

    option: Indices
    month: Indices
    profit: Singles
    table: Singles


@compiled
def fits(needs: Needs, left: Left, site: int, option: int, month: int) -> bool:
    """Whether an option may begin in a month with what is left."""
    months = needs.duration[option]
    if month + months > left.labour.shape[1]:
        return False
    line, pool = needs.line[site], needs.pool[site]
    possession = needs.possession[option] / months
    labour = needs.labour[option] / months
    season = needs.season[option]
    for t in range(month, month + months):
        if possession > left.possession[line, t]:
            return False
        if labour * needs.season_need[season, t] > left.labour[pool, t]:
            return False
    for m in range(left.free.shape[0]):
        units = needs.material[option, m]
        if units > 0.0 and units > left.free[m, month]:
            return False
    return left.budget.shape[0] == 0 or bool(needs.cost[option] <= left.budget[needs.year[month]])


@compiled
def book(needs: Needs, left: Left, site: int, option: int, month: int, sign: float) -> None:
    """Take what an option needs (sign 1) or give it back (sign -1)."""
    months = needs.duration[option]
    line, pool = needs.line[site], needs.pool[site]
    possession = sign * needs.possession[option] / months
    labour = sign * needs.labour[option] / months
    season = needs.season[option]
    for t in range(month, month + months):
        left.possession[line, t] -= possession
        left.labour[pool, t] -= labour * needs.season_need[season, t]
    n_months = left.labour.shape[1]
    for m in range(left.free.shape[0]):
        units = sign * needs.material[option, m]
        if units != 0.0:
            least = np.inf
            for back in range(n_months - month):
                t = n_months - 1 - back
                left.material[m, t] -= units
                least = min(least, left.material[m, t])
                left.free[m, t] = least
            for back in range(month):
                t = month - 1 - back
                least = min(least, left.material[m, t])
                if left.free[m, t] == least:
                    break
                left.free[m, t] = least
    if left.budget.shape[0] > 0:
        left.budget[needs.year[month]] -= sign * needs.cost[option]


@compiled
def put(needs: Needs, left: Left, work: Work, site: int, option: int, month: int) -> None:
    """Put an option of a site into the plan."""
    book(needs, left, site, option, month, 1.0)
    work.option[site] = option
    work.month[site] = month


@compiled
def take_out(needs: Needs, left: Left, work: Work, site: int) -> None:
    """Take a site out of the plan."""
    book(needs, left, site, work.option[site], work.month[site], -1.0)
    work.option[site] = -1
    work.month[site] = -1


@compiled
def put_all(needs: Needs, left: Left, work: Work, option: Indices, month: Indices) -> int:
    """Put a whole plan in, leaving out what no longer fits; counts what is left out."""
    out = 0
    for site in range(option.shape[0]):
        if option[site] >= 0:
            if fits(needs, left, site, option[site], month[site]):
                put(needs, left, work, site, option[site], month[site])
            else:
                out += 1
    return out


@compiled
def fill_worth(
    columns: Columns, tables: PriceTables, share: float, option: int, profit: Singles
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
def insert_in_order(
    columns: Columns,
    tables: PriceTables,
    needs: Needs,
    left: Left,
    work: Work,
    order: Indices,
    least: float,
) -> None:
    """Put sites in, in an order, each with its best column that fits and is worth `least`."""
    n_months = columns.benefit.shape[1]
    profit = np.empty(n_months, dtype=np.float32)
    for site in order:
        if work.option[site] >= 0:
            continue
        best, best_option, best_month = least, -1, -1
        for option in range(columns.first[site], columns.first[site + 1]):
            fill_worth(columns, tables, 1.0, option, profit)
            for t in range(n_months):
                if (
                    profit[t] > best
                    and columns.benefit[option, t] > 0
                    and fits(needs, left, site, option, t)
                ):
                    best, best_option, best_month = profit[t], option, t
        if best_option >= 0:
            put(needs, left, work, site, best_option, best_month)


@compiled
def put_best(
    columns: Columns,
    needs: Needs,
    left: Left,
    work: Work,
    site: int,
    first: int,
) -> float:
    """Put a site in at its best column that fits and is worth anything; gives its worth."""
    n_months = columns.benefit.shape[1]
    best, best_option, best_month = np.float32(SMALL), -1, -1
    for option in range(columns.first[site], columns.first[site + 1]):
        row = work.profit[option - first]
        for t in range(n_months):
            if row[t] > best and fits(needs, left, site, option, t):
                best, best_option, best_month = row[t], option, t
    if best_option < 0:
        return 0.0
    put(needs, left, work, site, best_option, best_month)
    return float(best)


@compiled
def improve_lines(
    columns: Columns,
    tables: PriceTables,
    needs: Needs,
    left: Left,
    work: Work,
    line_first: Indices,
    lines: Indices,
    share: float,
    months: Indices,
) -> float:
    """Repack months of lines in turn, then retime and fill; gives what was won at these prices."""
    won = 0.0
    for line in lines:
        start, end = line_first[line], line_first[line + 1]
        first = columns.first[start]
        for option in range(first, columns.first[end]):
            fill_worth(columns, tables, share, option, work.profit[option - first])
        for month in months:
            won += repack_month(columns, needs, left, work, start, end, month)
        for site in range(start, end):
            old_option, old_month, before = work.option[site], work.month[site], 0.0
            if old_option >= 0:
                before = float(work.profit[old_option - first, old_month])
                take_out(needs, left, work, site)
            won += put_best(columns, needs, left, work, site, first) - before
    return won


@compiled
def repack_month(
    columns: Columns,
    needs: Needs,
    left: Left,
    work: Work,
    start: int,
    end: int,
    month: int,
) -> float:
    """Choose anew which one-month works of a line begin in a month; gives what was won."""
    first = columns.first[start]
    line = needs.line[start]
    pool = needs.pool[start]
    old_site = np.empty(MOST_ITEMS, dtype=np.int32)
    old_option = np.empty(MOST_ITEMS, dtype=np.int32)
    n_old = 0
    before = 0.0
    for site in range(start, end):
        if work.month[site] == month and needs.duration[work.option[site]] == 1:
            if n_old == MOST_ITEMS:
                return 0.0
            old_site[n_old] = site
            old_option[n_old] = work.option[site]
            before += work.profit[work.option[site] - first, month]
            n_old += 1
    for k in range(n_old):
        take_out(needs, left, work, old_site[k])
    item_site = np.empty(MOST_ITEMS, dtype=np.int32)
    item_option = np.empty(MOST_ITEMS, dtype=np.int32)
    gain = np.empty(MOST_ITEMS, dtype=np.float64)
    n_items = list_items(
        columns, needs, left, work, start, end, month, item_site, item_option, gain
    )
    chosen = np.zeros(MOST_ITEMS, dtype=np.bool_)
    if n_items > 0:
        choose_items(needs, left, work, line, pool, month, n_items, item_option, gain, chosen)
    # What moves here is remembered, to put it back where it was if nothing is won.
    moved_option = np.full(MOST_ITEMS, -1, dtype=np.int32)
    moved_month = np.full(MOST_ITEMS, -1, dtype=np.int32)
    after = 0.0
    for k in range(n_items):
        if not chosen[k]:
            continue
        site = item_site[k]
        moved_option[k] = work.option[site]
        moved_month[k] = work.month[site]
        if moved_option[k] >= 0:
            after -= work.profit[moved_option[k] - first, moved_month[k]]
            take_out(needs, left, work, site)
        if fits(needs, left, site, item_option[k], month):
            put(needs, left, work, site, item_option[k], month)
            after += work.profit[item_option[k] - first, month]
        elif moved_option[k] >= 0:
            put(needs, left, work, site, moved_option[k], moved_month[k])
            after += work.profit[moved_option[k] - first, moved_month[k]]
    for k in range(n_old):
        if work.option[old_site[k]] < 0:
            after += put_best(columns, needs, left, work, old_site[k], first)
    if after >= before - SMALL:
        return after - before
    for k in range(n_old):
        if work.option[old_site[k]] >= 0:
            take_out(needs, left, work, old_site[k])
    for k in range(n_items):
        if chosen[k] and work.option[item_site[k]] >= 0:
            take_out(needs, left, work, item_site[k])
    for k in range(n_items):
        if chosen[k] and moved_option[k] >= 0:
            put(needs, left, work, item_site[k], moved_option[k], moved_month[k])
    for k in range(n_old):
        put(needs, left, work, old_site[k], old_option[k], month)
    return 0.0


@compiled
def list_items(
    columns: Columns,
    needs: Needs,
    left: Left,
    work: Work,
    start: int,
    end: int,
    month: int,
    item_site: Indices,
    item_option: Indices,
    gain: Floats,
) -> int:
    """Sites that would be worth more in this month than where they are now."""
    first = columns.first[start]
    n_items = 0
    for site in range(start, end):
        now = np.float32(SMALL)
        if work.option[site] >= 0:
            now = work.profit[work.option[site] - first, work.month[site]] + np.float32(SMALL)
        best, best_option = now, -1
        for option in range(columns.first[site], columns.first[site + 1]):
            worth = work.profit[option - first, month]
            if (
                worth > best
                and needs.duration[option] == 1
                and fits(needs, left, site, option, month)
            ):
                best, best_option = worth, option
        if best_option < 0 or n_items == MOST_ITEMS:
            continue
        item_site[n_items] = site
        item_option[n_items] = best_option
        gain[n_items] = best - now
        n_items += 1
    return n_items


@compiled
def choose_items(
    needs: Needs,
    left: Left,
    work: Work,
    line: int,
    pool: int,
    month: int,
    n_items: int,
    item_option: Indices,
    gain: Floats,
    chosen: NDArray[np.bool_],
) -> None:
    """Items worth most together within possession and labour of the month."""
    first = np.empty(n_items)
    second = np.empty(n_items)
    sum_first = 0.0
    sum_second = 0.0
    for k in range(n_items):
        option = item_option[k]
        need = needs.season_need[needs.season[option], month]
        first[k] = needs.possession[option] / max(left.possession[line, month], SMALL)
        second[k] = needs.labour[option] * need / max(left.labour[pool, month], SMALL)
        sum_first += first[k]
        sum_second += second[k]
    if sum_second > sum_first:
        first, second = second, first
        sum_first, sum_second = sum_second, sum_first
    if sum_first <= 1.0:
        chosen[:n_items] = True
        return
    low, high, price, best = 0.0, -1.0, 0.0, -1.0
    trial = np.zeros(n_items, dtype=np.bool_)
    for _step in range(BISECTIONS + 1):
        pack(first, second, gain, price, n_items, work.table, trial)
        total, use = 0.0, 0.0
        for k in range(n_items):
            if trial[k]:
                total += gain[k]
                use += second[k]
        if use <= 1.0:
            if total > best:
                best = total
                chosen[:n_items] = trial
            if price == 0.0:
                break
            high = price
        else:
            low = price
        if high < 0.0:
            price = max(total, SMALL) if price == 0.0 else 3.0 * price
        else:
            price = 0.5 * (low + high)


@compiled
def pack(
    size: Floats,
    other: Floats,
    gain: Floats,
    price: float,
    n_items: int,
    table: Singles,
    chosen: NDArray[np.bool_],
) -> None:
    """Knapsack of size one by dynamic programming; sizes are rounded up to the grid."""
    table[0, :] = np.float32(0.0)
    for k in range(n_items):
        worth = np.float32(gain[k] - price * other[k])
        cells = int(np.ceil(size[k] * GRID - 1e-6))
        old, new = table[k], table[k + 1]
        new[:] = old
        if worth > 0 and cells <= GRID:
            for c in range(GRID + 1 - cells):
                new[c + cells] = max(new[c + cells], old[c] + worth)
    c = GRID
    for back in range(n_items):
        k = n_items - 1 - back
        chosen[k] = table[k + 1, c] != table[k, c]
        if chosen[k]:
            c -= int(np.ceil(size[k] * GRID - 1e-6))
