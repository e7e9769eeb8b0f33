"""Reports and figures, from result tables only.

`build_report` gives one self-contained HTML file; `summarise` its plain words; the figures show
themselves in notebooks.
"""

from arterial.report.figures import (
    CalendarChart,
    RotationChart,
    RouteMap,
    SpeedChart,
    StringLine,
)
from arterial.report.key_figures import KeyFigure, key_figures
from arterial.report.page import build_report
from arterial.report.summary import summarise

__all__ = [
    "CalendarChart",
    "KeyFigure",
    "RotationChart",
    "RouteMap",
    "SpeedChart",
    "StringLine",
    "build_report",
    "key_figures",
    "summarise",
]
