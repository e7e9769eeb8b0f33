"""What a campaign rests on: the condition of assets, the line before it, and what works change.

Main functions: `prepare_basis`, `describe_outlook` and `list_works_done`. `LoopOutcome` is the plan
that stands in the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.conditions import resolve_conditions
from arterial.assets.parameters import ParameterSet
from arterial.assets.register import EVEN, build_register
from arterial.assets.states import assess_assets, read_stock
from arterial.assets.trajectories import rates_ahead, worked_rates_ahead
from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.cutting import cut_assets
from arterial.campaign.choice.problem import CampaignSolution
from arterial.campaign.choice.sites import WorkSites, list_sites
from arterial.campaign.choice.worth import BenefitRules
from arterial.campaign.valuation.benefits import SiteOutlook, window_loss_h
from arterial.campaign.valuation.knock_on import find_knock_on
from arterial.campaign.valuation.line import (
    CampaignLine,
    SimulatedDraw,
    prepare_campaign_line,
    simulate_best,
    simulate_draws,
)
from arterial.campaign.valuation.losses import KnockOn, Ratio, resolve_effects
from arterial.campaign.valuation.windows import WindowRatios
from arterial.compute import ALONE, Workers
from arterial.operations.asset_draws import load_parameters
from arterial.operations.line.summary import summarise_line
from arterial.progress import ReportStep, stay_silent
from arterial.study import Study, apply_defaults, empty_table
from arterial.units import HOUR_S, MINUTE_S, MONTHS_PER_YEAR

__all__ = [
    "CampaignBasis",
    "Condition",
    "LoopOutcome",
    "describe_outlook",
    "list_works_done",
    "make_rules",
    "prepare_basis",
]

_FIXED: Final = (
    "train_runs_per_year",
    "restriction_delay_min_per_year",
    "derailments_per_year",
    "derailments_per_year_low",
    "derailments_per_year_high",
)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Assets in one picture of what is not known.

    Parameters
    ----------
    study : Study
        The study.
    tables : mapping of str to DataFrame
        Its tables with their defaults, as drawn.
    parameters : ParameterSet
        Parameters of the assets, as drawn.
    register : DataFrame
        The assets.
    states, seasons : DataFrame
        Tables ``asset_states`` and ``asset_seasons``, nothing done.
    draw : int
        Number of the draw; `EVEN` = best values, and what is not known of single assets spread
        evenly: a plan is not made for one sample of it.
    traffic : mapping of str to float
        Trains of a flow over those whose paths were laid.
    """

    study: Study
    tables: Mapping[str, pl.DataFrame]
    parameters: ParameterSet
    register: pl.DataFrame
    states: pl.DataFrame
    seasons: pl.DataFrame
    draw: int = EVEN
    traffic: Mapping[str, float] = field(default_factory=dict)

    def assess(self, age_shares: Mapping[str, float]) -> pl.DataFrame:
        """Table ``asset_states`` with works done that leave assets a share of their age."""
        settings = self.study.settings
        return assess_assets(
            self.register,
            self.tables,
            self.parameters,
            as_of=settings.as_of,
            seed=settings.seed,
            draw=self.draw,
            age_shares=age_shares,
        ).states

    def resolve(self) -> pl.DataFrame:
        """Condition of each asset of the register on the day of the study."""
        settings = self.study.settings
        return resolve_conditions(
            self.register,
            self.tables,
            self.parameters,
            as_of=settings.as_of,
            seed=settings.seed,
            draw=self.draw,
        )

    def describe(self, line: CampaignLine | None, states: pl.DataFrame) -> pl.DataFrame:
        """Trains, restrictions and derailments a year by asset, without chance."""
        if line is None:
            zero = [pl.lit(0.0).alias(name) for name in _FIXED]
            none = pl.lit(value=False).alias("shares_tracks")
            return states.select("asset_id", "kind", "section_id", *zero, none)
        return line.describe(states, draw=self.draw, traffic=self.traffic)


