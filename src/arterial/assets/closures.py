"""Waiting at a closed line and time lost by speed restrictions, in closed form.

Main functions: `mean_wait` and `restriction_time_loss_s`. A train that comes at an even chance
during a closure waits for what is left of it; closures are lognormal. Any unit of time serves;
results are in its square, for one train a unit. At a restriction acceleration and braking are
constant, with room to reach line speed on both sides; it holds until the whole train has left it,
so its length counts with the train's.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.errors import LimitError

__all__ = ["mean_wait", "restriction_time_loss_s"]

Floats = NDArray[np.float64]
_LEAST = 1e-9


def mean_wait(median: Floats, sigma: Floats, longest: float = np.inf) -> Floats:
    """Wait of all trains for one train a unit of time: E[R²] / 2, cut at a longest wait w.

    R² / 2 for R <= w, else R w - w² / 2. The same holds for a train that is due w after failures
    could begin.

    Parameters
    ----------
    median, sigma : ndarray
        Median and log-standard deviation of the closure.
    longest : float
        Longest wait.

    Examples
    --------
    A closure of 4 h for sure, not cut and cut at 1 h: 16 / 2 = 8; 1 x 4 - 1 / 2 = 3.5.

    >>> mean_wait(np.array([4.0]), np.array([0.0])).tolist()
    [8.0]
    >>> mean_wait(np.array([4.0]), np.array([0.0]), 1.0).tolist()
    [3.5]
    """
    from scipy.special import ndtr

    middle, spread = _as_lognormal(median, sigma)
    if not np.isfinite(longest):
        return np.asarray(middle**2 * np.exp(2 * spread**2) / 2)
    place = (np.log(longest) - np.log(middle)) / spread
    below = middle**2 * np.exp(2 * spread**2) * ndtr(place - 2 * spread) / 2
    beyond = longest * middle * np.exp(spread**2 / 2) * ndtr(spread - place)
    return np.asarray(np.round(below + beyond - longest**2 / 2 * ndtr(-place), 9))


def _as_lognormal(median: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Median and spread that can be divided by."""
    return (
        np.maximum(np.asarray(median, float), _LEAST),
        np.maximum(np.asarray(sigma, float), _LEAST),
    )


def restriction_time_loss_s(
    line_speed_ms: ArrayLike,
    restricted_speed_ms: ArrayLike,
    restricted_length_m: ArrayLike,
    *,
    acceleration_m_s2: ArrayLike,
    braking_m_s2: ArrayLike,
) -> NDArray[np.float64]:
    """Time lost by a restriction when the train runs at line speed before and after it.

    L (1/r - 1/v) + (v - r)² / (2 v) (1/a + 1/b), exact for constant acceleration a and braking b.

    Parameters
    ----------
    line_speed_ms, restricted_speed_ms : array_like
        Speeds v and r [m/s]; where r is not below v nothing is lost.
    restricted_length_m : array_like
        Length L of the restriction and the train together [m].
    acceleration_m_s2, braking_m_s2 : array_like
        Rates a and b, both positive [m/s²].

    Returns
    -------
    numpy.ndarray
        Losses [s].

    Notes
    -----
    Valid only where the train can reach line speed on both sides; with less room it loses less.

    Examples
    --------
    From 20 to 10 m/s over 500 m: 25 s for the length, 2.5 x (1 + 2) s for braking and starting.

    >>> float(restriction_time_loss_s(20, 10, 500, acceleration_m_s2=0.5, braking_m_s2=1.0))
    32.5
    """
    line, length = np.asarray(line_speed_ms, float), np.asarray(restricted_length_m, float)
    low = np.minimum(np.asarray(restricted_speed_ms, float), line)
    start, brake = _check_rates(acceleration_m_s2, braking_m_s2)
    if not (np.all(low > 0) and np.all(length >= 0)):
        message = "Speeds must lie above 0 and the restricted length must not be negative."
        raise LimitError(message)
    drop = (line - low) ** 2 / (2 * line)
    return np.asarray(length * (1 / low - 1 / line) + drop * (1 / start + 1 / brake))


def _check_rates(
    acceleration_m_s2: ArrayLike, braking_m_s2: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    start, brake = np.asarray(acceleration_m_s2, float), np.asarray(braking_m_s2, float)
    if not (np.all(start > 0) and np.all(brake > 0)):
        message = "Acceleration and braking must lie above 0."
        raise LimitError(message)
    return start, brake
