"""Rival structures: options, their weights, and the tables that they replace."""

from pathlib import Path
from shutil import copytree

import pytest

from arterial.errors import StudyError
from arterial.study import read_study
from arterial.study.alternatives import STATED, list_options, take_option
from arterial.study.reader import check_study
from arterial.study.shipped import find_shipped_folder

HEAD = "group,option,title,prior_weight,folder\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the smallest shipped study with a rival of one row."""
    study = copytree(find_shipped_folder() / "two_stations", tmp_path / "study")
    (study / "late").mkdir()
    lines = (study / "tables" / "train_stops.csv").read_text().splitlines()
    rival = [lines[0], lines[1].replace("21:30", "23:30")]
    (study / "late" / "train_stops.csv").write_text("\n".join(rival) + "\n")
    return study


def test_a_study_without_alternatives_has_one_option(folder: Path) -> None:
    study = read_study(folder)
    assert list_options(study) == (STATED,)
    assert take_option(study, STATED) is study


def test_rows_of_the_same_key_are_replaced_and_the_others_stay(folder: Path) -> None:
    (folder / "alternatives.csv").write_text(
        HEAD + "G,early,As stated,0.7,\nG,late,Two hours later,0.3,late\n"
    )
    study = read_study(folder)
    early, late = list_options(study)
    assert take_option(study, early) is study
    stops = take_option(study, late).table("train_stops")
    assert sorted(stops["departure"].drop_nulls()) == ["23:30"]
    assert stops.height == study.table("train_stops").height
    assert take_option(study, late).digest != study.digest


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ("G,a,A,0.5,\nG,b,B,0.5,nowhere\n", "folder"),
        ("G,a,A,0.5,\nG,b,B,0.5,../..\n", "folder"),
        ("G,a,A,1,\nH,b,B,1,late\n", "group"),
    ],
)
def test_what_cannot_be_weighed_is_refused(folder: Path, rows: str, column: str) -> None:
    (folder / "alternatives.csv").write_text(HEAD + rows)
    with pytest.raises(StudyError) as caught:
        list_options(read_study(folder))
    assert column in {fault.column for fault in caught.value.faults}


def test_an_option_that_breaks_the_study_is_refused(folder: Path) -> None:
    (folder / "alternatives.csv").write_text(HEAD + "G,late,L,1,late\n")
    file = folder / "late" / "train_stops.csv"
    file.write_text(file.read_text().replace("NORTHPORT", "NOWHERE"))
    study = read_study(folder)
    with pytest.raises(StudyError) as caught:
        take_option(study, list_options(study)[0])
    assert any("NOWHERE" in fault.cause for fault in caught.value.faults)


def test_weights_that_do_not_add_up_are_a_fault(folder: Path) -> None:
    (folder / "alternatives.csv").write_text(HEAD + "G,a,A,0.7,\nG,b,B,0.2,late\n")
    faults = check_study(folder)
    assert [(one.file, one.row, one.column) for one in faults] == [
        ("alternatives.csv", 2, "prior_weight")
    ]


def test_what_was_told_before_it_happened_was_not_seen(folder: Path) -> None:
    (folder / "sources.csv").write_text(
        "source_id,title,published_on\nINVENTED,Invented,2026-01-10\nLATER,Later,2026-02\n"
    )
    rows = ("seen,INVENTED", "plan,INVENTED", "seen,LATER", ",INVENTED")
    lines = [f"O{n},C-NOR-SOU,2026-01-15,SOUTHPORT,2026-01-16,{row}" for n, row in enumerate(rows)]
    head = "observation_id,service_id,departure_date,point_id,observed_date,kind,source_id"
    (folder / "observations.csv").write_text("\n".join([head, *lines]) + "\n")
    faults = [one for one in check_study(folder) if one.file == "observations.csv"]
    assert [(one.row, one.column) for one in faults] == [(2, "kind"), (5, "kind")]


@pytest.mark.parametrize("pointer", ["superseded_by", "corrects"])
@pytest.mark.parametrize("length", [2, 5])
def test_claims_that_replace_each_other_in_a_circle_are_a_fault(
    folder: Path, pointer: str, length: int
) -> None:
    rows = [f"C{n},s,q,1,C{(n + 1) % length},INVENTED" for n in range(length)]
    head = f"claim_id,subject,quantity,value,{pointer},source_id"
    (folder / "claims.csv").write_text("\n".join([head, *rows, "C9,s,q,1,C0,INVENTED"]) + "\n")
    faults = [one for one in check_study(folder) if one.column == pointer]
    assert [(one.file, one.row) for one in faults] == [("claims.csv", 2)]
