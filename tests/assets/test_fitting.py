"""Fits to failure records: against hand-worked values, scipy, and samples of known parameters."""

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats

from arterial.assets.fit_tests import (
    compare_counts,
    compare_lifetimes,
    cramer_von_mises,
    failed_share_by_age,
)
from arterial.assets.lifetimes import fit_lifetimes, weibull_log_likelihood
from arterial.assets.records import (
    LifetimeRecords,
    RecurrentRecords,
    lifetime_records,
    recurrent_records,
)
from arterial.assets.recurrent import exact_shape, fit_power_law
from arterial.errors import LimitError, StudyError
from arterial.randomness import stream
from arterial.study import empty_table
from failure_cases import sample_failure_ages


def draw_lives(count, *, shape, scale, purpose, censor=math.inf, entry_high=0.0):
    """Lives with right censoring and late entries; those that failed before entry are not seen."""
    random = stream(1, purpose)
    lives = scale * random.weibull(shape, count)
    entry = random.uniform(0, entry_high, count) if entry_high else np.zeros(count)
    seen = lives > entry
    lives, entry = lives[seen], entry[seen]
    end = np.maximum(censor, entry + 1e-9)
    return LifetimeRecords(entry, np.minimum(lives, end), np.where(lives <= end, lives, math.inf))


def inspected(records, every_y) -> LifetimeRecords:
    """The same lives, known only between inspections."""
    low = np.floor(records.low_y / every_y) * every_y
    high = np.where(records.has_failed, low + every_y, math.inf)
    return LifetimeRecords(np.zeros(low.size), low, high)


def draw_histories(units, *, shape, scale, ends, starts, purpose) -> RecurrentRecords:
    random = stream(1, purpose)
    ages = [
        sample_failure_ages(random, from_age_y=s, to_age_y=e, shape=shape, scale_y=scale)
        for s, e in zip(starts, ends, strict=True)
    ]
    every = np.concatenate(ages)
    return RecurrentRecords(
        np.asarray(starts, float),
        np.asarray(ends, float),
        np.zeros(units, bool),
        np.repeat(np.arange(units), [a.size for a in ages]),
        every,
        every,
    )


def one_unit(ages, *, end, ends_with_failure=False) -> RecurrentRecords:
    ages = np.asarray(ages, float)
    unit = np.zeros(ages.size, np.int64)
    truncated = np.array([ends_with_failure])
    return RecurrentRecords(np.zeros(1), np.array([float(end)]), truncated, unit, ages, ages)


def test_exact_and_censored_lives_fit_as_in_scipy() -> None:
    records = draw_lives(300, shape=2.5, scale=20.0, purpose="test fit 1", censor=22.0)
    fit = fit_lifetimes(records)
    failed = records.has_failed
    sample = stats.CensoredData(uncensored=records.low_y[failed], right=records.low_y[~failed])
    shape, _, scale = stats.weibull_min.fit(sample, floc=0)
    assert fit.shape.value == pytest.approx(shape, rel=1e-4)
    assert fit.scale_y.value == pytest.approx(scale, rel=1e-4)
    expected = stats.weibull_min(fit.shape.value, scale=fit.scale_y.value)
    by_hand = expected.logpdf(records.low_y[failed]).sum()
    by_hand += expected.logsf(records.low_y[~failed]).sum()
    assert fit.log_likelihood == pytest.approx(by_hand, rel=1e-9)


def test_inspected_lives_fit_as_in_scipy() -> None:
    exact = draw_lives(300, shape=2.0, scale=20.0, purpose="test fit 2", censor=25.0)
    records = inspected(exact, 5.0)
    fit = fit_lifetimes(records)
    failed = records.has_failed
    sample = stats.CensoredData(
        interval=np.stack([records.low_y[failed], records.high_y[failed]], axis=1),
        right=records.low_y[~failed],
    )
    shape, _, scale = stats.weibull_min.fit(sample, floc=0)
    assert fit.shape.value == pytest.approx(shape, rel=1e-3)
    assert fit.scale_y.value == pytest.approx(scale, rel=1e-3)


