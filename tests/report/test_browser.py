"""The report in a browser: it opens without a network, draws, answers, and runs nothing foreign."""

import datetime as dt

import polars as pl
import pytest

from arterial.report import StringLine, build_report
from page_reader import INK_SHARE

pytestmark = pytest.mark.browser

EVIL = "<script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"


@pytest.fixture(scope="module")
def report(study, results, built) -> str:
    assert built.style
    return build_report(study, results, summary=["One sentence."], stamp={"Seed": "1"})


def test_the_report_opens_alone_and_without_an_error(opened):
    assert len(opened.requests) == 1
    assert opened.errors == []
    assert opened.page.locator("section").count() == 13
    assert opened.page.locator(".missing").count() == 0


@pytest.mark.parametrize("section", ["string-line", "speed", "rotation", "crossings"])
def test_the_charts_are_drawn(opened, section):
    canvas = opened.page.locator(f"#{section} canvas.base")
    assert canvas.evaluate(INK_SHARE) > 0.005


def test_the_works_stands_below_the_rotation_and_in_its_chart(
    open_page, study, results, works_results, opened
):
    assert "in the works" not in opened.text("rotation")
    held = {**results, **works_results}
    reader = open_page(build_report(study, held, summary=[], stamp={}))
    assert reader.errors == []
    text = reader.text("rotation")
    assert "the works has 1 set. <b>1</b> of 2 departures has no set." in text
    assert "1 of 2 departures without a set" in text
    assert "At least 1 too few." in text
    assert "lower bound" in text
    tables = reader.page.locator("#rotation table").all_inner_texts()
    assert "\N{GREATER-THAN OR EQUAL TO} 3" in tables[-1]
    canvases = [page.page.locator("#rotation canvas.base") for page in (opened, reader)]
    heights = [canvas.evaluate("(c) => c.clientHeight") for canvas in canvases]
    # One row more, 48 px high, for the only pool.
    assert heights[1] - heights[0] == 48


def test_the_map_shows_countries_routes_and_names(opened):
    page = opened.page
    assert len(page.locator("#map .land").first.get_attribute("d")) > 10_000
    assert page.locator("#map path.route").count() >= 2
    labels = page.locator("#map .label").all_text_contents()
    assert {"Pyongyang", "Khasan", "Moscow Yaroslavsky"} <= set(labels)


def test_the_axes_swap_with_one_click_and_back(open_page, report):
    reader = open_page(report)
    before = reader.picture("string-line")
    swap = reader.page.locator("[data-role=swap-axes]")
    swap.click()
    swapped = reader.picture("string-line")
    assert swap.get_attribute("aria-pressed") == "true"
    assert swapped != before
    swap.click()
    assert reader.picture("string-line") == before


def test_the_wheel_zooms_and_the_pointer_reads_three_clocks(open_page, report):
    reader = open_page(report)
    page = reader.page
    page.locator("#string-line .chart").evaluate("(c) => c.scrollIntoView({ block: 'center' })")
    before = reader.picture("string-line")
    box = page.locator("#string-line canvas.overlay").bounding_box()
    page.mouse.move(box["x"] + 420, box["y"] + 290)
    page.mouse.move(box["x"] + 430, box["y"] + 300)
    readout = page.locator("#string-line .readout").inner_text()
    assert "local " in readout
    assert "railway " in readout
    assert "UTC " in readout
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(100)
    assert reader.picture("string-line") != before


def test_the_crossings_tell_places_trains_costs_and_stretches(open_page, report):
    reader = open_page(report)
    text = reader.text("crossings")
    assert "freight Tumangang \N{EN DASH} Pyongyang (assumed)" in text
    # Waits of 60 and 30 min, 90 min in all; the fullest stretch has nine tenths in use.
    assert "1 h 30 min" in text
    assert "90 %" in text
    assert "Possessions hatched" in text
    page = reader.page
    assert page.locator("#crossings .share-fill.over").count() == 1
    assert page.locator("#crossings .capacity-profile g").count() == 3
    before = reader.picture("crossings")
    page.locator("[data-role=swap-line-axes]").click()
    assert reader.picture("crossings") != before


