"""What lies between the delay that a plan's works avoid and what the simulation of it tells.

Main functions: `describe_best` (the line by best values) and `tabulate_delays`. The totals of a
plan are by best values, the simulation is a mean over draws. Each step changes one thing, so that
both counts can be held together. A mean that has not converged is not told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from arterial.campaign.choice.results import list_planned
from arterial.campaign.choice.rules import CHOSEN, Plan
from arterial.campaign.valuation.basis import CampaignBasis, list_works_done
from arterial.campaign.valuation.losses import KnockOn, resolve_effects
from arterial.campaign.valuation.outcome import LoopOutcome
from arterial.study import conform_table
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["BestLine", "describe_best", "tabulate_delays"]

HOURS_A_MINUTE: Final = MINUTE_S / HOUR_S
NAMES: Final[Mapping[str, str]] = {
    "totals": "Sum of the works by best values, in the year after the campaign",
    "speed": "Of that, by restricted speed, which is not simulated",
    "failures": "By failures, all works done on the first day, before bridges get worse",
    "alone": "The same without what trains pass on to others",
    "drawn": "The same as mean of the draws in place of best values",
    "simulated": "As simulated: the same with what trains pass on to others",
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
        pl.col("step").replace_strict(dict(NAMES)).alias("name"),
        pl.exclude("step"),
    )
    return conform_table("campaign_delays", table)


def _sum_speed(best: Mapping[str, BestLine]) -> list[float]:
    column = "restriction_delay_min_per_year"
    sums = [each.fixed[column].fill_null(0.0).sum() for each in best.values()]
    return [float(minutes) * HOURS_A_MINUTE for minutes in sums]
