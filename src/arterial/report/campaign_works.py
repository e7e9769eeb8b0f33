"""The works on the campaign's page: bays by day, load by month, vehicles turned out and late.

Main functions: `plot_works` and `render_works`.
"""

import datetime as dt
import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

import polars as pl

from arterial.report.campaign_strips import plot_axis, plot_row
from arterial.report.campaign_view import (
    CampaignView,
    escape,
    month_text,
    number_text,
    share_text,
    span_months,
    table_html,
)
from arterial.report.wording import count_text, date_text

__all__ = ["describe_works", "plot_works", "render_works"]

COLOURS: Final = 8

LANE: Final = 9.0
"""Height of one place in a bay [px]."""

LISTED_LATE: Final = 20

LISTED_NEXT: Final = 5

MONTHS_SHOWN: Final = 24
"""Longer horizons are told by the quarter."""

QUARTER: Final = 3

TINTS: Final = 10

LEAST_SHARE: Final = 0.005

Row = Mapping[str, Any]

HEIGHT: Final = 10


def plot_works(view: CampaignView) -> str:
    """What stands in which bay by day, and what is late, as HTML."""
    schedule = view.table("works_schedule")
    in_bay = schedule.drop_nulls(["bay_id", "from_day", "to_day", "from_h", "to_h"])
    if in_bay.is_empty():
        return f'<p class="missing">No operation stands in a bay.</p>{_late_html(view, schedule)}'
    classes = list(dict.fromkeys(schedule.sort("class_id")["class_id"]))
    months = span_months(*in_bay.select(pl.col("from_day").min(), pl.col("to_day").max()).row(0))
    items = "".join(
        f'<span class="legend-item"><svg class="shade" aria-hidden="true"><rect '
        f'class="class-{n % COLOURS}" width="100%" height="100%"/></svg>'
        f"{escape(view.name('overhaul_classes', class_id))}</span>"
        for n, class_id in enumerate(classes)
    )
    rows = [plot_axis(months, title="Bay or shop places", total="Places used")]
    for bay, operations in in_bay.sort("bay_id", "from_h").group_by("bay_id", maintain_order=True):
        lanes = _place_in_lanes(operations.to_dicts())
        strip = _bay_strip(lanes, classes, months)
        rows.append(plot_row(_upper(view.name("works_resources", bay[0])), strip, str(len(lanes))))
    chart = f'<div class="legend">{items}</div><div class="strips bays">{"".join(rows)}</div>'
    return chart + _late_html(view, schedule) + _plot_vehicles(view)


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]


def _place_in_lanes(rows: Sequence[Row]) -> list[list[Row]]:
    """Operations of a bay on as few places as hold them, in the order in which they begin."""
    lanes: list[list[Row]] = []
    free: list[tuple[float, int]] = []
    for row in rows:
        if free and free[0][0] <= row["from_h"]:
            _, lane = heapq.heappop(free)
        else:
            lane = len(lanes)
            lanes.append([])
        lanes[lane].append(row)
        heapq.heappush(free, (row["to_h"], lane))
    return lanes


def _bay_strip(
    lanes: Sequence[Sequence[Row]], classes: Sequence[str], months: Sequence[dt.date]
) -> str:
    first = months[0]
    days = (months[-1].replace(day=28) + dt.timedelta(4)).replace(day=1) - first
    paths: dict[int, list[str]] = {}
    for number, lane in enumerate(lanes):
        for row in lane:
            start = (row["from_day"] - first).days
            width = max((row["to_day"] - row["from_day"]).days, 1)
            colour = classes.index(row["class_id"]) % COLOURS
            top = number * LANE + 1
            paths.setdefault(colour, []).append(f"M{start} {top:g}h{width}v{LANE - 2:g}h-{width}z")
    height = len(lanes) * LANE
    drawn = "".join(
        f'<path class="class-{colour}" d="{"".join(parts)}"/>' for colour, parts in paths.items()
    )
    marks = "".join(f"M{(month - first).days} 0v{height:g}" for month in months[1:])
    count = sum(len(lane) for lane in lanes)
    return (
        f'<svg class="strip bay" height="{height:g}" viewBox="0 0 {days.days} {height:g}" '
        f'preserveAspectRatio="none" role="img" aria-label="{count} operations">'
        f'<path class="years" d="{marks}"/>{drawn}</svg>'
    )


