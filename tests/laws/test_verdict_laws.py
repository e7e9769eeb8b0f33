"""Laws of one truth for each date, on every shipped study with coaches and a rival."""

import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from arterial.flows.run import RunOutcome, resolve_study
from arterial.report import summarise
from arterial.report.chances import select_handovers
from arterial.study import Study, check_study, read_study

STUDIES = Path(__file__).parents[2] / "studies"
RIVALS = STUDIES / "pyongyang_moscow" / "rivals"
STATED_OF_ALL = re.compile(r"Holds for (\d+) of (\d+) departures")
Results = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def rival(tmp_path_factory: pytest.TempPathFactory, share_result) -> tuple[Study, Results]:
    """The flagship with the shuttle as carrier over the border, in few draws."""
    folder = tmp_path_factory.mktemp("rival") / "shuttle"
    shutil.copytree(
        STUDIES / "pyongyang_moscow", folder, ignore=shutil.ignore_patterns("runs", "rivals")
    )
    for table in (RIVALS / "shuttle").glob("*.csv"):
        shutil.copy(table, folder / "tables")
    settings = folder / "study.toml"
    few = settings.read_text("utf-8").replace("draws = 300", "draws = 4")
    settings.write_text(few, "utf-8")
    study = read_study(folder)
    return study, share_result("rival", lambda: resolve_study(study))


@pytest.fixture(params=["new", "pyongyang_beijing", "pyongyang_moscow", "rival"])
def shipped(request: pytest.FixtureRequest, share_result) -> tuple[Study, Results]:
    """A shipped study with its results."""
    match request.param:
        case "new":
            run: RunOutcome = request.getfixturevalue("small_run")
            study = read_study(request.getfixturevalue("small_study"))
            return study, dict(run.results)
        case "rival":
            return request.getfixturevalue("rival")
        case "pyongyang_moscow":
            return request.getfixturevalue("moscow_study"), request.getfixturevalue("moscow")
    study = read_study(STUDIES / request.param)
    return study, share_result(request.param, lambda: resolve_study(study))


def severities(results: Results) -> dict[tuple[str, object], set[str]]:
    found: dict[tuple[str, object], set[str]] = {}
    rows = results["findings"].select("service_id", "trip_date", "severity").iter_rows()
    for service_id, day, severity in rows:
        found.setdefault((service_id, day), set()).add(severity)
    return found


def test_no_verdict_contradicts_a_finding(shipped) -> None:
    _, results = shipped
    found = severities(results)
    for trip in results["trips"].iter_rows(named=True):
        on_it = found.get((trip["service_id"], trip["trip_date"]), set())
        assert (trip["verdict"] == "ran") == (trip["status"] == "past_reported")
        match trip["verdict"]:
            case "ran" | "works":
                assert not on_it & {"block", "warn"}, trip["trip_id"]
            case "at_risk":
                assert "warn" in on_it, trip["trip_id"]
                assert "block" not in on_it, trip["trip_id"]
            case "does_not_work":
                assert "block" in on_it, trip["trip_id"]


def test_no_hand_over_contradicts_the_verdict_of_its_departure(shipped) -> None:
    _, results = shipped
    verdicts = dict(results["trips"].select("trip_id", "verdict").iter_rows())
    allowed = {
        "ran": {"made"},
        "works": {"ok"},
        "at_risk": {"ok", "at_risk"},
    }
    for trip_id, verdict in results["connections"].select("trip_id", "verdict").iter_rows():
        of_trip = verdicts[trip_id]
        assert verdict in allowed.get(of_trip, {verdict} - {"made"}), trip_id


def test_a_statement_holds_of_no_departure_that_is_blocked(shipped) -> None:
    study, results = shipped
    trips = results["trips"]
    events = study.table("published_events").select("statement_id", "service_id")
    services = dict(events.iter_rows())
    for row in results["statement_checks"].iter_rows(named=True):
        told = STATED_OF_ALL.search(row["calculation"] or "")
        if told is None:
            continue
        of_service = trips.filter(pl.col("service_id") == services[row["statement_id"]])
        possible = of_service.filter(pl.col("verdict") != "does_not_work").height
        assert int(told[2]) <= possible, row["statement_id"]


def test_a_chance_of_nothing_or_certainty_has_a_finding_that_says_why(shipped) -> None:
    _, results = shipped
    chances = results["punctuality"].filter(
        pl.col("measure").is_in(["announced_day", "announced_duration"])
        & pl.col("share").is_in([0.0, 1.0])
    )
    trips = {row["trip_id"]: row for row in results["trips"].iter_rows(named=True)}
    findings = results["findings"].filter(pl.col("kind") == "chance_certain")
    explained = set(findings.select("service_id", "trip_date").iter_rows())
    for row in chances.iter_rows(named=True):
        trip = trips.get(row["group_id"])
        if trip is not None:
            assert (trip["service_id"], trip["trip_date"]) in explained, row
            assert trip["verdict"] != "works" or row["share"] == 1, row
        else:
            assert row["service_id"] in {service for service, _ in explained}, row


def test_the_worst_hand_over_named_is_the_worst_of_the_table(shipped) -> None:
    study, results = shipped
    told = [
        text for text in summarise(study, results) if "hand-over on the way that costs most" in text
    ]
    risks = results["handover_risks"].filter(
        (pl.col("group_id") == "works") & (pl.col("sequence") > 1) & (pl.col("missed_share") > 0)
    )
    if risks.is_empty():
        assert not told
        return
    worst = risks.sort("delay_cost_h", descending=True).row(0, named=True)
    assert select_handovers(results).row(0, named=True)["delay_cost_h"] == worst["delay_cost_h"]
    names = dict(study.table("operational_points").select("point_id", "name").iter_rows())
    numbers = dict(study.table("trains").select("train_id", "number").iter_rows())
    words = f"{names[worst['point_id']]} to train {numbers[worst['to_train_id']]}"
    assert words in told[0]


def test_the_departures_without_a_host_in_the_readme_are_those_of_the_rival(rival) -> None:
    text = " ".join((STUDIES.parent / "README.md").read_text("utf-8").split())
    _, results = rival
    blocked = results["trips"].filter(pl.col("verdict") == "does_not_work").height
    assert (
        f"{blocked} of the {results['trips'].height} announced departures would have none" in text
    )


def test_every_rival_of_the_flagship_is_a_study_without_faults(tmp_path: Path) -> None:
    rivals = sorted(folder for folder in RIVALS.iterdir() if folder.is_dir())
    assert [folder.name for folder in rivals] == ["shuttle", "shuttle_on_coach_days", "special"]
    for folder in rivals:
        study = tmp_path / folder.name
        shutil.copytree(STUDIES / "pyongyang_moscow", study, ignore=shutil.ignore_patterns("runs"))
        for table in folder.glob("*.csv"):
            assert (study / "tables" / table.name).is_file()
            shutil.copy(table, study / "tables")
        assert check_study(study) == ()


def test_a_turn_is_lost_as_often_as_its_next_departure_misses_its_train(shipped) -> None:
    _, results = shipped
    first = results["handover_risks"].filter(pl.col("sequence") == 1)
    missed = dict(first.select("group_id", "missed_share").iter_rows())
    if not missed:
        return
    turns = results["coach_turns"].select("next_trip_id", "chance_lost").iter_rows()
    for next_trip_id, chance in turns:
        assert chance == missed.get(next_trip_id), next_trip_id
