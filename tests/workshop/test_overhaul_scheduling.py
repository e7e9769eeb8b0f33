"""A works from its tables to schedule, load and availability, with numbers counted by hand."""

from datetime import date

import polars as pl
import pytest

from arterial.errors import InfeasibleError, StudyError
from arterial.workshop.overhaul import scheduling as works
from arterial.workshop.overhaul.scheduling import resolve_works, solve_works
from scheduling_cases import MONDAY, make_works, one_bay


def resolve(tables, **options):
    """Result tables of a works from Monday, 6 January 2025."""
    return resolve_works(tables, MONDAY, **{"seconds": 20.0, "seed": 1} | options)


def days(tables, column="to_day"):
    """Days of a schedule, vehicle by vehicle."""
    return resolve(tables)["works_schedule"].sort("vehicle", "sequence")[column].to_list()


def test_an_operation_of_two_days_begun_on_monday_ends_on_tuesday():
    assert days(one_bay()) == [date(2025, 1, 7)]


def test_vehicles_of_one_bay_follow_each_other_and_rest_on_the_weekend():
    # Mon-Tue, Wed-Thu, then Friday and, over the weekend, Monday.
    assert sorted(days(one_bay(vehicles_count=3))) == [
        date(2025, 1, 7), date(2025, 1, 9), date(2025, 1, 13)
    ]  # fmt: skip


def test_a_holiday_shifts_what_comes_after():
    tables = one_bay()
    tables["works_holidays"] = make_works(resources=[], operations=[], jobs=[],
        holidays=[date(2025, 1, 7)])["works_holidays"]  # fmt: skip
    assert days(tables) == [date(2025, 1, 8)]


def test_a_vehicle_waits_for_its_arrival():
    assert days(one_bay(arrives_on=date(2025, 1, 11))) == [date(2025, 1, 14)]


def test_lateness_is_the_days_behind_the_day_it_was_wanted():
    schedule = resolve(one_bay(vehicles_count=3, due_on=date(2025, 1, 10)))["works_schedule"]
    assert sorted(schedule["late_d"].to_list()) == [0.0, 0.0, 3.0]


def test_a_bay_and_a_trade_with_different_weeks_work_only_when_both_do():
    tables = make_works(
        resources=[
            {"resource_id": "pit", "kind": "bay", "capacity": 1, "weekdays": "Mon;Tue;Wed"},
            {"resource_id": "fit", "kind": "trade", "capacity": 5, "weekdays": "Wed;Thu;Fri"},
        ],
        operations=[{"sequence": 1, "duration_h": 16.0, "bay_ids": "pit", "trade_id": "fit"}],
        jobs=[{"job_id": "a"}],
    )
    row = resolve(tables)["works_schedule"].row(0, named=True)
    # Wednesdays only: the 8th and the 15th.
    assert (row["from_day"], row["to_day"]) == (date(2025, 1, 8), date(2025, 1, 15))


def test_a_shift_of_four_hours_takes_twice_the_days():
    tables = one_bay()
    tables["works_resources"] = tables["works_resources"].with_columns(hours_per_day=4.0)
    assert days(tables) == [date(2025, 1, 9)]


def test_a_vehicle_waits_for_its_part():
    tables = make_works(
        resources=[{"resource_id": "pit", "kind": "bay", "capacity": 5}],
        operations=[{"sequence": 1, "duration_h": 8.0, "bay_ids": "pit",
                     "material_id": "wheel", "quantity": 4.0}],
        jobs=[{"job_id": "a", "vehicles_count": 3}],
        materials=[{"material_id": "wheel", "stock": 4.0, "supply_per_month": 0.0}],
        supplies=[{"material_id": "wheel", "month": date(2025, 2, 1), "supply": 4.0},
                  {"material_id": "wheel", "month": date(2025, 3, 1), "supply": 9.0}],
    )  # fmt: skip
    assert sorted(days(tables)) == [date(2025, 1, 6), date(2025, 2, 1), date(2025, 3, 1)]


def test_parts_that_never_come_are_named():
    tables = make_works(
        resources=[{"resource_id": "pit", "kind": "bay", "capacity": 5}],
        operations=[{"sequence": 1, "duration_h": 8.0, "bay_ids": "pit",
                     "material_id": "wheel", "quantity": 4.0}],
        jobs=[{"job_id": "a", "vehicles_count": 3}],
        materials=[{"material_id": "wheel", "stock": 4.0, "supply_per_month": 0.0}],
    )  # fmt: skip
    with pytest.raises(InfeasibleError, match="need 12 of wheel, but only 4 ever come"):
        resolve(tables)


