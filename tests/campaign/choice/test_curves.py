"""Curves of worth over resources: they rise, and nothing is solved that is settled."""

from dataclasses import replace

import polars as pl
import pytest

from arterial.campaign.choice.curves import find_value, tabulate_curves, tabulate_prices
from arterial.campaign.choice.problem import CampaignProblem, CampaignSolution
from arterial.campaign.choice.solve import solve_campaign
from campaign_table_cases import make_campaign, make_tables

WORTHS = [30.0, 20.0, 40.0, 50.0]


def solve(problem: CampaignProblem, start: CampaignSolution | None = None) -> CampaignSolution:
    return solve_campaign(problem, time_limit_s=60.0, workers=1, rounds=1, start=start)


def test_worth_and_bound_rise_with_each_kind_and_all_is_never_below_one():
    campaign = make_campaign(WORTHS)
    curves = tabulate_curves(campaign, solve(campaign.problem), solve)
    for _, curve in curves.group_by("resource"):
        rising = curve.sort("factor")
        assert rising["benefit"].is_sorted()
        assert rising["bound"].is_sorted()
        assert (rising["benefit"] <= rising["bound"] * (1 + 1e-9)).all()
    more = curves.filter(pl.col("factor") == 1.5)
    most = more.filter(pl.col("resource") != "all")["benefit"].max()
    assert more.filter(resource="all")["benefit"].item() >= most
    assert curves.filter(resource="labour")["factor"].min() == pytest.approx(0.1)


def test_what_does_not_bind_is_not_solved_again():
    pools = [{"pool_id": "P", "name": "b", "gangs_count": 1e4, "hours_per_gang_month": 100.0}]
    campaign = make_campaign(WORTHS, labour_pools=pools)
    solution = solve(campaign.problem)
    asked = []

    def ask(problem: CampaignProblem, start: CampaignSolution) -> CampaignSolution:
        asked.append(problem)
        return solve(problem, start)

    labour = tabulate_curves(campaign, solution, ask).filter(resource="labour")
    limits = campaign.problem.labour_limit_h
    # Each one that was solved has other materials or possession.
    assert not [
        each
        for each in asked
        if (each.supply == campaign.problem.supply).all()
        and (each.possession_limit_h == campaign.problem.possession_limit_h).all()
        and (each.labour_limit_h != limits).any()
    ]
    assert labour["benefit"].unique().to_list() == [pytest.approx(solution.value)]


def test_a_plan_is_worth_nothing_where_it_does_not_fit():
    campaign = make_campaign(WORTHS)
    solution = solve(campaign.problem)
    assert find_value(campaign.problem, solution) == pytest.approx(solution.value)
    assert find_value(campaign.problem.with_limits(possession=0.1), solution) is None


def test_what_searching_once_more_finds_is_not_what_more_is_worth():
    campaign = make_campaign(WORTHS)
    solution = solve_campaign(campaign.problem, time_limit_s=60.0, workers=1, rounds=1)
    # A plan that is known to be too bad by 5: planning anew finds 5, with and without more.
    bad = replace(solution, value=solution.value - 5.0)
    prices = tabulate_prices(make_tables(), campaign, bad, lambda _: replace(solution, is_cut=True))
    tried = prices.drop_nulls("worth_by_replanning_h")
    assert tried.height > 0
    assert tried["worth_by_replanning_h"].to_list() == [0.0] * tried.height
    assert tried["is_cut"].all()


def test_a_step_above_the_price_is_told_as_one():
    campaign = make_campaign(WORTHS)
    solution = solve_campaign(campaign.problem, time_limit_s=60.0, workers=1, rounds=1)
    step = {id(campaign.problem): 0.0}

    def gain(problem: CampaignProblem) -> CampaignSolution:
        return replace(solution, value=solution.value + step.get(id(problem), 1e6))

    prices = tabulate_prices(make_tables(), campaign, solution, gain)
    tried = prices.drop_nulls("worth_by_replanning_h")
    assert tried["worth_by_replanning_h"].to_list() == [pytest.approx(1e6)] * tried.height
    assert tried["words"].str.contains("more than the price").all()
