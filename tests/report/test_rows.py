"""The row types of the page are those of the schema, and the tables it is given have their columns.

``web/build/rows.mjs`` makes ``web/src/rows.ts`` from the schema and ``report/rows.json``; what the
page reads is checked against it by ``npm run check``. Here is the other half: what it is given.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from arterial.report.columns import PAGE_ROWS, RESULT_TABLES, display_tables
from arterial.study.schema import load_schema

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node")


def columns_of(row):
    """Columns of a table of the page, as the types have them."""
    left_out = row.get("left_out", [])
    named = [
        column
        for source, wanted in row.get("of", {row["table"]: "all"}).items()
        for column in (load_schema(source).columns if wanted == "all" else wanted)
        if column not in left_out
    ]
    return {*named, *row.get("added", {})}


@pytest.fixture(scope="module")
def given(study, simulated, works_results):
    """Row types whose table the page is given by a made-up run, with the table."""
    tables = display_tables(study, {**simulated, **works_results})
    assert set(tables) <= {row["table"] for row in PAGE_ROWS.values()}
    return [(row, tables[row["table"]]) for row in PAGE_ROWS.values() if row["table"] in tables]


def test_every_result_table_of_the_page_has_a_row_type():
    typed = {row["table"] for row in PAGE_ROWS.values()}
    # The two tables of assets are given as four others.
    assert set(RESULT_TABLES) - {"asset_states", "asset_effects"} <= typed


def test_a_table_of_the_page_has_the_columns_of_its_row_type(given):
    wrong = {row["table"]: set(frame.columns) ^ columns_of(row) for row, frame in given}
    assert not {table: columns for table, columns in wrong.items() if columns}


def test_columns_that_the_page_takes_as_filled_are_filled(given):
    empty = {
        row["table"]: [column for column in row.get("filled", ()) if frame[column].null_count()]
        for row, frame in given
    }
    assert not {table: columns for table, columns in empty.items() if columns}


@pytest.mark.parametrize("name", PAGE_ROWS)
def test_a_row_type_marks_and_leaves_out_columns_that_there_are(name):
    row = PAGE_ROWS[name]
    columns = columns_of(row)
    assert {*row.get("filled", ()), *row.get("may_be_empty", ())} <= columns
    if "left_out" in row:
        assert set(row["left_out"]) <= set(load_schema(row["table"]).columns)
    for source, wanted in row.get("of", {}).items():
        assert wanted == "all" or set(wanted) <= set(load_schema(source).columns)


@pytest.mark.skipif(NODE is None, reason="needs Node")
def test_the_types_follow_a_column_that_is_renamed(tmp_path):
    """A copy of the schema with another name for a column gives another type."""
    for place in ("web/build", "web/src", "src/arterial/report", "src/arterial/study/schema"):
        (tmp_path / place).mkdir(parents=True)
    for place in ("web/build/rows.mjs", "src/arterial/report/rows.json"):
        shutil.copy(ROOT / place, tmp_path / place)
    for path in (ROOT / "src/arterial/study/schema").glob("*.csv"):
        shutil.copy(path, tmp_path / "src/arterial/study/schema")
    trips = tmp_path / "src/arterial/study/schema/trips.csv"
    trips.write_text(trips.read_text("utf-8").replace("elapsed_h,", "lasted_h,"), "utf-8")
    subprocess.run([NODE, tmp_path / "web/build/rows.mjs"], check=True)  # noqa: S603
    types = (tmp_path / "web/src/rows.ts").read_text("utf-8")
    assert "  lasted_h: number | null;" in types
    assert "elapsed_h:" not in types
    assert '  status: "past_reported" | "past_announced"' in types
