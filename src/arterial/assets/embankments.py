"""Embankments: failures by heavy rain.

The main function is `embankment_failure_rate`. The
probability that a kilometre fails in a rain of x mm in 24 h is Phi(ln(x / m) / s) with m by
condition; the lognormal form is standard, every number is an assumption.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.errors import LimitError

__all__ = ["critical_rain_mm", "embankment_failure_rate"]

_KIND = "embankment"
_CONDITIONS = ("good", "good", "fair", "poor", "poor")


def critical_rain_mm(state: ArrayLike, parameters: ParameterSet) -> NDArray[np.float64]:
    """Rain in 24 h at which half the kilometres of a state fail [mm].

    Parameters
    ----------
    state : array_like of int
        States 1 to 5; 1 and 2 count as good, 3 as fair, 4 and 5 as poor.
    parameters : ParameterSet
        Medians, and a factor common to all.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> critical_rain_mm([1, 3, 5], load_parameter_set()).tolist()
    [300.0, 180.0, 110.0]
    """
    states = np.asarray(state)
    if np.any((states < 1) | (states > len(_CONDITIONS))):
        message = f"States of an embankment run from 1 to {len(_CONDITIONS)}."
        raise LimitError(message)
    factor = parameters.value("critical_rain_factor", kind=_KIND)
    by_state = [parameters.value(f"critical_rain_mm_{name}", kind=_KIND) for name in _CONDITIONS]
    return np.asarray(factor * np.array(by_state)[states.astype(np.int64) - 1])


def embankment_failure_rate(state: ArrayLike, parameters: ParameterSet) -> NDArray[np.float64]:
    """Failures a year on a kilometre of embankment, over the rains of a year.

    Rains come so many times a year with lognormal depth (median x, spread q); the mean of the
    fragility over them is Phi(ln(x / m) / sqrt(s² + q²)), exactly.

    Parameters
    ----------
    state : array_like of int
        States 1 to 5.
    parameters : ParameterSet
        Fragility and rains.

    Returns
    -------
    numpy.ndarray
        Rates [1/(km y)].

    Examples
    --------
    3 Phi(ln(50 / 300) / sqrt(0.5)) = 3 Phi(-2.534):

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(float(embankment_failure_rate(1, load_parameter_set())), 4)
    0.0169
    """
    from scipy.special import ndtr

    spread = np.hypot(
        parameters.value("fragility_spread", kind=_KIND),
        parameters.value("storm_rain_spread", kind=_KIND),
    )
    depth = parameters.value("storm_rain_mm", kind=_KIND)
    chance = ndtr(np.log(depth / critical_rain_mm(state, parameters)) / spread)
    return np.asarray(parameters.value("storms_per_year", kind=_KIND) * chance)
