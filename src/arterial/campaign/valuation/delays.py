"""What lies between the delay that a plan's works avoid and what the simulation of it tells.

Main functions: `describe_best` (the line by best values) and `tabulate_delays`. The totals of a
plan are by best values, the simulation is a mean over draws. Each step changes one thing, so that
both counts can be held together. A mean that has not converged is not told. `tabulate_hours` sets
what a plan avoids beside what trains lose and run in the same year, by best values, undiscounted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from arterial.assets.states import read_stock
from arterial.assets.trajectories import rates_ahead
from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.results import list_planned
from arterial.campaign.choice.rules import CHOSEN, Plan
from arterial.campaign.valuation.basis import CampaignBasis, LoopOutcome, list_works_done
from arterial.campaign.valuation.losses import KnockOn, resolve_effects
from arterial.operations.line.parts import find_runs_per_year
from arterial.study import conform_table, empty_table
from arterial.units import HOUR_S, MINUTE_S, MONTHS_PER_YEAR

__all__ = ["BestLine", "describe_best", "tabulate_delays", "tabulate_hours"]

HOURS_A_MINUTE: Final = MINUTE_S / HOUR_S

STEP_NAMES: Final[Mapping[str, str]] = {
    "totals": "Sum of the works by best values, in the year after the campaign",
    "speed": "Of that, by restricted speed, which is not simulated",
    "failures": "By failures, all works done on the first day, before bridges get worse",
    "alone": "The same without what trains pass on to others",
    "drawn": "The same as mean of the draws in place of best values",
    "simulated": "As simulated: the same with what trains pass on to others",
}

CAUSE_NAMES: Final[Mapping[str, str]] = {
    "failures": "Failures of assets",
    "speed": "Restricted speed",
    "all": "Both",
}


@dataclass(frozen=True)
class BestLine:
    """The line by best values.

    Parameters
    ----------
    fixed : DataFrame
        What :meth:`CampaignLine.describe` gives.
    passed_h, alone_h : float
        Delay by failures with and without what trains pass on [h/y].
    """

    fixed: pl.DataFrame
    passed_h: float
    alone_h: float


def describe_best(basis: CampaignBasis, found: LoopOutcome) -> dict[str, BestLine]:
    """The line by best values, ``before`` and ``after`` all works of the plan are done at once.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    found : LoopOutcome
        The plan.
    """
    solution, condition = found.solution, basis.condition
    plan = Plan.of_solution(solution)
    rows = list_planned(found.campaign, plan)["site"].to_numpy()
    done = condition.assess(list_works_done(found.campaign.sites, rows))
    lines = {}
    for when, states in (("before", condition.states), ("after", done)):
        fixed = condition.describe(basis.line, states)
        longest_h = basis.rules.longest_wait_h
        passed, alone = (
            float(resolve_effects(states, fixed, ratios, longest_wait_h=longest_h).delay_h.sum())
            for ratios in (basis.knock_on, KnockOn())
        )
        lines[when] = BestLine(fixed, passed * found.factor, alone)
    return lines


def tabulate_delays(
    basis: CampaignBasis,
    found: LoopOutcome,
    best: Mapping[str, BestLine],
    totals: pl.DataFrame,
    effects: pl.DataFrame,
    *,
    has_means: bool,
) -> pl.DataFrame:
    """Table ``campaign_delays``.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from, with its line.
    found : LoopOutcome
        The plan, with the line that was simulated with it.
    best : mapping of str to BestLine
        What :func:`describe_best` gives.
    totals, effects : DataFrame
        Tables ``campaign_totals`` and ``campaign_effects``.
    has_means : bool
        Whether the means of the draws have converged; else ``drawn`` and ``simulated`` are left
        out.
    """
    trains = sum(basis.line.runs_per_year.values()) if basis.line is not None else 0.0
    network = effects.filter(subject="network", measure="delay_min")
    mean_h = network.select(pl.col("before", "after") * trains * HOURS_A_MINUTE)
    pairs: dict[str, list[float]] = {
        "speed": _sum_speed(best),
        "failures": [each.passed_h for each in best.values()],
        "alone": [each.alone_h for each in best.values()],
    }
    if has_means:
        drawn = [[one.capped_h for one in draws] for draws in (basis.before, found.after)]
        pairs["drawn"] = [float(np.mean(each)) for each in drawn]
        pairs["simulated"] = list(mean_h.row(0))
    told = totals.filter(plan_id=CHOSEN)["delay_avoided_h_per_year"].item()
    rows = [{"step": "totals", "avoided_h_per_year": told}]
    rows += [
        {
            "step": step,
            "before_h_per_year": before,
            "after_h_per_year": after,
            "avoided_h_per_year": before - after,
        }
        for step, (before, after) in pairs.items()
    ]
    table = pl.DataFrame(rows, infer_schema_length=None).select(
        pl.lit(CHOSEN).alias("plan_id"),
        "step",
        pl.col("step").replace_strict(dict(STEP_NAMES)).alias("name"),
        pl.exclude("step"),
    )
    return conform_table("campaign_delays", table)


def _sum_speed(best: Mapping[str, BestLine]) -> list[float]:
    column = "restriction_delay_min_per_year"
    sums = [each.fixed[column].fill_null(0.0).sum() for each in best.values()]
    return [float(minutes) * HOURS_A_MINUTE for minutes in sums]


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
            for cause, name in CAUSE_NAMES.items()
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
