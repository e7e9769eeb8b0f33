"""Station tracks and possessions name what is there; what lies outside the horizon is told."""

import pytest

POINTS = """point_id,name,country,zone,kind,tracks_count
A,A,XX,Etc/UTC,station,
B,B,XX,Etc/UTC,station,2
C,C,XX,Etc/UTC,station,
"""
SECTIONS = """section_id,line_id,from_point,to_point,length_km,gauges_mm
AB,L,A,B,10,1435
BC,L,B,C,10,1435
"""
LINES = "line_id,name,country,chainage_system\nL,L,XX,km\n"
TRACKS = "point_id,track_id,section_ids\n"
TWO = TRACKS + "B,1,\nB,2,\n"
POSSESSIONS = (
    "possession_id,section_id,from_point,to_point,point_id,tracks_count,track_ids,calendar_id,"
    "first_day,last_day,start,duration_min\n"
)
CALENDARS = "calendar_id,name\nK,Some days\n"
RULES = "calendar_id,sequence,pattern,days,valid_from,valid_to,effect\n"
BASE = {"operational_points": POINTS, "sections": SECTIONS, "lines": LINES}


def places(faults):
    return [(fault.file[7:-4], fault.row, fault.column, fault.severity) for fault in faults]


@pytest.mark.parametrize(
    ("tracks", "place"),
    [
        (TWO, None),
        (TRACKS + "B,1,AB\nB,2,AB;BC\n", None),
        (TRACKS + "B,1,AB;CD\nB,2,\n", ("station_tracks", 2, "section_ids", "error")),
        (TRACKS + "B,1,\nB,2,\nA,1,BC\n", ("station_tracks", 4, "section_ids", "error")),
        (TWO + "B,3,\n", ("operational_points", 3, "tracks_count", "error")),
    ],
)
def test_station_tracks_touch_their_sections_and_are_counted(check_with, tracks, place):
    faults = check_with(**(BASE | {"station_tracks": tracks}))
    assert places(faults) == ([] if place is None else [place])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("AB,,,,,,,,,08:00,60", None),
        ("AB,B,A,,,,,,,08:00,60", None),
        (",,,B,2,,,,,08:00,60", None),
        (",,,B,,1;2,,,,08:00,60", None),
        (",,,,,,,,,08:00,60", "section_id"),
        ("AB,C,,,,,,,,08:00,60", "from_point"),
        ("AB,B,,,,,,,,08:00,60", "to_point"),
        (",,,B,3,,,,,08:00,60", "tracks_count"),
        (",,,B,1,1;2,,,,08:00,60", "tracks_count"),
        (",,,B,,3,,,,08:00,60", "track_ids"),
        (",,,C,,1,,,,08:00,60", "track_ids"),
        ("AB,,,B,,,,,,08:00,60", "point_id"),
        ("AB,,,,,,,2025-06-02,2025-06-01,08:00,60", "last_day"),
        ("AX,,,,,,,,,08:00,60", "section_id"),
        ("AB,,,,,,,2035-01-01,,08:00,60", "first_day"),
        ("AB,,,,,,,,2015-01-01,08:00,60", "last_day"),
        ("AB,,,,,,,,2025-05-31,23:00,120", None),
    ],
)
def test_a_possession_closes_something_that_there_is_while_the_study_lasts(check_with, row, column):
    tables = BASE | {"station_tracks": TWO, "possessions": f"{POSSESSIONS}P,{row}\n"}
    found = places(check_with(**tables))
    assert [place[:3] for place in found] == (
        [] if column is None else [("possessions", 2, column)]
    )


@pytest.mark.parametrize(
    ("rules", "is_told"),
    [
        ("K,1,daily,,,,runs\n", False),
        ("K,1,daily,,2035-01-01,,runs\n", True),
        ("K,1,dates,2015-01-01,,,runs\n", True),
        ("K,1,daily,,,,runs\nK,2,daily,,,,does_not_run\n", True),
        ("K,1,daily,,,,does_not_run\nK,2,weekdays,Mon,,,runs\n", False),
        ("K,1,daily,,,,suspended\n", True),
    ],
)
def test_a_calendar_in_use_that_names_no_day_is_told(check_with, rules, is_told):
    tables = BASE | {"calendars": CALENDARS, "calendar_rules": RULES + rules}
    used = f"{POSSESSIONS}P,AB,,,,,,K,,,08:00,60\n"
    found = places(check_with(**(tables | {"possessions": used})))
    assert found == ([("calendar_rules", 2, "days", "warning")] if is_told else [])


def test_a_stop_is_on_a_track_that_its_point_has(check_with):
    tables = BASE | {
        "station_tracks": TWO,
        "calendars": CALENDARS,
        "calendar_rules": RULES + "K,1,daily,,,,runs\n",
        "trains": "train_id,number,category,calendar_id\nT,1,passenger,K\n",
        "train_stops": "train_id,sequence,point_id,arrival,departure,track_id\n"
        "T,1,A,,08:00,\nT,2,B,08:20,,9\n",
    }
    assert places(check_with(**tables)) == [("train_stops", 3, "track_id", "error")]
