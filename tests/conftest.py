"""A study of two stations and the flagship study, each run once, by the worker that is first."""

import fcntl
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import settings

from arterial.flows.run import RunOutcome, resolve_study, run_study
from arterial.study import Study, new_study, read_study

# A busy machine must not fail a test: none is timed.
settings.register_profile("arterial", deadline=None)
settings.load_profile("arterial")

FLAGSHIP = Path(__file__).parents[1] / "studies" / "pyongyang_moscow"


@pytest.fixture(scope="session")
def share_result(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest):
    """Make a result in one worker and read it in the others: `share_result(name, make)`."""
    base = tmp_path_factory.getbasetemp()
    # Workers of one test run have folders of their own side by side.
    folder = base.parent if hasattr(request.config, "workerinput") else base

    def share(name: str, make: Callable[[], Any]) -> Any:
        kept = folder / f"{name}.pickle"
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.is_file():
                kept.write_bytes(pickle.dumps(make()))
        return pickle.loads(kept.read_bytes())  # noqa: S301 written above

    return share


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
def moscow(moscow_study: Study, share_result) -> dict[str, pl.DataFrame]:
    return share_result("moscow", lambda: resolve_study(moscow_study))