def test_resources_that_never_work_together_are_named():
    tables = make_works(
        resources=[
            {"resource_id": "pit", "kind": "bay", "capacity": 1, "weekdays": "Mon"},
            {"resource_id": "fit", "kind": "trade", "capacity": 5, "weekdays": "Tue"},
        ],
        operations=[{"sequence": 1, "duration_h": 8.0, "bay_ids": "pit", "trade_id": "fit"}],
        jobs=[{"job_id": "a"}],
    )
    with pytest.raises(InfeasibleError, match="no slot in which all its resources work"):
        resolve(tables)


def test_every_fault_of_the_tables_is_named_at_once():
    tables = make_works(
        resources=[{"resource_id": "pit", "kind": "bay", "capacity": 1}],
        operations=[
            {"sequence": 1, "duration_h": 8.0, "bay_ids": "pitt"},
            {"sequence": 2, "duration_h": 8.0, "trade_id": "pit", "workers_count": 3},
            {"sequence": 3, "duration_h": 8.0, "after": "3;9", "material_id": "oil"},
        ],
        jobs=[{"job_id": "a"}, {"job_id": "b", "class_id": "TO"}],
    )
    with pytest.raises(StudyError) as refused:
        resolve(tables)
    causes = " ".join(fault.cause for fault in refused.value.faults)
    for part in (
        "no resource pitt",
        "needs 3 of pit, there are 1",
        "comes after 9",
        "Operations 3 of KO wait for each other",
        "no material oil",
        "Class TO of job b has no operations",
    ):
        assert part in causes
    assert refused.value.faults[0].near == ("pit",)


def test_load_counts_hours_worked_and_hours_there_are():
    load = resolve(one_bay(vehicles_count=3))["works_load"].row(0, named=True)
    # January from the 6th: 20 weekdays of 8 hours; three vehicles of 16 hours.
    assert (load["used_h"], load["available_h"]) == (48.0, 160.0)
    assert load["used_share"] == pytest.approx(0.3)


def test_a_second_bay_is_worth_the_lateness_that_it_saves():
    tables = one_bay(vehicles_count=4, due_on=date(2025, 1, 9), weight=2.0)
    result = resolve(tables)
    # One bay: the last on Wednesday 15th, six days late. Two bays: all by Thursday 9th.
    assert result["works_schedule"]["late_d"].max() == 6.0
    assert result["works_load"]["worth_d"].unique().to_list() == [12.0]


def test_availability_counts_vehicles_out_and_waiting():
    fleet = resolve(one_bay(vehicles_count=2))["fleet_availability"].row(0, named=True)
    # Out on the 7th and the 9th: 2 + 4 vehicle-days of the 26 days from the 6th.
    assert (fleet["turned_out"], fleet["cumulative"]) == (2, 2)
    assert fleet["in_works_mean"] == pytest.approx(6 / 26)


def test_without_jobs_every_table_is_empty():
    tables = make_works(resources=[], operations=[], jobs=[])
    assert all(frame.is_empty() for frame in resolve(tables).values())


def test_the_same_seed_gives_the_same_tables():
    tables = make_works(
        resources=[
            {"resource_id": "pit", "kind": "bay", "capacity": 1},
            {"resource_id": "lift", "kind": "bay", "capacity": 1},
            {"resource_id": "fit", "kind": "trade", "capacity": 5},
        ],
        operations=[
            {"sequence": 1, "duration_h": 16.0, "bay_ids": "pit;lift", "trade_id": "fit",
             "workers_count": 3},
            {"sequence": 2, "duration_h": 24.0, "bay_ids": "lift"},
        ],
        jobs=[{"job_id": name, "vehicles_count": 4, "due_on": date(2025, 1, 14)} for name in "ab"],
    )  # fmt: skip
    first, again = (resolve(tables, seconds=600.0) for _ in range(2))
    assert all(first[name].equals(again[name]) for name in first)
    assert first["works_schedule"].select(pl.col("late_d").sum()).item() > 0


def test_the_clock_starts_only_when_the_kernels_are_compiled(monkeypatch):
    steps = []

    class Waited:
        def wait(self):
            steps.append("compiled")

    def solve(*arguments, **options):
        steps.append("solved")
        return solve_works(*arguments, **options)

    monkeypatch.setattr(works, "warm_search", lambda _kind: Waited())
    monkeypatch.setattr(works, "solve_works", solve)
    resolve(one_bay())
    assert steps == ["compiled", "compiled", "solved"]
