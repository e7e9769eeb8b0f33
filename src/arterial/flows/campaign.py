"""The renewal campaign of a study: condition, worth, plan, and the line with the plan done.

:func:`plan_campaign` reads as the story of the analysis. What the plan gains is simulated; where
that differs from the sum of its works, works are valued anew and planned again, until it stands.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import polars as pl

from arterial.campaign.choice.beside import tabulate_beside
from arterial.campaign.choice.building import Campaign
from arterial.campaign.choice.certificate import check_plan
from arterial.campaign.choice.curves import tabulate_curves, tabulate_prices
from arterial.campaign.choice.misfits import tabulate_misfits
from arterial.campaign.choice.problem import CampaignSolution
from arterial.campaign.choice.results import (
    tabulate_plans,
    tabulate_sites,
    tabulate_totals,
    tabulate_use,
)
from arterial.campaign.choice.rules import CHOSEN, Plan, choose_reported, plan_by_rules
from arterial.campaign.choice.solve import Solver
from arterial.campaign.loop import find_standing_plan
from arterial.campaign.reported.check import check_reported
from arterial.campaign.valuation.basis import CampaignBasis, LoopOutcome, prepare_basis
from arterial.campaign.valuation.delays import describe_best, tabulate_delays, tabulate_hours
from arterial.campaign.valuation.effects import tabulate_effects
from arterial.campaign.valuation.knock_on import tabulate_factors
from arterial.campaign.valuation.spread import (
    MEAN,
    add_spread,
    average_problem,
    sample_values,
    spread_worth,
    start_readings,
    tabulate_ranges,
)
from arterial.compiling import start_warming
from arterial.compute import ALONE, Workers
from arterial.compute.expected import require_agreement
from arterial.evidence.as_known import keep_standing
from arterial.exchange.campaign_export import (
    write_plan_calendar,
    write_plan_csv,
    write_plan_geojson,
)
from arterial.flows.expected_work import expect_campaign
from arterial.flows.run import RunOutcome
from arterial.progress import ReportStep, stay_silent
from arterial.report.campaign_brief import answer_campaign
from arterial.report.campaign_effects import is_converged
from arterial.report.campaign_page import build_campaign_page
from arterial.report.campaign_summary import summarise_campaign
from arterial.study import Study, apply_defaults, empty_table, read_study, require_tables
from arterial.study.run_folder import refuse_run_folder, write_run
from arterial.study.study import CAMPAIGN_TABLES, make_stamp
from arterial.version import __version__
from arterial.workshop.overhaul.scheduling import resolve_works

__all__ = ["plan_campaign", "resolve_campaign"]

WORKS_S: Final = 20.0
"""Longest time for the schedule of the works [s]."""

KERNELS: Final = "arterial.campaign.choice.warming:warm_search"


def plan_campaign(
    path: Path | str,
    *,
    output: Path | str | None = None,
    time_limit_s: float | None = None,
    workers: Workers = ALONE,
    report_step: ReportStep = stay_silent,
    is_agreed: bool = False,
) -> RunOutcome:
    """Plan the renewal campaign of a study and write its run.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    output : Path or str, optional
        Folder of the run; ``runs/<run id>`` in the study by default.
    time_limit_s : float, optional
        Wall time of the solver for the plan [s]; else that of the settings.
    workers : Workers
        Who shares draws and searches; the same tables come of it, whoever works.
    report_step : callable
        Told the name of each step and the share of work done.
    is_agreed : bool
        Whether the work may take hours, or more memory than is free.

    Returns
    -------
    RunOutcome
        Tables, page and summary.

    Raises
    ------
    StudyError
        With every fault of the study, or naming the tables that the analysis lacks.
    LimitError
        Where the work is large and not agreed to.
    InfeasibleError
        When work that has to be done cannot be, with the resources that bind.
    """
    start = time.perf_counter()
    report_step("Reading and checking the study", 0.0)
    read = read_study(Path(path))
    study = keep_standing(read)
    run_id = f"campaign-{read.digest[:10]}-v{__version__}"
    folder = Path(output or study.path / "runs" / run_id)
    refuse_run_folder(folder, study.path)
    limit_s = time_limit_s or study.settings.campaign.time_limit_s
    expected = expect_campaign(study, time_limit_s=0.0 if time_limit_s else limit_s)
    require_agreement(expected, processes=workers.count, is_agreed=is_agreed)
    solver = Solver(seed=study.settings.seed, time_limit_s=limit_s, threads=workers.count)
    results = resolve_campaign(study, solver, workers=workers, report_step=report_step)
    report_step("Writing the report", 0.97)
    stamp = make_stamp(read, run_id)
    summary = summarise_campaign(study, results)
    page = build_campaign_page(study, results, stamp=stamp)
    write_run(
        folder,
        results=results,
        report=page,
        record={**stamp, "settings": study.settings.as_record()},
        inputs=study.path,
        export=partial(_export_plan, study=study, results=results),
    )
    return RunOutcome(
        run_id=run_id,
        folder=folder,
        report=folder / "report.html",
        summary=summary,
        results=results,
        seconds=time.perf_counter() - start,
        answer=answer_campaign(study, results),
    )


def resolve_campaign(
    study: Study,
    solver: Solver,
    *,
    workers: Workers = ALONE,
    report_step: ReportStep = stay_silent,
) -> dict[str, pl.DataFrame]:
    """Every result table of a campaign, without writing anything.

    Parameters
    ----------
    study : Study
        The study.
    solver : Solver
        How plans are sought.
    workers : Workers
        Who shares draws and searches.
    report_step : callable
        Told the name of each step and the share of work done.
    """
    require_tables(study, *CAMPAIGN_TABLES, purpose="Planning a campaign")
    # The works turns out vehicles meanwhile; it shares the materials' names, not the gangs.
    seconds = min(solver.time_limit_s, WORKS_S)
    works = workers.start(partial(_schedule_works, study), seconds)
    # Compiled beside the paths: no search may spend its time on that.
    warming = start_warming(KERNELS)
    # What is worn, what its failures cost, and what each work would gain.
    basis = prepare_basis(study, workers=workers, report_step=report_step)
    warming.wait(lambda text: report_step(text, 0.34))
    # A plan, the line with it done, and the plan again, until it stands.
    found = find_standing_plan(basis, solver, workers=workers, report_step=report_step)
    results = {
        "asset_states": basis.states,
        "asset_seasons": basis.condition.seasons,
        "asset_effects": basis.effects,
        **_tabulate_campaign(basis, found, solver, workers, report_step),
    }
    results |= _compare_line(basis, found, results["campaign_totals"])
    results["reported_checks"] = check_reported(basis.tables, basis.states, basis.effects)
    return results | works.result()


def _schedule_works(study: Study, seconds: float) -> dict[str, pl.DataFrame]:
    """Tables of the schedule of the works."""
    tables = {name: apply_defaults(study, name) for name in study.tables}
    settings = study.settings
    return dict(resolve_works(tables, settings.as_of, seconds=seconds, seed=settings.seed))


def _compare_line(
    basis: CampaignBasis, found: LoopOutcome, totals: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Tables of the line before and after the plan, and of what lies between both counts."""
    if not found.after or basis.line is None:
        return {name: empty_table(name) for name in ("campaign_effects", "campaign_delays")}
    best = describe_best(basis, found)
    effects = tabulate_effects(
        basis.before,
        found.after,
        basis.line.runs_per_year,
        plan_id=CHOSEN,
        best={when: state.fixed for when, state in best.items()},
    )
    (delay,) = effects.filter(subject="network", measure="delay_min").to_dicts()
    delays = tabulate_delays(basis, found, best, totals, effects, has_means=is_converged(delay))
    return {"campaign_effects": effects, "campaign_delays": delays}


