"""What failures cost by themselves: drawn as the simulation draws them, and their mean."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtri

from arterial.dispatching.paths import Traffic, find_path
from arterial.operations.line.hazards import Closures
from arterial.operations.line.simulate import LineDraw, prepare_line, simulate_line_draw
from arterial.study.tables import empty_table
from arterial.timetable.paths import (
    DepartureWindow,
    LineModel,
    LineStep,
    make_request,
    tabulate_paths,
)

DAY_S = 86_400
HOUR_S = 3_600
LINE = LineModel(
    ("A", "B", "C"),
    (3, 3, 3),
    (900.0,) * 3,
    (LineStep("S1", "A", "B", length_km=10.0), LineStep("S2", "B", "C", length_km=10.0)),
)


def lay_paths(hours: range) -> pl.DataFrame:
    """A flow from A to C, one train at each of some hours of a day."""
    traffic = Traffic(LINE)
    for hour in hours:
        window = DepartureWindow(hour * HOUR_S, hour * HOUR_S + DAY_S)
        request = make_request(LINE, f"F/forward/{hour}", list("ABC"), [600, 600], window=window)
        traffic = traffic.add(find_path(traffic, request))
    return tabulate_paths(LINE, traffic.paths)


def make_draw(**changed) -> LineDraw:
    asset = {
        "asset_id": "E",
        "kind": "embankment",
        "section_id": "S2",
        "from_offset_m": 0.0,
        "to_offset_m": 1000.0,
        "units_count": 1,
        "is_generated": False,
        "failure_rate_per_year": 40.0,
        "repair_median_h": 6.0,
        "repair_sigma": 0.8,
        "delay_per_train_min": 30.0,
        "delay_sigma": 0.4,
        "closes_line": True,
    } | changed

    def tabulate(name: str, rows: list[dict]) -> pl.DataFrame:
        schema = empty_table(name).schema
        return pl.DataFrame([{c: row.get(c) for c in schema} for row in rows], schema=schema)

    states = tabulate("asset_states", [asset])
    return LineDraw(
        draw=0,
        states=states,
        seasons=tabulate("asset_seasons", []),
        disturbances=tabulate("disturbances", []),
        renewed_states=states.with_columns(failure_rate_per_year=pl.lit(10.0)),
    )


def simulate(
    hours: range, *, days: int, only: str = "as_is", closures: Closures | None = None, **changed
) -> dict[str, pl.DataFrame]:
    line = replace(prepare_line(lay_paths(hours), LINE), closures=closures or Closures())
    return simulate_line_draw(
        line, make_draw(**changed), seed=3, days=days, only={only}, with_losses=True
    )


def join(parts: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Reckoned and simulated delay of each replication."""
    keys = ["draw", "replication"]
    reckoned = parts["line_outages"].group_by(keys).agg(pl.col("direct_min").sum())
    every = parts["line_replications"].select(keys).unique()
    joined = every.join(reckoned, on=keys, how="left")
    losses = parts["line_losses"].drop("closes")
    return joined.join(losses, on=keys, how="left").fill_null(0.0).sort(keys)


def test_one_train_alone_loses_what_its_failures_are_reckoned_to_cost():
    rows = join(simulate(range(12, 13), days=60))
    assert (rows["direct_min"] > 0).sum() > 20
    # Whole seconds, of a train that stands for 365.25 a year; two closures at once count once.
    met = rows.filter(pl.col("direct_min") > 0)
    gap = (met["delay_min"] - met["direct_min"]).to_numpy()
    assert np.isclose(gap, 0.0, atol=365.25 / 60).mean() > 0.9
    assert gap.max() < 365.25 / 60


def test_a_train_that_is_taken_off_loses_the_longest_wait_as_reckoned():
    closures = Closures(longest_wait_s=2 * HOUR_S)
    rows = join(simulate(range(12, 13), days=60, closures=closures, repair_median_h=24.0))
    met = rows.filter(pl.col("direct_min") > 0)
    assert met.height > 20
    # Never more than two hours of a train that stands for 365.25 a year, but for two at once.
    assert (met["direct_min"] <= 365.25 * 120 + 1e-6).mean() > 0.8
    assert met["delay_min"].max() <= 365.25 * 120 + 1e-6
    gap = (met["delay_min"] - met["direct_min"]).to_numpy()
    assert np.isclose(gap, 0.0, atol=365.25 / 60).mean() > 0.8


@pytest.mark.parametrize(
    ("closes", "longest_h"), [(True, None), (True, 3), (True, 24), (False, None)]
)
def test_the_expected_loss_is_the_mean_of_what_was_drawn(closes, longest_h):
    closures = None if longest_h is None else Closures(longest_wait_s=longest_h * HOUR_S)
    parts = simulate(range(4, 20, 4), days=500, closes_line=closes, closures=closures)
    rows = join(parts)["direct_min"]
    error = rows.std() / np.sqrt(rows.len())
    expected = parts["line_expected"]["direct_min"].item()
    assert rows.mean() == pytest.approx(expected, abs=4 * error)
    assert error < 0.1 * expected


def test_a_renewed_asset_fails_on_some_of_the_same_occasions():
    before, after = (
        simulate(range(12, 13), days=60, only=name)["line_outages"] for name in ("as_is", "renewed")
    )
    keys = ["replication", "asset", "hours", "direct_min"]
    assert after.join(before, on=keys, how="anti").is_empty()
    assert 0.15 * before.height < after.height < 0.35 * before.height


def test_trains_behind_a_closed_line_make_the_loss_larger_than_reckoned():
    rows = join(simulate(range(6, 18), days=60))
    assert rows["delay_min"].sum() > rows["direct_min"].sum()


@pytest.mark.parametrize("longest_h", [3, 24])
def test_what_a_closed_line_costs_is_reckoned_as_it_is_drawn_cut_at_the_longest_wait(longest_h):
    """One train at noon, 365.25 times a year: mean of what is left of a closure, at most w."""
    closures = Closures(longest_wait_s=longest_h * HOUR_S)
    line = replace(prepare_line(lay_paths(range(12, 13)), LINE), closures=closures)
    rate = {"failure_rate_per_year": 4.0, "repair_median_h": 12.0}
    parts = simulate_line_draw(line, make_draw(**rate), seed=3, days=1500, only={"as_is"})
    reckoned = parts["line_assets"].row(0, named=True)
    assert reckoned["primary_delay_min_per_year_error"] == 0.0
    # By hand: rate x E[min(R, w)-weighted wait] in hours, times trains a year, by quadrature.
    place = (np.arange(200_000) + 0.5) / 200_000
    hours = 12.0 * np.exp(0.8 * ndtri(place))
    cut = np.where(hours <= longest_h, hours**2 / 2, longest_h * hours - longest_h**2 / 2)
    expected = 4.0 / (365.25 * 24) * cut.mean() * 60 * 365.25
    assert reckoned["primary_delay_min_per_year"] == pytest.approx(expected, rel=2e-3)
    trains = parts["line_trains"].row(0, named=True)
    simulated, error = trains["delay_min"] * 365.25, trains["delay_min_error"] * 365.25
    assert simulated == pytest.approx(expected, abs=4 * error)
    assert trains["cancelled_share"] > 0
