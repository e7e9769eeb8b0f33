"""The file ``study.toml``: from text to `Settings`, with every fault placed at its line.

The main function is `parse_settings`.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from arterial.errors import Fault
from arterial.study.faults import find_near_names, shorten_text
from arterial.study.settings import Settings

__all__ = ["SETTINGS_FILE", "ParsedSettings", "load_toml", "parse_settings"]

SETTINGS_FILE: Final = "study.toml"

MOST_PARTS: Final = 64
_DEEP_KEY: Final = re.compile(
    rf"(?<![\w\"'-])(?:[\w\"'-]{{1,200}}[ \t]{{0,9}}\.[ \t]{{0,9}}){{{MOST_PARTS}}}"
)
_LINE: Final = re.compile(r"line (\d+)")
_PART: Final = re.compile(r"^\s*\[\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY: Final = re.compile(r"^\s*\"?([A-Za-z0-9_-]+)\"?\s*=")


@dataclass(frozen=True, slots=True)
class ParsedSettings:
    """Settings, or None with the faults that keep them from being read."""

    settings: Settings | None
    faults: tuple[Fault, ...] = ()


def parse_settings(text: str) -> ParsedSettings:
    """Read the text of ``study.toml``.

    Parameters
    ----------
    text : str
        Content of the file.

    Returns
    -------
    ParsedSettings
        The settings, or every fault with line and key path.

    Examples
    --------
    >>> print(parse_settings("name = ").faults[0].place)
    study.toml:1
    """
    try:
        values = load_toml(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return ParsedSettings(None, (_syntax_fault(str(error), text),))
    try:
        return ParsedSettings(Settings.model_validate(values))
    except ValidationError as error:
        lines = _find_key_lines(text)
        details = error.errors(include_url=False, include_context=False)
        return ParsedSettings(None, tuple(_key_fault(detail, lines) for detail in details))


def load_toml(text: str) -> dict[str, Any]:
    """Values of a TOML text whose keys have a bounded number of parts.

    Raises
    ------
    ValueError
        When it is no TOML, or a key has more than 64 parts: reading it would take time that grows
        with their square.
    """
    deep = _DEEP_KEY.search(text)
    if deep is not None:
        line = text.count("\n", 0, deep.start()) + 1
        message = f"a key of more than {MOST_PARTS} parts (at line {line})"
        raise ValueError(message)
    return tomllib.loads(text)


def _syntax_fault(reason: str, text: str) -> Fault:
    match = _LINE.search(reason)
    line = text.count("\n") + 1 if match is None else int(match.group(1))
    cause = f"The file is not valid TOML: {shorten_text(reason)}."
    cure = 'Write each setting as key = value, with text in quotes: name = "my_study".'
    return Fault(cause, cure, SETTINGS_FILE, line)


def _key_fault(detail: ErrorDetails, lines: Mapping[str, int]) -> Fault:
    names = [str(part) for part in detail["loc"] if isinstance(part, str)]
    path = ".".join(names)
    row = lines.get(path)
    if detail["type"] == "extra_forbidden":
        near = find_near_names(names[-1], _list_keys(names[:-1]))
        cause, cure = "There is no such setting.", "Remove it or correct its name."
        return Fault(cause, cure, SETTINGS_FILE, row, path, near)
    if detail["type"] == "missing":
        cause = "The setting is missing."
        return Fault(cause, f"Add it: {_describe_key(names)}.", SETTINGS_FILE, None, path)
    if not names:
        cause = f"{detail['msg'].removeprefix('Value error, ')}."
        return Fault(cause, "Correct one of the two.", SETTINGS_FILE, lines.get("horizon_to"))
    cause = f"{_show_value(detail['input'])} cannot be used: {detail['msg']}."
    return Fault(cause, f"It is: {_describe_key(names)}.", SETTINGS_FILE, row, path)


def _show_value(value: object) -> str:
    """A value as it reads in Python, cut short; a date as the file writes it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    try:
        return shorten_text(repr(value))
    except ValueError:
        # Python writes no whole number of more than 4,300 digits.
        return "A number of thousands of digits"


def _find_part(names: Sequence[str]) -> type[BaseModel]:
    model: type[BaseModel] = Settings
    for name in names:
        field = model.model_fields.get(name)
        part = field.annotation if field is not None else None
        if not (isinstance(part, type) and issubclass(part, BaseModel)):
            return model
        model = part
    return model


def _list_keys(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(_find_part(names).model_fields)


def _describe_key(names: Sequence[str]) -> str:
    field = _find_part(names[:-1]).model_fields.get(names[-1])
    return (field.description if field is not None else None) or "see the guide to study.toml"


def _find_key_lines(text: str) -> dict[str, int]:
    """Line of each key path, for files written in the usual way, one key a line."""
    lines: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if (part := _PART.match(line)) is not None:
            prefix = f"{part.group(1)}."
            lines.setdefault(part.group(1), number)
        elif (key := _KEY.match(line)) is not None:
            lines.setdefault(f"{prefix}{key.group(1)}", number)
    return lines
