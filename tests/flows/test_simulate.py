"""Simulated operations at any size: the same numbers whoever works off the tasks."""

import hashlib
import shutil
from pathlib import Path

import polars as pl
import pytest

from arterial.compute.expected import Expected, require_agreement
from arterial.errors import ArterialError, LimitError, StudyError
from arterial.flows.expected_work import expect_run
from arterial.flows.simulate import (
    Scale,
    choose_executor,
    query_simulation,
    read_size,
    simulate_study,
)
from arterial.study import read_study

HERE = Path(__file__).parent
STUDIES = HERE.parents[1] / "studies"
DISTURBANCES = """disturbance_id,name,cause,train_id,railway_id,section_id,point_id,months,per,\
rate,delay_low_min,delay_best_min,delay_high_min,shape,storm_group,source_id,grade
X1,Power shortage,power_shortage,,,NOR-SOU,,,train_run,0.4,10,30,90,lognormal,,INVENTED,assumption
"""
DENSITIES = """density_id,kind,railway_id,line_id,section_id,units_per_km,unit_length_m,material,\
age_low_y,age_y,age_high_y,defect_share,annual_tonnage_mgt,source_id,grade
D1,turnout,,,,0.9,,timber_softwood,5,20,30,0.3,5,INVENTED,assumption
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("simulate") / "two_stations"
    shutil.copytree(STUDIES / "two_stations", place, ignore=shutil.ignore_patterns("runs"))
    (place / "tables" / "disturbances.csv").write_text(DISTURBANCES, "utf-8")
    (place / "tables" / "asset_densities.csv").write_text(DENSITIES, "utf-8")
    return place


def simulate(study: Path, output: Path, **where: object) -> dict[str, str]:
    scale = Scale(2, 6, **where)
    outcome = simulate_study(study, output=output, scale=scale)
    assert outcome.folder == output
    assert not outcome.failed
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(output.glob("*.parquet"))
    }


@pytest.fixture(scope="module")
def plain(study: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return simulate(study, tmp_path_factory.mktemp("plain") / "run")


def test_processes_give_the_same_tables_as_this_process(
    study: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    pool = simulate(study, tmp_path / "run", executor=choose_executor(workers=2))
    assert pool == plain


def test_shards_give_the_same_tables_once_collected(
    study: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "run"
    for shard in ("1/2", "2/2"):
        simulate_study(study, output=output, scale=Scale(2, 6, choose_executor(shard=shard)))
    assert simulate(study, output, is_collected=True) == plain


def test_what_shards_have_not_done_is_named(study: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    first = Scale(2, 6, choose_executor(shard="1/2"))
    outcome = simulate_study(study, output=output, scale=first)
    assert outcome.folder is None
    assert outcome.tasks_left > 0
    with pytest.raises(ArterialError):
        simulate_study(study, output=output, scale=Scale(2, 6, is_collected=True))


def test_a_second_call_goes_on_and_changes_nothing(
    study: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "run"
    simulate(study, output)
    lost = min((tmp_path / "run.parts" / "parts" / "simulated_trips").glob("*.parquet"))
    lost.unlink()
    assert simulate(study, output) == plain


def test_single_trips_can_be_asked_for_in_sql(study: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    simulate(study, output)
    answer = query_simulation(output, "select count(*) as trips from simulated_trips")
    rows = pl.read_parquet(output / "simulated_trips.parquet").height
    assert answer["trips"].item() == rows > 0
    with pytest.raises(StudyError, match="nothing to ask"):
        query_simulation(tmp_path / "other", "select 1")


def test_delays_are_split_without_a_second_left(study: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    simulate(study, output)
    runs = pl.read_parquet(output / "simulation_runs.parquet")
    assert runs["attribution_gap_s"].max() == 0


def test_a_study_without_causes_of_delay_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="nothing to simulate"):
        simulate_study(STUDIES / "two_stations", output=tmp_path / "run")


@pytest.mark.parametrize("text", ["20", "0x5", "ax3", "5x"])
def test_a_size_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(LimitError, match="DRAWSxRUNS"):
        read_size(text)


def test_two_local_workers_of_dask_give_the_same_tables(
    study: Path, plain: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="the extra scale is not installed")
    # `plain` has compiled the kernels, which the workers find in the cache of this machine.
    executor = choose_executor(workers=2, dask="local")
    assert simulate(study, tmp_path / "run", executor=executor) == plain


def test_a_journey_that_is_delayed_without_end_is_refused(study: Path, tmp_path: Path) -> None:
    place = tmp_path / "study"
    shutil.copytree(study, place)
    rows = DISTURBANCES.replace("train_run,0.4", "train_km,9") + "".join(
        f"Y{n},Slip,other,,,,,,train_km,10,1,2,3,uniform,,INVENTED,assumption\n" for n in range(20)
    )
    (place / "tables" / "disturbances.csv").write_text(rows, "utf-8")
    outcome = simulate_study(place, output=tmp_path / "run", scale=Scale(1, 1))
    assert outcome.folder is None
    assert all("Lower `rate` in disturbances.csv" in told for told in outcome.failed.values())
    assert outcome.failed


def test_hours_of_work_start_only_when_they_are_agreed_to(study: Path, tmp_path: Path) -> None:
    size = Scale(10_000, 100_000)
    with pytest.raises(LimitError, match=r"about .* h on one process and about .* GB of memory"):
        simulate_study(study, output=tmp_path / "run", scale=size)
    assert list(tmp_path.iterdir()) == []
    # Of four billion trips nobody can agree to more.
    with pytest.raises(LimitError, match="simulated trips"):
        simulate_study(study, output=tmp_path / "run", scale=size, is_agreed=True)


def test_what_a_study_takes_grows_with_what_is_asked_for(study: Path) -> None:
    read = read_study(study)
    small = expect_run(read)
    assert small.cpu_s < 60
    more = read.settings.reliability.model_copy(update={"replications": 1000, "line_days": 1000})
    large = expect_run(read.with_settings(read.settings.model_copy(update={"reliability": more})))
    assert large.cpu_s > 10 * small.cpu_s
    assert large.memory_b > small.memory_b
    require_agreement(small)
    require_agreement(Expected("Much", 1e9, 1e18, ""), is_agreed=True)
