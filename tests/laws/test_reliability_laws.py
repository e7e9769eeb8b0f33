"""Laws of simulated operations on every shipped study that `arterial run` simulates."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import arterial.operations.line.simulate as line
from arterial.flows.run import resolve_study
from arterial.operations import reliability
from arterial.operations.coaches import CoachModel, prepare_coaches
from arterial.operations.line.event_engine import simulate_events
from arterial.report.chances import select_handovers
from arterial.study import Study, read_study

STUDIES = Path(__file__).parents[2] / "studies"
SIMULATED = ("two_stations", "tumangang_border", "pyongyang_beijing", "pyongyang_moscow")
FEW = "[reliability]\ndraws = 4\nreplications = 20\nline_draws = 2\nline_days = 10\n"
Results = dict[str, pl.DataFrame]


@pytest.fixture(params=SIMULATED)
def study(request: pytest.FixtureRequest, tmp_path: Path) -> Study:
    """A shipped study in few draws and replications."""
    folder = tmp_path / request.param
    shutil.copytree(STUDIES / request.param, folder, ignore=shutil.ignore_patterns("runs"))
    text = (folder / "study.toml").read_text("utf-8")
    text = re.sub(r"(?m)^(draws|replications|line_days|line_draws) *=.*\n", "", text)
    text = text if "[reliability]" in text else f"{text}\n[reliability]\n"
    (folder / "study.toml").write_text(text.replace("[reliability]\n", FEW), "utf-8")
    return read_study(folder)


def halve_coaches(*inputs: object) -> CoachModel:
    """The model with every rate halved: what strikes is a part of what struck before."""
    model = prepare_coaches(*inputs)  # type: ignore[arg-type]
    sources, mishaps = model.plan.sources.copy(), model.plan.mishaps.copy()
    sources["factor"] *= 0.5
    sources["day_rate"] *= 0.5
    mishaps["rate"] *= 0.5
    return replace(model, plan=model.plan._replace(sources=sources, mishaps=mishaps))


def halve_line(*inputs: object, factor: np.ndarray, **options: object) -> object:
    return simulate_events(*inputs, factor=0.5 * factor, **options)  # type: ignore[arg-type]


def test_nothing_gets_later_when_every_rate_is_halved(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resolve_study(study)
    monkeypatch.setattr(reliability, "prepare_coaches", halve_coaches)
    monkeypatch.setattr(line, "simulate_events", halve_line)
    after = resolve_study(study)
    assert_lines_gain(before, after)
    trips = [results["simulated_trips"] for results in (before, after)]
    if trips[0].is_empty():
        return
    # The same chance strikes half as often; what a late set brought about may strike elsewhere.
    keys = ["draw", "replication", "trip_id"]
    joined = trips[0].join(trips[1], on=keys, suffix="_after")
    assert joined.height == trips[0].height
    for hours in (0.25, 1, 6, 24, 96):
        assert_no_fewer(joined, hours)


def assert_no_fewer(joined: pl.DataFrame, hours: float) -> None:
    """Not fewer trips arrive within some hours of their plan; one lost has not arrived."""
    limit_s = int(3600 * hours)
    names = ("arrival_delay_s", "arrival_delay_s_after")
    in_time = [(pl.col(name) <= limit_s).fill_null(value=False).cast(pl.Float64) for name in names]
    gained = joined.group_by("draw", "replication").agg(gained=(in_time[1] - in_time[0]).mean())
    mean, error = gained["gained"].mean(), gained["gained"].std() / gained.height**0.5
    assert mean >= -2 * error, hours


def assert_lines_gain(before: Results, after: Results) -> None:
    keys = ["train_key", "scenario"]
    joined = before["line_delays"].join(after["line_delays"], on=keys, suffix="_after")
    if joined.is_empty():
        return
    first, second, *errors = (
        joined[name].to_numpy()
        for name in (
            "delay_mean_min",
            "delay_mean_min_after",
            "delay_mean_min_error",
            "delay_mean_min_error_after",
        )
    )
    assert (second - first <= 2 * np.hypot(*errors) + 0.1).all()
    assert second.sum() <= first.sum()


def test_nothing_is_ranked_whose_error_is_more_than_half_of_it(study: Study) -> None:
    results = resolve_study(study)
    parts = [f"{part}_delay_min_per_year" for part in ("primary", "knock_on")]
    squares = [pl.col(f"{part}_error") ** 2 for part in parts]
    ranked = results["asset_effects"].drop_nulls("rank")
    errors = ranked.select(pl.sum_horizontal(squares).sqrt()).to_series()
    delays = ranked.select(pl.sum_horizontal(parts)).to_series()
    assert (errors <= 0.5 * delays).all()
    assert ranked["rank"].to_list() == list(range(1, ranked.height + 1))
    assert delays.is_sorted(descending=True)
    told = select_handovers(results) if not results["handover_risks"].is_empty() else ranked.head(0)
    if "delay_cost_h" in told.columns:
        costs = told.drop_nulls("delay_cost_h")
        assert (costs["delay_cost_h_error"] <= 0.5 * costs["delay_cost_h"].abs()).all()


def test_causes_close_and_next_to_nothing_is_not_traced(study: Study) -> None:
    causes, keys = resolve_study(study)["delay_causes"], ["service_id", "group_id"]
    runs = causes.filter(pl.col("cause_id") == "total").select(*keys, "delay_min")
    kinds = causes.filter(pl.col("parent_id") == "total")
    sums = kinds.group_by(keys).agg(sum=pl.col("delay_min").sum())
    whole = runs.join(sums, on=keys)
    assert whole.height == runs.filter(pl.col("delay_min") != 0).height
    assert np.allclose(whole["delay_min"], whole["sum"], atol=1e-6)
    untraced = kinds.filter(pl.col("cause") == "not_traced")["delay_min"].sum()
    assert untraced <= 0.001 * max(float(runs["delay_min"].sum()), 1.0)


def test_no_more_train_hours_are_lost_than_run(study: Study) -> None:
    results = resolve_study(study)
    paths, delays = results["train_paths"], results["line_delays"]
    if not delays.is_empty():
        times = paths.group_by("path_id").agg(
            run_min=(pl.col("arrival_at_s").max() - pl.col("departure_at_s").min()) / 60,
            key=pl.coalesce("train_id", "flow_id").first(),
        )
        run = dict(times.group_by("key").agg(pl.col("run_min").mean()).iter_rows())
        lost, whole = 0.0, 0.0
        for row in delays.filter(pl.col("scenario") == "as_is").iter_rows(named=True):
            # The key of a train of a flow is that of the flow and a direction.
            key = next(key for key in run if row["train_key"].startswith(key))
            lost += row["delay_mean_min"] * row["trains_count"]
            whole += run[key] * row["trains_count"]
        assert lost <= whole
    trips = results["simulated_trips"].drop_nulls("arrival_delay_s")
    if not trips.is_empty():
        run_s = (trips["elapsed_s"] - trips["arrival_delay_s"]).sum()
        assert trips["arrival_delay_s"].sum() <= run_s
