"""The campaign problem of a study: sites with their worth against what there is.

The main function is `make_problem`. Limits that no table states do not bind; a month holds no more
possession than its hours.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.choice.limits import list_pools, list_possessions
from arterial.campaign.choice.problem import CampaignProblem
from arterial.campaign.choice.sites import Bundles, WorkSites, bundle_sites
from arterial.campaign.choice.worth import BenefitRules, SiteValues
from arterial.units import MONTHS_PER_YEAR

__all__ = ["Campaign", "add_benefits", "make_problem", "revalue"]

Tables = Mapping[str, pl.DataFrame]
Floats = NDArray[np.float64]

LEAST_WORTH_H: Final = 1e-3
"""A site worth less in its best month is worth nothing; sums are rounded [h]."""

KINDS: Final = ("turnout", "track", "bridge", "tunnel", "embankment", "catenary", "signalling")


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A problem with the names of what its arrays hold.

    Parameters
    ----------
    problem : CampaignProblem
        The arrays.
    sites : WorkSites
        Sites worth doing.
    values : SiteValues
        Their worth, in the same order.
    bundles : Bundles
        Choices of the problem and the sites of their options.
    months : tuple of date
        First day of each month.
    pool_ids, limit_ids : tuple of str
        Labour pools, and the lines or sections that are closed.
    stated_limits : frozenset of str
        Those of `limit_ids` that a table states.
    trains_lost_per_h : ndarray
        Train paths lost for each hour of possession, ``(n_limits,)``.
    years : tuple of int
        Years of the budget.
    left_out : DataFrame
        Works that would gain and are no sites: ``limit`` is ``pool`` where no gang works on the
        section, ``months`` where they end in no month; ``benefit`` in the best month [h].
    """

    problem: CampaignProblem
    sites: WorkSites
    values: SiteValues
    bundles: Bundles
    months: tuple[dt.date, ...]
    pool_ids: tuple[str, ...]
    limit_ids: tuple[str, ...]
    stated_limits: frozenset[str]
    trains_lost_per_h: Floats
    years: tuple[int, ...]
    left_out: pl.DataFrame

    @property
    def gain(self) -> Floats:
        """Worth of each site by first month, trains that wait for it left aside [h]."""
        possession_h = self.sites.frame["possession_h"].to_numpy()[:, None]
        return np.asarray(self.values.benefit + self.values.possession_loss * possession_h)


