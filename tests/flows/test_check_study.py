"""What a check tells beyond the faults of single tables."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from arterial.flows.check_study import check_whole
from arterial.flows.run import resolve_timetable
from arterial.study import new_study, read_study


def change(folder: Path, table: str, before: str, after: str) -> Path:
    """A cell of the study of two stations changed."""
    path = folder / "tables" / f"{table}.csv"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return new_study(tmp_path / "small")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2025-12-14,,runs", "2025-01-01,2025-12-01,runs"),
        ("2025-12-14,,runs", "2025-12-14,,does_not_run"),
    ],
    ids=["expired", "never"],
)
def test_a_service_without_a_day_in_the_horizon_is_a_warning(small, before, after) -> None:
    calendar, fault = check_whole(change(small, "calendar_rules", before, after))
    assert calendar.severity == fault.severity == "warning"
    assert calendar.file == "tables/calendar_rules.csv"
    assert (fault.file, fault.row, fault.column) == ("tables/coach_services.csv", 2, "calendar_id")
    assert "no departure in the horizon" in fault.cause


def test_a_train_without_a_locomotive_for_its_line_is_an_error_before_the_run(small) -> None:
    (fault,) = check_whole(change(small, "sections", "1,25kv_50hz", "1,none"))
    assert fault.severity == "error"
    assert fault.file == "tables/trains.csv"
    assert "under none" in fault.cure


def test_faults_of_tables_are_told_alone(small) -> None:
    (fault,) = check_whole(change(small, "calendar_rules", "daily,,", "monthly,,"))
    assert fault.column == "pattern"


def test_a_study_that_runs_has_no_fault(small) -> None:
    assert check_whole(small) == ()


ARRIVAL = ("T1,2,SOUTHPORT,,,,,,", "T1,2,SOUTHPORT,{},{},,,published,")
RESTRICTION = (
    "restriction_id,section_id,from_offset_m,to_offset_m,speed_limit_kmh,valid_from,valid_to,grade\n"
    "R1,NOR-SOU,0,10000,30,2026-01-10,2026-01-12,assumption\n"
)
PUBLISHED = (
    "run_id,from_point,to_point,duration_h,basis,used_for,grade\n"
    "P,NORTHPORT,SOUTHPORT,{},scheduled,calibration,sourced\n"
)
CALIBRATION = "section_id,category,quality_factor,grade\nNOR-SOU,passenger,{},assumption\n"


def state_arrival(folder: Path, clock: str, day: int = 0) -> Path:
    return change(folder, "train_stops", ARRIVAL[0], ARRIVAL[1].format(clock, day))


def add(folder: Path, table: str, text: str) -> Path:
    (folder / "tables" / f"{table}.csv").write_text(text, "utf-8")
    return folder


# 125 km at 100 km/h take 75 min; 10 of them at 30 km/h 14 min more.
BEYOND = {
    "in no time": (lambda s: state_arrival(s, "21:30"), "train_stops", "0 min.*needs 75 min"),
    "1500 km/h": (lambda s: state_arrival(s, "21:35"), "train_stops", "5 min.*needs 75 min"),
    "a slow order that costs nothing": (
        lambda s: add(state_arrival(s, "22:48"), "speed_restrictions", RESTRICTION),
        "train_stops",
        "78 min.*valid from 2026-01-10 on it needs 89 min",
    ),
    "nine days": (lambda s: state_arrival(s, "22:48", 9), "train_stops", "No train takes so long"),
    "published too fast": (
        lambda s: add(s, "published_runs", PUBLISHED.format("0.5")),
        "published_runs",
        "30 min .*75 min at least",
    ),
    "published in other units": (
        lambda s: add(s, "published_runs", PUBLISHED.format("300")),
        "published_runs",
        "300.0 h .* it takes 75 min",
    ),
    "typical above the limit": (
        lambda s: change(s, "sections", ",100,65,", ",100,140,"),
        "sections",
        "typical speed 140 km/h is above the limit 100",
    ),
    "typical far below the limit": (
        lambda s: change(s, "sections", ",100,65,", ",100,1,"),
        "sections",
        "below a tenth",
    ),
    "factor below 1": (
        lambda s: add(s, "section_calibrations", CALIBRATION.format("0.9")),
        "section_calibrations",
        "quality factor of 0.9",
    ),
}


@pytest.mark.parametrize(("make", "table", "words"), BEYOND.values(), ids=BEYOND)
def test_times_beyond_lengths_and_limits_are_told_and_nothing_works(
    small, make, table, words
) -> None:
    study = make(small)
    (fault,) = check_whole(study)
    assert (fault.file, fault.severity) == (f"tables/{table}.csv", "warning")
    assert fault.row in {2, 3}
    assert re.search(words, fault.cause)
    trips = resolve_timetable(read_study(study)).results["trips"]
    if "2026-01-10" in fault.cause:
        # The order is valid on three days and costs nothing on the others.
        bad = trips.filter(pl.col("verdict") != "works")["trip_date"].to_list()
        assert bad == [date(2026, 1, day) for day in (10, 11, 12)]
    else:
        assert set(trips["verdict"]) & {"works", "runs"} == set()


@pytest.mark.parametrize(
    "make",
    [
        lambda s: state_arrival(s, "22:47"),
        lambda s: add(state_arrival(s, "23:10"), "speed_restrictions", RESTRICTION),
        lambda s: state_arrival(s, "03:00", 1),
        lambda s: add(s, "published_runs", PUBLISHED.format("2.5")),
        lambda s: add(s, "section_calibrations", CALIBRATION.format("1.2")),
    ],
)
def test_times_that_trains_keep_are_no_fault(small, make) -> None:
    assert check_whole(make(small)) == ()


def test_no_end_of_a_journey_is_shorter_than_the_basic_running_time(small) -> None:
    path = small / "tables" / "train_stops.csv"
    head, first, second = path.read_text("utf-8").splitlines()
    rows = (f"{head},earlier_min,later_min", f"{first},120,120", f"{second},,")
    path.write_text("\n".join(rows) + "\n", "utf-8")
    resolved = resolve_timetable(read_study(small))
    trips = resolved.results["trips"]
    runs = resolved.results["section_runs"]
    assert trips["elapsed_low_h"].min() >= runs["basic_low_s"].sum() / 3600 - 1e-9
    assert trips["elapsed_low_h"].min() < trips["elapsed_h"].min()
