"""Path and train files: what they give, and every fault with its place."""

import json
from pathlib import Path

import pytest

from arterial.errors import LimitError, StudyError
from arterial.running import BrakeRule, LimitRule, MassModel
from arterial.running.files import (
    read_path_csv,
    read_train_toml,
    running_time_report,
    time_files,
)
from arterial.running.supplement import SpeedRestriction

CASES = Path(__file__).parents[2] / "docs" / "verification" / "running_times"
HEADER = "position_m,gradient_permille,speed_limit_kmh,curve_radius_m,stop_s,name\n"
TRAIN = (CASES / "coach_train.toml").read_text("utf-8")


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def faults_of(read, file: Path) -> list[tuple[int | None, str | None]]:
    with pytest.raises(StudyError) as caught:
        read(file)
    assert all(fault.file == file.name and fault.cure for fault in caught.value.faults)
    return [(fault.row, fault.column) for fault in caught.value.faults]


def test_rows_hold_to_the_next_and_the_last_ends_the_path(tmp_path):
    text = HEADER + "0,5,80,,,A\n1000,-2.5,60,300,90,B\n2500,,,,,C\n"
    path = read_path_csv(write(tmp_path, "p.csv", text))
    assert path.position_m == (0.0, 1000.0, 2500.0)
    assert path.gradient_permille == (5.0, -2.5)
    assert path.speed_limit_kmh == (80.0, 60.0)
    assert path.curve_radius_m[1] == 300.0
    assert path.stop_position_m == (1000.0, 2500.0)
    assert path.stop_dwell_s == (90.0, 0.0)
    assert path.position_names == ("A", "B", "C")


def test_columns_may_stand_in_any_order_and_a_byte_order_mark_is_no_fault(tmp_path):
    text = "\ufeffspeed_limit_kmh,position_m,gradient_permille\n80,0,1\n,100,\n"
    assert read_path_csv(write(tmp_path, "p.csv", text)).gradient_permille == (1.0,)


def test_a_stop_in_the_first_row_is_the_start(tmp_path):
    text = HEADER + "0,0,80,,60,A\n2500,0,80,,60,C\n"
    path = read_path_csv(write(tmp_path, "p.csv", text))
    assert path.stop_position_m == (2500.0,)


def test_all_faults_of_a_path_come_at_once_with_row_and_column(tmp_path):
    text = HEADER + "0,x,80,,,\n-3,0,0,5,-1,\n10,1_0,nan,,,\n20,,,,\n"
    assert faults_of(read_path_csv, write(tmp_path, "p.csv", text)) == [
        (2, "gradient_permille"),
        (3, "speed_limit_kmh"),
        (3, "curve_radius_m"),
        (3, "stop_s"),
        (4, "gradient_permille"),
        (4, "speed_limit_kmh"),
        (5, None),
        (3, "position_m"),
    ]


def test_unknown_repeated_and_missing_columns_are_named(tmp_path):
    file = write(tmp_path, "p.csv", "position_m,position_m,gradiant_permille\n0,1,2\n")
    assert faults_of(read_path_csv, file) == [
        (1, "position_m"),
        (1, "gradiant_permille"),
        (1, "gradient_permille"),
        (1, "speed_limit_kmh"),
    ]
    with pytest.raises(StudyError, match="Did you mean gradient_permille"):
        read_path_csv(file)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b'position_m,"gradient', b"position_m\n", HEADER.encode()],
)
def test_files_that_are_no_path_are_refused_without_a_traceback(tmp_path, content):
    file = tmp_path / "p.csv"
    file.write_bytes(content)
    assert faults_of(read_path_csv, file)


@pytest.mark.parametrize("read", [read_path_csv, read_train_toml])
def test_a_missing_file_is_named(tmp_path, read):
    assert faults_of(read, tmp_path / "none.csv") == [(None, None)]


