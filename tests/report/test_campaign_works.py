"""Vehicles of the works, one by one."""

import datetime as dt

import pytest

from arterial.report.campaign_view import CampaignView
from arterial.report.campaign_works import _plot_vehicles, describe_works
from campaign_page_cases import renewal_study
from campaign_row_cases import (
    frame,
    words,
)


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


def test_vehicles_are_drawn_one_by_one_with_the_days_they_are_late(renewal):
    day = dt.date(2027, 1, 11)
    operation = {"job_id": "CAPITAL-2027", "class_id": "ELOCO-CAPITAL", "name": "Strip"}
    rows = [
        {**operation, "vehicle": 1, "sequence": 1, "from_day": day, "to_day": dt.date(2027, 1, 21)},
        {**operation, "vehicle": 1, "sequence": 2, "from_day": dt.date(2027, 1, 21)}
        | {"to_day": dt.date(2027, 1, 31), "late_d": 5.0},
        {**operation, "vehicle": 2, "sequence": 1, "from_day": day, "to_day": day, "late_d": 0.0},
    ]
    view = CampaignView.of(renewal, {"works_schedule": frame("works_schedule", *rows)})
    part = _plot_vehicles(view)
    # Days from the first of January, of 31; the five late days end with the work.
    assert 'class="fill-7" d="M10 2h10v6h-10zM20 2h10v6h-10z"' in part
    assert part.count('class="late"') == 1
    assert 'class="late" d="M30 0h-5v10h5z"' in part
    assert "2 vehicles, one by one" in words(part)
    assert [words(one) for one in describe_works(view)] == [
        "2 vehicles are turned out by 31 January 2027, 1 of them late, by up to 5 days (computed)."
    ]
