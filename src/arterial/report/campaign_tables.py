"""What to renew first: by kind of work, by bureau, by asset.

Main functions: `render_first_sites` and `sum_up_sites`.
"""

import datetime as dt
from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    KIND_WORDS,
    CampaignView,
    escape,
    month_text,
    number_text,
    range_html,
    share_text,
    table_html,
)
from arterial.report.wording import count_text

__all__ = ["render_first_sites", "select_worthwhile", "sum_up_sites"]

LISTED_SITES: Final = 25
LISTED_PACKAGES: Final = 5
LEAST_SHARE: Final = 0.01
"""Kinds of work below this share of the worth stand in the sums alone."""

MOST: Final = 0.9
"""Share of the worth of a group by which it counts as all but done."""

WORTH_HEADS: Final = (
    '#Worth<span class="unit">train-hours</span>',
    '#Delay avoided<span class="unit">h in the year after the work</span>',
    '#Derailments<span class="unit">avoided in it</span>',
    '#Labour<span class="unit">man-hours</span>',
    '#Possession<span class="unit">h</span>',
    "#Money",
    '#Worth for money<span class="unit">train-hours for a thousand</span>',
)
"""What works gain and take, as heads of a table."""


def sum_up_sites(sites: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Sites of a plan by group, the one of most worth first.

    Parameters
    ----------
    sites : DataFrame
        As `CampaignView.plan_sites` gives them.
    *keys : str
        Columns of the groups.

    Returns
    -------
    DataFrame
        ``count``, ``worth`` [train-hours], its ``share`` of all [1], ``labour_h``, ``begins`` and
        ``most_by``, the month in which nine tenths of the worth are begun.
    """
    ordered = sites.sort("month", nulls_last=True)
    share = pl.col("benefit").fill_null(0.0).cum_sum() / pl.col("benefit").sum()
    total = sites["benefit"].sum() or 1.0
    return (
        ordered.group_by(*keys, maintain_order=True)
        .agg(
            pl.len().alias("count"),
            pl.col("benefit").sum().alias("worth"),
            pl.col("labour_h").sum(),
            pl.col("month").min().alias("begins"),
            pl.col("month").filter(share >= MOST).first().alias("most_by"),
        )
        .with_columns(share=pl.col("worth") / total)
        .sort("worth", *keys, descending=[True, *(False for _ in keys)], nulls_last=True)
    )


def select_worthwhile(sites: pl.DataFrame) -> pl.DataFrame:
    """Sites of ``campaign_sites`` that gain more than trains lose by waiting for them.

    Those of the plan are among them: what costs more than it gains now may be worth it later.
    """
    is_worth_it = pl.col("benefit").fill_null(0.0) > 0
    return sites.filter(is_worth_it | pl.col("planned_month").is_not_null())


def render_first_sites(view: CampaignView) -> str:
    """Sums by kind of work and by bureau, then what is worth most, as HTML."""
    sites = view.plan_sites()
    first = sites.sort("benefit", "rank", descending=[True, False], nulls_last=True)
    rows = [_site_row(view, row) for row in first.head(LISTED_SITES).iter_rows(named=True)]
    heads = ["Asset", "Work", "Section", "Begins", *WORTH_HEADS]
    more = sites.height - len(rows)
    rest = (
        f'<p class="quiet">{number_text(more)} further sites stand in the plan that can be '
        "taken along.</p>"
        if more > 0
        else ""
    )
    summary = f"The {count_text(len(rows), 'single site')} that are worth most"
    table = table_html(heads, rows, style="sites")
    details = f"<details><summary>{summary}</summary>{table}{rest}</details>" if rows else ""
    tables = (_kind_table(view, sites), _bureau_table(view, sites), _package_table(view, sites))
    return "".join(tables) + details


def _package_table(view: CampaignView, sites: pl.DataFrame) -> str:
    """Works of a kind on a section together, of each kind those of most worth."""
    keys = ["work_id", "section_id"]
    sums = ["benefit", "delay_avoided_h_per_year", "derailments_avoided_per_year"]
    kinds = sum_up_sites(sites, "work_id").filter(pl.col("share") >= LEAST_SHARE)
    packages = (
        sites.drop_nulls("month")
        .group_by(*keys)
        .agg(
            pl.len().alias("count"),
            pl.col("month").min().alias("first"),
            pl.col("month").max().alias("last"),
            pl.col(*sums, "labour_h", "possession_h").sum(),
            # A sum of which a part is not stated is not known.
            pl.when(pl.col("cost").is_not_null().all()).then(pl.col("cost").sum()).alias("cost"),
        )
        .join(kinds.select("work_id", "share"), on="work_id")
        .sort("benefit", *keys, descending=[True, False, False], nulls_last=True)
        .group_by("work_id", maintain_order=True)
        .head(LISTED_PACKAGES)
        .sort("share", "work_id", descending=[True, False], maintain_order=True)
    )
    rows, before = [], None
    for row in packages.iter_rows(named=True):
        work = escape(view.name("work_kinds", row["work_id"]))
        # The eye needs the name of a kind once, a reader of screens in every row.
        named = f'<span class="again">{work}</span>' if row["work_id"] == before else work
        before = row["work_id"]
        rows.append(
            [
                named,
                escape(view.name("sections", row["section_id"])),
                _span(row["first"], row["last"]),
                number_text(row["count"]),
                *_worth_cells(row),
            ]
        )
    heads = ["Work", "Section", "Begins", "#Sites", *WORTH_HEADS]
    note = (
        '<p class="quiet">Works of one kind on one section together: of each kind those sections '
        "on which they are worth most (computed). What is avoided is told for the year after the "
        "work as planned; a nought there beside a worth means assets that only wear out "
        "later.</p>"
    )
    table = table_html(heads, rows, style="packages")
    return f"<h3>The first sections of each kind</h3>{note}{table}" if rows else ""


def _span(first: dt.date, last: dt.date) -> str:
    if first == last:
        return _short_month(first)
    start = f"{first:%b}" if first.year == last.year else _short_month(first)
    return f"{start} to {_short_month(last)}"


def _worth_cells(row: dict[str, Any]) -> list[str]:
    return [
        range_html(row, "benefit"),
        range_html(row, "delay_avoided_h_per_year"),
        range_html(row, "derailments_avoided_per_year"),
        number_text(row["labour_h"]),
        number_text(row["possession_h"]),
        number_text(row["cost"]),
        number_text(1000.0 * row["benefit"] / row["cost"] if row["cost"] else None),
    ]


def _site_row(view: CampaignView, row: dict[str, Any]) -> list[str]:
    return [
        escape(row["asset_id"] if row["asset_id"] is not None else row["site_id"]),
        escape(view.name("work_kinds", row["work_id"])),
        escape(view.name("sections", row["section_id"])),
        _short_month(row["month"]),
        *_worth_cells(row),
    ]


def _short_month(month: dt.date | None) -> str:
    return month_text(None) if month is None else f"{month:%b %Y}"


def _kind_table(view: CampaignView, sites: pl.DataFrame) -> str:
    """What the plan does of each kind of work, out of all sites."""
    every = select_worthwhile(view.table("campaign_sites"))
    everything = every.group_by("work_id").agg(pl.len().alias("all"))
    sums = sum_up_sites(sites, "work_id", "kind").join(
        everything, on="work_id", how="left", maintain_order="left"
    )
    rows = [
        [
            escape(view.name("work_kinds", row["work_id"])),
            escape(KIND_WORDS.get(row["kind"], row["kind"] or "")),
            *_sum_cells(row, sums["worth"].max()),
            f"{number_text(row['count'])} of {number_text(row['all'])}",
            number_text(row["labour_h"]),
        ]
        for row in sums.iter_rows(named=True)
    ]
    heads = [
        "Work",
        "Done on",
        *_sum_heads(),
        '#In the plan<span class="unit">of all worth it</span>',
        '#Labour<span class="unit">man-hours</span>',
    ]
    note = (
        '<p class="quiet">Man-hours in the best season; frost and rain make the same works take '
        "more, which the sums of the plan hold.</p>"
    )
    return f"<h3>By kind of work</h3>{note}{table_html(heads, rows, style='kinds')}"


def _sum_heads() -> list[str]:
    return [
        "",
        '#Worth<span class="unit">train-hours</span>',
        "#Share",
        "Begins",
        'Nine tenths<span class="unit">of it begun by</span>',
    ]


def _sum_cells(row: dict[str, Any], most: object) -> list[str]:
    top = most if isinstance(most, float) and most > 0 else 1.0
    width = f"{100 * max(0.0, min((row['worth'] or 0.0) / top, 1.0)):.2f}%"
    bar = '<svg class="worth" aria-hidden="true"><rect class="chosen" y="3" height="8" '
    return [
        f'{bar}width="{width}"/></svg>',
        escape(number_text(row["worth"])),
        escape(share_text(row["share"])),
        _short_month(row["begins"]),
        _short_month(row["most_by"]),
    ]


def _bureau_table(view: CampaignView, sites: pl.DataFrame) -> str:
    """What falls to each bureau."""
    if sites["pool_id"].null_count() == sites.height:
        return ""
    sums = sum_up_sites(sites, "pool_id")
    rows = [
        [
            escape(view.name("labour_pools", row["pool_id"])),
            *_sum_cells(row, sums["worth"].max()),
            number_text(row["count"]),
            number_text(row["labour_h"]),
        ]
        for row in sums.iter_rows(named=True)
    ]
    heads = ["Bureau", *_sum_heads(), "#Sites", '#Labour<span class="unit">man-hours</span>']
    return f"<h3>By bureau</h3>{table_html(heads, rows, style='kinds')}"
