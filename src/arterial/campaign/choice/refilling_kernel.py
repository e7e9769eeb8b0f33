"""Compiled refilling: take some works out of a month of a pool and fill its man-hours anew.

A knapsack over the man-hours that are then left, by dynamic programming, of all works of the pool
that would be worth more in that month than where they are. Man-hours of other months count at
nearly their price, for they can be filled again; those of the month itself count less, so that
they are used. What wins nothing is undone.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.plan_kernel import State, draw_number, fits, put, take_out
from arterial.campaign.choice.price_kernel import fill_worth
from arterial.compiling import compiled

__all__ = ["Refill", "refill_pool"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]

GRID: Final = 1024
MOST_ITEMS: Final = 400
SMALL: Final = 1e-9
NONE: Final = -1


class Refill(NamedTuple):
    """Shares of the prices that are asked, of all months and of the month's own man-hours.

    `passes` are over all months; `taken` is how many works go out at a time, on average.
    """

    share: float
    here: float
    passes: float
    taken: float


class Pool(NamedTuple):
    """Sites of a pool, where they are and what that is worth; their options, row by row."""

    site: Indices
    option: Indices
    month: Indices
    now: Singles
    first_row: Indices
    row_place: Indices
    row_option: Indices
    row_class: Indices
    row_labour: Singles
    worth: Singles


class Column(NamedTuple):
    """Worth of an option that begins in a month."""

    worth: np.float32
    option: int
    month: int


class Touched(NamedTuple):
    """Sites that a trial moves, by place in the pool, where they were, and how many."""

    place: Indices
    option: Indices
    month: Indices
    worth: Singles
    is_in: NDArray[np.bool_]
    size: Indices


class Items(NamedTuple):
    """Rows that may fill the month, what each would win, its share of the man-hours."""

    row: Indices
    gain: Singles
    cells: Indices
    chosen: NDArray[np.bool_]
    size: Indices
    table: Singles


class Workspace(NamedTuple):
    """Room to work in: the trial, its items, and what each site and row is worth besides."""

    touched: Touched
    items: Items
    base: Singles
    discount: Singles
    gain: Singles
    found: Indices


@compiled
def refill_pool(state: State, sites: Indices, refill: Refill, chance: NDArray[np.uint64]) -> float:
    """Refill months of a pool at random, each `passes` times; gives what was won at these prices.

    Works are sought among `sites`, all of one pool.
    """
    pool = _list_pool(state, sites, refill.share)
    workspace = make_workspace(pool)
    n_months = pool.worth.shape[0]
    won = 0.0
    for _ in range(int(refill.passes * n_months)):
        if state.stop[0]:
            break
        month = int(draw_number(chance) * n_months)
        won += _refill_month(state, pool, workspace, month, refill, chance)
    return won


@compiled
def _list_pool(state: State, sites: Indices, share: float) -> Pool:
    """Options of a pool's sites and what they are worth in each month at a share of the prices."""
    columns, work = state.columns, state.work
    n_months, n_sites = columns.benefit.shape[1], sites.shape[0]
    first_row = np.empty(n_sites + 1, dtype=np.int32)
    n_rows = 0
    for k in range(n_sites):
        first_row[k] = n_rows
        n_rows += columns.first[sites[k] + 1] - columns.first[sites[k]]
    first_row[n_sites] = n_rows
    pool = Pool(
        sites,
        work.option[sites],
        work.month[sites],
        np.zeros(n_sites, dtype=np.float32),
        first_row,
        np.empty(n_rows, dtype=np.int32),
        np.empty(n_rows, dtype=np.int32),
        np.empty(n_rows, dtype=np.int32),
        np.empty(n_rows, dtype=np.float32),
        np.empty((n_months, n_rows), dtype=np.float32),
    )
    profit = np.empty(n_months, dtype=np.float32)
    for k in range(n_sites):
        for row in range(first_row[k], first_row[k + 1]):
            option = columns.first[sites[k]] + row - first_row[k]
            fill_worth(columns, state.tables, share, option, profit)
            pool.row_place[row] = k
            pool.row_option[row] = option
            pool.row_class[row] = columns.labour_class[option]
            pool.row_labour[row] = columns.labour[option]
            for t in range(n_months):
                pool.worth[t, row] = profit[t]
        pool.now[k] = _worth_of(state, pool, k)
    return pool


