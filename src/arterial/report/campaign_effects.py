"""Before and after the plan: all trains together, each service, train and section.

The main function is `render_effects`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_assets import render_assets
from arterial.report.campaign_view import (
    CHOSEN,
    HOURS_FROM_MIN,
    MINUTES_AN_HOUR,
    WIDE,
    CampaignView,
    change_text,
    ends_of,
    escape,
    minutes_text,
    number_text,
    share_text,
    table_html,
)
from arterial.report.wording import join_words

__all__ = [
    "MEASURES",
    "choose_means",
    "choose_words",
    "is_chance",
    "is_converged",
    "range_of_change",
    "render_effects",
]

Row = Mapping[str, Any]
Show = Callable[[float | None], str]

LISTED: Final = 12
"""Rows of a table that stand open; the others open with a click."""

NOUGHT: Final = 0.005
"""Part of a range's longer end below which its other end counts as nought."""

ERRORS_OF_CHANCE: Final = 2
"""A change below so many of its standard errors is said to be chance, perhaps."""

CONVERGED_WITHIN: Final = 0.1
"""Share of a change within which its mean over the draws is known where it is told."""

MEASURES: Final[Mapping[str, tuple[str, Show]]] = {
    "delay_min": ("Mean delay of a train", minutes_text),
    "missed_share": ("Missed hand-overs", share_text),
    "punctuality": ("Arrivals in time", share_text),
    "restriction_min": ("Delay by speed restrictions, all trains in a year", minutes_text),
    "derailments_per_year": ("Derailments a year", number_text),
    "failures_per_year": ("Failures a year", number_text),
}
"""Words for each measure, and how its size is written, in the order of the page."""

SUBJECTS: Final = {
    "service": ("Services", "services", "Service"),
    "train": ("Trains", "trains", "Train"),
    "section": ("Sections", "sections", "Section"),
}
"""Title, plural and head of each subject that is listed row by row."""


def render_effects(view: CampaignView) -> str:
    """Tables of before and after by subject as HTML."""
    effects = view.table("campaign_effects")
    plans = [CHOSEN] if CHOSEN in effects["plan_id"].to_list() else effects["plan_id"].unique()
    of_plans = effects.filter(pl.col("plan_id").is_in(list(plans)))
    parts = [_network_table(view, of_plans.filter(pl.col("subject") == "network"))]
    for subject in SUBJECTS:
        of_subject = of_plans.filter(pl.col("subject") == subject)
        if of_subject.is_empty():
            continue
        parts.append(f"<h3>{SUBJECTS[subject][0]}</h3>")
        measures = [m for m in MEASURES if m in of_subject["measure"].to_list()]
        if len(measures) > 1:
            parts.append(_wide_table(view, subject, measures, of_subject))
        else:
            parts.append(_narrow_table(view, subject, of_subject))
    parts.append(render_assets(view, of_plans.filter(pl.col("subject") == "asset")))
    return "".join(parts)


def choose_words(row: Row) -> tuple[str, Show]:
    """Words for the measure of a row, and how its sizes are written."""
    words, show = MEASURES.get(row["measure"], (row["measure"].replace("_", " "), number_text))
    if show is minutes_text and max(row["before"] or 0, row["after"] or 0) >= HOURS_FROM_MIN:
        show = _hours
    return words, show


def is_chance(row: Row) -> bool:
    """Whether a change is too small against its error to be told from chance."""
    error, change = row["change_error"], row["change"]
    return error is not None and change is not None and abs(change) < ERRORS_OF_CHANCE * error


def is_converged(row: Row) -> bool:
    """Whether the mean change over the draws is known to a tenth of itself."""
    change, count = row["change"], row.get("draws_count")
    if change is None or not count:
        return True
    error, spread = row["change_error"] or 0.0, row.get("change_spread") or 0.0
    return bool(error**2 + spread**2 / count <= (CONVERGED_WITHIN * change) ** 2)


def choose_means(row: Row) -> Row:
    """A row with its means where they have converged, else with best values, or nothing."""
    if is_converged(row):
        return row
    before, after = row.get("before_best"), row.get("after_best")
    change = None if before is None or after is None else after - before
    return {**row, "before": before, "after": after, "change": change}


