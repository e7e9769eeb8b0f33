"""The first screen of the campaign's page and what stands behind it: hand-made tables."""

import csv
import datetime as dt
import html
import io
import re
from urllib.parse import unquote

import polars as pl
import pytest

from arterial.report.campaign_answer import describe_headline, tell_answer
from arterial.report.campaign_charts import draw_curves
from arterial.report.campaign_claims import describe_report, split_sentences, tell_reported
from arterial.report.campaign_downloads import carried_table, list_downloads
from arterial.report.campaign_effects import tell_effects
from arterial.report.campaign_gains import tell_gains
from arterial.report.campaign_prices import describe_binding, list_prices, price_words
from arterial.report.campaign_tables import list_first_sites, sum_up_sites
from arterial.report.campaign_vehicles import draw_vehicles
from arterial.report.campaign_view import CampaignView
from arterial.report.campaign_works import describe_works
from arterial.study import conform_table
from campaign_page_cases import renewal_study

EVIL = "<script>window.broken = 1</script>"
JANUARY, APRIL = dt.date(2027, 1, 1), dt.date(2027, 4, 1)
PLAN = {
    "plan_id": "chosen",
    "name": "The plan",
    "sites_count": 3,
    "benefit": 1000.0,
    "bound": 1020.0,
    "gap": 0.02,
    "delay_avoided_h_per_year": 250.0,
    "derailments_avoided_per_year": 0.25,
}


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


def words(part: str) -> str:
    plain = html.unescape(re.sub("<[^>]+>", " ", part))
    return re.sub(r"\s+", " ", plain.replace("\u202f", " ").replace("\xa0", " "))


def frame(name: str, *rows: dict) -> pl.DataFrame:
    return conform_table(name, pl.DataFrame(list(rows)), fill_missing=True)


def site(number: int, work: str, month: dt.date, benefit: float, **more) -> tuple[dict, dict]:
    own = {"site_id": f"S{number}", "asset_id": f"A{number}", "work_id": work, **more}
    own = {"section_id": "KP-06", "pool_id": "HAMHUNG", "labour_h": 100.0, **own}
    plan = {"plan_id": "chosen", "site_id": f"S{number}", "rank": number, "benefit": benefit}
    return own | {"benefit": benefit}, plan | {"month": month, "last_month": month}


def planned(*sites: tuple[dict, dict]) -> dict[str, pl.DataFrame]:
    return {
        "campaign_sites": frame("campaign_sites", *(own for own, _ in sites)),
        "campaign_plan": frame("campaign_plan", *(plan for _, plan in sites)),
    }


def effect(subject: str, key: str, measure: str, before: float, after: float, **more) -> dict:
    row = {"plan_id": "chosen", "subject": subject, "subject_id": key, "measure": measure}
    return {**row, "before": before, "after": after, "change": after - before, **more}


THREE = (
    site(1, "EM-DRAIN", JANUARY, 600.0, delay_avoided_h_per_year=100.0),
    site(2, "BR-REPAIR", JANUARY, 100.0, delay_avoided_h_per_year=20.0),
    site(3, "BR-REPAIR", APRIL, 300.0, delay_avoided_h_per_year=50.0),
)


def test_the_headline_names_kinds_by_worth_and_what_becomes_of_delay(renewal):
    delay = effect("network", "network", "delay_min", 240.0, 150.0)
    tables = {
        **planned(*THREE),
        "campaign_totals": frame("campaign_totals", PLAN),
        "campaign_effects": frame("campaign_effects", delay),
    }
    told = words(describe_headline(CampaignView.of(renewal, tables)))
    assert told == (
        "First embankments, then bridges: 3 works would cut the mean delay of a train from 4 h "
        "to 2.5 h."
    )


def test_delay_that_rises_is_not_called_cut(renewal):
    delay = effect("network", "network", "delay_min", 60.0, 90.0)
    tables = {
        "campaign_totals": frame("campaign_totals", PLAN),
        "campaign_effects": frame("campaign_effects", delay),
    }
    told = words(describe_headline(CampaignView.of(renewal, tables)))
    assert "would change the mean delay of a train from 60 min to 90 min" in told


