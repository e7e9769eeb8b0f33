"""The scheduler: compiled search and an exact model side by side, within a time limit.

`schedule_tasks` is the main function. Each worker is a thread that goes through a list of stages;
compiled search and solver both run without the interpreter's lock. All share one state: the
solver starts from the best schedule found so far, the search ends when the solver's bound meets it.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from importlib import import_module
from typing import Final

from arterial.compiling import Warming, start_warming
from arterial.errors import InfeasibleError, LimitError
from arterial.exchange.scheduling import Schedule, ScheduleProblem
from arterial.workshop.bounds import bound_makespan
from arterial.workshop.construction import construct_schedule
from arterial.workshop.effort import EFFORT
from arterial.workshop.lists.searching import search_lists
from arterial.workshop.project.searching import search_project
from arterial.workshop.shop.encode import is_shop
from arterial.workshop.shop.searching import search_shop
from arterial.workshop.state import SearchState

__all__ = [
    "MOST_WORKERS",
    "ScheduleOutcome",
    "ScheduleStatus",
    "SearchKind",
    "choose_search",
    "improve_schedule",
    "schedule_tasks",
    "warm_search",
]


class ScheduleStatus(Enum):
    """How far the answer is known to be the best."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


@dataclass(frozen=True, slots=True)
class ScheduleOutcome:
    """A schedule and what is known about it.

    Parameters
    ----------
    schedule : Schedule
        Starts and modes.
    value : int
        Makespan [slots]; with due dates the price of `arterial.workshop.pricing`.
    bound : int
        No schedule has a lower value.
    found_by : str
        Which part of the portfolio found the schedule.
    seconds : float
        Wall time used [s].
    """

    schedule: Schedule
    value: int
    bound: int
    found_by: str
    seconds: float

    @property
    def status(self) -> ScheduleStatus:
        """Optimal when value and bound meet."""
        return ScheduleStatus.OPTIMAL if self.bound >= self.value else ScheduleStatus.FEASIBLE


MOST_WORKERS: Final = 64
POLL_S: Final = 0.02
MOST_STANDING_S: Final = 1.5
"""How long the clock of a search stands at most while its solver and kernels load [s]."""


class SearchKind(Enum):
    """Which compiled search a problem needs."""

    PROJECT = "project"
    SHOP = "shop"
    LISTS = "lists"


class StageKind(Enum):
    """What a worker does for a while."""

    SEARCH = "search"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Stage:
    """A kind of work up to a share of the time."""

    kind: StageKind
    until: float


SEARCHES: Final[Mapping[SearchKind, Callable[..., None]]] = {
    SearchKind.PROJECT: search_project,
    SearchKind.SHOP: search_shop,
    SearchKind.LISTS: search_lists,
}


def schedule_tasks(
    problem: ScheduleProblem,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    workers: int = 1,
    known: Schedule | None = None,
) -> ScheduleOutcome:
    """Find the best schedule that can be found in a time, and a bound.

    Parameters
    ----------
    problem : ScheduleProblem
        Tasks and resources.
    seconds : float
        Wall time to stay within [s].
    seed : int
        Seed of every random number; the result also depends on the speed of the machine.
    workers : int
        Threads.
    known : Schedule, optional
        A schedule that keeps every rule; the outcome is no worse.

    Returns
    -------
    ScheduleOutcome
        The best schedule found, its value and a bound.

    Raises
    ------
    InfeasibleError
        When a task finds no place.
    LimitError
        When a limit is out of range.
    """
    if not 0.0 < seconds < float("inf") or not 1 <= workers <= MOST_WORKERS:
        message = (
            f"It needs some seconds and 1 to {MOST_WORKERS} workers, not {seconds}, {workers}."
        )
        raise LimitError(message)
    state = SearchState(problem, seconds=seconds, bound=bound_makespan(problem))
    if known is not None:
        state.offer(known, "known")
    state.offer(_construct(problem), "construction")
    if not state.is_over:
        _load(state)
    if not state.is_over and problem.stocks:
        # Compiled search chooses modes one by one; what they take in all binds the exact model.
        from arterial.workshop.exact import solve_exactly

        left_s = state.seconds - state.used_s
        solve_exactly(state, seconds=left_s, seed=seed, workers=workers)
    elif not state.is_over:
        _run_workers(state, seed=seed, workers=workers)
    if state.schedule is None or state.value is None:
        message = "No schedule was offered."
        raise RuntimeError(message)
    return ScheduleOutcome(
        schedule=state.schedule,
        value=state.value,
        bound=min(state.bound, state.value),
        found_by=state.found_by,
        seconds=state.used_s,
    )


def _construct(problem: ScheduleProblem) -> Schedule:
    """A first schedule; where stocks bind, of modes that keep to them."""
    if not problem.stocks:
        return construct_schedule(problem)
    from arterial.workshop.exact import choose_modes

    chosen = choose_modes(problem)
    if chosen is None:
        message = "No choice of modes keeps to the stocks: a resource that is used up is too small."
        raise InfeasibleError(message)
    tasks = tuple(
        replace(task, modes=(task.modes[mode],))
        for task, mode in zip(problem.tasks, chosen, strict=True)
    )
    return Schedule(construct_schedule(replace(problem, tasks=tasks)).starts, chosen)


