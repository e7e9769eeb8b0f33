"""Faults of rows that were imported name the file and place that they came from."""

from pathlib import Path
from shutil import copytree

import pytest

from arterial.flows.check_study import check_readiness
from arterial.study.shipped import find_shipped_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the smallest shipped study."""
    return copytree(find_shipped_folder() / "two_stations", tmp_path / "study")


def _state_origin(folder: Path, *rows: str) -> None:
    lines = ["table,key,file,place", *rows]
    (folder / "origins.csv").write_text("\n".join(lines) + "\n")


def test_a_fault_names_where_its_row_came_from(folder: Path) -> None:
    stops = folder / "tables" / "train_stops.csv"
    lines = stops.read_text().splitlines()
    head = lines[0].split(",")
    cells = lines[2].split(",")
    cells[head.index("point_id")] = "NOWHERE"
    lines[2] = ",".join(cells)
    stops.write_text("\n".join(lines) + "\n")
    key = f"{cells[head.index('train_id')]};{cells[head.index('sequence')]}"
    _state_origin(folder, f"train_stops,{key},timetable.xlsx,Tt!F7")
    found = {
        one.row: one.cause for one in check_readiness(folder)[0] if one.file.endswith("stops.csv")
    }
    assert "It came from timetable.xlsx Tt!F7." in found[3]
    assert not any("It came from" in cause for row, cause in found.items() if row != 3)


def test_an_origin_of_nothing_is_a_fault(folder: Path) -> None:
    _state_origin(folder, "trains,T-99,a.csv,line 4", "wagons,1,a.csv,")
    faults = [one for one in check_readiness(folder)[0] if one.file == "origins.csv"]
    assert [(one.row, one.column) for one in faults] == [(2, "key"), (3, "table")]
