"""What a check tells beyond the faults of single tables."""

import re
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from arterial.errors import StudyError
from arterial.flows.check_study import check_study
from arterial.flows.run import resolve_timetable
from arterial.study import new_study, read_study, shipped_studies

STUDIES = Path(__file__).parents[2] / "studies"


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
    calendar, fault = check_study(change(small, "calendar_rules", before, after))
    assert calendar.severity == fault.severity == "warning"
    assert calendar.file == "tables/calendar_rules.csv"
    assert (fault.file, fault.row, fault.column) == ("tables/coach_services.csv", 2, "calendar_id")
    assert "no departure in the horizon" in fault.cause


def test_a_train_without_a_locomotive_for_its_line_is_an_error_before_the_run(small) -> None:
    (fault,) = check_study(change(small, "sections", "1,25kv_50hz", "1,none"))
    assert fault.severity == "error"
    assert fault.file == "tables/trains.csv"
    assert "under none" in fault.cure


def test_faults_of_tables_are_told_alone(small) -> None:
    (fault,) = check_study(change(small, "calendar_rules", "daily,,", "monthly,,"))
    assert fault.column == "pattern"


def test_a_study_that_runs_has_no_fault(small) -> None:
    assert check_study(small) == ()


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
        "78 min.*meets on its run of 2026-01-10 it needs 89 min",
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
    (fault,) = check_study(study)
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
    assert check_study(make(small)) == ()


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


def write(folder: Path, table: str, *rows: str) -> Path:
    return add(folder, table, "\n".join(rows) + "\n")


STOPS = "train_id,sequence,point_id,arrival,departure,grade"
LINKS = "link_id,train_id,other_train_id,point_id,kind,grade"
SECOND = (
    ("trains", "T1,1,CR,", "T2,2,CR,"),
    ("train_stops", "T1,", "T2,"),
)


@pytest.fixture
def two(small: Path) -> Path:
    """A second train like the first."""
    for table, old, new in SECOND:
        path = small / "tables" / f"{table}.csv"
        head, *rows = path.read_text("utf-8").splitlines()
        path.write_text("\n".join([head, *rows, *(r.replace(old, new, 1) for r in rows)]) + "\n")
    return small


def clash(study: Path) -> Path:
    """A paced train whose repetition at 22:30 bears the name of a train that is there."""
    for table in ("trains", "train_stops"):
        path = study / "tables" / f"{table}.csv"
        path.write_text(path.read_text("utf-8").replace("T2,", "T1-2230,"), "utf-8")
    return write(
        study,
        "paced_trains",
        "train_id,first_departure,last_departure,every_min,grade",
        "T1,21:30,23:30,60,assumption",
    )


SILENT = {
    "itself": (
        lambda s: write(
            s,
            "train_stops",
            STOPS,
            "T1,1,NORTHPORT,,21:30,assumption",
            "T1,2,SOUTHPORT,23:30,,assumption",
            "T2,1,NORTHPORT,,21:30,assumption",
            "T2,2,NORTHPORT,23:30,,assumption",
        ),
        ("train_stops", 5, "point_id", "error", "from NORTHPORT to itself"),
    ),
    "linked with itself": (
        lambda s: write(s, "train_links", LINKS, "L,T1,T1,SOUTHPORT,after,assumption"),
        ("train_links", 2, "other_train_id", "error", "linked with itself"),
    ),
    "linked where it does not stop": (
        lambda s: write(
            add(
                s,
                "operational_points",
                (s / "tables" / "operational_points.csv").read_text("utf-8")
                + "ELSE,Elsewhere,XX,CR,0.1,0.1,1,assumption,Etc/UTC,terminal,1435,x,"
                "INVENTED,assumption\n",
            ),
            "train_links",
            LINKS,
            "L,T1,T2,ELSE,after,assumption",
        ),
        ("train_links", 2, "point_id", "error", "does not stop at ELSE"),
    ),
    "gauge of a station track": (
        lambda s: write(
            s, "station_tracks", "point_id,track_id,gauges_mm,grade", "NORTHPORT,1,0,assumption"
        ),
        ("station_tracks", 2, "gauges_mm", "error", "0 mm is no track gauge"),
    ),
    "gauge of a change": (
        lambda s: write(
            s,
            "change_points",
            "point_id,kind,from_value,to_value,grade",
            "NORTHPORT,gauge,1435,0,assumption",
        ),
        ("change_points", 2, "to_value", "error", "'0' is no track gauge"),
    ),
    "gauge of five thousand digits": (
        lambda s: change(s, "sections", ",1435,1,", f",{'1' * 5000},1,"),
        ("sections", 2, "gauges_mm", "error", "not a whole number"),
    ),
    "headway of nothing": (
        lambda s: write(s, "headways", "section_id,direction,grade", "NOR-SOU,both,assumption"),
        ("headways", 2, "headway_min", "warning", "states no interval"),
    ),
    "name of a repetition": (
        clash,
        ("paced_trains", 2, "train_id", "error", "22:30 would be called T1-2230"),
    ),
    "rows without a source": (
        lambda s: write(
            s,
            "train_stops",
            STOPS,
            "T1,1,NORTHPORT,,21:30,",
            "T1,2,SOUTHPORT,23:30,,",
            "T2,1,NORTHPORT,,21:30,assumption",
            "T2,2,SOUTHPORT,23:30,,assumption",
        ),
        ("train_stops", 2, "source_id", "warning", "2 rows have neither source nor grade"),
    ),
    "against one direction": (
        lambda s: change(
            change(s, "sections", "grade\n", "grade,direction\n"),
            "sections",
            "INVENTED,assumption\n",
            "INVENTED,assumption,backward\n",
        ),
        ("trains", 3, "train_id", "warning", "backward only"),
    ),
}


