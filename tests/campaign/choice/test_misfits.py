"""What is worth doing and not planned, with the limit that binds, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from arterial.campaign.choice.misfits import tabulate_misfits
from arterial.campaign.choice.pricing import no_prices
from arterial.campaign.choice.rules import Plan
from arterial.campaign.choice.sites import list_sites
from arterial.campaign.choice.solve import solve_campaign
from campaign_table_cases import POOLS, REGISTER, make_campaign, make_tables, work

WORTHS = [30.0, 20.0, 40.0, 50.0]


def tabulate(campaign):
    found = solve_campaign(campaign.problem, time_limit_s=60.0, workers=1, rounds=2)
    table = tabulate_misfits(campaign, Plan.of_solution(found), found.prices)
    return found, {row["asset_id"]: row for row in table.iter_rows(named=True)}


def test_nothing_is_left_where_all_fits():
    _, rows = tabulate(make_campaign(WORTHS))
    assert rows == {}


def test_a_window_that_no_work_fits_is_named_with_need_and_room():
    narrow = [{"limit_id": "L", "section_id": "S", "hours_per_month": 5.0}]
    found, rows = tabulate(make_campaign(WORTHS, possession_limits=narrow))
    assert found.value == 0.0
    bridge = rows["bridge"]
    assert (bridge["limit"], bridge["limit_id"]) == ("possession", "S")
    assert (bridge["needed"], bridge["available"]) == (10.0, 5.0)
    assert bridge["is_alone"]
    assert bridge["benefit"] == 50.0
    # Track needs its drainage, which has a row of its own.
    assert set(rows) == {"turnout", "slope", "bridge"}


def test_work_that_others_crowd_out_lacks_what_they_leave():
    one = [{**POOLS[0], "gangs_count": 1.0}]
    campaign = make_campaign(WORTHS, labour_pools=one)
    first = replace(campaign.problem, labour_limit_h=np.array([[100.0, 0.0, 0.0]]))
    _, rows = tabulate(replace(campaign, problem=first))
    assert set(rows) == {"turnout", "slope"}
    for row in rows.values():
        assert (row["limit"], row["limit_id"], row["is_alone"]) == ("labour", "P", False)
        assert (row["needed"], row["available"]) == (100.0, 0.0)


def test_sections_without_gangs_are_told():
    elsewhere = [{**POOLS[0], "section_ids": "T"}]
    campaign = make_campaign(WORTHS, labour_pools=elsewhere)
    assert campaign.problem.n_sites == 0
    plan = Plan(
        plan_id="chosen",
        name="",
        option=np.zeros(0, np.int32),
        month=np.zeros(0, np.int32),
        value=0.0,
    )
    rows = tabulate_misfits(campaign, plan, no_prices(campaign.problem))
    assert set(rows["limit"]) == {"pool"}


@pytest.mark.parametrize(("closed_h", "months", "hours"), [(24.0, 1, 10.0), (6.0, 2, 12.0)])
def test_works_of_no_stated_duration_take_as_many_months_as_possessions_ask(
    closed_h, months, hours
):
    open_ended = {**work("BR", "bridge", 0.0), "duration_months": None}
    limit = [{"limit_id": "L", "section_id": "S", "hours_per_month": closed_h}]
    tables = make_tables(work_kinds=[open_ended], possession_limits=limit)
    row = list_sites(tables, REGISTER).frame.row(0, named=True)
    # Behind a set-up of 2 h: 8 h in one month, or 4 h in each of two with a set-up of its own.
    assert (row["duration_months"], row["possession_h"]) == (months, hours)
