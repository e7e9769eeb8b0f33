"""What a host train waits for, on the small study with two loops and flows."""

import pickle
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from arterial.dispatching.paths.crossings import (
    CrossingOptions,
    HostOrder,
    lay_crossing_case,
    list_crossing_cases,
    resolve_crossings,
)
from arterial.errors import StudyError
from arterial.flows.run import resolve_study
from arterial.study import Study, read_study
from arterial.timetable.paths.study_line import list_day_requests, list_flow_requests, prepare_line
from arterial.timetable.paths.train_requests import Pace, Period

DAY = date(2026, 1, 7)
HOUR = 3600


def add_rows(frame: pl.DataFrame, *rows: dict[str, object]) -> pl.DataFrame:
    more = pl.DataFrame(rows, infer_schema_length=None)
    return pl.concat([frame, more.cast({c: frame.schema[c] for c in more.columns})], how="diagonal")


def flow(**more: object) -> dict[str, object]:
    return {
        "flow_id": "F",
        "category": "freight",
        "from_point": "NORTHPORT",
        "to_point": "SOUTHPORT",
        "trains_per_day": 12.0,
    } | more


@pytest.fixture(scope="module")
def study(small_study: Path) -> Study:
    """The small study with loops after 40 and 80 km and twelve freight trains a day each way."""
    plain = read_study(small_study)
    point = plain.table("operational_points").row(0, named=True)
    loops = [
        point | {"point_id": name, "name": name.title(), "kind": "loop", "tracks_count": 2}
        for name in ("FIRSTLOOP", "LASTLOOP")
    ]
    place = plain.table("line_points").row(0, named=True)
    lines = plain.table("line_points").with_columns(
        sequence=pl.when(pl.col("location_km") > 0).then(4).otherwise(1)
    )
    places = [
        place | {"sequence": 2, "point_id": "FIRSTLOOP", "location_km": 40.0},
        place | {"sequence": 3, "point_id": "LASTLOOP", "location_km": 80.0},
    ]
    return plain.with_tables(
        operational_points=add_rows(plain.table("operational_points"), *loops),
        line_points=add_rows(lines, *places).sort("sequence"),
        sections=plain.table("sections").with_columns(typical_freight_speed_kmh=pl.lit(40.0)),
        train_flows=pl.DataFrame([flow()]),
        estimates=pl.DataFrame(
            [
                {
                    "table": "train_flows",
                    "key": "F",
                    "attribute": "trains_per_day",
                    "low": 0.0,
                    "best": 12.0,
                    "high": 18.0,
                }
            ]
        ),
    )


@pytest.fixture(scope="module")
def results(study: Study) -> dict[str, pl.DataFrame]:
    return resolve_crossings(prepare_line(study), "T1", DAY)


def pick(frame: pl.DataFrame, order: HostOrder, case: str) -> pl.DataFrame:
    return frame.filter((pl.col("host_order") == order.value) & (pl.col("flow_case") == case))


def test_every_case_is_told_once(results: dict[str, pl.DataFrame]) -> None:
    delays = results["crossing_delays"]
    assert delays.height == 9
    assert delays.select("flow_case", "host_order").is_duplicated().sum() == 0
    assert (delays["unplaced_count"] == 0).all()


def test_on_an_empty_line_the_host_waits_for_nobody(results: dict[str, pl.DataFrame]) -> None:
    for order in HostOrder:
        row = pick(results["crossing_delays"], order, "low").row(0, named=True)
        # Beside it only the same train of the day before, which it does not meet.
        assert row["trains_count"] == 1
        assert row["wait_h"] == pytest.approx(0.0)
        assert row["journey_h"] == row["free_h"]
        assert pick(results["crossings"], order, "low").is_empty()


def test_the_host_that_goes_first_makes_the_others_wait(results: dict[str, pl.DataFrame]) -> None:
    row = pick(results["crossing_delays"], HostOrder.FIRST, "best").row(0, named=True)
    assert row["wait_h"] == pytest.approx(0.0)
    crossings = pick(results["crossings"], HostOrder.FIRST, "best")
    assert (crossings["host_wait_s"] == 0).all()


def test_the_host_that_goes_last_meets_trains_and_waits(results: dict[str, pl.DataFrame]) -> None:
    row = pick(results["crossing_delays"], HostOrder.LAST, "high").row(0, named=True)
    assert row["wait_h"] > 0
    crossings = pick(results["crossings"], HostOrder.LAST, "high")
    assert crossings["host_wait_s"].sum() <= row["wait_h"] * HOUR + 1
    assert set(crossings["point_id"]) <= {"NORTHPORT", "FIRSTLOOP", "LASTLOOP", "SOUTHPORT"}


