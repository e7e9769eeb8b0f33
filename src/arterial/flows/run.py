"""The main job: resolve a study's through coaches, check them, and report.

:func:`run_study` reads as the story of the analysis; each step is one line, with the reason above.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from arterial.capacity.line_traffic import LineTraffic, resolve_line_traffic
from arterial.capacity.stated_day import has_other_trains, lay_stated_day
from arterial.compiling import start_warming
from arterial.compute import ALONE, Workers
from arterial.compute.expected import require_agreement
from arterial.dispatching.paths.planning import PLAN_KERNELS
from arterial.evidence import StatementResults, check_statements
from arterial.evidence.as_known import keep_standing, take_as_known
from arterial.evidence.assumptions import list_assumptions
from arterial.evidence.claims import check_claims
from arterial.evidence.durations import list_service_lengths, time_published_runs
from arterial.evidence.ledger import read_ledger
from arterial.flows.expected_work import expect_run
from arterial.network import build_network
from arterial.operations.coaches.certain_chances import add_chances
from arterial.operations.reliability import resolve_reliability
from arterial.progress import ReportStep, stay_silent
from arterial.report import Answer, answer_study, build_report, summarise
from arterial.report.campaign_brief import CampaignAnswer
from arterial.report.notebook import answer_html
from arterial.running.route_variants import compare_study_routes
from arterial.running.train_runs import TrainRuns, run_trains
from arterial.stock import check_compatibility
from arterial.study import Study, apply_defaults, read_study
from arterial.study.run_folder import name_run, refuse_run_folder, write_run
from arterial.study.study import make_stamp, require_run_tables
from arterial.timetable import (
    ResolvedTrips,
    RotatedCoaches,
    TimetableOptions,
    resolve_trips,
    rotate_coaches,
)
from arterial.timetable.coaches.coach_services import list_coach_routes, make_options
from arterial.timetable.coaches.host_times import find_host_limits, find_unfit_vehicles
from arterial.timetable.coaches.trip_verdicts import (
    find_missed_announcements,
    find_unrunnable_hosts,
    settle_departures,
)
from arterial.timetable.fleet import list_fleet, schedule_study_works
from arterial.timetable.paths.barred_trains import find_unfit_trains
from arterial.timetable.stated import resolve_stated_trains
from arterial.version import __version__

__all__ = [
    "ResolvedStudy",
    "RunOutcome",
    "judge_ledger",
    "resolve_study",
    "resolve_timetable",
    "run_study",
]

KERNELS: Final = tuple(
    f"arterial.flows.warming:warm_{part}" for part in ("paths", "line", "coaches")
)

ROUTE_TABLES: Final = ("route_lines", "route_variants")


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run gives.

    Parameters
    ----------
    run_id : str
        First digits of the digest of the study and the version of the program.
    folder : Path
        Folder with the result tables and the record.
    report : Path
        The report page.
    summary : tuple of str
        The outcome in plain sentences.
    results : mapping of str to DataFrame
        Result tables by name.
    seconds : float
        Wall time of the run [s].
    answer : Answer or CampaignAnswer, optional
        The outcome on one screen.
    """

    run_id: str
    folder: Path
    report: Path
    summary: tuple[str, ...]
    results: Mapping[str, pl.DataFrame]
    seconds: float
    answer: Answer | CampaignAnswer | None = None

    def _repr_html_(self) -> str:
        """Show the answer in a notebook."""
        return answer_html(self.answer, self.report)


@dataclass(frozen=True, slots=True)
class ResolvedStudy:
    """A study resolved without chance.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Its tables with their defaults.
    results : mapping of str to DataFrame
        Result tables by name.
    link_times : DataFrame
        Running time between neighbouring stops of the host trains.
    traffic : LineTraffic
        Paths of the line.
    options : TimetableOptions
        Options of the timetable.
    """

    tables: Mapping[str, pl.DataFrame]
    results: dict[str, pl.DataFrame]
    link_times: pl.DataFrame
    traffic: LineTraffic
    options: TimetableOptions

    @property
    def laid(self) -> dict[str, pl.DataFrame]:
        """What the simulation of the coaches starts from."""
        return {**self.results, "link_times": self.link_times}


