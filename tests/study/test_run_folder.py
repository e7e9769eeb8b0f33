"""A run is written whole or not at all."""

from pathlib import Path

import polars as pl
import pytest

from arterial.errors import StudyError
from arterial.study.run_folder import find_last_run, write_run
from arterial.study.run_record import format_toml, read_result

RESULTS = {"trips": pl.DataFrame({"trip_id": ["a@2025-06-17"], "elapsed_h": [202.75]})}


def test_a_run_holds_its_tables_its_report_and_its_record(tmp_path: Path) -> None:
    folder = write_run(
        tmp_path / "runs" / "r1", results=RESULTS, report="<html>", record={"run": "r1"}
    )
    assert sorted(path.name for path in folder.iterdir()) == [
        "report.html",
        "run.toml",
        "trips.parquet",
    ]
    assert read_result(folder, "trips").equals(RESULTS["trips"])


def test_a_run_replaces_an_earlier_one_of_the_same_name(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "r1"
    write_run(folder, results=RESULTS, report="first", record={"run": "r1"})
    write_run(folder, results={}, report="second", record={"run": "r1"})
    assert (folder / "report.html").read_text("utf-8") == "second"
    assert not (folder / "trips.parquet").exists()
    assert [path.name for path in folder.parent.iterdir()] == ["r1"]


def test_a_folder_that_is_no_run_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "dear.txt").write_text("do not lose me", encoding="utf-8")
    with pytest.raises(StudyError, match="is not a run"):
        write_run(folder, results=RESULTS, report="", record={})
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]
    assert (folder / "dear.txt").exists()


def test_nothing_is_left_behind_when_a_table_cannot_be_written(tmp_path: Path) -> None:
    class Unwritable(pl.DataFrame):
        def write_parquet(self, *_: object, **__: object) -> None:
            message = "disk full"
            raise OSError(message)

    folder = tmp_path / "runs" / "r1"
    with pytest.raises(OSError, match="disk full"):
        write_run(folder, results={"trips": Unwritable()}, report="", record={})
    assert list(folder.parent.iterdir()) == []


def test_a_study_without_runs_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="arterial run"):
        find_last_run(tmp_path)


def test_an_unknown_table_is_refused_with_those_there_are(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "r1", results=RESULTS, report="", record={})
    with pytest.raises(StudyError, match="It has: trips"):
        read_result(folder, "trip")


def test_a_record_is_valid_toml_whatever_its_texts_hold() -> None:
    import tomllib

    record = {"title": 'A "quoted" title \\ with ü', "seed": 7, "part": {"days": [1, 2]}}
    assert tomllib.loads(format_toml(record)) == record
