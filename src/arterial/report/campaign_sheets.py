"""A sheet for each asset: how it is, what could be done, what that is worth, what is planned.

The main function is `render_sheets`. Sheets of the works that are worth most, and of the first that
do not fit, stand on the page.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_misfits import find_cause
from arterial.report.campaign_view import (
    CampaignView,
    escape,
    month_text,
    number_text,
    table_html,
)

__all__ = ["list_sheets", "render_sheets"]

Row = Mapping[str, Any]

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
