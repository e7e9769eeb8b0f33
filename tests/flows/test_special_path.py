"""A path for one more train: what is offered, and what is said where there is none."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from arterial.errors import LimitError, StudyError
from arterial.flows.special_path import describe_special, plan_special
from arterial.study import Study, empty_table, read_study
from arterial.timetable.paths.special_requests import SpecialWish, read_wish
from stated_cases import make_line

STUDIES = Path(__file__).parents[2] / "studies"
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


def test_a_window_that_ends_before_it_begins_lasts_over_midnight(two_stations: Study) -> None:
    wish = SpecialWish("NORTHPORT", "SOUTHPORT", DAY, earliest="23:00", latest="01:00")
    result = plan_special(close_line(two_stations, "22:30", 120), wish)
    assert result["paths"][0]["departure"] == "2026-01-08 00:30"


def test_everything_that_cannot_be_read_is_named_at_once() -> None:
    with pytest.raises(LimitError) as caught:
        read_wish(("A", "C:x", "B"), DAY, window="1-2", category="fast")
    assert len(caught.value.faults) == 3


def state(
    trains: dict[str, list[tuple[str, str | None, str | None]]], speed_kmh: float | None = 60.0
) -> Study:
    """Three stations of two tracks, 10 km of single track between them."""
    stations = {name: {"tracks_count": 2} for name in "ABC"}
    sections = [
        {"from_point": a, "to_point": b, "typical_passenger_speed_kmh": speed_kmh}
        for a, b in ("AB", "BC")
    ]
    return make_line(stations, sections, trains)


R = {"R": [("C", None, "08:00"), ("B", "08:10", "08:12"), ("A", "08:22", None)]}


def test_stated_trains_stand_at_their_times() -> None:
    wish = SpecialWish("A", "C", DAY, earliest="07:55", latest="08:10")
    result = plan_special(state(R), wish)
    path = result["paths"][0]
    # A to B is left a minute before R leaves B, B to C entered a minute after R has left it.
    assert (path["departure"], path["arrival"]) == ("2026-01-07 08:01", "2026-01-07 08:21")
    assert path["events"] == [{"train": "R@2026-01-07", "point": "B", "kind": "crossing"}]


def test_a_train_in_the_way_is_named_with_what_it_would_lose() -> None:
    wish = SpecialWish("A", "C", DAY, earliest="08:05", latest="08:20")
    result = plan_special(state(R), wish)
    assert (result["paths"], result["blocked_by"]) == ([], ["R@2026-01-07"])
    # The special passes B at 08:15, and R leaves it a minute later instead of at 08:12.
    assert result["moved"] == [{"train": "R@2026-01-07", "later_min": 4.0}]
    assert result["paths_if_moved"][0]["arrival"] == "2026-01-07 08:25"
    assert "R@2026-01-07 would arrive 4 min later" in describe_special(result)


def test_a_margin_that_leaves_no_path_names_who_is_too_close() -> None:
    wish = SpecialWish("A", "C", DAY, earliest="08:01", latest="08:01")
    assert plan_special(state(R), wish)["paths"]
    result = plan_special(state(R), replace(wish, margin_min=2.0))
    assert (result["paths"], result["blocked_by"]) == ([], ["R@2026-01-07"])


def test_a_train_of_the_day_before_still_stands_in_the_way() -> None:
    late = {"N": [("C", None, "23:50"), ("B", "00:00", "00:02"), ("A", "00:12", None)]}
    wish = SpecialWish("A", "B", DAY, earliest="00:00", latest="00:12")
    assert plan_special(state(late), wish)["blocked_by"] == ["N@2026-01-06"]


def test_stated_trains_that_conflict_stay_as_stated() -> None:
    head_on = {"X": [("A", None, "08:00"), ("B", "08:10", None)]}
    wish = SpecialWish("C", "B", DAY, earliest="07:55", latest="08:30")
    result = plan_special(state(R | head_on | {"Y": [("B", None, "08:02"), ("A", "08:12", None)]}),
                          wish)  # fmt: skip
    # Behind R, four minutes after it has left the step.
    assert result["other_trains"] >= 3
    assert {path["departure"] for path in result["paths"]} >= {"2026-01-07 08:14"}


def test_without_typical_speeds_it_takes_the_median_time_of_stated_trains() -> None:
    trains = {
        f"T{hour}": [
            ("A", None, f"0{hour}:00"),
            ("B", f"0{hour}:{minutes}", f"0{hour}:30"),
            ("C", f"0{hour}:39", None),
        ]
        for hour, minutes in ((1, 11), (2, 12), (3, 17))
    }
    wish = SpecialWish("A", "C", DAY, earliest="08:00", latest="08:00")
    result = plan_special(state(trains, speed_kmh=None), wish)
    assert result["free_running_min"] == 12 + 9
    assert result["steps_as_stated"] == 2
    assert "2 of its steps" in describe_special(result)
    # No freight train tells how long one takes, and nobody runs the other way.
    for other in (replace(wish, category="freight"), replace(wish, from_point="C", to_point="A")):
        with pytest.raises(StudyError) as caught:
            plan_special(state(trains, speed_kmh=None), other)
        assert len(caught.value.faults) == 2
