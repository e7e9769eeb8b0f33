"""The nomenclature page holds every column once."""

from pathlib import Path

import pytest

from arterial.study import list_tables, load_schema, nomenclature_markdown
from arterial.study.nomenclature import main


def test_every_table_is_a_heading_and_every_column_a_row() -> None:
    parts = nomenclature_markdown().split("\n### ")[1:]
    by_table = {part.splitlines()[0]: part for part in parts}
    assert tuple(by_table) == list_tables()
    for table, part in by_table.items():
        rows = [line for line in part.splitlines() if line.startswith("| `")]
        columns = tuple(row.split("|")[1].strip(" `") for row in rows)
        assert columns == load_schema(table).columns


def test_every_row_has_as_many_cells_as_the_heading() -> None:
    rows = [line for line in nomenclature_markdown().splitlines() if line.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {12}


def test_unit_range_and_reference_are_shown() -> None:
    page = nomenclature_markdown()
    assert "| `length_km` | number | km | required |  | 0.01 to 5000 |" in page
    assert "`operational_points.point_id`" in page


def test_the_page_is_written_to_a_file_or_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "page.md")]) == 0
    assert main([]) == 0
    assert (tmp_path / "page.md").read_text() == capsys.readouterr().out == nomenclature_markdown()
