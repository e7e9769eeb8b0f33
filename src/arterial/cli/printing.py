"""What all commands share: options, exit codes, and results as text or JSON."""

import json
import math
import shutil
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from arterial.errors import Fault

__all__ = [
    "SCREEN_LINES",
    "WIDEST",
    "Agreed",
    "AsJson",
    "ExitCode",
    "OutputFolder",
    "StudyFolder",
    "Verbose",
    "be_finite",
    "describe_faults",
    "fit_lines",
    "print_result",
]

SCREEN_LINES: Final = 20
"""Lines that a command ends in, those that the terminal breaks counted [1]."""

WIDEST: Final = 110
"""Columns of a terminal that are used [1]."""

StudyFolder = Annotated[Path, typer.Argument(help="Folder of the study.", show_default=False)]
OutputFolder = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Folder for the run; else STUDY/runs/<run id>."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print all results in words.")]
Agreed = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Start what takes hours or too much memory, too."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class ExitCode(IntEnum):
    """What the exit code of each command means."""

    SUCCESS = 0
    FAULTY_DATA = 1
    WRONG_USAGE = 2
    INFEASIBLE = 3
    OUTSIDE_LIMIT = 4
    EVIDENCE = 5
    FILE_SYSTEM = 6
    INTERRUPTED = 130


def be_finite(value: float | None) -> float | None:
    """Refuse what is no number: ``nan`` passes every comparison with a least and a most."""
    if value is not None and not math.isfinite(value):
        message = f"{value} is no finite number."
        raise typer.BadParameter(message)
    return value


def fit_lines(
    head: Sequence[str], middle: Sequence[str], end: Sequence[str], *, more: str
) -> list[str]:
    """Leave out of the middle what does not fit on a screen, and say how much.

    Parameters
    ----------
    head, middle, end : sequence of str
        Lines of the text; head and end stand in any case.
    more : str
        Behind the number of lines left out: what they are and how to see them.
    """
    width = shutil.get_terminal_size((WIDEST, 0)).columns

    def count(lines: Sequence[str]) -> int:
        return sum(max(1, math.ceil(len(line) / width)) for line in lines)

    kept = list(middle)
    room = SCREEN_LINES - count(head) - count(end)
    while kept and count(kept) + (len(kept) < len(middle)) > room:
        kept.pop()
    left = len(middle) - len(kept)
    return [*head, *kept, *([f"{left} {more}"] if left else []), *end]


def print_result(result: object, text: str, *, as_json: bool) -> None:
    """Print a result as JSON or as text."""
    typer.echo(json.dumps(result, ensure_ascii=False, indent=2) if as_json else text)


def describe_faults(faults: tuple[Fault, ...]) -> list[dict[str, object]]:
    """Faults as JSON-ready records."""
    return [
        {
            "severity": fault.severity,
            "file": fault.file,
            "row": fault.row,
            "column": fault.column,
            "cause": fault.cause,
            "cure": fault.cure,
            "near": list(fault.near),
        }
        for fault in faults
    ]
