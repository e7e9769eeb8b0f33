"""Shards of a run, and how they are brought together."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.compute import PoolExecutor, ShardExecutor, collect, run_many
from arterial.compute.executors import claim_shard
from arterial.errors import ArterialError, LimitError
from compute_cases import list_bytes, make_tasks, misbehave, tabulate


@given(st.sets(st.text("abc0", min_size=1), max_size=30), st.integers(1, 9))
def test_shards_share_out_every_key_once_whatever_the_order(keys: set[str], count: int) -> None:
    listed = sorted(keys, reverse=True)
    shares = [claim_shard(listed, index, count) for index in range(1, count + 1)]
    assert sorted(key for share in shares for key in share) == sorted(keys)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_shards_together_leave_the_files_of_a_serial_run(tmp_path: Path) -> None:
    tasks = make_tasks(7)
    run_many(tabulate, tasks, folder=tmp_path / "serial")
    for index in (3, 1, 2):
        report = run_many(tabulate, tasks, folder=tmp_path / "b", executor=ShardExecutor(index, 3))
        assert report.is_complete
    assert collect(tmp_path / "b", tasks).done == tuple(sorted(task.key for task in tasks))
    assert list_bytes(tmp_path / "b") == list_bytes(tmp_path / "serial")


def test_missing_shards_are_named_with_their_tasks(tmp_path: Path) -> None:
    tasks = make_tasks(7)
    for index in (1, 3):
        run_many(tabulate, tasks, folder=tmp_path, executor=ShardExecutor(index, 3))
    (tmp_path / "parts/totals/t-005.parquet").unlink()
    with pytest.raises(ArterialError) as caught:
        collect(tmp_path, tasks)
    assert caught.value.message.startswith("3 of 7 tasks")
    second, third = caught.value.faults
    assert second.cause == (
        "Shard 2 of 3 has not been run: 2 of its 2 tasks are missing (t-001, t-004)."
    )
    assert second.cure == "Run shard 2/3 again."
    assert third.cause.startswith("Shard 3 of 3 is unfinished: 1 of its 2 tasks")


def test_collecting_reports_failed_tasks_of_all_shards(tmp_path: Path) -> None:
    tasks = make_tasks(4, misdeeds={1: "raise"})
    for index in (1, 2):
        run_many(misbehave, tasks, folder=tmp_path, executor=ShardExecutor(index, 2))
    report = collect(tmp_path, tasks)
    assert [failure.key for failure in report.failed] == ["t-001"]
    assert report.done == ("t-000", "t-002", "t-003")


def test_a_whole_run_goes_on_from_what_shards_did(tmp_path: Path) -> None:
    tasks = make_tasks(4)
    shard = ShardExecutor(1, 2, PoolExecutor(1))
    assert run_many(tabulate, tasks, folder=tmp_path, executor=shard).done == ("t-000", "t-002")
    assert run_many(tabulate, tasks, folder=tmp_path).resumed == ("t-000", "t-002")
    assert collect(tmp_path, tasks).is_complete


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "1/0", "-1/2"])
def test_a_shard_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(LimitError, match="shard"):
        ShardExecutor.from_text(text)


def test_a_shard_is_read_from_the_command_line() -> None:
    assert ShardExecutor.from_text(" 2/8 ") == ShardExecutor(2, 8)