def run_study(
    path: Path | str,
    *,
    output: Path | str | None = None,
    name: str | None = None,
    as_known: date | None = None,
    workers: Workers = ALONE,
    report_step: ReportStep = stay_silent,
    is_agreed: bool = False,
) -> RunOutcome:
    """Resolve, check and report a study.

    Parameters
    ----------
    path : Path or str
        Folder of the study.
    output : Path or str, optional
        Folder of the run; ``runs/<run id>`` in the study by default.
    name : str, optional
        Name of the run, by which it is found: its folder is ``runs/<name>``.
    as_known : datetime.date, optional
        What was published or read later is left out.
    workers : Workers
        Processes that share the work; this one alone by default. The numbers are the same.
    report_step : callable
        Told the name of each step and the share of work done.
    is_agreed : bool
        Whether the work may take hours, or more memory than is free.

    Returns
    -------
    RunOutcome
        Tables, report and summary.

    Raises
    ------
    StudyError
        With every fault of the study, or naming the tables that the analysis lacks.
    LimitError
        Where the work is large and not agreed to.
    """
    start = time.perf_counter()
    # Once after installation, in processes beside each other; alone, each kernel is compiled here.
    warming = [] if workers.is_alone else [start_warming(target) for target in KERNELS]
    report_step("Reading and checking the study", 0.0)
    read = read_study(Path(path))
    if as_known is not None:
        read = take_as_known(read, as_known).study
    study = keep_standing(read)
    # The same study and program give the same run, so that nothing is kept twice.
    run_id = f"{read.digest[:10]}-v{__version__}"
    named = None if name is None else name_run(study.path, name, read.digest)
    folder = Path(output or named or study.path / "runs" / run_id)
    refuse_run_folder(folder, study.path)
    require_agreement(expect_run(study), processes=workers.count, is_agreed=is_agreed)
    if warming and has_other_trains(study):
        warming.append(start_warming(PLAN_KERNELS))
    for kernels in warming:
        kernels.wait(lambda text: report_step(text, 0.02))
    results = resolve_study(study, workers=workers, report_step=report_step)
    report_step("Writing the report", 0.95)
    stamp = make_stamp(read, run_id) | ({} if name is None else {"name": name})
    summary = summarise(study, results)
    answer = answer_study(study, results)
    page = build_report(study, results, summary=summary, stamp=stamp, answer=answer)
    record = {**stamp, "settings": study.settings.as_record()}
    write_run(folder, results=results, report=page, record=record, inputs=study.path)
    return RunOutcome(
        run_id=run_id,
        folder=folder,
        report=folder / "report.html",
        summary=tuple(summary),
        results=results,
        seconds=time.perf_counter() - start,
        answer=answer,
    )


def resolve_study(
    study: Study, *, workers: Workers = ALONE, report_step: ReportStep = stay_silent
) -> dict[str, pl.DataFrame]:
    """Every result table of a study, without writing anything.

    Parameters
    ----------
    study : Study
        The study.
    workers : Workers
        Who shares the work.
    report_step : callable
        Told the name of each step and the share of work done.

    Returns
    -------
    dict of str to DataFrame
        Result tables by name.
    """
    resolved = resolve_timetable(study, workers=workers, report_step=report_step)
    # What goes wrong on the way, how often, and when the coach is really there.
    reliability = resolve_reliability(
        study,
        resolved.tables,
        resolved.laid,
        resolved.traffic,
        resolved.options,
        workers=workers,
        report_step=report_step,
    )
    results = add_chances(study, resolved.results, reliability)
    return results | judge_ledger(study, resolved.tables, results)


