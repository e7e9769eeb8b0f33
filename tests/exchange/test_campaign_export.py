"""The exported plan: rows and places by hand, and each format read back by other means."""

import csv
import datetime as dt
import json
import sys

import polars as pl
import pytest

from arterial.errors import ArterialError, LimitError, StudyError
from arterial.exchange.campaign_export import (
    list_plan_sites,
    write_plan_calendar,
    write_plan_csv,
    write_plan_geojson,
)
from arterial.study import conform_table
from campaign_page_cases import renewal_study

SECTION = "KP-02"
"""From Kalli to Sunchon, in the pool of Pyongyang."""


@pytest.fixture(scope="module")
def renewal():
    return renewal_study()


@pytest.fixture
def results():
    plan = [
        ("chosen", "A", dt.date(2027, 2, 1), dt.date(2027, 4, 1), 30.0, 2),
        ("chosen", "B", dt.date(2027, 5, 1), dt.date(2027, 5, 1), 50.0, 1),
        ("chosen", "C", dt.date(2027, 5, 1), dt.date(2027, 5, 1), 20.0, 3),
        ("other", "A", dt.date(2028, 1, 1), dt.date(2028, 1, 1), 10.0, 1),
    ]
    names = ("plan_id", "site_id", "month", "last_month", "benefit", "rank")
    sites = [
        {"site_id": "A", "asset_id": "bridge-1", "work_id": "BR-MAJOR", "labour_h": 4000.0},
        {"site_id": "B", "asset_id": "turnout-1", "work_id": "T-RENEW", "labour_h": 450.0},
        {"site_id": "C", "asset_id": "turnout-2", "work_id": "T-RENEW", "labour_h": 500.0},
    ]
    common = {"section_id": SECTION, "pool_id": "PYONGYANG", "possession_h": 10.0}
    rows = pl.DataFrame([{**site, **common} for site in sites])
    states = {"asset_id": ["bridge-1"], "latitude_deg": [39.5], "longitude_deg": [125.75]}
    return {
        "campaign_plan": conform_table(
            "campaign_plan", pl.DataFrame(plan, names, orient="row"), fill_missing=True
        ),
        "campaign_sites": conform_table("campaign_sites", rows, fill_missing=True),
        "asset_states": pl.DataFrame(states),
    }


def middle(study, name: str) -> float:
    ends = study.table("sections").filter(pl.col("section_id") == SECTION).row(0, named=True)
    points = dict(study.table("operational_points").select("point_id", name).iter_rows())
    return (points[ends["from_point"]] + points[ends["to_point"]]) / 2


def test_sites_stand_in_the_order_of_their_rank_with_whole_months(renewal, results):
    sites = list_plan_sites(renewal, results)
    assert sites["site_id"].to_list() == ["B", "A", "C"]
    bridge = sites.row(1, named=True)
    assert (bridge["first_day"], bridge["last_day"]) == (dt.date(2027, 2, 1), dt.date(2027, 4, 30))
    assert bridge["section"] == "Kalli \N{EN DASH} Sunchon"
    assert bridge["pool"] == "Pyongyang bureau"
    assert (bridge["kind"], bridge["action"]) == ("bridge", "refurbish")
    assert (bridge["latitude_deg"], bridge["longitude_deg"]) == (39.5, 125.75)


def test_an_asset_of_unknown_place_lies_in_the_middle_of_its_section(renewal, results):
    turnout = list_plan_sites(renewal, results).row(0, named=True)
    for name in ("latitude_deg", "longitude_deg"):
        assert turnout[name] == pytest.approx(middle(renewal, name), abs=1e-6)


def test_the_table_can_be_read_as_csv(renewal, results, tmp_path):
    path = write_plan_csv(tmp_path / "plan.csv", renewal, results)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["site_id"] for row in rows] == ["B", "A", "C"]
    assert rows[1]["first_day"] == "2027-02-01"
    # Delay avoided is unknown, and stays so.
    assert rows[1]["delay_avoided_h_per_year"] == ""


def test_the_map_has_longitude_first_and_no_other_reference_system(renewal, results, tmp_path):
    path = write_plan_geojson(tmp_path / "plan.geojson", renewal, results)
    collection = json.loads(path.read_text("utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    bridge = collection["features"][1]
    assert bridge["geometry"] == {"type": "Point", "coordinates": [125.75, 39.5]}
    assert bridge["properties"]["last_day"] == "2027-04-30"
    west, south, east, north = collection["bbox"]
    for feature in collection["features"]:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert west <= longitude <= east
        assert south <= latitude <= north


def test_a_site_of_unknown_place_has_no_geometry(renewal, results, tmp_path):
    points = renewal.table("operational_points").with_columns(
        latitude_deg=pl.lit(None, pl.Float64), longitude_deg=pl.lit(None, pl.Float64)
    )
    study = renewal.with_tables(operational_points=points)
    path = write_plan_geojson(tmp_path / "plan.geojson", study, results)
    features = json.loads(path.read_text("utf-8"))["features"]
    assert [feature["geometry"] is None for feature in features] == [True, False, True]


def test_another_reader_finds_the_events_of_the_calendar(renewal, results, tmp_path):
    icalendar = pytest.importorskip("icalendar", reason="the extra 'exchange' is not installed")
    path = write_plan_calendar(tmp_path / "plan.ics", renewal, results)
    raw = path.read_bytes()
    assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    events = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert len(events) == 2
    bridge, turnouts = events
    assert bridge["dtstart"].dt == dt.date(2027, 2, 1)
    # The end of a whole-day event is the day after its last.
    assert bridge["dtend"].dt == dt.date(2027, 5, 1)
    assert turnouts["summary"] == "Turnout renewed: 2 sites"
    assert "man-hours: 950;" in turnouts["description"]
    assert turnouts["location"] == "Kalli \N{EN DASH} Sunchon"
    assert len({str(event["uid"]) for event in events}) == 2


def test_equal_plans_give_equal_calendars(renewal, results, tmp_path):
    pytest.importorskip("icalendar", reason="the extra 'exchange' is not installed")
    texts = [
        write_plan_calendar(tmp_path / name, renewal, results).read_bytes()
        for name in ("one.ics", "two.ics")
    ]
    assert texts[0] == texts[1]


def test_without_the_library_the_cure_is_named(renewal, results, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(ArterialError, match=r"arterial\[exchange\]"):
        write_plan_calendar(tmp_path / "plan.ics", renewal, results)
    assert list(tmp_path.iterdir()) == []


def test_without_a_plan_nothing_is_written(renewal, results, tmp_path):
    target = tmp_path / "plan.csv"
    with pytest.raises(StudyError, match="cannot be exported"):
        write_plan_csv(target, renewal, {"campaign_sites": results["campaign_sites"]})
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_plan_is_refused_with_the_known_ones(renewal, results):
    with pytest.raises(LimitError, match="chosen, other"):
        list_plan_sites(renewal, results, plan_id="best")
