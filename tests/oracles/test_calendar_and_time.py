"""Hand-checked facts on calendars, zones, published times and rotations, one to nine."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from arterial.clock import (
    CivilTime,
    CivilTimeKind,
    civil_to_epoch_s,
    civil_to_instant,
    classify_civil_time,
    elapsed_s,
    local_text,
    to_epoch_s,
    utc_offset_min,
)
from arterial.errors import LimitError
from arterial.study import conform_table, empty_table, list_tables
from arterial.timetable import (
    TimetableOptions,
    compare_stated_duration,
    list_arrival_days,
    read_frequency,
    resolve_calendar,
    resolve_trips,
    rotate_coaches,
)
from arterial.timetable.coaches.set_turns import chance_turn_lost

EPOCH = date(2025, 1, 1)
ZONES = {
    "pyongyang": "Asia/Pyongyang",
    "tumangang": "Asia/Pyongyang",
    "khabarovsk": "Asia/Vladivostok",
    "moscow": "Europe/Moscow",
}
OPTIONS = TimetableOptions(
    epoch=EPOCH,
    horizon_from=date(2025, 7, 1),
    horizon_to=date(2025, 12, 31),
    as_of=date(2025, 7, 1),
)
NO_LINKS = pl.DataFrame(
    schema={
        "train_id": pl.String,
        "sequence": pl.Int64,
        "distance_km": pl.Float64,
        "running_low_s": pl.Int64,
        "running_s": pl.Int64,
        "running_high_s": pl.Int64,
    }
)


def make_table(name, rows):
    return conform_table(name, pl.DataFrame(rows, infer_schema_length=None), fill_missing=True)


def make_tables(services, trains, **more):
    """Study tables for services of one or more (train, from, to, boarding day) legs."""
    points = [
        {"point_id": p, "name": p, "zone": z, "country": "KP", "kind": "station"}
        for p, z in ZONES.items()
    ]
    rows = {
        "operational_points": points,
        "trains": [
            {"train_id": t, "number": t, "category": "passenger", "calendar_id": calendar}
            for t, (calendar, _) in trains.items()
        ],
        "train_stops": [
            {"train_id": t, "sequence": number} | stop
            for t, (_, stops) in trains.items()
            for number, stop in enumerate(stops, start=1)
        ],
        "coach_services": [
            {
                "service_id": s,
                "name": s,
                "from_point": legs[0][1],
                "to_point": legs[-1][2],
                "calendar_id": s,
                "pool_id": "pool",
                "berths_offered": 36,
            }
            for s, legs in services.items()
        ],
        "coach_legs": [
            {
                "service_id": s,
                "sequence": number,
                "train_id": train,
                "from_point": start,
                "to_point": end,
                "boarding_day": day,
            }
            for s, legs in services.items()
            for number, (train, start, end, day) in enumerate(legs, start=1)
        ],
    }
    tables = {name: empty_table(name) for name in list_tables()}
    return tables | {name: make_table(name, of) for name, of in (rows | more).items()}


def make_stops(start, departure, end, arrival, arrival_day):
    return [
        {"point_id": start, "departure": departure, "departure_day": 0},
        {"point_id": end, "arrival": arrival, "arrival_day": arrival_day},
    ]


def make_rule(calendar, pattern, days=None):
    return {
        "calendar_id": calendar,
        "sequence": 1,
        "pattern": pattern,
        "days": days,
        "effect": "runs",
    }


def test_1_moscow_to_pyongyang_took_211_hours_in_september_2008_and_210_in_december():
    for month, hours in ((9, 211.0), (12, 210.0)):
        start = CivilTime(date(2008, month, 11), "21:25", "Europe/Moscow")
        end = CivilTime(date(2008, month, 20), "21:25", "Asia/Pyongyang")
        assert elapsed_s(start, end) / 3600 == hours


def test_2_beijing_to_pyongyang_takes_23_h_41_and_the_printed_24_h_41_ignores_the_zones():
    start = CivilTime(date(2026, 3, 12), "17:26", "Asia/Shanghai")
    end = CivilTime(date(2026, 3, 13), "18:07", "Asia/Pyongyang")
    printed = compare_stated_duration(start, end, 24 * 60 + 41)
    assert printed.elapsed_min == 23 * 60 + 41
    assert printed.verdict == "only_if_zones_ignored"
    assert "ignores that the clocks go forward by 1 h" in printed.explanation
    assert compare_stated_duration(start, end, 23 * 60 + 41).verdict == "holds"
    assert compare_stated_duration(start, end, 22 * 60 + 30).verdict == "contradicted"


@pytest.mark.parametrize(
    ("clock_time", "zone", "moscow"),
    [("12:00", "Asia/Pyongyang", "06:00"), ("15:30", "Asia/Vladivostok", "08:30")],
)
def test_3_tumangang_and_khasan_times_in_moscow_time(clock_time, zone, moscow):
    at_s = civil_to_epoch_s(date(2024, 12, 16), clock_time, zone, EPOCH)
    assert local_text(at_s, EPOCH, "Europe/Moscow") == f"2024-12-16 {moscow}"


def test_4_pyongyang_left_nine_hours_in_2015_and_came_back_in_2018():
    def offset(day):
        at = civil_to_instant(day, "12:00", "Asia/Pyongyang")
        return utc_offset_min(to_epoch_s(at, EPOCH), EPOCH, "Asia/Pyongyang")

    days = [date(2015, 8, 14), date(2015, 8, 15), date(2018, 5, 4), date(2018, 5, 5)]
    assert [offset(day) for day in days] == [540, 510, 510, 540]
    gap, fold = date(2018, 5, 4), date(2015, 8, 14)
    for clock_time in ("23:30", "23:45", "23:59"):
        kind = classify_civil_time(gap, clock_time, "Asia/Pyongyang")
        assert kind is CivilTimeKind.NONEXISTENT
        with pytest.raises(LimitError, match="never showed"):
            civil_to_instant(gap, clock_time, "Asia/Pyongyang")
    assert classify_civil_time(gap, "23:29", "Asia/Pyongyang") is CivilTimeKind.ORDINARY
    assert classify_civil_time(fold, "23:45", "Asia/Pyongyang") is CivilTimeKind.AMBIGUOUS
    first, second = (
        civil_to_instant(fold, "23:45", "Asia/Pyongyang", fold=showing) for showing in (0, 1)
    )
    assert second - first == timedelta(minutes=30)


def test_5_the_26th_and_8_days_is_the_4th_the_3rd_or_the_6th():
    by_length = {
        arrival.month_length_days: arrival.day_of_month for arrival in list_arrival_days(26, 8)
    }
    assert by_length == {28: 6, 29: 5, 30: 4, 31: 3}
    assert {arrival.day_of_month for arrival in list_arrival_days(12, 8)} == {20}


def test_5_the_published_4th_is_flagged_where_the_month_has_not_30_days():
    tables = make_tables(
        {"east": [("2", "moscow", "pyongyang", 0)]},
        {"2": ("daily", make_stops("moscow", "12:00", "pyongyang", "12:00", 8))},
        calendar_rules=[
            make_rule("east", "days_of_month", "12;26"),
            make_rule("daily", "daily"),
        ],
        published_events=[
            {
                "statement_id": f"rzd{day}",
                "service_id": "east",
                "point_id": "pyongyang",
                "event": "arrival",
                "departure_day_of_month": day,
                "stated_day_of_month": arrival,
            }
            for day, arrival in ((12, 20), (26, 4))
        ],
    )
    findings = resolve_trips(tables, NO_LINKS, OPTIONS).findings
    assert set(findings["kind"]) == {"published_arrival_differs"}
    # July, August, October and December have 31 days; September and November have 30.
    assert [day.month for day in findings["trip_date"]] == [7, 8, 10, 12]
    assert {day.day for day in findings["trip_date"]} == {26}
    assert set(findings["severity"]) == {"note"}


def test_6_the_shuttle_runs_on_four_of_the_twelve_border_days_of_late_2025():
    tables = make_tables(
        {
            "west": [
                ("8", "pyongyang", "tumangang", 0),
                ("646", "tumangang", "khabarovsk", 1),
            ]
        },
        {
            "8": ("daily", make_stops("pyongyang", "10:00", "tumangang", "08:00", 1)),
            "646": ("mwf", make_stops("tumangang", "12:00", "khabarovsk", "23:00", 0)),
        },
        calendar_rules=[
            make_rule("west", "days_of_month", "3;17"),
            make_rule("daily", "daily"),
            make_rule("mwf", "weekdays", "Mon;Wed;Fri"),
        ],
    )
    resolved = resolve_trips(tables, NO_LINKS, OPTIONS)
    assert resolved.trips.height == 12
    assert resolved.trips["verdict"].to_list().count("works") == 4
    missing = resolved.findings.filter(pl.col("kind") == "host_does_not_run")
    assert missing.height == resolved.findings.height == 8
    assert set(missing["train_id"]) == {"646"}
    assert set(missing["severity"]) == {"block"}
    border_days = {day + timedelta(days=1) for day in missing["trip_date"]}
    assert {day.weekday() for day in border_days}.isdisjoint({0, 2, 4})
    works = resolved.trips.filter(pl.col("verdict") == "works")["trip_date"]
    assert works.to_list() == [date(2025, m, d) for m in (7, 8) for d in (3, 17)]


ROTATION = {
    "west": [("1", "pyongyang", "moscow", 0)],
    "east": [("2", "moscow", "pyongyang", 0)],
    "north": [("3", "pyongyang", "khabarovsk", 0)],
    "south": [("4", "khabarovsk", "pyongyang", 0)],
}


def rotate(services, *, horizon_to=date(2026, 12, 31), away_h=12.0, transit_days=8):
    options = TimetableOptions(EPOCH, date(2025, 7, 1), horizon_to, date(2025, 7, 1))
    tables = make_tables(
        {service: ROTATION[service] for service in services},
        {
            "1": ("daily", make_stops("pyongyang", "10:00", "moscow", "08:00", transit_days)),
            "2": ("daily", make_stops("moscow", "22:00", "pyongyang", "09:00", transit_days)),
            "3": ("daily", make_stops("pyongyang", "10:00", "khabarovsk", "01:00", 2)),
            "4": ("daily", make_stops("khabarovsk", "23:00", "pyongyang", "09:00", 2)),
        },
        calendar_rules=[
            make_rule("west", "days_of_month", "3;17"),
            make_rule("east", "days_of_month", "12;26"),
            make_rule("north", "days_of_month", "19"),
            make_rule("south", "days_of_month", "21"),
            make_rule("daily", "daily"),
        ],
        coach_pools=[
            {
                "pool_id": "pool",
                "name": "Through coaches",
                "home_point": "pyongyang",
                "spare_sets": 1,
                "minimum_turn_home_h": 4.0,
                "minimum_turn_away_h": away_h,
            }
        ],
    )
    trips = resolve_trips(tables, NO_LINKS, options).trips
    return rotate_coaches(tables, trips, options).set_requirements.row(0, named=True)


def test_7_two_coach_sets_work_the_moscow_trips_and_three_with_khabarovsk():
    moscow = rotate(["west", "east"])
    assert (moscow["minimum_sets"], moscow["spare_sets"]) == (2, 1)
    both = rotate(["west", "east", "north", "south"])
    assert (both["minimum_sets"], both["spare_sets"]) == (3, 1)
    critical = datetime.fromisoformat(local_text(both["critical_at_s"], EPOCH, ZONES["pyongyang"]))
    assert critical.day == 19


def test_7_a_turn_of_two_days_in_moscow_or_a_missed_one_needs_one_set_more():
    assert rotate(["west", "east"], away_h=48.0)["minimum_sets"] == 3
    assert rotate(["west", "east"], transit_days=9, away_h=20.0)["minimum_sets"] == 3
    assert (
        rotate(["west", "east", "north", "south"], transit_days=9, away_h=20.0)["minimum_sets"] == 4
    )


@pytest.mark.parametrize(("median_h", "chance"), [(1.0, 0.02), (3.0, 0.18), (6.0, 0.41)])
def test_7_the_chance_of_a_lost_turn_with_seven_and_a_half_hours_of_slack(median_h, chance):
    assert chance_turn_lost(7.5, median_h, 1.0) == pytest.approx(chance, abs=0.005)


def test_8_one_coach_of_36_berths_twice_a_month_gives_864_berths_a_year():
    assert rotate(["west", "east"])["berths_per_year"] == 864
    assert rotate(["west", "east", "north", "south"])["berths_per_year"] == 864 + 432
    assert rotate(["west", "east"], horizon_to=date(2025, 9, 30))["berths_per_year"] == 864


def test_9_twice_monthly_is_24_every_14_days_is_26_and_bi_monthly_is_ambiguous():
    assert read_frequency("Twice monthly").per_year == 24
    assert read_frequency("every 14 days").per_year == 26
    reading = read_frequency("bi-monthly")
    assert reading.is_ambiguous
    assert (reading.per_year_low, reading.per_year_high) == (6, 24)


def test_9_the_readings_agree_with_calendars_of_the_same_wording():
    rules = make_table(
        "calendar_rules",
        [
            make_rule("twice", "days_of_month", "3;17"),
            make_rule("fortnight", "every_n_days", "14") | {"valid_from": date(2025, 1, 3)},
            make_rule("beijing", "weekdays", "Mon;Wed;Thu;Sat"),
        ],
    )
    for calendar, wording in (
        ("twice", "twice monthly"),
        ("fortnight", "every 14 days"),
        ("beijing", "Mon Wed Thu Sat"),
    ):
        days = resolve_calendar(rules, calendar, date(2025, 1, 1), date(2025, 12, 31))
        reading = read_frequency(wording)
        assert reading.per_year_low <= days.height <= reading.per_year_high
        assert abs(days.height - reading.per_year) <= 1
