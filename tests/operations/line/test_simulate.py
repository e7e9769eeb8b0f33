from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.dispatching.paths import Traffic, find_path
from arterial.errors import StudyError
from arterial.operations.line.event_engine import Policy, simulate_events
from arterial.operations.line.exposure import Exposure, locate_assets
from arterial.operations.line.hazards import Shape
from arterial.operations.line.path_plans import list_cases, plan_from_paths
from arterial.operations.line.simulate import (
    LineDraw,
    prepare_line,
    simulate_line_draw,
    summarise_draws,
)
from arterial.operations.line.sources import list_line_sources
from arterial.operations.line.summary import summarise_line
from arterial.study.tables import empty_table
from arterial.timetable.paths import (
    DepartureWindow,
    LineModel,
    LineStep,
    make_request,
    tabulate_paths,
)
from arterial.timetable.paths.links import LinkKind, TrainLink
from operations_cases import Source, make_hazards

DAY_S = 86_400
STEPS = (
    LineStep("S1", "A", "B", length_km=10.0),
    LineStep("S1", "B", "C", length_km=10.0),
    LineStep("S2", "C", "D", length_km=20.0),
)
LINE = LineModel(("A", "B", "C", "D"), (3, 2, 3, 3), (900.0,) * 4, STEPS)
ASSET = {
    "units_count": 1,
    "is_generated": False,
    "failure_rate_per_year": 0.0,
    "repair_median_h": 6.0,
    "repair_sigma": 0.5,
    "delay_per_train_min": 10.0,
    "delay_sigma": 0.5,
    "closes_line": False,
}


def lay_paths() -> pl.DataFrame:
    """Three days of a host and of a flow each way."""
    traffic = Traffic(LINE)
    for day in range(3):
        wanted = [
            (f"H-1@2025-01-0{1 + day}", "ABCD", 6 * 3600),
            (f"F/forward/{day}", "ABCD", 5 * 3600),
            (f"F/backward/{day}", "DCBA", 6 * 3600),
        ]
        for name, points, start in wanted:
            begin = day * DAY_S + start
            running = [1200, 600, 600] if points[0] == "D" else [600, 600, 1200]
            window = DepartureWindow(begin, begin + DAY_S)
            request = make_request(LINE, name, list(points), running, window=window)
            traffic = traffic.add(find_path(traffic, request))
    return tabulate_paths(LINE, traffic.paths)


PATHS = lay_paths()


def tabulate(name: str, rows: list[dict]) -> pl.DataFrame:
    schema = empty_table(name).schema
    return pl.DataFrame([{c: row.get(c) for c in schema} for row in rows], schema=schema)


def asset(name: str, section: str, begin: float, end: float | None, **more) -> dict:
    place = {"asset_id": name, "section_id": section, "from_offset_m": begin, "to_offset_m": end}
    return {**ASSET, "kind": "turnout", **place, **more}


def disturbance(name: str, **more) -> dict:
    base = {
        "disturbance_id": name,
        "name": name,
        "cause": "other",
        "per": "train_run",
        "rate": 0.0,
        "delay_low_min": 5.0,
        "delay_best_min": 5.0,
        "delay_high_min": 5.0,
        "shape": "uniform",
    }
    return {**base, **more}


def draw(states: list[dict], disturbances: list[dict], *, number: int = 0, renewed=None):
    return LineDraw(
        draw=number,
        states=tabulate("asset_states", states),
        seasons=tabulate("asset_seasons", []),
        disturbances=tabulate("disturbances", disturbances),
        renewed_states=None if renewed is None else tabulate("asset_states", renewed),
    )


def simulate_line(operations, draws, *, seed: int, days: int):
    """All draws one after another, summed up."""
    return summarise_draws(
        [simulate_line_draw(operations, one, seed=seed, days=days) for one in draws]
    )


def sources_of(inputs: LineDraw):
    plan = plan_from_paths(PATHS, LINE).plan
    return plan, list_line_sources(
        Exposure(plan, LINE, {"S1": "R1", "S2": "R2"}),
        states=inputs.states,
        seasons=inputs.seasons,
        disturbances=inputs.disturbances,
    )


def test_paths_without_conflict_need_no_settling() -> None:
    laid = plan_from_paths(PATHS, LINE)
    assert laid.settling_s == 0
    assert laid.plan.runs_count == 9
    assert {run.train_key for run in laid.plan.runs} == {"H-1", "F/forward", "F/backward"}


