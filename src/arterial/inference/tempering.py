"""Tempered sequential Monte Carlo, for what plain and adapted draws cannot reach.

The main function is `sample_tempered`; how particles move stands in `moving.py`. Particles start as
prior draws; the likelihood is let in by steps of its exponent, each so long that a set share of the
sample's worth is left; then the particles are resampled and moved [Del Moral 2006]. A particle
keeps the key of chance with which its likelihood was simulated, and a move draws score and key anew
(pseudo-marginal [Andrieu 2009]): the sample is right for any unbiased simulated likelihood.

Islands share temperatures and step lengths, but are resampled apart; how their evidences and means
differ shows the error. A lag of all particles behind the temperature it does not show: that is
kept off by moving until log likelihoods have forgotten what they were, and what is left is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.inference.moving import Particles, StepLengths, fit_guide, move_particles
from arterial.inference.posterior import Numbers, take_systematic
from arterial.inference.sampling import (
    CountedLikelihood,
    Effort,
    find_exponent,
    log_mean,
)

__all__ = ["TemperedSample", "sample_tempered"]

_MOST_STEPS: Final = 500


@dataclass(frozen=True, slots=True)
class TemperedSample:
    """Particles at the whole likelihood, and how far their islands agree.

    Parameters
    ----------
    scores, weights : numpy.ndarray
        ``(n, d)`` and ``(n,)``; islands weigh as their evidence.
    log_evidence, error : float
        Logarithm of the mean evidence of the islands, and its standard error from their spread.
    effective_size : float
        From the spread of the islands' means, no more than the weights allow.
    ancestors : numpy.ndarray
        First particle from which each comes, ``(n,)``.
    memory : float
        Greatest correlation, over the temperatures, of log likelihoods before and after the moves.
    """

    scores: Numbers
    weights: Numbers
    log_evidence: float
    error: float
    effective_size: float
    ancestors: NDArray[np.int64]
    memory: float


@dataclass(frozen=True, slots=True)
class _Population:
    particles: Particles
    # Of each island.
    log_evidences: Numbers
    memory: float


def sample_tempered(
    likelihood: CountedLikelihood,
    dimension: int,
    rng: np.random.Generator,
    is_enough: Callable[[TemperedSample], bool],
    effort: Effort,
) -> TemperedSample | None:
    """Move prior draws to the posterior, one population after the other until they are enough.

    Parameters
    ----------
    likelihood : CountedLikelihood
        What was seen, given scores.
    dimension : int
        Number of unknowns, d.
    rng : numpy.random.Generator
        Source of chance.
    is_enough : callable
        The gates.
    effort : Effort
        Populations, their particles and islands, moves, and how far one step goes.

    Returns
    -------
    TemperedSample or None
        All populations together; None where an island has no particle left that can give what was
        seen.
    """
    sample = None
    populations: list[_Population] = []
    for _ in range(effort.populations):
        population = _temper_population(likelihood, dimension, rng, effort)
        if population is None:
            return None
        populations.append(population)
        sample = _summarise(populations)
        # More populations mend no lag.
        if sample.memory > effort.memory or is_enough(sample):
            break
    return sample


def _temper_population(
    likelihood: CountedLikelihood, dimension: int, rng: np.random.Generator, effort: Effort
) -> _Population | None:
    """Particles from the prior to the whole likelihood, by steps of temperature."""
    islands = effort.islands
    count = effort.particles // islands * islands
    scores = rng.standard_normal((count, dimension))
    particles = Particles(scores, likelihood(scores, rng), np.arange(count))
    log_evidences = np.zeros(islands)
    exponent, most_memory, lengths = 0.0, 0.0, StepLengths()
    for _ in range(_MOST_STEPS):
        # Particles that cannot give what was seen are lost at once, however short the step.
        least = effort.keep * np.isfinite(particles.log_likelihood).sum()
        left = 1.0 - exponent
        step = left * find_exponent(left * particles.log_likelihood, np.zeros(count), least)
        log_weights = (step * particles.log_likelihood).reshape(islands, -1)
        gains = np.array([log_mean(row) for row in log_weights])
        if np.isneginf(gains).any():
            return None
        log_evidences += gains
        exponent = 1.0 if step == left else exponent + step
        before = np.array_split(particles.scores, 2)
        particles.take(_resample_islands(log_weights, rng))
        after = np.array_split(particles.scores.copy(), 2)
        first, second = (
            fit_guide(*shown)
            for shown in zip(before, np.array_split(log_weights.ravel(), 2), after, strict=True)
        )
        memory = move_particles(
            particles, likelihood, rng, (second, first), exponent, lengths, effort
        )
        most_memory = max(most_memory, memory)
        if exponent == 1.0:
            return _Population(particles, log_evidences, most_memory)
    return None


def _resample_islands(log_weights: Numbers, rng: np.random.Generator) -> NDArray[np.int64]:
    islands, size = log_weights.shape
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.concatenate(
        [
            island * size + take_systematic(weights[island], size, float(rng.random()))
            for island in range(islands)
        ]
    )


def _summarise(populations: list[_Population]) -> TemperedSample:
    """All islands of all populations as one sample."""
    scores = np.concatenate([one.particles.scores for one in populations])
    log_evidences = np.concatenate([one.log_evidences for one in populations])
    islands = len(log_evidences)
    size = len(scores) // islands
    largest = log_evidences.max()
    evidences = np.exp(log_evidences - largest)
    weights = np.repeat(evidences / evidences.sum(), size) / size
    # A mean over m independent draws has the variance of one draw over m.
    by_island = scores.reshape(islands, size, -1)
    spread = by_island.mean(axis=1).var(axis=0, ddof=1).sum()
    within = by_island.var(axis=1).mean(axis=0).sum() + spread
    effective = islands * float(within / spread) if spread > 0.0 else float(len(scores))
    first = np.arange(len(populations)) * (len(scores) // len(populations))
    return TemperedSample(
        scores,
        weights,
        float(largest + np.log(evidences.mean())),
        float(evidences.std(ddof=1) / np.sqrt(islands) / evidences.mean()),
        min(effective, float(1.0 / (weights @ weights))),
        np.concatenate(
            [start + one.particles.ancestors for start, one in zip(first, populations, strict=True)]
        ),
        max(one.memory for one in populations),
    )
