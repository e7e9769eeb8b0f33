"""Indices of given draws: functions whose indices are known, and what must not happen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from arterial.errors import LimitError
from arterial.inference import rank_unknowns
from arterial.randomness import stream

DRAWS = 100_000


def test_the_ishigami_function_within_two_hundredths() -> None:
    scores = stream(1, "ishigami").standard_normal((DRAWS, 5))
    first, second, third = (np.pi * (2.0 * ndtr(scores[:, :3]) - 1.0)).T
    result = np.sin(first) + 7.0 * np.sin(second) ** 2 + 0.1 * third**4 * np.sin(first)
    # Variances of its parts, in closed form.
    parts = np.array(
        [0.5 * (1.0 + 0.1 * np.pi**4 / 5.0) ** 2, 49.0 / 8.0, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)]
    )
    exact = parts / parts.sum()
    ranking = rank_unknowns(scores, result)
    assert ranking.order[:2].tolist() == [1, 0]
    expected = [exact[0], exact[1], 0.0, 0.0, 0.0]
    assert np.allclose(ranking.first_order, expected, rtol=0.0, atol=0.02)
    strongest = ranking.pairs[0]
    assert {strongest.first, strongest.second} == {0, 2}
    assert strongest.index == pytest.approx(exact[2], abs=0.02)
    assert all(abs(pair.index) < 0.02 for pair in ranking.pairs[1:])
    assert ranking.error.max() < 0.01


def test_the_g_function_within_two_hundredths() -> None:
    weights = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
    scores = stream(2, "g").standard_normal((DRAWS, 8))
    result = np.prod((np.abs(4.0 * ndtr(scores) - 2.0) + weights) / (1.0 + weights), axis=1)
    own = 1.0 / (3.0 * (1.0 + weights) ** 2)
    whole = np.prod(1.0 + own) - 1.0
    ranking = rank_unknowns(scores, result)
    assert np.allclose(ranking.first_order, own / whole, rtol=0.0, atol=0.02)
    assert ranking.order[:4].tolist() == [0, 1, 2, 3]
    for pair in ranking.pairs:
        exact = own[pair.first] * own[pair.second] / whole
        assert pair.index == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("draws", [400, 2000, 20_000])
def test_what_does_not_matter_has_an_index_of_zero_within_its_error(draws: int) -> None:
    """Without the correction 2,000 draws in 20 bins would give each a hundredth."""
    rng = stream(3, "nothing", draws)
    scores, result = rng.standard_normal((draws, 200)), rng.standard_normal(draws)
    ranking = rank_unknowns(scores, result)
    error_of_mean = np.sqrt(np.mean(ranking.error**2) / 200)
    assert abs(ranking.first_order.mean()) < 4.0 * error_of_mean
    assert ranking.first_order.std() < 2.0 * np.sqrt(np.mean(ranking.error**2))


def test_errors_are_as_they_say() -> None:
    found = []
    for seed in range(40):
        scores = stream(seed, "errors").standard_normal((4000, 2))
        ranking = rank_unknowns(scores, scores[:, 0] + scores[:, 1] ** 2)
        found.append((ranking.first_order[0], ranking.error[0]))
    index, error = np.array(found).T
    assert 0.7 < index.std() / np.sqrt(np.mean(error**2)) < 1.4
    assert index.mean() == pytest.approx(1.0 / 3.0, abs=0.02)


@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-1e6, 1e6), seed=st.integers(0, 50))
@settings(max_examples=20)
def test_unit_and_zero_of_the_result_do_not_matter(scale: float, shift: float, seed: int) -> None:
    scores = stream(seed, "unit").standard_normal((500, 4))
    result = scores[:, 0] + 0.3 * scores[:, 1] * scores[:, 2]
    one, other = rank_unknowns(scores, result), rank_unknowns(scores, scale * (result + shift))
    assert np.allclose(one.first_order, other.first_order, rtol=0.0, atol=1e-5)


def test_single_precision_and_column_order_give_the_same() -> None:
    scores = stream(4, "precision").standard_normal((2000, 20)).astype(np.float32)
    result = (scores[:, 3] > 0.5).astype(float)
    one = rank_unknowns(scores, result)
    other = rank_unknowns(np.asfortranarray(scores), result)
    assert np.array_equal(one.first_order, other.first_order)
    assert one.order[0] == 3


def test_a_result_that_does_not_vary_has_no_cause() -> None:
    ranking = rank_unknowns(stream(5, "constant").standard_normal((500, 3)), np.full(500, 0.1))
    assert ranking.first_order.tolist() == [0.0, 0.0, 0.0]
    assert all(pair.index == 0.0 for pair in ranking.pairs)


@pytest.mark.parametrize(
    ("scores", "result"),
    [
        (np.zeros((399, 2)), np.zeros(399)),
        (np.zeros((500, 2)), np.zeros(499)),
        (np.zeros((500, 2)), np.full(500, np.nan)),
    ],
)
def test_what_cannot_be_ranked_is_refused(scores: np.ndarray, result: np.ndarray) -> None:
    with pytest.raises(LimitError, match=r"give one|leave out"):
        rank_unknowns(scores, result)
