"""Tempered sequential Monte Carlo, for what plain and adapted draws cannot reach.

The main function is `sample_tempered`. Particles start as prior draws; the likelihood is let in by
steps of its exponent, each so long that a set share of the sample's worth is left; then the
particles are resampled and moved [Del Moral 2006]. A particle keeps the key of chance with which
its likelihood was simulated, and a move draws score and key anew (pseudo-marginal [Andrieu 2009]):
the final sample is right for any unbiased simulated likelihood.

Moves are preconditioned Crank-Nicolson steps [Cotter 2013], reversible for a normal distribution
that follows the particles only in the directions in which they are clearly narrower or wider than
the prior. Each half of the particles moves by what the other half shows: a distribution fitted to
the particles that it moves takes their noise for the posterior (with 1,000 unknowns the log
evidence was 29 too low, and nothing showed it).

Islands share temperatures and step lengths, but are resampled apart; how their evidences and means
differ shows the error. A lag of all particles behind the temperature it does not show: that is
kept off by moving until log likelihoods have forgotten what they were, and what is left is told.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.inference.posterior import Numbers, take_systematic
from arterial.inference.sampling import (
    CountedLikelihood,
    Effort,
    effective_size,
    find_exponent,
    find_moved,
    log_mean,
)

__all__ = ["TemperedSample", "sample_tempered"]

_TARGET_ACCEPTANCE: Final = 0.35
_GAIN: Final = 1.5
_CLEARLY: Final = 0.1
_DRAWS_FOR_A_COORDINATE: Final = 10
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


@dataclass(slots=True)
class _Particles:
    scores: Numbers
    log_likelihood: Numbers
    ancestors: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> None:
        self.scores = self.scores[rows]
        self.log_likelihood = self.log_likelihood[rows]
        self.ancestors = self.ancestors[rows]


@dataclass(frozen=True, slots=True)
class _Reference:
    """Normal distribution of the moves: variance `spread` along `axes`, one elsewhere."""

    mean: Numbers
    # Orthonormal rows, (k, d), and their variances, (k,).
    axes: Numbers
    spread: Numbers

    def draw(self, rng: np.random.Generator, count: int) -> Numbers:
        noise = rng.standard_normal((count, len(self.mean)))
        return noise + (noise @ self.axes.T) * (np.sqrt(self.spread) - 1.0) @ self.axes

    def log_ratio(self, scores: Numbers) -> Numbers:
        """Logarithm of the density of the prior over the reference, up to a constant, ``(n,)``."""
        centred = scores - self.mean
        along = centred @ self.axes.T
        distance = (centred**2).sum(axis=1) + along**2 @ (1.0 / self.spread - 1.0)
        ratio: Numbers = 0.5 * (distance - (scores**2).sum(axis=1))
        return ratio


def sample_tempered(
    likelihood: CountedLikelihood, dimension: int, rng: np.random.Generator, effort: Effort
) -> TemperedSample | None:
    """Move prior draws to the posterior by steps of temperature.

    Parameters
    ----------
    likelihood : CountedLikelihood
        What was seen, given scores.
    dimension : int
        Number of unknowns, d.
    rng : numpy.random.Generator
        Source of chance.
    effort : Effort
        Particles, islands, moves, and how far one step goes.

    Returns
    -------
    TemperedSample or None
        None where an island has no particle left that can give what was seen.
    """
    islands = effort.islands
    count = effort.particles // islands * islands
    half = count // islands * (islands // 2)
    scores = rng.standard_normal((count, dimension))
    particles = _Particles(scores, likelihood(scores, rng), np.arange(count))
    log_evidences = np.zeros(islands)
    exponent, length, most_memory = 0.0, 0.5, 0.0
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
        references = _fit_references(particles.scores, log_weights)
        particles.take(_resample_islands(log_weights, rng))
        before = particles.log_likelihood.copy()
        for _ in range(effort.moves):
            share = _move(particles, likelihood, rng, references, (exponent, length, half))
            length = min(1.0, length * float(np.exp(_GAIN * (share - _TARGET_ACCEPTANCE))))
            memory = _correlate(before, particles.log_likelihood)
            if memory <= effort.memory:
                break
        most_memory = max(most_memory, memory)
        if exponent == 1.0:
            return _summarise(particles, log_evidences, most_memory)
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


def _fit_references(scores: Numbers, log_weights: Numbers) -> tuple[_Reference, _Reference]:
    """Reference of each half of the islands, fitted to the other half."""
    half = len(log_weights) // 2 * log_weights.shape[1]
    weights = log_weights.ravel()
    return (
        _fit_reference(scores[half:], weights[half:]),
        _fit_reference(scores[:half], weights[:half]),
    )


def _fit_reference(scores: Numbers, log_weights: Numbers) -> _Reference:
    """Mean and clearly narrow or wide axes; of many coordinates only those that moved.

    Sample variances of k standard normal scores lie between (1 ± sqrt(k / n))² [Marchenko 1967].
    """
    size = effective_size(log_weights)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    moved = np.arange(scores.shape[1])
    if _DRAWS_FOR_A_COORDINATE * len(moved) > size:
        moved = find_moved(scores, weights, size)
    mean = np.zeros(scores.shape[1])
    mean[moved] = weights @ scores[:, moved]
    centred = scores[:, moved] - mean[moved]
    spread, vectors = np.linalg.eigh((centred.T * weights) @ centred)
    edge = np.sqrt(len(moved) / max(size, 1.0))
    low, high = max(1.0 - edge, 0.0) ** 2, (1.0 + edge) ** 2
    clear = (spread < low * (1.0 - _CLEARLY)) | (spread > high * (1.0 + _CLEARLY))
    axes = np.zeros((int(clear.sum()), scores.shape[1]))
    axes[:, moved] = vectors[:, clear].T
    return _Reference(mean, axes, np.maximum(spread[clear], 1e-12))


def _move(
    particles: _Particles,
    likelihood: CountedLikelihood,
    rng: np.random.Generator,
    references: tuple[_Reference, _Reference],
    temper: tuple[float, float, int],
) -> float:
    """Move all particles once at (exponent, step length, size of the first half).

    Gives the share that moved.
    """
    exponent, length, half = temper
    scores = np.empty_like(particles.scores)
    log_acceptance = np.empty(len(scores))
    for rows, reference in zip((slice(half), slice(half, None)), references, strict=True):
        before = particles.scores[rows]
        scores[rows] = (
            reference.mean
            + np.sqrt(1.0 - length**2) * (before - reference.mean)
            + length * reference.draw(rng, len(before))
        )
        log_acceptance[rows] = reference.log_ratio(scores[rows]) - reference.log_ratio(before)
    log_likelihood = likelihood(scores, rng)
    log_acceptance += exponent * (log_likelihood - particles.log_likelihood)
    taken = np.log1p(-rng.random(len(scores))) < log_acceptance
    particles.scores[taken] = scores[taken]
    particles.log_likelihood[taken] = log_likelihood[taken]
    return float(taken.mean())


def _correlate(one: Numbers, other: Numbers) -> float:
    spread = float(one.std() * other.std())
    return float(np.mean((one - one.mean()) * (other - other.mean()))) / spread if spread else 0.0


def _summarise(particles: _Particles, log_evidences: Numbers, memory: float) -> TemperedSample:
    islands = len(log_evidences)
    scores = particles.scores
    largest = log_evidences.max()
    evidences = np.exp(log_evidences - largest)
    share = evidences / evidences.sum()
    size = len(scores) // islands
    weights = np.repeat(share, size) / size
    error = float(evidences.std(ddof=1) / np.sqrt(islands) / evidences.mean())
    # A mean over m independent draws has the variance of one draw over m.
    by_island = scores.reshape(islands, size, -1)
    spread = by_island.mean(axis=1).var(axis=0, ddof=1).sum()
    within = by_island.var(axis=1).mean(axis=0).sum() + spread
    effective = islands * float(within / spread) if spread > 0.0 else float(len(scores))
    allowed = float(1.0 / (weights @ weights))
    return TemperedSample(
        scores,
        weights,
        float(largest + np.log(evidences.mean())),
        error,
        min(effective, allowed),
        particles.ancestors,
        memory,
    )
