"""Which unknowns matter for a result, from the sample there is: main function `rank_unknowns`.

The first-order index of an unknown is the share of the result's variance that would go if it were
known: Var E[y | x] / Var y [Sobol 1993]. Draws are put in bins of equal probability of the score;
means of bins vary also by chance, and that part is taken off. No further runs are needed.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from arterial.errors import LimitError
from arterial.inference.posterior import Numbers

__all__ = ["Ranking", "UnknownPair", "rank_unknowns"]

TOP: Final = 10
"""Unknowns among which pairs are looked at."""

_GROUPS: Final = 20
_DRAWS_IN_A_BIN: Final = 100
_BINS: Final = (2, 64)
_PAIR_BINS: Final = (2, 32)
_COLUMNS_AT_ONCE: Final = 16
# Scores are looked up in a fine table of the normal distribution instead of computed.
_TABLE_END: Final = 6.0
_TABLE_STEPS: Final = 4096


@dataclass(frozen=True, slots=True)
class UnknownPair:
    """What two unknowns explain together beyond what each explains alone.

    Parameters
    ----------
    first, second : int
        Columns of the scores.
    index : float
        Share of the variance of the result.
    error : float
        Its standard error.
    """

    first: int
    second: int
    index: float
    error: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Unknowns by what they explain of a result.

    Parameters
    ----------
    order : numpy.ndarray
        Columns, the most important first, ``(d,)``.
    first_order : numpy.ndarray
        Share of the variance that each column explains alone, ``(d,)``; by chance also a little
        below 0.
    error : numpy.ndarray
        Standard errors, ``(d,)``.
    pairs : tuple of UnknownPair
        All pairs of the first ten, the strongest first.
    """

    order: NDArray[np.int64]
    first_order: Numbers
    error: Numbers
    pairs: tuple[UnknownPair, ...]


def rank_unknowns(scores: NDArray[np.floating], result: Numbers) -> Ranking:
    """Rank unknowns by their first-order index, and the pairs of the first ten.

    Parameters
    ----------
    scores : numpy.ndarray
        Scores of equally likely draws, ``(n, d)``, about standard normal; single precision is
        enough and halves the memory.
    result : numpy.ndarray
        One number for each draw, ``(n,)``; 0 and 1 for what happens or not.

    Returns
    -------
    Ranking
        Indices with standard errors by jackknife: each twentieth of the draws is left out once.

    Raises
    ------
    LimitError
        When there are fewer than 400 draws, shapes differ, or a result is not finite.

    Notes
    -----
    What varies inside a bin is lost: with 100,000 draws 64 bins show a sine of two waves to 1 %.
    Unknowns must be independent in the sample. Of a posterior sample, where they are not, an index
    also counts what the unknown tells about others.

    Examples
    --------
    y = x0 + 2 x1 has indices of 0.2 and 0.8.

    >>> from arterial.randomness import stream
    >>> scores = stream(1, "ranking").standard_normal((50_000, 3))
    >>> ranking = rank_unknowns(scores, scores[:, 0] + 2.0 * scores[:, 1])
    >>> ranking.order.tolist(), ranking.first_order.round(1).tolist()
    ([1, 0, 2], [0.2, 0.8, 0.0])
    """
    least = _GROUPS * _GROUPS
    if scores.ndim != 2 or result.shape != scores.shape[:1] or len(result) < least:  # noqa: PLR2004
        message = (
            f"Scores of shape {scores.shape} and results of shape {result.shape} cannot be ranked: "
            f"give one row of scores and one result for each of at least {least} draws."
        )
        raise LimitError(message)
    if not np.isfinite(result).all():
        message = "A result is not finite: leave out the draws that have none, or give them one."
        raise LimitError(message)
    count, unknowns = scores.shape
    group = np.arange(count) * _GROUPS // count
    # Far from zero, squares would lose the digits of the spread.
    centred = result - result.mean()
    bins = _choose_bins(count / _DRAWS_IN_A_BIN, _BINS)
    estimates = np.empty((unknowns, _GROUPS + 1))
    for start in range(0, unknowns, _COLUMNS_AT_ONCE):
        block = np.ascontiguousarray(scores[:, start : start + _COLUMNS_AT_ONCE].T)
        for column, values in enumerate(block):
            estimates[start + column] = _explain(_find_bins(values, bins), bins, group, centred)
    first_order, error = estimates[:, 0], _jackknife(estimates)
    order = np.argsort(-first_order, kind="stable")
    pairs = _rank_pairs(scores, centred, group, order[:TOP])
    return Ranking(order, first_order, error, pairs)


