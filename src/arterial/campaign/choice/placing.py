"""Large works placed exactly, the rest by prices; the main function is `place_large`.

A work that takes half of a month's gangs, or holds them for half a year, is no drop in a sea of
small ones: prices sell the other half of the month twice. So the few large works are placed by a
programme in which the rest is bound by prices (`certificate_placing`); the rest is planned beside
each placement, at prices of what that leaves, which bind the programme anew.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.certificate import check_plan, count_profit
from arterial.campaign.choice.certificate_placing import PlacingStop, list_columns, solve_placing
from arterial.campaign.choice.effort import PlacingEffort
from arterial.campaign.choice.planning import SavedPlan
from arterial.campaign.choice.problem import CampaignProblem, CampaignSolution, Prices
from arterial.campaign.choice.pruning import Pruned, restore_solution, select_options
from arterial.campaign.choice.stages import StageClock
from arterial.errors import LimitError

__all__ = ["place_large"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Search = Callable[[CampaignProblem, CampaignSolution | None], CampaignSolution]

ROUNDING: Final = 1e-9


def _find_large(problem: CampaignProblem, effort: PlacingEffort) -> Places:
    """Sites with a work that takes a large part of its pool's month, the largest that are placed.

    Parameters
    ----------
    problem : CampaignProblem
        The problem.
    effort : PlacingEffort
        What is large, and how many columns are placed at most.
    """
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.first_option))
    # In the best month: what is large there is large in every other.
    least = np.array(
        [
            [_least_part(need, limit) for need in problem.season_need]
            for limit in problem.labour_limit_h
        ]
    ).reshape(len(problem.labour_limit_h), len(problem.season_need))
    part = problem.labour_h / problem.duration_months
    part = part * least[problem.pool[site], problem.season]
    part[part > 1.0] = 0.0
    share = np.zeros(problem.n_sites)
    is_worth = problem.benefit.max(axis=1, initial=0.0) > 0
    np.maximum.at(share, site, np.where(is_worth, part, 0.0))
    order = np.argsort(-share, kind="stable")
    order = order[share[order] >= effort.least_share]
    columns = np.bincount(site, (problem.benefit > 0).sum(axis=1), problem.n_sites)
    fits = np.cumsum(columns[order]) <= effort.most_columns
    return np.sort(order[fits]) if bool(fits.all()) else np.zeros(0, dtype=np.int64)


def _least_part(need: Floats, limit: Floats) -> float:
    """Least share of a month's limit that a man-hour of a season takes."""
    is_open = limit > 0
    return float((need[is_open] / limit[is_open]).min()) if bool(is_open.any()) else np.inf


def place_large(
    problem: CampaignProblem,
    found: CampaignSolution,
    search: Search,
    effort: PlacingEffort,
    clock: StageClock,
) -> CampaignSolution:
    """A solution no worse, and a bound no higher, with large works placed exactly.

    Parameters
    ----------
    problem : CampaignProblem
        The problem.
    found : CampaignSolution
        Its plan, bound and prices.
    search : callable
        Plans what is left beside a placement, from a solution of the same sites if there is one.
    effort : PlacingEffort
        How much is tried.
    clock : StageClock
        With the stage open.
    """
    large = _find_large(problem, effort)
    has_rest = len(large) < int((np.diff(problem.first_option) > 0).sum())
    if len(large) and (effort.with_rest or not has_rest) and found.gap > effort.good_gap:
        found = _place(problem, found, large, search, effort, clock)
    if problem.n_sites <= effort.most_sites and found.gap > effort.good_gap:
        found = _finish(problem, found, effort, clock)
    return found


def _place(
    problem: CampaignProblem,
    found: CampaignSolution,
    large: Places,
    search: Search,
    effort: PlacingEffort,
    clock: StageClock,
) -> CampaignSolution:
    """Place large works and plan the rest, round by round."""
    columns = list_columns(problem, large)
    others = np.setdiff1d(np.arange(problem.n_sites), large)
    cuts, beside = [found.prices], None
    for _ in range(effort.rounds if len(columns) else 0):
        if clock.must_end() or found.gap <= effort.good_gap:
            break
        before = found
        stop = _find_stop(effort, clock)
        placed = solve_placing(problem, large, columns, cuts, start=found, stop=stop)
        clock.note(is_cut=placed.is_cut)
        found = _better(found, bound=placed.bound)
        if placed.option is None or placed.month is None:
            break
        option, month = placed.option, placed.month
        if len(others):
            rest = _take_rest(problem, others, option, month)
            beside = search(rest.problem, beside)
            whole = restore_solution(rest, beside)
            free = option < 0
            option = np.where(free, whole.option, option).astype(np.int32)
            month = np.where(free, whole.month, month).astype(np.int32)
            cuts.append(beside.prices)
        found = _better(found, plan=_count(problem, option, month))
        won = max(found.value - before.value, before.bound - found.bound)
        if not len(others) or won <= effort.least_won * found.bound:
            break
    return found


