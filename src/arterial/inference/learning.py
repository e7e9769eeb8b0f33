"""Learning from a likelihood: plain draws, adapted draws, tempering, and the gates between them.

The main function is `learn`. Each attempt must pass every gate, or the next and dearer one is
tried; if none passes, the answer is that nothing can be told, and why.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from arterial.errors import LimitError
from arterial.inference.importance import ImportanceSample, sample_importance
from arterial.inference.posterior import (
    CannotTell,
    Keys,
    LogLikelihood,
    Method,
    Numbers,
    Posterior,
    resample,
)
from arterial.inference.sampling import EFFORT, CountedLikelihood, Effort
from arterial.inference.tempering import TemperedSample, sample_tempered

__all__ = ["GATE", "Gate", "Prediction", "learn", "predictive_p_values"]

_LARGEST_KEY: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Gate:
    """What a sample must hold to be believed.

    Parameters
    ----------
    effective_size : float
        Least effective size.
    log_evidence : float
        Largest difference between the log evidence of the last round alone and of all rounds (an
        adapted proposal can show a large effective size and have missed most of the mass); for
        tempering, the largest standard error between islands.
    p_value : float
        Chance of refusing a right model because of its predictions, over all observations.
    """

    effective_size: float = 400.0
    log_evidence: float = 0.1
    p_value: float = 0.01


GATE: Final = Gate()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was seen, one number an observation, and how the model would have given it.

    Parameters
    ----------
    observed : numpy.ndarray
        Statistic of each observation, ``(m,)``.
    predict : callable
        From scores ``(n, d)`` and keys of chance ``(n,)`` to the statistics ``(n, m)``, with every
        chance that the observation itself had.
    """

    observed: Numbers
    predict: Callable[[Numbers, Keys], Numbers]


def learn(
    log_likelihood: LogLikelihood,
    dimension: int,
    rng: np.random.Generator,
    gate: Gate = GATE,
    *,
    prediction: Prediction | None = None,
    effort: Effort = EFFORT,
) -> Posterior | CannotTell:
    """What observations teach about unknowns that are standard normal before.

    Importance sampling first; tempered sequential Monte Carlo where its gates fail; then the
    predictive check, which no further sampling can mend.

    Parameters
    ----------
    log_likelihood : LogLikelihood
        From scores ``(n, d)`` and keys of chance ``(n,)`` to the logarithm of the likelihood of
        all that was seen, ``(n,)``. Rows must not depend on each other: it is called in batches.
    dimension : int
        Number of unknowns, d; about 10 to 1,000.
    rng : numpy.random.Generator
        Source of chance; the same one gives the same result, whatever the batch.
    gate : Gate
        What a sample must hold.
    prediction : Prediction or None
        Observations to predict; None checks none.
    effort : Effort
        How much may be done.

    Returns
    -------
    Posterior or CannotTell
        The sample that passed every gate, or the reasons why none did.

    Raises
    ------
    LimitError
        When a number of `effort` or `dimension` is too small, or the likelihood gives what is none.

    Notes
    -----
    No gate sees what no draw ever met: likelihood in a place that neither prior draws nor heated
    particles reach is missed in silence.

    Examples
    --------
    A score seen as 1 with a standard error of 1 is 0.5 afterwards.

    >>> from arterial.randomness import stream
    >>> learned = learn(lambda scores, _: -0.5 * (scores[:, 0] - 1.0) ** 2, 1, stream(1, "x"))
    >>> round(float(learned.weights @ learned.scores[:, 0]), 1)
    0.5
    """
    _check_limits(dimension, effort)
    likelihood = CountedLikelihood(log_likelihood, effort.batch)
    learned = _learn_by_importance(likelihood, dimension, rng, gate, effort)
    if isinstance(learned, CannotTell) and effort.particles:
        learned = _learn_by_tempering(likelihood, dimension, rng, gate, effort, learned.reasons)
    if isinstance(learned, CannotTell) or prediction is None:
        return learned
    scores = resample(learned, effort.predictions, rng)
    keys = rng.integers(0, _LARGEST_KEY, size=len(scores))
    p_values = predictive_p_values(prediction.observed, prediction.predict(scores, keys))
    least = gate.p_value / len(p_values)
    missed = tuple(
        f"prediction: observation {number} lies at the edge of what the learned model predicts, "
        f"p = {value:.2g}, less than {least:.2g}"
        for number, value in enumerate(p_values)
        if value < least
    )
    if missed:
        return CannotTell((*learned.refused, *missed), learned.evaluations, p_values)
    return replace(learned, p_values=p_values)


