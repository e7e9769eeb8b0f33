"""Track class from sleepers, and the speed that a class allows.

Main functions: `pass_probability`, `allowed_class`, `class_speed_kmh` and `defect_share_range`.
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
    "DefectShareRange",
    "SleeperSegment",
    "allowed_class",
    "class_probabilities",
    "class_speed_kmh",
    "counted_class",
    "defect_share_limit",
    "defect_share_range",
    "needed_sleepers",
    "pass_probability",
    "sleeper_segment",
]

BEST_CLASS: Final = 5
"""Highest class that is modelled."""

_BISECTIONS: Final = 60
_SPEED_SLACK: Final = 1.05


@dataclass(frozen=True, slots=True)
class DefectShareRange:
    """Range of the share of defective sleepers.

    Parameters
    ----------
    low, high : float
        Ends, between 0 and 1.
    """

    low: float
    high: float


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


def sleeper_segment(parameters: ParameterSet) -> SleeperSegment:
    """Segment of a parameter set.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> sleeper_segment(load_parameter_set())
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


def class_probabilities(
    defect_share: ArrayLike, parameters: ParameterSet, *, is_curve: bool = False
) -> NDArray[np.float64]:
    """Probabilities that the sleepers of a segment allow class 0 to 5 and no higher.

    Parameters
    ----------
    defect_share : array_like
        Mean share of defective sleepers, ``(n_assets,)`` or scalar.
    parameters : ParameterSet
        Where counts, segment and correlation stand.
    is_curve : bool
        Whether turnouts and sharp curves are meant.

    Returns
    -------
    numpy.ndarray
        Probabilities, ``(n_assets, 6)``, each row adding up to 1.
    """
    share = np.asarray(defect_share, float)[..., None]
    needed = needed_sleepers(parameters, is_curve=is_curve)
    passing = pass_probability(share, needed, sleeper_segment(parameters))
    edge = (*passing.shape[:-1], 1)
    steps = np.concatenate([np.ones(edge), passing, np.zeros(edge)], axis=-1)
    return np.asarray(steps[..., :-1] - steps[..., 1:])


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
    passing = pass_probability(share, needed, sleeper_segment(parameters))
    tolerated = parameters.value("tolerated_failing_share", kind="track")
    # A class counts only when every class below it is met too.
    is_met = np.logical_and.accumulate(1 - passing <= tolerated, axis=-1)
    return np.asarray(is_met.sum(axis=-1), dtype=np.int64)


def counted_class(
    sound_sleepers: ArrayLike, parameters: ParameterSet, *, is_curve: bool = False
) -> NDArray[np.int64]:
    """Class of segments whose sound sleepers were counted [49 CFR 213].

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> counted_class([4, 5, 8, 12], load_parameter_set()).tolist()
    [0, 1, 3, 5]
    """
    needed = needed_sleepers(parameters, is_curve=is_curve)
    return np.asarray(np.searchsorted(needed, np.asarray(sound_sleepers), side="right"), np.int64)


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


def defect_share_limit(needed: int, failing_share: float, segment: SleeperSegment) -> float:
    """Share of defective sleepers at which a given share of segments already fails a class.

    Found by bisection; the failing share grows with the defect share.

    Parameters
    ----------
    needed : int
        Sound sleepers that the class needs.
    failing_share : float
        Share of segments that fail, above 0 and below 1.
    segment : SleeperSegment
        Sleepers and their correlation.

    Examples
    --------
    One segment in a hundred below class 1, with defects that lie independently:

    >>> round(defect_share_limit(5, 0.01, SleeperSegment(20, 0.0)), 2)
    0.52
    """
    if not 0 < failing_share < 1:
        message = f"The failing share must lie between 0 and 1, not {failing_share}."
        raise LimitError(message)
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if 1 - float(pass_probability(middle, needed, segment)) > failing_share:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def defect_share_range(
    low_speed_kmh: float,
    high_speed_kmh: float,
    parameters: ParameterSet,
    *,
    is_passenger: bool = True,
    is_curve: bool = False,
) -> DefectShareRange:
    """Shares of defective sleepers that fit the speeds seen on a stretch.

    A speed belongs to the lowest class that allows it (5 % over its limit still counts: reported
    speeds are round). The stretch then meets that class and fails the next one that needs more
    sleepers, each at the tolerated share of failing segments.

    Parameters
    ----------
    low_speed_kmh, high_speed_kmh : float
        Lowest and highest speed reported [km/h].
    parameters : ParameterSet
        Where counts, speeds, segment, correlation and the tolerated share stand.
    is_passenger : bool
        Whether passenger trains were seen.
    is_curve : bool
        Whether turnouts and sharp curves are meant.

    Returns
    -------
    DefectShareRange
        Range of the share.

    Notes
    -----
    Takes it that sleepers set the speed. Where bridges, gauge or rolling stock do, the share may
    be smaller. Track that trains run on counts as class 1 at least: excepted track has the same
    speed as class 1, and speed cannot tell the two apart.

    Examples
    --------
    30 to 50 km/h is class 2: worse than class 4 allows, no worse than class 2 does.

    >>> from arterial.assets.parameters import load_parameter_set
    >>> seen = defect_share_range(30.0, 50.0, load_parameter_set())
    >>> round(seen.low, 3), round(seen.high, 2)
    (0.044, 0.13)
    """
    if not 0 < low_speed_kmh <= high_speed_kmh:
        message = f"Speeds must satisfy 0 < low <= high, not {low_speed_kmh}, {high_speed_kmh}."
        raise LimitError(message)
    limits = _share_limits(parameters, is_curve=is_curve)
    speeds = _speeds_kmh(parameters, is_passenger=is_passenger) * _SPEED_SLACK
    worst, best = (
        min(max(int(np.searchsorted(speeds, speed)), 1), BEST_CLASS)
        for speed in (low_speed_kmh, high_speed_kmh)
    )
    stricter = limits[best + 1 :][limits[best + 1 :] < limits[best]]
    return DefectShareRange(
        low=float(stricter[0]) if stricter.size else 0.0, high=float(limits[worst])
    )


def _share_limits(parameters: ParameterSet, *, is_curve: bool) -> NDArray[np.float64]:
    tolerated = parameters.value("tolerated_failing_share", kind="track")
    segment = sleeper_segment(parameters)
    needed = needed_sleepers(parameters, is_curve=is_curve)
    by_need = {need: defect_share_limit(need, tolerated, segment) for need in set(needed.tolist())}
    # Class 0 is met by any track.
    return np.array([1.0, *(by_need[need] for need in needed.tolist())])


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
