"""Sections of the comparison's page: what was changed, and what differs without chance.

Main functions: `render_changes` and `render_outcomes`.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from arterial.report.outcome_changes import SUBJECT_WORDS, group_outcomes
from arterial.report.outcome_words import describe_difference
from arterial.report.wording import count_text
from arterial.study.changes import Change, ChangeKind

__all__ = ["render_changes", "render_outcomes"]

LISTED: Final = 200
"""Rows of a section; the rest stands in the record of the command."""

UNKNOWN: Final = "\N{EM DASH}"
COLUMNS: Final = ("Table", "Row", "Column", "Before", "After")


def render_changes(changes: Sequence[Change] | None) -> str:
    """Give a table of the values that were changed, or why there is none."""
    title = "<h2>What was changed</h2>"
    if changes is None:
        words = "Not known: one of the runs kept no inputs."
        return f'<section>{title}<p class="missing">{words}</p></section>'
    rows = [row for change in changes for row in _list_cells(change)]
    if not rows:
        words = "Settings and tables of both are the same."
        return f'<section>{title}<p class="missing">{words}</p></section>'
    return f"<section>{title}{_render_table(COLUMNS, rows)}</section>"


def render_outcomes(outcomes: pl.DataFrame | None, names: Mapping[str, Mapping[str, str]]) -> str:
    """Give tables of verdicts, times and findings that differ, each with its cause."""
    if outcomes is None or outcomes.is_empty():
        words = "No verdict, time or finding differs."
        title = "<h2>What differs without chance</h2>"
        return f'<section>{title}<p class="missing">{words}</p></section>'
    grouped = group_outcomes(outcomes)
    parts = []
    for subject, title in SUBJECT_WORDS.items():
        own = grouped.filter(pl.col("subject") == subject)
        if own.is_empty():
            continue
        rows = [
            (describe_difference(row, names, {}), row.get("cause") or UNKNOWN)
            for row in own.iter_rows(named=True)
        ]
        table = _render_table(("Difference", "Cause"), rows)
        parts.append(f"<section><h2>{html.escape(title)}</h2>{table}</section>")
    return "".join(parts)


def _list_cells(change: Change) -> Iterator[tuple[str, ...]]:
    key = " ".join(str(value) for value in change.key if value is not None)
    if change.kind is not ChangeKind.CHANGED:
        words = "; ".join(f"{cell.column} {cell.before or cell.after}" for cell in change.cells)
        sides = (words, UNKNOWN) if change.kind is ChangeKind.REMOVED else (UNKNOWN, words)
        yield (change.table, key, str(change.kind), *sides)
        return
    for cell in change.cells:
        yield change.table, key, cell.column, cell.before or UNKNOWN, cell.after or UNKNOWN


def _render_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
        for row in rows[:LISTED]
    )
    left = len(rows) - LISTED
    more = f'<p class="quiet">{count_text(left, "more row")}.</p>' if left > 0 else ""
    table = f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="scroll"><table class="likely comparison">{table}</table></div>{more}'