def range_of_change(row: Row, show: Show) -> str:
    """Range of a change as in "-4 h to 0 h"; empty where none is known."""
    ends = ends_of(row, "change")
    if ends is None:
        return ""
    # An end that is next to nothing beside the other is told as nought.
    least = NOUGHT * max(abs(end) for end in ends)
    low, high = (change_text(end if abs(end) > least else 0.0, show) for end in ends)
    return low if low == high else f"{low} to {high}"


def _hours(minutes: float | None) -> str:
    """Minutes told in hours, however few."""
    if minutes is None:
        return number_text(None)
    return f"{number_text(minutes / MINUTES_AN_HOUR)}{WIDE}h"


def _points(share: float | None) -> str:
    """Difference of two shares in points of a hundred, so as not to be taken for a part of one."""
    return f"{share_text(share).removesuffix('%').strip()} points"


def _network_table(view: CampaignView, effects: pl.DataFrame) -> str:
    if effects.is_empty():
        return ""
    order = {measure: place for place, measure in enumerate(MEASURES)}
    ordered = sorted(effects.to_dicts(), key=lambda row: order.get(row["measure"], len(order)))
    rows = [[escape(choose_words(row)[0]), *_cells(row)] for row in ordered]
    table = table_html(["All trains and assets", *_heads()], rows, style="effects")
    return f'{table}<p class="quiet">{_read_network(view, effects)}</p>'


def _read_network(view: CampaignView, effects: pl.DataFrame) -> str:
    """How the table is read: bars, number of draws, and waits that worth does not count."""
    words = "Grey above: before; blue below: after, with all works done."
    counts = effects["draws_count"].drop_nulls().unique().sort().to_list()
    if counts:
        words += (
            f" Means over {join_words([str(count) for count in counts], last='or')} draws of what "
            "is not known, so that they differ from sums at best values; the ends of ranges lie "
            "close to the outermost draws."
        )
    if "delay_min" in effects["measure"].to_list():
        hours = view.study.settings.campaign.longest_wait_h
        words += (
            " The simulation takes no train off: trains wait for as long as a line is closed, "
            f"while worth counts no wait beyond {hours:g} h. Mean delay times trains is therefore "
            "not the worth."
        )
    return escape(words)


def _heads() -> list[str]:
    return [
        "Before, below it after",
        "#Before",
        "#After",
        "#Change",
        "#Of before",
        '#Range of the change<span class="unit">nine draws in ten</span>',
        '#Chance<span class="unit">error</span>',
        '#Not known<span class="unit">spread of draws</span>',
        "",
    ]


def _cells(row: Row) -> list[str]:
    _, show = choose_words(row)
    of_change = _points if show is share_text else show
    told = choose_means(row)
    before, after, change = told["before"], told["after"], told["change"]
    share = change_text(change / before, share_text) if before and change is not None else ""
    error = row["change_error"]
    return [
        _pair(before, after),
        escape(show(before)),
        escape(show(after)),
        escape(change_text(change, of_change)),
        escape(share),
        escape(range_of_change(row, of_change)),
        _error_cell(error, of_change),
        escape(f"± {of_change(row['change_spread'])}") if row.get("change_spread") else "",
        _doubt_cell(row),
    ]


def _doubt_cell(row: Row) -> str:
    """Whether the mean of the draws has not converged, or the change may be chance."""
    if not is_converged(row):
        known = row.get("before_best") is not None
        words = "best values; " if known else ""
        return f'<span class="quiet">{words}mean not converged</span>'
    return '<span class="quiet">chance?</span>' if is_chance(row) else ""


def _error_cell(error: float | None, show: Show) -> str:
    """Error by chance; a nought says that no chance is in the figures."""
    if error is None:
        return ""
    return escape(f"± {show(error)}") if error else '<span class="quiet">none</span>'


