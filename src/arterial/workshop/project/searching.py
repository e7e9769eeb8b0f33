"""Search for short schedules of a project; main function `search_project`.

A population of lists is bred generation by generation. Where it stands still it starts afresh; the
best schedule stays in the shared state.
"""

from collections.abc import Callable

from arterial.exchange.scheduling import Schedule
from arterial.randomness import stream
from arterial.workshop.effort import EFFORT, Pace
from arterial.workshop.project.encode import (
    encode_project,
    make_population,
    make_workspace,
    reverse_links,
)
from arterial.workshop.project.project_kernel import (
    breed_lists,
    keep_fittest,
    sample_lists,
)
from arterial.workshop.state import SearchState

__all__ = ["search_project"]


def search_project(
    state: SearchState,
    *,
    seed: int,
    draw: int,
    is_wanted: Callable[[], bool],
    most: int | None = None,
) -> None:
    """Breed lists until the question is decided, the time is up or nobody wants more.

    Parameters
    ----------
    state : SearchState
        Takes every better schedule.
    seed, draw : int
        Name the stream of random numbers; two draws search different lists.
    is_wanted : callable
        Asked every few lists.
    most : int, optional
        Generations to breed at most: with it the result does not depend on the machine.
    """
    problem = state.problem
    project = encode_project(problem)
    mirror = reverse_links(project)
    rng = stream(seed, "workshop/project", draw)
    most_lists = max(
        EFFORT.least_population, EFFORT.pairs_per_generation // len(problem.tasks) ** 2
    )
    size = min(EFFORT.population_sizes[draw % len(EFFORT.population_sizes)], most_lists)
    population, workspace = make_population(project, size), make_workspace(project)
    idle, shortest, best = 0, 0, None
    done, pace = 0, Pace()

    def is_over() -> bool:
        return state.is_over or not is_wanted()

    def sample(first: int, stop: int) -> None:
        sample_lists(project, mirror, population, workspace, rng, first, stop)

    def breed(first: int, stop: int) -> None:
        breed_lists(project, mirror, population, workspace, rng, first, stop)

    while not is_over() and (most is None or done < most):
        is_fresh = done == 0 or idle > EFFORT.generations_idle
        if is_fresh:
            is_whole = pace.run(sample, 0, size, is_over)
        else:
            is_whole = pace.run(breed, size, 2 * size, is_over)
            is_whole = is_whole and pace.run(sample, keep_fittest(population, size), size, is_over)
        done += 1
        # Also what a generation cut off by the clock has found counts.
        if best is None or int(population.best[0]) < best:
            best = int(population.best[0])
            starts = tuple(int(start) for start in population.start)
            state.offer(Schedule(starts, (0,) * len(starts)), "breeding")
        if is_whole:
            present = int(population.makespan[:size].min())
            idle = 0 if is_fresh or present < shortest else idle + 1
            shortest = present
