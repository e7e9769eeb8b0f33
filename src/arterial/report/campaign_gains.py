"""What a plan buys, in words and tables: worth, bound, other plans, before and after.

Main functions: `tell_gains` and `tell_effects`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    CHOSEN,
    HOURS_FROM_MIN,
    MINUTES_AN_HOUR,
    CampaignView,
    change_text,
    escape,
    minutes_text,
    month_text,
    number_text,
    share_text,
    table_html,
)
from arterial.report.wording import count_text, join_words

__all__ = ["describe_gains", "tell_effects", "tell_gains"]

LISTED: Final = 15
MULTIPLE_FROM: Final = 2.0
ERRORS_OF_CHANCE: Final = 2
"""A change below so many of its standard errors is said to be chance, perhaps."""

Row = Mapping[str, Any]
Show = Callable[[float | None], str]

MEASURES: Final[Mapping[str, tuple[str, Show]]] = {
    "delay_min": ("Delay", minutes_text),
    "restriction_min": ("Delay by speed restrictions", minutes_text),
    "missed_share": ("Missed hand-overs", share_text),
    "punctuality": ("Arrivals in time", share_text),
    "failures_per_year": ("Failures a year", number_text),
    "derailments_per_year": ("Derailments a year", number_text),
}
"""Words for each measure, and how its size is written."""

SUBJECTS: Final = {
    "network": "All trains and assets",
    "service": "Services",
    "train": "Other trains",
    "section": "Sections that change most",
}


def tell_gains(view: CampaignView) -> str:
    """Sentences, key figures and the table of plans as HTML."""
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in describe_gains(view))
    tiles = "".join(_list_tiles(view))
    words = f'<div class="summary-grid"><ul class="sentences">{told}</ul>'
    return f'{words}<div class="tiles">{tiles}</div></div>{_plan_table(view)}'


def describe_gains(view: CampaignView) -> list[str]:
    """What the chosen plan buys, in sentences."""
    totals = view.table("campaign_totals")
    chosen = totals.filter(pl.col("plan_id") == CHOSEN).to_dicts()
    if not chosen:
        return ["No plan was chosen by the solver; the table below lists the others."]
    plan = chosen[0]
    sentences = [_sites_sentence(view, plan)]
    if plan["bound"] is not None and plan["gap"] is not None:
        sentences.append(
            f"No plan within the same means can be worth more than {number_text(plan['bound'])} "
            f"train-hours: the plan is within {share_text(plan['gap'])} of the best there can be "
            "(proved)."
        )
    others = totals.filter(pl.col("plan_id") != CHOSEN).sort("benefit", descending=True)
    sentences.extend(
        f"It is worth {_compare(plan['benefit'] / other['benefit'])} "
        f"\N{LEFT DOUBLE QUOTATION MARK}{other['name']}\N{RIGHT DOUBLE QUOTATION MARK} "
        f"({number_text(other['benefit'])})."
        for other in others.to_dicts()
        if plan["benefit"] and other["benefit"]
    )
    sentences.extend(_list_yearly(plan))
    sentences.extend(_list_means(plan))
    return sentences


def _compare(ratio: float) -> str:
    """Worth against another's as a percentage, or as a multiple where it is great."""
    if ratio >= MULTIPLE_FROM:
        return f"{number_text(ratio)} times as much as"
    return f"{share_text(abs(ratio - 1))} {'more' if ratio >= 1 else 'less'} than"


def _sites_sentence(view: CampaignView, plan: Row) -> str:
    sites = view.table("campaign_sites").height
    months = view.chosen("campaign_plan")
    count = number_text(plan["sites_count"])
    of_all = f" of {number_text(sites)}" if sites else ""
    span = ""
    if not months.is_empty():
        first, last = months["month"].drop_nulls().min(), months["last_month"].drop_nulls().max()
        span = f" from {month_text(first)} to {month_text(last)}"  # type: ignore[arg-type]
    worth = number_text(plan["benefit"])
    return (
        f"The plan does {count}{of_all} work sites{span}; it is worth {worth} train-hours over the "
        "horizon (computed)."
    )


