"""Disturbances, waits and announced durations: where they hit, and whether they can be."""

import pytest

POINTS = """point_id,name,country,zone,kind
A,A,XX,Etc/UTC,station
B,B,XX,Etc/UTC,station
C,C,XX,Etc/UTC,station
"""
SECTIONS = """section_id,line_id,from_point,to_point,length_km,gauges_mm
S,L,A,C,10,1435
"""
BASE = {
    "operational_points": POINTS,
    "lines": "line_id,name,chainage_system\nL,L,km\n",
    "line_points": "line_id,sequence,point_id,location_km\nL,1,A,0\nL,2,B,4\nL,3,C,10\n",
    "sections": SECTIONS,
    "calendars": "calendar_id,name\nD,Daily\n",
    "calendar_rules": "calendar_id,sequence,pattern\nD,1,daily\n",
}
DISTURBANCES = (
    "disturbance_id,name,cause,section_id,point_id,per,rate,"
    "delay_low_min,delay_best_min,delay_high_min,shape,storm_group\n"
)
TRAINS = "train_id,number,category,calendar_id\nT,1,passenger,D\nU,2,passenger,D\n"
STOPS = """train_id,sequence,point_id,arrival,departure,departure_day
T,1,A,,10:00,0
T,2,B,,,
U,1,B,,20:00,0
U,2,C,,,
"""


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("X,X,other,,,train_run,0.1,1,2,5,triangular,", None),
        ("X,X,other,S,,train_km,0.1,1,2,5,lognormal,", None),
        ("X,X,weather,S,,day,0.1,0,2,5,,rain", None),
        ("X,X,dwell,,B,stop,0.1,0,2,5,,", None),
        ("X,X,border,,B,day,0.1,0,2,5,,", None),
        ("X,X,other,,B,train_km,0.1,1,2,5,,", "per"),
        ("X,X,other,,B,train_run,0.1,1,2,5,,", "per"),
        ("X,X,dwell,S,,stop,0.1,0,2,5,,", "section_id"),
        ("X,X,weather,S,,train_km,0.1,0,2,5,,rain", "storm_group"),
        ("X,X,other,,,train_run,0.1,0,0,5,lognormal,", "delay_best_min"),
        ("X,X,other,S,,train_km,11,1,2,5,,", "rate"),
        ("X,X,other,,,train_run,0.1,3,2,5,,", "delay_best_min"),
        ("X,X,other,,,train_run,0.1,1,8,5,,", "delay_high_min"),
    ],
)
def test_a_disturbance_hits_where_its_rate_counts(check_with, row: str, column: str | None) -> None:
    faults = check_with(**BASE, disturbances=DISTURBANCES + row)
    assert [fault.place for fault in faults] == (
        [f"tables/disturbances.csv:2:{column}"] if column else []
    )
    assert all(fault.severity == "error" for fault in faults)


@pytest.mark.parametrize(("waits", "rows"), [(("", "60"), []), (("0", ""), []), (("5", "60"), [2])])
def test_the_first_host_waits_for_nobody(check_with, waits: tuple[str, str], rows: list) -> None:
    services = "service_id,name,from_point,to_point,calendar_id\nK,K,A,C,D\n"
    legs = (
        "service_id,sequence,train_id,from_point,to_point,host_wait_min\n"
        f"K,1,T,A,B,{waits[0]}\nK,2,U,B,C,{waits[1]}\n"
    )
    faults = check_with(
        **BASE, trains=TRAINS, train_stops=STOPS, coach_services=services, coach_legs=legs
    )
    assert [(fault.row, fault.column) for fault in faults] == [
        (row, "host_wait_min") for row in rows
    ]


@pytest.mark.parametrize(
    ("duration_h", "severity"), [("192", None), ("", None), ("0", "error"), ("8", "warning")]
)
def test_a_duration_can_be_kept(check_with, duration_h: str, severity: str | None) -> None:
    services = (
        "service_id,name,from_point,to_point,calendar_id,published_distance_km,"
        f"announced_duration_h\nK,K,A,B,D,10272,{duration_h}\n"
    )
    legs = "service_id,sequence,train_id,from_point,to_point\nK,1,T,A,B\n"
    faults = check_with(
        **BASE, trains=TRAINS, train_stops=STOPS, coach_services=services, coach_legs=legs
    )
    assert [(fault.column, fault.severity) for fault in faults] == (
        [("announced_duration_h", severity)] if severity else []
    )
