"""Refilling months of a pool: small cases by hand, and that limits always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arterial.campaign import CampaignProblem, check_plan
from arterial.campaign.choice.encode import encode_problem
from arterial.campaign.choice.planning import Planner
from arterial.campaign.choice.pricing import no_prices
from arterial.campaign.choice.problem import NEVER
from arterial.campaign.choice.refilling_kernel import Refill
from arterial.campaign.choice.stages import Threads
from campaign_cases import draw_campaign


def four_works() -> CampaignProblem:
    """Works worth 6, 5, 4 and 2 that take 6, 5, 5 and 4 h of a gang of 10 h, in the only month."""
    one = np.ones(4)
    return CampaignProblem(
        first_option=np.arange(5, dtype=np.int32),
        pool=np.zeros(4, dtype=np.int32),
        line=np.zeros(4, dtype=np.int32),
        benefit=np.array([[6.0], [5.0], [4.0], [2.0]], dtype=np.float32),
        labour_h=np.array([6.0, 5.0, 5.0, 4.0]),
        possession_h=one,
        material=np.zeros((4, 0)),
        cost=one,
        season=np.zeros(4, dtype=np.int32),
        duration_months=np.ones(4, dtype=np.int32),
        season_need=np.ones((1, 1)),
        labour_limit_h=np.array([[10.0]]),
        possession_limit_h=np.full((1, 1), 99.0),
        supply=np.zeros((0, 1)),
        budget=np.zeros(0),
        year=np.zeros(1, dtype=np.int32),
    )


def insert_works(problem: CampaignProblem, *, seed: int = 1) -> Planner:
    """A plan by insertion, without prices, so that worth is benefit."""
    encoded, rng = encode_problem(problem), np.random.default_rng(seed)
    stop = np.zeros(1, dtype=np.bool_)
    planner = Planner(encoded, no_prices(problem), rng, Threads(), stop)
    planner.insert()
    return planner


def test_the_dearest_two_that_fill_the_gang_are_found() -> None:
    planner = insert_works(four_works())
    # By worth alone the 6 h and the 4 h go in, 8 together; the two of 5 h are worth 9.
    assert planner.save().value == 8.0
    planner.refill(Refill(0.9, 0.5, 20.0, 8.0))
    assert planner.save().value == 9.0
    assert planner.option.tolist() == [-1, 1, 2, -1]
    assert planner.remaining.labour.tolist() == [[0.0]]


def test_without_passes_nothing_moves() -> None:
    planner = insert_works(draw_campaign(5, n_sites=60))
    before = planner.save()
    planner.refill(Refill(1.0, 1.0, 0.0, 8.0))
    np.testing.assert_array_equal(planner.option, before.option)
    np.testing.assert_array_equal(planner.month, before.month)


@given(seed=st.integers(0, 10_000), most_months=st.integers(1, 3))
def test_limits_hold_and_benefit_never_falls(seed: int, most_months: int) -> None:
    problem = draw_campaign(seed, n_sites=40, n_lines=3, most_months=most_months)
    planner = insert_works(problem, seed=seed)
    before = planner.save().value
    planner.refill(Refill(0.95, 0.6, 3.0, 4.0))
    plan, encoded = planner.save(), planner.encoded
    assert plan.value >= before - 1e-3
    option = np.full(problem.n_sites, NEVER, dtype=np.int32)
    month = np.full(problem.n_sites, NEVER, dtype=np.int32)
    done = plan.option >= 0
    option[encoded.site_order[done]] = encoded.option_order[plan.option[done]]
    month[encoded.site_order[done]] = plan.month[done]
    assert check_plan(problem, option, month) == pytest.approx(plan.value, rel=1e-6)


def test_a_gang_without_end_takes_all_that_is_worth_anything() -> None:
    planner = insert_works(four_works().with_limits(labour=np.inf))
    planner.refill(Refill(0.9, 0.5, 20.0, 8.0))
    assert planner.save().value == 17.0


def test_a_raised_flag_ends_kernels_between_two_changes() -> None:
    planner = insert_works(draw_campaign(5, n_sites=60))
    before = planner.save()
    planner.stop[0] = True
    planner.refill(Refill(1.02, 0.5, 20.0, 8.0))
    planner.improve(0.5)
    np.testing.assert_array_equal(planner.option, before.option)