def _list_yearly(plan: Row) -> Iterator[str]:
    delay, derailments = plan["delay_avoided_h_per_year"], plan["derailments_avoided_per_year"]
    if delay is None:
        return
    and_derailments = (
        f" and {number_text(derailments)} derailments" if derailments is not None else ""
    )
    yield (
        f"In the year after the campaign it avoids {number_text(delay)} h of delay of all trains"
        f"{and_derailments} (computed)."
    )


def _list_means(plan: Row) -> Iterator[str]:
    parts = [
        (plan["labour_h"], "man-hours"),
        (plan["possession_h"], "hours of possession"),
        (plan["trains_lost"], "train paths lost to them"),
    ]
    told = [f"{number_text(value)} {words}" for value, words in parts if value is not None]
    if told:
        yield f"It takes {join_words(told)}."


def _list_tiles(view: CampaignView) -> Iterator[str]:
    rows = view.chosen("campaign_totals").to_dicts()
    if not rows:
        return
    plan = rows[0]
    seconds = plan["seconds"]
    found = f"found in {number_text(seconds)} s" if seconds is not None else "over the horizon"
    tiles = [
        ("Worth", number_text(plan["benefit"]), f"train-hours, {found}"),
        ("At most short of the best", share_text(plan["gap"]), "by a proved bound"),
        (
            "Delay avoided",
            f"{number_text(plan['delay_avoided_h_per_year'])} h",
            "of all trains, in the year after",
        ),
        (
            "Derailments avoided",
            number_text(plan["derailments_avoided_per_year"]),
            "in the year after",
        ),
    ]
    for label, value, detail in tiles:
        yield (
            f'<div class="tile"><div class="tile-label">{label}</div>'
            f'<div class="tile-value">{escape(value)}</div>'
            f'<div class="tile-detail">{escape(detail)}</div></div>'
        )


def _plan_table(view: CampaignView) -> str:
    totals = view.table("campaign_totals").sort("benefit", descending=True, nulls_last=True)
    most = max([v for v in (*totals["benefit"], *totals["bound"]) if v is not None], default=None)
    rows = []
    for row in totals.iter_rows(named=True):
        name = escape(row["name"] or row["plan_id"])
        is_chosen = row["plan_id"] == CHOSEN
        rows.append(
            [
                f"<strong>{name}</strong>" if is_chosen else name,
                _worth_bar(row, most),
                number_text(row["benefit"]),
                _of_bound(row),
                number_text(row["sites_count"]),
                escape(number_text(row["delay_avoided_h_per_year"])),
                escape(number_text(row["derailments_avoided_per_year"])),
                number_text(row["labour_h"]),
                number_text(row["possession_h"]),
                number_text(row["trains_lost"]),
            ]
        )
    heads = [
        "Plan",
        "Worth and bound",
        '#Worth<span class="unit">train-hours</span>',
        "#Of the bound",
        "#Sites",
        '#Delay avoided<span class="unit">h/year</span>',
        '#Derailments<span class="unit">avoided/year</span>',
        '#Labour<span class="unit">man-hours</span>',
        '#Possession<span class="unit">h</span>',
        "#Train paths lost",
    ]
    return "<h3>The plan and others</h3>" + table_html(heads, rows, style="plans")


def _of_bound(row: Row) -> str:
    if row["benefit"] is None or not row["bound"]:
        return share_text(None)
    return f"{100 * row['benefit'] / row['bound']:.1f}\N{NO-BREAK SPACE}%"


def _worth_bar(row: Row, most: float | None) -> str:
    if row["benefit"] is None or not most:
        return ""
    style = "chosen" if row["plan_id"] == CHOSEN else "other"
    bar = f'<rect class="{style}" y="2" height="10" width="{_percent(row["benefit"] / most)}"/>'
    if row["bound"] is not None:
        at = _percent(row["bound"] / most)
        bar += f'<line class="bound" x1="{at}" x2="{at}" y1="0" y2="14"/>'
    return f'<svg class="worth" aria-hidden="true">{bar}</svg>'


def _percent(share: float) -> str:
    return f"{100 * max(0.0, min(share, 1.0)):.2f}%"


