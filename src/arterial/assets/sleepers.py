"""Sleepers: how many are defective by age, and how defects gather.

Main functions: `expected_defect_share`, `simulate_defects` and `defect_correlation`. Lives are
Weibull with the shape that follows the curve of the Forest Products Laboratory [USDA FPL], mean
lives by material; a sleeper between failed neighbours carries their load and fails sooner.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.parameters import ParameterSet
from arterial.assets.weibull import failed_share, scale_from_mean
from arterial.errors import LimitError

__all__ = [
    "defect_correlation",
    "expected_defect_share",
    "longest_run",
    "simulate_defects",
    "sleeper_scale_y",
]

_STEPS = 120
_KIND = "track"


def sleeper_scale_y(
    parameters: ParameterSet, *, material: str | None = None, is_curve: bool = False
) -> float:
    """Weibull scale of the life of sleepers [y].

    Parameters
    ----------
    parameters : ParameterSet
        Mean lives, shape and factor for curves.
    material : str or None
        Material of the sleepers; None = unknown.
    is_curve : bool
        Whether they lie in a curve sharper than `sleeper_curve_radius_m`.

    Examples
    --------
    15 / Gamma(1 + 1 / 4.5):

    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(sleeper_scale_y(load_parameter_set(), material="timber_softwood"), 2)
    16.44
    """
    mean = parameters.value("sleeper_mean_life_y", kind=_KIND, material=material)
    factor = parameters.value("sleeper_curve_factor", kind=_KIND) if is_curve else 1.0
    return scale_from_mean(mean * factor, parameters.value("sleeper_shape", kind=_KIND))


def expected_defect_share(
    age_y: ArrayLike,
    parameters: ParameterSet,
    *,
    material: str | None = None,
    is_curve: bool = False,
) -> NDArray[np.float64]:
    """Share of defective sleepers among those laid together, none replaced since.

    Parameters
    ----------
    age_y : array_like
        Years since they were laid.
    parameters : ParameterSet
        Mean lives, shape and factor for curves.
    material : str or None
        Material; None = unknown.
    is_curve : bool
        Whether in a sharp curve.

    Returns
    -------
    numpy.ndarray
        Shares, 0 to 1.

    Notes
    -----
    Without load shedding, which raises the share (`simulate_defects`), and without spot
    replacement, which lowers it.

    Examples
    --------
    >>> from arterial.assets.parameters import load_parameter_set
    >>> round(float(expected_defect_share(15, load_parameter_set(), material="timber_softwood")), 2)
    0.48
    """
    scale = sleeper_scale_y(parameters, material=material, is_curve=is_curve)
    return failed_share(age_y, shape=parameters.value("sleeper_shape", kind=_KIND), scale=scale)


def simulate_defects(
    random: np.random.Generator,
    segments: int,
    age_y: float,
    parameters: ParameterSet,
    *,
    material: str | None = None,
    is_curve: bool = False,
) -> NDArray[np.bool_]:
    """Draw which sleepers of a track are defective at an age, when neighbours share load.

    In steps of a 120th of the age, each sound sleeper fails with probability
    1 - exp(-m g dH): dH is the Weibull growth of the cumulative hazard, m the multiplier for 0, 1
    or 2 failed neighbours, and g the factor of its segment (lives differ between segments by a
    lognormal factor). Segments lie end to end, the last beside the first.

    Parameters
    ----------
    random : numpy.random.Generator
        Stream of `arterial.randomness`.
    segments : int
        Number of segments.
    age_y : float
        Years since the sleepers were laid.
    parameters : ParameterSet
        Lives, multipliers, spread between segments, sleepers of a segment.
    material : str or None
        Material; None = unknown.
    is_curve : bool
        Whether in a sharp curve.

    Returns
    -------
    numpy.ndarray of bool
        Whether each sleeper is defective, ``(segments, sleepers_per_segment)``.
    """
    if segments < 1 or not age_y >= 0:
        message = f"At least one segment and an age from 0 up are needed, not {segments}, {age_y}."
        raise LimitError(message)
    sleepers = round(parameters.value("sleepers_per_segment", kind=_KIND))
    shape = parameters.value("sleeper_shape", kind=_KIND)
    scale = sleeper_scale_y(parameters, material=material, is_curve=is_curve)
    spread = parameters.value("segment_spread", kind=_KIND)
    factors = np.repeat(np.exp(shape * spread * random.standard_normal(segments)), sleepers)
    multipliers = parameters.values("neighbour_hazard", 3, kind=_KIND, first=0)
    failed = np.zeros(segments * sleepers, bool)
    reached = (np.linspace(0.0, age_y, _STEPS + 1) / scale) ** shape
    for growth in np.diff(reached):
        neighbours = np.roll(failed, 1).astype(np.int64) + np.roll(failed, -1)
        chance = -np.expm1(-growth * factors * multipliers[neighbours])
        failed |= random.random(failed.size) < chance
    return failed.reshape(segments, sleepers)


def defect_correlation(is_defective: NDArray[np.bool_]) -> float:
    """Correlation of defects within a segment, by the method of moments.

    The number K of defects of n sleepers has variance n p (1 - p) (1 + (n - 1) r) in the
    beta-binomial model; r follows from the observed variance.

    Parameters
    ----------
    is_defective : numpy.ndarray of bool
        ``(n_segments, n_sleepers)``, two of each at least.

    Returns
    -------
    float
        Correlation r; slightly below 0 is possible by chance; NaN when no sleeper or every one is
        defective.

    Examples
    --------
    Segments all sound or all defective are fully correlated (variance 4 of 1 when independent,
    with the sample's 4/3):

    >>> rows = np.array([[True, True], [False, False], [True, True], [False, False]])
    >>> round(defect_correlation(rows), 3)
    1.667
    """
    segments, sleepers = is_defective.shape
    if segments < 2 or sleepers < 2:  # noqa: PLR2004 - a variance needs two of each
        message = "At least two segments of two sleepers are needed for a correlation."
        raise LimitError(message)
    share = float(is_defective.mean())
    if share in {0.0, 1.0}:
        return math.nan
    variance = float(is_defective.sum(axis=1).var(ddof=1))
    return float((variance / (sleepers * share * (1 - share)) - 1) / (sleepers - 1))


def longest_run(is_defective: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Longest run of neighbouring defective sleepers in each row, ``(n_rows,)``.

    Parameters
    ----------
    is_defective : numpy.ndarray of bool
        ``(n_rows, n_sleepers)``.

    Examples
    --------
    >>> longest_run(np.array([[True, True, False, True], [False, False, False, False]])).tolist()
    [2, 0]
    """
    best = np.zeros(is_defective.shape[0], np.int64)
    run = np.zeros_like(best)
    for column in is_defective.T:
        run = np.where(column, run + 1, 0)
        best = np.maximum(best, run)
    return best
