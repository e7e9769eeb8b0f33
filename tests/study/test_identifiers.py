"""Codes of registers and numbers that change on the way stand for points and trains."""

import polars as pl
import pytest
from tests.stated_cases import make_line, resolve

from arterial.dispatching.paths.disturbances import DayClock, Disturbance, read_disturbance
from arterial.errors import StudyError
from arterial.study import check_study, read_study
from arterial.study.identifiers import find_coded, name_trains
from arterial.study.paces import expand_paces
from arterial.study.writer import write_study
from arterial.timetable.paths.stated_requests import list_stated_paths, request_stated_day

SECTIONS = [{"from_point": one, "to_point": two} for one, two in ("AB", "BC", "CD")]
TRAINS = {
    "T1": [
        ("A", None, "08:00"),
        ("B", "08:20", "08:30"),
        ("C", "08:50", "09:00"),
        ("D", "09:20", None),
    ],
    "T2": [("D", None, "12:00"), ("A", "13:00", None)],
}
CODES = [
    {"scheme": "ESR", "code": "98", "point_id": "B", "train_id": None},
    {"scheme": "TMIS", "code": "98", "point_id": "C", "train_id": None},
    {"scheme": "X", "code": "EXP", "point_id": None, "train_id": "T2"},
]
PARTS = [
    {"train_id": "T1", "from_point": "C", "number": "9"},
    {"train_id": "T1", "from_point": "B", "number": "8"},
]


def make(parts=PARTS, codes=CODES):
    """Two trains, one of which changes its number twice."""
    study = make_line({name: {} for name in "ABCD"}, SECTIONS, TRAINS)
    trains = study.table("trains").with_columns(number=pl.Series(["7", "7"]))
    return study.with_tables(
        trains=trains,
        train_parts=pl.DataFrame(parts, infer_schema_length=None),
        identifiers=pl.DataFrame(codes, infer_schema_length=None),
    )


def test_a_train_is_shown_with_its_numbers_in_the_order_of_its_stops():
    study = make()
    assert name_trains(study.tables) == {"T1": "7/8/9", "T2": "7"}
    runs = resolve(study).tables["train_runs"]
    assert runs["number"].to_list() == ["7/8/9", "7"]
    same = make([PARTS[0] | {"number": "7"}])
    assert name_trains(same.tables)["T1"] == "7"


def test_codes_and_numbers_stand_for_what_they_name():
    tables = make().tables
    assert find_coded(tables, "point_id", "98") == ["B", "C"]
    assert find_coded(tables, "point_id", "ESR:98") == ["B"]
    assert find_coded(tables, "train_id", "98") == []
    assert find_coded(tables, "train_id", "EXP") == ["T2"]
    assert find_coded(tables, "train_id", "7") == ["T1", "T2"]
    assert find_coded(tables, "train_id", "9") == ["T1"]


@pytest.mark.parametrize(("name", "train"), [("9", "T1"), ("EXP", "T2"), ("T1", "T1")])
def test_a_late_train_is_named_by_id_number_or_code(name, train):
    study = make()
    traffic = resolve(study).traffic
    day = study.settings.horizon_from
    requests, _ = request_stated_day(traffic, study.tables, day)
    paths = list(list_stated_paths(requests).values())
    clock = DayClock(day, study.settings.epoch, study.tables)
    for asked in (name, f"{name}@{day}"):
        found = read_disturbance(traffic.model, paths, Disturbance({asked: 5.0}, (), {}), clock)
        assert list(found.held) == [f"{train}@{day}"]
    # Two trains of the day run under this number.
    with pytest.raises(StudyError):
        read_disturbance(traffic.model, paths, Disturbance({"7": 5.0}, (), {}), clock)


def test_repetitions_of_a_paced_train_change_their_number_too():
    pace = {"train_id": "T1", "first_departure": "08:00", "last_departure": "10:00"}
    study = make().with_tables(paced_trains=pl.DataFrame([pace | {"every_min": 60.0}]))
    tables = expand_paces(study.tables)
    names = name_trains(tables)
    assert names["T1-0900"] == "7-0900/8-0900/9-0900"
    assert expand_paces(tables)["train_parts"].height == tables["train_parts"].height


def test_faults_of_parts_and_codes_are_told_with_their_row(tmp_path):
    parts = [
        {"train_id": "T2", "from_point": "B", "number": "1"},
        {"train_id": "T2", "from_point": "C", "number": "2"},
        PARTS[0] | {"from_point": "D"},
    ]
    codes = [
        {"scheme": "ESR", "code": "1", "point_id": None, "train_id": None},
        {"scheme": "ESR", "code": "2", "point_id": "A", "train_id": "T1"},
    ]
    folder = write_study(make(parts, codes), tmp_path / "faulty")
    places = {(fault.file, fault.row) for fault in check_study(folder) if fault.severity == "error"}
    expected = {(f"tables/{name}.csv", row) for name in ("train_parts", "identifiers")
                for row in (2, 3)}  # fmt: skip
    assert expected <= places
    warned = [fault for fault in check_study(folder) if fault.severity == "warning"]
    assert ("tables/train_parts.csv", 4) in {(fault.file, fault.row) for fault in warned}
    sound = write_study(make(), tmp_path / "sound")
    assert name_trains(read_study(sound).tables)["T1"] == "7/8/9"
