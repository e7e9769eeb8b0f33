"""The answer of a run or campaign on a terminal: one screen, in colour where there is one.

Main functions: `format_outcome` and `print_outcome`.
"""

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from arterial.cli.printing import WIDEST, print_result
from arterial.report.answer import (
    SERVICE_HEADINGS,
    Answer,
    Concern,
    ServiceAnswer,
    service_cells,
)
from arterial.report.campaign_brief import CampaignAnswer

if TYPE_CHECKING:
    from arterial.flows.run import RunOutcome

__all__ = ["format_answer", "format_outcome", "print_outcome"]

WIDE: Final = 100
"""Columns from which figures stand on one line [1]."""

STYLES: Final = {
    "ran": "green",
    "works": "green",
    "at_risk": "yellow",
    "warn": "yellow",
    "does_not_work": "red",
    "block": "red",
}
MARKS: Final = {"block": "\N{MULTIPLICATION X}", "warn": "!", "note": "\N{BULLET}"}


def format_outcome(answer: Answer | CampaignAnswer | None, sentences: Sequence[str]) -> str:
    """Give the answer, then the sentences that are asked for, as text that ends with a new line.

    Parameters
    ----------
    answer : Answer or CampaignAnswer or None
        From `arterial.report.answer_study` or `arterial.report.campaign_brief.answer_campaign`;
        None gives nothing.
    sentences : sequence of str
        All results in words.
    """
    parts = [] if answer is None else [format_answer(answer)]
    if sentences:
        parts.append("\n".join(["", *(f"  {sentence}" for sentence in sentences), ""]))
    return "".join(f"{part}\n" for part in parts)


def print_outcome(outcome: "RunOutcome", *end: str, is_verbose: bool, as_json: bool) -> None:
    """Print what a run or a campaign gave: the answer, then its last lines and the report.

    Parameters
    ----------
    outcome : RunOutcome
        What it gave.
    *end : str
        Lines before that of the report.
    is_verbose : bool
        Print all results in words too.
    as_json : bool
        Print JSON instead.
    """
    result = {
        "run": outcome.run_id,
        "folder": str(outcome.folder),
        "report": str(outcome.report),
        "answer": None if outcome.answer is None else outcome.answer.as_row(),
        "summary": list(outcome.summary),
        "seconds": round(outcome.seconds, 2),
    }
    text = format_outcome(outcome.answer, outcome.summary if is_verbose else ())
    lines = "\n".join([*end, f"Report in {outcome.seconds:.1f} s: {outcome.report}"])
    print_result(result, f"{text}{lines}", as_json=as_json)


def format_answer(answer: Answer | CampaignAnswer) -> str:
    """Give an answer as text, coloured where the terminal is.

    Parameters
    ----------
    answer : Answer or CampaignAnswer
        From `arterial.report.answer_study` or `arterial.report.campaign_brief.answer_campaign`.
    """
    width = min(shutil.get_terminal_size((WIDEST, 0)).columns, WIDEST)
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        if answer.headline:
            console.print(Text(answer.headline, style="bold"))
        if isinstance(answer, Answer):
            _print_services(console, answer, width)
        elif answer.kinds:
            console.print(_lay_kinds(answer))
        for concern in answer.concerns:
            _print_concern(console, concern)
        if answer.concerns_left:
            console.print(Text(f"{answer.concerns_left} more are in the report.", style="dim"))
        if answer.basis:
            console.print(Text(answer.basis, style="dim"))
    lines = captured.get().splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _print_services(console: Console, answer: Answer, width: int) -> None:
    if answer.services:
        console.print(_lay_services(answer.services, width))
    if answer.services_left:
        console.print(f"  {answer.services_left} more services: arterial show STUDY")


def _lay_kinds(answer: CampaignAnswer) -> Table:
    headings, *rows = answer.kind_rows()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(headings[0])
    for heading in headings[1:]:
        table.add_column(Text(heading), justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _lay_services(services: tuple[ServiceAnswer, ...], width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in SERVICE_HEADINGS[:2]:
        table.add_column(heading)
    for heading in SERVICE_HEADINGS[2:]:
        table.add_column(heading, no_wrap=width >= WIDE)
    for service in services:
        name, departures, *rest = service_cells(service)
        table.add_row(name, Text(departures, style=STYLES.get(service.tone, "")), *rest)
    return table


def _print_concern(console: Console, concern: Concern) -> None:
    mark = Text(f"{MARKS[concern.gravity]} ", style=STYLES.get(concern.gravity, ""))
    what = Text(f"{concern.what}: ", style="bold")
    console.print(Text.assemble(mark, what, concern.why))
    if concern.first_cure:
        console.print(Text(f"  \N{RIGHTWARDS ARROW} {concern.first_cure}."))
