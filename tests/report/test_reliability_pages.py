"""Sections of simulated operations in a browser: figures add up, layers switch, nothing breaks."""

import re

import polars as pl
import pytest

from arterial.report import build_report
from arterial.report.reliability import RELIABILITY_TABLES
from page_reader import INK_SHARE

pytestmark = pytest.mark.browser

SECTIONS = (
    "likely",
    "delays",
    "months",
    "buffers",
    "causes",
    "assets",
    "derailments",
    "certainty",
)
EVIL = "<img src=x onerror='window.broken = 1'>"


@pytest.fixture(scope="module")
def report(study, simulated, built) -> str:
    assert built.style
    return build_report(study, simulated, summary=["One."], stamp={"Seed": "1"})


def minutes(text: str) -> int:
    found = re.fullmatch(r"(?:(\d+) h)? ?(?:(\d+) min)?", text.replace("\N{NNBSP}", ""))
    assert found is not None, text
    return 60 * int(found.group(1) or 0) + int(found.group(2) or 0)


def test_every_section_is_there_and_opens_without_an_error(opened, report):
    assert opened.errors == []
    assert len(opened.requests) == 1
    for section in SECTIONS:
        assert opened.page.locator(f"#{section}").count() == 1
    assert opened.page.locator("section").count() == 13 + len(SECTIONS)
    assert opened.page.locator(".missing").count() == 0
    assert len(report) < 1_000_000


def test_sections_without_tables_are_left_out(open_page, study, simulated):
    partial = {name: frame for name, frame in simulated.items() if name != "delay_causes"}
    reader = open_page(build_report(study, partial, summary=[], stamp={}))
    assert reader.errors == []
    assert reader.page.locator("#causes").count() == 0
    assert reader.page.locator("#likely").count() == 1
    without = {**simulated, "handover_risks": simulated["handover_risks"].head(0)}
    reader = open_page(build_report(study, without, summary=[], stamp={}))
    assert "No hand-overs were simulated." in reader.text("likely")


def test_shown_causes_add_up_to_the_minute(opened):
    page = opened.page
    shown = "#causes .causes > .cause:not(.total) > summary .cause-minutes"
    kinds = [minutes(text) for text in page.locator(shown).all_inner_texts()]
    total = page.locator("#causes .cause.total .cause-minutes").inner_text()
    assert len(kinds) == 12
    assert sum(kinds) == minutes(total)
    for kind in page.locator("#causes details.cause").all():
        kind.evaluate("(node) => { node.open = true; }")
        whole = minutes(kind.locator("summary .cause-minutes").inner_text())
        parts = kind.locator(".cause-parts .cause-minutes").all_inner_texts()
        assert sum(minutes(text) for text in parts) == whole


def test_chance_range_and_error_stand_apart(opened):
    cell = opened.page.locator("#likely td .range").first
    lines = cell.inner_text().split("\n")
    assert lines == ["31 %", "12 \N{EN DASH} 59 %", "± 0.5 %"]


def test_months_tell_their_chance_as_text(opened):
    page = opened.page
    cells = page.locator("#months .month-cell")
    assert cells.count() == 31
    # June: 0.31 x (0.5 + 6 / 12).
    june = cells.first
    assert june.locator(".month-share").inner_text() == "31 %"
    title = june.get_attribute("title") or ""
    assert "12 % to 59 % with what is not known" in title


def test_the_ribbons_are_drawn_and_switch(open_page, report):
    reader = open_page(report)
    assert reader.page.locator("#delays canvas.base").evaluate(INK_SHARE) > 0.005
    before = reader.picture("delays")
    reader.page.locator("#delays select").nth(1).select_option("all")
    assert reader.picture("delays") != before
    shown = reader.picture("string-line")
    reader.page.locator("#string-line label", has_text="simulated delay").click()
    assert reader.picture("string-line") != shown


def test_assets_are_drawn_when_they_come_into_view_with_shape_and_size(open_page, report):
    reader = open_page(report)
    page = reader.page
    page.locator("#assets .late-map").scroll_into_view_if_needed()
    page.wait_for_selector("#assets svg.map .asset")
    marks = page.locator("#assets svg.map .asset")
    assert marks.count() == 150
    assert page.locator("#assets svg.map .asset.estimated").count() == 120
    assert "estimated" in page.locator("#assets .assets-table").first.inner_text()
    layer = page.locator("#map .assets")
    assert not layer.is_visible()
    page.locator("#map label", has_text="assets by the delay").click()
    assert layer.is_visible()
    assert reader.errors == []


def test_a_narrow_screen_needs_no_sideways_scrolling(open_page, report):
    page = open_page(report).page
    page.set_viewport_size({"width": 900, "height": 900})
    page.wait_for_timeout(100)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 900


def test_names_with_markup_do_nothing(open_page, study, simulated):
    causes = simulated["delay_causes"].with_columns(name=pl.lit(EVIL))
    lines = simulated["line_delays"].with_columns(train_key=pl.lit(EVIL))
    tables = {**simulated, "delay_causes": causes, "line_delays": lines}
    reader = open_page(build_report(study, tables, summary=[], stamp={}))
    assert reader.page.evaluate("window.broken") is None
    assert EVIL in reader.text("derailments")
    assert reader.errors == []


def test_unknown_figures_are_shown_as_unknown(open_page, study, simulated):
    """Every figure of every table unknown: nothing breaks, and no such value is shown."""
    kept = {"rank", "sequence", "minutes", "limit_h", "spare_sets", "distance_km", "draws_count"}
    unknown = {
        name: frame.with_columns(
            pl.lit(None, dtype=dtype).alias(column)
            for column, dtype in frame.schema.items()
            if name in RELIABILITY_TABLES and dtype.is_numeric() and column not in kept
        )
        for name, frame in simulated.items()
    }
    reader = open_page(build_report(study, unknown, summary=[], stamp={}))
    assert reader.errors == []
    for section in SECTIONS:
        found = reader.page.locator(f"#{section}")
        shown = found.inner_text() if found.count() else ""
        assert not re.search(r"NaN|undefined|Infinity|null", shown), section
