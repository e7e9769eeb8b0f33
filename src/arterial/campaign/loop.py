"""The loop of a campaign: plan, simulate the line with the plan done, value anew, plan again.

The main function is `find_standing_plan`. Delay that many works avoid together is not the sum of
what each avoids alone; the simulation of the whole plan sets the factor between the two.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from arterial.campaign.choice.building import Campaign, make_problem
from arterial.campaign.choice.certificate import check_bound, check_plan
from arterial.campaign.choice.cutting import list_pieces, name_pieces
from arterial.campaign.choice.explaining import (
    explain_misfits,
    favour_sites,
    find_favour,
    find_required,
)
from arterial.campaign.choice.problem import CampaignSolution
from arterial.campaign.choice.results import list_planned
from arterial.campaign.choice.rules import Plan
from arterial.campaign.choice.solve import Solver
from arterial.campaign.valuation.basis import CampaignBasis, LoopOutcome, list_works_done
from arterial.campaign.valuation.benefits import value_sites
from arterial.campaign.valuation.knock_on import find_plan_ratio
from arterial.campaign.valuation.line import SimulatedDraw, simulate_best, simulate_draws
from arterial.campaign.valuation.losses import Ratio
from arterial.compute import ALONE, Workers
from arterial.errors import InfeasibleError
from arterial.progress import ReportStep, stay_silent
from arterial.study import apply_defaults
from arterial.study.settings import SITE_MARK

__all__ = ["find_standing_plan"]

CUT_BY: Final = ("assets", "estimates", "inspections", "work_kinds")
"""Tables that say which assets are cut."""

STANDS_WITHIN: Final = 0.005
"""A plan stands when the factor moves by less than this share."""


def find_standing_plan(
    basis: CampaignBasis,
    solver: Solver,
    *,
    workers: Workers = ALONE,
    report_step: ReportStep = stay_silent,
) -> LoopOutcome:
    """Plan, simulate, value anew, until the plan stands or the loops are done.

    Parameters
    ----------
    basis : CampaignBasis
        What plans are made from.
    solver : Solver
        How they are sought.
    workers : Workers
        Who simulates the draws.
    report_step : callable
        Told the name of each step and the share of work done.

    Raises
    ------
    InfeasibleError
        When work that has to be done cannot be.
    """
    loops = basis.study.settings.campaign.loops if basis.line is not None else 0
    factor, ratios = 1.0, list[Ratio]()
    done: dict[str, float] | None = None
    report_step("Planning", 0.35)
    campaign = _build(basis, factor)
    solution = _solve_required(basis, campaign, solver)
    for loop in range(loops):
        report_step("Simulating the line with the plan done", 0.4 + 0.2 * loop / loops)
        works, done = done, _list_done(campaign, solution)
        # The same works on the same failures avoid the same.
        again = ratios[-1] if done == works else _find_ratio(basis, done, workers)
        ratios.append(again)
        if abs(ratios[-1].used / factor - 1.0) < STANDS_WITHIN or loop == loops - 1:
            break
        factor = ratios[-1].used
        report_step("Planning again", 0.45 + 0.2 * loop / loops)
        campaign = _build(basis, factor)
        solution = _solve_required(basis, campaign, solver)
    report_step("Simulating every draw with the plan done", 0.55)
    after = _simulate(basis, campaign, solution, workers) if loops else ()
    return LoopOutcome(
        campaign=campaign, solution=solution, after=after, factor=factor, ratios=tuple(ratios)
    )


def _solve_required(basis: CampaignBasis, campaign: Campaign, solver: Solver) -> CampaignSolution:
    """A plan that holds all work that has to be done."""
    pieces = list_pieces({name: apply_defaults(basis.study, name) for name in CUT_BY})
    wanted = name_pieces(basis.study.settings.campaign.must_do, pieces, SITE_MARK)
    required = find_required(campaign, wanted)
    if not len(required):
        return solver.solve(campaign.problem)
    favoured = favour_sites(campaign, required)
    solution = solver.solve(favoured)
    plan = Plan.of_solution(solution)
    faults = explain_misfits(campaign, plan, required, wanted)
    if faults:
        message = "Work that has to be done does not fit into the campaign."
        raise InfeasibleError(message, faults)
    value = check_plan(campaign.problem, solution.option, solution.month)
    # The favour counts at most once for each bundle that holds such a site.
    members = campaign.bundles.members
    option_has = np.isin(members, required).any(axis=1)
    bundles = np.maximum.reduceat(option_has, campaign.bundles.first_option[:-1]).sum()
    bound = min(
        solution.bound - float(bundles) * find_favour(campaign.problem),
        check_bound(campaign.problem, solution.prices),
    )
    bound = max(bound, value)
    return replace(
        solution, value=value, bound=bound, gap=bound / value - 1.0 if value > 0 else 0.0
    )


def _build(basis: CampaignBasis, factor: float) -> Campaign:
    """The problem with works valued at a factor."""
    values = value_sites(basis.sites, basis.outlook, basis.rules, factor=factor)
    return make_problem(basis.tables, basis.sites, values, basis.rules)


def _list_done(campaign: Campaign, solution: CampaignSolution) -> dict[str, float]:
    """Share of its age that the plan leaves each asset on which it works."""
    rows = list_planned(campaign, Plan.of_solution(solution))["site"].to_numpy()
    return list_works_done(campaign.sites, rows)


def _simulate(
    basis: CampaignBasis, campaign: Campaign, solution: CampaignSolution, workers: Workers
) -> tuple[SimulatedDraw, ...]:
    """Each draw of the line with the plan done, by the same chances."""
    if basis.line is None:
        return ()
    return tuple(
        simulate_draws(
            basis.study,
            basis.tables,
            basis.condition.parameters,
            basis.line,
            age_shares=_list_done(campaign, solution),
            workers=workers,
        )
    )


def _find_ratio(basis: CampaignBasis, done: Mapping[str, float], workers: Workers) -> Ratio:
    """Delay avoided as simulated over the sum of the works, on the same failures."""
    if basis.line is None:
        return Ratio()
    condition = basis.condition
    after = simulate_best(
        basis.study,
        basis.line,
        condition.states,
        condition.seasons,
        basis.tables["disturbances"],
        renewed=condition.assess(done),
        workers=workers,
    )
    return find_plan_ratio(
        basis.common,
        after,
        basis.line.runs_per_year,
        basis.knock_on,
        spread=basis.rules.ratio_spread,
    )
