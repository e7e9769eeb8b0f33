"""Streams of random numbers: the same everywhere, and apart from one another."""

import hashlib

import numpy as np
import pytest

from arterial.errors import LimitError
from arterial.randomness import stream


def test_the_same_name_gives_the_same_numbers() -> None:
    assert np.array_equal(stream(7, "delay", 3).random(100), stream(7, "delay", 3).random(100))


@pytest.mark.parametrize("other", [(8, "delay", 3), (7, "delays", 3), (7, "delay", 4)])
def test_another_seed_purpose_or_draw_gives_other_numbers(other: tuple[int, str, int]) -> None:
    assert not np.array_equal(stream(7, "delay", 3).random(8), stream(*other).random(8))


def test_the_key_is_the_hash_of_seed_draw_and_purpose() -> None:
    digest = hashlib.sha256(b"7\x003\x00delay").digest()
    words = [int.from_bytes(digest[start : start + 8], "little") for start in (0, 8)]
    by_hand = np.random.Generator(np.random.Philox(key=np.array(words, dtype=np.uint64)))
    assert stream(7, "delay", 3).random() == by_hand.random()


def test_the_order_of_streams_does_not_matter() -> None:
    forward = [stream(1, "order", draw).random() for draw in range(5)]
    backward = [stream(1, "order", draw).random() for draw in reversed(range(5))]
    assert forward == backward[::-1]


def test_numbers_of_many_draws_fill_the_unit_interval_evenly() -> None:
    first = np.array([stream(1, "even", draw).random() for draw in range(2000)])
    # The mean of 2,000 uniform numbers has a standard deviation of 0.0065.
    assert abs(first.mean() - 0.5) < 0.03


@pytest.mark.parametrize("bad", [(-1, "x", 0), (1, "", 0), (1, "x", -1)])
def test_a_stream_without_a_name_is_refused(bad: tuple[int, str, int]) -> None:
    with pytest.raises(LimitError, match="A stream needs"):
        stream(*bad)
