"""A path for one more train: what is offered, and what is said where there is none."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from arterial.errors import LimitError, StudyError
from arterial.study import Study, empty_table, read_study
from arterial.timetable.paths.special_path import (
    SpecialWish,
    describe_special,
    plan_special,
    read_wish,
)

STUDIES = Path(__file__).parents[3] / "studies"
DAY = date(2026, 1, 7)


@pytest.fixture(scope="module")
def two_stations() -> Study:
    return read_study(STUDIES / "two_stations")


def close_line(study: Study, start: str, minutes: float) -> Study:
    row = {
        "possession_id": "WORKS",
        "section_id": "NOR-SOU",
        "first_day": DAY,
        "last_day": DAY,
        "start": start,
        "duration_min": minutes,
        "direction": "both",
    }
    frame = pl.DataFrame([row], schema=empty_table("possessions").schema)
    return study.with_tables(possessions=frame)


def test_an_empty_line_is_run_at_the_typical_speed(two_stations: Study) -> None:
    wish = SpecialWish("Northport", "SOUTHPORT", DAY, earliest="01:00", latest="01:20")
    result = plan_special(two_stations, wish)
    # 125 km at 65 km/h.
    assert result["free_running_min"] == pytest.approx(125 / 65 * 60, abs=0.01)
    assert result["paths"][0]["departure"] == "2026-01-07 01:00"
    assert result["paths"][0]["wait_min"] == 0
    assert "leaves 2026-01-07 01:00" in describe_special(result)


def test_a_possession_that_fills_the_window_is_named(two_stations: Study) -> None:
    wish = SpecialWish("NORTHPORT", "SOUTHPORT", DAY, earliest="01:00", latest="02:00")
    result = plan_special(close_line(two_stations, "00:30", 120), wish)
    assert result["paths"] == []
    assert [name.split("@")[0] for name in result["blocked_by"]] == ["WORKS"]
    assert "In the way: WORKS" in describe_special(result)


def test_a_special_leaves_once_the_possession_is_over(two_stations: Study) -> None:
    wish = SpecialWish("NORTHPORT", "SOUTHPORT", DAY, earliest="01:00", latest="03:00")
    result = plan_special(close_line(two_stations, "00:30", 120), wish)
    assert result["paths"][0]["departure"] >= "2026-01-07 02:30"


def test_unknown_points_are_refused_with_near_names(two_stations: Study) -> None:
    with pytest.raises(StudyError) as caught:
        plan_special(two_stations, SpecialWish("NORTHPRT", "SOUTHPORT", DAY))
    assert "NORTHPORT" in caught.value.faults[0].near


def test_a_window_that_ends_before_it_begins_is_refused(two_stations: Study) -> None:
    wish = SpecialWish("NORTHPORT", "SOUTHPORT", DAY, earliest="05:00", latest="03:00")
    with pytest.raises(LimitError, match="before it begins"):
        plan_special(two_stations, wish)


def test_everything_that_cannot_be_read_is_named_at_once() -> None:
    with pytest.raises(LimitError) as caught:
        read_wish(("A", "C:x", "B"), DAY, window="1-2", category="fast")
    assert len(caught.value.faults) == 3
