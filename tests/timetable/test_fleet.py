"""The works takes vehicles from the timetable of a study: coach sets and locomotives by hand."""

from datetime import date

import polars as pl
import pytest

from arterial.flows.run import RunOutcome, resolve_study
from arterial.study import Study, conform_table, read_study

# A Monday. One train a day leaves Northport at 21:30, and two are never under way at once.
FIRST = date(2026, 1, 12)


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