def test_the_first_screen_answers_each_question_that_its_tables_allow(renewal):
    tables = {**planned(*THREE), "campaign_totals": frame("campaign_totals", PLAN)}
    told = words(tell_answer(CampaignView.of(renewal, tables)))
    assert "embankments 60 % of the worth (1 work, nine tenths of it begun by January 2027)" in told
    # Of the 400 of bridges 100 begin in January, so nine tenths only in April.
    assert "bridges 40 % of the worth (2 works, nine tenths of it begun by April 2027)" in told
    assert "January 2027 begins 2 works with 70 % of all worth: Hamhung bureau (2)." in told
    assert "no plan within these means is worth over 2 % more" in told
    assert "What binds?" not in told
    assert "Assumed, not published: trains, gangs, materials and possessions." in told


def test_ranges_of_the_worth_are_told_where_the_table_has_them(renewal):
    totals = frame("campaign_totals", PLAN).with_columns(
        benefit_low=pl.lit(700.0), benefit_high=pl.lit(1600.0)
    )
    view = CampaignView.of(renewal, {"campaign_totals": totals})
    assert "Its worth lies between 700 and 1 600 train-hours." in words(tell_answer(view))
    assert "worth 1 000 (700 to 1 600) train-hours" in words(tell_gains(view))


def test_reported_works_are_no_rivals_of_the_plan(renewal):
    lot = {"plan_id": "TURNOUTS-JUNE-ALL_well", "name": "As reported, well", "benefit": 4.0}
    rule = {"plan_id": "benefit", "name": "Greatest worth first", "benefit": 800.0}
    view = CampaignView.of(renewal, {"campaign_totals": frame("campaign_totals", PLAN, lot, rule)})
    shown, _, folded = tell_gains(view).partition("<details>")
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
    told = words(list_first_sites(view))
    where = r"Hamhung \S Tanchon Chongnyon"
    assert re.search(rf"Ditches, .*? made good {where} Jan 2027 2 650 101 ", told)
    assert re.search(rf"masonry joints {where} Jan to Apr 2027 2 400 70 ", told)


def price(resource: str, key: str, month: dt.date, worth: float, **more) -> dict:
    row = {"resource": resource, "resource_id": key, "from_month": month, "worth_h": worth}
    return {**row, "amount": 1.0, "unit": "gangs", **more}


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
    assert words(price_words(CampaignView.of(renewal, {}), whole)) == expected


def test_prices_of_a_section_stand_in_one_row_by_month(renewal):
    rows = [
        price("possession", "KP-06", JANUARY, 20.0, amount=10.0, unit="h"),
        price("possession", "KP-06", APRIL, 12.0, amount=10.0, unit="h"),
        price("possession", "KP-04", JANUARY, 8.0, amount=10.0, unit="h"),
    ]
    view = CampaignView.of(renewal, {"campaign_prices": frame("campaign_prices", *rows)})
    told = words(list_prices(view))
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


def curves(study, *rows: dict) -> str:
    return draw_curves(CampaignView.of(study, {"campaign_curves": frame("campaign_curves", *rows)}))


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


def test_effects_on_assets_are_shown_as_soon_as_the_table_has_them(renewal):
    rows = [effect("asset", "KP-06.turnout.0001", "failures_per_year", 0.5, 0.1)]
    own = pl.DataFrame(rows).with_columns(
        pl.lit(None, pl.Float64).alias(name)
        for name in ("change_error", "change_low", "change_high")
    )
    told = words(tell_effects(CampaignView.of(renewal, {"campaign_effects": own})))
    assert "KP-06.turnout.0001 0.5 0.1 \u22120.4 \u221280 %" in told


def checks(*rows: dict) -> pl.DataFrame:
    common = {
        "report_id": "TURNOUTS-JUNE-ALL",
        "quantity": 1800.0,
        "share_of_stock_low": 0.12,
        "share_of_stock": 0.18,
        "share_of_stock_high": 0.26,
        "expected_failures": 835.0,
    }
    return frame("reported_checks", *({**common, **row} for row in rows))


