"""Independent checks of a plan and of its bounds, in double precision.

None of this shares code with the solver. `check_plan` counts use against every limit and gives the
worth; `check_bound` counts the bound that prices prove; `check_packing_bound` the one that keeps
works whole in each possession. All rest on one argument: whatever the prices, no plan is worth
more than the limits at their prices and the best that each site could bring beyond them [Geoffrion
1974].
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.certificate_kernel import fill_knapsack
from arterial.campaign.choice.problem import CampaignProblem, Prices
from arterial.errors import LimitError

__all__ = [
    "check_bound",
    "check_packing_bound",
    "check_plan",
    "count_limits",
    "count_profit",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

# Share of a limit, and amount, by which rounding of sums may pass it.
SLACK: Final = 1e-9
CHUNK: Final = 4096


def check_plan(problem: CampaignProblem, option: Indices, month: Indices) -> float:
    """Worth of a plan, counted anew.

    Raises
    ------
    LimitError
        Where a site has an option of another, begins in a month that is not allowed or passes a
        limit; names the resource, its row and the month.
    """
    sites = np.flatnonzero(option >= 0)
    chosen, begin = option[sites], month[sites]
    own = (problem.first_option[sites] <= chosen) & (chosen < problem.first_option[sites + 1])
    length = problem.duration_months[chosen]
    if not bool(own.all()) or bool(((begin < 0) | (begin + length > problem.n_months)).any()):
        message = "A plan names an option of another site or a month outside the horizon."
        raise LimitError(message)
    worth = problem.benefit[chosen, begin].astype(np.float64)
    if not bool(np.isfinite(worth).all()):
        message = "A plan begins a work in a month in which it may not begin."
        raise LimitError(message)
    labour = np.zeros_like(problem.labour_limit_h)
    possession = np.zeros_like(problem.possession_limit_h)
    for later in range(int(length.max(initial=0))):
        on = length > later
        t, k = begin[on] + later, chosen[on]
        hours = problem.labour_h[k] / length[on] * problem.season_need[problem.season[k], t]
        np.add.at(labour, (problem.pool[sites[on]], t), hours)
        hours = problem.possession_h[k] / length[on]
        np.add.at(possession, (problem.line[sites[on]], t), hours)
    taken = np.zeros_like(problem.supply)
    for m in range(len(taken)):
        np.add.at(taken[m], begin, problem.material[chosen, m])
    money = np.zeros(max(len(problem.budget), 1))
    np.add.at(money, problem.year[begin], problem.cost[chosen])
    for name, used, limit in (
        ("labour", labour, problem.labour_limit_h),
        ("possession", possession, problem.possession_limit_h),
        ("material", np.cumsum(taken, axis=1), np.cumsum(problem.supply, axis=1)),
        ("budget", money[: len(problem.budget)], problem.budget),
    ):
        passed = np.argwhere(used > limit * (1.0 + SLACK) + SLACK)
        if len(passed):
            message = f"A plan passes its limit of {name} at {passed[0].tolist()}."
            raise LimitError(message)
    return float(worth.sum())


def check_bound(problem: CampaignProblem, prices: Prices) -> float:
    """Bound that prices prove; no plan is worth more."""
    total = count_limits(problem, prices)
    for options in np.array_split(
        np.arange(len(problem.labour_h)), max(1, len(problem.labour_h) // CHUNK)
    ):
        profit = count_profit(problem, prices, options)
        site = np.searchsorted(problem.first_option, options, side="right") - 1
        best = np.zeros(site[-1] - site[0] + 1) if len(site) else np.zeros(0)
        np.maximum.at(best, site - site[:1], profit.max(axis=1))
        total += float(best.sum())
    return total


def check_packing_bound(problem: CampaignProblem, prices: Prices, site_worth: Floats) -> float:
    """Bound with whole works in each possession; `prices` has none of possession."""
    if bool((prices.possession != 0.0).any()) or not bool((site_worth >= 0.0).all()):
        message = "A packing bound has no prices of possession and no negative worth of a site."
        raise LimitError(message)
    total = count_limits(problem, prices) + float(site_worth.sum())
    site_of = np.repeat(np.arange(problem.n_sites), np.diff(problem.first_option))
    line_of = problem.line[site_of]
    for line in range(problem.possession_limit_h.shape[0]):
        options = np.flatnonzero(line_of == line)
        if not len(options):
            continue
        length = problem.duration_months[options]
        profit = count_profit(problem, prices, options) - site_worth[site_of[options], None]
        hours = problem.possession_h[options] / length
        for t, limit in enumerate(problem.possession_limit_h[line].tolist()):
            gains, sizes = [], []
            for back in range(min(t + 1, int(length.max()))):
                won = np.where(length > back, profit[:, t - back] / length, 0.0)
                good = (won > 0.0) & (hours <= limit)
                gains.append(won[good])
                sizes.append(hours[good])
            total += _fill_knapsack(np.concatenate(gains), np.concatenate(sizes), limit)
    return total


def _fill_knapsack(gains: Floats, sizes: Floats, limit: float) -> float:
    """Most that a set of works can bring whose sizes, rounded down, fit a limit."""
    if float(sizes.sum()) <= limit:
        return float(gains.sum())
    return fill_knapsack(gains, sizes, limit)


def count_limits(problem: CampaignProblem, prices: Prices) -> float:
    """Worth of all limits at prices: none may be negative and, of material, none rising.

    Parameters
    ----------
    problem : CampaignProblem
        Whose limits.
    prices : Prices
        Their prices.

    Raises
    ------
    LimitError
        Where prices are none.
    """
    rises = bool((np.diff(prices.material, axis=1) > 0.0).any())
    total = 0.0
    for limit, price in (
        (problem.labour_limit_h, prices.labour),
        (problem.possession_limit_h, prices.possession),
        (problem.supply, prices.material),
        (problem.budget, prices.budget),
    ):
        if rises or price.shape != limit.shape or not bool((price >= 0.0).all()):
            message = "Prices are negative, of another shape or, of material, rising."
            raise LimitError(message)
        total += float((limit[price > 0.0] * price[price > 0.0]).sum())
    return total


def count_profit(problem: CampaignProblem, prices: Prices, options: NDArray[np.int64]) -> Floats:
    """Benefit less all needs at their prices by first month; -inf where a column cannot be.

    Parameters
    ----------
    problem : CampaignProblem
        The problem.
    prices : Prices
        Of its limits.
    options : ndarray of int
        Rows of the options.

    Returns
    -------
    ndarray
        ``(n_options, n_months)``.
    """
    site = np.searchsorted(problem.first_option, options, side="right") - 1
    length, n_months = problem.duration_months[options], problem.n_months
    profit = problem.benefit[options].astype(np.float64)
    store = np.cumsum(problem.supply, axis=1)
    least = np.minimum.accumulate(store[:, ::-1], axis=1)[:, ::-1]
    for m in range(len(store)):
        units = problem.material[options, m][:, None]
        profit[units > least[m]] = -np.inf
        profit -= units * prices.material[m]
    if len(problem.budget):
        money = problem.cost[options][:, None]
        profit[money > problem.budget[problem.year]] = -np.inf
        profit -= money * prices.budget[problem.year]
    for later in range(int(length.max(initial=0))):
        on, end = np.flatnonzero(length > later), max(0, n_months - later)
        profit[on, end:] = -np.inf
        if not end:
            continue
        pool, line = problem.pool[site[on]], problem.line[site[on]]
        share = (1.0 / length[on])[:, None]
        need = problem.season_need[problem.season[options[on]], later:]
        labour = share * problem.labour_h[options[on], None] * need
        hours = share * problem.possession_h[options[on], None]
        profit[on, :end] -= labour * prices.labour[pool, later:]
        profit[on, :end] -= hours * prices.possession[line, later:]
        misfit = (labour > problem.labour_limit_h[pool, later:]) | (
            hours > problem.possession_limit_h[line, later:]
        )
        profit[on, :end] = np.where(misfit, -np.inf, profit[on, :end])
    return profit
