"""What the plan of a campaign is worth at the ends of what is not known, and whether it stands.

Main functions: `sample_values` (all of it drawn at once), `spread_worth` (error and range of the
plan's worth), `start_readings` (each planned anew) and `tabulate_ranges`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.choice.building import Campaign, make_problem, revalue
from arterial.campaign.choice.certificate import check_plan
from arterial.campaign.choice.curves import find_value
from arterial.campaign.choice.problem import CampaignProblem, CampaignSolution
from arterial.campaign.choice.results import count_use, list_planned
from arterial.campaign.choice.rules import Plan
from arterial.campaign.choice.sites import WorkSites, list_sites
from arterial.campaign.choice.solve import Solver
from arterial.campaign.choice.worth import BenefitRules, SiteValues
from arterial.campaign.valuation.basis import CampaignBasis, LoopOutcome, describe_outlook
from arterial.campaign.valuation.benefits import SiteOutlook, value_sites
from arterial.campaign.valuation.draws import (
    ENDS,
    NAMES,
    READINGS,
    put_ends,
    sample_condition,
    sample_rules,
    sample_shares,
)
from arterial.campaign.valuation.losses import KnockOn, Ratio, resolve_effects
from arterial.compute import ALONE, Call, Workers
from arterial.study import conform_table, empty_table

__all__ = [
    "MEAN",
    "add_spread",
    "average_problem",
    "sample_values",
    "spread_worth",
    "start_readings",
    "tabulate_ranges",
]

Floats = NDArray[np.float64]
Reading: TypeAlias = dict[str, object]
"""Row of ``campaign_ranges``."""

MEAN: Final = "mean"
LOW: Final = 0.05
HIGH: Final = 0.95
SPREAD: Final = ("benefit_error", "benefit_mean", "benefit_low", "benefit_high", "draws_count")


def start_readings(
    basis: CampaignBasis,
    found: LoopOutcome,
    solver: Solver,
    *,
    workers: Workers = ALONE,
) -> list[Call[Reading | None]]:
    """Have the campaign planned anew in each reading of what is not known.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    found : LoopOutcome
        The plan that stands.
    solver : Solver
        How plans are sought.
    workers : Workers
        Who seeks them; each reading is one call.

    Returns
    -------
    list of Call
        Row of each reading; None where options of the plan are left out.
    """
    # What was simulated is not needed any more, and is most of what would be sent about.
    plan = partial(
        _plan_reading, replace(basis, before=(), common=()), replace(found, after=()), solver
    )
    return [workers.start(plan, reading) for reading in READINGS]


def tabulate_ranges(
    found: LoopOutcome,
    best: CampaignSolution,
    mean: CampaignSolution | None,
    *,
    drawn: Sequence[SiteValues],
    readings: Iterable[Call[Reading | None]],
) -> pl.DataFrame:
    """Table ``campaign_ranges``.

    Parameters
    ----------
    found : LoopOutcome
        The plan that stands.
    best : CampaignSolution
        The same problem planned once more, from that plan.
    mean : CampaignSolution or None
        The plan for the mean worth over the draws.
    drawn : sequence of SiteValues
        What :func:`sample_values` gives.
    readings : iterable of Call
        What :func:`start_readings` gives.
    """
    campaign = found.campaign
    rows = [_compare("best", campaign, found, best)]
    if mean is not None:
        rows.append(_compare(MEAN, revalue(campaign, _average(drawn)), found, mean))
    rows += [row for call in readings if (row := call.result()) is not None]
    schema = empty_table("campaign_ranges").schema
    return conform_table("campaign_ranges", pl.DataFrame(rows, schema=schema))


def sample_values(
    basis: CampaignBasis, found: LoopOutcome, *, workers: Workers = ALONE
) -> list[SiteValues]:
    """Worth of the sites of a problem in each draw that was simulated.

    Condition, wear, repair, traffic, what works leave, and how worth is counted are drawn
    together; the plan's limits are not.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    found : LoopOutcome
        The problem, and the factor of delay by failures.
    workers : Workers
        Who values them; each draw is one call.
    """
    # Its draws are not needed for what is drawn, and are most of what would be sent about.
    lighter = replace(basis, before=(), common=())
    value = partial(_value_draw, lighter, found.campaign.sites, found.factor)
    return workers.map(value, [one.draw for one in basis.before])


def _value_draw(basis: CampaignBasis, sites: WorkSites, factor: float, draw: int) -> SiteValues:
    """Worth of sites in one draw."""
    rules = sample_rules(basis, draw)
    drawn = sample_shares(basis, sites, draw)
    outlook = describe_outlook(
        sample_condition(basis, draw), drawn, basis.line, knock_on=basis.knock_on, rules=rules
    )
    return value_sites(drawn, outlook, rules, factor=factor)


def add_spread(totals: pl.DataFrame, spread: Mapping[str, object], *, plan_id: str) -> pl.DataFrame:
    """Table ``campaign_totals`` with the error and range of the worth of a plan.

    Parameters
    ----------
    totals : DataFrame
        The table.
    spread : mapping
        What :func:`spread_worth` gives.
    plan_id : str
        Id of the plan.
    """
    is_meant = pl.col("plan_id") == plan_id
    return totals.with_columns(
        pl.when(is_meant)
        .then(pl.lit(value, dtype=totals.schema[name]))
        .otherwise(pl.col(name))
        .alias(name)
        for name, value in spread.items()
    )


def average_problem(found: LoopOutcome, drawn: Sequence[SiteValues]) -> CampaignProblem:
    """The problem whose best plan has the greatest mean worth over the draws.

    Parameters
    ----------
    found : LoopOutcome
        The problem.
    drawn : sequence of SiteValues
        What :func:`sample_values` gives; at least one.
    """
    return revalue(found.campaign, _average(drawn)).problem


def spread_worth(
    basis: CampaignBasis,
    found: LoopOutcome,
    solution: CampaignSolution,
    drawn: Sequence[SiteValues],
) -> dict[str, object]:
    """Error of the worth of a plan by chance, and its range over the draws.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    found : LoopOutcome
        The problem, and the factor of delay by failures.
    solution : CampaignSolution
        The plan.
    drawn : sequence of SiteValues
        What :func:`sample_values` gives.

    Returns
    -------
    dict
        Columns of ``campaign_totals``; mean, range and count are None without draws.
    """
    planned = list_planned(found.campaign, Plan.of_solution(solution))
    rows, months = planned["site"].to_numpy(), planned["month"].to_numpy()
    error = _find_error(basis, found, _find_places(basis, found.campaign)[rows], months)
    if not drawn:
        return dict.fromkeys(SPREAD) | {"benefit_error": error}
    # What a shared possession saves hangs on the options, so the problem counts it.
    benefit = [
        check_plan(revalue(found.campaign, values).problem, solution.option, solution.month)
        for values in drawn
    ]
    low, high = np.quantile(benefit, (LOW, HIGH)).tolist()
    values = (error, float(np.mean(benefit)), low, high, len(benefit))
    return dict(zip(SPREAD, values, strict=True))


def _find_error(
    basis: CampaignBasis,
    found: LoopOutcome,
    places: NDArray[np.intp],
    months: NDArray[np.int64],
) -> float:
    """Standard error of the worth of planned sites: its ratios, each moved by its own error [h]."""
    sites = basis.sites.take(places)

    def reckon(knock_on: KnockOn, factor: float, windows: float = 1.0) -> float:
        outlook = _change_delay(basis, knock_on, basis.rules.longest_wait_h).take(places)
        loss = outlook.loss_per_possession_h * windows
        outlook = replace(outlook, loss_per_possession_h=loss)
        benefit = value_sites(sites, outlook, basis.rules, factor=factor).benefit
        return float(benefit[np.arange(len(months)), months].sum())

    def move(ratio: Ratio) -> Ratio:
        return replace(ratio, used=ratio.used + ratio.used_error)

    known, windows = basis.knock_on, basis.windows.network
    plain = reckon(known, found.factor)
    moved = [
        reckon(replace(known, closed=move(known.closed)), found.factor),
        reckon(replace(known, passing=move(known.passing)), found.factor),
        reckon(known, found.factor, 1.0 + windows.used_error / windows.used),
    ]
    if found.ratios:
        moved.append(reckon(known, found.factor + found.ratios[-1].used_error))
    return float(np.sqrt(sum((each - plain) ** 2 for each in moved)))


def _plan_reading(
    basis: CampaignBasis, found: LoopOutcome, solver: Solver, reading: str
) -> Reading | None:
    """Plan anew in one reading; sites and options are those of the plan."""
    campaign = _change_campaign(basis, found, reading)
    if campaign.problem.n_options != found.campaign.problem.n_options:
        return None
    return _compare(reading, campaign, found, solver.solve_again(campaign.problem, found.solution))


def _change_campaign(basis: CampaignBasis, found: LoopOutcome, reading: str) -> Campaign:
    """The problem in a reading."""
    campaign = found.campaign
    places = _find_places(basis, campaign)
    if reading in ENDS:
        tables = put_ends(basis, ENDS[reading])
        sites = list_sites(tables, basis.condition.register).take(places)
        return make_problem(tables, sites, campaign.values, basis.rules)
    outlook, rules = _change_worth(basis, *reading.split("_"))
    values = value_sites(campaign.sites, outlook.take(places), rules, factor=found.factor)
    return revalue(campaign, values)


def _average(drawn: Sequence[SiteValues]) -> SiteValues:
    """Mean worth of each site over the draws."""
    names = [each.name for each in fields(SiteValues)]
    means = {name: np.mean([getattr(one, name) for one in drawn], axis=0) for name in names}
    return SiteValues(**means)


def _change_worth(basis: CampaignBasis, what: str, end: str) -> tuple[SiteOutlook, BenefitRules]:
    """Outlook and rules with a premise, or all of them, at an end of what it is worth."""
    settings, rules, plain = basis.study.settings.campaign, basis.rules, basis.outlook
    dearer = replace(rules, derailment_worth_h=getattr(settings, f"derailment_worth_{end}_h"))
    rarer = getattr(plain, f"derailments_{end}")
    wait_h = getattr(settings, f"longest_wait_{end}_h")
    if what == "derailment":
        return replace(plain, derailments=rarer), dearer
    if what == "wait":
        waiting = _change_delay(basis, basis.knock_on, wait_h)
        return waiting, replace(rules, longest_wait_h=wait_h)
    if what == "window":
        return _change_window(basis, plain, end), rules
    if what == "traffic":
        return plain.with_traffic(_find_traffic(basis, end)), rules
    # Long windows cost trains: works are worth least where windows are longest.
    other = "high" if end == "low" else "low"
    waiting = _change_delay(basis, basis.knock_on, wait_h)
    every = _change_window(basis, replace(waiting, derailments=rarer), other)
    return every.with_traffic(_find_traffic(basis, end)), dearer


def _change_delay(basis: CampaignBasis, knock_on: KnockOn, longest_wait_h: float) -> SiteOutlook:
    """The outlook with other ratios or another longest wait."""
    condition = basis.condition
    fixed = condition.describe(basis.line, condition.states)
    worth = resolve_effects(condition.states, fixed, knock_on, longest_wait_h=longest_wait_h)
    asset = basis.sites.frame["asset"].to_numpy()
    return replace(basis.outlook, delay_h=worth.delay_h[asset])


def _change_window(basis: CampaignBasis, outlook: SiteOutlook, end: str) -> SiteOutlook:
    """The outlook with windows of the shortest or longest length."""
    settings = basis.study.settings.campaign
    if settings.possession_window_h <= 0:
        return outlook
    share = getattr(settings, f"possession_window_{end}_h") / settings.possession_window_h
    return replace(outlook, loss_per_possession_h=outlook.loss_per_possession_h * share)


def _find_traffic(basis: CampaignBasis, end: str) -> Floats:
    """Trains at one end of the estimates of all flows over those there are, by site."""
    condition, line = basis.condition, basis.line
    asset = basis.sites.frame["asset"].to_numpy()
    if line is None:
        return np.ones(len(asset))
    flows = basis.tables["train_flows"].select("flow_id", "trains_per_day")
    ends = put_ends(basis, {"train_flows": (("trains_per_day",), end)})["train_flows"]
    share = (ends["trains_per_day"] / flows["trains_per_day"]).fill_nan(1.0).fill_null(1.0)
    traffic = dict(zip(flows["flow_id"].to_list(), share.to_list(), strict=True))
    trains = [
        line.describe(condition.states, traffic=each)["train_runs_per_year"].to_numpy()
        for each in (traffic, {})
    ]
    ratio = np.divide(trains[0], trains[1], out=np.ones(len(trains[0])), where=trains[1] > 0)
    return np.asarray(ratio[asset])


def _compare(
    reading: str, campaign: Campaign, found: LoopOutcome, again: CampaignSolution
) -> Reading:
    """Row of a reading."""
    own, other = (
        set(list_planned(campaign, Plan.of_solution(each))["site"].to_list())
        for each in (found.solution, again)
    )
    use = count_use(campaign, Plan.of_solution(again))["labour"]
    limit = campaign.problem.labour_limit_h
    is_limited = np.isfinite(limit)
    available = float(limit[is_limited].sum())
    return {
        "reading": reading,
        "name": NAMES[reading],
        "benefit": find_value(campaign.problem, found.solution),
        "replanned": again.value,
        "bound": again.bound,
        "sites_count": len(other),
        "overlap": len(own & other) / max(len(own | other), 1),
        "labour_share": float(use[is_limited].sum()) / available if available > 0 else None,
        "is_cut": again.is_cut,
    }


def _find_places(basis: CampaignBasis, campaign: Campaign) -> NDArray[np.intp]:
    """Rows of the sites of a problem among all sites."""
    place = {name: row for row, name in enumerate(basis.sites.frame["site_id"].to_list())}
    names = campaign.sites.frame["site_id"].to_list()
    return np.array([place[name] for name in names], dtype=np.intp)
