"""The page of a campaign: the outcome in sentences, until a fuller page is there.

The main function is `build_page`.
"""

from collections.abc import Mapping, Sequence
from html import escape

import polars as pl

from arterial.study import Study

__all__ = ["build_page"]


def build_page(
    study: Study,
    results: Mapping[str, pl.DataFrame],
    stamp: Mapping[str, str],
    summary: Sequence[str],
) -> str:
    """A plain page with title, summary and stamp.

    Parameters
    ----------
    study : Study
        The study.
    results : mapping of str to DataFrame
        Result tables.
    stamp : mapping of str to str
        What identifies the run.
    summary : sequence of str
        The outcome in plain sentences.
    """
    title = escape(study.settings.title)
    lines = "".join(f"<li>{escape(line)}</li>" for line in summary)
    tables = "".join(f"<li>{name}: {frame.height} rows</li>" for name, frame in results.items())
    marks = "; ".join(f"{escape(key)} {escape(value)}" for key, value in stamp.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><ul>{lines}</ul><h2>Tables</h2><ul>{tables}</ul>"
        f"<p>{marks}</p></body></html>\n"
    )
