"""Worth of works, by hand."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from arterial.campaign.choice.sites import list_sites
from arterial.campaign.choice.worth import BenefitRules
from arterial.campaign.valuation.benefits import (
    SiteOutlook,
    value_sites,
    window_loss_h,
)
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
        loss_per_possession_h=zero,
        derailments_low=zero,
        derailments_high=zero,
    )


SITES = list_sites(make_tables(), REGISTER)


def test_a_work_avoids_failures_from_the_month_after_its_last():
    values = value_sites(SITES, make_outlook(4), make_rules())
    # 24 h a failure, 0.75 failures a year avoided, in eleven months of twelve.
    assert values.benefit[0, 0] == pytest.approx(24.0 * 0.75 * 11 / 12)
    assert values.benefit[0, 10] == pytest.approx(24.0 * 0.75 / 12)
    assert values.benefit[0, 11] == pytest.approx(0.0, abs=1e-9)
    assert values.delay_avoided_h[0, 0] == pytest.approx(18.0)


def test_what_a_work_avoids_is_that_of_the_year_after_it_when_it_is_done():
    # Sound today, 0 failures a year more than worked on; 1.2 a year more a year from now.
    outlook = make_outlook(4, rate=1.0)
    outlook = replace(
        outlook,
        rates=np.tile([1.0, 2.2], (4, 1)),
        worked_rates=np.ones((4, 2, 2)),
    )
    values = value_sites(SITES, outlook, make_rules())
    # 24 h a failure; done in the month k it counts from k + 1 twelfths of a year on.
    expected = 24.0 * 1.2 * (np.arange(MONTHS) + 1) / 12
    assert values.delay_avoided_h[0] == pytest.approx(expected)
    assert values.failure_delay_avoided_h[0] == pytest.approx(expected)
    # In the year after the campaign all of them avoid the same, whenever they were done.
    assert values.lasting_delay_avoided_h[0] == pytest.approx(24.0 * 1.2)


def test_a_work_that_wears_off_avoids_less_after_the_campaign():
    worn = np.tile([[0.0, 0.6], [0.0, 0.6]], (4, 1, 1))
    outlook = replace(make_outlook(4), worked_rates=worn)
    values = value_sites(SITES, outlook, make_rules())
    # Done in the month k, 11 - k twelfths of a year pass, 0.6 failures more in each year.
    passed = (11 - np.arange(MONTHS)) / 12
    assert values.lasting_delay_avoided_h[0] == pytest.approx(24.0 * (1.0 - 0.6 * passed))


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
    rising = replace(outlook, rates=np.tile([1.0, 2.0], (4, 1)))
    values = value_sites(SITES, rising, make_rules())
    by_hand = 24.0 * sum(1.0 + m / 12 for m in range(1, 12)) / 12
    assert values.benefit[0, 0] == pytest.approx(by_hand)


def test_trains_that_wait_for_the_work_are_taken_off_its_worth():
    outlook = make_outlook(4)
    waiting = replace(outlook, loss_per_possession_h=np.full(4, 1.5))
    free, priced = (value_sites(SITES, each, make_rules()) for each in (outlook, waiting))
    hours = SITES.frame["possession_h"].to_numpy()
    assert (free.benefit - priced.benefit)[:, 0] == pytest.approx(1.5 * hours)
    # Discounted to the middle of the month in which the work begins.
    later = value_sites(SITES, waiting, make_rules(discount_percent=6.0))
    assert later.possession_loss[0, 5] == pytest.approx(1.5 * 1.06 ** (-5.5 / 12))


def test_a_window_holds_each_train_for_half_of_it():
    # Twelve trains a day: one in two hours; 3 h of closure hold 1.5 of them for 1.5 h.
    assert window_loss_h(np.array([365.25 * 12]), 3.0)[0] * 3.0 == pytest.approx(1.5 * 1.5)
