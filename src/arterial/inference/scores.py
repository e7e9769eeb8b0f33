"""How options weigh after what was seen, and how forecasts are scored when the truth arrives.

Main functions: `weigh_options` (Bayes factors with prior odds), `score_probabilities` (Brier, in
its parts) and `crps` (of a weighted sample). `PROBABILITY_BANDS` are the seven bands to which ICD
203 gives words; the words are the reader's language and stand elsewhere.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from arterial.errors import LimitError
from arterial.inference.posterior import Numbers

__all__ = [
    "PROBABILITY_BANDS",
    "BrierScore",
    "Weighing",
    "crps",
    "find_band",
    "score_probabilities",
    "weigh_options",
]

PROBABILITY_BANDS: Final = (
    (0.01, 0.05),
    (0.05, 0.20),
    (0.20, 0.45),
    (0.45, 0.55),
    (0.55, 0.80),
    (0.80, 0.95),
    (0.95, 0.99),
)
"""Low and high end of each band [ODNI 2015], from almost no chance to almost certain."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """Rival options before and after what was seen.

    Parameters
    ----------
    prior, probability : numpy.ndarray
        Probability of each option before and after, ``(k,)``.
    bayes_factor : numpy.ndarray
        How many times more probable what was seen is under the row than under the column,
        ``(k, k)``; prior odds times it are the odds after. Not a number between two that cannot.
    log_error : numpy.ndarray
        Standard error of its logarithm, ``(k, k)``.
    """

    prior: Numbers
    probability: Numbers
    bayes_factor: Numbers
    log_error: Numbers


@dataclass(frozen=True, slots=True)
class BrierScore:
    """Mean squared error of probabilities, and its parts: reliability - resolution + uncertainty.

    Parameters
    ----------
    score : float
        Mean of (probability - outcome)²; 0 is best.
    reliability : float
        How far shares that came true differ from what was said, band by band; 0 is best.
    resolution : float
        How far the bands differ in what came true, with the spread inside bands counted in; more is
        better.
    uncertainty : float
        Variance of the outcomes, whatever was said.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float


def weigh_options(log_evidence: Numbers, prior: Numbers, error: Numbers | None = None) -> Weighing:
    """Probability of each option from its evidence and prior weight, and all Bayes factors.

    Parameters
    ----------
    log_evidence : numpy.ndarray
        Of each option, ``(k,)``; minus infinity where it cannot give what was seen.
    prior : numpy.ndarray
        Weights before, ``(k,)``, not negative; they are scaled to a sum of one.
    error : numpy.ndarray or None
        Standard error of each log evidence, ``(k,)``; None for none.

    Returns
    -------
    Weighing
        Before and after.

    Raises
    ------
    LimitError
        When shapes differ, a weight is negative, or no option has both weight and evidence.

    Examples
    --------
    >>> weighed = weigh_options(np.log([0.3, 0.1]), np.array([1.0, 1.0]))
    >>> weighed.bayes_factor[0, 1].round(6), weighed.probability.round(6).tolist()
    (np.float64(3.0), [0.75, 0.25])
    """
    errors = np.zeros(len(log_evidence)) if error is None else error
    if not log_evidence.shape == prior.shape == errors.shape or (prior < 0.0).any():
        message = (
            f"Options of shapes {log_evidence.shape}, {prior.shape} and {errors.shape} cannot be "
            "weighed: give each one log evidence, one error and one weight that is not negative."
        )
        raise LimitError(message)
    possible = (prior > 0.0) & (log_evidence > -np.inf)
    if not possible.any():
        message = (
            "No option that has a prior weight can give what was seen: add an option that can, "
            "or look at the observations again."
        )
        raise LimitError(message)
    largest = log_evidence[possible].max()
    weights = np.where(possible, prior, 0.0)
    weights[possible] *= np.exp(log_evidence[possible] - largest)
    with np.errstate(over="ignore", invalid="ignore"):
        factors = np.exp(log_evidence[:, None] - log_evidence[None, :])
    np.fill_diagonal(factors, 1.0)
    return Weighing(
        prior / prior.sum(),
        weights / weights.sum(),
        factors,
        np.where(np.eye(len(errors), dtype=bool), 0.0, np.hypot(errors[:, None], errors)),
    )


