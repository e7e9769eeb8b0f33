"""A value that is known as a range: low, best, high.

Main class: :class:`ValueRange`.
"""

from dataclasses import dataclass

from arterial.errors import LimitError

__all__ = ["ValueRange"]


@dataclass(frozen=True, slots=True)
class ValueRange:
    """A value that is known as a range.

    Parameters
    ----------
    low, best, high : float
        Lowest, most likely and highest, in the unit that the name of the value states.

    Raises
    ------
    LimitError
        If they are not in order.

    Examples
    --------
    >>> ValueRange(1, 2, 4).add(ValueRange.exactly(10)).high
    14
    """

    low: float
    best: float
    high: float

    def __post_init__(self) -> None:
        """Refuse ranges that are not in order."""
        if not self.low <= self.best <= self.high:
            message = (
                f"A range must rise from low to high, not {self.low}, {self.best}, {self.high}."
            )
            raise LimitError(message)

    @classmethod
    def exactly(cls, value: float) -> "ValueRange":
        """Return the range of a value that is known."""
        return cls(value, value, value)

    def add(self, other: "ValueRange") -> "ValueRange":
        """Return the sum; the ends are added as if both erred alike."""
        return ValueRange(self.low + other.low, self.best + other.best, self.high + other.high)

    def scale(self, factor: float) -> "ValueRange":
        """Return the range with each end multiplied by a factor that is not negative."""
        return ValueRange(self.low * factor, self.best * factor, self.high * factor)
