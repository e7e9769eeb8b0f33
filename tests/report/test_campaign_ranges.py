"""How sure the worth of a plan is, on its page and in its summary: hand-made rows."""

import re

import polars as pl
import pytest

from arterial.report.campaign_page import build_campaign_page
from arterial.report.campaign_ranges import describe_mean_plan, find_overlap, render_ranges
from arterial.report.campaign_summary import summarise_campaign
from arterial.report.campaign_view import CampaignView
from campaign_page_cases import renewal_study
from campaign_row_cases import (
    APRIL,
    JANUARY,
    PLAN,
    effect,
    frame,
    planned,
    price,
    site,
    words,
)

EVIL = "<script>window.broken = 1</script>"
SURE = {
    "benefit_error": 60.0,
    "benefit_mean": 3000.0,
    "benefit_low": 500.0,
    "benefit_high": 9000.0,
    "draws_count": 10,
}
MEAN = {"plan_id": "mean", "name": "For the mean", "sites_count": 4, "benefit": 700.0}
FOUR = (
    site(1, "EM-DRAIN", JANUARY, 600.0),
    site(2, "BR-REPAIR", JANUARY, 100.0),
    site(3, "BR-REPAIR", APRIL, 300.0),
)


def reading(name: str, benefit: float | None, replanned: float, **more) -> dict:
    row = {"reading": name, "name": f"Read: {name}", "benefit": benefit, "replanned": replanned}
    return {**row, "bound": replanned * 1.1, "sites_count": 7, "overlap": 0.25, **more}


READINGS = (
    reading("best", 1000.0, 1000.0, overlap=1.0),
    reading("traffic_low", 500.0, 550.0),
    reading("traffic_high", 2000.0, 2000.0),
    reading("wait_low", 100.0, 200.0),
    reading("wait_high", 1100.0, 1100.0),
    reading("material_low", None, 900.0),
)


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


def both_plans() -> dict[str, pl.DataFrame]:
    tables = planned(*FOUR)
    other = [{"plan_id": "mean", "site_id": f"S{n}", "rank": n} for n in (1, 3, 7, 8)]
    plan = frame("campaign_plan", *(row for _, row in FOUR), *other)
    totals = frame("campaign_totals", {**PLAN, **SURE}, {**MEAN, **SURE, "benefit_mean": 4000.0})
    return {**tables, "campaign_plan": plan, "campaign_totals": totals}


def test_the_plan_for_the_mean_is_told_with_what_both_plans_share(renewal):
    view = CampaignView.of(renewal, both_plans())
    # Two of the three and of the four: two of five in either.
    assert find_overlap(view) == pytest.approx(0.4)
    assert [words(one) for one in describe_mean_plan(view)] == [
        (
            "A plan made for the mean of the draws chooses 4 works: over the draws it is worth "
            "4 000 on average against 3 000 of the chosen plan, but 700 against 1 000 train-hours "
            "if every input is at its best value. Of all works in either plan 40 % stand in both."
        ),
        (
            "2 works with 90 % of the worth of the chosen plan stand in both (1 of 1 embankments "
            "and 1 of 2 bridges): to begin with these is right by either. Which of the others "
            "come next hangs on what is not known: what they rest on should be inspected and "
            "counted before they are begun."
        ),
    ]


def test_without_a_plan_for_the_mean_nothing_is_said_of_it(renewal):
    tables = {**planned(*FOUR), "campaign_totals": frame("campaign_totals", PLAN)}
    view = CampaignView.of(renewal, tables)
    assert list(describe_mean_plan(view)) == []
    assert find_overlap(view) is None


def test_readings_stand_in_pairs_with_the_widest_first(renewal):
    view = CampaignView.of(renewal, {"campaign_ranges": frame("campaign_ranges", *READINGS)})
    told = words(render_ranges(view))
    order = ["wait_low", "wait_high", "traffic_low", "traffic_high", "material_low"]
    places = [told.index(f"Read: {name}") for name in order]
    assert places == sorted(places)
    assert "Read: best" not in told
    assert "Read: wait_low 100 \u221290 % 200 220 25 % 7" in told
    assert "Read: traffic_high 2 000 +100 % 2 000 2 200 25 % 7" in told


