"""Search for short schedules of a project; main function `search_project`.

A herd of lists is bred generation by generation. Where it stands still it starts afresh; the best
schedule stays on the board.
"""

from collections.abc import Callable
from typing import Final

from arterial.exchange.scheduling import Schedule
from arterial.randomness import stream
from arterial.workshop.board import Board
from arterial.workshop.project.encode import encode_project, reverse_links
from arterial.workshop.project.project_kernel import breed_generation, make_herd, make_room

__all__ = ["search_project"]

HERD_SIZES: Final = (500, 300)
PATIENCE: Final = 100
# A generation of many tasks must be over soon: its time grows with the pairs of tasks.
PAIRS_PER_GENERATION: Final = 300_000_000
LEAST_HERD: Final = 6


def search_project(
    board: Board, *, seed: int, draw: int, is_wanted: Callable[[], bool], most: int | None = None
) -> None:
    """Breed lists until the board is settled, the time is up or nobody wants more.

    Parameters
    ----------
    board : Board
        Takes every better schedule.
    seed, draw : int
        Name the stream of random numbers; two draws search different lists.
    is_wanted : callable
        Asked after each generation.
    most : int, optional
        Generations to breed at most: with it the result does not depend on the machine.
    """
    problem = board.problem
    project = encode_project(problem)
    mirror = reverse_links(project)
    rng = stream(seed, "workshop/project", draw)
    most_lists = max(LEAST_HERD, PAIRS_PER_GENERATION // len(problem.tasks) ** 2)
    size = min(HERD_SIZES[draw % len(HERD_SIZES)], most_lists)
    herd, room = make_herd(project, size), make_room(project)
    idle, shortest, best = 0, 0, None
    done = 0
    while not board.is_over and is_wanted() and (most is None or done < most):
        is_fresh = done == 0 or idle > PATIENCE
        breed_generation(project, mirror, herd, room, rng, is_fresh)
        done += 1
        present = int(herd.makespan[:size].min())
        idle = 0 if is_fresh or present < shortest else idle + 1
        shortest = present
        if best is None or int(herd.best[0]) < best:
            best = int(herd.best[0])
            starts = tuple(int(start) for start in herd.start)
            board.offer(Schedule(starts, (0,) * len(starts)), "breeding")
