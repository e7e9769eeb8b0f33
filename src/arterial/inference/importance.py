"""Importance sampling that adapts to what was seen: plain rounds first, then adapted ones.

The main function is `sample_importance`. All rounds together are weighted by the mixture of their
proposals (deterministic mixture, or balance heuristic [Owen 2000]), so a poor round does no harm.
The mixture bends to the very draws to which it was adapted: its evidence is too low, by 0.02 to
0.07 in cases tried. The evidence given is therefore that of the last round, which is unbiased.
A proposal differs from the prior only in the coordinates that moved, and keeps a share of the
prior (defensive mixture), so no weight is larger than the likelihood over that share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.inference.posterior import Numbers
from arterial.inference.sampling import (
    CountedLikelihood,
    Effort,
    effective_size,
    find_exponent,
    find_moved,
    log_mean,
)

__all__ = ["ImportanceSample", "sample_importance"]

_PRIOR_SHARE: Final = 0.2
_WIDENING: Final = 1.3
# Fewer effective draws tell nothing about a covariance: the likelihood is flattened until then.
_LEAST_FOR_ADAPTING: Final = 150.0


@dataclass(frozen=True, slots=True)
class _Proposal:
    """The prior, but a normal distribution in the coordinates that moved, `share` of the time."""

    moved: NDArray[np.int64]
    mean: Numbers
    # Lower triangular, (k, k): the covariance is root @ root.T.
    root: Numbers

    def draw(self, rng: np.random.Generator, count: int, dimension: int) -> Numbers:
        scores = rng.standard_normal((count, dimension))
        adapted = rng.random(count) >= _PRIOR_SHARE
        rows = np.flatnonzero(adapted)[:, None]
        scores[rows, self.moved] = self.mean + scores[rows, self.moved] @ self.root.T
        return scores

    def log_ratio(self, scores: Numbers) -> Numbers:
        """Logarithm of the density of the proposal over that of the prior, ``(n,)``."""
        if not self.moved.size:
            return np.zeros(len(scores))
        plain = scores[:, self.moved]
        whitened = np.linalg.solve(self.root, (plain - self.mean).T)
        log_adapted = (
            0.5 * (plain**2).sum(axis=1)
            - 0.5 * (whitened**2).sum(axis=0)
            - np.log(np.diag(self.root)).sum()
        )
        ratio: Numbers = np.logaddexp(np.log(_PRIOR_SHARE), np.log1p(-_PRIOR_SHARE) + log_adapted)
        return ratio


@dataclass(frozen=True, slots=True)
class ImportanceSample:
    """Draws of all rounds so far and their weights by the mixture of all proposals.

    Parameters
    ----------
    scores : numpy.ndarray
        ``(n, d)``.
    log_weights : numpy.ndarray
        Likelihood times prior over mixture, not normalised, ``(n,)``.
    log_evidence, error : float
        Logarithm of the evidence and its standard error: from the last round alone, weighted by
        its own proposal, once any proposal was adapted.
    gap : float
        Difference of log evidence between the last round alone and all rounds together.
    effective_size : float
        Of all rounds together.
    """

    scores: Numbers
    log_weights: Numbers
    log_evidence: float
    error: float
    gap: float
    effective_size: float


def sample_importance(
    likelihood: CountedLikelihood,
    dimension: int,
    rng: np.random.Generator,
    is_enough: Callable[[ImportanceSample], bool],
    effort: Effort,
) -> ImportanceSample:
    """Draw rounds until they are enough or all are used; at least two, so that they can disagree.

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
        Draws of a round, and rounds.

    Returns
    -------
    ImportanceSample
        All rounds together, whether they are enough or not.
    """
    none = np.empty(0)
    proposals = [_Proposal(none.astype(np.int64), none, np.empty((0, 0)))]
    scores = proposals[0].draw(rng, effort.draws, dimension)
    log_likelihood = likelihood(scores, rng)
    sample = _weigh(scores, log_likelihood, proposals)
    for _ in range(effort.rounds):
        if sample.effective_size == 0.0:
            break
        proposals.append(_adapt(scores, log_likelihood, proposals))
        more = proposals[-1].draw(rng, effort.draws, dimension)
        scores = np.concatenate([scores, more])
        log_likelihood = np.concatenate([log_likelihood, likelihood(more, rng)])
        sample = _weigh(scores, log_likelihood, proposals)
        if is_enough(sample):
            break
    return sample


def _log_mixture(scores: Numbers, proposals: list[_Proposal]) -> Numbers:
    """Logarithm of the density of the mean proposal over the prior's; rounds are of one size."""
    ratios = [proposal.log_ratio(scores) for proposal in proposals]
    mixture: Numbers = np.logaddexp.reduce(ratios, axis=0) - np.log(len(proposals))
    return mixture


def _weigh(
    scores: Numbers, log_likelihood: Numbers, proposals: list[_Proposal]
) -> ImportanceSample:
    log_weights = log_likelihood - _log_mixture(scores, proposals)
    together = log_mean(log_weights)
    count = len(scores) // len(proposals)
    last = log_likelihood[-count:] - proposals[-1].log_ratio(scores[-count:])
    alone = log_mean(last)
    plain = not any(proposal.moved.size for proposal in proposals)
    taken, log_evidence = (log_weights, together) if plain else (last, alone)
    error = np.inf
    if log_evidence > -np.inf:
        weights = np.exp(taken - log_evidence)
        error = float(weights.std(ddof=1) / np.sqrt(len(weights)))
    gap = abs(alone - together) if alone > -np.inf else np.inf
    size = effective_size(log_weights)
    return ImportanceSample(scores, log_weights, log_evidence, error, gap, size)


def _adapt(scores: Numbers, log_likelihood: Numbers, proposals: list[_Proposal]) -> _Proposal:
    """Proposal with the mean and the covariance of the coordinates that moved."""
    log_base = -_log_mixture(scores, proposals)
    exponent = find_exponent(log_likelihood, log_base, _LEAST_FOR_ADAPTING)
    log_weights = log_base + exponent * log_likelihood
    size = effective_size(log_weights)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    moved = find_moved(scores, weights, size)
    means = weights @ scores[:, moved]
    centred = scores[:, moved] - means
    covariance = _WIDENING * (centred.T * weights) @ centred
    covariance += 1e-9 * np.eye(len(moved))
    return _Proposal(moved, means, np.linalg.cholesky(covariance))
