"""What more of each resource would be worth: by prices, by planning anew, and as curves.

Main functions: `tabulate_prices` and `tabulate_curves`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.certificate import check_bound, check_packing_bound, check_plan
from arterial.campaign.choice.problem import CampaignProblem, CampaignSolution, Prices
from arterial.compute import ALONE, Call, Workers
from arterial.errors import LimitError
from arterial.study.tables import conform_table, empty_table
from arterial.units import MONTHS_PER_YEAR

__all__ = ["find_value", "tabulate_curves", "tabulate_prices"]

Floats = NDArray[np.float64]

Tables = Mapping[str, pl.DataFrame]
Solve = Callable[[CampaignProblem], CampaignSolution]
SolveFrom = Callable[[CampaignProblem, CampaignSolution], CampaignSolution]

COMMON_FACTORS: Final = (0.5, 0.75, 1.0, 1.25, 1.5)
CURVE_FACTORS: Final[Mapping[str, tuple[float, ...]]] = {"labour": (0.1, 0.25, *COMMON_FACTORS)}
"""Factors of a curve; gangs are known to within a factor of ten."""

CURVE_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "labour": ("labour",),
    "material": ("material",),
    "possession": ("possession",),
    "all": ("labour", "material", "possession", "budget"),
}
MORE_POSSESSION_H: Final = 10.0
"""Hours of possession a month whose worth is told [h]."""

LEAST_WORTH_H: Final = 0.5
ROUNDING: Final = 1e-9
CLOSE: Final = 0.05
QUARTER: Final = 3


@dataclass(frozen=True, kw_only=True)
class _More:
    """One more of a resource from a month on."""

    resource: str
    resource_id: str
    row: int
    month: int
    amount: float
    unit: str
    subject: str
    worth_h: float
    per_month: float


def tabulate_prices(
    tables: Tables,
    campaign: Campaign,
    solution: CampaignSolution,
    solve: Solve,
    *,
    plain: Call[CampaignSolution] | None = None,
    workers: Workers = ALONE,
) -> pl.DataFrame:
    """Table ``campaign_prices``: what a bit more is worth, the dearest first.

    Prices say what the first bit more is worth at most; the dearest of each kind are also tried by
    planning anew, against a plan sought as long without more. Works are whole and no plan is
    proved best, so a small amount can bring more than its price.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables, for names.
    campaign : Campaign
        The problem.
    solution : CampaignSolution
        Its plan and prices.
    solve : callable
        Plans a changed problem.
    plain : Call, optional
        What it gives for the problem as it is, where that is sought already.
    workers : Workers
        Who seeks plans.

    Returns
    -------
    DataFrame
        Only what is worth at least half a train-hour.
    """
    found = sorted(
        (
            each
            for each in _list_more(tables, campaign, solution.prices)
            if each.worth_h >= LEAST_WORTH_H
        ),
        key=lambda each: (-each.worth_h, each.resource, each.resource_id, each.month),
    )
    # The dearest of each kind of resource, from the first month on.
    tried = {each.resource: each for each in reversed(found) if each.month == 0}
    if tried:
        plain = plain or workers.start(solve, campaign.problem)
    calls = {each: workers.start(solve, _give(campaign.problem, each)) for each in tried.values()}
    rows = []
    for each in found:
        replanned = is_cut = None
        if plain is not None and each in calls:
            # What seeking once more finds without more is not what more is worth.
            again, more = plain.result(), calls[each].result()
            replanned = max(more.value - max(again.value, solution.value), 0.0)
            is_cut = again.is_cut or more.is_cut
        described = _describe(each, campaign.months[each.month], replanned)
        rows.append({**described, "is_cut": is_cut})
    schema = empty_table("campaign_prices").schema
    return conform_table("campaign_prices", pl.DataFrame(rows, schema=schema))


def _list_more(tables: Tables, campaign: Campaign, prices: Prices) -> Iterator[_More]:
    """A bit more of all that is limited, from each quarter of the first year and each year."""
    months = [
        t
        for t, month in enumerate(campaign.months)
        if t == 0 or (month.month - 1) % (QUARTER if t < MONTHS_PER_YEAR else MONTHS_PER_YEAR) == 0
    ]
    gangs = {
        row["pool_id"]: (row["name"], row["hours_per_gang_month"] or 0.0)
        for row in tables["labour_pools"].iter_rows(named=True)
    }
    for t in months:
        yield from _list_more_materials(tables, campaign, prices, t)
        for row, name in enumerate(campaign.pool_ids):
            if name in gangs:
                words, hours = gangs[name]
                yield _More(
                    resource="labour",
                    resource_id=name,
                    row=row,
                    month=t,
                    amount=1.0,
                    unit="gangs",
                    subject=f"One more gang of the {words}",
                    worth_h=float(prices.labour[row, t:].sum()) * hours,
                    per_month=hours,
                )
        for row, name in enumerate(campaign.limit_ids):
            if name in campaign.stated_limits:
                yield _More(
                    resource="possession",
                    resource_id=name,
                    row=row,
                    month=t,
                    amount=MORE_POSSESSION_H,
                    unit="h a month",
                    subject=f"{MORE_POSSESSION_H:g} h more a month of closed track on {name}",
                    worth_h=float(prices.possession[row, t:].sum()) * MORE_POSSESSION_H,
                    per_month=MORE_POSSESSION_H,
                )


def _list_more_materials(
    tables: Tables, campaign: Campaign, prices: Prices, t: int
) -> Iterator[_More]:
    """More of each material from a month on."""
    materials = {row["material_id"]: row for row in tables["materials"].iter_rows(named=True)}
    for row, name in enumerate(campaign.sites.material_ids):
        amount = _round_amount(float(campaign.problem.supply[row].mean()))
        yield _More(
            resource="material",
            resource_id=name,
            row=row,
            month=t,
            amount=amount,
            unit=str(materials[name]["unit"]),
            subject=f"{amount:g} more {materials[name]['unit']} of {materials[name]['name']}",
            worth_h=float(prices.material[row, t]) * amount,
            per_month=amount,
        )


def _round_amount(monthly: float) -> float:
    """A power of ten near a tenth of a month's supply, at least one."""
    return float(max(1.0, 10.0 ** np.floor(np.log10(max(monthly, 1.0)) - 0.5)))