def test_cases_are_told_apart_and_the_host_of_each_is_found() -> None:
    name = "H-1@2025-01-02"
    marked = PATHS.with_columns(pl.concat_str(pl.lit(f"{name}|"), "path_id").alias("path_id"))
    assert list_cases(marked) == [name]
    laid = plan_from_paths(marked, LINE, case=name)
    assert laid.plan.runs[laid.focal_run].run_id == f"{name}|{name}"


def test_paths_of_another_line_are_refused() -> None:
    other = LineModel(("A", "B"), (3, 3), (900.0,) * 2, STEPS[:1])
    with pytest.raises(StudyError) as refused:
        plan_from_paths(PATHS, other)
    assert "does not have" in refused.value.faults[0].cause


def test_no_paths_are_refused() -> None:
    with pytest.raises(StudyError, match="cannot be simulated"):
        plan_from_paths(PATHS.head(0), LINE)


def test_assets_lie_on_the_steps_that_they_touch() -> None:
    rows = [
        asset("point", "S1", 12_000.0, None),
        asset("long", "S1", 5_000.0, 20_000.0),
        asset("end", "S2", 20_000.0, None),
        asset("elsewhere", "S9", 0.0, None),
    ]
    pieces = locate_assets(tabulate("asset_states", rows), LINE)
    found = list(zip(pieces.asset, pieces.step, pieces.length_m, strict=True))
    assert found == [(0, 1, 0.0), (1, 0, 5000.0), (1, 1, 10_000.0), (2, 2, 0.0)]
    assert pieces.share[1] == pytest.approx(1 / 3)


def test_what_a_rate_counts_decides_where_it_hits() -> None:
    rows = [
        disturbance("km", per="train_km", rate=0.01),
        disturbance("run", per="train_run", rate=0.4, section_id="S1"),
        disturbance("late", per="train_run", rate=0.3, cause="late_host", train_id="H-1"),
        disturbance("rail", per="train_km", rate=0.01, railway_id="R2"),
        disturbance("border", per="stop", rate=1.0, cause="border"),
    ]
    plan, found = sources_of(draw([], rows))
    items = found.hazards.items
    means: dict[str, float] = {}
    for place, item in enumerate(items):
        run = plan.events.run[item["event"]]
        is_first = place == found.hazards.runs["item_first"][run]
        mean = item["total"] - (0.0 if is_first else items[place - 1]["total"])
        name = rows[item["source"]]["disturbance_id"]
        means[name] = means.get(name, 0.0) + mean
    expected = {"km": 9 * 0.4, "run": 9 * 0.4, "late": 3 * 0.3, "rail": 9 * 0.2}
    assert means == pytest.approx(expected)


def test_a_storm_hits_each_train_once_on_its_day() -> None:
    row = disturbance("storm", per="day", rate=0.5, cause="weather", months="7;8")
    plan, found = sources_of(draw([], [row]))
    assert found.hazards.hits.size == plan.runs_count
    assert found.month_factor[:, 0].tolist() == [0.0] * 6 + [1.0] * 2 + [0.0] * 4


def test_a_sure_delay_comes_out_as_its_cause_and_adds_up() -> None:
    rows = [disturbance("storm", per="day", rate=1.0, cause="weather", train_id="H-1")]
    operations = prepare_line(PATHS, LINE, policy=Policy.FIRST_COME)
    outcome = simulate_line(operations, [draw([], rows)], seed=1, days=2)
    table = outcome.line_delays.filter(pl.col("train_key") == "H-1")
    assert table["delay_mean_min"].to_list() == pytest.approx([5.0])
    assert table["primary_min"].to_list() == pytest.approx([5.0])
    assert table["delay_mean_min_error"].to_list() == [0.0]
    assert table["trains_count"].to_list() == [3 * 12 * 2]
    assert table["delay_p95_min"].to_list() == [5.0]
    assert outcome.attribution_gap_s == 0


def test_delay_a_year_of_an_asset_agrees_with_the_formula() -> None:
    # Trains that come while it is broken: rate x mean repair, 10 min each (no spread), all alone.
    states = [
        asset(
            "points", "S2", 100.0, None, failure_rate_per_year=40.0, repair_sigma=0.0,
            delay_sigma=0.0,
        )
    ]  # fmt: skip
    operations = prepare_line(PATHS, LINE)
    outcome = simulate_line(operations, [draw(states, [])], seed=3, days=120)
    row = outcome.asset_effects.row(0, named=True)
    open_share = 40.0 * 6.0 / 8766.0
    assert row["failures_per_year"] == 40.0
    assert row["train_runs_per_year"] == pytest.approx(3 * 365.25, rel=0.02)
    # Two failures at once add up; the sum is in proportion to their mean number.
    expected = open_share * row["train_runs_per_year"] * 10.0
    error = row["primary_delay_min_per_year_error"]
    assert abs(row["primary_delay_min_per_year"] - expected) < 4 * error
    assert error < 0.2 * expected