def improve_schedule(
    problem: ScheduleProblem, known: Schedule, *, seconds: float, seed: int, effort: int
) -> Schedule:
    """Search on from a schedule, alone and for a stated effort.

    Unless the time is up before, the result depends on the seed only, not on the machine.

    Parameters
    ----------
    problem : ScheduleProblem
        The problem.
    known : Schedule
        A schedule that keeps every rule; the result is no worse.
    seconds : float
        Wall time to stay within [s].
    seed, effort : int
        Seed, and rounds of the compiled search.

    Returns
    -------
    Schedule
        The best found.
    """
    state = SearchState(problem, seconds=seconds, bound=bound_makespan(problem))
    state.offer(known, "known")
    kind = choose_search(problem)
    SEARCHES[kind](state, seed=seed, draw=0, is_wanted=lambda: True, most=effort)
    return state.schedule or known


def warm_search(kind: SearchKind) -> Warming:
    """Have the kernels of a search compiled in a second process, where they are not yet."""
    return start_warming(f"arterial.workshop.warming:warm_{kind.value}")


def _load(state: SearchState) -> None:
    """Load solver and kernels while the clock stands, for a moment: that alone can take seconds.

    Kernels that are not compiled yet are left to a second process while the clock goes on.
    """
    begun_s = state.used_s
    if state.problem.stocks or len(state.problem.tasks) <= EFFORT.most_exact_tasks:
        import_module("ortools.sat.python.cp_model")
    kind = choose_search(state.problem)
    if not state.problem.stocks and warm_search(kind).is_ready:
        getattr(import_module("arterial.workshop.warming"), f"warm_{kind.value}")()
    state.started_at += min(state.used_s - begun_s, MOST_STANDING_S)


def _run_workers(state: SearchState, *, seed: int, workers: int) -> None:
    """Run the stages of every worker; the first error of one is raised here."""
    kind = choose_search(state.problem)
    warming = warm_search(kind)
    errors: list[BaseException] = []

    def work(number: int, stages: tuple[Stage, ...]) -> None:
        try:
            _run_stages(state, kind, stages, warming, seed=seed, number=number, workers=workers)
        # A thread's error would only be printed, and the best schedule so far be given as if sound.
        except BaseException as error:  # noqa: BLE001 handed over to the caller's thread
            errors.append(error)

    # Threads, not processes: kernels and solver run without the interpreter's lock.
    threads = [
        threading.Thread(target=work, args=(number, stages), daemon=True)
        for number, stages in enumerate(_plan_stages(state.problem, kind, workers, state.seconds))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def choose_search(problem: ScheduleProblem) -> SearchKind:
    """The compiled search that fits a problem."""
    if is_shop(problem):
        return SearchKind.SHOP
    is_project = problem.is_plain and all(len(task.modes) == 1 for task in problem.tasks)
    return SearchKind.PROJECT if is_project else SearchKind.LISTS


def _plan_stages(
    problem: ScheduleProblem, kind: SearchKind, workers: int, seconds: float
) -> list[tuple[Stage, ...]]:
    """What each worker does: one proves for a while, the others search all the time."""
    n_tasks = len(problem.tasks)
    search = Stage(StageKind.SEARCH, 1.0)
    if n_tasks > EFFORT.most_exact_tasks:
        return [(search,)] * workers
    begin, end = _exact_window(n_tasks, kind, workers)
    begin = min(begin, EFFORT.search_s_per_task * n_tasks / seconds)
    prover = (Stage(StageKind.SEARCH, begin), Stage(StageKind.EXACT, end), search)
    return [(search,)] * (workers - 1) + [prover]


def _exact_window(n_tasks: int, kind: SearchKind, workers: int) -> tuple[float, float]:
    """Shares of the time at which the exact model starts and stops; found by trial."""
    if kind is SearchKind.PROJECT:
        end = next(share for most, share in EFFORT.exact_shares if n_tasks <= most)
    else:
        end = 1.0
    return (0.1, end) if workers > 1 else (0.25, 0.25 + 0.6 * end)


def _run_stages(
    state: SearchState,
    kind: SearchKind,
    stages: tuple[Stage, ...],
    warming: Warming,
    *,
    seed: int,
    number: int,
    workers: int,
) -> None:
    """Go through the stages of one worker."""
    from arterial.workshop.exact import solve_exactly

    proves = any(stage.kind is StageKind.EXACT for stage in stages)
    if proves and not warming.is_ready:
        left_s = state.seconds - state.used_s
        # The others wait: the solver may have their threads, but for the one that compiles.
        solve_exactly(
            state,
            seconds=left_s,
            seed=seed,
            workers=max(1, workers - 1),
            is_wanted=lambda: not warming.is_ready,
        )
    while not warming.is_ready and not state.is_over:
        threading.Event().wait(POLL_S)
    # Shares are of what loading and compiling have left, so that no stage is passed over.
    begun_s = state.used_s
    for place, stage in enumerate(stages):
        ends_s = begun_s + stage.until * (state.seconds - begun_s)
        left_s = ends_s - state.used_s
        if state.is_over or left_s <= 0:
            continue
        if stage.kind is StageKind.EXACT:
            solve_exactly(state, seconds=left_s, seed=seed)
        else:
            SEARCHES[kind](
                state,
                seed=seed,
                draw=number + MOST_WORKERS * place,
                is_wanted=lambda ends_s=ends_s: state.used_s < ends_s,
            )
