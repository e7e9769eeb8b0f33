"""What compiles the kernels of each search, for `arterial.compiling.start_warming`.

Each function runs one search for a few rounds on a problem of four tasks.
"""

from collections.abc import Callable
from typing import Final

from arterial.exchange.scheduling import Demand, Mode, ScheduleProblem, Task
from arterial.workshop.construction import construct_schedule
from arterial.workshop.lists.searching import search_lists
from arterial.workshop.project.searching import search_project
from arterial.workshop.shop.searching import search_shop
from arterial.workshop.state import SearchState

__all__ = ["warm_lists", "warm_project", "warm_shop"]

ROUNDS: Final = 3
WARMING_S: Final = 3600.0


def warm_project() -> None:
    """Compile the search for projects."""
    _run_briefly(search_project)


def warm_shop() -> None:
    """Compile the search for shops."""
    _run_briefly(search_shop)


def warm_lists() -> None:
    """Compile the search for works."""
    _run_briefly(search_lists)


def _run_briefly(search: Callable[..., None]) -> None:
    """Run a search from a first schedule."""
    first = Task((Mode(2, (Demand(0),)),), (1,))
    problem = ScheduleProblem((first, Task((Mode(1, (Demand(0),)),)), first, first), (1,))
    state = SearchState(problem, seconds=WARMING_S)
    state.offer(construct_schedule(problem), "construction")
    search(state, seed=0, draw=0, is_wanted=lambda: True, most=ROUNDS)
