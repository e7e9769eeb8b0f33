"""The working-hours axis of a works: slots of equal length on the days on which anything works.

Days on which every resource rests are left out. Resources whose week or shift is shorter than the
longest have slots of rest. The main function is `build_axis`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_DAYS", "Shift", "WorkAxis", "build_axis", "choose_slot_h"]

# Lengths of a slot [h], longest first.
SLOTS_H: Final = (8.0, 4.0, 2.0, 1.0, 0.5)
TOLERANCE_H: Final = 1e-6
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MOST_DAYS: Final = 40 * 366


@dataclass(frozen=True, slots=True)
class Shift:
    """Days and hours on which a resource works.

    Parameters
    ----------
    weekdays : tuple of str
        ``Mon`` to ``Sun``; none = all.
    hours_per_day : float
        Hours on such a day [h].
    """

    weekdays: tuple[str, ...]
    hours_per_day: float


@dataclass(frozen=True, slots=True)
class WorkAxis:
    """Slots in time order.

    Parameters
    ----------
    slot_h : float
        Length of a slot [h].
    first_day : date
        Day 0.
    days : (n_slots,)
        Day of each slot, from `first_day` on.
    part : (n_slots,)
        Place of the slot within its day, from 0.
    rests : frozenset of date
        Days off for everybody.
    """

    slot_h: float
    first_day: date
    days: NDArray[np.int64]
    part: NDArray[np.int64]
    rests: frozenset[date]

    def date_of(self, slot: int) -> date:
        """Date of a slot."""
        return self.first_day + timedelta(days=int(self.days[slot]))

    def first_slot(self, day: date) -> int:
        """First slot on a day or later."""
        return int(np.searchsorted(self.days, (day - self.first_day).days, side="left"))

    def works_in(self, shift: Shift) -> NDArray[np.bool_]:
        """Whether a resource with a shift works, for each slot."""
        wanted = shift.weekdays or WEEKDAYS
        day, place = np.unique(self.days, return_inverse=True)
        on = np.array([WEEKDAYS[(self.first_day.weekday() + int(d)) % 7] in wanted for d in day])
        slots = int((shift.hours_per_day + TOLERANCE_H) / self.slot_h)
        works: NDArray[np.bool_] = on[place] & (self.part < slots)
        return works


def choose_slot_h(hours: Iterable[float]) -> float:
    """The longest slot of which every stated length is a multiple; half an hour where none is.

    Examples
    --------
    >>> choose_slot_h([8.0, 12.0, 40.0])
    4.0
    """
    lengths = list(hours)
    for slot_h in SLOTS_H:
        if all(abs(length / slot_h - round(length / slot_h)) < TOLERANCE_H for length in lengths):
            return slot_h
    return SLOTS_H[-1]


def build_axis(
    first_day: date,
    n_days: int,
    shifts: Sequence[Shift],
    *,
    rests: frozenset[date],
    slot_h: float,
) -> WorkAxis:
    """Lay the slots of a works over some days.

    Parameters
    ----------
    first_day : date
        Day 0.
    n_days : int
        Calendar days to cover.
    shifts : sequence of Shift
        Of every resource; at least one.
    rests : frozenset of date
        Days off for everybody.
    slot_h : float
        Length of a slot [h].

    Returns
    -------
    WorkAxis
        A day has the slots of the longest shift that works on it.

    Examples
    --------
    >>> monday = date(2025, 1, 6)
    >>> week = build_axis(monday, 7, [Shift(("Mon", "Tue"), 8.0)], rests=frozenset(), slot_h=4.0)
    >>> [int(day) for day in week.days]
    [0, 0, 1, 1]
    """
    days: list[int] = []
    parts: list[int] = []
    for day in range(n_days):
        today = first_day + timedelta(days=day)
        if today in rests:
            continue
        name = WEEKDAYS[today.weekday()]
        on = [s.hours_per_day for s in shifts if not s.weekdays or name in s.weekdays]
        slots = int((max(on, default=0.0) + TOLERANCE_H) / slot_h)
        days += [day] * slots
        parts += range(slots)
    return WorkAxis(
        slot_h=slot_h,
        first_day=first_day,
        days=np.array(days, dtype=np.int64),
        part=np.array(parts, dtype=np.int64),
        rests=rests,
    )
