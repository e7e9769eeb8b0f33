"""Failures of assets drawn from the processes that fits are tried on."""

import numpy as np
from numpy.typing import NDArray

from arterial.assets.turnouts import expected_failures


def sample_failure_ages(
    random: np.random.Generator,
    *,
    from_age_y: float,
    to_age_y: float,
    shape: float,
    scale_y: float,
) -> NDArray[np.float64]:
    """Sample the ages at which one asset fails while its age runs over a span.

    The number is Poisson; given it, the mean counts at the failures are uniform between those at
    the ends, and ages follow by inversion: scale m^(1 / shape) [Crow 1975].

    Parameters
    ----------
    random : numpy.random.Generator
        Stream of `arterial.randomness`.
    from_age_y, to_age_y : float
        Ages since renewal at the ends of the span [y].
    shape, scale_y : float
        Shape, and age up to which one failure is expected [y].

    Returns
    -------
    numpy.ndarray
        Ages in ascending order [y], ``(n_failures,)``.
    """
    ends = expected_failures(0.0, [from_age_y, to_age_y], shape=shape, scale_y=scale_y)
    count = random.poisson(ends[1] - ends[0])
    counts = np.sort(random.uniform(ends[0], ends[1], count))
    return np.asarray(scale_y * counts ** (1 / shape))
