"""CSV text: lines are counted exactly, and nothing doubtful passes."""

from pathlib import Path

import polars as pl
import pytest

from arterial.study import csvtext
from arterial.study.csvtext import format_table, parse_csv_text, read_csv_file


def test_lines_are_those_of_the_file_even_after_line_breaks_in_cells() -> None:
    raw = parse_csv_text('a,b\n1,"two\nlines"\n\n3,4\n', "x.csv")
    assert raw.faults == ()
    assert raw.rows == (2, 5)
    assert raw.columns == {"a": ("1", "3"), "b": ("two\nlines", "4")}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(ending: str) -> None:
    raw = parse_csv_text(ending.join(["a,b", "1,2", "3,4", ""]), "x.csv")
    assert raw.rows == (2, 3)
    assert raw.columns["b"] == ("2", "4")


def test_an_unclosed_quote_is_placed_where_it_opens() -> None:
    raw = parse_csv_text('a,b\n1,2\n3,"4\n5,6\n', "x.csv")
    (fault,) = raw.faults
    assert (fault.file, fault.row) == ("x.csv", 3)
    assert "never closed" in fault.cause
    assert raw.rows == (2,)


def test_a_cell_that_swallows_a_whole_file_is_told() -> None:
    raw = parse_csv_text('a,b\n1,"' + "x" * 200_000, "x.csv")
    (fault,) = raw.faults
    assert fault.row == 2
    assert "131,072" in fault.cause


def test_a_short_row_lacks_cells_and_a_long_one_loses_them() -> None:
    raw = parse_csv_text("a,b\n1\n2,3,4\n", "x.csv")
    assert raw.columns == {"a": ("1", "2"), "b": (None, "3")}
    assert [(fault.row, fault.cause) for fault in raw.faults] == [
        (2, "The row has 1 cells, the header 2."),
        (3, "The row has 3 cells, the header 2."),
    ]


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    monkeypatch.setattr(csvtext, "MAXIMUM_FILE_BYTES", 3)
    raw = read_csv_file(path, "x.csv")
    assert not raw.is_readable
    assert "4 bytes" in raw.faults[0].cause


def test_a_loop_of_links_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "x.csv").symlink_to(tmp_path / "y.csv")
    (tmp_path / "y.csv").symlink_to(tmp_path / "x.csv")
    raw = read_csv_file(tmp_path / "x.csv", "x.csv")
    assert not raw.is_readable
    assert "cannot be read" in raw.faults[0].cause or "is not a file" in raw.faults[0].cause


def test_a_device_is_not_read() -> None:
    raw = read_csv_file(Path("/dev/zero"), "x.csv")
    assert "is not a file" in raw.faults[0].cause


def test_numbers_are_written_shortest_and_exact() -> None:
    frame = pl.DataFrame(
        {"x": [0.1, 125.0, 1e300, -0.5, None], "y": [True, False, None, True, False]}
    )
    text = format_table(["x", "y"], frame)
    assert text.splitlines()[1:] == ["0.1,true", "125,false", "1e+300,", "-0.5,true", ",false"]
    assert [float(line.split(",")[0]) for line in text.splitlines()[1:5]] == [0.1, 125, 1e300, -0.5]


def test_text_with_quotes_commas_and_breaks_comes_back() -> None:
    cell = 'He said "no", twice;\nthen left'
    text = format_table(["x"], pl.DataFrame({"x": [cell]}))
    assert parse_csv_text(text, "x.csv").columns == {"x": (cell,)}