def test_a_train_file_gives_the_train_in_si():
    read = read_train_toml(CASES / "coach_train.toml")
    train = read.train
    assert (train.mass_kg, train.inertia_kg) == (804_000.0, 840_000.0)
    assert (train.effort_max_n, train.power_w) == (370_000.0, 4_700_000.0)
    assert train.top_speed_ms == pytest.approx(160 / 3.6)
    assert (train.brake_rule, train.brake_value) == (BrakeRule.FORCE, 987_996.0)
    assert (read.start_position_m, read.start_speed_kmh) == (294.0, 0.0)
    assert "limit_rule = tail" in read.defaults
    assert not any(default.startswith("gravity") for default in read.defaults)


@pytest.mark.parametrize(
    "effort",
    [
        "speed_ms = [0, 20, 40]\neffort_n = [300000, 200000, 100000]",
        "speed_kmh = [0, 72, 144]\neffort_kn = [300, 200, 100]",
        "table_ms_n = [[0, 300000], [20, 200000], [40, 100000]]",
        "table_ms_kn = [[0, 300], [20, 200], [40, 100]]",
        "table_kmh_n = [[0, 300000], [72, 200000], [144, 100000]]",
        "table_kmh_kn = [[0, 300], [72, 200], [144, 100]]",
    ],
)
def test_every_unit_of_an_effort_table_means_the_same(tmp_path, effort):
    text = TRAIN.replace("effort_max_kn = 370\npower_kw = 4700", effort)
    train = read_train_toml(write(tmp_path, "t.toml", text)).train
    assert train.effort_speed_ms == pytest.approx((0.0, 20.0, 40.0))
    assert train.effort_n == pytest.approx((300e3, 200e3, 100e3))


def test_resistance_in_kmh_is_the_same_resistance(tmp_path):
    text = TRAIN.replace("b_n_per_ms = 364.7520", f"b_n_per_kmh = {364.7520 / 3.6!r}")
    text = text.replace("c_n_per_ms2 = 18.29204", f"c_n_per_kmh2 = {18.29204 / 12.96!r}")
    train = read_train_toml(write(tmp_path, "t.toml", text)).train
    assert train.resistance_b_n_per_ms == pytest.approx(364.7520)
    assert train.resistance_c_n_per_ms2 == pytest.approx(18.29204)


def test_resistance_by_formulas(tmp_path):
    start = TRAIN.index("a_n =")
    end = TRAIN.index("\n\n[effort]")
    parts = (
        'parts = [{formula = "passenger_welded", mass_t = 672, axle_load_t = 14},\n'
        '  {formula = "locomotive_powered_jointed", mass_t = 132}]'
    )
    file = write(tmp_path, "t.toml", TRAIN[:start] + parts + TRAIN[end:])
    weight = 9.80154849
    expected = 672 * weight * (0.7 + 8 / 14) + 132 * weight * 1.9
    assert read_train_toml(file).train.resistance_a_n == pytest.approx(expected)


def test_conventions_and_short_rule_names_are_read(tmp_path):
    text = TRAIN.replace('rule = "force"\nforce_n = 987996', 'rule = "MAX"\ndeceleration_m_s2 = 1')
    text = 'mass_model = "point"\nlimit_rule = "front"\n' + text
    train = read_train_toml(write(tmp_path, "t.toml", text)).train
    assert train.brake_rule is BrakeRule.MAXIMUM
    assert train.mass_model is MassModel.POINT
    assert train.limit_rule is LimitRule.FRONT


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("mass_t = 804", "mass_t = 804\nmass_kg = 804000", "mass_t"),
        ("mass_t = 804", "", "mass_t"),
        ("rotating_mass_t = 36", "", "rotating_mass_t"),
        ("mass_t = 804", "mass = 804", "mass"),
        ("length_m = 294", 'length_m = "long"', "length_m"),
        ("power_kw = 4700", "power_kw = 4700\npower_w = 1", "power_w"),
        ("power_kw = 4700", "powr_kw = 4700", "effort.powr_kw"),
        ("power_kw = 4700", "power_kw = nan", "effort.power_kw"),
        ("power_kw = 4700", "power_kw = 4700\nspeed_ms = [1, 2]\neffort_n = [1]", "effort"),
        ('rule = "force"', 'rule = "strong"', "braking.rule"),
        ('rule = "force"', 'rule = "constant"', "braking.force_n"),
        ("force_n = 987996", "", "force_n"),
        ("a_n = 10019.4229", "a_n = 10.0194229", "resistance"),
    ],
)
def test_each_fault_of_a_train_names_its_key(tmp_path, old, new, column):
    text = TRAIN.replace(old, new, 1)
    assert text != TRAIN
    if column == "resistance":
        text = text.replace("364.7520", "0.3647520").replace("18.29204", "0.01829204")
    columns = [c for _, c in faults_of(read_train_toml, write(tmp_path, "t.toml", text))]
    assert column in columns


