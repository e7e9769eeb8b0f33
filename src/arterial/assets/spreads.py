"""Ages and shares of defective sleepers of generated assets.

The main functions are `spread_ages` and `spread_shares`.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["NEIGHBOUR_REACH_M", "SHARE_VARIATION", "spread_ages", "spread_shares"]

SHARE_VARIATION: Final = 0.5
"""Standard deviation of the share of defective sleepers between kilometres, over its mean."""

NEIGHBOUR_REACH_M: Final = 3_000.0
"""Distance over which the likeness of neighbouring shares falls to 1/e: one gang, one supply."""

_LEAST_CONCENTRATION: Final = 0.5


def spread_ages(
    low_y: float, best_y: float, high_y: float, share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Ages by the triangular distribution between the youngest and the oldest.

    Parameters
    ----------
    low_y, best_y, high_y : float
        Youngest, most frequent and oldest age [y].
    share : numpy.ndarray
        Rank of each unit between the youngest (0) and the oldest (1), ``(n,)``.

    Returns
    -------
    numpy.ndarray
        Ages [y], ``(n,)``.

    Examples
    --------
    >>> spread_ages(0.0, 10.0, 20.0, np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 10.0, 20.0]
    """
    width_y = high_y - low_y
    if width_y <= 0:
        return np.full(share.size, best_y)
    turn = (best_y - low_y) / width_y
    rising = low_y + np.sqrt(share * width_y * (best_y - low_y))
    falling = high_y - np.sqrt((1 - share) * width_y * (high_y - best_y))
    ages: NDArray[np.float64] = np.where(share < turn, rising, falling)
    return ages


def spread_shares(
    mean: float, middle_m: NDArray[np.float64], noise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shares of defective sleepers around their mean, alike between neighbours.

    A beta distribution whose standard deviation is `SHARE_VARIATION` times the mean, on ranks of a
    normal process along the section whose correlation falls with the distance as
    exp(-d / `NEIGHBOUR_REACH_M`).

    Parameters
    ----------
    mean : float
        Mean share, from 0 to 1.
    middle_m : numpy.ndarray
        Middle of each unit along its section, not falling [m], ``(n,)``.
    noise : numpy.ndarray
        Independent standard normal numbers, ``(n,)``.

    Returns
    -------
    numpy.ndarray
        Shares, ``(n,)``.

    Examples
    --------
    >>> spread_shares(0.0, np.array([500.0, 1500.0]), np.array([0.3, -1.0])).tolist()
    [0.0, 0.0]
    """
    if mean <= 0 or mean >= 1 or not middle_m.size:
        return np.full(middle_m.size, min(max(mean, 0.0), 1.0))
    # scipy.special alone is quick to load; scipy.stats is not.
    from scipy.special import betaincinv, ndtr

    likeness = np.exp(-np.diff(middle_m, prepend=middle_m[0]) / NEIGHBOUR_REACH_M)
    rest = np.sqrt(1 - likeness**2)
    level = float(noise[0])
    process = [level]
    for kept, fresh in zip(likeness[1:].tolist(), (rest * noise)[1:].tolist(), strict=True):
        level = kept * level + fresh
        process.append(level)
    concentration = max((1 - mean) / (SHARE_VARIATION**2 * mean) - 1, _LEAST_CONCENTRATION)
    ranks = ndtr(np.array(process))
    shares: NDArray[np.float64] = betaincinv(
        mean * concentration, (1 - mean) * concentration, ranks
    )
    return shares
