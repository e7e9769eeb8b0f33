"""Mutants of every kind of file and of studies: a message or a result, never anything else.

A bounded part runs with the suite; the whole, ``-m slow``, holds 20,000 mutants of files and 2,000
of studies and settings. Nothing may take more than 10 CPU-s.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from arterial.campaign.choice.solve import Solver
from arterial.errors import InfeasibleError
from arterial.flows.campaign import resolve_campaign
from arterial.flows.check_study import check_readiness
from arterial.flows.run import resolve_study, resolve_timetable
from arterial.flows.special_path import find_path
from arterial.study import Study, read_study
from arterial.timetable.paths.special_wishes import WishOptions, read_wish
from mutant_cases import (
    EVERY_TABLE,
    STUDIES,
    CellEdit,
    Edit,
    cell_edits,
    edit_study,
    edit_text,
    edits,
    limit_cpu,
    list_readers,
    read_mutant,
    setting_lines,
)

with tempfile.TemporaryDirectory() as made:
    READERS = list_readers(Path(made))

SMALL = """
[reliability]
draws = 2
replications = 1
line_draws = 1
line_days = 2

[campaign]
months = 6
"""
"""A simulation that takes a second, for every study of a fuzz."""

CHECKS_OFF = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz") / "every_table"
    ignored = shutil.ignore_patterns("runs")
    shutil.copytree(STUDIES / "two_stations", folder, ignore=ignored)
    shutil.copytree(EVERY_TABLE, folder, dirs_exist_ok=True)
    path = folder / "study.toml"
    path.write_text(path.read_text("utf-8") + SMALL, "utf-8")
    return folder


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_sound_file_of_each_reader_is_taken(reader, tmp_path):
    assert read_mutant(reader, reader.text, tmp_path / "sound.txt")
    if reader.name != "Patterson":
        assert read_mutant(reader, b"\xef\xbb\xbf" + reader.text, tmp_path / "marked.txt")


def read_file_mutant(number: int, changes: list[Edit], place: Path) -> None:
    reader = READERS[number]
    is_taken = read_mutant(reader, edit_text(reader.text, changes), place / "mutant.txt")
    event("taken" if is_taken else "refused")


@settings(max_examples=1500, deadline=None, suppress_health_check=CHECKS_OFF)
@given(number=st.integers(0, len(READERS) - 1), changes=edits)
def test_a_mutant_of_a_file_is_taken_or_refused_with_a_cure(number, changes, place):
    read_file_mutant(number, changes, place)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None, suppress_health_check=CHECKS_OFF)
@given(number=st.integers(0, len(READERS) - 1), changes=edits)
def test_twenty_thousand_mutants_of_files_end_in_a_message(number, changes, place):
    read_file_mutant(number, changes, place)


def find_first_path(study: Study) -> None:
    """A path over the first section on the first day."""
    section = study.table("sections").row(0, named=True)
    points = (section["from_point"], section["to_point"])
    options = WishOptions(category="passenger")
    day = study.settings.horizon_from
    find_path(study, read_wish(points, day, window="01:00-05:00", options=options))


def analyse_mutant(sound: Path, changes: list[CellEdit], lines: list[str], *, wholly: bool) -> str:
    """What a check passes, every analysis that it is ready for computes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study"
        shutil.copytree(sound, path)
        edit_study(path, changes, lines)
        with limit_cpu():
            faults, lacks = check_readiness(path)
        if any(fault.severity == "error" for fault in faults):
            return "refused by the check"
        study = read_study(path)
        analyses = []
        if not lacks["run"]:
            analyses.append(resolve_study if wholly else resolve_timetable)
        if not lacks["path"]:
            analyses.append(find_first_path)
        if wholly and not lacks["campaign"]:
            analyses.append(
                lambda study: resolve_campaign(study, Solver(seed=1, time_limit_s=2.0, threads=1))
            )
        for analyse in analyses:
            # No data fault: what cannot be done is computed.
            with contextlib.suppress(InfeasibleError):
                analyse(study)
    return "computed"


@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS_OFF)
@given(changes=cell_edits, lines=setting_lines)
def test_what_a_check_passes_of_every_table_is_computed(changes, lines, sound):
    event(analyse_mutant(sound, changes, lines, wholly=False))


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=CHECKS_OFF)
@given(changes=cell_edits, lines=setting_lines)
def test_two_thousand_mutants_of_studies_are_refused_or_computed(changes, lines, sound):
    event(analyse_mutant(sound, changes, lines, wholly=False))


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS_OFF)
@given(changes=cell_edits, lines=setting_lines)
def test_mutants_of_studies_are_simulated_and_their_works_planned(changes, lines, sound):
    event(analyse_mutant(sound, changes, lines, wholly=True))


def test_the_sound_study_goes_through_run_simulation_and_campaign(sound):
    assert analyse_mutant(sound, [], [], wholly=True) == "computed"
    assert not any(check_readiness(sound)[1].values())
