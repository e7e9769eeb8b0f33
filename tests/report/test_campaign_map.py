"""Maps and strips of the campaign's page: what is coloured, and on which scale."""

import datetime as dt
import re

import polars as pl
import pytest

from arterial.report.campaign_map import plot_maps
from arterial.report.campaign_strips import plot_calendar
from arterial.report.campaign_view import CampaignView
from campaign_page_cases import renewal_study
from campaign_row_cases import APRIL, JANUARY, planned, site, words

LATER = dt.date(2028, 4, 1)


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


def places(*assets: str) -> pl.DataFrame:
    """All at one place."""
    return pl.DataFrame({"asset_id": assets}).with_columns(
        latitude_deg=pl.lit(39.9), longitude_deg=pl.lit(127.6)
    )


def view_of_one_place(study) -> CampaignView:
    """Two works on bridges in 2027, and one on track in 2028 that is worth more."""
    rows = (
        site(1, "BR-REPAIR", JANUARY, 10.0),
        site(2, "BR-REPAIR", APRIL, 10.0),
        site(3, "TR-RAIL", LATER, 80.0),
    )
    return CampaignView.of(study, {**planned(*rows), "asset_states": places("A1", "A2", "A3")})


def test_a_place_has_the_colour_of_its_main_year_and_of_its_dearest_kind(renewal, built):
    assert built.style
    by_year, by_kind = re.findall(
        r'<div class="year-map">.*?</svg>', plot_maps(view_of_one_place(renewal))
    )
    # Most works begin in 2027, the first year; most worth is on track, the first kind.
    assert 'class="site year-0"' in by_year
    assert "year-4" not in by_year
    assert 'class="site class-0"' in by_kind
    assert "class-1" not in by_kind


def test_legends_tell_sites_by_year_and_worth_by_kind(renewal, built):
    assert built.style
    told = words(plot_maps(view_of_one_place(renewal)))
    assert "2027: 2 sites 2028: 1 site" in told
    assert "track: 80 % bridges: 20 %" in told


def test_every_month_has_its_map(renewal, built):
    assert built.style
    part = plot_maps(view_of_one_place(renewal))
    film = part.partition('<div class="maps film"')[2]
    # January 2027 to April 2028.
    assert film.count("<figure>") == 16
    assert 'aria-label="February 2027: 0 sites begin"' in film
    assert 'aria-label="April 2028: 1 site begins"' in film


def test_each_kind_of_work_has_its_own_scale_and_bureaux_share_one(renewal):
    rows = [
        *(site(n, "BR-REPAIR", JANUARY, 1.0) for n in range(4)),
        site(4, "TR-RAIL", JANUARY, 1.0, pool_id="KAECHON"),
    ]
    part = plot_calendar(CampaignView.of(renewal, planned(*rows)))
    kinds, _, bureaux = part.partition("By bureau")
    # Heights of bars from the top: full for both kinds, a quarter for the smaller bureau.
    assert kinds.partition("By kind of work")[2].count("M0 1V0.000h.9V1z") == 2
    assert "M0 1V0.750h.9V1z" in bureaux.partition("Lines and their sections")[0]
