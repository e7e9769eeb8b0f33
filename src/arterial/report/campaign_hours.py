"""Train-hours run, lost and avoided in one year: the page's headline measure and its table.

Main functions: `sum_hours`, `describe_share` and `render_hours`.
"""

from arterial.report.campaign_view import (
    CampaignView,
    escape,
    few_text,
    number_text,
    share_text,
    table_html,
)

__all__ = ["describe_share", "render_hours", "sum_hours"]

EVERY = "all"

HEADS = (
    "Lost to",
    '#Avoided by the plan<span class="unit">train-hours a year</span>',
    '#Lost without it<span class="unit">train-hours a year</span>',
    "#Of what is lost",
    '#Run<span class="unit">train-hours a year, lost ones included</span>',
)


def sum_hours(view: CampaignView) -> tuple[float, float, float] | None:
    """Train-hours lost, avoided and run in the year after the campaign; None where none are lost.

    The headline, its tile and the table all read this row.
    """
    rows = view.chosen("campaign_hours").filter(cause=EVERY).to_dicts()
    if not rows or not rows[0]["lost_h_per_year"]:
        return None
    row = rows[0]
    return row["lost_h_per_year"], row["avoided_h_per_year"], row["run_h_per_year"]


def describe_share(hours: tuple[float, float, float]) -> str:
    """What is avoided of what is lost, in words."""
    lost, avoided, _ = hours
    return (
        f"{few_text(avoided)} of the {few_text(lost)} train-hours a year that failures and "
        f"speed limits cost ({share_text(round(avoided / lost, 2))})"
    )


def render_hours(view: CampaignView) -> str:
    """Table of hours avoided, lost and run, as HTML; nothing where none were counted."""
    rows = [
        [
            escape(row["name"]),
            number_text(row["avoided_h_per_year"]),
            number_text(row["lost_h_per_year"]),
            share_text(
                round(row["avoided_h_per_year"] / row["lost_h_per_year"], 3)
                if row["lost_h_per_year"]
                else None
            ),
            number_text(row["run_h_per_year"]) if row["run_h_per_year"] is not None else "",
        ]
        for row in view.chosen("campaign_hours").iter_rows(named=True)
    ]
    if not rows:
        return ""
    note = (
        '<p class="quiet">In the year after the campaign, by best values, not discounted. What '
        "derailments would cost beside these hours is counted in the worth alone.</p>"
    )
    return f"<h3>Hours avoided, lost and run</h3>{table_html(HEADS, rows)}{note}"
