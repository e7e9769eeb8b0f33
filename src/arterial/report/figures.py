"""Figures for notebooks: each shows itself, gives the table behind it and writes itself as a page.

All use the page parts of the report, so a figure in a notebook looks as it does there.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import polars as pl

from arterial.errors import Fault, LimitError
from arterial.report.page import build_page, write_page
from arterial.report.payload import View, build_payload
from arterial.study import Study

__all__ = ["CalendarChart", "RotationChart", "RouteMap", "SpeedChart", "StringLine"]

FRAME = (
    '<iframe srcdoc="{page}" sandbox="allow-scripts allow-downloads" title="{title}" '
    'style="width:100%;height:{height}px;border:0"></iframe>'
)


@dataclass(frozen=True)
class _Figure:
    """What every figure is made from.

    Parameters
    ----------
    study : Study
        The study that was run.
    results : mapping of str to DataFrame
        Result tables by name.
    trip_id : str or None
        Trip that is shown first; None takes the one of the study's settings.
    """

    study: Study = field(repr=False)
    results: Mapping[str, pl.DataFrame] = field(repr=False)
    trip_id: str | None = None

    view: ClassVar[View]
    main_table: ClassVar[str]
    height_px: ClassVar[int]

    def __post_init__(self) -> None:
        """Refuse a trip that is not among the results."""
        if self.trip_id is None:
            return
        trips = self.results.get("trips", pl.DataFrame({"trip_id": []}))
        if self.trip_id not in trips["trip_id"].to_list():
            cure = "Name a trip_id of the table trips: a service and a date joined by @."
            fault = Fault(f"There is no trip {self.trip_id!r}.", cure)
            message = "A figure was asked for of a trip that is not among the results"
            raise LimitError(message, [fault])

    @property
    def table(self) -> pl.DataFrame:
        """The result table that the figure shows."""
        frame = self.results.get(self.main_table, pl.DataFrame())
        if self.trip_id is None or "trip_id" not in frame.columns:
            return frame
        return frame.filter(pl.col("trip_id") == self.trip_id)

    def to_html(self) -> str:
        """Give the figure as the text of an HTML file that opens without a network."""
        trip_ids = None if self.trip_id is None else (self.trip_id,)
        payload = build_payload(self.study, self.results, view=self.view, trip_ids=trip_ids)
        return build_page(payload)

    def write_html(self, path: str | Path) -> Path:
        """Write the figure as an HTML file, whole or not at all, and give its path."""
        return write_page(path, self.to_html())

    def _repr_html_(self) -> str:
        """Show the figure in a notebook, in a frame that shares nothing with it."""
        page = html.escape(self.to_html())
        title = html.escape(type(self).__name__)
        return FRAME.format(page=page, title=title, height=self.height_px)


class StringLine(_Figure):
    """Time and distance of a trip over its days, with hand-overs, zones and ranges."""

    view = View.STRING_LINE
    main_table = "trip_events"
    height_px = 860


class RouteMap(_Figure):
    """The routes on a map, with border stations and changes of gauge and electrification."""

    view = View.MAP
    main_table = "route_lines"
    height_px = 820


class SpeedChart(_Figure):
    """Speed, limit, gradient and electrification along the way of a train."""

    view = View.SPEED
    main_table = "speed_profile"
    height_px = 560


class CalendarChart(_Figure):
    """Every departure of the horizon with status and verdict."""

    view = View.CALENDAR
    main_table = "trips"
    height_px = 1150


class RotationChart(_Figure):
    """Coach sets over the horizon: their trips, their stays, the chance of lost turns."""

    view = View.ROTATION
    main_table = "coach_turns"
    height_px = 700
