"""Charts of the campaign's page: resources by month, and worth by how much there is of them.

Main functions: `plot_use` and `plot_curves`.
"""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from arterial.report.campaign_prices import RESOURCES
from arterial.report.campaign_strips import legend_html, plot_axis, plot_row, plot_strip
from arterial.report.campaign_view import (
    CHOSEN,
    CampaignView,
    change_text,
    escape,
    number_text,
    share_text,
    span_months,
    table_html,
)
from arterial.report.wording import join_words

__all__ = ["nice_ticks", "plot_curves", "plot_use"]

WIDTH, HEIGHT = 400.0, 158.0
LEFT, TOP, FOOT = 56.0, 10.0, 26.0
"""Size of a chart and room for its scales [px]."""

SHARES: Final = (0.01, 0.25, 0.5, 0.75, 0.95)
"""Shades of possessions: share of the hours that is used."""

SHARE_WORDS: Final = ("up to a quarter", "to half", "to three quarters", "to 95 %", "all but full")
LISTED_STRIPS: Final = 15
CARRIED: Final = (
    " Rings, and stars in the table: the plan of the amount beside it or of one kind alone, since "
    "the solver found none better."
)
NO_MONEY: Final = " The study states no budget: money limits nothing and has no curve."
JANUARY: Final = 1
TICKS: Final = 3
EMPTY_BELOW: Final = 1e-9


def plot_use(view: CampaignView) -> str:
    """Use of gangs, materials, possessions and money by month as HTML."""
    use = view.table("campaign_use")
    if CHOSEN in use["plan_id"].to_list():
        use = use.filter(pl.col("plan_id") == CHOSEN)
    notes = {
        "labour": "Man-hours in the month",
        "material": "Used up to and with the month, against store and supply until then",
        "budget": "Money in the year",
    }
    parts = []
    for resource, title in RESOURCES.items():
        rows, idle = _part_idle(view, use.filter(pl.col("resource") == resource))
        if rows.is_empty():
            continue
        if resource == "possession":
            body = _possession_rows(view, rows)
        else:
            keys = list(dict.fromkeys(rows.sort("resource_id")["resource_id"]))
            charts = [_use_chart(view, rows.filter(pl.col("resource_id") == key)) for key in keys]
            body = f'<div class="charts">{"".join(charts)}</div>'
        note = notes.get(resource)
        caption = f'<p class="quiet">{note}.{_key_html(resource)}{idle}</p>' if note else ""
        parts.append(f"<h3>{title}</h3>{caption}{body}")
    return "".join(parts)


def _key_html(resource: str) -> str:
    used = "bars" if resource == "labour" else "area"
    verb = "are" if resource == "labour" else "is"
    return f" The {used} {verb} what is used, the line what there is; red: more would be of worth."


