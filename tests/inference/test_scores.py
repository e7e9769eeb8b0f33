"""Scores and weights of options: by their definitions, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from arterial.errors import LimitError
from arterial.inference import (
    PROBABILITY_BANDS,
    crps,
    find_band,
    score_probabilities,
    weigh_options,
)

PROBABILITIES = st.floats(0.0, 1.0)
FORECASTS = st.lists(st.tuples(PROBABILITIES, st.sampled_from([0.0, 1.0])), min_size=1)


def test_bayes_factors_turn_prior_odds_into_posterior_odds() -> None:
    weighed = weigh_options(
        np.log([0.02, 0.01, 0.005]), np.array([1.0, 2.0, 1.0]), np.array([0.03, 0.04, 0.0])
    )
    assert weighed.bayes_factor[0, 1] == pytest.approx(2.0, rel=1e-12)
    assert weighed.probability == pytest.approx(np.array([4.0, 4.0, 1.0]) / 9.0, rel=1e-12)
    assert weighed.log_error[0, 1] == pytest.approx(0.05, rel=1e-12)


def test_an_impossible_option_loses_all_weight() -> None:
    weighed = weigh_options(np.array([-np.inf, -1e5]), np.array([0.9, 0.1]))
    assert weighed.probability.tolist() == [0.0, 1.0]
    assert weighed.bayes_factor[0, 1] == 0.0
    assert weighed.bayes_factor[1, 0] == np.inf


@pytest.mark.parametrize(
    ("log_evidence", "prior"),
    [([0.0], [1.0, 1.0]), ([0.0, 0.0], [1.0, -1.0]), ([-np.inf, 0.0], [1.0, 0.0])],
)
def test_options_that_cannot_be_weighed_are_refused(
    log_evidence: list[float], prior: list[float]
) -> None:
    with pytest.raises(LimitError, match=r"give each|add an option"):
        weigh_options(np.array(log_evidence), np.array(prior))


def test_the_bands_are_those_of_icd_203() -> None:
    assert [low for low, _ in PROBABILITY_BANDS] == [0.01, 0.05, 0.2, 0.45, 0.55, 0.8, 0.95]
    found = [find_band(value) for value in (0.0, 0.049, 0.05, 0.3, 0.45, 0.55, 0.56, 0.9, 0.96, 1)]
    assert found == [0, 0, 1, 2, 3, 3, 4, 5, 6, 6]


@given(st.integers(0, 999))
def test_the_contrary_of_a_band_is_its_mirror(step: int) -> None:
    assert find_band((2000 - 2 * step - 1) / 2000) == 6 - find_band((2 * step + 1) / 2000)


@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan])
def test_what_is_no_probability_has_no_band(bad: float) -> None:
    with pytest.raises(LimitError, match="no probability"):
        find_band(bad)


@given(FORECASTS)
def test_the_parts_of_a_brier_score_add_up(forecasts: list[tuple[float, float]]) -> None:
    said, came = (np.array(column) for column in zip(*forecasts, strict=True))
    score = score_probabilities(said, came)
    assert score.score == pytest.approx(np.mean((said - came) ** 2), rel=1e-9)
    parts = score.reliability - score.resolution + score.uncertainty
    assert parts == pytest.approx(score.score, rel=1e-9, abs=1e-12)
    assert score.reliability >= 0.0


def test_a_calibrated_forecaster_is_reliable_and_a_constant_one_resolves_nothing() -> None:
    said = np.repeat([0.1, 0.9], 10)
    came = np.repeat([0.0, 1.0, 0.0, 1.0], [9, 1, 1, 9])
    score = score_probabilities(said, came)
    assert score.reliability == pytest.approx(0.0, abs=1e-12)
    # Murphy's resolution: shares 0.1 and 0.9 around 0.5.
    assert score.resolution == pytest.approx(0.16, rel=1e-9)
    constant = score_probabilities(np.full(20, 0.5), came)
    assert constant.resolution == pytest.approx(0.0, abs=1e-12)


@given(
    values=arrays(float, st.integers(1, 12), elements=st.floats(-1e3, 1e3)),
    truth=st.floats(-1e3, 1e3),
    seed=st.integers(0, 99),
)
def test_the_crps_is_the_mean_distance_less_half_the_mean_difference(
    values: np.ndarray, truth: float, seed: int
) -> None:
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(values)))
    pairs = np.abs(values[:, None] - values[None, :])
    exact = weights @ np.abs(values - truth) - 0.5 * weights @ pairs @ weights
    assert crps(values, weights, truth) == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_the_crps_of_a_normal_forecast_is_the_known_one() -> None:
    values = np.random.default_rng(1).standard_normal(200_000)
    # 2 phi(0) - 1 / sqrt(pi) for the truth at the mean.
    found = crps(values, np.full(200_000, 1.0 / 200_000), 0.0)
    assert found == pytest.approx(0.23369, abs=0.003)


def test_forecasts_and_samples_that_have_no_score_are_refused() -> None:
    with pytest.raises(LimitError, match="outcome, 0 or 1"):
        score_probabilities(np.array([0.5]), np.array([0.5]))
    with pytest.raises(LimitError, match="one weight"):
        crps(np.array([1.0]), np.array([-1.0]), 0.0)
