"""Compiled making of plans: put in, take out, and fill by profit.

What is left of every limit is kept in double precision; of material, also the least that is left
from a month on, so that one look tells whether units may be taken in that month.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.encode import Columns, Needs, PriceTables
from arterial.campaign.choice.price_kernel import fill_worth
from arterial.compiling import compiled

__all__ = [
    "Board",
    "Left",
    "Work",
    "book",
    "draw_number",
    "fits",
    "insert_in_order",
    "put",
    "put_all",
    "take_out",
]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]


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


class Board(NamedTuple):
    """All that mends a plan by prices: options, prices, what options take, what is left, plan.

    Loops end early once `stop` is raised, between two changes of the plan.
    """

    columns: Columns
    tables: PriceTables
    needs: Needs
    left: Left
    work: Work
    stop: NDArray[np.bool_]


@compiled
def draw_number(state: NDArray[np.uint64]) -> float:
    """Next number of a xorshift generator, from 0 up to 1."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return float(x >> np.uint64(11)) * 1.1102230246251565e-16


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
