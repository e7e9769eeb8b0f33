"""Reported works held against the model: each reading with its share, labour and verdict.

The main function is `tell_reported`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    CampaignView,
    escape,
    number_text,
    share_text,
    table_html,
)
from arterial.report.wording import date_text, join_words

__all__ = ["VERDICTS", "tell_reported"]

Row = Mapping[str, Any]

VERDICTS: Final = {
    "plausible": ("\N{CHECK MARK}", "good", "plausible"),
    "possible_as_repair": ("!", "risk", "possible only as repair"),
    "not_possible": ("\N{MULTIPLICATION SIGN}", "bad", "not possible"),
    "unknown": ("?", "unknown", "cannot be told"),
}
"""Symbol, tone and words of each verdict."""

READINGS: Final = {"repair": "repaired", "refurbish": "refurbished", "renew": "renewed"}


def tell_reported(view: CampaignView) -> str:
    """Every report with its readings as HTML, the greatest numbers first."""
    checks = view.table("reported_checks")
    reports = {row["report_id"]: row for row in view.study.table("reported_works").to_dicts()}
    most = checks.group_by("report_id", maintain_order=True).agg(pl.col("quantity").max())
    order = most.sort("quantity", descending=True, nulls_last=True, maintain_order=True)
    parts = [
        _card(
            reports.get(key, {}),
            key,
            checks.filter(pl.col("report_id") == key),
            is_open=not place,
        )
        for place, key in enumerate(order["report_id"])
    ]
    return _matrix(view, checks, order["report_id"].to_list()) + "".join(parts)


def _matrix(view: CampaignView, checks: pl.DataFrame, order: list[str]) -> str:
    """The verdict on each reading of each report."""
    readings = [r for r in READINGS if r in checks["reading"].to_list()]
    mixed = [r for r in dict.fromkeys(checks["reading"]) if r not in READINGS]
    found = {(row["report_id"], row["reading"]): row for row in checks.iter_rows(named=True)}
    rows = []
    for key in order:
        cells = [_badge(found.get((key, reading))) for reading in (*readings, *mixed)]
        rows.append([escape(view.name("reported_works", key)), *cells])
    heads = [f"If {escape(reading_text(reading))}" for reading in (*readings, *mixed)]
    return table_html(["Reported", *heads], rows, style="verdicts")


def _badge(row: Row | None) -> str:
    if row is None:
        return '<span class="quiet">not meant</span>'
    symbol, tone, words = VERDICTS.get(row["verdict"], VERDICTS["unknown"])
    if row["verdict"] == "possible_as_repair" and row["reading"] == "repair":
        words = "possible, beyond wear"
    mark = f'<span aria-hidden="true">{symbol}</span>'
    return f'<span class="badge tone-{tone}">{mark}<span>{words}</span></span>'


def _card(report: Row, key: str, checks: pl.DataFrame, *, is_open: bool) -> str:
    title = escape(report.get("name") or key)
    rows = [_reading_row(row) for row in checks.iter_rows(named=True)]
    heads = [
        "If they were",
        "It is",
        "#Number",
        "#Of all there are",
        "#Wear alone asks for",
        '#Labour<span class="unit">man-hours</span>',
        '#Workers<span class="unit">full-time</span>',
        '#Worth in the year after<span class="unit">hours of delay</span>',
    ]
    if checks["worth_at_random_h"].null_count() == checks.height:
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    arithmetic = "".join(
        f"<dt>{escape(reading_text(row['reading']))}</dt><dd>{escape(row['calculation'])}</dd>"
        for row in checks.iter_rows(named=True)
        if row["calculation"]
    )
    shown = " open" if is_open else ""
    details = f"<details{shown}><summary>The arithmetic</summary><dl>{arithmetic}</dl></details>"
    return (
        f'<article class="card claim"><h3>{title}</h3>{"".join(_list_facts(report))}'
        f"{table_html(heads, rows, style='readings')}{details if arithmetic else ''}</article>"
    )


def _list_facts(report: Row) -> Iterator[str]:
    if report.get("first_day") and report.get("last_day"):
        span = f"{date_text(report['first_day'])} to {date_text(report['last_day'])}"
        grade = report.get("grade")
        told = f"{span}; {escape(grade)}" if grade else span
        yield f'<p class="quiet">Reported for {told}.'
        if report.get("note"):
            yield f" {escape(report['note'])}."
        yield "</p>"


def reading_text(reading: str) -> str:
    """Give a reading in words.

    Examples
    --------
    >>> reading_text("renew"), reading_text("repair 50%, renew 50%")
    ('renewed', '50 % repaired and 50 % renewed')
    """
    parts = []
    for part in reading.split(", "):
        action, _, share = part.partition(" ")
        words = READINGS.get(action, action)
        parts.append(f"{share.removesuffix('%')} % {words}" if share else words)
    return join_words(parts)


def _reading_row(row: Row) -> list[str]:
    shares = [row[f"share_of_stock{end}"] for end in ("", "_low", "_high")]
    labours = [row[f"labour_h{end}"] for end in ("", "_low", "_high")]
    return [
        escape(reading_text(row["reading"])),
        _badge(row),
        number_text(row["quantity"]),
        _ranged(*(share_text(share) for share in shares)),
        number_text(row["expected_failures"]),
        _ranged(*(number_text(hours) for hours in labours)),
        number_text(row["workers"]),
        _worths(row),
    ]


def _ranged(best: str, low: str, high: str) -> str:
    spread = "" if low == high == best else f'<span class="spread">{low} to {high}</span>'
    return f'<span class="range">{escape(best)}{spread}</span>'


def _worths(row: Row) -> str:
    at_random = number_text(row["worth_at_random_h"])
    ends = f"{number_text(row['worth_chosen_badly_h'])} badly, "
    ends += f"{number_text(row['worth_chosen_well_h'])} well chosen"
    if row["worth_at_random_h"] is None:
        return escape(at_random)
    spread = f'<span class="spread">{escape(ends)}</span>'
    return f'<span class="range">{escape(at_random)} by lot{spread}</span>'
