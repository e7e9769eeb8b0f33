"""Rail: fatigue defects by tonnage, and joints.

Main functions: `expected_rail_defects` and `rail_failure_rate`. Each rail of 39 ft has a Weibull
life in cumulative tonnage; the defects between two tonnages are the number of rails times the
growth of the failed share [Orringer 1988].
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.lifetimes import failed_share
from arterial.assets.parameters import ParameterSet
from arterial.errors import LimitError
from arterial.units import MILE_TO_KM, SHORT_TON_TO_T

__all__ = ["expected_rail_defects", "rail_failure_rate"]

_KIND = "track"


def expected_rail_defects(
    from_tonnage_mt: ArrayLike, to_tonnage_mt: ArrayLike, parameters: ParameterSet
) -> NDArray[np.float64]:
    """Fatigue defects on a kilometre of track between two cumulative tonnages.

    Parameters
    ----------
    from_tonnage_mt, to_tonnage_mt : array_like
        Gross load since the rail was laid [Mt].
    parameters : ParameterSet
        Shape, scale and rails per mile; the scale is in million short tons.

    Returns
    -------
    numpy.ndarray
        Defects [1/km].

    Notes
    -----
    Knows nothing of grinding, steel or axle load; found defects are taken as repaired without
    renewing the rail.

    Examples
    --------
    To 2,150 million short tons, 63.2 % of 273 rails a mile:

    >>> from arterial.assets.parameters import load_parameter_set
    >>> laid = expected_rail_defects(0.0, 2150 * 0.90718474, load_parameter_set())
    >>> round(float(laid) * 1.609344, 1)
    172.6
    """
    shape, scale = _life_mt(parameters)
    grown = failed_share(to_tonnage_mt, shape=shape, scale=scale) - failed_share(
        from_tonnage_mt, shape=shape, scale=scale
    )
    return np.asarray(_rails_per_km(parameters) * grown)


def rail_failure_rate(
    age_y: ArrayLike,
    annual_tonnage_mt: ArrayLike,
    parameters: ParameterSet,
    *,
    is_jointed: ArrayLike = True,
) -> NDArray[np.float64]:
    """Failures of the rail a year on a kilometre of track: breaks that stop trains, and joints.

    Defects of the coming year times the share that breaks before it is found, plus a steady rate
    of joints.

    Parameters
    ----------
    age_y : array_like
        Years since the rail was laid.
    annual_tonnage_mt : array_like
        Gross load in a year [Mt], the same in all years.
    parameters : ParameterSet
        Life of rails, share of breaks, rate of joints.
    is_jointed : array_like of bool
        Whether the rail has joints.

    Returns
    -------
    numpy.ndarray
        Rates [1/(km y)].

    Examples
    --------
    New rail without load fails at its joints alone:

    >>> from arterial.assets.parameters import load_parameter_set
    >>> float(rail_failure_rate(0.0, 0.0, load_parameter_set()))
    0.1
    """
    age, annual = np.asarray(age_y, float), np.asarray(annual_tonnage_mt, float)
    if not (np.all(age >= 0) and np.all(annual >= 0)):
        message = "Age and annual tonnage must not be missing or negative."
        raise LimitError(message)
    defects = expected_rail_defects(age * annual, (age + 1) * annual, parameters)
    joints = parameters.value("joint_failures_per_km_year", kind=_KIND)
    breaks = parameters.value("breaks_per_defect", kind=_KIND) * defects
    return np.asarray(breaks + np.where(np.asarray(is_jointed, bool), joints, 0.0))


def _life_mt(parameters: ParameterSet) -> tuple[float, float]:
    scale = parameters.value("rail_scale_mgt", kind=_KIND) * SHORT_TON_TO_T
    return parameters.value("rail_shape", kind=_KIND), scale


def _rails_per_km(parameters: ParameterSet) -> float:
    return parameters.value("rails_per_mile", kind=_KIND) / MILE_TO_KM
