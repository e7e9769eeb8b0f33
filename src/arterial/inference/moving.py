"""How particles move at one temperature: main function `move_particles`.

Two kinds of step. Preconditioned Crank-Nicolson steps [Cotter 2013] are reversible for a normal
distribution that follows the particles only in the directions in which they are clearly narrower or
wider than the prior, so that a thousand unknowns of which four matter move as easily as four. Where
these have to be short, because the particles lie on a curve or in several places, every other step
is along the difference of two other particles [Braak 2006], which knows how wide each place is.

Each half of the particles moves by what the other half shows: a distribution fitted to the
particles that it moves takes their noise for the posterior (with 1,000 unknowns the log evidence
was 29 too low, and nothing showed it).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.inference.posterior import Numbers
from arterial.inference.sampling import (
    CountedLikelihood,
    Effort,
    effective_size,
    find_moved,
)

__all__ = ["Guide", "Particles", "StepLengths", "fit_guide", "move_particles"]

_TARGET_ACCEPTANCE: Final = 0.35
_GAIN: Final = 1.5
_CLEARLY: Final = 0.1
_DRAWS_FOR_A_COORDINATE: Final = 10
_SHORT: Final = 0.3
# So many of the steps along differences are whole ones, from one place to another.
_WHOLE_SHARE: Final = 0.1
_PARTS: Final = (0.2, 0.5, 1.0)


@dataclass(slots=True)
class Particles:
    """State that moves change.

    Parameters
    ----------
    scores, log_likelihood : numpy.ndarray
        ``(n, d)`` and ``(n,)``.
    ancestors : numpy.ndarray
        First particle of each, ``(n,)``.
    """

    scores: Numbers
    log_likelihood: Numbers
    ancestors: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> None:
        """Keep rows, some of them more than once."""
        self.scores = self.scores[rows]
        self.log_likelihood = self.log_likelihood[rows]
        self.ancestors = self.ancestors[rows]


@dataclass(slots=True)
class StepLengths:
    """Lengths that follow the share of accepted steps.

    Parameters
    ----------
    normal : float
        Of Crank-Nicolson steps, up to 1.
    difference : float
        Factor of steps along differences.
    """

    normal: float = 0.5
    difference: float = 1.0


@dataclass(frozen=True, slots=True)
class Guide:
    """What one half of the particles shows the other.

    Parameters
    ----------
    mean : numpy.ndarray
        ``(d,)``.
    axes, spread : numpy.ndarray
        Orthonormal directions that are clearly not the prior's, ``(k, d)``, and their variances,
        ``(k,)``; elsewhere the variance is 1.
    moved : numpy.ndarray
        Coordinates that moved, ``(m,)``.
    others : numpy.ndarray
        Particles themselves, after resampling, in these coordinates, ``(n, m)``.
    """

    mean: Numbers
    axes: Numbers
    spread: Numbers
    moved: NDArray[np.int64]
    others: Numbers

    def step_normally(
        self, before: Numbers, length: float, rng: np.random.Generator
    ) -> tuple[Numbers, Numbers]:
        """Proposals and the logarithm of prior over guide, after less before."""
        noise = rng.standard_normal(before.shape)
        noise += (noise @ self.axes.T) * (np.sqrt(self.spread) - 1.0) @ self.axes
        after = self.mean + np.sqrt(1.0 - length**2) * (before - self.mean) + length * noise
        return after, self._log_ratio(after) - self._log_ratio(before)

    def step_by_difference(
        self, before: Numbers, length: float, rng: np.random.Generator
    ) -> tuple[Numbers, Numbers]:
        """Proposals and the logarithm of the prior, after less before."""
        count, moved = len(before), self.moved
        one, other = rng.integers(0, len(self.others), size=(2, count))
        # Few coordinates at a time go farther where each is held by something else.
        part = rng.choice(_PARTS, size=count)
        taking = rng.random((count, len(moved))) < part[:, None]
        factor = length * 2.38 / np.sqrt(2.0 * np.maximum(taking.sum(axis=1), 1))
        factor[rng.random(count) < _WHOLE_SHARE] = 1.0
        after = before.copy()
        difference = self.others[one] - self.others[other]
        after[:, moved] += factor[:, None] * taking * difference
        log_ratio = (before[:, moved] ** 2 - after[:, moved] ** 2).sum(axis=1)
        return after, 0.5 * log_ratio

    def _log_ratio(self, scores: Numbers) -> Numbers:
        centred = scores - self.mean
        along = centred @ self.axes.T
        distance = (centred**2).sum(axis=1) + along**2 @ (1.0 / self.spread - 1.0)
        ratio: Numbers = 0.5 * (distance - (scores**2).sum(axis=1))
        return ratio


def fit_guide(scores: Numbers, log_weights: Numbers, resampled: Numbers) -> Guide:
    """Mean and clearly narrow or wide axes; of many coordinates only those that moved.

    Sample variances of k standard normal scores lie between (1 ± sqrt(k / n))² [Marchenko 1967].

    Parameters
    ----------
    scores, log_weights : numpy.ndarray
        Particles of one half before resampling, ``(n, d)`` and ``(n,)``.
    resampled : numpy.ndarray
        The same after it, ``(n, d)``.

    Returns
    -------
    Guide
        For the other half.
    """
    size = effective_size(log_weights)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    moved = find_moved(scores, weights, size)
    wanted = moved
    if _DRAWS_FOR_A_COORDINATE * scores.shape[1] <= size:
        wanted = np.arange(scores.shape[1])
    mean = np.zeros(scores.shape[1])
    mean[wanted] = weights @ scores[:, wanted]
    centred = scores[:, wanted] - mean[wanted]
    spread, vectors = np.linalg.eigh((centred.T * weights) @ centred)
    edge = np.sqrt(len(wanted) / max(size, 1.0))
    low, high = max(1.0 - edge, 0.0) ** 2, (1.0 + edge) ** 2
    clear = (spread < low * (1.0 - _CLEARLY)) | (spread > high * (1.0 + _CLEARLY))
    axes = np.zeros((int(clear.sum()), scores.shape[1]))
    axes[:, wanted] = vectors[:, clear].T
    return Guide(mean, axes, np.maximum(spread[clear], 1e-12), moved, resampled[:, moved])


def move_particles(
    particles: Particles,
    likelihood: CountedLikelihood,
    rng: np.random.Generator,
    guides: tuple[Guide, Guide],
    exponent: float,
    lengths: StepLengths,
    effort: Effort,
) -> float:
    """Move all particles until their log likelihoods have forgotten what they were.

    Parameters
    ----------
    particles, lengths : Particles, StepLengths
        Changed in place.
    likelihood : CountedLikelihood
        What was seen, given scores.
    rng : numpy.random.Generator
        Source of chance.
    guides : (Guide, Guide)
        For the first and the second half.
    exponent : float
        Of the likelihood.
    effort : Effort
        Most moves, and the correlation that ends them.

    Returns
    -------
    float
        Correlation of log likelihoods with those before.
    """
    start = particles.log_likelihood.copy()
    memory = 1.0
    for number in range(effort.moves):
        by_difference = number % 4 > 0 and lengths.normal < _SHORT and len(guides[0].moved) > 0
        length = lengths.difference if by_difference else lengths.normal
        proposals = [
            (guide.step_by_difference if by_difference else guide.step_normally)(half, length, rng)
            for guide, half in zip(guides, np.array_split(particles.scores, 2), strict=True)
        ]
        scores, log_acceptance = (np.concatenate(parts) for parts in zip(*proposals, strict=True))
        log_likelihood = likelihood(scores, rng)
        log_acceptance += exponent * (log_likelihood - particles.log_likelihood)
        taken = np.log1p(-rng.random(len(scores))) < log_acceptance
        particles.scores[taken] = scores[taken]
        particles.log_likelihood[taken] = log_likelihood[taken]
        factor = float(np.exp(_GAIN * (taken.mean() - _TARGET_ACCEPTANCE)))
        if by_difference:
            lengths.difference = min(1.0, lengths.difference * factor)
        else:
            lengths.normal = min(1.0, lengths.normal * factor)
        memory = _correlate(start, particles.log_likelihood)
        if memory <= effort.memory:
            break
    return memory


def _correlate(one: Numbers, other: Numbers) -> float:
    spread = float(one.std() * other.std())
    return float(np.mean((one - one.mean()) * (other - other.mean()))) / spread if spread else 0.0
