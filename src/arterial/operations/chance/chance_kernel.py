"""Compiled counter-based chance: a number follows from a key and the event it stands for.

`uniform` hashes (key, a, b, c, d), for instance (key, replication, train run, step, source), with
the finaliser of [Steele 2014]; no state is kept, so neither order nor chunks change a number
[Salmon 2011], and two plans meet the same chance at the same event. The other functions turn a
uniform number into a delay or a repair time by inversion.
"""

from collections.abc import Callable
from math import erfc, exp, inf, log, log1p, pi, sqrt
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

import numba
import numpy as np

from arterial.compiling import keep_compiled

__all__ = [
    "compiled",
    "compiled_entry",
    "compiled_lean",
    "count_poisson",
    "exponential",
    "lognormal",
    "mix64",
    "normal_quantile",
    "triangular",
    "uniform",
]

P = ParamSpec("P")
R = TypeVar("R")

# All kernels of operations call each other, so that they are kept together.
OPERATIONS: Final = Path(__file__).parents[1]
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


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel of simulated operations, cached on disk; it lets other threads run."""
    return _compile(function)


def compiled_entry(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, for kernels that make no arrays: references to arrays are not counted.

    Counting them costs more than the work where many arrays go through many small functions.
    """
    return _compile(function, _nrt=False)


def compiled_lean(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled_entry`, for kernels that only kernels call: always put into their caller.

    A call would pass some hundred numbers, for each array is taken apart for it.
    """
    inner = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}
    return _compile(function, _nrt=False, **inner)


def _compile(function: Callable[P, R], **options: bool) -> Callable[P, R]:
    """Compile with numba, in memory alone where neither the package nor the home is writable."""
    compiler: Any = numba.njit
    try:
        with keep_compiled(numba.config, source=OPERATIONS):
            kernel = compiler(cache=True, error_model="numpy", nogil=True, **options)(function)
    except RuntimeError:
        kernel = compiler(error_model="numpy", nogil=True, **options)(function)
    return cast("Callable[P, R]", kernel)


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


@compiled
def count_poisson(u: float, mean: float) -> int:
    """Quantile of the Poisson distribution by adding up terms; for means up to about 500."""
    term = exp(-mean)
    total, count = term, 0
    while u >= total and term > 0.0:
        count += 1
        term *= mean / count
        total += term
    return count
