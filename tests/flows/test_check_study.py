"""What a check tells beyond the faults of single tables."""

from pathlib import Path

import pytest

from arterial.flows.check_study import check_whole
from arterial.study import new_study


def change(folder: Path, table: str, before: str, after: str) -> Path:
    """A cell of the study of two stations changed."""
    path = folder / "tables" / f"{table}.csv"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return new_study(tmp_path / "small")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2025-12-14,,runs", "2025-01-01,2025-12-01,runs"),
        ("2025-12-14,,runs", "2025-12-14,,does_not_run"),
    ],
    ids=["expired", "never"],
)
def test_a_service_without_a_day_in_the_horizon_is_a_warning(small, before, after) -> None:
    calendar, fault = check_whole(change(small, "calendar_rules", before, after))
    assert calendar.severity == fault.severity == "warning"
    assert calendar.file == "tables/calendar_rules.csv"
    assert (fault.file, fault.row, fault.column) == ("tables/coach_services.csv", 2, "calendar_id")
    assert "no departure in the horizon" in fault.cause


def test_a_train_without_a_locomotive_for_its_line_is_an_error_before_the_run(small) -> None:
    (fault,) = check_whole(change(small, "sections", "1,25kv_50hz", "1,none"))
    assert fault.severity == "error"
    assert fault.file == "tables/trains.csv"
    assert "under none" in fault.cure


def test_faults_of_tables_are_told_alone(small) -> None:
    (fault,) = check_whole(change(small, "calendar_rules", "daily,,", "monthly,,"))
    assert fault.column == "pattern"


def test_a_study_that_runs_has_no_fault(small) -> None:
    assert check_whole(small) == ()