@compiled
def make_workspace(pool: Pool) -> Workspace:
    """Room for the trials of a pool."""
    n_sites, n_rows = pool.site.shape[0], pool.row_place.shape[0]
    touched = Touched(
        np.empty(n_sites, dtype=np.int32),
        np.empty(n_sites, dtype=np.int32),
        np.empty(n_sites, dtype=np.int32),
        np.empty(n_sites, dtype=np.float32),
        np.zeros(n_sites, dtype=np.bool_),
        np.zeros(1, dtype=np.int32),
    )
    items = Items(
        np.empty(MOST_ITEMS, dtype=np.int32),
        np.empty(MOST_ITEMS, dtype=np.float32),
        np.empty(MOST_ITEMS, dtype=np.int32),
        np.empty(MOST_ITEMS, dtype=np.bool_),
        np.zeros(1, dtype=np.int32),
        np.zeros((MOST_ITEMS + 1, GRID + 1), dtype=np.float32),
    )
    return Workspace(
        touched,
        items,
        np.empty(n_sites, dtype=np.float32),
        np.empty(n_rows, dtype=np.float32),
        np.empty(n_rows, dtype=np.float32),
        np.empty(n_rows, dtype=np.int32),
    )


@compiled
def _refill_month(
    state: State,
    pool: Pool,
    workspace: Workspace,
    month: int,
    refill: Refill,
    chance: NDArray[np.uint64],
) -> float:
    """Take some works of the month out and fill it anew; gives what was won."""
    touched = workspace.touched
    touched.size[0] = 0
    _fill_discount(state, pool, month, refill.share - refill.here, workspace.discount)
    workspace.base[:] = pool.now
    _lift_some(state, pool, month, refill.taken, touched, chance)
    for k in range(pool.month.shape[0]):
        if pool.month[k] == month:
            workspace.base[k] = np.float32(np.inf)
    for j in range(touched.size[0]):
        k = touched.place[j]
        workspace.base[k] = _find_best(state, pool, k, month).worth
    _list_items(state, pool, workspace, month)
    _choose_items(workspace.items)
    _move_chosen(state, pool, workspace, month)
    before, after = 0.0, 0.0
    for j in range(touched.size[0]):
        k = touched.place[j]
        before += float(touched.worth[j])
        if touched.month[j] == month:
            before += float(workspace.discount[_row_of(state, pool, k, touched.option[j])])
        if pool.option[k] < 0:
            _put_best(state, pool, k)
        after += float(_worth_of(state, pool, k))
        if pool.month[k] == month:
            after += float(workspace.discount[_row_of(state, pool, k, pool.option[k])])
    keep = after > before - SMALL
    finish_trial(state, pool, touched, keep)
    return after - before if keep else 0.0


@compiled
def _fill_discount(state: State, pool: Pool, month: int, share: float, discount: Singles) -> None:
    """What each row's man-hours in the month are worth at a share of their price."""
    price = state.tables.labour[:, month] * np.float32(share)
    for row in range(discount.shape[0]):
        discount[row] = pool.row_labour[row] * price[pool.row_class[row]]


@compiled
def _lift_some(
    state: State,
    pool: Pool,
    month: int,
    taken: float,
    touched: Touched,
    chance: NDArray[np.uint64],
) -> None:
    """Take works of one month that begin in a month out of the plan by chance."""
    n_begun = 0
    for k in range(pool.month.shape[0]):
        n_begun += pool.month[k] == month
    lifted_share = taken / max(n_begun, 1)
    for k in range(pool.month.shape[0]):
        if (
            pool.month[k] == month
            and draw_number(chance) < lifted_share
            and state.needs.duration[pool.option[k]] == 1
        ):
            lift(state, pool, touched, k)


@compiled
def lift(state: State, pool: Pool, touched: Touched, k: int) -> None:
    """Remember where a site is and take it out of the plan."""
    if not touched.is_in[k]:
        j = touched.size[0]
        touched.place[j] = k
        touched.option[j] = pool.option[k]
        touched.month[j] = pool.month[k]
        touched.worth[j] = pool.now[k]
        touched.is_in[k] = True
        touched.size[0] = j + 1
    if pool.option[k] >= 0:
        take_out(state.needs, state.remaining, state.work, pool.site[k])
        pool.option[k] = -1
        pool.month[k] = -1


@compiled
def place(state: State, pool: Pool, k: int, option: int, month: int) -> None:
    """Put a site into the plan."""
    put(state.needs, state.remaining, state.work, pool.site[k], option, month)
    pool.option[k] = option
    pool.month[k] = month


