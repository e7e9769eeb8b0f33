"""Rates and shares of groups that inform each other, in closed form: `learn_rates`, `learn_shares`.

Groups (places, years) are taken for draws from one population: rates from a gamma, shares from a
beta distribution. Mean and spread of the population are unknown; each pair of a grid has a
closed-form posterior of every group, and the marginal likelihood of the counts weighs the pairs
[Gelman 2013]. Reference groups teach the population; a group with little exposure of its own leans
on it. Results are mixtures of gamma or beta distributions, not samples.

Hyperpriors: the logarithm of the population's mean rate is normal around that of the pooled rate,
with a standard deviation of ln 10; the coefficient of variation between groups is half-normal with
scale 1. The population's mean share is uniform from 0 to 1; its sample size k has density
1 / (1 + k)². Both are weak beside three or more groups; beside one they are what is believed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import (
    betainc,
    betaincinv,
    betaln,
    expit,
    gammainc,
    gammaln,
    roots_jacobi,
    roots_legendre,
)

from arterial.errors import LimitError
from arterial.inference.posterior import Numbers

__all__ = ["GroupEstimate", "learn_rates", "learn_shares"]

# Across the level, which groups may tell sharply, and the spread between groups.
_NODES: Final = (101, 31)
_SHRINKINGS: Final = 5
_DEPTH: Final = 18.0
_REPORTING_NODES: Final = 20
_NEGLIGIBLE: Final = 1e-5
# Beyond it the weights of the nodes overflow.
_LARGEST_FOR_JACOBI: Final = 80.0
_LOG_RANGE: Final = 60.0


@dataclass(frozen=True, slots=True)
class GroupEstimate:
    """What is known of a rate or share after the counts.

    Parameters
    ----------
    mean, deviation : float
        Mean and standard deviation, in the unit of the rate.
    low, median, high : float
        Quantiles at 5, 50 and 95 %.
    own_share : float
        Share of the group's own count in its mean, the rest being what the others teach (without
        reporting; 0 without exposure).
    """

    mean: float
    deviation: float
    low: float
    median: float
    high: float
    own_share: float


def learn_rates(
    counts: Numbers,
    exposure: Numbers,
    *,
    reporting: tuple[tuple[float, float], ...] | None = None,
    population: tuple[float, float] | None = None,
) -> tuple[GroupEstimate, ...]:
    """Rate of each group from its count on its exposure and from the other groups.

    The count seen is Poisson(rate x exposure x p), p being the chance that one of them is
    reported; given shape a and rate b of the population, and p, the rate is gamma(a + count,
    b + exposure x p).

    Parameters
    ----------
    counts, exposure : numpy.ndarray
        Events seen and exposure of each group, ``(g,)``; exposure in any one unit, its inverse is
        that of the rates. Exposure 0 asks for the rate of a new group.
    reporting : tuple of (float, float) or None
        Parameters of the beta distribution of p, for each group; None where all are reported.
    population : (float, float) or None
        Shape and rate of the gamma distribution where they are known; None learns them.

    Returns
    -------
    tuple of GroupEstimate
        One a group, in their order.

    Raises
    ------
    LimitError
        When shapes differ, a number is negative, or there is no exposure to learn from.

    Examples
    --------
    Gamma(2, 10) before, 3 events on an exposure of 40: gamma(5, 50) after.

    >>> learn_rates(np.array([3.0]), np.array([40.0]), population=(2.0, 10.0))[0].mean
    0.1
    """
    counts, exposure = _check_groups(counts, exposure, "exposure")
    chances = [_reporting_nodes(one) for one in reporting or (None,) * len(counts)]
    extents = [extent * chance[0] for extent, chance in zip(exposure, chances, strict=True)]

    def weigh(shapes: Numbers, rates: Numbers) -> list[Numbers]:
        """Log likelihood of each group's count, ``(k, p)``, chances of reporting weighed in."""
        return [
            _log_rate_likelihood(shapes, rates, count, extent) + np.log(chance[1])
            for count, extent, chance in zip(counts, extents, chances, strict=True)
        ]

    if population is None:
        shapes, rates, whole = _learn_rate_population(counts, extents, chances, weigh)
    else:
        shapes, rates, whole = np.array([population[0]]), np.array([population[1]]), np.ones(1)
    return tuple(
        _estimate_rate(shapes, rates, (count, extent), whole[:, None] * _share_nodes(each))
        for count, extent, each in zip(counts, extents, weigh(shapes, rates), strict=True)
    )


