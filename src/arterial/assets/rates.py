"""Failures of each asset in the coming year, by the model of its kind.

The main functions are `yearly_failures` and `widen_parameters`; the laws of embankments and of the
kinds whose failures come at a steady rate stand here too. No usable published figure was found for
those: all their rates are assumptions with wide ranges, and none depends on age. The probability
that a kilometre of embankment fails in a rain of x mm in 24 h is Phi(ln(x / m) / s) with m by
condition; the lognormal form is standard, every number is an assumption.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from arterial.assets.bridges import bridge_failure_rate
from arterial.assets.parameters import ParameterSet
from arterial.assets.rail import rail_failure_rate
from arterial.assets.turnouts import expected_turnout_failures
from arterial.errors import LimitError

__all__ = [
    "AGED_CATENARY_Y",
    "ParameterEnd",
    "Stock",
    "catenary_failure_rate",
    "critical_rain_mm",
    "embankment_failure_rate",
    "widen_parameters",
    "yearly_failures",
]

_EMBANKMENT = "embankment"
_EMBANKMENT_CONDITIONS = ("good", "good", "fair", "poor", "poor")
AGED_CATENARY_Y: Final = 30.0
"""Age from which a contact line counts as aged."""
_RATE_PARAMETERS: Final = (
    "mean_failure_rate_per_year",
    "breaks_per_defect",
    "joint_failures_per_km_year",
    "closures_factor",
    "storms_per_year",
    "faults_per_100_km_year",
    "aged_faults_per_100_km_year",
    "failures_per_unit_year",
    "failures_per_km_year",
)
"""Parameters with which the failure rate of a kind grows."""
_STRENGTH_PARAMETERS: Final = ("critical_rain_factor",)
"""Parameters with which it falls."""


class ParameterEnd(StrEnum):
    """End of the ranges of the parameters that drive failure rates."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Stock:
    """Assets as arrays, all ``(n_assets,)``, without missing values.

    Parameters
    ----------
    kind : numpy.ndarray of str
        Kind of asset.
    age_y : numpy.ndarray
        Age [y].
    state : numpy.ndarray
        State 1 to 5 of bridges and embankments, between two where a bridge was worked on; not read
        for other kinds.
    units : numpy.ndarray
        Like units that a row stands for.
    length_km : numpy.ndarray
        Length of a row [km].
    tonnage_mt : numpy.ndarray
        Gross load in a year [Mt].
    is_powered : numpy.ndarray of bool
        Whether a turnout is thrown by a machine.
    is_jointed : numpy.ndarray of bool
        Whether the rail has joints.
    """

    kind: NDArray[np.str_]
    age_y: NDArray[np.float64]
    state: NDArray[np.int64] | NDArray[np.float64]
    units: NDArray[np.float64]
    length_km: NDArray[np.float64]
    tonnage_mt: NDArray[np.float64]
    is_powered: NDArray[np.bool_]
    is_jointed: NDArray[np.bool_]

    def renewed(self) -> "Stock":
        """The same assets as they are on the day of their renewal."""
        return Stock(
            self.kind,
            np.zeros_like(self.age_y),
            np.ones_like(self.state),
            self.units,
            self.length_km,
            self.tonnage_mt,
            self.is_powered,
            self.is_jointed,
        )


def yearly_failures(stock: Stock, parameters: ParameterSet) -> NDArray[np.float64]:
    """Failures of each row in the coming year, all its units together.

    Turnouts follow the power law over the year, track its rail, bridges and embankments their
    state, contact lines their age class; signalling and tunnels fail at steady rates. Rows with a
    length count kilometres, the others units.

    Parameters
    ----------
    stock : Stock
        The assets.
    parameters : ParameterSet
        Parameters of the models.

    Returns
    -------
    numpy.ndarray
        Failures [1/y], ``(n_assets,)``.
    """
    rates = np.zeros(stock.age_y.size)
    for kind, model in _MODELS.items():
        place = np.flatnonzero(stock.kind == kind)
        if place.size:
            rates[place] = model(_select(stock, place), parameters)
    return rates


def widen_parameters(parameters: ParameterSet, end: ParameterEnd) -> ParameterSet:
    """Parameters with those that drive failure rates at one end of their ranges.

    Parameters
    ----------
    parameters : ParameterSet
        The set, whose ranges are read.
    end : ParameterEnd
        Fewest failures (low) or most (high).
    """
    other = ParameterEnd.HIGH if end is ParameterEnd.LOW else ParameterEnd.LOW
    name = pl.col("parameter")
    value = (
        pl.when(name.is_in(_RATE_PARAMETERS))
        .then(pl.col(end.value))
        .when(name.is_in(_STRENGTH_PARAMETERS))
        .then(pl.col(other.value))
        .otherwise(pl.col("value"))
    )
    table = parameters.table.with_columns(value.alias("value"))
    return ParameterSet(parameters.name, table, parameters.draw_number)


