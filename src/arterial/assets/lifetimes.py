"""Weibull lives of things that are replaced when they fail: the law, and its fit to records.

The share failed by age t is 1 - exp(-(t / scale)^shape) [Weibull 1951] (`failed_share`,
`window_share`); ages may be years or tonnes, the scale has the same unit. The main function is
`fit_lifetimes`. Records may begin late (left truncation), say only between which inspections a
thing failed (interval censoring), or end before it did (right censoring).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arterial.assets.likelihood import (
    CONFIDENCE,
    Estimate,
    ShapeAndScale,
    check_failures_count,
    fit_shape_and_scale,
    ratio_p_value,
)
from arterial.assets.records import LifetimeRecords
from arterial.errors import LimitError

__all__ = [
    "WeibullFit",
    "failed_share",
    "fit_lifetimes",
    "scale_from_mean",
    "weibull_log_likelihood",
    "window_share",
]


@dataclass(frozen=True, slots=True)
class WeibullFit:
    """Weibull lives fitted to records.

    Parameters
    ----------
    curve : ShapeAndScale
        Shape and scale with their covariance.
    records_count, failures_count : int
        Records, and those of them that failed.
    exponential_log_likelihood : float
        Of the best life without ageing (shape 1).
    """

    curve: ShapeAndScale
    records_count: int
    failures_count: int
    exponential_log_likelihood: float

    @property
    def shape(self) -> Estimate:
        """Shape with its interval."""
        return self.curve.shape

    @property
    def scale_y(self) -> Estimate:
        """Scale with its interval [y]."""
        return self.curve.scale_y

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at the fit."""
        return self.curve.log_likelihood

    @property
    def mean_life_y(self) -> Estimate:
        """Mean life with its interval [y], scale x Gamma(1 + 1 / shape)."""
        from scipy.special import digamma

        shape = self.shape.value
        mean = self.scale_y.value * math.gamma(1 + 1 / shape)
        return self.curve.derive(mean, (-float(digamma(1 + 1 / shape)) / shape, 1.0))

    @property
    def ageing_p_value(self) -> float:
        """Probability of a gain over shape 1 so large by chance; small = age matters."""
        return ratio_p_value(self.log_likelihood, self.exponential_log_likelihood)


def fit_lifetimes(records: LifetimeRecords, *, confidence: float = CONFIDENCE) -> WeibullFit:
    """Fit Weibull lives by maximum likelihood [Meeker 1998].

    Parameters
    ----------
    records : LifetimeRecords
        Lives; `MINIMUM_FAILURES` failures at least.
    confidence : float
        Confidence of the intervals, between 0 and 1.

    Returns
    -------
    WeibullFit
        Shape and scale with intervals from the Fisher information on a log scale.

    Raises
    ------
    LimitError
        When there are too few failures, or they do not determine both.

    Notes
    -----
    With fewer than about 20 failures the shape is biased upwards and the interval is short.

    Examples
    --------
    >>> ages = np.array([2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    >>> fit = fit_lifetimes(LifetimeRecords(0 * ages, ages, ages))
    >>> round(fit.shape.value, 2), round(fit.scale_y.value, 2)
    (2.95, 5.06)
    """
    check_failures_count(records.failures_count, "The lifetime records")
    if not np.all((records.entry_y <= records.low_y) & (records.low_y <= records.high_y)):
        message = "Lives need entry <= low <= high."
        raise LimitError(message)
    if np.any(records.has_failed & (records.high_y <= records.entry_y)):
        message = (
            "A life ends at the age at which its watching began, so that nothing was watched. "
            "State the age from which the unit was watched, or leave the row out."
        )
        raise LimitError(message)
    seen = np.where(records.has_failed, records.high_y, records.low_y) / 2 + records.low_y / 2
    watched_y = float((seen - records.entry_y).sum())
    simple_scale = _fit_exponential(records, watched_y)
    fit = fit_shape_and_scale(
        lambda shape, scale: weibull_log_likelihood(records, shape, scale),
        start_scale_y=simple_scale,
        confidence=confidence,
    )
    return WeibullFit(
        curve=fit,
        records_count=int(records.low_y.size),
        failures_count=records.failures_count,
        exponential_log_likelihood=weibull_log_likelihood(records, 1.0, simple_scale),
    )


