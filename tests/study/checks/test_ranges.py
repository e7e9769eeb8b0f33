"""Ranges, estimates, vehicles and keys."""

import pytest

from arterial.study.checks.ranges import ORDERED_COLUMNS
from arterial.study.schema import load_schema

BORDERS = "border_id,point_a,point_b,distance_low_km,distance_km,distance_high_km\n"
POINTS = "point_id,name,country,zone,kind\nA,A,XX,Etc/UTC,station\nB,B,XX,Etc/UTC,station\n"
VEHICLES = """vehicle_type_id,name,kind,electrification
LOCO,Locomotive,locomotive,25kv_50hz
DIESEL,Diesel,locomotive,none
COACH,Coach,coach,
"""
RAILWAYS = "railway_id,name,country,reference_zone\nR,Railway,XX,Etc/UTC\n"
SECTION = (
    "section_id,line_id,from_point,to_point,length_km,length_error_km,gauges_mm\n"
    "S,L,A,B,10,0.5,1435\n"
)
NETWORK = {
    "operational_points": POINTS,
    "lines": "line_id,name,chainage_system\nL,Line,km of L",
    "sections": SECTION,
}


def test_ordered_columns_are_columns() -> None:
    for table, columns in ORDERED_COLUMNS:
        assert set(columns) <= set(load_schema(table).columns)


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (4.9, 1), (5, 0), (30, 0)])
def test_a_restriction_below_walking_pace_is_doubted(check_with, limit: float, count: int) -> None:
    rows = f"restriction_id,section_id,from_offset_m,to_offset_m,speed_limit_kmh\nR,S,0,9,{limit}\n"
    faults = check_with(**NETWORK, speed_restrictions=rows)
    told = [fault for fault in faults if fault.file == "tables/speed_restrictions.csv"]
    assert [(one.column, one.severity) for one in told] == [("speed_limit_kmh", "warning")] * count


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ("1,2,3", None),
        ("2,2,2", None),
        ("1,,3", None),
        (",2,", None),
        ("3,2,", "distance_km"),
        ("1,4,3", "distance_high_km"),
        ("5,,3", "distance_high_km"),
    ],
)
def test_low_best_and_high_are_in_order(check_with, values: str, column: str | None) -> None:
    faults = check_with(operational_points=POINTS, borders=BORDERS + f"X,A,B,{values}")
    assert [fault.column for fault in faults] == ([column] if column else [])


@pytest.mark.parametrize("code", ["X", "xx", "XXX", "Russia", "ЩЩ", "1A"])
def test_a_country_is_two_capital_letters(check_with, code: str) -> None:
    (fault,) = check_with(railways=RAILWAYS.replace("XX", code))
    assert fault.place == "tables/railways.csv:2:country"


ESTIMATES = "table,key,attribute,low,best,high,shape\n"


@pytest.mark.parametrize(
    ("estimate", "column", "severity"),
    [
        ("sections,S,length_km,9,10,11,", None, None),
        ("section,S,length_km,9,10,11,", "table", "error"),
        ("trips,S,length_km,9,10,11,", "table", "error"),
        ("sections,T,length_km,9,10,11,", "key", "error"),
        ("sections,S,lenght_km,9,10,11,", "attribute", "error"),
        ("sections,S,gauges_mm,9,10,11,", "attribute", "error"),
        ("sections,S,length_km,11,12,13,", "best", "warning"),
        ("sections,S,length_km,9,8,11,", "best", "error"),
        ("sections,S,length_km,0,10,11,lognormal", "low", "error"),
        ("sections,S,passenger_speed_limit_kmh,40,50,60,", None, None),
    ],
)
def test_an_estimate_speaks_of_something(
    check_with, estimate: str, column: str | None, severity: str | None
) -> None:
    faults = check_with(**NETWORK, estimates=ESTIMATES + estimate)
    assert [(fault.column, fault.severity) for fault in faults] == (
        [(column, severity)] if column else []
    )


def test_an_estimate_names_near_ones(check_with) -> None:
    (fault,) = check_with(**NETWORK, estimates=ESTIMATES + "section,S,length_km,9,10,11,")
    assert fault.near[0] == "sections"


def test_a_key_that_is_a_number_is_written_without_a_point(check_with) -> None:
    faults = check_with(
        vehicle_types=VEHICLES,
        effort_points="vehicle_type_id,speed_kmh,effort_kn\nLOCO,50,200",
        estimates=ESTIMATES + "effort_points,LOCO;50,effort_kn,180,200,210,",
    )
    assert faults == []


@pytest.mark.parametrize(
    ("assignment", "is_fault"),
    [
        ("R,25kv_50hz,passenger,LOCO", False),
        ("R,25kv_50hz,passenger,DIESEL", False),
        ("R,3kv_dc,passenger,LOCO", True),
        ("R,none,passenger,LOCO", True),
        ("R,none,passenger,COACH", True),
    ],
)
def test_traction_can_use_the_contact_line(check_with, assignment: str, *, is_fault: bool) -> None:
    header = "railway_id,electrification,category,vehicle_type_id\n"
    faults = check_with(
        railways=RAILWAYS, vehicle_types=VEHICLES, traction_assignments=header + assignment
    )
    assert [fault.column for fault in faults] == (["vehicle_type_id"] if is_fault else [])


def test_formations_have_vehicles_and_no_locomotives(check_with) -> None:
    faults = check_with(
        vehicle_types=VEHICLES,
        formations="formation_id,name\nF,Full\nE,Empty",
        formation_vehicles="formation_id,position,vehicle_type_id\nF,1,LOCO\nF,2,COACH",
    )
    assert [(fault.file, fault.row, fault.severity) for fault in faults] == [
        ("tables/formations.csv", 3, "warning"),
        ("tables/formation_vehicles.csv", 2, "warning"),
    ]


def test_effort_that_rises_with_speed_is_a_warning(check_with) -> None:
    header = "vehicle_type_id,speed_kmh,effort_kn\n"
    faults = check_with(
        vehicle_types=VEHICLES, effort_points=header + "LOCO,100,120\nLOCO,0,300\nLOCO,50,310"
    )
    assert [(fault.row, fault.severity) for fault in faults] == [(4, "warning")]


@pytest.mark.parametrize(("offset_m", "is_fault"), [(10_500, False), (10_501, True)])
def test_a_piece_of_profile_lies_on_its_section(
    check_with, offset_m: int, *, is_fault: bool
) -> None:
    pieces = f"section_id,offset_m,gradient_permille\nS,{offset_m},3"
    assert bool(check_with(**NETWORK, profile_pieces=pieces)) is is_fault


def test_a_row_that_refers_to_itself_is_refused(check_with) -> None:
    (fault,) = check_with(sources="source_id,title,republishes\nA,Title,A\nB,Title,A")
    assert (fault.row, fault.column) == (2, "republishes")


def test_an_empty_part_of_a_key_stands_for_its_default(check_with) -> None:
    header = "railway_id,electrification,category,vehicle_type_id\n"
    (fault,) = check_with(
        railways=RAILWAYS,
        vehicle_types=VEHICLES,
        traction_assignments=header + "R,none,,DIESEL\nR,none,passenger,DIESEL",
    )
    assert fault.place == "tables/traction_assignments.csv:3:category"
    assert "row 2" in fault.cause


def test_errors_are_never_hidden_behind_many_warnings(check_with) -> None:
    rows = [f"{index},-{index}x" for index in range(30)]
    faults = check_with(calendars="calendar_id,name\n" + "\n".join([*rows, "29,again"]))
    assert sum(fault.severity == "error" for fault in faults) == 1
