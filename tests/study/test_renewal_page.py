"""The page on the study of renewals says what the study's tables say."""

from pathlib import Path

import pytest

from arterial.campaign.reported.check import check_reported
from arterial.study import Study, read_study
from renewal_page import list_rows

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guide" / "renewal-study.md"
UNRANGED = {"work_materials": {"T-RENEW;TURNOUT-SET", "SG-RENEW;SIGNAL-SET"}}


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(ROOT / "studies" / "renewal_2025")


@pytest.mark.parametrize(
    "table", ["work_kinds", "materials", "labour_pools", "reported_works", "works_jobs"]
)
def test_every_row_of_the_study_stands_on_the_page(study: Study, table: str) -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = list_rows(study)[table]
    assert rows
    assert [row for row in rows if row not in lines] == []


@pytest.mark.parametrize(
    ("table", "key", "columns"),
    [
        ("work_kinds", ("work_id",), ("labour_h", "possession_h")),
        ("work_materials", ("work_id", "material_id"), ("quantity",)),
        ("materials", ("material_id",), ("stock", "supply_per_month")),
        ("labour_pools", ("pool_id",), ("gangs_count", "hours_per_gang_month")),
        ("possession_limits", ("limit_id",), ("hours_per_month",)),
        ("train_flows", ("flow_id",), ("trains_per_day",)),
        ("disturbances", ("disturbance_id",), ("rate", "delay_best_min")),
        ("works_resources", ("resource_id",), ("capacity",)),
        ("overhaul_operations", ("class_id", "sequence"), ("duration_h",)),
        ("works_jobs", ("job_id",), ("vehicles_count",)),
    ],
)
def test_every_assumed_number_has_a_range(study: Study, table: str, key, columns) -> None:
    stated = set(study.table("estimates").select("table", "key", "attribute").rows())
    for row in study.table(table).iter_rows(named=True):
        name = ";".join(str(row[column]) for column in key)
        if name not in UNRANGED.get(table, set()):
            assert {(table, name, column) for column in columns} <= stated


def test_nothing_assumed_is_called_sourced(study: Study) -> None:
    for table in ("work_materials", "materials", "labour_pools", "possession_limits"):
        assert set(study.table(table)["grade"]) == {"assumption"}, table


def test_the_page_tells_the_arithmetic_of_the_turnouts(study: Study) -> None:
    page = PAGE.read_text(encoding="utf-8")
    checks = check_reported(study.tables).to_dicts()
    rows = {(row["report_id"], row["reading"]): row for row in checks}
    renew = rows["TURNOUTS-JUNE-ALL", "renew"]
    assert f"{renew['labour_h']:,.0f} man-hours" in page
    assert f"{renew['workers']:,.0f} workers" in page
    running = rows["TURNOUTS-JUNE-RUNNING", "repair"]
    assert f"{running['share_of_stock']:.0%} of those in running tracks" in page
