"""Assets one by one: before and after of those that the plan changes, and a sheet for each.

Main functions: `render_assets` and `carried_effects` (the first on the page, the rest as a table),
and `render_sheets`: how an asset is, what could be done, what that is worth, what is planned.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.report.campaign_misfits import find_cause
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

__all__ = ["carried_effects", "list_sheets", "render_assets", "render_sheets"]

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

PLANNED_SHEETS: Final = 20

MISFIT_SHEETS: Final = 10

FACTS: Final = (
    ("age_y", "Age", "years"),
    ("state", "State", "(5 is the worst)"),
    ("defect_share", "Share of defective sleepers", ""),
    ("speed_limit_kmh", "Speed that it allows", "km/h"),
    ("failure_rate_per_year", "Failures", "a year"),
    ("renewed_failure_rate_per_year", "Renewed", "a year"),
)
"""Columns of ``asset_states``, their words and units."""

HEADS: Final = (
    "Work",
    '#Worth<span class="unit">train-hours</span>',
    '#Delay avoided<span class="unit">h in the year after</span>',
    '#Labour<span class="unit">man-hours</span>',
    '#Possession<span class="unit">h</span>',
    "#Money",
    '#Worth for money<span class="unit">train-hours for a thousand</span>',
    "Planned",
)


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


def list_sheets(view: CampaignView) -> list[str]:
    """Assets whose sheets stand on the page: those of most worth, then those that do not fit."""
    planned = view.plan_sites().sort("benefit", descending=True, nulls_last=True)
    first = planned["asset_id"].drop_nulls().unique(maintain_order=True).head(PLANNED_SHEETS)
    rest = view.table("campaign_misfits")["asset_id"].head(MISFIT_SHEETS)
    return list(dict.fromkeys([*first, *rest]))


def render_sheets(view: CampaignView) -> str:
    """Sheets behind a click each, as HTML."""
    states = {row["asset_id"]: row for row in view.table("asset_states").iter_rows(named=True)}
    misfits = {row["asset_id"]: row for row in view.table("campaign_misfits").iter_rows(named=True)}
    sites = view.table("campaign_sites").sort("benefit", descending=True, nulls_last=True)
    sheets = "".join(
        _render_sheet(
            view,
            asset,
            states.get(asset, {}),
            sites.filter(pl.col("asset_id") == asset),
            misfits.get(asset),
        )
        for asset in list_sheets(view)
    )
    note = (
        '<p class="quiet">Worth as if begun in the first month, by best values, trains that wait '
        "for the work taken off. Every asset stands in asset_states, every work that was weighed "
        "in campaign_sites.</p>"
    )
    return note + sheets


def _render_sheet(
    view: CampaignView, asset: str, state: Row, sites: pl.DataFrame, misfit: Row | None
) -> str:
    """The sheet of one asset."""
    section = state.get("section_id") or (sites["section_id"].item(0) if sites.height else None)
    facts = "; ".join(_list_facts(state))
    rows = [
        [
            escape(view.name("work_kinds", row["work_id"])),
            number_text(row["benefit"]),
            number_text(row["delay_avoided_h_per_year"]),
            number_text(row["labour_h"]),
            number_text(row["possession_h"]),
            number_text(row["cost"]),
            number_text(
                1000.0 * row["benefit"] / row["cost"]
                if row["cost"] and row["benefit"] is not None
                else None
            ),
            month_text(row["planned_month"]) if row["planned_month"] is not None else "no",
        ]
        for row in sites.iter_rows(named=True)
    ]
    why = ""
    if misfit is not None:
        work = view.name("work_kinds", misfit["work_id"])
        why = f"<p>{escape(f'{work} does not fit: {find_cause(view, misfit)}.')}</p>"
    title = escape(f"{asset}, {view.name('sections', section)}")
    about = f"<p>{escape(facts)}.</p>" if facts else ""
    return (
        f"<details><summary>{title}</summary>{about}{table_html(HEADS, rows, style='sheet')}{why}"
        "</details>"
    )


def _list_facts(state: Row) -> Iterator[str]:
    """What is known of an asset, in words."""
    if state.get("kind"):
        yield str(state["kind"]).capitalize()
    for column, words, unit in FACTS:
        value = state.get(column)
        if value is None:
            continue
        told = value.replace("_", " ") if isinstance(value, str) else number_text(float(value))
        yield f"{words} {told} {unit}".rstrip()
