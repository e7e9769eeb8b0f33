"""Sheets of assets."""

import pytest

from arterial.report.campaign_assets import list_sheets, render_sheets
from arterial.report.campaign_view import CampaignView
from campaign_page_cases import made_up_campaign, renewal_study
from campaign_row_cases import words


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
