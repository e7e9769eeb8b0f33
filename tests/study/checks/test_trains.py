"""Calendars, trains, procedures and coaches hold together."""

import pytest

POINTS = """point_id,name,country,zone,kind
PYO,Pyongyang,KP,Asia/Pyongyang,terminal
DAN,Dandong,CN,Asia/Shanghai,border
BEI,Beijing,CN,Asia/Shanghai,terminal
LON,London,GB,Europe/London,terminal
"""
CALENDARS = "calendar_id,name\nC,Some days\n"
RULES = "calendar_id,sequence,pattern,days,valid_from,valid_to\n"
ALWAYS = RULES + "C,1,daily,,,"
TRAINS = "train_id,number,category,calendar_id\nT,1,passenger,C\n"
STOPS = (
    "train_id,sequence,point_id,arrival,arrival_day,departure,departure_day,earlier_min,later_min\n"
)
BASE = {"operational_points": POINTS, "calendars": CALENDARS}
SERVICES = "service_id,name,from_point,to_point,calendar_id\nS,Coach,PYO,BEI,C\n"
LEGS = "service_id,sequence,train_id,from_point,to_point\n"
TWO_TRAINS = TRAINS + "U,2,passenger,C\n"
TWO_STOPS = STOPS + (
    "T,1,PYO,,,10:00,0,,\nT,2,DAN,16:00,0,,,,\nU,1,DAN,,,18:00,0,,\nU,2,BEI,08:00,1,,,,\n"
)


@pytest.mark.parametrize(
    ("rule", "column"),
    [
        ("daily,,,", None),
        ("daily,Mon,,", "days"),
        ("odd_days,1,,", "days"),
        ("weekdays,Mon;Wed;friday,,", None),
        ("weekdays,Mo,,", "days"),
        ("weekdays,Mon;Someday,,", "days"),
        ("weekdays,,,", "days"),
        ("days_of_month,3;17;last,,", None),
        ("days_of_month,0,,", "days"),
        ("days_of_month,32,,", "days"),
        ("every_n_days,14,2025-06-03,", None),
        ("every_n_days,14,,", "valid_from"),
        ("every_n_days,0,2025-06-03,", "days"),
        ("every_n_days,2;3,2025-06-03,", "days"),
        ("dates,2025-06-17;2025-07-03,,", None),
        ("dates,2025-06-31,,", "days"),
        ("dates,17.06.2025,,", "days"),
        ("daily,,2025-07-01,2025-06-30", "valid_to"),
        ("daily,,2025-07-01,2025-07-01", None),
    ],
)
def test_the_days_of_a_rule_fit_its_pattern(check_with, rule: str, column: str | None) -> None:
    faults = check_with(**BASE, calendar_rules=RULES + "C,1," + rule)
    expected = [f"tables/calendar_rules.csv:2:{column}"] if column else []
    assert [fault.place for fault in faults] == expected
    assert all(fault.severity == "error" for fault in faults)


def test_a_calendar_without_rules_is_a_warning(check_with) -> None:
    assert [fault.severity for fault in check_with(**BASE)] == ["warning"]


@pytest.mark.parametrize(
    ("stops", "place"),
    [
        # Pyongyang is UTC+9, Beijing UTC+8: 10:00 there is 01:00 UTC, 09:30 here is 01:30 UTC.
        ("T,1,PYO,,,10:00,0,,\nT,2,DAN,09:30,0,09:45,0,,", None),
        ("T,1,PYO,,,10:00,0,,\nT,2,DAN,08:59,0,,,,", "3:arrival"),
        ("T,1,PYO,,,10:00,,,\nT,2,DAN,08:59,0,,,,", "3:arrival"),
        ("T,1,PYO,,,10:00,0,,\nT,2,DAN,08:59,1,,,,", None),
        ("T,1,PYO,,,10:00,0,,\nT,2,DAN,08:59,0,,,,1", None),
        ("T,1,PYO,,,10:00,0,1,\nT,2,DAN,08:59,0,,,,", None),
        ("T,1,PYO,,,10:00,0,,\nT,2,DAN,08:59,,,,,", None),
        ("T,1,DAN,,,10:00,0,,\nT,2,BEI,12:00,0,11:50,0,,", "3:departure"),
        ("T,2,DAN,16:00,0,,,,\nT,1,PYO,,,10:00,0,,", None),
        # Beijing 12:00 is 04:00 UTC; London 04:30 is 04:30 UTC in winter, 03:30 in summer.
        ("T,1,BEI,,,12:00,0,,\nT,2,LON,04:30,0,,,,", None),
        ("T,1,BEI,,,12:00,0,,\nT,2,LON,03:30,0,,,,", "3:arrival"),
    ],
)
def test_times_never_run_back_in_utc(check_with, stops: str, place: str | None) -> None:
    tables = {"calendar_rules": ALWAYS, "trains": TRAINS}
    faults = check_with(**BASE, **tables, train_stops=STOPS + stops)
    assert [fault.place for fault in faults] == (
        [f"tables/train_stops.csv:{place}"] if place else []
    )