def predictive_p_values(observed: Numbers, predicted: Numbers) -> tuple[float, ...]:
    """Two-sided p-value of each observation among what the model predicts [Gelman 2013].

    Parameters
    ----------
    observed : numpy.ndarray
        What was seen, ``(m,)``.
    predicted : numpy.ndarray
        What equally likely draws predict, ``(n, m)``.

    Returns
    -------
    tuple of float
        Twice the smaller tail, half of all equal values in it, at most 1.

    Raises
    ------
    LimitError
        When there are other observations than predictions.

    Notes
    -----
    The observations have taught the model that predicts them, so p-values are larger than uniform:
    the check refuses too rarely, never too often.

    Examples
    --------
    >>> predictive_p_values(np.array([3.0]), np.array([[1.0], [2.0], [3.0], [4.0]]))
    (0.75,)
    """
    if predicted.ndim != 2 or observed.shape != predicted.shape[1:] or not predicted.size:  # noqa: PLR2004
        message = (
            f"{observed.shape} observations cannot be held against predictions of shape "
            f"{predicted.shape}: give one column for each, and a row for each draw."
        )
        raise LimitError(message)
    below = (predicted < observed).mean(axis=0)
    equal = (predicted == observed).mean(axis=0)
    tails = np.minimum(below, 1.0 - below - equal) + 0.5 * equal
    return tuple(float(value) for value in np.minimum(1.0, 2.0 * tails))


def _check_limits(dimension: int, effort: Effort) -> None:
    fewest_islands = 2
    if (
        min(dimension, effort.rounds, effort.populations, effort.moves, effort.batch) < 1
        or min(effort.draws, effort.predictions) < fewest_islands
        or effort.islands < fewest_islands
        or effort.islands % 2
        or 0 < effort.particles < 2 * effort.islands
        or not 0.0 < effort.keep < 1.0
    ):
        message = (
            f"Nothing can be learned about {dimension} unknowns with {effort}: give at least one "
            "of each, two draws, an even number of islands of two particles (or no particles), and "
            "keep a share between 0 and 1."
        )
        raise LimitError(message)


def _learn_by_importance(
    likelihood: CountedLikelihood,
    dimension: int,
    rng: np.random.Generator,
    gate: Gate,
    effort: Effort,
) -> Posterior | CannotTell:
    def find_fault(sample: ImportanceSample) -> str:
        return _describe_fault(sample.effective_size, gate, sample.gap, "in the last round alone")

    sample = sample_importance(
        likelihood, dimension, rng, lambda drawn: not find_fault(drawn), effort
    )
    fault = find_fault(sample)
    if fault:
        return CannotTell((f"importance: {fault}",), likelihood.evaluations)
    weights = np.exp(sample.log_weights - sample.log_weights.max())
    return Posterior(
        scores=sample.scores,
        weights=weights / weights.sum(),
        log_evidence=sample.log_evidence,
        error=sample.error,
        effective_size=sample.effective_size,
        ancestors=np.arange(len(weights)),
        evaluations=likelihood.evaluations,
        method=Method.IMPORTANCE,
    )


def _learn_by_tempering(
    likelihood: CountedLikelihood,
    dimension: int,
    rng: np.random.Generator,
    gate: Gate,
    effort: Effort,
    refused: tuple[str, ...],
) -> Posterior | CannotTell:
    def find_fault(sample: TemperedSample | None) -> str:
        if sample is None:
            return "too few prior draws can give what was seen"
        if sample.memory > effort.memory:
            return (
                f"moved particles still correlate by {sample.memory:.2f}, more than {effort.memory}"
            )
        return _describe_fault(sample.effective_size, gate, sample.error, "between islands")

    sample = sample_tempered(
        likelihood, dimension, rng, lambda drawn: not find_fault(drawn), effort
    )
    fault = find_fault(sample)
    if sample is None or fault:
        return CannotTell((*refused, f"tempering: {fault}"), likelihood.evaluations)
    return Posterior(
        scores=sample.scores,
        weights=sample.weights,
        log_evidence=sample.log_evidence,
        error=sample.error,
        effective_size=sample.effective_size,
        ancestors=sample.ancestors,
        evaluations=likelihood.evaluations,
        method=Method.TEMPERING,
        refused=refused,
    )


def _describe_fault(size: float, gate: Gate, gap: float, where: str) -> str:
    """Why a sample is refused, or nothing."""
    if size == 0.0:
        return "no draw can give what was seen"
    faults = []
    if size < gate.effective_size:
        faults.append(f"effective size {size:.0f} of {gate.effective_size:.0f}")
    if not gap <= gate.log_evidence:
        faults.append(f"log evidence differs by {gap:.2f} {where}, more than {gate.log_evidence}")
    return " and ".join(faults)