def test_late_entries_give_back_the_parameters_and_ignoring_them_does_not() -> None:
    records = draw_lives(
        6000, shape=3.0, scale=20.0, purpose="test fit 3", censor=30.0, entry_high=30.0
    )
    fit = fit_lifetimes(records)
    assert fit.shape.low < 3.0 < fit.shape.high
    assert fit.scale_y.low < 20.0 < fit.scale_y.high
    assert fit.shape.value == pytest.approx(3.0, rel=0.06)
    blind = LifetimeRecords(np.zeros(records.low_y.size), records.low_y, records.high_y)
    assert fit_lifetimes(blind).scale_y.low > 20.0


def test_intervals_cover_the_true_shape_about_as_often_as_they_say() -> None:
    covered = 0
    for sample in range(100):
        records = draw_lives(60, shape=2.0, scale=10.0, purpose=f"test cover {sample}")
        shape = fit_lifetimes(records, confidence=0.9).shape
        covered += shape.low < 2.0 < shape.high
    # 90 of 100, three standard errors of 3.
    assert 80 <= covered <= 98


def test_the_information_of_exponential_lives_gives_the_known_width() -> None:
    # With n exact lives the standard error of ln shape is sqrt(6) / (pi sqrt(n)) = 0.7797 / sqrt n.
    records = draw_lives(4000, shape=1.0, scale=10.0, purpose="test width")
    shape = fit_lifetimes(records, confidence=0.95).shape
    width = math.log(shape.high / shape.low) / (2 * 1.959964)
    assert width == pytest.approx(0.7797 / math.sqrt(4000), rel=0.03)


def test_ageing_shows_in_the_likelihood_ratio() -> None:
    ageing = fit_lifetimes(draw_lives(200, shape=2.0, scale=10.0, purpose="test ratio 1"))
    steady = fit_lifetimes(draw_lives(200, shape=1.0, scale=10.0, purpose="test ratio 2"))
    assert ageing.ageing_p_value < 1e-6
    assert steady.ageing_p_value > 0.05
    # The best life without ageing has the mean of the sample.
    records = draw_lives(200, shape=1.0, scale=10.0, purpose="test ratio 2")
    mean = float(records.low_y.mean())
    assert steady.exponential_log_likelihood == pytest.approx(
        weibull_log_likelihood(records, 1.0, mean), abs=1e-6
    )


