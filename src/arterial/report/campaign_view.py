"""What the sections of the campaign's page share: tables, names, and figures in words.

The main class is `CampaignView`.
"""

import datetime as dt
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from arterial.study import Study, empty_table
from arterial.study.tables import split_list
from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "CHOSEN",
    "HOURS_FROM_MIN",
    "KIND_WORDS",
    "MINUTES_AN_HOUR",
    "UNKNOWN",
    "CampaignView",
    "change_text",
    "escape",
    "minutes_text",
    "month_text",
    "number_text",
    "share_text",
    "span_months",
    "table_html",
]

CHOSEN: Final = "chosen"
"""The plan of the solver among all plans."""

UNKNOWN: Final = "\N{EM DASH}"
MINUS: Final = "\N{MINUS SIGN}"
WIDE: Final = "\N{NO-BREAK SPACE}"
THIN: Final = "\N{NARROW NO-BREAK SPACE}"
WHOLE_FROM: Final = 10.0
LEAST: Final = 0.001
MINUTES_AN_HOUR: Final = HOUR_S / MINUTE_S
MONTHS_A_YEAR: Final = 12
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
        found = self.results.get(name)
        return empty_table(name) if found is None else found

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
        sites = self.table("campaign_sites").drop("benefit", "planned_month")
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
    return names


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


def change_text(value: float | None, show: Callable[[float], str] = number_text) -> str:
    """Give a change with its sign, written as `show` writes its size.

    Examples
    --------
    >>> change_text(-3.0) == f"{MINUS}3", change_text(12.0), change_text(0.0)
    (True, '+12', '0')
    """
    if value is None:
        return UNKNOWN
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    return f"{sign}{show(abs(value))}"


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
    digits = 2 if 0 < percent < 1 else 1 if percent % 1 and percent < WHOLE_FROM else 0
    return f"{MINUS if share < 0 else ''}{percent:.{digits}f}{WIDE}%"


def minutes_text(minutes: float | None) -> str:
    """Give minutes of delay, in hours where there are many.

    Examples
    --------
    >>> minutes_text(42.4), minutes_text(119.0), minutes_text(600.0)
    ('42 min', '119 min', '10 h')
    """
    if minutes is None:
        return UNKNOWN
    if abs(minutes) < HOURS_FROM_MIN:
        return f"{number_text(minutes)} min"
    return f"{number_text(minutes / MINUTES_AN_HOUR)} h"


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
    start = first.year * MONTHS_A_YEAR + first.month - 1
    stop = last.year * MONTHS_A_YEAR + last.month - 1
    return [dt.date(n // MONTHS_A_YEAR, n % MONTHS_A_YEAR + 1, 1) for n in range(start, stop + 1)]


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
