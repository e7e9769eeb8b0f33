"""Coach sets in the works: how many are away, who has to go, and which departures have none."""

from datetime import date, timedelta

import polars as pl
import pytest

from arterial.study import conform_table
from arterial.timetable.coaches.coach_services import TimetableOptions
from arterial.timetable.coaches.rotations import rotate_coaches
from arterial.timetable.coaches.set_stays import (
    SetStay,
    WorkshopStays,
    count_sets_away,
    list_set_stays,
)

DAY = 86_400
EPOCH = date(2025, 7, 1)
OPTIONS = TimetableOptions(EPOCH, EPOCH, date(2025, 12, 31), EPOCH)


def day(number):
    return EPOCH + timedelta(days=number)


def make_stays(*spans, pool="pool"):
    """Vehicles in the works; spans as first and last day, counted from 1 July as 0."""
    rows = [
        {"job_id": f"J{number}", "vehicle": 1, "coach_pool_id": pool, "from_day": day(first),
         "to_day": day(last)}
        for number, (first, last) in enumerate(spans)
    ]  # fmt: skip
    return conform_table("works_stays", pl.DataFrame(rows), fill_missing=True)


def make_tables(build, **pool):
    """One pool between P and M."""
    return build.tables(
        operational_points=[
            {"point_id": p, "name": n, "zone": "UTC", "country": "KP", "kind": "station"}
            for p, n in (("P", "Pyongyang"), ("M", "Moscow"))
        ],
        coach_services=[
            {"service_id": service, "name": f"{start} to {end}", "from_point": start,
             "to_point": end, "calendar_id": service, "pool_id": "pool", "berths_offered": 36}
            for service, start, end in (("out", "P", "M"), ("back", "M", "P"))
        ],
        coach_pools=[{"pool_id": "pool", "name": "Coaches", "home_point": "P"} | pool],
        calendar_rules=[build.rule(service, 1, "days_of_month", "3;17")
                        for service in ("out", "back")],
    )  # fmt: skip


def make_trips(*runs):
    """Trips as day of departure, days on the way and service."""
    rows = [
        {"trip_id": f"{service}@{day(leaves)}", "service_id": service, "trip_date": day(leaves),
         "status": "planned"}
        | {f"{end}{case}_at_s": at * DAY + 3600
           for end, at in (("departure", leaves), ("arrival", leaves + on_the_way))
           for case in ("", "_low", "_high")}
        for leaves, on_the_way, service in runs
    ]  # fmt: skip
    return conform_table("trips", pl.DataFrame(rows), fill_missing=True)


# Out on the days 2, 4 and 12, back on 5, 7 and 15: two sets, both out from day 4 to day 6.
TRIPS = make_trips(
    (2, 1, "out"), (4, 1, "out"), (5, 1, "back"), (7, 1, "back"), (12, 1, "out"), (15, 1, "back")
)


def rotate(build, stays, **pool):
    return rotate_coaches(make_tables(build, **pool), TRIPS, OPTIONS, stays)


def late(found):
    rows = found.findings.filter(pl.col("kind") == "set_not_back", pl.col("severity") == "block")
    return rows["finding_id"].str.replace(":set_not_back", "").to_list()


def test_without_anything_in_the_works_the_table_is_empty_and_nothing_else_differs(build):
    plain = rotate_coaches(make_tables(build, sets_owned=2), TRIPS, OPTIONS)
    found = rotate(build, make_stays((3, 9)).clear(), sets_owned=2)
    assert found.set_availability.is_empty()
    assert found.findings.equals(plain.findings)
    assert found.set_requirements.equals(plain.set_requirements)


def test_a_set_in_the_works_is_missed_by_the_departure_that_needs_it(build):
    found = rotate(build, make_stays((3, 9)), sets_owned=2, coaches_per_set=1)
    # The set that stands at home on day 3 goes in; nothing leaves on day 4, so none comes back.
    assert late(found) == [f"out@{day(4)}", f"back@{day(7)}"]
    cause = found.findings.filter(pl.col("finding_id").str.starts_with(f"out@{day(4)}"))["cause"]
    assert cause[0].endswith("stands ready at Pyongyang; the works has 1 of them.")
    row = found.set_availability.row(0, named=True)
    assert (row["from_day"], row["to_day"], row["job_ids"]) == (day(3), day(9), "J0")
    assert (row["sets_away"], row["sets_owned"], row["sets_available"]) == (1, 2, 1)
    assert (row["sets_needed"], row["departures_count"], row["departures_without_set"]) == (2, 3, 2)
    assert row["explanation"] == (
        "Fri 2025-07-04 to Thu 2025-07-10: the works has 1 set of Coaches (J0), leaving 1 of 2 "
        "for trips that need 2 at once. 2 of 3 departures have no set: out@2025-07-05, "
        "back@2025-07-08."
    )


