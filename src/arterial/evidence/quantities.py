"""What a claim states, as a typed quantity: numbers by their unit, dates as periods, places, days.

Main functions: :func:`read_quantity`, :func:`read_worded_frequency` and :func:`read_period`. A
claim's numbers stand as text in the table, because some are dates or days of the month; here they
become a range in one base unit, or it is said why they cannot.
"""

import calendar
import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arterial.timetable.trains.frequencies import read_frequency
from arterial.units import DAYS_PER_YEAR, HOURS_PER_YEAR, MILE_TO_KM, MONTHS_PER_YEAR

__all__ = [
    "Dimension",
    "Period",
    "Quantity",
    "read_period",
    "read_quantity",
    "read_unit",
    "read_worded_frequency",
]


class Dimension(StrEnum):
    """What kind of quantity a unit measures, by the base unit that it is turned into."""

    DURATION = "h"
    LENGTH = "km"
    RATE = "a year"
    SPEED = "km/h"
    SHARE = "%"
    MASS = "t"
    MASS_RATE = "t a year"
    COUNT = ""
    DATE = "date"
    MONTH_DAYS = "day of month"
    PLACE = "place"
    RANK = "rank"
    OTHER = "other"


Period = tuple[dt.date, dt.date]
"""First and last day that a date known to the year, month or day can mean."""

_UNITS: Final[Mapping[str, tuple[Dimension, float]]] = {
    "s": (Dimension.DURATION, 1 / 3600),
    "min": (Dimension.DURATION, 1 / 60),
    "h": (Dimension.DURATION, 1.0),
    "hours": (Dimension.DURATION, 1.0),
    "d": (Dimension.DURATION, 24.0),
    "days": (Dimension.DURATION, 24.0),
    "weeks": (Dimension.DURATION, 168.0),
    "months": (Dimension.DURATION, HOURS_PER_YEAR / MONTHS_PER_YEAR),
    "y": (Dimension.DURATION, HOURS_PER_YEAR),
    "years": (Dimension.DURATION, HOURS_PER_YEAR),
    "m": (Dimension.LENGTH, 0.001),
    "km": (Dimension.LENGTH, 1.0),
    "mi": (Dimension.LENGTH, MILE_TO_KM),
    "miles": (Dimension.LENGTH, MILE_TO_KM),
    "km/h": (Dimension.SPEED, 1.0),
    "mph": (Dimension.SPEED, MILE_TO_KM),
    "m/s": (Dimension.SPEED, 3.6),
    "%": (Dimension.SHARE, 1.0),
    "kg": (Dimension.MASS, 0.001),
    "t": (Dimension.MASS, 1.0),
    "kt": (Dimension.MASS, 1e3),
    "Mt": (Dimension.MASS, 1e6),
    "date": (Dimension.DATE, 1.0),
    "day of month": (Dimension.MONTH_DAYS, 1.0),
    "place": (Dimension.PLACE, 1.0),
    "rank": (Dimension.RANK, 1.0),
}
_PERIODS: Final = {
    "d": DAYS_PER_YEAR,
    "day": DAYS_PER_YEAR,
    "week": DAYS_PER_YEAR / 7,
    "month": MONTHS_PER_YEAR,
    "y": 1.0,
    "year": 1.0,
}
_MULTIPLES: Final = {"thousand": 1e3, "million": 1e6, "bn": 1e9, "billion": 1e9}
_NOT_COUNTED: Final = frozenset({
    "V", "kV", "A", "kW", "MW", "kg/m", "mm", "m3", "m2", "x", "decade", "direction", "MGT", "T",
})  # fmt: skip
"""Units of quantities that nothing in the registry measures."""

