"""Power-law process from one's own records of things that are repaired and go on.

The main function is `fit_power_law`. Units may be watched over different ages, from new or later,
until a date or until their last failure; failures may be known only between two inspections.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from arterial.assets.likelihood import (
    CONFIDENCE,
    MINIMUM_FAILURES,
    Estimate,
    ShapeAndScale,
    check_failures_count,
    fit_shape_and_scale,
    ratio_p_value,
)
from arterial.assets.records import RecurrentRecords
from arterial.errors import LimitError

__all__ = [
    "PowerLawFit",
    "bound_shape",
    "exact_shape",
    "fit_power_law",
    "nearest_shape",
]

_SHAPES = (1e-3, 50.0)
NOT_WATCHED = (
    "A failure lies at the age at which the watching of its unit began, so that nothing was "
    "watched."
)
_SMALLEST_FITTED = 0.05
"""Shape below which no scale can be told: it falls without end as the shape nears 0."""


@dataclass(frozen=True, slots=True)
class PowerLawFit:
    """Power-law process fitted to records.

    Parameters
    ----------
    curve : ShapeAndScale
        Shape, and scale: the age up to which one failure of a unit is expected, with their
        covariance.
    units_count, failures_count : int
        Units that were watched, and their failures.
    steady_log_likelihood : float
        Of the best steady rate (shape 1).
    """

    curve: ShapeAndScale
    units_count: int
    failures_count: int
    steady_log_likelihood: float

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

    def mean_rate_per_year(self, age_y: float) -> Estimate:
        """Mean failures a year of a unit from new to an age, (age / scale)^shape / age.

        Parameters
        ----------
        age_y : float
            Age, above 0 [y]; beyond the watched ages it is an extrapolation.
        """
        shape, scale = self.shape.value, self.scale_y.value
        rate = (age_y / scale) ** shape / age_y
        return self.curve.derive(rate, (shape * math.log(age_y / scale), -shape))

    @property
    def ageing_p_value(self) -> float:
        """Probability of a gain over a steady rate so large by chance; small = age matters."""
        return ratio_p_value(self.log_likelihood, self.steady_log_likelihood)


def fit_power_law(records: RecurrentRecords, *, confidence: float = CONFIDENCE) -> PowerLawFit:
    """Fit a power-law process by maximum likelihood [Crow 1975].

    With exact ages the shape solves one equation (`exact_shape`), and for units all watched from
    new to one age it is n / sum ln(T / t). Intervals of inspection go through the general
    likelihood: a failure between two ages counts the growth of the mean between them.

    Parameters
    ----------
    records : RecurrentRecords
        Histories; `MINIMUM_FAILURES` failures at least.
    confidence : float
        Confidence of the intervals, between 0 and 1.

    Returns
    -------
    PowerLawFit
        Shape and scale with intervals from the Fisher information on a log scale.

    Raises
    ------
    LimitError
        When there are too few failures, or they do not determine both.

    Notes
    -----
    All units share one process; minimal repair is taken for granted, `fit_tests` can test it.

    Examples
    --------
    A unit watched for 10 y: shape 5 / (ln 5 + ln 2.5 + ln 10/6 + ln 1.25 + ln 10/9).

    >>> ages = np.array([2.0, 4.0, 6.0, 8.0, 9.0])
    >>> watched = {"start_y": np.zeros(1), "end_y": np.full(1, 10.0)}
    >>> watched |= {"ends_with_failure": np.zeros(1, bool), "unit": np.zeros(5, int)}
    >>> round(fit_power_law(RecurrentRecords(**watched, low_y=ages, high_y=ages)).shape.value, 4)
    1.4859
    """
    check_failures_count(records.failures_count, "The recurrent records")
    _check_windows(records)
    shape = exact_shape(records) if records.is_exact else 1.0
    scale = _scale_at(records, shape)
    fit = fit_shape_and_scale(
        lambda s, t: _power_law_log_likelihood(records, s, t),
        start_scale_y=scale,
        start_shape=shape,
        confidence=confidence,
    )
    return PowerLawFit(
        curve=fit,
        units_count=int(records.start_y.size),
        failures_count=records.failures_count,
        steady_log_likelihood=_power_law_log_likelihood(records, 1.0, _scale_at(records, 1.0)),
    )


def exact_shape(records: RecurrentRecords) -> float:
    """Shape of greatest likelihood when every age at failure is exact.

    The root of n / b + sum ln t - n sum(T^b ln T - S^b ln S) / sum(T^b - S^b), for units watched
    from S to T [Crow 1975].

    Raises
    ------
    LimitError
        When no shape from 0.05 to 50 solves it; `bound_shape` may still give its range.
    """
    shape = nearest_shape(records.start_y, records.end_y, np.log(records.high_y))
    if not _SMALLEST_FITTED < shape < _SHAPES[1]:
        message = (
            "The failures do not determine a shape: they lie too close to one end of the watched "
            "ages. Add records of other ages."
        )
        raise LimitError(message)
    return shape


def bound_shape(records: RecurrentRecords, *, confidence: float = CONFIDENCE) -> Estimate | None:
    """Give the range of the shape where no shape above 0 is the likeliest.

    So it is where every unit was watched from later than new and its failures crowd to the begin:
    the likelihood falls from shape 0 on, and the range ends where twice the fall is the square of
    the normal quantile, the scale being the best of each shape [Meeker 1998].

    Parameters
    ----------
    records : RecurrentRecords
        Histories with exact ages.
    confidence : float
        Confidence of the range, between 0 and 1.

    Returns
    -------
    Estimate or None
        0, 0 and the upper end; None where a shape above 0 is the likeliest, or none up to 50 ends
        the range.
    """
    from scipy.optimize import brentq

    if not records.is_exact or records.failures_count < MINIMUM_FAILURES:
        return None
    logs = np.log(records.high_y)
    if nearest_shape(records.start_y, records.end_y, logs) > _SMALLEST_FITTED:
        return None
    # As shares of the largest age: powers up to 50 of the ages would overflow.
    largest = float(records.end_y.max())
    ends, starts = records.end_y / largest, records.start_y / largest
    count, mean_log = logs.size, float(logs.mean()) - math.log(largest)

    def profile(shape: float) -> float:
        grown = float((ends**shape - starts**shape).sum())
        return count * (math.log(shape) + shape * mean_log - math.log(grown))

    reach = NormalDist().inv_cdf((1 + confidence) / 2) ** 2 / 2
    low, high = _SHAPES
    floor = profile(low) - reach
    if profile(high) >= floor:
        return None
    return Estimate(0.0, 0.0, float(brentq(lambda shape: profile(shape) - floor, low, high)))


def nearest_shape(
    start_y: NDArray[np.float64], end_y: NDArray[np.float64], log_ages: NDArray[np.float64]
) -> float:
    """Give the shape of greatest likelihood from 0.001 to 50, an end where it lies beyond.

    Where every unit was watched from later than new, failures that crowd to the begin of the
    watched ages are likelier the smaller the shape, and no shape above 0 is the best.
    """
    if not start_y.any() and np.ptp(end_y) == 0:
        gaps = float((np.log(end_y[0]) - log_ages).sum())
        shape = log_ages.size / gaps if gaps > 0 else np.inf
        return float(np.clip(shape, *_SHAPES))
    return _solve_score(start_y, end_y, log_ages)


def _power_law_log_likelihood(records: RecurrentRecords, shape: float, scale_y: float) -> float:
    """Log-likelihood of a power-law process.

    Sum of ln rate(t) over exact failures and of ln(m(u) - m(l)) over intervals, less the mean
    numbers m(T) - m(S) over the watched ages, with m(t) = (t / scale)^shape [Crow 1975].

    Parameters
    ----------
    records : RecurrentRecords
        Histories.
    shape, scale_y : float
        Shape, and scale [y].
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        start, end = ((ages / scale_y) ** shape for ages in (records.start_y, records.end_y))
        total = -float((end - start).sum())
        exact = records.low_y == records.high_y
        ages = records.high_y[exact] / scale_y
        total += float((np.log(shape / scale_y) + (shape - 1) * np.log(ages)).sum())
        low, high = (
            (bounds[~exact] / scale_y) ** shape for bounds in (records.low_y, records.high_y)
        )
        total += float(np.log(high - low).sum())
    return total


