"""A variant is a copy with some cells changed: what was changed is told, nothing else differs."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.errors import StudyError
from arterial.study import load_schema, read_study
from arterial.study.changes import list_changes
from arterial.study.reader import read_inputs
from arterial.study.variants import CellEdit, change_study

STUDIES = Path(__file__).parents[2] / "studies"
TWO = STUDIES / "two_stations"

NUMBERS: tuple[tuple[str, object, str, float, float], ...] = (
    ("sections", "NOR-SOU", "length_km", 124.5, 125.5),
    ("vehicle_types", "LOCO", "power_kw", 3000.0, 5000.0),
    ("procedure_steps", ("ATTACH", 2), "duration_high_min", 15.0, 40.0),
    ("trains", "T1", "top_speed_kmh", 100.0, 120.0),
)


def find_value(table: str, key: tuple[object, ...], column: str) -> float:
    named = dict(zip(load_schema(table).key, key, strict=True))
    return read_study(TWO).table(table).filter(**named)[column].item()


@settings(max_examples=12)
@given(st.data(), st.lists(st.sampled_from(NUMBERS), unique=True))
def test_exactly_the_cells_that_were_changed_are_told(data, places) -> None:
    edits: list[CellEdit] = [
        (table, key, column, round(data.draw(st.floats(least, most)), 1))
        for table, key, column, least, most in places
    ]
    with tempfile.TemporaryDirectory() as folder:
        copy = change_study(TWO, Path(folder) / "copy", edits)
        before, after = read_inputs(TWO), read_inputs(copy)
        told = {
            (change.table, change.key, cell.column, float(cell.after))
            for change in list_changes(before, after)
            for cell in change.cells
        }
    wanted = {
        (table, key if isinstance(key, tuple) else (key,), column, value)
        for table, key, column, value in edits
    }
    assert told == {edit for edit in wanted if find_value(*edit[:3]) != edit[3]}


def test_a_copy_without_changes_is_the_same_study(tmp_path: Path) -> None:
    copy = change_study(TWO, tmp_path / "copy", [])
    assert read_study(copy).digest == read_study(TWO).digest
    assert not (copy / "runs").exists()


def test_a_column_that_the_file_lacks_is_added_and_a_value_can_be_made_unknown(
    tmp_path: Path,
) -> None:
    edits: list[CellEdit] = [
        ("sections", "NOR-SOU", "note", 'quoted "text", with comma'),
        ("sections", "NOR-SOU", "typical_passenger_speed_kmh", None),
    ]
    row = (
        read_study(change_study(TWO, tmp_path / "copy", edits)).table("sections").row(0, named=True)
    )
    assert row["note"] == 'quoted "text", with comma'
    assert row["typical_passenger_speed_kmh"] is None


def test_a_setting_is_changed_by_its_name(tmp_path: Path) -> None:
    edits: list[CellEdit] = [("study", "", "reliability.draws", 3), ("study", "", "seed", 77)]
    found = read_study(change_study(TWO, tmp_path / "copy", edits)).settings
    assert (found.reliability.draws, found.seed) == (3, 77)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("section", "NOR-SOU", "length_km", 1), "no input table 'section'.*sections"),
        (("sections", "NOR-SUO", "length_km", 1), "no row with section_id.*NOR-SOU"),
        (("sections", "NOR-SOU", "length", 1), "no column 'length'.*length_km"),
        (("study", "", "reliability.drawz", 1), "no setting 'reliability.drawz'.*draws"),
        (("study", "", "reliability", 1), "no setting 'reliability'"),
        (("study", "", "seed.seed", 1), "no setting 'seed.seed'"),
        (("study", "", "reliability.draws", -4), "reliability.draws: "),
        (("sections", "NOR-SOU", "length_km", "long"), "sections.csv:2:length_km"),
        (("sections", "NOR-SOU", "from_point", "NOWHERE"), "sections.csv:2:from_point"),
    ],
)
def test_what_does_not_exist_or_hold_is_refused_and_nothing_written(
    tmp_path: Path, edit: CellEdit, words: str
) -> None:
    with pytest.raises(StudyError) as refused:
        change_study(TWO, tmp_path / "copy", [edit])
    text = "\n".join(map(str, refused.value.faults))
    assert "copy" not in refused.value.message
    assert re.search(words, text), text
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    change_study(TWO, tmp_path / "copy", [])
    with pytest.raises(StudyError):
        change_study(TWO, tmp_path / "copy", [])
