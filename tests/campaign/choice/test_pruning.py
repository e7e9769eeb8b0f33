"""Options that are worth nothing may be left out: plan and bound stay what they are."""

from dataclasses import replace

import numpy as np
import pytest

from arterial.campaign.choice.certificate import check_bound, check_packing_bound, check_plan
from arterial.campaign.choice.pruning import prune_problem, reduce_start, restore_solution
from arterial.campaign.choice.solve import solve_campaign
from campaign_cases import draw_campaign


def make_mixed():
    problem = draw_campaign(5, n_sites=60)
    benefit = problem.benefit.copy()
    benefit[::3] = -1.0
    return replace(problem, benefit=benefit)


def test_what_is_left_keeps_needs_and_places():
    problem = make_mixed()
    pruned = prune_problem(problem)
    assert pruned is not None
    assert pruned.problem.n_options == int((problem.benefit.max(axis=1) > 0).sum())
    assert (np.diff(pruned.problem.first_option) > 0).all()
    assert (pruned.problem.labour_h == problem.labour_h[pruned.options]).all()
    assert (pruned.problem.pool == problem.pool[pruned.sites]).all()


def test_plan_and_bounds_of_what_is_left_hold_for_the_whole():
    problem = make_mixed()
    pruned = prune_problem(problem)
    found = solve_campaign(pruned.problem, time_limit_s=60.0, workers=1, rounds=2)
    whole = restore_solution(pruned, found)
    assert check_plan(problem, whole.option, whole.month) == pytest.approx(found.value)
    assert check_bound(problem, whole.prices) == pytest.approx(found.price_bound)
    if whole.packing_prices is not None:
        again = check_packing_bound(problem, whole.packing_prices, whole.site_worth)
        assert again >= found.bound * (1 - 1e-9)
        assert again == pytest.approx(
            check_packing_bound(pruned.problem, found.packing_prices, found.site_worth)
        )
    back = reduce_start(pruned, whole)
    assert (back.option == found.option).all()
    assert (back.month == found.month).all()


def test_nothing_is_left_out_where_all_or_nothing_is_worth_it():
    problem = draw_campaign(5)
    assert prune_problem(replace(problem, benefit=np.ones_like(problem.benefit))) is None
    assert prune_problem(replace(problem, benefit=-np.ones_like(problem.benefit))) is None
