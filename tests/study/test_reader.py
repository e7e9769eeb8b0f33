"""Reading a study folder."""

from pathlib import Path

import pytest

from arterial.errors import StudyError
from arterial.study import check_study, list_tables, read_study, require_tables
from arterial.study.reader import read_table


def test_the_shipped_study_is_read_whole(two_stations) -> None:
    assert two_stations.settings.name == "two_stations"
    assert two_stations.warnings == ()
    assert two_stations.table("sections")["length_km"].to_list() == [125.0]
    assert set(two_stations.tables) == set(list_tables("input"))


def test_an_empty_cell_stays_unknown(two_stations) -> None:
    stops = two_stations.table("train_stops")
    assert stops["arrival"].to_list() == [None, None]
    assert stops["dwell_min"].to_list() == [None, None]


def test_a_study_may_be_partial_and_an_analysis_says_what_it_lacks(folder: Path) -> None:
    for name in ("coach_services", "coach_legs"):
        (folder / "tables" / f"{name}.csv").unlink()
    study = read_study(folder)
    assert study.table("coach_services").is_empty()
    require_tables(study, "sections", "trains")
    with pytest.raises(StudyError, match="Resolving trips needs tables") as caught:
        require_tables(study, "trains", "coach_services", "coach_legs", purpose="Resolving trips")
    assert [fault.file for fault in caught.value.faults] == [
        "tables/coach_services.csv",
        "tables/coach_legs.csv",
    ]


def test_all_faults_of_all_files_come_at_once(folder: Path) -> None:
    (folder / "study.toml").write_text("seed = -1")
    sections = folder / "tables" / "sections.csv"
    sections.write_text(sections.read_text().replace(",125,", ",long,"))
    (folder / "tables" / "trains.csv").write_text("")
    faults = check_study(folder)
    assert {fault.file for fault in faults} >= {
        "study.toml",
        "tables/sections.csv",
        "tables/trains.csv",
    }
    with pytest.raises(StudyError) as caught:
        read_study(folder)
    assert caught.value.faults == faults
    assert "faults" in caught.value.message


def test_a_dangling_reference_names_near_ids(folder: Path) -> None:
    path = folder / "tables" / "coach_legs.csv"
    path.write_text(path.read_text().replace("SOUTHPORT", "SOUTPORT"))
    fault = next(fault for fault in check_study(folder) if fault.near)
    assert fault.place == "tables/coach_legs.csv:2:to_point"
    assert fault.near[0] == "SOUTHPORT"


def test_a_table_that_is_missing_is_told_once_for_each_column_that_needs_it(folder: Path) -> None:
    (folder / "tables" / "calendars.csv").unlink()
    told = [(fault.file, fault.column) for fault in check_study(folder)]
    assert told == [
        ("tables/calendar_rules.csv", "calendar_id"),
        ("tables/trains.csv", "calendar_id"),
        ("tables/coach_services.csv", "calendar_id"),
    ]


def test_an_unreadable_table_does_not_make_every_reference_to_it_a_fault(folder: Path) -> None:
    (folder / "tables" / "calendars.csv").write_bytes(b"\xff\xfe\x00")
    assert [fault.file for fault in check_study(folder)] == ["tables/calendars.csv"]


def test_warnings_let_a_study_through(folder: Path) -> None:
    path = folder / "tables" / "calendars.csv"
    path.write_text(path.read_text() + "NEVER,No day,INVENTED,assumption\n")
    study = read_study(folder)
    assert [fault.severity for fault in study.warnings] == ["warning"]
    assert study.warnings == check_study(folder)


@pytest.mark.parametrize("name", ["no-such-study", "\0", "a" * 5000])
def test_a_study_that_is_not_there_is_a_fault(tmp_path: Path, name: str) -> None:
    faults = check_study(tmp_path / name)
    assert len(faults) == 1
    assert "study" in faults[0].cause
    with pytest.raises(StudyError):
        read_study(tmp_path / name)


def test_a_file_in_place_of_a_study_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "study").write_text("")
    assert "is a file" in check_study(tmp_path / "study")[0].cause


def test_a_study_without_any_table_is_a_fault(folder: Path) -> None:
    tables = folder / "tables"
    tables.rename(folder / "old")
    (folder / "sources.csv").unlink()
    assert check_study(folder)[0].cause == "The study has no tables."
    tables.write_text("")
    assert check_study(folder)[0].cause == "The study has no tables."


def test_settings_that_are_a_folder_or_not_utf8_are_faults(folder: Path) -> None:
    settings = folder / "study.toml"
    settings.write_bytes(b'schema_version = 1\nname = "\xe9"\n')
    fault = check_study(folder)[0]
    assert (fault.file, fault.row) == ("study.toml", 2)
    settings.unlink()
    settings.mkdir()
    assert "is a folder" in check_study(folder)[0].cause


def test_a_file_that_may_not_be_read_is_a_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    causes = {fault.cause for fault in check_study(folder)}
    assert causes == {"The file cannot be read: Permission denied."}


def test_hidden_files_and_other_kinds_are_left_alone(folder: Path) -> None:
    (folder / "tables" / ".~lock.sections.csv#").write_text("x")
    (folder / "tables" / ".hidden.csv").write_text("x")
    (folder / "tables" / "notes.txt").write_text("x")
    (folder / "runs").mkdir()
    assert check_study(folder) == ()


def test_a_report_choice_that_does_not_exist_is_a_warning(folder: Path) -> None:
    path = folder / "study.toml"
    path.write_text(path.read_text().replace('"MAIN"', '"MAINE"'))
    (fault,) = check_study(folder)
    assert (fault.file, fault.column, fault.near) == ("study.toml", "report.route_ids", ("MAIN",))


@pytest.mark.parametrize("name", ["sections.xlsx", "Sections.ODS", "sections.tsv"])
def test_a_spreadsheet_among_the_tables_is_told(folder: Path, name: str) -> None:
    (folder / "tables" / name).write_bytes(b"PK")
    (fault,) = check_study(folder)
    assert (fault.file, fault.severity) == (f"tables/{name}", "warning")
    assert "CSV" in fault.cure


def test_faults_of_a_file_of_ones_own_name_that_file(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("kind,unit\nturnout,x\n", "utf-8")
    with pytest.raises(StudyError) as caught:
        read_table(path, "failure_records")
    assert {fault.file for fault in caught.value.faults} == {"own.csv"}