def test_a_reading_in_which_the_plan_does_not_fit_has_a_ring_alone(renewal):
    view = CampaignView.of(renewal, {"campaign_ranges": frame("campaign_ranges", *READINGS)})
    part = render_ranges(view)
    row = part[part.index("Read: material_low") :]
    assert "does not fit" in row
    assert "<rect" not in row
    assert row.count('class="ring"') == 1


def test_equal_factors_are_equally_long_bars(renewal):
    view = CampaignView.of(renewal, {"campaign_ranges": frame("campaign_ranges", *READINGS)})
    part = render_ranges(view)
    # Half and twice the worth: the same length to either side.
    widths = [
        float(re.search(rf'Read: {name}.*?class="{style}"[^>]*width="([0-9.]+)"', part)[1])
        for name, style in (("traffic_low", "less"), ("traffic_high", "more"))
    ]
    assert widths[0] == pytest.approx(widths[1], abs=0.11)


def test_factors_stand_with_their_errors_and_unknown_is_no_nought(renewal):
    rows = (
        {"factor": "knock_on_closed", "loop": 0, "measured": 1.424, "measured_error": 0.046}
        | {"used": 1.421, "used_error": 0.045, "replications_count": 167},
        {"factor": "plan", "loop": 2, "used": 1.0, "used_error": 0.3, "replications_count": 1},
    )
    view = CampaignView.of(renewal, {"campaign_factors": frame("campaign_factors", *rows)})
    told = words(render_ranges(view))
    assert "trains stopped 1.42 \u00b1 0.05 1.42 \u00b1 0.04 167" in told
    assert "The whole plan over the sum of its works, loop 2 \u2014 1.00 \u00b1 0.30 1" in told


def test_hostile_readings_and_factors_cannot_break_the_page(renewal):
    tables = {
        "campaign_ranges": frame("campaign_ranges", READINGS[0], reading(EVIL, 1.0, 2.0)),
        "campaign_factors": frame("campaign_factors", {"factor": EVIL, "loop": 1}),
    }
    assert "<script" not in render_ranges(CampaignView.of(renewal, tables))


def test_the_summary_names_places_and_tells_error_range_and_draws(renewal):
    known = {"change_error": 3.0, "change_low": -90.0, "change_high": -10.0, "draws_count": 10}
    delay = effect("network", "network", "delay_min", 100.0, 60.0, **known)
    tables = {
        **both_plans(),
        "campaign_prices": frame("campaign_prices", price("possession", "KP-06", JANUARY, 9.0)),
        "campaign_effects": frame("campaign_effects", delay),
    }
    told = summarise_campaign(renewal, tables)
    assert not any("KP-06" in line for line in told)
    assert (
        "1 h more of closed track a month between Hamhung and Tanchon Chongnyon from January 2027 "
        "on is worth 9 train-hours by the prices."
    ) in told
    assert (
        "Mean delay of a train: 100 min before, 60 min after (\u221240 min; \u00b1 3 min by "
        "chance; \u221290 min to \u221210 min (5 % to 95 % of 10 draws))."
    ) in told
    assert "\u00b1 60 by chance; 500 to 9 000 over the draws" in told[0]


def test_a_summary_of_a_plan_alone_is_short(renewal):
    told = summarise_campaign(renewal, {"campaign_totals": frame("campaign_totals", PLAN)})
    assert told[0].startswith("The plan does 3 work sites; it is worth 1 000 train-hours")
    assert len(told) == 3


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 900])
def test_bars_have_room_beside_their_figures_in_a_browser(open_page, renewal, built, width):
    assert built.style
    tables = {**both_plans(), "campaign_ranges": frame("campaign_ranges", *READINGS)}
    reader = open_page(build_campaign_page(renewal, tables, stamp={}))
    reader.page.set_viewport_size({"width": width, "height": 1000})
    table = reader.page.locator("table.tornado")
    assert table.evaluate("(t) => t.scrollWidth <= t.parentElement.clientWidth")
    bar = reader.page.locator(".reading-bar .less").first.bounding_box()
    assert bar["width"] > 10
    assert reader.errors == []
