"""The works takes vehicles from the timetable of a study: coach sets and locomotives by hand."""

from datetime import date

import polars as pl
import pytest

from arterial.flows.run import RunOutcome, resolve_study
from arterial.study import Study, conform_table, read_study
from arterial.timetable.coaches.coach_services import TimetableOptions, read_timetable
from arterial.timetable.fleet import Haul, count_at_once, list_hauls

# A Monday. One train a day leaves Northport at 21:30, and two are never under way at once.
FIRST = date(2026, 1, 12)

NEW_YEAR = date(2025, 1, 1)
OPTIONS = TimetableOptions(NEW_YEAR, NEW_YEAR, date(2025, 1, 10), NEW_YEAR)


def make_table(name: str, *rows: dict) -> pl.DataFrame:
    return conform_table(name, pl.DataFrame(list(rows)), fill_missing=True)


@pytest.fixture(scope="module")
def study(small_study) -> Study:
    """The small study with two coaches and a works that takes one from Monday to Friday."""
    plain = read_study(small_study)
    services = plain.table("coach_services")
    vehicles = plain.table("vehicle_types").with_columns(
        vehicles_owned=pl.when(pl.col("kind") == "locomotive").then(pl.lit(1))
    )
    return plain.with_tables(
        coach_services=services.with_columns(pool_id=pl.lit("POOL")),
        vehicle_types=vehicles,
        coach_pools=make_table(
            "coach_pools",
            {"pool_id": "POOL", "name": "Sleepers", "home_point": "NORTHPORT",
             "coaches_per_set": 1, "sets_owned": 12, "minimum_turn_home_h": 1.0,
             "minimum_turn_away_h": 1.0},
        ),
        works_resources=make_table(
            "works_resources",
            {"resource_id": "PIT", "name": "Pit", "kind": "bay", "capacity": 2,
             "weekdays": "Mon;Tue;Wed;Thu;Fri"},
        ),
        overhaul_classes=make_table(
            "overhaul_classes",
            {"class_id": "COACH", "name": "Coach", "vehicle_kind": "coach",
             "vehicle_type_id": "SLEEPER", "is_new_building": False},
            {"class_id": "LOCO", "name": "Locomotive", "vehicle_kind": "locomotive",
             "vehicle_type_id": "LOCO", "is_new_building": False},
            {"class_id": "NEW", "name": "New", "vehicle_kind": "locomotive",
             "vehicle_type_id": "LOCO", "is_new_building": True},
        ),
        overhaul_operations=make_table(
            "overhaul_operations",
            {"class_id": "COACH", "sequence": 1, "name": "All", "duration_h": 40.0,
             "bay_ids": "PIT"},
            {"class_id": "LOCO", "sequence": 1, "name": "All", "duration_h": 16.0},
            {"class_id": "NEW", "sequence": 1, "name": "All", "duration_h": 16.0},
        ),
        works_jobs=make_table(
            "works_jobs",
            {"job_id": "C1", "class_id": "COACH", "arrives_on": FIRST, "coach_pool_id": "POOL"},
            {"job_id": "L1", "class_id": "LOCO", "arrives_on": date(2026, 1, 13)},
            {"job_id": "N1", "class_id": "NEW", "arrives_on": date(2026, 1, 13)},
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(study) -> dict[str, pl.DataFrame]:
    return resolve_study(study)


def test_each_vehicle_stays_from_its_arrival_to_its_last_operation_but_new_ones_are_not_missed(
    found,
) -> None:
    stays = found["works_stays"].select("job_id", "vehicle_type_id", "from_day", "to_day").rows()
    # 40 h of 8 a day are Monday to Friday; 16 h without a bay take two whole days of shifts.
    assert stays == [
        ("C1", "SLEEPER", FIRST, date(2026, 1, 16)),
        ("L1", "LOCO", date(2026, 1, 13), date(2026, 1, 14)),
    ]


def test_the_departure_for_which_the_works_left_no_coach_is_found(found) -> None:
    row = found["set_availability"].row(0, named=True)
    # One way only: eleven departures took a coach each, and the works takes the twelfth; it is
    # back for the departure of the 17th, and after that there is none.
    assert (row["from_day"], row["to_day"]) == (FIRST, date(2026, 1, 16))
    assert (row["sets_available"], row["departures_count"]) == (11, 5)
    assert row["departures_without_set"] == 5
    late = found["findings"].filter(pl.col("kind") == "set_not_back", pl.col("severity") == "block")
    days = [day.day for day in late["trip_date"]]
    assert days == [*range(12, 17), *range(18, 32)]


def test_a_locomotive_in_the_works_is_missing_before_the_train(found) -> None:
    row = found["locomotive_availability"].row(0, named=True)
    assert (row["vehicles_away"], row["vehicles_available"], row["vehicles_needed"]) == (1, 0, 1)
    assert row["is_short"]
    assert row["explanation"] == (
        "Tue 2026-01-13 to Wed 2026-01-14: the works has 1 \N{MULTIPLICATION SIGN} Electric "
        "locomotive (L1), leaving 0 of 1; host trains need at least 1 at once. At least 1 too few: "
        "trains have no locomotive of the type."
    )


def test_a_study_without_jobs_has_none_of_these_tables(small_run: RunOutcome) -> None:
    none = {"works_schedule", "works_stays", "set_availability", "locomotive_availability"}
    assert not none & set(small_run.results)


def test_jobs_change_nothing_but_findings_where_no_chance_is_drawn(study, found) -> None:
    plain = resolve_study(study.with_tables(works_jobs=study.table("works_jobs").clear()))
    others = [name for name in plain if name not in {"findings", "simulated_trips", "trips"}]
    assert [name for name in others if not plain[name].equals(found[name])] == []
    # Of the departures only the verdicts follow the findings.
    judged = ("verdict", "findings_count")
    assert plain["trips"].drop(judged).equals(found["trips"].drop(judged))
    blocked = found["trips"].filter(pl.col("verdict") == "does_not_work")["trip_date"]
    late = found["findings"].filter(kind="set_not_back", severity="block")["trip_date"]
    assert blocked.to_list() == late.to_list()
    # Without the works the first twelve departures have a set, with it the first eleven.
    first = plain["findings"].filter(kind="set_not_back")["trip_date"].min()
    assert first == date(2026, 1, 13)


@pytest.fixture
def tables(build):
    """A night train of 30 h over A, B, C and D, and a short one that stops at A and C only."""
    return build.tables(
        operational_points=[
            {"point_id": p, "name": p, "zone": "UTC", "country": "KP", "kind": "station"}
            for p in "ABCD"
        ],
        sections=[
            {"section_id": s, "from_point": s[0], "to_point": s[1], "railway_id": "R",
             "line_id": "L", "length_km": 100.0, "gauges_mm": "1435"}
            for s in ("AB", "BC", "CD")
        ],
        trains=[
            {"train_id": name, "number": name, "calendar_id": "DAILY", "category": "passenger"}
            for name in ("NIGHT", "SHORT")
        ],
        train_stops=[
            build.stop("NIGHT", 1, "A", None, "20:00"),
            build.stop("NIGHT", 2, "B", "02:00+1", "03:00+1"),
            build.stop("NIGHT", 3, "D", "02:00+2", None),
            build.stop("SHORT", 1, "A", None, "10:00"),
            build.stop("SHORT", 2, "C", "12:00+0", None),
        ],
        traction_assignments=[
            {"railway_id": "R", "electrification": "none", "category": "passenger",
             "vehicle_type_id": "DIESEL", "count": 2},
        ],
        calendar_rules=[build.rule("DAILY", 1, "daily")],
    )  # fmt: skip


def make_runs(*rows):
    columns = ("train_id", "section_id", "vehicle_type_id", "electrification")
    frame = [
        dict(zip(columns, row, strict=True))
        | {"sequence": number, "from_point": row[1][0], "to_point": row[1][1]}
        for number, row in enumerate(rows)
    ]
    return conform_table("section_runs", pl.DataFrame(frame), fill_missing=True)


RUNS = make_runs(
    ("NIGHT", "AB", "ELECTRIC", "3kv_dc"),
    ("NIGHT", "BC", "DIESEL", "none"),
    ("NIGHT", "CD", "DIESEL", "none"),
    ("SHORT", "AB", "ELECTRIC", "3kv_dc"),
    ("SHORT", "BC", "DIESEL", "none"),
)


def read(tables, build):
    return read_timetable(tables, build.links(), OPTIONS)


def test_a_type_hauls_from_its_first_stop_to_its_last_with_as_many_as_are_assigned(tables, build):
    plans = read(tables, build).timer.plans
    # The short train changes at B, where it does not stop: both types count for its whole way.
    assert list_hauls(tables, RUNS, plans, "DIESEL") == [Haul("NIGHT", 1, 2, 2),
                                                         Haul("SHORT", 0, 1, 2)]  # fmt: skip
    assert list_hauls(tables, RUNS, plans, "ELECTRIC") == [Haul("NIGHT", 0, 1, 1),
                                                           Haul("SHORT", 0, 1, 1)]  # fmt: skip


def test_locomotives_of_trains_that_run_into_each_other_add_up(tables, build):
    timetable = read(tables, build)
    night = [Haul("NIGHT", 1, 2, 2)]
    # 03:00 to 02:00 a day later: never two trains at once, though one leaves each day.
    assert count_at_once(timetable, night, date(2025, 1, 4), date(2025, 1, 5)) == 2
    whole = [Haul("NIGHT", 0, 2, 1)]
    # 20:00 to 02:00 on the second day behind: two trains overlap from 20:00 to 02:00.
    assert count_at_once(timetable, whole, date(2025, 1, 4), date(2025, 1, 5)) == 2
    short = [*night, Haul("SHORT", 0, 1, 2)]
    assert count_at_once(timetable, short, date(2025, 1, 4), date(2025, 1, 4)) == 4


def test_days_beyond_the_horizon_tell_nothing(tables, build):
    timetable = read(tables, build)
    assert count_at_once(timetable, [], date(2025, 1, 11), date(2025, 2, 1)) is None
    assert count_at_once(timetable, [], date(2025, 1, 10), date(2025, 2, 1)) == 0