def _choose_bins(wanted: float, limits: tuple[int, int]) -> int:
    return int(min(max(wanted, limits[0]), limits[1]))


def _find_bins(values: NDArray[np.floating], bins: int) -> NDArray[np.int64]:
    """Bin of each score, of `bins` that are equally probable under a normal distribution."""
    steps = np.linspace(-_TABLE_END, _TABLE_END, _TABLE_STEPS)
    table = np.minimum((ndtr(steps) * bins).astype(np.int64), bins - 1)
    scale = (_TABLE_STEPS - 1) / (2.0 * _TABLE_END)
    place = ((np.clip(values, -_TABLE_END, _TABLE_END) + _TABLE_END) * scale).astype(np.int64)
    found: NDArray[np.int64] = table[place]
    return found


def _explain(
    bin_of: NDArray[np.int64], bins: int, group: NDArray[np.int64], result: Numbers
) -> Numbers:
    """Index from all draws, then without each group of draws, ``(1 + groups,)``.

    The spread of the means of bins that chance alone makes is the sum over bins of
    (1 - n_b / n) s_b², with n_b draws of variance s_b² in bin b.
    """
    cell = bin_of + bins * group
    size = _GROUPS * bins
    counts, sums, squares = (
        np.bincount(cell, weights, minlength=size).reshape(_GROUPS, bins).astype(np.float64)
        for weights in (None, result, result**2)
    )
    # Sums over all groups, and over all but one.
    counts, sums, squares = (
        table.sum(axis=0) - np.vstack([np.zeros(bins), table]) for table in (counts, sums, squares)
    )
    total = counts.sum(axis=1)
    mean = sums.sum(axis=1) / total
    whole = squares.sum(axis=1) - total * mean**2
    held = np.maximum(counts, 1.0)
    between = (counts * (sums / held - mean[:, None]) ** 2).sum(axis=1)
    # A bin of one draw has no spread of its own; it takes that of all.
    spread = np.where(
        counts > 1.0,
        np.maximum(squares - sums**2 / held, 0.0) / np.maximum(counts - 1.0, 1.0),
        (whole / total)[:, None],
    )
    by_chance = ((counts > 0.0) * (1.0 - counts / total[:, None]) * spread).sum(axis=1)
    explained: Numbers = np.divide(
        between - by_chance, whole, out=np.zeros_like(whole), where=whole > 0.0
    )
    return explained


def _jackknife(estimates: Numbers) -> Numbers:
    """Standard error from estimates without one group each, ``(..., 1 + groups)``."""
    without = estimates[..., 1:]
    error: Numbers = np.sqrt((_GROUPS - 1.0) * without.var(axis=-1))
    return error


def _rank_pairs(
    scores: NDArray[np.floating],
    result: Numbers,
    group: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> tuple[UnknownPair, ...]:
    """What pairs explain in a grid of bins, less what each explains in the same bins alone."""
    bins = _choose_bins(np.sqrt(len(result) / _DRAWS_IN_A_BIN), _PAIR_BINS)
    bin_of = {int(column): _find_bins(scores[:, column], bins) for column in columns}
    alone = {column: _explain(found, bins, group, result) for column, found in bin_of.items()}
    pairs = []
    for one, other in combinations(bin_of, 2):
        both = _explain(bin_of[one] * bins + bin_of[other], bins * bins, group, result)
        index = both - alone[one] - alone[other]
        pairs.append(UnknownPair(one, other, float(index[0]), float(_jackknife(index))))
    return tuple(sorted(pairs, key=lambda pair: (-pair.index, pair.first, pair.second)))
