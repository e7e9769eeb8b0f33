"""How much work lies ahead, told before it starts; main function `require_agreement`.

Hours of work, or more memory than the machine has free, are begun only when whoever asked for it
agrees: a zero too many in a setting otherwise shows after a night.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

from arterial.errors import LimitError
from arterial.units import HOUR_S

__all__ = ["Expected", "require_agreement"]

LONG_S: Final = 1.0 * HOUR_S
"""Wall time beyond which work starts only when it is agreed to [s]."""

SHARE: Final = 0.8
"""Share of the free memory that work takes without being agreed to [1]."""

GB: Final = 1e9


class Expected(NamedTuple):
    """What work is expected to take.

    Parameters
    ----------
    work : str
        What is done, how often: the subject of a sentence.
    cpu_s : float
        Processor time [s].
    memory_b : float
        Memory at its fullest [B].
    cure : str
        How to ask for less.
    """

    work: str
    cpu_s: float
    memory_b: float
    cure: str


def require_agreement(expected: Expected, *, processes: int = 1, is_agreed: bool = False) -> None:
    """Let work start that is short and fits, other work only when it is agreed to.

    Parameters
    ----------
    expected : Expected
        What it takes.
    processes : int
        Among how many it is shared.
    is_agreed : bool
        Whether it may take hours, or more memory than is free.

    Raises
    ------
    LimitError
        Where it is not agreed to; says how much it is and how to ask for less.

    Examples
    --------
    >>> require_agreement(Expected("One day", 60.0, 1e6, "Ask for less."))
    """
    if is_agreed:
        return
    hours = expected.cpu_s / processes / HOUR_S
    free_b = measure_free_memory()
    is_long = expected.cpu_s / processes > LONG_S
    is_large = expected.memory_b > SHARE * free_b
    if not (is_long or is_large):
        return
    takes = []
    if is_long:
        shared = "one process" if processes == 1 else f"{processes} processes"
        takes.append(f"about {_round(hours)} h on {shared}")
    if is_large:
        takes.append(
            f"about {_round(expected.memory_b / GB)} GB of memory, {free_b / GB:.0f} GB are free"
        )
    message = (
        f"{expected.work}: {' and '.join(takes)}. {expected.cure} Or start it as it is with --yes "
        "(from Python: is_agreed=True)."
    )
    raise LimitError(message)


def measure_free_memory() -> float:
    """Memory that the system can give [B]; infinite where it does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        free = next(line for line in lines if line.startswith("MemAvailable:"))
        return float(free.split()[1]) * 1024.0
    except (OSError, StopIteration, ValueError, IndexError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError):
        return float("inf")


def _round(value: float) -> str:
    """Two figures are all that an estimate has."""
    return f"{float(f'{value:.2g}'):,.10g}"
