"""Reported works held against the model: each reading with its share, labour and verdict.

Main functions: `render_reported` and `describe_report`; the plan stands beside what was reported.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    CHOSEN,
    KIND_WORDS,
    THIN,
    CampaignView,
    escape,
    number_text,
    rough_text,
    share_text,
    spread_text,
    table_html,
)
from arterial.report.wording import date_text, join_words

__all__ = ["VERDICTS", "describe_report", "render_reported", "split_sentences"]

Row = Mapping[str, Any]

VERDICTS: Final = {
    "plausible": ("\N{CHECK MARK}", "good", "plausible"),
    "possible_as_repair": ("!", "risk", "possible only as repair"),
    "not_possible": ("\N{MULTIPLICATION SIGN}", "bad", "not possible"),
    "unknown": ("?", "unknown", "cannot be told"),
}
"""Symbol, tone and words of each verdict."""

TOO_LITTLE: Final = "too few"
"""Words by which a sentence of the arithmetic says what rules a reading out."""

WEAR: Final = "Wear alone"
"""Words with which the arithmetic says what wear asks for, with its range."""

KINDS: Final = {"turnout": "turnouts", "bridge": "bridges", "track": "km of track"}

READINGS: Final = {"repair": "repaired", "refurbish": "refurbished", "renew": "renewed"}

HEADS: Final = (
    "Report",
    "#Reported, of the study's",
    "#In the plan",
    "What would have to be true for the report to be right",
)

AS_RECKONED: Final = 1.0


def render_reported(view: CampaignView) -> str:
    """Every report with its readings as HTML, the greatest numbers first."""
    checks = view.table("reported_checks")
    reports = {row["report_id"]: row for row in view.study.table("reported_works").to_dicts()}
    order = _order_reports(checks)
    parts = [
        _card(
            reports.get(key, {}),
            key,
            checks.filter(pl.col("report_id") == key),
            is_open=not place,
        )
        for place, key in enumerate(order)
    ]
    sentences = [*describe_report(view), *_describe_rivals(view)]
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    statement = f'<h3>In plain words</h3><ul class="sentences">{items}</ul>' if items else ""
    return statement + _render_beside(view) + _matrix(view, checks, order) + "".join(parts)


def _order_reports(checks: pl.DataFrame) -> list[str]:
    most = checks.group_by("report_id", maintain_order=True).agg(pl.col("quantity").max())
    order = most.sort("quantity", descending=True, nulls_last=True, maintain_order=True)
    return order["report_id"].to_list()


def describe_report(view: CampaignView) -> list[str]:
    """What the report of the greatest number can mean, with its arithmetic, in sentences."""
    checks = view.table("reported_checks")
    if checks.is_empty():
        return []
    key = _order_reports(checks)[0]
    readings = checks.filter(pl.col("report_id") == key).to_dicts()
    reports = {row["report_id"]: row for row in view.study.table("reported_works").to_dicts()}
    return [
        *_describe_share(reports.get(key, {}), readings[0]),
        *_describe_readings(readings),
        *_describe_worth(view, readings),
        *_describe_beside(view),
    ]


def _describe_share(report: Row, row: Row) -> Iterator[str]:
    if row["quantity"] is None or row["share_of_stock"] is None:
        return
    noun = KINDS.get(report.get("kind", ""), "assets")
    stock = report.get("stock") or row["quantity"] / row["share_of_stock"]
    among = _among([report.get("stock_low"), report.get("stock_high")])
    spread = spread_text(row, "share_of_stock", share_text)
    within = f" ({spread})" if spread else ""
    sentence = (
        f"{number_text(row['quantity'])} {noun} (reported) of {number_text(stock)}{among} "
        f"({report.get('grade') or 'derived'}) are {share_text(row['share_of_stock'])}{within}"
    )
    if report.get("first_day") and report.get("last_day"):
        sentence += f" in {(report['last_day'] - report['first_day']).days + 1} days"
    yield f"{sentence}."
    wear = [line for line in split_sentences(row["calculation"]) if line.startswith(WEAR)]
    if wear:
        yield wear[0]
    elif row["expected_failures"] is not None:
        yield f"{WEAR} asks for {number_text(row['expected_failures'])} repairs in that time."


def _describe_rivals(view: CampaignView) -> Iterator[str]:
    """Other ways to read the same number: their share and their verdicts."""
    checks = view.table("reported_checks").drop_nulls("quantity")
    order = _order_reports(checks)
    rows = {key: checks.filter(pl.col("report_id") == key).to_dicts() for key in order}
    for key in order[1:]:
        readings = rows[key]
        if readings[0]["quantity"] != rows[order[0]][0]["quantity"]:
            continue
        spread = spread_text(readings[0], "share_of_stock", share_text)
        within = f" ({spread})" if spread else ""
        verdicts = [
            f"{READINGS[row['reading']]} {_describe_verdict(row)}"
            for row in readings
            if row["reading"] in READINGS
        ]
        yield (
            f"{view.name('reported_works', key)}: {share_text(readings[0]['share_of_stock'])}"
            f"{within}; "
            f"{'; '.join(verdicts)}."
        )


def _describe_verdict(row: Row) -> str:
    if row["verdict"] == "possible_as_repair" and row["reading"] == "repair":
        return "possible, beyond wear"
    return VERDICTS.get(row["verdict"], VERDICTS["unknown"])[2]


def _among(ends: list[float | None]) -> str:
    low, high = ends
    return "" if low is None or high is None else f" ({number_text(low)} to {number_text(high)})"


def _describe_readings(readings: list[dict[str, Any]]) -> Iterator[str]:
    """One sentence for each pure reading: labour, workers, verdict, what rules it out."""
    for row in readings:
        if row["reading"] not in READINGS or row["labour_h"] is None or not row["quantity"]:
            continue
        verdict = _describe_verdict(row)
        if row["verdict"] == "possible_as_repair" and row["reading"] != "repair":
            verdict = f"not with the sets and the pace supposed here (assumed); {verdict}"
        each = number_text(row["labour_h"] / row["quantity"])
        spread = spread_text(row, "labour_h")
        labour = f"{number_text(row['labour_h'])} man-hours{f' ({spread})' if spread else ''}"
        workers = f" or {number_text(row['workers'])} workers" if row["workers"] is not None else ""
        short = [part for part in split_sentences(row["calculation"]) if TOO_LITTLE in part]
        yield (
            f"If {READINGS[row['reading']]}: {verdict}. {number_text(row['quantity'])} "
            f"\N{MULTIPLICATION SIGN} {each} man-hours (assumed) are {labour}{workers}. "
            + " ".join(short)
        ).strip()


def _describe_worth(view: CampaignView, readings: list[dict[str, Any]]) -> Iterator[str]:
    """What the reading of most worth would gain, against the plan."""
    known = [row for row in readings if row["worth_at_random_h"] is not None]
    if not known:
        return
    row = max(known, key=lambda reading: reading["worth_at_random_h"])
    lot = number_text(row["worth_at_random_h"])
    ends = _among([row["worth_chosen_badly_h"], row["worth_chosen_well_h"]])
    done = f"Were all {reading_text(row['reading'])}, they would avoid"
    alike = _against_plan(view, row["report_id"])
    if alike:
        yield f"{done} {alike}"
        return
    yield (
        f"{done} {lot} train-hours of delay a year if chosen by lot{ends}, on the lines of this "
        "study, no train taken off (computed)."
    )


def _against_plan(view: CampaignView, report: str) -> str:
    """The reported works beside the plan, both counted alike; empty where either is unknown."""
    totals = view.table("campaign_totals")
    known = dict(totals.select("plan_id", "delay_avoided_h_per_year").drop_nulls().iter_rows())
    ends = [known.get(f"{report}_{choice}") for choice in ("badly", "well")]
    if CHOSEN not in known or None in ends:
        return ""
    low, high = (rough_text(end) for end in ends)
    return (
        f"{low} to {high} h of delay in the year after the campaign, badly or well chosen, on the "
        f"lines of this study; the plan of this page, counted alike, avoids "
        f"{rough_text(known[CHOSEN])} h (computed)."
    )


def split_sentences(text: str | None) -> list[str]:
    """Part an arithmetic into its sentences.

    Examples
    --------
    >>> split_sentences("It is 0.5 (0.1 to 2) h. So much for it.")
    ['It is 0.5 (0.1 to 2) h.', 'So much for it.']
    """
    if not text:
        return []
    # Numbers are written as on the rest of the page.
    tidy = re.sub(r"(?<=\d),(?=\d{3})", THIN, text).replace("m3", "m\u00b3")
    tidy = re.sub(r"(?<=\d)%", "\N{NO-BREAK SPACE}%", tidy)
    return re.split(r"(?<=\.) (?=[A-Z])", tidy)


def _matrix(view: CampaignView, checks: pl.DataFrame, order: list[str]) -> str:
    """The verdict on each reading of each report."""
    readings = [r for r in READINGS if r in checks["reading"].to_list()]
    mixed = [r for r in dict.fromkeys(checks["reading"]) if r not in READINGS]
    by_reading = {(row["report_id"], row["reading"]): row for row in checks.iter_rows(named=True)}
    rows = []
    for key in order:
        cells = [_badge(by_reading.get((key, reading))) for reading in (*readings, *mixed)]
        rows.append([escape(view.name("reported_works", key)), *cells])
    heads = [f"If {escape(reading_text(reading))}" for reading in (*readings, *mixed)]
    return table_html(["Reported", *heads], rows, style="verdicts")


def _badge(row: Row | None) -> str:
    if row is None:
        return '<span class="quiet">not meant</span>'
    symbol, tone, _ = VERDICTS.get(row["verdict"], VERDICTS["unknown"])
    words = _describe_verdict(row)
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
        '#Worth in the year after<span class="unit">hours of delay, no train taken off</span>',
    ]
    if checks["worth_at_random_h"].null_count() == checks.height:
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    steps = _arithmetic_html(checks.to_dicts())
    details = f"<details open><summary>The arithmetic</summary>{steps}</details>" if steps else ""
    body = f"{''.join(_list_facts(report))}{table_html(heads, rows, style='readings')}{details}"
    if is_open:
        return f'<article class="card claim"><h3>{title}</h3>{body}</article>'
    return f'<details class="claim"><summary>{title}</summary>{body}</details>'


def _arithmetic_html(checks: list[dict[str, Any]]) -> str:
    """Sentences that all readings share, once; then those of each reading."""
    by_reading = {row["reading"]: split_sentences(row["calculation"]) for row in checks}
    by_reading = {reading: sentences for reading, sentences in by_reading.items() if sentences}
    if not by_reading:
        return ""
    first, *others = by_reading.values()
    shared = [
        sentence for sentence in first if others and all(sentence in other for other in others)
    ]
    parts = {"In every reading": shared} if shared else {}
    for reading, sentences in by_reading.items():
        parts[f"If {reading_text(reading)}"] = [
            sentence for sentence in sentences if sentence not in shared
        ]
    items = "".join(
        f"<dt>{escape(title)}</dt>{''.join(f'<dd>{escape(line)}</dd>' for line in sentences)}"
        for title, sentences in parts.items()
    )
    return f'<dl class="arithmetic">{items}</dl>'


def _list_facts(report: Row) -> Iterator[str]:
    if report.get("first_day") and report.get("last_day"):
        span = f"{date_text(report['first_day'])} to {date_text(report['last_day'])}"
        grade = report.get("grade")
        words = f"{span}; {escape(grade)}" if grade else span
        yield f'<p class="quiet">Reported for {words}.'
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
        _amounts_cell(row),
    ]


def _ranged(best: str, low: str, high: str) -> str:
    spread = "" if low == high == best else f'<span class="spread">{low} to {high}</span>'
    return f'<span class="range">{escape(best)}{spread}</span>'


def _amounts_cell(row: Row) -> str:
    at_random = number_text(row["worth_at_random_h"])
    ends = f"{number_text(row['worth_chosen_badly_h'])} badly, "
    ends += f"{number_text(row['worth_chosen_well_h'])} well chosen"
    if row["worth_at_random_h"] is None:
        return escape(at_random)
    spread = f'<span class="spread">{escape(ends)}</span>'
    return f'<span class="range">{escape(at_random)} by lot{spread}</span>'


def _describe_beside(view: CampaignView) -> Iterator[str]:
    """What would have to be true for the first report to be right, in a sentence."""
    for row in view.table("reported_plans").head(1).iter_rows(named=True):
        words = KIND_WORDS.get(row["kind"], row["kind"])
        yield (
            f"As reported, {number_text(row['reported_count'])} of the "
            f"{number_text(row['stock'])} {words} of the study; in the plan "
            f"{number_text(row['planned_count'])}. {_find_assumption(row)}"
        )


def _find_assumption(row: Row) -> str:
    """The assumption under which so many works would be worth what they take."""
    words = KIND_WORDS.get(row["kind"], row["kind"])
    factor = row["worth_factor"]
    if factor is None:
        return (
            f"Nothing reckoned here makes it right: a work gains something on "
            f"{number_text(row['gaining_count'])} of the {words} alone."
        )
    if factor <= AS_RECKONED:
        return "Right as reckoned: so many works are worth what they take."
    return (
        f"Right if failures and speed limits of {words} cost trains "
        f"{number_text(factor)} times what is reckoned (or so much less labour, material and "
        "possession was taken)."
    )


def _render_beside(view: CampaignView) -> str:
    """The table as HTML; nothing without reports of the whole stock."""
    rows = [
        [
            escape(view.name("reported_works", row["report_id"])),
            f"{number_text(row['reported_count'])} of {number_text(row['stock'])}",
            number_text(row["planned_count"]),
            escape(_find_assumption(row)),
        ]
        for row in view.table("reported_plans").iter_rows(named=True)
    ]
    if not rows:
        return ""
    note = (
        '<p class="quiet">Reports of the whole network, as a share of the assets of this study, '
        "beside the works of the plan; the factor is that of the last of so many works, chosen "
        "well, at the prices of the plan (computed).</p>"
    )
    return f"<h3>The plan beside what was reported done</h3>{note}{table_html(HEADS, rows)}"
