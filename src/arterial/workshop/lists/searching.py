"""Search for good schedules of a works; main function `search_lists`."""

from collections.abc import Callable
from typing import Final

import numpy as np

from arterial.exchange.scheduling import Schedule
from arterial.randomness import stream
from arterial.workshop.board import Board
from arterial.workshop.construction import list_order
from arterial.workshop.lists.encode import encode_works
from arterial.workshop.lists.lists_kernel import BEST, FAILED, make_desk, run_moves

__all__ = ["search_lists"]

MEMORIES: Final = (50, 500)
TASKS_PER_ROUND: Final = 20_000


def search_lists(
    board: Board, *, seed: int, draw: int, is_wanted: Callable[[], bool], most: int | None = None
) -> None:
    """Move tasks and vehicles in the list of the best schedule on the board.

    Parameters
    ----------
    board : Board
        Holds a first schedule and takes every better one.
    seed, draw : int
        Name the stream of random numbers.
    is_wanted : callable
        Asked after each round.
    most : int, optional
        Rounds at most, each of some 20,000 tasks placed: with it the result does not depend on
        the machine.
    """
    if board.schedule is None:
        return
    problem = board.problem
    works = encode_works(problem)
    rng = stream(seed, "workshop/lists", draw)
    order = np.array(list_order(problem, board.schedule.starts), dtype=np.int64)
    desk = make_desk(works, order, MEMORIES[draw % len(MEMORIES)])
    moves = max(1, TASKS_PER_ROUND // len(order))
    best = FAILED
    done = 0
    while not board.is_over and is_wanted() and (most is None or done < most):
        value = run_moves(works, desk, rng, moves)
        done += 1
        if value < best:
            best = int(desk.counts[BEST])
            starts = tuple(int(start) for start in desk.best_start)
            modes = tuple(int(mode) for mode in desk.best_mode - works.mode_first[:-1])
            board.offer(Schedule(starts, modes), "moves of the list")
