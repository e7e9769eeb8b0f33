"""Maximum likelihood of a shape and a scale, with intervals from the curvature of the likelihood.

The main function is `fit_shape_and_scale`. Both are fitted as logarithms, so that intervals never
reach zero; `Estimate` holds a value with its ends. The likelihoods are written here, on
scipy.optimize, because the usual package for them, lifelines, excludes pandas 3.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.errors import LimitError

__all__ = [
    "CONFIDENCE",
    "MINIMUM_FAILURES",
    "Estimate",
    "ShapeAndScale",
    "check_failures_count",
    "fit_shape_and_scale",
    "ratio_p_value",
]

CONFIDENCE: Final = 0.9
"""Share of samples whose interval covers the true value, unless another is asked for."""

MINIMUM_FAILURES: Final = 5
"""Fewest failures that are fitted; with fewer the shape is known to a factor of 3 at best."""

_LARGEST_SHAPE: Final = 50.0
# Longer steps miss the curvature; shorter ones, squared below the line, leave no digits.
_STEP: Final = 1e-4
_Objective = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A fitted value and the ends of its confidence interval.

    Parameters
    ----------
    value, low, high : float
        Value and ends, in its unit.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ShapeAndScale:
    """Fitted shape and scale with the likelihood that they reach.

    Parameters
    ----------
    shape, scale_y : Estimate
        Shape, and scale [y].
    log_likelihood : float
        At the fit.
    covariance : numpy.ndarray
        Of the logarithms of shape and scale, ``(2, 2)``.
    confidence : float
        Confidence of the intervals.
    """

    shape: Estimate
    scale_y: Estimate
    log_likelihood: float
    covariance: NDArray[np.float64]
    confidence: float

    def derive(self, value: float, log_slopes: Sequence[float]) -> Estimate:
        """Estimate of a positive quantity that follows from shape and scale (delta method).

        Parameters
        ----------
        value : float
            The quantity at the fit.
        log_slopes : sequence of float
            Slopes of its logarithm with the logarithms of shape and scale, ``(2,)``.
        """
        slopes = np.asarray(log_slopes)
        return _spread(value, float(slopes @ self.covariance @ slopes), self.confidence)


def check_failures_count(count: int, what: str) -> None:
    """Refuse to fit fewer than `MINIMUM_FAILURES` failures.

    Raises
    ------
    LimitError
        With what to do instead.
    """
    if count < MINIMUM_FAILURES:
        message = (
            f"{what} hold {count} failures; a fit needs at least {MINIMUM_FAILURES}. Add records, "
            "put like kinds together, or keep the values of the parameter set."
        )
        raise LimitError(message)


def fit_shape_and_scale(
    log_likelihood: _Objective,
    *,
    start_scale_y: float,
    start_shape: float = 1.0,
    confidence: float = CONFIDENCE,
) -> ShapeAndScale:
    """Find the shape and scale of greatest likelihood, with intervals on a log scale.

    The intervals are value x exp(± z s), where s² is the diagonal of the inverse of the observed
    Fisher information in the logarithms [Meeker 1998].

    Parameters
    ----------
    log_likelihood : callable
        Takes shape and scale.
    start_scale_y, start_shape : float
        Where the search begins.
    confidence : float
        Confidence of the intervals, between 0 and 1.

    Returns
    -------
    ShapeAndScale
        The fit.

    Raises
    ------
    LimitError
        When the records do not determine both.
    """
    from scipy.optimize import minimize

    def cost(logs: NDArray[np.float64]) -> float:
        # The simplex steps far out at times, where the exponential overflows.
        shape, scale = np.exp(np.clip(logs, -30.0, 30.0))
        value = log_likelihood(float(shape), float(scale))
        # Large, not infinite: differences of infinite costs are no numbers.
        return -value if math.isfinite(value) else 1e300

    start = np.log([start_shape, start_scale_y])
    # The simplex needs no derivatives where the likelihood is flat; it ends within 1e-9.
    found = minimize(
        cost, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000}
    )
    logs = np.asarray(found.x, float)
    information = _curvature(cost, logs)
    # Beyond the largest number the determinant is infinite, and its sign still tells.
    with np.errstate(over="ignore"):
        is_peak = information[0, 0] > 0 and np.linalg.det(information) > 0
    if not (found.success and is_peak and 1 / _LARGEST_SHAPE < math.exp(logs[0]) < _LARGEST_SHAPE):
        message = (
            "The records do not determine shape and scale: all failures came at about the same "
            "age, or within the same interval. Add records of other ages or finer intervals."
        )
        raise LimitError(message)
    covariance = np.asarray(np.linalg.inv(information), np.float64)
    shape, scale = (
        _spread(math.exp(log), variance, confidence)
        for log, variance in zip(logs.tolist(), np.diag(covariance).tolist(), strict=True)
    )
    return ShapeAndScale(shape, scale, -cost(logs), covariance, confidence)


def ratio_p_value(log_likelihood: float, log_likelihood_simple: float) -> float:
    """Probability of such a gain in likelihood by chance, were the simpler model true.

    Twice the gain is chi-squared with one degree of freedom in large samples [Meeker 1998].

    Examples
    --------
    A gain of 1.92 lies at one in twenty:

    >>> round(ratio_p_value(-10.0, -11.9207), 3)
    0.05
    """
    # A fit ends within its tolerance and may lie a hair below the simpler one.
    return math.erfc(math.sqrt(max(log_likelihood - log_likelihood_simple, 0.0)))


def _spread(value: float, variance: float, confidence: float) -> Estimate:
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(variance)
    return Estimate(value, value * math.exp(-reach), value * math.exp(reach))


def _curvature(
    cost: Callable[[NDArray[np.float64]], float], centre: NDArray[np.float64]
) -> NDArray[np.float64]:
    size = centre.size
    matrix = np.empty((size, size))
    moves = np.eye(size) * _STEP
    for i in range(size):
        for j in range(size):
            matrix[i, j] = (
                cost(centre + moves[i] + moves[j])
                - cost(centre + moves[i] - moves[j])
                - cost(centre - moves[i] + moves[j])
                + cost(centre - moves[i] - moves[j])
            ) / (4 * _STEP**2)
    return matrix
