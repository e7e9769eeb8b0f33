"""What was changed between two studies, and the first study with some of it."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.study import new_study, read_study
from arterial.study.changes import (
    Change,
    ChangeKind,
    apply_changes,
    group_changes,
    list_changes,
)
from arterial.study.reader import read_inputs
from arterial.study.shipped import shipped_studies

STUDIES = Path(__file__).parents[2] / "studies"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return new_study(tmp_path / "before")


def vary(origin: Path, folder: str, **tables: tuple[str, str]) -> Path:
    """A copy of a study with texts of its tables replaced."""
    copy = origin.parent / folder
    shutil.copytree(origin, copy)
    for table, (old, new) in tables.items():
        path = copy / ("study.toml" if table == "study" else f"tables/{table}.csv")
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
    return copy


def compare(before: Path, after: Path) -> tuple[Change, ...]:
    return list_changes(read_inputs(before), read_inputs(after))


def test_a_cell_that_differs_has_row_column_before_and_after(study: Path) -> None:
    (change,) = compare(study, vary(study, "after", train_stops=("21:30", "22:05")))
    assert (change.table, change.key, change.kind) == ("train_stops", ("T1", 1), "changed")
    (cell,) = change.cells
    assert (cell.column, cell.before, cell.after) == ("departure", "21:30", "22:05")
    assert (change.row_before, change.row_after) == (2, 2)


def test_a_setting_is_named_by_its_part(study: Path) -> None:
    after = vary(study, "after", study=("[report]", "[running]\ngradient_share = 0.25\n[report]"))
    (change,) = compare(study, after)
    assert (change.table, change.key, change.file) == (
        "study",
        ("running.gradient_share",),
        "study.toml",
    )
    assert (change.cells[0].before, change.cells[0].after) == ("0.5", "0.25")


def test_the_order_of_rows_is_no_change(study: Path) -> None:
    after = vary(study, "after")
    path = after / "tables" / "operational_points.csv"
    head, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([head, *reversed(rows)]) + "\n", "utf-8")
    assert compare(study, after) == ()


def test_a_new_train_and_its_stops_are_one_group_and_titles_are_none(study: Path) -> None:
    after = vary(study, "after", study=('title = "', 'title = "New '))
    for table in ("trains", "train_stops"):
        path = after / "tables" / f"{table}.csv"
        head, *rows = path.read_text("utf-8").splitlines()
        added = [row.replace("T1,", "T9,", 1) for row in rows if row.startswith("T1,")]
        path.write_text("\n".join([head, *rows, *added]) + "\n", "utf-8")
    changes = compare(study, after)
    assert changes[0].is_wording
    groups = group_changes(changes, most=9)
    assert [{change.table for change in group.changes} for group in groups] == [
        {"trains", "train_stops"}
    ]
    assert all(change.kind is ChangeKind.ADDED for change in groups[0].changes)


def test_too_many_groups_become_tables_and_then_one(study: Path) -> None:
    after = vary(
        study,
        "after",
        train_stops=("21:30", "22:05"),
        sections=("125", "124"),
        lines=("Coast", "C"),
    )
    changes = compare(study, after)
    assert len(group_changes(changes, most=9)) == len({change.table for change in changes})
    assert len(group_changes(changes, most=2)) == 1


def test_a_group_that_refers_to_what_is_not_there_gives_no_study(study: Path) -> None:
    after = vary(study, "after", trains=("T1,", "T2,"), train_stops=("T1,", "T2,"))
    (after / "tables" / "coach_legs.csv").unlink()
    (after / "tables" / "coach_services.csv").unlink()
    sides = [read_inputs(folder) for folder in (study, after)]
    stops = [change for change in list_changes(*sides) if change.table == "train_stops"]
    assert apply_changes(*sides, stops, like=read_study(study)) is None


@settings(max_examples=12, deadline=None)
@given(pair=st.tuples(*[st.sampled_from(sorted(shipped_studies()))] * 2))
def test_all_changes_made_in_one_study_give_the_other(pair: tuple[str, str]) -> None:
    before, after = (STUDIES / name for name in pair)
    sides = [read_inputs(folder) for folder in (before, after)]
    changes = list_changes(*sides)
    made = apply_changes(*sides, changes, like=read_study(before))
    assert made is not None
    assert made.digest == read_study(after).digest
    assert (changes == ()) == (pair[0] == pair[1])
    # Made backwards, what was added is removed.
    back = list_changes(sides[1], sides[0])
    assert {change.key for change in back} == {change.key for change in changes}
