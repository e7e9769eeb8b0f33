"""What simulated replications of a plan gave: delays of runs and the parts they are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Parts", "Replications"]

Indices = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of delays, one row each, ``(n_parts,)``.

    Parameters
    ----------
    replication, run : ndarray
        Whose delay.
    source : ndarray
        Number of the source; -1 = the dispatching alone.
    is_knock_on : ndarray
        Whether it came through another train.
    seconds : ndarray
        How much of it [s].
    """

    replication: Indices
    run: Indices
    source: Indices
    is_knock_on: NDArray[np.bool_]
    seconds: Indices


@dataclass(frozen=True, slots=True)
class Replications:
    """Outcome of replications of a plan.

    Parameters
    ----------
    first_replication : int
        Number of the first replication.
    delay_s : ndarray
        Delay at the end of each run, not negative, ``(n_replications, n_runs)`` [s].
    parts : Parts or None
        What the delays are made of, where it was asked for.
    times_s : ndarray or None
        Times of all events, ``(n_replications, n_events)``, where they were asked for [s].
    cancelled : ndarray or None
        Whether each run was taken off at a closed step, ``(n_replications, n_runs)``.
    forced_count : int
        Departures without a free track ahead, to undo a lock; 0 on a line that cannot lock.
    """

    first_replication: int
    delay_s: Indices
    parts: Parts | None = None
    times_s: NDArray[np.int64] | None = None
    forced_count: int = 0
    cancelled: NDArray[np.bool_] | None = None

    @property
    def attribution_gap_s(self) -> int:
        """Greatest difference between a delay and the sum of its parts [s]."""
        if self.parts is None:
            return 0
        total = self.delay_s.astype(np.int64)
        rows = self.parts.replication - self.first_replication
        np.subtract.at(total, (rows, self.parts.run), self.parts.seconds)
        return int(np.abs(total).max(initial=0))
