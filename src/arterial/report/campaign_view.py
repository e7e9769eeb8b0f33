"""What the sections of the campaign's page share: tables, names, and figures in words.

The main class is `CampaignView`.
"""

import datetime as dt
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from arterial.report.wording import outside_text
from arterial.study import Study, empty_table
from arterial.study.tables import split_list
from arterial.units import HOUR_S, MINUTE_S, MONTHS_PER_YEAR

__all__ = [
    "CHOSEN",
    "HOURS_FROM_MIN",
    "KIND_WORDS",
    "MEAN",
    "MINUTES_AN_HOUR",
    "THIN",
    "UNKNOWN",
    "WIDE",
    "CampaignView",
    "change_text",
    "draws_text",
    "ends_of",
    "escape",
    "few_text",
    "ids_of_reports",
    "minutes_text",
    "month_text",
    "number_text",
    "range_html",
    "rough_text",
    "share_text",
    "span_months",
    "spread_text",
    "table_html",
]

CHOSEN: Final = "chosen"
"""The plan of the solver among all plans."""

MEAN: Final = "mean"
"""The plan that is made for the mean worth over the draws."""

UNKNOWN: Final = "\N{EM DASH}"
MINUS: Final = "\N{MINUS SIGN}"
WIDE: Final = "\N{NO-BREAK SPACE}"
THIN: Final = "\N{NARROW NO-BREAK SPACE}"
WHOLE_FROM: Final = 10.0
LEAST: Final = 0.001
FIGURES_TOLD: Final = 4
"""Figures of numbers in sentences; tables give them whole."""

FIGURES_RANGED: Final = 3
"""Figures of a number whose range is wider than the third."""

LEAST_PERCENT: Final = 0.01
MINUTES_AN_HOUR: Final = HOUR_S / MINUTE_S
HOURS_FROM_MIN: Final = 120.0
"""Delays from here on are told in hours [min]."""

KIND_WORDS: Final = {
    "turnout": "turnouts",
    "track": "track",
    "bridge": "bridges",
    "tunnel": "tunnels",
    "embankment": "embankments",
    "catenary": "overhead line",
    "signalling": "signalling",
}
"""Kinds of assets as they stand in a sentence."""

NAMED_TABLES: Final = (
    ("work_kinds", "work_id"),
    ("labour_pools", "pool_id"),
    ("materials", "material_id"),
    ("lines", "line_id"),
    ("works_resources", "resource_id"),
    ("overhaul_classes", "class_id"),
    ("reported_works", "report_id"),
)


@dataclass(frozen=True, slots=True)
class CampaignView:
    """Result tables of a campaign beside the study that they follow from.

    Parameters
    ----------
    study : Study
        The study; it gives names, lines and coordinates.
    results : mapping of str to DataFrame
        Result tables by name.
    names : mapping
        Words for ids, by the table in which the id is the key, as `build_names` gives them.
    """

    study: Study
    results: Mapping[str, pl.DataFrame]
    names: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, study: Study, results: Mapping[str, pl.DataFrame]) -> "CampaignView":
        """Make the view of a study and its result tables."""
        return cls(study, results, _build_names(study))

    def table(self, name: str) -> pl.DataFrame:
        """A result table; without rows where it was not computed."""
        frame = self.results.get(name)
        return empty_table(name) if frame is None else frame

    def chosen(self, name: str) -> pl.DataFrame:
        """Rows of the chosen plan."""
        return self.table(name).filter(pl.col("plan_id") == CHOSEN)

    def name(self, table: str, key: object) -> str:
        """Name of an id; the id itself where it has none, a dash where it is unknown."""
        return UNKNOWN if key is None else self.names.get(table, {}).get(str(key), str(key))

    def resource_name(self, resource: object, key: object) -> str:
        """Name of a pool, material, section, line or budget."""
        if resource == "labour":
            return self.name("labour_pools", key)
        if resource == "material":
            return self.name("materials", key)
        if resource == "possession":
            table = "sections" if str(key) in self.names["sections"] else "lines"
            return self.name(table, key)
        return UNKNOWN if key is None else str(key)

    def work_kind(self) -> pl.DataFrame:
        """Kind of asset of each kind of work: ``work_id``, ``kind``."""
        return self.study.table("work_kinds").select("work_id", "kind")

    def plan_sites(self) -> pl.DataFrame:
        """Sites of the chosen plan with kind and line, in the order of their rank."""
        lines = self.study.table("sections").select("section_id", "line_id")
        sites = self.table("campaign_sites").drop("benefit", "cost", "planned_month")
        return (
            self.chosen("campaign_plan")
            .join(sites, on="site_id", how="left")
            .join(self.work_kind(), on="work_id", how="left")
            .join(lines, on="section_id", how="left")
            .sort("rank", "site_id", nulls_last=True)
        )