@dataclass(frozen=True, kw_only=True)
class CampaignBasis:
    """What plans are made from.

    Parameters
    ----------
    condition : Condition
        The assets by best values.
    effects : DataFrame
        Table ``asset_effects``.
    line : CampaignLine or None
        The network with its trains; None where no flow is stated.
    before, common : tuple of SimulatedDraw
        The line as it is: in each draw, and by best values.
    knock_on : KnockOn
        What trains pass on to each other.
    sites : WorkSites
        Every work site.
    outlook : SiteOutlook
        What changes with each.
    rules : BenefitRules
        How worth is counted.
    """

    condition: Condition
    effects: pl.DataFrame
    line: CampaignLine | None
    before: tuple[SimulatedDraw, ...]
    common: tuple[SimulatedDraw, ...]
    knock_on: KnockOn
    sites: WorkSites
    outlook: SiteOutlook
    rules: BenefitRules

    @property
    def windows(self) -> WindowRatios:
        """What windows for works cost the trains."""
        return WindowRatios() if self.line is None else self.line.windows

    @property
    def study(self) -> Study:
        """The study."""
        return self.condition.study

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Its tables with their defaults."""
        return self.condition.tables

    @property
    def states(self) -> pl.DataFrame:
        """Table ``asset_states``."""
        return self.condition.states


def prepare_basis(
    study: Study, *, workers: Workers = ALONE, report_step: ReportStep = stay_silent
) -> CampaignBasis:
    """Assess the assets, simulate the line as it is, and say what each work would change.

    Parameters
    ----------
    study : Study
        The study.
    workers : Workers
        Who simulates the draws.
    report_step : callable
        Told the name of each step and the share of work done.
    """
    tables = cut_assets({name: apply_defaults(study, name) for name in study.tables})
    parameters, settings = load_parameters(study), study.settings
    rules = make_rules(study)
    report_step("Assessing the assets", 0.05)
    day, seed = settings.as_of, settings.seed
    register = build_register(tables, as_of=day, seed=seed, draw=EVEN)
    shown = assess_assets(register, tables, parameters, as_of=day, seed=seed, draw=EVEN)
    report_step("Laying paths (the first run compiles)", 0.08)
    line = prepare_campaign_line(study, tables)
    report_step("Simulating the line as it is", 0.12)
    before: tuple[SimulatedDraw, ...] = ()
    common: tuple[SimulatedDraw, ...] = ()
    effects = empty_table("asset_effects")
    if line is not None:
        before = tuple(simulate_draws(study, tables, parameters, line, workers=workers))
        names = list(before[0].parts)
        parts = {name: pl.concat([one.parts[name] for one in before]) for name in names}
        effects = summarise_line(parts).asset_effects
        known = (shown.states, shown.seasons, tables["disturbances"])
        common = tuple(simulate_best(study, line, *known, workers=workers))
    report_step("Valuing works", 0.3)
    knock_on = find_knock_on(common, spread=rules.ratio_spread)
    sites = list_sites(tables, register)
    condition = Condition(
        study=study,
        tables=tables,
        parameters=parameters,
        register=register,
        states=shown.states,
        seasons=shown.seasons,
    )
    outlook = describe_outlook(condition, sites, line, knock_on=knock_on, rules=rules)
    return CampaignBasis(
        condition=condition,
        effects=effects,
        line=line,
        before=before,
        common=common,
        knock_on=knock_on,
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
        window_h=settings.possession_window_h,
        ratio_spread=settings.ratio_spread,
    )


def list_works_done(sites: WorkSites, rows: NDArray[np.int64]) -> dict[str, float]:
    """Share of its age that each asset keeps once the sites of some rows are done."""
    frame = sites.frame[rows].select("asset_id", "age_share_left")
    return dict(frame.iter_rows())


def describe_outlook(
    condition: Condition,
    sites: WorkSites,
    line: CampaignLine | None,
    *,
    knock_on: KnockOn,
    rules: BenefitRules,
) -> SiteOutlook:
    """What changes with the work of each site.

    Parameters
    ----------
    condition : Condition
        Assets in one picture of what is not known.
    sites : WorkSites
        The sites, with the share of age that their works leave.
    line : CampaignLine or None
        The network with its trains.
    knock_on : KnockOn
        What trains pass on to each other.
    rules : BenefitRules
        How worth is counted.
    """
    fixed = condition.describe(line, condition.states)
    worth = resolve_effects(condition.states, fixed, knock_on, longest_wait_h=rules.longest_wait_h)
    settled = condition.resolve()
    asset = sites.frame["asset"].to_numpy()
    stock = read_stock(settled[asset])
    years = -(-rules.months // MONTHS_PER_YEAR) + len(rules.residual_weights)
    share = sites.frame["age_share_left"].to_numpy()
    gained = _find_gains(condition, sites, line, fixed)
    by_kind = {
        str(kind[0]): rows.sort("month")["factor"].to_numpy()
        for kind, rows in condition.seasons.group_by("kind")
    }
    flat = np.ones(MONTHS_PER_YEAR)
    trains = fixed["train_runs_per_year"].fill_null(0.0).to_numpy()[asset]
    windows = WindowRatios() if line is None else line.windows
    ratio = windows.list_used(condition.states["section_id"])[asset]
    return SiteOutlook(
        rates=rates_ahead(stock, condition.parameters, years=years),
        worked_rates=worked_rates_ahead(stock, share, condition.parameters, years=years),
        delay_h=worth.delay_h[asset],
        restriction_h=gained["restriction_delay_min_per_year"] * (MINUTE_S / HOUR_S),
        derailments=gained["derailments_per_year"],
        seasons=np.array([by_kind.get(kind, flat) for kind in sites.frame["kind"].to_list()]),
        loss_per_possession_h=window_loss_h(trains, rules.window_h) * ratio,
        derailments_low=gained["derailments_per_year_low"],
        derailments_high=gained["derailments_per_year_high"],
    )


def _find_gains(
    condition: Condition, sites: WorkSites, line: CampaignLine | None, fixed: pl.DataFrame
) -> dict[str, NDArray[np.float64]]:
    """Restrictions and derailments that each work takes away, the same day before and after."""
    names = _FIXED[1:]
    gained = {name: np.zeros(sites.frame.height) for name in names}
    if line is None:
        return gained
    share = sites.frame["age_share_left"].to_numpy()
    asset = sites.frame["asset"].to_numpy()
    before = {name: fixed[name].fill_null(0.0).to_numpy() for name in names}
    # Where nothing is lost today there is nothing to be gained.
    loses = np.any([before[name][asset] > 0 for name in names], axis=0)
    for each in np.unique(share[loses]).tolist():
        here = np.flatnonzero(loses & (share == each))
        ids = sites.frame["asset_id"].gather(here).unique(maintain_order=True).to_list()
        after = condition.describe(line, condition.assess(dict.fromkeys(ids, each)))
        for name in names:
            left = after[name].fill_null(0.0).to_numpy()
            gained[name][here] = np.maximum(before[name] - left, 0.0)[asset[here]]
    return gained


@dataclass(frozen=True, kw_only=True)
class LoopOutcome:
    """The plan that stands.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    solution : CampaignSolution
        Its plan, bound and prices.
    after : tuple of SimulatedDraw
        The line with the plan done; empty without loops or trains.
    factor : float
        Of the delay by failures, with which the plan was made.
    ratios : tuple of Ratio
        Delay avoided by the plan of each loop as simulated, over that of its works one by one.
    """

    campaign: Campaign
    solution: CampaignSolution
    after: tuple[SimulatedDraw, ...]
    factor: float
    ratios: tuple[Ratio, ...]
