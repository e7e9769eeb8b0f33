"""Money of works is told where it is stated whole, and is not nought where it is not."""

import numpy as np
import pytest

from arterial.campaign.choice.pricing import no_prices
from arterial.campaign.choice.results import tabulate_plans, tabulate_totals
from arterial.campaign.choice.rules import Plan
from arterial.campaign.choice.solve import solve_campaign
from campaign_table_cases import WORKS, make_campaign

WORTHS = [30.0, 20.0, 40.0, 50.0]


def tabulate(costs):
    works = [{**each, "cost": costs.get(each["work_id"])} for each in WORKS]
    materials = [
        {"material_id": "SET", "name": "Set", "unit": "sets", "stock": 9.0, "unit_cost": 7.0}
    ]
    campaign = make_campaign(WORTHS, work_kinds=works, materials=materials)
    found = solve_campaign(campaign.problem, workers=1, rounds=2)
    plan = Plan.of_solution(found)
    prices = no_prices(campaign.problem)
    return (
        tabulate_totals(campaign, [plan], [], found).row(0, named=True),
        tabulate_plans(campaign, [plan], [], prices),
    )


def test_money_is_that_of_the_works_and_of_their_materials():
    totals, plan = tabulate({"TR": 100.0, "T": 10.0, "EM": 20.0, "BR": 30.0})
    rows = {row["site_id"]: row for row in plan.iter_rows(named=True)}
    assert rows["turnout:T"]["cost"] == 10.0 + 7.0
    assert rows["bridge:BR"]["benefit_per_cost"] == pytest.approx(
        rows["bridge:BR"]["benefit"] / 30.0
    )
    assert totals["cost"] == pytest.approx(plan["cost"].sum())


def test_money_that_is_not_stated_whole_is_not_known():
    totals, plan = tabulate({"TR": 100.0, "T": 10.0, "EM": 20.0})
    rows = {row["site_id"]: row for row in plan.iter_rows(named=True)}
    assert rows["bridge:BR"]["cost"] is None
    assert rows["bridge:BR"]["benefit_per_cost"] is None
    assert totals["cost"] is None
    assert np.isfinite(totals["benefit"])
