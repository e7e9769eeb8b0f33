"""Turnouts: failures a year by age.

The main function is `expected_turnout_failures`. Failures of a turnout form a power-law process
whose mean over the averaging span is the observed rate of powered turnouts, 0.53 a unit-year,
derived from almost 40,000 failures over 74,800 unit-years [Bemment 2018]; the growth with age
(shape 1.5) is an assumption.

In a power-law process of a repaired asset the mean number of failures up to age t is
(t / scale)^shape [Crow 1975]; repair is minimal (it leaves the age as it is), renewal sets the age
to 0.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.assets.recurrent import PowerLawFit
from arterial.errors import LimitError

__all__ = ["apply_turnout_fit", "expected_failures", "expected_turnout_failures", "turnout_scale_y"]

_KIND = "turnout"


def turnout_scale_y(parameters: ParameterSet) -> float:
    """Age up to which a powered turnout is expected to fail once [y].

    Examples
    --------
    25 / (25 x 0.53)^(1/1.5):

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(turnout_scale_y(load_parameter_set()), 2)
    4.46
    """
    scale = _scale_from_mean_rate(
        parameters.value("mean_failure_rate_per_year", kind=_KIND),
        shape=parameters.value("power_law_shape", kind=_KIND),
        averaging_age_y=parameters.value("averaging_age_y", kind=_KIND),
    )
    return float(scale)


def expected_turnout_failures(
    from_age_y: ArrayLike,
    to_age_y: ArrayLike,
    parameters: ParameterSet,
    *,
    is_powered: ArrayLike = True,
) -> NDArray[np.float64]:
    """Mean number of failures of one turnout between two ages.

    Parameters
    ----------
    from_age_y, to_age_y : array_like
        Ages since it was built or renewed [y].
    parameters : ParameterSet
        Where rate, shape and the factor of hand-worked turnouts stand.
    is_powered : array_like of bool
        Whether a machine moves it.

    Returns
    -------
    numpy.ndarray
        Mean numbers.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(float(expected_turnout_failures(0.0, 25.0, load_parameter_set())), 6)
    13.25
    """
    count = expected_failures(
        from_age_y,
        to_age_y,
        shape=parameters.value("power_law_shape", kind=_KIND),
        scale_y=turnout_scale_y(parameters),
    )
    return np.asarray(count * _worked_factor(is_powered, parameters))


def apply_turnout_fit(parameters: ParameterSet, fit: PowerLawFit, *, source: str) -> ParameterSet:
    """Put a fit to one's own turnouts in the place of the published rate and the assumed shape.

    Parameters
    ----------
    parameters : ParameterSet
        Set to change.
    fit : PowerLawFit
        Power law of powered turnouts.
    source : str
        Whose records were fitted.

    Returns
    -------
    ParameterSet
        The set with both rows, their ranges the confidence intervals.
    """
    span = parameters.value("averaging_age_y", kind=_KIND)
    for name, found in (
        ("mean_failure_rate_per_year", fit.mean_rate_per_year(span)),
        ("power_law_shape", fit.shape),
    ):
        ends = (found.low, found.value, found.high)
        parameters = parameters.with_fitted(name, ends, kind=_KIND, source=source)
    return parameters


def _worked_factor(is_powered: ArrayLike, parameters: ParameterSet) -> NDArray[np.float64]:
    factor = parameters.value("hand_worked_factor", kind=_KIND)
    return np.where(np.asarray(is_powered, bool), 1.0, factor)


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


def _scale_from_mean_rate(
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

    >>> round(float(_scale_from_mean_rate(2.0, shape=1.5, averaging_age_y=4.0)), 9)
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
