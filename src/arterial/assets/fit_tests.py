"""How well a fit agrees with its records, shown beside it.

Main functions: `compare_lifetimes` (Kaplan-Meier or Turnbull against the fitted share),
`compare_counts` (mean number of failures against the fitted one) and `cramer_von_mises` (whether
repaired things follow a power law at all).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.assets.lifetimes import WeibullFit, window_share
from arterial.assets.records import LifetimeRecords, RecurrentRecords
from arterial.assets.recurrent import PowerLawFit, exact_shape, nearest_shape
from arterial.errors import LimitError
from arterial.randomness import stream

__all__ = [
    "FitTest",
    "compare_counts",
    "compare_lifetimes",
    "cramer_von_mises",
    "failed_share_by_age",
]

_LARGEST_TABLE: Final = 4_000_000
_PASSES: Final = 20_000
_CLOSE: Final = 1e-9
_FEWEST_INNER: Final = 2


@dataclass(frozen=True, slots=True)
class FitTest:
    """A test of a fit.

    Parameters
    ----------
    statistic : float
        Distance between records and fit.
    p_value : float
        Share of samples of the fitted model that lie at least as far; small = the model is wrong.
    """

    statistic: float
    p_value: float


def compare_lifetimes(records: LifetimeRecords, fit: WeibullFit) -> pl.DataFrame:
    """Share failed by age: from the records alone, and by the fit.

    Parameters
    ----------
    records : LifetimeRecords
        Lives.
    fit : WeibullFit
        Their fit.

    Returns
    -------
    polars.DataFrame
        Columns age_y, share_observed, share_fitted and difference; both shares are of those that
        work at the youngest age at which watching began.
    """
    frame = failed_share_by_age(records)
    fitted = window_share(
        float(records.entry_y.min()),
        frame["age_y"].to_numpy(),
        shape=fit.shape.value,
        scale=fit.scale_y.value,
    )
    return frame.with_columns(share_fitted=pl.Series(fitted)).with_columns(
        difference=pl.col("share_observed") - pl.col("share_fitted")
    )


def failed_share_by_age(records: LifetimeRecords) -> pl.DataFrame:
    """Share failed by age from the records alone.

    Kaplan-Meier with late entries where ages are exact or censored; Turnbull's self-consistent
    estimate where some are known between two inspections [Turnbull 1976].

    Parameters
    ----------
    records : LifetimeRecords
        Lives.

    Returns
    -------
    polars.DataFrame
        Columns age_y and share_observed, at the ages at which it grows.

    Examples
    --------
    One of two fails at 1, the other is last seen at 2:

    >>> low, high = np.array([1.0, 2.0]), np.array([1.0, np.inf])
    >>> failed_share_by_age(LifetimeRecords(np.zeros(2), low, high)).rows()
    [(1.0, 0.5)]
    """
    if records.failures_count == 0:
        message = "Without failures there is no share to show; add records that failed."
        raise LimitError(message)
    if bool((records.is_exact | ~records.has_failed).all()):
        return _kaplan_meier(records)
    return _turnbull(records)


def compare_counts(records: RecurrentRecords, fit: PowerLawFit) -> pl.DataFrame:
    """Mean number of failures of a unit by age: from the records alone, and by the fit.

    At each failure the observed number grows by 1 / units watched at that age [Nelson 1995].

    Parameters
    ----------
    records : RecurrentRecords
        Histories; a failure between two ages is shown at their middle.
    fit : PowerLawFit
        Their fit.

    Returns
    -------
    polars.DataFrame
        Columns age_y, units_watched, failures_observed and failures_fitted, from the youngest age
        watched.
    """
    ages = (records.low_y + records.high_y) / 2
    unique, counts = np.unique(ages, return_counts=True)
    watched = ((records.start_y < unique[:, None]) & (unique[:, None] <= records.end_y)).sum(axis=1)
    first = float(records.start_y.min())
    shape, scale = fit.shape.value, fit.scale_y.value
    return pl.DataFrame(
        {
            "age_y": unique,
            "units_watched": watched,
            "failures_observed": np.cumsum(counts / watched),
            "failures_fitted": (unique / scale) ** shape - (first / scale) ** shape,
        }
    )


def cramer_von_mises(records: RecurrentRecords, *, seed: int, replications: int = 500) -> FitTest:
    """Test whether failures follow a power law.

    Under it the shares (t^b - S^b) / (T^b - S^b) of the watched span are uniform. The distance is
    1 / (12 M) + sum (share_i - (2 i - 1) / (2 M))², with the shape b freed of bias, and is compared
    with that of samples of the fitted process, fitted again [Crow 1975].

    Parameters
    ----------
    records : RecurrentRecords
        Histories with exact ages. Where watching ended with a failure, that failure sets the span
        and is left out.
    seed : int
        Seed of the samples.
    replications : int
        Number of samples.

    Returns
    -------
    FitTest
        Distance and p-value.

    Raises
    ------
    LimitError
        When ages are known only between inspections: use `compare_counts`. When fewer than two
        failures came before the end of watching.
    """
    if not records.is_exact:
        message = (
            "This test needs exact ages at failure; with intervals of inspection compare the "
            "mean numbers instead (compare_counts)."
        )
        raise LimitError(message)
    shape = exact_shape(records)
    is_inner = ~(
        records.ends_with_failure[records.unit] & (records.high_y >= records.end_y[records.unit])
    )
    if int(is_inner.sum()) < _FEWEST_INNER:
        message = (
            "This test needs two failures before the end of watching; watch on after the last."
        )
        raise LimitError(message)
    unit = records.unit[is_inner]
    start, end = records.start_y[unit], records.end_y[unit]
    closing = np.log(records.high_y[~is_inner])
    statistic = _distance(_shares(records.high_y[is_inner], start, end, shape * _unbias(is_inner)))
    random = stream(seed, "goodness/power law")
    low, high = start**shape, end**shape
    farther = 0
    for _ in range(replications):
        ages = (low + random.random(low.size) * (high - low)) ** (1 / shape)
        logs = np.concatenate([np.log(ages), closing])
        # A sample whose best shape lies beyond the ends is as near as the end comes to it.
        again = nearest_shape(records.start_y, records.end_y, logs) * _unbias(is_inner)
        farther += _distance(_shares(ages, start, end, again)) >= statistic
    return FitTest(statistic, (farther + 1) / (replications + 1))


def _unbias(is_inner: NDArray[np.bool_]) -> float:
    return (int(is_inner.sum()) - 1) / is_inner.size


def _shares(
    ages: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    shape: float,
) -> NDArray[np.float64]:
    past = (start / end) ** shape
    return np.asarray(((ages / end) ** shape - past) / (1 - past))


def _distance(shares: NDArray[np.float64]) -> float:
    count = shares.size
    middles = (2 * np.arange(1, count + 1) - 1) / (2 * count)
    return float(1 / (12 * count) + ((np.sort(shares) - middles) ** 2).sum())


def _kaplan_meier(records: LifetimeRecords) -> pl.DataFrame:
    ages, counts = np.unique(records.high_y[records.has_failed], return_counts=True)
    entered = np.searchsorted(np.sort(records.entry_y), ages, side="left")
    left = np.searchsorted(np.sort(records.low_y), ages, side="left")
    working = np.cumprod(1 - counts / (entered - left))
    return pl.DataFrame({"age_y": ages, "share_observed": 1 - working})


def _turnbull(records: LifetimeRecords) -> pl.DataFrame:
    exact = records.is_exact
    edges = np.unique(
        np.concatenate([records.entry_y, records.low_y, records.high_y, [0.0, np.inf]])
    )
    # Cells: the open pieces between edges, and the edges at which something failed exactly.
    points = np.unique(records.low_y[exact])
    lows = np.concatenate([edges[:-1], points])
    highs = np.concatenate([edges[1:], points])
    order = np.lexsort((lows, highs))
    lows, highs = lows[order], highs[order]
    if records.low_y.size * lows.size > _LARGEST_TABLE:
        message = (
            "There are too many different ages for this estimate; round the ages of inspections "
            "to months."
        )
        raise LimitError(message)
    is_point = lows == highs
    low, high = records.low_y[:, None], records.high_y[:, None]
    fits_interval = (lows >= low) & (highs <= high) & ~(is_point & (lows <= low))
    fits_exact = is_point & (lows == low)
    fits = np.where(exact[:, None], fits_exact, fits_interval)
    entry = records.entry_y[:, None]
    is_seen = np.where(is_point, lows > entry, lows >= entry)
    masses = _self_consistent(fits, is_seen)
    frame = pl.DataFrame({"age_y": highs, "share_observed": np.cumsum(masses), "mass": masses})
    kept = frame.filter((pl.col("mass") > _CLOSE) & pl.col("age_y").is_finite())
    return kept.group_by("age_y", maintain_order=True).agg(pl.col("share_observed").last())


def _self_consistent(fits: NDArray[np.bool_], is_seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    possible = (fits & is_seen).astype(float)
    unseen = (~is_seen).astype(float)
    masses = np.where(possible.any(axis=0), 1.0, 0.0)
    masses /= masses.sum()
    for _ in range(_PASSES):
        own = possible / (possible @ masses)[:, None]
        # Those that failed before watching began were never recorded; they are added in mind.
        hidden = unseen / (1 - unseen @ masses)[:, None]
        weights = masses * (own + hidden).sum(axis=0)
        fresh = weights / weights.sum()
        if float(np.abs(fresh - masses).max()) < _CLOSE:
            return np.asarray(fresh)
        masses = fresh
    return np.asarray(masses)