_NUMBER: Final = re.compile(r"[+-]?(\d{1,3}([ ,\u00a0\u202f]\d{3})+|\d+)(\.\d+)?", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
_DAYS_IN_WORDS: Final = re.compile(r"(?<!\d)(\d{4})-(\d{2})(?:-(\d{2}))?(?!\d)", re.ASCII)
_YEAR: Final = re.compile(r"(?<!\d)((?:1[5-9]|20|21)\d{2})(s?)(?:-(\d{2}))?(?![\d])", re.ASCII)
_MONTH_DAY: Final = re.compile(r"(?<!\d)(\d{1,2})(?!\d)", re.ASCII)
_LONGEST_MONTH: Final = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What a claim states.

    Parameters
    ----------
    dimension : Dimension
        What is measured; numbers below are in its base unit.
    unit : str
        Unit as written.
    factor : float
        Base units in one unit as written.
    low, high : float
        Ends of what it can mean, infinite where it is open ("more than 1,800").
    best : float or None
        Value stated.
    is_bare : bool
        One number without a range: the range is that of its last digit.
    period : Period or None
        Of a date.
    days : tuple of int
        Of days of the month.
    text : str
        Of a place, or the words where no number could be read.
    meanings : str
        The meanings of a wording that has several; empty where it has one.
    fault : str
        Why nothing can be held against it; empty where something can.
    """

    dimension: Dimension
    unit: str = ""
    factor: float = 1.0
    low: float = -math.inf
    high: float = math.inf
    best: float | None = None
    is_bare: bool = False
    period: Period | None = None
    days: tuple[int, ...] = ()
    text: str = ""
    meanings: str = ""
    fault: str = ""

    @property
    def figure(self) -> float:
        """The value stated, else the end that is; 0 where there is none."""
        ends = (end for end in (self.low, self.high) if math.isfinite(end))
        return next(ends, 0.0) if self.best is None else self.best


def read_unit(unit: str | None) -> tuple[Dimension, float]:
    """Dimension of a unit and base units in one of it.

    Examples
    --------
    >>> read_unit("trips/month")
    (<Dimension.RATE: 'a year'>, 12.0)
    >>> read_unit("Mt/y")
    (<Dimension.MASS_RATE: 't a year'>, 1000000.0)
    >>> read_unit("sets")[0].name
    'COUNT'
    """
    text = (unit or "").strip()
    if text in _UNITS:
        return _UNITS[text]
    if not text or text in _NOT_COUNTED:
        return Dimension.OTHER, 1.0
    first, _, rest = text.partition(" ")
    if first in _MULTIPLES:
        dimension, factor = read_unit(rest) if rest else (Dimension.COUNT, 1.0)
        return dimension, factor * _MULTIPLES[first]
    counted, slash, period = text.rpartition("/")
    if slash and period in _PERIODS:
        dimension, factor = read_unit(counted)
        if dimension is Dimension.MASS:
            return Dimension.MASS_RATE, factor * _PERIODS[period]
        is_counted = dimension is Dimension.COUNT
        return (Dimension.RATE if is_counted else Dimension.OTHER), factor * _PERIODS[period]
    return (Dimension.OTHER if "/" in text or text.isupper() else Dimension.COUNT), 1.0


def read_quantity(
    unit: str | None, low: str | None, value: str | None, high: str | None
) -> Quantity:
    """Read what the cells of a claim state.

    Parameters
    ----------
    unit, low, value, high : str or None
        Cells of the claim; an empty low or high beside a value leaves that end open only if the
        other end is given.

    Returns
    -------
    Quantity
        With a fault in words where a cell is no number, date or day that its unit asks for.

    Examples
    --------
    >>> read_quantity("days", "7.5", "8", "8.5").high
    204.0
    >>> read_quantity("sets", "1800", "1800", None).high
    inf
    """
    dimension, factor = read_unit(unit)
    words = next((text for text in (value, low, high) if text), "")
    if dimension is Dimension.PLACE:
        fault = "" if words else "No place is stated."
        return Quantity(dimension=dimension, unit=unit or "", text=words, fault=fault)
    if dimension is Dimension.DATE:
        return _read_date(unit or "", low, value, high)
    if dimension is Dimension.MONTH_DAYS:
        days = tuple(int(day) for day in _MONTH_DAY.findall(words) if int(day) > 0)
        is_sound = days and max(days) <= _LONGEST_MONTH
        fault = "" if is_sound else f"{_quote(words)} names no days of a month."
        return Quantity(dimension=dimension, unit=unit or "", days=days, text=words, fault=fault)
    return _read_range(dimension, unit or "", factor, (low, value, high))


def read_worded_frequency(wording: str) -> Quantity:
    """Read a frequency that is stated in words: twice a month, Mon Wed Fri, bi-monthly.

    Examples
    --------
    >>> read_worded_frequency("every 14 days").best
    26.0
    """
    reading = read_frequency(wording)
    low, high = reading.per_year_low, reading.per_year_high
    if low is None or high is None:
        return Quantity(dimension=Dimension.RATE, text=wording, fault=reading.explanation)
    return Quantity(
        dimension=Dimension.RATE,
        low=float(low),
        high=float(high),
        best=None if reading.per_year is None else float(reading.per_year),
        text=wording,
        meanings=reading.explanation if reading.is_ambiguous else "",
    )


def _read_date(unit: str, low: str | None, value: str | None, high: str | None) -> Quantity:
    """A date: the period of its value, else from its low to its high."""
    periods = [read_period(text) for text in (value, low, high) if text]
    known = [period for period in periods if period is not None]
    words = next((text for text in (value, low, high) if text), "")
    if not known:
        fault = f"{_quote(words)} is no date." if words else "No date is stated."
        return Quantity(dimension=Dimension.DATE, unit=unit, text=words, fault=fault)
    if value and periods[0] is not None:
        known = [periods[0]]
    period = (min(one[0] for one in known), max(one[1] for one in known))
    return Quantity(dimension=Dimension.DATE, unit=unit, period=period, text=words)


def _read_range(
    dimension: Dimension, unit: str, factor: float, cells: Sequence[str | None]
) -> Quantity:
    """A range of numbers; one number alone means what rounds to it."""
    numbers: list[float | None] = []
    for text in cells:
        pair = None if text is None else _read_numbers(text)
        if text is not None and pair is None:
            fault = f"{_quote(text)} is no number."
            return Quantity(dimension=dimension, unit=unit, factor=factor, text=text, fault=fault)
        numbers.append(None if pair is None else pair[0])
        if pair is not None and pair[0] != pair[1] and text == cells[1]:
            # "7-8" in the middle is a range of its own.
            return _make(dimension, unit, factor, (pair[0], None, pair[1]))
    low, value, high = numbers
    if low is None and value is None and high is None:
        fault = "No number is stated."
        return Quantity(dimension=dimension, unit=unit, factor=factor, fault=fault)
    return _make(dimension, unit, factor, (low, value, high), text=cells[1] or cells[0] or "")


def _make(
    dimension: Dimension,
    unit: str,
    factor: float,
    numbers: tuple[float | None, float | None, float | None],
    *,
    text: str = "",
) -> Quantity:
    low, value, high = numbers
    stated = {number for number in numbers if number is not None}
    is_bare = len(stated) == 1 and (high is not None or low is None)
    if is_bare:
        (only,) = stated
        half = _find_half_digit(text, only)
        low, high = only - half, only + half
    return Quantity(
        dimension=dimension,
        unit=unit,
        factor=factor,
        low=-math.inf if low is None else low * factor,
        high=math.inf if high is None else high * factor,
        best=None if value is None else value * factor,
        is_bare=is_bare,
    )


def _find_half_digit(text: str, number: float) -> float:
    """Half of the last digit that a number is written with; of 27.72 h 0.005, of 8 days 0.5."""
    _, point, decimals = text.strip().partition(".")
    if point:
        return 0.5 * 10.0 ** -len(decimals)
    return 0.5 if number else 0.0


def _read_numbers(text: str) -> tuple[float, float] | None:
    """A number, or both ends of a range such as 7-8."""
    cell = text.strip()
    if _NUMBER.fullmatch(cell):
        number = float(re.sub(r"[ ,\u00a0\u202f]", "", cell))
        return (number, number) if math.isfinite(number) else None
    first, dash, last = cell.partition("-")
    if dash and _NUMBER.fullmatch(first.strip()) and _NUMBER.fullmatch(last.strip()):
        ends = [float(re.sub(r"[ ,\u00a0\u202f]", "", end.strip())) for end in (first, last)]
        return (ends[0], ends[1]) if ends[0] <= ends[1] else None
    try:
        number = float(cell) if cell.isascii() else math.nan
    except ValueError:
        return None
    return (number, number) if math.isfinite(number) else None


def read_period(text: str | None) -> Period | None:
    """First and last day that a date can mean; of words, all years named in them.

    Examples
    --------
    >>> read_period("2025-06")
    (datetime.date(2025, 6, 1), datetime.date(2025, 6, 30))
    >>> read_period("1990s")[1].year, read_period("soon")
    (1999, None)
    """
    if not text:
        return None
    cell = text.strip()
    match = _DAY.fullmatch(cell)
    if match is not None:
        return _make_period(match[1], match[2], match[3])
    periods = [_make_period(day[1], day[2], day[3]) for day in _DAYS_IN_WORDS.finditer(cell)]
    for year in _YEAR.finditer(cell):
        last = year[1][:3] + "9" if year[2] else year[1]
        first = _make_period(year[1], None, None)
        end = _make_period(last, None, None)
        if first is not None and end is not None and not year[3]:
            periods.append((first[0], end[1]))
    known = [period for period in periods if period is not None]
    if not known:
        return None
    return min(period[0] for period in known), max(period[1] for period in known)


def _make_period(year: str, month: str | None, day: str | None) -> Period | None:
    """Days of a year, month or day; None where there is none such."""
    try:
        first = dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day is not None:
        return first, first
    last_month = int(month or MONTHS_PER_YEAR)
    last_day = calendar.monthrange(first.year, last_month)[1]
    return first, dt.date(first.year, last_month, last_day)


def _quote(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:60])
    return f"'{shown}'"
