"""Train-hours that trains run, lose and would not lose with a plan, in one year and one table.

The main function is `tabulate_hours`. All are of the year after the campaign, by best values, not
discounted: avoided is a part of what is lost, and lost is a part of what is run.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from arterial.assets.states import read_stock
from arterial.assets.trajectories import rates_ahead
from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.results import list_planned
from arterial.campaign.choice.rules import CHOSEN, Plan
from arterial.campaign.valuation.basis import CampaignBasis
from arterial.campaign.valuation.losses import resolve_effects
from arterial.operations.line.parts import find_runs_per_year
from arterial.study import conform_table, empty_table
from arterial.units import HOUR_S, MINUTE_S, MONTHS_PER_YEAR

__all__ = ["tabulate_hours"]

NAMES: Final[Mapping[str, str]] = {
    "failures": "Failures of assets",
    "speed": "Restricted speed",
    "all": "Both",
}


def tabulate_hours(
    basis: CampaignBasis, campaign: Campaign, plan: Plan, *, factor: float
) -> pl.DataFrame:
    """Table ``campaign_hours`` of one plan.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    campaign : Campaign
        The problem, valued at `factor`.
    plan : Plan
        The plan.
    factor : float
        Of the delay by failures, as the plan was made with.

    Returns
    -------
    DataFrame
        No row without a line.
    """
    if basis.line is None:
        return empty_table("campaign_hours")
    planned = list_planned(campaign, plan)
    rows, begun = planned["site"].to_numpy(), planned["month"].to_numpy()
    values = campaign.values
    # What speed limits cost does not change with the month; the rest of a year's delay is failures.
    at_speed = values.delay_avoided_h[rows, begun] - values.failure_delay_avoided_h[rows, begun]
    whole = float(values.lasting_delay_avoided_h[rows, begun].sum())
    avoided = {"failures": whole - float(at_speed.sum()), "speed": float(at_speed.sum())}
    fixed = basis.condition.describe(basis.line, basis.states)
    minutes = float(fixed["restriction_delay_min_per_year"].fill_null(0.0).sum())
    lost = {
        "failures": _sum_failures(basis, fixed) * factor,
        "speed": minutes * (MINUTE_S / HOUR_S),
    }
    run_h = _sum_timetable(basis) + sum(lost.values())
    for each in (lost, avoided):
        each["all"] = sum(each.values())
    table = pl.DataFrame(
        [
            {
                "plan_id": plan.plan_id or CHOSEN,
                "cause": cause,
                "name": name,
                "avoided_h_per_year": avoided[cause],
                "lost_h_per_year": lost[cause],
                "run_h_per_year": run_h if cause == "all" else None,
            }
            for cause, name in NAMES.items()
        ],
        schema=empty_table("campaign_hours").schema,
    )
    return conform_table("campaign_hours", table)


def _sum_failures(basis: CampaignBasis, fixed: pl.DataFrame) -> float:
    """Delay by failures in the year after the campaign, nothing done [h/y]."""
    condition, rules = basis.condition, basis.rules
    longest_h = rules.longest_wait_h
    worth = resolve_effects(condition.states, fixed, basis.knock_on, longest_wait_h=longest_h)
    year, part = divmod(rules.months / MONTHS_PER_YEAR, 1.0)
    rates = rates_ahead(read_stock(condition.resolve()), condition.parameters, years=int(year) + 1)
    then = rates[:, int(year)] * (1.0 - part) + rates[:, int(year) + 1] * part
    grows = np.divide(then, rates[:, 0], out=np.ones(len(then)), where=rates[:, 0] > 0)
    return float((worth.delay_h * grows).sum())


def _sum_timetable(basis: CampaignBasis) -> float:
    """Hours under way of all trains of a year as their paths were laid [h/y]."""
    if basis.line is None:
        return 0.0
    plan = basis.line.operations.plans[0]
    weight = find_runs_per_year(plan)
    spans = [run.arrival_s[-1] - run.departure_s[0] for run in plan.plan.runs]
    return float(np.dot(weight, np.array(spans, dtype=np.float64))) / HOUR_S