def find_band(probability: float) -> int:
    """Number of the band of `PROBABILITY_BANDS` in which a probability lies.

    A value on an edge lies in the band nearer to one half, so that nothing sounds surer than it
    is; below 0.01 and above 0.99 the outer bands stand.

    Parameters
    ----------
    probability : float
        From 0 to 1.

    Returns
    -------
    int
        0 to 6.

    Raises
    ------
    LimitError
        When it is no probability.

    Examples
    --------
    >>> find_band(0.5), find_band(0.8), find_band(0.2), find_band(0.999)
    (3, 4, 2, 6)
    """
    if not 0.0 <= probability <= 1.0:
        message = f"{probability} is no probability: give a number from 0 to 1."
        raise LimitError(message)
    middle = len(PROBABILITY_BANDS) // 2
    for band in range(middle):
        if probability < PROBABILITY_BANDS[band][1]:
            return band
    for band in range(len(PROBABILITY_BANDS) - 1, middle, -1):
        if probability > PROBABILITY_BANDS[band][0]:
            return band
    return middle


def score_probabilities(probability: Numbers, happened: Numbers) -> BrierScore:
    """Brier score of forecasts whose outcomes are known, in its parts [Murphy 1973].

    Forecasts are grouped by the bands of `find_band`; what varies inside a band is counted in
    the resolution [Stephenson 2008], so that the parts add up exactly.

    Parameters
    ----------
    probability : numpy.ndarray
        What was said, ``(n,)``.
    happened : numpy.ndarray
        1 where it came true, else 0, ``(n,)``.

    Returns
    -------
    BrierScore
        Score and parts.

    Raises
    ------
    LimitError
        When there is no forecast, shapes differ, or a number is none of these.

    Examples
    --------
    >>> score_probabilities(np.array([1.0, 1.0, 0.5, 0.5]), np.array([1.0, 1.0, 0.0, 1.0])).score
    0.125
    """
    said, came = np.asarray(probability, float), np.asarray(happened, float)
    if said.shape != came.shape or not said.size or not np.isin(came, (0.0, 1.0)).all():
        message = (
            f"{said.shape} forecasts with {came.shape} outcomes cannot be scored: give each "
            "forecast its outcome, 0 or 1."
        )
        raise LimitError(message)
    band = np.array([find_band(float(value)) for value in said])
    count = np.bincount(band)
    held = count > 0
    share = count[held] / len(said)
    mean_said = np.bincount(band, said)[held] / count[held]
    mean_came = np.bincount(band, came)[held] / count[held]
    score = float(np.mean((said - came) ** 2))
    reliability = float(share @ (mean_said - mean_came) ** 2)
    uncertainty = float(came.mean() * (1.0 - came.mean()))
    return BrierScore(score, reliability, reliability + uncertainty - score, uncertainty)


def crps(values: Numbers, weights: Numbers, truth: float) -> float:
    """Continuous ranked probability score of a weighted sample, exactly, in O(n log n).

    The integral of (F(x) - [x >= truth])² [Gneiting 2007]; for a single value its distance from
    the truth.

    Parameters
    ----------
    values, weights : numpy.ndarray
        The forecast, ``(n,)`` each; weights of sum one.
    truth : float
        What came, in the unit of the values.

    Returns
    -------
    float
        In the unit of the values; 0 is best.

    Raises
    ------
    LimitError
        When there is no value, or a weight is negative.

    Examples
    --------
    >>> crps(np.array([1.0, 3.0]), np.array([0.5, 0.5]), 2.0)
    0.5
    """
    if values.shape != weights.shape or not values.size or (weights < 0.0).any():
        message = (
            f"A sample of {values.shape} values and {weights.shape} weights has no score: give "
            "each value one weight that is not negative."
        )
        raise LimitError(message)
    order = np.argsort(values, kind="stable")
    sorted_values = values[order]
    below = np.cumsum(weights[order])[:-1] / weights.sum()
    distance = float(weights @ np.abs(values - truth) / weights.sum())
    return distance - float((below * (1.0 - below)) @ np.diff(sorted_values))
