"""How sure the worth of the plan is: each input at its ends, and the plan for the mean of draws.

Main functions: `render_ranges`, `describe_mean_plan` and `error_text`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.report.campaign_tables import sum_up_sites
from arterial.report.campaign_view import (
    CHOSEN,
    KIND_WORDS,
    MEAN,
    CampaignView,
    change_text,
    draws_text,
    escape,
    number_text,
    rough_text,
    share_text,
    spread_text,
    table_html,
)
from arterial.report.wording import join_words

__all__ = ["describe_mean_plan", "error_text", "find_overlap", "render_ranges"]

Row = Mapping[str, Any]

BEST: Final = "best"
WIDTH: Final = 240.0
HEIGHT: Final = 18.0
"""Size of the bar of a reading [px]."""

MARGIN: Final = 1.15
"""Margin beyond the least and greatest worth, as a factor."""

LEAST_TOLD: Final = 0.01

PAIRS: Final[Mapping[str, str]] = {
    "worth": "All that worth hangs on together",
    "derailment": "Derailments: rate and worth",
    "wait": "Wait after which a train is taken off",
    "traffic": "Trains",
    "window": "Length of windows for works",
    "possession": "Hours of possession",
    "material": "Material",
    "labour": "Gangs and hours",
}
"""What is read at its ends; readings are named by these and an end."""

FACTORS: Final[Mapping[str, str]] = {
    "knock_on_closed": "Where the line is closed: all delay over that of the trains stopped",
    "knock_on_passing": "Where trains may pass slowly: all delay over that of the trains slowed",
    "windows": "Windows for works: delay of trains planned around them over half a window each",
    "plan": "The whole plan over the sum of its works",
}


def error_text(row: Row) -> str:
    """Error of the worth by chance as in "± 15 800 by chance"; empty where none is known."""
    error = row["benefit_error"]
    return "" if error is None else f"± {rough_text(error)} by chance"


def render_ranges(view: CampaignView) -> str:
    """Worth over the draws, the readings as bars, the plan for the mean, and the factors."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in _describe_worth(view))
    parts = [f'<ul class="sentences">{items}</ul>' if items else "", _tornado(view), _factors(view)]
    return "".join(parts)


def _totals(view: CampaignView, plan_id: str) -> Row | None:
    rows = view.table("campaign_totals").filter(pl.col("plan_id") == plan_id).to_dicts()
    return rows[0] if rows else None


def _describe_worth(view: CampaignView) -> Iterator[str]:
    plan = _totals(view, CHOSEN)
    if plan is not None and plan["benefit"] is not None:
        error = f" ({error_text(plan)} of the simulation)" if error_text(plan) else ""
        yield (
            f"With every input at its best value the plan is worth {rough_text(plan['benefit'])}"
            f" train-hours{error}."
        )
        spread = spread_text(plan, "benefit", rough_text)
        if plan["benefit_mean"] is not None and spread:
            yield (
                f"Over the draws of all that is not known it is worth {spread} train-hours "
                f"({draws_text(plan)}), "
                f"{rough_text(plan['benefit_mean'])} on average: ranges reach further up than "
                "down, so that the mean lies above the best value."
            )
    yield from describe_mean_plan(view)


def describe_mean_plan(view: CampaignView) -> Iterator[str]:
    """What the plan for the mean of the draws is, and what it says to who decides."""
    plan, mean = _totals(view, CHOSEN), _totals(view, MEAN)
    if plan is None or mean is None or not plan["benefit"] or mean["benefit"] is None:
        return
    overlap = find_overlap(view)
    shares = (
        f" Of all works in either plan {share_text(round(overlap, 2))} stand in both."
        if overlap is not None
        else ""
    )
    over = ""
    if plan["benefit_mean"] is not None and mean["benefit_mean"] is not None:
        over = (
            f"over the draws it is worth {rough_text(mean['benefit_mean'])} on average against "
            f"{rough_text(plan['benefit_mean'])} of the chosen plan, but "
        )
    yield (
        f"A plan made for the mean of the draws chooses {number_text(mean['sites_count'])} works: "
        f"{over}{rough_text(mean['benefit'])} against {rough_text(plan['benefit'])} train-hours "
        f"if every input is at its best value.{shares}"
    )
    yield from _describe_both(view)


