"""Waits of a host train for crossings on a single line, beyond what its timetable holds.

Main function: :func:`read_crossing_waits`.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.units import HOUR_S, MINUTE_S

__all__ = ["POINTS_COUNT", "read_crossing_waits"]

POINTS_COUNT: Final = 21
"""Points of the quantile function, 0 to 1 in twentieths."""

ORDER: Final = "among_passenger"
"""A through coach rides in passenger trains, which get their paths among one another."""

CASE_QUANTILES: Final = {"low": 0.0, "best": 0.5, "high": 1.0}


def read_crossing_waits(
    results: Mapping[str, pl.DataFrame], train_id: str, times: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """Quantiles of the wait of a train for crossings beyond its timetable [s].

    The simulation of the line gives them (``host_delays``: ``train_id``, ``quantile``,
    ``delay_min``). Without it they come from ``crossing_delays``: by how much the journey between
    other trains is longer than planned, for few, middling and many of them.

    Parameters
    ----------
    results : mapping of str to polars.DataFrame
        Result tables.
    train_id : str
        Host train.
    times : ndarray, shape (n_events, 3)
        Low, best and high times of a run; its best ends give the planned journey.

    Returns
    -------
    ndarray of float, shape (POINTS_COUNT,), or None
        None if nothing is known of the train's crossings.
    """
    grid = np.linspace(0.0, 1.0, POINTS_COUNT)
    line = results.get("host_delays")
    if line is not None:
        rows = line.filter(pl.col("train_id") == train_id).sort("quantile")
        if rows.height:
            delays = rows["delay_min"].to_numpy() * MINUTE_S
            return np.asarray(np.interp(grid, rows["quantile"].to_numpy(), delays), np.float64)
    laid = results.get("crossing_delays")
    if laid is None:
        return None
    rows = laid.filter((pl.col("train_id") == train_id) & (pl.col("host_order") == ORDER))
    if not rows.height:
        return None
    planned_h = float(times[-2, 1] - times[1, 1]) / HOUR_S
    cases = rows.group_by("flow_case").agg(pl.col("journey_h").mean())
    waits = {
        case: max(0.0, (journey - planned_h) * HOUR_S)
        for case, journey in cases.iter_rows()
        if journey is not None
    }
    known = sorted((CASE_QUANTILES[case], wait) for case, wait in waits.items())
    if not known:
        return None
    rising = np.maximum.accumulate([wait for _, wait in known])
    return np.asarray(np.interp(grid, [place for place, _ in known], rising), np.float64)
