"""Cells: from text to values, with the cause and the cure where a text cannot be understood.

The main function is `parse_column`. A text is understood once, however often it occurs, so that
a long table costs little more than its distinct values.
"""

import datetime as dt
import math
import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from unicodedata import category, normalize
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from arterial.errors import Fault
from arterial.study.faults import ERROR, WARNING, find_near_names, limit_faults, shorten_text
from arterial.study.schema import Attribute, AttributeType

__all__ = [
    "MAXIMUM_CELL_CHARACTERS",
    "MAXIMUM_IDENTIFIER_CHARACTERS",
    "is_formula_like",
    "parse_cell",
    "parse_column",
]

MAXIMUM_CELL_CHARACTERS: Final = 10_000
MAXIMUM_IDENTIFIER_CHARACTERS: Final = 200

Value = str | int | float | bool | dt.date | None

_FIRST_YEAR: Final = 1800
_LAST_YEAR: Final = 2199
_INTEGER_LIMIT: Final = 2**63
_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
"""Digits in groups of three: the comma may mark thousands."""
_BLANK_MARKS: Final = re.compile(
    r"(?P<whole>[+-]?[1-9]\d{0,2}([ '_\u2019\u00a0\u2009\u202f]\d{3})+)([.,](?P<rest>\d+))?"
)
_POINT_MARKS: Final = re.compile(
    r"(?P<whole>[+-]?[1-9]\d{0,2}(\.\d{3})+),(?P<rest>\d+)|[+-]?[1-9]\d{0,2}(\.\d{3}){2,}",
    re.ASCII,
)
"""Digits in groups of three with another mark than a comma: 1 250, 1'250, 1.250,5."""
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST_INTEGER: Final = 20
_CLOCK_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_UTF8: Final = re.compile(r"[\udc80-\udcff]")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Classes of characters that nobody sees: controls, direction marks, private ones, line ends."""
_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one text, wherever it stands."""

    cause: str
    cure: str
    near: tuple[str, ...] = ()
    severity: str = ERROR


@dataclass(frozen=True, slots=True)
class ParsedCell:
    """Value of one text, or the problem with it, or both (a warning)."""

    value: Value = None
    problem: Problem | None = None


def parse_column(
    attribute: Attribute, cells: Sequence[str | None], rows: Sequence[int], file: str
) -> tuple[list[Value], tuple[Fault, ...]]:
    """Understand all cells of a column.

    Parameters
    ----------
    attribute : Attribute
        What the column holds.
    cells : sequence of (str or None)
        Texts, ``(n_rows,)``; None where the row has no such cell.
    rows : sequence of int
        Line of each row in the file, ``(n_rows,)``.
    file : str
        File that the faults name.

    Returns
    -------
    values : list
        Value of each row, None where unknown or faulty, ``(n_rows,)``.
    faults : tuple of Fault
        What could not be understood.
    """
    parsed = {cell: parse_cell(attribute, cell) for cell in set(cells) if cell is not None}
    meant: dict[str | None, Value] = {text: cell.value for text, cell in parsed.items()}
    values = [*map({**meant, None: None}.__getitem__, cells)]
    problems = {text: cell.problem for text, cell in parsed.items() if cell.problem is not None}
    if not problems:
        return values, ()
    faults = [
        Fault(
            problem.cause, problem.cure, file, row, attribute.name, problem.near, problem.severity
        )
        for row, cell in zip(rows, cells, strict=True)
        if cell is not None and (problem := problems.get(cell)) is not None
    ]
    return values, limit_faults(faults)


