"""Checks of plans and bounds, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from arterial.campaign import CampaignProblem, Prices, check_bound, check_packing_bound, check_plan
from arterial.errors import LimitError
from campaign_cases import draw_campaign


def make_pair() -> CampaignProblem:
    """Two works of 6 and 5 with 4 and 3 hours of possession, and 5 hours in each of two months."""
    return CampaignProblem(
        first_option=np.arange(3, dtype=np.int32),
        pool=np.zeros(2, dtype=np.int32),
        line=np.zeros(2, dtype=np.int32),
        benefit=np.array([[6.0, 4.0], [5.0, 1.0]], dtype=np.float32),
        labour_h=np.array([10.0, 20.0]),
        possession_h=np.array([4.0, 3.0]),
        material=np.array([[1.0], [1.0]]),
        cost=np.zeros(2),
        season=np.zeros(2, dtype=np.int32),
        duration_months=np.ones(2, dtype=np.int32),
        season_need=np.array([[1.0, 2.0]]),
        labour_limit_h=np.array([[40.0, 40.0]]),
        possession_limit_h=np.array([[5.0, 5.0]]),
        supply=np.array([[1.0, 1.0]]),
        budget=np.zeros(0),
        year=np.zeros(2, dtype=np.int32),
    )


def price(possession: float) -> Prices:
    """Prices of possession alone."""
    return Prices(
        labour=np.zeros((1, 2)),
        possession=np.full((1, 2), possession),
        material=np.zeros((1, 2)),
        budget=np.zeros(0),
    )


def places(*months: int) -> tuple[np.ndarray, np.ndarray]:
    """Options and months of the pair, -1 for none."""
    month = np.array(months, dtype=np.int32)
    return np.where(month >= 0, np.arange(2), -1).astype(np.int32), month


def test_a_plan_is_worth_the_sum_of_its_works() -> None:
    assert check_plan(make_pair(), *places(1, 0)) == 9.0
    assert check_plan(make_pair(), *places(-1, 0)) == 5.0


def test_two_works_that_pass_the_hours_of_a_month_are_refused() -> None:
    with pytest.raises(LimitError, match=r"possession at \[0, 0\]"):
        check_plan(replace(make_pair(), supply=np.full((1, 2), 9.0)), *places(0, 0))


def test_material_that_comes_later_cannot_be_used_earlier() -> None:
    wide = replace(
        make_pair(),
        possession_limit_h=np.full((1, 2), 9.0),
        labour_limit_h=np.full((1, 2), 60.0),
    )
    with pytest.raises(LimitError, match=r"material at \[0, 0\]"):
        check_plan(wide, *places(0, 0))
    assert check_plan(wide, *places(1, 1)) == 5.0


def test_labour_counts_the_season() -> None:
    # 10 x 2 + 20 x 2 = 60 man-hours in the second month, of which there are 40.
    wide = replace(make_pair(), possession_limit_h=np.full((1, 2), 9.0))
    with pytest.raises(LimitError, match=r"labour at \[0, 1\]"):
        check_plan(replace(wide, labour_limit_h=np.array([[40.0, 59.0]])), *places(1, 1))


def test_a_plan_with_an_option_of_another_site_is_refused() -> None:
    with pytest.raises(LimitError, match="another site"):
        check_plan(
            make_pair(), np.array([1, -1], dtype=np.int32), np.array([0, -1], dtype=np.int32)
        )


def test_bounds_are_those_worked_out_by_hand() -> None:
    problem = make_pair()
    # Without prices, each site has its best: 6 + 5.
    assert check_bound(problem, price(0.0)) == pytest.approx(11.0)
    # At 1 an hour: 2 x 5 x 1 = 10 for the hours, 6 - 4 = 2 and 5 - 3 = 2.
    assert check_bound(problem, price(1.0)) == pytest.approx(14.0)
    # Whole works, worths 3 and 2: 5 + best of (3 or 3) in month 0 + 1 in month 1 = 9, the optimum.
    assert check_packing_bound(problem, price(0.0), np.array([3.0, 2.0])) == 9.0


def test_prices_that_prove_nothing_are_refused() -> None:
    problem = make_pair()
    with pytest.raises(LimitError, match="negative"):
        check_bound(problem, price(-1.0))
    rising = replace(price(0.0), material=np.array([[0.0, 1.0]]))
    with pytest.raises(LimitError, match="rising"):
        check_bound(problem, rising)
    with pytest.raises(LimitError, match="packing"):
        check_packing_bound(problem, price(1.0), np.zeros(2))


def test_arrays_that_do_not_fit_together_are_named() -> None:
    problem = draw_campaign(1)
    with pytest.raises(LimitError, match="cost has shape"):
        replace(problem, cost=problem.cost[:-1])
    with pytest.raises(LimitError, match="labour_h has a value"):
        replace(problem, labour_h=-problem.labour_h)