@pytest.mark.parametrize("content", [b"\xff", b"mass_t =", b"= 3", b"[effort]"])
def test_files_that_are_no_train_are_refused_without_a_traceback(tmp_path, content):
    file = tmp_path / "t.toml"
    file.write_bytes(content)
    assert faults_of(read_train_toml, file)


def test_an_incredible_resistance_can_be_accepted_by_name(tmp_path):
    text = "check_resistance = false\n" + TRAIN.replace("10019.4229", "0")
    text = text.replace("364.7520", "0").replace("18.29204", "0")
    assert read_train_toml(write(tmp_path, "t.toml", text)).train.resistance_at(30.0) == 0.0


def test_the_report_is_json_and_holds_every_position_and_stop():
    report = time_files(CASES / "full_run.csv", CASES / "full_run_train.toml")
    assert json.loads(json.dumps(report)) == report
    assert [row["position_m"] for row in report["positions"]] == [0, 1520, 3520, 5520, 9480]
    assert [row["name"] for row in report["positions"]][::4] == ["Start", "End"]
    assert [row["kind"] for row in report["transitions"]] == ["accelerate", "brake", "stop"]
    assert report["highest_speed_kmh"] == pytest.approx(59.2047 * 3.6, abs=1e-3)
    assert report["total_time_s"] == report["positions"][-1]["arrival_s"]


def test_the_report_needs_no_path(make_path, make_train):
    from arterial.running import calculate_running_time

    report = running_time_report(calculate_running_time(make_path([5000.0]), make_train()))
    assert {row["name"] for row in report["positions"]} == {""}


