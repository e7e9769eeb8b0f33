"""Instants and durations that are known as a range: low, best, high.

Main class: :class:`TimeRange`.
"""

from dataclasses import dataclass

__all__ = ["DurationRange", "TimeRange"]


@dataclass(frozen=True, slots=True)
class TimeRange:
    """An instant that is known as a range.

    Parameters
    ----------
    low_at_s, at_s, high_at_s : int
        Earliest, best and latest [s UTC since the study epoch].

    Examples
    --------
    >>> TimeRange(0, 60, 120).shift(60)
    TimeRange(low_at_s=60, at_s=120, high_at_s=180)
    """

    low_at_s: int
    at_s: int
    high_at_s: int

    def shift(self, by_s: int) -> "TimeRange":
        """Return the same range, later by some seconds."""
        return TimeRange(self.low_at_s + by_s, self.at_s + by_s, self.high_at_s + by_s)


@dataclass(frozen=True, slots=True)
class DurationRange:
    """A duration that is known as a range.

    Parameters
    ----------
    low_s, best_s, high_s : float
        Shortest, most likely and longest [s].

    Examples
    --------
    >>> DurationRange(1, 2, 3).add(DurationRange(10, 10, 10)).best_s
    12
    """

    low_s: float
    best_s: float
    high_s: float

    def add(self, other: "DurationRange") -> "DurationRange":
        """Return the sum; the ends are added as if both erred alike."""
        return DurationRange(
            self.low_s + other.low_s, self.best_s + other.best_s, self.high_s + other.high_s
        )

    def scale(self, factor: float) -> "DurationRange":
        """Return the range, each end multiplied by a factor."""
        return DurationRange(self.low_s * factor, self.best_s * factor, self.high_s * factor)
