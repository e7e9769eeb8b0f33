"""How work is cut into tasks."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.compute import choose_chunk, settle_chunk, split_chunks, split_evenly
from arterial.errors import LimitError


@given(st.integers(0, 500), st.integers(1, 60))
def test_even_parts_cover_everything_once_and_differ_by_one(count: int, parts: int) -> None:
    cut = split_evenly(count, parts)
    assert [item for run in cut for item in run] == list(range(count))
    sizes = [len(run) for run in cut]
    assert len(sizes) == min(count, parts)
    assert not sizes or (min(sizes) >= max(sizes) - 1 and sizes == sorted(sizes, reverse=True))


@given(st.integers(0, 500), st.integers(1, 60), st.integers(0, 100))
def test_more_items_leave_earlier_full_chunks_as_they_were(
    count: int, chunk: int, more: int
) -> None:
    before, after = split_chunks(count, chunk), split_chunks(count + more, chunk)
    full = count // chunk
    assert before[:full] == after[:full]
    assert [item for run in after for item in run] == list(range(count + more))


@given(st.floats(1e-7, 3.0))
def test_chosen_chunks_last_one_to_five_seconds(seconds_per_item: float) -> None:
    assert 1.0 <= choose_chunk(seconds_per_item) * seconds_per_item <= 5.0


def test_items_of_a_minute_are_a_chunk_each() -> None:
    assert choose_chunk(60.0) == 1


def test_the_chunk_settled_first_holds_for_all_who_come_later(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert settle_chunk(folder, 0.01) == 256
    assert settle_chunk(folder, 0.5) == 256
    assert [path.name for path in folder.iterdir()] == ["chunk.txt"]


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_a_time_that_cannot_be_is_refused(seconds: float) -> None:
    with pytest.raises(LimitError, match="cannot take"):
        choose_chunk(seconds)


def test_cuts_into_nothing_are_refused() -> None:
    with pytest.raises(LimitError):
        split_evenly(3, 0)
    with pytest.raises(LimitError):
        split_chunks(-1, 2)
