"""Works that are large against a month's labour, or last for months, are placed exactly."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from arterial.campaign import check_plan, solve_campaign
from arterial.campaign.choice.certificate_placing import list_columns, solve_placing
from arterial.campaign.choice.pricing import no_prices
from campaign_cases import draw_campaign
from campaign_large_cases import assign_halves, draw_few_large, draw_halves
from campaign_oracle import solve_model


@pytest.mark.parametrize(("n_sites", "n_months"), [(60, 24), (200, 60)])
def test_works_of_more_than_half_a_month_are_assigned_to_months(n_sites, n_months):
    problem = draw_halves(n_sites, n_months, seed=1)
    optimum = assign_halves(problem)
    found = solve_campaign(problem, time_limit_s=300.0, workers=1, rounds=2)
    assert found.price_bound > 1.3 * optimum
    assert found.value == pytest.approx(optimum, rel=1e-6)
    assert optimum * (1 - 1e-9) <= found.bound <= optimum * 1.0005


@pytest.mark.parametrize(("n_months", "dearer"), [(12, 2.0), (24, 3.0)])
def test_a_few_large_works_stand_beside_many_small_ones(n_months, dearer):
    problem = draw_few_large(6, 894, n_months, seed=1, dearer=dearer)
    relaxed = -solve_model(problem, whole=False).fun
    found = solve_campaign(problem, time_limit_s=300.0, workers=1, rounds=2)
    assert check_plan(problem, found.option, found.month) == pytest.approx(found.value)
    assert found.gap <= 0.004
    assert found.bound <= found.price_bound <= relaxed * 1.002


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_no_placement_of_some_sites_bounds_below_the_optimum(seed):
    problem = draw_campaign(seed)
    optimum = -solve_model(problem, whole=True).fun
    draw = np.random.default_rng(seed)
    sites = np.flatnonzero(draw.random(problem.n_sites) < 0.4)
    # Of no site at all nothing is placed.
    assume(len(sites))
    prices = [no_prices(problem), solve_campaign(problem, rounds=0, workers=1).prices]
    bounds = [
        solve_placing(problem, sites, list_columns(problem, sites), prices[: count + 1]).bound
        for count in range(2)
    ]
    assert bounds[1] >= optimum - 1e-6
    assert bounds[0] >= bounds[1] - 1e-5


@given(st.integers(0, 10_000))
@settings(max_examples=6, deadline=None)
def test_small_campaigns_are_finished_exactly(seed):
    problem = draw_campaign(seed)
    optimum = -solve_model(problem, whole=True).fun
    found = solve_campaign(problem, workers=1, rounds=2, seed=seed)
    assert found.value == pytest.approx(optimum, rel=0.002)
    assert optimum - 1e-6 <= found.bound <= optimum * 1.003 + 1e-6
