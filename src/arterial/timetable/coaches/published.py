"""Arithmetic on published times: stated durations and arrival days.

Main functions: :func:`compare_stated_duration`, which recognises a difference of clock faces that
was taken for a journey time, and :func:`list_arrival_days`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arterial.clock import CivilTime, clock_face_difference_s, elapsed_s
from arterial.units import MINUTE_S

__all__ = [
    "ArrivalDay",
    "DurationReading",
    "DurationVerdict",
    "compare_stated_duration",
    "list_arrival_days",
    "write_duration",
]

MONTH_LENGTHS: Final = (28, 29, 30, 31)


class DurationVerdict(StrEnum):
    """How a stated duration agrees with the two clock faces it belongs to."""

    HOLDS = "holds"
    ONLY_IF_ZONES_IGNORED = "only_if_zones_ignored"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class DurationReading:
    """A stated duration held against two clock faces.

    Parameters
    ----------
    verdict : DurationVerdict
        Whether it holds.
    elapsed_min : float
        True elapsed time [min].
    clock_face_min : float
        Difference of the clock faces with zones ignored [min].
    stated_min : float
        What was stated [min].
    explanation : str
        The calculation in words.
    """

    verdict: DurationVerdict
    elapsed_min: float
    clock_face_min: float
    stated_min: float
    explanation: str


@dataclass(frozen=True, slots=True)
class ArrivalDay:
    """Day of the month on which a journey ends, by the length of the month it begins in.

    Parameters
    ----------
    month_length_days : int
        Days of the month of departure.
    day_of_month : int
        Day of arrival.
    """

    month_length_days: int
    day_of_month: int


def compare_stated_duration(
    start: CivilTime, end: CivilTime, stated_min: float, *, tolerance_min: float = 2.0
) -> DurationReading:
    """Hold a stated duration against the true elapsed time between two clock faces.

    Parameters
    ----------
    start, end : CivilTime
        Departure and arrival.
    stated_min : float
        Stated duration [min].
    tolerance_min : float
        How far it may be off and still agree [min].

    Returns
    -------
    DurationReading
        Holds; or holds only for the difference of the clock faces; or neither.

    Examples
    --------
    >>> from datetime import date
    >>> start = CivilTime(date(2026, 3, 12), "17:26", "Asia/Shanghai")
    >>> end = CivilTime(date(2026, 3, 13), "18:07", "Asia/Pyongyang")
    >>> compare_stated_duration(start, end, 24 * 60 + 41).verdict.value
    'only_if_zones_ignored'
    """
    elapsed_min = elapsed_s(start, end) / MINUTE_S
    face_min = clock_face_difference_s(start, end) / MINUTE_S
    gained = write_duration(abs(face_min - elapsed_min))
    direction = "forward" if face_min > elapsed_min else "back"
    true_text = f"From {_write_face(start)} to {_write_face(end)} is {write_duration(elapsed_min)}."
    if abs(stated_min - elapsed_min) <= tolerance_min:
        verdict = DurationVerdict.HOLDS
        explanation = f"{true_text} The stated {write_duration(stated_min)} holds."
    elif abs(stated_min - face_min) <= tolerance_min:
        verdict = DurationVerdict.ONLY_IF_ZONES_IGNORED
        explanation = (
            f"{true_text} The stated {write_duration(stated_min)} is the difference of the clock "
            f"faces, {write_duration(face_min)}: it ignores that the clocks go {direction} by "
            f"{gained} on the way."
        )
    else:
        verdict = DurationVerdict.CONTRADICTED
        explanation = (
            f"{true_text} The stated {write_duration(stated_min)} is neither that nor the "
            f"difference of the clock faces, {write_duration(face_min)}."
        )
    return DurationReading(verdict, elapsed_min, face_min, stated_min, explanation)


def list_arrival_days(departure_day: int, journey_days: int) -> tuple[ArrivalDay, ...]:
    """Days of the month on which a journey can end, for every length of month.

    Parameters
    ----------
    departure_day : int
        Day of the month of departure, 1 to 31.
    journey_days : int
        Local calendar days from departure to arrival [d].

    Returns
    -------
    tuple of ArrivalDay
        For months of 28, 29, 30 and 31 days that have the day of departure; a journey past the
        end of the following month is counted with that month's 31 days.

    Examples
    --------
    >>> [arrival.day_of_month for arrival in list_arrival_days(26, 8)]
    [6, 5, 4, 3]
    """
    days = []
    for length in MONTH_LENGTHS:
        if departure_day <= length:
            total = departure_day + journey_days
            day = total if total <= length else (total - length - 1) % MONTH_LENGTHS[-1] + 1
            days.append(ArrivalDay(length, day))
    return tuple(days)


def write_duration(minutes: float) -> str:
    """Duration in days, hours and minutes as words.

    Examples
    --------
    >>> write_duration(1421)
    '23 h 41 min'
    >>> write_duration(65), write_duration(60)
    ('1 h 05 min', '1 h')
    """
    sign = "-" if minutes < 0 else ""
    hours, rest = divmod(round(abs(minutes)), 60)
    if not hours:
        return f"{sign}{rest} min"
    return f"{sign}{hours} h {rest:02d} min" if rest else f"{sign}{hours} h"


def _write_face(civil: CivilTime) -> str:
    return f"{civil.day} {civil.clock_time} ({civil.zone})"
