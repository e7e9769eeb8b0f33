"""Search for good schedules of a works; main function `search_lists`."""

from collections.abc import Callable

import numpy as np

from arterial.exchange.scheduling import Schedule
from arterial.randomness import stream
from arterial.workshop.construction import list_order
from arterial.workshop.effort import EFFORT, Pace
from arterial.workshop.lists.encode import encode_works
from arterial.workshop.lists.lists_kernel import FAILED, make_list_state, run_moves
from arterial.workshop.state import SearchState

__all__ = ["search_lists"]


def search_lists(
    state: SearchState,
    *,
    seed: int,
    draw: int,
    is_wanted: Callable[[], bool],
    most: int | None = None,
) -> None:
    """Move tasks and vehicles in the list of the best schedule so far.

    Parameters
    ----------
    state : SearchState
        Holds a first schedule and takes every better one.
    seed, draw : int
        Name the stream of random numbers.
    is_wanted : callable
        Asked after each round.
    most : int, optional
        Rounds at most, each of some 20,000 tasks placed: with it the result does not depend on
        the machine.
    """
    if state.schedule is None:
        return
    problem = state.problem
    works = encode_works(problem)
    rng = stream(seed, "workshop/lists", draw)
    order = np.array(list_order(problem, state.schedule.starts), dtype=np.int64)
    lists = make_list_state(works, order, EFFORT.memories[draw % len(EFFORT.memories)])
    moves = max(1, EFFORT.list_tasks_per_round // len(order))
    best = FAILED
    done, pace = 0, Pace()

    def is_over() -> bool:
        return state.is_over or not is_wanted()

    def move(first: int, stop: int) -> None:
        run_moves(works, lists, rng, stop - first)

    while not is_over() and (most is None or done < most):
        pace.run(move, 0, moves, is_over)
        done += 1
        if lists.counts[0].best < best:
            best = int(lists.counts[0].best)
            starts = tuple(int(start) for start in lists.best_start)
            modes = tuple(int(mode) for mode in lists.best_mode - works.mode_first[:-1])
            state.offer(Schedule(starts, modes), "moves of the list")
