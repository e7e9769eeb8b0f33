"""Capacity consumption after UIC 406: occupancy, additional time, limits.

Main function: :func:`assess_consumption`. The text of the leaflet [UIC 2004] could not be read
beyond its contents; its formulas and limits stand here as recalled and are marked so wherever they
are shown.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arterial.errors import LimitError

__all__ = [
    "Consumption",
    "DayPart",
    "LineKind",
    "additional_time_rate",
    "allowed_occupancy_rate",
    "assess_consumption",
]


class LineKind(StrEnum):
    """Kind of line that the limits distinguish."""

    SUBURBAN = "suburban"
    HIGH_SPEED = "high_speed"
    MIXED = "mixed"


class DayPart(StrEnum):
    """Period that the limits distinguish."""

    PEAK = "peak"
    """The busiest hour or hours."""
    DAY = "day"
    """The whole day."""


_ALLOWED_RATES: Final = {
    (LineKind.SUBURBAN, DayPart.PEAK): 0.85,
    (LineKind.SUBURBAN, DayPart.DAY): 0.70,
    (LineKind.HIGH_SPEED, DayPart.PEAK): 0.75,
    (LineKind.HIGH_SPEED, DayPart.DAY): 0.60,
    (LineKind.MIXED, DayPart.PEAK): 0.75,
    (LineKind.MIXED, DayPart.DAY): 0.60,
}


@dataclass(frozen=True, slots=True)
class Consumption:
    """How much of a line a timetable consumes.

    Parameters
    ----------
    occupancy_s : float
        Compressed occupancy time [s].
    period_s : float
        Period that it is measured against [s].
    additional_rate : float
        Additional time as a share of the occupancy time [1].
    """

    occupancy_s: float
    period_s: float
    additional_rate: float

    @property
    def occupancy_rate(self) -> float:
        """Occupancy time over the period [1]."""
        return self.occupancy_s / self.period_s

    @property
    def consumption(self) -> float:
        """Occupancy and additional time over the period [1]."""
        return self.occupancy_rate * (1 + self.additional_rate)

    @property
    def is_congested(self) -> bool:
        """Whether more is consumed than there is."""
        return self.consumption > 1


def allowed_occupancy_rate(line_kind: LineKind, day_part: DayPart) -> float:
    """Occupancy rate up to which a line runs well, recalled from UIC 406 of 2004 [1].

    Examples
    --------
    >>> allowed_occupancy_rate(LineKind.MIXED, DayPart.DAY)
    0.6
    """
    return _ALLOWED_RATES[line_kind, day_part]


def additional_time_rate(allowed_rate: float) -> float:
    """Additional time to keep for a sound timetable, as a share of the occupancy time [1].

    rate = 1 / allowed occupancy rate - 1 (UIC 406, recalled).

    Examples
    --------
    >>> [round(additional_time_rate(rate), 2) for rate in (0.85, 0.75, 0.70, 0.60)]
    [0.18, 0.33, 0.43, 0.67]
    """
    if not 0 < allowed_rate <= 1:
        message = f"The allowed occupancy rate must lie above 0 and up to 1, not {allowed_rate}."
        raise LimitError(message)
    return 1 / allowed_rate - 1


def assess_consumption(
    occupancy_s: float, period_s: float, *, additional_rate: float
) -> Consumption:
    """Capacity consumption from a compressed occupancy.

    occupancy rate = occupancy / period; consumption = occupancy (1 + additional rate) / period;
    above 1 the line is congested (UIC 406, recalled).

    Parameters
    ----------
    occupancy_s : float
        Compressed occupancy time [s].
    period_s : float
        Period [s].
    additional_rate : float
        Additional time as a share of the occupancy time [1].

    Returns
    -------
    Consumption
        The rates.

    Raises
    ------
    LimitError
        If the period is not above zero, or another value is below zero.

    Examples
    --------
    4,500 s occupied and 900 s added, of two hours.

    >>> assess_consumption(4500, 7200, additional_rate=0.2).consumption
    0.75
    """
    if not period_s > 0:
        message = f"The period must be above 0 s, not {period_s}."
        raise LimitError(message)
    if not (occupancy_s >= 0 and additional_rate >= 0):
        message = "Occupancy time and additional time must be 0 or more."
        raise LimitError(message)
    return Consumption(occupancy_s, period_s, additional_rate)
