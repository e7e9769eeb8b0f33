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
    "Remaining",
    "State",
    "Work",
    "draw_number",
    "fits",
    "insert_in_order",
    "put",
    "put_all",
    "take_need",
    "take_out",
]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Indices = NDArray[np.int32]


class Remaining(NamedTuple):
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


class State(NamedTuple):
    """All that mends a plan by prices: options, prices, what options take, what is left, plan.

    Loops end early once `stop` is raised, between two changes of the plan.
    """

    columns: Columns
    tables: PriceTables
    needs: Needs
    remaining: Remaining
    work: Work
    stop: NDArray[np.bool_]


@compiled
def draw_number(chance: NDArray[np.uint64]) -> float:
    """Next number of a xorshift generator, from 0 up to 1."""
    x = chance[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    chance[0] = x
    return float(x >> np.uint64(11)) * 1.1102230246251565e-16


@compiled
def fits(needs: Needs, remaining: Remaining, site: int, option: int, month: int) -> bool:
    """Whether an option may begin in a month with what is left."""
    months = needs.duration[option]
    if month + months > remaining.labour.shape[1]:
        return False
    line, pool = needs.line[site], needs.pool[site]
    possession = needs.possession[option] / months
    labour = needs.labour[option] / months
    season = needs.season[option]
    for t in range(month, month + months):
        if possession > remaining.possession[line, t]:
            return False
        if labour * needs.season_need[season, t] > remaining.labour[pool, t]:
            return False
    for m in range(remaining.free.shape[0]):
        units = needs.material[option, m]
        if units > 0.0 and units > remaining.free[m, month]:
            return False
    return remaining.budget.shape[0] == 0 or bool(
        needs.cost[option] <= remaining.budget[needs.year[month]]
    )


@compiled
def take_need(
    needs: Needs, remaining: Remaining, site: int, option: int, month: int, sign: float
) -> None:
    """Take what an option needs (sign 1) or give it back (sign -1)."""
    months = needs.duration[option]
    line, pool = needs.line[site], needs.pool[site]
    possession = sign * needs.possession[option] / months
    labour = sign * needs.labour[option] / months
    season = needs.season[option]
    for t in range(month, month + months):
        remaining.possession[line, t] -= possession
        remaining.labour[pool, t] -= labour * needs.season_need[season, t]
    n_months = remaining.labour.shape[1]
    for m in range(remaining.free.shape[0]):
        units = sign * needs.material[option, m]
        if units != 0.0:
            least = np.inf
            for back in range(n_months - month):
                t = n_months - 1 - back
                remaining.material[m, t] -= units
                least = min(least, remaining.material[m, t])
                remaining.free[m, t] = least
            for back in range(month):
                t = month - 1 - back
                least = min(least, remaining.material[m, t])
                if remaining.free[m, t] == least:
                    break
                remaining.free[m, t] = least
    if remaining.budget.shape[0] > 0:
        remaining.budget[needs.year[month]] -= sign * needs.cost[option]


@compiled
def put(needs: Needs, remaining: Remaining, work: Work, site: int, option: int, month: int) -> None:
    """Put an option of a site into the plan."""
    take_need(needs, remaining, site, option, month, 1.0)
    work.option[site] = option
    work.month[site] = month


@compiled
def take_out(needs: Needs, remaining: Remaining, work: Work, site: int) -> None:
    """Take a site out of the plan."""
    take_need(needs, remaining, site, work.option[site], work.month[site], -1.0)
    work.option[site] = -1
    work.month[site] = -1


@compiled
def put_all(needs: Needs, remaining: Remaining, work: Work, option: Indices, month: Indices) -> int:
    """Put a whole plan in, leaving out what no longer fits; counts what is left out."""
    out = 0
    for site in range(option.shape[0]):
        if option[site] >= 0:
            if fits(needs, remaining, site, option[site], month[site]):
                put(needs, remaining, work, site, option[site], month[site])
            else:
                out += 1
    return out


@compiled
def insert_in_order(
    columns: Columns,
    tables: PriceTables,
    needs: Needs,
    remaining: Remaining,
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
                    and fits(needs, remaining, site, option, t)
                ):
                    best, best_option, best_month = profit[t], option, t
        if best_option >= 0:
            put(needs, remaining, work, site, best_option, best_month)
