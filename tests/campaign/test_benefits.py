"""Worth of works and delay of failures, by hand and against numerical integration."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from arterial.campaign.benefits import (
    BenefitRules,
    SiteOutlook,
    expected_wait_h,
    settle_effects,
    value_sites,
)
from arterial.campaign.sites import list_sites
from campaign_table_cases import REGISTER, make_tables

MONTHS = 12


def make_rules(**changed) -> BenefitRules:
    plain = {
        "first_month": dt.date(2027, 1, 1),
        "months": MONTHS,
        "discount_percent": 0.0,
        "residual_years": 0.0,
        "derailment_worth_h": 100.0,
    }
    return BenefitRules(**(plain | changed))


def make_outlook(count: int, *, rate=1.0, worked=0.25, seasons=None, **steady) -> SiteOutlook:
    zero = np.zeros(count)
    return SiteOutlook(
        rates=np.full((count, 2), rate),
        worked_rates=np.full((count, 2, 2), worked),
        delay_h=np.full(count, 24.0),
        restriction_h=steady.get("restriction_h", zero),
        derailments=steady.get("derailments", zero),
        seasons=np.ones((count, MONTHS)) if seasons is None else seasons,
    )


SITES = list_sites(make_tables(), REGISTER)


def test_a_work_avoids_failures_from_the_month_after_its_last():
    values = value_sites(SITES, make_outlook(4), make_rules())
    # 24 h a failure, 0.75 failures a year avoided, in eleven months of twelve.
    assert values.benefit[0, 0] == pytest.approx(24.0 * 0.75 * 11 / 12)
    assert values.benefit[0, 10] == pytest.approx(24.0 * 0.75 / 12)
    assert values.benefit[0, 11] == pytest.approx(0.0, abs=1e-9)
    assert values.delay_avoided_h[0] == pytest.approx(18.0)


def test_a_season_counts_the_months_in_which_failures_come():
    summer = np.zeros((4, MONTHS))
    summer[:, 6:8] = 6.0
    values = value_sites(SITES, make_outlook(4, seasons=summer), make_rules())
    assert values.benefit[0, 5] == pytest.approx(24.0 * 0.75)
    assert values.benefit[0, 6] == pytest.approx(24.0 * 0.75 / 2)
    assert values.benefit[0, 7] == pytest.approx(0.0, abs=1e-9)


def test_derailments_restrictions_and_what_is_left_at_the_end_count():
    steady = {"restriction_h": np.full(4, 6.0), "derailments": np.full(4, 0.1)}
    outlook = make_outlook(4, worked=1.0, **steady)
    # 16 h a year; eleven months, and two years that fade: three quarters and a quarter.
    values = value_sites(SITES, outlook, make_rules(residual_years=2.0))
    assert values.benefit[0, 0] == pytest.approx(16.0 * (11 / 12 + 1.0))
    discounted = value_sites(SITES, outlook, make_rules(discount_percent=6.0))
    assert discounted.benefit[0, 0] < 16.0 * 11 / 12


def test_a_factor_scales_the_delay_by_failures_alone():
    outlook = make_outlook(4, restriction_h=np.full(4, 12.0))
    once, twice = (value_sites(SITES, outlook, make_rules(), factor=f) for f in (1.0, 2.0))
    assert twice.benefit[0, 0] - once.benefit[0, 0] == pytest.approx(18.0 * 11 / 12)


def test_rates_between_whole_years_lie_on_a_line():
    outlook = make_outlook(4, worked=0.0)
    rising = SiteOutlook(
        rates=np.tile([1.0, 2.0], (4, 1)),
        worked_rates=outlook.worked_rates,
        delay_h=outlook.delay_h,
        restriction_h=outlook.restriction_h,
        derailments=outlook.derailments,
        seasons=outlook.seasons,
    )
    values = value_sites(SITES, rising, make_rules())
    by_hand = 24.0 * sum(1.0 + m / 12 for m in range(1, 12)) / 12
    assert values.benefit[0, 0] == pytest.approx(by_hand)


@pytest.mark.parametrize("longest_h", [np.inf, 24.0, 3.0])
def test_the_wait_at_a_closure_agrees_with_integration(longest_h):
    median, sigma = 6.0, 0.7
    z = np.linspace(-9, 9, 200_001)
    closure = median * np.exp(sigma * z)
    wait = np.where(
        closure <= longest_h,
        closure**2 / 2,
        min(longest_h, 1e9) * closure - min(longest_h, 1e9) ** 2 / 2,
    )
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    by_sum = float((wait * density).sum() * (z[1] - z[0]))
    found = expected_wait_h(np.array([median]), np.array([sigma]), longest_h)
    assert found[0] == pytest.approx(by_sum, rel=1e-6)


def make_states(rate: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "asset_id": ["A", "B"],
            "kind": "turnout",
            "failure_rate_per_year": rate,
            "repair_median_h": 2.0,
            "repair_sigma": 0.0,
            "delay_per_train_min": 30.0,
            "delay_sigma": 0.0,
            "closes_line": False,
        }
    )


FIXED = pl.DataFrame({"train_runs_per_year": [365.25 * 24, 365.25 * 48]})


def test_every_asset_has_an_expected_delay_without_any_simulation():
    worth = settle_effects(make_states(1.0), FIXED, None, simulated_years=0.0, longest_wait_h=24.0)
    # A failure of 2 h meets two trains at one an hour, half an hour each.
    assert worth.delay_h.tolist() == pytest.approx([1.0, 2.0])
    assert worth.factors == {"turnout": 1.0}


def test_simulation_counts_by_the_failures_that_were_seen():
    effects = pl.DataFrame(
        {
            "asset_id": ["A"],
            "primary_delay_min_per_year": [180.0],
            "knock_on_delay_min_per_year": [180.0],
        }
    )
    worth = settle_effects(
        make_states(1.0), FIXED, effects, simulated_years=25.0, longest_wait_h=24.0
    )
    # 50 failures seen of the kind: half of the ratio 6 / 3 is believed; of A alone 25, a third.
    assert worth.factors["turnout"] == pytest.approx(1.5)
    assert worth.delay_h[0] == pytest.approx(6.0 / 3 + 1.5 * 2 / 3)
