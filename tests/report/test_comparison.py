"""Two runs side by side: differences by hand, what is absent, and the page."""

import base64
import hashlib
import html
import math
import re

import polars as pl
import pytest

from arterial.report.comparison import COMPARED, compare_results
from arterial.report.comparison_page import build_comparison_page


def punctuality(share: float, error: float, service: str = "S") -> pl.DataFrame:
    return pl.DataFrame(
        {
            "service_id": [service, service],
            "group_id": ["all", "S@2025-06-17"],
            "measure": ["announced_duration"] * 2,
            "limit_h": [205.0] * 2,
            "share": [share, share],
            "share_error": [error, error],
            "share_low": [share / 2] * 2,
            "share_high": [share * 1.5] * 2,
        }
    )


def test_errors_add_as_squares_where_chances_differ():
    found = compare_results(
        {"punctuality": punctuality(0.3, 0.03)}, {"punctuality": punctuality(0.5, 0.04)}
    )
    assert not found.is_paired
    row = found.tables["punctuality"].row(0, named=True)
    assert row["difference"] == pytest.approx(0.2)
    assert row["difference_error"] == pytest.approx(0.05)
    assert row["difference_low"] is None
    assert (row["before_low"], row["after_high"]) == (0.15, 0.75)
    # The row of the single trip is left out.
    assert found.tables["punctuality"].height == 1


def test_a_row_that_one_run_lacks_has_no_difference():
    both = pl.concat([punctuality(0.3, 0.03), punctuality(0.1, 0.01, service="T")])
    found = compare_results({"punctuality": both}, {"punctuality": punctuality(0.5, 0.04)})
    rows = {row["service_id"]: row for row in found.tables["punctuality"].iter_rows(named=True)}
    assert rows["T"]["before"] == 0.1
    assert rows["T"]["after"] is None
    assert rows["T"]["difference"] is None
    assert rows["T"]["difference_error"] is None


def test_tables_that_are_missing_are_named():
    found = compare_results({"punctuality": punctuality(0.3, 0.03)}, {})
    assert found.tables == {}
    assert found.absent["punctuality"] == "the run after"
    assert found.absent["assets"] == "both runs"
    assert list(found.absent) == list(COMPARED)


def test_the_delay_of_an_asset_is_the_sum_of_its_parts():
    def effects(minutes: float) -> pl.DataFrame:
        parts = ("primary", "knock_on", "restriction")
        columns = {f"{part}_delay_min_per_year": [minutes] for part in parts}
        errors = {f"{part}_delay_min_per_year_error": [1.0] for part in parts}
        keys = {"asset_id": ["A"], "kind": ["turnout"], "section_id": ["X"]}
        return pl.DataFrame({**keys, **columns, **errors})

    found = compare_results({"asset_effects": effects(20.0)}, {"asset_effects": effects(5.0)})
    row = found.tables["assets"].row(0, named=True)
    assert (row["before"], row["after"], row["difference"]) == (60.0, 15.0, -45.0)
    # Two runs with three parts of error 1 each.
    assert row["difference_error"] == pytest.approx(math.sqrt(6))
    assert row["kind"] == "turnout"


def test_the_delay_at_the_end_is_compared(simulated):
    found = compare_results(simulated, simulated)
    row = found.tables["delays"].row(0, named=True)
    last = simulated["arrival_distributions"].filter(pl.col("group_id") == row["group_id"])
    assert row["before"] == last.sort("sequence")["delay_mean_min"][-1]
    assert row["difference"] == 0.0


@pytest.fixture
def page(simulated, built) -> str:
    assert built.style
    halved = simulated["handover_risks"].with_columns(pl.col("missed_share") / 2)
    found = compare_results(simulated, {**simulated, "handover_risks": halved, "line_delays": None})
    stamps = [{"run": "one", "seed": "1"}, {"run": "<b>two</b>", "seed": "1"}]
    names = {"services": {"PYM-MOW": "<i>coach</i>"}}
    return build_comparison_page(found, stamps=stamps, sentences=["A & B."], names=names)


def test_the_page_runs_no_script_and_loads_nothing(page):
    assert "<script" not in page
    assert not re.findall(r"""(?:src|href)\s*=""", page)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in html.unescape(page)
    assert len(page) < 400_000


def test_the_page_tells_differences_and_what_is_absent(page):
    # The first hand-over: 12 % before, half of it after.
    assert "12 %" in page
    assert "\N{MINUS SIGN}6.0 %" in page
    assert "no change" in page
    assert "the run after did not simulate other trains of the line" in page
    assert "A &amp; B." in page


def test_names_with_markup_are_text(page):
    assert "<i>coach</i>" not in page
    assert "&lt;i&gt;coach&lt;/i&gt;" in page
    assert "&lt;b&gt;two&lt;/b&gt;" in page