def _list_months(first_month: dt.date, months: int) -> tuple[dt.date, ...]:
    """First day of each month.

    Examples
    --------
    >>> [f"{month:%Y-%m}" for month in _list_months(dt.date(2027, 11, 1), 3)]
    ['2027-11', '2027-12', '2028-01']
    """
    start = first_month.year * MONTHS_PER_YEAR + first_month.month - 1
    return tuple(
        dt.date((start + k) // MONTHS_PER_YEAR, (start + k) % MONTHS_PER_YEAR + 1, 1)
        for k in range(months)
    )


def make_problem(
    tables: Tables, sites: WorkSites, values: SiteValues, rules: BenefitRules
) -> Campaign:
    """The problem of the sites that are worth something in any month, trains that wait left aside.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables with their defaults.
    sites : WorkSites
        Sites of the study.
    values : SiteValues
        Their worth.
    rules : BenefitRules
        Months of the campaign.

    Returns
    -------
    Campaign
        The problem and its names.
    """
    pools = list_pools(tables)
    has_pool = sites.frame["section_id"].is_in(sorted(pools.by_section)).to_numpy()
    # Works whose possessions cost more than they gain stay: reports may mean them all the same.
    waits = values.possession_loss * sites.frame["possession_h"].to_numpy()[:, None]
    is_worth = (values.benefit + waits).max(axis=1, initial=-np.inf) > LEAST_WORTH_H
    left_out = _list_left_out(sites, values, has_pool=has_pool, is_worth=is_worth)
    kept = np.flatnonzero(has_pool & is_worth)
    sites, values = sites.take(kept), _take_values(values, kept)
    bundles = bundle_sites(sites)
    limits = list_possessions(tables, sites.frame)
    months = _list_months(rules.first_month, rules.months)
    members = bundles.members
    first = members[bundles.first_option[:-1]].max(axis=1)
    sections = sites.frame["section_id"].gather(first).to_list() if len(first) else []
    years = tuple(sorted(set(tables["budgets"]["year"].to_list()) | {each.year for each in months}))
    has_budget = not tables["budgets"].is_empty()
    season = _list_seasons(tables, sites.frame, members, months)
    problem = CampaignProblem(
        first_option=bundles.first_option,
        pool=np.array([pools.by_section[each] for each in sections], dtype=np.int32),
        line=np.array([limits.by_section[each] for each in sections], dtype=np.int32),
        benefit=add_benefits(sites, values, members),
        labour_h=_add_up(sites.frame["labour_h"].to_numpy(), members),
        possession_h=_share_setup(sites.frame, members),
        material=_add_up(sites.material, members),
        cost=_add_up(sites.frame["cost"].to_numpy(), members),
        season=season.row,
        duration_months=_longest(sites.frame["duration_months"].to_numpy(), members),
        season_need=season.need,
        labour_limit_h=np.repeat(pools.amount[:, None], len(months), axis=1),
        possession_limit_h=np.repeat(limits.amount[:, None], len(months), axis=1),
        supply=_list_supply(tables, sites.material_ids, months),
        budget=_list_budget(tables, years) if has_budget else np.zeros(0),
        year=np.array(
            [years.index(each.year) if has_budget else 0 for each in months], dtype=np.int32
        ),
    )
    return Campaign(
        problem=_close_late_months(problem),
        sites=sites,
        values=values,
        bundles=bundles,
        months=months,
        pool_ids=pools.ids,
        limit_ids=limits.ids,
        stated_limits=limits.stated,
        trains_lost_per_h=limits.lost,
        years=years if has_budget else (),
        left_out=left_out,
    )


def revalue(campaign: Campaign, values: SiteValues) -> Campaign:
    """The same sites, options and limits with works worth something else.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    values : SiteValues
        Worth of its sites, in their order.
    """
    benefit = add_benefits(campaign.sites, values, campaign.bundles.members)
    problem = _close_late_months(replace(campaign.problem, benefit=benefit))
    return replace(campaign, problem=problem, values=values)


def _list_left_out(
    sites: WorkSites,
    values: SiteValues,
    *,
    has_pool: NDArray[np.bool_],
    is_worth: NDArray[np.bool_],
) -> pl.DataFrame:
    """Works that would gain and cannot be sites of the problem, with what keeps them out."""
    ends = np.isfinite(values.benefit).any(axis=1)
    avoids = values.delay_avoided_h.max(axis=1, initial=0.0) + values.derailments_avoided > 0
    is_out = (is_worth & ~has_pool) | (avoids & ~ends)
    best = values.benefit.max(axis=1, initial=-np.inf)
    return sites.frame.with_columns(
        pl.Series("benefit", np.where(np.isfinite(best), best, np.nan)).fill_nan(None),
        pl.Series("limit", np.where(has_pool, "months", "pool").tolist(), dtype=pl.String),
    ).filter(pl.Series(is_out))


def _take_values(values: SiteValues, kept: NDArray[np.intp]) -> SiteValues:
    return SiteValues(**{each.name: getattr(values, each.name)[kept] for each in fields(values)})


def _add_up(amounts: Floats, members: NDArray[np.int32]) -> Floats:
    """Sum over the sites of each option."""
    none = np.zeros((1, *amounts.shape[1:]))
    padded = np.concatenate([amounts, none])
    return np.asarray(padded[members].sum(axis=1))


def add_benefits(
    sites: WorkSites, values: SiteValues, members: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Worth of each option: that of its sites, and of the possession that they save together.

    Parameters
    ----------
    sites : WorkSites
        Sites of the problem.
    values : SiteValues
        Their worth.
    members : ndarray
        Sites of each option, -1 = none.

    Returns
    -------
    ndarray
        ``(n_options, months)`` [h].
    """
    alone_h = _add_up(sites.frame["possession_h"].to_numpy(), members)
    saved_h = alone_h - _share_setup(sites.frame, members)
    padded = np.concatenate([values.possession_loss, np.zeros((1, values.benefit.shape[1]))])
    saved = saved_h[:, None] * padded[members].max(axis=1, initial=0.0)
    return np.asarray((_add_up(values.benefit, members) + saved).astype(np.float32))


def _share_setup(frame: pl.DataFrame, members: NDArray[np.int32]) -> Floats:
    """Possession of each option: set-ups run side by side, the longest counts [h]."""
    setup = np.append(frame["setup_h"].to_numpy(), 0.0)[members]
    whole = np.append(frame["possession_h"].to_numpy(), 0.0)[members]
    return np.asarray(whole.sum(axis=1) - setup.sum(axis=1) + setup.max(axis=1, initial=0.0))


def _longest(duration: NDArray[np.int64], members: NDArray[np.int32]) -> NDArray[np.int32]:
    """Months of each option."""
    months = np.append(duration, 1)[members].max(axis=1, initial=1)
    return np.asarray(months, dtype=np.int32)


def _close_late_months(problem: CampaignProblem) -> CampaignProblem:
    """An option that would not end within the campaign may not begin."""
    benefit = problem.benefit.copy()
    last = problem.n_months - problem.duration_months
    benefit[np.arange(problem.n_months)[None, :] > last[:, None]] = -np.inf
    return replace(problem, benefit=benefit)


@dataclass(frozen=True)
class _Seasons:
    """Row of each option, and need of a month over that of full productivity."""

    row: NDArray[np.int32]
    need: Floats


def _list_seasons(
    tables: Tables,
    frame: pl.DataFrame,
    members: NDArray[np.int32],
    months: tuple[dt.date, ...],
) -> _Seasons:
    """Seasons of each set of kinds; works done together take the worst month of all of them."""
    stated = {
        (row["kind"], row["month"]): row["productivity"]
        for row in tables["work_seasons"].iter_rows(named=True)
    }
    need = np.array([[1.0 / stated.get((kind, m.month), 1.0) for m in months] for kind in KINDS])
    bit = np.array([1 << KINDS.index(kind) for kind in frame["kind"].to_list()] + [0])
    sets = np.bitwise_or.reduce(bit[members], axis=1) if len(members) else np.zeros(0, dtype=int)
    groups, row = np.unique(sets, return_inverse=True)
    rows = [
        need[[k for k in range(len(KINDS)) if group >> k & 1]].max(axis=0)
        for group in groups.tolist()
    ]
    return _Seasons(row.ravel().astype(np.int32), np.array(rows).reshape(len(rows), len(months)))


def _list_supply(
    tables: Tables, material_ids: tuple[str, ...], months: tuple[dt.date, ...]
) -> Floats:
    """Units that arrive in each month, the first with the store, ``(n_materials, n_months)``."""
    supply = np.zeros((len(material_ids), len(months)))
    for row in tables["materials"].iter_rows(named=True):
        if row["material_id"] in material_ids:
            place = material_ids.index(row["material_id"])
            supply[place] = row["supply_per_month"] or 0.0
    for row in tables["material_supplies"].iter_rows(named=True):
        if row["material_id"] in material_ids and row["month"] in months:
            place = material_ids.index(row["material_id"])
            supply[place, months.index(row["month"])] = row["supply"]
    stock = dict(tables["materials"].select("material_id", "stock").iter_rows())
    supply[:, 0] += [stock.get(name) or 0.0 for name in material_ids]
    return supply


def _list_budget(tables: Tables, years: tuple[int, ...]) -> Floats:
    """Money of each year; a year without a row is not limited."""
    stated = dict(tables["budgets"].select("year", "amount").iter_rows())
    return np.array([stated.get(year, np.inf) for year in years], dtype=float)
