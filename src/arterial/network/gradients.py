"""Gradients where none are published: an assumption with a name, a low and a high case.

The public knows the ruling gradient of most lines and the profile of almost none. What is drawn
here is therefore coarse on purpose: hills of one length, all equally steep, and no net height
between the ends of a section. It serves to bound a running time, not to describe a line.
"""

from enum import StrEnum
from math import ceil
from typing import Final, Protocol

from arterial.errors import LimitError

__all__ = ["GradientCase", "GradientSettings", "find_wave_share", "split_wave"]


class GradientCase(StrEnum):
    """How harsh the assumed gradients are."""

    LOW = "low"
    BEST = "best"
    HIGH = "high"


class GradientSettings(Protocol):
    """Settings that say how unknown gradients are drawn."""

    @property
    def gradient_assumption(self) -> str:
        """``"rolling"`` (hills) or ``"level"``."""

    @property
    def gradient_share(self) -> float:
        """Share of the ruling gradient that the hills of the best case reach [1]."""

    @property
    def gradient_wave_km(self) -> float:
        """Length of one rise and fall [km]."""


SLOPES_PER_HILL: Final = 2


def find_wave_share(case: str, settings: GradientSettings) -> float:
    """Share of the ruling gradient that the assumed hills reach [1].

    Parameters
    ----------
    case : str
        ``"low"`` (level), ``"best"`` or ``"high"`` (the full ruling gradient).
    settings : GradientSettings
        Settings; with the assumption ``"level"`` every case is level.

    Returns
    -------
    float
        0 for a level profile, 1 for the full ruling gradient.

    Raises
    ------
    LimitError
        For a case that does not exist.
    """
    shares = {
        GradientCase.LOW: 0.0,
        GradientCase.BEST: settings.gradient_share,
        GradientCase.HIGH: 1.0,
    }
    if case not in shares:
        message = f"There is no gradient case {case}; use {', '.join(shares)}."
        raise LimitError(message)
    return 0.0 if settings.gradient_assumption == "level" else shares[GradientCase(case)]


def split_wave(length_m: float, wave_m: float) -> list[tuple[float, int]]:
    """Assumed hills over a section, as slopes up and down of one length.

    The number of slopes is even, so that the net height is zero; it is the least for which no
    slope is longer than half a wave. Run backward, the hills look the same.

    Parameters
    ----------
    length_m : float
        Length of the section [m].
    wave_m : float
        Greatest length of one rise and fall [m].

    Returns
    -------
    list of (float, int)
        Begin of each slope from the section's begin [m], and 1 for a rise or -1 for a fall.

    Examples
    --------
    >>> split_wave(20_000, 10_000)
    [(0.0, 1), (5000.0, -1), (10000.0, 1), (15000.0, -1)]
    """
    hills = max(1, ceil(length_m / wave_m - 1e-9))
    slopes = hills * SLOPES_PER_HILL
    return [
        (length_m * number / slopes, -1 if number % SLOPES_PER_HILL else 1)
        for number in range(slopes)
    ]
