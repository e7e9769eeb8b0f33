"""Works that are worth something and are not planned, each with the limit that binds.

The main function is `tabulate_misfits`. A work either does not fit even alone, or does not fit
beside the plan; what binds is named in the month in which least is short, and of what is short the
limit whose share of the work is dearest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.problem import CampaignProblem, Prices
from arterial.campaign.choice.results import count_use, list_planned
from arterial.campaign.choice.rules import Plan
from arterial.study.tables import conform_table, empty_table

__all__ = ["tabulate_misfits"]

Floats = NDArray[np.float64]

ROUNDING = 1e-9


@dataclass(frozen=True)
class _Demand:
    """What options need of one resource against what there is, by first month.

    ``needed``, ``available`` and ``price`` are ``(n_options, n_months)``; months outside the
    campaign need nothing.
    """

    limit: str
    limit_id: NDArray[np.object_]
    needed: Floats
    available: Floats
    price: Floats

    @property
    def is_short(self) -> NDArray[np.bool_]:
        """Where more is needed than there is."""
        return np.asarray(self.needed > self.available * (1.0 + ROUNDING) + ROUNDING)


def tabulate_misfits(campaign: Campaign, plan: Plan, prices: Prices) -> pl.DataFrame:
    """Table ``campaign_misfits``.

    Parameters
    ----------
    campaign : Campaign
        The problem.
    plan : Plan
        The plan.
    prices : Prices
        Of the limits.

    Returns
    -------
    DataFrame
        One row for each asset without planned work of which a work is worth something, the one
        worth most.
    """
    rows = [*_list_left_out(campaign), *_list_unplanned(campaign, plan, prices)]
    schema = empty_table("campaign_misfits").schema
    table = pl.DataFrame(rows, schema=schema)
    ordered = table.sort("benefit", "site_id", descending=[True, False], nulls_last=True)
    return conform_table("campaign_misfits", ordered)


def _list_left_out(campaign: Campaign) -> Iterator[dict[str, object]]:
    """Works that are no sites of the problem: no pool works there, or they end in no month."""
    known = set(campaign.sites.frame["asset_id"].to_list())
    left = campaign.left_out.sort("benefit", descending=True, nulls_last=True, maintain_order=True)
    for row in left.unique("asset_id", keep="first", maintain_order=True).iter_rows(named=True):
        if row["asset_id"] in known:
            continue
        is_long = row["limit"] == "months"
        yield {
            "site_id": row["site_id"],
            "asset_id": row["asset_id"],
            "work_id": row["work_id"],
            "section_id": row["section_id"],
            "benefit": row["benefit"],
            "limit": row["limit"],
            "limit_id": None,
            "needed": float(row["duration_months"]) if is_long else row["labour_h"],
            "available": float(len(campaign.months)) if is_long else 0.0,
            "is_alone": True,
        }


def _list_unplanned(campaign: Campaign, plan: Plan, prices: Prices) -> Iterator[dict[str, object]]:
    """Works that are sites of the problem."""
    problem = campaign.problem
    options = _choose_options(campaign, plan)
    if not len(options):
        return
    bundle = np.searchsorted(problem.first_option, options, side="right") - 1
    nothing = {name: np.zeros_like(each) for name, each in count_use(campaign, plan).items()}
    alone = list(_list_demands(campaign, options, nothing, prices))
    use = count_use(campaign, plan)
    beside = list(_list_demands(campaign, options, use, prices))
    worth = problem.benefit[options].astype(np.float64)
    short = np.sum([each.is_short for each in alone], axis=0)
    can = (worth > 0) & (short == 0)
    for k, option in enumerate(options.tolist()):
        place = int(bundle[k])
        row, gain = k, worth[k]
        if not can[k].any():
            binding = _find_binding(alone, k, np.where(gain > 0, gain, -np.inf))
        elif plan.option[place] < 0:
            binding = _find_binding(beside, k, np.where(can[k], gain, -np.inf))
        else:
            # Done together with what is planned on the same stretch, in any month.
            both = _join_option(campaign, option, int(plan.option[place]))
            with _given_back(campaign, plan, place, use):
                demands = list(_list_demands(campaign, np.array([both]), use, prices))
            more = problem.benefit[both] - problem.benefit[plan.option[place], plan.month[place]]
            binding = _find_binding(demands, 0, np.where(more > 0, more, -np.inf))
            row = 0
        site = campaign.sites.frame.row(int(campaign.bundles.members[option].max()), named=True)
        yield {
            **{name: site[name] for name in ("site_id", "asset_id", "work_id", "section_id")},
            "benefit": float(gain.max()),
            **_describe_binding(binding, row),
            "is_alone": not can[k].any(),
        }


@dataclass(frozen=True)
class _Binding:
    """The demand that binds in a month; None where nothing is short, or nothing is gained."""

    demand: _Demand | None
    month: int
    gains: bool = True


def _find_binding(demands: list[_Demand], row: int, worth: Floats) -> _Binding:
    """Of the months that count (worth above -inf), in that in which least is short, the dearest."""
    if not np.isfinite(worth).any():
        return _Binding(None, 0, gains=False)
    short = np.sum([each.is_short[row] for each in demands], axis=0)
    short = np.where(np.isfinite(worth), short, len(demands) + 1)
    t = int(np.where(short == short.min(), worth, -np.inf).argmax())
    binding = [each for each in demands if each.is_short[row, t]]
    # What has no price stands in the order of the demands.
    return _Binding(max(binding, key=lambda each: float(each.price[row, t]), default=None), t)


def _describe_binding(binding: _Binding, row: int) -> dict[str, object]:
    """Columns of the limit that binds."""
    chosen = binding.demand
    if chosen is None:
        name = "plan" if binding.gains else "stretch"
        return {"limit": name, "limit_id": None, "needed": None, "available": None}
    return {
        "limit": chosen.limit,
        "limit_id": str(chosen.limit_id[row]),
        "needed": float(chosen.needed[row, binding.month]),
        "available": max(float(chosen.available[row, binding.month]), 0.0),
    }


def _join_option(campaign: Campaign, option: int, planned: int) -> int:
    """The option that does a work and all of a planned one; the planned one where there is none."""
    members = campaign.bundles.members
    wanted = set(members[option].tolist()) | set(members[planned].tolist())
    bundle = int(np.searchsorted(campaign.problem.first_option, option, side="right")) - 1
    first, end = campaign.problem.first_option[bundle : bundle + 2].tolist()
    return next(
        (k for k in range(first, end) if {*members[k].tolist(), -1} == wanted | {-1}), planned
    )


@contextmanager
def _given_back(
    campaign: Campaign, plan: Plan, bundle: int, use: dict[str, Floats]
) -> Iterator[None]:
    """Use without what one bundle takes, for a while."""
    option, month = np.full_like(plan.option, -1), plan.month
    option[bundle] = plan.option[bundle]
    own = count_use(campaign, replace(plan, option=option, month=month))
    for name, each in own.items():
        use[name] -= each
    yield
    for name, each in own.items():
        use[name] += each


def _choose_options(campaign: Campaign, plan: Plan) -> NDArray[np.int64]:
    """The option of the best work alone of each asset that has no planned work."""
    frame, members = campaign.sites.frame, campaign.bundles.members
    planned = list_planned(campaign, plan)["site"].to_numpy()
    asset = frame["asset"].to_numpy()
    done = set(asset[planned].tolist())
    alone = np.flatnonzero((members >= 0).sum(axis=1) == 1)
    best = campaign.problem.benefit[alone].max(axis=1, initial=-np.inf)
    owner = asset[members[alone].max(axis=1)]
    order = np.lexsort((alone, -best))
    order = order[best[order] > 0]
    first = np.unique(owner[order], return_index=True)[1]
    chosen = alone[order[np.sort(first)]]
    owners = asset[members[chosen].max(axis=1)] if len(chosen) else np.zeros(0, dtype=np.int64)
    return np.array(
        [o for o, a in zip(chosen.tolist(), owners.tolist(), strict=True) if a not in done],
        dtype=np.int64,
    )


def _list_demands(
    campaign: Campaign, options: NDArray[np.int64], use: dict[str, Floats], prices: Prices
) -> Iterator[_Demand]:
    """Need of each resource and what use leaves of it."""
    problem = campaign.problem
    bundle = np.searchsorted(problem.first_option, options, side="right") - 1
    pool, line = problem.pool[bundle], problem.line[bundle]
    length, n_months = problem.duration_months[options], problem.n_months
    need = problem.season_need[problem.season[options]]
    labour_h = (problem.labour_h[options] / length)[:, None] * need
    hours = np.repeat((problem.possession_h[options] / length)[:, None], n_months, axis=1)
    yield _find_worst(
        "labour", np.array(campaign.pool_ids, dtype=object)[pool], length, labour_h,
        (problem.labour_limit_h - use["labour"])[pool], prices.labour[pool],
    )  # fmt: skip
    yield _find_worst(
        "possession", np.array(campaign.limit_ids, dtype=object)[line], length, hours,
        (problem.possession_limit_h - use["possession"])[line], prices.possession[line],
    )  # fmt: skip
    yield from _list_goods(campaign, problem, options, use, prices)


def _list_goods(
    campaign: Campaign,
    problem: CampaignProblem,
    options: NDArray[np.int64],
    use: dict[str, Floats],
    prices: Prices,
) -> Iterator[_Demand]:
    """Need of materials and money, due in the first month."""
    shape = (len(options), problem.n_months)
    store = np.cumsum(problem.supply - use["material"], axis=1)
    least = np.minimum.accumulate(store[:, ::-1], axis=1)[:, ::-1]
    for m, name in enumerate(campaign.sites.material_ids):
        units = np.broadcast_to(problem.material[options, m][:, None], shape)
        yield _Demand(
            "material",
            np.full(len(options), name, dtype=object),
            units,
            np.broadcast_to(least[m], shape),
            units * prices.material[m],
        )
    if len(problem.budget):
        money = np.broadcast_to(problem.cost[options][:, None], shape)
        left = (problem.budget - use["budget"])[problem.year]
        yield _Demand(
            "budget",
            np.full(len(options), "budget", dtype=object),
            money,
            np.broadcast_to(left, shape),
            money * prices.budget[problem.year],
        )


def _find_worst(
    limit: str,
    names: NDArray[np.object_],
    length: NDArray[np.int32],
    needed: Floats,
    available: Floats,
    price: Floats,
) -> _Demand:
    """Of the months of works that begin in each month, the one in which most is short."""
    n_months = needed.shape[1]
    short = needed - available
    worst = np.repeat(np.arange(n_months)[None, :], len(needed), axis=0)
    cost = needed * price
    total = cost.copy()
    for later in range(1, int(length.max(initial=1))):
        here = np.arange(n_months - later)
        rows = np.flatnonzero(length > later)
        block = np.ix_(rows, here)
        then = np.ix_(rows, here + later)
        now_short = np.take_along_axis(short[rows], worst[block], axis=1)
        worst[block] = np.where(short[then] > now_short, here + later, worst[block])
        total[block] += cost[then]
    return _Demand(
        limit,
        names,
        np.take_along_axis(needed, worst, axis=1),
        np.take_along_axis(available, worst, axis=1),
        total,
    )
