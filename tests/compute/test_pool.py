"""The pool of processes, and what happens when they are killed."""

import functools
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from arterial.compute import PoolExecutor, Task, run_many
from arterial.errors import LimitError, StoppedError
from compute_cases import (
    dawdle,
    list_bytes,
    make_tasks,
    misbehave,
    tabulate,
    wait_to_be_killed,
)

TESTS = Path(__file__).parents[1]


def wait_for(path: Path, lines: int = 0) -> str:
    """Text of a file, once it is there with so many lines."""
    for _ in range(600):
        if path.exists() and path.read_text().count("\n") >= lines:
            return path.read_text()
        time.sleep(0.05)
    message = f"{path} did not come"
    raise TimeoutError(message)


def wait_until_gone(processes: list[int]) -> None:
    """Return when none of the processes runs any more; whether it was buried does not matter."""
    assert processes
    for _ in range(400):
        shown = subprocess.run(  # noqa: S603
            ["ps", "-o", "stat=", "-p", ",".join(map(str, processes))],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        if all(state.startswith("Z") for state in shown.stdout.split()):
            return
        time.sleep(0.05)
    message = f"{processes} outlived their run"
    raise TimeoutError(message)


def test_a_pool_leaves_the_files_of_a_serial_run(tmp_path: Path) -> None:
    tasks = make_tasks(9)
    run_many(tabulate, tasks, folder=tmp_path / "serial")
    report = run_many(tabulate, tasks, folder=tmp_path / "pool", executor=PoolExecutor(2))
    assert report.done == tuple(sorted(task.key for task in tasks))
    assert list_bytes(tmp_path / "pool") == list_bytes(tmp_path / "serial")


def test_a_worker_killed_in_mid_task_loses_nothing(tmp_path: Path) -> None:
    told = tmp_path / "told"
    tasks = make_tasks(6, told=str(told))

    def kill() -> None:
        os.kill(int(wait_for(told)), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    report = run_many(wait_to_be_killed, tasks, folder=tmp_path / "a", executor=PoolExecutor(2))
    killer.join()
    assert report.is_complete
    run_many(tabulate, make_tasks(6), folder=tmp_path / "serial")
    assert list_bytes(tmp_path / "a") == list_bytes(tmp_path / "serial")


def test_poisoned_tasks_are_reported_and_the_rest_is_finished(tmp_path: Path) -> None:
    misdeeds = {1: "exit", 2: "die", 3: "raise"}
    tasks = make_tasks(6, misdeeds=misdeeds)
    report = run_many(misbehave, tasks, folder=tmp_path, executor=PoolExecutor(2))
    assert report.done == ("t-000", "t-004", "t-005")
    messages = {failure.key: failure.message for failure in report.failed}
    assert messages["t-001"] == "It lost its worker process 2 times, the last with exit code 3."
    assert "2 times, the last by signal SIGKILL" in messages["t-002"]
    assert messages["t-003"].startswith("ValueError: task 3 has no sense")


def test_a_run_killed_as_a_whole_is_resumed_to_the_same_files(tmp_path: Path) -> None:
    folder, told = tmp_path / "killed", tmp_path / "told"
    told.mkdir()
    command = [sys.executable, str(TESTS / "compute_cases.py"), str(folder), str(told)]
    script = subprocess.Popen(command)  # noqa: S603
    wait_for(folder / "journal.jsonl", lines=3)
    script.send_signal(signal.SIGKILL)
    assert script.wait() == -signal.SIGKILL
    wait_until_gone([int(path.name) for path in told.iterdir()])
    tasks = make_tasks(12, told=str(told))
    report = run_many(dawdle, tasks, folder=folder, executor=PoolExecutor(2))
    assert report.is_complete
    assert 3 <= len(report.resumed) < len(tasks)
    run_many(tabulate, tasks, folder=tmp_path / "serial")
    assert list_bytes(folder) == list_bytes(tmp_path / "serial")
    assert not (folder / "unfinished").exists()


def test_ctrl_c_finishes_tasks_under_way_and_begins_no_other(tmp_path: Path) -> None:
    def interrupt(done: int, _total: int, _left: float | None) -> None:
        if done == 1:
            os.kill(os.getpid(), signal.SIGINT)

    tasks = make_tasks(8)
    with pytest.raises(StoppedError, match="of 8 tasks"):
        run_many(
            dawdle, tasks, folder=tmp_path, executor=PoolExecutor(2), report_progress=interrupt
        )
    report = run_many(dawdle, tasks, folder=tmp_path, executor=PoolExecutor(2))
    assert report.is_complete
    assert 1 <= len(report.resumed) <= 3


def test_a_payload_that_cannot_be_sent_is_a_failure_of_its_task(tmp_path: Path) -> None:
    tasks = [Task("a", lambda: None), Task("b", {"number": 1})]
    bound = functools.partial(tabulate)
    report = run_many(bound, tasks, folder=tmp_path, executor=PoolExecutor(1))
    assert report.done == ("b",)
    assert "cannot be sent" in report.failed[0].message


def test_a_pool_of_nobody_is_refused() -> None:
    with pytest.raises(LimitError, match="0 workers"):
        PoolExecutor(0)
