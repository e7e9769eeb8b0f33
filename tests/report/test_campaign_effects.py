"""Before and after on the campaign's page, and what less and more would do: hand-made rows."""

import pathlib
import re

import pytest

from arterial.report.campaign_assets import carried_effects
from arterial.report.campaign_effects import render_effects
from arterial.report.campaign_page import build_campaign_page
from arterial.report.campaign_view import CampaignView
from campaign_page_cases import renewal_study
from campaign_row_cases import (
    JANUARY,
    curves,
    effect,
    frame,
    planned,
    site,
    words,
)


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


def test_flows_are_named_by_where_they_run(renewal):
    rows = [
        effect("train", "EAST-F-1/backward", "delay_min", 100.0, 60.0),
        effect("train", "X", "delay_min", 50.0, 49.0),
    ]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    told = words(render_effects(view))
    assert "Freight, Kowon to Pyongyang 100 min 60 min \u221240 min \u221240 %" in told
    # What has no name keeps its id.
    assert " X 50 min 49 min" in told


def test_every_train_is_listed_and_all_but_the_first_open_with_a_click(renewal):
    rows = [effect("train", f"T{n}", "delay_min", 100.0, 99.0 - n) for n in range(40)]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    shown, _, folded = render_effects(view).partition("<details>")
    assert shown.count("<tr><td>") == 12
    assert folded.count("<tr><td>") == 28
    assert "T39" in shown
    assert "<summary>28 more trains</summary>" in folded


def test_each_section_has_all_its_measures_in_one_row_and_chance_is_marked(renewal):
    sure = {"change_error": 1.0, "change_low": -9.0, "change_high": -0.001}
    rows = [
        effect("section", "KP-06", "failures_per_year", 20.0, 15.0, **sure),
        effect("section", "KP-06", "derailments_per_year", 3.0, 2.0, change_error=0.9),
    ]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    told = words(render_effects(view))
    # One of three errors is no proof; five of one is.
    assert re.search(
        r"Hamhung \S Tanchon Chongnyon 3 → 2 \u22121 \? 20 → 15 \u22125 \u22129 to 0", told
    )


def test_a_study_without_a_budget_says_that_money_limits_nothing(renewal):
    rows = [
        {"resource": "labour", "factor": factor, "benefit": 100.0 * factor, "bound": 200.0}
        for factor in (0.5, 1.0, 1.5)
    ]
    told = words(curves(renewal, *rows))
    assert "The study states no budget" in told
    rows += [{**row, "resource": "budget"} for row in rows]
    told = words(curves(renewal, *rows))
    assert "The study states no budget" not in told
    # Half as much is worth half as much, at both ends of the curve.
    assert "\u221250 %" in told
    assert "+50 %" in told


def test_changes_beyond_chance_are_counted(renewal):
    rows = [
        effect("train", "A", "delay_min", 100.0, 90.0, change_error=4.0),
        effect("train", "B", "delay_min", 100.0, 90.0, change_error=6.0),
        effect("train", "C", "delay_min", 100.0, 100.0, change_error=0.0),
    ]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    assert "Of 3 trains 1 change by more than may be chance." in words(render_effects(view))


def test_a_figure_without_chance_says_so_and_shows_how_far_draws_lie_apart(renewal):
    fixed = {"change_error": 0.0, "change_spread": 1.0, "draws_count": 10}
    rows = [
        effect("network", "network", "failures_per_year", 100.0, 90.0, **fixed),
        effect("section", "KP-06", "failures_per_year", 20.0, 15.0, **fixed),
        effect("section", "KP-07", "failures_per_year", 20.0, 20.0, **fixed),
    ]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    told = words(render_effects(view))
    assert "Failures a year 100 90 \u221210 \u221210 % none \u00b1 1 " in told
    assert "Means over 10 draws of what is not known" in told
    assert "1 of 2 sections change; no chance is in it." in told
    # Nothing was simulated, so nothing is said of waits.
    assert "takes no train off" not in told


