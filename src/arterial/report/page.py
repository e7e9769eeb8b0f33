"""The report as one HTML file that opens without a network.

The main function is `build_report`. Script and style are inlined and named by
their hash in a content security policy, so that nothing else in the file can run.
"""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from arterial.report.answer import Answer, answer_study
from arterial.report.bundle import Bundle, hash_source, load_bundle, make_inline
from arterial.report.key_figures import key_figures
from arterial.report.payload import build_payload, embed_payload
from arterial.study import Study
from arterial.writing import write_whole

__all__ = ["build_page", "build_report", "write_page"]

POLICY: Final = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Arterial">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="root"><noscript>This report draws its figures with a script; allow scripts to read it.\
</noscript></div>
<script type="application/json" id="payload" data-encoding="{encoding}">{payload}</script>
<script>{script}</script>
</body>
</html>
"""


def build_report(
    study: Study,
    results: Mapping[str, pl.DataFrame],
    *,
    summary: Sequence[str],
    stamp: Mapping[str, str],
    answer: Answer | None = None,
) -> str:
    """Give the report of a run as the text of one HTML file.

    Parameters
    ----------
    study : Study
        The study that was run.
    results : mapping of str to DataFrame
        Result tables by name; a table that is missing is said to be missing in its section.
    summary : sequence of str
        Sentences behind the answer, as `arterial.report.summarise` gives them.
    stamp : mapping of str to str
        What identifies the run: digest of the study, version, date, seed.
    answer : Answer, optional
        What is read first; made from the tables where it is not at hand.

    Returns
    -------
    str
        Text of the file, UTF-8.

    Raises
    ------
    ArterialError
        When the page parts were not built.
    """
    payload = build_payload(
        study,
        results,
        answer=answer or answer_study(study, results),
        summary=summary,
        key_figures=key_figures(study, results),
        stamp=stamp,
    )
    return build_page(payload)


def build_page(payload: Mapping[str, Any], *, bundle: Bundle | None = None) -> str:
    """Give the page that shows a payload.

    Parameters
    ----------
    payload : mapping
        What `arterial.report.payload.build_payload` gives.
    bundle : Bundle or None
        Page parts; None takes the built ones.
    """
    parts = load_bundle() if bundle is None else bundle
    script = make_inline(parts.script, "script")
    style = make_inline(parts.style, "style")
    embedded, encoding = embed_payload(payload)
    policy = POLICY.format(script=hash_source(script), style=hash_source(style))
    return PAGE.format(
        policy=html.escape(policy),
        title=html.escape(payload["study"]["title"]),
        style=style,
        encoding=encoding,
        payload=embedded,
        script=script,
    )


def write_page(path: str | Path, page: str) -> Path:
    """Write a page, whole or not at all, into a folder that is made if need be."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(target, page)
