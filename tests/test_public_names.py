"""The public names: few, all there, and quick to import."""

import subprocess
import sys

import pytest

import arterial

PUBLIC = [
    "ArterialError",
    "CalendarChart",
    "ComparedRuns",
    "Disturbance",
    "Fault",
    "InfeasibleError",
    "LearnOutcome",
    "JudgedClaims",
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
    "learn_study",
    "judge_claims",
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


def test_the_public_names_are_exactly_these() -> None:
    assert sorted(arterial.__all__) == sorted(PUBLIC)
    assert dir(arterial) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_can_be_had(name: str) -> None:
    assert getattr(arterial, name) is not None


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        arterial.frobnicate  # noqa: B018


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = (
        "import sys, arterial; print([m for m in ('polars', 'numba', 'scipy') if m in sys.modules])"
    )
    found = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