def _late_html(view: CampaignView, schedule: pl.DataFrame) -> str:
    """Vehicles by class with how late they are, then the latest of them."""
    last = schedule.sort("sequence").group_by("job_id", "vehicle", "class_id").last()
    late = pl.col("late_d") > 0
    sums = (
        last.group_by("class_id")
        .agg(
            pl.len().alias("all"),
            late.sum().alias("late"),
            pl.col("late_d").filter(late).mean().alias("mean_d"),
            pl.col("late_d").max().alias("most_d"),
            pl.col("to_day").max().alias("last_day"),
        )
        .sort("late", "class_id", descending=[True, False])
    )
    rows = [
        [
            escape(view.name("overhaul_classes", row["class_id"])),
            number_text(row["all"]),
            number_text(row["late"]),
            number_text(row["mean_d"]),
            number_text(row["most_d"]) if row["late"] else number_text(None),
            date_text(row["last_day"]),
        ]
        for row in sums.iter_rows(named=True)
    ]
    heads = ["Class", "#Vehicles", "#Late", "#Days late, mean", "#Days late, most", "Last one done"]
    latest = last.filter(late).sort("late_d", "job_id", descending=[True, False]).head(LISTED_LATE)
    items = [
        [
            escape(row["job_id"]),
            number_text(row["vehicle"]),
            escape(view.name("overhaul_classes", row["class_id"])),
            date_text(row["to_day"]),
            number_text(row["late_d"]),
        ]
        for row in latest.iter_rows(named=True)
    ]
    details = ""
    if items:
        summary = f"The {count_text(len(items), 'vehicle')} that are latest"
        table = table_html(["Job", "#Vehicle", "Class", "Done", "#Days late"], items)
        details = f"<details><summary>{summary}</summary>{table}</details>"
    return f"<h3>Late vehicles</h3>{table_html(heads, rows, style='late')}{details}"


def describe_works(view: CampaignView) -> Iterator[str]:
    """How many vehicles the works turns out, how many late, and what would help most."""
    schedule = view.table("works_schedule")
    if not schedule.is_empty():
        last = schedule.sort("sequence").group_by("job_id", "vehicle").last()
        late = last.filter(pl.col("late_d") > 0)["late_d"]
        end = last["to_day"].max()
        words = f"{count_text(last.height, 'vehicle')} are turned out"
        if isinstance(end, dt.date):
            words += f" by {date_text(end)}"
        most = f", by up to {number_text(float(late.max()))} days" if len(late) else ""  # type: ignore[arg-type]
        yield f"{words}, {number_text(len(late))} of them late{most} (computed)."
    for row in _rank_help(view.table("works_load")).head(1).iter_rows(named=True):
        yield _describe_help(view, row)


def render_works(view: CampaignView) -> str:
    """Load, what would help next, and vehicles turned out as HTML."""
    parts = []
    load = view.table("works_load")
    if not load.is_empty():
        parts += [_next_html(view, load), f"<h3>Load</h3>{_load_table(view, load)}"]
    fleet = view.table("fleet_availability")
    if not fleet.is_empty():
        parts.append(f"<h3>Vehicles turned out</h3>{_fleet_table(view, fleet)}")
    return "".join(parts)


def _rank_help(load: pl.DataFrame) -> pl.DataFrame:
    """Bays and trades of which one more would save days, the most first."""
    return (
        load.group_by("resource_id")
        .agg(pl.col("worth_d").max(), pl.col("used_h").sum(), pl.col("available_h").sum())
        .filter(pl.col("worth_d") > 0)
        .sort("worth_d", "resource_id", descending=[True, False])
    )


def _describe_help(view: CampaignView, row: Row) -> str:
    """Say what one more of a bay or trade would save."""
    kinds = dict(view.study.table("works_resources").select("resource_id", "kind").iter_rows())
    nouns = {"bay": "one more place", "machine": "one more place", "crane": "one more crane"}
    noun = nouns.get(kinds.get(row["resource_id"], ""), "one more worker a shift")
    name = _upper(view.name("works_resources", row["resource_id"]))
    share = _share(row["used_h"], row["available_h"])
    now = f"; {share_text(round(share, 2))} of the hours are used" if share is not None else ""
    return (
        f"{name}: {noun} would save up to {number_text(row['worth_d'])} days of lateness, as "
        f"weighted{now}."
    )


