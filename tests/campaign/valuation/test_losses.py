"""Delay of failures: by hand, and ratios of simulated over reckoned delay."""

import numpy as np
import polars as pl
import pytest

from arterial.campaign.valuation.losses import KnockOn, Ratio, fit_ratio, resolve_effects

FIXED = pl.DataFrame(
    {"train_runs_per_year": [365.25 * 24, 365.25 * 48], "shares_tracks": [False, False]}
)


def make_states(*, closes: bool) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "asset_id": ["A", "B"],
            "kind": "turnout",
            "failure_rate_per_year": 1.0,
            "repair_median_h": 2.0,
            "repair_sigma": 0.0,
            "delay_per_train_min": 30.0,
            "delay_sigma": 0.0,
            "closes_line": closes,
        }
    )


def test_every_asset_has_an_expected_delay_without_any_simulation():
    worth = resolve_effects(make_states(closes=False), FIXED, KnockOn(), longest_wait_h=24.0)
    # A failure of 2 h meets two trains at one an hour, half an hour each.
    assert worth.delay_h.tolist() == pytest.approx([1.0, 2.0])


def test_what_trains_pass_on_counts_once_they_wait():
    knock_on = KnockOn(closed=Ratio(used=1.5), passing=Ratio(used=2.0))
    passing = resolve_effects(make_states(closes=False), FIXED, knock_on, longest_wait_h=24.0)
    assert passing.delay_h.tolist() == pytest.approx([2.0, 4.0])
    # Closed for 2 h: 2 train-hours at one train an hour, half of them more.
    closed = resolve_effects(make_states(closes=True), FIXED, knock_on, longest_wait_h=24.0)
    assert closed.delay_h[0] == pytest.approx(3.0)
    # No train waits longer than 1 h: 1.5 train-hours.
    cut = resolve_effects(make_states(closes=True), FIXED, knock_on, longest_wait_h=1.0)
    assert cut.delay_h[0] == pytest.approx(1.5 * 1.5)


def test_a_failure_on_one_track_of_two_does_not_close_the_line():
    shared = FIXED.with_columns(shares_tracks=pl.lit(value=True))
    worth = [
        resolve_effects(make_states(closes=closes), shared, KnockOn(), longest_wait_h=24.0)
        for closes in (True, False)
    ]
    assert worth[0].delay_h.tolist() == worth[1].delay_h.tolist()


def test_a_ratio_is_far_surer_than_a_mean_where_both_fall_on_the_same_failures():
    random = np.random.default_rng(4)
    reckoned = np.where(random.random(400) < 0.1, random.lognormal(4.0, 1.5, 400), 0.0)
    simulated = reckoned * random.normal(1.3, 0.2, 400)
    fit = fit_ratio(reckoned, simulated, spread=0.5)
    assert fit.measured == pytest.approx(1.3, abs=3 * fit.measured_error)
    relative = simulated.std(ddof=1) / np.sqrt(400) / simulated.mean()
    assert fit.measured_error / fit.measured < relative / 3


def test_the_error_of_a_ratio_is_that_of_repeated_simulations():
    random = np.random.default_rng(7)
    found, told = [], []
    for _ in range(300):
        reckoned = random.exponential(1.0, 60)
        fit = fit_ratio(reckoned, 1.4 * reckoned + random.normal(0, 0.5, 60), spread=100.0)
        found.append(fit.measured)
        told.append(fit.measured_error)
    assert np.mean(told) == pytest.approx(np.std(found), rel=0.15)


def test_a_ratio_of_hardly_any_failures_is_not_believed():
    nothing = fit_ratio(np.zeros(9), np.zeros(9), spread=0.5)
    assert (nothing.measured, nothing.used, nothing.used_error) == (None, 1.0, 0.5)
    few = fit_ratio(np.array([1.0, 1.0, 0.0]), np.array([9.0, 9.0, 0.0]), spread=0.5)
    assert (few.measured, few.used, few.count) == (None, 1.0, 2)
    fixed = fit_ratio(np.ones(9), 2 * np.ones(9) + np.arange(9), spread=0.0)
    assert (fixed.used, fixed.used_error) == (1.0, 0.0)
