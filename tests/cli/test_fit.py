"""The command that fits records, as its users meet it."""

import json
from pathlib import Path

import numpy as np
import pytest

from arterial.assets.parameters import load_parameter_set
from arterial.cli.printing import ExitCode
from arterial.randomness import stream
from failure_cases import sample_failure_ages


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Forty turnouts watched for twelve years, and two tunnels that failed."""
    random, rows = stream(1, "test fit"), ["record_id,kind,unit_id,event,low_y,high_y"]
    for unit in range(40):
        ages = sample_failure_ages(random, from_age_y=0, to_age_y=12.0, shape=1.4, scale_y=3.0)
        ends = [*((age, age) for age in np.round(ages, 6)), (12.0, "")]
        rows += [f"t{unit}-{n},turnout,t{unit},recurrent,{a},{b}" for n, (a, b) in enumerate(ends)]
    rows += [f"n{age},tunnel,n{age},lifetime,{age},{age}" for age in (5, 6)]
    file = tmp_path / "records.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


@pytest.fixture
def call(call):
    return lambda *arguments: call("fit", *arguments)


def test_records_are_fitted_and_what_cannot_be_is_named(call, records, tmp_path):
    code, out, _ = call(records, "--json", "-o", tmp_path / "fits")
    assert code == ExitCode.SUCCESS
    result = json.loads(out)
    fits = {row["quantity"]: row for row in result["fits"]}
    assert fits["shape"]["low"] < 1.4 < fits["shape"]["high"]
    assert fits["scale_y"]["low"] < 3.0 < fits["scale_y"]["high"]
    assert fits["shape"]["ageing_p_value"] < 0.01 < fits["shape"]["model_p_value"]
    assert len(result["refusals"]) == 1
    assert result["refusals"][0].startswith("tunnel, lifetime")
    assert (tmp_path / "fits" / "comparisons.csv").is_file()


def test_a_parameter_set_takes_the_fit_of_the_turnouts(call, records, tmp_path):
    code, out, _ = call(records, "--parameters", tmp_path / "own.csv")
    assert code == ExitCode.SUCCESS
    assert "turnout" in out
    own = load_parameter_set(str(tmp_path / "own.csv"))
    assert own.value("power_law_shape", kind="turnout") == pytest.approx(1.4, abs=0.2)


def test_a_file_that_is_no_records_ends_in_its_faults(call, records):
    records.write_text("kind,age\nturnout,3\n")
    code, _, err = call(records)
    assert code == ExitCode.FAULTY_DATA
    assert "record_id" in err
