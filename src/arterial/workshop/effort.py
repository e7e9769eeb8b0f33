"""Effort of the scheduler: its tuning numbers, all found by trial (`EFFORT`), and its `Pace`.

Those of single moves, which kernels freeze, stand at the head of each kernel. Long passes are cut
into slices that leave time to look at the clock.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["EFFORT", "Effort", "Pace"]

SLICE_S: Final = 0.05
MOST_GROWTH: Final = 4


class Pace:
    """How many moves fit into a slice, from the pace at which the last ones were made.

    A machine with other work makes fewer of them in the same time, and how long one takes differs
    a thousandfold between problems; a constant for either overruns a limit somewhere.
    """

    def __init__(self) -> None:
        self._moves = 1

    def run(
        self,
        moves: Callable[[int, int], object],
        first: int,
        stop: int,
        is_over: Callable[[], bool],
    ) -> bool:
        """Make moves slice by slice.

        Parameters
        ----------
        moves : callable
            Makes the moves from one number up to another; any cut must give the same result.
        first, stop : int
            Which moves.
        is_over : callable
            Asked between slices whether to stop.

        Returns
        -------
        bool
            Whether all were made.
        """
        while first < stop:
            upto = min(stop, first + self._moves)
            started = time.perf_counter()
            moves(first, upto)
            pace = (upto - first) / max(time.perf_counter() - started, 1e-6)
            self._moves = int(min(max(pace * SLICE_S, 1), MOST_GROWTH * self._moves))
            first = upto
            if first < stop and is_over():
                return False
        return True


@dataclass(frozen=True, slots=True)
class Effort:
    """How the scheduler spends its time, and how much it tries.

    Parameters
    ----------
    most_exact_tasks : int
        Beyond so many tasks the exact model takes longer to build than it is worth.
    search_s_per_task : float
        Search before the exact model begins, at most [s].
    exact_shares : tuple of (int, float)
        For projects of up to so many tasks, the share of the time at which the model gives up.
    population_sizes : tuple of int
        Lists of tasks of a project, by turns of the workers.
    generations_idle : int
        Generations without a better list after which the search starts afresh.
    pairs_per_generation, least_population : int
        Of many tasks fewer lists, but at least so many, so that there are generations enough: the
        time of one grows with the pairs of tasks.
    shop_steps, shop_tasks_per_round : int
        Steps of tabu search in a round, fewer where they add up to more tasks.
    steps_idle_per_task, most_steps_idle : int
        Steps without a better plan after which a search stands still.
    pool_size : int
        Plans of a shop that are kept.
    least_between, most_between : float
        Share of the way from one plan to another at which a search begins.
    most_disturbed : int
        Tasks moved to fill the pool, or half of all where that is more.
    memories : tuple of int
        Moves that late acceptance looks back, by turns of the workers.
    list_tasks_per_round : int
        Tasks placed in a round of list search.
    works_rounds, first_works_rounds, value_rounds : int
        Rounds of list search for a works, of these before the exact model, and for each resource
        that is tried with one unit more.
    most_works_tasks, most_works_cells : int
        The exact model is tried up to so many tasks, and cells: modes with slots of rest need a
        table over the whole horizon each.
    works_exact_effort : float
        For the exact model, in the solver's own count.
    works_search_share, works_schedule_share : float
        Of the wall time for the first rounds, and for the schedule before the resources.
    """

    most_exact_tasks: int = 3_000
    search_s_per_task: float = 0.02
    exact_shares: tuple[tuple[int, float], ...] = ((40, 1.0), (70, 0.8), (3_000, 0.5))
    population_sizes: tuple[int, ...] = (500, 300)
    generations_idle: int = 100
    pairs_per_generation: int = 300_000_000
    least_population: int = 6
    shop_steps: int = 100
    shop_tasks_per_round: int = 50_000
    steps_idle_per_task: int = 10
    most_steps_idle: int = 3_000
    pool_size: int = 12
    least_between: float = 0.3
    most_between: float = 0.7
    most_disturbed: int = 20
    memories: tuple[int, ...] = (50, 500)
    list_tasks_per_round: int = 20_000
    works_rounds: int = 60
    first_works_rounds: int = 5
    value_rounds: int = 15
    most_works_tasks: int = 300
    most_works_cells: int = 1_000_000
    works_exact_effort: float = 4.0
    works_search_share: float = 0.5
    works_schedule_share: float = 0.6


EFFORT: Final = Effort()
