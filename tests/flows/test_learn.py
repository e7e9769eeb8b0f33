"""Learning from a study's own observations, from its files to the tables and the terminal."""

from pathlib import Path
from shutil import copytree

import polars as pl
import pytest

from arterial.errors import StudyError
from arterial.flows.learn import learn_study
from arterial.study.shipped import find_shipped_folder

HEAD = "observation_id,kind,service_id,departure_date,point_id,event,observed_date,observed_time"
ARRIVED = "C-NOR-SOU,2026-01-15,SOUTHPORT,arrival,2026-01-16"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two stations; T1 leaves up to two hours later than stated, or four in the rival."""
    study = copytree(find_shipped_folder() / "two_stations", tmp_path / "study")
    settings = "draws = 20\nreplications = 1\npictures = 800\njourneys = 2\nunmodelled_share = 0.0"
    with (study / "study.toml").open("a") as file:
        file.write(f"\n[evidence]\n{settings}\n")
    stops = pl.read_csv(study / "tables" / "train_stops.csv")
    wide = stops.with_columns(
        later_min=pl.when(pl.col("sequence") == 1).then(120),
        earlier_min=pl.when(pl.col("sequence") == 1).then(0),
    )
    wide.write_csv(study / "tables" / "train_stops.csv")
    (study / "later").mkdir()
    wide.filter(pl.col("sequence") == 1).with_columns(later_min=pl.lit(240)).write_csv(
        study / "later" / "train_stops.csv"
    )
    (study / "alternatives.csv").write_text(
        "group,option,title,prior_weight,folder\nHOURS,near,At most two hours,0.5,\n"
        "HOURS,far,At most four hours,0.5,later\n"
    )
    return study


def _see(folder: Path, *rows: str, head: str = HEAD) -> None:
    (folder / "observations.csv").write_text("\n".join([head, *rows]) + "\n")


def test_a_time_moves_unknown_and_options_to_what_explains_it(folder: Path) -> None:
    # As stated it comes at 23:24 at best: 80 minutes later two hours of room explain it better.
    _see(folder, "O1,seen,C-NOR-SOU,2026-01-15,NORTHPORT,departure,2026-01-15,22:50")
    found = learn_study(folder).results
    weights = found["structure_weights"]
    assert weights["posterior_weight"].sum() == pytest.approx(1.0)
    assert weights["effective_size"].min() >= 400
    moved = found["learned_unknowns"].filter(pl.col("unknown_id") == "times/T1")
    for row in moved.to_dicts():
        assert row["learned_mean"] == pytest.approx(80.0, abs=15.0)
        assert row["narrowed"] < 0.7
    near, far = (row["bayes_factor"] for row in weights.to_dicts())
    # Densities of a triangle that falls from nothing to two, and to four hours, at 80 min.
    assert far / near == pytest.approx((1 - 80 / 240) / 240 / ((1 - 80 / 120) / 120), rel=0.25)


def test_plans_alone_weigh_nothing_that_can_be(folder: Path) -> None:
    _see(
        folder,
        "O1,seen,C-NOR-SOU,2026-01-15,NORTHPORT,departure,2026-01-15,21:30",
        f"P1,plan,{ARRIVED},",
        "P2,plan,C-NOR-SOU,2026-01-17,SOUTHPORT,arrival,2026-01-25,",
    )
    table = learn_study(folder).results["structure_weights"]
    assert table["plans_count"].to_list() == [2, 2]
    assert table["plans_impossible"].to_list() == [1, 1]


def test_what_was_seen_of_no_departure_is_a_fault(folder: Path) -> None:
    _see(folder, "O1,seen,C-NOR-SOU,2026-03-15,SOUTHPORT,arrival,2026-03-16,")
    with pytest.raises(StudyError) as caught:
        learn_study(folder)
    assert "2026-03-15" in str(caught.value.faults[0])


def test_without_observations_the_table_is_asked_for(folder: Path) -> None:
    with pytest.raises(StudyError) as caught:
        learn_study(folder)
    assert "observations" in str(caught.value.faults[0])


@pytest.mark.parametrize(
    "row",
    [
        f"P1,plan,{ARRIVED},",
        f"F1,forecast,{ARRIVED},",
        # Two days after it should have come: nothing gives that, so nothing is learned.
        "O1,seen,C-NOR-SOU,2026-01-15,SOUTHPORT,arrival,2026-01-18,",
    ],
)
def test_what_teaches_nothing_is_told_and_leaves_the_weights(folder: Path, row: str) -> None:
    _see(folder, row)
    found = learn_study(folder).results
    assert found["structure_weights"]["reason"].null_count() == 0
    assert found["structure_weights"]["posterior_weight"].to_list() == [0.5, 0.5]
    assert found["learned_unknowns"].is_empty()


def test_an_option_without_the_departure_that_was_seen_falls_away(folder: Path) -> None:
    rules = (folder / "tables" / "calendar_rules.csv").read_text().splitlines()
    odd = [rules[0], rules[1].replace("daily", "weekdays")]
    columns = rules[0].split(",")
    cells = odd[1].split(",")
    cells[columns.index("days")] = "Mon"
    (folder / "later" / "calendar_rules.csv").write_text("\n".join([odd[0], ",".join(cells)]))
    _see(folder, "O1,seen,C-NOR-SOU,2026-01-15,NORTHPORT,departure,2026-01-15,21:30")
    table = learn_study(folder).results["structure_weights"]
    assert table["posterior_weight"].to_list() == [1.0, 0.0]
    assert "no departure" in table["reason"][1]


@pytest.mark.slow
def test_the_flagship_is_told_what_its_sightings_can_tell() -> None:
    found = learn_study(find_shipped_folder() / "pyongyang_moscow").results
    weights = {row["option"]: row for row in found["structure_weights"].to_dicts()}
    assert all(row["effective_size"] >= 400 for row in weights.values())
    assert all(row["log_evidence_error"] <= 0.06 for row in weights.values())
    # The run alone does not tell who carried it; what was printed bars the shuttle on its days.
    assert 1.05 <= 1.0 / weights["shuttle"]["bayes_factor"] <= 1.35
    assert weights["shuttle"]["plans_impossible"] == 7
    assert weights["shuttle"]["posterior_weight"] < 0.02
    chances = found["learned_chances"].filter(pl.col("measure") == "announced_day")
    assert chances["learned_error"].max() <= 0.015
