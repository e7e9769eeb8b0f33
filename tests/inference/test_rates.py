"""Rates and shares: equal to their closed forms, and what groups teach each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from arterial.errors import LimitError
from arterial.inference import GroupEstimate, learn_rates, learn_shares

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=5)
POSITIVE = st.floats(0.1, 50.0)


def hold_against(estimate: GroupEstimate, exact: stats.rv_continuous, rtol: float = 1e-9) -> None:
    assert estimate.mean == pytest.approx(exact.mean(), rel=rtol)
    assert estimate.deviation == pytest.approx(exact.std(), rel=rtol)
    found = (estimate.low, estimate.median, estimate.high)
    assert found == pytest.approx(exact.ppf([0.05, 0.5, 0.95]), rel=max(rtol, 1e-7))


@given(counts=COUNTS, shape=POSITIVE, rate=POSITIVE, extent=st.floats(0.01, 1e4))
def test_rates_of_a_known_population_are_gamma(
    counts: list[int], shape: float, rate: float, extent: float
) -> None:
    exposure = extent * (1.0 + np.arange(len(counts)))
    learned = learn_rates(np.array(counts, float), exposure, population=(shape, rate))
    for one, count, own in zip(learned, counts, exposure, strict=True):
        hold_against(one, stats.gamma(shape + count, scale=1.0 / (rate + own)))
        assert one.own_share == pytest.approx(own / (rate + own), rel=1e-9)


@given(trials=COUNTS, first=POSITIVE, second=POSITIVE, part=st.floats(0.0, 1.0))
def test_shares_of_a_known_population_are_beta(
    trials: list[int], first: float, second: float, part: float
) -> None:
    successes = np.floor(part * np.array(trials, float))
    learned = learn_shares(successes, np.array(trials, float), population=(first, second))
    for one, won, tried in zip(learned, successes, trials, strict=True):
        hold_against(one, stats.beta(first + won, second + tried - won))


def test_a_chance_of_reporting_known_for_certain_only_cuts_the_exposure() -> None:
    seen, exposure = np.array([5.0]), np.array([25.0])
    learned = learn_rates(seen, exposure, reporting=((2e7, 8e7),), population=(2.0, 3.0))
    hold_against(learned[0], stats.gamma(7.0, scale=1.0 / (3.0 + 0.2 * 25.0)), rtol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 5, 40])
@pytest.mark.parametrize("reporting", [(2.0, 8.0), (1.0, 1.0), (0.5, 0.5), (20.0, 3.0)])
def test_an_uncertain_chance_of_reporting_is_integrated(
    count: int, reporting: tuple[float, float]
) -> None:
    """Against quadrature over the chance of the closed form given it."""
    shape, rate, exposure = 2.0, 3.0, 25.0
    first, second = reporting

    def weigh(chance: float, power: int) -> float:
        extent = rate + exposure * chance
        mean = ((shape + count) / extent) ** power
        # The beta density without its ends, which the quadrature knows as a weight.
        return chance**count * extent ** -(shape + count) * mean

    def moment(power: int) -> float:
        return integrate.quad(
            weigh, 0.0, 1.0, args=(power,), weight="alg", wvar=(first - 1.0, second - 1.0)
        )[0]

    learned = learn_rates(
        np.array([float(count)]),
        np.array([exposure]),
        reporting=(reporting,),
        population=(shape, rate),
    )
    assert learned[0].mean == pytest.approx(moment(1) / moment(0), rel=1e-6)


def integrate_rate_population(counts: np.ndarray, exposure: np.ndarray, group: int) -> float:
    """Posterior mean of a group's rate by brute force over a fine grid of the hyperparameters."""
    pooled = np.log((counts.sum() + 0.5) / exposure.sum())
    log_mean = np.linspace(pooled - 9.0, pooled + 9.0, 3001)[:, None]
    variation = np.exp(np.linspace(-8.0, 2.5, 401))[None, :]
    shape = variation**-2.0
    rate = shape / np.exp(log_mean)
    log_weight = stats.norm.logpdf(log_mean, pooled, np.log(10.0)) + np.log(variation)
    log_weight = log_weight + stats.halfnorm.logpdf(variation)
    for count, extent in zip(counts, exposure, strict=True):
        log_weight = log_weight + stats.nbinom.logpmf(count, shape, rate / (rate + extent))
    weight = np.exp(log_weight - log_weight.max())
    means = (shape + counts[group]) / (rate + exposure[group])
    return float((weight * means).sum() / weight.sum())


