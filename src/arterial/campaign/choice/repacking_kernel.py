"""Compiled repacking: choose anew which works of a line begin in a month.

A knapsack over the possession of the month (or its labour, where that is scarcer) by dynamic
programming, the other resource at a price found by bisection. What does not win is undone.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.encode import Columns, Needs
from arterial.campaign.choice.plan_kernel import Remaining, State, Work, fits, put, take_out
from arterial.campaign.choice.price_kernel import fill_worth
from arterial.compiling import compiled

__all__ = ["GRID", "MOST_ITEMS", "improve_lines"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]

GRID: Final = 384
MOST_ITEMS: Final = 160
BISECTIONS: Final = 5
SMALL: Final = 1e-9


class Spot(NamedTuple):
    """A month of a line: its sites, from `start` to before `end`, and their first option."""

    start: int
    end: int
    first: int
    month: int


class Positions(NamedTuple):
    """Sites and where they were in the plan (-1 for nowhere), to put them back."""

    site: Indices
    option: Indices
    month: Indices


class Items(NamedTuple):
    """Options that may begin in the month, what each would win, and which are chosen."""

    site: Indices
    option: Indices
    gain: Floats
    chosen: NDArray[np.bool_]


@compiled
def _put_best(
    columns: Columns,
    needs: Needs,
    remaining: Remaining,
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
            if row[t] > best and fits(needs, remaining, site, option, t):
                best, best_option, best_month = row[t], option, t
    if best_option < 0:
        return 0.0
    put(needs, remaining, work, site, best_option, best_month)
    return float(best)


@compiled
def improve_lines(
    state: State, line_first: Indices, lines: Indices, months: Indices, share: float
) -> float:
    """Repack months of lines in turn, then retime and fill; gives what was won at these prices."""
    columns, tables, needs = state.columns, state.tables, state.needs
    remaining, work = state.remaining, state.work
    won = 0.0
    for line in lines:
        if state.stop[0]:
            break
        start, end = line_first[line], line_first[line + 1]
        first = columns.first[start]
        for option in range(first, columns.first[end]):
            fill_worth(columns, tables, share, option, work.profit[option - first])
        for month in months:
            if state.stop[0]:
                break
            won += _repack_month(state, Spot(start, end, first, month))
        for site in range(start, end):
            old_option, old_month, before = work.option[site], work.month[site], 0.0
            if old_option >= 0:
                before = float(work.profit[old_option - first, old_month])
                take_out(needs, remaining, work, site)
            won += _put_best(columns, needs, remaining, work, site, first) - before
    return won


@compiled
def _repack_month(state: State, spot: Spot) -> float:
    """Choose anew which one-month works of a line begin in a month; gives what was won."""
    needs, remaining, work = state.needs, state.remaining, state.work
    begun = Positions(
        np.empty(MOST_ITEMS, dtype=np.int32),
        np.empty(MOST_ITEMS, dtype=np.int32),
        np.full(MOST_ITEMS, spot.month, dtype=np.int32),
    )
    n_begun = _list_begun(needs, work, spot, begun)
    if n_begun < 0:
        return 0.0
    before = 0.0
    for k in range(n_begun):
        before += work.profit[begun.option[k] - spot.first, spot.month]
        take_out(needs, remaining, work, begun.site[k])
    items = Items(
        np.empty(MOST_ITEMS, dtype=np.int32),
        np.empty(MOST_ITEMS, dtype=np.int32),
        np.empty(MOST_ITEMS, dtype=np.float64),
        np.zeros(MOST_ITEMS, dtype=np.bool_),
    )
    n_items = _list_items(state, spot, items)
    if n_items > 0:
        _choose_items(state, spot, items, n_items)
    # What moves here is remembered, to put it back where it was if nothing is won.
    moved = Positions(
        items.site,
        np.full(MOST_ITEMS, -1, dtype=np.int32),
        np.full(MOST_ITEMS, -1, dtype=np.int32),
    )
    after = _move_items(state, spot, items, n_items, moved)
    for k in range(n_begun):
        if work.option[begun.site[k]] < 0:
            after += _put_best(state.columns, needs, remaining, work, begun.site[k], spot.first)
    if after >= before - SMALL:
        return after - before
    clear(state, begun, n_begun)
    for k in range(n_items):
        if items.chosen[k] and work.option[items.site[k]] >= 0:
            take_out(needs, remaining, work, items.site[k])
    _put_back(state, moved, n_items)
    _put_back(state, begun, n_begun)
    return 0.0


@compiled
def _list_begun(needs: Needs, work: Work, spot: Spot, begun: Positions) -> int:
    """One-month works that begin in the month; gives how many, or -1 if too many to repack."""
    n_begun = 0
    for site in range(spot.start, spot.end):
        if work.month[site] == spot.month and needs.duration[work.option[site]] == 1:
            if n_begun == MOST_ITEMS:
                return -1
            begun.site[n_begun] = site
            begun.option[n_begun] = work.option[site]
            n_begun += 1
    return n_begun


@compiled
def _list_items(state: State, spot: Spot, items: Items) -> int:
    """Sites that would be worth more in this month than where they are now."""
    columns, needs, remaining, work = state.columns, state.needs, state.remaining, state.work
    n_items = 0
    for site in range(spot.start, spot.end):
        now = np.float32(SMALL)
        if work.option[site] >= 0:
            now = work.profit[work.option[site] - spot.first, work.month[site]] + np.float32(SMALL)
        best, best_option = now, -1
        for option in range(columns.first[site], columns.first[site + 1]):
            worth = work.profit[option - spot.first, spot.month]
            if (
                worth > best
                and needs.duration[option] == 1
                and fits(needs, remaining, site, option, spot.month)
            ):
                best, best_option = worth, option
        if best_option < 0 or n_items == MOST_ITEMS:
            continue
        items.site[n_items] = site
        items.option[n_items] = best_option
        items.gain[n_items] = best - now
        n_items += 1
    return n_items


@compiled
def _move_items(state: State, spot: Spot, items: Items, n_items: int, moved: Positions) -> float:
    """Put the chosen items in where they fit; gives what was won, `moved` where they were."""
    needs, remaining, work = state.needs, state.remaining, state.work
    won = 0.0
    for k in range(n_items):
        if not items.chosen[k]:
            continue
        site = items.site[k]
        moved.option[k] = work.option[site]
        moved.month[k] = work.month[site]
        if moved.option[k] >= 0:
            won -= work.profit[moved.option[k] - spot.first, moved.month[k]]
            take_out(needs, remaining, work, site)
        if fits(needs, remaining, site, items.option[k], spot.month):
            put(needs, remaining, work, site, items.option[k], spot.month)
            won += work.profit[items.option[k] - spot.first, spot.month]
        elif moved.option[k] >= 0:
            put(needs, remaining, work, site, moved.option[k], moved.month[k])
            won += work.profit[moved.option[k] - spot.first, moved.month[k]]
    return won


@compiled
def clear(state: State, positions: Positions, n_positions: int) -> None:
    """Take sites out of the plan, where they are in it."""
    for k in range(n_positions):
        if state.work.option[positions.site[k]] >= 0:
            take_out(state.needs, state.remaining, state.work, positions.site[k])


@compiled
def _put_back(state: State, positions: Positions, n_positions: int) -> None:
    """Put sites back where they were, if anywhere."""
    for k in range(n_positions):
        if positions.option[k] >= 0:
            put(
                state.needs,
                state.remaining,
                state.work,
                positions.site[k],
                positions.option[k],
                positions.month[k],
            )


@compiled
def _choose_items(state: State, spot: Spot, items: Items, n_items: int) -> None:
    """Items worth most together within possession and labour of the month."""
    needs, remaining, month = state.needs, state.remaining, spot.month
    line, pool = needs.line[spot.start], needs.pool[spot.start]
    first = np.empty(n_items)
    second = np.empty(n_items)
    sum_first = 0.0
    sum_second = 0.0
    for k in range(n_items):
        option = items.option[k]
        need = needs.season_need[needs.season[option], month]
        first[k] = needs.possession[option] / max(remaining.possession[line, month], SMALL)
        second[k] = needs.labour[option] * need / max(remaining.labour[pool, month], SMALL)
        sum_first += first[k]
        sum_second += second[k]
    if max(sum_first, sum_second) <= 1.0:
        items.chosen[:n_items] = True
    elif sum_second > sum_first:
        _search_price(second, first, items, state.work.table)
    else:
        _search_price(first, second, items, state.work.table)


@compiled
def _search_price(size: Floats, other: Floats, items: Items, table: Singles) -> None:
    """Bisect the price of the other resource until the best items by size keep to it too."""
    n_items = size.shape[0]
    low, high, price, best = 0.0, -1.0, 0.0, -1.0
    trial = np.zeros(n_items, dtype=np.bool_)
    for _step in range(BISECTIONS + 1):
        _pack(size, other, items.gain, price, n_items, table, trial)
        total, use = 0.0, 0.0
        for k in range(n_items):
            if trial[k]:
                total += items.gain[k]
                use += other[k]
        if use <= 1.0:
            if total > best:
                best = total
                items.chosen[:n_items] = trial
            if price == 0.0:
                break
            high = price
        else:
            low = price
        if high >= 0.0:
            price = 0.5 * (low + high)
        else:
            price = max(total, SMALL) if price == 0.0 else 3.0 * price


@compiled
def _pack(
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