def _scale_at(records: RecurrentRecords, shape: float) -> float:
    # At the best scale the mean number equals the observed one.
    largest = float(records.end_y.max())
    reached = ((records.end_y / largest) ** shape - (records.start_y / largest) ** shape).sum()
    return float(largest * (reached / records.failures_count) ** (1 / shape))


def _solve_score(
    start_y: NDArray[np.float64], end_y: NDArray[np.float64], log_ages: NDArray[np.float64]
) -> float:
    from scipy.optimize import brentq

    largest = end_y.max()
    ends = end_y / largest
    # Age 0 adds nothing at any shape, but its logarithm is infinite.
    starts = start_y[start_y > 0] / largest
    mean_log = float(log_ages.mean() - np.log(largest))

    def score(shape: float) -> float:
        grown = ends**shape
        slope = float((grown * np.log(ends)).sum())
        mass = float(grown.sum())
        if starts.size:
            past = starts**shape
            slope -= float((past * np.log(starts)).sum())
            mass -= float(past.sum())
        # Ages close to each other leave no difference at the highest shapes, nor any slope.
        return 1 / shape + mean_log - (slope / mass if mass > 0 else 0.0)

    if float(ends.sum()) <= float(starts.sum()):
        raise LimitError(NOT_WATCHED)
    low, high = _SHAPES
    if score(low) <= 0:
        return low
    if score(high) >= 0:
        return high
    return float(brentq(score, low, high, xtol=1e-12))


def _check_windows(records: RecurrentRecords) -> None:
    start, end = records.start_y[records.unit], records.end_y[records.unit]
    is_inside = (start <= records.low_y) & (records.high_y <= end)
    is_ordered = (records.low_y <= records.high_y) & (records.high_y > 0)
    if not (np.all(is_inside & is_ordered) and np.all(records.start_y <= records.end_y)):
        message = "Failures must lie within the watched ages of their unit, with low <= high."
        raise LimitError(message)
    if np.any(records.high_y <= start):
        raise LimitError(NOT_WATCHED)
