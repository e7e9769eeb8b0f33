"""Published runs as stretches of a train's way, for calibration.

Main functions: :func:`lay_published_runs` and :func:`sum_dwell_s`.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from arterial.running.calibration import PublishedStretch
from arterial.units import HOUR_S, KM_TO_M, MINUTE_S

if TYPE_CHECKING:
    from arterial.running.train_runs import TrainRoute

__all__ = ["lay_published_runs", "sum_dwell_s"]


def lay_published_runs(
    way: "TrainRoute", tables: Mapping[str, pl.DataFrame], default_dwell_min: float
) -> Iterator[PublishedStretch]:
    """Published runs that a train is fitted to, as stretches of its way, its own ones last.

    Parameters
    ----------
    way : TrainRoute
        The way.
    tables : mapping of str to DataFrame
        Study table ``published_runs``.
    default_dwell_min : float
        Standstill at a stop that states none [min].

    Yields
    ------
    PublishedStretch
        One for each run that lies on the way.
    """
    places = dict(zip(way.route.points, way.route.distance_km, strict=True))
    rows = tables["published_runs"].filter(
        (pl.col("used_for") == "calibration")
        & (pl.col("train_id").is_null() | (pl.col("train_id") == way.train_id))
    )
    for row in rows.sort("train_id", nulls_last=False).iter_rows(named=True):
        begin, end = places.get(row["from_point"]), places.get(row["to_point"])
        if begin is None or end is None or (begin > end and row["train_id"] is not None):
            continue
        begin, end = min(begin, end), max(begin, end)
        from_m, to_m = begin * KM_TO_M, end * KM_TO_M
        dwell_s = sum_dwell_s(way.stops, from_m, to_m, default_dwell_min)
        low, high = row["duration_low_h"], row["duration_high_h"]
        best_s = row["duration_h"] * HOUR_S - dwell_s
        yield PublishedStretch(
            run_id=row["run_id"],
            from_m=from_m,
            to_m=to_m,
            low_s=best_s if low is None else low * HOUR_S - dwell_s,
            best_s=best_s,
            high_s=best_s if high is None else high * HOUR_S - dwell_s,
            source_id=row["source_id"],
        )


def sum_dwell_s(stops: pl.DataFrame, from_m: float, to_m: float, default_dwell_min: float) -> float:
    """Dwell time at the stops strictly between two positions [s]."""
    inside = stops.filter(pl.col("position_m").is_between(from_m + 1, to_m - 1))
    return float(inside["dwell_min"].fill_null(default_dwell_min).sum() * MINUTE_S)