@compiled
def finish_trial(state: State, pool: Pool, touched: Touched, keep: bool) -> None:  # noqa: FBT001
    """End a trial: keep it, or put all back where it was."""
    if not keep:
        for j in range(touched.size[0]):
            lift(state, pool, touched, touched.place[j])
    for j in range(touched.size[0]):
        k = touched.place[j]
        if not keep and touched.option[j] >= 0:
            place(state, pool, k, touched.option[j], touched.month[j])
        pool.now[k] = _worth_of(state, pool, k)
        touched.is_in[k] = False


@compiled
def _row_of(state: State, pool: Pool, k: int, option: int) -> int:
    """Row of an option of a site."""
    return int(pool.first_row[k] + option - state.columns.first[pool.site[k]])


@compiled
def _worth_of(state: State, pool: Pool, k: int) -> np.float32:
    """Worth of a site as it is planned."""
    if pool.option[k] < 0:
        return np.float32(0.0)
    return np.float32(pool.worth[pool.month[k], _row_of(state, pool, k, pool.option[k])])


@compiled
def _find_best(state: State, pool: Pool, k: int, barred: int) -> Column:
    """Best column of a site that fits, not in a barred month; without one its worth is nothing."""
    best, best_option, best_month = np.float32(SMALL), NONE, NONE
    for row in range(pool.first_row[k], pool.first_row[k + 1]):
        option = pool.row_option[row]
        for t in range(pool.worth.shape[0]):
            if (
                pool.worth[t, row] > best
                and t != barred
                and fits(state.needs, state.remaining, pool.site[k], option, t)
            ):
                best, best_option, best_month = pool.worth[t, row], option, t
    return Column(best if best_option >= 0 else np.float32(0.0), best_option, best_month)


@compiled
def _put_best(state: State, pool: Pool, k: int) -> None:
    """Put a site in at its best column that fits and is worth anything."""
    best = _find_best(state, pool, k, NONE)
    if best.option >= 0:
        place(state, pool, k, best.option, best.month)


@compiled
def _list_items(state: State, pool: Pool, workspace: Workspace, month: int) -> None:
    """Rows worth more in the month than their sites' base, those of most gain an hour."""
    needs, items, found = state.needs, workspace.items, workspace.found
    worth, gain = pool.worth[month], workspace.gain
    n_found = 0
    for row in range(worth.shape[0]):
        won = worth[row] + workspace.discount[row] - workspace.base[pool.row_place[row]]
        if won > np.float32(SMALL):
            found[n_found] = row
            gain[n_found] = won / max(pool.row_labour[row], np.float32(SMALL))
            n_found += 1
    least = np.float32(0.0)
    if n_found > MOST_ITEMS:
        least = np.partition(gain[:n_found], n_found - MOST_ITEMS)[n_found - MOST_ITEMS]
    n_items = 0
    free = max(state.remaining.labour[needs.pool[pool.site[0]], month], SMALL)
    for i in range(n_found):
        row = found[i]
        k, option = pool.row_place[row], pool.row_option[row]
        if (
            gain[i] < least
            or n_items == MOST_ITEMS
            or needs.duration[option] != 1
            or not fits(needs, state.remaining, pool.site[k], option, month)
        ):
            continue
        hours = needs.labour[option] * needs.season_need[needs.season[option], month]
        items.row[n_items] = row
        items.gain[n_items] = worth[row] + workspace.discount[row] - workspace.base[k]
        items.cells[n_items] = int(np.ceil(hours / free * GRID - 1e-6))
        n_items += 1
    items.size[0] = n_items


@compiled
def _choose_items(items: Items) -> None:
    """Knapsack of size one by dynamic programming; sizes are rounded up to the grid."""
    table = items.table
    for i in range(items.size[0]):
        cells, gain = items.cells[i], items.gain[i]
        old, new = table[i], table[i + 1]
        new[:cells] = old[:cells]
        for c in range(GRID + 1 - cells):
            new[c + cells] = max(old[c + cells], old[c] + gain)
    c = GRID
    for back in range(items.size[0]):
        i = items.size[0] - 1 - back
        items.chosen[i] = table[i + 1, c] != table[i, c]
        if items.chosen[i]:
            c -= items.cells[i]


@compiled
def _move_chosen(state: State, pool: Pool, workspace: Workspace, month: int) -> None:
    """Put the chosen rows in where they fit; of a site's rows the first that does."""
    items = workspace.items
    for i in range(items.size[0]):
        if not items.chosen[i]:
            continue
        k, option = pool.row_place[items.row[i]], pool.row_option[items.row[i]]
        if pool.month[k] == month:
            continue
        lift(state, pool, workspace.touched, k)
        if fits(state.needs, state.remaining, pool.site[k], option, month):
            place(state, pool, k, option, month)
