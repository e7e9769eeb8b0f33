"""How work is cut into tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.compute import split_chunks
from arterial.errors import LimitError


@given(st.integers(0, 500), st.integers(1, 60), st.integers(0, 100))
def test_more_items_leave_earlier_full_chunks_as_they_were(
    count: int, chunk: int, more: int
) -> None:
    before, after = split_chunks(count, chunk), split_chunks(count + more, chunk)
    full = count // chunk
    assert before[:full] == after[:full]
    assert [item for run in after for item in run] == list(range(count + more))


def test_cuts_into_nothing_are_refused() -> None:
    with pytest.raises(LimitError):
        split_chunks(-1, 2)
