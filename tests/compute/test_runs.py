"""Runs in one process: what is kept, what is reported, and how a run goes on."""

from pathlib import Path

import polars as pl
import pytest

from arterial.compute import SerialExecutor, Task, collect, run_many
from arterial.compute.journal import Journal
from arterial.errors import ArterialError, StoppedError
from compute_cases import list_bytes, make_tasks, misbehave, tabulate


def test_each_table_of_each_task_is_a_file_of_its_own(tmp_path: Path) -> None:
    report = run_many(tabulate, make_tasks(3), folder=tmp_path)
    assert report.is_complete
    assert report.done == ("t-000", "t-001", "t-002")
    assert report.resumed == ()
    assert sorted(list_bytes(tmp_path)) == [
        f"parts/{table}/t-00{number}.parquet" for table in ("numbers", "totals") for number in "012"
    ]
    expected = tabulate({"number": 2})["numbers"]
    assert pl.read_parquet(tmp_path / "parts/numbers/t-002.parquet").equals(expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "job.json",
        "journal.jsonl",
        "parts",
    ]


def test_a_second_run_does_nothing_again(tmp_path: Path) -> None:
    tasks = make_tasks(3)
    run_many(tabulate, tasks, folder=tmp_path)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "parts").rglob("*.parquet")}
    report = run_many(tabulate, tasks, folder=tmp_path)
    assert report.resumed == report.done == ("t-000", "t-001", "t-002")
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_a_task_that_raises_is_reported_and_the_rest_is_kept(tmp_path: Path) -> None:
    tasks = make_tasks(4, misdeeds={1: "raise", 2: "quit"})
    report = run_many(misbehave, tasks, folder=tmp_path)
    assert report.done == ("t-000", "t-003")
    assert not report.is_complete
    raised, quitted = report.failed
    assert raised.key == "t-001"
    assert raised.message.startswith("ValueError: task 1 has no sense (compute_cases.py:")
    assert quitted.message.startswith("SystemExit: enough")


def test_failed_tasks_are_tried_again_by_the_next_run(tmp_path: Path) -> None:
    run_many(misbehave, make_tasks(3, misdeeds={1: "raise"}), folder=tmp_path / "a")
    report = run_many(misbehave, make_tasks(3), folder=tmp_path / "a")
    assert report.resumed == ("t-000", "t-002")
    assert report.is_complete
    run_many(misbehave, make_tasks(3), folder=tmp_path / "b")
    assert list_bytes(tmp_path / "a") == list_bytes(tmp_path / "b")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "gave no tables"),
        ({"Bad name": pl.DataFrame({"a": [1]})}, "'Bad name'"),
        ({"a": 3}, "int for a"),
        ({"a": pl.DataFrame()}, "no columns"),
    ],
)
def test_what_is_no_table_is_a_failure_of_its_task(
    tmp_path: Path, given: object, words: str
) -> None:
    report = run_many(dict, [Task("a", given)], folder=tmp_path)
    assert words in report.failed[0].message
    assert list_bytes(tmp_path) == {}


def test_a_damaged_part_is_made_again(tmp_path: Path) -> None:
    tasks = make_tasks(3)
    run_many(tabulate, tasks, folder=tmp_path)
    before = list_bytes(tmp_path)
    (tmp_path / "parts/numbers/t-001.parquet").write_bytes(b"")
    (tmp_path / "parts/totals/t-002.parquet").unlink()
    report = run_many(tabulate, tasks, folder=tmp_path)
    assert report.resumed == ("t-000",)
    assert list_bytes(tmp_path) == before


def test_a_torn_last_line_costs_its_task_alone(tmp_path: Path) -> None:
    tasks = make_tasks(3)
    run_many(tabulate, tasks, folder=tmp_path)
    before = list_bytes(tmp_path)
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-7])
    report = run_many(tabulate, tasks, folder=tmp_path)
    assert len(report.resumed) == 2
    assert list_bytes(tmp_path) == before
    assert run_many(tabulate, tasks, folder=tmp_path).resumed == report.done


