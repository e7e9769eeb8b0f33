"""The tasks of a portfolio, each stateless, so that it can run in any process.

`run_task` is the main function: it anneals from a plan or from scratch, polishes, or solves
exactly.
"""

import math
import time
from dataclasses import dataclass, replace
from enum import Enum
from multiprocessing.synchronize import Event
from typing import Final

from arterial.dispatching.annealing import anneal
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.effort import EFFORT, Cooling
from arterial.dispatching.encode import Graphs
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.polish import polish_plan
from arterial.dispatching.proofs import bound_plan, prove_plan
from arterial.dispatching.search_kernel import copy_plan
from arterial.dispatching.state import load_plan, make_state

__all__ = ["Task", "TaskKind", "TaskResult", "adopt_halt", "run_task"]

# How a search from a first plan begins.
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
    last_at: float = math.inf


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
    """Whether another process has decided the question."""
    return any(event.is_set() for event in HALT)


def _halt() -> None:
    """Tell the other processes that the question is decided."""
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
    state = make_state(task.graphs, seed=task.seed, draw=task.draw)
    bound = int(state.floor.sum())
    if task.plan is None:
        # Also polishing needs a plan to start from.
        if not construct_plan(state, is_over=lambda: time.time() >= task.last_at):
            return TaskResult(None, bound, "construction")
    else:
        copy_plan(task.plan, state.best)
        load_plan(state, task.plan)
    seconds = max(task.ends_at - time.time(), 0.0)
    if task.kind is TaskKind.BOUND and task.plan is not None:
        for_bound = max(
            EFFORT.bound_share * seconds,
            min(EFFORT.least_bound_s, EFFORT.most_bound_share * seconds),
        )
        bound = bound_plan(task.graphs, task.plan, bound, for_bound, is_halted)
        seconds = max(task.ends_at - time.time(), 0.0)
    if task.kind is TaskKind.POLISH:
        polish_plan(state, seconds=seconds, is_halted=is_halted)
        return TaskResult(state.best, bound, "exact polish")
    if task.plan is None and task.cooling.gives_way and seconds > 0.0:
        # From a first plan the search with fixed times comes down faster.
        share = EFFORT.lead_share * min(len(task.graphs.duration) / EFFORT.lead_operations, 1.0)
        lead = replace(LEAD_COOLING, seconds=min(share * seconds, EFFORT.most_lead_s))
        anneal(state, lead, is_halted=is_halted)
    seconds = max(task.ends_at - time.time(), 0.0)
    cooling = replace(task.cooling, seconds=seconds)
    if seconds > 0.0 or cooling.iterations is not None:
        anneal(state, cooling, is_halted=is_halted)
    return TaskResult(state.best, bound, "ruin and recreate")


def _run_proof(task: Task) -> TaskResult:
    """Look for a plan better than the task's, or prove that there is none."""
    state = make_state(task.graphs, seed=task.seed, draw=task.draw)
    proof = prove_plan(
        state,
        task.plan,
        seconds=max(task.ends_at - time.time(), 0.0),
        seed=task.seed,
        is_halted=is_halted,
    )
    # The others would anneal on to the end of the round for a question that is decided.
    if proof.is_decided:
        _halt()
    return TaskResult(proof.plan, proof.bound, "exact", is_infeasible=proof.is_infeasible)
