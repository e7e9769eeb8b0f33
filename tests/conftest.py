"""A study of two stations and the flagship study, each run once."""

from pathlib import Path

import polars as pl
import pytest

from arterial.flows.run import RunOutcome, resolve_study, run_study
from arterial.study import Study, new_study, read_study

FLAGSHIP = Path(__file__).parents[1] / "studies" / "pyongyang_moscow"


@pytest.fixture(scope="session")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_study(tmp_path_factory.mktemp("studies") / "small")


@pytest.fixture(scope="session")
def small_run(small_study: Path) -> RunOutcome:
    return run_study(small_study)


@pytest.fixture(scope="session")
def moscow_study() -> Study:
    return read_study(FLAGSHIP)


@pytest.fixture(scope="session")
def moscow(moscow_study: Study) -> dict[str, pl.DataFrame]:
    return resolve_study(moscow_study)
