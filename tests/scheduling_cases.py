"""Small scheduling problems made by hand or drawn at random, and works as study tables."""

import itertools
import os
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from arterial.exchange.scheduling import Demand, Mode, ProblemFormat, ScheduleProblem, Task
from arterial.study import conform_table, empty_table

SHARED = Path(os.environ.get("ARTERIAL_SHARED", Path(__file__).parents[2] / "shared"))
LIBRARY = SHARED / "data" / "schedlib"
MONDAY = date(2025, 1, 6)


def task(duration, demands=(), successors=()):
    """A task of one mode; demands as pairs of resource and amount."""
    return Task((Mode(duration, tuple(Demand(*pair) for pair in demands)),), tuple(successors))


def draw_project(seed, n_tasks=8, capacities=(3, 2)):
    """A project with random precedence and demands."""
    rng = np.random.default_rng(seed)
    tasks = []
    for number in range(n_tasks):
        later = [j for j in range(number + 1, n_tasks) if rng.random() < 0.25]
        demands = [(r, int(rng.integers(1, c + 1))) for r, c in enumerate(capacities)]
        chosen = [pair for pair in demands if rng.random() < 0.7]
        tasks.append(task(int(rng.integers(1, 6)), chosen, later))
    return ScheduleProblem(tuple(tasks), capacities)


def draw_shop(seed, n_jobs=3, n_machines=3, *, alternatives=2):
    """A flexible job shop."""
    rng = np.random.default_rng(seed)
    tasks = []
    for _ in range(n_jobs):
        for step in range(n_machines):
            machines = rng.permutation(n_machines)[: int(rng.integers(1, alternatives + 1))]
            modes = tuple(Mode(int(rng.integers(1, 9)), (Demand(int(m)),)) for m in machines)
            is_last = step == n_machines - 1
            tasks.append(Task(modes, () if is_last else (len(tasks) + 1,)))
    return ScheduleProblem(tuple(tasks), (1,) * n_machines, ProblemFormat.FLEXIBLE_JOB_SHOP)


def shortest(problem):
    """The least makespan, by trying every order of tasks in the plain scheduler.

    Serial schedule generation meets an optimum in some order when each task has one mode.
    """
    from arterial.workshop.construction import construct_schedule
    from arterial.workshop.pricing import price_schedule

    numbers = range(len(problem.tasks))
    return min(
        price_schedule(problem, construct_schedule(problem, np.array(rank)))
        for rank in itertools.permutations(numbers)
    )


def table(name, rows):
    """Rows as a study table."""
    if not rows:
        return empty_table(name)
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return conform_table(name, frame, fill_missing=True)


def make_works(*, resources, operations, jobs, holidays=(), materials=(), supplies=()):
    """The tables of a works; one class KO of locomotives.

    Parameters are rows as dictionaries: operations lack the class, jobs may.
    """
    return {
        "works_resources": table("works_resources", [{"name": "x", **row} for row in resources]),
        "works_holidays": table("works_holidays", [{"day": day} for day in holidays]),
        "overhaul_classes": table(
            "overhaul_classes",
            [{"class_id": "KO", "name": "Heavy repair", "vehicle_kind": "locomotive"}],
        ),
        "overhaul_operations": table(
            "overhaul_operations",
            [{"class_id": "KO", "name": f"step {row['sequence']}", **row} for row in operations],
        ),
        "works_jobs": table(
            "works_jobs", [{"class_id": "KO", "arrives_on": MONDAY, **row} for row in jobs]
        ),
        "materials": table(
            "materials", [{"name": "x", "unit": "piece", **row} for row in materials]
        ),
        "material_supplies": table("material_supplies", list(supplies)),
    }


def one_bay(**job):
    """A works of one bay, open Monday to Friday for 8 hours, and an operation of 16 hours on it."""
    return make_works(
        resources=[{"resource_id": "pit", "kind": "bay", "capacity": 1,
                    "weekdays": "Mon;Tue;Wed;Thu;Fri", "hours_per_day": 8.0}],
        operations=[{"sequence": 1, "duration_h": 16.0, "bay_ids": "pit"}],
        jobs=[{"job_id": "a", **job}],
    )  # fmt: skip
