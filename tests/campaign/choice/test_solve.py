"""The campaign solver on problems of a few hundred sites, against HiGHS and rules of thumb."""

import numpy as np
import pytest

from arterial.campaign import (
    CampaignProblem,
    Rule,
    check_plan,
    rank_sites,
    solve_campaign,
)
from arterial.errors import LimitError
from campaign_cases import draw_campaign
from campaign_oracle import solve_model
from campaign_problems import Regime, make_reference_problem


@pytest.fixture(scope="module")
def moderate() -> CampaignProblem:
    """A reference problem of 600 sites and 24 months."""
    return make_reference_problem(600, regime=Regime.MODERATE, seed=1, n_months=24)


def test_the_bound_is_within_a_two_thousandth_of_the_linear_optimum(
    moderate: CampaignProblem,
) -> None:
    relaxed = -solve_model(moderate, whole=False).fun
    bound = solve_campaign(moderate, rounds=0).price_bound
    assert relaxed <= bound * (1 + 1e-7)
    assert bound <= relaxed * 1.0005


def test_no_rule_of_thumb_does_better(moderate: CampaignProblem) -> None:
    solution = solve_campaign(moderate, rounds=4)
    for rule in Rule:
        ranked = rank_sites(moderate, rule)
        assert check_plan(moderate, ranked.option, ranked.month) == pytest.approx(ranked.value)
        assert ranked.value < solution.value


def test_the_same_seed_gives_the_same_plan_on_any_number_of_threads(
    moderate: CampaignProblem,
) -> None:
    one = solve_campaign(moderate, rounds=2, workers=1, time_limit_s=300.0)
    two = solve_campaign(moderate, rounds=2, workers=2, time_limit_s=300.0)
    np.testing.assert_array_equal(one.option, two.option)
    np.testing.assert_array_equal(one.month, two.month)
    assert one.bound == two.bound


def test_a_plan_is_taken_up_again_with_less_labour(moderate: CampaignProblem) -> None:
    before = solve_campaign(moderate, rounds=2)
    less = moderate.with_limits(labour=0.8)
    after = solve_campaign(less, rounds=2, start=before)
    anew = solve_campaign(less, rounds=2)
    assert check_plan(less, after.option, after.month) == pytest.approx(after.value)
    assert after.value == pytest.approx(anew.value, rel=0.02)
    assert after.price_bound == pytest.approx(anew.price_bound, rel=0.002)


def test_works_of_several_months_and_bundles_are_planned() -> None:
    problem = draw_campaign(3, n_sites=300, n_months=12, n_lines=6, most_months=4)
    solution = solve_campaign(problem, rounds=4)
    assert check_plan(problem, solution.option, solution.month) == pytest.approx(solution.value)
    chosen = solution.option[solution.option >= 0]
    assert problem.duration_months[chosen].max() > 1
    assert solution.gap < 0.1


def test_a_campaign_without_anything_worth_doing_is_empty() -> None:
    problem = draw_campaign(1)
    nothing = solve_campaign(problem.with_limits(labour=0.0), rounds=1)
    assert nothing.value == 0.0
    assert (nothing.option == -1).all()


def test_a_time_limit_below_nothing_is_refused() -> None:
    with pytest.raises(LimitError, match="time limit"):
        solve_campaign(draw_campaign(1), time_limit_s=-1.0)


def test_a_search_says_whether_the_clock_ended_it(moderate: CampaignProblem) -> None:
    done = solve_campaign(moderate, rounds=1, time_limit_s=600.0)
    assert not done.is_cut
    cut = solve_campaign(moderate, time_limit_s=0.02)
    assert cut.is_cut
    assert check_plan(moderate, cut.option, cut.month) == pytest.approx(cut.value)