def _narrow_table(view: CampaignView, subject: str, effects: pl.DataFrame) -> str:
    """One row for each service or train, the greatest change first."""
    _, plural, head = SUBJECTS[subject]
    order = effects.sort(pl.col("change").abs(), descending=True, nulls_last=True)
    rows = [
        [escape(_subject_name(view, subject, row["subject_id"])), *_cells(row)]
        for row in order.iter_rows(named=True)
    ]
    words = choose_words(order.row(0, named=True))[0]
    intro = f'<p class="quiet">{words}. {_count_sure(order, plural)}</p>'
    return intro + _folded([head, *_heads()], rows, "effects", plural)


def _count_sure(effects: pl.DataFrame, plural: str) -> str:
    """Say of how many the change is beyond chance."""
    known = [row for row in effects.to_dicts() if row["change_error"] is not None]
    if not known:
        return ""
    sure = sum(not is_chance(row) and row["change"] != 0 for row in known)
    if not any(row["change_error"] for row in known):
        return f"{sure} of {len(known)} {plural} change; no chance is in it."
    return f"Of {len(known)} {plural} {sure} change by more than may be chance."


def _wide_table(
    view: CampaignView, subject: str, measures: list[str], effects: pl.DataFrame
) -> str:
    """One row for each section or asset, before and after of each measure beside each other."""
    _, plural, head = SUBJECTS[subject]
    by_subject = {(row["subject_id"], row["measure"]): row for row in effects.iter_rows(named=True)}
    first = effects.filter(pl.col("measure") == measures[0])
    order = first.sort(pl.col("change").abs(), descending=True, nulls_last=True)["subject_id"]
    keys = list(dict.fromkeys([*order, *effects["subject_id"]]))
    rows = []
    for key in keys:
        cells = [_wide_cells(by_subject.get((key, measure))) for measure in measures]
        rows.append(
            [escape(_subject_name(view, subject, key)), *(c for pair in cells for c in pair)]
        )
    heads = [head]
    for measure in measures:
        heads += [f"#{MEASURES[measure][0]}", '#Change<span class="unit">nine draws in ten</span>']
    counts = [
        f"{MEASURES[measure][0]}: "
        + _count_sure(effects.filter(pl.col("measure") == measure), plural).lower()
        for measure in measures
    ]
    counts_words = " ".join(count for count in counts if not count.endswith(": "))
    note = f'<p class="quiet">{counts_words}</p>' if counts_words else ""
    return note + _folded(heads, rows, "effects wide", plural)


def _wide_cells(row: Row | None) -> list[str]:
    if row is None:
        return ["", ""]
    _, show = choose_words(row)
    of_change = _points if show is share_text else show
    arrow = " \N{RIGHTWARDS ARROW} "
    spread = range_of_change(row, of_change)
    below = f'<span class="spread">{escape(spread)}</span>' if spread else ""
    change = escape(change_text(row["change"], of_change))
    mark = ' <span class="quiet">?</span>' if is_chance(row) else ""
    return [
        escape(f"{show(row['before'])}{arrow}{show(row['after'])}"),
        f'<span class="range">{change}{mark}{below}</span>',
    ]


def _folded(heads: list[str], rows: list[list[str]], style: str, plural: str) -> str:
    shown = table_html(heads, rows[:LISTED], style=style)
    if len(rows) <= LISTED:
        return shown
    rest = table_html(heads, rows[LISTED:], style=style)
    summary = f"{len(rows) - LISTED} more {plural}"
    return f"{shown}<details><summary>{summary}</summary>{rest}</details>"


def _subject_name(view: CampaignView, subject: str, key: str) -> str:
    return view.name({"section": "sections"}.get(subject, subject), key)


def _pair(before: float | None, after: float | None) -> str:
    """Two bars, before above after, on the scale of the greater."""
    most = max(before or 0.0, after or 0.0)
    if before is None or after is None or most <= 0:
        return ""
    return (
        '<svg class="two-bars" aria-hidden="true">'
        f'<rect class="before" y="1" height="6" width="{100 * before / most:.2f}%"/>'
        f'<rect class="after" y="9" height="6" width="{100 * after / most:.2f}%"/></svg>'
    )