def _select(stock: Stock, place: NDArray[np.intp]) -> Stock:
    return Stock(
        stock.kind[place],
        stock.age_y[place],
        stock.state[place],
        stock.units[place],
        stock.length_km[place],
        stock.tonnage_mt[place],
        stock.is_powered[place],
        stock.is_jointed[place],
    )


def _turnouts(stock: Stock, parameters: ParameterSet) -> NDArray[np.float64]:
    failures = expected_turnout_failures(
        stock.age_y, stock.age_y + 1.0, parameters, is_powered=stock.is_powered
    )
    return np.asarray(failures * stock.units)


def _track(stock: Stock, parameters: ParameterSet) -> NDArray[np.float64]:
    per_km = rail_failure_rate(
        stock.age_y, stock.tonnage_mt, parameters, is_jointed=stock.is_jointed
    )
    return np.asarray(per_km * stock.length_km * stock.units)


def _bridges(stock: Stock, parameters: ParameterSet) -> NDArray[np.float64]:
    return np.asarray(bridge_failure_rate(stock.state, parameters) * stock.units)


def _embankments(stock: Stock, parameters: ParameterSet) -> NDArray[np.float64]:
    per_km = embankment_failure_rate(stock.state, parameters)
    return np.asarray(per_km * stock.length_km * stock.units)


def _catenary(stock: Stock, parameters: ParameterSet) -> NDArray[np.float64]:
    per_km = np.where(
        stock.age_y >= AGED_CATENARY_Y,
        catenary_failure_rate(parameters, is_aged=True),
        catenary_failure_rate(parameters),
    )
    return np.asarray(per_km * stock.length_km * stock.units)


def _signalling(stock: Stock, parameters: ParameterSet) -> NDArray[np.float64]:
    return np.asarray(_signalling_failure_rate(parameters) * stock.units)


def _tunnels(stock: Stock, parameters: ParameterSet) -> NDArray[np.float64]:
    return np.asarray(_tunnel_failure_rate(parameters) * stock.length_km * stock.units)


_Model = Callable[[Stock, ParameterSet], NDArray[np.float64]]
_MODELS: Final[Mapping[str, _Model]] = {
    "turnout": _turnouts,
    "track": _track,
    "bridge": _bridges,
    "embankment": _embankments,
    "catenary": _catenary,
    "signalling": _signalling,
    "tunnel": _tunnels,
}


def catenary_failure_rate(parameters: ParameterSet, *, is_aged: bool = False) -> float:
    """Faults a year on a kilometre of electrified track [1/(km y)].

    Parameters
    ----------
    parameters : ParameterSet
        Rates for 100 km.
    is_aged : bool
        Whether it is aged 3 kV equipment instead of well kept.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> catenary_failure_rate(load_parameter_set(), is_aged=True)
    0.04
    """
    name = "aged_faults_per_100_km_year" if is_aged else "faults_per_100_km_year"
    return parameters.value(name, kind="catenary") / 100.0


def _signalling_failure_rate(parameters: ParameterSet) -> float:
    """Failures a year of one signalling installation, of a station or a block section [1/y].

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> _signalling_failure_rate(load_parameter_set())
    0.5
    """
    return parameters.value("failures_per_unit_year", kind="signalling")


def _tunnel_failure_rate(parameters: ParameterSet) -> float:
    """Failures a year on a kilometre of tunnel: falls of rock or lining, ice, water [1/(km y)].

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> _tunnel_failure_rate(load_parameter_set())
    0.02
    """
    return parameters.value("failures_per_km_year", kind="tunnel")


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
    if np.any((states < 1) | (states > len(_EMBANKMENT_CONDITIONS))):
        message = f"States of an embankment run from 1 to {len(_EMBANKMENT_CONDITIONS)}."
        raise LimitError(message)
    factor = parameters.value("critical_rain_factor", kind=_EMBANKMENT)
    by_state = [
        parameters.value(f"critical_rain_mm_{name}", kind=_EMBANKMENT)
        for name in _EMBANKMENT_CONDITIONS
    ]
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
        parameters.value("fragility_spread", kind=_EMBANKMENT),
        parameters.value("storm_rain_spread", kind=_EMBANKMENT),
    )
    depth = parameters.value("storm_rain_mm", kind=_EMBANKMENT)
    chance = ndtr(np.log(depth / critical_rain_mm(state, parameters)) / spread)
    return np.asarray(parameters.value("storms_per_year", kind=_EMBANKMENT) * chance)