@pytest.mark.parametrize(("separator", "word"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_path_with_other_separators_says_so_once(tmp_path, separator, word):
    text = (HEADER + "0,0,80,,,\n100,,,,,\n").replace(",", separator)
    with pytest.raises(StudyError, match=f"separated by {word}") as caught:
        read_path_csv(write(tmp_path, "p.csv", text))
    assert len(caught.value.faults) == 1


def test_a_byte_order_mark_in_a_train_is_no_fault(tmp_path):
    assert read_train_toml(write(tmp_path, "t.toml", "\ufeff" + TRAIN)).train.mass_kg == 804_000.0


@pytest.mark.parametrize("value", ["true", '"804"'])
def test_a_number_is_never_taken_from_text_or_a_truth_value(tmp_path, value):
    file = write(tmp_path, "t.toml", TRAIN.replace("mass_t = 804", f"mass_t = {value}", 1))
    assert (None, "mass_t") in faults_of(read_train_toml, file)


def test_a_restriction_and_an_allowance_lengthen_the_report(tmp_path):
    path = write(tmp_path, "p.csv", HEADER + "0,0,60,,,A\n100000,,,,,B\n")
    train = write(tmp_path, "t.toml", TRAIN)
    plain = time_files(path, train)
    slow = SpeedRestriction(start_m=40_000.0, end_m=50_000.0, speed_limit_kmh=30.0)
    slowed = time_files(path, train, restrictions=[slow])
    # 10 km and the train's length at 30 instead of 60 km/h, and braking beside.
    assert slowed["total_time_s"] > plain["total_time_s"] + 600.0
    margin = time_files(path, train, allowance="freight_distance_form")
    # 3 min for 100 km; the head of the train starts its own length into the path.
    length_m = 100_000.0 - plain["positions"][0]["position_m"]
    assert margin["allowance_s"] == pytest.approx(180.0 * length_m / 100_000.0)
    assert margin["time_with_allowance_s"] == plain["total_time_s"] + margin["allowance_s"]


def test_an_allowance_that_does_not_exist_is_named_with_those_that_do(tmp_path):
    with pytest.raises(LimitError, match="freight_mixed_form"):
        time_files(tmp_path / "p.csv", tmp_path / "t.toml", allowance="generous")


def test_columns_and_rows_that_a_spreadsheet_left_empty_are_passed_over(tmp_path) -> None:
    plain = "position_m,gradient_permille,speed_limit_kmh,stop_s\n0,0,90,\n10000,0,90,0\n"
    trailed = "position_m,,gradient_permille,speed_limit_kmh,stop_s,,\n0,,0,90,,,\n"
    trailed += "10000,,0,90,0,,\n,,,,,,\n,,,,\n"
    first, second = (
        read_path_csv(write(tmp_path, f"{name}.csv", text))
        for name, text in (("plain", plain), ("trailed", trailed))
    )
    assert first == second


def test_cells_below_a_column_without_a_name_are_one_fault(tmp_path) -> None:
    text = "position_m,gradient_permille,speed_limit_kmh,\n0,0,90,x\n100,0,90,\n"
    assert faults_of(read_path_csv, write(tmp_path, "p.csv", text)) == [(1, None)]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("top_speed_kmh = 120", "top_speed_kmh = 1e-308", "top_speed_ms"),
        ("deceleration_m_s2 = 0.5", "deceleration_m_s2 = 1e-308", "brake_value"),
        ("deceleration_m_s2 = 0.5", "deceleration_m_s2 = 3.1", "brake_value"),
        ("deceleration_m_s2 = 0.5", "deceleration_m_s2 = 0.005", "brake_value"),
        ("top_speed_kmh = 120", "top_speed_kmh = 620", "top_speed_ms"),
        ("mass_t = 500", "mass_t = 1e-308", "mass_kg"),
    ],
)
def test_values_that_no_reckoning_ends_with_are_refused(tmp_path, old, new, column) -> None:
    text = LIGHT.replace(old, new)
    assert new in text
    places = faults_of(read_train_toml, write(tmp_path, "t.toml", text))
    assert column in {place for _, place in places}


LIGHT = """
mass_t = 500
rotating_mass_coefficient = 1.0
length_m = 400
top_speed_kmh = 120
check_resistance = false
[resistance]
a_n = 0
b_n_per_ms = 0
c_n_per_ms2 = 0
[effort]
speed_kmh = [0, 100]
effort_n = [250000, 150000]
rated_power_kw = 6000
[braking]
rule = "constant"
deceleration_m_s2 = 0.5
"""


def test_efforts_far_below_the_rated_power_are_a_warning(tmp_path) -> None:
    path = write(
        tmp_path, "p.csv", "position_m,gradient_permille,speed_limit_kmh\n0,0,90\n9000,,\n"
    )
    sound = time_files(path, write(tmp_path, "sound.toml", LIGHT))
    assert sound["warnings"] == []
    # 10 kN x 33.3 m/s = 333 kW; 10 kN for 500 t are 20 N/t.
    slip = LIGHT.replace("[250000, 150000]", "[10000, 10000]")
    power, start = time_files(path, write(tmp_path, "slip.toml", slip))["warnings"]
    assert "reach 333 kW, of 6000 kW rated" in power
    assert "10 kN for 500 t, 20 N/t" in start
