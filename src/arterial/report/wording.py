"""Durations, counts, days and dates in the words of the report."""

from collections.abc import Sequence
from datetime import date

__all__ = [
    "count_text",
    "date_text",
    "day_offset_text",
    "duration_text",
    "join_words",
    "ordinal_text",
    "outside_text",
    "range_text",
]

HOURS_A_DAY = 24


def duration_text(hours: float) -> str:
    """Give a duration in days and hours, or hours and minutes below a day.

    Examples
    --------
    >>> duration_text(198.2), duration_text(7.75), duration_text(216.0), duration_text(0.2)
    ('8 d 6 h', '7 h 45 min', '9 d', '12 min')
    """
    minutes = round(abs(hours) * 60)
    sign = "-" if hours < 0 and minutes else ""
    if minutes >= HOURS_A_DAY * 60:
        days, rest = divmod(round(minutes / 60), HOURS_A_DAY)
        return f"{sign}{days} d {rest} h" if rest else f"{sign}{days} d"
    whole, rest = divmod(minutes, 60)
    if not whole:
        return f"{sign}{rest} min"
    return f"{sign}{whole} h {rest:02d} min" if rest else f"{sign}{whole} h"


def range_text(low: str, high: str) -> str:
    """Give a range, or one value when both ends read the same."""
    return low if low == high else f"{low} to {high}"


def outside_text(value: float | None, low: float, high: float) -> str:
    """Say on which side of a value its range lies, where it does not hold it; else nothing.

    Examples
    --------
    >>> outside_text(1.0, 2.0, 3.0), outside_text(2.0, 2.0, 3.0), outside_text(None, 2.0, 3.0)
    (', above the value told', '', '')
    """
    if value is None or low <= value <= high:
        return ""
    return f", {'above' if value < low else 'below'} the value told"


def count_text(count: int, singular: str, plural: str | None = None) -> str:
    """Give a count with its noun.

    Examples
    --------
    >>> count_text(1, "trip"), count_text(0, "trip"), count_text(2, "pass", "passes")
    ('1 trip', 'no trips', '2 passes')
    """
    noun = singular if count == 1 else (plural or f"{singular}s")
    return f"{count or 'no'} {noun}"


def join_words(words: Sequence[str], *, last: str = "and") -> str:
    """Join words with commas and a last "and", or another word.

    Examples
    --------
    >>> join_words(["a", "b", "c"]), join_words(["1", "2"], last="or")
    ('a, b and c', '1 or 2')
    """
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def date_text(day: date) -> str:
    """Give a date as in "3 July 2025"."""
    return f"{day.day} {day:%B} {day.year}"


def ordinal_text(number: int) -> str:
    """Give a number as a rank.

    Examples
    --------
    >>> [ordinal_text(number) for number in (1, 2, 3, 4, 11, 23)]
    ['1st', '2nd', '3rd', '4th', '11th', '23rd']
    """
    endings = {1: "st", 2: "nd", 3: "rd"}
    is_teen = number % 100 in {11, 12, 13}
    return f"{number}{'th' if is_teen else endings.get(number % 10, 'th')}"


def day_offset_text(days: Sequence[int]) -> str:
    """Give local days counted from the day of departure.

    Examples
    --------
    >>> day_offset_text([0]), day_offset_text([1]), day_offset_text([1, 7])
    ('on the day of departure', 'on the day after departure', '1 or 7 days after departure')
    """
    if list(days) == [0]:
        return "on the day of departure"
    if list(days) == [1]:
        return "on the day after departure"
    return f"{join_words([str(day) for day in sorted(days)], last='or')} days after departure"
