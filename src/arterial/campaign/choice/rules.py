"""Plans to hold a campaign against: by rules of thumb, and as a report could be meant.

Main functions: `plan_by_rules`, with `rank_sites` for one rule, and `choose_reported`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.encode import PriceTables, encode_problem, list_needs
from arterial.campaign.choice.plan_kernel import Work, insert_in_order
from arterial.campaign.choice.planning import list_limits
from arterial.campaign.choice.problem import NEVER, CampaignProblem, CampaignSolution
from arterial.campaign.choice.repacking_kernel import GRID, MOST_ITEMS
from arterial.study.tables import split_list

__all__ = [
    "CHOSEN",
    "RULES",
    "Plan",
    "RankedPlan",
    "ReportedPlan",
    "Rule",
    "choose_reported",
    "list_best_works",
    "plan_by_rules",
    "rank_sites",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

CHOSEN: Final = "chosen"
"""Id of the plan of the solver."""


class Rule(Enum):
    """What sites are ranked by."""

    CONDITION = "condition"
    BENEFIT = "benefit"
    BENEFIT_PER_LABOUR = "benefit per man-hour"
    BENEFIT_PER_MIX = "benefit per share of all limits"


RULES: Final[Mapping[str, Rule]] = {
    "condition": Rule.CONDITION,
    "benefit": Rule.BENEFIT,
    "benefit_per_labour": Rule.BENEFIT_PER_LABOUR,
}

NAMES: Final[Mapping[str, str]] = {
    "condition": "Worst condition first",
    "benefit": "Greatest worth first",
    "benefit_per_labour": "Greatest worth for a man-hour first",
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Option and first month of each bundle, -1 where nothing is done.

    Parameters
    ----------
    plan_id, name : str
        Id and words.
    option, month : ndarray
        ``(n_bundles,)``.
    value : float
        Worth in train-hours [h].
    seconds : float or None
        Wall time of the solver [s].
    is_cut : bool or None
        Whether the clock ended its search; None for rules.
    """

    plan_id: str
    name: str
    option: NDArray[np.int32]
    month: NDArray[np.int32]
    value: float
    seconds: float | None = None
    is_cut: bool | None = None

    @classmethod
    def of_solution(cls, solution: CampaignSolution, *, name: str = "") -> "Plan":
        """The chosen plan as the solver gave it."""
        return cls(
            plan_id=CHOSEN,
            name=name,
            option=solution.option,
            month=solution.month,
            value=solution.value,
            seconds=sum(solution.seconds.values()),
            is_cut=solution.is_cut,
        )


@dataclass(frozen=True, kw_only=True)
class ReportedPlan:
    """Sites that a report could mean, all begun in the first month, whatever it takes.

    What trains lost by waiting for them is not counted: nothing is known of how they were done.

    Parameters
    ----------
    plan_id, name : str
        Id and words.
    rows : ndarray
        Rows of the sites.
    """

    plan_id: str
    name: str
    rows: NDArray[np.intp]


def plan_by_rules(campaign: Campaign, states: pl.DataFrame) -> list[Plan]:
    """Plans by rules of thumb, within all limits.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    states : DataFrame
        Table ``asset_states``, whose state and age say how bad an asset is.

    Returns
    -------
    list of Plan
        By condition, by benefit and by benefit for a man-hour.
    """
    condition = _find_condition(campaign, states)
    plans = []
    for name, rule in RULES.items():
        ranked = rank_sites(campaign.problem, rule, condition=condition)
        plans.append(
            Plan(
                plan_id=name,
                name=NAMES[name],
                option=ranked.option,
                month=ranked.month,
                value=ranked.value,
            )
        )
    return plans


def _find_condition(campaign: Campaign, states: pl.DataFrame) -> NDArray[np.float64]:
    """How bad each bundle is: the worst of its assets, by age, and state where there is one."""
    state = states["state"].cast(pl.Float64).fill_null(0.0).to_numpy()
    age = states["age_y"].fill_null(0.0).to_numpy()
    # The state goes first; within a state the older asset is the worse one.
    badness = np.append(state + age / (1.0 + age.max(initial=0.0)), -np.inf)
    asset = np.append(campaign.sites.frame["asset"].to_numpy(), -1)
    of_option = badness[asset[campaign.bundles.members]].max(axis=1)
    return np.maximum.reduceat(of_option, campaign.bundles.first_option[:-1])


def choose_reported(
    campaign: Campaign, reports: pl.DataFrame, states: pl.DataFrame
) -> list[ReportedPlan]:
    """What reports that name renewals or refurbishments are worth, chosen well and badly.

    The share of the stock that a report names is taken of the assets of the study.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    reports : DataFrame
        Table ``reported_works``.
    states : DataFrame
        Table ``asset_states``.

    Returns
    -------
    list of ReportedPlan
        Two for each report of a kind that has sites and of a stock no smaller than the study's.
    """
    plans: list[ReportedPlan] = []
    for report in reports.iter_rows(named=True):
        rows = list_best_works(campaign, report)
        stock = int((states["kind"] == report["kind"]).sum())
        # A report of one line says nothing of a choice among the assets of all.
        if not len(rows) or not report["stock"] or report["stock"] < stock:
            continue
        count = min(round(stock * min(report["quantity"] / report["stock"], 1.0)), len(rows))
        worth = campaign.gain[rows, 0]
        order = np.argsort(-worth, kind="stable")
        for how, places in (("well", order[:count]), ("badly", order[len(order) - count :])):
            plans.append(
                ReportedPlan(
                    plan_id=f"{report['report_id']}_{how}",
                    name=f"{report['name']}: {count} of {stock} of the study, chosen {how}",
                    rows=rows[places],
                )
            )
    return plans


def list_best_works(campaign: Campaign, report: Mapping[str, Any]) -> NDArray[np.intp]:
    """One site of each asset of the kind: the reported action that takes most wear away.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    report : mapping
        Row of ``reported_works``.
    """
    frame = campaign.sites.frame
    begins = np.isfinite(campaign.values.benefit[:, 0])
    actions = split_list(report["actions"])
    wanted = frame.with_row_index("row").filter(
        (pl.col("kind") == report["kind"]) & pl.Series(begins)
    )
    if "renew" in actions:
        wanted = wanted.filter(pl.col("age_share_left") == 0)
    elif "refurbish" not in actions:
        return np.zeros(0, dtype=np.intp)
    best = wanted.sort("age_share_left", "row").unique("asset", keep="first", maintain_order=True)
    return best["row"].to_numpy().astype(np.intp)


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
