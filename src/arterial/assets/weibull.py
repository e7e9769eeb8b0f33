"""Weibull lifetimes: of things that are replaced when they fail.

Main functions: `failed_share`, `hazard`, `expected_replacements` and `sample_lifetimes`. Ages may
be years or tonnes; the scale has the same unit. The share failed by age t is
1 - exp(-(t / scale)^shape) [Weibull 1951].
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.errors import LimitError

__all__ = [
    "expected_replacements",
    "failed_share",
    "hazard",
    "sample_lifetimes",
    "scale_from_mean",
    "window_share",
]

_GRID_POINTS = 400


def failed_share(age: ArrayLike, *, shape: ArrayLike, scale: ArrayLike) -> NDArray[np.float64]:
    """Share that has failed by an age, 1 - exp(-(age / scale)^shape).

    Examples
    --------
    >>> round(float(failed_share(22.0, shape=3.0, scale=22.0)), 4)
    0.6321
    """
    return np.asarray(-np.expm1(-_cumulative(age, shape, scale)))


def window_share(
    from_age: ArrayLike, to_age: ArrayLike, *, shape: ArrayLike, scale: ArrayLike
) -> NDArray[np.float64]:
    """Probability that one which works at an age fails before another.

    Examples
    --------
    Shape 1 forgets its age:

    >>> float(window_share(5.0, 6.0, shape=1.0, scale=2.0).round(6))
    0.393469
    """
    grown = _cumulative(to_age, shape, scale) - _cumulative(from_age, shape, scale)
    return np.asarray(-np.expm1(-grown))


def hazard(age: ArrayLike, *, shape: ArrayLike, scale: ArrayLike) -> NDArray[np.float64]:
    """Failures per unit of age among those that work, (shape / scale) (age / scale)^(shape - 1).

    Examples
    --------
    >>> float(hazard(4.0, shape=1.5, scale=1.0))
    3.0
    """
    power, length = np.asarray(shape, float), np.asarray(scale, float)
    _cumulative(age, shape, scale)
    return np.asarray(power / length * (np.asarray(age, float) / length) ** (power - 1))


def scale_from_mean(mean_life: float, shape: float) -> float:
    """Scale of lifetimes with this mean: mean / Gamma(1 + 1 / shape).

    Examples
    --------
    >>> scale_from_mean(10.0, 1.0)
    10.0
    """
    if mean_life <= 0 or shape <= 0:
        message = f"Mean life and shape must lie above 0, not {mean_life} and {shape}."
        raise LimitError(message)
    return mean_life / math.gamma(1 + 1 / shape)


def sample_lifetimes(
    random: np.random.Generator,
    age: ArrayLike,
    *,
    shape: ArrayLike,
    scale: ArrayLike,
) -> NDArray[np.float64]:
    """Draw the ages at which things fail that work at their present age.

    By inversion: scale ((age / scale)^shape - ln U)^(1 / shape).

    Parameters
    ----------
    random : numpy.random.Generator
        Stream of `arterial.randomness`.
    age : array_like
        Present ages, ``(n,)``.
    shape, scale : array_like
        Of the lifetimes.

    Returns
    -------
    numpy.ndarray
        Ages at failure, none below the present one, ``(n,)``.
    """
    start = _cumulative(age, shape, scale)
    grown = start + random.exponential(size=start.shape)
    return np.asarray(np.asarray(scale, float) * grown ** (1 / np.asarray(shape, float)))


def expected_replacements(age: float, *, shape: float, scale: float) -> float:
    """Mean number of replacements of one place from new to an age.

    The renewal equation M(t) = F(t) + integral of M(t - x) dF(x), solved on a grid with F exact in
    every step.

    Parameters
    ----------
    age : float
        Age of the place; each failed thing is replaced at once by a new one.
    shape, scale : float
        Of the lifetimes.

    Notes
    -----
    Error about 0.1 % for ages up to five times the scale.

    Examples
    --------
    Shape 1 is a Poisson process:

    >>> round(expected_replacements(30.0, shape=1.0, scale=10.0), 2)
    3.0
    """
    ages = np.linspace(0.0, age, _GRID_POINTS + 1)
    steps = np.diff(failed_share(ages, shape=shape, scale=scale))
    shares = failed_share(ages, shape=shape, scale=scale)
    means = np.zeros(_GRID_POINTS + 1)
    for place in range(1, _GRID_POINTS + 1):
        # M within a step is the mean of its ends, so the newest value stands on both sides.
        older = means[place - 1 :: -1]
        known = 0.5 * (steps[:place] @ older + steps[1:place] @ older[: place - 1])
        means[place] = (shares[place] + known) / (1 - 0.5 * steps[0])
    return float(means[-1])


def _cumulative(age: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> NDArray[np.float64]:
    ages, power, length = (np.asarray(value, float) for value in (age, shape, scale))
    if not (np.all(ages >= 0) and np.all(power > 0) and np.all(length > 0)):
        message = "Ages must not be missing or negative; shape and scale must lie above 0."
        raise LimitError(message)
    return np.asarray((ages / length) ** power)
