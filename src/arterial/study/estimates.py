"""Estimates: the range of a value, the claim it rests on, and draws from it.

The main function is `sample_from_range`.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Final

import numpy as np

from arterial.errors import LimitError

__all__ = [
    "EstimateShape",
    "Range",
    "sample_from_range",
]

_TAIL_SHARE: Final = 0.05
_STANDARD: Final = NormalDist()


class EstimateShape(StrEnum):
    """Shape of the distribution of an estimate."""

    TRIANGULAR = "triangular"
    UNIFORM = "uniform"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True, slots=True)
class Range:
    """Range of one value, in the unit of its column.

    Parameters
    ----------
    low, best, high : float
        Ends and most likely value.
    shape : EstimateShape
        Shape of the distribution between them.
    claim_id : str or None
        Claim that it rests on; None when it rests on none.
    """

    low: float
    best: float
    high: float
    shape: EstimateShape = EstimateShape.TRIANGULAR
    claim_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse ends that are out of order, and a lognormal range that reaches zero."""
        if not self.low <= self.best <= self.high:
            message = (
                f"A range needs low <= best <= high, not {self.low}, {self.best}, {self.high}."
            )
            raise LimitError(message)
        if self.shape is EstimateShape.LOGNORMAL and self.low <= 0:
            message = f"A lognormal range must lie above zero; its low end is {self.low}."
            raise LimitError(message)


def sample_from_range(value_range: Range, random: np.random.Generator) -> float:
    """Draw one value; each shape takes exactly one number from the stream.

    Parameters
    ----------
    value_range : Range
        Range and shape. In the lognormal shape `best` is the median, a twentieth would lie
        beyond the farther end, and what lies beyond either end is cut off.
    random : numpy.random.Generator
        Stream of `arterial.randomness`.

    Examples
    --------
    >>> from arterial.randomness import stream
    >>> sample_from_range(Range(2.0, 2.0, 2.0), stream(1, "example"))
    2.0
    """
    share = float(random.random())
    low, best, high = value_range.low, value_range.best, value_range.high
    if low == high:
        return best
    match value_range.shape:
        case EstimateShape.UNIFORM:
            return low + share * (high - low)
        case EstimateShape.TRIANGULAR:
            return _invert_triangular(value_range, share)
        case EstimateShape.LOGNORMAL:
            return _invert_lognormal(value_range, share)


def _invert_triangular(value_range: Range, share: float) -> float:
    low, best, high = value_range.low, value_range.best, value_range.high
    width = high - low
    if share * width < best - low:
        return low + math.sqrt(share * width * (best - low))
    return high - math.sqrt((1 - share) * width * (high - best))


def _invert_lognormal(value_range: Range, share: float) -> float:
    low, best, high = value_range.low, value_range.best, value_range.high
    spread = max(math.log(high / best), math.log(best / low))
    sigma = spread / _STANDARD.inv_cdf(1 - _TAIL_SHARE)
    from_share = _STANDARD.cdf(math.log(low / best) / sigma)
    to_share = _STANDARD.cdf(math.log(high / best) / sigma)
    position = _STANDARD.inv_cdf(from_share + share * (to_share - from_share))
    return min(max(best * math.exp(sigma * position), low), high)
