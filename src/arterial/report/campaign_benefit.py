"""What a plan buys, in words and a table: worth, bound, other plans, what it takes.

The main function is `render_benefit`; `sum_hours` gives the headline measure of the page, hours
that trains run, lose and are spared in one year.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from arterial.report.campaign_misfits import describe_misfits, describe_nothing, is_nothing
from arterial.report.campaign_ranges import error_text
from arterial.report.campaign_tables import select_worthwhile
from arterial.report.campaign_view import (
    CHOSEN,
    MEAN,
    CampaignView,
    escape,
    few_text,
    ids_of_reports,
    month_text,
    number_text,
    range_html,
    rough_text,
    share_text,
    spread_text,
    table_html,
)
from arterial.report.wording import join_words

__all__ = ["describe_benefit", "describe_share", "render_benefit", "sum_hours"]

MULTIPLE_FROM: Final = 2.0

Row = Mapping[str, Any]

HEADS: Final = (
    "Plan",
    "Worth and bound",
    '#Worth<span class="unit">train-hours</span>',
    "#Of the bound",
    "#Sites",
    '#Delay avoided<span class="unit">h in the year after the campaign</span>',
    '#Derailments<span class="unit">avoided in it</span>',
    '#Labour<span class="unit">man-hours</span>',
    '#Possession<span class="unit">h</span>',
    "#Train paths lost",
    "#Money",
)

EVERY = "all"

HOURS_HEADS = (
    "Lost to",
    '#Avoided by the plan<span class="unit">train-hours a year</span>',
    '#Lost without it<span class="unit">train-hours a year</span>',
    "#Of what is lost",
    '#Run<span class="unit">train-hours a year, lost ones included</span>',
)


def render_benefit(view: CampaignView) -> str:
    """Sentences and the table of plans as HTML."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in describe_benefit(view))
    told = f'<ul class="sentences">{items}</ul>'
    return f"{_worth_note(view)}{told}{_render_hours(view)}{_plan_tables(view)}"


def _worth_note(view: CampaignView) -> str:
    """Say how worth is counted, by the settings of the study."""
    rules = view.study.settings.campaign
    ends = f"{rules.derailment_worth_low_h:g} to {rules.derailment_worth_high_h:g}"
    return (
        f'<p class="quiet">A derailment avoided counts as {rules.derailment_worth_h:g} train-hours '
        f"({ends}, assumed). Counted are the {rules.months} months of the campaign and "
        f"{rules.residual_years:g} years behind it over which the worth fades, at a discount of "
        f"{rules.discount_percent:g}\N{NO-BREAK SPACE}% a year. A train waits no longer than "
        f"{rules.longest_wait_h:g} h at a closed line (assumed).</p>"
    )


def describe_benefit(view: CampaignView) -> list[str]:
    """What the chosen plan buys, in sentences."""
    totals = view.table("campaign_totals")
    chosen = totals.filter(pl.col("plan_id") == CHOSEN).to_dicts()
    if not chosen:
        return ["No plan was chosen by the solver; the table below lists the others."]
    plan = chosen[0]
    if is_nothing(plan):
        return [describe_nothing(view)]
    sentences = [_sites_sentence(view, plan)]
    hours = sum_hours(view)
    if hours is not None:
        sentences.append(f"It avoids {describe_share(hours)}.")
    if plan["bound"] is not None and plan["gap"] is not None:
        sentences.append(
            "No plan of the works as cut, within the same means, can be worth more than "
            f"{rough_text(plan['bound'])} train-hours: the plan is within "
            f"{share_text(plan['gap'])} of the best there can be (proved)."
        )
    apart = [CHOSEN, MEAN, *ids_of_reports(view)]
    others = totals.filter(~pl.col("plan_id").is_in(apart)).sort("benefit", descending=True)
    sentences.extend(
        f"It is worth {_describe_ratio(plan['benefit'] / other['benefit'])} "
        f"\N{LEFT DOUBLE QUOTATION MARK}{other['name']}\N{RIGHT DOUBLE QUOTATION MARK} "
        f"({rough_text(other['benefit'])})."
        for other in others.to_dicts()
        if plan["benefit"] and other["benefit"]
    )
    sentences.extend(_list_yearly(plan))
    sentences.extend(_list_means(view, plan))
    sentences.extend(describe_misfits(view))
    return sentences


def _describe_ratio(ratio: float) -> str:
    """Give worth against another's as a percentage, or as a multiple where it is great."""
    if ratio >= MULTIPLE_FROM:
        return f"{number_text(ratio)} times as much as"
    return f"{share_text(abs(ratio - 1))} {'more' if ratio >= 1 else 'less'} than"


