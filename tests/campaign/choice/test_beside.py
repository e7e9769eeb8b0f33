"""The plan beside a report: counts, and the factor that would make the report right."""

import polars as pl
import pytest

from arterial.campaign.choice.beside import tabulate_beside
from arterial.campaign.choice.pricing import no_prices
from arterial.campaign.choice.rules import Plan
from arterial.campaign.choice.solve import solve_campaign
from campaign_table_cases import fill, make_campaign

WORTHS = [30.0, 20.0, 40.0, 50.0]
STATES = pl.DataFrame({"kind": ["track", "turnout", "embankment", "bridge"]})


def hold(price: float, **row: object) -> list[dict]:
    campaign = make_campaign(WORTHS)
    plan = Plan.of_solution(solve_campaign(campaign.problem, workers=1, rounds=2))
    prices = no_prices(campaign.problem)
    prices.labour[:] = price
    report = {"report_id": "R", "kind": "turnout", "actions": "renew", "quantity": 1.0} | row
    table = tabulate_beside(
        campaign, plan, prices, reports=fill("reported_works", [report]), states=STATES
    )
    return table.to_dicts()


def test_the_factor_is_what_a_work_takes_over_what_it_gains():
    # A turnout of 100 man-hours gains 20 train-hours in its best month.
    (row,) = hold(0.5, stock=1.0)
    assert (row["stock"], row["reported_count"], row["planned_count"]) == (1, 1, 1)
    assert row["worth_factor"] == pytest.approx(100.0 * 0.5 / 20.0)


def test_a_report_of_a_part_of_the_network_is_not_held_beside_it():
    assert hold(0.5, stock=0.5) == []


def test_more_than_gain_anything_are_made_right_by_no_factor():
    (row,) = hold(0.5, stock=1.0, kind="signalling", quantity=1.0) or [{"worth_factor": None}]
    assert row["worth_factor"] is None
