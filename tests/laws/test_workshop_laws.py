"""Laws of scheduling that hold whatever the tasks, and queues whose mean is known."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.scheduling import Schedule, ScheduleProblem, Task
from arterial.workshop import ScheduleStatus, schedule_tasks
from arterial.workshop.construction import construct_schedule
from arterial.workshop.overhaul.scheduling import resolve_works
from arterial.workshop.portfolio import improve_schedule
from arterial.workshop.pricing import price_schedule, schedule_ends
from scheduling_cases import MONDAY, draw_project, draw_shop, make_works, one_bay, task

SEEDS = range(3)


def optimum(problem):
    """The proven value."""
    found = schedule_tasks(problem, seconds=60)
    assert found.status is ScheduleStatus.OPTIMAL
    assert check_schedule(problem, found.schedule).is_accepted
    return found.value


def drop(problem, number):
    """The problem without a task that nothing waits for."""
    keep = [n for n in range(len(problem.tasks)) if n != number]
    new = {old: place for place, old in enumerate(keep)}
    tasks = []
    for one in (problem.tasks[n] for n in keep):
        followers = tuple(new[s] for s in one.successors if s in new)
        tasks.append(replace(one, successors=followers))
    return replace(problem, tasks=tuple(tasks))


@pytest.mark.parametrize("seed", SEEDS)
def test_more_of_a_resource_never_lengthens_the_optimum(seed):
    problem = draw_project(seed)
    value = optimum(problem)
    for resource in range(2):
        more = tuple(c + (r == resource) for r, c in enumerate(problem.capacities))
        assert optimum(replace(problem, capacities=more)) <= value


@pytest.mark.parametrize("seed", SEEDS)
def test_more_of_a_resource_never_worsens_a_schedule_searched_on_from_it(seed):
    problem = draw_project(seed, n_tasks=30)
    known = improve_schedule(problem, construct_schedule(problem), seconds=600, seed=1, effort=1)
    more = replace(problem, capacities=tuple(c + 1 for c in problem.capacities))
    found = improve_schedule(more, known, seconds=600, seed=1, effort=1)
    assert price_schedule(more, found) <= price_schedule(problem, known)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_task_less_never_lengthens_the_optimum(seed):
    problem = draw_project(seed)
    value = optimum(problem)
    for number, one in enumerate(problem.tasks):
        if not one.successors:
            assert optimum(drop(problem, number)) <= value


@pytest.mark.parametrize("seed", SEEDS)
def test_the_names_of_the_tasks_do_not_change_the_optimum(seed):
    problem = draw_project(seed)
    order = np.random.default_rng(seed).permutation(len(problem.tasks))
    place = np.argsort(order)
    tasks = tuple(
        replace(
            problem.tasks[old],
            successors=tuple(int(place[s]) for s in problem.tasks[old].successors),
        )
        for old in order
    )
    assert optimum(replace(problem, tasks=tasks)) == optimum(problem)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_machine_more_to_choose_never_lengthens_the_optimum(seed):
    problem = draw_shop(seed)
    fewer = tuple(replace(one, modes=one.modes[:1]) for one in problem.tasks)
    assert optimum(problem) <= optimum(replace(problem, tasks=fewer))


@pytest.mark.parametrize("shift_d", [7, 28])
def test_whole_weeks_later_the_works_does_the_same(shift_d):
    later = timedelta(days=shift_d)
    due = MONDAY + timedelta(days=4)
    first = resolve_works(one_bay(vehicles_count=3, due_on=due), MONDAY, seconds=20)
    moved = resolve_works(
        one_bay(vehicles_count=3, due_on=due + later, arrives_on=MONDAY + later),
        MONDAY + later,
        seconds=20,
    )
    before, after = first["works_schedule"], moved["works_schedule"]
    assert (after["from_day"] - before["from_day"]).unique().to_list() == [later]
    assert after["late_d"].equals(before["late_d"])


def arrivals(seed, n_vehicles, rate_per_slot):
    """Slots of arrival with exponential gaps."""
    gaps = np.random.default_rng(seed).exponential(1 / rate_per_slot, n_vehicles)
    return np.floor(np.cumsum(gaps)).astype(int)


def test_waiting_for_one_bay_follows_the_formula_of_pollaczek_and_khinchine():
    # Geometric gaps in whole slots come near M/D/1: wait = rho s / 2(1 - rho), less half a slot.
    length, rate = 20, 0.03
    slots = arrivals(1, 1000, rate)
    tasks = tuple(Task(task(length, ((0, 1),)).modes, (), int(slot)) for slot in slots)
    problem = ScheduleProblem(tasks, (1,))
    schedule = construct_schedule(problem, slots)
    wait = np.mean(np.array(schedule.starts) - slots)
    rho = rate * length
    assert wait == pytest.approx(rho * length / (2 * (1 - rho)), rel=0.1)


def test_vehicles_in_the_works_are_arrivals_times_stay():
    tables = one_bay(vehicles_count=20, spacing_d=3)
    result = resolve_works(tables, MONDAY, seconds=20)
    schedule, fleet = result["works_schedule"], result["fleet_availability"]
    came = [MONDAY + timedelta(days=3 * (v - 1)) for v in schedule["vehicle"]]
    stay_d = sum((out - day).days + 1 for out, day in zip(schedule["to_day"], came, strict=True))
    months = fleet["month"].to_list()
    spans = [((m + timedelta(days=32)).replace(day=1) - max(m, MONDAY)).days for m in months]
    inside_d = sum(m * s for m, s in zip(fleet["in_works_mean"], spans, strict=True))
    assert inside_d == pytest.approx(stay_d)
    assert fleet["turned_out"].sum() == fleet["cumulative"][-1] == 20


def test_in_the_long_run_the_bottleneck_sets_the_throughput():
    # Two bays of 24 h a vehicle and one of 16 h: 12 h and 16 h each, so the latter rules.
    tables = make_works(
        resources=[
            {"resource_id": "strip", "kind": "bay", "capacity": 2, "hours_per_day": 8.0},
            {"resource_id": "paint", "kind": "bay", "capacity": 1, "hours_per_day": 8.0},
        ],
        operations=[
            {"sequence": 1, "duration_h": 24.0, "bay_ids": "strip"},
            {"sequence": 2, "duration_h": 16.0, "bay_ids": "paint"},
        ],
        jobs=[{"job_id": "a", "vehicles_count": 40}],
    )
    schedule = resolve_works(tables, MONDAY, seconds=20)["works_schedule"]
    # The first is stripped in 24 h, then one comes out every 16 h; two come at a time at first.
    assert schedule["to_h"].max() == 24 + 40 * 16


def test_no_bay_holds_two_vehicles_and_no_trade_more_than_its_workers():
    problem = draw_project(5, n_tasks=30)
    found = improve_schedule(problem, construct_schedule(problem), seconds=600, seed=2, effort=1)
    ends = schedule_ends(problem, found)
    for resource, capacity in enumerate(problem.capacities):
        for slot in range(max(ends)):
            held = sum(
                demand.amount
                for one, start, end in zip(problem.tasks, found.starts, ends, strict=True)
                for demand in one.modes[0].demands
                if demand.resource == resource and start <= slot < end
            )
            assert held <= capacity
    assert isinstance(found, Schedule)
