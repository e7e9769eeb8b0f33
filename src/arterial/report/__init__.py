"""Reports and figures, from result tables only.

`build_report` gives one self-contained HTML file, `answer_study` what is read first, `summarise`
the rest in plain words; the figures show
themselves in notebooks.
"""

from arterial.report.answer import Answer, answer_study
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
    "Answer",
    "CalendarChart",
    "KeyFigure",
    "RotationChart",
    "RouteMap",
    "SpeedChart",
    "StringLine",
    "answer_study",
    "build_report",
    "key_figures",
    "summarise",
]
