"""The plan beside what was reported done, turnouts first; main function `render_beside`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from arterial.report.campaign_view import (
    KIND_WORDS,
    CampaignView,
    escape,
    number_text,
    table_html,
)

__all__ = ["describe_beside", "render_beside"]

Row = Mapping[str, Any]

HEADS: Final = (
    "Report",
    "#Reported, of the study's",
    "#In the plan",
    "What would have to be true for the report to be right",
)
AS_RECKONED: Final = 1.0


def describe_beside(view: CampaignView) -> Iterator[str]:
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


def render_beside(view: CampaignView) -> str:
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
