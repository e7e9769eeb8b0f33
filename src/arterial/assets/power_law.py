"""The power-law process: failures of a repaired asset whose rate grows with its age.

Main functions: `expected_failures`, `failure_rate` and `sample_failure_ages`. The mean number of
failures up to age t is (t / scale)^shape [Crow 1975]; repair is minimal (it leaves the age as it
is), renewal sets the age to 0.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.errors import LimitError

__all__ = [
    "expected_failures",
    "failure_rate",
    "sample_failure_ages",
    "scale_from_mean_rate",
    "superpose_scale",
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


def failure_rate(age_y: ArrayLike, *, shape: ArrayLike, scale_y: ArrayLike) -> NDArray[np.float64]:
    """Failures a year at an age, (shape / scale) (age / scale)^(shape - 1) [Crow 1975].

    Parameters
    ----------
    age_y : array_like
        Age since renewal [y], not negative; above 0 for shapes below 1.
    shape, scale_y : array_like
        Shape, and age up to which one failure is expected [y].

    Returns
    -------
    numpy.ndarray
        Rates [1/y].

    Examples
    --------
    >>> float(failure_rate(4.0, shape=1.5, scale_y=1.0))
    3.0
    """
    age = _check_ages(age_y)
    power, scale = _check_process(shape, scale_y)
    if np.any((age == 0) & (power < 1)):
        message = "A process of shape below 1 has no finite rate at age 0; give an age above 0."
        raise LimitError(message)
    return np.asarray(power / scale * (age / scale) ** (power - 1))


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


def superpose_scale(
    scale_y: ArrayLike, *, shape: ArrayLike, units_count: ArrayLike
) -> NDArray[np.float64]:
    """Scale of the process that several like units of one age make together.

    Independent processes add: n (t / scale)^shape is a power law with scale n^(-1 / shape) scale.

    Examples
    --------
    >>> round(float(superpose_scale(4.0, shape=1.5, units_count=8)), 9)
    1.0
    """
    units = np.asarray(units_count, float)
    if np.any(units <= 0):
        message = "The number of units must lie above 0."
        raise LimitError(message)
    power, scale = _check_process(shape, scale_y)
    return np.asarray(scale / units ** (1 / power))


def sample_failure_ages(
    random: np.random.Generator,
    *,
    from_age_y: float,
    to_age_y: float,
    shape: float,
    scale_y: float,
) -> NDArray[np.float64]:
    """Draw the ages at which one asset fails while its age runs over a span.

    The number is Poisson; given it, the mean counts at the failures are uniform between those at
    the ends, and ages follow by inversion: scale m^(1 / shape) [Crow 1975].

    Parameters
    ----------
    random : numpy.random.Generator
        Stream of `arterial.randomness`.
    from_age_y, to_age_y : float
        Ages since renewal at the ends of the span [y].
    shape, scale_y : float
        Shape, and age up to which one failure is expected [y].

    Returns
    -------
    numpy.ndarray
        Ages in ascending order [y], ``(n_failures,)``.
    """
    ends = expected_failures(0.0, [from_age_y, to_age_y], shape=shape, scale_y=scale_y)
    if ends[1] < ends[0]:
        message = f"The span runs backwards, from age {from_age_y} to {to_age_y}."
        raise LimitError(message)
    count = random.poisson(ends[1] - ends[0])
    counts = np.sort(random.uniform(ends[0], ends[1], count))
    return np.asarray(scale_y * counts ** (1 / shape))


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
