"""Search for short schedules of a shop; main function `search_shop`."""

from collections.abc import Callable
from typing import Final

from arterial.exchange.scheduling import Schedule
from arterial.randomness import stream
from arterial.workshop.board import Board
from arterial.workshop.shop.encode import encode_shop, list_sequences
from arterial.workshop.shop.kernels import (
    copy_plan,
    load_plan,
    make_plan,
    run_tabu,
    time_plan,
    unsettle_plan,
)

__all__ = ["search_shop"]

STEPS: Final = 100
PATIENCE: Final = 3_000
LEAST_MOVES: Final = 3
MOST_MOVES: Final = 20


def search_shop(
    board: Board, *, seed: int, draw: int, is_wanted: Callable[[], bool], most: int | None = None
) -> None:
    """Search from the best schedule on the board; where it stands still, shake it and go on.

    Parameters
    ----------
    board : Board
        Holds a first schedule and takes every better one.
    seed, draw : int
        Name the stream of random numbers.
    is_wanted : callable
        Asked every few steps.
    most : int, optional
        Rounds of steps at most: with it the result does not depend on the machine.
    """
    if board.schedule is None:
        return
    shop = encode_shop(board.problem)
    rng = stream(seed, "workshop/shop", draw)
    plan, kept = make_plan(shop), make_plan(shop)
    load_plan(shop, plan, *list_sequences(shop, board.schedule))
    load_plan(shop, kept, *list_sequences(shop, board.schedule))
    elite = make_plan(shop)
    copy_plan(kept, elite)
    done = 0
    while not board.is_over and is_wanted() and (most is None or done < most):
        idle = run_tabu(shop, plan, kept, rng, STEPS)
        done += 1
        if kept.counts[1] < elite.counts[1]:
            copy_plan(kept, elite)
            time_plan(shop, elite)
            starts = tuple(int(start) for start in elite.head)
            modes = tuple(int(mode) for mode in elite.mode - shop.mode_first[:-1])
            board.offer(Schedule(starts, modes), "tabu search")
        if idle > PATIENCE:
            copy_plan(elite, plan)
            time_plan(shop, plan)
            unsettle_plan(shop, plan, rng, int(rng.integers(LEAST_MOVES, MOST_MOVES)))
            copy_plan(plan, kept)
            plan.barred[:] = 0
            plan.counts[0] = 0
            kept.counts[0] = 0
