"""A path for one more train: what is offered, and what is said where there is none."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from arterial.errors import InfeasibleError, LimitError, StudyError
from arterial.flows.special_path import find_path
from arterial.report.special_path import describe_special
from arterial.study import Study, empty_table, read_study
from arterial.timetable.paths.special_wishes import SpecialWish, read_wish
from stated_cases import make_line

STUDIES = Path(__file__).parents[2] / "studies"
SHARED = Path(os.environ.get("ARTERIAL_SHARED", STUDIES.parent.parent / "shared"))
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
    result = find_path(two_stations, wish)
    # 125 km at 65 km/h.
    assert result["free_running_min"] == pytest.approx(125 / 65 * 60, abs=0.01)
    assert result["paths"][0]["departure"] == "2026-01-07 01:00"
    assert result["paths"][0]["wait_min"] == 0
    assert "leaves 2026-01-07 01:00" in describe_special(result)


def test_a_possession_that_fills_the_window_is_named(two_stations: Study) -> None:
    wish = SpecialWish("NORTHPORT", "SOUTHPORT", DAY, earliest="01:00", latest="02:00")
    result = find_path(close_line(two_stations, "00:30", 120), wish)
    assert result["paths"] == []
    assert [name.split("@")[0] for name in result["blocked_by"]] == ["WORKS"]
    assert "In the way: WORKS" in describe_special(result)


def test_a_special_leaves_once_the_possession_is_over(two_stations: Study) -> None:
    wish = SpecialWish("NORTHPORT", "SOUTHPORT", DAY, earliest="01:00", latest="03:00")
    result = find_path(close_line(two_stations, "00:30", 120), wish)
    assert result["paths"][0]["departure"] >= "2026-01-07 02:30"


def test_unknown_points_are_refused_with_near_names(two_stations: Study) -> None:
    with pytest.raises(StudyError) as caught:
        find_path(two_stations, SpecialWish("NORTHPRT", "SOUTHPORT", DAY))
    assert "NORTHPORT" in caught.value.faults[0].near


def test_a_window_that_ends_before_it_begins_lasts_over_midnight(two_stations: Study) -> None:
    wish = SpecialWish("NORTHPORT", "SOUTHPORT", DAY, earliest="23:00", latest="01:00")
    result = find_path(close_line(two_stations, "22:30", 120), wish)
    assert result["paths"][0]["departure"] == "2026-01-08 00:30"


def test_everything_that_cannot_be_read_is_named_at_once() -> None:
    with pytest.raises(LimitError) as caught:
        read_wish(("A", "C:x", "D:99999", "B"), DAY, window="1-2", options={"category": "fast"})
    assert len(caught.value.faults) == 4


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
    result = find_path(state(R), wish)
    path = result["paths"][0]
    # A to B is left a minute before R leaves B, B to C entered a minute after R has left it.
    assert (path["departure"], path["arrival"]) == ("2026-01-07 08:01", "2026-01-07 08:21")
    assert path["events"] == [{"train": "R@2026-01-07", "point": "B", "kind": "crossing"}]


def test_a_train_in_the_way_is_named_with_what_it_would_lose() -> None:
    wish = SpecialWish("A", "C", DAY, earliest="08:05", latest="08:20")
    result = find_path(state(R), wish)
    assert (result["paths"], result["blocked_by"]) == ([], ["R@2026-01-07"])
    # The special passes B at 08:15, and R leaves it a minute later instead of at 08:12.
    assert result["moved"] == [{"train": "R@2026-01-07", "later_min": 4.0}]
    assert result["paths_if_moved"][0]["arrival"] == "2026-01-07 08:25"
    assert "R@2026-01-07 would arrive 4 min later" in describe_special(result)


def test_a_margin_that_leaves_no_path_names_who_is_too_close() -> None:
    wish = SpecialWish("A", "C", DAY, earliest="08:01", latest="08:01")
    assert find_path(state(R), wish)["paths"]
    result = find_path(state(R), replace(wish, margin_min=2.0))
    assert (result["paths"], result["blocked_by"]) == ([], ["R@2026-01-07"])


def test_a_train_of_the_day_before_still_stands_in_the_way() -> None:
    late = {"N": [("C", None, "23:50"), ("B", "00:00", "00:02"), ("A", "00:12", None)]}
    wish = SpecialWish("A", "B", DAY, earliest="00:00", latest="00:12")
    assert find_path(state(late), wish)["blocked_by"] == ["N@2026-01-06"]


def test_stated_trains_that_conflict_stay_as_stated() -> None:
    head_on = {"X": [("A", None, "08:00"), ("B", "08:10", None)]}
    wish = SpecialWish("C", "B", DAY, earliest="07:55", latest="08:30")
    result = find_path(state(R | head_on | {"Y": [("B", None, "08:02"), ("A", "08:12", None)]}),
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
    result = find_path(state(trains, speed_kmh=None), wish)
    assert result["free_running_min"] == 12 + 9
    assert result["steps_as_stated"] == 2
    assert "2 of its steps" in describe_special(result)
    # No freight train tells how long one takes, and nobody runs the other way.
    for other in (replace(wish, category="freight"), replace(wish, from_point="C", to_point="A")):
        with pytest.raises(StudyError) as caught:
            find_path(state(trains, speed_kmh=None), other)
        assert len(caught.value.faults) == 2


def test_where_no_path_is_the_nearest_change_of_each_kind_is_told() -> None:
    wish = SpecialWish("A", "C", DAY, earliest="08:05", latest="08:20")
    result = find_path(state(R), wish)
    departures = {one["value"]: one["off"] for one in result["would_do"]}
    # Before R leaves B it must be there, behind R it enters C-B once R has left A-B.
    assert departures["2026-01-07 08:01"] == -4
    assert min(off for off in departures.values() if off > 0) == 3
    assert result["binding"]
    assert "3 min after the window" in describe_special(result)
    # What is told does work.
    for value in departures:
        at = value[-5:]
        assert find_path(state(R), replace(wish, earliest=at, latest=at))["paths"]


def test_a_margin_that_would_do_is_told() -> None:
    wish = SpecialWish("A", "C", DAY, earliest="08:01", latest="08:01", margin_min=4.0)
    result = find_path(state(R), wish)
    (less,) = [one["value"] for one in result["would_do"] if one["attribute"] == "margin_min"]
    assert find_path(state(R), replace(wish, margin_min=less))["paths"]
    assert not find_path(state(R), replace(wish, margin_min=less + 1))["paths"]


def test_times_are_told_in_the_zone_of_each_point_with_its_day() -> None:
    zones = pl.Series(["Europe/Budapest", "Europe/Kyiv", "Europe/Kyiv"])
    points = state(R).table("operational_points").with_columns(zone=zones)
    study = state(R).with_tables(operational_points=points)
    wish = SpecialWish("A", "C", DAY, earliest="22:55", latest="22:55")
    result = find_path(study, wish)
    path = result["paths"][0]
    assert (path["departure"], path["arrival"]) == ("2026-01-07 22:55", "2026-01-08 00:15")
    assert [point["zone"] for point in path["points"]][::2] == ["Europe/Budapest", "Europe/Kyiv"]
    words = describe_special(result)
    assert "leaves 2026-01-07 22:55 (UTC+1), arrives 2026-01-08 00:15 (UTC+2)" in words
    assert "Thu 2026-01-08 00:15" in words
    assert "Europe/Kyiv" in words


def test_a_window_that_begins_in_a_missing_hour_is_told_with_what_is_taken() -> None:
    points = state(R).table("operational_points").with_columns(zone=pl.lit("Europe/Kyiv"))
    study = state(R).with_tables(operational_points=points)
    settings = {"horizon_from": date(2026, 1, 1), "horizon_to": date(2026, 12, 31)}
    study = replace(study, settings=study.settings.model_copy(update=settings))
    wish = SpecialWish("A", "C", date(2026, 3, 29), earliest="03:30", latest="05:00")
    result = find_path(study, wish)
    assert result["paths"][0]["departure"] == "2026-03-29 04:30"
    assert "03:30 on 2026-03-29 never showed" in describe_special(result)


@pytest.mark.parametrize("window", ["00:00-24:00", "22:00-02:00", "24:00-02:00", "07:00-25:00"])
def test_windows_are_read_over_midnight(window: str) -> None:
    if window in {"24:00-02:00", "07:00-25:00"}:
        with pytest.raises(LimitError):
            read_wish(("A", "B"), DAY, window=window)
    else:
        assert read_wish(("A", "B"), DAY, window=window).earliest == window[:5]


def test_no_typical_speed_is_needed_where_physics_runs(two_stations: Study) -> None:
    none = pl.lit(None, dtype=pl.Float64)
    sections = two_stations.table("sections").with_columns(
        typical_passenger_speed_kmh=none, typical_freight_speed_kmh=none
    )
    study = two_stations.with_tables(sections=sections, train_stops=pl.DataFrame(
        schema=two_stations.table("train_stops").schema), coach_legs=empty_table("coach_legs"),
        coach_services=empty_table("coach_services"))  # fmt: skip
    wish = SpecialWish("NORTHPORT", "SOUTHPORT", DAY, earliest="01:00", latest="02:00")
    usual = find_path(study, wish)
    assert usual["paths"]
    assert usual["steps_by_physics"] > 0
    formation = study.table("trains")["formation_id"].drop_nulls()[0]
    named = find_path(study, replace(wish, formation_id=formation))
    assert named["free_running_min"] == pytest.approx(usual["free_running_min"], abs=0.1)
    # No faster than the limit of the line.
    limit = sections["passenger_speed_limit_kmh"].max()
    assert named["free_running_min"] > sections["length_km"].sum() / float(str(limit)) * 60


def test_a_typical_speed_above_the_limit_is_not_run() -> None:
    sections = state(R).table("sections").with_columns(passenger_speed_limit_kmh=pl.lit(30.0))
    wish = SpecialWish("A", "C", DAY, earliest="18:00", latest="18:00")
    assert find_path(state(R).with_tables(sections=sections), wish)["free_running_min"] == 40


CASE = SHARED / "cases" / "studies" / "path-through-gauge-break"


@pytest.mark.skipif(not CASE.exists(), reason="the shared cases are not here")
def test_a_train_through_a_break_of_gauge_stands_as_procedures_and_hours_say() -> None:
    wish = SpecialWish("Velden", "Mukla", date(2026, 3, 3), earliest="00:00", latest="00:00")
    path = find_path(read_study(CASE), wish)["paths"][0]
    stands = {point["point_id"]: point for point in path["points"] if point["stand_min"]}
    # 30 min of control between two times of shunting; bogies are exchanged from 07:00 on.
    assert stands["ZAH"]["stand_min"] == 10 + 30 + 10
    assert stands["CHE"]["departure"] == "2026-03-03 09:20"
    with pytest.raises(InfeasibleError, match="cannot change its gauge"):
        find_path(read_study(CASE), replace(wish, formation_id="F-A"))


def test_vehicles_that_physics_cannot_run_take_the_typical_speed() -> None:
    bare = pl.DataFrame([{"vehicle_type_id": "X", "name": "X", "kind": "coach"}])
    rake = {"formation_id": ["F"], "position": [1], "vehicle_type_id": ["X"]}
    study = state(R).with_tables(
        vehicle_types=bare,
        formations=pl.DataFrame({"formation_id": ["F"], "name": ["F"]}),
        formation_vehicles=pl.DataFrame(rake),
    )
    wish = SpecialWish("A", "C", DAY, earliest="18:00", latest="18:00", formation_id="F")
    result = find_path(study, wish)
    assert (result["free_running_min"], result["steps_by_physics"]) == (20, 0)
    assert "mass_t of X is unknown" in describe_special(result)
