"""Laws of the campaign: what must hold for every problem, price and plan."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.campaign import (
    CampaignProblem,
    Prices,
    check_bound,
    check_packing_bound,
    check_plan,
    solve_campaign,
)
from campaign_cases import draw_campaign
from campaign_oracle import solve_model

seeds = st.integers(0, 10_000)
# Threads share a few sites, and take longer to be handed them than to work.
solve = partial(solve_campaign, workers=1)


def draw_prices(problem: CampaignProblem, seed: int) -> Prices:
    """Random prices that may be used."""
    draw = np.random.default_rng(seed)
    fall = np.sort(draw.exponential(0.3, problem.supply.shape), axis=1)[:, ::-1]
    return Prices(
        labour=draw.exponential(0.3, problem.labour_limit_h.shape),
        possession=draw.exponential(0.3, problem.possession_limit_h.shape),
        material=fall.copy(),
        budget=draw.exponential(0.3, problem.budget.shape),
    )


@given(seeds)
@settings(max_examples=12, deadline=None)
def test_no_plan_is_worth_more_than_any_prices_allow(seed: int) -> None:
    problem = draw_campaign(seed)
    optimum = -solve_model(problem, whole=True).fun
    prices = draw_prices(problem, seed)
    assert check_bound(problem, prices) >= optimum - 1e-6
    free = replace(prices, possession=np.zeros_like(prices.possession))
    worth = np.random.default_rng(seed).exponential(1.0, problem.n_sites)
    assert check_packing_bound(problem, free, worth) >= optimum - 1e-6


@given(seeds)
@settings(max_examples=8, deadline=None)
def test_the_optimum_lies_between_the_plan_and_its_bound(seed: int) -> None:
    problem = draw_campaign(seed)
    solution = solve(problem, rounds=4, seed=seed)
    optimum = -solve_model(problem, whole=True).fun
    relaxed = -solve_model(problem, whole=False).fun
    assert solution.value <= optimum + 1e-6 <= solution.bound + 2e-6
    assert solution.price_bound == pytest.approx(relaxed, rel=0.02)
    assert solution.bound <= solution.price_bound
    assert check_plan(problem, solution.option, solution.month) == pytest.approx(solution.value)


@given(seeds)
@settings(max_examples=12, deadline=None)
def test_the_worths_of_the_price_bound_make_a_packing_bound_no_higher(seed: int) -> None:
    problem = draw_campaign(seed, most_months=1)
    prices = draw_prices(problem, seed)
    # Worths of sites by prices of everything, as the price bound counts them.
    single = [
        check_bound(keep_site(problem, site), prices) - check_bound(keep_site(problem, -1), prices)
        for site in range(problem.n_sites)
    ]
    free = replace(prices, possession=np.zeros_like(prices.possession))
    packed = check_packing_bound(problem, free, np.maximum(single, 0.0))
    # Rounding down to a thousandth of a possession may cost a little.
    assert packed <= check_bound(problem, prices) * 1.003 + 1e-6


def keep_site(problem: CampaignProblem, site: int) -> CampaignProblem:
    """The problem with no work worth anything but those of one site."""
    benefit = np.full_like(problem.benefit, -np.inf)
    if site >= 0:
        own = slice(problem.first_option[site], problem.first_option[site + 1])
        benefit[own] = problem.benefit[own]
    return replace(problem, benefit=benefit)


@given(seeds, st.sampled_from(["labour", "possession", "material", "budget"]))
@settings(max_examples=12, deadline=None)
def test_more_of_a_resource_never_lowers_a_bound_at_the_same_prices(seed: int, kind: str) -> None:
    problem = draw_campaign(seed)
    prices = draw_prices(problem, seed)
    less = check_bound(problem.with_limits(**{kind: 0.8}), prices)
    more = check_bound(problem.with_limits(**{kind: 1.2}), prices)
    assert less <= check_bound(problem, prices) + 1e-9
    assert check_bound(problem, prices) <= more + 1e-9


@given(seeds, st.sampled_from(["labour", "possession", "material", "budget"]))
@settings(max_examples=6, deadline=None)
def test_no_plan_without_a_resource_beats_the_bound_with_it(seed: int, kind: str) -> None:
    problem = draw_campaign(seed)
    without = solve(problem.with_limits(**{kind: 0.0}), rounds=1)
    assert without.value <= solve(problem, rounds=1).bound + 1e-6


@given(seeds)
@settings(max_examples=8, deadline=None)
def test_without_limits_every_site_has_its_best(seed: int) -> None:
    problem = draw_campaign(seed, most_months=1)
    endless = problem.with_limits(labour=np.inf, possession=np.inf, material=np.inf, budget=np.inf)
    solution = solve(endless, rounds=1)
    best = np.maximum.reduceat(problem.benefit.max(axis=1), problem.first_option[:-1])
    assert solution.value == pytest.approx(float(np.maximum(best, 0.0).sum()), rel=1e-6)
    assert solution.bound == pytest.approx(solution.value, rel=1e-6)


@given(seeds, st.floats(0.01, 100.0))
@settings(max_examples=6, deadline=None)
def test_units_of_benefit_and_of_resources_do_not_matter(seed: int, factor: float) -> None:
    problem = draw_campaign(seed)
    scaled = replace(
        problem,
        benefit=(problem.benefit * np.float32(factor)).astype(np.float32),
        labour_h=problem.labour_h * 8.0,
        labour_limit_h=problem.labour_limit_h * 8.0,
    )
    one, other = solve(problem, rounds=0), solve(scaled, rounds=0)
    assert other.price_bound == pytest.approx(one.price_bound * factor, rel=0.005)


@given(seeds)
@settings(max_examples=6, deadline=None)
def test_the_order_of_sites_does_not_matter_to_the_bound(seed: int) -> None:
    problem = draw_campaign(seed, most_months=1)
    order = np.random.default_rng(seed).permutation(problem.n_sites)
    counts = np.diff(problem.first_option)[order]
    options = np.concatenate(
        [np.arange(problem.first_option[i], problem.first_option[i + 1]) for i in order]
    )
    turned = replace(
        problem,
        first_option=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        pool=problem.pool[order],
        line=problem.line[order],
        **{
            name: getattr(problem, name)[options]
            for name in (
                "benefit", "labour_h", "possession_h", "material", "cost", "season",
                "duration_months",
            )
        },
    )  # fmt: skip
    one, other = solve(problem, rounds=0), solve(turned, rounds=0)
    assert other.price_bound == pytest.approx(one.price_bound, rel=1e-4)


def test_a_price_is_what_a_little_more_of_the_resource_is_worth() -> None:
    problem = draw_campaign(5, n_sites=200, n_months=6, most_months=1)
    prices = solve(problem, rounds=0).prices
    pool, month = np.unravel_index(int(prices.labour.argmax()), prices.labour.shape)
    step = 0.02 * problem.labour_limit_h[pool, month]
    limits = [problem.labour_limit_h.copy() for _ in range(2)]
    limits[0][pool, month] -= step
    limits[1][pool, month] += step
    low, high = (
        -solve_model(replace(problem, labour_limit_h=limit), whole=False).fun for limit in limits
    )
    worth = (high - low) / (2.0 * step)
    assert prices.labour[pool, month] == pytest.approx(worth, rel=0.1)