def _sites_sentence(view: CampaignView, plan: Row) -> str:
    months = view.chosen("campaign_plan")
    count = number_text(plan["sites_count"])
    of_all = _of_possible(view)
    span = ""
    if not months.is_empty():
        first, last = months["month"].drop_nulls().min(), months["last_month"].drop_nulls().max()
        span = f" from {month_text(first)} to {month_text(last)}"  # type: ignore[arg-type]
    spread, error = spread_text(plan, "benefit", rough_text), error_text(plan)
    among = "; ".join(part for part in (error, f"{spread} over the draws") if part)
    worth = rough_text(plan["benefit"]) + (f" ({among})" if spread else "")
    return (
        f"The plan does {count} work sites{of_all}{span}; it is worth {worth} train-hours over the "
        "horizon (computed)."
    )


def _of_possible(view: CampaignView) -> str:
    """Say of how many works: those that gain more than trains lose by waiting for them."""
    every = view.table("campaign_sites")
    if every.is_empty():
        return ""
    worth = select_worthwhile(every).height
    if worth == every.height:
        return f" of {number_text(worth)}"
    weighed = number_text(every.height)
    return (
        f" of {number_text(worth)} that gain more than they cost trains, now or when planned "
        f"({weighed} were weighed)"
    )


def _list_yearly(plan: Row) -> Iterator[str]:
    delay, derailments = plan["delay_avoided_h_per_year"], plan["derailments_avoided_per_year"]
    if delay is None:
        return
    and_derailments = ""
    if derailments is not None:
        among = _in_brackets(plan, "derailments_avoided_per_year")
        and_derailments = f" and {rough_text(derailments)}{among} derailments"
    among = _in_brackets(plan, "delay_avoided_h_per_year")
    yield (
        f"In the year after the campaign its works avoid {rough_text(delay)} h{among} of delay of "
        f"all trains{and_derailments} (computed)."
    )


def _in_brackets(plan: Row, name: str) -> str:
    spread = spread_text(plan, name, rough_text)
    return f" ({spread})" if spread else ""


def _list_means(view: CampaignView, plan: Row) -> Iterator[str]:
    parts = [
        (plan["labour_h"], "man-hours"),
        (plan["possession_h"], "hours of possession"),
        (plan["trains_lost"], "train paths lost to them"),
    ]
    means = [f"{rough_text(value)} {words}" for value, words in parts if value is not None]
    if plan["cost"] is not None:
        money = f"{rough_text(plan['cost'])} {view.study.settings.currency or 'of money'}"
        means.append(f"{money} (not discounted; {_describe_return(plan)})")
    if means:
        yield f"It takes {join_words(means)}."
    if means and plan["cost"] is None:
        yield "What it costs is not known: not all of its works and materials state their money."


def _describe_return(plan: Row) -> str:
    """Worth for a thousand of the money."""
    if not plan["cost"] or plan["benefit"] is None:
        return "nothing is asked for it"
    return f"{rough_text(1000.0 * plan['benefit'] / plan['cost'])} train-hours for a thousand"


def _plan_tables(view: CampaignView) -> str:
    """The chosen plan beside the rules; plans of works as reported behind a click."""
    totals = view.table("campaign_totals").sort("benefit", descending=True, nulls_last=True)
    most = max([v for v in (*totals["benefit"], *totals["bound"]) if v is not None], default=None)
    is_reported = pl.col("plan_id").is_in(ids_of_reports(view))
    rows = [_plan_row(row, most) for row in totals.filter(~is_reported).iter_rows(named=True)]
    parts = [
        "<h3>The plan, rules of thumb, and the plan for the mean</h3>",
        table_html(HEADS, rows, style="plans"),
    ]
    as_reported = totals.filter(is_reported).to_dicts()
    if as_reported:
        amounts = [row["benefit"] for row in as_reported if row["benefit"] is not None]
        span = (
            f", worth {number_text(min(amounts))} to {number_text(max(amounts))}" if amounts else ""
        )
        table = table_html(HEADS, [_plan_row(row, most) for row in as_reported], style="plans")
        parts.append(
            f"<details><summary>The reported works as plans of their own{escape(span)} "
            f"{'train-hours' if span else ''}</summary>{table}</details>"
        )
    return "".join(parts)


def _plan_row(row: Row, most: float | None) -> list[str]:
    name = escape(row["name"] or row["plan_id"])
    return [
        f"<strong>{name}</strong>" if row["plan_id"] == CHOSEN else name,
        _worth_bar(row, most),
        _worth_cell(row),
        _of_bound(row),
        number_text(row["sites_count"]),
        range_html(row, "delay_avoided_h_per_year"),
        range_html(row, "derailments_avoided_per_year"),
        number_text(row["labour_h"]),
        number_text(row["possession_h"]),
        number_text(row["trains_lost"]),
        number_text(row["cost"]),
    ]


def _worth_cell(row: Row) -> str:
    """Worth with its error by chance and its range over the draws, each on a line."""
    error = row["benefit_error"]
    below = f'<span class="spread">± {escape(number_text(error))}</span>' if error else ""
    return range_html(row, "benefit").removesuffix("</span>") + f"{below}</span>"


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


def _render_hours(view: CampaignView) -> str:
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
    return f"<h3>Hours avoided, lost and run</h3>{table_html(HOURS_HEADS, rows)}{note}"
