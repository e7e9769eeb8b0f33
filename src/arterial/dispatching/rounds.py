"""The tasks of a portfolio, each stateless, so that it can run in any process.

`run_task` is the main function: it anneals from a plan or from scratch, polishes, or solves
exactly.
"""

import time
from dataclasses import dataclass, replace
from enum import Enum
from multiprocessing.synchronize import Event
from typing import Final

from arterial.dispatching.annealing import Cooling, anneal
from arterial.dispatching.bench import load_plan, make_bench
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.encode import Graphs
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.polish import polish_plan
from arterial.dispatching.proofs import bound_plan, prove_plan
from arterial.dispatching.search_kernel import copy_plan

__all__ = ["Task", "TaskKind", "TaskResult", "adopt_halt", "run_task"]

# Time for a bound before the search: a share of the round, but what reading the kernels takes.
BOUND_SHARE: Final = 0.1
LEAST_BOUND_S: Final = 2.0
MOST_BOUND_SHARE: Final = 0.5


# How a search from a first plan begins: a share of its time, less for problems of fewer
# operations than those named, and at most so long [s].
LEAD_SHARE: Final = 0.2
LEAD_OPERATIONS: Final = 15_000
MOST_LEAD_S: Final = 20.0
LEAD_COOLING: Final = Cooling(first=1.0, last=0.005, most_trains=5)


class TaskKind(Enum):
    """What a task does."""

    SEARCH = "search"
    EXACT = "exact"
    BOUND = "bound"
    POLISH = "polish"


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work.

    ``plan`` is where it starts (None: construct one); ``ends_at`` is the wall-clock instant by
    which it must be done [s since 1970], so that a late start of a process costs no one else time.
    """

    kind: TaskKind
    graphs: Graphs
    plan: Plan | None
    cooling: Cooling
    seed: int
    draw: int
    ends_at: float


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The best plan of a task (None: none found), a bound, and whether none can exist."""

    plan: Plan | None
    bound: int
    found_by: str
    is_infeasible: bool = False


# The event that all processes of one pool share; empty where one process does everything.
HALT: Final[list[Event]] = []


def adopt_halt(event: Event) -> None:
    """Let a new process of a pool know the event by which a proof ends the round of all."""
    HALT[:] = [event]


def is_halted() -> bool:
    """Whether another process has settled the question."""
    return any(event.is_set() for event in HALT)


def halt() -> None:
    """Tell the other processes that the question is settled."""
    for event in HALT:
        event.set()


def run_task(task: Task) -> TaskResult:
    """Do one piece of work.

    Parameters
    ----------
    task : Task
        What to do.

    Returns
    -------
    TaskResult
        With a plan no worse than the one it started from.
    """
    if task.kind is TaskKind.EXACT:
        return _run_proof(task)
    bench = make_bench(task.graphs, seed=task.seed, draw=task.draw)
    bound = int(bench.floor.sum())
    if task.plan is None:
        # Also polishing needs a plan to start from.
        if not construct_plan(bench, is_over=lambda: time.time() >= task.ends_at):
            return TaskResult(None, bound, "construction")
    else:
        copy_plan(task.plan, bench.best)
        load_plan(bench, task.plan)
    seconds = max(task.ends_at - time.time(), 0.0)
    if task.kind is TaskKind.BOUND and task.plan is not None:
        for_bound = max(BOUND_SHARE * seconds, min(LEAST_BOUND_S, MOST_BOUND_SHARE * seconds))
        bound = bound_plan(task.graphs, task.plan, bound, for_bound, is_halted)
        seconds = max(task.ends_at - time.time(), 0.0)
    if task.kind is TaskKind.POLISH:
        polish_plan(bench, seconds=seconds, is_halted=is_halted)
        return TaskResult(bench.best, bound, "exact polish")
    if task.plan is None and task.cooling.gives_way and seconds > 0.0:
        # From a first plan the search with fixed times comes down faster.
        share = LEAD_SHARE * min(len(task.graphs.duration) / LEAD_OPERATIONS, 1.0)
        lead = replace(LEAD_COOLING, seconds=min(share * seconds, MOST_LEAD_S))
        anneal(bench, lead, is_halted=is_halted)
    seconds = max(task.ends_at - time.time(), 0.0)
    cooling = replace(task.cooling, seconds=seconds)
    if seconds > 0.0 or cooling.iterations is not None:
        anneal(bench, cooling, is_halted=is_halted)
    return TaskResult(bench.best, bound, "ruin and recreate")


def _run_proof(task: Task) -> TaskResult:
    """Look for a plan better than the task's, or prove that there is none."""
    bench = make_bench(task.graphs, seed=task.seed, draw=task.draw)
    proof = prove_plan(
        bench,
        task.plan,
        seconds=max(task.ends_at - time.time(), 0.0),
        seed=task.seed,
        is_halted=is_halted,
    )
    if proof.is_settled:
        halt()
    return TaskResult(proof.plan, proof.bound, "exact", is_infeasible=proof.is_infeasible)
