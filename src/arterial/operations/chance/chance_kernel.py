"""Compiled counter-based chance: a number follows from a key and the event it stands for.

`uniform` hashes (key, a, b, c, d), for instance (key, replication, train run, step, source), with
the finaliser of [Steele 2014]; no state is kept, so neither order nor chunks change a number
[Salmon 2011], and two plans meet the same chance at the same event. The other functions turn a
uniform number into a delay or a repair time by inversion.

`make_key` turns the first number of a named stream into the key, so that chance follows from the
study's seed alone (style §13).
"""

from math import erfc, exp, inf, log, log1p, pi, sqrt
from typing import Final

import numpy as np

from arterial.compiling import compiled
from arterial.randomness import stream

__all__ = [
    "exponential",
    "lognormal",
    "make_key",
    "mix64",
    "normal_quantile",
    "triangular",
    "uniform",
]

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
FIRST_FACTOR: Final = np.uint64(0xBF58476D1CE4E5B9)
SECOND_FACTOR: Final = np.uint64(0x94D049BB133111EB)
FIRST_SHIFT: Final = np.uint64(30)
SECOND_SHIFT: Final = np.uint64(27)
THIRD_SHIFT: Final = np.uint64(31)
FLOAT_SHIFT: Final = np.uint64(11)
FLOAT_STEP: Final = 2.0**-53
SQRT_TWO: Final = sqrt(2.0)
SQRT_TWO_PI: Final = sqrt(2.0 * pi)
# Start of the quantile's iteration [Abramowitz 1964, 26.2.23], error below 4.5e-4.
START_UPPER: Final = (2.515517, 0.802853, 0.010328)
START_LOWER: Final = (1.432788, 0.189269, 0.001308)
POLISHING_STEPS: Final = 2


def make_key(seed: int, purpose: str, draw: int = 0) -> np.uint64:
    """Key for one purpose and draw.

    Parameters
    ----------
    seed : int
        Seed of the study.
    purpose : str
        What the numbers are for, in plain words.
    draw : int
        Number of the draw; -1, the best values, has the key of draw 0.

    Returns
    -------
    numpy.uint64
        Key for :func:`arterial.operations.chance.chance_kernel.uniform`.

    Examples
    --------
    >>> make_key(1, "operations/line", 3) == make_key(1, "operations/line", 3)
    np.True_
    >>> make_key(1, "operations/line", 3) == make_key(1, "operations/line", 4)
    np.False_
    """
    whole = stream(seed, purpose, max(draw, 0))
    return np.uint64(whole.integers(0, 2**64, dtype=np.uint64))


@compiled
def mix64(x: np.uint64) -> np.uint64:
    """Mix 64 bits so that each bit of `x` turns half of the bits of the result.

    Finaliser of [Steele 2014]. `x` must be unsigned: the shifts bring in zeros.
    """
    z = np.uint64(x) + GOLDEN
    z = (z ^ (z >> FIRST_SHIFT)) * FIRST_FACTOR
    z = (z ^ (z >> SECOND_SHIFT)) * SECOND_FACTOR
    return z ^ (z >> THIRD_SHIFT)


@compiled
def uniform(key: np.uint64, a: int, b: int, c: int, d: int) -> float:
    """Number in [0, 1), on a grid of 2**-53, for the event (a, b, c, d) under `key`."""
    z = mix64(np.uint64(key) ^ np.uint64(a))
    z = mix64(z ^ np.uint64(b))
    z = mix64(z ^ np.uint64(c))
    z = mix64(z ^ np.uint64(d))
    return float(z >> FLOAT_SHIFT) * FLOAT_STEP


@compiled
def exponential(u: float, mean: float) -> float:
    """Quantile of the exponential distribution."""
    # `u` is never 1, so this is finite; log(1 - u) would lose small ones.
    return -mean * log1p(-u)


@compiled
def triangular(u: float, low: float, mode: float, high: float) -> float:
    """Quantile of the triangular distribution; `low` where it has no width."""
    width = high - low
    if width <= 0.0:
        return low
    if u * width < mode - low:
        return low + sqrt(u * width * (mode - low))
    return high - sqrt((1.0 - u) * width * (high - mode))


@compiled
def normal_quantile(u: float) -> float:
    """Quantile of the standard normal distribution, within 1e-9 for u in [1e-300, 1 - 1e-16].

    Rational start [Abramowitz 1964, 26.2.23], then Halley's method on the upper tail.
    """
    if u <= 0.0:
        return -inf
    if u >= 1.0:
        return inf
    # The small side has the digits: near 1 a uniform number is coarse beside its distance to 1.
    tail = min(u, 1.0 - u)
    t = sqrt(-2.0 * log(tail))
    above = START_UPPER[0] + t * (START_UPPER[1] + t * START_UPPER[2])
    below = 1.0 + t * (START_LOWER[0] + t * (START_LOWER[1] + t * START_LOWER[2]))
    x = t - above / below
    for _ in range(POLISHING_STEPS):
        miss = (0.5 * erfc(x / SQRT_TWO) - tail) * SQRT_TWO_PI * exp(0.5 * x * x)
        x += miss / (1.0 - 0.5 * x * miss)
    return -x if u < 0.5 else x  # noqa: PLR2004 the middle


@compiled
def lognormal(u: float, median: float, sigma: float) -> float:
    """Quantile of the lognormal distribution; `sigma` is the deviation of the logarithm.

    `u` is kept off 0 and 1 by 2**-54, so that the result is finite.
    """
    held = min(max(u, 0.5 * FLOAT_STEP), 1.0 - FLOAT_STEP)
    return median * exp(sigma * normal_quantile(held))
