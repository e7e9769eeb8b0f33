"""What a campaign rests on: the condition of assets, the line before it, and what works change.

Main functions: `prepare_basis` and `list_works_done`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.conditions import settle_conditions
from arterial.assets.parameters import ParameterSet
from arterial.assets.register import build_register
from arterial.assets.states import assess_assets, read_stock
from arterial.assets.trajectories import rates_ahead, worked_rates_ahead
from arterial.campaign.benefits import AssetWorth, BenefitRules, SiteOutlook, settle_effects
from arterial.campaign.sites import WorkSites, list_sites
from arterial.flows.campaign_line import (
    CampaignLine,
    SimulatedDraw,
    count_days,
    prepare_campaign_line,
    simulate_draws,
)
from arterial.flows.reliability import DAYS_PER_YEAR, load_parameters
from arterial.flows.steps import ReportStep, stay_silent
from arterial.operations.line_summary import summarise_line
from arterial.study import Study, apply_defaults, empty_table
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["CampaignBasis", "list_works_done", "prepare_basis"]

MONTHS: Final = 12
_FIXED: Final = (
    "train_runs_per_year",
    "restriction_delay_min_per_year",
    "derailments_per_year",
)


@dataclass(frozen=True, kw_only=True)
class CampaignBasis:
    """What plans are made from.

    Parameters
    ----------
    study : Study
        The study.
    tables : mapping of str to DataFrame
        Its tables with their defaults.
    parameters : ParameterSet
        Parameters of the assets.
    states, seasons, effects : DataFrame
        Tables ``asset_states``, ``asset_seasons`` and ``asset_effects``.
    line : CampaignLine or None
        The network with its trains; None where no flow is stated.
    before : tuple of SimulatedDraw
        The line as it is.
    worth : AssetWorth
        Delay by failures of each asset.
    sites : WorkSites
        Every work site.
    outlook : SiteOutlook
        What changes with each.
    rules : BenefitRules
        How worth is counted.
    """

    study: Study
    tables: Mapping[str, pl.DataFrame]
    parameters: ParameterSet
    states: pl.DataFrame
    seasons: pl.DataFrame
    effects: pl.DataFrame
    line: CampaignLine | None
    before: tuple[SimulatedDraw, ...]
    worth: AssetWorth
    sites: WorkSites
    outlook: SiteOutlook
    rules: BenefitRules


def prepare_basis(study: Study, *, report_step: ReportStep = stay_silent) -> CampaignBasis:
    """Assess the assets, simulate the line as it is, and say what each work would change.

    Parameters
    ----------
    study : Study
        The study.
    report_step : callable
        Told the name of each step and the share of work done.
    """
    tables = {name: apply_defaults(study, name) for name in study.tables}
    parameters, settings = load_parameters(study), study.settings
    rules = make_rules(study)
    report_step("Assessing the assets", 0.05)
    day, seed = settings.as_of, settings.seed
    register = build_register(tables, as_of=day, seed=seed)
    shown = assess_assets(register, tables, parameters, as_of=day, seed=seed)
    report_step("Laying paths (the first run compiles)", 0.08)
    line = prepare_campaign_line(study, tables)
    report_step("Simulating the line as it is", 0.12)
    before: tuple[SimulatedDraw, ...] = ()
    effects, fixed = empty_table("asset_effects"), _no_trains(shown.states)
    if line is not None:
        before = tuple(simulate_draws(study, tables, parameters, line))
        names = list(before[0].parts)
        parts = {name: pl.concat([one.parts[name] for one in before]) for name in names}
        effects = summarise_line(parts).asset_effects
        fixed = line.describe(shown.states)
    report_step("Valuing works", 0.3)
    days = count_days(study) * MONTHS * len(before)
    worth = settle_effects(
        shown.states,
        fixed,
        effects,
        simulated_years=days / DAYS_PER_YEAR,
        longest_wait_h=rules.longest_wait_h,
    )
    sites = list_sites(tables, register)
    basis = _Condition(study, tables, parameters, register)
    outlook = _find_outlook(basis, sites, worth, shown.seasons, line, fixed, rules)
    return CampaignBasis(
        study=study,
        tables=tables,
        parameters=parameters,
        states=shown.states,
        seasons=shown.seasons,
        effects=effects,
        line=line,
        before=before,
        worth=worth,
        sites=sites,
        outlook=outlook,
        rules=rules,
    )


def make_rules(study: Study) -> BenefitRules:
    """How worth is counted, by the settings of a study."""
    settings = study.settings.campaign
    first = settings.first_month or study.settings.horizon_from.replace(day=1)
    return BenefitRules(
        first_month=first,
        months=settings.months,
        discount_percent=settings.discount_percent,
        residual_years=settings.residual_years,
        derailment_worth_h=settings.derailment_worth_h,
        longest_wait_h=settings.longest_wait_h,
    )


def list_works_done(sites: WorkSites, rows: NDArray[np.int64]) -> dict[str, float]:
    """Share of its age that each asset keeps once the sites of some rows are done."""
    frame = sites.frame[rows].select("asset_id", "age_share_left")
    return dict(frame.iter_rows())


@dataclass(frozen=True)
class _Condition:
    """What the condition of assets with works done is reckoned from."""

    study: Study
    tables: Mapping[str, pl.DataFrame]
    parameters: ParameterSet
    register: pl.DataFrame


def _no_trains(states: pl.DataFrame) -> pl.DataFrame:
    """Trains, restrictions and derailments where no train is known."""
    zero = [pl.lit(0.0).alias(name) for name in _FIXED]
    return states.select("asset_id", "kind", "section_id", *zero)


def _find_outlook(
    condition: _Condition,
    sites: WorkSites,
    worth: AssetWorth,
    seasons: pl.DataFrame,
    line: CampaignLine | None,
    fixed: pl.DataFrame,
    rules: BenefitRules,
) -> SiteOutlook:
    """What changes with the work of each site."""
    settings, parameters = condition.study.settings, condition.parameters
    settled = settle_conditions(
        condition.register,
        condition.tables,
        parameters,
        as_of=settings.as_of,
        seed=settings.seed,
    )
    asset = sites.frame["asset"].to_numpy()
    stock = read_stock(settled[asset])
    years = -(-rules.months // MONTHS) + len(rules.residual_weights)
    share = sites.frame["age_share_left"].to_numpy()
    worked = worked_rates_ahead(stock, share, parameters, years=years)
    gained = _find_gains(condition, sites, line, fixed)
    by_kind = {
        str(kind[0]): rows.sort("month")["factor"].to_numpy()
        for kind, rows in seasons.group_by("kind")
    }
    flat = np.ones(MONTHS)
    return SiteOutlook(
        rates=rates_ahead(stock, parameters, years=years),
        worked_rates=worked,
        delay_h=worth.delay_h[asset],
        restriction_h=gained["restriction_delay_min_per_year"] * (MINUTE_S / HOUR_S),
        derailments=gained["derailments_per_year"],
        seasons=np.array([by_kind.get(kind, flat) for kind in sites.frame["kind"].to_list()]),
    )


def _find_gains(
    condition: _Condition, sites: WorkSites, line: CampaignLine | None, fixed: pl.DataFrame
) -> dict[str, NDArray[np.float64]]:
    """Restrictions and derailments that each work takes away, the same day before and after."""
    names = ("restriction_delay_min_per_year", "derailments_per_year")
    gained = {name: np.zeros(sites.frame.height) for name in names}
    if line is None:
        return gained
    settings = condition.study.settings
    share = sites.frame["age_share_left"].to_numpy()
    asset = sites.frame["asset"].to_numpy()
    before = {name: fixed[name].fill_null(0.0).to_numpy() for name in names}
    for each in np.unique(share).tolist():
        here = np.flatnonzero(share == each)
        ids = sites.frame["asset_id"].gather(here).unique(maintain_order=True).to_list()
        states = assess_assets(
            condition.register,
            condition.tables,
            condition.parameters,
            as_of=settings.as_of,
            seed=settings.seed,
            age_shares=dict.fromkeys(ids, each),
        ).states
        after = line.describe(states)
        for name in names:
            left = after[name].fill_null(0.0).to_numpy()
            gained[name][here] = np.maximum(before[name] - left, 0.0)[asset[here]]
    return gained
