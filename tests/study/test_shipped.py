"""Shipped studies, and new studies made from them."""

import json
from pathlib import Path

import pytest

from arterial.errors import StudyError
from arterial.study import (
    check_study,
    new_study,
    read_study,
    shipped,
    shipped_studies,
)
from arterial.study.datapackage import build_datapackage


def test_the_shipped_studies_are_found_and_sound() -> None:
    assert "two_stations" in shipped_studies()


@pytest.mark.parametrize("name", shipped_studies())
def test_a_shipped_study_has_no_fault_and_bears_the_name_of_its_folder(name: str) -> None:
    folder = shipped.find_shipped_folder() / name
    assert [str(fault) for fault in check_study(folder) if fault.severity == "error"] == []
    assert read_study(folder).settings.name == name


def test_the_smallest_study_says_that_it_is_invented() -> None:
    folder = shipped.find_shipped_folder() / "two_stations"
    study = read_study(folder)
    assert "invented for learning" in study.settings.summary
    for name, frame in study.tables.items():
        if "grade" in frame.columns and name != "sources":
            assert set(frame["grade"]) <= {"assumption"}, name
    rows = sum(frame.height for frame in study.tables.values())
    assert rows <= 30


def test_a_new_study_is_small_and_sound_and_bears_the_name_of_its_folder(tmp_path: Path) -> None:
    made = new_study(tmp_path / "my line.2")
    assert check_study(made) == ()
    assert read_study(made).settings.name == "my_line_2"


def test_a_new_study_may_be_named(tmp_path: Path) -> None:
    assert read_study(new_study(tmp_path / "x", name="North")).settings.name == "North"


def test_a_copy_of_a_shipped_study_has_the_same_content(tmp_path: Path) -> None:
    copied = new_study(tmp_path / "copy", name="two_stations", from_shipped="two_stations")
    source = read_study(shipped.find_shipped_folder() / "two_stations")
    assert read_study(copied).digest == source.digest


def test_runs_are_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_study(tmp_path / "two_stations")
    (first / "runs").mkdir()
    (first / ".git").mkdir()
    monkeypatch.setattr(shipped, "find_shipped_folder", lambda: tmp_path)
    second = new_study(tmp_path / "second")
    names = sorted(path.name for path in second.iterdir())
    assert names == ["datapackage.json", "sources.csv", "study.toml", "tables"]


def test_a_new_study_has_a_data_package_with_its_own_name(tmp_path: Path) -> None:
    folder = new_study(tmp_path / "mine")
    descriptor = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert descriptor == build_datapackage(folder)
    assert descriptor["name"] == "mine"


def test_an_unknown_study_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        new_study(tmp_path / "x", from_shipped="two_station")
    (fault,) = caught.value.faults
    assert fault.near == ("two_stations",)
    assert "two_stations" in fault.cure
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "", "a b", "x" * 101, 'x"\ny = 1'])
def test_a_name_that_cannot_be_used_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StudyError, match="cannot be the name"):
        new_study(tmp_path / "x", name=name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(StudyError, match="exists already"):
        new_study(tmp_path / "x")
    assert list((tmp_path / "x").iterdir()) == []


def test_a_failed_copy_is_cleaned_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shipped.shutil, "copytree", fail)
    with pytest.raises(OSError, match="No space"):
        new_study(tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_package_without_studies_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "files", lambda _package: tmp_path / "a" / "b")
    with pytest.raises(StudyError, match="not installed"):
        shipped_studies()


def test_studies_inside_an_installed_package_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "arterial"
    (package / "shipped_studies").mkdir(parents=True)
    new_study(package / "shipped_studies" / "two_stations")
    monkeypatch.setattr(shipped, "files", lambda _package: package)
    assert shipped.find_shipped_folder() == package / "shipped_studies"
    assert shipped_studies() == ("two_stations",)
