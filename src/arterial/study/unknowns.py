"""What is not known of a study, and pictures of it.

Main classes: :class:`Unknown` and :class:`Draw`. In a picture each unknown has a normal score: 0 in
the middle of what is thought of it, 1 and -1 at the sixth and the last sixth but one. Most pictures
are only numbered: the score of an unknown then comes from a stream of chance of its own. Where
something was learned, scores are stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import erfc, sqrt
from typing import Final

__all__ = ["BEST_NUMBER", "Draw", "Unknown", "place_triangular", "to_draw"]

BEST_NUMBER: Final = -1
"""Number of the picture in which everything has its best value."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """One thing that is not known, as far as it has a range.

    Parameters
    ----------
    name : str
        Names its stream of chance, and its score in a :class:`Draw`.
    group : str
        What it is of: ``times`` of a host, ``steps`` of procedures, ``rates``, ``sizes`` of delays,
        ``turns`` of coach sets, ``waits`` of hosts.
    subject : str
        What it speaks of, in words.
    low, best, high : float
        Its range in `unit`.
    unit : str
        ``min`` or ``1`` (a factor on what the study states).
    table, key, attribute : str
        Cell that states it; empty where several cells move together.
    """

    name: str
    group: str
    subject: str
    low: float
    best: float
    high: float
    unit: str
    table: str = ""
    key: str = ""
    attribute: str = ""

    def value_at(self, score: float) -> float:
        """Value at a normal score, in its unit."""
        z = place_triangular(score_to_share(score))
        return self.best + z * (self.high - self.best if z >= 0 else self.best - self.low)


@dataclass(frozen=True, slots=True)
class Draw:
    """One picture of what is not known.

    Parameters
    ----------
    number : int
        Its number, 0 and more: it names the streams of all that is not stated; -1 = best values.
    scores : mapping of str to float
        Normal scores that are stated, by the name of the unknown.
    """

    number: int
    scores: Mapping[str, float] = field(default_factory=dict)

    def share_of(self, name: str) -> float | None:
        """Share of what is thought of an unknown that lies below its stated score; None = none."""
        score = self.scores.get(name)
        return None if score is None else score_to_share(score)


def to_draw(draw: int | Draw) -> Draw:
    """A picture, given itself or by its number."""
    return draw if isinstance(draw, Draw) else Draw(draw)


def score_to_share(score: float) -> float:
    """Share of a standard normal distribution below a score.

    Examples
    --------
    >>> round(score_to_share(1.0), 4)
    0.8413
    """
    return 0.5 * erfc(-score / sqrt(2.0))


def place_triangular(share: float) -> float:
    """Place between -1 and 1, most likely 0, below which a share of it lies.

    Examples
    --------
    >>> place_triangular(0.5), place_triangular(0.0), place_triangular(0.875)
    (0.0, -1.0, 0.5)
    """
    if share < 0.5:  # noqa: PLR2004 the middle
        return sqrt(2.0 * share) - 1.0
    return 1.0 - sqrt(2.0 * (1.0 - share))