def parse_cell(attribute: Attribute, text: str) -> ParsedCell:
    """Understand the text of one cell.

    Examples
    --------
    >>> from arterial.study.schema import load_schema
    >>> length = load_schema("sections").attribute("length_km")
    >>> parse_cell(length, "12.5").value
    12.5
    >>> parse_cell(length, "12,5").problem.cure
    'Write it with a decimal point: 12.5.'
    """
    if text == "":
        return ParsedCell(problem=_missing_problem(attribute))
    # Before the parsers: they would call blanks a wrong number or an unknown word.
    if not text.strip():
        return ParsedCell(problem=Problem("The cell holds only blanks.", "Empty the cell."))
    problem = _check_characters(text)
    if problem is None and attribute.type is not AttributeType.TEXT and text != text.strip():
        cause = f"{shorten_text(text)!r} begins or ends with a blank."
        problem = Problem(cause, "Remove the blank.", (text.strip(),))
    if problem is not None:
        return ParsedCell(problem=problem)
    parsed = _PARSERS[attribute.type](attribute, text)
    if parsed.problem is None and parsed.value is not None:
        problem = _check_range(attribute, parsed.value) or _check_allowed(attribute, text)
        if problem is not None:
            return ParsedCell(problem=problem)
    return parsed


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula.

    A lone sign, a sign before a blank, and a signed number are harmless.

    Examples
    --------
    >>> [is_formula_like(text) for text in ("=1+1", "@SUM(A1)", "+cmd", "-5", "- none")]
    [True, True, True, False, False]
    """
    if text[:1] in {"=", "@", "\t", "\r"}:
        return True
    is_signed = text[:1] in {"+", "-"} and len(text) > 1 and not text[1].isspace()
    return is_signed and _NUMBER.fullmatch(text) is None


def _missing_problem(attribute: Attribute) -> Problem | None:
    if not attribute.is_needed:
        return None
    kind = "key" if attribute.is_key else "required value"
    return Problem(f"The {kind} is empty.", f"Give it: {attribute.description}.")


def _check_characters(text: str) -> Problem | None:
    if len(text) > MAXIMUM_CELL_CHARACTERS:
        cause = (
            f"The cell has {len(text):,} characters; at most {MAXIMUM_CELL_CHARACTERS:,} may be."
        )
        return Problem(cause, "Shorten the text; look for a quotation mark that is not closed.")
    if _NOT_UTF8.search(text):
        cause = f"{shorten_text(text)!r} is not in UTF-8."
        return Problem(cause, "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8).")
    if _CONTROL.search(text):
        cause = f"{shorten_text(text)!r} holds a control character."
        return Problem(cause, "Remove the character; it cannot be seen in most editors.")
    return None


def _check_range(attribute: Attribute, value: Value) -> Problem | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    below = attribute.minimum is not None and value < attribute.minimum
    above = attribute.maximum is not None and value > attribute.maximum
    if not below and not above:
        return None
    unit = f" {attribute.unit}" if attribute.unit not in {"", "1"} else ""
    low = "" if attribute.minimum is None else f"at least {attribute.minimum:g}"
    high = "" if attribute.maximum is None else f"at most {attribute.maximum:g}"
    bounds = " and ".join(part for part in (low, high) if part)
    cause = f"{value:g}{unit} is too {'low' if below else 'high'}."
    return Problem(cause, f"It must be {bounds}{unit}; check the figure and its unit.")


def _check_allowed(attribute: Attribute, text: str) -> Problem | None:
    if not attribute.allowed:
        return None
    items = text.split(";") if attribute.type is AttributeType.LIST else [text]
    for item in items:
        if item.strip() not in attribute.allowed:
            cause = f"{shorten_text(item)!r} is not one of the values there are."
            cure = f"Use one of: {', '.join(attribute.allowed)}."
            return Problem(cause, cure, find_near_names(item, attribute.allowed))
    return None


def _parse_identifier(_attribute: Attribute, text: str) -> ParsedCell:
    if len(text) > MAXIMUM_IDENTIFIER_CHARACTERS:
        cause = (
            f"The id has {len(text)} characters; at most {MAXIMUM_IDENTIFIER_CHARACTERS} may be."
        )
        return ParsedCell(problem=Problem(cause, "Give a shorter id."))
    if any(letter in text for letter in "\n\r\t;/\\") or text in {".", ".."}:
        cause = f"{shorten_text(text)!r} cannot be an id."
        cure = "Use no line break, tab, semicolon or slash in an id."
        return ParsedCell(problem=Problem(cause, cure))
    unseen = next((letter for letter in text if category(letter) in _UNSEEN), None)
    if unseen is not None:
        cause = (
            f"{shorten_text(text)!r} holds the character U+{ord(unseen):04X}, which is not seen."
        )
        return ParsedCell(problem=Problem(cause, "Remove it; type the id anew if need be."))
    if normalize("NFC", text) != text:
        cause = f"{shorten_text(text)!r} is written with letters and marks apart."
        cure = "Write letters with their marks as one character (Unicode NFC)."
        return ParsedCell(problem=Problem(cause, cure, (normalize("NFC", text),)))
    if is_formula_like(text):
        cause = f"{shorten_text(text)!r} cannot be an id: a spreadsheet takes it for a formula."
        return ParsedCell(problem=Problem(cause, "Let ids begin with a letter or digit."))
    return ParsedCell(text)


def _parse_text(_attribute: Attribute, text: str) -> ParsedCell:
    if not is_formula_like(text):
        return ParsedCell(text)
    cause = f"{shorten_text(text)!r} looks like a formula; a spreadsheet would compute it."
    cure = "Reword it; it is kept as it stands and never computed here."
    return ParsedCell(text, Problem(cause, cure, severity=WARNING))


def _parse_integer(_attribute: Attribute, text: str) -> ParsedCell:
    if _INTEGER.fullmatch(text) is None or len(text) > _LONGEST_INTEGER:
        number = _parse_number(_attribute, text)
        if number.problem is not None:
            return number
        cause = f"{shorten_text(text)!r} is not a whole number."
        return ParsedCell(problem=Problem(cause, "Write a whole number, without a point."))
    value = int(text)
    if not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
        return ParsedCell(problem=Problem(f"{text} is too large.", "Check the figure."))
    return ParsedCell(value)


def _parse_number(_attribute: Attribute, text: str) -> ParsedCell:
    if _NUMBER.fullmatch(text) is None:
        return ParsedCell(problem=_number_problem(text))
    value = float(text)
    if not math.isfinite(value):
        cause = f"{shorten_text(text)!r} is too large for a number."
        return ParsedCell(problem=Problem(cause, "Check the figure."))
    return ParsedCell(value)


def _number_problem(text: str) -> Problem:
    shown = shorten_text(text)
    if text.strip("+-").casefold() in {"nan", "inf", "infinity", "na", "n/a", "null", "none"}:
        return Problem(f"{shown!r} is not a finite number.", "Leave the cell empty if unknown.")
    with_point = text.replace(",", ".")
    if _GROUPED.fullmatch(text):
        plain = shorten_text(text.replace(",", ""))
        cure = f"Write {plain} if the comma marks thousands"
        cure += (
            f", {shorten_text(with_point)} if it is a decimal comma."
            if text.count(",") == 1
            else "."
        )
        return Problem(f"{shown!r} is not a number.", cure)
    marked = _BLANK_MARKS.fullmatch(text) or _POINT_MARKS.fullmatch(text)
    if marked is not None:
        whole, rest = marked["whole"] or text, marked["rest"]
        plain = re.sub(r"[^\d+-]", "", whole) + (f".{rest}" if rest else "")
        cure = f"Write {shorten_text(plain)}, without marks between thousands."
        return Problem(f"{shown!r} is not a number.", cure)
    if text.count(",") == 1 and _NUMBER.fullmatch(with_point):
        cure = f"Write it with a decimal point: {shorten_text(with_point)}."
        return Problem(f"{shown!r} is not a number.", cure)
    cure = "Write digits with a decimal point, without unit or thousands mark; empty if unknown."
    return Problem(f"{shown!r} is not a number.", cure)


def _parse_boolean(_attribute: Attribute, text: str) -> ParsedCell:
    value = _BOOLEANS.get(text.lower())
    if value is None:
        cause = f"{shorten_text(text)!r} is neither true nor false."
        return ParsedCell(problem=Problem(cause, "Write true or false; empty if unknown."))
    return ParsedCell(value)


def _parse_date(_attribute: Attribute, text: str) -> ParsedCell:
    if _DATE.fullmatch(text) is None:
        cause = f"{shorten_text(text)!r} is not a date."
        return ParsedCell(problem=Problem(cause, "Write it as YYYY-MM-DD: 2025-06-17."))
    year, month, day = (int(part) for part in text.split("-"))
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        cause = f"{text} lies outside the years {_FIRST_YEAR} to {_LAST_YEAR}."
        return ParsedCell(problem=Problem(cause, "Check the year."))
    if not 1 <= month <= 12:  # noqa: PLR2004
        cause = f"{text} does not exist: there is no month {month}."
        return ParsedCell(problem=Problem(cause, "Write it as YYYY-MM-DD: 2025-06-17."))
    days_count = monthrange(year, month)[1]
    if not 1 <= day <= days_count:
        cause = f"{text} does not exist: that month has {days_count} days."
        return ParsedCell(problem=Problem(cause, "Check the day."))
    return ParsedCell(dt.date(year, month, day))


def _parse_clock_time(_attribute: Attribute, text: str) -> ParsedCell:
    if _CLOCK_TIME.fullmatch(text) is None:
        cause = f"{shorten_text(text)!r} is not a time of day."
        cure = (
            "Write it as HH:MM from 00:00 to 23:59; a later day goes into arrival_day or "
            "departure_day."
        )
        return ParsedCell(problem=Problem(cause, cure))
    return ParsedCell(text)


def _parse_zone(_attribute: Attribute, text: str) -> ParsedCell:
    if _is_zone(text):
        return ParsedCell(text)
    cause = f"{shorten_text(text)!r} is not a time zone."
    cure = "Use a name of the IANA tz database: Europe/Moscow."
    return ParsedCell(problem=Problem(cause, cure, find_near_names(text, _zone_names())))


def _parse_list(attribute: Attribute, text: str) -> ParsedCell:
    items = [item.strip() for item in text.split(";")]
    if not all(items):
        cause = f"{shorten_text(text)!r} holds an empty item."
        return ParsedCell(problem=Problem(cause, "Put one semicolon between two items."))
    if len(set(items)) < len(items):
        cause = f"{shorten_text(text)!r} names an item twice."
        return ParsedCell(problem=Problem(cause, "Name each item once."))
    for item in items:
        is_number = _INTEGER.fullmatch(item) is not None and len(item) <= _LONGEST_INTEGER
        if attribute.has_number_items and not is_number:
            cause = f"{shorten_text(item)!r} in the list is not a whole number."
            cure = f"Write whole numbers in {attribute.unit}, separated by semicolons: 1435;1520."
            return ParsedCell(problem=Problem(cause, cure))
    return _parse_text(attribute, text)


@cache
def _is_zone(name: str) -> bool:
    """Whether the tz database has a zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    is_copy = name.startswith(("posix/", "right/"))
    return not is_copy and ("/" in name or name in {"UTC", "GMT"})


@cache
def _zone_names() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


_PARSERS: Final[Mapping[AttributeType, Callable[[Attribute, str], ParsedCell]]] = {
    AttributeType.IDENTIFIER: _parse_identifier,
    AttributeType.TEXT: _parse_text,
    AttributeType.INTEGER: _parse_integer,
    AttributeType.NUMBER: _parse_number,
    AttributeType.BOOLEAN: _parse_boolean,
    AttributeType.DATE: _parse_date,
    AttributeType.CLOCK_TIME: _parse_clock_time,
    AttributeType.ZONE: _parse_zone,
    AttributeType.LIST: _parse_list,
}
