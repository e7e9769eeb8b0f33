"""Sheets of assets, and the plan beside what was reported done."""

import pytest

from arterial.report.campaign_beside import describe_beside, render_beside
from arterial.report.campaign_sheets import list_sheets, render_sheets
from arterial.report.campaign_view import CampaignView
from arterial.study import empty_table
from campaign_page_cases import made_up_campaign, renewal_study
from campaign_row_cases import frame, words


@pytest.fixture(scope="module")
def view():
    study = renewal_study()
    return CampaignView.of(study, made_up_campaign(study, density=0.05))


def test_a_sheet_tells_how_an_asset_is_what_is_planned_and_what_does_not_fit(view):
    told = words(render_sheets(view))
    listed = list_sheets(view)
    best = view.plan_sites().sort("benefit", descending=True, nulls_last=True)["asset_id"][0]
    assert listed[0] == best
    assert all(asset in told for asset in listed)
    assert "does not fit: hours of possession a month" in told
    assert told.count(" no ") >= len(set(view.table("campaign_misfits")["asset_id"]) & set(listed))


def hold(**row):
    full = {"report_id": "TURNOUTS-JUNE-ALL", "kind": "turnout", "stock": 2975} | row
    return CampaignView.of(renewal_study(), {"reported_plans": frame("reported_plans", full)})


def test_what_would_have_to_be_true_for_a_report_to_be_right_is_told():
    counts = {"reported_count": 536, "planned_count": 0, "gaining_count": 2975}
    told = words(render_beside(hold(**counts, worth_factor=71.2)))
    assert "536 of 2 975 0 Right if failures and speed limits of turnouts cost trains 71" in told
    (sentence,) = describe_beside(hold(**counts, worth_factor=0.8))
    assert sentence.endswith("Right as reckoned: so many works are worth what they take.")
    (sentence,) = describe_beside(hold(**counts | {"gaining_count": 12}, worth_factor=None))
    assert "Nothing reckoned here makes it right" in sentence


def test_without_reports_of_the_whole_stock_nothing_stands_beside_the_plan():
    empty = empty_table("reported_plans")
    assert render_beside(CampaignView.of(renewal_study(), {"reported_plans": empty})) == ""
