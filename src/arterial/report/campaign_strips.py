"""Strips of months: one row of cells for each line, section and kind of work, drawn as SVG.

Main functions: `plot_calendar`, `plot_strip` and `plot_axis`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.report.campaign_view import (
    KIND_WORDS,
    CampaignView,
    escape,
    month_text,
    number_text,
    span_months,
)

__all__ = ["Levels", "legend_html", "plot_axis", "plot_calendar", "plot_row", "plot_strip"]

TINTS: Final = (1, 3, 5, 7, 9)
"""Shades from the fewest to the most, as the style sheet numbers them."""

JANUARY: Final = 1
YEARS_FROM_MONTHS: Final = 30
"""Axes of more months are marked by the year alone."""

QUARTERS_FROM_MONTHS: Final = 14
"""Axes of more months are marked every three months."""

STEPS: Final = (0.35, 0.65, 0.85, 0.96)
"""Shares of the months with work that lie below the second and higher shades."""

Levels = Sequence[float]
"""Least value of each shade, rising."""


def plot_calendar(view: CampaignView) -> str:
    """Sites under way by line, section, kind of work and month as HTML."""
    sites = view.plan_sites().drop_nulls("month")
    if sites.is_empty():
        return '<p class="missing">The plan holds no site.</p>'
    last = pl.coalesce("last_month", "month")
    months = span_months(*_ends(sites.select(pl.col("month").min(), last.max())))
    under_way = sites.with_columns(
        under_way=pl.date_ranges("month", last, interval="1mo", closed="both")
    ).explode("under_way")
    keys: tuple[tuple[str, ...], ...] = (("line_id",), ("section_id",), ("section_id", "work_id"))
    cells = {key: _count(under_way, key) for key in keys}
    sums = {key: _sum_up(sites, key) for key in cells}
    levels = _nice_levels([n for row in cells["section_id",].values() for n in row.values()])
    most = max(max(row.values()) for row in cells["line_id",].values())
    parts = [
        plot_axis(months, title="Sites under way", total="Sites"),
        *_group_rows(view, under_way, months),
        '<h3 class="strip-title">Lines and their sections</h3>',
    ]
    order = _section_order(view, sites)
    for line_id in dict.fromkeys(row["line_id"] for row in order):
        key = (line_id,)
        counts = [cells["line_id",].get(key, {}).get(month, 0) for month in months]
        name = view.name("lines", line_id) if line_id is not None else "No line"
        strip = _plot_bars(counts, months, most)
        total = number_text(sums["line_id",][key])
        parts.append(plot_row(name, strip, total, style="strip-row line-row"))
        parts.extend(
            _section_rows(view, row["section_id"], months, levels, cells, sums)
            for row in order
            if row["line_id"] == line_id
        )
    words = [_describe_level(levels, place) for place in range(len(levels))]
    legend = legend_html(words, "sites of a section under way in a month")
    return f'{legend}<div class="strips">{"".join(parts)}</div>'


def _group_rows(
    view: CampaignView, under_way: pl.DataFrame, months: Sequence[dt.date]
) -> Iterator[str]:
    """Rows of all sites, then of each kind of work and of each bureau."""
    groups = {"": None, "By kind of work": "work_id", "By bureau": "pool_id"}
    tables = {"work_id": "work_kinds", "pool_id": "labour_pools"}
    for title, column in groups.items():
        keyed = under_way.with_columns(key=pl.lit("all") if column is None else pl.col(column))
        if keyed["key"].null_count() == keyed.height:
            continue
        counts = _count(keyed, ("key",))
        sizes = _sum_up(keyed.unique("site_id"), ("key",))
        most = max(max(row.values()) for row in counts.values())
        if title:
            yield f'<h3 class="strip-title">{title}</h3>'
        for key in sorted(counts, key=lambda group: (-sizes[group], str(group))):
            name = view.name(tables[column], key[0]) if column else "All works"
            # Kinds of work differ a hundredfold in number: each has a scale of its own.
            own_most = max(counts[key].values()) if column == "work_id" else most
            strip = _plot_bars([counts[key].get(m, 0) for m in months], months, own_most)
            style = "strip-row group-row" if column else "strip-row line-row all-row"
            yield plot_row(name, strip, number_text(sizes[key]), style=style)


def _ends(frame: pl.DataFrame) -> tuple[dt.date, dt.date]:
    first, last = frame.row(0)
    return first, last


def _count(under_way: pl.DataFrame, key: tuple[str, ...]) -> dict[tuple[Any, ...], dict[Any, int]]:
    counts: dict[tuple[Any, ...], dict[Any, int]] = {}
    for *keys, month, count in under_way.group_by(*key, "under_way").len().iter_rows():
        counts.setdefault(tuple(keys), {})[month] = count
    return counts


def _sum_up(sites: pl.DataFrame, key: tuple[str, ...]) -> dict[tuple[Any, ...], int]:
    return {tuple(keys): count for *keys, count in sites.group_by(*key).len().iter_rows()}


def _section_order(view: CampaignView, sites: pl.DataFrame) -> list[dict[str, Any]]:
    """Sections with sites: lines by their number of sites, sections as the study lists them."""
    size = sites.group_by("line_id").agg(pl.len().alias("size"))
    places = view.study.table("sections").select("section_id").with_row_index("place")
    order = (
        sites.select("line_id", "section_id")
        .unique()
        .join(size, on="line_id", how="left", nulls_equal=True)
        .join(places, on="section_id", how="left")
    )
    by = ["size", "line_id", "place", "section_id"]
    return order.sort(by, descending=[True, False, False, False], nulls_last=True).to_dicts()


def _section_rows(
    view: CampaignView,
    section_id: str | None,
    months: Sequence[dt.date],
    levels: Levels,
    cells: Mapping[tuple[str, ...], Mapping[tuple[Any, ...], Mapping[Any, int]]],
    sums: Mapping[tuple[str, ...], Mapping[tuple[Any, ...], int]],
) -> str:
    counts = cells["section_id",].get((section_id,), {})
    strip = plot_strip([counts.get(m, 0) for m in months], months, levels=levels, noun="sites")
    total = number_text(sums["section_id",][section_id,])
    head = plot_row(view.name("sections", section_id), strip, total, tag="summary")
    kinds = dict(view.work_kind().iter_rows())
    rows = []
    # Groups come in no order of their own: ties are broken by id, so that a page stays the same.
    for key, of_work in sorted(
        cells["section_id", "work_id"].items(),
        key=lambda item: (-sum(item[1].values()), str(item[0])),
    ):
        if key[0] != section_id:
            continue
        strip = plot_strip([of_work.get(m, 0) for m in months], months, levels=levels, noun="sites")
        kind = KIND_WORDS.get(kinds.get(key[1], ""), "")
        name = view.name("work_kinds", key[1])
        count = number_text(sums["section_id", "work_id"][key])
        rows.append(plot_row(name, strip, count, style="strip-row work-row", title=kind))
    return f'<details class="strip-group">{head}{"".join(rows)}</details>'


def _nice_levels(counts: Sequence[int]) -> list[float]:
    """Levels from 1 on that part the months with work into a few shades, each some of them."""
    ordered = sorted(counts)
    levels = [1.0]
    for step in STEPS:
        level = float(ordered[min(int(step * len(ordered)), len(ordered) - 1)])
        if level > levels[-1]:
            levels.append(level)
    return levels


def _describe_level(levels: Levels, place: int) -> str:
    low = round(levels[place])
    if place == len(levels) - 1:
        return f"{low} and more"
    high = round(levels[place + 1]) - 1
    return str(low) if low == high else f"{low} to {high}"


def legend_html(words: Sequence[str], noun: str) -> str:
    """Legend of the shades, from the fewest to the most."""
    items = "".join(
        '<span class="legend-item"><svg class="shade" aria-hidden="true">'
        f'<rect class="fill-{TINTS[place]}" width="100%" height="100%"/></svg>{escape(word)}</span>'
        for place, word in enumerate(words)
    )
    return f'<div class="legend"><span class="quiet">{escape(noun)}:</span>{items}</div>'


def plot_strip(
    values: Sequence[float], months: Sequence[dt.date], *, levels: Levels, noun: str
) -> str:
    """Cells of one row as SVG, one path for each shade.

    Parameters
    ----------
    values : sequence of float
        One value a month; below the first level nothing is drawn.
    months : sequence of date
        First days of the months, as many.
    levels : Levels
        Least value of each shade.
    noun : str
        What is counted, for those who cannot see the strip.
    """
    shades: dict[int, list[str]] = {}
    place = 0
    while place < len(values):
        shade = _shade(values[place], levels)
        stop = place + 1
        while stop < len(values) and _shade(values[stop], levels) == shade:
            stop += 1
        if shade >= 0:
            shades.setdefault(shade, []).append(f"M{place} 0h{stop - place}v1H{place}z")
        place = stop
    paths = "".join(
        f'<path class="fill-{TINTS[shade]}" d="{"".join(cells)}"/>'
        for shade, cells in sorted(shades.items())
    )
    years = "".join(f"M{n} 0v1" for n, month in enumerate(months) if n and month.month == JANUARY)
    peak = max(values, default=0)
    words = f"most in {month_text(months[list(values).index(peak)])}" if peak else f"no {noun}"
    return (
        f'<svg class="strip" viewBox="0 0 {len(values)} 1" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(words)}">{paths}<path class="years" d="{years}"/></svg>'
    )


def _plot_bars(values: Sequence[float], months: Sequence[dt.date], most: float) -> str:
    """Bars of a line by month, all lines on one scale."""
    path = "".join(
        f"M{n} 1V{1 - value / most:.3f}h.9V1z" for n, value in enumerate(values) if value
    )
    years = "".join(f"M{n} 0v1" for n, month in enumerate(months) if n and month.month == JANUARY)
    words = f"up to {number_text(max(values, default=0))} sites in a month"
    return (
        f'<svg class="strip bars" viewBox="0 0 {len(values)} 1" preserveAspectRatio="none" '
        f'role="img" aria-label="{words}"><path class="years" d="{years}"/>'
        f'<path class="fill-7" d="{path}"/><title>{words}</title></svg>'
    )


def _shade(value: float, levels: Levels) -> int:
    """Number of the shade; -1 below the first."""
    return sum(value >= level for level in levels) - 1


def plot_axis(months: Sequence[dt.date], *, title: str, total: str) -> str:
    """Head of the rows with the years, or with the months where there are few."""
    marks = []
    by_year = len(months) > YEARS_FROM_MONTHS
    for n, month in enumerate(months):
        is_new_year = not n or month.month == JANUARY
        if by_year and not is_new_year:
            continue
        word = str(month.year) if by_year else f"{month:%b}"
        if not by_year and is_new_year:
            word = f"{word} {month:%y}"
        elif len(months) > QUARTERS_FROM_MONTHS and month.month % 3 != JANUARY:
            continue
        marks.append(f'<text x="{100 * n / len(months):.2f}%" y="13">{word}</text>')
    axis = f'<svg class="axis" aria-hidden="true">{"".join(marks)}</svg>'
    return plot_row(title, axis, total, style="strip-row strip-head")


def plot_row(
    name: str,
    strip: str,
    total: str,
    *,
    style: str = "strip-row",
    tag: str = "div",
    title: str = "",
) -> str:
    """One row: name, strip and total."""
    tip = f' title="{escape(title)}"' if title else ""
    return (
        f'<{tag} class="{style}"><span class="strip-name"{tip}>{escape(name)}</span>{strip}'
        f'<span class="strip-total">{escape(total)}</span></{tag}>'
    )
