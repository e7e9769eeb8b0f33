"""The exact model of a scheduling problem for CP-SAT; main function `solve_exactly`.

The solver starts from the best schedule so far, writes what it finds and its bound there,
and stops when the shared state says so.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from arterial.exchange.scheduling import Mode, Schedule, ScheduleProblem, modes_end
from arterial.workshop.pricing import lateness_factor
from arterial.workshop.state import SearchState

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

__all__ = ["ExactModel", "choose_modes", "solve_exactly"]

LARGEST_SEED: Final = 2**31 - 1
POLL_S: Final = 0.02
MODES_EFFORT: Final = 10.0
"""Most of the solver's own count of effort to choose modes that keep to the stocks."""


@dataclass(slots=True)
class ExactModel:
    """A model and its variables.

    Parameters
    ----------
    model : CpModel
        The model.
    horizon : int
        No task ends later.
    starts, ends : list
        Variables of each task.
    presences : list of list
        Whether each mode of a task is chosen; a single mode has the constant 1.
    holdings : list of list
        Intervals on each resource with their amounts.
    rests : dict
        End by start, for each duration and calendar.
    """

    model: "cp_model.CpModel"
    horizon: int
    starts: list[Any] = field(default_factory=list)
    ends: list[Any] = field(default_factory=list)
    presences: list[list[Any]] = field(default_factory=list)
    holdings: list[list[tuple[Any, int]]] = field(default_factory=list)
    rests: dict[tuple[int, int], list[int | None]] = field(default_factory=dict)


