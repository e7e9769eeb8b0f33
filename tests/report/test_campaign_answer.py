"""The first screen of the campaign's page and what can be taken along: hand-made tables."""

import csv
import html
import io
import re
from urllib.parse import unquote

import polars as pl
import pytest

from arterial.cli.answers import format_outcome
from arterial.report.campaign_answer import render_answer
from arterial.report.campaign_benefit import describe_benefit, render_benefit
from arterial.report.campaign_brief import answer_campaign, describe_headline
from arterial.report.campaign_claims import render_reported
from arterial.report.campaign_downloads import carried_table, render_downloads
from arterial.report.campaign_effects import render_effects
from arterial.report.campaign_prices import render_prices
from arterial.report.campaign_tables import render_first_sites, sum_up_sites
from arterial.report.campaign_view import CampaignView
from arterial.report.campaign_works import plot_works
from campaign_page_cases import renewal_study
from campaign_row_cases import (
    APRIL,
    JANUARY,
    PLAN,
    RENEW,
    checks,
    effect,
    frame,
    planned,
    price,
    site,
    words,
)

EVIL = "<script>window.broken = 1</script>"
THREE = (
    site(1, "EM-DRAIN", JANUARY, 600.0, delay_avoided_h_per_year=100.0),
    site(2, "BR-REPAIR", JANUARY, 100.0, delay_avoided_h_per_year=20.0),
    site(3, "BR-REPAIR", APRIL, 300.0, delay_avoided_h_per_year=50.0),
)


