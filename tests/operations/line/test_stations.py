"""Punctuality by station and hour, and delay by cause, add up to the delays of the trains."""

import re
from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.operations.line.test_simulate import LINE

from arterial.flows.run import run_study
from arterial.operations.line.event_engine import simulate_events
from arterial.operations.line.hazards import make_hazards
from arterial.operations.line.outcome import Replications
from arterial.operations.line.parts import Scenario
from arterial.operations.line.path_plans import LinePlan, layout_of_line
from arterial.operations.line.plan import TrainRun, build_plan
from arterial.operations.line.sources import LineSources
from arterial.operations.line.stations import count_arrivals, sum_arrivals, tabulate_stations
from arterial.study import read_study, write_study
from arterial.study.networks import NetworkSize, make_network


def make_scenario():
    """Two trains over A-B-C, the second standing 5 min at B; the first arrives at C at 23:55."""
    runs = [
        TrainRun("one", (0, 1, 2), (0, 1), (0, 84_000, 86_100), (83_000, 84_000, 0), (900, 900),
                 (0, 0, 0), "one"),
        TrainRun("two", (2, 1, 0), (1, 0), (0, 90_000, 92_000), (89_000, 90_300, 0), (900, 900),
                 (0, 300, 0), "two"),
    ]  # fmt: skip
    plan = build_plan(layout_of_line(LINE), runs)
    sources = LineSources(make_hazards(plan), np.zeros(0, np.int64), np.ones((12, 0)))
    return Scenario("as_is", 0, LinePlan("case", plan, -1, 0.0), sources, pl.DataFrame(), LINE)


def test_arrivals_are_counted_where_trains_stand_and_end_in_the_hour_of_the_local_clock():
    scenario = make_scenario()
    planned = scenario.plan.plan.events.planned
    times = np.stack([planned, planned + 600, planned + 200])
    months = [
        count_arrivals(
            scenario.plan.plan,
            Replications(0, np.zeros((len(part), 2)), times_s=part),
            tolerance_s=300,
        )
        for part in (times[:1], times[1:])
    ]
    sums = sum_arrivals(scenario, months)
    points = pl.DataFrame(
        {"point_id": ["A", "B", "C"], "zone": ["Etc/UTC", "Asia/Seoul", "Asia/Seoul"]}
    )
    table = tabulate_stations(sums, points, epoch=date(2026, 1, 1), tolerance_s=300)
    rows = {(row["point_id"], row["hour"]): row for row in table.to_dicts()}
    # 86,100 s is 23:55 UTC, 08:55 in Seoul; 90,000 s is 01:00 UTC of the next day, 10:00 there.
    assert set(rows) == {("C", 8), ("B", 10), ("A", 1)}
    assert all(row["arrivals_count"] == 3 for row in rows.values())
    assert rows["B", 10]["ends_count"] == 0
    assert rows["B", 10]["end_delay_mean_min"] is None
    assert rows["C", 8]["delay_mean_min"] == pytest.approx(800 / 3 / 60)
    assert rows["A", 1]["end_delay_mean_min"] == pytest.approx(800 / 3 / 60)
    assert rows["C", 8]["punctual_share"] == pytest.approx(2 / 3)


def test_a_line_without_disturbances_is_punctual_everywhere():
    scenario = make_scenario()
    done = simulate_events(
        scenario.plan.plan, scenario.sources.hazards, key=np.uint64(1), replications=2,
        with_times=True,
    )  # fmt: skip
    sums = sum_arrivals(scenario, [count_arrivals(scenario.plan.plan, done, tolerance_s=0)])
    assert sums["late_s"].sum() == 0
    assert sums["punctual_count"].to_list() == sums["arrivals_count"].to_list()


def test_stations_and_causes_add_up_to_the_delays_of_the_trains(tmp_path):
    size = NetworkSize(stations=8, trains=14, runs=4, stops=8, vehicles=0, assets=80, days=2)
    folder = write_study(make_network("sums", size), tmp_path / "sums")
    text = (folder / "study.toml").read_text("utf-8")
    for name in ("draws", "line_draws", "line_days"):
        text = re.sub(rf"(?m)^#? ?{name} = .*$", f"{name} = 2", text)
    (folder / "study.toml").write_text(text, "utf-8")
    assert read_study(folder).settings.reliability.line_draws == 2
    found = run_study(folder).results
    trains = found["line_delays"].filter(pl.col("scenario") == "as_is")
    whole = (trains["delay_mean_min"] * trains["trains_count"]).sum()
    assert whole > 0
    ends = found["station_punctuality"].filter(pl.col("ends_count") > 0)
    assert ends["ends_count"].sum() == trains["trains_count"].sum()
    assert (ends["end_delay_mean_min"] * ends["ends_count"]).sum() == pytest.approx(whole)
    parts = found["line_causes"].group_by("train_key").agg(pl.exclude("cause").sum())
    both = trains.join(parts, on="train_key", how="left", suffix="_sum").fill_null(0.0)
    for name in ("primary_min", "knock_on_min"):
        assert both[f"{name}_sum"].to_list() == pytest.approx(both[name].to_list())
    assert found["station_punctuality"]["punctual_share"].is_between(0, 1).all()
