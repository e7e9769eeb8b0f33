"""The workshop commands as their users meet them."""

import json
from pathlib import Path

import pytest

from arterial.cli.main import ExitCode

JOB_SHOP = "# tiny\n2 2\n0 3 1 2\n1 4 0 1\n"


@pytest.fixture
def call(call):
    return lambda *arguments: call("workshop", *arguments)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    file = tmp_path / "tiny"
    file.write_text(JOB_SHOP)
    return file


def test_a_job_shop_is_solved_and_its_schedule_accepted(call, shop):
    found = shop.with_name("found.json")
    code, out, _ = call("solve", shop, "--time-limit", 20, "--workers", 2, "--json", "-o", found)
    assert code == ExitCode.SUCCESS
    result = json.loads(out)
    # Machine 1: four slots of the second job, then two of the first.
    assert (result["makespan"], result["lower_bound"], result["status"]) == (6, 6, "optimal")
    assert result["schedule"] == [0, 4, 0, 4]
    assert result["machines"] == [0, 1, 1, 0]
    code, out, _ = call("check", shop, found)
    assert (code, out.strip()) == (ExitCode.SUCCESS, "Accepted: makespan 6.")


def test_a_schedule_that_breaks_a_rule_is_refused_with_exit_code_1(call, shop):
    found = shop.with_name("found.json")
    found.write_text(json.dumps({"makespan": 5, "schedule": [0, 3, 0, 4]}))
    code, out, _ = call("check", shop, found, "--json")
    assert code == ExitCode.FAULTY_DATA
    judged = json.loads(out)
    assert not judged["is_accepted"]
    assert judged["faults"] == ["Resource 2 has 1, but 2 are used at 3. Move a task."]


def test_a_broken_file_ends_in_its_faults_and_writes_nothing(call, shop):
    shop.write_text(JOB_SHOP.replace("4 0", "four 7"))
    found = shop.with_name("found.json")
    code, out, err = call("solve", shop, "-o", found)
    assert (code, out) == (ExitCode.FAULTY_DATA, "")
    assert "tiny:4: 'four' is no whole number." in err
    assert not found.exists()


def test_a_missing_file_and_a_false_limit_are_told_apart(call, shop):
    assert call("solve", shop.with_name("gone"))[0] == ExitCode.FILE_SYSTEM
    assert call("solve", shop, "--time-limit", "-1")[0] == ExitCode.WRONG_USAGE
