"""Keys of counter-based chance, one a purpose and draw.

The main function is `make_key`. The key is the first number of the named stream of the study, so
that chance follows from the study's seed alone (style §13).
"""

import numpy as np

from arterial.randomness import stream

__all__ = ["make_key"]


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
