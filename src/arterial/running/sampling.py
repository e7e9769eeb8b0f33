"""The logged steps of a run as transitions and as evenly sampled rows for charts."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from arterial.running.driving_kernel import (
    ACCELERATE,
    BRAKE,
    COAST,
    CRUISE,
    LOG_A,
    LOG_A_END,
    LOG_FORCE,
    LOG_FORCE_END,
    LOG_KIND,
    LOG_T,
    LOG_V,
    LOG_X,
    SLOW,
    STOP,
)
from arterial.running.result import DriveKind, Transition
from arterial.units import ms_to_kmh

if TYPE_CHECKING:
    import polars as pl

__all__ = ["read_transitions", "sample_run"]

Vector = NDArray[np.float64]
KINDS: Final = {
    ACCELERATE: DriveKind.ACCELERATE,
    CRUISE: DriveKind.CRUISE,
    COAST: DriveKind.COAST,
    BRAKE: DriveKind.BRAKE,
    STOP: DriveKind.STOP,
    SLOW: DriveKind.SLOW,
}


def read_transitions(steps: Vector) -> tuple[Transition, ...]:
    """Where the train begins to do something else.

    Parameters
    ----------
    steps : ndarray of float64, shape (n_steps, LOG_COLUMNS)
        The run step by step.

    Returns
    -------
    tuple of Transition
        In the order of the run.
    """
    kinds = steps[:, LOG_KIND]
    first = np.flatnonzero(np.concatenate([[True], kinds[1:] != kinds[:-1]]))
    return tuple(
        Transition(
            position_m=row[LOG_X],
            time_s=row[LOG_T],
            speed_kmh=ms_to_kmh(row[LOG_V]),
            kind=KINDS[int(row[LOG_KIND])],
        )
        for row in steps[first].tolist()
    )


def sample_run(steps: Vector, *, longest_gap_s: float) -> "pl.DataFrame":
    """Rows at every step's start and in between, so that no gap exceeds the given time.

    Within a step the speed follows the cubic through speed and acceleration at both ends, and the
    position its integral; effort is linear in time.

    Parameters
    ----------
    steps : ndarray of float64, shape (n_steps, LOG_COLUMNS)
        The run step by step; its last row is the stop at the end.
    longest_gap_s : float
        Longest time between rows of a step [s].

    Returns
    -------
    polars.DataFrame
        Columns position_m, time_s, speed_kmh, effort_n and kind.
    """
    import polars as pl

    start, end = steps[:-1], steps[1:]
    duration = end[:, LOG_T] - start[:, LOG_T]
    is_moving = start[:, LOG_KIND] != STOP
    counts = np.where(is_moving, np.ceil(duration / longest_gap_s), 1).astype(np.int64)
    counts = np.maximum(counts, 1)
    step = np.repeat(np.arange(counts.size), counts)
    part = np.arange(step.size) - np.repeat(np.cumsum(counts) - counts, counts)
    s = part / counts[step]
    now, after, dt = start[step], end[step], duration[step]
    v0, v1 = now[:, LOG_V], after[:, LOG_V]
    d0, d1 = now[:, LOG_A] * dt, now[:, LOG_A_END] * dt
    speed = v0 + s * d0 + s**2 * (3 * (v1 - v0) - 2 * d0 - d1) + s**3 * (2 * (v0 - v1) + d0 + d1)
    position = now[:, LOG_X] + dt * (
        s * v0
        + s**2 / 2 * d0
        + s**3 / 3 * (3 * (v1 - v0) - 2 * d0 - d1)
        + s**4 / 4 * (2 * (v0 - v1) + d0 + d1)
    )
    effort = now[:, LOG_FORCE] * (1 - s) + now[:, LOG_FORCE_END] * s
    last = steps[-1]
    kinds = np.append(now[:, LOG_KIND], last[LOG_KIND]).astype(np.int64)
    return pl.DataFrame(
        {
            "position_m": np.append(position, last[LOG_X]),
            "time_s": np.append(now[:, LOG_T] + s * dt, last[LOG_T]),
            "speed_kmh": ms_to_kmh(1.0) * np.append(np.maximum(speed, 0.0), last[LOG_V]),
            "effort_n": np.append(effort, 0.0),
            "kind": [KINDS[kind].value for kind in kinds.tolist()],
        }
    )
