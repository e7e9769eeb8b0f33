"""Sections, routes, gauge and electrification join up."""

import pytest

POINTS = "point_id,name,country,zone,kind\n" + "\n".join(
    f"{name},{name},XX,Etc/UTC,station" for name in "ABCDEX"
)
LINES = "line_id,name,chainage_system\nL,Line,kilometres of L\nM,Other,kilometres of M\n"
LINE_POINTS = """line_id,sequence,point_id,location_km,location_error_km
L,1,A,0,0.1
L,2,B,10,0.1
L,3,C,30,0.1
L,4,D,60,0.1
M,1,X,1000,
M,2,C,1100,
"""
SECTION_COLUMNS = "section_id,line_id,from_point,to_point,length_km,gauges_mm,electrification\n"
BASE = {"operational_points": POINTS, "lines": LINES, "line_points": LINE_POINTS}


def test_sections_that_follow_their_line_have_no_fault(check_with) -> None:
    sections = "S1,L,A,C,30,1435,none\nS2,L,D,C,30,1435,none\nS3,M,X,C,100,1435,none"
    assert check_with(**BASE, sections=SECTION_COLUMNS + sections) == []


def test_a_section_between_two_chainages_is_refused(check_with) -> None:
    (fault,) = check_with(**BASE, sections=SECTION_COLUMNS + "S1,L,A,X,1000,1435,none")
    assert (fault.place, fault.severity) == ("tables/sections.csv:2:to_point", "error")
    assert "It is on M; two chainages are never mixed" in fault.cause


def test_a_section_of_one_point_is_refused(check_with) -> None:
    (fault,) = check_with(**BASE, sections=SECTION_COLUMNS + "S1,L,A,A,10,1435,none")
    assert "same point" in fault.cause


@pytest.mark.parametrize(
    ("length_km", "severity"),
    [
        # A to D: 60 km by chainage; 0.1 + 0.1 stated, and 1 % of the length.
        ("60.7", None),
        ("59.3", None),
        ("60.9", "warning"),
        ("58", "warning"),
        ("74.9", "warning"),
        ("81", "error"),  # 21 km > a quarter of 81
        ("40", "error"),
    ],
)
def test_length_and_chainage_agree(check_with, length_km: str, severity: str | None) -> None:
    faults = check_with(**BASE, sections=SECTION_COLUMNS + f"S1,L,A,D,{length_km},1435,none")
    assert [fault.severity for fault in faults] == ([severity] if severity else [])
    if severity:
        assert f"{length_km} km" in faults[0].cause
        assert "60 km" in faults[0].cause


@pytest.mark.parametrize("gauge", ["1.435", "14350", "100"])
def test_a_gauge_is_in_millimetres(check_with, gauge: str) -> None:
    (fault,) = check_with(**BASE, sections=SECTION_COLUMNS + f"S1,L,A,D,60,{gauge},none")
    assert fault.place == "tables/sections.csv:2:gauges_mm"


MEETING = SECTION_COLUMNS + "S1,L,A,C,30,{0},{1}\nS2,L,C,D,30,{2},{3}"
CHANGES = "point_id,kind,from_value,to_value\n"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("1435", "none", "1435", "none"), []),
        (("1435;1520", "none", "1520", "none"), []),
        (("1435", "", "1435", "3kv_dc"), []),
        (("1435", "none", "1520", "none"), [("gauges_mm", "error")]),
        (("1435", "none", "1435", "3kv_dc"), [("electrification", "warning")]),
        (
            ("1435", "none", "1520", "3kv_dc"),
            [("gauges_mm", "error"), ("electrification", "warning")],
        ),
    ],
)  # fmt: skip
def test_gauge_and_electrification_go_on(check_with, values, expected) -> None:
    faults = check_with(**BASE, sections=MEETING.format(*values))
    assert [(fault.column, fault.severity) for fault in faults] == expected
    assert all(fault.row == 3 and "At C" in fault.cause for fault in faults)


@pytest.mark.parametrize("change", ["C,gauge,1435,1520", "C,gauge,1520,1435"])
def test_a_declared_change_serves_both_ways(check_with, change: str) -> None:
    sections = MEETING.format("1435", "none", "1520", "none")
    assert check_with(**BASE, sections=sections, change_points=CHANGES + change) == []


@pytest.mark.parametrize("change", ["B,gauge,1435,1520", "C,gauge,1435,1000"])
def test_a_change_elsewhere_or_of_other_values_does_not_serve(check_with, change: str) -> None:
    sections = MEETING.format("1435", "none", "1520", "none")
    faults = check_with(**BASE, sections=sections, change_points=CHANGES + change)
    assert [fault.severity for fault in faults] == ["error"]


def test_a_branch_from_the_middle_of_a_section_is_held_against_it(check_with) -> None:
    sections = SECTION_COLUMNS + "S1,L,A,D,60,1435,none\nS3,M,X,C,100,1520,none"
    faults = check_with(**BASE, sections=sections)
    assert [(fault.row, fault.column) for fault in faults] == [(3, "gauges_mm")]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("C,gauge,1435,1435", "to_value"),
        ("C,gauge,broad,1435", "from_value"),
        ("C,electrification,3kv,none", "from_value"),
    ],
)
def test_a_change_names_two_values_of_its_kind(check_with, change: str, column: str) -> None:
    sections = SECTION_COLUMNS + "S1,L,A,C,30,1435,none"
    (fault,) = check_with(**BASE, sections=sections, change_points=CHANGES + change)
    assert fault.place == f"tables/change_points.csv:2:{column}"


ROUTES = "route_id,name\nR,Route\n"
ROUTE_SECTIONS = SECTION_COLUMNS + "S1,L,A,B,10,1435,none\nS2,L,C,D,30,1435,none"


@pytest.mark.parametrize(
    ("route_points", "places"),
    [
        ("R,1,A,\nR,2,B,", []),
        ("R,1,A,L\nR,2,B,", []),
        ("R,1,A,\nR,2,D,", ["tables/route_points.csv:3:point_id"]),
        ("R,1,A,\nR,2,E,", ["tables/route_points.csv:3:point_id"]),
        ("R,1,A,\nR,2,A,\nR,3,B,", ["tables/route_points.csv:3:point_id"]),
        ("R,1,A,M\nR,2,B,", ["tables/route_points.csv:2:line_id"]),
        ("R,1,A,", ["tables/routes.csv:2"]),
    ],
)
def test_a_route_joins_end_to_end(check_with, route_points: str, places: list[str]) -> None:
    faults = check_with(
        **BASE,
        sections=ROUTE_SECTIONS,
        routes=ROUTES,
        route_points="route_id,sequence,point_id,line_id\n" + route_points,
    )
    assert [fault.place for fault in faults] == places


def test_a_closed_section_joins_nothing(check_with) -> None:
    faults = check_with(
        **BASE,
        sections="section_id,line_id,from_point,to_point,length_km,gauges_mm,is_open\n"
        "S1,L,A,B,10,1435,false",
        routes=ROUTES,
        route_points="route_id,sequence,point_id\nR,1,A\nR,2,B",
    )
    assert [fault.place for fault in faults] == ["tables/route_points.csv:3:point_id"]