def _part_idle(view: CampaignView, use: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Rows of what is used at all, and a sentence on what is not."""
    sums = use.group_by("resource_id", maintain_order=True).agg(pl.col("used").sum())
    idle = sums.filter(pl.col("used") <= EMPTY_BELOW)["resource_id"].to_list()
    if not idle or use["resource"][0] == "possession":
        return use, ""
    names = join_words([view.resource_name(use["resource"][0], key) for key in idle])
    return use.filter(~pl.col("resource_id").is_in(idle)), f" Not used: {escape(names)}."


def _use_chart(view: CampaignView, rows: pl.DataFrame) -> str:
    rows = rows.sort("month")
    first = rows.row(0, named=True)
    months, used = rows["month"].to_list(), rows["used"].fill_null(0.0).to_list()
    available = rows["available"].to_list()
    most = max([*used, *(value for value in available if value is not None), EMPTY_BELOW])
    frame = _Frame(len(months), nice_ticks(most))
    is_stock = first["resource"] == "material"
    parts = [
        frame.grid(),
        frame.months(months),
        f'<path class="{"used-area" if is_stock else "used"}" d="{frame.bars(used)}"/>',
        f'<path class="available" d="{frame.steps(available)}"/>',
        f'<path class="priced" d="{frame.marks(rows["price"].to_list())}"/>',
    ]
    name = view.resource_name(first["resource"], first["resource_id"])
    unit = _unit(view, first)
    total_used = used[-1] if is_stock else sum(used)
    known = [value for value in available if value is not None]
    total = (known[-1] if is_stock else sum(known)) if known else None
    share = share_text(round(total_used / total, 3)) if total else share_text(None)
    caption = (
        f"<strong>{escape(name)}</strong>{escape(f', {unit}' if unit else '')}"
        f'<span class="quiet"> {share} used</span>'
    )
    label = escape(f"{name}: {share} used")
    return f"<figure><figcaption>{caption}</figcaption>{frame.svg(parts, label)}</figure>"


def _unit(view: CampaignView, row: dict[str, Any]) -> str:
    if row["resource"] == "labour":
        return "man-hours"
    units = dict(view.study.table("materials").select("material_id", "unit").iter_rows())
    unit = str(units.get(row["resource_id"]) or "") if row["resource"] == "material" else ""
    return {"m3": "m\u00b3", "m2": "m\u00b2"}.get(unit, unit)


class _Frame:
    """A chart of months: places of values in it, and what stands around them."""

    def __init__(self, count: int, ticks: Sequence[float]) -> None:
        self.count, self.ticks = max(count, 1), ticks

    def x(self, place: float) -> float:
        return LEFT + (WIDTH - LEFT - 4) * place / self.count

    def y(self, value: float) -> float:
        return HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * value / self.ticks[-1]

    def grid(self) -> str:
        parts = [
            f'<path class="grid" d="M{LEFT} {self.y(tick):.1f}H{WIDTH}"/>'
            f'<text class="tick" x="{LEFT - 6}" y="{self.y(tick) + 4:.1f}">{_short(tick)}</text>'
            for tick in self.ticks
        ]
        return "".join(parts)

    def months(self, months: Sequence[dt.date]) -> str:
        parts = []
        for place, month in enumerate(months):
            if place and month.month != JANUARY:
                continue
            x = self.x(place)
            parts.append(
                f'<path class="grid" d="M{x:.1f} {HEIGHT - FOOT}v5"/>'
                f'<text x="{x + 2:.1f}" y="{HEIGHT - 6}">{month.year}</text>'
            )
        return "".join(parts)

    def bars(self, values: Sequence[float]) -> str:
        base = HEIGHT - FOOT
        points = [f"M{LEFT} {base}"]
        for place, value in enumerate(values):
            points.append(f"V{self.y(value):.1f}H{self.x(place + 1):.1f}")
        return "".join(points) + f"V{base}z"

    def steps(self, values: Sequence[float | None]) -> str:
        points, before = [], None
        for place, value in enumerate(values):
            if value is not None:
                start = f"M{self.x(place):.1f} {self.y(value):.1f}" if before is None else ""
                points.append(f"{start}V{self.y(value):.1f}H{self.x(place + 1):.1f}")
            before = value
        return "".join(points)

    def marks(self, prices: Sequence[float | None]) -> str:
        width = self.x(1) - self.x(0)
        y = HEIGHT - FOOT + 2
        return "".join(
            f"M{self.x(place):.1f} {y}h{width:.1f}v4h-{width:.1f}z"
            for place, price in enumerate(prices)
            if price is not None and price > EMPTY_BELOW
        )

    def svg(self, parts: Sequence[str], label: str) -> str:
        box = f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
        return f'<svg class="plot" {box} role="img" aria-label="{label}">{"".join(parts)}</svg>'


def nice_ticks(most: float) -> list[float]:
    """Round numbers from nought to the first that is not below the most.

    Examples
    --------
    >>> nice_ticks(9.3), nice_ticks(0.0)
    ([0, 5, 10], [0.0, 1.0])
    """
    if most <= EMPTY_BELOW:
        return [0.0, 1.0]
    raw = most / TICKS
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw)
    return [step * n for n in range(math.ceil(most / step - EMPTY_BELOW) + 1)]


def _short(value: float) -> str:
    for size, letter in ((1e9, " bn"), (1e6, " m"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _possession_rows(view: CampaignView, use: pl.DataFrame) -> str:
    """Share of possession used by month, one strip a line or section, the fullest first."""
    months = span_months(*use.select(pl.col("month").min(), last=pl.col("month").max()).row(0))
    total = use.group_by("resource_id").agg(
        pl.col("used").sum(), pl.col("available").sum(), (pl.col("price") > 0).sum().alias("priced")
    )
    share = pl.col("used") / pl.col("available")
    head, parts = plot_axis(months, title="Line or section", total="Used"), []
    for row in total.sort(share, "resource_id", descending=[True, False]).iter_rows(named=True):
        of_section = use.filter(pl.col("resource_id") == row["resource_id"])
        shares = {
            month: used / available if available else 0.0
            for month, used, available in of_section.select(
                "month", "used", "available"
            ).iter_rows()
        }
        values = [shares.get(month) or 0.0 for month in months]
        strip = plot_strip(values, months, levels=SHARES, noun="hours")
        name = view.resource_name("possession", row["resource_id"])
        used = share_text(round(row["used"] / row["available"], 2)) if row["available"] else ""
        parts.append(plot_row(name, strip, used))
    legend = legend_html(SHARE_WORDS, "share of the hours of possession")
    rest = ""
    if len(parts) > LISTED_STRIPS:
        more = f'<div class="strips">{head}{"".join(parts[LISTED_STRIPS:])}</div>'
        count = len(parts) - LISTED_STRIPS
        rest = f"<details><summary>{count} more lines or sections</summary>{more}</details>"
    shown = "".join(parts[:LISTED_STRIPS])
    return f'{legend}<div class="strips">{head}{shown}</div>{rest}'


def plot_curves(view: CampaignView) -> str:
    """Worth against how much there is of a kind, one chart a kind, as HTML."""
    curves = view.table("campaign_curves").sort("factor")
    values = [v for v in (*curves["benefit"], *curves["bound"]) if v is not None]
    if not values or max(values) <= 0:
        return '<p class="missing">No plan was found for other amounts that is worth anything.</p>'
    frame = _CurveFrame(
        min(curves["factor"]), max(curves["factor"]), _ticks_about(min(values), max(values))
    )
    charts, rows = [], []
    for resource in (*RESOURCES, None):
        same = pl.col("resource").eq_missing(pl.lit(resource))
        curve = curves.filter(same | (pl.col("resource") == "all" if resource is None else False))
        if curve.is_empty():
            continue
        title = RESOURCES[resource] if resource else "All together"
        charts.append(f"<figure><figcaption><strong>{title}</strong></figcaption>")
        charts.append(frame.plot(curve, title) + "</figure>")
        rows.append([title, *_curve_cells(curve, curves)])
    factors = curves["factor"].unique().sort()
    heads = ["All of a kind", *(f"#\N{MULTIPLICATION SIGN} {factor:g}" for factor in factors)]
    table = table_html(heads, rows, style="curve-table")
    key = (
        '<p class="quiet">Up: worth [train-hours over the horizon], not from nought. Across: how '
        "much there is, &times;\u00a01 as it is. Dots: best plan found; dashed: proved bound. At "
        f"the ends the change against as it is.{CARRIED if curves['carried'].any() else ''}</p>"
    )
    money = "" if "budget" in curves["resource"] else NO_MONEY
    note = (
        '<p class="quiet">Worth [train-hours]; in brackets the change against as it is. Every '
        "figure is a search of its own, so that those at &times;\u00a01 may differ by what one "
        f"misses.{money}</p>"
    )
    return f'{key}<div class="charts">{"".join(charts)}</div>{note}{table}'


def _ticks_about(least: float, most: float) -> list[float]:
    """Round numbers around a span, which need not begin at nought.

    Examples
    --------
    >>> _ticks_about(232_893.0, 344_737.0)
    [200000.0, 250000.0, 300000.0, 350000.0]
    """
    ticks = nice_ticks(max(most - least, most / 10))
    step = ticks[1] - ticks[0]
    first = math.floor(max(least, 0.0) / step)
    return [float(step * n) for n in range(first, math.ceil(most / step - EMPTY_BELOW) + 1)]


def _curve_cells(curve: pl.DataFrame, curves: pl.DataFrame) -> list[str]:
    benefit_at = dict(curve.select("factor", "benefit").iter_rows())
    carried = curve.filter("carried")["factor"].to_list()
    base = benefit_at.get(1.0)
    cells = []
    for factor in curves["factor"].unique().sort():
        value = benefit_at.get(factor)
        text = number_text(value) + ("*" if factor in carried else "")
        if value is not None and base and factor != 1.0:
            change = change_text(round(value / base - 1, 3), share_text)
            text += f'<span class="spread">({change})</span>'
        cells.append(f'<span class="range">{text}</span>')
    return cells


class _CurveFrame:
    """A chart of worth by factor, the same scales for every kind."""

    def __init__(self, low: float, high: float, ticks: Sequence[float]) -> None:
        self.low, self.high, self.ticks = low, max(high, low + EMPTY_BELOW), ticks

    def x(self, factor: float) -> float:
        return LEFT + 8 + (WIDTH - LEFT - 24) * (factor - self.low) / (self.high - self.low)

    def y(self, value: float) -> float:
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * share

    def line(self, rows: pl.DataFrame, name: str) -> str:
        points = [
            f"{self.x(factor):.1f} {self.y(value):.1f}"
            for factor, value in rows.select("factor", name).drop_nulls().iter_rows()
        ]
        return f"M{'L'.join(points)}" if points else ""

    def ends(self, rows: pl.DataFrame) -> str:
        """Changes against as it is, beside the first and the last dot."""
        benefit_at = dict(rows.select("factor", "benefit").drop_nulls().iter_rows())
        base = benefit_at.get(1.0)
        if not base:
            return ""
        parts = []
        for factor, anchor, shift in ((self.low, "start", 6), (self.high, "end", 0)):
            value = benefit_at.get(factor)
            if value is None or factor == 1.0:
                continue
            change = escape(change_text(round(value / base - 1, 3), share_text))
            parts.append(
                f'<text class="end" x="{self.x(factor) + shift:.1f}" '
                f'y="{self.y(value) + 16:.1f}" text-anchor="{anchor}">{change}</text>'
            )
        return "".join(parts)

    def plot(self, rows: pl.DataFrame, title: str) -> str:
        grid = "".join(
            f'<path class="grid" d="M{LEFT} {self.y(tick):.1f}H{WIDTH}"/>'
            f'<text class="tick" x="{LEFT - 6}" y="{self.y(tick) + 4:.1f}">{_short(tick)}</text>'
            for tick in self.ticks
        )
        marks = {self.low, self.high, 1.0} if self.low <= 1 <= self.high else {self.low, self.high}
        feet = "".join(
            f'<text class="foot" x="{self.x(mark):.1f}" y="{HEIGHT - 8}">'
            f"\N{MULTIPLICATION SIGN} {mark:g}</text>"
            for mark in sorted(marks)
        )
        known = rows.select("factor", "benefit", pl.col("carried").fill_null(value=False))
        dots = "".join(
            f'<circle class="{"dot carried" if carried else "dot"}" cx="{self.x(factor):.1f}" '
            f'cy="{self.y(value):.1f}" r="3"/>'
            for factor, value, carried in known.drop_nulls().iter_rows()
        )
        lines = (
            f'<path class="bound-line" d="{self.line(rows, "bound")}"/>'
            f'<path class="worth-line" d="{self.line(rows, "benefit")}"/>'
        )
        lines += self.ends(rows)
        label = escape(f"Worth by the amount of: {title}")
        return (
            f'<svg class="plot" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
            f'aria-label="{label}">{grid}{feet}{lines}{dots}</svg>'
        )
