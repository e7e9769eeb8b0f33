"""What a failure does to trains, and in which months failures come.

Main functions: `failure_consequence` and `season_factors`; both only read the parameter set, so
that the numbers stand in one place with their grades.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.assets.parameters import ParameterSet
from arterial.units import MONTHS_PER_YEAR

__all__ = ["FailureConsequence", "failure_consequence", "season_factors"]

_CLOSED: Final = 0.5


@dataclass(frozen=True, slots=True)
class FailureConsequence:
    """What a failure of one kind of asset does to trains.

    Parameters
    ----------
    repair_median_h : float
        Median of the lognormal time until trains are no longer delayed [h].
    repair_sigma : float
        Its log-standard deviation.
    delay_per_train_min : float
        Median of the lognormal delay of a train that meets it while the line is open [min].
    delay_sigma : float
        Its log-standard deviation.
    closes_line : bool
        Whether no train passes until it is repaired.
    """

    repair_median_h: float
    repair_sigma: float
    delay_per_train_min: float
    delay_sigma: float
    closes_line: bool


def failure_consequence(kind: str, parameters: ParameterSet) -> FailureConsequence:
    """Consequence of a failure by kind of asset, or of a ``vehicle``.

    Parameters
    ----------
    kind : str
        Kind of asset, or ``vehicle``.
    parameters : ParameterSet
        Where the numbers stand.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> failure_consequence("turnout", load_parameter_set()).delay_per_train_min
    4.6
    """
    return FailureConsequence(
        repair_median_h=parameters.value("repair_median_h", kind=kind),
        repair_sigma=parameters.value("repair_sigma", kind=kind),
        delay_per_train_min=parameters.value("delay_per_train_min", kind=kind),
        delay_sigma=parameters.value("delay_sigma", kind=kind),
        closes_line=parameters.value("closes_line", kind=kind) > _CLOSED,
    )


def season_factors(kind: str, parameters: ParameterSet) -> NDArray[np.float64]:
    """Failure rate of each month over the mean of the year, ``(12,)``, January first.

    Parameters
    ----------
    kind : str
        Kind of asset, or ``vehicle``.
    parameters : ParameterSet
        Monthly factors, and `season_strength`, which multiplies how far they lie from 1.

    Returns
    -------
    numpy.ndarray
        Factors, not negative, whose mean is 1.

    Notes
    -----
    Months count alike, whatever their number of days.

    Examples
    --------
    July and August carry 60 % of the failures of embankments:

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(float(season_factors("embankment", load_parameter_set())[6:8].sum() / 12), 9)
    0.6
    """
    listed = parameters.values("season", MONTHS_PER_YEAR, kind=kind)
    strength = parameters.value("season_strength")
    factors = np.maximum(1 + strength * (listed / listed.mean() - 1), 0.0)
    return np.asarray(factors / factors.mean())