def learn_shares(
    successes: Numbers, trials: Numbers, *, population: tuple[float, float] | None = None
) -> tuple[GroupEstimate, ...]:
    """Share of each group from its successes in its trials and from the other groups.

    Given the population's beta(a, b), the share is beta(a + successes, b + failures).

    Parameters
    ----------
    successes, trials : numpy.ndarray
        Of each group, ``(g,)``; no trials ask for the share of a new group.
    population : (float, float) or None
        Both parameters of the beta distribution where they are known; None learns them.

    Returns
    -------
    tuple of GroupEstimate
        One a group, in their order.

    Raises
    ------
    LimitError
        When shapes differ, a number is negative, or successes exceed trials.

    Examples
    --------
    Beta(1, 1) before, 3 of 8: beta(4, 6) after.

    >>> learn_shares(np.array([3.0]), np.array([8.0]), population=(1.0, 1.0))[0].mean
    0.4
    """
    successes, trials = _check_groups(successes, trials, "trials")
    if (successes > trials).any():
        message = "Successes exceed trials: give counts of which each is a part of its trials."
        raise LimitError(message)
    if population is None:
        first, second, whole = _learn_share_population(successes, trials)
    else:
        first, second, whole = np.array([population[0]]), np.array([population[1]]), np.ones(1)
    return tuple(
        _estimate_share(first, second, (won, tried), whole)
        for won, tried in zip(successes, trials, strict=True)
    )


def _check_groups(counts: Numbers, extent: Numbers, what: str) -> tuple[Numbers, Numbers]:
    counts, extent = np.asarray(counts, float), np.asarray(extent, float)
    if (
        counts.ndim != 1
        or counts.shape != extent.shape
        or not (np.isfinite(counts) & np.isfinite(extent)).all()
        or min(counts.min(initial=0.0), extent.min(initial=0.0)) < 0.0
        or ((counts > 0.0) & (extent == 0.0)).any()
    ):
        message = (
            f"Counts of shape {counts.shape} and {what} of shape {extent.shape} teach nothing: "
            f"give each group a count and {what}, not negative, and no count without {what}."
        )
        raise LimitError(message)
    return counts, extent


def _reporting_nodes(reporting: tuple[float, float] | None) -> tuple[Numbers, Numbers]:
    """Chances of being reported and their weights, by Gauss quadrature of the beta distribution."""
    if reporting is None:
        return np.ones(1), np.ones(1)
    first, second = reporting
    if min(first, second) <= 0.0:
        message = f"A chance of being reported is beta({first}, {second}): give numbers above 0."
        raise LimitError(message)
    if max(first, second) > _LARGEST_FOR_JACOBI:
        nodes, weights = roots_legendre(_REPORTING_NODES)
        return betaincinv(first, second, 0.5 * (nodes + 1.0)), 0.5 * weights
    nodes, weights = roots_jacobi(_REPORTING_NODES, second - 1.0, first - 1.0)
    return 0.5 * (nodes + 1.0), weights / weights.sum()


def _learn_rate_population(
    counts: Numbers,
    extents: list[Numbers],
    chances: list[tuple[Numbers, Numbers]],
    weigh: Callable[[Numbers, Numbers], list[Numbers]],
) -> tuple[Numbers, Numbers, Numbers]:
    """Shapes and rates of the population's gamma distribution and their weights, ``(k,)``."""
    extent = sum(float(one @ chance[1]) for one, chance in zip(extents, chances, strict=True))
    if extent == 0.0:
        message = "Rates without any exposure: give the exposure of one group at least."
        raise LimitError(message)
    # Half an event, so that a pooled rate of none has a logarithm.
    pooled = float(np.log((counts.sum() + 0.5) / extent))

    def log_density(log_mean: Numbers, log_shape: Numbers) -> Numbers:
        shapes: Numbers = np.exp(log_shape)
        variation = np.exp(-0.5 * log_shape)
        log_prior: Numbers = -0.5 * ((log_mean - pooled) / np.log(10.0)) ** 2
        log_prior += np.log(variation) - 0.5 * variation**2
        seen = weigh(shapes, shapes / np.exp(log_mean))
        for one in seen:
            log_prior += np.logaddexp.reduce(one, axis=1)
        return log_prior

    box = ((pooled - 12.0, pooled + 12.0), (-6.0, 24.0))
    log_mean, log_shape, weights = _integrate(log_density, box)
    return np.exp(log_shape), np.exp(log_shape - log_mean), weights


