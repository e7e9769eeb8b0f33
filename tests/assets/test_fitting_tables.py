"""From a table of failure records to fits as tables, and from fits to a parameter set."""

import math

import numpy as np
import polars as pl
import pytest

from arterial.assets.fitting import fit_failure_records
from arterial.assets.lifetimes import fit_lifetimes
from arterial.assets.parameters import load_parameter_set, write_parameter_set
from arterial.assets.records import LifetimeRecords, recurrent_records
from arterial.assets.recurrent import fit_power_law
from arterial.assets.turnouts import apply_turnout_fit, expected_turnout_failures
from arterial.errors import LimitError
from arterial.randomness import stream
from arterial.study import empty_table
from failure_cases import sample_failure_ages

BEST = load_parameter_set()


def recurrent_rows(units: int, end_y: float) -> list[dict[str, object]]:
    random = stream(1, "test table")
    rows: list[dict[str, object]] = []
    for unit in range(units):
        ages = sample_failure_ages(random, from_age_y=0, to_age_y=end_y, shape=1.4, scale_y=3.0)
        for low, high in [*((age, age) for age in ages), (end_y, None)]:
            rows.append(
                {
                    "record_id": f"r{len(rows)}",
                    "kind": "turnout",
                    "unit_id": f"t{unit}",
                    "event": "recurrent",
                    "low_y": low,
                    "high_y": high,
                }
            )
    return rows


def lifetime_rows(kind: str, ages) -> list[dict[str, object]]:
    return [
        {
            "record_id": f"{kind}{place}",
            "kind": kind,
            "unit_id": f"{kind}{place}",
            "event": "lifetime",
            "low_y": age,
            "high_y": age,
        }
        for place, age in enumerate(ages)
    ]


def records_table() -> pl.DataFrame:
    lives = 20 * stream(1, "test lives").weibull(3.0, 80)
    rows = [*recurrent_rows(40, 12.0), *lifetime_rows("bridge", lives)]
    rows += lifetime_rows("tunnel", [5.0, 6.0])
    return pl.DataFrame(rows, schema=empty_table("failure_records").schema)


def test_every_kind_is_fitted_or_refused_with_a_reason() -> None:
    found = fit_failure_records(records_table(), seed=1, confidence=0.99)
    fits = {(row["kind"], row["quantity"]): row for row in found.fits.to_dicts()}
    assert set(fits) == {
        ("turnout", "shape"),
        ("turnout", "scale_y"),
        ("bridge", "shape"),
        ("bridge", "scale_y"),
        ("bridge", "mean_life_y"),
    }
    for key, true in {
        ("turnout", "shape"): 1.4,
        ("turnout", "scale_y"): 3.0,
        ("bridge", "shape"): 3.0,
        ("bridge", "mean_life_y"): 20 * math.gamma(4 / 3),
    }.items():
        assert fits[key]["low"] < true < fits[key]["high"]
    assert fits["turnout", "shape"]["model_p_value"] > 0.05
    assert fits["bridge", "shape"]["ageing_p_value"] < 1e-6
    assert set(found.comparisons["kind"]) == {"turnout", "bridge"}
    assert found.comparisons.null_count().sum_horizontal().item() == 0
    assert len(found.refusals) == 1
    assert found.refusals[0].startswith("tunnel, lifetime: The lifetime records hold 2 failures")


def test_an_empty_table_gives_empty_tables() -> None:
    found = fit_failure_records(empty_table("failure_records"), seed=1)
    assert found.fits.is_empty()
    assert found.comparisons.is_empty()
    assert found.refusals == ()


def test_the_interval_of_the_mean_life_is_that_of_the_mean_when_lives_do_not_age() -> None:
    # Around shape 1 the fitted mean life has nearly the error of the sample's mean, 1 / sqrt(n).
    lives = 10 * stream(1, "test mean").exponential(size=2000)
    mean = fit_lifetimes(LifetimeRecords(0 * lives, lives, lives), confidence=0.95).mean_life_y
    width = math.log(mean.high / mean.low) / (2 * 1.959964)
    assert width == pytest.approx(1 / math.sqrt(2000), rel=0.05)
    assert mean.value == pytest.approx(float(lives.mean()), rel=0.01)


def test_the_mean_rate_over_the_watched_span_is_the_count_with_its_poisson_error() -> None:
    records = recurrent_records(records_table(), "turnout")
    rate = fit_power_law(records, confidence=0.95).mean_rate_per_year(12.0)
    count = records.failures_count
    assert rate.value == pytest.approx(count / (40 * 12), rel=1e-6)
    width = math.log(rate.high / rate.low) / (2 * 1.959964)
    assert width == pytest.approx(1 / math.sqrt(count), rel=1e-3)


def test_a_fit_replaces_the_published_turnouts_and_is_read_back(tmp_path) -> None:
    fit = fit_power_law(recurrent_records(records_table(), "turnout"))
    own = apply_turnout_fit(BEST, fit, source="District records 2026")
    ages = np.array([3.0, 9.0])
    expected = (ages[1] / fit.scale_y.value) ** fit.shape.value
    expected -= (ages[0] / fit.scale_y.value) ** fit.shape.value
    assert float(expected_turnout_failures(*ages, own)) == pytest.approx(expected, rel=1e-9)
    path = write_parameter_set(own, tmp_path / "district_2026.csv")
    again = load_parameter_set("district_2026", folder=tmp_path)
    assert again.table.equals(own.table)
    row = again.table.row(by_predicate=pl.col("parameter") == "power_law_shape", named=True)
    assert (row["grade"], row["source"]) == ("derived", "District records 2026")
    assert row["low"] == pytest.approx(fit.shape.low)
    assert path.name == "district_2026.csv"
    # A shipped name is still found beside a folder that lacks it.
    assert load_parameter_set("literature_2026", folder=tmp_path).table.equals(BEST.table)


def test_ends_out_of_order_are_refused() -> None:
    with pytest.raises(LimitError, match="0 < low"):
        BEST.with_fitted("power_law_shape", (2.0, 1.0, 3.0), kind="turnout", source="x")