MISFIT = {
    "asset_id": "A9", "site_id": "A9:BR-REPAIR", "work_id": "BR-REPAIR", "section_id": "KP-06",
    "limit": "possession", "limit_id": "KP-06", "needed": 12.0, "available": 8.0,
    "is_alone": True, "benefit": 30.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


ENDS = ("benefit_low", "benefit_high")


def test_a_value_outside_its_draws_is_not_told_as_if_inside(renewal):
    """On the page, and in the sentences of the terminal."""
    for ends, aside in (
        ((10_000.0, 20_000.0), ", above the value told"),
        ((1.0, 310.0), ", below the value told"),
        ((310.0, 20_000.0), ""),
    ):
        plan = PLAN | dict(zip(ENDS, ends, strict=True))
        tables = {**planned(*THREE), "campaign_totals": frame("campaign_totals", plan)}
        view = CampaignView.of(renewal, tables)
        for told in (render_answer(view), " ".join(describe_benefit(view))):
            assert ("the value told" in words(told)) == bool(aside)
            assert aside in words(told)


def test_labour_without_limit_is_told_on_the_first_screen(renewal):
    tables = {**planned(*THREE), "campaign_totals": frame("campaign_totals", PLAN)}
    assert "without limit" not in answer_campaign(renewal, tables).basis
    free = renewal.with_tables(labour_pools=renewal.table("labour_pools").clear())
    assert "Labour is without limit: no pool of gangs" in answer_campaign(free, tables).basis
    assert "Labour is without limit" in words(render_answer(CampaignView.of(free, tables)))


def test_the_headline_names_kinds_by_worth_with_its_range(renewal):
    drawn = PLAN | {"benefit_low": 310.0, "benefit_high": 12_345.0}
    few, many = (PLAN | dict(zip(ENDS, ends, strict=True)) for ends in ((1e4, 2e4), (1.0, 310.0)))
    for plan, told in (
        (PLAN, "3 works are worth 1 000 train-hours."),
        (
            few,
            (
                "3 works are worth 1 000 train-hours by best values, below the 10 000 to 20 000 of "
                "the draws."
            ),
        ),
        (
            many,
            "3 works are worth 1 000 train-hours by best values, above the 1 to 310 of the draws.",
        ),
        (drawn, "3 works are worth 1 000 train-hours by best values, 310 to 12 300 in the draws."),
    ):
        tables = {**planned(*THREE), "campaign_totals": frame("campaign_totals", plan)}
        headline = words(describe_headline(CampaignView.of(renewal, tables)))
        assert headline == f"First embankments, then bridges: {told}"


def test_the_terminal_shows_the_answer_of_the_page_on_one_screen(renewal):
    tables = {
        **planned(*THREE),
        "campaign_totals": frame("campaign_totals", PLAN),
        "campaign_misfits": frame("campaign_misfits", MISFIT),
        "campaign_prices": frame("campaign_prices", price("labour", "P", JANUARY, 12.0)),
    }
    answer = answer_campaign(renewal, tables)
    told = format_outcome(answer, ()).splitlines()
    assert len(told) <= 18
    assert told[0] == answer.headline
    page = words(render_answer(CampaignView.of(renewal, tables)))
    for concern in answer.concerns:
        assert any(concern.what in line for line in told)
        assert concern.what in page
        assert concern.cure
    assert "worth it and does not fit: works on 1 asset" in page.lower()
    assert [(kind.name, kind.count) for kind in answer.kinds] == [
        ("embankments", 1),
        ("bridges", 2),
    ]
    assert answer.basis.startswith("Rests on ")


def test_an_empty_plan_says_why_and_what_would_help(renewal):
    plan = PLAN | {"sites_count": 0, "benefit": 0.0, "bound": 0.0, "gap": 0.0}
    tables = {
        "campaign_totals": frame("campaign_totals", plan),
        "campaign_misfits": frame("campaign_misfits", MISFIT),
        "asset_states": frame("asset_states", {"asset_id": "A9", "kind": "bridge"}),
    }
    answer = answer_campaign(renewal, tables)
    assert answer.headline.startswith("Nothing is planned: ")
    assert answer.kinds == ()
    (concern,) = answer.concerns
    assert (concern.gravity, concern.cure) == (
        "block", "Longer or more windows there (possession_limits)",
    )  # fmt: skip
    assert "12 needed, there are 8" in concern.why


def test_a_plan_without_trains_says_which_table_lacks_them(renewal):
    bare = renewal.with_tables(train_flows=renewal.table("train_flows").clear())
    plan = PLAN | {"sites_count": 0, "benefit": 0.0, "bound": 0.0, "gap": 0.0}
    tables = {
        "campaign_totals": frame("campaign_totals", plan),
        "asset_states": frame("asset_states", {"asset_id": "A9", "kind": "bridge"}),
    }
    answer = answer_campaign(bare, tables)
    assert "no train runs" in answer.headline
    assert [each.cure for each in answer.concerns] == ["State trains a day (train_flows)"]
    assert "Works on" not in format_outcome(answer, ())


def test_headline_tile_and_table_tell_the_same_hours(renewal):
    row = {"plan_id": "chosen", "cause": "all", "name": "Both", "avoided_h_per_year": 250.0}
    hours = {**row, "lost_h_per_year": 1000.0, "run_h_per_year": 8000.0}
    tables = {
        **planned(*THREE),
        "campaign_totals": frame("campaign_totals", PLAN),
        "campaign_hours": frame("campaign_hours", hours),
    }
    view = CampaignView.of(renewal, tables)
    assert words(describe_headline(view)) == (
        "First embankments, then bridges: 3 works are worth 1 000 train-hours and avoid 250 of the "
        "1 000 train-hours a year that failures and speed limits cost (25 %)."
    )
    assert "Train-hours lost in a year 1 000 \u2192 750" in words(render_answer(view))
    assert "Both 250 1 000 25 % 8 000" in words(render_benefit(view))


def test_kinds_are_named_in_the_order_in_which_they_are_done(renewal):
    early = site(1, "TR-RAIL", JANUARY, 300.0)
    late = site(2, "BR-REPAIR", APRIL, 700.0)
    tables = {**planned(early, late), "campaign_totals": frame("campaign_totals", PLAN)}
    told = describe_headline(CampaignView.of(renewal, tables))
    assert told.startswith("First track, then bridges: 3 works")


def test_how_worth_is_counted_is_told_by_the_settings(renewal):
    told = words(
        render_benefit(
            CampaignView.of(renewal, {"campaign_totals": frame("campaign_totals", PLAN)})
        )
    )
    assert "A derailment avoided counts as 400 train-hours (100 to 2000, assumed)." in told
    assert "at a discount of 6 % a year" in told


def test_the_first_screen_answers_each_question_that_its_tables_allow(renewal):
    tables = {**planned(*THREE), "campaign_totals": frame("campaign_totals", PLAN)}
    told = words(render_answer(CampaignView.of(renewal, tables)))
    assert "embankments 60 % of the worth (1 work, nine tenths of it begun by January 2027)" in told
    # Of the 400 of bridges 100 begin in January, so nine tenths only in April.
    assert "bridges 40 % of the worth (2 works, nine tenths of it begun by April 2027)" in told
    assert "January 2027 begins 2 works with 70 % of all worth: Hamhung bureau (2)." in told
    assert "no plan within these means is worth over 2 % more" in told
    assert "What binds?" not in told
    assert "Assumed, not published: trains, gangs, materials and possessions." in told


def test_works_that_avoid_nothing_yet_are_told_apart(renewal):
    yet = {"delay_avoided_h_per_year": 0.0, "derailments_avoided_per_year": 0.0}
    later = site(4, "BR-REPAIR", APRIL, 250.0, **yet)
    rare = site(5, "TR-SLEEPERS", APRIL, 750.0, **{**yet, "derailments_avoided_per_year": 0.1})
    told = words(render_answer(CampaignView.of(renewal, _with_totals(later, rare))))
    assert "1 work with 25 % of the worth avoids nothing in the year after" in told
    assert "nothing in the year after" not in words(
        render_answer(CampaignView.of(renewal, _with_totals(*THREE)))
    )


def _with_totals(*sites):
    return {**planned(*sites), "campaign_totals": frame("campaign_totals", PLAN)}


def test_ranges_of_the_worth_are_told_where_the_table_has_them(renewal):
    totals = frame("campaign_totals", PLAN).with_columns(
        benefit_low=pl.lit(700.0), benefit_high=pl.lit(1600.0)
    )
    view = CampaignView.of(renewal, {"campaign_totals": totals})
    told = words(render_answer(view))
    assert "Its worth lies between 700 and 1 600 train-hours (nine draws in ten)." in told
    assert "worth 1 000 (700 to 1 600 over the draws) train-hours" in words(render_benefit(view))


def test_the_worth_stands_with_its_error_and_the_number_of_draws(renewal):
    sure = {"benefit_error": 50.0, "benefit_low": 700.0, "benefit_high": 1600.0, "draws_count": 10}
    totals = frame("campaign_totals", {**PLAN, **sure})
    view = CampaignView.of(renewal, {"campaign_totals": totals})
    assert "\u00b1 50 by chance; 700 to 1 600 (5 % to 95 % of 10 draws)" in words(
        render_answer(view)
    )
    assert "1 000 700 to 1 600 \u00b1 50" in words(render_benefit(view))


def test_the_plan_for_the_mean_is_no_rule_of_thumb(renewal):
    mean = {"plan_id": "mean", "name": "For the mean", "benefit": 100.0, "sites_count": 2}
    rule = {"plan_id": "benefit", "name": "Greatest worth first", "benefit": 800.0}
    totals = frame("campaign_totals", PLAN, mean, rule)
    view = CampaignView.of(renewal, {"campaign_totals": totals})
    assert "Rules of thumb reach 80 % of its worth." in words(render_answer(view))
    told = words(render_benefit(view))
    assert "\u201cFor the mean\u201d" not in told
    # It stands in the table all the same.
    assert "For the mean" in told


def test_works_that_cost_trains_more_than_they_gain_are_not_counted_as_works_to_do(renewal):
    worthless, _ = site(9, "BR-REPAIR", JANUARY, -10.0)
    later, plan = site(8, "BR-REPAIR", APRIL, 40.0)
    tables = planned(*THREE)
    # One costs more than it gains now, but is planned for later, when it does not.
    tables["campaign_sites"] = pl.concat(
        [
            tables["campaign_sites"],
            frame("campaign_sites", worthless, {**later, "benefit": -1.0, "planned_month": APRIL}),
        ]
    )
    tables["campaign_plan"] = pl.concat([tables["campaign_plan"], frame("campaign_plan", plan)])
    view = CampaignView.of(renewal, {**tables, "campaign_totals": frame("campaign_totals", PLAN)})
    told = words(render_benefit(view))
    assert (
        "work sites of 4 that gain more than they cost trains, now or when planned (5 were weighed)"
        in told
    )
    part = words(render_first_sites(view))
    assert re.search(r"masonry joints bridges 440 42 % Jan 2027 Apr 2027 3 of 3 ", part)
    assert "A9" not in part


def test_reported_works_are_no_rivals_of_the_plan(renewal):
    lot = {"plan_id": "TURNOUTS-JUNE-ALL_well", "name": "As reported, well", "benefit": 4.0}
    rule = {"plan_id": "benefit", "name": "Greatest worth first", "benefit": 800.0}
    view = CampaignView.of(renewal, {"campaign_totals": frame("campaign_totals", PLAN, lot, rule)})
    shown, _, folded = render_benefit(view).partition("<details>")
    assert "Greatest worth first" in shown
    assert "As reported, well" not in shown
    assert "As reported, well" in folded
    assert "worth 4 to 4 train-hours" in words(folded)


def test_sites_are_summed_with_the_month_that_nine_tenths_are_begun_by(renewal):
    view = CampaignView.of(renewal, planned(*THREE))
    rows = sum_up_sites(view.plan_sites(), "work_id").to_dicts()
    assert [(row["work_id"], row["count"], row["worth"]) for row in rows] == [
        ("EM-DRAIN", 1, 600.0),
        ("BR-REPAIR", 2, 400.0),
    ]
    assert [row["most_by"] for row in rows] == [JANUARY, APRIL]
    assert rows[1]["share"] == pytest.approx(0.4)


def test_works_of_a_kind_on_a_section_stand_in_one_row(renewal):
    twin = site(4, "EM-DRAIN", JANUARY, 50.0, delay_avoided_h_per_year=1.0)
    view = CampaignView.of(renewal, planned(*THREE, twin))
    told = words(render_first_sites(view))
    where = r"Hamhung \S Tanchon Chongnyon"
    assert re.search(rf"Ditches, .*? made good {where} Jan 2027 2 650 101 ", told)
    assert re.search(rf"masonry joints {where} Jan to Apr 2027 2 400 70 ", told)


def test_the_table_that_the_page_carries_reads_back_as_the_plan(renewal):
    view = CampaignView.of(renewal, planned(*THREE))
    link = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', render_downloads(view))
    assert link
    rows = list(csv.DictReader(io.StringIO(unquote(html.unescape(link[1])))))
    assert [row["asset_id"] for row in rows] == ["A1", "A2", "A3"]
    assert [row["worth_train_h"] for row in rows] == ["600.0", "100.0", "300.0"]
    assert rows[2]["first_month"] == "2027-04"
    assert carried_table(view).height == 3


def test_ids_of_any_characters_survive_the_carried_table(renewal):
    odd = '50%41 #1, "<b>" & \u53f0'
    view = CampaignView.of(renewal, planned(site(1, "EM-DRAIN", JANUARY, 1.0, asset_id=odd)))
    part = render_downloads(view)
    assert part.isascii()
    link = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', part)
    assert link
    # A browser takes away the fragment and resolves the percent signs, once.
    text = unquote(html.unescape(link[1]).partition("#")[0])
    assert [row["asset_id"] for row in csv.DictReader(io.StringIO(text))] == [odd]


def test_exports_beside_the_page_are_linked(renewal):
    part = render_downloads(CampaignView.of(renewal, planned(*THREE)))
    for name in ("plan.csv", "plan.geojson", "plan.ics"):
        assert f'<a href="{name}" download="{name}">' in part


def test_hostile_ids_and_texts_cannot_break_any_new_part(renewal):
    tables = {
        **planned(site(1, EVIL, JANUARY, 1.0, section_id=EVIL, pool_id=EVIL, asset_id=EVIL)),
        "campaign_totals": frame("campaign_totals", {**PLAN, "name": EVIL}),
        "campaign_effects": frame("campaign_effects", effect("train", EVIL, "delay_min", 2.0, 1.0)),
        "campaign_prices": frame(
            "campaign_prices", price("material", EVIL, JANUARY, 1.0, unit=EVIL, amount=2.0)
        ),
        "works_schedule": frame(
            "works_schedule",
            {"job_id": EVIL, "vehicle": 1, "sequence": 1, "class_id": EVIL, "name": EVIL}
            | {"from_day": JANUARY, "to_day": APRIL, "bay_id": EVIL, "from_h": 0.0, "to_h": 9.0},
        ),
        "reported_checks": checks({**RENEW, "report_id": EVIL, "calculation": f"{EVIL} too few."}),
    }
    view = CampaignView.of(renewal, tables)
    parts = (
        render_answer,
        render_benefit,
        render_effects,
        render_first_sites,
        render_prices,
        render_reported,
        render_downloads,
        plot_works,
    )
    for part in parts:
        assert "<script" not in part(view)


def test_best_values_lead_where_they_are_known(renewal):
    row = effect("network", "network", "derailments_per_year", 105.0, 86.0)
    row |= {"before_best": 22.0, "after_best": 7.7}
    tables = {
        "campaign_totals": frame("campaign_totals", PLAN),
        "campaign_effects": frame("campaign_effects", row),
    }
    told = words(render_answer(CampaignView.of(renewal, tables)))
    assert "22 \N{RIGHTWARDS ARROW} 7.7 by best values; mean of the draws 105" in told
