"""Track class from sleepers, and the speed that a class allows.

Main functions: `pass_probability`, `allowed_class` and `class_speed_kmh`.
A segment of 39 ft (11.89 m) meets a class when enough of its sleepers are sound; classes and
speeds are those of [49 CFR 213]. Class 0 stands for track below class 1.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.errors import LimitError
from arterial.units import mph_to_kmh

__all__ = [
    "BEST_CLASS",
    "SleeperSegment",
    "allowed_class",
    "class_speed_kmh",
    "needed_sleepers",
    "pass_probability",
]

BEST_CLASS: Final = 5
"""Highest class that is modelled."""


@dataclass(frozen=True, slots=True)
class SleeperSegment:
    """The piece of track that is judged as one.

    Parameters
    ----------
    sleepers : int
        Sleepers in it.
    correlation : float
        Correlation of defects between two of them, from 0 to below 1; 0 = independent.
    """

    sleepers: int
    correlation: float

    def __post_init__(self) -> None:
        """Refuse a segment without sleepers or with an impossible correlation."""
        if self.sleepers < 1 or not 0 <= self.correlation < 1:
            message = (
                "A segment needs at least one sleeper and a correlation from 0 to below 1, not "
                f"{self.sleepers} and {self.correlation}."
            )
            raise LimitError(message)


def _sleeper_segment(parameters: ParameterSet) -> SleeperSegment:
    """Segment of a parameter set.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> _sleeper_segment(load_parameter_set())
    SleeperSegment(sleepers=20, correlation=0.15)
    """
    return SleeperSegment(
        round(parameters.value("sleepers_per_segment", kind="track")),
        parameters.value("defect_correlation", kind="track"),
    )


def needed_sleepers(parameters: ParameterSet, *, is_curve: bool = False) -> NDArray[np.int64]:
    """Sound sleepers that a segment needs for classes 1 to 5, ``(5,)`` [49 CFR 213].

    Parameters
    ----------
    parameters : ParameterSet
        Where the counts stand.
    is_curve : bool
        Whether for turnouts and curves sharper than `sharp_curve_radius_m`.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> needed_sleepers(load_parameter_set(), is_curve=True).tolist()
    [6, 9, 10, 14, 14]
    """
    stem = "needed_sleepers_curve_class" if is_curve else "needed_sleepers_class"
    return parameters.values(stem, BEST_CLASS, kind="track").astype(np.int64)


def pass_probability(
    defect_share: ArrayLike, needed: ArrayLike, segment: SleeperSegment
) -> NDArray[np.float64]:
    """Probability that a segment has at least so many sound sleepers.

    The number of defective ones is beta-binomial: with n sleepers, share p and correlation r
    between two sleepers of a segment, P(k) = C(n, k) prod_{i<k} (p (1-r) + i r)
    prod_{i<n-k} ((1-p) (1-r) + i r) / prod_{i<n} (1 - r + i r); r = 0 gives the binomial.

    Parameters
    ----------
    defect_share : array_like
        Mean share of defective sleepers, 0 to 1, ``(n_assets,)`` or scalar.
    needed : array_like of int
        Sound sleepers needed, to be broadcast against `defect_share`.
    segment : SleeperSegment
        Number n of sleepers and correlation r.

    Returns
    -------
    numpy.ndarray
        Probabilities.

    Examples
    --------
    Both of two independent sleepers sound: 0.9 x 0.9.

    >>> round(float(pass_probability(0.1, 2, SleeperSegment(2, 0.0))), 12)
    0.81
    """
    share, need = np.asarray(defect_share, float), np.asarray(needed)
    _check_shares(share)
    cumulative = np.cumsum(_defect_probabilities(share, segment), axis=-1)
    sleepers = segment.sleepers
    tolerable = sleepers - need
    shape = np.broadcast_shapes(share.shape, need.shape)
    place = np.broadcast_to(np.clip(tolerable, 0, sleepers), shape)
    table = np.broadcast_to(cumulative, (*shape, sleepers + 1))
    chosen = np.take_along_axis(table, place[..., None], axis=-1)[..., 0]
    return np.clip(np.where(tolerable < 0, 0.0, chosen), 0.0, 1.0)


def allowed_class(
    defect_share: ArrayLike, parameters: ParameterSet, *, is_curve: bool = False
) -> NDArray[np.int64]:
    """Highest class of a stretch: that which all but a tolerated share of its segments meet.

    Parameters
    ----------
    defect_share : array_like
        Mean share of defective sleepers, ``(n_assets,)`` or scalar.
    parameters : ParameterSet
        Where counts, segment, correlation and the tolerated share stand.
    is_curve : bool
        Whether turnouts and sharp curves are meant.

    Returns
    -------
    numpy.ndarray of int
        Classes 0 to 5.

    Notes
    -----
    Sleepers alone; gauge, rail and geometry may allow less.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> allowed_class([0.03, 0.1, 0.2, 0.4], load_parameter_set()).tolist()
    [5, 3, 1, 0]
    """
    share = np.asarray(defect_share, float)[..., None]
    needed = needed_sleepers(parameters, is_curve=is_curve)
    passing = pass_probability(share, needed, _sleeper_segment(parameters))
    tolerated = parameters.value("tolerated_failing_share", kind="track")
    # A class counts only when every class below it is met too.
    is_met = np.logical_and.accumulate(1 - passing <= tolerated, axis=-1)
    return np.asarray(is_met.sum(axis=-1), dtype=np.int64)


def class_speed_kmh(
    track_class: ArrayLike, parameters: ParameterSet, *, is_passenger: bool = True
) -> NDArray[np.float64]:
    """Highest speed on track of a class [km/h], from the limits in mph of [49 CFR 213].

    Parameters
    ----------
    track_class : array_like of int
        Classes 0 to 5; 0 runs at the speed of excepted track.
    parameters : ParameterSet
        Where the limits stand.
    is_passenger : bool
        Whether for passenger trains.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> class_speed_kmh([1, 2, 3], load_parameter_set()).round(1).tolist()
    [24.1, 48.3, 96.6]
    """
    classes = np.asarray(track_class)
    if np.any((classes < 0) | (classes > BEST_CLASS)):
        message = f"Track classes run from 0 to {BEST_CLASS}."
        raise LimitError(message)
    return np.asarray(_speeds_kmh(parameters, is_passenger=is_passenger)[classes])


def _speeds_kmh(parameters: ParameterSet, *, is_passenger: bool) -> NDArray[np.float64]:
    stem = "passenger_speed_class" if is_passenger else "freight_speed_class"
    speeds = parameters.values(stem, BEST_CLASS + 1, kind="track", first=0)
    return np.array([mph_to_kmh(float(speed)) for speed in speeds])


def _defect_probabilities(
    share: NDArray[np.float64], segment: SleeperSegment
) -> NDArray[np.float64]:
    sleepers, correlation = segment.sleepers, segment.correlation
    counts = np.arange(sleepers)
    grow = counts * correlation
    defective = share[..., None] * (1 - correlation) + grow
    sound = (1 - share[..., None]) * (1 - correlation) + grow
    whole = (1 - correlation) + grow
    ways = np.cumprod(np.concatenate([[1.0], (sleepers - counts) / (counts + 1)]))
    head = _products(defective)
    tail = _products(sound)[..., ::-1]
    return np.asarray(ways * head * tail / np.prod(whole))


def _products(factors: NDArray[np.float64]) -> NDArray[np.float64]:
    ones = np.ones((*factors.shape[:-1], 1))
    return np.concatenate([ones, np.cumprod(factors, axis=-1)], axis=-1)


def _check_shares(share: NDArray[np.float64]) -> None:
    if not np.all((share >= 0) & (share <= 1)):
        message = "A share of defective sleepers is missing or lies outside 0 to 1."
        raise LimitError(message)
