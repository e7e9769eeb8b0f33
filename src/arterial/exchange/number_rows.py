"""Text files made of rows of whole numbers; main function `read_number_rows`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arterial.errors import Fault, StudyError

__all__ = ["NumberRow", "judge_job_count", "read_number_rows"]

COMMENT: Final = "#"
MOST_FAULTS: Final = 20
AVERAGE_PLACE: Final = 2
LONGEST_NUMBER: Final = 9


@dataclass(frozen=True, slots=True)
class NumberRow:
    """The numbers of one line, and which line it was (the first is 1)."""

    line: int
    numbers: tuple[int, ...]


def read_number_rows(path: Path) -> tuple[NumberRow, ...]:
    """Read the rows of a file; empty lines and lines that start with ``#`` are passed over.

    Parameters
    ----------
    path : Path
        Text file. The third number of the first row may be a fraction and is then rounded: it is
        an average that no reader uses.

    Returns
    -------
    tuple of NumberRow
        In order; at least one.

    Raises
    ------
    StudyError
        With every word that is no whole number.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        cause = f"Byte {error.start} is not UTF-8."
        fault = Fault(cause, "Save it as plain text.", str(path))
        message = f"{path} is no text file."
        raise StudyError(message, (fault,)) from error
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
        faults += [
            Fault(
                f"{word[:20]!r} is no whole number.", "Write one to nine digits.", str(path), line
            )
            for word, number in zip(words, numbers, strict=True)
            if number is None
        ]
        rows.append(NumberRow(line, tuple(number or 0 for number in numbers)))
    if not rows:
        faults.append(Fault("It holds no numbers.", "Give a scheduling problem.", str(path)))
    if faults:
        message = f"{path} is no scheduling problem."
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
    if word.isascii() and word.isdigit() and len(word) <= LONGEST_NUMBER:
        return int(word)
    if is_average:
        try:
            return round(float(word))
        except (ValueError, OverflowError):
            return None
    return None
