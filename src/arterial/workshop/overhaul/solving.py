"""Schedule a works with a stated effort; main function `solve_works`.

List search and exact model take turns instead of working side by side, and both count their own
effort, so that a study gives the same schedule on every machine that is fast enough.
"""

from dataclasses import dataclass
from typing import Final

from arterial.exchange.scheduling import Schedule, ScheduleProblem
from arterial.workshop.bounds import bound_makespan
from arterial.workshop.construction import construct_schedule
from arterial.workshop.exact import solve_exactly
from arterial.workshop.lists.searching import search_lists
from arterial.workshop.overhaul.building import BuiltWorks
from arterial.workshop.overhaul.late_starts import start_late
from arterial.workshop.state import SearchState

__all__ = ["SolvedWorks", "solve_works"]

# Rounds of list search, each some 20,000 tasks placed.
EFFORT: Final = 60
# Rounds before the exact model begins.
FIRST_EFFORT: Final = 5
# The exact model is tried up to so many tasks, and so long in the solver's own count.
MOST_EXACT_TASKS: Final = 300
# Modes with slots of rest need a table over the whole horizon each.
MOST_EXACT_CELLS: Final = 1_000_000
EXACT_EFFORT: Final = 4.0
SEARCH_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class SolvedWorks:
    """A schedule of a works.

    Parameters
    ----------
    schedule : Schedule
        Starts and modes.
    value, bound : int
        Its value as of `arterial.workshop.pricing`, and what no schedule is below.
    effort : int
        Rounds of search made.
    """

    schedule: Schedule
    value: int
    bound: int
    effort: int


def solve_works(
    built: BuiltWorks, *, seconds: float, seed: int, effort: int = EFFORT
) -> SolvedWorks:
    """Find a good schedule and a bound.

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
    SolvedWorks
        Schedule, value, bound.
    """
    problem = built.problem
    state = SearchState(problem, seconds=seconds, bound=bound_makespan(problem))
    state.offer(construct_schedule(problem), "construction")
    # On a slow machine the search must not eat the time of the exact model.
    first_s = SEARCH_SHARE * seconds
    search_lists(
        state, seed=seed, draw=0, is_wanted=lambda: state.used_s < first_s, most=FIRST_EFFORT
    )
    if _is_small(problem) and not state.is_over:
        solve_exactly(state, seconds=0.6 * (seconds - state.used_s), seed=seed, effort=EXACT_EFFORT)
    search_lists(state, seed=seed, draw=1, is_wanted=lambda: True, most=effort)
    # Of schedules that are late alike, the one with the fewest vehicles in the works.
    schedule = start_late(problem, state.schedule or construct_schedule(problem))
    return SolvedWorks(schedule, state.value or 0, min(state.bound, state.value or 0), effort)


def _is_small(problem: ScheduleProblem) -> bool:
    """Whether the exact model can be built in a moment."""
    modes = [mode for task in problem.tasks for mode in task.modes]
    rests = sum(mode.calendar is not None for mode in modes)
    cells = rests * len(problem.days)
    return len(problem.tasks) <= MOST_EXACT_TASKS and cells <= MOST_EXACT_CELLS