def test_renewal_lowers_delay_and_meets_the_same_chances() -> None:
    worn = asset("points", "S2", 100.0, None, failure_rate_per_year=60.0, closes_line=True)
    fresh = {**worn, "failure_rate_per_year": 6.0}
    operations = prepare_line(PATHS, LINE)
    parts = simulate_line_draw(operations, draw([worn], [], renewed=[fresh]), seed=5, days=20)
    means = (
        summarise_line(parts).line_delays.group_by("scenario").agg(pl.col("delay_mean_min").mean())
    )
    found = dict(means.iter_rows())
    assert 0 < found["renewed"] < found["as_is"]


def test_draws_give_the_range_and_their_order_does_not_matter() -> None:
    operations = prepare_line(PATHS, LINE)
    draws = [
        draw([], [disturbance("late", rate=rate)], number=number)
        for number, rate in enumerate((0.2, 0.6, 1.0))
    ]
    forth = simulate_line(operations, draws, seed=9, days=4)
    back = simulate_line(operations, draws[::-1], seed=9, days=4)
    row = forth.line_delays.row(0, named=True)
    assert row["delay_mean_min_low"] < row["delay_mean_min"] < row["delay_mean_min_high"]
    numbers = [c for c, t in forth.line_delays.schema.items() if t == pl.Float64]
    for column in numbers:
        assert np.allclose(forth.line_delays[column], back.line_delays[column], atol=1e-9)


def test_host_delays_hold_a_rising_quantile_function() -> None:
    name = "H-1@2025-01-02"
    marked = PATHS.with_columns(pl.concat_str(pl.lit(f"{name}|"), "path_id").alias("path_id"))
    rows = [disturbance("vehicle", rate=1.0, cause="vehicle", delay_high_min=90.0)]
    outcome = simulate_line(prepare_line(marked, LINE), [draw([], rows)], seed=2, days=10)
    hosts = outcome.host_delays
    assert hosts["train_id"].unique().to_list() == ["H-1"]
    assert hosts["quantile"].to_list()[::20] == [0.0, 1.0]
    assert hosts["delay_min"].is_sorted()
    assert hosts["delay_min"].max() > 0


@given(
    late_min=st.integers(0, 600), wait_min=st.integers(0, 240), least_min=st.sampled_from([0, 10])
)
@settings(max_examples=25, deadline=None)
def test_a_train_waits_for_its_locomotive_up_to_the_limit(late_min, wait_min, least_min) -> None:
    """Beyond it another takes the place: the train is never later than that by the one before."""
    line = replace(LINE, steps=tuple(replace(step, tracks_count=2) for step in STEPS))
    traffic = Traffic(line)
    for name, points, start in (("IN@1", "ABCD", 0), ("OUT@1", "DCBA", 4 * 3600)):
        window = DepartureWindow(start, start + DAY_S)
        request = make_request(line, name, list(points), [600, 600, 1200], window=window)
        traffic = traffic.add(find_path(traffic, request))
    link = TrainLink("L", "OUT@1", "IN@1", "D", LinkKind.AFTER, 60 * least_min)
    laid = plan_from_paths(
        tabulate_paths(line, traffic.paths), line, links=[link], link_wait_s=60 * wait_min
    )
    runs = {run.run_id: number for number, run in enumerate(laid.plan.runs)}
    held = Source("sure", Shape.UNIFORM, (60 * late_min, 60 * late_min, 0.0), day_rate=1.0)
    first = int(laid.plan.events.first[runs["IN@1"]])
    hazards = make_hazards(laid.plan, [held], hits=[(first, 0, 0)])
    done = simulate_events(laid.plan, hazards, key=np.uint64(1), replications=1)
    assert done.attribution_gap_s == 0
    comes, leaves = (laid.plan.runs[runs[name]] for name in ("IN@1", "OUT@1"))
    spare_s = leaves.departure_s[0] - comes.arrival_s[-1] - 60 * least_min
    late_s = min(max(60 * late_min - spare_s, 0), 60 * wait_min)
    assert done.delay_s[0, runs["IN@1"]] == 60 * late_min
    assert done.delay_s[0, runs["OUT@1"]] == late_s
