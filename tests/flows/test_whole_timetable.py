"""A study of trains alone, from a spreadsheet to a plan, as the guide shows it."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tests.stated_cases import make_line, make_random, resolve

from arterial.dispatching.paths.disturbances import Disturbance
from arterial.flows.conflicts import list_conflicts
from arterial.flows.replanning import plan_day, replan_day
from arterial.flows.run import resolve_study, run_study
from arterial.flows.special_path import find_path
from arterial.operations.line.simulate import prepare_line
from arterial.study import check_study, new_study, read_study, write_study
from arterial.study.networks import NetworkSize, write_network
from arterial.timetable.paths import find_conflicts, tabulate_paths
from arterial.timetable.paths.special_wishes import read_wish
from arterial.timetable.paths.stated_track import StatedIntervals

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "timetable.md"
FILE = re.compile(r'```\w+ title="(?P<name>[\w/.]+)"\n(?P<text>.*?)```', re.DOTALL)
DAY = date(2026, 1, 5)
NOTHING = (StatedIntervals(), StatedIntervals())


@pytest.fixture(scope="module")
def branch(tmp_path_factory):
    """The study of the guide."""
    folder = tmp_path_factory.mktemp("guide")
    for file in FILE.finditer(GUIDE.read_text("utf-8")):
        (folder / file["name"]).parent.mkdir(parents=True, exist_ok=True)
        (folder / file["name"]).write_text(file["text"], "utf-8")
    return folder / "branch"


def test_the_study_of_the_guide_has_no_faults_and_the_conflicts_that_it_names(branch):
    assert check_study(branch) == ()
    _, stated = list_conflicts(branch)
    grave = stated.tables["timetable_conflicts"].filter("is_impossible").to_dicts()
    told = {(row["kind"], row["section_id"], row["days_count"]) for row in grave}
    assert ("opposing", "BER-COR", 5) in told
    assert {tuple(sorted((row["train_id"], row["other_train_id"]))) for row in grave} == {
        ("R3", "R4")
    }
    close = stated.tables["timetable_conflicts"].filter(~pl.col("is_impossible"))
    assert {"G1", "R3"} <= set(close["train_id"]) | set(close["other_train_id"])


def test_a_run_of_trains_alone_reaches_its_report(branch):
    outcome = run_study(branch)
    assert outcome.report.is_file()
    assert outcome.summary[0].startswith("5 trains with 31 train-days")
    assert any("R3 and R4" in line or "R4 and R3" in line for line in outcome.summary)
    assert outcome.results["trips"].is_empty()
    assert outcome.results["train_times"].height == 19


def test_a_shipped_study_without_its_coaches_is_a_study_too(tmp_path):
    study = new_study(tmp_path / "alone")
    for name in ("coach_services", "coach_legs", "procedures", "procedure_steps"):
        (study / "tables" / f"{name}.csv").unlink()
    text = (study / "study.toml").read_text("utf-8")
    (study / "study.toml").write_text(re.sub(r"trip_ids = .*", "trip_ids = []", text), "utf-8")
    outcome = run_study(study)
    assert outcome.results["train_runs"]["mode"].to_list() == ["running_time"]


def test_one_train_more_runs_between_those_of_the_guide(branch):
    wish = read_wish(("Almen", "Berg:2", "Dalen"), DAY, window="09:30-12:00")
    result = find_path(read_study(branch), wish)
    # In the median times of R1 to R4: 14, 10 and 16 min, and 2 min at Berg.
    assert (result["free_running_min"], result["steps_as_stated"]) == (42.0, 3)
    # R4 comes to Almen at 09:44.
    assert result["paths"][0]["departure"] == "2026-01-05 09:45"
    assert result["paths"][0]["wait_min"] == 0


def test_a_plan_of_the_guide_keeps_every_rule_and_a_delay_is_passed_on(branch):
    planned = plan_day(branch, DAY, moves=500)
    assert planned.unplaced == ()
    assert find_conflicts(planned.traffic.model, planned.paths) == ()
    assert planned.cost_h >= planned.bound_h
    assert min(planned.delays_s.values()) >= 0
    late = replan_day(branch, DAY, Disturbance({"R1": 20.0}, (), {}), moves=500)
    assert find_conflicts(late.traffic.model, late.paths) == ()
    leaves = [
        {path.train_id: path.depart_at_s for path in plan.paths}["R1@2026-01-05"]
        for plan in (planned, late)
    ]
    assert leaves[1] - leaves[0] >= 20 * 60
    shut = replan_day(
        branch, DAY, Disturbance({}, [("BER-COR", ("08:00", "09:00"))], {}), moves=500
    )
    assert shut.cost_h <= shut.compared_h
    for path in shut.paths:
        for place, row in enumerate(path.request.step_rows["row"].tolist()):
            step = shut.traffic.model.steps[row]
            if step.section_id == "BER-COR":
                enter = path.departure_s[place] % 86_400
                assert not 8 * 3600 < enter < 9 * 3600


def test_each_train_keeps_to_a_low_speed_by_itself(branch):
    """COR-DAL is 15 km: R1 takes 16 min, and at 50 km/h 18; at 60 km/h only 15."""
    for speed_kmh, late_s in ((60.0, 0), (50.0, 120)):
        slow = replan_day(branch, DAY, Disturbance({}, (), {"COR-DAL": speed_kmh}), moves=0)
        (path,) = (one for one in slow.paths if one.train_id == "R1@2026-01-05")
        running = path.arrival_s[-1] - path.departure_s[-2]
        assert running == 16 * 60 + late_s


def test_a_disturbance_that_names_nothing_is_refused_at_once(branch):
    from arterial.errors import LimitError, StudyError

    wrong = Disturbance({"R9": 5.0}, [("BER-CAR", ("08:00", "09:00"))], {})
    with pytest.raises(StudyError) as error:
        replan_day(branch, DAY, wrong, moves=0)
    assert len(error.value.faults) == 2
    with pytest.raises(LimitError, match="outside the horizon"):
        plan_day(branch, date(2030, 1, 1), moves=0)


def test_a_made_up_line_of_any_length_is_sound(tmp_path):
    # 11,000 km: longer than a time zone is wide.
    size = NetworkSize(stations=2000, trains=4, runs=1, stops=6, vehicles=0)
    assert check_study(write_network(tmp_path / "long", size)) == ()


def test_a_made_up_network_is_sound_and_the_same_for_the_same_size(tmp_path):
    size = NetworkSize(stations=12, trains=9, runs=3, stops=9, vehicles=0)
    folders = [write_network(tmp_path / name / "net", size) for name in _make(tmp_path, "ab")]
    assert check_study(folders[0]) == ()
    tables = [sorted((one / "tables").iterdir()) for one in folders]
    assert [f.read_text() for f in tables[0]] == [f.read_text() for f in tables[1]]
    assert read_study(folders[0]).table("trains").height == 9


def _make(folder, names):
    for name in names:
        (folder / name).mkdir()
    return names


def test_a_train_that_nothing_is_known_of_does_not_stop_the_others():
    trains = {"T1": [("A", None, "08:00"), ("B", "09:10", None)], "T2": [("A", None, None)]}
    stated = resolve(make_line({"A": {}, "B": {}}, [{"from_point": "A", "to_point": "B"}], trains))
    assert stated.tables["train_runs"]["mode"].to_list() == ["timetable", "not_run"]


@pytest.mark.parametrize("seed", [1, 4])
def test_a_plan_that_nothing_disturbs_runs_without_delay(seed):
    study = make_random(seed)
    trains = study.table("trains").with_columns(calendar_id=pl.lit("DAILY"))
    rare = {
        "disturbance_id": "RARE",
        "name": "So rare that it never comes",
        "cause": "vehicle",
        "per": "train_km",
        "rate": 1e-12,
        "delay_low_min": 5.0,
        "delay_best_min": 30.0,
        "delay_high_min": 120.0,
        "shape": "lognormal",
    }
    study = study.with_tables(
        trains=trains,
        operational_points=study.table("operational_points").with_columns(tracks_count=pl.lit(4)),
        disturbances=pl.DataFrame([rare]),
    )
    once = {"draws": 1, "replications": 2, "line_draws": 1, "line_days": 2}
    reliability = study.settings.reliability.model_copy(update=once)
    settings = study.settings.model_copy(update={"reliability": reliability})
    results = resolve_study(study.with_settings(settings))
    delays = results["line_delays"].filter(pl.col("scenario") == "as_is")
    assert delays.height == trains.height
    assert delays["delay_mean_min"].to_list() == [0.0] * delays.height
    assert results["capacity_consumption"]["occupancy_rate"].max() <= 1.0


AB = [{"from_point": "A", "to_point": "B"}]


def write(tmp_path, trains, *, stations=None, sections=None, **tables):
    study = make_line(stations or {"A": {}, "B": {}}, sections or AB, trains, **tables)
    return write_study(study, tmp_path / "line")


def list_times(planned):
    return {
        path.train_id: (int(path.departure_s[0]), int(path.arrival_s[-1])) for path in planned.paths
    }


def test_a_possession_that_began_the_day_before_still_shuts_the_line(tmp_path):
    possession = {
        "possession_id": ["P"],
        "section_id": ["A-B"],
        "start": ["20:00"],
        "duration_min": [14 * 60.0],
        "first_day": [date(2026, 1, 4)],
        "last_day": [date(2026, 1, 4)],
    }
    trains = {"T1": [("A", None, "08:00"), ("B", "08:30", None)]}
    folder = write(tmp_path, trains, possessions=pl.DataFrame(possession))
    leaves, _ = list_times(plan_day(folder, DAY, moves=10))["T1@2026-01-05"]
    assert leaves >= (4 * 24 + 10) * 3600
    _, stated = list_conflicts(folder)
    assert stated.tables["timetable_conflicts"]["kind"].to_list() == ["possession"]


def test_the_run_of_the_day_is_delayed_not_the_one_still_under_way(tmp_path):
    trains = {"N1": [("A", None, "23:50"), ("B", "00:20", None)]}
    folder = write(tmp_path, trains)
    late = replan_day(folder, DAY, Disturbance({"N1": 30.0}, (), {}), moves=10)
    assert late.delays_s["N1@2026-01-05"] >= 30 * 60
    assert late.delays_s["N1@2026-01-04"] == 0
    before = replan_day(folder, DAY, Disturbance({"N1@2026-01-04": 30.0}, (), {}), moves=10)
    assert before.delays_s["N1@2026-01-04"] >= 30 * 60


def test_a_section_may_be_shut_twice(tmp_path):
    trains = {"T1": [("A", None, "08:00"), ("B", "08:10", None)]}
    shut = [("A-B", ("07:50", "08:30")), ("A-B", ("08:35", "09:00"))]
    planned = replan_day(write(tmp_path, trains), DAY, Disturbance({}, shut, {}), moves=10)
    leaves, _ = list_times(planned)["T1@2026-01-05"]
    assert leaves >= (4 * 24 + 9) * 3600


def test_trains_of_the_next_day_are_met_over_midnight(tmp_path):
    trains = {"N1": [("A", None, "23:50"), ("B", "00:20", None)]}
    trains["M1"] = [("B", None, "00:05"), ("A", "00:35", None)]
    planned = plan_day(write(tmp_path, trains), DAY, moves=50)
    assert "M1@2026-01-06" in planned.delays_s
    assert planned.cost_h > 0


def test_a_train_made_late_meets_those_of_the_next_day(tmp_path):
    """A of 23:00 comes at 00:39, when B would be half-way towards it on one track."""
    trains = {"A1": [("A", None, "23:00"), ("B", "23:14", None)]}
    trains["B1"] = [("B", None, "00:30"), ("A", "00:44", None)]
    folder = write(tmp_path, trains)
    late = replan_day(folder, DAY, Disturbance({"A1": 85.0}, (), {}), moves=20)
    times = list_times(late)
    assert times["B1@2026-01-06"][0] >= times["A1@2026-01-05"][1]
    assert find_conflicts(late.traffic.model, late.paths) == ()


def test_a_plan_that_lasts_into_the_next_day_leaves_room_for_its_trains(tmp_path):
    possession = {
        "possession_id": ["P"],
        "section_id": ["A-B"],
        "start": ["22:30"],
        "duration_min": [115.0],
        "first_day": [DAY],
        "last_day": [DAY],
    }
    trains = {"A1": [("A", None, "23:00"), ("B", "23:14", None)]}
    trains["B1"] = [("B", None, "00:30"), ("A", "00:44", None)]
    folder = write(tmp_path, trains, possessions=pl.DataFrame(possession))
    planned = plan_day(folder, DAY, moves=20)
    assert "B1@2026-01-06" in planned.delays_s
    assert find_conflicts(planned.traffic.model, planned.paths) == ()


def test_a_halt_on_double_track_holds_a_train_each_way(tmp_path):
    stations = {"A": {}, "B": {"kind": "halt", "tracks_count": 1}, "C": {}}
    sections = [{"from_point": a, "to_point": b, "tracks_count": 2} for a, b in ("AB", "BC")]
    trains = {"E1": [("A", None, "08:00"), ("B", "08:10", "08:12"), ("C", "08:20", None)]}
    trains["E2"] = [("C", None, "08:00"), ("B", "08:10", "08:12"), ("A", "08:20", None)]
    folder = write(tmp_path, trains, stations=stations, sections=sections)
    assert plan_day(folder, DAY, moves=10).cost_h == 0
    assert list_conflicts(folder)[1].tables["timetable_conflicts"].is_empty()


def test_trains_that_cannot_be_planned_are_named(tmp_path):
    trains = {"T1": [("A", None, "08:00"), ("B", "08:10", None)]}
    trains["T2"] = [("A", None, "08:00"), ("Z", "08:10", None)]
    stations = {"A": {}, "B": {}, "Z": {}}
    planned = plan_day(write(tmp_path, trains, stations=stations), DAY, moves=10)
    assert planned.left_out == ("T2@2026-01-05",)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_plan_under_stated_intervals_keeps_them_and_runs_undelayed(seed, tmp_path):
    study = make_random(seed)
    names = study.table("sections")["section_id"].to_list()
    rows = [
        {"section_id": name, "direction": way, "crossing_min": 0.5 + n % 3}
        | {"following_min": 1.5 + n % 4, "headway_min": 2.0 if n % 3 == 0 else None}
        for n, name in enumerate(names)
        for way in (("forward", "backward") if n % 2 else ("both",))
    ]
    points = study.table("operational_points").with_columns(
        tracks_count=pl.lit(4), loop_length_m=pl.lit(None, dtype=pl.Float64)
    )
    study = study.with_tables(
        headways=pl.DataFrame(rows, infer_schema_length=None), operational_points=points
    )
    planned = plan_day(write_study(study, tmp_path / "stated"), DAY, moves=200)
    model = planned.traffic.model
    assert find_conflicts(model, planned.paths) == ()
    bare = replace(model, steps=tuple(replace(s, intervals=NOTHING) for s in model.steps))
    assert find_conflicts(bare, planned.paths) != ()
    paths = tabulate_paths(model, planned.paths)
    (case,) = prepare_line(paths, model).plans
    assert case.settling_s == 0.0
