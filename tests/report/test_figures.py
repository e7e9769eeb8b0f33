"""Figures for notebooks: the table behind them, a frame of their own, a file."""

import dataclasses

import pytest

from arterial.errors import LimitError
from arterial.report import CalendarChart, RotationChart, RouteMap, SpeedChart, StringLine

pytestmark = pytest.mark.usefixtures("built")

TRIP = "PYM-MOW@2025-07-03"


@pytest.mark.parametrize("figure", [CalendarChart, RotationChart, RouteMap, SpeedChart, StringLine])
def test_a_figure_shows_itself_in_a_frame_of_its_own(study, results, figure):
    shown = figure(study, results)._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts allow-downloads"' in shown
    assert "<script" not in shown


def test_the_table_of_a_string_line_is_that_of_its_trip(study, results):
    table = StringLine(study, results, TRIP).table
    assert table["trip_id"].unique().to_list() == [TRIP]
    assert table.height == 38


def test_a_figure_of_no_known_trip_is_refused(study, results):
    with pytest.raises(LimitError, match="There is no trip 'PYM-MOW@2025-07-04'"):
        StringLine(study, results, "PYM-MOW@2025-07-04")


def test_a_figure_is_not_changed_in_place(study, results):
    with pytest.raises(dataclasses.FrozenInstanceError):
        StringLine(study, results).trip_id = TRIP


def test_a_figure_is_written_as_a_file(study, results, tmp_path):
    path = RouteMap(study, results).write_html(tmp_path / "map.html")
    assert path.read_text("utf-8").startswith("<!doctype html>")
