"""The dispatcher: construction, search on all cores, and an exact method, within a time limit.

`dispatch_trains` is the main function. Its time is cut into rounds. In the first, every process
anneals from a plan of its own; small problems are also handed to the exact method. Later rounds
anneal again from the best plan so far, each process at its own temperature, while some start
afresh; one process polishes small problems exactly. The rounds end early when value and bound meet.

Kernels are compiled before the clock starts. What is left when a round is over is shared out anew
among those to come, so that a busy machine shortens all of them and does not drop the last.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Final

from arterial.compiling import Warming, start_warming
from arterial.dispatching.decode import decode_plan
from arterial.dispatching.effort import EFFORT, Cooling
from arterial.dispatching.encode import Graphs, encode_problem
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.outcome import DispatchOutcome
from arterial.dispatching.rounds import Task, TaskKind, TaskResult, adopt_halt, run_task
from arterial.errors import InfeasibleError, LimitError
from arterial.exchange.displib import DisplibProblem

__all__ = ["MOST_WORKERS", "dispatch_trains", "warm_kernels"]

MOST_WORKERS: Final = 256
WARMINGS: Final = tuple(
    f"arterial.dispatching.warming:{of}" for of in ("warm_search", "warm_exact")
)
# What is imported once, before the processes of a pool part.
PRELOADED: Final = ("arterial.dispatching.rounds",)
# What the last process does with a small problem: it proves once, then polishes.
EXACT_ROUND: Final = 1
# The short first round goes without what takes long to compile.
OPENING_COOLINGS: Final = (
    Cooling(first=1.0, last=0.005, most_trains=5),
    Cooling(first=3.0, last=0.005, most_trains=4),
    Cooling(first=0.4, last=0.005, most_trains=8),
)
FRESH_COOLINGS: Final = (
    Cooling(first=1.0, last=0.002, most_trains=5, gives_way=True),
    Cooling(first=4.0, last=0.002, most_trains=5, gives_way=True),
    Cooling(first=10.0, last=0.002, most_trains=4, gives_way=True),
)
# Large problems get too few moves in the time to begin so hot.
LARGE_COOLINGS: Final = (
    Cooling(first=0.3, last=0.002, most_trains=5, gives_way=True),
    Cooling(first=1.0, last=0.002, most_trains=5, gives_way=True),
)
WARM_COOLINGS: Final = (
    Cooling(first=0.15, last=0.002, most_trains=5, gives_way=True),
    Cooling(first=0.3, last=0.002, most_trains=7, gives_way=True),
    Cooling(first=0.05, last=0.002, most_trains=9, gives_way=True),
)


@dataclass(slots=True)
class Incumbent:
    """Best plan and bound so far."""

    plan: Plan | None = None
    bound: int = 0
    found_by: str = "construction"
    is_infeasible: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether more work cannot change the answer."""
        if self.plan is None:
            return self.is_infeasible
        return self.bound >= int(self.plan.price.sum())


def dispatch_trains(
    problem: DisplibProblem,
    *,
    seconds: float = 600.0,
    seed: int = 0,
    workers: int = 1,
    report_value: Callable[[int, int], None] | None = None,
) -> DispatchOutcome:
    """Plan all trains without conflicts at the least price that can be found in a time.

    Parameters
    ----------
    problem : DisplibProblem
        Trains and prices.
    seconds : float
        Wall time to stay within [s]; compiling, once after installation, comes before.
    seed : int
        Seed of every random number; the result also depends on the speed of the machine.
    workers : int
        Processes to use.
    report_value : callable, optional
        Called with value and bound after each round.

    Returns
    -------
    DispatchOutcome
        The best plan found, and a bound.

    Raises
    ------
    InfeasibleError
        When no plan exists, or none was found.
    LimitError
        When a limit is out of range.
    """
    if not 0.0 < seconds < float("inf") or not 1 <= workers <= MOST_WORKERS:
        message = (
            f"It needs some seconds and 1 to {MOST_WORKERS} workers, not {seconds}, {workers}."
        )
        raise LimitError(message)
    # A search that compiles in its own time finds plans that cost up to twice as much.
    for warming in warm_kernels():
        warming.wait()
    started, begins_at = time.perf_counter(), time.time()
    graphs = encode_problem(problem)
    ends_at = begins_at + seconds - EFFORT.closing_factor * (time.perf_counter() - started)
    incumbent = Incumbent()
    # A short first round hands a plan and so a small model to the exact method.
    opening_s = min(EFFORT.opening_share * seconds, EFFORT.opening_s)
    instants = (begins_at + opening_s, ends_at)
    tasks = _plan_round(graphs, incumbent, 0, workers, seed, instants, is_fresh=True)
    with _open_pool(workers) as pool:
        run = map if pool is None else pool.map
        _take_results(incumbent, run(run_task, tasks), report_value)
        rounds = _choose_rounds(graphs, ends_at - time.time())
        for place, (share, is_fresh) in enumerate(rounds, start=1):
            left_s = ends_at - time.time()
            if incumbent.is_decided or left_s <= 0.0:
                break
            instants = (ends_at - (1.0 - share) * left_s, ends_at)
            tasks = _plan_round(
                graphs, incumbent, place, workers, seed, instants, is_fresh=is_fresh
            )
            if workers > 1 and place == len(rounds) + 1 - len(EFFORT.warm_ends):
                tasks[-1] = _plan_polish(graphs, tasks[-1])
            _take_results(incumbent, run(run_task, tasks), report_value)
    if incumbent.plan is None:
        raise InfeasibleError(_describe_failure(incumbent))
    return DispatchOutcome(
        solution=decode_plan(graphs, incumbent.plan),
        bound=incumbent.bound,
        found_by=incumbent.found_by,
        seconds=time.perf_counter() - started,
    )


