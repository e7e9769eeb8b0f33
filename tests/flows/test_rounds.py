"""Replications until the chance of each service is known well enough, the same for everybody."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from arterial.compute import Workers
from arterial.flows.run import resolve_study
from arterial.flows.simulate import Scale, choose_executor, simulate_study
from arterial.study import Study, read_study

STUDIES = Path(__file__).parents[2] / "studies"
MOST = 256
DRAWS = 2
DISTURBANCES = """disturbance_id,name,cause,per,rate,delay_low_min,delay_best_min,delay_high_min,\
shape,source_id,grade
X1,Power shortage,power_shortage,train_run,0.4,10,300,3000,lognormal,INVENTED,assumption
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose coach may come a day late."""
    place = tmp_path_factory.mktemp("rounds") / "two_stations"
    shutil.copytree(STUDIES / "two_stations", place, ignore=shutil.ignore_patterns("runs"))
    (place / "tables" / "disturbances.csv").write_text(DISTURBANCES, "utf-8")
    services = pl.read_csv(place / "tables" / "coach_services.csv", infer_schema=False)
    announced = services.with_columns(announced_arrival_day=pl.lit("1"))
    announced.write_csv(place / "tables" / "coach_services.csv")
    return place


def ask(study: Study, points: float | None) -> Study:
    """The study with a standard error that is asked for."""
    update = {"draws": DRAWS, "replications": MOST, "standard_error_points": points}
    reliability = study.settings.reliability.model_copy(update=update)
    return study.with_settings(study.settings.model_copy(update={"reliability": reliability}))


def find_error_points(results: dict[str, pl.DataFrame]) -> float:
    """The greatest standard error of a chance to keep the day."""
    chances = results["punctuality"].filter(
        (pl.col("measure") == "announced_day") & pl.col("group_id").is_in(["all", "works"])
    )
    return 100.0 * chances["share_error"].max()


def count_replications(results: dict[str, pl.DataFrame]) -> int:
    return results["simulation_runs"]["replications_count"].item()


@pytest.fixture(scope="module")
def by_points(folder: Path) -> dict[float | None, dict[str, pl.DataFrame]]:
    study = read_study(folder)
    return {points: resolve_study(ask(study, points)) for points in (None, 0.01, 0.5, 1.0, 2.0)}


def test_the_error_that_is_reached_is_what_was_asked_for(by_points) -> None:
    for points in (0.5, 1.0, 2.0):
        results = by_points[points]
        assert count_replications(results) < DRAWS * MOST
        assert 0.0 < find_error_points(results) <= points


def test_what_cannot_be_reached_ends_with_all_replications(by_points) -> None:
    for points in (None, 0.01):
        assert count_replications(by_points[points]) == DRAWS * MOST
    assert find_error_points(by_points[0.01]) > 0.01


def test_asking_for_less_never_runs_more(by_points) -> None:
    counts = [count_replications(by_points[points]) for points in (0.01, 0.5, 1.0, 2.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0]


def test_half_of_what_was_needed_would_not_have_been_enough(folder, by_points) -> None:
    needed = count_replications(by_points[0.5]) // DRAWS
    study = ask(read_study(folder), None)
    fewer = study.settings.reliability.model_copy(update={"replications": needed // 2})
    halved = study.with_settings(study.settings.model_copy(update={"reliability": fewer}))
    assert find_error_points(resolve_study(halved)) > 0.5


def test_workers_stop_where_one_process_does(folder, by_points) -> None:
    with Workers(3, only_leads=True) as workers:
        shared = resolve_study(ask(read_study(folder), 0.5), workers=workers)
    for name, frame in by_points[0.5].items():
        assert shared[name].equals(frame), name


def test_a_simulation_and_its_shards_stop_where_the_run_does(folder, by_points, tmp_path) -> None:
    settings = folder / "study.toml"
    plain = settings.read_text("utf-8")
    settings.write_text(plain + "\n[reliability]\nstandard_error_points = 0.5\n", "utf-8")

    def simulate(place: str, **where: object) -> dict[str, bytes]:
        scale = Scale(DRAWS, MOST, **where)
        simulate_study(folder, output=tmp_path / place, scale=scale)
        files = sorted((tmp_path / place).glob("*.parquet"))
        return {file.name: file.read_bytes() for file in files}

    alone = simulate("alone")
    for name in ("punctuality", "simulation_runs", "simulated_trips", "delay_causes"):
        written = pl.read_parquet(tmp_path / "alone" / f"{name}.parquet")
        assert written.equals(by_points[0.5][name]), name
    assert simulate("pool", executor=choose_executor(workers=2), workers=2) == alone
    for shard in ("1/2", "2/2"):
        assert simulate("shards", executor=choose_executor(shard=shard)) in ({}, alone)
    assert simulate("shards", is_collected=True) == alone


def test_only_an_error_that_is_asked_for_is_listed_as_an_assumption(by_points) -> None:
    name = "setting:reliability.standard_error_points"
    assert name in by_points[0.5]["assumptions"]["assumption_id"].to_list()
    assert name not in by_points[None]["assumptions"]["assumption_id"].to_list()
