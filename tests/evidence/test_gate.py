"""The gate of evidence: what a study may not rest on, told by row with a cure."""

import datetime as dt

import polars as pl
import pytest

from arterial.evidence.gate import check_evidence
from arterial.study import empty_table
from arterial.study.records import CheckedTables
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.tables import polars_schema

SOURCES = [
    {"source_id": "old", "title": "Old", "published_on": "2025-06-23"},
    {"source_id": "new", "title": "New", "published_on": "2025-06-29", "address": "shelf 1"},
]


def gate(**rows):
    frames = {name: empty_table(name) for name in list_tables(TableRole.INPUT)}
    for name, given in {"sources": SOURCES, **rows}.items():
        schema = polars_schema(load_schema(name))
        filled = [{column: row.get(column) for column in schema} for row in given]
        frames[name] = pl.DataFrame(filled, schema=schema)
    lines = {name: tuple(range(2, frame.height + 2)) for name, frame in frames.items()}
    return check_evidence(CheckedTables(frames, lines))


def claim(**cells):
    return {"claim_id": "X", "subject": "A-B", "quantity": "passing C", **cells}


SEEN = {"unit": "date", "value": "2025-06-28", "kind": "sighting", "quote": "seen"}


@pytest.mark.parametrize(("source", "count"), [("old", 1), ("new", 0)])
def test_nothing_is_seen_before_it_happened(source, count) -> None:
    event = {
        "statement_id": "E", "service_id": "S", "point_id": "P", "event": "passing",
        "departure_date": dt.date(2025, 6, 26), "stated_day_offset": 2, "kind": "sighting",
        "source_id": source,
    }  # fmt: skip
    run = {"run_id": "R", "basis": "observed", "as_of": "2025-06-28", "source_id": source}
    faults = gate(
        claims=[claim(**SEEN, source_id=source)], published_events=[event], published_runs=[run]
    )
    errors = [fault for fault in faults if fault.severity == "error"]
    assert [(fault.row, fault.column) for fault in errors] == count * [
        (2, "kind"), (2, "kind"), (2, "basis"),
    ]  # fmt: skip
    assert all("forecast" in fault.cure for fault in errors)


LEG = {"service_id": "S", "sequence": 2, "train_id": "T", "source_id": "old"}


@pytest.mark.parametrize(
    ("stance", "source", "about", "table"),
    [
        ("contradicts", "old", "coach_legs:S;2", "tables/coach_legs.csv"),
        ("contradicts", "old", "coach_legs:S;9", "claims.csv"),
        ("contradicts", "old", "nonsense", "claims.csv"),
        ("contradicts", "new", "coach_legs:S;2", None),
        ("supports", "old", "coach_legs:S;2", None),
    ],
)
def test_no_row_rests_on_a_source_that_contradicts_it(stance, source, about, table) -> None:
    row = claim(stance=stance, source_id=source, about_row=about)
    faults = gate(claims=[row], coach_legs=[LEG])
    assert [fault.file for fault in faults] == ([] if table is None else [table])
    assert all(fault.cure and fault.severity == "error" for fault in faults)


@pytest.mark.parametrize(
    "fate", [{"retracted_on": dt.date(2025, 7, 1)}, {"stance": "contradicts"}, {}]
)
def test_no_range_rests_on_a_claim_that_is_gone_or_against_it(fate) -> None:
    rows = [{"table": "sections", "key": "a", "attribute": "length_km", "low": 1.0, "best": 2.0,
             "high": 3.0, "claim_id": "X"}]  # fmt: skip
    faults = gate(claims=[claim(**fate)], estimates=rows)
    assert [fault.column for fault in faults] == ["claim_id"] * bool(fate)


def test_what_cannot_be_looked_up_is_told_once() -> None:
    rows = [claim(claim_id=f"X{n}", grade="sourced", source_id="old") for n in range(50)]
    (fault,) = gate(claims=[*rows, claim(grade="recalled", source_id="new")])
    assert fault.severity == "warning"
    assert "50 of 50 claims called sourced have neither quote nor page" in fault.cause
    assert "1 of their 1 sources no address" in fault.cause
    found = claim(grade="sourced", source_id="new", page="3")
    assert gate(claims=[found]) == ()
