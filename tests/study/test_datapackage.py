"""The data package: an independent tool reads and checks a study by it."""

import json
from pathlib import Path

import pytest

from arterial.errors import StudyError
from arterial.study import new_study, shipped_studies, write_datapackage
from arterial.study.datapackage import build_datapackage

frictionless = pytest.importorskip("frictionless")


def validate(folder: Path) -> list[str]:
    report = frictionless.Package(str(write_datapackage(folder))).validate()
    return [f"{task.name}: {error.message}" for task in report.tasks for error in task.errors] + [
        error.message for error in report.errors
    ]


@pytest.mark.parametrize("name", shipped_studies())
def test_frictionless_finds_a_shipped_study_valid(name: str, tmp_path: Path) -> None:
    assert validate(new_study(tmp_path / "study", from_shipped=name)) == []


FAULTS = [
    ("sections.csv", ",125,", ",0,", "minimum"),
    ("sections.csv", "25kv_50hz", "26kv", "enum"),
    ("trains.csv", "DAILY", "NEVER", "foreignkey"),
    ("line_points.csv", "COAST,2", "COAST,1", "primarykey"),
    ("train_stops.csv", "21:30", "24:30", "pattern"),
    ("calendar_rules.csv", "2025-12-14", "2025-02-30", "date"),
    ("lines.csv", "Coast Line,", ",", "required"),
]


@pytest.fixture(scope="module")
def told_of_faults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is told of each table of a study that has all the faults."""
    folder = new_study(tmp_path_factory.mktemp("faulty") / "study")
    write_datapackage(folder)
    for file, old, new, _ in FAULTS:
        path = folder / "tables" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
    report = frictionless.Package(str(folder / "datapackage.json")).validate()
    return {
        f"{task.name}.csv": " ".join(error.message.lower() for error in task.errors)
        for task in report.tasks
    }


@pytest.mark.parametrize(("file", "word"), [(file, word) for file, _, _, word in FAULTS])
def test_frictionless_finds_the_same_faults(
    told_of_faults: dict[str, str], file: str, word: str
) -> None:
    assert word in told_of_faults[file].replace(" key", "key")


def test_the_descriptor_names_units_keys_and_references(folder: Path) -> None:
    resources = {item["name"]: item for item in build_datapackage(folder)["resources"]}
    sections = resources["sections"]
    fields = {field["name"]: field for field in sections["schema"]["fields"]}
    assert fields["length_km"]["type"] == "number"
    assert fields["length_km"]["description"].endswith("[km]")
    assert fields["length_km"]["constraints"] == {
        "required": True,
        "minimum": 0.01,
        "maximum": 5000,
    }
    assert sections["schema"]["primaryKey"] == ["section_id"]
    assert sections["schema"]["missingValues"] == [""]
    assert {
        "fields": ["line_id"],
        "reference": {"resource": "lines", "fields": ["line_id"]},
    } in sections["schema"]["foreignKeys"]


def test_the_descriptor_lists_columns_in_the_order_of_the_file(folder: Path) -> None:
    for resource in json.loads(write_datapackage(folder).read_text())["resources"]:
        header = (folder / resource["path"]).read_text().splitlines()[0].split(",")
        assert [field["name"] for field in resource["schema"]["fields"]] == header


def test_a_faulty_or_empty_study_gets_no_descriptor(folder: Path) -> None:
    (folder / "datapackage.json").unlink(missing_ok=True)
    (folder / "tables" / "lines.csv").write_text("")
    with pytest.raises(StudyError):
        write_datapackage(folder)
    assert not (folder / "datapackage.json").exists()


def test_writing_again_replaces_the_descriptor_and_leaves_nothing_else(folder: Path) -> None:
    first = write_datapackage(folder).read_text()
    assert write_datapackage(folder).read_text() == first
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["datapackage.json", "sources.csv", "study.toml", "tables"]
