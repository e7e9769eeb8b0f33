"""Time that trains lose by speed restrictions, in closed form.

The main function is `restriction_time_loss_s`: one restriction, with room to reach line speed on
both sides. Acceleration and braking are constant; a restriction holds until the whole train has
left it, so its length counts with the train's.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.errors import LimitError

__all__ = [
    "restriction_time_loss_s",
]


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
