"""Calibrated running times between all neighbouring operational points of a train's way.

Main function: :func:`list_point_links`. Calibration works on pieces between section ends and
stops; inside a piece its time is shared out as the computed run of the train spends it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.units import KM_TO_M, kmh_to_ms

__all__ = ["list_point_links"]

LEAST_SPEED_KMH: Final = 5.0
"""Mean speed below which a sampled run is not trusted around a stop [km/h]."""

TIMES: Final = {
    "free_s": pl.col("basic_s") + pl.col("supplement_s") + pl.col("restriction_s"),
    "least_s": pl.col("basic_low_s"),
    "running_low_s": pl.col("calibrated_low_s"),
    "running_s": pl.col("calibrated_s"),
    "running_high_s": pl.col("calibrated_high_s"),
}


def list_point_links(
    pieces: pl.DataFrame, points_m: Sequence[float], profile: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Running time between neighbouring points of a way.

    Inside a piece the time up to a place x is shared as T(x) = T_piece W(x) / W_piece, where W is
    the time of the computed run; without a profile, by distance. The times add up to those of the
    pieces.

    Parameters
    ----------
    pieces : DataFrame
        As :func:`arterial.running.calibration.calibrate_pieces` gives them.
    points_m : sequence of float
        Positions of the points from first to last [m], ``(n,)``.
    profile : DataFrame, optional
        ``position_km`` and ``speed_kmh`` of the computed run of this train.

    Returns
    -------
    DataFrame
        One row a link, ``(n - 1,)``: link, from_m, to_m, free_s (before calibration), least_s (by
        physics under the kindest gradients),
        running_low_s, running_s, running_high_s.

    Examples
    --------
    A piece of 10 km in 600 s, with a point after 2.5 km:

    >>> names = ("basic_low_s", "basic_s", "calibrated_low_s", "calibrated_s", "calibrated_high_s")
    >>> piece = {"from_m": [0.0], "to_m": [10_000.0], "supplement_s": [0.0], "restriction_s": [0.0]}
    >>> pieces = pl.DataFrame(piece | {name: [600.0] for name in names})
    >>> list_point_links(pieces, [0.0, 2_500.0, 10_000.0])["running_s"].to_list()
    [150.0, 450.0]
    """
    bounds = np.append(pieces["from_m"].to_numpy(), float(pieces["to_m"][-1]))
    spent_at_bounds = _spend(bounds, profile)
    at = np.asarray(points_m, dtype=np.float64)
    piece = np.clip(np.searchsorted(bounds, at, side="right") - 1, 0, len(bounds) - 2)
    begin, end = spent_at_bounds[piece], spent_at_bounds[piece + 1]
    share = np.clip((_spend(at, profile) - begin) / np.maximum(end - begin, 1e-9), 0.0, 1.0)
    links: dict[str, object] = {
        "link": np.arange(len(at) - 1),
        "from_m": at[:-1],
        "to_m": at[1:],
    }
    for name, value in pieces.select(**TIMES).to_dict().items():
        times = value.to_numpy()
        before = np.concatenate(([0.0], np.cumsum(times)))
        links[name] = np.diff(before[piece] + share * times[piece])
    return pl.DataFrame(links)


def _spend(at_m: NDArray[np.float64], profile: pl.DataFrame | None) -> NDArray[np.float64]:
    """Time of the computed run up to some places [s]; their distance without a profile [m]."""
    if profile is None or profile.height < 2:  # noqa: PLR2004 two ends of a run
        return at_m
    sorted_profile = profile.sort("position_km")
    place = sorted_profile["position_km"].to_numpy() * KM_TO_M
    speed = sorted_profile["speed_kmh"].to_numpy()
    mean_kmh = np.maximum((speed[:-1] + speed[1:]) / 2, LEAST_SPEED_KMH)
    spent = np.concatenate(([0.0], np.cumsum(np.diff(place) / (mean_kmh * kmh_to_ms(1.0)))))
    return np.asarray(np.interp(at_m, place, spent), dtype=np.float64)
