"""A study of two stations, run once."""

from pathlib import Path

import pytest

from arterial.flows.run_study import RunOutcome, run_study
from arterial.study import new_study


@pytest.fixture(scope="session")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_study(tmp_path_factory.mktemp("studies") / "small")


@pytest.fixture(scope="session")
def small_run(small_study: Path) -> RunOutcome:
    return run_study(small_study)