def test_both_clocks_are_named_where_times_run_back(check_with) -> None:
    stops = STOPS + "T,1,PYO,,,10:00,0,,\nT,2,DAN,08:59,0,,,,"
    (fault,) = check_with(**BASE, calendar_rules=ALWAYS, trains=TRAINS, train_stops=stops)
    assert "08:59 on day 0 (00:59 UTC)" in fault.cause
    assert "10:00 on day 0 (01:00 UTC)" in fault.cause


@pytest.mark.parametrize(
    ("stops", "word"),
    [("", "fewer than two stops"), ("T,1,PYO,,,,,,\nT,2,DAN,,,,,,", "No time of the train")],
)
def test_a_train_without_stops_or_times_is_a_warning(check_with, stops: str, word: str) -> None:
    tables = {"calendar_rules": ALWAYS, "trains": TRAINS}
    (fault,) = check_with(**BASE, **tables, train_stops=STOPS + stops)
    assert word in fault.cause
    assert fault.severity == "warning"


def test_a_train_beyond_the_sections_is_a_warning(check_with) -> None:
    faults = check_with(
        **BASE,
        lines="line_id,name,chainage_system\nL,Line,km of L",
        sections="section_id,line_id,from_point,to_point,length_km,gauges_mm\nS,L,PYO,DAN,228,1435",
        calendar_rules=ALWAYS,
        trains=TRAINS,
        train_stops=STOPS + "T,1,PYO,,,10:00,0,,\nT,2,DAN,,,,,,\nT,3,BEI,,,,,,",
    )
    assert [(fault.place, fault.severity) for fault in faults] == [
        ("tables/train_stops.csv:4:point_id", "warning")
    ]


@pytest.mark.parametrize(
    ("legs", "places"),
    [
        ("S,1,T,PYO,DAN\nS,2,U,DAN,BEI", []),
        ("S,2,U,DAN,BEI\nS,1,T,PYO,DAN", []),
        ("S,1,T,PYO,DAN", ["2:to_point"]),
        ("S,1,U,DAN,BEI", ["2:from_point"]),
        ("S,1,T,PYO,DAN\nS,2,U,BEI,BEI", ["3:from_point", "3:to_point"]),
        ("S,1,T,PYO,BEI", ["2:to_point"]),
        ("S,1,T,PYO,DAN\nS,2,U,DAN,LON", ["3:to_point", "3:to_point"]),
    ],
)
def test_legs_join_and_their_trains_stop_there(check_with, legs: str, places: list[str]) -> None:
    faults = check_with(
        **BASE,
        calendar_rules=ALWAYS,
        trains=TWO_TRAINS,
        train_stops=TWO_STOPS,
        coach_services=SERVICES,
        coach_legs=LEGS + legs,
    )
    assert sorted(fault.place for fault in faults) == [
        f"tables/coach_legs.csv:{place}" for place in places
    ]


