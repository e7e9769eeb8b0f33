"""Time that trains lose by speed restrictions, in closed form.

Main functions: `restriction_time_loss_s` (one restriction, room to reach line speed on both sides)
and `stretch_time_s` (any row of ceilings). Acceleration and braking are constant; a restriction
holds until the whole train has left it, so its length counts with the train's.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.errors import LimitError

__all__ = [
    "approach_length_m",
    "bounded_time_loss_s",
    "restriction_time_loss_s",
    "stretch_time_s",
]

_ROUNDING = 1e-9


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
    Valid only where the train can reach line speed on both sides: `approach_length_m` says how
    much room that takes; with less, use `bounded_time_loss_s`.

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


def approach_length_m(
    line_speed_ms: ArrayLike, restricted_speed_ms: ArrayLike, *, rate_m_s2: ArrayLike
) -> NDArray[np.float64]:
    """Room between line speed and the restriction: (v² - r²) / (2 rate) [m].

    Examples
    --------
    >>> float(approach_length_m(20.0, 10.0, rate_m_s2=0.5))
    300.0
    """
    line, low = np.asarray(line_speed_ms, float), np.asarray(restricted_speed_ms, float)
    return np.asarray(np.maximum(line**2 - low**2, 0) / (2 * np.asarray(rate_m_s2, float)))


def bounded_time_loss_s(
    line_speed_ms: ArrayLike,
    restricted_speed_ms: ArrayLike,
    lengths_m: ArrayLike,
    *,
    end_speeds_ms: ArrayLike,
    acceleration_m_s2: float,
    braking_m_s2: float,
) -> NDArray[np.float64]:
    """Time lost by a restriction when there is little room before or after it.

    Exact for any room: the difference of `stretch_time_s` with and without the restriction.

    Parameters
    ----------
    line_speed_ms, restricted_speed_ms : array_like
        Speeds [m/s], scalar or ``(n,)``.
    lengths_m : array_like
        Room before, restriction with train, room after [m], ``(3,)`` or ``(3, n)``.
    end_speeds_ms : array_like
        Speed at the start of the room before and at the end of the room after [m/s], ``(2,)`` or
        ``(2, n)``; 0 = a stop.
    acceleration_m_s2, braking_m_s2 : float
        Rates [m/s²].

    Returns
    -------
    numpy.ndarray
        Losses [s].

    Examples
    --------
    With room enough it is the closed form:

    >>> rates = {"acceleration_m_s2": 0.5, "braking_m_s2": 1.0}
    >>> lengths, ends = (1000, 500, 1000), (20, 20)
    >>> loss = bounded_time_loss_s(20, 10, lengths, end_speeds_ms=ends, **rates)
    >>> round(float(loss), 9)
    32.5
    """
    line = np.asarray(line_speed_ms, float)
    low = np.minimum(np.asarray(restricted_speed_ms, float), line)
    line, low = np.broadcast_arrays(line, low)
    times = [
        stretch_time_s(
            lengths_m,
            np.stack([line, middle, line]),
            end_speeds_ms=end_speeds_ms,
            acceleration_m_s2=acceleration_m_s2,
            braking_m_s2=braking_m_s2,
        )
        for middle in (low, line)
    ]
    return np.asarray(times[0] - times[1])


def stretch_time_s(
    lengths_m: ArrayLike,
    ceilings_ms: ArrayLike,
    *,
    end_speeds_ms: ArrayLike,
    acceleration_m_s2: float,
    braking_m_s2: float,
) -> NDArray[np.float64]:
    """Least time over a row of stretches with a speed ceiling each.

    The square of the speed is linear in distance while accelerating and braking, so a forward and
    a backward pass over the borders give the speeds there, and each stretch is accelerate, hold,
    brake.

    Parameters
    ----------
    lengths_m : array_like
        Lengths in the direction of travel [m], ``(n_stretches,)`` or ``(n_stretches, n)``.
    ceilings_ms : array_like
        Highest speeds, train length already counted in [m/s], same shape.
    end_speeds_ms : array_like
        Speeds at the first and last border [m/s], ``(2,)`` or ``(2, n)``; where there is no room
        to reach the last speed, the train leaves as fast as it can.
    acceleration_m_s2, braking_m_s2 : float
        Rates, both positive [m/s²].

    Returns
    -------
    numpy.ndarray
        Times [s], scalar or ``(n,)``.

    Raises
    ------
    LimitError
        When the train cannot brake in time from its first speed, and for impossible numbers.

    Notes
    -----
    Level track and constant rates: a bound for planning, no running time.

    Examples
    --------
    From rest to rest over 100 m at 1 m/s² both ways: ten seconds up, ten down.

    >>> rates = {"acceleration_m_s2": 1.0, "braking_m_s2": 1.0}
    >>> float(stretch_time_s([100.0], [50.0], end_speeds_ms=[0, 0], **rates))
    20.0
    """
    start, brake = _check_rates(acceleration_m_s2, braking_m_s2)
    length, ceiling = np.asarray(lengths_m, float), np.asarray(ceilings_ms, float)
    width = np.broadcast_shapes(
        length.shape[1:], ceiling.shape[1:], np.asarray(end_speeds_ms).shape[1:]
    )
    length = _spread(length, width)
    ceiling = _spread(ceiling, width)
    if not (np.all(length >= 0) and np.all(ceiling > 0)):
        message = "Stretches need lengths from 0 up and ceilings above 0."
        raise LimitError(message)
    squares = _border_squares(
        length,
        ceiling,
        _spread(np.asarray(end_speeds_ms, float), width),
        [float(start), float(brake)],
    )
    entry, leave = squares[:-1], squares[1:]
    reached = (2 * start * brake * length + brake * entry + start * leave) / (start + brake)
    top = np.sqrt(np.minimum(ceiling**2, reached))
    entry, leave = np.sqrt(entry), np.sqrt(leave)
    moved = (top**2 - entry**2) / (2 * start) + (top**2 - leave**2) / (2 * brake)
    held = np.divide(np.maximum(length - moved, 0), top, out=np.zeros_like(top), where=top > 0)
    return np.asarray(((top - entry) / start + (top - leave) / brake + held).sum(axis=0))


def _border_squares(
    length: NDArray[np.float64],
    ceiling: NDArray[np.float64],
    end_speeds_ms: NDArray[np.float64],
    rates_m_s2: list[float],
) -> NDArray[np.float64]:
    start, brake = rates_m_s2
    squares = np.empty((length.shape[0] + 1, *length.shape[1:]))
    squares[0], squares[-1] = end_speeds_ms[0] ** 2, end_speeds_ms[1] ** 2
    squares[1:-1] = np.minimum(ceiling[:-1], ceiling[1:]) ** 2
    squares[-1] = np.minimum(squares[-1], ceiling[-1] ** 2)
    if np.any(squares[0] > ceiling[0] ** 2 * (1 + _ROUNDING)):
        message = "The first speed lies above the first ceiling."
        raise LimitError(message)
    for place in range(length.shape[0]):
        gain = squares[place] + 2 * start * length[place]
        squares[place + 1] = np.minimum(squares[place + 1], gain)
    for place in range(length.shape[0] - 1, -1, -1):
        need = squares[place + 1] + 2 * brake * length[place]
        if place == 0 and np.any(squares[0] > need * (1 + _ROUNDING)):
            message = (
                "The train cannot brake in time from its first speed; give it more room or a "
                "lower first speed."
            )
            raise LimitError(message)
        squares[place] = np.minimum(squares[place], need)
    return squares


def _spread(values: NDArray[np.float64], width: tuple[int, ...]) -> NDArray[np.float64]:
    shaped = values.reshape(values.shape + (1,) * (len(width) + 1 - values.ndim))
    return np.broadcast_to(shaped, (values.shape[0], *width))


def _check_rates(
    acceleration_m_s2: ArrayLike, braking_m_s2: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    start, brake = np.asarray(acceleration_m_s2, float), np.asarray(braking_m_s2, float)
    if not (np.all(start > 0) and np.all(brake > 0)):
        message = "Acceleration and braking must lie above 0."
        raise LimitError(message)
    return start, brake