REPAIR = {"reading": "repair", "verdict": "plausible", "labour_h": 43200.0, "workers": 57.7}
RENEW = {
    "reading": "renew",
    "verdict": "possible_as_repair",
    "labour_h": 810_000.0,
    "workers": 1080.0,
    "calculation": "1,800 of 10,000 are 18%. It takes 1,800 sets; there are 260, too few.",
}


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
            "If renewed: not so, possible only as repair. 1 800 \u00d7 450 man-hours (assumed) are "
            "810 000 man-hours or 1 080 workers. It takes 1 800 sets; there are 260, too few."
        ),
        (
            "Were all renewed, they would avoid 74 train-hours of delay a year if chosen by lot (0 "
            "to 404), on the lines of this study (computed); the plan of this page avoids 250."
        ),
    ]


def test_what_wear_asks_for_is_told_with_the_range_of_its_arithmetic(renewal):
    wear = (
        "Wear alone asks for 835 (221 to 2,360) repairs in that time: 0.201 failures a year each."
    )
    found = checks({**REPAIR, "calculation": f"1,800 of 10,000 are 18%. {wear} So it goes."})
    told = describe_report(CampaignView.of(renewal, {"reported_checks": found}))
    assert words(told[1]) == wear.replace("2,360", "2 360")


def test_other_readings_of_the_same_number_are_told_beside_it(renewal):
    other = {**REPAIR, "report_id": "TURNOUTS-JUNE-RUNNING", "verdict": "possible_as_repair"}
    found = checks(REPAIR, {**other, "share_of_stock": 0.41})
    told = words(tell_reported(CampaignView.of(renewal, {"reported_checks": found})))
    expected = (
        "The same, if all lay in running tracks: 41 % (12 % to 26 %); repaired possible, beyond "
        "wear."
    )
    assert expected in told


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
    part = draw_vehicles(view)
    # Days from the first of January, of 31; the five late days end with the work.
    assert 'class="fill-7" d="M10 2h10v6h-10zM20 2h10v6h-10z"' in part
    assert part.count('class="late"') == 1
    assert 'class="late" d="M30 0h-5v10h5z"' in part
    assert "2 vehicles, one by one" in words(part)
    assert [words(one) for one in describe_works(view)] == [
        "2 vehicles are turned out by 31 January 2027, 1 of them late, by up to 5 days (computed)."
    ]


def test_sentences_that_all_readings_share_are_told_once(renewal):
    shared = "1,800 of 10,000 are 18%."
    found = checks({**REPAIR, "calculation": f"{shared} It takes 24."}, RENEW)
    part = tell_reported(CampaignView.of(renewal, {"reported_checks": found}))
    told = words(part.partition('<dl class="arithmetic">')[2])
    assert told.count("1 800 of 10 000 are 18 %.") == 1
    assert (
        told.index("In every reading") < told.index("1 800 of 10 000") < told.index("If repaired")
    )


def test_only_the_report_of_the_greatest_number_stands_open(renewal):
    other = {**REPAIR, "report_id": "HAEJU-2024", "quantity": 30.0}
    part = tell_reported(CampaignView.of(renewal, {"reported_checks": checks(REPAIR, other)}))
    assert part.count("<article") == 1
    assert '<details class="claim"><summary>Tens of kilometres' in part


def test_a_decimal_point_ends_no_sentence():
    assert split_sentences("At 0.53 a year it is 2.5. That is all.") == [
        "At 0.53 a year it is 2.5.",
        "That is all.",
    ]


def test_the_table_that_the_page_carries_reads_back_as_the_plan(renewal):
    view = CampaignView.of(renewal, planned(*THREE))
    link = re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', list_downloads(view))
    assert link
    rows = list(csv.DictReader(io.StringIO(unquote(html.unescape(link[1])))))
    assert [row["asset_id"] for row in rows] == ["A1", "A2", "A3"]
    assert [row["worth_train_h"] for row in rows] == ["600.0", "100.0", "300.0"]
    assert rows[2]["first_month"] == "2027-04"
    assert carried_table(view).height == 3


def test_exports_beside_the_page_are_linked(renewal):
    part = list_downloads(CampaignView.of(renewal, planned(*THREE)))
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
        "reported_checks": checks({**RENEW, "report_id": EVIL, "calculation": f"{EVIL} too few."}),
    }
    view = CampaignView.of(renewal, tables)
    parts = (
        tell_answer,
        tell_gains,
        tell_effects,
        list_first_sites,
        list_prices,
        tell_reported,
        list_downloads,
    )
    for part in parts:
        assert "<script" not in part(view)
