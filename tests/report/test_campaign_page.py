"""The campaign's page: sentences by hand, what is absent, what is drawn, and nothing that runs."""

import base64
import datetime as dt
import hashlib
import html
import itertools
import pathlib
import re

import polars as pl
import pytest

from arterial.report.campaign_benefit import describe_benefit
from arterial.report.campaign_charts import nice_ticks
from arterial.report.campaign_claims import reading_text, split_sentences
from arterial.report.campaign_page import SECTIONS, build_campaign_page
from arterial.report.campaign_strips import plot_strip
from arterial.report.campaign_view import CampaignView
from arterial.report.campaign_works import _place_in_lanes
from arterial.study import conform_table
from campaign_page_cases import made_up_campaign, made_up_works, renewal_study

EVIL = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
STAMP = {"Version": "1.0", "Seed": "7"}
MAXIMUM_BYTES = 1_500_000


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


@pytest.fixture(scope="module")
def tables(renewal):
    """About 1,700 sites, so that the tests stay quick."""
    return {**made_up_campaign(renewal, density=0.15), **made_up_works(renewal)}


@pytest.fixture(scope="module")
def page(renewal, tables, built):
    assert built.style
    return build_campaign_page(renewal, tables, stamp=STAMP)


@pytest.fixture(scope="module")
def report(page):
    """What `opened` opens."""
    return page


def test_the_same_tables_give_the_same_page(renewal, tables, page):
    """Groups that polars gives in any order stand in one order on the page."""
    for _ in range(3):
        assert build_campaign_page(renewal, tables, stamp=STAMP) == page


def section(page: str, anchor: str) -> str:
    found = re.search(rf'<section id="{anchor}".*?</section>', page, re.DOTALL)
    assert found, anchor
    return found[0]


def words(part: str) -> str:
    plain = html.unescape(re.sub("<[^>]+>", " ", part))
    return re.sub(r"\s+", " ", plain.replace("\u202f", " ").replace("\xa0", " "))


def totals(*rows: dict) -> pl.DataFrame:
    return conform_table("campaign_totals", pl.DataFrame(list(rows)), fill_missing=True)


PLAN = {
    "plan_id": "chosen",
    "name": "The plan",
    "sites_count": 40,
    "benefit": 1000.0,
    "bound": 1005.0,
    "gap": 0.005,
    "delay_avoided_h_per_year": 250.0,
    "derailments_avoided_per_year": 0.25,
}


def test_the_sentences_tell_worth_bound_and_other_plans(renewal):
    rule = {"plan_id": "rule", "name": "Most worth first", "benefit": 800.0}
    lot = {"plan_id": "lot", "name": "By lot", "benefit": 250.0}
    view = CampaignView.of(renewal, {"campaign_totals": totals(PLAN, lot, rule)})
    told = [words(sentence) for sentence in describe_benefit(view)]
    assert told == [
        "The plan does 40 work sites; it is worth 1 000 train-hours over the horizon (computed).",
        (
            "No plan of the works as cut, within the same means, can be worth more than 1 005 "
            "train-hours: the plan is within 0.50 % of the best there can be (proved)."
        ),
        "It is worth 25 % more than \u201cMost worth first\u201d (800).",
        "It is worth 4 times as much as \u201cBy lot\u201d (250).",
        (
            "In the year after the campaign its works avoid 250 h of delay of all trains and "
            "0.25 derailments (computed)."
        ),
    ]


def test_a_plan_without_a_bound_claims_none(renewal):
    plan = {**PLAN, "bound": None, "gap": None}
    view = CampaignView.of(renewal, {"campaign_totals": totals(plan)})
    assert "proved" not in " ".join(describe_benefit(view))


def test_without_tables_the_page_says_so_and_has_no_section(renewal, built):
    assert built.style
    page = build_campaign_page(renewal, {}, stamp={})
    assert "Nothing was planned" in page
    assert "<section" not in page


@pytest.mark.parametrize("part", SECTIONS, ids=lambda part: part.anchor)
def test_a_section_is_left_out_with_its_tables(renewal, tables, page, part):
    assert f'<section id="{part.anchor}"' in page
    rest = {name: frame for name, frame in tables.items() if name not in part.needs}
    shorter = build_campaign_page(renewal, rest, stamp=STAMP)
    assert f'<section id="{part.anchor}"' not in shorter
    assert f'href="#{part.anchor}"' not in shorter


@pytest.mark.parametrize("part", SECTIONS, ids=lambda part: part.anchor)
def test_a_section_stands_without_all_other_tables(renewal, tables, part):
    own = {name: tables[name] for name in part.needs}
    shown = build_campaign_page(renewal, own, stamp={})
    assert f'<section id="{part.anchor}"' in shown


def test_empty_tables_count_as_missing(renewal, tables):
    empty = {name: frame.clear() for name, frame in tables.items()}
    assert "<section" not in build_campaign_page(renewal, empty, stamp={})


def test_the_page_runs_nothing_and_loads_nothing(page):
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page
    body = page.split("</style>")[1]
    assert "<script" not in body
    # Inline styles and outside addresses would be blocked, or ask for a network.
    assert not re.search(r"\sstyle=|\bhttps?://|\bon[a-z]+=", body)


def test_names_from_the_study_cannot_break_the_page(renewal, tables):
    works = renewal.table("work_kinds").with_columns(name=pl.lit(EVIL))
    pools = renewal.table("labour_pools").with_columns(name=pl.lit(EVIL))
    resources = renewal.table("works_resources").with_columns(name=pl.lit(EVIL))
    hostile = renewal.with_tables(work_kinds=works, labour_pools=pools, works_resources=resources)
    prices = tables["campaign_prices"].with_columns(words=pl.lit(EVIL))
    checks = tables["reported_checks"].with_columns(calculation=pl.lit(EVIL))
    own = {**tables, "campaign_prices": prices, "reported_checks": checks}
    page = build_campaign_page(hostile, own, stamp={EVIL: EVIL})
    assert "<script>" not in page
    assert "<img" not in page
    assert html.escape(EVIL) in page


