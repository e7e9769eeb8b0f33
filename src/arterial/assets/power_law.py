"""The power-law process: failures of a repaired asset whose rate grows with its age.

The main function is `expected_failures`. The mean number of
failures up to age t is (t / scale)^shape [Crow 1975]; repair is minimal (it leaves the age as it
is), renewal sets the age to 0.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.errors import LimitError

__all__ = [
    "expected_failures",
    "scale_from_mean_rate",
]


def expected_failures(
    from_age_y: ArrayLike, to_age_y: ArrayLike, *, shape: ArrayLike, scale_y: ArrayLike
) -> NDArray[np.float64]:
    """Mean number of failures between two ages, (to / scale)^shape - (from / scale)^shape.

    The number is Poisson, so its variance equals this mean [Crow 1975].

    Parameters
    ----------
    from_age_y, to_age_y : array_like
        Ages since renewal [y], not negative, to be broadcast against each other.
    shape : array_like
        Shape, above 0; above 1 the rate grows with age.
    scale_y : array_like
        Age up to which one failure is expected [y].

    Returns
    -------
    numpy.ndarray
        Mean numbers.

    Examples
    --------
    From age 4 to 9 at scale 1 and shape 1.5: 27 - 8.

    >>> float(expected_failures(4.0, 9.0, shape=1.5, scale_y=1.0))
    19.0
    """
    start, end = _check_ages(from_age_y), _check_ages(to_age_y)
    power, scale = _check_process(shape, scale_y)
    return np.asarray((end / scale) ** power - (start / scale) ** power)


def scale_from_mean_rate(
    mean_rate_per_year: ArrayLike, *, shape: ArrayLike, averaging_age_y: ArrayLike
) -> NDArray[np.float64]:
    """Scale at which the failures from new to an age average to a known mean rate.

    From (A / scale)^shape = A r: scale = A / (A r)^(1 / shape).

    Parameters
    ----------
    mean_rate_per_year : array_like
        Mean rate r of failures over the span [1/y].
    shape : array_like
        Shape of the process.
    averaging_age_y : array_like
        Span A from new [y].

    Returns
    -------
    numpy.ndarray
        Scales [y].

    Examples
    --------
    Two failures a year over 4 years are 8, and 8^(1/1.5) = 4.

    >>> round(float(scale_from_mean_rate(2.0, shape=1.5, averaging_age_y=4.0)), 9)
    1.0
    """
    rate, power, span = (np.asarray(v, float) for v in (mean_rate_per_year, shape, averaging_age_y))
    if np.any(rate <= 0) or np.any(power <= 0) or np.any(span <= 0):
        message = "Mean rate, shape and averaging age of a power law must lie above 0."
        raise LimitError(message)
    return np.asarray(span / (span * rate) ** (1 / power))


def _check_ages(age_y: ArrayLike) -> NDArray[np.float64]:
    age = np.asarray(age_y, float)
    if not np.all(age >= 0):
        message = "An age is missing or negative; give ages since renewal from 0 up."
        raise LimitError(message)
    return age


def _check_process(
    shape: ArrayLike, scale_y: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    power, scale = np.asarray(shape, float), np.asarray(scale_y, float)
    if not (np.all(power > 0) and np.all(scale > 0)):
        message = "Shape and scale of a power law must lie above 0."
        raise LimitError(message)
    return power, scale
