"""Two runs on disk side by side, as the command line compares them."""

import json
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from arterial.cli.main import ExitCode, main
from arterial.errors import ArterialError, StudyError
from arterial.flows.compare import ComparedRuns, compare_runs
from arterial.flows.run import run_study
from arterial.flows.show_results import show_results
from arterial.report.bundle import load_bundle
from arterial.study import new_study
from arterial.study.run_folder import write_run


def tables(service: str, delays_s: list[int]) -> dict[str, pl.DataFrame]:
    """A run of four simulated trips that are in time below an hour."""
    share = sum(delay <= 3600 for delay in delays_s) / len(delays_s)
    count = len(delays_s)
    return {
        "trips": pl.DataFrame(
            {
                "service_id": [service],
                "trip_id": [f"{service}@2025-06-17"],
                "trip_date": [date(2025, 6, 17)],
            }
        ),
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
    assert "50 % of the departures before and 100 % after (+50.0" in "\n".join(found.summary)


def test_equal_runs_are_said_not_to_differ(before: Path) -> None:
    assert "50 % after (no change)." in "\n".join(compare_runs(before, before).summary)


def test_a_run_that_lacks_a_table_is_still_compared(before: Path, tmp_path: Path) -> None:
    older = write(tmp_path / "older", "S", [600] * 4, without="simulated_trips")
    found = compare_runs(older, before)
    assert not found.record["is_paired"]
    row = found.record["differences"]["punctuality"][0]
    assert row["difference"] == pytest.approx(-0.5)
    # Both errors are 0.2, together 0.28: half is less than twice that.
    assert row["difference_error"] == pytest.approx(0.2 * 2**0.5)
    words = "\n".join(found.summary)
    assert "(\N{MINUS SIGN}50.0 percentage points, ± 28.3; this may be chance)" in words
    assert any("met different chances" in text for text in found.summary)


def test_a_run_without_simulation_says_that_nothing_can_be_compared(
    before: Path, tmp_path: Path
) -> None:
    plain = {"trips": tables("S", [0] * 4)["trips"]}
    folder = write_run(tmp_path / "plain", results=plain, report="", record={"run": "plain"})
    words = compare_runs(folder, before).summary
    assert "Simulation: not compared, since not both hold simulated operations." in words
    assert "Without a difference: verdicts and journey times of departures." in words


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


def test_of_runs_of_other_services_all_departures_are_gone_and_new(
    before: Path, tmp_path: Path
) -> None:
    words = "\n".join(compare_runs(before, write(tmp_path / "other", "T", [600] * 4)).summary)
    assert "S, 1 of 1 departure (17 June 2025): gone" in words
    assert "T, 1 of 1 departure (17 June 2025): new" in words


def test_a_folder_that_is_no_run_is_refused(before: Path, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"is no run of Arterial and no study: it has neither"):
        compare_runs(before, tmp_path)


@pytest.mark.parametrize("name", ["run.toml", "trips.parquet", "punctuality.parquet"])
def test_damaged_files_of_a_run_are_named(before: Path, tmp_path: Path, name: str) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(before, broken)
    (broken / name).write_bytes(b"\xff\xfe" + (broken / name).read_bytes()[:60])
    with pytest.raises(StudyError, match=rf"broken/{name}: The (file|record) is damaged"):
        compare_runs(before, broken)


def test_a_table_in_the_place_of_another_is_refused(before: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(before, broken)
    shutil.copy(broken / "simulation_runs.parquet", broken / "trips.parquet")
    damaged = r"trips\.parquet: The file is damaged, or another file stands"
    with pytest.raises(StudyError, match=damaged):
        compare_runs(before, broken)


def copy_study(folder: Path) -> Path:
    return new_study(folder)


def slow_down(study: Path) -> None:
    """10 km at 30 km/h from 10 to 12 January."""
    (study / "tables" / "speed_restrictions.csv").write_text(
        "restriction_id,section_id,from_offset_m,to_offset_m,speed_limit_kmh,valid_from,valid_to,"
        "source_id,grade\n"
        "R1,NOR-SOU,0,10000,30,2026-01-10,2026-01-12,INVENTED,assumption\n"
    )


def replace_in(study: Path, table: str, old: str, new: str) -> None:
    path = study / "tables" / f"{table}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def journeys(found: ComparedRuns) -> list[dict[str, Any]]:
    return [row for row in found.record["outcomes"] if row["measure"] == "journey_s"]


def test_studies_without_a_run_are_compared_as_they_stand(tmp_path: Path) -> None:
    before, after = copy_study(tmp_path / "before"), copy_study(tmp_path / "after")
    slow_down(after)
    found = compare_runs(before, after)
    # The way from 21:30 is slow on three days of the month; 10 km at 30 instead of up to 100 km/h.
    (row,) = journeys(found)
    assert row["days"] == ["2026-01-10", "2026-01-11", "2026-01-12"]
    assert row["difference"] == pytest.approx(848, abs=60)
    assert row["cause"] == "speed_restrictions R1 added (tables/speed_restrictions.csv row 2)"
    words = "\n".join(found.summary)
    assert "3 of 31 departures (10 January 2026 to 12 January 2026): journey time 14 min" in words
    assert "has no run of its tables as they are: it was resolved without chance here" in words
    changed = {(row["table"], row["column"], row["after"]) for row in found.record["changes"]}
    assert ("speed_restrictions", "speed_limit_kmh", "30") in changed
    assert not (before / "runs").exists()


def test_each_difference_has_the_change_that_makes_it(tmp_path: Path) -> None:
    before, after = copy_study(tmp_path / "before"), copy_study(tmp_path / "after")
    slow_down(after)
    replace_in(after, "train_stops", "21:30", "22:30")
    found = compare_runs(before, after)
    (slower,) = journeys(found)
    assert slower["cause"].startswith("speed_restrictions R1 added")
    later = [row for row in found.record["outcomes"] if row["measure"] == "departure_s"]
    assert [row["difference"] for row in later] == [3600.0]
    assert later[0]["count"] == 31
    assert later[0]["cause"].startswith(
        "train_stops T1 1: departure 21:30 \N{RIGHTWARDS ARROW} 22:30"
    )
    back = compare_runs(after, before)
    assert {row["difference"] for row in journeys(back)} == {-slower["difference"]}


def test_what_only_the_simulation_shows_has_its_change_too(tmp_path: Path) -> None:
    folder = copy_study(tmp_path / "study")
    (folder / "tables" / "asset_densities.csv").write_text(
        "density_id,kind,section_id,units_per_km,material,is_powered,age_y,annual_tonnage_mgt,grade\n"
        "D,turnout,NOR-SOU,3,timber_hardwood,false,25,5,assumption\n"
    )
    settings = folder / "study.toml"
    few = "\n[reliability]\ndraws = 4\nreplications = 5\n"
    settings.write_text(settings.read_text("utf-8") + few, "utf-8")
    run_study(folder, name="before")
    replace_in(folder, "asset_densities", "SOU,3,", "SOU,1,")
    run_study(folder, name="after")
    found = compare_runs(f"{folder}:before", f"{folder}:after")
    assert found.record["is_paired"]
    words = "\n".join(found.summary)
    cause = "asset_densities D: units_per_km 3 \N{RIGHTWARDS ARROW} 1"
    assert f"Cause of what differs in simulation: {cause}" in words
    assert "Computed by simulation" in words


def test_a_study_and_itself_do_not_differ(tmp_path: Path) -> None:
    study = copy_study(tmp_path / "study")
    found = compare_runs(study, study)
    assert found.record["changes"] == []
    assert found.record["outcomes"] == []
    assert found.summary[1] == "Changed: nothing; settings and tables of both are the same."


def test_a_named_run_keeps_its_inputs_and_is_found_by_its_name(tmp_path: Path) -> None:
    study = copy_study(tmp_path / "study")
    first = run_study(study, name="before-works")
    assert first.folder == study / "runs" / "before-works"
    assert show_results(study, "trips", run="before-works").height == 31
    slow_down(study)
    # The study has changed since: it is resolved as it stands, not taken from the old run.
    found = compare_runs(f"{study}:before-works", study)
    assert found.summary[0] == "Before: before-works. After: study."
    (row,) = journeys(found)
    assert row["cause"] == "speed_restrictions R1 added (tables/speed_restrictions.csv row 2)"
    with pytest.raises(StudyError, match="holds a run of other inputs"):
        run_study(study, name="before-works")
    with pytest.raises(StudyError, match="cannot name a run"):
        run_study(study, name="../elsewhere")
    with pytest.raises(StudyError, match=r"has no run 'after'\. It has: before-works"):
        compare_runs(f"{study}:after", study)


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
