"""The section of the whole timetable in a browser: it draws, leads from row to place, and fits."""

import pytest

from arterial.report import build_report
from page_reader import INK_SHARE
from timetable_page_cases import few_trains, made_up_line, many_trains

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(built) -> str:
    assert built.style
    return build_report(made_up_line(), few_trains(), summary=[], stamp={})


def chart_in_view(page):
    return page.locator("#timetable .chart").evaluate(
        "(c) => { const b = c.getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0 }"
    )


def test_the_answer_comes_first_and_the_reasons_open(open_page, report):
    reader = open_page(report)
    assert reader.errors == []
    text = reader.text("timetable")
    assert text.index("4 stated trains: 2 run") < text.index("Computed: 2 conflicts")
    assert text.index("Computed: 2 conflicts") < text.index("All trains of a line on one day")
    summary = reader.page.locator("#timetable summary").first
    summary.press("Enter")
    # It opens a moment after the key; a page that never does ends the wait with an error.
    reader.page.locator("#timetable").get_by_text("Its formation is not known.").first.wait_for()


def test_a_page_without_times_of_trains_has_no_such_section(open_page, study, results):
    reader = open_page(build_report(study, results, summary=[], stamp={}))
    assert reader.page.locator("#timetable").count() == 0


def test_all_trains_are_drawn_and_a_category_can_be_hidden(open_page, report):
    reader = open_page(report)
    canvas = reader.page.locator("#timetable canvas.base")
    assert canvas.evaluate(INK_SHARE) > 0.003
    before = reader.picture("timetable")
    reader.page.locator("#timetable .legend").get_by_label("freight").uncheck()
    assert reader.picture("timetable") != before
    reader.page.locator("#timetable .legend").get_by_label("freight").check()
    assert reader.picture("timetable") == before
    reader.page.locator("#timetable .legend").get_by_label("conflicts that cannot").uncheck()
    assert reader.picture("timetable") != before


def test_a_row_of_the_conflicts_leads_to_its_place(open_page, report):
    reader = open_page(report)
    page = reader.page
    page.locator("#timetable input[type=date]").fill("2026-04-10")
    page.locator("#timetable input[type=date]").dispatch_event("change")
    assert "Fri 10 Apr 2026: 3 trains on the line, 1 conflict." in reader.text("timetable")
    row = page.locator("#timetable .conflict-list tbody tr").first
    assert "head-on on single track" in row.inner_text()
    # 07:20 UTC on 1 March is 08:20 in Berlin.
    assert "08:20\N{EN DASH}08:28 (UTC+1)" in row.inner_text()
    before = reader.picture("timetable")
    row.locator("button").press("Enter")
    assert reader.picture("timetable") != before
    assert page.locator("#timetable input[type=date]").input_value() == "2026-03-01"
    assert chart_in_view(page)
    assert page.evaluate("document.activeElement.className") == "overlay"


def test_the_pointer_reads_trains_and_conflicts(open_page, report):
    reader = open_page(report)
    page = reader.page
    page.locator("#timetable .conflict-list tbody button").first.click()
    box = page.locator("#timetable canvas.overlay").bounding_box()
    # The conflict stands in the middle of the plot, which leaves 30 px above and 10 px below.
    found = set()
    for across in range(20, 100):
        x, y = box["x"] + box["width"] * across / 100, box["y"] + box["height"] / 2 + 10
        page.mouse.move(x, y)
        found.add(page.locator("#timetable .readout").inner_text().split("\n")[0])
    assert {"11, passenger", "22, freight"} & found
    assert any("head-on" in text for text in found)


def test_a_train_is_found_by_its_number_and_one_that_does_not_run_says_why(open_page, report):
    reader = open_page(report)
    field = reader.page.locator("#timetable input[type=search]")
    field.fill("22")
    field.press("Enter")
    told = reader.page.locator("#timetable .told")
    assert "Train 22 freight" in told.inner_text()
    assert "stated times, no physics" in told.inner_text()
    told.locator("summary").click()
    # Its table is drawn a moment after it opens.
    told.locator("table td").first.wait_for()
    # B leaves Station 4 at 07:10 UTC and is back at Station 0 at 07:50.
    cells = told.locator("table td").all_inner_texts()
    assert cells[:3] == ["Station 4", "", "08:10"]
    assert cells[-4:-1] == ["Station 0", "08:50", ""]
    field.fill("99")
    field.press("Enter")
    assert "Its line is closed." in told.inner_text()


def test_a_station_shows_its_trains_by_the_hour(open_page, report):
    reader = open_page(report)
    page = reader.page
    row = page.locator("#timetable .hour-table tbody tr").nth(8)
    assert row.inner_text().split() == ["08", "00", "11", "00", "13"]
    assert "To Station 4" in page.locator("#timetable .hour-table thead").inner_text()
    page.locator("#timetable").get_by_label("Departures or arrivals").select_option("arrivals")
    assert row.inner_text().split() == ["08", "50", "22"]
    # In summer the trains still run by the clock.
    page.locator("#timetable input[type=date]").fill("2026-04-10")
    page.locator("#timetable input[type=date]").dispatch_event("change")
    assert row.inner_text().split() == ["08", "50", "22"]
    row.locator("button").first.press("Enter")
    assert "Train 22" in page.locator("#timetable .told").inner_text()


@pytest.mark.parametrize("width", [1400, 390])
def test_the_page_does_not_scroll_sideways(open_page, report, width):
    page = open_page(report).page
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(200)
    for summary in page.locator("#timetable summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = page.locator("#timetable .conflict-list").evaluate("(t) => t.scrollWidth")
    assert inside <= width


def test_hundreds_of_trains_zoom_and_are_saved_as_a_drawing(open_page, built):
    assert built.script
    reader = open_page(build_report(made_up_line(20), many_trains(400, 20), summary=[], stamp={}))
    page = reader.page
    assert page.locator("#timetable canvas.base").evaluate(INK_SHARE) > 0.1
    before = reader.picture("timetable")
    page.locator("#timetable .overlay").press("+")
    assert reader.picture("timetable") != before
    with page.expect_download() as saved:
        page.locator("#timetable .chart-tools button", has_text="SVG").click()
    text = saved.value.path().read_text("utf-8")
    assert "Station 10" in text
    assert text.count("M") > 100
    assert reader.errors == []