def test_a_coach_against_the_direction_of_its_train_is_refused(check_with) -> None:
    faults = check_with(
        **BASE,
        calendar_rules=ALWAYS,
        trains=TRAINS,
        train_stops=STOPS + "T,1,BEI,,,10:00,0,,\nT,2,PYO,,,,,,",
        coach_services=SERVICES,
        coach_legs=LEGS + "S,1,T,PYO,BEI",
    )
    assert [fault.cause for fault in faults] == ["The train T does not reach BEI after PYO."]


@pytest.mark.parametrize(("day", "is_told"), [("", False), ("0", False), ("1", True), ("7", True)])
def test_a_coach_leaves_where_it_begins_on_the_day_of_its_calendar(
    check_with, day, is_told
) -> None:
    faults = check_with(
        **BASE,
        calendar_rules=ALWAYS,
        trains=TWO_TRAINS,
        train_stops=TWO_STOPS,
        coach_services=SERVICES,
        coach_legs=f"{LEGS.strip()},boarding_day\nS,1,T,PYO,DAN,{day}\nS,2,U,DAN,BEI,\n",
    )
    told = [fault for fault in faults if fault.column == "boarding_day"]
    assert [(fault.row, fault.severity) for fault in told] == ([(2, "error")] if is_told else [])


def test_a_coach_without_legs_or_with_a_stray_return_is_a_warning(check_with) -> None:
    services = (
        "service_id,name,from_point,to_point,calendar_id,return_service_id\n"
        "S,There,PYO,BEI,C,B\nB,Back,BEI,DAN,C,\n"
    )
    faults = check_with(**BASE, calendar_rules=ALWAYS, coach_services=services)
    assert [(fault.row, fault.column, fault.severity) for fault in faults] == [
        (2, None, "warning"),
        (3, None, "warning"),
        (2, "return_service_id", "warning"),
    ]


STEPS = (
    "procedure_id,sequence,name,kind,after,duration_low_min,duration_best_min,duration_high_min,"
    "opens,closes\n"
)


@pytest.mark.parametrize(
    ("steps", "places"),
    [
        ("P,1,a,wait,0,1,2,3,,\nP,2,b,wait,1,1,1,1,08:00,20:00\nP,4,c,wait,0;1;2,1,2,3,,", []),
        ("P,1,a,wait,2,1,2,3,,\nP,2,b,wait,,1,2,3,,", ["2:after"]),
        ("P,1,a,wait,1,1,2,3,,", ["2:after"]),
        ("P,1,a,wait,first,1,2,3,,", ["2:after"]),
        ("P,1,a,wait,,3,2,1,,", ["2:duration_best_min", "2:duration_high_min"]),
        ("P,1,a,wait,,1,2,3,08:00,", ["2:closes"]),
        ("P,1,a,wait,,1,2,3,08:00,08:00", ["2:closes"]),
    ],
)
def test_steps_wait_for_earlier_ones_only(check_with, steps: str, places: list[str]) -> None:
    procedures = "procedure_id,name,kind\nP,Hand-over,handover"
    faults = check_with(procedures=procedures, procedure_steps=STEPS + steps)
    assert [fault.place for fault in faults] == [
        f"tables/procedure_steps.csv:{place}" for place in places
    ]


def test_a_procedure_without_steps_is_a_warning(check_with) -> None:
    (fault,) = check_with(procedures="procedure_id,name,kind\nP,Hand-over,handover")
    assert fault.severity == "warning"


@pytest.mark.parametrize(
    ("day", "told"),
    [("2025-06-28", True), ("2025-06-23", False), ("2025-06-01", False)],
)
def test_a_source_cannot_report_what_comes_after_it(check_with, day, told) -> None:
    rules = "calendar_id,sequence,pattern,days,reported,source_id\n"
    sources = "source_id,title,published_on,reliability\nS,News,2025-06-23,D\n"
    faults = check_with(**BASE, sources=sources, calendar_rules=f"{rules}C,1,dates,{day},true,S\n")
    columns = [fault.column for fault in faults if fault.severity == "error"]
    assert columns == (["reported"] if told else [])


def test_a_source_of_a_month_may_be_of_its_last_day(check_with) -> None:
    rules = "calendar_id,sequence,pattern,days,reported,source_id\n"
    sources = "source_id,title,published_on,reliability\nS,News,2025-06,D\n"
    rule = "C,1,dates,2025-06-30,true,S\n"
    assert check_with(**BASE, sources=sources, calendar_rules=rules + rule) == []


