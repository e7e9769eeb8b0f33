"""Sites that have to be done: put first, and where they cannot fit, what stands against them.

Main functions: `favour_sites`, `find_required` and `explain_misfits`.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.problem import CampaignProblem
from arterial.campaign.choice.results import count_use
from arterial.campaign.choice.rules import Plan
from arterial.errors import Fault, StudyError

__all__ = ["explain_misfits", "favour_sites", "find_favour", "find_required"]

FAVOUR: Final = 10.0
"""Worth added to sites that have to be done, in best benefits of the problem."""

SETTINGS: Final = "study.toml"


def find_required(campaign: Campaign, wanted: Collection[str]) -> NDArray[np.int64]:
    """Sites that have to be done, row by row of those that settings name.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    wanted : collection of str
        Assets, of which any work will do, or sites as ``asset:work``.

    Raises
    ------
    StudyError
        Naming what is no site: no such asset, no work that suits it, or nothing to gain.
    """
    frame = campaign.sites.frame
    ids = frame.select("site_id", "asset_id").rows()
    wishes = set(wanted)
    known = {name for row in ids for name in row}
    faults = [
        Fault(
            f"must_do names {name}, which is no work site of the study.",
            "Name an asset of asset_states that a work suits, or a site of campaign_sites.",
            SETTINGS,
        )
        for name in sorted(wishes - known)
    ]
    if faults:
        message = "Some work that has to be done is not known."
        raise StudyError(message, faults)
    return np.array(
        [row for row, (site, asset) in enumerate(ids) if site in wishes or asset in wishes],
        dtype=np.int64,
    )


def find_favour(problem: CampaignProblem) -> float:
    """Worth that is added for each bundle with a site that has to be done [h]."""
    return FAVOUR * float(problem.benefit.max(initial=0.0))


def favour_sites(campaign: Campaign, required: NDArray[np.int64]) -> CampaignProblem:
    """The problem with more worth for options that hold sites that have to be done."""
    if not len(required):
        return campaign.problem
    favoured = np.isin(campaign.bundles.members, required).any(axis=1)
    benefit = campaign.problem.benefit.copy()
    benefit[favoured] += np.float32(find_favour(campaign.problem))
    return replace(campaign.problem, benefit=benefit)


def explain_misfits(
    campaign: Campaign, plan: Plan, required: NDArray[np.int64], wanted: Sequence[str]
) -> list[Fault]:
    """What stands against the sites that have to be done and are not in a plan.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    plan : Plan
        Plan of the favoured problem.
    required : ndarray
        Rows of :func:`find_required`.
    wanted : sequence of str
        What the settings name.

    Returns
    -------
    list of Fault
        One for each wish that is not met, with the resources that bind; none if all are.
    """
    frame = campaign.sites.frame
    done = set(campaign.bundles.members[plan.option[plan.option >= 0]].ravel().tolist()) - {-1}
    names = {row: frame.row(row, named=True) for row in required.tolist()}
    faults = []
    for wish in wanted:
        rows = [row for row, one in names.items() if wish in {one["site_id"], one["asset_id"]}]
        if any(row in done for row in rows):
            continue
        reasons = sorted({reason for row in rows for reason in _list_reasons(campaign, plan, row)})
        cause = f"{wish} has to be done and does not fit: {'; '.join(reasons)}."
        cure = "Give more of what binds, a longer campaign, or take it off must_do."
        faults.append(Fault(cause, cure, SETTINGS))
    return faults


def _list_reasons(campaign: Campaign, plan: Plan, row: int) -> list[str]:
    """Resources that a site lacks: alone in the best month, or beside what is planned."""
    problem = campaign.problem
    options = np.flatnonzero((campaign.bundles.members == row).any(axis=1))
    own = (campaign.bundles.members[options] >= 0).sum(axis=1)
    option = int(options[np.argmin(own)])
    bundle = int(np.searchsorted(problem.first_option, option, side="right")) - 1
    nothing = {
        "labour": np.zeros_like(problem.labour_limit_h),
        "possession": np.zeros_like(problem.possession_limit_h),
        "material": np.zeros_like(problem.supply),
        "budget": np.zeros_like(problem.budget),
    }
    alone = _least_lacking(campaign, option, bundle, nothing)
    if alone:
        return [f"even alone it lacks {name}" for name in alone]
    beside = _least_lacking(campaign, option, bundle, count_use(campaign, plan))
    return [f"beside other work it lacks {name}" for name in beside] or ["no month lets it end"]


def _least_lacking(
    campaign: Campaign, option: int, bundle: int, use: dict[str, NDArray[np.float64]]
) -> list[str]:
    """What is short in the month in which least is short; none where it fits."""
    problem = campaign.problem
    found = [
        _find_short(campaign, option, bundle, begin, use)
        for begin in np.flatnonzero(np.isfinite(problem.benefit[option])).tolist()
    ]
    return min(found, key=len) if found else []


def _find_short(
    campaign: Campaign, option: int, bundle: int, begin: int, use: dict[str, NDArray[np.float64]]
) -> list[str]:
    """What is short for an option that begins in a month."""
    problem, short = campaign.problem, []
    length = int(problem.duration_months[option])
    span = slice(begin, begin + length)
    pool, line = problem.pool[bundle], problem.line[bundle]
    need = problem.labour_h[option] / length * problem.season_need[problem.season[option], span]
    left = problem.labour_limit_h[pool, span] - use["labour"][pool, span]
    if bool((need > left).any()):
        short.append(
            f"labour of {campaign.pool_ids[pool]}"
            f" ({need.max():,.0f} h a month of {left.min():,.0f})"
        )
    hours = problem.possession_h[option] / length
    free = (problem.possession_limit_h[line, span] - use["possession"][line, span]).min()
    if hours > free:
        short.append(
            f"possession of {campaign.limit_ids[line]} ({hours:,.0f} h a month of {free:,.0f})"
        )
    stock = (np.cumsum(problem.supply, axis=1) - np.cumsum(use["material"], axis=1))[:, begin:]
    for m, name in enumerate(campaign.sites.material_ids):
        if problem.material[option, m] > stock[m].min():
            short.append(f"{name} ({problem.material[option, m]:,.0f} of {stock[m].min():,.0f})")
    if len(problem.budget):
        year = problem.year[begin]
        money = problem.budget[year] - use["budget"][year]
        if problem.cost[option] > money:
            short.append(f"money ({problem.cost[option]:,.0f} of {money:,.0f})")
    return short