def _find_stop(effort: PlacingEffort, clock: StageClock) -> PlacingStop:
    """When a programme has to end."""
    return PlacingStop(gap=effort.gap, seconds=clock.left_s(), nodes=effort.nodes)


def _count(
    problem: CampaignProblem, option: NDArray[np.int32], month: NDArray[np.int32]
) -> SavedPlan | None:
    """A plan with its worth; None where rounding of the solver made it pass a limit."""
    try:
        return SavedPlan(option, month, check_plan(problem, option, month))
    except LimitError:
        return None


def _better(
    found: CampaignSolution, *, bound: float = np.inf, plan: SavedPlan | None = None
) -> CampaignSolution:
    """The better plan and the lower bound, no lower than the plan."""
    if plan is not None and plan.value > found.value:
        found = replace(found, option=plan.option, month=plan.month, value=plan.value)
    low = max(min(found.bound, bound), found.value)
    gap = low / found.value - 1.0 if found.value > 0 else (0.0 if low <= 0 else np.inf)
    return replace(found, bound=low, gap=gap)


def _take_rest(
    problem: CampaignProblem, others: Places, option: NDArray[np.int32], month: NDArray[np.int32]
) -> Pruned:
    """The problem of the other sites with what the placed works leave."""
    labour, possession = problem.labour_limit_h.copy(), problem.possession_limit_h.copy()
    supply, budget = problem.supply.copy(), problem.budget.copy()
    done = np.flatnonzero(option >= 0)
    # Latest first, so that what is used of a store is what came last before it.
    for site in done[np.argsort(-month[done], kind="stable")].tolist():
        k, begin = int(option[site]), int(month[site])
        length = int(problem.duration_months[k])
        span = slice(begin, begin + length)
        need = problem.season_need[problem.season[k], span]
        labour[problem.pool[site], span] -= problem.labour_h[k] / length * need
        possession[problem.line[site], span] -= problem.possession_h[k] / length
        supply = _take_units(supply, begin, problem.material[k])
        if len(budget):
            budget[problem.year[begin]] -= problem.cost[k]
    left = replace(
        problem,
        labour_limit_h=np.maximum(labour * (1.0 - ROUNDING), 0.0),
        possession_limit_h=np.maximum(possession * (1.0 - ROUNDING), 0.0),
        supply=np.maximum(supply * (1.0 - ROUNDING), 0.0),
        budget=np.maximum(budget * (1.0 - ROUNDING), 0.0),
    )
    site_of = np.repeat(np.arange(problem.n_sites), np.diff(problem.first_option))
    return select_options(left, np.flatnonzero(np.isin(site_of, others)))


def _take_units(supply: Floats, begin: int, units: Floats) -> Floats:
    """Supply without units that are there in a month: the latest that came until then go first."""
    left = supply.copy()
    for m, amount in enumerate(units.tolist()):
        due = amount
        for t in range(begin, -1, -1):
            taken = min(left[m, t], due)
            left[m, t] -= taken
            due -= taken
    return left


def _finish(
    problem: CampaignProblem, found: CampaignSolution, effort: PlacingEffort, clock: StageClock
) -> CampaignSolution:
    """All works placed exactly: columns that no better plan can hold are left out."""
    columns = list_columns(problem, np.arange(problem.n_sites))
    columns = columns[_can_be_better(problem, found.prices, found, columns)]
    if not 0 < len(columns) <= effort.finish_columns or clock.must_end():
        return found
    placed = solve_placing(
        problem, np.arange(problem.n_sites), columns, [],
        start=found, stop=_find_stop(effort, clock),
    )  # fmt: skip
    clock.note(is_cut=placed.is_cut)
    plan = None
    if placed.option is not None and placed.month is not None:
        plan = _count(problem, placed.option, placed.month)
    return _better(found, bound=max(placed.bound, found.value), plan=plan)


def _can_be_better(
    problem: CampaignProblem, prices: Prices, found: CampaignSolution, columns: Places
) -> NDArray[np.bool_]:
    """Columns that a plan worth more than the one found can hold.

    A plan with a column is worth at most the bound by the prices less what the column falls short
    of the best of its site.
    """
    profit = count_profit(problem, prices, np.arange(problem.n_options))
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.first_option))
    best = np.zeros(problem.n_sites)
    np.maximum.at(best, site, profit.max(axis=1, initial=0.0))
    short = best[columns[:, 0]] - profit[columns[:, 1], columns[:, 2]]
    return np.asarray(found.price_bound - short > found.value * (1.0 + ROUNDING))