def _next_html(view: CampaignView, load: pl.DataFrame) -> str:
    """Sentences on the bay or trade that would help most."""
    worth = _rank_help(load).head(LISTED_NEXT)
    if worth.is_empty():
        return '<p class="missing">No bay or trade by itself would make any vehicle less late.</p>'
    items = [f"<li>{escape(_describe_help(view, row))}</li>" for row in worth.iter_rows(named=True)]
    return f'<h3>What would help next</h3><ul class="sentences">{"".join(items)}</ul>'


def _periods(months: Sequence[dt.date]) -> dict[dt.date, dt.date]:
    """First month of the month or quarter in which each month is told."""
    if len(months) <= MONTHS_SHOWN:
        return {month: month for month in months}
    return {m: m.replace(month=(m.month - 1) // QUARTER * QUARTER + 1) for m in months}


def _period_text(month: dt.date, *, is_quarter: bool, is_first: bool) -> str:
    word = f"Q{(month.month - 1) // QUARTER + 1}" if is_quarter else f"{month:%b}"
    return f"{month.year}<br>{word}" if is_first or month.month == 1 else word


def _grid(
    rows: Sequence[tuple[str, Sequence[tuple[str, int] | None], str]],
    months: Sequence[dt.date],
    *,
    total: str,
    is_quarter: bool,
) -> str:
    """A table of tinted cells: name, one cell a month, total."""
    heads = "".join(
        f'<th scope="col">{_period_text(month, is_quarter=is_quarter, is_first=not place)}</th>'
        for place, month in enumerate(months)
    )
    body = []
    for name, cells, end in rows:
        drawn = "".join(
            '<td class="none"></td>'
            if cell is None
            else f'<td class="tint-{cell[1]}">{cell[0]}</td>'
            for cell in cells
        )
        body.append(
            f'<tr><th scope="row">{escape(name)}</th>{drawn}<td class="sum">{end}</td></tr>'
        )
    head = f'<thead><tr><th></th>{heads}<th scope="col" class="sum">{total}</th></tr></thead>'
    return (
        f'<div class="scroll"><table class="months load">{head}<tbody>{"".join(body)}</tbody>'
        "</table></div>"
    )


def _load_table(view: CampaignView, load: pl.DataFrame) -> str:
    every = sorted(load["month"].unique())
    periods = _periods(every)
    months = sorted(set(periods.values()))
    grouped = load.with_columns(
        period=pl.col("month").replace_strict(periods, return_dtype=pl.Date)
    )
    kinds = {"bay": 0, "machine": 1, "crane": 2, "trade": 3}
    own_kind = dict(view.study.table("works_resources").select("resource_id", "kind").iter_rows())
    keys = sorted(
        load["resource_id"].unique(), key=lambda key: (kinds.get(own_kind.get(key, ""), 4), key)
    )
    sums = grouped.group_by("resource_id", "period").agg(pl.col("used_h", "available_h").sum())
    cells = {(key, month): _share(*hours) for key, month, *hours in sums.iter_rows()}
    rows = []
    for key in keys:
        whole = load.filter(pl.col("resource_id") == key)
        share = _share(*whole.select(pl.col("used_h", "available_h").sum()).row(0))
        month_cells = [_load_cell(cells.get((key, month))) for month in months]
        name = _upper(view.name("works_resources", key))
        rows.append((name, month_cells, share_text(round(share, 2)) if share is not None else ""))
    is_quarter = len(months) != len(every)
    note = '<p class="quiet">Hours used of those available [%].</p>'
    return note + _grid(rows, months, total="All", is_quarter=is_quarter)


def _share(used_h: float | None, available_h: float | None) -> float | None:
    return used_h / available_h if used_h is not None and available_h else None


def _load_cell(share: float | None) -> tuple[str, int] | None:
    if share is None:
        return None
    tint = min(int(share * TINTS), TINTS - 1)
    return (f"{100 * share:.0f}" if share >= LEAST_SHARE else "", tint)


def _fleet_table(view: CampaignView, fleet: pl.DataFrame) -> str:
    every = sorted(fleet["month"].unique())
    periods = _periods(every)
    months = sorted(set(periods.values()))
    grouped = fleet.with_columns(
        period=pl.col("month").replace_strict(periods, return_dtype=pl.Date)
    )
    sums = grouped.group_by("class_id", "period").agg(pl.col("turned_out").sum())
    counts = {(key, month): count for key, month, count in sums.iter_rows()}
    most = max(counts.values(), default=0)
    rows = list(_fleet_rows(view, fleet, months, counts, most))
    is_quarter = len(months) != len(every)
    waiting = fleet.group_by("month", maintain_order=True).agg(pl.col("in_works_mean").sum())
    peak = waiting.sort("in_works_mean", "month", descending=[True, False]).row(0, named=True)
    note = (
        f'<p class="quiet">Vehicles finished. Most stand in the works in '
        f"{month_text(peak['month'])}: {number_text(peak['in_works_mean'])} on average, waiting "
        "included.</p>"
    )
    return note + _grid(rows, months, total="All", is_quarter=is_quarter)


def _fleet_rows(
    view: CampaignView,
    fleet: pl.DataFrame,
    months: Sequence[dt.date],
    counts: Mapping[tuple[Any, Any], int],
    most: int,
) -> Iterator[tuple[str, list[tuple[str, int] | None], str]]:
    for key in sorted(fleet["class_id"].unique()):
        month_cells: list[tuple[str, int] | None] = []
        for month in months:
            count = counts.get((key, month))
            if not count:
                month_cells.append(None)
            else:
                month_cells.append((str(count), min(int(8 * count / most), TINTS - 1)))
        total = sum(counts.get((key, month)) or 0 for month in months)
        yield view.name("overhaul_classes", key), month_cells, number_text(total)
    by_month = [
        sum(counts.get((key, m)) or 0 for key in fleet["class_id"].unique()) for m in months
    ]
    so_far: list[tuple[str, int] | None] = [
        (number_text(count), 0) for count in accumulate(by_month)
    ]
    yield "All classes, so far", so_far, number_text(sum(by_month))


def _plot_vehicles(view: CampaignView) -> str:
    """Operations of each vehicle by day as HTML, lateness in red, jobs one after another."""
    schedule = view.table("works_schedule").drop_nulls(["from_day", "to_day"])
    if schedule.is_empty():
        return ""
    ends = schedule.select(pl.col("from_day").min(), pl.col("to_day").max()).row(0)
    months = span_months(*ends)
    parts = []
    jobs = schedule.sort("job_id", "vehicle", "sequence").group_by("job_id", maintain_order=True)
    for (job,), of_job in jobs:
        name = escape(view.name("overhaul_classes", of_job["class_id"][0]))
        parts.append(
            f'<h4 class="strip-title">{name} <span class="quiet">{escape(job)}</span></h4>'
        )
        for (vehicle,), operations in of_job.group_by("vehicle", maintain_order=True):
            rows = operations.to_dicts()
            late = rows[-1]["late_d"]
            lateness = f"{number_text(late)} d" if late else ""
            strip = _strip(rows, months)
            parts.append(
                plot_row(f"Vehicle {vehicle}", strip, lateness, style="strip-row work-row")
            )
    head = plot_axis(months, title="Vehicle", total="Late")
    count = schedule.select("job_id", "vehicle").unique().height
    return (
        f"<details><summary>{count_text(count, 'vehicle')}, one by one</summary>"
        '<p class="quiet">Bars: days on which something is done on it; red: days behind the day it '
        f'was wanted.</p><div class="strips">{head}{"".join(parts)}</div></details>'
    )


def _strip(rows: Sequence[Row], months: Sequence[dt.date]) -> str:
    """Days of the operations of a vehicle, and the days that it is late."""
    first = months[0]
    days = ((months[-1].replace(day=28) + dt.timedelta(4)).replace(day=1) - first).days
    spans = sorted(
        ((row["from_day"] - first).days, max((row["to_day"] - row["from_day"]).days, 1))
        for row in rows
    )
    path = "".join(f"M{start} 2h{width}v6h-{width}z" for start, width in dict.fromkeys(spans))
    end = max(row["to_day"] for row in rows)
    late = round(rows[-1]["late_d"] or 0)
    mark = f'<path class="late" d="M{(end - first).days} 0h-{late}v{HEIGHT}h{late}z"/>'
    label = f"done on {date_text(end)}{f', {late} days late' if late > 0 else ''}"
    return (
        f'<svg class="strip" viewBox="0 0 {days} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{mark if late > 0 else ""}<path class="fill-7" d="{path}"/></svg>'
    )
