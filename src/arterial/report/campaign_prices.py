"""What more of each resource would buy, in plain words and as a table by section and month.

Main functions: `render_prices`, `describe_price` and `describe_binding`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    CHOSEN,
    CampaignView,
    escape,
    month_text,
    number_text,
    share_text,
    spread_text,
    table_html,
)

__all__ = ["RESOURCES", "describe_binding", "describe_price", "describe_step", "render_prices"]

RESOURCES: Final = {
    "labour": "Gangs",
    "material": "Materials",
    "possession": "Possessions",
    "budget": "Money",
}
"""Words for each kind of resource, in the order of the page."""

HEADS: Final = {"labour": "Bureau", "material": "Material", "possession": "Section"}

BETWEEN: Final = " \N{EN DASH} "
"""What stands between the two ends in the name of a section."""

LISTED: Final = 12
TOLD: Final = 3
"""Steps of a kind that are told in words."""

EXACT: Final = 5
"""Figures of an amount."""

Row = Mapping[str, Any]


def render_prices(view: CampaignView) -> str:
    """What more of each resource would buy as HTML, the most valuable first."""
    prices = view.table("campaign_prices")
    most = float(prices.select(pl.col("worth_h").max()).item() or 0.0)
    parts = []
    for resource, title in RESOURCES.items():
        of_resource = prices.filter(pl.col("resource") == resource)
        slack = _describe_slack(view, resource)
        if of_resource.is_empty():
            parts.append(f'<h3>{title}</h3><p class="told">{slack}</p>' if slack else "")
            continue
        first = of_resource.sort("worth_h", descending=True, nulls_last=True).unique(
            "resource_id", keep="first", maintain_order=True
        )
        items = "".join(
            f"<li>{escape(describe_price(view, row))}</li>"
            for row in first.head(TOLD).iter_rows(named=True)
        )
        order = first["resource_id"].to_list()
        tables = _month_tables(view, of_resource, order, most)
        parts.append(f'<h3>{title}</h3><ul class="sentences">{items}</ul>{tables}')
    return "".join(parts) + _scatter_note(view)


def describe_step(view: CampaignView, row: Row) -> str:
    """Give the step of a row of ``campaign_prices`` in plain words: how much more of what."""
    name = view.resource_name(row["resource"], row["resource_id"])
    amount = f"{row['amount'] or 0.0:.{EXACT}g}"
    unit = str(row["unit"] or "").replace("m3", "m³")
    where = f"between {' and '.join(name.split(BETWEEN))}" if BETWEEN in name else f"on {name}"
    return {
        "labour": f"One more gang of the {name}" if row["amount"] == 1 else f"{amount} gangs more",
        "material": f"{amount} {unit} more of {name[:1].lower()}{name[1:]}",
        "possession": f"{amount} h more of closed track a month {where}",
    }.get(row["resource"], f"{amount} {unit} more of {name}")


def describe_price(view: CampaignView, row: Row) -> str:
    """Give a price in plain words, with the names of places instead of ids."""
    amounts = []
    if row["worth_h"] is not None:
        spread = spread_text(row, "worth_h")
        among = f" ({spread})" if spread else ""
        amounts.append(f"{number_text(row['worth_h'])} train-hours{among} by the prices")
    if row["worth_by_replanning_h"] is not None:
        anew = f"{number_text(row['worth_by_replanning_h'])} by planning anew"
        if row["worth_h"] is not None and row["worth_by_replanning_h"] > row["worth_h"]:
            anew += ", above the prices by the luck of that search"
        amounts.append(anew)
    words = ", ".join(amounts) if amounts else "an amount that is not known"
    verb = "is" if row["amount"] == 1 else "are"
    return (
        f"{describe_step(view, row)} from {month_text(row['from_month'])} on {verb} worth {words}."
    )


def _month_tables(
    view: CampaignView, of_resource: pl.DataFrame, order: list[Any], most: float
) -> str:
    """One row for each pool, material or section, one column for each month of the step."""
    months = sorted(of_resource["from_month"].drop_nulls().unique())
    steps = {
        (row["resource_id"], row["from_month"]): row for row in of_resource.iter_rows(named=True)
    }
    amounts = {row["resource_id"]: _amount(row) for row in steps.values()}
    is_same = len(set(amounts.values())) == 1
    rows = []
    for key in order:
        cells = [_cell(steps.get((key, month))) for month in months]
        name = escape(view.resource_name(of_resource["resource"][0], key))
        name += "" if is_same else f' <span class="quiet">{amounts[key]}</span>'
        of_key = [row for row in steps.values() if row["resource_id"] == key]
        rows.append([name, _bar(of_key, most), *cells])
    head = HEADS.get(of_resource["resource"][0], "Of")
    heads = [head, "", *(f"#{_head(month)}" for month in months)]
    shown = table_html(heads, rows[:LISTED], style="prices")
    if len(rows) > LISTED:
        rest = table_html(heads, rows[LISTED:], style="prices")
        shown += f"<details><summary>{len(rows) - LISTED} more</summary>{rest}</details>"
    more = next(iter(amounts.values())) if is_same else "that step"
    slash = (
        "; after a slash by planning anew" if of_resource["worth_by_replanning_h"].count() else ""
    )
    return (
        f'<p class="quiet">Worth of {more} more [train-hours over the horizon] by the month from '
        f"which it is there{slash}.</p>{shown}"
    )


def _amount(row: Row) -> str:
    return escape(f"{number_text(row['amount'])} {row['unit'] or ''}".replace("m3", "m\u00b3"))


def _head(month: dt.date) -> str:
    return f"{month:%b}<br>{month.year}"


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    words = escape(number_text(row["worth_h"]))
    if row["worth_by_replanning_h"] is not None:
        words += f" / <strong>{escape(number_text(row['worth_by_replanning_h']))}</strong>"
    spread = spread_text(row, "worth_h")
    return words + (f'<span class="spread">{escape(spread)}</span>' if spread else "")


def _bar(rows: Sequence[Row], most: float) -> str:
    best = max((row["worth_h"] or 0.0 for row in rows), default=0.0)
    width = f"{min(100.0, 100 * max(0.0, best) / most):.2f}%" if most else "0"
    bar = '<svg class="worth" aria-hidden="true"><rect class="chosen" y="3" height="8" '
    return f'{bar}width="{width}"/></svg>'


def _scatter_note(view: CampaignView) -> str:
    rows = view.chosen("campaign_totals").to_dicts()
    if not rows or rows[0]["bound"] is None or rows[0]["benefit"] is None:
        return ""
    missed = number_text(rows[0]["bound"] - rows[0]["benefit"])
    return (
        '<p class="quiet">Prices are those of the proved bound (computed). Planning anew is a '
        f"search of its own: it can be off by what a search misses, here up to {escape(missed)} "
        "train-hours, so single figures may lie above or below the prices.</p>"
    )


def _describe_slack(view: CampaignView, resource: str) -> str:
    """Say that a kind does not bind: how full its fullest month is."""
    use = view.table("campaign_use").filter(pl.col("resource") == resource)
    if CHOSEN in use["plan_id"].to_list():
        use = use.filter(pl.col("plan_id") == CHOSEN)
    full = use.filter(pl.col("available") > 0).with_columns(
        share=pl.col("used") / pl.col("available")
    )
    if full.is_empty():
        return ""
    top = full.sort("share", descending=True).row(0, named=True)
    mean = float(full["used"].sum()) / float(full["available"].sum())
    name = escape(view.resource_name(resource, top["resource_id"]))
    hours = {"labour": "their man-hours", "possession": "the hours"}.get(resource, "the amounts")
    noun = {"labour": "One more gang in any bureau", "material": "More of any material"}
    return (
        f"{noun.get(resource, 'More of it')} would be worth nothing by the prices (computed): "
        f"{share_text(round(mean, 2))} of {hours} are used, and no more than "
        f"{share_text(round(top['share'], 2))} in any month ({name}, {month_text(top['month'])})."
    )


def describe_binding(view: CampaignView) -> Iterator[str]:
    """The best step of each kind that binds, then what does not, as HTML sentences."""
    prices = view.table("campaign_prices").filter(pl.col("worth_h") > 0)
    best = prices.sort("worth_h", descending=True).unique(
        "resource", keep="first", maintain_order=True
    )
    for row in best.iter_rows(named=True):
        title = RESOURCES.get(row["resource"], row["resource"])
        # A search may find more by luck than the step is worth; that is for the table.
        tried = row["worth_by_replanning_h"]
        by_luck = tried is not None and tried > row["worth_h"]
        shown = {**row, "worth_by_replanning_h": None if by_luck else tried}
        yield f"<strong>{escape(title)}:</strong> {escape(describe_price(view, shown))}"
    for resource in RESOURCES:
        if resource not in best["resource"].to_list():
            slack = _describe_slack(view, resource)
            if slack:
                yield f"<strong>{RESOURCES[resource]}</strong> do not bind. {slack}"
