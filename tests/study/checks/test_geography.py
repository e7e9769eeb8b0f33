"""Coordinates, chainage and zones agree."""

import pytest

from arterial.study.checks.geography import great_circle_km

LINES = "line_id,name,chainage_system\nL,Line,kilometres of L\n"
HEADER = "point_id,name,country,latitude_deg,longitude_deg,coordinate_error_km,zone,kind\n"


def points(*rows: str) -> str:
    return HEADER + "\n".join(rows)


# One degree of latitude is 111.195 km on the sphere of 6371.0088 km.
A = "A,A,XX,0,0,0,Etc/UTC,station"
B = "B,B,XX,1,0,0,Etc/UTC,station"


def test_the_great_circle_has_the_lengths_worked_out_by_hand() -> None:
    # Half and a quarter of 2 pi 6371.0088 km; 2 degrees at latitude 10 are 222.4 cos(10) km.
    assert great_circle_km(0, 0, 0, 180) == pytest.approx(20015.115, abs=0.01)
    assert great_circle_km(90, 50, 0, 0) == pytest.approx(10007.557, abs=0.01)
    assert great_circle_km(10, 179, 10, -179) == pytest.approx(219.0, abs=0.05)


@pytest.mark.parametrize(
    ("location_km", "error_km", "is_fault"),
    [
        ("111.2", "0", False),
        # The sphere may be 0.6 % too long: 111.195 * 0.994 = 110.528.
        ("110.53", "0", False),
        ("110.52", "0", True),
        ("105", "2.77", False),
        ("105", "2.75", True),
        ("-111.2", "0", False),
    ],
)
def test_a_line_is_never_shorter_than_the_great_circle(
    check_with, location_km: str, error_km: str, *, is_fault: bool
) -> None:
    faults = check_with(
        operational_points=points(A, B),
        lines=LINES,
        line_points="line_id,sequence,point_id,location_km,location_error_km\n"
        f"L,1,A,0,{error_km}\nL,2,B,{location_km},{error_km}",
    )
    assert [fault.place for fault in faults] == (
        ["tables/line_points.csv:3:location_km"] if is_fault else []
    )
    if is_fault:
        assert "111.2 km apart by air" in faults[0].cause


def test_the_error_of_a_coordinate_counts(check_with) -> None:
    far = B.replace(",0,0,Etc", ",0,12,Etc")
    line_points = "line_id,sequence,point_id,location_km,location_error_km\nL,1,A,0,0\nL,2,B,100,0"
    assert check_with(operational_points=points(A, far), lines=LINES, line_points=line_points) == []


def test_an_unknown_coordinate_is_no_fault(check_with) -> None:
    unknown = "B,B,XX,,,,Etc/UTC,station"
    line_points = "line_id,sequence,point_id,location_km\nL,1,A,0\nL,2,B,1"
    tables = {"operational_points": points(A, unknown), "lines": LINES}
    assert check_with(**tables, line_points=line_points) == []


def test_a_section_is_never_shorter_than_the_great_circle(check_with) -> None:
    faults = check_with(
        operational_points=points(A, B),
        lines=LINES,
        sections="section_id,line_id,from_point,to_point,length_km,gauges_mm\nS,L,A,B,90,1435",
    )
    assert [fault.place for fault in faults] == ["tables/sections.csv:2:length_km"]


def test_half_a_coordinate_is_a_fault(check_with) -> None:
    faults = check_with(operational_points=points("A,A,XX,5,,0,Etc/UTC,station"))
    assert [(fault.place, fault.severity) for fault in faults] == [
        ("tables/operational_points.csv:2:longitude_deg", "error")
    ]


@pytest.mark.parametrize(
    ("zone", "longitude_deg", "is_fault"),
    [
        ("Asia/Shanghai", 73.5, False),  # UTC+8 against 4.9
        ("Asia/Shanghai", 60, True),  # UTC+8 against 4.0
        ("Europe/Moscow", 37.6, False),
        ("Europe/Moscow", 131.9, True),  # Vladivostok on Moscow time
        ("Asia/Vladivostok", 131.9, False),
        ("Pacific/Apia", -171.8, False),  # UTC+13 against -11.5 across the date line
        ("America/New_York", -74, False),
        ("Australia/Sydney", 151.2, False),  # standard time in July
        ("America/New_York", 74, True),
    ],
)
def test_a_zone_fits_the_longitude(
    check_with, zone: str, longitude_deg: float, *, is_fault: bool
) -> None:
    faults = check_with(operational_points=points(f"A,A,XX,40,{longitude_deg},0,{zone},station"))
    assert [fault.column for fault in faults] == (["zone"] if is_fault else [])
    if is_fault:
        assert zone in faults[0].cause
        assert f"{longitude_deg:g} deg" in faults[0].cause


@pytest.mark.parametrize(
    ("locations", "rows"),
    [
        ((0, 5, 5, 9), []),
        ((9, 5, 5, 0), []),
        ((0, 5, 3, 9), [4]),
        ((9, 3, 5, 0), [4]),
        ((0, 7, 1, 0.5), [4, 5]),
    ],
)
def test_kilometre_points_never_run_back(
    check_with, locations: tuple[float, ...], rows: list[int]
) -> None:
    names = "ABCD"
    faults = check_with(
        operational_points=points(*(f"{name},{name},XX,,,,Etc/UTC,station" for name in names)),
        lines=LINES,
        line_points="line_id,sequence,point_id,location_km\n"
        + "\n".join(
            f"L,{index},{name},{location}"
            for index, (name, location) in enumerate(zip(names, locations, strict=True), 1)
        ),
    )
    assert [fault.row for fault in faults] == rows
    assert {fault.column for fault in faults} <= {"location_km"}


def test_a_point_stands_once_on_a_line(check_with) -> None:
    faults = check_with(
        operational_points=points(A, B),
        lines=LINES,
        line_points="line_id,sequence,point_id,location_km\nL,1,A,0\nL,2,B,200\nL,3,A,400",
    )
    assert [fault.place for fault in faults] == ["tables/line_points.csv:4:point_id"]
    assert "row 2" in faults[0].cause
