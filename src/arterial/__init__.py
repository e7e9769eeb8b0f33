"""Arterial: plan, simulate and check railways that the public knows only in part.

Everything that the command line does is here; names load late, so importing the package is quick::

    import arterial

    study = arterial.read_study("studies/pyongyang_moscow")
    outcome = arterial.run_study("studies/pyongyang_moscow")
    outcome.results["findings"]
"""

from importlib import import_module
from typing import TYPE_CHECKING

from arterial.errors import (
    ArterialError,
    Fault,
    InfeasibleError,
    LimitError,
    SourceError,
    StudyError,
)
from arterial.version import __version__

if TYPE_CHECKING:
    from arterial.compute import Workers
    from arterial.dispatching import dispatch_trains
    from arterial.dispatching.paths.disturbances import Disturbance
    from arterial.flows.campaign import plan_campaign
    from arterial.flows.check_study import check_readiness, check_study
    from arterial.flows.claims import JudgedClaims, judge_claims
    from arterial.flows.compare import ComparedRuns, compare_runs
    from arterial.flows.conflicts import list_conflicts, list_positions
    from arterial.flows.dispatch import check_file as check_dispatch
    from arterial.flows.dispatch import dispatch_file
    from arterial.flows.fit import fit_records
    from arterial.flows.learn import LearnOutcome, learn_study
    from arterial.flows.replanning import PlannedDay, plan_day, replan_day
    from arterial.flows.run import RunOutcome, run_study
    from arterial.flows.schedule import check_file as check_workshop
    from arterial.flows.schedule import solve_file as solve_workshop
    from arterial.flows.show_results import add_local_times, show_results
    from arterial.flows.simulate import (
        Scale,
        SimulationOutcome,
        choose_executor,
        query_simulation,
        simulate_study,
    )
    from arterial.flows.special_path import find_path
    from arterial.report import CalendarChart, RotationChart, RouteMap, SpeedChart, StringLine
    from arterial.report.static_charts import plot_calendar, plot_line_day
    from arterial.running import PathProfile, RunningTime, Train, calculate_running_time
    from arterial.running.files import time_files
    from arterial.study import Study, new_study, read_study, write_study
    from arterial.study.run_folder import list_runs, remove_run
    from arterial.study.variants import change_study
    from arterial.timetable.paths.special_wishes import SpecialWish

__all__ = [
    "ArterialError",
    "CalendarChart",
    "ComparedRuns",
    "Disturbance",
    "Fault",
    "InfeasibleError",
    "JudgedClaims",
    "LearnOutcome",
    "LimitError",
    "PathProfile",
    "PlannedDay",
    "RotationChart",
    "RouteMap",
    "RunOutcome",
    "RunningTime",
    "Scale",
    "SimulationOutcome",
    "SourceError",
    "SpecialWish",
    "SpeedChart",
    "StringLine",
    "Study",
    "StudyError",
    "Train",
    "Workers",
    "__version__",
    "add_local_times",
    "calculate_running_time",
    "change_study",
    "check_dispatch",
    "check_readiness",
    "check_study",
    "check_workshop",
    "choose_executor",
    "compare_runs",
    "dispatch_file",
    "dispatch_trains",
    "find_path",
    "fit_records",
    "judge_claims",
    "learn_study",
    "list_conflicts",
    "list_positions",
    "list_runs",
    "new_study",
    "plan_campaign",
    "plan_day",
    "plot_calendar",
    "plot_line_day",
    "query_simulation",
    "read_study",
    "remove_run",
    "replan_day",
    "run_study",
    "show_results",
    "simulate_study",
    "solve_workshop",
    "time_files",
    "write_study",
]

LATE_NAMES = {
    "CalendarChart": "arterial.report",
    "ComparedRuns": "arterial.flows.compare",
    "Disturbance": "arterial.dispatching.paths.disturbances",
    "JudgedClaims": "arterial.flows.claims",
    "PathProfile": "arterial.running",
    "PlannedDay": "arterial.flows.replanning",
    "RotationChart": "arterial.report",
    "RouteMap": "arterial.report",
    "RunOutcome": "arterial.flows.run",
    "RunningTime": "arterial.running",
    "Scale": "arterial.flows.simulate",
    "SimulationOutcome": "arterial.flows.simulate",
    "SpecialWish": "arterial.timetable.paths.special_wishes",
    "SpeedChart": "arterial.report",
    "StringLine": "arterial.report",
    "Study": "arterial.study",
    "Train": "arterial.running",
    "Workers": "arterial.compute",
    "add_local_times": "arterial.flows.show_results",
    "calculate_running_time": "arterial.running",
    "change_study": "arterial.study.variants",
    "check_dispatch": "arterial.flows.dispatch:check_file",
    "check_readiness": "arterial.flows.check_study",
    "check_study": "arterial.flows.check_study",
    "check_workshop": "arterial.flows.schedule:check_file",
    "choose_executor": "arterial.flows.simulate",
    "compare_runs": "arterial.flows.compare",
    "dispatch_file": "arterial.flows.dispatch",
    "dispatch_trains": "arterial.dispatching",
    "find_path": "arterial.flows.special_path",
    "fit_records": "arterial.flows.fit",
    "LearnOutcome": "arterial.flows.learn",
    "learn_study": "arterial.flows.learn",
    "judge_claims": "arterial.flows.claims",
    "list_conflicts": "arterial.flows.conflicts",
    "list_positions": "arterial.flows.conflicts",
    "list_runs": "arterial.study.run_folder",
    "new_study": "arterial.study",
    "plan_campaign": "arterial.flows.campaign",
    "plan_day": "arterial.flows.replanning",
    "plot_calendar": "arterial.report.static_charts",
    "plot_line_day": "arterial.report.static_charts",
    "query_simulation": "arterial.flows.simulate",
    "read_study": "arterial.study",
    "remove_run": "arterial.study.run_folder",
    "replan_day": "arterial.flows.replanning",
    "run_study": "arterial.flows.run",
    "show_results": "arterial.flows.show_results",
    "simulate_study": "arterial.flows.simulate",
    "solve_workshop": "arterial.flows.schedule:solve_file",
    "time_files": "arterial.running.files",
    "write_study": "arterial.study",
}
"""Where each name is at home; after a colon what it is called there, if otherwise."""


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in LATE_NAMES:
        message = f"module 'arterial' has no attribute {name!r}"
        raise AttributeError(message)
    home, _, own_name = LATE_NAMES[name].partition(":")
    return getattr(import_module(home), own_name or name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
