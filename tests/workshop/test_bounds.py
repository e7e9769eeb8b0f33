"""Bounds without search: below every schedule, and close to the best ones."""

import csv
from itertools import permutations

import numpy as np
import pytest

from arterial.exchange.schedule_files import read_schedule_problem
from arterial.workshop import schedule_tasks
from arterial.workshop.bounds import bound_makespan, bound_one_machine
from scheduling_cases import LIBRARY, draw_project, draw_shop, shortest


def sequence(tasks):
    """Makespan of one machine that works tasks one after another, in the best order."""
    ends = []
    for order in permutations(tasks):
        now = end = 0
        for head, duration, tail in order:
            now = max(now, head) + duration
            end = max(end, now + tail)
        ends.append(end)
    return min(ends)


def pause(tasks):
    """Makespan of one machine that may interrupt: the greatest bound over sets of tasks."""
    best = 0
    for chosen in range(1, 1 << len(tasks)):
        some = [task for place, task in enumerate(tasks) if chosen >> place & 1]
        heads, durations, tails = zip(*some, strict=True)
        best = max(best, min(heads) + sum(durations) + min(tails))
    return best


@pytest.mark.parametrize("seed", range(40))
def test_one_machine_is_bounded_as_by_all_sets_of_tasks_and_below_every_order(seed):
    draw = np.random.default_rng(seed)
    tasks = [tuple(draw.integers([0, 1, 0], 12).tolist()) for _ in range(6)]
    assert bound_one_machine(tasks) == pause(tasks) <= sequence(tasks)


@pytest.mark.parametrize("seed", range(12))
def test_no_schedule_of_a_project_beats_the_bound(seed):
    problem = draw_project(seed, n_tasks=7)
    assert bound_makespan(problem) <= shortest(problem)


@pytest.mark.parametrize("seed", range(6))
def test_no_schedule_of_a_flexible_shop_beats_the_bound(seed):
    problem = draw_shop(seed)
    assert bound_makespan(problem) <= schedule_tasks(problem, seconds=60, seed=seed).value


def test_bounds_of_the_library_lie_below_the_best_known_and_prove_some():
    if not LIBRARY.is_dir():
        pytest.skip("the scheduling library is not beside the checkout")
    proven = set()
    with (LIBRARY / "index.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            bound = bound_makespan(read_schedule_problem(LIBRARY / row["file"]))
            assert bound <= int(row["upper_bound"]), row["file"]
            if bound == int(row["upper_bound"]):
                proven.add(row["file"].rpartition("/")[2])
    # Loads that modes can even out at best; of these the least of each task alone proves none.
    assert {"mk02.txt", "mk03.txt", "mk04.txt", "mk05.txt"} <= proven