def _export_plan(folder: Path, study: Study, results: Mapping[str, pl.DataFrame]) -> None:
    """Write the plan for other programs: table, map, and calendar where its library is there."""
    write_plan_csv(folder / "plan.csv", study, results)
    write_plan_geojson(folder / "plan.geojson", study, results)
    if find_spec("icalendar") is not None:
        write_plan_calendar(folder / "plan.ics", study, results)


def _tabulate_campaign(
    basis: CampaignBasis,
    found: LoopOutcome,
    solver: Solver,
    workers: Workers,
    report_step: ReportStep,
) -> dict[str, pl.DataFrame]:
    """Tables of the plan, of plans beside it, and of what more would be worth."""
    campaign, solution = found.campaign, found.solution
    # From here on searches share the processors, not the sums of one search.
    alone = replace(solver, threads=1)
    solve_again = partial(alone.solve_again, start=solution)
    report_step("Sampling what is not known", 0.6)
    drawn = sample_values(basis, found, workers=workers)
    report_step("Planning in every reading", 0.75)
    # Longest first; who waits for one of them works at another.
    mean_plan = workers.start(alone.solve, average_problem(found, drawn)) if drawn else None
    plain = workers.start(solve_again, campaign.problem)
    readings = start_readings(basis, found, alone, workers=workers)
    curves = tabulate_curves(campaign, solution, alone.solve_again, workers=workers)
    report_step("Pricing what more would be worth", 0.9)
    prices = tabulate_prices(
        basis.tables, campaign, solution, solve_again, plain=plain, workers=workers
    )
    mean = None if mean_plan is None else mean_plan.result()
    ranges = tabulate_ranges(found, plain.result(), mean, drawn=drawn, readings=readings)
    chosen = Plan.of_solution(solution, name="Chosen by the solver")
    plans = [chosen, *plan_by_rules(campaign, basis.states)]
    if mean is not None:
        plans.append(_name_mean(campaign, mean))
    reported = choose_reported(campaign, basis.tables["reported_works"], basis.states)
    totals = tabulate_totals(campaign, plans, reported, solution)
    for plan_id, each in ((CHOSEN, solution), (MEAN, mean)):
        if each is not None:
            spread = spread_worth(basis, found, each, drawn)
            totals = add_spread(totals, spread, plan_id=plan_id)
    return {
        "campaign_sites": tabulate_sites(campaign, chosen),
        "campaign_plan": tabulate_plans(campaign, plans, reported, solution.prices),
        "campaign_use": tabulate_use(campaign, chosen, solution.prices),
        "campaign_misfits": tabulate_misfits(campaign, chosen, solution.prices),
        "campaign_hours": tabulate_hours(basis, campaign, chosen, factor=found.factor),
        "reported_plans": tabulate_beside(
            campaign,
            chosen,
            solution.prices,
            reports=basis.tables["reported_works"],
            states=basis.states,
        ),
        "campaign_prices": prices,
        "campaign_totals": totals,
        "campaign_ranges": ranges,
        "campaign_factors": tabulate_factors(basis.knock_on, basis.windows.network, found.ratios),
        "campaign_curves": curves,
    }


def _name_mean(campaign: Campaign, mean: CampaignSolution) -> Plan:
    """The plan for the mean of the draws, worth what it is by best values."""
    return Plan(
        plan_id=MEAN,
        name="Made for the mean worth over the draws",
        option=mean.option,
        month=mean.month,
        value=check_plan(campaign.problem, mean.option, mean.month),
        is_cut=mean.is_cut,
    )
