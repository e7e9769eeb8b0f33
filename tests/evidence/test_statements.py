import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest

from arterial.evidence import StatementResults, check_statements
from arterial.study import load_schema
from arterial.study.reader import read_study

STUDIES = Path(__file__).parents[2] / "studies"


def test_a_study_without_statements_gives_an_empty_table(make_tables):
    settings = SimpleNamespace(
        epoch=dt.date(2025, 6, 1), horizon_from=dt.date(2025, 6, 1), horizon_to=dt.date(2026, 6, 1)
    )
    table = check_statements(make_tables(), settings=settings, results=StatementResults())
    assert table.is_empty()
    assert tuple(table.columns) == load_schema("statement_checks").columns


@pytest.fixture(scope="module", params=["pyongyang_moscow", "pyongyang_beijing"])
def verdicts(request):
    study = read_study(STUDIES / request.param)
    table = check_statements(study.tables, settings=study.settings, results=StatementResults())
    assert table["statement_id"].is_unique().all()
    assert not table["calculation"].is_null().any()
    return request.param, dict(table.select("statement_id", "verdict").rows())


EXPECTED = {
    "pyongyang_moscow": {
        "DUR-2008": "holds",
        "PLACE-001": "contradicted",
        "PLACE-TASS": "holds",
        "FREQ-004": "holds",
        "FREQ-14": "contradicted",
        "FREQ-004-BI": "ambiguous",
    },
    "pyongyang_beijing": {
        "DUR-K27-2441": "only_if_zones_ignored",
        "DUR-K27-2341": "holds",
        "FREQ-2026": "holds",
    },
}


def test_the_shipped_studies_reach_the_verdicts_worked_out_by_hand(verdicts):
    name, found = verdicts
    expected = EXPECTED[name]
    assert {statement: found.get(statement) for statement in expected} == expected


def test_what_needs_trips_cannot_be_told_without_them(verdicts):
    name, found = verdicts
    event = {"pyongyang_moscow": "ARR-MOW-17", "pyongyang_beijing": "ARR-BEI"}[name]
    assert found[event] == "cannot_tell"
