"""Bins of delay, from which quantiles at each stop follow.

Main functions: :func:`count_bins`, :func:`tabulate_bins` and :func:`find_quantiles`. Bins are five
minutes wide up to two hours either way and widen with the delay, so that a quantile errs by a few
per cent at most.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.tally_kernel import add_to_bins
from arterial.units import MINUTE_S

__all__ = ["EDGES_MIN", "count_bins", "find_quantiles", "make_bins", "tabulate_bins"]

GRID_MIN: Final = 5
REACH_MIN: Final = 60 * 24 * 60
"""Delay up to which bins reach; what is beyond counts to the last one [min]."""


def _make_edges() -> NDArray[np.int64]:
    rising = [
        *range(5, 120, 5),
        *range(120, 480, 10),
        *range(480, 1440, 30),
        *range(1440, 10 * 1440, 120),
        *range(10 * 1440, REACH_MIN + 1, 720),
    ]
    early = [-value for value in rising if value <= 1440 * 2]
    return np.array([*sorted(early), 0, *rising], np.int64)


EDGES_MIN: Final = _make_edges()
"""Lower edge of each bin [min]."""


def _make_lookup() -> NDArray[np.int64]:
    grid = np.arange(EDGES_MIN[0], EDGES_MIN[-1] + GRID_MIN, GRID_MIN)
    return (np.searchsorted(EDGES_MIN, grid, side="right") - 1).astype(np.int64)


LOOKUP: Final = _make_lookup()


def make_bins(stops: int) -> NDArray[np.int32]:
    """Counts by stop and bin, ``(n_stops, n_bins)``, all at 0."""
    return np.zeros((stops, len(EDGES_MIN)), np.int32)


def count_bins(delays_s: NDArray[np.int32], counts: NDArray[np.int32]) -> None:
    """Count delays by stop and bin.

    Parameters
    ----------
    delays_s : ndarray of int32, shape (n_replications, n_stops)
        Delays; the least number of 32 bits where the stop was not reached.
    counts : ndarray of int32, shape (n_stops, n_bins)
        From :func:`make_bins`; grows.
    """
    add_to_bins(delays_s, LOOKUP, int(EDGES_MIN[0]) * MINUTE_S, GRID_MIN * MINUTE_S, counts)


def tabulate_bins(counts: NDArray[np.int32]) -> pl.DataFrame:
    """Part ``place_bins``: ``event`` (number of the stop), ``bin``, ``count`` of what was met."""
    event, place = np.nonzero(counts)
    return pl.DataFrame(
        {
            "event": event.astype(np.int32),
            "bin": place.astype(np.int16),
            "count": counts[event, place],
        }
    )


def find_quantiles(counts: NDArray[np.int64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of delay from counts by bin, even within a bin [min].

    Parameters
    ----------
    counts : ndarray of int, shape (n, n_bins)
        Counts.
    shares : ndarray of float, shape (m,)
        Shares below the quantiles [1].

    Returns
    -------
    ndarray of float, shape (n, m)
        Quantiles [min]; nan without any count. A bin that begins at 0 and holds it gives 0.
    """
    widths = np.diff(np.append(EDGES_MIN, EDGES_MIN[-1] + 720)).astype(np.float64)
    summed = np.cumsum(counts, axis=1)
    rows, last = np.arange(len(counts)), counts.shape[1] - 1
    quantiles = np.empty((len(counts), len(shares)))
    for column, share in enumerate(shares):
        wanted = share * summed[:, -1]
        place = np.minimum((summed < wanted[:, None]).sum(axis=1), last)
        inside = counts[rows, place]
        below = summed[rows, place] - inside
        # Both sides of `where` are worked out, so the divisor must not be nought.
        part = np.where(inside > 0, (wanted - below) / np.maximum(inside, 1), 0.0)
        quantiles[:, column] = EDGES_MIN[place] + np.clip(part, 0, 1) * widths[place]
    quantiles[summed[:, -1] == 0] = np.nan
    return quantiles
