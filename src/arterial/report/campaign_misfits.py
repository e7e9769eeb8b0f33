"""What is worth doing and does not fit, with the limit that binds; and why a plan is empty.

Main functions: `describe_misfits`, `describe_nothing` and `render_misfits`.
"""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    KIND_WORDS,
    CampaignView,
    escape,
    number_text,
    rough_text,
    table_html,
)
from arterial.report.wording import join_words

__all__ = [
    "LIMIT_WORDS",
    "describe_misfits",
    "describe_nothing",
    "find_cause",
    "is_nothing",
    "render_misfits",
]

Row = Mapping[str, Any]

SHOWN: Final = 60
"""Rows of the table on the page; the result table holds all."""

LIMIT_WORDS: Final = {
    "pool": "gangs (no pool works there)",
    "months": "months (they outlast the campaign)",
    "labour": "man-hours",
    "possession": "possession",
    "material": "materials",
    "budget": "money",
    "stretch": "gain beside what is planned on the same stretch",
    "plan": "a better search (they fit beside the plan)",
}

UNMEASURED: Final = {
    "pool": "no pool of gangs works on the section",
    "stretch": "done together with what is planned on the same stretch, it gains nothing",
    "plan": "nothing binds: it fits beside the plan, within what is proved of it",
}

HEADS: Final = (
    "Work",
    "Asset",
    "Section",
    '#Worth<span class="unit">train-hours</span>',
    "Does not fit, because",
)


def is_nothing(plan: Row) -> bool:
    """Whether a plan holds no work."""
    return not plan["sites_count"]


def describe_nothing(view: CampaignView) -> str:
    """Why a plan is empty: no asset, no train, no work, no gain, or nothing that fits."""
    return f"Nothing is planned: {_find_reason(view)}"


def _find_reason(view: CampaignView) -> str:
    study = view.study
    misfits = view.table("campaign_misfits")
    if view.table("asset_states").is_empty():
        return "the study has no asset, neither in assets nor by asset_densities."
    flows = study.table("train_flows")
    trains = 0.0 if flows.is_empty() else float(flows["trains_per_day"].fill_null(0.0).sum())
    if trains <= 0:
        return "no train runs (train_flows is empty, or 0 a day), so no work can gain train-hours."
    if not misfits.is_empty():
        most = " ".join(describe_misfits(view))
        return f"none of the works that would gain fits. {most}"
    sites = view.table("campaign_sites")
    if not sites.is_empty():
        return (
            f"each of the {number_text(sites.height)} works that gain keeps trains waiting longer "
            "by its possessions than it saves them."
        )
    kinds = set(study.table("work_kinds")["kind"].to_list())
    suited = view.table("asset_states").filter(pl.col("kind").is_in(sorted(kinds)))
    if suited.is_empty():
        return "no kind of work suits any asset of the study."
    words = join_words(sorted({KIND_WORDS.get(kind, kind) for kind in suited["kind"].unique()}))
    return (
        f"no work gains anything. The failures, speed limits and derailments that works on {words} "
        "would take away cost the trains nothing, by best values."
    )


def describe_misfits(view: CampaignView) -> list[str]:
    """How much is worth doing and does not fit, by the limit that binds, in sentences."""
    misfits = view.table("campaign_misfits")
    if misfits.is_empty():
        is_known = "campaign_misfits" in view.results
        return ["Every asset of which a work is worth something has one in the plan."] * is_known
    worth = float(misfits["benefit"].fill_null(0.0).sum())
    total = f" ({rough_text(worth)} train-hours in all, each by itself)" if worth > 0 else ""
    groups = (
        misfits.group_by("limit")
        .agg(pl.len().alias("count"), pl.col("benefit").sum().alias("worth"))
        .sort("worth", "count", "limit", descending=[True, True, False])
    )
    parts = [
        f"{number_text(row['count'])} for want of {LIMIT_WORDS[row['limit']]}"
        for row in groups.iter_rows(named=True)
    ]
    alone = misfits.filter(pl.col("is_alone") & (pl.col("limit") != "pool")).height
    verb = "asset is" if misfits.height == 1 else "assets are"
    told = f"{number_text(misfits.height)} more {verb} worth something{total}"
    sentences = [f"Works on {told} and not in the plan: {join_words(parts)}."]
    if alone:
        first = misfits.filter(pl.col("is_alone")).row(0, named=True)
        sentences.append(
            f"{number_text(alone)} of them would not fit even alone; {_name_work(view, first)}: "
            f"{find_cause(view, first)}."
        )
    return sentences


def _name_work(view: CampaignView, row: Row) -> str:
    return f"{view.name('work_kinds', row['work_id'])} ({row['asset_id']})"


def find_cause(view: CampaignView, row: Row) -> str:
    """The limit that binds a work of ``campaign_misfits``, in words."""
    limit, needed, available = row["limit"], row["needed"], row["available"]
    if limit == "months":
        return f"it lasts {needed:,.0f} months, the campaign {available:,.0f}"
    if limit in UNMEASURED:
        return UNMEASURED[limit]
    left = "there are" if row["is_alone"] else "the plan leaves"
    amounts = f"{number_text(needed)} needed, {left} {number_text(available)}"
    if limit == "budget":
        return f"money of the year: {amounts} {view.study.settings.currency or ''}".rstrip()
    what = {"labour": "man-hours a month, ", "possession": "hours of possession a month, "}
    return f"{what.get(limit, '')}{view.resource_name(limit, row['limit_id'])}: {amounts}"


def render_misfits(view: CampaignView) -> str:
    """Sentences and the table of what does not fit, as HTML."""
    misfits = view.table("campaign_misfits")
    items = "".join(f"<li>{escape(each)}</li>" for each in describe_misfits(view))
    rows = [
        [
            escape(view.name("work_kinds", row["work_id"])),
            escape(row["asset_id"]),
            escape(view.name("sections", row["section_id"])),
            number_text(row["benefit"]),
            escape(find_cause(view, row)),
        ]
        for row in misfits.head(SHOWN).iter_rows(named=True)
    ]
    more = misfits.height - len(rows)
    rest = (
        f'<p class="quiet">{number_text(more)} more stand in campaign_misfits.</p>' if more else ""
    )
    return f'<ul class="sentences">{items}</ul>{table_html(HEADS, rows)}{rest}'
