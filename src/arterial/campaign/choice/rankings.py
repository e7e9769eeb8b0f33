"""Plans by rules of thumb, to see what prices win.

`rank_sites` puts sites in order of a rule and gives each the month of its best benefit that still
fits, without prices.
"""

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.encode import PriceTables, encode_problem, list_needs
from arterial.campaign.choice.plan_kernel import Work, insert_in_order
from arterial.campaign.choice.planning import list_limits
from arterial.campaign.choice.problem import NEVER, CampaignProblem
from arterial.campaign.choice.repacking_kernel import GRID, MOST_ITEMS

__all__ = ["RankedPlan", "Rule", "rank_sites"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]


class Rule(Enum):
    """What sites are ranked by."""

    CONDITION = "condition"
    BENEFIT = "benefit"
    BENEFIT_PER_LABOUR = "benefit per man-hour"
    BENEFIT_PER_MIX = "benefit per share of all limits"


class RankedPlan:
    """Option and month of each site, and the worth of the plan."""

    def __init__(self, option: Indices, month: Indices, value: float) -> None:
        self.option, self.month, self.value = option, month, value


def rank_sites(
    problem: CampaignProblem, rule: Rule, *, condition: Floats | None = None
) -> RankedPlan:
    """Plan by a rule.

    Parameters
    ----------
    problem : CampaignProblem
        Sites, options and limits.
    rule : Rule
        What sites are ranked by.
    condition : Floats | None
        How bad each site is, `(n_sites,)`; without it, the benefit of the first month.
    """
    encoded = encode_problem(problem)
    columns, needs = encoded.columns, list_needs(encoded)
    n_sites, n_months = problem.n_sites, problem.n_months
    score = _score_options(problem, rule)[encoded.option_order]
    if rule is Rule.CONDITION and condition is not None:
        by_site = condition[encoded.site_order]
    else:
        by_site = np.full(n_sites, -np.inf)
        site = np.repeat(np.arange(n_sites), np.diff(columns.first))
        np.maximum.at(by_site, site, score)
    free = PriceTables(
        np.zeros((len(encoded.labour_classes), n_months), dtype=np.float32),
        np.zeros((len(encoded.possession_classes), n_months), dtype=np.float32),
        np.zeros(problem.supply.shape, dtype=np.float32),
        np.zeros(n_months, dtype=np.float32),
    )
    work = Work(
        option=np.full(n_sites, NEVER, dtype=np.int32),
        month=np.full(n_sites, NEVER, dtype=np.int32),
        profit=np.zeros((1, n_months), dtype=np.float32),
        table=np.zeros((MOST_ITEMS + 1, GRID + 1), dtype=np.float32),
    )
    order = np.argsort(-by_site, kind="stable").astype(np.int32)
    insert_in_order(columns, free, needs, list_limits(problem), work, order, 0.0)
    option = np.full(n_sites, NEVER, dtype=np.int32)
    month = np.full(n_sites, NEVER, dtype=np.int32)
    done = work.option >= 0
    option[encoded.site_order[done]] = encoded.option_order[work.option[done]]
    month[encoded.site_order[done]] = work.month[done]
    chosen = np.flatnonzero(option >= 0)
    value = float(problem.benefit[option[chosen], month[chosen]].sum(dtype=np.float64))
    return RankedPlan(option, month, value)


def _score_options(problem: CampaignProblem, rule: Rule) -> Floats:
    """Score of each option by a rule, `(n_options,)`."""
    if rule is Rule.CONDITION:
        return np.asarray(problem.benefit[:, 0], dtype=np.float64)
    best: Floats = problem.benefit.max(axis=1).astype(np.float64)
    if rule is Rule.BENEFIT:
        return best
    if rule is Rule.BENEFIT_PER_LABOUR:
        return np.asarray(best / np.maximum(problem.labour_h, 1e-9), dtype=np.float64)
    shares = problem.labour_h / _finite_sum(problem.labour_limit_h)
    shares = shares + problem.possession_h / _finite_sum(problem.possession_limit_h)
    for m in range(len(problem.supply)):
        shares = shares + problem.material[:, m] / _finite_sum(problem.supply[m])
    return np.asarray(best / np.maximum(shares, 1e-12))


def _finite_sum(limit: Floats) -> float:
    """Sum of a limit; endless where a part of it is."""
    return max(float(limit.sum()), 1e-12)