def tell_effects(view: CampaignView) -> str:
    """Tables of before and after by subject as HTML."""
    effects = view.table("campaign_effects")
    plans = [CHOSEN] if CHOSEN in effects["plan_id"].to_list() else effects["plan_id"].unique()
    own = effects.filter(pl.col("plan_id").is_in(list(plans)))
    parts = []
    for subject, title in SUBJECTS.items():
        of_subject = own.filter(pl.col("subject") == subject)
        if of_subject.is_empty():
            continue
        if subject == "section":
            order = pl.col("change").abs()
            of_subject = (
                of_subject.sort(order, descending=True, nulls_last=True)
                .group_by("measure", maintain_order=True)
                .head(LISTED)
            )
        parts.append(_effect_table(view, subject, title, of_subject))
    return "".join(parts)


def _effect_table(view: CampaignView, subject: str, title: str, effects: pl.DataFrame) -> str:
    tables = []
    is_network = subject == "network"
    measures = list(dict.fromkeys(effects["measure"]))
    groups = [measures] if is_network else [[measure] for measure in measures]
    for group in groups:
        own = effects.filter(pl.col("measure").is_in(group))
        rows = [_effect_row(view, subject, row) for row in own.iter_rows(named=True)]
        head = "Measure" if is_network else _measure(group[0])[0]
        heads = [head, "Before, below it after", "#Before", "#After", "#Change", "#Of before"]
        table = table_html(heads, rows, style="effects")
        more = subject == "section" and group != measures[:1]
        if more:
            summary = f"{head}: {count_text(len(rows), 'section')} that change most"
            table = f"<details><summary>{summary}</summary>{table}</details>"
        tables.append(table)
    return f"<h3>{title}</h3>{''.join(tables)}"


def _measure(name: str) -> tuple[str, Show]:
    return MEASURES.get(name, (name.replace("_", " "), number_text))


def _effect_row(view: CampaignView, subject: str, row: Row) -> list[str]:
    words, show = _measure(row["measure"])
    if show is minutes_text and max(row["before"] or 0, row["after"] or 0) >= HOURS_FROM_MIN:
        show = _hours
    table = "sections" if subject == "section" else subject
    label = words if subject == "network" else view.name(table, row["subject_id"])
    before, after = row["before"], row["after"]
    share = change_text(row["change"] / before, share_text) if before and after is not None else ""
    return [
        escape(label),
        _pair(before, after),
        escape(show(before)),
        escape(show(after)),
        _change(row, show),
        escape(share),
    ]


def _hours(minutes: float | None) -> str:
    """Minutes told in hours, however few."""
    return number_text(None) if minutes is None else f"{number_text(minutes / MINUTES_AN_HOUR)} h"


def _points(share: float | None) -> str:
    """Difference of two shares in points of a hundred, so as not to be taken for a part of one."""
    return f"{share_text(share).removesuffix('%').strip()} points"


def _change(row: Row, show: Show) -> str:
    if row["change"] is None:
        return escape(change_text(None))
    show = _points if show is share_text else show
    notes = []
    if row["change_low"] is not None and row["change_high"] is not None:
        ends = [change_text(row[f"change_{end}"], show) for end in ("low", "high")]
        notes.append(" to ".join(ends))
    error = row["change_error"]
    if error is not None:
        notes.append(f"± {show(error)}")
    lines = escape(change_text(row["change"], show))
    if notes:
        lines += f'<span class="spread">{escape(", ".join(notes))}</span>'
    if error is not None and abs(row["change"]) < ERRORS_OF_CHANCE * error:
        lines += '<span class="spread">may be chance</span>'
    return f'<span class="range">{lines}</span>'


def _pair(before: float | None, after: float | None) -> str:
    """Two bars, before above after, on the scale of the greater."""
    most = max(before or 0.0, after or 0.0)
    if before is None or after is None or most <= 0:
        return ""
    return (
        '<svg class="two-bars" aria-hidden="true">'
        f'<rect class="before" y="1" height="6" width="{_percent(before / most)}"/>'
        f'<rect class="after" y="9" height="6" width="{_percent(after / most)}"/></svg>'
    )
