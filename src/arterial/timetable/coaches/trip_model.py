"""A trip and its findings, as the rest of the timetable speaks of them.

Main classes: :class:`Trip` and :class:`Finding`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from arterial.timetable.coaches.coach_services import CoachService
from arterial.timetable.coaches.leg_runs import Connection, LegRun

__all__ = ["BLOCK", "NOTE", "WARN", "Finding", "Trip", "write_count", "write_day"]

BLOCK: Final = "block"
WARN: Final = "warn"
NOTE: Final = "note"

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the table ``findings``.

    Parameters
    ----------
    finding_id, service_id, kind, severity : str
        As in the table.
    trip_date : date or None
        Day of departure; None for every day.
    train_id, point_id : str or None
        Train and place concerned.
    cause, consequence, cure : str
        Plain words.
    """

    finding_id: str
    service_id: str | None
    trip_date: date | None
    kind: str
    severity: str
    train_id: str | None
    point_id: str | None
    cause: str
    consequence: str
    cure: str


@dataclass(frozen=True, slots=True)
class Trip:
    """One dated departure of a through coach with its legs on dated hosts.

    Parameters
    ----------
    service : CoachService
        Through coach.
    trip_date : date
        Local day of departure.
    status : str
        As in the table ``trips``.
    runs : tuple of LegRun
        Legs as far as hosts are found.
    connections : tuple of Connection
        Changes of trains.
    """

    service: CoachService
    trip_date: date
    status: str
    runs: tuple[LegRun, ...]
    connections: tuple[Connection, ...]

    @property
    def trip_id(self) -> str:
        """Service and date, joined by @."""
        return f"{self.service.service_id}@{self.trip_date.isoformat()}"

    @property
    def is_whole(self) -> bool:
        """Whether every leg has a dated host."""
        return bool(self.runs) and len(self.runs) == len(self.service.legs)


def write_day(day: date) -> str:
    """Day with its weekday, the same in every locale.

    Examples
    --------
    >>> write_day(date(2025, 7, 4))
    'Fri 2025-07-04'
    """
    return f"{_WEEKDAYS[day.weekday()]} {day.isoformat()}"


def write_count(number: int, noun: str) -> str:
    """Number with its noun, in the plural where it needs one.

    Examples
    --------
    >>> write_count(1, "day"), write_count(14, "day")
    ('1 day', '14 days')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
