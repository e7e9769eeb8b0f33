"""From a table of failure records to fits as tables, and from fits to a parameter set."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from arterial.assets.fitting import fit_failure_records
from arterial.assets.lifetimes import fit_lifetimes
from arterial.assets.parameters import load_parameter_set, write_parameter_set
from arterial.assets.records import LifetimeRecords, recurrent_records
from arterial.assets.recurrent import fit_power_law
from arterial.assets.turnouts import apply_turnout_fit, expected_turnout_failures
from arterial.errors import LimitError, StudyError
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


@pytest.mark.parametrize("event", ["lifetime", "recurrent"])
def test_records_of_units_that_were_watched_for_no_time_are_refused(event) -> None:
    ends = [5.0] if event == "lifetime" else [5.0, None]
    rows = [
        {"record_id": f"{unit}{high}", "kind": "turnout", "unit_id": f"u{unit}", "event": event,
         "watched_from_y": 5.0, "low_y": 5.0, "high_y": high}
        for unit in range(8)
        for high in ends
    ]  # fmt: skip
    table = pl.DataFrame(rows, schema=empty_table("failure_records").schema)
    found = fit_failure_records(table, seed=1)
    assert found.fits.is_empty()
    assert "watched" in found.refusals[0]


def test_ends_out_of_order_are_refused() -> None:
    with pytest.raises(LimitError, match="0 < low"):
        BEST.with_fitted("power_law_shape", (2.0, 1.0, 3.0), kind="turnout", source="x")


def late_table(
    seed: int, *, units: int, from_y: float, to_y: float, shape: float, scale: float
) -> pl.DataFrame:
    """Repaired things that are watched from an age on, and a row that ends the watching of each."""
    random, rows = stream(seed, "test late"), []
    for unit in range(units):
        ages = sample_failure_ages(
            random, from_age_y=from_y, to_age_y=to_y, shape=shape, scale_y=scale
        )
        for low, high in [*((age, age) for age in ages), (to_y, None)]:
            rows.append(
                {
                    "record_id": f"r{len(rows)}",
                    "kind": "turnout",
                    "unit_id": f"u{unit}",
                    "event": "recurrent",
                    "watched_from_y": from_y,
                    "low_y": low,
                    "high_y": high,
                }
            )
    return pl.DataFrame(rows, schema=empty_table("failure_records").schema)


LATE = {
    "a few years late in life": {
        "units": 5, "from_y": 5.0, "to_y": 10.0, "shape": 3.8, "scale": 6.1
    },
    "ten units": {"units": 10, "from_y": 5.0, "to_y": 10.0, "shape": 2.0, "scale": 5.0},
    "many units": {"units": 40, "from_y": 5.0, "to_y": 12.0, "shape": 1.4, "scale": 3.0},
    "two years only": {"units": 20, "from_y": 10.0, "to_y": 12.0, "shape": 2.0, "scale": 5.0},
    "steady rate": {"units": 3, "from_y": 5.0, "to_y": 10.0, "shape": 1.0, "scale": 1.0},
}  # fmt: skip


@pytest.mark.parametrize("case", LATE.values(), ids=LATE)
def test_late_watching_gives_back_the_shape_in_most_tables(case) -> None:
    covered = 0
    for seed in range(20):
        found = fit_failure_records(late_table(seed, **case), seed=1)
        fits = {row["quantity"]: row for row in found.fits.to_dicts()}
        covered += fits["shape"]["low"] < case["shape"] < fits["shape"]["high"]
    # 18 of 20 are meant at a confidence of 0.9.
    assert covered >= 17


def test_the_late_watched_turnout_has_its_shape_and_a_test() -> None:
    # Shape and ends worked out by a second program.
    ages = [6, 7, 8, 9, 9.5, 9.9, 10]
    rows = [
        {
            "record_id": f"r{place}",
            "kind": "turnout",
            "unit_id": "u1",
            "event": "recurrent",
            "watched_from_y": 5.0,
            "low_y": float(age),
            "high_y": None if age == 10 else float(age),
        }
        for place, age in enumerate(ages)
    ]
    table = pl.DataFrame(rows, schema=empty_table("failure_records").schema)
    found = fit_failure_records(table, seed=1)
    shape = found.fits.row(by_predicate=pl.col("quantity") == "shape", named=True)
    assert (shape["value"], shape["low"], shape["high"]) == pytest.approx(
        (3.80, 1.35, 10.7), rel=5e-3
    )
    assert 0 < shape["model_p_value"] <= 1
    assert found.refusals == ()


def test_a_test_that_cannot_tell_leaves_its_p_value_empty_and_keeps_the_fit() -> None:
    # Every failure ends the watching of its unit, so none is left inside the watched ages.
    rows = [
        row | {"event": "recurrent"} for row in lifetime_rows("catenary", [2.0, 3.0, 5.0, 7.0, 9.0])
    ]
    table = pl.DataFrame(rows, schema=empty_table("failure_records").schema)
    found = fit_failure_records(table, seed=1)
    assert found.fits["model_p_value"].to_list() == [None, None]
    assert found.fits["value"].is_finite().all()
    assert found.refusals == ()


def test_failures_that_crowd_to_the_begin_of_late_watching_bound_the_shape() -> None:
    rows = [
        {
            "record_id": f"r{place}",
            "kind": "signalling",
            "unit_id": "u",
            "event": "recurrent",
            "watched_from_y": 5.0,
            "low_y": age,
            "high_y": None if age == 10.0 else age,
        }
        for place, age in enumerate([5.1, 5.2, 5.3, 5.4, 5.5, 10.0])
    ]
    table = pl.DataFrame(rows, schema=empty_table("failure_records").schema)
    found = fit_failure_records(table, seed=1)
    (row,) = found.fits.to_dicts()
    assert (row["quantity"], row["value"], row["low"]) == ("shape", 0.0, 0.0)
    # Twice the fall of the likelihood from shape 0 on is 1.645² at the upper end.
    ages, end = np.array([5.1, 5.2, 5.3, 5.4, 5.5]), 10.0

    def profile(shape: float) -> float:
        spread = (math.log(end / 5.0)) if shape == 0 else (end**shape - 5.0**shape) / shape
        return float(((shape - 1) * np.log(ages)).sum() - 5 * math.log(spread))

    assert 2 * (profile(0.0) - profile(row["high"])) == pytest.approx(1.644854**2, rel=0.02)
    assert "at most" in found.refusals[0]


AGES = st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.0, 5.0, 7.25, 12.0, 40.0])


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_table_ends_in_a_traceback_and_every_kind_is_fitted_or_refused(data) -> None:
    units = st.sampled_from(["u1", "u2", "u3", "u4"])
    starts = data.draw(st.fixed_dictionaries(dict.fromkeys(["u1", "u2", "u3", "u4"], AGES)))
    spans = st.tuples(units, AGES, AGES | st.just(0.0), st.booleans())
    rows = []
    for number, (unit, from_start, width, is_seen) in enumerate(
        data.draw(st.lists(spans, max_size=30))
    ):
        low = starts[unit] + from_start
        rows.append(
            {
                "record_id": f"r{number}",
                "kind": data.draw(st.sampled_from(["turnout", "bridge"])),
                "unit_id": unit,
                "event": data.draw(st.sampled_from(["lifetime", "recurrent"])),
                "watched_from_y": starts[unit],
                "low_y": low,
                "high_y": low + width if is_seen else None,
            }
        )
    table = pl.DataFrame(rows, schema=empty_table("failure_records").schema)
    try:
        found = fit_failure_records(table, seed=1)
    except StudyError as error:
        # Such as a failure after the end of watching.
        event(f"{len(error.faults)} faults")
        return
    named = {tuple(row) for row in table.select("kind", "event").iter_rows()}
    fitted = {tuple(row) for row in found.fits.select("kind", "event").iter_rows()}
    refused = {tuple(text.split(":")[0].split(", ")) for text in found.refusals}
    assert named == fitted | refused
    values = found.fits.select("value", "low", "high").to_numpy()
    assert np.isfinite(values).all()
    assert (values[:, 1] <= values[:, 0]).all()
    assert (values[:, 0] <= values[:, 2]).all()
    assert found.comparisons.null_count().sum_horizontal().sum() == 0
