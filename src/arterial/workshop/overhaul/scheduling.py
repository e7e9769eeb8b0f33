"""The locomotive works of a study: schedule, load, bottlenecks, fleet availability.

Main function: :func:`resolve_works`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from arterial.errors import InfeasibleError
from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.scheduling import Schedule
from arterial.study import empty_table
from arterial.workshop.effort import EFFORT
from arterial.workshop.overhaul.bottlenecks import value_resources
from arterial.workshop.overhaul.building import BuiltWorks, build_problem
from arterial.workshop.overhaul.reading import read_works
from arterial.workshop.overhaul.results import (
    list_availability,
    list_load,
    list_schedule,
    list_stays,
)
from arterial.workshop.overhaul.solving import solve_works
from arterial.workshop.portfolio import SearchKind, choose_search, warm_search

__all__ = ["WORKS_S", "resolve_works"]

WORKS_TABLES: Final = ("works_schedule", "works_load", "works_stays", "fleet_availability")
# Wall time that a works may take within another analysis [s].
WORKS_S: Final = 20.0


def resolve_works(
    tables: Mapping[str, pl.DataFrame], as_of: date, *, seconds: float = 60.0, seed: int = 0
) -> Mapping[str, pl.DataFrame]:
    """Schedule the jobs of a works and say what its resources are worth.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``works_resources``, ``works_holidays``, ``overhaul_classes``, ``overhaul_operations``,
        ``works_jobs``, ``materials``, ``material_supplies``, with their defaults.
    as_of : date
        First day of the schedule.
    seconds : float
        Wall time not to exceed [s], compiling once on a machine left out; small works end sooner.
    seed : int
        Seed of the search.

    Returns
    -------
    mapping of str to DataFrame
        ``works_schedule``, ``works_load``, ``works_stays``, ``fleet_availability``; all empty
        without jobs.

    Raises
    ------
    StudyError
        With every fault of the tables.
    InfeasibleError
        When no schedule exists, and why.
    """
    if tables["works_jobs"].is_empty():
        return {name: empty_table(name) for name in WORKS_TABLES}
    # What cannot be scheduled is said first, with file, row and cure.
    rows = read_works(tables)
    # Compiled meanwhile, once a machine; within the time it would change what is found.
    warming = warm_search(SearchKind.LISTS)
    built = build_problem(rows, as_of)
    for kernels in (warming, warm_search(choose_search(built.problem))):
        kernels.wait()
    schedule = solve_works(built, seconds=EFFORT.works_schedule_share * seconds, seed=seed)
    _judge(built, schedule)
    # Only against the same search without it does one more bay show its worth.
    worth_d = value_resources(
        built, schedule, seconds=(1 - EFFORT.works_schedule_share) * seconds, seed=seed,
        effort=EFFORT.value_rounds,
    )  # fmt: skip
    return {
        "works_schedule": list_schedule(built, schedule),
        "works_load": list_load(built, rows, schedule, worth_d),
        "works_stays": list_stays(built, rows, schedule),
        "fleet_availability": list_availability(built, rows, schedule),
    }


def _judge(built: BuiltWorks, schedule: Schedule) -> None:
    """Have the independent judge look at a schedule before anything is said of it."""
    verdict = check_schedule(built.problem, schedule)
    if not verdict.is_accepted:
        message = "The schedule found breaks a rule; nothing is reported."
        raise InfeasibleError(message, verdict.faults)
