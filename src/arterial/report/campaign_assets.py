"""Before and after of each asset that the plan changes: the first of them, the rest as a table.

Main functions: `render_assets` and `carried_effects`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    KIND_WORDS,
    CampaignView,
    change_text,
    escape,
    minutes_text,
    month_text,
    number_text,
    range_html,
    table_html,
)

__all__ = ["carried_effects", "render_assets"]

Row = Mapping[str, Any]

LISTED: Final = 12
FOLDED: Final = 48
"""Assets that open with a click; all others stand in the table that the page carries."""

FIGURES: Final = 4
MEASURES: Final = {
    "failures_per_year": ("Failures", "a year"),
    "derailments_per_year": ("Derailments", "a year"),
    "restriction_min": ("Delay by restrictions", "all trains in a year"),
}
"""Measures of assets, with heads and units, in the order of their columns."""


def render_assets(view: CampaignView, effects: pl.DataFrame) -> str:
    """Assets on which the works of the plan are worth most, before and after, as HTML.

    Parameters
    ----------
    view : CampaignView
        Names, works and their worth.
    effects : DataFrame
        Rows of ``campaign_effects`` of assets.
    """
    if effects.is_empty():
        return _states_table(view)
    measures = _list_measures(effects)
    order = _order_assets(view, effects)
    by_subject = {(row["subject_id"], row["measure"]): row for row in effects.iter_rows(named=True)}
    works = _list_works(view)
    listed = order.head(LISTED + FOLDED).to_list()
    rows = [
        [*_short_cells(view, works, key), *_measure_cells(by_subject, key, measures)]
        for key in listed
    ]
    heads = ["Asset", "Work and month", *_measure_heads(measures)]
    counts = [
        f"{number_text(effects.filter(pl.col('measure') == measure).height)} in "
        f"{MEASURES.get(measure, (measure, ''))[0].lower()}"
        for measure in measures
    ]
    note = (
        f'<p class="quiet">{number_text(len(order))} assets change ({escape("; ".join(counts))}). '
        "First those whose works are worth most; no chance is in these figures. Below a change: "
        "nine draws in ten of what is not known. All of them stand in the table that can be taken "
        "along.</p>"
    )
    table = table_html(heads, rows[:LISTED], style="effects-assets")
    rest = ""
    if len(rows) > LISTED:
        more = table_html(heads, rows[LISTED:], style="effects-assets")
        summary = f"The next {len(rows) - LISTED} assets"
        rest = f"<details><summary>{summary}</summary>{more}</details>"
    return f"<h3>Assets</h3>{note}{table}{rest}"


def carried_effects(view: CampaignView) -> pl.DataFrame:
    """Before and after of every asset that changes, one row an asset and measure.

    Returns
    -------
    DataFrame
        In the order of the page; ``change_low`` and ``change_high`` hold nine draws in ten.
    """
    effects = view.chosen("campaign_effects").filter(pl.col("subject") == "asset")
    names = ["before", "after", "change", "change_low", "change_high"]
    order = _order_assets(view, effects).to_frame("subject_id").with_row_index("place")
    return (
        effects.join(order, on="subject_id")
        .sort("place", "measure")
        .select(
            pl.col("subject_id").alias("asset_id"),
            "measure",
            *(pl.col(name).cast(pl.Float64).round_sig_figs(FIGURES) for name in names),
        )
    )


def _list_measures(effects: pl.DataFrame) -> list[str]:
    measures = effects["measure"].unique().to_list()
    known = [measure for measure in MEASURES if measure in measures]
    return known + sorted(set(measures) - set(known))


def _order_assets(view: CampaignView, effects: pl.DataFrame) -> pl.Series:
    """Assets by the worth of their works, then by what changes on them."""
    worth = view.plan_sites().group_by("asset_id").agg(pl.col("benefit").sum().alias("worth"))
    return (
        effects.group_by("subject_id")
        .agg(pl.col("change").abs().max().alias("size"))
        .join(worth, left_on="subject_id", right_on="asset_id", how="left")
        .sort("worth", "size", "subject_id", descending=[True, True, False], nulls_last=True)[
            "subject_id"
        ]
    )


def _list_works(view: CampaignView) -> dict[str, list[Row]]:
    works: dict[str, list[Row]] = {}
    for row in view.plan_sites().iter_rows(named=True):
        works.setdefault(row["asset_id"], []).append(row)
    return works


def _asset_cells(view: CampaignView, works: Mapping[str, Sequence[Row]], key: str) -> list[str]:
    asset_works = works.get(key, ())
    if not asset_works:
        return [escape(key), "", ""]
    names = [
        f"{view.name('work_kinds', row['work_id'])}, {month_text(row['month'])}"
        for row in asset_works
    ]
    kind = escape(KIND_WORDS.get(asset_works[0]["kind"], ""))
    return [
        f'{escape(key)} <span class="quiet">{kind}</span>',
        escape(view.name("sections", asset_works[0]["section_id"])),
        escape("; ".join(names)),
    ]


def _short_cells(view: CampaignView, works: Mapping[str, Sequence[Row]], key: str) -> list[str]:
    """Asset with its section below it, and its works."""
    _, section, works_words = _asset_cells(view, works, key)
    below = f'<span class="place">{section}</span>' if section else ""
    return [f"{escape(key)}{below}", works_words]


def _measure_heads(measures: Sequence[str]) -> Iterator[str]:
    for measure in measures:
        head, unit = MEASURES.get(measure, (measure.replace("_", " "), ""))
        below = f'<span class="unit">{escape(unit)}</span>' if unit else ""
        yield f"#{escape(head)}{below}"
        yield '#Change<span class="unit">nine draws in ten</span>'


def _measure_cells(
    by_subject: Mapping[tuple[str, str], Row], key: str, measures: Sequence[str]
) -> Iterator[str]:
    for measure in measures:
        row = by_subject.get((key, measure))
        if row is None:
            yield from ("", "")
            continue
        show = minutes_text if measure.endswith("_min") else number_text
        yield escape(f"{show(row['before'])} \N{RIGHTWARDS ARROW} {show(row['after'])}")
        change, spread = change_text(row["change"], show), ""
        if row["change_low"] is not None and row["change_high"] is not None:
            ends = [change_text(row[f"change_{end}"], show) for end in ("low", "high")]
            # One word is enough where change and both ends are next to nothing.
            range_words = "" if set(ends) == {change} else " to ".join(ends)
            spread = f'<span class="spread">{escape(range_words)}</span>' if range_words else ""
        yield f'<span class="range">{escape(change)}{spread}</span>'


def _states_table(view: CampaignView) -> str:
    """Assets on which most is gained: failures of today, and what the works avoid."""
    sites = view.plan_sites()
    if sites.is_empty() or sites["delay_avoided_h_per_year"].null_count() == sites.height:
        return ""
    rows = list(_list_states(view, sites))
    heads = [
        "Asset",
        "Section",
        "Work and month",
        '#Failures now<span class="unit">a year</span>',
        '#Delay avoided<span class="unit">h/year</span>',
        '#Derailments avoided<span class="unit">a year</span>',
    ]
    note = (
        '<p class="quiet">The assets on which most delay is avoided, with the failure rate that '
        "they have now (computed from age and condition) and its range. Every asset that the plan "
        "touches stands in the table that can be taken along; all others stay as they are.</p>"
    )
    table = table_html(heads, rows, style="assets")
    return f"<h3>Assets</h3>{note}{table}"


def _list_states(view: CampaignView, sites: pl.DataFrame) -> Iterator[list[str]]:
    states = view.table("asset_states")
    rates = [
        name
        for name in (f"failure_rate{end}_per_year" for end in ("", "_low", "_high"))
        if name in states.columns
    ]
    first = sites.sort(
        "delay_avoided_h_per_year", "rank", descending=[True, False], nulls_last=True
    )
    listed = first.head(LISTED).join(
        states.select("asset_id", *rates).unique("asset_id"),
        on="asset_id",
        how="left",
        maintain_order="left",
    )
    for row in listed.iter_rows(named=True):
        yield [
            *_asset_cells(view, {row["asset_id"]: [row]}, row["asset_id"]),
            range_html(row, "failure_rate_per_year") if rates else "",
            range_html(row, "delay_avoided_h_per_year"),
            range_html(row, "derailments_avoided_per_year"),
        ]
