"""Turnouts: failures a year by age.

The main function is `expected_turnout_failures`. Failures of a turnout form a power-law process
whose mean over the averaging span is the observed rate of powered turnouts, 0.53 a unit-year,
derived from almost 40,000 failures over 74,800 unit-years [Bemment 2018]; the growth with age
(shape 1.5) is an assumption.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.assets.power_law import expected_failures, scale_from_mean_rate
from arterial.assets.recurrent import PowerLawFit

__all__ = [
    "apply_turnout_fit",
    "expected_turnout_failures",
    "turnout_scale_y",
]

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
    scale = scale_from_mean_rate(
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
