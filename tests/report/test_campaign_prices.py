"""Prices in plain words, by the names of places."""

import re

import pytest

from arterial.report.campaign_prices import describe_binding, describe_price, render_prices
from arterial.report.campaign_view import CampaignView
from campaign_page_cases import renewal_study
from campaign_row_cases import (
    APRIL,
    JANUARY,
    frame,
    price,
    words,
)


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            price("labour", "HAMHUNG", APRIL, 32.0, worth_by_replanning_h=30.4),
            (
                "One more gang of the Hamhung bureau from April 2027 on is worth 32 train-hours "
                "by the prices, 30 by planning anew."
            ),
        ),
        (
            price("labour", "HAMHUNG", APRIL, 32.0, worth_by_replanning_h=300.0),
            (
                "One more gang of the Hamhung bureau from April 2027 on is worth 32 train-hours by "
                "the prices, 300 by planning anew, above the prices by the luck of that search."
            ),
        ),
        (
            price("material", "BALLAST", JANUARY, 5.0, amount=1000.0, unit="m3"),
            (
                "1000 m³ more of ballast and stone from January 2027 on are worth 5 train-hours by "
                "the prices."
            ),
        ),
        (
            price("possession", "KP-06", JANUARY, 1447.0, amount=10.0, unit="h a month"),
            (
                "10 h more of closed track a month between Hamhung and Tanchon Chongnyon from "
                "January 2027 on are worth 1 447 train-hours by the prices."
            ),
        ),
        (
            price("possession", "KP-PYONGRA", JANUARY, 9.9, amount=10.0, unit="h a month"),
            (
                "10 h more of closed track a month on P'yongra Line from January 2027 on are worth "
                "9.9 train-hours by the prices."
            ),
        ),
    ],
)
def test_prices_are_told_by_the_names_of_places(renewal, row, expected):
    whole = {"worth_by_replanning_h": None, **row}
    assert words(describe_price(CampaignView.of(renewal, {}), whole)) == expected


def test_the_first_screen_tells_no_luck_of_a_search(renewal):
    tried = [
        price("labour", "HAMHUNG", APRIL, 32.0, worth_by_replanning_h=300.0),
        price("possession", "KP-06", APRIL, 20.0, worth_by_replanning_h=15.0),
    ]
    view = CampaignView.of(renewal, {"campaign_prices": frame("campaign_prices", *tried)})
    told = [words(one) for one in describe_binding(view)]
    assert told[0].endswith("is worth 32 train-hours by the prices.")
    assert told[1].endswith("is worth 20 train-hours by the prices, 15 by planning anew.")


def test_prices_of_a_section_stand_in_one_row_by_month(renewal):
    rows = [
        price("possession", "KP-06", JANUARY, 20.0, amount=10.0, unit="h"),
        price("possession", "KP-06", APRIL, 12.0, amount=10.0, unit="h"),
        price("possession", "KP-04", JANUARY, 8.0, amount=10.0, unit="h"),
    ]
    view = CampaignView.of(renewal, {"campaign_prices": frame("campaign_prices", *rows)})
    told = words(render_prices(view))
    assert "Jan 2027 Apr 2027" in told
    assert re.search(r"Hamhung \S Tanchon Chongnyon 20 12 Sinsongchon \S Kowon 8 ", told)
    assert "KP-0" not in told


def test_what_has_no_price_is_said_not_to_bind_with_its_fullest_month(renewal):
    use = [
        {"plan_id": "chosen", "resource": "labour", "resource_id": "HAMHUNG", "price": 0.0}
        | {"month": month, "used": used, "available": 100.0}
        for month, used in ((JANUARY, 70.0), (APRIL, 10.0))
    ]
    tables = {
        "campaign_use": frame("campaign_use", *use),
        "campaign_prices": frame("campaign_prices", price("possession", "KP-06", APRIL, 3.0)),
    }
    told = [words(one) for one in describe_binding(CampaignView.of(renewal, tables))]
    assert told[0].strip().startswith("Possessions:")
    assert told[1].strip() == (
        "Gangs do not bind. One more gang in any bureau would be worth nothing by the prices "
        "(computed): 40 % of their man-hours are used, and no more than 70 % in any month (Hamhung "
        "bureau, January 2027)."
    )
