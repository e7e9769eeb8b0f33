"""Durations, counts and dates in the words of the report."""

from collections.abc import Sequence
from datetime import date

__all__ = ["count_text", "date_text", "duration_text", "join_words", "range_text"]

HOURS_A_DAY = 24


def duration_text(hours: float) -> str:
    """Give a duration in days and hours, or hours and minutes below a day.

    Examples
    --------
    >>> duration_text(198.2), duration_text(7.75)
    ('8 d 6 h', '7 h 45 min')
    """
    minutes = round(hours * 60)
    if minutes >= HOURS_A_DAY * 60:
        whole_hours = round(minutes / 60)
        return f"{whole_hours // HOURS_A_DAY} d {whole_hours % HOURS_A_DAY} h"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def range_text(low: str, high: str) -> str:
    """Give a range, or one value when both ends read the same."""
    return low if low == high else f"{low} to {high}"


def count_text(count: int, singular: str, plural: str | None = None) -> str:
    """Give a count with its noun.

    Examples
    --------
    >>> count_text(1, "trip"), count_text(0, "trip"), count_text(2, "pass", "passes")
    ('1 trip', 'no trips', '2 passes')
    """
    noun = singular if count == 1 else (plural or f"{singular}s")
    return f"{count or 'no'} {noun}"


def join_words(words: Sequence[str]) -> str:
    """Join words with commas and a last "and".

    Examples
    --------
    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def date_text(day: date) -> str:
    """Give a date as in "3 July 2025"."""
    return f"{day.day} {day:%B} {day.year}"
