"""Two runs on disk side by side, as the command line compares them."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from arterial.cli.main import ExitCode, main
from arterial.errors import ArterialError, StudyError
from arterial.flows.compare import compare_runs
from arterial.report.bundle import load_bundle
from arterial.study.run_folder import write_run


def tables(service: str, delays_s: list[int]) -> dict[str, pl.DataFrame]:
    """A run of four simulated trips that are in time below an hour."""
    share = sum(delay <= 3600 for delay in delays_s) / len(delays_s)
    count = len(delays_s)
    return {
        "trips": pl.DataFrame({"service_id": [service], "trip_id": [f"{service}@2025-06-17"]}),
        "punctuality": pl.DataFrame(
            {
                "service_id": [service],
                "group_id": ["all"],
                "measure": ["announced_duration"],
                "limit_h": [1.0],
                "share": [share],
                "share_error": [0.2],
                "share_low": [0.0],
                "share_high": [1.0],
            }
        ),
        "simulation_runs": pl.DataFrame(
            {
                "simulation_id": ["coaches"],
                "draws_count": [2],
                "replications_count": [count],
                "seed": [1],
                "parameter_set": ["P"],
            }
        ),
        "simulated_trips": pl.DataFrame(
            {
                "draw": [0, 0, 1, 1],
                "replication": [0, 1, 0, 1],
                "trip_id": [f"{service}@2025-06-17"] * count,
                "arrival_delay_s": delays_s,
                "elapsed_s": delays_s,
            }
        ),
    }


def write(folder: Path, service: str, delays_s: list[int], *, without: str = "") -> Path:
    results = {name: frame for name, frame in tables(service, delays_s).items() if name != without}
    return write_run(folder, results=results, report="", record={"run": folder.name, "seed": "1"})


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return write(tmp_path / "before", "S", [600, 7200, 600, 7200])


@pytest.fixture
def after(tmp_path: Path) -> Path:
    return write(tmp_path / "after", "S", [600, 600, 600, 600])


def test_runs_of_the_same_chances_are_compared_trip_by_trip(before: Path, after: Path) -> None:
    found = compare_runs(before, after)
    assert found.page is None
    assert found.record["is_paired"]
    row = found.record["differences"]["punctuality"][0]
    assert row["is_paired"]
    # Half in time before, all after, alike in both draws.
    assert row["difference"] == pytest.approx(0.5)
    assert row["difference_low"] == pytest.approx(0.5)
    assert "50 % of the departures before and 100 % after (+50.0" in found.summary[0]


def test_equal_runs_are_said_not_to_differ(before: Path) -> None:
    assert "50 % after (no change)." in compare_runs(before, before).summary[0]


def test_a_run_that_lacks_a_table_is_still_compared(before: Path, tmp_path: Path) -> None:
    older = write(tmp_path / "older", "S", [600] * 4, without="simulated_trips")
    found = compare_runs(older, before)
    assert not found.record["is_paired"]
    row = found.record["differences"]["punctuality"][0]
    assert row["difference"] == pytest.approx(-0.5)
    # Both errors are 0.2, together 0.28: half is less than twice that.
    assert row["difference_error"] == pytest.approx(0.2 * 2**0.5)
    assert "(-50.0 percentage points, ± 28.3; this may be chance)" in found.summary[0]
    assert any("met different chances" in text for text in found.summary)


def test_a_run_without_simulation_says_that_nothing_can_be_compared(
    before: Path, tmp_path: Path
) -> None:
    plain = {"trips": tables("S", [0] * 4)["trips"]}
    folder = write_run(tmp_path / "plain", results=plain, report="", record={"run": "plain"})
    assert compare_runs(folder, before).summary == (
        "Neither run holds simulated operations that the other holds too.",
    )


def test_of_thousands_of_assets_those_that_differ_most_are_recorded(tmp_path: Path) -> None:
    count = 2000
    folders = []
    for name, factor in (("one", 1.0), ("two", 2.0)):
        minutes = [factor * number for number in range(count)]
        effects = {
            "asset_id": [f"A{number}" for number in range(count)],
            "kind": ["turnout"] * count,
            "section_id": ["X"] * count,
            **{f"{part}_delay_min_per_year": minutes for part in ("primary", "knock_on")},
            "restriction_delay_min_per_year": [0.0] * count,
            **{
                f"{part}_delay_min_per_year_error": [1.0] * count
                for part in ("primary", "knock_on", "restriction")
            },
        }
        results = {"trips": tables("S", [0] * 4)["trips"], "asset_effects": pl.DataFrame(effects)}
        record = {"run": name}
        folders.append(write_run(tmp_path / name, results=results, report="", record=record))
    rows = compare_runs(*folders).record["differences"]["assets"]
    assert len(rows) == 500
    # Number 1999 gains 1999 min of each of two parts; number 1499 is the first left out.
    found = {row["asset_id"]: row["difference"] for row in rows}
    assert found["A1999"] == 3998.0
    assert "A1499" not in found


def test_runs_of_other_services_are_refused(before: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", "T", [600] * 4)
    with pytest.raises(StudyError, match=r"no service in common: .*before has S; .*other has T"):
        compare_runs(before, other)


def test_a_folder_that_is_no_run_is_refused(before: Path, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"is no run of Arterial: it has no run\.toml"):
        compare_runs(before, tmp_path)


def test_the_command_prints_json_and_writes_the_page(
    before: Path,
    after: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        load_bundle()
    except ArterialError as error:
        pytest.skip(error.message)
    page = tmp_path / "pages" / "compared.html"
    arguments = ["compare", str(before), str(after), "-o", str(page), "--json"]
    monkeypatch.setattr(sys, "argv", ["arterial", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == ExitCode.SUCCESS
    record = json.loads(capsys.readouterr().out)
    assert record["page"] == str(page)
    assert record["absent"]["assets"] == "both runs"
    assert "Two runs side by side" in page.read_text("utf-8")
