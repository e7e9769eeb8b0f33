"""Runs on a Dask cluster of this machine."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from arterial.compute import DaskExecutor, collect, dask_cluster, run_many
from arterial.errors import ArterialError
from compute_cases import list_bytes, make_tasks, misbehave, tabulate

if TYPE_CHECKING:
    from distributed import LocalCluster


@pytest.fixture(scope="module")
def cluster() -> Iterator["LocalCluster"]:
    distributed = pytest.importorskip("distributed", reason="the extra scale is not installed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as made:
        yield made


def test_a_running_cluster_leaves_the_files_of_a_serial_run(
    tmp_path: Path, cluster: "LocalCluster"
) -> None:
    tasks = make_tasks(7)
    run_many(tabulate, tasks, folder=tmp_path / "serial")
    executor = DaskExecutor(cluster.scheduler_address)
    report = run_many(tabulate, tasks, folder=tmp_path / "dask", executor=executor)
    assert report.is_complete
    assert list_bytes(tmp_path / "dask") == list_bytes(tmp_path / "serial")


def test_a_cluster_made_for_the_run_survives_poisoned_tasks(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra scale is not installed")
    tasks = make_tasks(5, misdeeds={1: "exit", 2: "raise"})
    report = run_many(misbehave, tasks, folder=tmp_path, executor=DaskExecutor(workers=2))
    assert report.done == ("t-000", "t-003", "t-004")
    lost, raised = report.failed
    assert "lost its worker process 2 times" in lost.message
    assert raised.message.startswith("ValueError: task 2 has no sense")


def test_ctrl_c_reaches_the_run_and_spares_its_workers(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra scale is not installed")
    cases = Path(__file__).parents[1] / "compute_cases.py"
    (tmp_path / "told").mkdir()
    script = subprocess.Popen(  # noqa: S603
        [sys.executable, str(cases), str(tmp_path / "run"), str(tmp_path / "told"), "dask"],
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    while script.poll() is None and not any((tmp_path / "told").iterdir()):
        time.sleep(0.05)
    os.killpg(script.pid, signal.SIGINT)
    _, errors = script.communicate(timeout=60)
    assert "StoppedError: Stopped after" in errors
    with pytest.raises(ArterialError, match="of 12 tasks") as caught:
        collect(tmp_path / "run", make_tasks(12))
    # The task under way was finished.
    assert not caught.value.message.startswith("12 ")


def test_workers_with_other_libraries_are_refused(
    tmp_path: Path, cluster: "LocalCluster", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "__version__", "99")
    with pytest.raises(ArterialError, match=r"has arterial .*, not 99"):
        run_many(
            tabulate,
            make_tasks(1),
            folder=tmp_path,
            executor=DaskExecutor(cluster.scheduler_address),
        )


def test_a_cluster_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra scale is not installed")
    monkeypatch.setattr(dask_cluster, "CONNECT_S", 0.3)
    with pytest.raises(ArterialError, match=r"No Dask worker answers at tcp://127\.0\.0\.1:9"):
        run_many(
            tabulate, make_tasks(1), folder=tmp_path, executor=DaskExecutor("tcp://127.0.0.1:9")
        )


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ArterialError, match=r"pip install 'arterial\[scale\]'"):
        run_many(tabulate, make_tasks(1), folder=tmp_path, executor=DaskExecutor())
