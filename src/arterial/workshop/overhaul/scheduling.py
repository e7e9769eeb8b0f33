"""The locomotive works of a study: schedule, load, bottlenecks, fleet availability.

Main function: :func:`resolve_works`. List search and exact model take turns (:func:`solve_works`)
instead of working side by side, and both count their own effort, so that a study gives the same
schedule on every machine that is fast enough. List search begins all it can as soon as it can, so
vehicles would stand half stripped for months in front of the one bay that is short:
:func:`start_late` lets them begin later, and turns nothing out later.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.errors import InfeasibleError
from arterial.exchange.schedule_check import check_schedule
from arterial.exchange.scheduling import Mode, Schedule, ScheduleProblem, modes_end
from arterial.study import empty_table
from arterial.workshop.bounds import bound_makespan
from arterial.workshop.construction import construct_schedule
from arterial.workshop.effort import EFFORT
from arterial.workshop.exact import solve_exactly
from arterial.workshop.lists.searching import search_lists
from arterial.workshop.overhaul.building import BuiltWorks, build_problem
from arterial.workshop.overhaul.reading import read_works
from arterial.workshop.overhaul.results import (
    count_used_slots,
    late_days,
    list_availability,
    list_load,
    list_schedule,
    list_stays,
)
from arterial.workshop.portfolio import SearchKind, choose_search, improve_schedule, warm_search
from arterial.workshop.pricing import schedule_ends
from arterial.workshop.state import SearchState

__all__ = ["WORKS_S", "resolve_works", "solve_works", "start_late"]

MOST_TRIED: Final = 6
LEAST_SHARE: Final = 0.3
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
    worth_d = _value_resources(
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


def _rank_resources(built: BuiltWorks, schedule: Schedule) -> list[int]:
    """Resources by the share of their slots in use up to the end, busiest first."""
    used = count_used_slots(built, schedule)
    end = max(schedule_ends(built.problem, schedule), default=0)
    capacity = np.array(built.problem.capacities, dtype=np.float64)
    share = used[:, :end].sum(axis=1) / np.maximum(1.0, capacity * max(1, end))
    ranked = sorted(range(len(share)), key=lambda number: (-share[number], number))
    return [number for number in ranked if share[number] >= LEAST_SHARE]


def _value_resources(
    built: BuiltWorks, schedule: Schedule, *, seconds: float, seed: int, effort: int
) -> dict[str, float]:
    """Weighted days of lateness that one more unit of a resource would save.

    The works is scheduled again with one more unit, from the schedule at hand, with the same
    random numbers and the same effort for each resource. Without effort left to the schedule at
    hand the gain could be that of more searching: it is therefore searched once more unchanged,
    and only what goes beyond that counts.

    Parameters
    ----------
    built : BuiltWorks
        The works.
    schedule : Schedule
        Its schedule.
    seconds : float
        Wall time for all resources [s].
    seed, effort : int
        Seed, and rounds of search for each.

    Returns
    -------
    dict
        By resource id, for the busiest ones [d]; others were not tried.
    """
    tried = _rank_resources(built, schedule)[:MOST_TRIED]
    each_s = seconds / (len(tried) + 1)
    same = improve_schedule(built.problem, schedule, seconds=each_s, seed=seed, effort=effort)
    base = late_days(built, same)
    worth = {}
    for number in tried:
        capacities = tuple(c + (r == number) for r, c in enumerate(built.problem.capacities))
        wider = replace(built.problem, capacities=capacities)
        found = improve_schedule(wider, same, seconds=each_s, seed=seed, effort=effort)
        worth[built.resource_ids[number]] = base - late_days(built, found)
    return worth


def start_late(problem: ScheduleProblem, schedule: Schedule) -> Schedule:
    """The same schedule with all but the last operations put off until the next one needs them.

    From the end backwards, each task that has a successor moves to the latest start at which it is
    over before its successors begin and finds its resources free. Tasks without successors stay, so
    neither lateness nor makespan changes; parts come in before, never after.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.
    schedule : Schedule
        A schedule that keeps its rules.

    Returns
    -------
    Schedule
        Of the same value.
    """
    starts, ends = list(schedule.starts), schedule_ends(problem, schedule)
    modes = [task.modes[mode] for task, mode in zip(problem.tasks, schedule.modes, strict=True)]
    free = np.repeat(np.array(problem.capacities)[:, None], len(problem.days), axis=1)
    for mode, start, end in zip(modes, starts, ends, strict=True):
        _hold(free, mode, slice(start, end), 1)
    for number in sorted(range(len(starts)), key=lambda each: (-ends[each], each)):
        # Tasks turned out stay: moving them could put off a due day or block a bay.
        successors = problem.tasks[number].successors
        if not successors:
            continue
        mode, limit = modes[number], min(starts[each] for each in successors)
        _hold(free, mode, slice(starts[number], ends[number]), -1)
        for start in range(limit - 1, starts[number], -1):
            until = modes_end(problem, mode, start)
            if until is None or until > limit:
                continue
            if _fits(problem, mode, free, slice(start, until)):
                starts[number], ends[number] = start, until
                break
        _hold(free, mode, slice(starts[number], ends[number]), 1)
    return replace(schedule, starts=tuple(starts))


def _hold(free: NDArray[np.int64], mode: Mode, span: slice, sign: int) -> None:
    """Take what a mode holds out of what is free, or give it back."""
    for demand in mode.demands:
        free[demand.resource, span] -= sign * demand.amount


def _fits(problem: ScheduleProblem, mode: Mode, free: NDArray[np.int64], span: slice) -> bool:
    """Whether a mode begins in a slot that it works in, and its resources are free."""
    if mode.calendar is not None and not problem.calendars[mode.calendar][span.start]:
        return False
    return all(bool((free[each.resource, span] >= each.amount).all()) for each in mode.demands)


def solve_works(
    built: BuiltWorks, *, seconds: float, seed: int, effort: int = EFFORT.works_rounds
) -> Schedule:
    """Find a good schedule.

    Parameters
    ----------
    built : BuiltWorks
        The works.
    seconds : float
        Wall time not to exceed [s]; where it ends the search, the result depends on the machine.
    seed, effort : int
        Seed, and rounds of list search.

    Returns
    -------
    Schedule
        Starts and modes.
    """
    problem = built.problem
    state = SearchState(problem, seconds=seconds, bound=bound_makespan(problem))
    state.offer(construct_schedule(problem), "construction")
    # On a slow machine the search must not eat the time of the exact model.
    first_s = EFFORT.works_search_share * seconds
    search_lists(
        state,
        seed=seed,
        draw=0,
        is_wanted=lambda: state.used_s < first_s,
        most=EFFORT.first_works_rounds,
    )
    if _is_small(problem) and not state.is_over:
        solve_exactly(
            state,
            seconds=0.6 * (seconds - state.used_s),
            seed=seed,
            effort=EFFORT.works_exact_effort,
        )
    search_lists(state, seed=seed, draw=1, is_wanted=lambda: True, most=effort)
    # Of schedules that are late alike, the one with the fewest vehicles in the works.
    return start_late(problem, state.schedule or construct_schedule(problem))


def _is_small(problem: ScheduleProblem) -> bool:
    """Whether the exact model can be built in a moment."""
    modes = [mode for task in problem.tasks for mode in task.modes]
    rests = sum(mode.calendar is not None for mode in modes)
    cells = rests * len(problem.days)
    return len(problem.tasks) <= EFFORT.most_works_tasks and cells <= EFFORT.most_works_cells
