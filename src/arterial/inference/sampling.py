"""What all samplers share: effort, the counted likelihood, effective sizes.

The main class is `CountedLikelihood`, which gives every row a key of chance of its own and calls
the likelihood in batches; the largest exponent that keeps a sample of some worth
(`find_exponent`) steers both adaptation and tempering.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from arterial.compute.chunks import split_chunks
from arterial.errors import LimitError
from arterial.inference.posterior import LogLikelihood, Numbers

__all__ = [
    "EFFORT",
    "CountedLikelihood",
    "Effort",
    "effective_size",
    "find_exponent",
    "find_moved",
    "log_mean",
]

_HALVINGS: Final = 60
_DRAWS_FOR_A_COORDINATE: Final = 10
# Unmoved coordinates that are expected to be taken for moved ones.
_FALSE_MOVES: Final = 0.1
_LARGEST_KEY: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a sampler may do; the result depends on it, never on `batch`.

    Parameters
    ----------
    draws : int
        Draws of a round of importance sampling.
    rounds : int
        Most adapted rounds after the plain one.
    particles : int
        Draws of a population of tempering, in `islands` of equal size; 0 leaves tempering out.
    populations : int
        Most populations, each from the prior.
    islands : int
        Populations resampled apart, from whose spread the error comes.
    moves : int
        Most moves of each particle at each temperature.
    memory : float
        Correlation of log likelihoods with those before the moves at which these end.
    keep : float
        Share of the particles' worth that one step of temperature leaves.
    predictions : int
        Posterior draws for the predictive check.
    batch : int
        Most rows in one call of the likelihood.
    """

    draws: int = 2000
    rounds: int = 3
    particles: int = 4096
    populations: int = 4
    islands: int = 16
    moves: int = 50
    memory: float = 0.2
    keep: float = 0.6
    predictions: int = 1000
    batch: int = 4096


EFFORT: Final = Effort()


class CountedLikelihood:
    """A likelihood that is called in batches, with fresh keys of chance, and counted.

    Parameters
    ----------
    log_likelihood : LogLikelihood
        The likelihood.
    batch : int
        Most rows in one call.
    """

    def __init__(self, log_likelihood: LogLikelihood, batch: int) -> None:
        self._log_likelihood = log_likelihood
        self._batch = batch
        self.evaluations = 0

    def __call__(self, scores: Numbers, rng: np.random.Generator) -> Numbers:
        """Log likelihood of each row, ``(n,)``, with a new key of chance for each.

        Raises
        ------
        LimitError
            When the likelihood gives another shape, "not a number" or plus infinity.
        """
        keys = rng.integers(0, _LARGEST_KEY, size=len(scores))
        values = np.empty(len(scores))
        for rows in split_chunks(len(scores), self._batch):
            part = slice(rows.start, rows.stop)
            given = np.asarray(self._log_likelihood(scores[part], keys[part]), dtype=np.float64)
            if given.shape != (len(rows),) or np.isnan(given).any() or (given == np.inf).any():
                message = (
                    f"The log likelihood of {len(rows)} draws has shape {given.shape}, or holds "
                    "a value that is not a number or plus infinity; give one number each, minus "
                    "infinity where a draw cannot give what was seen."
                )
                raise LimitError(message)
            values[part] = given
        self.evaluations += len(scores)
        return values


def log_mean(log_values: Numbers) -> float:
    """Logarithm of the mean of what is given by its logarithms; minus infinity where all is 0."""
    largest = float(np.max(log_values))
    if largest == -np.inf:
        return largest
    return largest + float(np.log(np.mean(np.exp(log_values - largest))))


def effective_size(log_weights: Numbers) -> float:
    """Effective size (sum w)² / sum w² of a weighted sample [Kish 1965]; 0 where all weigh 0.

    Examples
    --------
    >>> effective_size(np.log([1.0, 1.0, 1.0, 1e-30]))
    3.0
    """
    largest = float(np.max(log_weights))
    if largest == -np.inf:
        return 0.0
    weights = np.exp(log_weights - largest)
    return float(weights.sum() ** 2 / (weights @ weights))


def find_exponent(log_likelihood: Numbers, log_base: Numbers, least: float) -> float:
    """Largest exponent up to 1 of the likelihood that leaves an effective size of `least`.

    Parameters
    ----------
    log_likelihood, log_base : numpy.ndarray
        The weights are ``base * likelihood ** exponent``, ``(n,)`` each.
    least : float
        Effective size to keep; where no exponent keeps it, the smallest one tried comes back.

    Returns
    -------
    float
        In (0, 1], by bisection of its logarithm.
    """

    def keeps(exponent: float) -> bool:
        return effective_size(log_base + exponent * log_likelihood) >= least

    if keeps(1.0):
        return 1.0
    low, high = -40.0, 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if keeps(float(np.exp(middle))) else (low, middle)
    return float(np.exp(low))


def find_moved(scores: Numbers, weights: Numbers, size: float) -> NDArray[np.int64]:
    """Coordinates whose mean or variance is clearly not that of a standard normal score.

    Parameters
    ----------
    scores, weights : numpy.ndarray
        Weighted sample, ``(n, d)`` and ``(n,)``, of sum one.
    size : float
        Its effective size, which bounds how many coordinates can be told: one in ten draws.

    Returns
    -------
    numpy.ndarray
        Columns in rising order, ``(k,)``; the clearest ones where there are too many.
    """
    means = weights @ scores
    variances = weights @ scores**2 - means**2
    # In units of their standard error if nothing had moved.
    movement = np.maximum(
        np.abs(means) * np.sqrt(size), np.abs(variances - 1.0) * np.sqrt(size / 2.0)
    )
    limit = float(ndtri(1.0 - _FALSE_MOVES / (4.0 * len(means))))
    clearest = np.argsort(-movement, kind="stable")[: int(size / _DRAWS_FOR_A_COORDINATE)]
    return np.sort(clearest[movement[clearest] > limit])