@pytest.mark.parametrize(
    ("span", "words"),
    [
        # Both sets are out until day 6; one leaves for home on day 5, nothing on day 6.
        ((5, 6), "Still every departure of these days has one"),
        ((6, 6), "Nothing departs in these days."),
    ],
)
def test_fewer_sets_than_are_needed_are_explained_where_no_departure_lacks_one(build, span, words):
    found = rotate(build, make_stays(span), sets_owned=2)
    row = found.set_availability.row(0, named=True)
    assert (row["sets_available"] < row["sets_needed"], row["departures_without_set"]) == (True, 0)
    assert words in row["explanation"]


def test_a_third_set_stands_in_for_the_one_in_the_works(build):
    found = rotate(build, make_stays((3, 9)), sets_owned=3)
    assert late(found) == []
    assert found.set_availability["departures_without_set"].to_list() == [0]


def test_where_the_sets_are_unknown_only_the_need_is_told(build):
    found = rotate(build, make_stays((3, 9)))
    row = found.set_availability.row(0, named=True)
    assert (row["sets_available"], row["departures_without_set"]) == (None, None)
    assert row["explanation"].endswith("How many there are is not stated: 3 would do.")


def test_coaches_of_a_set_of_three_are_missing_as_sets_rounded_up(build):
    tables = make_tables(build, coaches_per_set=3, sets_owned=4)
    stays = make_stays((0, 9), (0, 9), (2, 9), (4, 6))
    found = count_sets_away(tables["coach_pools"], stays, tables["coach_services"])
    columns = ["from_day", "to_day", "vehicles_away", "sets_away", "sets_available"]
    assert found.select(columns).rows() == [
        (day(0), day(1), 2, 1, 3),
        (day(2), day(3), 3, 1, 3),
        (day(4), day(6), 4, 2, 2),
        (day(7), day(9), 3, 1, 3),
    ]
    # One set is away for all ten days, another for the three in the middle, from midnight UTC.
    assert list_set_stays(found, "pool", "UTC", EPOCH) == (
        SetStay(0, 4 * DAY + 3 * DAY), SetStay(4 * DAY, 10 * DAY)
    )  # fmt: skip


def test_days_without_a_vehicle_in_the_works_part_two_stays(build):
    tables = make_tables(build)
    stays = make_stays((0, 1), (5, 6))
    found = count_sets_away(tables["coach_pools"], stays, tables["coach_services"])
    assert list_set_stays(found, "pool", "UTC", EPOCH) == (
        SetStay(0, 2 * DAY), SetStay(5 * DAY, 7 * DAY)
    )  # fmt: skip


def test_a_set_that_comes_home_late_stays_as_long_as_planned():
    at_home = [3.5]
    workshop = WorkshopStays([SetStay(2, 6)], at_home)
    workshop.go_on_to(5)
    assert (at_home, workshop.held) == ([], [7.5])
    workshop.go_on_to(8)
    assert (at_home, workshop.held) == ([7.5], [])


@pytest.mark.parametrize(("first_call", "held"), [(3, [6]), (6, [])])
def test_a_stay_that_is_over_before_the_first_trip_takes_no_set(first_call, held):
    workshop = WorkshopStays([SetStay(2, 6)], [float("-inf")])
    workshop.go_on_to(first_call)
    assert workshop.held == held


def test_the_works_takes_the_same_set_twice_only_where_there_is_no_other():
    two, one = [0.0, 1.0], [0.0]
    both = [SetStay(2, 6), SetStay(4, 8)]
    workshop = WorkshopStays(both, two)
    workshop.go_on_to(5)
    assert workshop.held == [6, 8]
    workshop = WorkshopStays(both, one)
    workshop.go_on_to(5)
    assert workshop.held == [6]
    workshop.go_on_to(7)
    assert workshop.held == [10]