@pytest.mark.parametrize(
    ("days", "column"),
    [("2026-01-06", None), ("2026-01-06;2026-01-15", "days"), ("2025-12-31", "days")],
)
def test_a_date_outside_the_validity_of_its_rule_is_a_warning(check_with, days, column) -> None:
    rule = f"{RULES}C,1,dates,{days},2026-01-01,2026-01-10\n"
    faults = check_with(**BASE, calendar_rules=rule)
    assert [fault.column for fault in faults] == ([column] if column else [])
    assert all(fault.severity == "warning" for fault in faults)


@pytest.mark.parametrize(
    ("leaves", "day", "told"),
    [("00:20", 0, True), ("00:20", 1, False), ("15:30", 0, False), ("18:00", 0, False)],
)
def test_a_boarding_day_on_which_the_host_left_long_before_is_a_fault(
    check_with, leaves, day, told
) -> None:
    stops = (
        f"{STOPS}T,1,PYO,,,10:00,0,,\nT,2,DAN,16:00,0,,,,\n"
        f"U,1,DAN,,,{leaves},0,,\nU,2,BEI,23:50,0,,,,\n"
    )
    legs = f"{LEGS.strip()},boarding_day\nS,1,T,PYO,DAN,0\nS,2,U,DAN,BEI,{day}\n"
    faults = check_with(
        **BASE,
        calendar_rules=ALWAYS,
        trains=TWO_TRAINS,
        train_stops=stops,
        coach_services=SERVICES,
        coach_legs=legs,
    )
    found = [fault for fault in faults if fault.column == "boarding_day"]
    assert bool(found) == told
    assert all("Board on day 1" in fault.cure for fault in found)


@pytest.mark.parametrize(
    ("times", "is_told"),
    [
        ("06:27,06:26,", True),
        ("06:26,06:27,", False),
        ("23:50,00:10,", False),
        ("06:27,06:26,1", False),
    ],
)
def test_a_departure_before_its_arrival_is_told_to_be_of_the_next_day(check_with, times, is_told):
    stops = (
        "train_id,sequence,point_id,arrival,departure,departure_day\n"
        f"T,1,PYO,,05:00,\nT,2,DAN,{times}\nT,3,BEI,07:00,,\n"
    )
    faults = check_with(**BASE, calendar_rules=ALWAYS, trains=TRAINS, train_stops=stops)
    told = [fault.column for fault in faults if "day after the arrival" in fault.cause]
    assert told == (["departure"] if is_told else [])


@pytest.mark.parametrize(
    ("times", "dwell", "stays"),
    [
        ("10:00,,10:10,", "10", None),
        ("10:00,,10:10,", "10.5", None),
        ("10:00,,10:10,", "20", "10 min"),
        ("10:00,,10:10,", "0", "10 min"),
        ("23:50,,00:10,", "20", None),
        ("23:50,,00:10,", "1460", None),
        ("23:50,0,00:10,1", "1460", "20 min"),
        ("23:50,0,00:10,2", "1460", None),
        ("10:00,,,", "20", None),
    ],
)
def test_a_standstill_beside_both_times_of_a_stop_is_the_same(
    check_with, times: str, dwell: str, stays: str | None
) -> None:
    stops = (
        "train_id,sequence,point_id,arrival,arrival_day,departure,departure_day,dwell_min\n"
        f"T,1,PYO,,,09:00,0,\nT,2,DAN,{times},{dwell}\nT,3,BEI,12:00,,,,\n"
    )
    faults = check_with(**BASE, calendar_rules=ALWAYS, trains=TRAINS, train_stops=stops)
    found = [fault for fault in faults if fault.column == "dwell_min"]
    assert [(fault.file, fault.row, fault.severity) for fault in found] == (
        [("tables/train_stops.csv", 3, "warning")] if stays else []
    )
    assert all(f"{stays} at DAN" in fault.cause for fault in found)
    assert all("the times are used" in fault.cause for fault in found)
