"""Every vehicle in the works on a line of its own: what is done on it, and how late it is.

The main function is `plot_vehicles`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from arterial.report.campaign_strips import plot_axis, plot_row
from arterial.report.campaign_view import CampaignView, escape, number_text, span_months
from arterial.report.wording import count_text, date_text

__all__ = ["plot_vehicles"]

HEIGHT: Final = 10

Row = Mapping[str, Any]


def plot_vehicles(view: CampaignView) -> str:
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
