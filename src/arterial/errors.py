"""The exception tree: every error a user can meet, and how faults are worded.

::

    ArterialError
    ├── StudyError        the data of a study are faulty
    ├── InfeasibleError   there is no solution, and why
    ├── LimitError        a value lies outside a declared limit
    ├── SourceError       evidence is missing or contradicts itself
    ├── UsageError        a call asks for what there is not, or in words that cannot be read
    └── StoppedError      the user stopped the work

All faults of one phase are collected and raised once; each says what, where and how to repair it
(architecture §7).
"""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "ArterialError",
    "Fault",
    "InfeasibleError",
    "LimitError",
    "SourceError",
    "StoppedError",
    "StudyError",
    "UsageError",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in the data: what is wrong, where, and how to repair it.

    Parameters
    ----------
    cause : str
        What is wrong, in one sentence.
    cure : str
        What to do about it.
    file : str
        File the fault is in, relative to the study folder.
    row : int or None
        Line number in that file (the header is line 1); None when the whole file is meant.
    column : str or None
        Column name; None when the whole row is meant.
    near : tuple of str
        Existing names that resemble the faulty one.
    severity : str
        ``"error"`` (the study cannot be used) or ``"warning"`` (it can, with care).
    """

    cause: str
    cure: str
    file: str = ""
    row: int | None = None
    column: str | None = None
    near: tuple[str, ...] = ()
    severity: str = "error"

    @property
    def place(self) -> str:
        """The place as ``file:row:column``, as far as it is known."""
        parts = [self.file]
        if self.row is not None:
            parts.append(str(self.row))
        if self.column is not None:
            parts.append(self.column)
        return ":".join(part for part in parts if part)

    def __str__(self) -> str:
        """One line: place, cause, cure, near names."""
        near = f" Did you mean {', '.join(self.near)}?" if self.near else ""
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.cause} {self.cure}{near}".strip()


class ArterialError(Exception):
    """Base of every error that a user can meet.

    Parameters
    ----------
    message : str
        What went wrong, in one line.
    faults : iterable of Fault
        Every fault found in the phase, all at once.
    """

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        self.message = message
        self.faults = tuple(faults)
        super().__init__("\n".join([message, *(f"  {fault}" for fault in self.faults)]))

    @property
    def reason(self) -> str:
        """Message and faults in one line, where the error tells why something cannot be."""
        return " ".join([self.message, *(str(fault) for fault in self.faults)])


class StudyError(ArterialError):
    """The data of a study are faulty; the faults say where and how to repair them."""


class InfeasibleError(ArterialError):
    """There is no solution; the message holds the smallest conflict found."""


class LimitError(ArterialError):
    """A value lies outside a limit that this program declares."""


class SourceError(ArterialError):
    """Evidence is missing, or contradicts itself."""


class UsageError(StudyError, LimitError):
    """A call asks for what there is not, or in words that cannot be read.

    It is caught as either of the errors that it is of: a study lacks the name, or a value has no
    meaning.
    """


class StoppedError(ArterialError):
    """The user stopped the work; the message says what is kept."""