def test_a_click_on_a_date_shows_its_findings_and_chooses_its_trip(open_page, report):
    reader = open_page(report)
    before = reader.picture("string-line")
    # The fourth departure, 17 July 2025, is one that does not work.
    reader.page.locator('[data-date="2025-07-17"]').click()
    assert "Train 651 does not leave Khasan on Thu 2025-07-17." in reader.text("calendar")
    assert "Thu 17 Jul 2025" in reader.page.locator("#itinerary .trip-head").inner_text()
    assert reader.page.locator("#string-line select").first.input_value() == "PYM-MOW@2025-07-17"
    assert reader.picture("string-line") != before


def test_the_itinerary_counts_local_days_and_names_places_in_their_script(opened):
    text = opened.text("itinerary")
    # 199 h after 10:00 in Pyongyang it is 11:00 in Moscow, eight local days later.
    assert "D+8 Wed 25 Jun" in text
    assert "두만강" in text
    assert "connection too short" in text


def test_findings_of_one_cause_are_one_entry_and_can_be_filtered(open_page, report):
    reader = open_page(report)
    assert "3 causes, 21 findings" in reader.text("findings")
    reader.page.locator("#findings select").first.select_option("note")
    assert "1 cause, 1 finding" in reader.text("findings")


def test_a_drawing_can_be_saved(open_page, report):
    page = open_page(report).page
    with page.expect_download() as saved:
        page.locator("#string-line .chart-tools button", has_text="SVG").click()
    text = saved.value.path().read_text("utf-8")
    assert text.startswith("<svg")
    assert "Ussuriysk" in text


def test_names_with_markup_are_shown_and_do_nothing(open_page, study, results):
    points = study.table("operational_points").with_columns(name=pl.lit(EVIL))
    findings = results["findings"].with_columns(cause=pl.lit(EVIL))
    page = build_report(
        study.with_tables(operational_points=points),
        {**results, "findings": findings},
        summary=[EVIL],
        stamp={EVIL: EVIL},
    )
    reader = open_page(page)
    assert reader.page.evaluate("window.broken") is None
    assert reader.page.locator("img").count() == 0
    assert EVIL in reader.text("findings")
    assert EVIL in reader.text("summary")
    assert reader.errors == []


def test_a_run_without_results_says_what_is_missing(open_page, study):
    reader = open_page(build_report(study, {}, summary=[], stamp={}))
    assert reader.errors == []
    assert "the table trips is empty" in reader.text("calendar")
    assert "the table section_runs is empty" in reader.text("running-times")
    assert reader.page.locator(".missing").count() >= 11


def test_a_figure_opens_alone(open_page, study, results):
    reader = open_page(StringLine(study, results).to_html())
    assert reader.errors == []
    assert reader.page.locator("section, nav").count() == 0
    assert reader.page.locator("canvas.base").evaluate(INK_SHARE) > 0.005


def test_nine_hundred_trips_fit_in_three_megabytes(open_page, study, results):
    one = results["trip_events"].filter(pl.col("trip_id") == "PYM-MOW@2025-06-17")
    trip = results["trips"].filter(pl.col("trip_id") == "PYM-MOW@2025-06-17")
    days = [dt.date(2025, 6, 17) + dt.timedelta(days=number) for number in range(900)]
    instants = [name for name in trip.columns if name.endswith("_at_s")]
    shift = pl.col("shift_s")
    ids = pl.DataFrame({"trip_id": [f"PYM-MOW@{day}" for day in days], "trip_date": days})
    ids = ids.with_columns(shift_s=86_400 * pl.int_range(900))
    trips = trip.drop("trip_id", "trip_date").join(ids, how="cross")
    trips = trips.with_columns(pl.col(name) + shift for name in instants)
    clocks = ("low_at_s", "at_s", "high_at_s")
    events = one.drop("trip_id").join(ids.drop("trip_date"), how="cross")
    events = events.with_columns(pl.col(name) + shift for name in clocks)
    many = {**results, "trips": trips.drop("shift_s"), "trip_events": events.drop("shift_s")}
    page = build_report(study, many, summary=[], stamp={})
    assert events.height == 34_200
    assert len(page) < 3_000_000
    assert open_page(page).errors == []
