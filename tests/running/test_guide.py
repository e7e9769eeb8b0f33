"""The guide to running times agrees with the program."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from arterial.running import train_file
from arterial.running.adhesion import ADHESION_LAWS
from arterial.running.resistance import RESISTANCE_FORMULAS

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


def test_the_calculator_of_the_guide_gives_the_times_of_the_test_train():
    blocks = re.findall(r"```python\n(.*?)```", (GUIDE / "python.md").read_text("utf-8"), re.DOTALL)
    code = "".join(block for block in blocks if "PathProfile" in block or "run_freely" in block)
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102
    assert names["result"].total_time_s == pytest.approx(416.7348, abs=1e-2)
    assert names["coasting"].position_m[1] == pytest.approx(2900.98, abs=1e-2)
    assert names["result"].passing_at(6000).arrival_s == pytest.approx(231.1699, abs=1e-2)


def test_the_guide_names_every_key_law_and_formula_of_a_train_file():
    page = (GUIDE / "running-time.md").read_text("utf-8")
    tables = [
        kind
        for kind in vars(train_file).values()
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    ]
    keys = {key for table in tables for key in table.model_fields}
    assert {"mass_t", "adhesive_mass_t", "deceleration_m_s2"} <= keys
    named = set(re.findall(r"\w+", page))
    assert {*keys, *ADHESION_LAWS, *RESISTANCE_FORMULAS} - named == set()
