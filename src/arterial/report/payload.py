"""What the page is given: study head, summary, tables, outlines, as one JSON text.

The main functions are `build_payload` and `embed_payload`. The text is escaped so that nothing in a
table can end the data block it stands in.
"""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import polars as pl

from arterial.report.answer import Answer
from arterial.report.bundle import load_bundle
from arterial.report.columns import display_tables
from arterial.report.encoding import encode_table
from arterial.report.key_figures import KeyFigure
from arterial.report.outlines import Place, select_countries
from arterial.report.timetable_section import build_timetable
from arterial.study import Study

__all__ = ["View", "build_payload", "embed_payload"]

FORMAT: Final = 1
"""Form of the payload; the page and this module change it together."""

PACK_ABOVE_CHARACTERS: Final = 200_000
"""Longer payloads are compressed; shorter ones stay readable in the page's source."""

PACK_LEVEL: Final = 9
TIMETABLE_PACK_LEVEL: Final = 6

ESCAPES: Final = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


class View(StrEnum):
    """What a page shows: the whole report, or one figure of it."""

    REPORT = "report"
    STRING_LINE = "string-line"
    MAP = "map"
    SPEED = "speed"
    CALENDAR = "calendar"
    ROTATION = "rotation"


FIGURE_TABLES: Final = {
    View.STRING_LINE: frozenset({"trips", "trip_events", "arrival_distributions"}),
    View.MAP: frozenset({"trips", "trip_events", "route_lines"}),
    View.SPEED: frozenset({"trips", "trip_events", "speed_profile", "section_runs"}),
    View.CALENDAR: frozenset({"trips", "findings", "punctuality"}),
    View.ROTATION: frozenset(
        {
            "trips",
            "coach_turns",
            "set_requirements",
            "set_availability",
            "locomotive_availability",
        }
    ),
}
"""Result tables that each figure needs."""


def build_payload(
    study: Study,
    results: Mapping[str, pl.DataFrame],
    *,
    view: View = View.REPORT,
    answer: Answer | None = None,
    summary: Sequence[str] = (),
    key_figures: Sequence[KeyFigure] = (),
    stamp: Mapping[str, str] | None = None,
    trip_ids: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Give everything that the page shows, ready for JSON.

    Parameters
    ----------
    study : Study
        The study.
    results : mapping of str to DataFrame
        Result tables by name.
    view : View
        Whole report, or one figure.
    answer : Answer, optional
        What is read first.
    summary : sequence of str
        Sentences behind it.
    key_figures : sequence of KeyFigure
        Tiles beside the sentences.
    stamp : mapping of str to str
        What identifies the run: digest, version, date, seed.
    trip_ids : sequence of str or None
        Trips to show first; None takes those of the study's settings.
    """
    settings = study.settings
    frames = display_tables(study, results, tables=FIGURE_TABLES.get(view))
    timetable = build_timetable(study, results) if view is View.REPORT else None
    return {
        "format": FORMAT,
        "view": view.value,
        "study": {
            "name": settings.name,
            "title": settings.title,
            "summary": settings.summary,
            "epoch": settings.epoch.isoformat(),
            "horizon_from": settings.horizon_from.isoformat(),
            "horizon_to": settings.horizon_to.isoformat(),
            "as_of": settings.as_of.isoformat(),
        },
        "summary": list(summary),
        "key_figures": [figure.as_row() for figure in key_figures],
        "stamp": [[label, str(value)] for label, value in (stamp or {}).items()],
        "trip_ids": list(settings.report.trip_ids if trip_ids is None else trip_ids),
        "route_ids": list(settings.report.route_ids),
        "outlines": _outlines(frames) if view in {View.REPORT, View.MAP} else None,
        "tables": {name: encode_table(frame) for name, frame in frames.items()},
        **({} if answer is None else {"answer": answer.as_row()}),
        **({} if timetable is None else {"timetable": timetable}),
    }


def embed_payload(payload: Mapping[str, Any]) -> tuple[str, str]:
    r"""Give the payload as text that is safe inside a data block of the page, and its encoding.

    Returns
    -------
    text, encoding : str
        The text, and ``json`` or ``gzip-base64``.

    Examples
    --------
    >>> text, encoding = embed_payload({"name": "<script>"})
    >>> print(text, encoding)
    {"name":"\u003cscript\u003e"} json
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if len(text) > PACK_ABOVE_CHARACTERS:
        # The highest level takes five times as long over the times of all trains, for 3 % less.
        level = TIMETABLE_PACK_LEVEL if "timetable" in payload else PACK_LEVEL
        # A time in the packed text would make each page of one run another.
        packed = gzip.compress(text.encode(), compresslevel=level, mtime=0)
        return base64.b64encode(packed).decode("ascii"), "gzip-base64"
    return text.translate(ESCAPES), "json"


def _outlines(frames: Mapping[str, pl.DataFrame]) -> dict[str, Any] | None:
    """Countries near the places that the map will show."""
    if "operational_points" not in frames:
        return None
    shown = {
        point_id
        for table in ("trip_events", "route_lines")
        if table in frames
        for point_id in frames[table]["point_id"].unique().to_list()
    }
    points = frames["operational_points"].filter(pl.col("point_id").is_in(sorted(shown)))
    located = points.drop_nulls(["latitude_deg", "longitude_deg"])
    places = [
        Place(latitude, longitude)
        for latitude, longitude in located.select("latitude_deg", "longitude_deg").iter_rows()
    ]
    return select_countries(load_bundle().outlines, places)
