"""Waiting at a closed line, in closed form.

Main functions: `mean_wait` (all trains) and `mean_queue` (those that still stand when it opens). A
train that comes at an even chance during a closure waits for what is left of it; closures are
lognormal. Any unit of time serves; results are in its square, for one train a unit.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["mean_queue", "mean_wait"]

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


def mean_queue(median: Floats, sigma: Floats, longest: float = np.inf) -> Floats:
    """Wait of the trains that still stand when a closure ends: E[min(R, w)²] / 2.

    Trains that were taken off before hold up nobody.

    Parameters
    ----------
    median, sigma, longest
        As `mean_wait` takes them.

    Examples
    --------
    After a closure of 4 h the trains of the last hour stand, where no train waits longer:

    >>> mean_queue(np.array([4.0]), np.array([0.0]), 1.0).tolist()
    [0.5]
    """
    from scipy.special import ndtr

    if not np.isfinite(longest):
        return mean_wait(median, sigma)
    middle, spread = _as_lognormal(median, sigma)
    place = (np.log(longest) - np.log(middle)) / spread
    below = middle**2 * np.exp(2 * spread**2) * ndtr(place - 2 * spread) / 2
    return np.asarray(np.round(below + longest**2 / 2 * ndtr(-place), 9))


def _as_lognormal(median: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Median and spread that can be divided by."""
    return (
        np.maximum(np.asarray(median, float), _LEAST),
        np.maximum(np.asarray(sigma, float), _LEAST),
    )
