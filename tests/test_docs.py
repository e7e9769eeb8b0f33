"""The pages of the documentation agree with the program."""

import json
import re
from pathlib import Path

import pytest

from arterial.study import nomenclature_markdown, shipped_studies
from arterial.study.datapackage import build_datapackage
from arterial.study.nomenclature import settings_markdown

ROOT = Path(__file__).parents[1]
CITED = re.compile(r"\[((?:[A-Z][\w-]+ )+(?:and [A-Z]\w+ )?\d{4}|[A-Z][A-Za-z]+ tzdb)\]")


def test_the_nomenclature_is_that_of_the_schema() -> None:
    page = (ROOT / "docs" / "nomenclature.md").read_text("utf-8")
    assert page == nomenclature_markdown(), (
        "run: python -m arterial.study.nomenclature docs/nomenclature.md"
    )


def test_the_settings_are_those_of_the_program() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert page == settings_markdown(), (
        "run: python -m arterial.study.nomenclature --settings docs/settings.md"
    )


def test_every_reference_cited_in_the_source_is_in_the_bibliography() -> None:
    bibliography = (ROOT / "docs" / "references.bib").read_text("utf-8")
    keys = set(re.findall(r"note = \{cited as \[(.+?)\]\}", bibliography))
    cited = {
        key
        for path in (ROOT / "src").rglob("*.py")
        for key in CITED.findall(path.read_text("utf-8"))
    }
    assert cited
    assert cited <= keys


def test_every_page_of_the_site_exists_and_is_listed() -> None:
    listed = set(re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text("utf-8")))
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert listed == pages


def test_the_readme_names_scripts_and_studies_that_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for script in re.findall(r"sh (scripts/[\w-]+\.sh)", text):
        assert (ROOT / script).is_file()
    for picture in re.findall(r"\]\((docs/[\w/.-]+)\)", text):
        assert (ROOT / picture).exists()


@pytest.mark.parametrize("name", shipped_studies())
def test_the_data_package_of_a_shipped_study_is_that_of_the_schema(name: str) -> None:
    folder = ROOT / "studies" / name
    written = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert written == build_datapackage(folder), f"run: arterial check studies/{name} --datapackage"


def test_every_package_and_ground_floor_module_stands_on_the_map() -> None:
    source = ROOT / "src" / "arterial"
    packages = {
        str(path.parent.relative_to(source))
        for path in source.rglob("__init__.py")
        if path.parent != source
    }
    modules = {path.stem for path in source.glob("*.py") if not path.stem.startswith("__")}
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = page.split(" Rooms\n")[1].split("\n#")[0]
    first_cells = " ".join(line.split("|")[1] for line in rooms.splitlines() if "|" in line)
    listed = set(re.findall(r"`([\w/]+)`", first_cells))
    assert listed == packages | modules


def test_every_file_that_the_map_names_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`((?:\w+/)+\w+\.py)`", page))
    assert named
    assert {place for place in named if not (ROOT / "src" / "arterial" / place).is_file()} == set()
