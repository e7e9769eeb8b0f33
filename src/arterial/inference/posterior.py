"""What was learned, or why nothing can be said: `Posterior` and `CannotTell`.

A posterior is a weighted sample of scores, one standard normal score for each unknown; main
function `resample`, which takes equally likely draws from it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CannotTell",
    "Keys",
    "LogLikelihood",
    "Method",
    "Numbers",
    "Posterior",
    "resample",
    "take_systematic",
]

Numbers = NDArray[np.float64]
Keys = NDArray[np.int64]
LogLikelihood = Callable[[Numbers, Keys], Numbers]
"""From scores ``(n, d)`` and keys of chance ``(n,)`` to the log likelihood ``(n,)``.

A likelihood that is itself simulated takes all its chance from the key of the row; its exponential
must be right on average over keys (unbiased), or the posterior is that of another model. Minus
infinity says that the row cannot give what was seen.
"""


class Method(StrEnum):
    """How the draws of a posterior were made."""

    IMPORTANCE = "importance"
    TEMPERING = "tempering"


@dataclass(frozen=True, slots=True)
class Posterior:
    """A weighted sample of the unknowns after what was seen.

    Parameters
    ----------
    scores : numpy.ndarray
        Scores of the draws, ``(n, d)``; standard normal before anything was seen.
    weights : numpy.ndarray
        Probability of each draw, ``(n,)``; they sum to one.
    log_evidence : float
        Natural logarithm of the probability (density) of what was seen, over prior and chance.
    error : float
        Standard error of `log_evidence`, with what chance inside the likelihood adds.
    effective_size : float
        Number of independent draws that the sample is worth.
    ancestors : numpy.ndarray
        Prior draw from which each draw comes, ``(n,)``: its own row, except after tempering,
        where draws with one ancestor are relatives.
    evaluations : int
        Calls of the likelihood, in rows, of every attempt.
    method : Method
        How the draws were made.
    refused : tuple of str
        Why each cheaper attempt before this one was refused.
    p_values : tuple of float
        Posterior predictive p-value of each observation; empty where none was checked.
    """

    scores: Numbers
    weights: Numbers
    log_evidence: float
    error: float
    effective_size: float
    ancestors: NDArray[np.int64]
    evaluations: int
    method: Method
    refused: tuple[str, ...] = ()
    p_values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Nothing is learned: every attempt failed a gate.

    Parameters
    ----------
    reasons : tuple of str
        What failed, in the order of the attempts, with its figures.
    evaluations : int
        Calls of the likelihood, in rows.
    p_values : tuple of float
        Predictive p-values where they are the reason.
    """

    reasons: tuple[str, ...]
    evaluations: int
    p_values: tuple[float, ...] = ()


def take_systematic(weights: Numbers, count: int, offset: float) -> NDArray[np.int64]:
    """Rows of `count` equally likely draws by systematic resampling.

    Parameters
    ----------
    weights : numpy.ndarray
        Probabilities, ``(n,)``, of sum one.
    count : int
        Number of draws.
    offset : float
        Uniform number in [0, 1).

    Returns
    -------
    numpy.ndarray
        Rows, ``(count,)``, in rising order; row i comes floor or ceil of ``count * w_i`` times.

    Examples
    --------
    >>> take_systematic(np.array([0.5, 0.0, 0.5]), 4, 0.5).tolist()
    [0, 0, 2, 2]
    """
    steps = (np.arange(count) + offset) / count
    sums = np.cumsum(weights)
    # Rounding may leave the last step beyond the last sum, or on a row without weight.
    last = int(np.flatnonzero(weights)[-1])
    return np.minimum(np.searchsorted(sums / sums[-1], steps, side="right"), last)


def resample(posterior: Posterior, count: int, rng: np.random.Generator) -> Numbers:
    """Equally likely draws from a posterior, in random order.

    Parameters
    ----------
    posterior : Posterior
        What was learned.
    count : int
        Number of draws.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    numpy.ndarray
        Scores, ``(count, d)``; a draw of great weight comes more than once.
    """
    rows = take_systematic(posterior.weights, count, float(rng.random()))
    drawn: Numbers = posterior.scores[rng.permutation(rows)]
    return drawn
