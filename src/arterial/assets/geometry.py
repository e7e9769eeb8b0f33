"""Track geometry: roughness grows with tonnage, tamping sets it back.

Main functions: `geometry_deviation_mm`, `tamp_track` and `tonnage_to_alert_mt`. The standard
deviation of the longitudinal level of a 200 m segment grows linearly with the tonnage since
tamping; the rates of segments are lognormal and neighbours are alike [Andrade 2013].
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.errors import LimitError

__all__ = [
    "GeometryState",
    "GeometryValue",
    "geometry_deviation_mm",
    "geometry_limit_mm",
    "sample_geometry_rates",
    "start_geometry",
    "tamp_track",
    "tonnage_to_alert_mt",
]

_KIND = "track"
_BAND_TOPS_KMH: Final = (80, 120, 160, 230, 300)
_PER_MGT: Final = 100.0


class GeometryValue(StrEnum):
    """Limit of track geometry."""

    LEVEL_ALERT = "level_alert_mm"
    """Standard deviation of the longitudinal level at which to watch."""
    ALIGNMENT_ALERT = "alignment_alert_mm"
    """Standard deviation of the alignment at which to watch."""
    LEVEL_IMMEDIATE = "level_immediate_mm"
    """Isolated defect of the longitudinal level at which to slow or stop trains."""
    ALIGNMENT_IMMEDIATE = "alignment_immediate_mm"
    """Isolated defect of the alignment at which to slow or stop trains."""


@dataclass(frozen=True, slots=True)
class GeometryState:
    """Roughness of segments just after tamping, and how fast it grows, ``(n_segments,)`` each.

    Parameters
    ----------
    start_mm : numpy.ndarray
        Standard deviation of the longitudinal level now [mm].
    rate_mm_per_mt : numpy.ndarray
        Its growth [mm/Mt].
    best_mm : numpy.ndarray
        Least value that tamping can reach [mm].
    """

    start_mm: NDArray[np.float64]
    rate_mm_per_mt: NDArray[np.float64]
    best_mm: NDArray[np.float64]


def geometry_deviation_mm(state: GeometryState, tonnage_mt: ArrayLike) -> NDArray[np.float64]:
    """Roughness after a tonnage since the state, start + rate x tonnage [mm].

    Parameters
    ----------
    state : GeometryState
        Start and rate.
    tonnage_mt : array_like
        Gross load since then [Mt], not negative.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> float(geometry_deviation_mm(GeometryState(one, one * 0.015, one), 100.0)[0])
    2.5
    """
    tonnage = np.asarray(tonnage_mt, float)
    if not np.all(tonnage >= 0):
        message = "Tonnage is missing or negative; give million tonnes from 0 up."
        raise LimitError(message)
    return np.asarray(state.start_mm + state.rate_mm_per_mt * tonnage)


def tamp_track(
    state: GeometryState, tonnage_mt: ArrayLike, parameters: ParameterSet
) -> GeometryState:
    """State after a tonnage and a tamping.

    Tamping leaves max(best, 0.55 x before + 0.25 mm), never more than there was; it raises the
    rate by 5 % and the best reachable value by 0.03 mm, as it breaks ballast. Assumptions.

    Parameters
    ----------
    state : GeometryState
        State after the last tamping.
    tonnage_mt : array_like
        Gross load since then [Mt].
    parameters : ParameterSet
        Effects of tamping.

    Examples
    --------
    From 2.5 mm to 0.55 x 2.5 + 0.25:

    >>> from arterial.assets.parameters import load_parameter_set
    >>> one = np.array([1.0])
    >>> after = tamp_track(GeometryState(one, one * 0.015, one), 100.0, load_parameter_set())
    >>> float(after.start_mm[0]), float(after.rate_mm_per_mt[0]), float(after.best_mm[0])
    (1.625, 0.01575, 1.03)
    """
    before = geometry_deviation_mm(state, tonnage_mt)
    kept = parameters.value("tamping_kept_share", kind=_KIND)
    rest = parameters.value("tamping_rest_mm", kind=_KIND)
    reached = np.maximum(state.best_mm, kept * before + rest)
    growth = 1 + parameters.value("tamping_rate_growth", kind=_KIND)
    return GeometryState(
        start_mm=np.minimum(reached, before),
        rate_mm_per_mt=state.rate_mm_per_mt * growth,
        best_mm=state.best_mm + parameters.value("tamping_best_growth_mm", kind=_KIND),
    )


def sample_geometry_rates(
    random: np.random.Generator, segments: int, parameters: ParameterSet
) -> NDArray[np.float64]:
    """Draw growth rates of neighbouring segments [mm/Mt], ``(segments,)``.

    Lognormal around the median; the logs of neighbours are correlated as an autoregressive row.

    Parameters
    ----------
    random : numpy.random.Generator
        Stream of `arterial.randomness`.
    segments : int
        Number of segments of 200 m, in order along the track.
    parameters : ParameterSet
        Median, spread and correlation of neighbours.
    """
    correlation = parameters.value("neighbour_correlation", kind=_KIND)
    if not -1 < correlation < 1:
        message = f"The correlation of neighbours must lie between -1 and 1, not {correlation}."
        raise LimitError(message)
    noise = random.standard_normal(segments)
    row = np.empty(segments)
    fresh = np.sqrt(1 - correlation**2)
    last = 0.0
    for place, value in enumerate(noise):
        last = value if place == 0 else correlation * last + fresh * value
        row[place] = last
    median = parameters.value("geometry_rate_mm_per_100_mgt", kind=_KIND) / _PER_MGT
    return np.asarray(median * np.exp(parameters.value("geometry_rate_spread", kind=_KIND) * row))


def start_geometry(
    rates_mm_per_mt: ArrayLike, parameters: ParameterSet, *, is_fouled: ArrayLike = False
) -> GeometryState:
    """State of new or newly tamped track.

    Parameters
    ----------
    rates_mm_per_mt : array_like
        Growth of each segment on sound ballast [mm/Mt], ``(n_segments,)``.
    parameters : ParameterSet
        Start value and factor of fouled ballast.
    is_fouled : array_like of bool
        Whether ballast is fouled or sleepers have failed there.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> state = start_geometry([0.015, 0.015], load_parameter_set(), is_fouled=[False, True])
    >>> state.rate_mm_per_mt.tolist()
    [0.015, 0.045]
    """
    factor = np.where(
        np.asarray(is_fouled, bool), parameters.value("fouled_factor", kind=_KIND), 1.0
    )
    rates = np.asarray(np.asarray(rates_mm_per_mt, float) * factor)
    best = np.full(rates.shape, parameters.value("geometry_start_mm", kind=_KIND))
    return GeometryState(best, rates, best.copy())


def geometry_limit_mm(
    speed_limit_kmh: ArrayLike,
    parameters: ParameterSet,
    *,
    limit: GeometryValue = GeometryValue.LEVEL_ALERT,
) -> NDArray[np.float64]:
    """Limit of track geometry by line speed [EN 13848-5 2008]; recalled, not verified [mm].

    Parameters
    ----------
    speed_limit_kmh : array_like
        Line speed, up to 300 km/h.
    parameters : ParameterSet
        Where the limits stand.
    limit : GeometryValue
        Which limit.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> geometry_limit_mm([60, 80, 81], load_parameter_set()).tolist()
    [2.7, 2.7, 2.25]
    """
    speed = np.asarray(speed_limit_kmh, float)
    if not np.all((speed > 0) & (speed <= _BAND_TOPS_KMH[-1])):
        message = f"Limits of geometry are known above 0 and up to {_BAND_TOPS_KMH[-1]} km/h."
        raise LimitError(message)
    values = [parameters.value(f"{limit.value}_{top}", kind=_KIND) for top in _BAND_TOPS_KMH]
    return np.asarray(np.array(values)[np.searchsorted(_BAND_TOPS_KMH, speed)])


def tonnage_to_alert_mt(state: GeometryState, alert_mm: ArrayLike) -> NDArray[np.float64]:
    """Tonnage until segments reach an alert limit [Mt]; 0 where they have already.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> float(tonnage_to_alert_mt(GeometryState(one, one * 0.015, one), 2.5)[0])
    100.0
    """
    return np.asarray(np.maximum(np.asarray(alert_mm) - state.start_mm, 0) / state.rate_mm_per_mt)
