"""Text made of rows of whole numbers; main functions `read_text` and `split_number_rows`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arterial.errors import Fault, StudyError
from arterial.study.csvtext import read_bounded

__all__ = [
    "NumberRow",
    "judge_job_count",
    "read_text",
    "split_number_rows",
]

COMMENT: Final = "#"
MOST_FAULTS: Final = 20
AVERAGE_PLACE: Final = 2
LONGEST_NUMBER: Final = 9


@dataclass(frozen=True, slots=True)
class NumberRow:
    """The numbers of one line, and which line it was (the first is 1)."""

    line: int
    numbers: tuple[int, ...]


def read_text(path: Path) -> str:
    """The text of a file; where it is no UTF-8, each byte stands for a letter.

    Only comments and titles hold letters, so that an old encoding harms nothing.

    Raises
    ------
    StudyError
        When it is no text at all.
    """
    content = read_bounded(path)
    if b"\0" in content:
        cause = f"Byte {content.index(0)} is no letter, digit or space."
        fault = Fault(cause, "Save it as plain text.", str(path))
        message = f"{path} is no text file."
        raise StudyError(message, (fault,))
    # A mark at the start of a file is no letter of the first number.
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def split_number_rows(text: str, file: str) -> tuple[NumberRow, ...]:
    """Split a text into rows of numbers.

    Empty lines and lines that start with ``#`` are passed over, and so is a title: lines without
    any number before the first row.

    Parameters
    ----------
    text : str
        Content of the file. A number may end in ``.0``. The third number of the first row may be
        any fraction and is then rounded: it is an average that no reader uses.
    file : str
        Name for the faults.

    Returns
    -------
    tuple of NumberRow
        In order; at least one.

    Raises
    ------
    StudyError
        With every word that is no whole number.
    """
    rows: list[NumberRow] = []
    faults: list[Fault] = []
    for line, content in enumerate(text.splitlines(), start=1):
        words = content.split()
        if not words or words[0].startswith(COMMENT):
            continue
        numbers = [
            _read_number(word, is_average=not rows and place == AVERAGE_PLACE)
            for place, word in enumerate(words)
        ]
        # A title may stand above the first row, nowhere else.
        if not rows and not faults and all(number is None for number in numbers):
            continue
        faults += [
            Fault(f"{word[:20]!r} is no whole number.", "Write one to nine digits.", file, line)
            for word, number in zip(words, numbers, strict=True)
            if number is None
        ]
        rows.append(NumberRow(line, tuple(number or 0 for number in numbers)))
    if not rows:
        faults.append(Fault("It holds no numbers.", "Give a scheduling problem.", file))
    if faults:
        message = f"{file} is no scheduling problem."
        raise StudyError(message, faults[:MOST_FAULTS])
    return tuple(rows)


def judge_job_count(rows: Sequence[NumberRow], n_jobs: int, file: str) -> list[Fault]:
    """The fault of a shop file whose first row names another number of jobs than follow."""
    if len(rows) - 1 == n_jobs:
        return []
    cause = f"There are {len(rows) - 1} rows of jobs, not {n_jobs}."
    return [Fault(cause, "Give a row for each job.", file, rows[0].line)]


def _read_number(word: str, *, is_average: bool) -> int | None:
    """A number that is not negative, or None."""
    whole = word.partition(".")[0] if word.rstrip("0").endswith(".") else word
    if whole.isascii() and whole.isdigit() and len(whole) <= LONGEST_NUMBER:
        return int(whole)
    if is_average:
        try:
            return round(float(word))
        except (ValueError, OverflowError):
            return None
    return None
