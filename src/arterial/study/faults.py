"""Faults in a study: near names, plain text, and a limit on how many of one kind are told.

The main function is `limit_faults`; the `Fault` itself lives in `arterial.errors`.
"""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from arterial.errors import Fault

__all__ = [
    "ERROR",
    "FAULTS_PER_COLUMN",
    "WARNING",
    "find_near_names",
    "has_errors",
    "limit_faults",
    "shorten_text",
]

ERROR: Final = "error"
WARNING: Final = "warning"

FAULTS_PER_COLUMN: Final = 20
"""Faults of one kind told for one column; the rest are counted in one line."""

_REPEATED_CURE: Final = "Repair the ones above in the same way."
_SHOWN_CHARACTERS: Final = 60


def find_near_names(name: str, known: Iterable[str], *, count: int = 3) -> tuple[str, ...]:
    """Existing names that resemble `name`, best first, upper and lower case alike.

    Examples
    --------
    >>> find_near_names("secton", ["sections", "lines"])
    ('sections',)
    >>> find_near_names("MOSCOW", ["moscow", "minsk"])
    ('moscow',)
    """
    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    close = get_close_matches(shorten_text(name).casefold(), by_folded, n=count, cutoff=0.6)
    return tuple(by_folded[folded] for folded in close)


def shorten_text(text: str) -> str:
    """Give a cell's text, cut to 60 characters and without control characters.

    Examples
    --------
    >>> shorten_text("a" * 100).endswith("a…")
    True
    """
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:200])
    if len(shown) <= _SHOWN_CHARACTERS:
        return shown
    return f"{shown[:_SHOWN_CHARACTERS]}…"


def has_errors(faults: Iterable[Fault]) -> bool:
    """Whether any of the faults keeps the study from being used."""
    return any(fault.severity == ERROR for fault in faults)


def limit_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Give the first 20 faults of each file, column and severity, and a count of the rest.

    Examples
    --------
    >>> many = [Fault("No name.", "Give one.", "tables/lines.csv", row) for row in range(2, 52)]
    >>> limited = limit_faults(many)
    >>> len(limited), limited[-1].cause
    (21, '30 more faults of this kind.')
    """
    groups: dict[tuple[str, str | None, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.file, fault.column, fault.severity), []).append(fault)
    limited: list[Fault] = []
    for group in groups.values():
        limited.extend(group[:FAULTS_PER_COLUMN])
        rest = len(group) - FAULTS_PER_COLUMN
        if rest > 0:
            cause = f"{rest:,} more fault{'s' if rest > 1 else ''} of this kind."
            summary = replace(group[0], cause=cause, cure=_REPEATED_CURE, row=None, near=())
            limited.append(summary)
    return tuple(limited)