def _build_names(study: Study) -> dict[str, dict[str, str]]:
    names = {
        table: {row[key]: row["name"] for row in study.table(table).iter_rows(named=True)}
        for table, key in NAMED_TABLES
    }
    points = {row["point_id"]: row["name"] for row in study.table("operational_points").to_dicts()}
    names["sections"] = {
        row["section_id"]: " \N{EN DASH} ".join(
            str(points.get(row[end], row[end])) for end in ("from_point", "to_point")
        )
        for row in study.table("sections").iter_rows(named=True)
    }
    names["pools_of_sections"] = {
        section: row["name"]
        for row in study.table("labour_pools").iter_rows(named=True)
        for section in split_list(row["section_ids"])
    }
    names["train"] = dict(_name_trains(study, points))
    return names


def _name_trains(study: Study, points: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Words for trains by id, and for flows by id and direction."""
    for row in study.table("trains").iter_rows(named=True):
        label = row["name"] or row["number"]
        if label:
            yield row["train_id"], f"Train {label}" if label == row["number"] else label
    flows = study.table("train_flows").to_dicts()
    ends = [(row["category"], *_ends_of_flow(row, points)) for row in flows]
    for row, (category, start, stop) in zip(flows, ends, strict=True):
        # Two flows between the same places, by other ways, are told apart by their ids.
        twin = f" ({row['flow_id']})" if ends.count((category, start, stop)) > 1 else ""
        kind = str(category or "train").replace("_", " ").capitalize()
        yield f"{row['flow_id']}/forward", f"{kind}, {start} to {stop}{twin}"
        yield f"{row['flow_id']}/backward", f"{kind}, {stop} to {start}{twin}"
        yield row["flow_id"], f"{kind}, {start} \N{EN DASH} {stop}{twin}"


def _ends_of_flow(row: Mapping[str, Any], points: Mapping[str, Any]) -> tuple[str, str]:
    start, stop = (str(points.get(row[end]) or row[end]) for end in ("from_point", "to_point"))
    return start, stop


def ids_of_reports(view: CampaignView) -> list[str]:
    """Plans that only hold works as reported."""
    reports = view.study.table("reported_works")["report_id"].to_list()
    plans = view.table("campaign_totals")["plan_id"].to_list()
    return [plan for plan in plans if any(plan.startswith(f"{report}_") for report in reports)]


def escape(value: object) -> str:
    """Text that stands for itself in HTML."""
    return html.escape(str(value))


def number_text(value: float | None) -> str:
    """Give a number with two figures below ten and whole from there on.

    Examples
    --------
    >>> number_text(2.345), number_text(0.0004), number_text(None), number_text(0)
    ('2.3', '< 0.001', '—', '0')
    >>> number_text(12345.6).replace(THIN, "_")
    '12_346'
    """
    if value is None:
        return UNKNOWN
    size = abs(value)
    sign = MINUS if value < 0 else ""
    if 0 < size < LEAST:
        return f"< {LEAST}"
    if size < WHOLE_FROM:
        return f"{sign}{float(f'{size:.2g}'):g}"
    return f"{sign}{size:,.0f}".replace(",", THIN)


def rough_text(value: float | None) -> str:
    """Give a number with no more figures than a sentence needs.

    Examples
    --------
    >>> rough_text(308_205.1).replace(THIN, "_"), rough_text(1005.0).replace(THIN, "_")
    ('308_200', '1_005')
    """
    return number_text(value if value is None else float(f"{value:.{FIGURES_TOLD}g}"))


def few_text(value: float | None) -> str:
    """Give a number whose further figures its range makes void.

    Examples
    --------
    >>> few_text(308_205.1).replace(THIN, "_"), few_text(1005.0).replace(THIN, "_")
    ('308_000', '1_000')
    """
    return number_text(value if value is None else float(f"{value:.{FIGURES_RANGED}g}"))


def change_text(value: float | None, show: Callable[[float], str] = number_text) -> str:
    """Give a change with its sign, written as `show` writes its size.

    Examples
    --------
    >>> change_text(-3.0) == f"{MINUS}3", change_text(12.0), change_text(0.0)
    (True, '+12', '0')
    """
    if value is None:
        return UNKNOWN
    size = show(abs(value))
    if size.startswith("<"):
        return f"about{WIDE}0"
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return f"{sign}{size}"


def draws_text(row: Mapping[str, Any]) -> str:
    """What part of how many draws a range holds, where its table tells their number.

    Examples
    --------
    >>> draws_text({"draws_count": 10}).replace(WIDE, " "), draws_text({})
    ('5 % to 95 % of 10 draws', 'nine draws in ten')
    """
    count = row.get("draws_count")
    return "nine draws in ten" if count is None else f"5{WIDE}% to 95{WIDE}% of {count} draws"


def ends_of(row: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """Low and high end of a figure, where a table has columns for them.

    Examples
    --------
    >>> ends_of({"benefit": 2.0, "benefit_low": 1.0, "benefit_high": 4.0}, "benefit")
    (1.0, 4.0)
    >>> ends_of({"delay_low_h": 1.0, "delay_high_h": 4.0}, "delay_h")
    (1.0, 4.0)
    """
    parts = name.split("_")
    for place in range(len(parts), 0, -1):
        low, high = (
            row.get("_".join([*parts[:place], end, *parts[place:]])) for end in ("low", "high")
        )
        if low is not None and high is not None:
            return float(low), float(high)
    return None


def spread_text(
    row: Mapping[str, Any], name: str, show: Callable[[float], str] = number_text
) -> str:
    """Range of a figure as in "1 to 4", and where it does not hold it; empty where none is known.

    Examples
    --------
    >>> spread_text({"benefit_low": 1.0, "benefit_high": 4.0}, "benefit")
    '1 to 4'
    """
    ends = ends_of(row, name)
    aside = outside_text(row.get(name), *ends) if ends else ""
    return "" if ends is None else f"{show(ends[0])} to {show(ends[1])}{aside}"


def range_html(
    row: Mapping[str, Any], name: str, show: Callable[[float | None], str] = number_text
) -> str:
    """Give a figure with its range below it, where one is known."""
    spread = spread_text(row, name, show)
    below = f'<span class="spread">{escape(spread)}</span>' if spread else ""
    return f'<span class="range">{escape(show(row[name]))}{below}</span>'


def share_text(share: float | None) -> str:
    """Give a share as a percentage with the decimals that it needs.

    Examples
    --------
    >>> [share_text(share).replace(WIDE, " ") for share in (0.0043, 0.0623, 0.31, 1.083, 0.0)]
    ['0.43 %', '6.2 %', '31 %', '108 %', '0 %']
    """
    if share is None:
        return UNKNOWN
    percent = 100 * abs(share)
    if 0 < percent < LEAST_PERCENT:
        return f"< {LEAST_PERCENT}{WIDE}%"
    digits = 2 if 0 < percent < 1 else 1 if percent % 1 and percent < WHOLE_FROM else 0
    return f"{MINUS if share < 0 else ''}{percent:.{digits}f}{WIDE}%"


def minutes_text(minutes: float | None) -> str:
    """Give minutes of delay, in hours where there are many.

    Examples
    --------
    >>> [minutes_text(delay).replace(WIDE, " ") for delay in (42.4, 119.0, 600.0)]
    ['42 min', '119 min', '10 h']
    """
    if minutes is None:
        return UNKNOWN
    if abs(minutes) < HOURS_FROM_MIN:
        return f"{number_text(minutes)}{WIDE}min"
    return f"{number_text(minutes / MINUTES_AN_HOUR)}{WIDE}h"


def month_text(month: dt.date | None) -> str:
    """Give a month as in "May 2027"; unknown as a dash."""
    return UNKNOWN if month is None else f"{month:%B} {month.year}"


def span_months(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of all months from one to another.

    Examples
    --------
    >>> [f"{month:%m/%y}" for month in span_months(dt.date(2027, 11, 1), dt.date(2028, 1, 1))]
    ['11/27', '12/27', '01/28']
    """
    start = first.year * MONTHS_PER_YEAR + first.month - 1
    stop = last.year * MONTHS_PER_YEAR + last.month - 1
    return [
        dt.date(n // MONTHS_PER_YEAR, n % MONTHS_PER_YEAR + 1, 1) for n in range(start, stop + 1)
    ]


def table_html(heads: Sequence[str], rows: Sequence[Sequence[str]], *, style: str = "") -> str:
    r"""Give a table; heads that begin with # are those of numbers, cells are HTML.

    Examples
    --------
    >>> '<td class="number">3</td>' in table_html(["Name", "#Sites"], [["A", "3"]])
    True
    """
    marks = [' class="number"' if head.startswith("#") else "" for head in heads]
    titles = "".join(
        f'<th scope="col"{mark}>{head.removeprefix("#")}</th>'
        for head, mark in zip(heads, marks, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{mark}>{cell}</td>" for cell, mark in zip(row, marks, strict=True))
        + "</tr>"
        for row in rows
    )
    kind = f' class="{style}"' if style else ""
    table = f"<table{kind}><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'
