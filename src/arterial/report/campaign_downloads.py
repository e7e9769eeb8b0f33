"""The plan to take along: files beside the page, and a table that the page itself carries.

The main function is `render_downloads`.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final
from urllib.parse import quote

import polars as pl

from arterial.exchange.campaign_export import locate_sites
from arterial.report.campaign_assets import carried_effects
from arterial.report.campaign_view import CampaignView, escape, number_text

__all__ = ["carried_table", "render_downloads"]

FILES: Final[Mapping[str, str]] = {
    "plan.csv": "every work with dates, names, places and figures, for a spreadsheet",
    "plan.geojson": "the same as points, for a map program",
    "plan.ics": "works by section and month, for a calendar",
}
"""What the program writes into the folder of the page, and what it is for."""

CALENDAR: Final = "plan.ics"
MOST_CARRIED: Final = 10_000
"""Works beyond these are left to the files, so that the page opens at once."""

FIGURES: Final = 4
DEGREE_DIGITS: Final = 3
"""Decimals of coordinates; about 100 m, and assets that follow from densities lie less surely."""


def render_downloads(view: CampaignView) -> str:
    """Links to the exported plan, and the table within the page, as HTML."""
    # The calendar is only written where its library is there.
    names = [name for name in FILES if name != CALENDAR or find_spec("icalendar") is not None]
    items = [
        f'<li><a href="{name}" download="{name}">{name}</a>: {FILES[name]}; beside this page in '
        "its folder.</li>"
        for name in names
    ]
    whole = carried_table(view)
    carried = whole.head(MOST_CARRIED)
    if not carried.is_empty():
        which = "works" if carried.height == whole.height else "works, the first by rank,"
        text = quote(carried.write_csv(), safe=",:.-_/;+ ()")
        items.append(
            f'<li><a href="data:text/csv;charset=utf-8,{escape(text)}" download="works.csv">'
            f"works.csv</a>: {number_text(carried.height)} {which} with asset, failures now, what "
            "they avoid and what they take; carried by this page, also when it is sent alone.</li>"
        )
    effects = carried_effects(view)
    if not effects.is_empty():
        text = quote(effects.write_csv(), safe=",:.-_/;+ ()")
        items.append(
            f'<li><a href="data:text/csv;charset=utf-8,{escape(text)}" download="assets.csv">'
            f"assets.csv</a>: before and after of every asset that changes, "
            f"{number_text(effects.height)} rows; carried by this page too.</li>"
        )
    return f'<ul class="downloads">{"".join(items)}</ul>'


def carried_table(view: CampaignView) -> pl.DataFrame:
    """Works of the chosen plan with the failure rates that their assets have now.

    Returns
    -------
    DataFrame
        One row a work, in the order of rank, with units in the names of columns.
    """
    sites = view.plan_sites()
    if sites.is_empty():
        return sites
    located = locate_sites(view.study, view.results, sites)
    states = view.table("asset_states")
    rates = [
        name
        for name in (f"failure_rate{end}_per_year" for end in ("", "_low", "_high"))
        if name in states.columns
    ]
    known = states.select("asset_id", *rates).unique("asset_id")
    joined = located.join(known, on="asset_id", how="left", maintain_order="left")
    figures = [
        "labour_h",
        "possession_h",
        "delay_avoided_h_per_year",
        "derailments_avoided_per_year",
        *rates,
    ]
    return joined.select(
        "rank",
        "asset_id",
        "work_id",
        "section_id",
        "pool_id",
        pl.col("month").dt.strftime("%Y-%m").alias("first_month"),
        pl.col("last_month").dt.strftime("%Y-%m").alias("last_month"),
        pl.col("benefit").round_sig_figs(FIGURES).alias("worth_train_h"),
        *(pl.col(name).round_sig_figs(FIGURES) for name in figures),
        pl.col("latitude_deg", "longitude_deg").round(DEGREE_DIGITS),
    )