def _learn_share_population(
    successes: Numbers, trials: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Parameters of the population's beta distribution and their weights, ``(k,)``."""

    def split(logit: Numbers, log_size: Numbers) -> tuple[Numbers, Numbers]:
        size = np.exp(log_size)
        return size * expit(logit), size * expit(-logit)

    def log_density(logit: Numbers, log_size: Numbers) -> Numbers:
        first, second = split(logit, log_size)
        log_prior = np.log(expit(logit) * expit(-logit)) + log_size
        log_prior -= 2.0 * np.log1p(np.exp(log_size))
        for won, tried in zip(successes, trials, strict=True):
            log_prior += betaln(first + won, second + tried - won) - betaln(first, second)
        return log_prior

    logit, log_size, weights = _integrate(log_density, ((-14.0, 14.0), (-10.0, 20.0)))
    return *split(logit, log_size), weights


def _integrate(
    log_density: Callable[[Numbers, Numbers], Numbers],
    box: tuple[tuple[float, float], tuple[float, float]],
) -> tuple[Numbers, Numbers, Numbers]:
    """Nodes and weights over the part of a box that holds the mass, ``(k,)`` each.

    The box shrinks to where the density is above e^-18 of its maximum, until it stays.
    """
    for _ in range(_SHRINKINGS):
        axes = [np.linspace(*side, nodes) for side, nodes in zip(box, _NODES, strict=True)]
        first, second = (grid.ravel() for grid in np.meshgrid(*axes, indexing="ij"))
        log_values = log_density(first, second)
        held = log_values > log_values.max() - _DEPTH
        box = (
            _shrink(box[0], axes[0], first[held]),
            _shrink(box[1], axes[1], second[held]),
        )
    weights = np.exp(log_values - log_values.max())
    return first, second, weights / weights.sum()


def _shrink(side: tuple[float, float], axis: Numbers, held: Numbers) -> tuple[float, float]:
    """Ends of what is held, one step of the axis wider, inside the side."""
    step = axis[1] - axis[0]
    return max(side[0], float(held.min() - step)), min(side[1], float(held.max() + step))


def _log_rate_likelihood(shapes: Numbers, rates: Numbers, count: float, extent: Numbers) -> Numbers:
    """Negative binomial log probability of a count, ``(k, p)``, without what only it decides."""
    shapes, rates = shapes[:, None], rates[:, None]
    given: Numbers = (
        gammaln(shapes + count)
        - gammaln(shapes)
        + shapes * np.log(rates)
        - (shapes + count) * np.log(rates + extent)
        + (count * np.log(np.maximum(extent, 1e-300)) if count else 0.0)
    )
    return given


def _share_nodes(log_likelihood: Numbers) -> Numbers:
    """Weight of each chance of being reported, given the population, ``(k, p)``."""
    weights = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    shared: Numbers = weights / weights.sum(axis=1, keepdims=True)
    return shared


def _estimate_rate(
    shapes: Numbers, rates: Numbers, seen: tuple[float, Numbers], weights: Numbers
) -> GroupEstimate:
    count, extent = seen
    rate = rates[:, None] + extent
    shape = np.broadcast_to(shapes[:, None] + count, rate.shape)
    own = float((weights * (extent / rate)).sum())
    return _describe(
        weights,
        (shape / rate, shape / rate**2),
        own,
        lambda kept, value: np.asarray(gammainc(shape[kept], rate[kept] * value), float),
    )


def _estimate_share(
    first: Numbers, second: Numbers, seen: tuple[float, float], weights: Numbers
) -> GroupEstimate:
    won, tried = seen
    one, other = first + won, second + tried - won
    total = one + other
    return _describe(
        weights,
        (one / total, one * other / (total**2 * (total + 1.0))),
        float(weights @ (tried / total)),
        lambda kept, value: np.asarray(betainc(one[kept], other[kept], min(value, 1.0)), float),
    )


def _describe(
    weights: Numbers,
    moments: tuple[Numbers, Numbers],
    own_share: float,
    below: Callable[[NDArray[np.bool_], float], Numbers],
) -> GroupEstimate:
    """Mean, deviation and quantiles of a mixture, by the distribution function of its parts."""
    means, variances = moments
    mean = float((weights * means).sum())
    deviation = float(np.sqrt((weights * (variances + (means - mean) ** 2)).sum()))
    # Light parts, of a negligible sum, would cost most of the time.
    rising = np.sort(weights, axis=None)
    kept = weights >= rising[np.searchsorted(np.cumsum(rising), _NEGLIGIBLE * rising.sum())]
    heavy = weights[kept] / weights[kept].sum()

    def find_quantile(level: float) -> float:
        def exceed(log_value: float) -> float:
            return float(heavy @ below(kept, float(np.exp(log_value)))) - level

        # No more than mean / (1 - level), by Markov's inequality.
        low, high = np.log(mean) - _LOG_RANGE, np.log(mean / (1.0 - level)) + 1.0
        return 0.0 if exceed(low) >= 0.0 else float(np.exp(brentq(exceed, low, high, xtol=1e-10)))

    low, median, high = (find_quantile(level) for level in (0.05, 0.5, 0.95))
    return GroupEstimate(mean, deviation, low, median, high, own_share)
