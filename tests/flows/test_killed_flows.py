"""Flows that are killed, or whose disk fails, at any change of files: no result is lost."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from arterial.errors import ArterialError
from arterial.flows import campaign as campaign_flow
from arterial.flows import run as run_flow
from arterial.flows import simulate as simulate_flow
from arterial.flows.campaign import plan_campaign
from arterial.flows.compare import compare_runs
from arterial.flows.run import RunOutcome, run_study
from arterial.flows.simulate import Scale, query_simulation, simulate_study
from arterial.study import read_study, run_folder
from arterial.study.run_folder import find_last_run
from arterial.study.run_record import list_results, read_file, read_record, read_result
from arterial.writing import write_whole
from failing_disk import KilledError, failing_disk

STUDIES = Path(__file__).parents[2] / "studies"
DISTURBANCES = """disturbance_id,name,cause,train_id,railway_id,section_id,point_id,months,per,\
rate,delay_low_min,delay_best_min,delay_high_min,shape,storm_group,source_id,grade
X1,Power shortage,power_shortage,,,NOR-SOU,,,train_run,0.4,10,30,90,lognormal,,INVENTED,assumption
"""
FEW = 6
"""Kills of each flow that are tried by default; the slow tests try all."""

LIMITS = [pytest.param(FEW, id="some"), pytest.param(None, id="all", marks=pytest.mark.slow)]


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_folder, "BEGINNING_S", -1.0)


def choose(changes: int, most: int | None) -> list[int]:
    """Numbers of changes spread over all of them, the last ones among them."""
    step = 1 if most is None else max(1, changes // most)
    return sorted({*range(1, changes + 1, step), *range(max(1, changes - 5), changes + 1)})


def is_whole(run: Path) -> bool:
    """Whether every file of a run is as it was written."""
    for name in read_record(run)["files"]:
        read_file(run, name)
    return all(read_result(run, name).width for name in list_results(run))


def count_changes(folder: Path, work: Callable[[], object]) -> int:
    with failing_disk(folder, 1_000_000) as disk:
        work()
    return disk.count


def fail(folder: Path, at: int, work: Callable[[], object], number: int | None = None) -> str:
    """What is told when it is killed, or the disk fails; empty where nothing has to be told."""
    with failing_disk(folder, at, number):
        try:
            work()
        except KilledError:
            return "killed"
        except OSError as error:
            return str(error) if error.filename else f"no file is named at {at}"
        except ArterialError as error:
            return str(error)
    return ""


@pytest.fixture
def quick(small_run: RunOutcome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs and campaigns whose tables were computed before: what is tried is their files."""
    results = dict(small_run.results)
    monkeypatch.setattr(run_flow, "resolve_study", lambda *_, **__: results)
    monkeypatch.setattr(campaign_flow, "resolve_campaign", lambda *_, **__: results)
    monkeypatch.setattr(campaign_flow, "summarise_campaign", lambda *_: ("done",))
    monkeypatch.setattr(campaign_flow, "build_campaign_page", lambda *_, **__: "page")
    monkeypatch.setattr(run_flow, "build_report", lambda *_, **__: "page")

    def export(folder: Path, **_: object) -> None:
        for name in ("plan.csv", "plan.geojson"):
            write_whole(folder / name, "plan")

    monkeypatch.setattr(campaign_flow, "_export_plan", export)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("most", LIMITS)
@pytest.mark.parametrize("flow", [run_study, plan_campaign])
def test_runs_and_campaigns_that_are_killed_leave_the_earlier_one(
    flow: Callable[[Path], RunOutcome], most: int | None, small_study: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    shutil.copytree(small_study, study, ignore=shutil.ignore_patterns("runs"))
    run = flow(study).folder
    (run / "notes.txt").write_text("mine", encoding="utf-8")
    for at in choose(count_changes(study, lambda: flow(study)), most):
        assert fail(study, at, lambda: flow(study)) == "killed"
        assert find_last_run(study) == run
        assert is_whole(run), at
        assert (run / "notes.txt").read_text("utf-8") == "mine"
        assert [path.name for path in run.parent.iterdir()] == [run.name], at


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("most", LIMITS)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_closed_disk_is_told_with_the_file_of_the_run(
    number: int, most: int | None, small_study: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    shutil.copytree(small_study, study, ignore=shutil.ignore_patterns("runs"))
    run = run_study(study).folder
    for at in choose(count_changes(study, lambda: run_study(study)), most):
        told = fail(study, at, lambda: run_study(study), number)
        assert not told or str(run) in told, (at, told)
        assert is_whole(run), at


@pytest.mark.parametrize("most", LIMITS)
def test_a_page_of_a_comparison_is_the_older_or_the_newer_one(
    most: int | None, small_run: RunOutcome, tmp_path: Path
) -> None:
    page = tmp_path / "compared.html"

    def compare() -> object:
        return compare_runs(small_run.folder, small_run.folder, output=page)

    for at in choose(count_changes(tmp_path, compare), most):
        page.write_text("older", encoding="utf-8")
        assert fail(tmp_path, at, compare) == "killed"
        text = page.read_text("utf-8")
        assert text == "older" or text.rstrip().endswith("</html>"), at
    page.write_text("older", encoding="utf-8")
    assert "compared.html" in fail(tmp_path, 1, compare, errno.ENOSPC)
    assert page.read_text("utf-8") == "older"


@pytest.mark.parametrize("most", LIMITS)
def test_a_simulation_that_is_killed_goes_on_and_gives_the_same(
    most: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = tmp_path / "study"
    shutil.copytree(STUDIES / "two_stations", study, ignore=shutil.ignore_patterns("runs"))
    (study / "tables" / "disturbances.csv").write_text(DISTURBANCES, "utf-8")
    resolved = simulate_flow.resolve_timetable(read_study(study))
    monkeypatch.setattr(simulate_flow, "resolve_timetable", lambda *_, **__: resolved)
    monkeypatch.setattr(simulate_flow, "build_report", lambda *_, **__: "page")
    place = tmp_path / "out"
    place.mkdir()

    def simulate() -> object:
        return simulate_study(study, output=place / "run", scale=Scale(2, 6))

    changes = count_changes(place, simulate)
    expected = read_record(place / "run")["files"]
    for at in choose(changes, most and most // 2):
        shutil.rmtree(place)
        place.mkdir()
        assert fail(place, at, simulate) == "killed"
        if (place / "run").exists():
            assert is_whole(place / "run"), at
        simulate()
        assert read_record(place / "run")["files"] == expected, at
        rows = query_simulation(place / "run", "SELECT count(*) AS n FROM simulated_trips")
        assert rows["n"][0] > 0
        # Of the second kind: the earlier result stands while the same is simulated again.
        assert fail(place, 1 + at % 5, simulate) == "killed"
        assert is_whole(place / "run"), at
