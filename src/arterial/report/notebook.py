"""What a notebook shows of an outcome: the answer of the terminal and the page, as short HTML.

Main function: `answer_html`. A notebook keeps what it shows in its file, so it is a few kilobytes
whatever the study holds.
"""

import html
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from arterial.report.answer import SERVICE_HEADINGS, Answer, Concern, service_cells
from arterial.report.campaign_brief import CampaignAnswer

__all__ = ["MOST_BYTES", "answer_html", "sentences_html"]

MOST_BYTES: Final = 4_000
"""Size of what is shown [byte]."""

SIZES: Final = ((600, 8), (240, 8), (100, 8), (40, 5), (20, 3))
"""Characters of a text and rows of a table, from the roomiest to what fits in any case."""


def answer_html(answer: Answer | CampaignAnswer | None, report: Path | None = None) -> str:
    """Give an answer as HTML of at most `MOST_BYTES`.

    Parameters
    ----------
    answer : Answer or CampaignAnswer or None
        As the terminal prints it; None gives the place of the report alone.
    report : Path, optional
        The page, to which a link leads.
    """
    return _fit(
        "".join([*_render(answer, most, rows), *_render_link(report)]) for most, rows in SIZES
    )


def sentences_html(sentences: Sequence[str], page: Path | None = None) -> str:
    """Give sentences as HTML of at most `MOST_BYTES`, the first of them where there are many.

    Parameters
    ----------
    sentences : sequence of str
        The outcome in words.
    page : Path, optional
        The page, to which a link leads.
    """
    return _fit(
        "".join([*_render_sentences(sentences, most, 2 * rows), *_render_link(page)])
        for most, rows in SIZES
    )


def _fit(texts: Iterable[str]) -> str:
    """The roomiest text that is small enough; the last where none is."""
    found = ""
    for text in texts:
        found = f"<div>{text}</div>"
        if len(found.encode("utf-8", "replace")) <= MOST_BYTES:
            break
    return found


def _render(answer: Answer | CampaignAnswer | None, most: int, rows: int) -> Iterator[str]:
    if answer is None:
        return
    if answer.headline:
        yield f"<p><b>{_shorten(answer.headline, most)}</b></p>"
    left = 0
    if isinstance(answer, Answer):
        services = [service_cells(service) for service in answer.services]
        left = answer.services_left + max(0, len(services) - rows)
        yield from _render_table([SERVICE_HEADINGS, *services[:rows]], most)
    else:
        yield from _render_table(answer.kind_rows()[: rows + 1], most)
    if left:
        yield f"<p>{left} more services.</p>"
    if answer.concerns:
        yield f"<ul>{''.join(_render_concern(one, most) for one in answer.concerns)}</ul>"
    if answer.concerns_left:
        yield f"<p>{answer.concerns_left} more are in the report.</p>"
    if answer.basis:
        yield f"<p>{_shorten(answer.basis, most)}</p>"


def _render_table(rows: Sequence[Sequence[str]], most: int) -> Iterator[str]:
    if len(rows) <= 1:
        return
    head, *body = (
        "".join(f"<{mark}>{_shorten(cell, most)}</{mark}>" for cell in row)
        for mark, row in zip(("th", *("td",) * (len(rows) - 1)), rows, strict=True)
    )
    yield f"<table><tr>{head}</tr>{''.join(f'<tr>{cells}</tr>' for cells in body)}</table>"


def _render_concern(concern: Concern, most: int) -> str:
    cure = f" \N{RIGHTWARDS ARROW} {_shorten(concern.first_cure, most)}." if concern.cure else ""
    return f"<li><b>{_shorten(concern.what, most)}</b>: {_shorten(concern.why, most)}{cure}</li>"


def _render_sentences(sentences: Sequence[str], most: int, count: int) -> Iterator[str]:
    told = "".join(f"<li>{_shorten(text, most)}</li>" for text in sentences[:count])
    yield f"<ul>{told}</ul>"
    if len(sentences) > count:
        yield f"<p>{len(sentences) - count} more sentences.</p>"


def _render_link(page: Path | None) -> Iterator[str]:
    if page is not None:
        # From the folder of the notebook, or from anywhere.
        yield f'<p><a href="{html.escape(page.as_posix())}">{html.escape(page.name)}</a></p>'


def _shorten(text: str, most: int) -> str:
    cut = text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"
    return html.escape(cut)
