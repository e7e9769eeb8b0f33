"""Result tables of a campaign: sites, plans, use of what there is, and totals.

Main functions: `tabulate_sites`, `tabulate_plans`, `tabulate_use` and `tabulate_totals`.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.problem import CampaignSolution, Prices
from arterial.campaign.choice.rules import CHOSEN, Plan, ReportedPlan
from arterial.study.tables import conform_table, empty_table

__all__ = [
    "count_use",
    "list_planned",
    "price_sites",
    "tabulate_plans",
    "tabulate_sites",
    "tabulate_totals",
    "tabulate_use",
]

Floats = NDArray[np.float64]

BUDGET_ID: Final = "budget"


def list_planned(campaign: Campaign, plan: Plan) -> pl.DataFrame:
    """Sites of a plan: ``site`` (its row), ``bundle`` and ``month`` (its number)."""
    done = np.flatnonzero(plan.option >= 0)
    members = campaign.bundles.members[plan.option[done]]
    count = (members >= 0).sum(axis=1)
    return pl.DataFrame(
        {
            "site": members[members >= 0].astype(np.int64),
            "bundle": np.repeat(done, count),
            "month": np.repeat(plan.month[done].astype(np.int64), count),
        }
    )


def tabulate_sites(campaign: Campaign, plan: Plan) -> pl.DataFrame:
    """Table ``campaign_sites``: every site that is worth something, and when it is planned."""
    frame, values = campaign.sites.frame, campaign.values
    planned = list_planned(campaign, plan)
    month: list[object] = [None] * frame.height
    begin = np.zeros(frame.height, dtype=np.int64)
    for site, number in planned.select("site", "month").iter_rows():
        month[site], begin[site] = campaign.months[number], number
    avoided = values.delay_avoided_h[np.arange(frame.height), begin]
    pool_of = _find_pools(campaign)
    first = np.where(np.isfinite(values.benefit[:, 0]), values.benefit[:, 0], np.nan)
    table = frame.select(
        "site_id",
        "asset_id",
        "work_id",
        "section_id",
        pl.Series("pool_id", [campaign.pool_ids[pool] for pool in pool_of], dtype=pl.String),
        "labour_h",
        "possession_h",
        pl.when("is_priced").then("cost").alias("cost"),
        pl.Series("delay_avoided_h_per_year", avoided),
        pl.Series("derailments_avoided_per_year", values.derailments_avoided),
        pl.Series("benefit", first).fill_nan(None),
        pl.Series("planned_month", month, dtype=pl.Date),
    )
    return conform_table("campaign_sites", table)


def tabulate_plans(
    campaign: Campaign,
    plans: Sequence[Plan],
    reported: Sequence[ReportedPlan],
    prices: Prices,
) -> pl.DataFrame:
    """Table ``campaign_plan``: the sites of every plan, ranked by worth over their prices."""
    tables = []
    for plan in plans:
        planned = list_planned(campaign, plan)
        rows, month = planned["site"].to_numpy(), planned["month"].to_numpy()
        benefit = campaign.values.benefit[rows, month]
        tables.append(_tabulate_plan(campaign, plan.plan_id, rows, month, benefit, prices))
    for each in reported:
        now = np.zeros(len(each.rows), dtype=np.int64)
        benefit = campaign.gain[each.rows, now]
        tables.append(_tabulate_plan(campaign, each.plan_id, each.rows, now, benefit, prices))
    return conform_table("campaign_plan", pl.concat([empty_table("campaign_plan"), *tables]))


def _tabulate_plan(
    campaign: Campaign,
    plan_id: str,
    rows: NDArray[np.int64],
    month: NDArray[np.int64],
    benefit: Floats,
    prices: Prices,
) -> pl.DataFrame:
    """Rows of one plan."""
    frame = campaign.sites.frame[rows]
    duration = frame["duration_months"].to_numpy()
    last = np.minimum(month + duration - 1, len(campaign.months) - 1)
    price = price_sites(campaign, rows, month, prices)
    ratio = benefit / np.maximum(price, 1e-9)
    # Money that is not stated is not nought; nothing for no money is no ratio.
    cost = frame.select(pl.when(pl.col("is_priced") & (pl.col("cost") > 0)).then("cost"))["cost"]
    rank = np.empty(len(rows), dtype=np.int64)
    rank[np.lexsort((rows, -benefit, -ratio))] = np.arange(1, len(rows) + 1)
    return conform_table(
        "campaign_plan",
        pl.DataFrame(
            {
                "plan_id": [plan_id] * len(rows),
                "site_id": frame["site_id"],
                "month": [campaign.months[number] for number in month.tolist()],
                "last_month": [campaign.months[number] for number in last.tolist()],
                "benefit": benefit,
                "cost": cost,
                "benefit_per_cost": pl.Series(benefit) / cost,
                "rank": rank,
            },
            schema=empty_table("campaign_plan").schema,
        ),
    ).sort("rank")


def price_sites(
    campaign: Campaign, rows: NDArray[np.int64], month: NDArray[np.int64], prices: Prices
) -> Floats:
    """What the resources of sites cost at their prices when begun in a month [h].

    Parameters
    ----------
    campaign : Campaign
        The problem.
    rows : ndarray of int
        Sites.
    month : ndarray of int
        First month of each.
    prices : Prices
        Of the limits.
    """
    if not len(rows):
        return np.zeros(0)
    frame = campaign.sites.frame[rows]
    pool, limit = _find_pools(campaign)[rows], _find_limits(campaign)[rows]
    cost = frame["labour_h"].to_numpy() * prices.labour[pool, month]
    cost = cost + frame["possession_h"].to_numpy() * prices.possession[limit, month]
    cost = cost + (campaign.sites.material[rows] * prices.material[:, month].T).sum(axis=1)
    if len(prices.budget):
        money = prices.budget[campaign.problem.year[month]]
        cost = cost + frame["cost"].to_numpy() * money
    return np.asarray(cost)


def tabulate_use(campaign: Campaign, plan: Plan, prices: Prices) -> pl.DataFrame:
    """Table ``campaign_use`` of one plan: used, available and price of each resource by month."""
    rows = list(_list_use(campaign, plan, prices))
    table = pl.DataFrame(
        rows,
        schema=["resource", "resource_id", "month", "used", "available", "price"],
        orient="row",
        infer_schema_length=None,
    )
    named = table.select(pl.lit(plan.plan_id).alias("plan_id"), pl.all())
    return conform_table("campaign_use", named)


def _list_use(
    campaign: Campaign, plan: Plan, prices: Prices
) -> Iterator[tuple[str, str, object, float, float, float]]:
    """Rows of the table of use; resources without a limit have none."""
    problem, months = campaign.problem, campaign.months
    use = count_use(campaign, plan)
    stated = campaign.stated_limits
    groups = (
        ("labour", campaign.pool_ids, use["labour"], problem.labour_limit_h, prices.labour),
        (
            "possession",
            campaign.limit_ids,
            use["possession"],
            problem.possession_limit_h,
            prices.possession,
        ),
        (
            "material",
            campaign.sites.material_ids,
            np.cumsum(use["material"], axis=1),
            np.cumsum(problem.supply, axis=1),
            prices.material,
        ),
    )
    for resource, ids, used, available, price in groups:
        for row, name in enumerate(ids):
            if resource == "possession" and name not in stated:
                continue
            for t, month in enumerate(months):
                if np.isfinite(available[row, t]):
                    yield (
                        resource,
                        name,
                        month,
                        float(used[row, t]),
                        float(available[row, t]),
                        float(price[row, t]),
                    )
    for row, year in enumerate(campaign.years):
        if np.isfinite(problem.budget[row]):
            first = next((month for month in months if month.year == year), None)
            if first is not None:
                yield (
                    "budget",
                    BUDGET_ID,
                    first,
                    float(use["budget"][row]),
                    float(problem.budget[row]),
                    float(prices.budget[row]),
                )


def count_use(campaign: Campaign, plan: Plan) -> dict[str, Floats]:
    """What a plan takes of each resource, as the limits of the problem are shaped."""
    problem = campaign.problem
    use = {
        "labour": np.zeros_like(problem.labour_limit_h),
        "possession": np.zeros_like(problem.possession_limit_h),
        "material": np.zeros_like(problem.supply),
        "budget": np.zeros_like(problem.budget),
    }
    for bundle in np.flatnonzero(plan.option >= 0).tolist():
        option, begin = int(plan.option[bundle]), int(plan.month[bundle])
        length = int(problem.duration_months[option])
        span = slice(begin, begin + length)
        need = problem.season_need[problem.season[option], span]
        use["labour"][problem.pool[bundle], span] += problem.labour_h[option] / length * need
        use["possession"][problem.line[bundle], span] += problem.possession_h[option] / length
        use["material"][:, begin] += problem.material[option]
        if len(problem.budget):
            use["budget"][problem.year[begin]] += problem.cost[option]
    return use


def tabulate_totals(
    campaign: Campaign,
    plans: Sequence[Plan],
    reported: Sequence[ReportedPlan],
    solution: CampaignSolution,
) -> pl.DataFrame:
    """Table ``campaign_totals``: the chosen plan, its bound, and what others are worth."""
    rows = []
    for plan in plans:
        planned = list_planned(campaign, plan)
        use = count_use(campaign, plan)
        rows_done, begun = planned["site"].to_numpy(), planned["month"].to_numpy()
        row = _total_sites(campaign, rows_done, begun) | {
            "plan_id": plan.plan_id,
            "name": plan.name,
            "benefit": plan.value,
            "bound": solution.bound,
            "gap": solution.bound / plan.value - 1.0 if plan.value > 0 else None,
            "labour_h": float(use["labour"].sum()),
            "possession_h": float(use["possession"].sum()),
            "trains_lost": float(use["possession"].sum(axis=1) @ campaign.trains_lost_per_h),
            "seconds": plan.seconds if plan.plan_id == CHOSEN else None,
            "is_cut": plan.is_cut,
        }
        rows.append(row)
    for each in reported:
        frame = campaign.sites.frame[each.rows]
        lost = campaign.trains_lost_per_h[_find_limits(campaign)[each.rows]]
        rows.append(
            _total_sites(campaign, each.rows, np.zeros_like(each.rows))
            | {
                "plan_id": each.plan_id,
                "name": each.name,
                "benefit": float(campaign.gain[each.rows, 0].sum()),
                "labour_h": float(frame["labour_h"].sum()),
                "possession_h": float(frame["possession_h"].sum()),
                "trains_lost": float(frame["possession_h"].to_numpy() @ lost),
            }
        )
    schema = empty_table("campaign_totals").schema
    full = [{name: row.get(name) for name in schema} for row in rows]
    return conform_table("campaign_totals", pl.DataFrame(full, schema=schema))


def _total_sites(
    campaign: Campaign, rows: NDArray[np.int64], begun: NDArray[np.int64]
) -> dict[str, object]:
    """What the sites of a plan avoid in the year after the campaign."""
    values, frame = campaign.values, campaign.sites.frame[rows]
    return {
        "sites_count": len(rows),
        "cost": float(frame["cost"].sum()) if frame["is_priced"].all() else None,
        "delay_avoided_h_per_year": float(values.lasting_delay_avoided_h[rows, begun].sum()),
        "derailments_avoided_per_year": float(values.derailments_avoided[rows].sum()),
    }


def _find_pools(campaign: Campaign) -> NDArray[np.int32]:
    """Labour pool of each site, by its bundle."""
    return _spread(campaign, campaign.problem.pool)


def _find_limits(campaign: Campaign) -> NDArray[np.int32]:
    """Possession limit of each site, by its bundle."""
    return _spread(campaign, campaign.problem.line)


def _spread(campaign: Campaign, of_bundle: NDArray[np.int32]) -> NDArray[np.int32]:
    """A value of bundles for each of their sites."""
    of_option = np.repeat(of_bundle, np.diff(campaign.bundles.first_option))
    found = np.zeros(campaign.sites.frame.height + 1, dtype=np.int32)
    for column in campaign.bundles.members.T:
        found[column] = of_option
    return found[:-1]