def judge_ledger(
    study: Study, tables: Mapping[str, pl.DataFrame], results: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """The verdict of each claim that stands, as the result table ``claim_checks``."""
    standing = read_ledger(study.tables).standing()
    return {"claim_checks": check_claims(standing, tables, results, settings=study.settings)}


def resolve_timetable(
    study: Study, *, workers: Workers = ALONE, report_step: ReportStep = stay_silent
) -> ResolvedStudy:
    """Everything about a study that needs no chance: dates, times, capacity, statements.

    Parameters
    ----------
    study : Study
        The study.
    workers : Workers
        Who shares the work.
    report_step : callable
        Told the name of each step and the share of work done.

    Returns
    -------
    ResolvedStudy
        Result tables, and what the simulation of operations goes on with.
    """
    require_run_tables(study)
    tables = _take_standing(study)
    report_step("Building the network", 0.05)
    network = build_network(tables)
    report_step("Running the host trains", 0.1)
    runs = run_trains(network, tables, study.settings, workers)
    # Routes are compared beside all that follows; it does not look at them.
    compare = partial(compare_study_routes, network, tables, study.settings)
    comparing = workers.start(compare, runs.link_times)
    # Every train that is stated, carrying a coach or not, against every other.
    stated = resolve_stated_trains(network, tables, study.settings, runs, workers)
    # Every announced date, as announced; what cannot work is found, not mended.
    report_step("Resolving every date", 0.3)
    options = replace(make_options(study), slowed=runs.dated_links)
    resolved = resolve_trips(tables, runs.link_times, options)
    # What the works holds is missing from the fleet; without jobs nothing is scheduled.
    report_step("Scheduling the works and rotating coach sets", 0.45)
    works = schedule_study_works(study, tables)
    rotated = rotate_coaches(tables, resolved.trips, options, works.get("works_stays"))
    compatibility = check_compatibility(tables, list_coach_routes(runs.ways, tables))
    # Trains assumed beside the hosts cost the coach time; else the plan of stated ones fills lines.
    report_step("Laying paths between the other trains", 0.6)
    traffic = resolve_line_traffic(study, tables, network, runs, resolved.trip_events, workers)
    if traffic.line is None and has_other_trains(study):
        traffic = lay_stated_day(study, tables, network, stated.traffic)
    report_step("Holding statements against the model", 0.68)
    unfit = find_unfit_trains(network, tables)
    settled = _settle(study, resolved, rotated, stated.tables, runs, (unfit.reasons, compatibility))
    held_against = StatementResults(
        trips=settled["trips"],
        trip_events=settled["trip_events"],
        service_lengths=list_service_lengths(tables, comparing.result().routes),
        run_times=time_published_runs(tables, runs.ways, options.default_dwell_min),
    )
    taken = list_assumptions(study, runs.helpers, unfit.contradicted)
    results = {
        **settled,
        "section_runs": stated.section_runs,
        "speed_profile": runs.speed_profile,
        **{name: getattr(comparing.result(), name) for name in ROUTE_TABLES},
        "compatibility_checks": compatibility,
        "coach_turns": rotated.coach_turns,
        "set_requirements": rotated.set_requirements,
        "assumptions": pl.concat([taken, traffic.assumptions, stated.assumptions]),
        "statement_checks": check_statements(tables, settings=study.settings, results=held_against),
        **traffic.tables,
        **stated.tables,
        **list_fleet(tables, works, rotated.set_availability, runs, options),
    }
    return ResolvedStudy(tables, results, runs.link_times, traffic, options)


def _take_standing(study: Study) -> dict[str, pl.DataFrame]:
    """Tables with their defaults; what was taken back, put right or replaced is in none."""
    tables = {name: apply_defaults(study, name) for name in study.tables}
    return read_ledger(tables).standing().keep_citing(tables)


def _settle(
    study: Study,
    resolved: ResolvedTrips,
    rotated: RotatedCoaches,
    stated: Mapping[str, pl.DataFrame],
    runs: TrainRuns,
    unfit: tuple[Mapping[str, str], pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """Departures judged from every finding: hosts, connections, sets, trains that cannot run."""
    conflicts = (stated[name] for name in ("timetable_conflicts", "train_runs", "train_times"))
    dated = (resolved.trips, resolved.trip_events)
    unrunnable = [
        *find_unrunnable_hosts(*dated, *conflicts),
        *find_host_limits(*dated, runs.too_steep, runs.section_runs),
        *find_unfit_vehicles(*dated, *unfit),
        *find_missed_announcements(resolved.trips, study.tables, study.settings.epoch),
    ]
    findings = pl.concat([
        resolved.findings,
        rotated.findings,
        pl.DataFrame(unrunnable, schema=resolved.findings.schema),
    ])  # fmt: skip
    settled = settle_departures(resolved.trips, resolved.connections, findings)
    return {"trip_events": resolved.trip_events, **settled}