def test_too_few_or_uninformative_failures_are_refused_with_a_cure() -> None:
    few = np.array([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(LimitError, match=r"4 failures; a fit needs at least 5.*Add records"):
        fit_lifetimes(LifetimeRecords(0 * few, few, few))
    alike = np.full(8, 3.0)
    with pytest.raises(LimitError, match="do not determine"):
        fit_lifetimes(LifetimeRecords(0 * alike, alike, alike))
    with pytest.raises(LimitError, match="do not determine"):
        fit_lifetimes(LifetimeRecords(0 * alike, 0 * alike, alike))
    with pytest.raises(LimitError, match="entry <= low"):
        fit_lifetimes(LifetimeRecords(alike + 1, alike, alike))


def test_the_shape_of_one_unit_is_the_closed_form_for_both_ways_of_ending() -> None:
    ages = [1.0, 3.0, 4.5, 7.0, 8.0, 9.5]
    by_time = 6 / sum(math.log(10 / age) for age in ages)
    fit = fit_power_law(one_unit(ages, end=10))
    assert fit.shape.value == pytest.approx(by_time, rel=1e-6)
    assert fit.scale_y.value == pytest.approx(10 / 6 ** (1 / by_time), rel=1e-6)
    by_failure = 6 / sum(math.log(9.5 / age) for age in ages)
    assert fit_power_law(
        one_unit(ages, end=9.5, ends_with_failure=True)
    ).shape.value == pytest.approx(by_failure, rel=1e-6)
    # At a steady rate the likelihood is that of 6 failures in 10 years.
    assert fit.steady_log_likelihood == pytest.approx(6 * math.log(0.6) - 6, rel=1e-9)


def test_many_units_watched_over_different_ages_give_back_the_process() -> None:
    random = stream(1, "test windows")
    starts = random.uniform(0, 15, 300)
    records = draw_histories(
        300, shape=1.8, scale=6.0, starts=starts, ends=starts + 5, purpose="test fit 4"
    )
    fit = fit_power_law(records)
    assert fit.shape.low < 1.8 < fit.shape.high
    assert fit.scale_y.low < 6.0 < fit.scale_y.high
    assert fit.shape.value == pytest.approx(exact_shape(records), rel=1e-6)
    assert fit.ageing_p_value < 1e-6
    # Known only between yearly inspections, nearly the same.
    low = np.maximum(np.floor(records.low_y), records.start_y[records.unit])
    high = np.minimum(np.floor(records.low_y) + 1, records.end_y[records.unit])
    yearly = RecurrentRecords(
        records.start_y, records.end_y, records.ends_with_failure, records.unit, low, high
    )
    assert not yearly.is_exact
    assert fit_power_law(yearly).shape.value == pytest.approx(fit.shape.value, rel=0.02)


def test_failures_at_the_end_of_watching_alone_are_refused() -> None:
    with pytest.raises(LimitError, match="do not determine a shape"):
        fit_power_law(one_unit([10.0] * 6, end=10))
    with pytest.raises(LimitError, match="within the watched ages"):
        fit_power_law(one_unit([1, 2, 3, 4, 11.0], end=10))
    with pytest.raises(LimitError, match="3 failures"):
        fit_power_law(one_unit([1, 2, 3], end=10))


def test_the_observed_share_is_that_of_kaplan_and_meier() -> None:
    records = draw_lives(80, shape=2.0, scale=10.0, purpose="test km", censor=9.0)
    found = failed_share_by_age(records)
    failed = records.has_failed
    sample = stats.CensoredData(uncensored=records.low_y[failed], right=records.low_y[~failed])
    curve = stats.ecdf(sample).cdf
    expected = curve.evaluate(found["age_y"].to_numpy())
    assert found["share_observed"].to_numpy() == pytest.approx(expected, abs=1e-12)


def test_late_entries_join_those_at_risk_when_they_enter() -> None:
    # At 2: two of two at risk, one fails; the third enters at 3; at 4 one of two, at 5 the last.
    records = LifetimeRecords(
        np.array([0.0, 0.0, 3.0]), np.array([2.0, 4.0, 5.0]), np.array([2.0, 4.0, 5.0])
    )
    assert failed_share_by_age(records)["share_observed"].to_list() == pytest.approx(
        [0.5, 0.75, 1.0]
    )


@pytest.mark.parametrize("width_y", [0.0, 1e-7])
def test_one_that_enters_at_the_age_of_a_failure_was_not_at_risk_of_it(width_y) -> None:
    # At 2: two at risk, one fails, and the third enters; at 3 one of two; at 4 the last.
    ages = np.array([2.0, 3.0, 4.0])
    records = LifetimeRecords(np.array([0.0, 0.0, 2.0]), ages - np.array([0, width_y, 0]), ages)
    shares = failed_share_by_age(records)["share_observed"].to_list()
    assert shares == pytest.approx([0.5, 0.75, 1.0], abs=1e-6)


def test_the_observed_share_of_inspected_lives_is_that_of_turnbull() -> None:
    # Two failed within (0, 1], one within (1, 2], one within (0, 2] that adds to them evenly.
    records = LifetimeRecords(
        np.zeros(4), np.array([0.0, 0.0, 1.0, 0.0]), np.array([1.0, 1.0, 2.0, 2.0])
    )
    found = failed_share_by_age(records)
    assert found["age_y"].to_list() == [1.0, 2.0]
    assert found["share_observed"].to_list() == pytest.approx([2 / 3, 1.0], abs=1e-6)


def test_turnbull_with_narrow_intervals_and_late_entries_is_kaplan_meier() -> None:
    exact = draw_lives(60, shape=2.0, scale=10.0, purpose="test tb", censor=12.0, entry_high=4.0)
    narrow = LifetimeRecords(
        exact.entry_y, np.where(exact.has_failed, exact.low_y - 1e-7, exact.low_y), exact.high_y
    )
    one, two = failed_share_by_age(exact), failed_share_by_age(narrow)
    assert two["age_y"].to_list() == one["age_y"].to_list()
    assert two["share_observed"].to_numpy() == pytest.approx(
        one["share_observed"].to_numpy(), abs=1e-5
    )


@pytest.mark.parametrize("every", [None, 2.0])
def test_a_right_fit_lies_close_to_the_observed_share(every) -> None:
    records = draw_lives(400, shape=2.0, scale=10.0, purpose="test close")
    records = records if every is None else inspected(records, every)
    table = compare_lifetimes(records, fit_lifetimes(records))
    assert table.columns == ["age_y", "share_observed", "share_fitted", "difference"]
    # Kolmogorov's 1 % point for 400 is 0.08.
    assert float(table["difference"].abs().max()) < 0.08


def test_the_mean_number_of_failures_lies_close_to_the_fitted_one() -> None:
    records = draw_histories(
        100, shape=1.5, scale=4.0, starts=np.zeros(100), ends=np.full(100, 10.0), purpose="test mcf"
    )
    table = compare_counts(records, fit_power_law(records))
    last = table.row(-1, named=True)
    assert last["units_watched"] == 100
    assert last["failures_observed"] == pytest.approx(records.failures_count / 100)
    # At the end of watching the fit counts what was seen.
    assert last["failures_fitted"] == pytest.approx(last["failures_observed"], rel=0.01)


def test_the_distance_to_a_power_law_is_as_worked_out_by_hand() -> None:
    ages = [2.0, 5.0, 6.0, 8.0, 9.0]
    shape = 5 / sum(math.log(10 / age) for age in ages) * 4 / 5
    expected = 1 / 60 + sum(
        ((age / 10) ** shape - (2 * k - 1) / 10) ** 2 for k, age in enumerate(ages, 1)
    )
    found = cramer_von_mises(one_unit(ages, end=10), seed=1)
    assert found.statistic == pytest.approx(expected, rel=1e-12)
    assert found.p_value > 0.1


def test_the_share_of_power_laws_that_are_refused_is_as_asked_for() -> None:
    refused = 0
    for sample in range(100):
        records = draw_histories(
            2, shape=1.5, scale=1.0, starts=[0, 0], ends=[8, 8], purpose=f"test cvm {sample}"
        )
        refused += cramer_von_mises(records, seed=1, replications=99).p_value <= 0.1
    assert 2 <= refused <= 19


def test_failures_in_two_bursts_are_no_power_law() -> None:
    bursts = np.concatenate([np.linspace(1.0, 1.4, 25), np.linspace(9.0, 9.4, 25)])
    found = cramer_von_mises(one_unit(bursts, end=10), seed=1)
    assert found.p_value < 0.01
    late = one_unit(np.append(bursts, 10.0), end=10, ends_with_failure=True)
    assert cramer_von_mises(late, seed=1).p_value < 0.01


def test_the_critical_value_of_the_distance_is_the_published_one() -> None:
    # 0.172 at 10 % for 20 failures [Crow 1975]: records that lie there have that p-value.
    shares = (2 * np.arange(1, 21) - 1) / 40
    for push in np.linspace(0, 1, 400):
        ages = 10 * (shares + push * np.sin(2 * np.pi * shares) / (2 * np.pi))
        statistic = cramer_von_mises(one_unit(ages, end=10), seed=1, replications=1).statistic
        if statistic >= 0.172:
            break
    assert statistic == pytest.approx(0.172, abs=0.003)
    found = cramer_von_mises(one_unit(ages, end=10), seed=1, replications=1500)
    # Standard error 0.008.
    assert found.p_value == pytest.approx(0.1, abs=0.024)


def test_intervals_of_inspection_are_refused_by_the_distance() -> None:
    records = one_unit([1, 2, 3, 4, 5.0], end=10)
    rough = RecurrentRecords(
        records.start_y,
        records.end_y,
        records.ends_with_failure,
        records.unit,
        records.low_y - 0.5,
        records.high_y,
    )
    with pytest.raises(LimitError, match="exact ages"):
        cramer_von_mises(rough, seed=1)


def table_of(*rows) -> pl.DataFrame:
    schema = empty_table("failure_records").schema
    keys = ("record_id", "kind", "unit_id", "event", "watched_from_y", "low_y", "high_y")
    return pl.DataFrame([dict(zip(keys, row, strict=True)) for row in rows], schema=schema)


def test_rows_of_the_table_become_lives_and_histories() -> None:
    frame = table_of(
        ("r1", "turnout", "u1", "lifetime", None, 3.0, 3.0),
        ("r2", "turnout", "u2", "lifetime", 1.0, 2.0, 4.0),
        ("r3", "turnout", "u3", "lifetime", None, 5.0, None),
        ("r4", "track", "u4", "lifetime", None, 5.0, None),
        ("r5", "turnout", "u5", "recurrent", 2.0, 3.0, 3.0),
        ("r6", "turnout", "u5", "recurrent", 2.0, 9.0, None),
        ("r7", "turnout", "u6", "recurrent", None, 4.0, 5.0),
    )
    lives = lifetime_records(frame, "turnout")
    assert lives.entry_y.tolist() == [0, 1, 0]
    assert lives.high_y.tolist() == [3, 4, math.inf]
    assert lives.failures_count == 2
    histories = recurrent_records(frame, "turnout")
    assert histories.start_y.tolist() == [2, 0]
    assert histories.end_y.tolist() == [9, 5]
    assert histories.ends_with_failure.tolist() == [False, True]
    assert histories.unit.tolist() == [0, 1]
    assert recurrent_records(frame, "bridge").failures_count == 0


def test_rows_that_contradict_themselves_are_told_all_at_once() -> None:
    frame = table_of(
        ("r1", "turnout", "u1", "lifetime", None, 3.0, 2.0),
        ("r2", "turnout", "u2", "lifetime", 5.0, 2.0, 4.0),
        ("r3", "turnout", "u2", "lifetime", None, 0.0, 0.0),
    )
    with pytest.raises(StudyError) as raised:
        lifetime_records(frame, "turnout")
    places = {(fault.row, fault.column) for fault in raised.value.faults}
    assert places == {(2, "high_y"), (3, "watched_from_y"), (4, "high_y")}


def test_histories_that_contradict_themselves_are_told_all_at_once() -> None:
    frame = table_of(
        ("r1", "turnout", "u1", "recurrent", 2.0, 3.0, 3.0),
        ("r2", "turnout", "u1", "recurrent", 1.0, 9.0, None),
        ("r3", "turnout", "u1", "recurrent", None, 8.0, None),
        ("r4", "turnout", "u2", "recurrent", None, 7.0, 7.0),
        ("r5", "turnout", "u2", "recurrent", None, 6.0, None),
        ("r6", "turnout", "u3", "recurrent", None, 1.0, 1.0),
        ("r7", "turnout", "u3", "recurrent", 4.0, 6.0, None),
    )
    with pytest.raises(StudyError) as raised:
        recurrent_records(frame, "turnout")
    places = {(fault.row, fault.column) for fault in raised.value.faults}
    assert places == {(4, "high_y"), (None, "watched_from_y"), (5, "high_y"), (7, "low_y")}