def test_a_mean_that_has_not_converged_gives_way_to_best_values(renewal):
    doubt = {"change_error": 0.0, "change_spread": 7.0, "draws_count": 10}
    best = {"before_best": 80.0, "after_best": 76.0}
    rows = [
        effect("network", "network", "failures_per_year", 100.0, 90.0, **doubt, **best),
        effect("network", "network", "delay_min", 100.0, 90.0, **doubt),
    ]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    told = words(render_effects(view))
    assert "Failures a year 80 76 \u22124" in told
    assert "best values; mean not converged" in told
    assert " 90 " not in told.replace("90 %", "")


def test_delay_is_told_with_the_waits_that_worth_does_not_count(renewal):
    rows = [effect("network", "network", "delay_min", 600.0, 200.0, change_error=5.0)]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    assert "while worth counts no wait beyond 24 h" in words(render_effects(view))


def test_assets_stand_in_the_order_of_the_worth_of_their_works(renewal):
    tables = planned(
        site(1, "EM-DRAIN", JANUARY, 5.0, asset_id="A1"),
        site(2, "EM-DRAIN", JANUARY, 50.0, asset_id="A2"),
    )
    ends = {"change_low": -0.3, "change_high": -0.1}
    rows = [
        effect("asset", "A1", "failures_per_year", 0.5, 0.1, **ends),
        effect("asset", "A2", "failures_per_year", 0.5, 0.3, **ends),
        effect("asset", "A2", "derailments_per_year", 0.02, 0.01),
    ]
    effects = frame("campaign_effects", *rows)
    told = words(render_effects(CampaignView.of(renewal, {**tables, "campaign_effects": effects})))
    assert "2 assets change (2 in failures; 1 in derailments)." in told
    assert told.index("A2 Hamhung") < told.index("A1 Hamhung")
    assert "January 2027 0.5 → 0.3 \u22120.2 \u22120.3 to \u22120.1 0.02 → 0.01 \u22120.01" in told


def test_of_many_assets_the_first_stand_open_and_all_can_be_taken_along(renewal):
    rows = [effect("asset", f"A{n}", "failures_per_year", 1.0 + n, 1.0) for n in range(100)]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    shown, _, folded = render_effects(view).partition("<details>")
    assert shown.count("<tr><td>") == 12
    assert folded.count("<tr><td>") == 48
    whole = carried_effects(view)
    assert whole.height == 100
    # Without works those that change most come first.
    assert whole.row(0, named=True) == {
        "asset_id": "A99",
        "measure": "failures_per_year",
        "before": 100.0,
        "after": 1.0,
        "change": -99.0,
        "change_low": None,
        "change_high": None,
    }


def test_points_that_are_carried_over_are_rings_and_stars(renewal):
    rows = [
        {"resource": "labour", "factor": factor, "benefit": 100.0, "bound": 200.0, "carried": ring}
        for factor, ring in ((0.5, False), (1.0, True))
    ]
    part = curves(renewal, *rows)
    assert part.count('class="dot carried"') == 1
    assert part.count('class="dot"') == 1
    assert "100*" in words(part)
    assert "the solver found none better" in words(part)
    plain = curves(renewal, *({**row, "carried": False} for row in rows))
    assert "the solver found none better" not in words(plain)


@pytest.mark.browser
def test_effects_on_assets_are_taken_along_in_a_browser(open_page, renewal, built):
    assert built.style
    rows = [effect("asset", f"A{n}", "failures_per_year", 1.0 + n, 1.0) for n in range(80)]
    tables = {
        **planned(site(1, "EM-DRAIN", JANUARY, 5.0, asset_id="A1")),
        "campaign_effects": frame("campaign_effects", *rows),
    }
    reader = open_page(build_campaign_page(renewal, tables, stamp={}))
    with reader.page.expect_download() as waiting:
        reader.page.locator('#downloads a[download="assets.csv"]').click()
    text = pathlib.Path(waiting.value.path()).read_text("utf-8")
    # The asset with a work of the plan comes first.
    assert text.splitlines()[1].startswith("A1,failures_per_year,2.0,1.0,-1.0")
    assert text.count("\n") == 81
    assert reader.errors == []
