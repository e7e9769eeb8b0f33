"""Assets, densities, inspections, failures: what is stated can be placed and meant."""

import pytest

POINTS = """point_id,name,country,zone,kind
A,A,XX,Etc/UTC,station
B,B,XX,Etc/UTC,station
C,C,XX,Etc/UTC,station
D,D,XX,Etc/UTC,station
"""
RAILWAYS = "railway_id,name,country,reference_zone\nR1,R,XX,Etc/UTC\nR2,R,XX,Etc/UTC\n"
LINES = "line_id,name,chainage_system\nL,L,km\nM,M,km\n"
LINE_POINTS = (
    "line_id,sequence,point_id,location_km\nL,1,A,0\nL,2,B,4\nL,3,C,10\nM,1,C,0\nM,2,D,9\n"
)
SECTIONS = """section_id,line_id,from_point,to_point,length_km,gauges_mm,railway_id
S,L,A,C,10,1435,R1
T,M,C,D,9,1435,R2
"""
BASE = {
    "operational_points": POINTS,
    "railways": RAILWAYS,
    "lines": LINES,
    "line_points": LINE_POINTS,
    "sections": SECTIONS,
}
ASSETS = (
    "asset_id,kind,section_id,from_offset_m,to_offset_m,point_id,material,is_powered,"
    "age_y,installed,defect_share\n"
)
DENSITIES = (
    "density_id,kind,railway_id,line_id,section_id,units_per_km,material,is_powered,"
    "age_low_y,age_y,age_high_y,defect_share\n"
)
INSPECTIONS = "asset_id,inspected_on,state,defect_share\n"
RECORDS = "record_id,kind,unit_id,event,watched_from_y,low_y,high_y\n"


def find(check_with, table: str, **tables: str) -> list[tuple]:
    """Row, column and severity of the faults of one table."""
    faults = check_with(**{**BASE, **tables})
    file = f"tables/{table}.csv"
    assert all(fault.file == file for fault in faults), faults
    return [(fault.row, fault.column, fault.severity) for fault in faults]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("X,turnout,S,4000,,B,timber_hardwood,true,12,,0.2", None),
        ("X,track,S,4000,5000,,concrete,,12,2013-11-01,0.2", None),
        ("X,bridge,S,4000,4050,,steel,,,,", None),
        ("X,turnout,S,4000,,D,,,,,", ("point_id", "error")),
        ("X,bridge,S,10500,,,,,,,", ("from_offset_m", "error")),
        ("X,track,S,9000,10500,,,,,,", ("to_offset_m", "error")),
        ("X,track,S,5000,4000,,,,,,", ("to_offset_m", "error")),
        ("X,bridge,S,4000,,,,,,,0.2", ("defect_share", "error")),
        ("X,bridge,S,4000,,,,true,,,", ("is_powered", "warning")),
        ("X,track,S,4000,,,masonry,,,,", ("material", "error")),
        ("X,bridge,S,4000,,,masonry,,30,2013-11-01,", ("age_y", "warning")),
        ("X,bridge,S,4000,,,masonry,,,2026-11-01,", ("installed", "warning")),
    ],
)
def test_an_asset_lies_on_its_section_and_has_the_marks_of_its_kind(
    check_with, row: str, fault: tuple | None
) -> None:
    expected = [(2, *fault)] if fault else []
    assert find(check_with, "assets", assets=ASSETS + row) == expected


@pytest.mark.parametrize(
    ("second", "tracks", "count"),
    [
        ("Y,track,S,4500,6000,,,,,,", 1, 1),
        ("Y,track,S,4500,6000,,,,,,", 2, 0),
        ("Y,track,S,5000,6000,,,,,,", 1, 0),
        ("Y,track,T,4500,6000,,,,,,", 1, 0),
        ("Y,catenary,S,4500,6000,,,,,,", 1, 0),
    ],
)
def test_lengths_of_one_kind_lie_on_each_other_as_often_as_there_are_tracks(
    check_with, second: str, tracks: int, count: int
) -> None:
    header, first, rest = SECTIONS.split("\n", 2)
    sections = f"{header},tracks_count\n{first},{tracks}\n{rest.strip()},{tracks}\n"
    rows = f"{ASSETS}X,track,S,4000,5000,,,,,,\n{second}"
    expected = [(3, "from_offset_m", "warning")] * count
    assert find(check_with, "assets", assets=rows, sections=sections) == expected


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("D,bridge,R1,,,0.5,,,,,,\nE,bridge,R2,,,0.5,,,,,,", None),
        ("D,bridge,,,,0.5,,,,,,\nE,bridge,R1,L,S,0.5,,,,,,", None),
        ("D,bridge,R1,,,0.5,,,,,,\nE,bridge,R1,,,0.7,,,,,,", (3, "kind", "error")),
        ("D,bridge,R2,L,,0.5,,,,,,", (2, "section_id", "warning")),
        ("D,bridge,,M,S,0.5,,,,,,", (2, "section_id", "warning")),
        ("D,tunnel,,,,0.5,,,,,,0.1", (2, "defect_share", "error")),
        ("D,turnout,,,,0.5,earth,,,,,", (2, "material", "error")),
        ("D,bridge,,,,0.5,,,30,20,40,", (2, "age_y", "error")),
        ("D,bridge,,,,0.5,,,10,,5,", (2, "age_high_y", "error")),
    ],
)
def test_a_density_holds_somewhere_and_says_one_thing(
    check_with, rows: str, fault: tuple | None
) -> None:
    expected = [fault] if fault else []
    assert find(check_with, "asset_densities", asset_densities=DENSITIES + rows) == expected


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("X,2025-06-01,3,", None),
        ("Y,2025-06-01,,0.3", None),
        ("X,2025-06-01,,", ("state", "warning")),
        ("X,2025-06-01,,0.3", ("defect_share", "error")),
        ("X,1999-06-01,3,", ("inspected_on", "error")),
        ("X,2026-06-01,3,", ("inspected_on", "warning")),
    ],
)
def test_an_inspection_found_something_on_what_was_there(
    check_with, row: str, fault: tuple | None
) -> None:
    assets = ASSETS + "X,bridge,S,4000,,,steel,,,2000-01-01,\nY,track,S,4000,,,,,,,"
    found = find(check_with, "inspections", assets=assets, inspections=INSPECTIONS + row)
    assert found == ([(2, *fault)] if fault else [])


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("1,turnout,U,lifetime,0,12,13", None),
        ("1,turnout,U,lifetime,0,12,", None),
        ("1,turnout,U,recurrent,1,2,2\n2,turnout,U,recurrent,1,9,", None),
        ("1,turnout,U,recurrent,1,2,2", (2, "high_y", "warning")),
        ("1,turnout,U,recurrent,1,2,\n2,turnout,U,recurrent,1,9,", (3, "high_y", "error")),
        ("1,turnout,U,recurrent,1,2,\n2,track,U,recurrent,1,9,", None),
        ("1,turnout,U,lifetime,13,12,", (2, "low_y", "error")),
        ("1,turnout,U,lifetime,0,12,11", (2, "high_y", "error")),
    ],
)
def test_a_unit_was_watched_until_a_known_age(check_with, rows: str, fault: tuple | None) -> None:
    found = find(check_with, "failure_records", failure_records=RECORDS + rows)
    assert found == ([fault] if fault else [])
