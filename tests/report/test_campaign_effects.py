"""Before and after on the campaign's page, and what less and more would do: hand-made rows."""

import re

import polars as pl
import pytest

from arterial.report.campaign_effects import tell_effects
from arterial.report.campaign_view import CampaignView
from campaign_page_cases import renewal_study
from campaign_row_cases import (
    curves,
    effect,
    frame,
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
    told = words(tell_effects(view))
    assert "Freight, Kowon to Pyongyang 100 min 60 min \u221240 min \u221240 %" in told
    # What has no name keeps its id.
    assert " X 50 min 49 min" in told


def test_every_train_is_listed_and_all_but_the_first_open_with_a_click(renewal):
    rows = [effect("train", f"T{n}", "delay_min", 100.0, 99.0 - n) for n in range(40)]
    view = CampaignView.of(renewal, {"campaign_effects": frame("campaign_effects", *rows)})
    shown, _, folded = tell_effects(view).partition("<details>")
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
    told = words(tell_effects(view))
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
    assert "Of 3 trains 1 change by more than may be chance." in words(tell_effects(view))


def test_effects_on_assets_are_shown_as_soon_as_the_table_has_them(renewal):
    rows = [effect("asset", "KP-06.turnout.0001", "failures_per_year", 0.5, 0.1)]
    own = pl.DataFrame(rows).with_columns(
        pl.lit(None, pl.Float64).alias(name)
        for name in ("change_error", "change_low", "change_high")
    )
    told = words(tell_effects(CampaignView.of(renewal, {"campaign_effects": own})))
    assert "KP-06.turnout.0001 0.5 0.1 \u22120.4 \u221280 %" in told