def find_overlap(view: CampaignView) -> float | None:
    """Sites of both plans over those of either."""
    sites = view.table("campaign_plan")
    chosen, other = (
        set(sites.filter(pl.col("plan_id") == plan)["site_id"].to_list()) for plan in (CHOSEN, MEAN)
    )
    return len(chosen & other) / len(chosen | other) if chosen and other else None


def _describe_both(view: CampaignView) -> Iterator[str]:
    """Works of both plans by kind: what is right whichever values hold."""
    other = view.table("campaign_plan").filter(pl.col("plan_id") == MEAN)["site_id"]
    sites = view.plan_sites()
    both = sites.filter(pl.col("site_id").is_in(other.to_list()))
    if both.is_empty() or sites["benefit"].sum() <= 0:
        return
    share = share_text(round(float(both["benefit"].sum()) / float(sites["benefit"].sum()), 2))
    counts = {row["kind"]: row["count"] for row in sum_up_sites(sites, "kind").to_dicts()}
    kinds = [
        f"{number_text(row['count'])} of {number_text(counts[row['kind']])} "
        f"{KIND_WORDS.get(row['kind'], row['kind'])}"
        for row in sum_up_sites(both, "kind").drop_nulls("kind").iter_rows(named=True)
    ]
    noun, verb = ("work", "stands") if both.height == 1 else ("works", "stand")
    yield (
        f"{number_text(both.height)} {noun} with {share} of the worth of the chosen plan {verb} in "
        f"both ({join_words(kinds)}): to begin with "
        "these is right by either. Which of the others come next hangs on what is not known: what "
        "they rest on should be inspected and counted before they are begun."
    )


def _tornado(view: CampaignView) -> str:
    """Readings in pairs, those first whose worth spans most, as bars about the best value."""
    by_reading = {
        row["reading"]: row for row in view.table("campaign_ranges").iter_rows(named=True)
    }
    base = by_reading.get(BEST)
    known = [_worth_of(row) for row in by_reading.values()]
    amounts = [worth for worth in known if worth is not None and worth > 0]
    if base is None or not base["benefit"] or not amounts:
        return ""
    scale = _Scale(min(amounts) / MARGIN, max(amounts) * MARGIN, float(base["benefit"]))
    rows = []
    for title, readings in _list_pairs(by_reading):
        rows += [
            _reading_cells(row, scale, title=title if n == 0 else "")
            for n, row in enumerate(readings)
        ]
    heads = [
        "What is read otherwise",
        f'Worth<span class="unit">train-hours</span>{scale.axis()}',
        "#This plan",
        "#Change",
        "#Planned anew",
        '#At most<span class="unit">proved</span>',
        '#Same works<span class="unit">of both plans</span>',
        "#Works",
    ]
    best = rough_text(base["benefit"])
    note = (
        '<p class="quiet">What is named is read at an end of its range, all else at its best '
        f"value, and planned anew (computed). Bars: this plan against its {best}; "
        "rings: the plan made for that reading; equal steps of the scale are equal factors. "
        "Without a bar this plan needs more than there is in that reading, or is worth the same. "
        "Planning anew is a search of its own and may miss what lies between it and the most."
        "</p>"
    )
    table = table_html(heads, rows, style="tornado")
    return f"<h3>Worth when what is not known is otherwise</h3>{note}{table}"


def _list_pairs(by_reading: Mapping[str, Row]) -> list[tuple[str, list[Row]]]:
    """Readings of each pair, the widest first; what is no pair stands under its own name."""
    grouped: dict[str, list[Row]] = {}
    for reading, row in by_reading.items():
        pair = reading.rpartition("_")[0]
        if reading != BEST:
            grouped.setdefault(pair if pair in PAIRS else reading, []).append(row)
    return sorted(
        ((PAIRS.get(pair, ""), rows) for pair, rows in grouped.items()),
        key=lambda each: _span(each[1], by_reading[BEST]),
        reverse=True,
    )


def _span(rows: Sequence[Row], base: Row) -> float:
    amounts = [max(_worth_of(row) or 1.0, 1.0) for row in (*rows, base)]
    return math.log(max(amounts) / min(amounts))


def _worth_of(row: Row) -> float | None:
    """Worth of the plan in a reading; of the one made for it where the plan does not fit."""
    worth = row["benefit"] if row["benefit"] is not None else row["replanned"]
    return None if worth is None else float(worth)