def test_whole_paths_of_one_case_stand_without_conflict(results: dict[str, pl.DataFrame]) -> None:
    assert results["conflicts"].is_empty()
    paths = results["train_paths"]
    host = paths.filter(pl.col("train_id") == "T1")
    assert host.height % 4 == 0
    assert {"T1@2026-01-07"} <= set(host["path_id"])
    assert paths.filter(pl.col("flow_id") == "F").height > 0
    steps = results["path_occupations"].filter(pl.col("kind") == "step")
    spans = steps.sort("from_point", "from_at_s")
    assert (spans["to_at_s"] > spans["from_at_s"]).all()


def test_the_same_study_gives_the_same_crossings(study: Study) -> None:
    options = CrossingOptions(orders=(HostOrder.LAST,))
    first, again = (
        resolve_crossings(prepare_line(study), "T1", DAY, options=options) for _ in range(2)
    )
    assert first["crossings"].equals(again["crossings"])


def test_a_case_needs_nothing_but_itself(study: Study, results) -> None:
    cases = list_crossing_cases(prepare_line(study), "T1", DAY, CrossingOptions())
    assert [case.is_shown for case in cases].count(True) == 1
    # As a worker gets them, in another order.
    sent = [pickle.loads(pickle.dumps(case)) for case in cases[::-1]]  # noqa: S301 our own bytes
    laid = [lay_crossing_case(case) for case in sent]
    together = pl.concat([one["crossing_delays"] for one in laid[::-1]])
    assert together.equals(results["crossing_delays"])
    (shown,) = [one for one in laid if "train_paths" in one]
    assert shown["train_paths"].equals(results["train_paths"])


def test_at_the_pace_of_the_timetable_times_are_those_of_the_timetable(study: Study) -> None:
    line = prepare_line(study)
    (request,) = list_day_requests(line, DAY, DAY)
    run = line.timer.time("T1", DAY)
    assert request.points == ("NORTHPORT", "FIRSTLOOP", "LASTLOOP", "SOUTHPORT")
    assert request.depart_from_s == run.departure(0).at.at_s
    journey = run.arrival(1).at.at_s - run.departure(0).at.at_s
    assert abs(request.free_running_s - journey) <= 2
    (free,) = list_day_requests(line, DAY, DAY, pace=Pace.FREE)
    assert free.free_running_s <= request.free_running_s
    assert list_day_requests(line, DAY, DAY, leaving_out=["T1"]) == ()


def test_a_host_is_as_long_as_its_coaches_and_a_locomotive(study: Study) -> None:
    (request,) = list_day_requests(prepare_line(study), DAY, DAY)
    vehicles = study.table("formation_vehicles").join(
        study.table("vehicle_types"), on="vehicle_type_id"
    )
    coaches_m = (vehicles["count"] * vehicles["length_m"].fill_null(24.5)).sum()
    assert request.traits.length_m == pytest.approx(coaches_m + 20.0)


def test_trains_of_a_flow_run_at_the_typical_speed(study: Study) -> None:
    line = prepare_line(study)
    requests = list_flow_requests(line, Period(0, 24 * HOUR))
    assert 23 <= len(requests) <= 25
    # 125 km at 40 km/h.
    assert requests[0].free_running_s == pytest.approx(125 / 40 * HOUR, abs=2)
    assert list_flow_requests(line, Period(0, 24 * HOUR), case="low") == ()


def test_a_flow_of_one_direction_runs_no_other(study: Study) -> None:
    one_way = study.with_tables(train_flows=pl.DataFrame([flow(direction="backward")]))
    requests = list_flow_requests(prepare_line(one_way), Period(0, 24 * HOUR))
    assert {request.points[0] for request in requests} == {"SOUTHPORT"}


def test_a_section_without_typical_speed_is_told(study: Study) -> None:
    bare = study.table("sections").with_columns(
        typical_freight_speed_kmh=pl.lit(None, dtype=pl.Float64)
    )
    with pytest.raises(StudyError) as caught:
        resolve_crossings(prepare_line(study.with_tables(sections=bare)), "T1", DAY)
    assert caught.value.faults[0].column == "typical_freight_speed_kmh"


def test_a_train_that_does_not_exist_is_told(study: Study) -> None:
    with pytest.raises(StudyError, match="does not exist"):
        resolve_crossings(prepare_line(study), "T9", DAY)


def test_a_run_of_the_study_tells_the_crossings_of_its_hosts(study: Study) -> None:
    run = resolve_study(study)
    shown = pl.col("trip_id") == study.settings.report.trip_ids[0]
    first = run["trip_events"].filter(shown, pl.col("train_id") == "T1")["local_time"][0]
    delays = run["crossing_delays"]
    assert delays["train_id"].unique().to_list() == ["T1"]
    assert str(delays["operating_day"][0]) in first
    assert delays.height == 9
    assert run["conflicts"].is_empty()
    assert not run["train_paths"].is_empty()


def test_a_study_without_flows_has_empty_tables_of_crossings(small_study: Path) -> None:
    run = resolve_study(read_study(small_study))
    for name in ("crossings", "crossing_delays", "train_paths", "path_occupations", "conflicts"):
        assert run[name].is_empty()