def _give(problem: CampaignProblem, more: _More) -> CampaignProblem:
    """The problem with a bit more."""
    if more.resource == "material":
        supply = problem.supply.copy()
        supply[more.row, more.month] += more.per_month
        return replace(problem, supply=supply)
    name = "labour_limit_h" if more.resource == "labour" else "possession_limit_h"
    limit = getattr(problem, name).copy()
    limit[more.row, more.month :] += more.per_month
    return replace(problem, **{name: limit})


def _describe(more: _More, month: dt.date, replanned: float | None) -> dict[str, object]:
    """Row of ``campaign_prices``."""
    words = f"{more.subject} from {month:%B %Y} is worth {more.worth_h:,.0f} train-hours"
    if replanned is not None:
        words += f"; planned anew, {replanned:,.0f}"
        if replanned > more.worth_h * (1.0 + CLOSE):
            words += ", more than the price, since works are whole and no plan is proved best"
    return {
        "resource": more.resource,
        "resource_id": more.resource_id,
        "from_month": month,
        "amount": more.amount,
        "unit": more.unit,
        "worth_h": more.worth_h,
        "worth_by_replanning_h": replanned,
        "words": words + ".",
    }


def tabulate_curves(
    campaign: Campaign,
    solution: CampaignSolution,
    solve: SolveFrom,
    *,
    workers: Workers = ALONE,
) -> pl.DataFrame:
    """Table ``campaign_curves``: worth and bound with more or less of each kind of resource.

    Each plan begins from that of the factor beside it. A plan that fits into less also fits into
    more, and a bound of more also holds for less: where a solve found less than that, the plan
    beside it counts, and the row says so. Nothing is solved where the plan beside it fits and its
    prices prove that no more can be gained than was open before.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    solution : CampaignSolution
        Its plan and bound.
    solve : callable
        Plans a changed problem, from a solution.
    workers : Workers
        Who seeks plans; those with more, and those with less, of one kind are one call.
    """
    rows: list[dict[str, object]] = []
    single: dict[float, float] = {}
    walks = [(kind, has_more) for has_more in (False, True) for kind in CURVE_KINDS]
    walk = partial(_walk, campaign.problem, solution, solve)
    ways = dict(zip(walks, workers.map(walk, walks), strict=True))
    for kind in CURVE_KINDS:
        factors = _list_factors(kind)
        points = {1.0: solution} | ways[kind, False] | ways[kind, True]
        values = [points[factor].value for factor in factors]
        found = list(values)
        if kind == "all":
            found = [max(v, single.get(f, v)) for f, v in zip(factors, values, strict=True)]
        else:
            for factor, value in zip(factors, values, strict=True):
                # What one kind alone gains with more, all kinds gain with more.
                if factor > 1.0:
                    single[factor] = max(single.get(factor, value), value)
        risen = np.maximum.accumulate(found).tolist()
        bounds = [points[factor].bound for factor in factors]
        bounds = np.minimum.accumulate(bounds[::-1])[::-1].tolist()
        rows += [
            {
                "resource": kind,
                "factor": f,
                "benefit": v,
                "bound": b,
                "carried": v > own,
                "is_cut": points[f].is_cut,
            }
            for f, v, b, own in zip(factors, risen, bounds, values, strict=True)
        ]
    schema = empty_table("campaign_curves").schema
    return conform_table("campaign_curves", pl.DataFrame(rows, schema=schema))


