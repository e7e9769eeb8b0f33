"""The study of renewals: it has no coach and no host train, and its lines can be run."""

from pathlib import Path

import pytest

from arterial.assets.register import build_register
from arterial.study import Study, apply_defaults, read_study
from arterial.timetable.paths.study_line import find_flow_route, list_flow_requests, prepare_line
from arterial.timetable.paths.train_requests import Period
from arterial.units import HOUR_S

STUDY = Path(__file__).parents[2] / "studies" / "renewal_2025"
DAY_S = 24 * HOUR_S


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(STUDY)


def test_flows_run_without_any_host_train(study: Study) -> None:
    line = prepare_line(study)
    assert line.ways == {}
    requests = list_flow_requests(line, Period(0, DAY_S))
    # Both directions of every flow, give or take one train each.
    daily = 2 * study.tables["train_flows"]["trains_per_day"].sum()
    assert len(requests) == pytest.approx(daily, abs=study.tables["train_flows"].height)


def test_every_open_section_has_trains_gangs_and_a_limit(study: Study) -> None:
    sections = apply_defaults(study, "sections").filter("is_open")
    names = set(sections["section_id"])
    line = prepare_line(study)
    ways = [
        find_flow_route(line.network, line.tables, row, [])
        for row in study.tables["train_flows"].iter_rows(named=True)
    ]
    run_over = {name for way in ways if way is not None for name in way.section_ids}
    assert names == run_over
    pools = study.tables["labour_pools"]["section_ids"].str.split(";").explode()
    assert sorted(pools) == sorted(names)
    assert set(study.tables["possession_limits"]["section_id"]) == names


def test_the_published_bridges_are_all_there(study: Study) -> None:
    tables = {name: apply_defaults(study, name) for name in study.tables}
    register = build_register(tables, as_of=study.settings.as_of, seed=study.settings.seed)
    counted = dict(
        register.filter(kind="bridge")
        .join(tables["sections"].select("section_id", "line_id"), on="section_id")["line_id"]
        .value_counts()
        .iter_rows()
    )
    published = {"KP-PYONGUI": 177, "KP-PYONGBU": 99, "KP-KANGWON": 94, "KP-PAEKTUSAN": 74}
    for line_id, number in published.items():
        # Each section is rounded by itself.
        assert counted[line_id] == pytest.approx(number, abs=2), line_id
    assert 5_000 < register.height < 20_000
