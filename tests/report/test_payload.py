"""The payload: what it holds, and that nothing in it can leave its data block."""

import base64
import gzip
import json

import polars as pl
import pytest

from arterial.report.bundle import Bundle
from arterial.report.payload import PACK_ABOVE_CHARACTERS, View, build_payload, embed_payload

NO_COUNTRIES = {
    "transform": {},
    "arcs": [],
    "objects": {"countries": {"type": "GeometryCollection", "geometries": []}},
}


@pytest.fixture(autouse=True)
def _no_built_parts_needed(monkeypatch):
    monkeypatch.setattr("arterial.report.payload.load_bundle", lambda: Bundle("", "", NO_COUNTRIES))


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "a & b", "\u2028"])
def test_no_text_can_end_its_data_block(text):
    embedded, encoding = embed_payload({"name": text})
    assert encoding == "json"
    assert not set(embedded) & {"<", ">", "&", "\u2028", "\u2029"}
    assert json.loads(embedded) == {"name": text}


def test_a_long_payload_is_packed_and_unpacks_to_the_same():
    payload = {"name": "x" * PACK_ABOVE_CHARACTERS}
    embedded, encoding = embed_payload(payload)
    assert encoding == "gzip-base64"
    assert json.loads(gzip.decompress(base64.b64decode(embedded))) == payload


def test_packing_gives_the_same_text_every_time():
    payload = {"name": "x" * PACK_ABOVE_CHARACTERS}
    assert embed_payload(payload) == embed_payload(payload)


def test_the_report_is_given_every_table(study, results):
    payload = build_payload(study, results, summary=["One."], stamp={"Seed": "1"})
    assert payload["view"] == "report"
    assert set(results) <= set(payload["tables"])
    assert payload["tables"]["trips"]["rows"] == 62
    assert payload["stamp"] == [["Seed", "1"]]
    assert payload["trip_ids"] == ["PYM-MOW@2025-06-17"]


def test_a_figure_is_given_its_own_tables_only(study, results):
    payload = build_payload(study, results, view=View.CALENDAR)
    assert {"trips", "findings"} <= set(payload["tables"])
    assert not {"trip_events", "speed_profile", "sources"} & set(payload["tables"])
    assert payload["outlines"] is None


@pytest.mark.parametrize("view", [View.REPORT, View.ROTATION])
def test_what_the_works_holds_goes_with_the_rotation(study, results, works_results, view):
    held = {"set_availability", "locomotive_availability"}
    tables = build_payload(study, {**results, **works_results}, view=view)["tables"]
    assert held <= set(tables)
    # Single vehicles are not shown, so the page does not carry them.
    assert "works_stays" not in tables
    assert not held & set(build_payload(study, results, view=view)["tables"])


def test_a_run_without_results_gives_a_payload_too(study):
    payload = build_payload(study, {"trips": pl.DataFrame()})
    assert "trips" not in payload["tables"]
    assert embed_payload(payload)[1] == "json"