@pytest.mark.parametrize(("make", "place"), SILENT.values(), ids=SILENT)
def test_what_nothing_can_mean_is_told_with_place_and_cure(two, make, place) -> None:
    faults = [fault for fault in check_study(make(two)) if fault.row == place[1]]
    faults = [fault for fault in faults if fault.file == f"tables/{place[0]}.csv"]
    assert {(fault.column, fault.severity) for fault in faults} == {place[2:4]}
    assert all(place[4] in fault.cause and fault.cure for fault in faults)


def test_a_table_with_nothing_but_its_header_is_an_error(small) -> None:
    for table in ("coach_legs", "coach_services", "train_stops"):
        (small / "tables" / f"{table}.csv").unlink()
    head = (small / "tables" / "trains.csv").read_text("utf-8").splitlines()[0]
    errors = [
        fault for fault in check_study(write(small, "trains", head)) if fault.severity == "error"
    ]
    assert {fault.file for fault in errors} == {"tables/trains.csv", "tables/train_stops.csv"}
    with pytest.raises(StudyError, match="trains, train_stops"):
        resolve_timetable(read_study(small))


def test_a_study_whose_tables_are_gone_is_an_error(small) -> None:
    shutil.rmtree(small / "tables")
    errors = [fault for fault in check_study(small) if fault.severity == "error"]
    assert [fault.cause for fault in errors] == ["The study has no tables that describe a railway."]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("braking_deceleration_ms2 = 1e-300", "greater than or equal to 0.01"),
        ("gradient_wave_km = 1e-300", "greater than or equal to 0.1"),
    ],
)
def test_settings_that_no_run_ends_with_are_refused(small, setting, words) -> None:
    path = small / "study.toml"
    path.write_text(path.read_text("utf-8") + f"\n[running]\n{setting}\n", "utf-8")
    (fault,) = check_study(small)
    assert words in fault.cause


def test_a_seed_of_thousands_of_digits_is_refused(small) -> None:
    path = small / "study.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("seed = 1", f"seed = 0x{'f' * 5000}"), "utf-8")
    (fault,) = check_study(small)
    assert fault.column == "seed"


@pytest.mark.parametrize("name", shipped_studies())
def test_shipped_studies_have_no_fault(name) -> None:
    # That claims cannot be looked up is said once for a study, and is its only fault.
    faults = check_study(STUDIES / name)
    assert [(fault.severity, fault.column) for fault in faults] in ([], [("warning", "quote")])


def test_a_locomotive_that_cannot_climb_what_is_known_is_told(small) -> None:
    change(small, "formation_vehicles", "SIX,1,SLEEPER,6", "SIX,1,SLEEPER,40")
    pieces = "section_id,offset_m,gradient_permille,grade"
    rows = ("NOR-SOU,0,0,sourced", "NOR-SOU,20000,25,sourced", "NOR-SOU,30000,0,sourced")
    (fault,) = check_study(write(small, "profile_pieces", pieces, *rows))
    assert (fault.file, fault.row, fault.severity) == ("tables/trains.csv", 2, "warning")
    assert "cannot climb" in fault.cause


@pytest.mark.parametrize(
    ("table", "before", "after", "values"),
    [
        ("vehicle_types", "passenger_jointed,1435", "passenger_jointed,1520", ("1520", "1435")),
        ("vehicle_types", "power_jointed,1435", "power_jointed,1520", ("LOCO: 1520", "1435")),
        ("sections", ",6,22.5,", ",6,20,", ("locomotive LOCO", "21.0 t", "20.0 t")),
        ("sections", ",6,22.5,", ",6,13,", ("13.5 t", "13.0 t")),
    ],
    ids=["gauge", "gauge of the locomotive", "locomotive", "axle_load"],
)
def test_vehicles_that_do_not_fit_their_line_are_told(small, table, before, after, values) -> None:
    (fault,) = check_study(change(small, table, before, after))
    assert (fault.file, fault.row, fault.severity) == ("tables/trains.csv", 2, "warning")
    assert "NOR-SOU" in fault.cause
    assert all(value in fault.cause for value in values)


def test_what_physics_refuses_is_an_error_before_the_run(small) -> None:
    (fault,) = check_study(change(small, "sections", ",100,65,6,", ",100,65,,"))
    assert (fault.file, fault.severity) == ("tables/trains.csv", "error")
    assert "ruling gradient" in fault.cure


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2026-03-28", "2026-03-30", "no clock shows on 2026-03-29; 2026-03-29 03:30 is taken"),
        ("2026-10-24", "2026-10-26", "clocks show twice on 2026-10-25; the first is taken"),
        ("2026-03-30", "2026-10-24", None),
    ],
)
def test_a_time_that_a_clock_skips_or_shows_twice_is_a_warning(small, first, last, told) -> None:
    change(small, "train_stops", "21:30", "02:30")
    points = small / "tables" / "operational_points.csv"
    points.write_text(points.read_text("utf-8").replace(",Etc/UTC,", ",Europe/Berlin,"), "utf-8")
    settings = small / "study.toml"
    lines = settings.read_text("utf-8").splitlines()
    ends = {"horizon_from": first, "horizon_to": last}
    settings.write_text(
        "\n".join(
            f"{name} = {ends[name]}" if (name := line.partition(" ")[0]) in ends else line
            for line in lines
        ),
        "utf-8",
    )
    faults = [one for one in check_study(small) if one.file == "tables/train_stops.csv"]
    assert [one.column for one in faults] == ["departure"] * (told is not None)
    assert all(told in one.cause for one in faults)
