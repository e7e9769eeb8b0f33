"""Named, seeded streams of random numbers: the only source of chance.

The main function is `stream`. Each purpose and draw has its own stream, so that neither the order
of tasks nor the number of processes changes a number (architecture §6). The generator is the
counter-based Philox 4x64 [Salmon 2011], whose key is a hash of seed, purpose and draw.
"""

import hashlib
from typing import Final

import numpy as np

from arterial.errors import LimitError

__all__ = ["stream"]

_KEY_BYTES: Final = 16


def stream(seed: int, purpose: str, draw: int = 0) -> np.random.Generator:
    """Give the stream of random numbers for one purpose and draw.

    Parameters
    ----------
    seed : int
        Seed of the study, not negative.
    purpose : str
        What the numbers are for, in plain words ("estimates/sections"); two purposes never share
        a stream.
    draw : int
        Number of the draw, not negative; it travels with the task.

    Returns
    -------
    numpy.random.Generator
        A fresh generator at the start of the stream.

    Raises
    ------
    LimitError
        When seed or draw is negative, or the purpose is empty.

    Examples
    --------
    >>> first = stream(1, "delay", 7).random()
    >>> first == stream(1, "delay", 7).random()
    True
    >>> first == stream(1, "delay", 8).random()
    False
    """
    if seed < 0 or draw < 0 or not purpose:
        message = (
            f"A stream needs seed >= 0, a purpose and draw >= 0, not {seed}, {purpose!r}, {draw}."
        )
        raise LimitError(message)
    digest = hashlib.sha256(f"{seed}\0{draw}\0{purpose}".encode()).digest()
    key = np.frombuffer(digest[:_KEY_BYTES], dtype="<u8").astype(np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
