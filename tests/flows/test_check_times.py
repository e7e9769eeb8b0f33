"""Limits and times of a study that a check doubts."""

from pathlib import Path

import pytest

from arterial.flows.check_study import check_study
from arterial.study import new_study


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return new_study(tmp_path / "small")


@pytest.mark.parametrize(
    ("category", "limits", "column"),
    [
        ("freight", "100,", "freight_speed_limit_kmh"),
        ("freight", ",80", None),
        ("passenger", ",80", "passenger_speed_limit_kmh"),
        ("passenger", "100,", None),
    ],
)
def test_a_limit_that_is_missing_for_a_train_is_told(small, category, limits, column) -> None:
    """Of trains without coaches; a host is refused."""
    sections = small / "tables" / "sections.csv"
    lines = sections.read_text("utf-8").replace(
        "passenger_speed_limit_kmh,", "passenger_speed_limit_kmh,freight_speed_limit_kmh,"
    )
    sections.write_text(lines.replace(",100,65,", f",{limits},65,"), "utf-8")
    for name in ("coach_legs", "coach_services", "coach_pools", "published_runs"):
        (small / "tables" / f"{name}.csv").unlink(missing_ok=True)
    trains = small / "tables" / "trains.csv"
    text = trains.read_text("utf-8")
    trains.write_text(text.replace(",passenger,", f",{category},"), "utf-8")
    found = [fault for fault in check_study(small) if "speed_limit_kmh" in (fault.column or "")]
    assert [fault.column for fault in found] == ([column] if column else [])
    assert all((fault.row, fault.severity) == (2, "warning") for fault in found)
