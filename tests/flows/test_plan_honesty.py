"""What plans of a day, and what tells of stated trains, do not pass over in silence."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from arterial.dispatching.paths.disturbances import Disturbance
from arterial.errors import LimitError
from arterial.flows.conflicts import list_positions
from arterial.flows.replanning import plan_day, replan_day
from arterial.report.planned_days import describe_missing_faces, describe_too_fast
from arterial.study import write_study
from arterial.study.paces import expand_paces
from stated_cases import make_line, resolve

DAY = date(2026, 1, 5)
SPRING = date(2026, 3, 29)
STATIONS = {name: {"tracks_count": 3} for name in "ABC"}
SECTIONS = [{"from_point": a, "to_point": b} for a, b in ("AB", "BC")]


def in_spring(trains, **tables):
    """Trains on a line in a zone whose clocks are set forward from 02:00 to 03:00."""
    stations = {name: {"tracks_count": 9, "zone": "Europe/Berlin"} for name in "ABC"}
    study = make_line(stations, SECTIONS, trains, **tables)
    dates = {"horizon_from": date(2026, 3, 28), "horizon_to": date(2026, 3, 30)}
    return replace(study, settings=study.settings.model_copy(update=dates))


def test_a_stated_time_that_no_clock_shows_is_told_with_what_is_taken():
    study = in_spring({"T": [("A", None, "02:30"), ("B", "03:40", None)]})
    found = resolve(study)
    (row,) = found.traffic.missing_faces.to_dicts()
    assert (row["train_id"], row["point_id"], row["is_left_out"]) == ("T", "A", False)
    words = " ".join(describe_missing_faces(study, found.traffic))
    assert "T leaves A at 02:30 on 2026-03-29" in words
    assert "2026-03-29 03:30 is taken" in words
    assert "timetable:missing_faces" in found.assumptions["assumption_id"].to_list()
    assert describe_missing_faces(study, found.traffic, date(2026, 3, 30)) == []


def test_paced_trains_of_a_missing_hour_do_not_run_and_do_not_collide():
    """Every half hour: at 02:00 and 02:30 no clock shows, and 03:00 follows 01:30."""
    pace = {"train_id": "P", "every_min": 30.0}
    trains = {"P": [("A", None, "00:30"), ("B", "00:40", None)]}
    paced = pl.DataFrame([pace | {"first_departure": "00:30", "last_departure": "04:30"}])
    study = in_spring(trains)
    tables = {name: study.table(name) for name in ("trains", "train_stops")}
    made = expand_paces(
        {**tables, "paced_trains": study.with_tables(paced_trains=paced).table("paced_trains")}
    )
    study = study.with_tables(
        paced_trains=paced, trains=made["trains"], train_stops=made["train_stops"]
    )
    found = resolve(study)
    left_out = found.traffic.missing_faces.filter("is_left_out")["train_id"].unique().sort()
    assert left_out.to_list() == ["P-0200", "P-0230"]
    assert found.tables["timetable_conflicts"].is_empty()
    days = dict(found.tables["train_runs"].select("train_id", "days_count").iter_rows())
    assert (days["P-0130"], days["P-0230"], days["P-0300"]) == (3, 2, 3)
    assert "it does not run then" in " ".join(describe_missing_faces(study, found.traffic))


def test_an_instant_outside_the_horizon_is_refused_and_one_that_never_was_told(tmp_path):
    study = in_spring({"T": [("A", None, "01:30"), ("B", "03:40", None)]})
    folder = write_study(study, tmp_path / "spring")
    _, found, note = list_positions(folder, "2026-03-29T02:15")
    assert found["train_id"].to_list() == ["T"]
    assert "never showed" in note
    assert "2026-03-29 03:15 is taken" in note
    assert list_positions(folder, "2026-03-29T01:45")[2] == ""
    with pytest.raises(LimitError, match="horizon"):
        list_positions(folder, "2026-04-29T02:15")


def test_a_plan_tells_of_times_that_no_train_can_keep(tmp_path):
    trains = {"T": [("A", None, "08:00:00"), ("B", "08:00:01", None)]}
    folder = write_study(make_line(STATIONS, SECTIONS, trains), tmp_path / "fast")
    planned = plan_day(folder, DAY, moves=0)
    head, line = describe_too_fast(planned.traffic, DAY)
    assert head.startswith("Stated faster")
    # 10 km at 500 km/h at most take 72 s.
    assert "T from A to B: 1 s, at least 99 s more are needed" in line


def test_trains_that_stand_together_wait_for_one_another(tmp_path):
    trains = {
        "X": [("A", None, "08:00"), ("B", "08:10", "08:12"), ("C", "08:22", None)],
        "Y": [("C", None, "08:30"), ("B", "08:40", "08:45"), ("A", "08:55", None)],
    }
    links = {"link_id": "L", "train_id": "Y", "other_train_id": "X", "point_id": "B"}
    table = pl.DataFrame([links | {"kind": "together", "minimum_min": 3.0}])
    study = make_line(STATIONS, SECTIONS, trains, train_links=table)
    planned = plan_day(write_study(study, tmp_path / "links"), DAY, moves=200)
    paths = {path.train_id[0]: path for path in planned.paths if path.train_id.endswith(str(DAY))}
    stays = [(paths[name].arrival_s[1], paths[name].departure_s[1]) for name in "XY"]
    together = min(stay[1] for stay in stays) - max(stay[0] for stay in stays)
    assert planned.loose_links == ()
    assert together >= 180


def test_a_train_that_is_late_itself_waits_for_nobody(tmp_path):
    trains = {
        "X": [("A", None, "08:00"), ("B", "08:10", None)],
        "Y": [("B", None, "08:12"), ("A", "08:22", None)],
    }
    folder = write_study(make_line(STATIONS, SECTIONS, trains), tmp_path / "late")
    after = replan_day(folder, DAY, Disturbance({"Y": 5.0}, (), {}), moves=0)
    assert after.waits == ()
    # X, held until 08:14, leaves once Y has come: only what is beyond its own delay is a wait.
    after = replan_day(folder, DAY, Disturbance({"X": 14.0}, (), {}), moves=0)
    assert [(wait.train_id[0], wait.wait_s) for wait in after.waits if wait.train_id[0] == "X"] == [
        ("X", 9 * 60)
    ]


def test_moves_beyond_what_few_trains_can_use_are_not_made(tmp_path):
    trains = {
        "X": [("A", None, "08:00"), ("B", "08:10", None)],
        "Y": [("B", None, "08:05"), ("A", "08:15", None)],
    }
    folder = write_study(make_line(STATIONS, SECTIONS, trains), tmp_path / "few")
    plans = [plan_day(folder, DAY, moves=moves) for moves in (20_000, 10_000_000)]
    assert plans[0].delays_s == plans[1].delays_s


@pytest.mark.parametrize("dwell_min", [0.5, 20.0, 90.0])
def test_a_plan_keeps_a_standstill_that_the_stated_times_leave_no_room_for(tmp_path, dwell_min):
    study = make_line(
        STATIONS,
        SECTIONS,
        {"T": [("A", None, "08:00"), ("B", "08:14", None), ("C", "08:26", None)]},
    )
    stops = study.table("train_stops").with_columns(
        dwell_min=pl.when(pl.col("point_id") == "B").then(dwell_min)
    )
    folder = write_study(study.with_tables(train_stops=stops), tmp_path / "standstill")
    planned = plan_day(folder, DAY, moves=100)
    (path,) = planned.paths
    arrival_s, departure_s = path.arrival_s.tolist(), path.departure_s.tolist()
    assert departure_s[1] - arrival_s[1] >= dwell_min * 60
    assert departure_s[0] == (8 * 60) * 60 + (DAY - study.settings.epoch).days * 86_400