@pytest.mark.parametrize(
    ("counts", "exposure"),
    [
        ([3, 10, 0], [100.0, 400.0, 20.0]),
        ([1], [10.0]),
        ([0, 0], [5.0, 50.0]),
        ([900, 1100, 950, 3], [1000.0, 1000.0, 1000.0, 1.0]),
    ],
)
def test_a_population_of_rates_is_learned_by_its_marginal_likelihood(
    counts: list[int], exposure: list[float]
) -> None:
    seen, extent = np.array(counts, float), np.array(exposure)
    learned = learn_rates(seen, extent)
    for group, one in enumerate(learned):
        assert one.mean == pytest.approx(integrate_rate_population(seen, extent, group), rel=1e-3)
        assert one.low < one.median < one.high


def test_a_population_of_shares_is_learned_by_its_marginal_likelihood() -> None:
    won, tried = np.array([9.0, 8.0, 10.0, 1.0]), np.array([10.0, 10.0, 10.0, 2.0])
    mean = (np.arange(2000) + 0.5)[:, None] / 2000
    part = (np.arange(2000) + 0.5)[None, :] / 2000
    size = part / (1.0 - part)
    log_weight = np.zeros((2000, 2000))
    for one, every in zip(won, tried, strict=True):
        first, second = mean * size, (1.0 - mean) * size
        log_weight += special.betaln(first + one, second + every - one)
        log_weight -= special.betaln(first, second)
    weight = np.exp(log_weight - log_weight.max())
    exact = (weight * (mean * size + won[3]) / (size + tried[3])).sum() / weight.sum()
    assert learn_shares(won, tried)[3].mean == pytest.approx(exact, rel=2e-3)


def test_a_group_without_exposure_has_the_rate_of_the_others() -> None:
    learned = learn_rates(np.array([20.0, 22.0, 18.0, 0.0]), np.array([10.0, 10.0, 10.0, 0.0]))
    assert learned[3].own_share == 0.0
    assert learned[3].mean == pytest.approx(2.0, rel=0.2)
    assert learned[3].high - learned[3].low > learned[0].high - learned[0].low


@pytest.mark.parametrize("factor", [0.001, 7.0, 8760.0])
def test_the_unit_of_exposure_does_not_matter(factor: float) -> None:
    counts, exposure = np.array([3.0, 0.0, 12.0]), np.array([2.0, 1.0, 3.0])
    one, other = learn_rates(counts, exposure), learn_rates(counts, factor * exposure)
    for here, there in zip(one, other, strict=True):
        assert there.median * factor == pytest.approx(here.median, rel=1e-6)


@pytest.mark.parametrize(
    ("counts", "extent"),
    [([1.0], [0.0]), ([-1.0], [1.0]), ([1.0, 2.0], [1.0]), ([np.nan], [1.0]), ([0.0], [0.0])],
)
def test_counts_that_teach_nothing_are_refused(counts: list[float], extent: list[float]) -> None:
    with pytest.raises(LimitError, match="give"):
        learn_rates(np.array(counts), np.array(extent))


def test_more_successes_than_trials_and_impossible_reporting_are_refused() -> None:
    with pytest.raises(LimitError, match="exceed"):
        learn_shares(np.array([3.0]), np.array([2.0]))
    with pytest.raises(LimitError, match="above 0"):
        learn_rates(np.array([3.0]), np.array([2.0]), reporting=((0.0, 1.0),))
