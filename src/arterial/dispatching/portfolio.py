"""The dispatcher: construction, search on all cores, and an exact method, within a time limit.

`dispatch_trains` is the main function. Its time is cut into rounds. In the first, every process
anneals from a plan of its own; small problems are also handed to the exact method. Later rounds
anneal again from the best plan so far, each process at its own temperature, while some start
afresh; one process polishes small problems exactly. The rounds end early when value and bound meet.

Kernels are compiled before the clock starts. What is left when a round is over is shared out anew
among those to come, so that a busy machine shortens all of them and does not drop the last.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Final

from arterial.compiling import Warming, start_warming
from arterial.dispatching.effort import EFFORT, Cooling
from arterial.dispatching.encode import Graphs, encode_problem
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.outcome import DispatchOutcome, decode_plan
from arterial.dispatching.rounds import (
    Task,
    TaskKind,
    TaskResult,
    adopt_problem,
    run_adopted,
    run_task,
)
from arterial.dispatching.state import is_large, make_state
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
# Of a large problem it is the way down from the first plan, and the next round goes on from there.
LARGE_OPENING_COOLINGS: Final = (
    Cooling(first=1.0, last=0.005, most_trains=20),
    Cooling(first=1.0, last=0.005, most_trains=12),
    Cooling(first=1.0, last=0.005, most_trains=30),
)
FRESH_COOLINGS: Final = (
    Cooling(first=1.0, last=0.002, most_trains=5, gives_way=True),
    Cooling(first=4.0, last=0.002, most_trains=5, gives_way=True),
    Cooling(first=10.0, last=0.002, most_trains=4, gives_way=True),
)
# Large problems get too few moves in the time to begin so hot; they go on from the opening.
LARGE_COOLINGS: Final = (
    Cooling(first=0.3, last=0.002, most_trains=5, gives_way=True),
    Cooling(first=0.1, last=0.002, most_trains=5, gives_way=True),
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


class Budget:
    """What is left for the rounds to come, by the clock or by moves.

    Parameters
    ----------
    graphs : Graphs
        The problem.
    ends_at : float
        Wall-clock instant by which all must be over [s since 1970].
    moves : int, optional
        Moves of each process instead.
    """

    def __init__(self, graphs: Graphs, ends_at: float, moves: int | None) -> None:
        self.graphs = graphs
        self.last_at = math.inf if moves else ends_at
        self._left = moves
        self.moves: int | None = None
        left_s = ends_at - time.time()
        # The first round hands a plan and so a small model to the exact method.
        opening_s = min(EFFORT.opening_share * left_s, EFFORT.opening_s)
        if is_large(graphs):
            opening_s = EFFORT.large_opening_share * left_s
        self.round_at = math.inf if moves else time.time() + opening_s
        if moves or is_large(graphs):
            self.moves = EFFORT.opening_moves * len(graphs.slope)

    @property
    def is_by_moves(self) -> bool:
        """Whether the clock does not matter."""
        return self._left is not None

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self._left == 0 if self._left is not None else time.time() >= self.last_at

    def begin_round(self, share: float) -> None:
        """Give the next round a share of what is left."""
        self.moves = None
        if self._left is not None:
            self.moves = math.ceil(share * self._left)
            self._left -= self.moves
        else:
            self.round_at = self.last_at - (1.0 - share) * (self.last_at - time.time())


def dispatch_trains(
    problem: DisplibProblem,
    *,
    seconds: float = 600.0,
    seed: int = 0,
    workers: int = 1,
    moves: int | None = None,
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
        Seed of every random number; without `moves` the result also depends on the speed of the
        machine.
    workers : int
        Processes to use.
    moves : int, optional
        Moves of each process to end after, whatever the time: the same plan on any machine. The
        exact methods, which need a clock, are left out.
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
    if moves is not None and moves < 1:
        message = f"It needs at least one move, not {moves}."
        raise LimitError(message)
    # A search that compiles in its own time finds plans that cost up to twice as much.
    for warming in warm_kernels():
        warming.wait()
    started, begins_at = time.perf_counter(), time.time()
    graphs = encode_problem(problem)
    ends_at = begins_at + seconds - EFFORT.closing_factor * (time.perf_counter() - started)
    incumbent = Incumbent()
    budget = Budget(graphs, ends_at, moves)
    with _open_pool(graphs, workers) as run:
        tasks = _plan_round(budget, incumbent, 0, workers, seed, is_fresh=True)
        _take_results(incumbent, run(tasks), report_value)
        rounds = _choose_rounds(graphs, 0.0 if moves else ends_at - time.time())
        for place, (share, is_fresh) in enumerate(rounds, start=1):
            if incumbent.is_decided or budget.is_spent:
                break
            budget.begin_round(share)
            tasks = _plan_round(budget, incumbent, place, workers, seed, is_fresh=is_fresh)
            if workers > 1 and place == len(rounds) + 1 - len(EFFORT.warm_ends):
                tasks[-1] = _plan_polish(graphs, tasks[-1])
            _take_results(incumbent, run(tasks), report_value)
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


@contextmanager
def _open_pool(graphs: Graphs, workers: int) -> Iterator[Callable[[list[Task]], list[TaskResult]]]:
    """What does the tasks of a round: processes that have the problem, or this one alone."""
    if workers == 1:
        state = make_state(graphs, seed=0)
        yield lambda tasks: [run_task(state, task) for task in tasks]
        return
    context = get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED])
    with ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=adopt_problem,
        initargs=(graphs, context.Event()),
    ) as pool:
        yield lambda tasks: [*pool.map(run_adopted, tasks)]


def _choose_rounds(graphs: Graphs, seconds: float) -> tuple[tuple[float, bool], ...]:
    """The rounds after the first: shares of the time still left, and whether plans are new."""
    if _is_small(graphs) and not graphs.is_optional.any():
        return _share_left(((EFFORT.orders_share, True), (1.0, False)))
    chain_s, least = (
        (EFFORT.large_chain_s, EFFORT.least_large_chains)
        if is_large(graphs)
        else (EFFORT.chain_s, EFFORT.least_chains)
    )
    # A large problem has one long way down rather than a new start from what was found.
    warm_ends = EFFORT.warm_ends[-1:] if is_large(graphs) else EFFORT.warm_ends
    fresh_share = EFFORT.warm_ends[0] if is_large(graphs) else EFFORT.fresh_share
    chains = max(least, round(fresh_share * seconds / chain_s))
    fresh = [(fresh_share * (chain + 1) / chains, True) for chain in range(chains)]
    return _share_left((*fresh, *((end, False) for end in warm_ends)))


def _share_left(ends: tuple[tuple[float, bool], ...]) -> tuple[tuple[float, bool], ...]:
    """Ends of rounds as shares of the whole turned into shares of what the ones before leave."""
    before = (0.0, *(end for end, _ in ends))
    return tuple(
        ((end - begin) / (1.0 - begin), is_fresh)
        for begin, (end, is_fresh) in zip(before, ends, strict=False)
    )


def _plan_round(
    budget: Budget,
    incumbent: Incumbent,
    place: int,
    workers: int,
    seed: int,
    *,
    is_fresh: bool,
) -> list[Task]:
    """The tasks of one round, one for each process."""
    graphs = budget.graphs
    tasks = []
    for worker in range(workers):
        goes_on = not is_fresh or (is_large(graphs) and place == 1)
        starts_afresh = incumbent.plan is None or not goes_on
        coolings = _choose_coolings(graphs, place, is_fresh=is_fresh)
        # Draws are numbered by the most workers: a round's chance does not hang on their number.
        task = Task(
            kind=TaskKind.SEARCH,
            plan=None if starts_afresh else incumbent.plan,
            cooling=replace(coolings[(worker + place) % len(coolings)], iterations=budget.moves),
            seed=seed,
            draw=place * MOST_WORKERS + worker,
            ends_at=budget.round_at,
            last_at=budget.last_at,
        )
        tasks.append(task)
    if place == EXACT_ROUND and not budget.is_by_moves:
        kind = TaskKind.EXACT if _is_small(graphs) else TaskKind.BOUND
        tasks[-1] = replace(tasks[-1], kind=kind, plan=incumbent.plan)
    return tasks


def _plan_polish(graphs: Graphs, task: Task) -> Task:
    """The task of a process that may polish: it does where the problem is small."""
    is_by_moves = task.cooling.iterations is not None
    is_too_large = len(graphs.duration) > EFFORT.most_polish_operations
    if is_by_moves or is_too_large or task.kind is not TaskKind.SEARCH:
        return task
    return replace(task, kind=TaskKind.POLISH)


def _choose_coolings(graphs: Graphs, place: int, *, is_fresh: bool) -> tuple[Cooling, ...]:
    """How the processes anneal in turn."""
    if place == 0:
        return LARGE_OPENING_COOLINGS if is_large(graphs) else OPENING_COOLINGS
    if not is_fresh:
        return WARM_COOLINGS
    return LARGE_COOLINGS if is_large(graphs) else FRESH_COOLINGS


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
