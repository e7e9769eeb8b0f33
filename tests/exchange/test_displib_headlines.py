"""Plans kept beside the benchmark page are what the page says, and obey the rules."""

import gzip
import json
import os
from pathlib import Path

import pytest

from arterial.exchange.displib import parse_solution, read_problem
from arterial.exchange.displib_check import check_solution

ROOT = Path(__file__).parents[2]
KEPT = sorted((ROOT / "docs" / "benchmarks" / "displib").glob("*.json.gz"))
SHARED = Path(os.environ.get("ARTERIAL_SHARED", ROOT.parent / "shared")) / "data" / "dispatching"


def test_some_plans_are_kept() -> None:
    assert KEPT


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.name)
def test_a_kept_plan_is_accepted_at_the_value_in_its_name(file: Path) -> None:
    name, value = file.name.removesuffix(".json.gz").rsplit("_", 1)
    instance = SHARED / "problems" / f"{name}.json"
    if not instance.is_file():
        pytest.skip(f"the instance {name} is not at hand")
    solution = parse_solution(json.loads(gzip.decompress(file.read_bytes())))
    verdict = check_solution(read_problem(instance), solution)
    assert verdict.is_accepted
    assert solution.objective_value == int(value)
    page = (ROOT / "docs" / "benchmarks" / "dispatching.md").read_text("utf-8")
    assert f"**{name}**: {value} instead of" in page
