"""Broken studies: each gives a clear fault at the right place, or a safe result; nothing else."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from arterial.errors import StudyError
from arterial.randomness import stream
from arterial.study import check_study, list_tables, load_schema, read_study

ANYWHERE = -1


def list_files(folder: Path) -> dict[str, int]:
    """Every path below a folder with its time of change."""
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture
def broken_study(broken, sound_studies, tmp_path):
    """A copy of the sound study, linked to it but for the one broken file."""
    study, case = broken
    folder = tmp_path / "study"
    shutil.copytree(sound_studies / study, folder, copy_function=os.link)
    path = folder / case.file
    path.unlink(missing_ok=True)
    if case.content is None:
        path.mkdir()
    elif not case.is_removed:
        path.write_bytes(case.content)
    return folder


@pytest.fixture(scope="session")
def sound_warnings(sound_studies):
    """What the sound studies are warned of as they are."""
    return {study.name: set(check_study(study)) for study in sound_studies.iterdir()}


def test_a_broken_study_is_told_clearly_and_left_alone(broken, broken_study, sound_warnings):
    study, case = broken
    before = list_files(broken_study)
    try:
        faults = read_study(broken_study).warnings
    except StudyError as error:
        faults = error.faults
    told = "\n".join(map(str, faults))
    assert told.encode().decode() == told
    assert all(fault.cause and fault.cure for fault in faults), told
    assert not any("Traceback" in str(fault) or "\x1b" in str(fault) for fault in faults), told
    if case.severity is None:
        assert set(faults) <= sound_warnings[study], told
    elif case.severity != "any":
        here = [fault for fault in faults if fault.file == case.file and case.word in fault.cause]
        here = [fault for fault in here if fault.severity == case.severity]
        assert [fault for fault in here if case.row in {fault.row, ANYWHERE}], told
        if case.column is not None:
            assert [fault for fault in here if fault.column == case.column], told
    assert list_files(broken_study) == before


def test_the_sound_studies_have_no_error(sound_studies):
    for study in sound_studies.iterdir():
        faults = check_study(study)
        assert [fault for fault in faults if fault.severity == "error"] == [], study.name


def test_the_sound_study_has_rows_in_every_input_table(sound_studies):
    study = read_study(sound_studies / "every_table")
    assert [name for name in list_tables("input") if study.table(name).is_empty()] == []


def test_markup_in_a_name_is_kept_as_text(sound_studies, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(sound_studies / "two_stations", folder)
    path = folder / load_schema("operational_points").file
    name = "<script>alert('1')</script>"
    path.write_text(path.read_text().replace("Northport", name, 1))
    assert check_study(folder) == ()
    assert read_study(folder).table("operational_points")["name"][0] == name


PIECES = (
    b'"', b",", b"\n", b"\r", b"\x00", b"\xff", b";", b"-1", b"9" * 30, b"nan", b"=", b"[", b"e400",
    b" ", b"2025-02-30", b"24:00", b"\xe2\x80\xae", b"NORTHPORT", b"SOUTHPORT", b"COAST", b"DAILY",
)  # fmt: skip


def scramble(content: bytes, random: np.random.Generator) -> bytes:
    """The content with a few pieces put in, put over or cut out at random."""
    scrambled = bytearray(content)
    for _ in range(int(random.integers(1, 5))):
        at = int(random.integers(len(scrambled) + 1))
        length = int(random.integers(0, 15))
        piece = PIECES[int(random.integers(len(PIECES)))] if random.random() < 0.8 else b""
        scrambled[at : at + length] = piece
    return bytes(scrambled)


@pytest.mark.parametrize("draw", range(60))
def test_a_scrambled_file_never_raises_anything_but_faults(draw, sound_studies, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(sound_studies / "every_table", folder)
    random = stream(1, "fuzz/scramble", draw)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = files[int(random.integers(len(files)))]
    path.write_bytes(scramble(path.read_bytes(), random))
    faults = check_study(folder)
    assert all(str(fault).encode().decode() == str(fault) for fault in faults)
    assert all(fault.cause and fault.cure for fault in faults)
