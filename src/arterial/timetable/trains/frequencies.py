"""Frequencies as they are worded in print, read as departures a year.

Main function: :func:`read_frequency`. Twice a month is 24 departures a year and every 14 days is
26; a wording that means both is reported as ambiguous instead of being settled by a guess.
"""

import calendar
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from arterial.units import MONTHS_PER_YEAR

__all__ = ["FrequencyReading", "read_frequency"]

DAYS_OF_YEAR: Final = (365, 366)
WEEKS: Final = 52
QUARTERS: Final = 4

_NUMBERS: Final = {
    "once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30,
}  # fmt: skip
_ORDINALS: Final = {"other": 2, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBER: Final = rf"([1-9]\d*|{'|'.join(_NUMBERS)})"
_ORDINAL: Final = rf"({'|'.join(_ORDINALS)}|[1-9]\d*(?:st|nd|rd|th))"
_DAY_NAME: Final = rf"({'|'.join(_WEEKDAYS)})(?:day|s|sday|nesday|r|rs|rsday|urday)?s?"
_WEEKDAY: Final = rf"\b{_DAY_NAME}\b"
_DAY_NAMES: Final = rf"((?:\b{_DAY_NAME}\b(?: and | or | )?)+)"
_DAY_OF_MONTH: Final = r"\b(\d{1,2})(?:st|nd|rd|th)\b"
_DAY_LIST: Final = (
    r"\b((?:\d{1,2}(?:st|nd|rd|th)? (?:and )?)+)(?:day )?of (?:(?:the|each|every) )?month\b"
)
_ADVERBS: Final = {"daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_SPELLINGS: Final = (
    (rf"\b({_DAY_NAME})\s*[-\u2013\u2014]\s*({_DAY_NAME})\b", r"\1 to \3"),
    (r"(\d)\s*[-\u2013\u2014]\s*(?=\d)", r"\1 to "),
    (r"\b(\d+)\s?[x\u00d7](?=\s)", r"\1 times"),
    (r"[-,;/.()&+\u2013\u2014]", " "),
)
_BOUNDS: Final = r"\b(?:up to|at (?:most|least)|(?:more|less|fewer) than|no more)\b"
"""A bound on the number says how many there may be, not how many there are."""
_LEFT_OVER: Final = (
    r"\b(?:except|excluding|but|not|half|bi|semi|alternate|other|second|working|weekdays?|times)\b"
)
"""Words that change the number: where one is left unread, the wording is not understood."""


@dataclass(frozen=True, slots=True)
class FrequencyReading:
    """A worded frequency as departures a year.

    Parameters
    ----------
    per_year_low, per_year_high : int or None
        Fewest and most departures in a year that the wording allows; None if it was not understood.
    is_ambiguous : bool
        Whether the wording has several meanings.
    explanation : str
        The reading in words.
    per_year : int or None
        Departures in an ordinary year; None if ambiguous or not understood.
    """

    per_year_low: int | None
    per_year_high: int | None
    is_ambiguous: bool
    explanation: str
    per_year: int | None = None


@dataclass(frozen=True, slots=True)
class _Meaning:
    low: int
    usual: int
    high: int
    words: str


def read_frequency(text: str) -> FrequencyReading:
    """Read a frequency as it is worded in print.

    Understood are days of the week, days of the month, odd and even days, and counts per day, week,
    month or year in the usual English wordings.

    Parameters
    ----------
    text : str
        Such as ``twice monthly``, ``every 14 days``, ``Mon Wed Thu Sat``, ``3rd and 17th``.

    Returns
    -------
    FrequencyReading
        Departures a year. Several wordings in one text that differ make it ambiguous.

    Examples
    --------
    >>> read_frequency("twice monthly").per_year, read_frequency("every 14 days").per_year
    (24, 26)
    >>> read_frequency("bi-monthly").is_ambiguous
    True
    """
    meanings = _read_meanings(text)
    if not meanings:
        return FrequencyReading(
            None, None, is_ambiguous=False, explanation=f"'{text}' is not a wording known here."
        )
    usual = {meaning.usual for meaning in meanings}
    low, high = min(item.low for item in meanings), max(item.high for item in meanings)
    if len(usual) > 1:
        senses = " or ".join(dict.fromkeys(item.words for item in meanings))
        return FrequencyReading(
            low, high, is_ambiguous=True, explanation=f"'{text}' can mean {senses}."
        )
    only = meanings[0]
    return FrequencyReading(
        low, high, is_ambiguous=False, explanation=f"'{text}' is {only.words}.", per_year=only.usual
    )


def _read_meanings(text: str) -> list[_Meaning]:
    """Every meaning found in a wording; none if a word that changes the number stays unread."""
    words = text.lower()
    for pattern, plain in _SPELLINGS:
        words = re.sub(pattern, plain, words)
    words = " ".join(words.split())
    if re.search(_BOUNDS, words):
        return []
    meanings: list[_Meaning] = []
    for pattern, read in _READERS:
        for match in re.finditer(pattern, words):
            meanings.extend(read(match))
        words = re.sub(pattern, " ", words)
    meanings.extend(_read_weekdays(words))
    meanings.extend(_read_days_of_month(" ".join(re.findall(_DAY_OF_MONTH, words))))
    return [] if re.search(_LEFT_OVER, words) else meanings


def _every_days(days: int) -> _Meaning:
    return _Meaning(
        DAYS_OF_YEAR[0] // days,
        round(DAYS_OF_YEAR[0] / days),
        math.ceil(DAYS_OF_YEAR[1] / days),
        f"every {days} days, {round(DAYS_OF_YEAR[0] / days)} a year"
        if days > 1
        else f"daily, {DAYS_OF_YEAR[0]} a year",
    )


def _a_week(count: int) -> _Meaning:
    if count == len(_WEEKDAYS):
        return _every_days(1)
    # A year is 52 weeks and one or two days, so a day of the week comes 52 or 53 times.
    usual = WEEKS * count
    return _Meaning(usual, usual, usual + min(count, 2), f"{count} a week, {usual} a year")


def _a_month(count: int) -> _Meaning:
    usual = MONTHS_PER_YEAR * count
    return _Meaning(usual, usual, usual, f"{count} a month, {usual} a year")


def _a_year(count: int) -> _Meaning:
    return _Meaning(count, count, count, f"{count} a year")


def _every_months(months: int) -> _Meaning:
    usual = MONTHS_PER_YEAR // months
    return _Meaning(usual, usual, usual, f"every {months} months, {usual} a year")


def _times(count: int, period: str) -> _Meaning:
    if period == "day":
        low, high = (count * days for days in DAYS_OF_YEAR)
        return _Meaning(low, low, high, f"{count} a day, {low} a year")
    if period == "quarter":
        usual = QUARTERS * count
        return _Meaning(usual, usual, usual, f"{count} a quarter, {usual} a year")
    return {"week": _a_week, "month": _a_month, "year": _a_year}[period](count)


def _range_of_times(match: re.Match[str]) -> list[_Meaning]:
    period = match[3] or _ADVERBS[match[4]]
    return [_times(_number(match[number]), period) for number in (1, 2)]


def _weekday_range(match: re.Match[str]) -> list[_Meaning]:
    first, last = (_WEEKDAYS.index(match[day]) for day in (1, 2))
    return [_a_week((last - first) % len(_WEEKDAYS) + 1)]


def _all_but(match: re.Match[str]) -> list[_Meaning]:
    left_out = {day[1] for day in re.finditer(_WEEKDAY, match[1])}
    return [_a_week(len(_WEEKDAYS) - len(left_out))]


def _every(count: int, period: str) -> _Meaning:
    if period == "day":
        return _every_days(count)
    if period == "week":
        return _every_days(7 * count) if count > 1 else _a_week(1)
    if period == "month":
        return _every_months(count) if count > 1 else _a_month(1)
    return _a_year(1)


def _number(text: str) -> int:
    return _NUMBERS.get(text) or int(text)


def _ordinal(text: str) -> int:
    return _ORDINALS.get(text) or int(text[:-2])


_PERIOD: Final = r"(day|week|month|year)s?"
_PERIOD_WORD: Final = (
    r"(?:(?:in )?(?:an?|per|each|every|the) (day|week|month|quarter|year)"
    r"|(daily|weekly|monthly|yearly))"
)
_NOUN: Final = r"(?: times| (?:round )?trips| departures| journeys| trains| services| pairs| days)?"
_NTH: Final = r"(?:1st|2nd|3rd|4th|first|second|third|fourth|last)"
_IN_MONTH: Final = r"(?: (?:of|in) (?:the|an?|each|every) month| monthly)"

_READERS: Final[tuple[tuple[str, Callable[[re.Match[str]], list[_Meaning]]], ...]] = (
    (r"\bbi-?\s?monthly\b", lambda _: [_every_months(2), _a_month(2)]),
    (r"\bbi-?\s?weekly\b", lambda _: [_every_days(14), _a_week(2)]),
    (r"\bsemi-?\s?monthly\b|\b(?:every )?half (?:a )?month(?:ly)?\b", lambda _: [_a_month(2)]),
    (r"\bsemi-?\s?weekly\b", lambda _: [_a_week(2)]),
    (r"\bsemi-?\s?annual(?:ly)?\b|\bhalf yearly\b", lambda _: [_a_year(2)]),
    (r"\b(?:every fortnight|fortnightly|a fortnight)\b", lambda _: [_every_days(14)]),
    (rf"\b(?:daily|every day) (?:except|but|excluding)(?: on| for)? {_DAY_NAMES}", _all_but),
    (rf"\b{_DAY_NAME} (?:to|through|thru|till|until) {_DAY_NAME}\b", _weekday_range),
    (
        rf"\b((?:{_NTH}(?: and)? )+){_DAY_NAME}\b{_IN_MONTH}",
        lambda m: [_a_month(len(re.findall(_NTH, m[1])))],
    ),
    (rf"\blast day\b{_IN_MONTH}", lambda _: [_a_month(1)]),
    (rf"\b(?:every (?:other|second)|alternate) {_DAY_NAME}\b", lambda _: [_every_days(14)]),
    (rf"\b{_NUMBER} (?:to|or) {_NUMBER}{_NOUN} {_PERIOD_WORD}\b", _range_of_times),
    (
        rf"\b{_NUMBER}{_NOUN} {_PERIOD_WORD}\b",
        lambda m: [_times(_number(m[1]), m[2] or _ADVERBS[m[3]])],
    ),
    (
        rf"\b(?:once )?(?:every|in|per) {_NUMBER} {_PERIOD}\b",
        lambda m: [_every(_number(m[1]), m[2])],
    ),
    (rf"\bevery {_ORDINAL} {_PERIOD}\b", lambda m: [_every(_ordinal(m[1]), m[2])]),
    (r"\balternate (?:calendar )?days\b", lambda _: [_every_days(2)]),
    (r"\bodd and even (?:days|dates)\b", lambda _: [_every_days(1)]),
    (r"\bodd(?: numbered)? (?:days|dates)\b", lambda _: [_days_matching(1)]),
    (r"\beven(?: numbered)? (?:days|dates)\b", lambda _: [_days_matching(0)]),
    (_DAY_LIST, lambda m: _read_days_of_month(m[1])),
    (r"\b(?:(?:on|every) )?weekdays?\b", lambda _: [_a_week(5)]),
    (r"\b(?:(?:on|at|every) )?weekends?\b", lambda _: [_a_week(2)]),
    (r"\bquarterly\b", lambda _: [_every_months(3)]),
    (r"\b(?:daily|every day)\b", lambda _: [_every_days(1)]),
    (r"\b(?:weekly|every week)\b", lambda _: [_a_week(1)]),
    (r"\b(?:monthly|every month|each month)\b", lambda _: [_a_month(1)]),
    (r"\b(?:yearly|(?<!bi )annual|(?<!bi )annually|every year)\b", lambda _: [_a_year(1)]),
)


def _days_matching(remainder: int) -> _Meaning:
    words = "odd days" if remainder else "even days"
    return _month_days({day for day in range(1, 32) if day % 2 == remainder}, words=words)


def _month_days(days: set[int], *, words: str = "") -> _Meaning:
    # 2025 is an ordinary year and 2024 a leap year; only their month lengths matter.
    usual, leap = (
        sum(day <= calendar.monthrange(year, month)[1] for month in range(1, 13) for day in days)
        for year in (2025, 2024)
    )
    words = words or f"on day {' and '.join(str(day) for day in sorted(days))} of the month"
    return _Meaning(usual, usual, leap, f"{words}, {usual} a year")


def _read_weekdays(words: str) -> list[_Meaning]:
    days = {match[1] for match in re.finditer(_WEEKDAY, words)}
    return [_a_week(len(days))] if days else []


def _read_days_of_month(words: str) -> list[_Meaning]:
    days = {int(item) for item in re.findall(r"\d{1,2}", words)}
    days = {day for day in days if 1 <= day <= 31}  # noqa: PLR2004 days of a month
    return [_month_days(days)] if days else []
