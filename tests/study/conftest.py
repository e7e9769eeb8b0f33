"""Studies for the tests: the shipped one of two stations, and folders to break."""

import shutil
from pathlib import Path

import pytest

from arterial.study import Study, read_study

STUDIES = Path(__file__).parents[2] / "studies"
TWO_STATIONS = STUDIES / "two_stations"


@pytest.fixture(scope="session")
def two_stations() -> Study:
    return read_study(TWO_STATIONS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of two_stations that a test may change."""
    return Path(shutil.copytree(TWO_STATIONS, tmp_path / "study"))
