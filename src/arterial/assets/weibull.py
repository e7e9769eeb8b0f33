"""Weibull lifetimes: of things that are replaced when they fail.

Main functions: `failed_share` and `window_share`. Ages may
be years or tonnes; the scale has the same unit. The share failed by age t is
1 - exp(-(t / scale)^shape) [Weibull 1951].
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.errors import LimitError

__all__ = [
    "failed_share",
    "scale_from_mean",
    "window_share",
]


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


def _cumulative(age: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> NDArray[np.float64]:
    ages, power, length = (np.asarray(value, float) for value in (age, shape, scale))
    if not (np.all(ages >= 0) and np.all(power > 0) and np.all(length > 0)):
        message = "Ages must not be missing or negative; shape and scale must lie above 0."
        raise LimitError(message)
    return np.asarray((ages / length) ** power)
