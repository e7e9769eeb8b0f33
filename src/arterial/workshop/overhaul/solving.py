"""Schedule a works with a stated effort; main function `solve_works`.

List search and exact model take turns instead of working side by side, and both count their own
effort, so that a study gives the same schedule on every machine that is fast enough.
"""

from arterial.exchange.scheduling import Schedule, ScheduleProblem
from arterial.workshop.bounds import bound_makespan
from arterial.workshop.construction import construct_schedule
from arterial.workshop.effort import EFFORT
from arterial.workshop.exact import solve_exactly
from arterial.workshop.lists.searching import search_lists
from arterial.workshop.overhaul.building import BuiltWorks
from arterial.workshop.overhaul.late_starts import start_late
from arterial.workshop.state import SearchState

__all__ = ["solve_works"]


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