def _list_factors(kind: str) -> tuple[float, ...]:
    """Factors of a curve."""
    return CURVE_FACTORS.get(kind, COMMON_FACTORS)


def _walk(
    problem: CampaignProblem,
    solution: CampaignSolution,
    solve: SolveFrom,
    walk: tuple[str, bool],
) -> dict[float, CampaignSolution]:
    """Solutions with more, or with less, of a kind of resource, each begun from the one before."""
    kind, has_more = walk
    factors = sorted(
        (each for each in _list_factors(kind) if each != 1.0 and (each > 1.0) is has_more),
        key=lambda each: abs(each - 1.0),
    )
    points, near, before = {}, solution, problem
    for factor in factors:
        changed = problem.with_limits(**dict.fromkeys(CURVE_KINDS[kind], factor))
        is_same = _binds_alike(before, changed)
        near = near if is_same else _carry(changed, near) or solve(changed, near)
        points[factor], before = near, changed
    return points


def _binds_alike(before: CampaignProblem, after: CampaignProblem) -> bool:
    """Whether two problems differ only in limits that all works together would not reach."""
    site = np.repeat(np.arange(before.n_sites), np.diff(before.first_option))
    worst = before.season_need.max(axis=1, initial=0.0)[before.season]

    def reach(
        need: NDArray[np.float64], owner: NDArray[np.int32], count: int
    ) -> NDArray[np.float64]:
        most = np.zeros(before.n_sites)
        np.maximum.at(most, site, need)
        return np.asarray(np.bincount(owner, most, count)[:, None], dtype=np.float64)

    hours = (
        (before.labour_h * worst, before.pool, "labour_limit_h"),
        (before.possession_h, before.line, "possession_limit_h"),
    )
    for need, owner, name in hours:
        limits = [getattr(each, name) for each in (before, after)]
        top = reach(need, owner, len(limits[0]))
        if not np.array_equal(*(np.minimum(each, top) for each in limits)):
            return False
    return np.array_equal(before.supply, after.supply) and np.array_equal(
        before.budget, after.budget
    )


def _carry(problem: CampaignProblem, near: CampaignSolution) -> CampaignSolution | None:
    """A solution that stands as it is: its plan fits, and its prices prove the same bound.

    With less its plan is worth the same and its bound still holds; with more the bound is proved
    anew, and no more than it can be gained.
    """
    value = find_value(problem, near)
    if value is None:
        return None
    bound = check_bound(problem, near.prices)
    if near.packing_prices is not None and near.site_worth is not None:
        bound = min(bound, check_packing_bound(problem, near.packing_prices, near.site_worth))
    if bound > near.bound * (1.0 + ROUNDING):
        return None
    return replace(near, value=value, bound=min(bound, near.bound))


def find_value(problem: CampaignProblem, solution: CampaignSolution) -> float | None:
    """Worth of the plan of a solution in another problem of the same options; None = it fits not.

    Parameters
    ----------
    problem : CampaignProblem
        The other problem.
    solution : CampaignSolution
        Whose plan.
    """
    try:
        return check_plan(problem, solution.option, solution.month)
    except LimitError:
        return None