def weibull_log_likelihood(records: LifetimeRecords, shape: float, scale_y: float) -> float:
    """Log-likelihood of Weibull lives, given that each worked when watching began.

    With cumulative hazard H(t) = (t / scale)^shape: exact ln h(t) - H(t); interval
    -H(l) + ln(1 - exp(H(l) - H(u))); censored -H(l); and H(entry) added to each [Meeker 1998].

    Parameters
    ----------
    records : LifetimeRecords
        Lives.
    shape, scale_y : float
        Shape, and scale [y].

    Examples
    --------
    One exact life of 2 y at shape 1 and scale 1: -2.

    >>> one = np.array([2.0])
    >>> weibull_log_likelihood(LifetimeRecords(0 * one, one, one), 1.0, 1.0)
    -2.0
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        entry = (records.entry_y / scale_y) ** shape
        low = (records.low_y / scale_y) ** shape
        exact = records.is_exact
        between = records.has_failed & ~exact
        total = float((entry - low).sum())
        ages = records.low_y[exact] / scale_y
        total += float((np.log(shape / scale_y) + (shape - 1) * np.log(ages)).sum())
        grown = (records.high_y[between] / scale_y) ** shape - low[between]
        total += float(np.log(-np.expm1(-grown)).sum())
    return total


def _fit_exponential(records: LifetimeRecords, exposure_y: float) -> float:
    from scipy.optimize import minimize_scalar

    centre = np.log(exposure_y / records.failures_count)
    found = minimize_scalar(
        lambda log: -weibull_log_likelihood(records, 1.0, float(np.exp(log))),
        bounds=(centre - 3, centre + 3),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(np.exp(found.x))


def failed_share(age: ArrayLike, *, shape: ArrayLike, scale: ArrayLike) -> NDArray[np.float64]:
    """Share that has failed by an age, 1 - exp(-(age / scale)^shape).

    Examples
    --------
    >>> round(float(failed_share(22.0, shape=3.0, scale=22.0)), 4)
    0.6321
    """
    return np.asarray(-np.expm1(-_cumulative(age, shape, scale)))


def window_share(
    from_age: ArrayLike, to_age: ArrayLike, *, shape: ArrayLike, scale: ArrayLike
) -> NDArray[np.float64]:
    """Probability that one which works at an age fails before another.

    Examples
    --------
    Shape 1 forgets its age:

    >>> float(window_share(5.0, 6.0, shape=1.0, scale=2.0).round(6))
    0.393469
    """
    grown = _cumulative(to_age, shape, scale) - _cumulative(from_age, shape, scale)
    return np.asarray(-np.expm1(-grown))


def scale_from_mean(mean_life: float, shape: float) -> float:
    """Scale of lifetimes with this mean: mean / Gamma(1 + 1 / shape).

    Examples
    --------
    >>> scale_from_mean(10.0, 1.0)
    10.0
    """
    if mean_life <= 0 or shape <= 0:
        message = f"Mean life and shape must lie above 0, not {mean_life} and {shape}."
        raise LimitError(message)
    return mean_life / math.gamma(1 + 1 / shape)


def _cumulative(age: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> NDArray[np.float64]:
    ages, power, length = (np.asarray(value, float) for value in (age, shape, scale))
    if not (np.all(ages >= 0) and np.all(power > 0) and np.all(length > 0)):
        message = "Ages must not be missing or negative; shape and scale must lie above 0."
        raise LimitError(message)
    return np.asarray((ages / length) ** power)
