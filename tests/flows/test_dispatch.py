"""The dispatch command as users meet it."""

import json

import pytest
from typer.testing import CliRunner

from arterial.cli.main import ExitCode, app
from arterial.errors import StudyError
from arterial.exchange.displib import write_problem
from dispatching_cases import join_trains, make_train


@pytest.fixture
def instance(tmp_path):
    path = tmp_path / "meet.json"
    east, west = make_train(["a", "b"], 60, 0), make_train(["b", "a"], 60, 0)
    write_problem(join_trains(east, west), path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["dispatch", *map(str, arguments)])


def test_a_plan_is_written_and_accepted(instance, tmp_path):
    output = tmp_path / "plan.json"
    result = run(instance, "--time-limit", 60, "--workers", 1, "-o", output, "--json")
    assert result.exit_code == ExitCode.SUCCESS
    printed = json.loads(result.stdout)
    # One runs free in 80 s, the other waits for its 60 s on the section.
    assert (printed["value"], printed["bound"], printed["status"]) == (80 + 140, 220, "optimal")
    checked = run("--check", instance, output, "--json")
    assert json.loads(checked.stdout)["is_accepted"]


def test_the_text_names_value_bound_and_gap(instance, tmp_path):
    result = run(instance, "--time-limit", 60, "--workers", 1, "-o", tmp_path / "plan.json")
    assert "Value 220, bound 220, gap 0.00 % (optimal)" in result.stdout


def test_a_false_value_is_refused(instance, tmp_path):
    output = tmp_path / "plan.json"
    run(instance, "--time-limit", 60, "--workers", 1, "-o", output)
    plan = json.loads(output.read_text())
    output.write_text(json.dumps(plan | {"objective_value": 1}))
    result = run("--check", instance, output)
    assert result.exit_code == ExitCode.FAULTY_DATA
    assert "The value is 220, not 1." in result.stdout


def test_check_without_a_solution_is_wrong_usage(instance):
    assert run("--check", instance).exit_code == ExitCode.WRONG_USAGE


def test_a_broken_problem_is_a_fault_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"trains": [[]], "objective": []}')
    result = run(path, "-o", tmp_path / "plan.json")
    assert isinstance(result.exception, StudyError)
    assert [child.name for child in tmp_path.iterdir()] == ["broken.json"]