def warm_kernels() -> tuple[Warming, ...]:
    """Have all kernels compiled in other processes, where they are not yet."""
    return tuple(start_warming(target) for target in WARMINGS)


def _open_pool(workers: int) -> AbstractContextManager[ProcessPoolExecutor | None]:
    """Processes for the tasks; none where one worker does everything here."""
    if workers == 1:
        return nullcontext()
    context = get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED])
    return ProcessPoolExecutor(
        workers, mp_context=context, initializer=adopt_halt, initargs=(context.Event(),)
    )


def _choose_rounds(graphs: Graphs, seconds: float) -> tuple[tuple[float, bool], ...]:
    """The rounds after the first: shares of the time still left, and whether plans are new."""
    if _is_small(graphs) and not graphs.is_optional.any():
        return _share_left(((EFFORT.orders_share, True), (1.0, False)))
    chain_s, least = (
        (EFFORT.large_chain_s, EFFORT.least_large_chains)
        if _is_large(graphs)
        else (EFFORT.chain_s, EFFORT.least_chains)
    )
    chains = max(least, round(EFFORT.fresh_share * seconds / chain_s))
    fresh = [(EFFORT.fresh_share * (chain + 1) / chains, True) for chain in range(chains)]
    return _share_left((*fresh, *((end, False) for end in EFFORT.warm_ends)))


def _share_left(ends: tuple[tuple[float, bool], ...]) -> tuple[tuple[float, bool], ...]:
    """Ends of rounds as shares of the whole turned into shares of what the ones before leave."""
    before = (0.0, *(end for end, _ in ends))
    return tuple(
        ((end - begin) / (1.0 - begin), is_fresh)
        for begin, (end, is_fresh) in zip(before, ends, strict=False)
    )


def _plan_round(
    graphs: Graphs,
    incumbent: Incumbent,
    place: int,
    workers: int,
    seed: int,
    ends_at: tuple[float, float],
    *,
    is_fresh: bool,
) -> list[Task]:
    """The tasks of one round, one for each process; it ends at the first of two instants.

    By the second all must be over.
    """
    tasks = []
    for worker in range(workers):
        starts_afresh = incumbent.plan is None or (is_fresh and place > 0)
        coolings = _choose_coolings(graphs, place, is_fresh=is_fresh)
        task = Task(
            kind=TaskKind.SEARCH,
            graphs=graphs,
            plan=None if starts_afresh else incumbent.plan,
            cooling=coolings[(worker + place) % len(coolings)],
            seed=seed,
            draw=place * MOST_WORKERS + worker,
            ends_at=ends_at[0],
            last_at=ends_at[1],
        )
        tasks.append(task)
    if place == EXACT_ROUND:
        kind = TaskKind.EXACT if _is_small(graphs) else TaskKind.BOUND
        tasks[-1] = replace(tasks[-1], kind=kind, plan=incumbent.plan)
    return tasks


def _plan_polish(graphs: Graphs, task: Task) -> Task:
    """The task of a process that may polish: it does where the problem is small."""
    if len(graphs.duration) > EFFORT.most_polish_operations or task.kind is not TaskKind.SEARCH:
        return task
    return replace(task, kind=TaskKind.POLISH)


def _choose_coolings(graphs: Graphs, place: int, *, is_fresh: bool) -> tuple[Cooling, ...]:
    """How the processes anneal in turn."""
    if place == 0:
        return OPENING_COOLINGS
    if not is_fresh:
        return WARM_COOLINGS
    return LARGE_COOLINGS if _is_large(graphs) else FRESH_COOLINGS


def _is_large(graphs: Graphs) -> bool:
    """Whether moves are few in the time."""
    return len(graphs.duration) > EFFORT.large_operations


def _is_small(graphs: Graphs) -> bool:
    """Whether the exact method has a chance."""
    most = (
        EFFORT.most_exact_operations if graphs.is_optional.any() else EFFORT.most_order_operations
    )
    return len(graphs.duration) <= most


def _take_results(
    incumbent: Incumbent,
    results: Iterable[TaskResult],
    report_value: Callable[[int, int], None] | None,
) -> None:
    """Keep the best plan and the best bound, and tell them."""
    for result in results:
        incumbent.bound = max(incumbent.bound, result.bound)
        incumbent.is_infeasible = incumbent.is_infeasible or result.is_infeasible
        if result.plan is None:
            continue
        value = int(result.plan.price.sum())
        if incumbent.plan is None or value < int(incumbent.plan.price.sum()):
            incumbent.plan = result.plan
            incumbent.found_by = result.found_by
    if report_value is not None and incumbent.plan is not None:
        report_value(int(incumbent.plan.price.sum()), incumbent.bound)


def _describe_failure(incumbent: Incumbent) -> str:
    """Why there is no plan."""
    if incumbent.is_infeasible:
        return "No plan exists: the exact model of all trains and routes has no solution."
    return "No plan was found: in every order of trains tried, one of them finds no path."