def solve_exactly(
    state: SearchState,
    *,
    seconds: float,
    seed: int,
    workers: int = 1,
    effort: float = math.inf,
    is_wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Search and prove with the exact model; results go to the shared state.

    Parameters
    ----------
    state : SearchState
        Holds a first schedule.
    seconds : float
        Wall time to stay within [s].
    seed, workers : int
        Seed and threads of the solver.
    effort : float
        Most of the solver's own count of effort; with one thread it does not depend on the machine.
    is_wanted : callable
        The search stops when it says no.
    """
    deadline = time.perf_counter() + seconds
    from ortools.sat.python import cp_model

    problem, known = state.problem, state.schedule
    if known is None or state.value is None:
        return
    exact = _build_model(problem, state.value, known=known, bound=state.bound)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = seed % LARGEST_SEED
    solver.parameters.num_workers = workers
    if workers == 1:
        # Linear relaxations cost a lone worker more than they give (measured on projects).
        solver.parameters.linearization_level = 0
    # Building the model took its part of the time.
    solver.parameters.max_time_in_seconds = max(0.01, deadline - time.perf_counter())
    # The solver's own count: the only limit that gives the same schedule on every machine.
    solver.parameters.max_deterministic_time = effort
    # The bound ends the other searches at once where it meets their schedule.
    solver.best_bound_callback = lambda bound: state.raise_bound(math.ceil(bound - 1e-6))

    class Listener(cp_model.CpSolverSolutionCallback):
        """Offers each solution."""

        def on_solution_callback(self) -> None:
            """Take over starts and modes."""
            state.offer(_read_solution(exact, self), "exact")

    is_done = threading.Event()
    watch = threading.Thread(target=_watch, args=(solver, state, is_done, is_wanted), daemon=True)
    watch.start()
    try:
        status = solver.solve(exact.model, Listener())
    finally:
        is_done.set()
        watch.join()
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        # A float: a hair above a whole number is that number and not the next.
        state.raise_bound(math.ceil(solver.best_objective_bound - 1e-6))
    elif status == cp_model.INFEASIBLE:
        # The model only looks for schedules that are no worse than the known one.
        state.raise_bound(state.value)


def _watch(
    solver: "cp_model.CpSolver",
    state: SearchState,
    is_done: threading.Event,
    is_wanted: Callable[[], bool],
) -> None:
    """Stop the solver when others have decided the question."""
    while not is_done.wait(POLL_S):
        if state.is_over or not is_wanted():
            solver.stop_search()


def _build_model(
    problem: ScheduleProblem, value: int, *, known: Schedule, bound: int = 0
) -> ExactModel:
    """Write down the problem: schedules of at most a value.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.
    value : int
        Value of the known schedule.
    known : Schedule
        Given as hint.
    bound : int
        PooledPlan bound of the value.

    Returns
    -------
    ExactModel
        Model and variables.
    """
    from ortools.sat.python import cp_model

    horizon = len(problem.days) if problem.due_dates else value
    exact = ExactModel(cp_model.CpModel(), horizon)
    exact.holdings = [[] for _ in problem.capacities]
    _define_tasks(exact, problem)
    _define_precedence(exact, problem)
    _define_resources(exact, problem)
    _define_parts(exact, problem)
    _define_stocks(exact, problem)
    makespan = exact.model.new_int_var(0, horizon, "makespan")
    exact.model.add_max_equality(makespan, exact.ends)
    late = _define_lateness(exact, problem)
    objective = makespan if late is None else late * lateness_factor(problem) + makespan
    exact.model.add(objective >= bound)
    # Equal value is allowed, so that infeasible proves the known one to be the best.
    exact.model.add(objective <= value)
    exact.model.minimize(objective)
    for number, (start, mode) in enumerate(zip(known.starts, known.modes, strict=True)):
        exact.model.add_hint(exact.starts[number], start)
        for place, presence in enumerate(exact.presences[number]):
            if len(exact.presences[number]) > 1:
                exact.model.add_hint(presence, place == mode)
    return exact


def _define_tasks(exact: ExactModel, problem: ScheduleProblem) -> None:
    """Starts, ends and modes: ``end = start + duration`` of the one mode chosen."""
    model, horizon = exact.model, exact.horizon
    for number, task in enumerate(problem.tasks):
        start = model.new_int_var(min(task.release, horizon), horizon, f"start_{number}")
        is_fixed = len(task.modes) == 1 and task.modes[0].calendar is None
        end = (
            start + task.modes[0].duration
            if is_fixed
            else model.new_int_var(0, horizon, f"end_{number}")
        )
        exact.starts.append(start)
        exact.ends.append(end)
        if is_fixed:
            model.add(end <= horizon)
        if len(task.modes) == 1:
            presences: list[Any] = [1]
        else:
            presences = [model.new_bool_var(f"mode_{number}_{m}") for m in range(len(task.modes))]
            model.add_exactly_one(presences)
        exact.presences.append(presences)
        for mode, presence in zip(task.modes, presences, strict=True):
            _define_mode(exact, problem, number, mode, presence)


def _define_mode(
    exact: ExactModel,
    problem: ScheduleProblem,
    number: int,
    mode: Mode,
    presence: Any,  # noqa: ANN401
) -> None:
    """One mode: its interval holds its resources from start to end while it is chosen."""
    model, start, end = exact.model, exact.starts[number], exact.ends[number]
    name = f"interval_{number}_{len(exact.holdings)}"
    is_single = isinstance(presence, int)
    if mode.calendar is None and is_single:
        interval = model.new_fixed_size_interval_var(start, mode.duration, name)
    elif mode.calendar is None:
        interval = model.new_optional_interval_var(start, mode.duration, end, presence, name)
    else:
        size = model.new_int_var(0, exact.horizon, f"size_{number}")
        enforce: list[Any] = [] if is_single else [presence]
        _define_rest(exact, problem, number, mode, enforce)
        interval = model.new_optional_interval_var(start, size, end, presence, name)
    if mode.duration:
        for demand in mode.demands:
            exact.holdings[demand.resource].append((interval, demand.amount))


def _define_rest(
    exact: ExactModel, problem: ScheduleProblem, number: int, mode: Mode, enforce: list[Any]
) -> None:
    """A mode with slots of rest: it starts in a shift and ends when its work is done."""
    from ortools.sat.python import cp_model

    assert mode.calendar is not None  # noqa: S101 as the caller knows
    slots = problem.calendars[mode.calendar]
    key = (mode.duration, mode.calendar)
    if key not in exact.rests:
        exact.rests[key] = [modes_end(problem, mode, slot) for slot in range(exact.horizon)]
    table = exact.rests[key]
    worked = [s for s, end in enumerate(table) if slots[s] and end is not None]
    domain = cp_model.Domain.FromValues(worked)
    start = exact.starts[number]
    exact.model.add_linear_expression_in_domain(start, domain).only_enforce_if(enforce)
    reached = exact.model.new_int_var(0, exact.horizon, f"reached_{number}")
    ends = [exact.horizon if end is None else end for end in table] + [exact.horizon]
    exact.model.add_element(start, ends, reached)
    exact.model.add(exact.ends[number] == reached).only_enforce_if(enforce)


def _define_precedence(exact: ExactModel, problem: ScheduleProblem) -> None:
    """A successor starts after the end: ``start[j] >= end[i]``."""
    for number, task in enumerate(problem.tasks):
        for successor in task.successors:
            exact.model.add(exact.starts[successor] >= exact.ends[number])


def _define_resources(exact: ExactModel, problem: ScheduleProblem) -> None:
    """At each slot the amounts held add up to the capacity at most."""
    for capacity, holdings in zip(problem.capacities, exact.holdings, strict=True):
        if not holdings:
            continue
        intervals = [interval for interval, _ in holdings]
        amounts = [amount for _, amount in holdings]
        # No two fit side by side, and that says more to the solver than a sum does.
        if all(2 * amount > capacity for amount in amounts):
            exact.model.add_no_overlap(intervals)
        else:
            exact.model.add_cumulative(intervals, amounts, capacity)


def _define_parts(exact: ExactModel, problem: ScheduleProblem) -> None:
    """What was used of a part up to a slot never exceeds what has come in."""
    for part, supplies in enumerate(problem.supplies):
        uses = [
            (exact.starts[number], use.amount)
            for number, task in enumerate(problem.tasks)
            for use in task.parts
            if use.resource == part and use.amount
        ]
        if uses:
            times: list[Any] = [supply.at for supply in supplies] + [start for start, _ in uses]
            changes = [supply.amount for supply in supplies] + [-amount for _, amount in uses]
            total = sum(supply.amount for supply in supplies)
            exact.model.add_reservoir_constraint(times, changes, 0, max(1, total))


def _define_stocks(exact: ExactModel, problem: ScheduleProblem) -> None:
    """The modes chosen take no more than a stock: ``sum use[i, m] * presence[i, m] <= stock``."""
    for number, stock in enumerate(problem.stocks):
        terms = [
            use.amount * presence
            for task, presences in zip(problem.tasks, exact.presences, strict=True)
            for mode, presence in zip(task.modes, presences, strict=True)
            for use in mode.uses
            if use.resource == number
        ]
        if terms:
            exact.model.add(sum(terms) <= stock)


def choose_modes(problem: ScheduleProblem) -> tuple[int, ...] | None:
    """Modes that keep to the stocks and last least in all; None where there are none."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    exact = ExactModel(model, 0)
    for number, task in enumerate(problem.tasks):
        names = [f"mode_{number}_{mode}" for mode in range(len(task.modes))]
        exact.presences.append([model.new_bool_var(name) for name in names])
        model.add_exactly_one(exact.presences[-1])
    _define_stocks(exact, problem)
    model.minimize(
        sum(
            mode.duration * presence
            for task, presences in zip(problem.tasks, exact.presences, strict=True)
            for mode, presence in zip(task.modes, presences, strict=True)
        )
    )
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = MODES_EFFORT
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None
    return tuple(
        next(place for place, presence in enumerate(row) if solver.boolean_value(presence))
        for row in exact.presences
    )


def _define_lateness(exact: ExactModel, problem: ScheduleProblem) -> Any:  # noqa: ANN401
    """Weighted days of lateness: ``weight * max(0, day(end) - due)``; None without due dates."""
    if not problem.due_dates:
        return None
    model = exact.model
    terms = []
    for place, due in enumerate(problem.due_dates):
        last = model.new_int_var(0, exact.horizon, f"last_{place}")
        model.add_max_equality(last, [exact.ends[task] for task in due.tasks])
        table = [0] + [max(0, day - due.day) for day in problem.days]
        days = model.new_int_var(0, max(table), f"late_{place}")
        model.add_element(last, table, days)
        terms.append(due.weight * days)
    return sum(terms)


def _read_solution(exact: ExactModel, values: "cp_model.CpSolverSolutionCallback") -> Schedule:
    """Starts and modes of a solution."""
    starts = tuple(int(values.value(start)) for start in exact.starts)
    modes = tuple(
        0 if len(row) == 1 else next(m for m, p in enumerate(row) if values.boolean_value(p))
        for row in exact.presences
    )
    return Schedule(starts, modes)
