"""The plan beside what was reported done; main function `tabulate_beside`.

A report of 1,800 turnouts and a plan of none cannot both be the best that gangs could do. What
would have to be true for the report to be right is told as one number: how many times as much as
reckoned the failures and speed limits of such assets would have to cost the trains for so many
works to be worth the labour, material and possession that they take, at the prices of the plan.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.problem import Prices
from arterial.campaign.choice.results import list_planned, price_sites
from arterial.campaign.choice.rules import Plan, list_best_works
from arterial.study.tables import conform_table, empty_table

__all__ = ["tabulate_beside"]

Floats = NDArray[np.float64]


def tabulate_beside(
    campaign: Campaign,
    plan: Plan,
    prices: Prices,
    *,
    reports: pl.DataFrame,
    states: pl.DataFrame,
) -> pl.DataFrame:
    """Table ``reported_plans``.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    plan : Plan
        The plan.
    prices : Prices
        Of the limits, that judge works that the plan leaves.
    reports : DataFrame
        Table ``reported_works``.
    states : DataFrame
        Table ``asset_states``, which counts the assets of the study.

    Returns
    -------
    DataFrame
        Turnouts first. A report of a smaller stock than the study's says nothing of a choice among
        all assets, and has no row.
    """
    rows = list_planned(campaign, plan)["site"].to_numpy()
    planned = campaign.sites.frame[rows].unique("asset")["kind"].to_list()
    found = [
        _hold_beside(campaign, prices, report, states, planned.count(report["kind"]))
        for report in reports.iter_rows(named=True)
        if report["stock"] and report["stock"] >= _count_stock(states, report) > 0
    ]
    table = pl.DataFrame(found, schema=empty_table("reported_plans").schema)
    ordered = table.sort(pl.col("kind") != "turnout", -pl.col("reported_count"), "report_id")
    return conform_table("reported_plans", ordered)


def _count_stock(states: pl.DataFrame, report: Mapping[str, Any]) -> int:
    """Assets of the kind of a report in the study."""
    return int((states["kind"] == report["kind"]).sum())


def _hold_beside(
    campaign: Campaign,
    prices: Prices,
    report: Mapping[str, Any],
    states: pl.DataFrame,
    planned: int,
) -> dict[str, object]:
    """Row of one report."""
    stock = _count_stock(states, report)
    count = round(stock * min(report["quantity"] / report["stock"], 1.0))
    factors = np.sort(_find_factors(campaign, list_best_works(campaign, report), prices))
    gaining = factors[np.isfinite(factors)]
    return {
        "report_id": report["report_id"],
        "kind": report["kind"],
        "stock": stock,
        "reported_count": count,
        "planned_count": planned,
        "gaining_count": len(gaining),
        "worth_factor": float(gaining[count - 1]) if 0 < count <= len(gaining) else None,
    }


def _find_factors(campaign: Campaign, rows: NDArray[np.intp], prices: Prices) -> Floats:
    """What each site takes over what it gains, in its best month; inf where it gains nothing."""
    least = np.full(len(rows), np.inf)
    hours = campaign.sites.frame["possession_h"].to_numpy()[rows]
    for t in range(len(campaign.months)):
        gain = campaign.gain[rows, t]
        waits = campaign.values.possession_loss[rows, t] * hours
        cost = waits + price_sites(campaign, rows, np.full(len(rows), t), prices)
        gains = np.isfinite(gain) & (gain > 0)
        factor = np.divide(cost, gain, out=np.full(len(rows), np.inf), where=gains)
        least = np.minimum(least, factor)
    return least