def test_a_line_damaged_in_the_middle_is_named(tmp_path: Path) -> None:
    tasks = make_tasks(3)
    run_many(tabulate, tasks, folder=tmp_path)
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"{]\n" + lines[2])
    with pytest.raises(ArterialError, match=r"journal\.jsonl:2: The line is damaged"):
        run_many(tabulate, tasks, folder=tmp_path)


def test_the_folder_of_a_different_job_is_refused_with_the_difference(tmp_path: Path) -> None:
    run_many(tabulate, make_tasks(2), folder=tmp_path, job="seed 1")
    with pytest.raises(ArterialError, match=r"job: the folder has 'seed 1', this run 'seed 2'"):
        run_many(tabulate, make_tasks(2), folder=tmp_path, job="seed 2")
    with pytest.raises(ArterialError, match="tasks: the folder has 2, this run 3"):
        run_many(tabulate, make_tasks(3), folder=tmp_path, job="seed 1")
    with pytest.raises(ArterialError, match="'compute_cases:misbehave'"):
        run_many(misbehave, make_tasks(2), folder=tmp_path, job="seed 1")


def test_what_killed_processes_left_unfinished_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "unfinished" / "journal" / "numbers.t-000.1234"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    run_many(tabulate, make_tasks(2), folder=tmp_path)
    assert not (tmp_path / "unfinished").exists()


def test_two_processes_do_not_write_one_journal(tmp_path: Path) -> None:
    run_many(tabulate, make_tasks(2), folder=tmp_path)
    with (
        Journal(tmp_path / "journal.jsonl"),
        pytest.raises(ArterialError, match="at work on this run"),
    ):
        run_many(tabulate, make_tasks(2), folder=tmp_path)


def test_progress_counts_what_was_done_before_and_ends_with_nothing_left(tmp_path: Path) -> None:
    told: list[tuple[int, int, float | None]] = []

    def listen(done: int, total: int, seconds_left: float | None) -> None:
        told.append((done, total, seconds_left))

    tasks = make_tasks(4, misdeeds={1: "raise"})
    run_many(misbehave, tasks, folder=tmp_path, report_progress=listen)
    assert [entry[:2] for entry in told] == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert told[0][2] is None
    assert told[1][2] is not None
    assert told[1][2] > 0.0
    assert told[-1][2] == 0.0
    told.clear()
    run_many(misbehave, tasks, folder=tmp_path, report_progress=listen)
    assert [entry[:2] for entry in told] == [(3, 4), (4, 4)]


def test_ctrl_c_finishes_the_task_and_says_how_to_go_on(tmp_path: Path) -> None:
    tasks = make_tasks(4, misdeeds={3: "interrupt"})
    with pytest.raises(StoppedError, match=r"Stopped after 2 of 4 tasks.*run the same again"):
        run_many(misbehave, tasks, folder=tmp_path / "a", executor=SerialExecutor())
    report = run_many(misbehave, make_tasks(4), folder=tmp_path / "a")
    assert report.resumed == ("t-001", "t-003")
    run_many(tabulate, make_tasks(4), folder=tmp_path / "b")
    assert list_bytes(tmp_path / "a") == list_bytes(tmp_path / "b")


def test_a_second_ctrl_c_ends_the_run_at_once_and_it_can_be_resumed(tmp_path: Path) -> None:
    tasks = make_tasks(4, misdeeds={3: "insist"})
    with pytest.raises(KeyboardInterrupt):
        run_many(misbehave, tasks, folder=tmp_path)
    with pytest.raises(ArterialError, match=r"3 of 4 tasks") as caught:
        collect(tmp_path, tasks)
    assert caught.value.faults[0].cause == "Missing: t-000, t-002, t-003."
    assert run_many(misbehave, make_tasks(4), folder=tmp_path).resumed == ("t-001",)
