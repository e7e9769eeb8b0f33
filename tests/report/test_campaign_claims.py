"""Reported works on the campaign's page: sentences by hand."""

import pytest

from arterial.report.campaign_claims import (
    _describe_beside,
    _render_beside,
    describe_report,
    render_reported,
    split_sentences,
)
from arterial.report.campaign_view import CampaignView
from arterial.study import empty_table
from campaign_page_cases import renewal_study
from campaign_row_cases import (
    PLAN,
    RENEW,
    REPAIR,
    checks,
    frame,
    words,
)


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


def test_the_report_is_told_with_its_arithmetic(renewal):
    totals = frame("campaign_totals", PLAN)
    worth = {"worth_chosen_badly_h": 0.0, "worth_at_random_h": 74.0, "worth_chosen_well_h": 404.0}
    found = checks(REPAIR, {**RENEW, **worth})
    view = CampaignView.of(renewal, {"reported_checks": found, "campaign_totals": totals})
    assert [words(sentence) for sentence in describe_report(view)] == [
        (
            "1 800 turnouts (reported) of 10 000 (7 000 to 15 000) (derived) are 18 % (12 % to "
            "26 %) in 152 days."
        ),
        "Wear alone asks for 835 repairs in that time.",
        (
            "If repaired: plausible. 1 800 \u00d7 24 man-hours (assumed) are 43 200 man-hours or "
            "58 workers."
        ),
        (
            "If renewed: not with the sets and the pace supposed here (assumed); possible only as "
            "repair. 1 800 \u00d7 450 man-hours (assumed) are "
            "810 000 man-hours or 1 080 workers. It takes 1 800 sets; there are 260, too few."
        ),
        (
            "Were all renewed, they would avoid 74 train-hours of delay a year if chosen by lot (0 "
            "to 404), on the lines of this study, no train taken off (computed)."
        ),
    ]


def test_the_plan_is_held_against_reported_works_that_are_counted_alike(renewal):
    report = "TURNOUTS-JUNE-ALL"
    own = [
        {"plan_id": f"{report}_{choice}", "name": choice, "delay_avoided_h_per_year": hours}
        for choice, hours in (("well", 89.0), ("badly", 15.0))
    ]
    worth = {"worth_chosen_badly_h": 0.0, "worth_at_random_h": 74.0, "worth_chosen_well_h": 404.0}
    tables = {
        "reported_checks": checks({**RENEW, **worth}),
        "campaign_totals": frame("campaign_totals", PLAN, *own),
    }
    told = words(describe_report(CampaignView.of(renewal, tables))[-1])
    assert told == (
        "Were all renewed, they would avoid 15 to 89 h of delay in the year after the campaign, "
        "badly or well chosen, on the lines of this study; the plan of this page, counted alike, "
        "avoids 250 h (computed)."
    )


def test_what_wear_asks_for_is_told_with_the_range_of_its_arithmetic(renewal):
    wear = (
        "Wear alone asks for 835 (221 to 2,360) repairs in that time: 0.201 failures a year each."
    )
    found = checks({**REPAIR, "calculation": f"1,800 of 10,000 are 18%. {wear} So it goes."})
    told = describe_report(CampaignView.of(renewal, {"reported_checks": found}))
    assert words(told[1]) == wear.replace("2,360", "2 360")


def test_other_readings_of_the_same_number_are_told_beside_it(renewal):
    other = {**REPAIR, "report_id": "TURNOUTS-JUNE-RUNNING", "verdict": "possible_as_repair"}
    wide = {"share_of_stock_low": 0.3, "share_of_stock_high": 0.6}
    found = checks(REPAIR, {**other, **wide, "share_of_stock": 0.41})
    told = words(render_reported(CampaignView.of(renewal, {"reported_checks": found})))
    expected = (
        "The same, if all lay in running tracks: 41 % (30 % to 60 %); repaired possible, beyond "
        "wear."
    )
    assert expected in told


def test_sentences_that_all_readings_share_are_told_once(renewal):
    shared = "1,800 of 10,000 are 18%."
    found = checks({**REPAIR, "calculation": f"{shared} It takes 24."}, RENEW)
    part = render_reported(CampaignView.of(renewal, {"reported_checks": found}))
    told = words(part.partition('<dl class="arithmetic">')[2])
    assert told.count("1 800 of 10 000 are 18 %.") == 1
    assert (
        told.index("In every reading") < told.index("1 800 of 10 000") < told.index("If repaired")
    )


def test_only_the_report_of_the_greatest_number_stands_open(renewal):
    other = {**REPAIR, "report_id": "HAEJU-2024", "quantity": 30.0}
    part = render_reported(CampaignView.of(renewal, {"reported_checks": checks(REPAIR, other)}))
    assert part.count("<article") == 1
    assert '<details class="claim"><summary>Tens of kilometres' in part


def test_a_decimal_point_ends_no_sentence():
    assert split_sentences("At 0.53 a year it is 2.5. That is all.") == [
        "At 0.53 a year it is 2.5.",
        "That is all.",
    ]


def hold(**row):
    full = {"report_id": "TURNOUTS-JUNE-ALL", "kind": "turnout", "stock": 2975} | row
    return CampaignView.of(renewal_study(), {"reported_plans": frame("reported_plans", full)})


def test_what_would_have_to_be_true_for_a_report_to_be_right_is_told():
    counts = {"reported_count": 536, "planned_count": 0, "gaining_count": 2975}
    told = words(_render_beside(hold(**counts, worth_factor=71.2)))
    assert "536 of 2 975 0 Right if failures and speed limits of turnouts cost trains 71" in told
    (sentence,) = _describe_beside(hold(**counts, worth_factor=0.8))
    assert sentence.endswith("Right as reckoned: so many works are worth what they take.")
    (sentence,) = _describe_beside(hold(**counts | {"gaining_count": 12}, worth_factor=None))
    assert "Nothing reckoned here makes it right" in sentence


def test_without_reports_of_the_whole_stock_nothing_stands_beside_the_plan():
    empty = empty_table("reported_plans")
    assert _render_beside(CampaignView.of(renewal_study(), {"reported_plans": empty})) == ""
