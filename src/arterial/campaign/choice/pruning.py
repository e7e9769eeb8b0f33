"""A campaign problem without options that are worth nothing in any month.

Main functions: `prune_problem`, `reduce_start` and `restore_solution`. What such an option takes
serves any other plan at least as well, and prices are never negative: neither the best plan nor a
bound hangs on it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.problem import NEVER, CampaignProblem, CampaignSolution

__all__ = ["Pruned", "prune_problem", "reduce_start", "restore_solution", "select_options"]

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pruned:
    """A problem, and where its sites and options stand in the whole one.

    Parameters
    ----------
    problem : CampaignProblem
        Without what is worth nothing.
    whole : CampaignProblem
        The whole.
    sites, options : ndarray
        Rows in the whole of the sites and options that are left.
    """

    problem: CampaignProblem
    whole: CampaignProblem
    sites: Indices
    options: Indices


def prune_problem(problem: CampaignProblem) -> Pruned | None:
    """Leave out options that are worth nothing; None where all or none of them are.

    Parameters
    ----------
    problem : CampaignProblem
        The problem.
    """
    is_worth = problem.benefit.max(axis=1, initial=-np.inf) > 0
    if is_worth.all() or not is_worth.any():
        return None
    return select_options(problem, np.flatnonzero(is_worth))


def select_options(problem: CampaignProblem, options: Indices) -> Pruned:
    """Some of the options of a problem, and the sites that have any of them.

    Parameters
    ----------
    problem : CampaignProblem
        The whole.
    options : ndarray of int
        Rows of the options, rising.
    """
    site_of = np.repeat(np.arange(problem.n_sites), np.diff(problem.first_option))
    count = np.bincount(site_of[options], minlength=problem.n_sites)
    sites = np.flatnonzero(count)
    first = np.append(0, np.cumsum(count[sites])).astype(np.int32)
    changed = replace(
        problem,
        first_option=first,
        pool=problem.pool[sites],
        line=problem.line[sites],
        benefit=problem.benefit[options],
        labour_h=problem.labour_h[options],
        possession_h=problem.possession_h[options],
        cost=problem.cost[options],
        material=problem.material[options],
        season=problem.season[options],
        duration_months=problem.duration_months[options],
    )
    return Pruned(changed, problem, sites, options)


def reduce_start(pruned: Pruned, start: CampaignSolution) -> CampaignSolution:
    """A solution of the whole as one of what is left.

    Parameters
    ----------
    pruned : Pruned
        What is left.
    start : CampaignSolution
        Solution of the whole, or of it with works worth something else.
    """
    place = np.full(pruned.whole.n_options + 1, NEVER, dtype=np.int32)
    place[pruned.options] = np.arange(len(pruned.options), dtype=np.int32)
    option = place[start.option[pruned.sites]]
    month = np.where(option >= 0, start.month[pruned.sites], NEVER).astype(np.int32)
    worth = None if start.site_worth is None else start.site_worth[pruned.sites]
    return replace(start, option=option, month=month, site_worth=worth)


def restore_solution(pruned: Pruned, solution: CampaignSolution) -> CampaignSolution:
    """A solution of what is left as one of the whole.

    Parameters
    ----------
    pruned : Pruned
        What is left.
    solution : CampaignSolution
        Its solution.
    """
    option = np.full(pruned.whole.n_sites, NEVER, dtype=np.int32)
    month = np.full(pruned.whole.n_sites, NEVER, dtype=np.int32)
    done = solution.option >= 0
    option[pruned.sites[done]] = pruned.options[solution.option[done]]
    month[pruned.sites[done]] = solution.month[done]
    worth = None
    if solution.site_worth is not None:
        worth = np.zeros(pruned.whole.n_sites)
        worth[pruned.sites] = solution.site_worth
    return replace(solution, option=option, month=month, site_worth=worth)
