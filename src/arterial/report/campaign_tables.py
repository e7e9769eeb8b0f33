"""Tables of the campaign's page: the first sites, and what more of each resource would buy.

Main functions: `list_first_sites` and `list_prices`.
"""

from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    KIND_WORDS,
    CampaignView,
    escape,
    month_text,
    number_text,
    table_html,
)
from arterial.report.wording import count_text

__all__ = ["list_first_sites", "list_prices"]

LISTED_SITES: Final = 25
LISTED_PRICES: Final = 12

RESOURCES: Final = {
    "labour": "Gangs",
    "material": "Materials",
    "possession": "Possessions",
    "budget": "Money",
}
"""Words for each kind of resource, in the order of the page."""


def list_first_sites(view: CampaignView) -> str:
    """The first sites of the plan, and sums by kind of work, as HTML."""
    sites = view.plan_sites()
    rows = [_site_row(view, row) for row in sites.head(LISTED_SITES).iter_rows(named=True)]
    heads = [
        "#Rank",
        "Asset",
        "Work",
        "Section",
        "Begins",
        '#Worth<span class="unit">train-hours</span>',
        '#Delay avoided<span class="unit">h/year</span>',
        '#Labour<span class="unit">man-hours</span>',
        '#Possession<span class="unit">h</span>',
    ]
    more = sites.height - len(rows)
    rest = (
        f'<p class="quiet">{number_text(more)} further sites stand in the exported plan.</p>'
        if more > 0
        else ""
    )
    return f"{_kind_table(view, sites)}{table_html(heads, rows, style='sites')}{rest}"


def _site_row(view: CampaignView, row: dict[str, Any]) -> list[str]:
    return [
        number_text(row["rank"]),
        escape(row["asset_id"] if row["asset_id"] is not None else row["site_id"]),
        escape(view.name("work_kinds", row["work_id"])),
        escape(view.name("sections", row["section_id"])),
        f"{row['month']:%b %Y}" if row["month"] is not None else month_text(None),
        escape(number_text(row["benefit"])),
        escape(number_text(row["delay_avoided_h_per_year"])),
        number_text(row["labour_h"]),
        number_text(row["possession_h"]),
    ]


def _kind_table(view: CampaignView, sites: pl.DataFrame) -> str:
    """What the plan does of each kind of work, out of all sites."""
    everything = view.table("campaign_sites").group_by("work_id").agg(pl.len().alias("all"))
    sums = (
        sites.group_by("kind", "work_id")
        .agg(pl.len().alias("count"), pl.col("benefit", "labour_h").sum())
        .join(everything, on="work_id", how="left")
        .sort("benefit", descending=True, nulls_last=True)
    )
    rows = [
        [
            escape(view.name("work_kinds", row["work_id"])),
            escape(KIND_WORDS.get(row["kind"], row["kind"] or "")),
            number_text(row["count"]),
            number_text(row["all"]),
            number_text(row["benefit"]),
            number_text(row["labour_h"]),
        ]
        for row in sums.iter_rows(named=True)
    ]
    heads = [
        "Work",
        "Done on",
        "#In the plan",
        "#Of all sites",
        '#Worth<span class="unit">train-hours</span>',
        '#Labour<span class="unit">man-hours</span>',
    ]
    title = f"<h3>The first {count_text(min(LISTED_SITES, sites.height), 'site')}</h3>"
    return f"<h3>By kind of work</h3>{table_html(heads, rows)}{title}"


def list_prices(view: CampaignView) -> str:
    """What more of each resource would buy as HTML, the most valuable first."""
    prices = view.table("campaign_prices")
    worth = pl.coalesce("worth_by_replanning_h", "worth_h")
    most = float(prices.select(worth.max()).item() or 0.0)
    parts = []
    for resource, title in RESOURCES.items():
        own = prices.filter(pl.col("resource") == resource)
        own = own.sort(worth, descending=True, nulls_last=True)
        if own.is_empty():
            continue
        rows = [_price_row(view, row, most) for row in own.iter_rows(named=True)]
        heads = [
            "One step more",
            "",
            '#By the prices<span class="unit">train-hours</span>',
            '#By planning anew<span class="unit">train-hours</span>',
        ]
        table = table_html(heads, rows[:LISTED_PRICES], style="prices")
        if len(rows) > LISTED_PRICES:
            rest = table_html(heads, rows[LISTED_PRICES:], style="prices")
            summary = f"{len(rows) - LISTED_PRICES} more"
            table += f"<details><summary>{summary}</summary>{rest}</details>"
        parts.append(f"<h3>{title}</h3>{table}")
    return "".join(parts)


def _price_row(view: CampaignView, row: dict[str, Any], most: float) -> list[str]:
    words = row["words"]
    if not words:
        name = view.resource_name(row["resource"], row["resource_id"])
        step = f"{number_text(row['amount'])} {row['unit'] or ''}".strip()
        words = f"{name}: {step} more from {month_text(row['from_month'])} on"
    tried, worth = row["worth_by_replanning_h"], row["worth_h"]
    best = tried if tried is not None else worth
    width = f"{100 * max(0.0, best or 0.0) / most:.2f}%" if most else "0"
    bar = '<svg class="worth" aria-hidden="true"><rect class="chosen" y="3" height="8" '
    return [
        escape(words),
        f'{bar}width="{width}"/></svg>',
        escape(number_text(worth)),
        escape(number_text(tried)),
    ]