def _reading_cells(row: Row, scale: "_Scale", *, title: str) -> list[str]:
    benefit = row["benefit"]
    change = "" if benefit is None else change_text(benefit / scale.best - 1, share_text)
    name = escape(row["name"] or row["reading"])
    return [
        f'<span class="reading{"" if title else " second"}">{name}</span>',
        scale.bar(benefit, row["replanned"]),
        '<span class="quiet">does not fit</span>' if benefit is None else number_text(benefit),
        escape(change),
        number_text(row["replanned"]),
        number_text(row["bound"]),
        escape(share_text(None if row["overlap"] is None else round(row["overlap"], 2))),
        number_text(row["sites_count"]),
    ]


class _Scale:
    """A scale of worth on which equal factors are equally far apart."""

    def __init__(self, low: float, high: float, best: float) -> None:
        self.low, self.high, self.best = low, max(high, low * MARGIN), best

    def x(self, worth: float) -> float:
        share = math.log(max(worth, self.low) / self.low) / math.log(self.high / self.low)
        return WIDTH * min(share, 1.0)

    def bar(self, benefit: float | None, replanned: float | None) -> str:
        middle = self.x(self.best)
        parts = [f'<path class="middle" d="M{middle:.1f} 0V{HEIGHT:g}"/>']
        if benefit is not None and benefit > 0:
            ends = sorted((middle, self.x(benefit)))
            style = "less" if benefit < self.best else "more"
            parts.append(
                f'<rect class="{style}" x="{ends[0]:.1f}" y="4" height="10" '
                f'width="{max(ends[1] - ends[0], 1.0):.1f}"/>'
            )
        if replanned is not None and replanned > 0:
            parts.append(f'<circle class="ring" cx="{self.x(replanned):.1f}" cy="9" r="4"/>')
        return self._svg(parts, HEIGHT)

    def axis(self) -> str:
        """Powers of ten and their thirds as far as the scale reaches."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        ticks = [factor * 10.0**power for power in range(first, last + 1) for factor in (1, 3)]
        parts = [
            f'<path class="middle" d="M{self.x(tick):.1f} 13v5"/>'
            f'<text x="{self.x(tick):.1f}" y="11">{_short(tick)}</text>'
            for tick in ticks
            if self.low <= tick <= self.high
        ]
        return self._svg(parts, HEIGHT)

    def _svg(self, parts: Sequence[str], height: float) -> str:
        box = f'viewBox="0 0 {WIDTH:g} {height:g}"'
        return f'<svg class="reading-bar" {box} aria-hidden="true">{"".join(parts)}</svg>'


def _short(worth: float) -> str:
    for size, letter in ((1e6, "m"), (1e3, "k")):
        if worth >= size:
            return f"{worth / size:g} {letter}"
    return f"{worth:g}"


def _factors(view: CampaignView) -> str:
    """What the simulation found against what was reckoned."""
    factors = view.table("campaign_factors")
    if factors.is_empty():
        return ""
    rows = [
        [
            escape(_describe_factor(row)),
            _with_error(row["measured"], row["measured_error"]),
            _with_error(row["used"], row["used_error"]),
            number_text(row["replications_count"]),
        ]
        for row in factors.iter_rows(named=True)
    ]
    heads = [
        "Delay as simulated or planned over delay as reckoned",
        "#Measured",
        "#Used",
        "#Replications",
    ]
    note = (
        '<p class="quiet">One train that is stopped holds up others: so many times the delay of '
        "those that meet a failure is that of all trains (computed; errors by chance). What was "
        "seen seldom is believed in part. Windows for works are planned around, one by one; a "
        "section has a ratio of its own. Near 1 in the last row: the works do together what they "
        "do one by one.</p>"
    )
    table = table_html(heads, rows, style="factors")
    return f"<h3>What trains pass on to each other</h3>{note}{table}"


def _describe_factor(row: Row) -> str:
    words = FACTORS.get(row["factor"], row["factor"])
    return f"{words}, loop {row['loop']}" if row["loop"] else words


def _with_error(value: float | None, error: float | None) -> str:
    if value is None:
        return number_text(None)
    return f"{value:.2f}" + ("" if error is None else f" ± {error:.2f}")
