"""A check finds what analyses refuse without computing, and says what each of them lacks."""

from pathlib import Path

import pytest

from arterial.errors import StudyError
from arterial.flows.check_study import check_readiness, check_study
from arterial.flows.run import require_run_tables, resolve_study
from arterial.study import new_study, read_study, shipped_studies

STUDIES = Path(__file__).parents[2] / "studies"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return new_study(tmp_path / "small")


def write(folder: Path, table: str, *rows: str) -> Path:
    (folder / "tables" / f"{table}.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


FLOWS = "flow_id,category,from_point,to_point,trains_per_day,grade"
WORKS = "work_id,name,kind,action,labour_h,possession_h,age_share_left,grade\nW,W,bridge,renew,9,9,0,assumption"  # noqa: E501
MUST_DO = '\n[campaign]\nmust_do = ["{}"]\n'
BRIDGE = "asset_id,kind,section_id,from_offset_m,grade\nB,bridge,NOR-SOU,500,assumption"
DENSITY = "density_id,kind,units_per_km,age_y,grade\nD,turnout,0.5,9,assumption"
REFUSED = {
    "no typical speed where hosts meet flows": (
        lambda s: write(s, "train_flows", FLOWS, "F,freight,NORTHPORT,SOUTHPORT,4,assumption"),
        ("tables/sections.csv", "typical_freight_speed_kmh"),
    ),
    "no such set of parameters": (
        lambda s: set_up(write(s, "assets", BRIDGE), '\n[reliability]\nparameter_set = "none"\n'),
        (None, None),
    ),
    "work on an asset that no density gives rise to": (
        lambda s: set_up(
            write(write(s, "asset_densities", DENSITY), "work_kinds", WORKS),
            MUST_DO.format("NOR-SOU.bridge.1"),
        ),
        ("study.toml", "campaign.must_do"),
    ),
    "work on an asset that is not there": (
        lambda s: set_up(
            write(write(s, "assets", BRIDGE), "work_kinds", WORKS), MUST_DO.format("NONE:W")
        ),
        ("study.toml", "campaign.must_do"),
    ),
}


def set_up(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(path.read_text("utf-8") + text, "utf-8")
    return folder


@pytest.mark.parametrize(("make", "place"), REFUSED.values(), ids=REFUSED)
def test_what_an_analysis_refuses_without_computing_is_an_error(small, make, place) -> None:
    errors = [fault for fault in check_study(make(small)) if fault.severity == "error"]
    assert len(errors) == 1, errors
    assert place[0] in {errors[0].file, None}
    assert place[1] in {errors[0].column, None}
    assert errors[0].cure


@pytest.mark.parametrize("name", ["B:W", "NOR-SOU.turnout.3", "NOR-SOU.turnout.3:W"])
def test_work_on_an_asset_that_is_there_is_no_fault(small, name: str) -> None:
    write(write(small, "assets", BRIDGE), "work_kinds", WORKS)
    write(small, "asset_densities", DENSITY)
    assert not [
        one for one in check_study(set_up(small, MUST_DO.format(name))) if "must_do" in str(one)
    ]


def test_a_check_says_what_each_analysis_lacks(small) -> None:
    lacks = check_readiness(small)[1]
    assert {name for name, missing in lacks.items() if not missing} == {
        "run", "path", "conflicts, timetable, dispatch",
    }  # fmt: skip
    assert lacks["campaign"] == ("work_kinds", "assets or asset_densities")
    assert lacks["simulate"] == ("assets or asset_densities or disturbances",)
    (small / "tables" / "sections.csv").unlink()
    assert check_readiness(small)[1]["run"] == ("sections",)


@pytest.mark.parametrize("name", shipped_studies())
def test_a_study_lacks_what_its_analyses_refuse(name) -> None:
    lacks = check_readiness(STUDIES / name)[1]
    study = read_study(STUDIES / name)
    if lacks["run"]:
        with pytest.raises(StudyError, match=", ".join(lacks["run"])):
            require_run_tables(study)
    else:
        require_run_tables(study)


DISTURBANCE = (
    "disturbance_id,name,cause,section_id,per,rate,delay_low_min,delay_best_min,delay_high_min,grade",
    "D,Storm,weather,NOR-SOU,day,0.1,5,10,30,assumption",
)


def test_a_run_goes_on_where_no_coach_departs_on_the_simulated_days(small) -> None:
    write(small, "disturbances", *DISTURBANCE)
    set_up(small, "\n[reliability]\nsimulate_to = 2025-12-01\n")
    faults, lacks = check_readiness(small)
    assert faults == ()
    assert lacks["simulate"] == ("departures from 2026-01-01 to 2025-12-01",)
    results = resolve_study(read_study(small))
    assert results["trips"].height == 31
    assert results["punctuality"].is_empty()