def test_the_whole_campaign_is_small_enough_to_be_sent(renewal, built):
    assert built.style
    large = made_up_campaign(renewal)
    assert large["campaign_sites"].height > 10_000
    page = build_campaign_page(renewal, {**large, **made_up_works(renewal)}, stamp=STAMP)
    assert len(page.encode()) < MAXIMUM_BYTES


def test_cells_of_a_strip_are_joined_by_shade():
    months = [dt.date(2027, month, 1) for month in (11, 12)] + [dt.date(2028, 1, 1)]
    strip = plot_strip([5, 6, 0], months, levels=(1, 5), noun="sites")
    assert 'class="fill-3" d="M0 0h2v1H0z"' in strip
    assert "fill-1" not in strip
    assert 'class="years" d="M2 0v1"' in strip
    assert 'aria-label="most in December 2027"' in strip


def test_the_calendar_counts_a_site_in_each_of_its_months(renewal):
    sections = renewal.table("sections")["section_id"][:1].to_list()
    plan = {"plan_id": "chosen", "site_id": "A", "rank": 1, "benefit": 1.0}
    plan |= {"month": dt.date(2027, 2, 1), "last_month": dt.date(2027, 4, 1)}
    site = {"site_id": "A", "asset_id": "A", "work_id": "BR-MAJOR", "section_id": sections[0]}
    own = {
        "campaign_plan": conform_table("campaign_plan", pl.DataFrame([plan]), fill_missing=True),
        "campaign_sites": conform_table("campaign_sites", pl.DataFrame([site]), fill_missing=True),
    }
    part = section(build_campaign_page(renewal, own, stamp={}), "calendar")
    # Three months, all of them with the one site: a single run of cells.
    assert part.count('d="M0 0h3v1H0z"') == 2
    assert "Bridge girders and piers restored" in part


def test_operations_take_as_few_places_as_hold_them():
    spans = [(0, 8), (0, 4), (4, 8), (9, 12)]
    rows = [{"from_h": start, "to_h": stop} for start, stop in spans]
    lanes = _place_in_lanes(rows)
    assert [len(lane) for lane in lanes] == [1, 3] or [len(lane) for lane in lanes] == [2, 2]
    for lane in lanes:
        for before, after in itertools.pairwise(lane):
            assert before["to_h"] <= after["from_h"]


def test_readings_are_told_in_words():
    assert reading_text("repair 50%, renew 50%") == "50 % repaired and 50 % renewed"


def test_each_reading_has_its_verdict_and_arithmetic(tables, page):
    part = section(page, "reported")
    checks = tables["reported_checks"]
    told = words(part)
    for row in checks.drop_nulls("calculation").iter_rows(named=True):
        for sentence in split_sentences(row["calculation"]):
            assert words(sentence) in told
    # Once in the table of all verdicts, once with the report.
    expected = 2 * checks.filter(pl.col("verdict") == "plausible").height
    assert part.count("<span>plausible</span>") == expected


def test_what_is_used_up_is_marked_and_what_is_idle_is_named(page):
    part = section(page, "use")
    assert "Not used:" in part
    assert re.search(r'class="priced" d="M', part)
    assert "Hamhung bureau" in part


def test_late_vehicles_are_counted_by_class(tables, page):
    last = tables["works_schedule"].drop_nulls("late_d")
    late = last.filter((pl.col("late_d") > 0) & (pl.col("class_id") == "ELOCO-NEW")).height
    told = words(section(page, "works"))
    assert f"New electric locomotive 12 {late} " in told


def test_the_sum_of_vehicles_turned_out_stands_at_the_end(tables, page):
    total = tables["fleet_availability"]["turned_out"].sum()
    told = words(section(page, "works-load"))
    assert told.rstrip().endswith(f"{total} {total}")


def test_ticks_reach_the_greatest_value():
    for most in (0.7, 3.0, 99.0, 100.0, 101.0, 7e6):
        ticks = nice_ticks(most)
        assert ticks[-1] >= most
        assert 2 <= len(ticks) <= 5


@pytest.mark.browser
def test_the_page_opens_alone_in_a_browser(open_page, page):
    reader = open_page(page)
    assert len(reader.requests) == 1
    assert reader.errors == []
    assert reader.page.locator("section").count() == len(SECTIONS)
    group = reader.page.locator(".strip-group").first
    assert not group.locator(".work-row").first.is_visible()
    group.locator("summary").click()
    assert group.locator(".work-row").first.is_visible()
    width = reader.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 1400


@pytest.mark.browser
def test_the_plan_is_taken_along_and_the_months_move_by_keyboard(open_page, tables, page):
    reader = open_page(page)
    with reader.page.expect_download() as waiting:
        reader.page.locator('#downloads a[download="works.csv"]').click()
    text = pathlib.Path(waiting.value.path()).read_text("utf-8")
    chosen = tables["campaign_plan"].filter(pl.col("plan_id") == "chosen")
    assert text.count("\n") == 1 + chosen.height
    film = reader.page.locator(".maps.film")
    film.focus()
    for _ in range(8):
        reader.page.keyboard.press("ArrowRight")
    reader.page.wait_for_function("document.querySelector('.maps.film').scrollLeft > 0")
    assert reader.errors == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 900, 420])
def test_the_page_never_moves_sideways_and_answers_at_its_top(opened, width):
    opened.page.set_viewport_size({"width": width, "height": 1000})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    top = opened.page.locator(".headline").bounding_box()["y"]
    assert top < 500
