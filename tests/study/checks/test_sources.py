"""Sources, claims, ids and doubled rows: told once, at their place, and only where it is so."""

import pytest

from arterial.study.checks.ranges import ORDERED_COLUMNS
from arterial.study.schema import AttributeType, TableRole, list_tables, load_schema

SOURCES = "source_id,title,published_on,retrieved_on,reliability"
CLAIMS = "claim_id,group,subject,quantity,unit,low,value,high,as_of,published_on,source_id,grade"


def claims(*rows: str, published: str = "2025-06") -> dict[str, str]:
    return {"sources": f"{SOURCES}\nS,S,{published},,A", "claims": "\n".join([CLAIMS, *rows])}


TOLD = {
    "no month": ({"sources": f"{SOURCES}\nS,S,2025-13,,A"}, "published_on", "not a date"),
    "no day": ({"sources": f"{SOURCES}\nS,S,2025-02-30,,A"}, "published_on", "not a date"),
    "a word": ({"sources": f"{SOURCES}\nS,S,spring,,A"}, "published_on", "not a date"),
    "retrieved before": (
        {"sources": f"{SOURCES}\nS,S,2025-06-02,2025-06-01,A"},
        "retrieved_on",
        "before it was",
    ),
    "newer than the study": (
        {"sources": f"{SOURCES}\nS,S,2026-01,,A"},
        "published_on",
        "after as_of",
    ),
    "claim newer than its source": (
        claims("C,,x,length,km,,5,,2025,2025-07,S,sourced"),
        "published_on",
        "its source on 2025-06",
    ),
    "a year in words": (claims("C,,x,length,km,,5,,lately,,S,sourced"), "as_of", "no day"),
    "month 13 of a claim": (claims("C,,x,length,km,,5,,2025-13,,S,sourced"), "as_of", "no day"),
    "unit in words": (claims("C,,x,length,kms,,5,,,,S,sourced"), "unit", "written km here"),
    "unit in capitals": (claims("C,,x,length,KM,,5,,,,S,sourced"), "unit", "written km here"),
    "rivals in two units": (
        claims("C,G,x,length,km,,5,,,,S,sourced", "D,G,y,length,m,,5000,,,,S,sourced"),
        "unit",
        "its rival of row 2 in km",
    ),
    "inspection after its source": (
        {
            "sources": f"{SOURCES}\nS,S,2020,,A",
            "inspections": "asset_id,inspected_on,state,source_id\nA,2021-03-01,2,S",
        },
        "inspected_on",
        "its source was published on 2020",
    ),
}


@pytest.mark.parametrize(("tables", "column", "words"), TOLD.values(), ids=TOLD)
def test_a_source_or_claim_that_cannot_be_is_a_warning(check_with, tables, column, words):
    found = [f for f in check_with(**tables) if f.column == column and f.severity == "warning"]
    assert len(found) == 1, found
    assert words in found[0].cause


@pytest.mark.parametrize(
    "row",
    [
        "C,,x,length,km,4,5,6,2025-06-25,2025-06,S,sourced",
        "C,,x,trips,trips/month,,7-8,,1990s,,S,sourced",
        "C,,x,begun,date,2020-01-01,2020-01,2020-01-31,before 2018,,S,sourced",
        "C,,x,length,km,,5,,2024,2025-11,S,derived",
        "C,,x,sleepers,sleepers,,5,,1948-,,S,sourced",
    ],
)
def test_a_claim_as_sources_word_it_is_no_fault(check_with, row):
    assert check_with(**claims(row)) == []


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity"])
def test_a_claim_is_of_finite_numbers(check_with, value):
    faults = check_with(**claims(f"C,,x,length,km,,{value},,,,S,sourced"))
    assert [fault.column for fault in faults if fault.severity == "error"] == ["value"]


def test_a_claim_whose_range_is_out_of_order_is_refused(check_with):
    (fault,) = check_with(**claims("C,,x,length,km,9,5,6,,,S,sourced"))
    assert (fault.severity, fault.column) == ("error", "value")


def test_every_range_of_the_schema_is_checked():
    covered = {(table, column) for table, columns in ORDERED_COLUMNS for column in columns}
    for table in list_tables(TableRole.INPUT):
        for attribute in load_schema(table).attributes:
            parts = set(attribute.name.split("_"))
            is_number = attribute.type in {AttributeType.NUMBER, AttributeType.INTEGER}
            if is_number and parts & {"low", "high"}:
                assert (table, attribute.name) in covered


def test_an_estimate_stays_within_its_column(check_with):
    head = "vehicle_type_id,name,kind,mass_t\nV,V,coach,50"
    rows = "table,key,attribute,low,best,high\nvehicle_types,V,mass_t,-5,50,5000"
    faults = check_with(vehicle_types=head, estimates=rows)
    assert [(f.column, f.severity) for f in faults] == [("low", "error"), ("high", "error")]


RAILWAYS = "railway_id,name,country,reference_zone"


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\u200b", "\ue000", "\ufeff", "\x85"])
def test_an_id_has_no_letter_that_is_not_seen(check_with, letter):
    (fault,) = check_with(railways=f"{RAILWAYS}\nR{letter}1,R,KP,Asia/Pyongyang")
    assert (fault.row, fault.column, fault.severity) == (2, "railway_id", "error")


def test_ids_that_look_alike_are_told(check_with):
    rows = ["P1", "\u04201", "MOC\u041aBA", "\u041c\u041e\u0421", "\u0416\u0414"]
    table = "\n".join([RAILWAYS, *(f"{name},R,RU,Europe/Moscow" for name in rows)])
    faults = check_with(railways=table)
    assert [(fault.row, fault.severity) for fault in faults] == [(3, "warning"), (4, "warning")]
    assert "looks like 'P1' of row 2" in faults[0].cause
    assert "mixes Latin" in faults[1].cause


ROAD = {
    "operational_points": (
        "point_id,name,country,zone,kind\nA,A,KP,Asia/Pyongyang,station\nB,B,KP,Asia/Pyongyang,station"
    ),
    "lines": "line_id,name,chainage_system\nL,L,own",
    "line_points": "line_id,sequence,point_id,location_km\nL,1,A,0\nL,2,B,90",
    "sections": "section_id,line_id,from_point,to_point,length_km,gauges_mm\nS,L,A,B,90,1435",
    "routes": "route_id,name\nR,R",
    "route_points": "route_id,sequence,point_id\nR,1,A\nR,2,B",
    "calendars": "calendar_id,name\nC,C",
    "calendar_rules": "calendar_id,sequence,pattern\nC,1,daily",
    "trains": "train_id,number,calendar_id\nT,1,C",
    "train_stops": "train_id,sequence,point_id,departure\nT,1,A,10:00\nT,2,B,",
}


@pytest.mark.parametrize("table", ROAD)
def test_a_doubled_row_is_told_once_and_nothing_follows_from_it(check_with, table):
    row = ROAD[table].splitlines()[-1]
    (fault,) = check_with(**{**ROAD, table: f"{ROAD[table]}\n{row}"})
    assert ("already in row" in fault.cause, fault.severity) == (True, "error")
