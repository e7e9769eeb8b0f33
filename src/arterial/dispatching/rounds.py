"""The tasks of a portfolio: small, so that they can be sent to any process.

`run_task` is the main function: it anneals from a plan or from scratch, polishes, or solves
exactly. The problem and the workspace stay in each process of a pool from task to task
(`adopt_problem`, `run_adopted`): a task brings a plan and takes one back.
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
from arterial.dispatching.proofs import bound_plan, polish_plan, prove_plan
from arterial.dispatching.search_kernel import copy_plan
from arterial.dispatching.state import SearchState, is_large, load_plan, make_plan, make_state
from arterial.randomness import stream

__all__ = ["Task", "TaskKind", "TaskResult", "adopt_problem", "run_adopted", "run_task"]

# How a search from a first plan begins; jams of many trains come apart when many are taken out.
LEAD_COOLING: Final = Cooling(first=1.0, last=0.005, most_trains=5)
LARGE_LEAD_COOLING: Final = Cooling(first=1.0, last=0.005, most_trains=20)


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


# Of one process of a pool; empty where one process does everything.
HALT: Final[list[Event]] = []
STATE: Final[list[SearchState]] = []


def adopt_problem(graphs: Graphs, event: Event) -> None:
    """Give a new process of a pool the problem, and the event by which a proof ends a round."""
    HALT[:] = [event]
    STATE[:] = [make_state(graphs, seed=0)]


def run_adopted(task: Task) -> TaskResult:
    """Do one piece of work on the problem of this process."""
    return run_task(STATE[0], task)


def is_halted() -> bool:
    """Whether another process has decided the question."""
    return any(event.is_set() for event in HALT)


def _halt() -> None:
    """Tell the other processes that the question is decided."""
    for event in HALT:
        event.set()


def run_task(state: SearchState, task: Task) -> TaskResult:
    """Do one piece of work.

    Parameters
    ----------
    state : SearchState
        The problem and workspace; what earlier tasks left there makes no difference.
    task : Task
        What to do.

    Returns
    -------
    TaskResult
        With a plan no worse than the one it started from.
    """
    state = replace(state, rng=stream(task.seed, "dispatching/search", task.draw))
    graphs = state.graphs
    if task.kind is TaskKind.EXACT:
        return _run_proof(state, task)
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
        bound = bound_plan(graphs, task.plan, bound, for_bound, is_halted)
        seconds = max(task.ends_at - time.time(), 0.0)
    if task.kind is TaskKind.POLISH:
        polish_plan(state, seconds=seconds, is_halted=is_halted)
        return TaskResult(_copy_best(state), bound, "exact polish")
    if task.plan is None and task.cooling.gives_way and seconds > 0.0:
        # From a first plan the search with fixed times comes down faster.
        share = EFFORT.lead_share * min(len(graphs.duration) / EFFORT.lead_operations, 1.0)
        lead = LARGE_LEAD_COOLING if is_large(graphs) else LEAD_COOLING
        if task.cooling.iterations is None:
            lead = replace(lead, seconds=min(share * seconds, EFFORT.most_lead_s))
        else:
            lead = replace(lead, iterations=EFFORT.opening_moves * len(graphs.slope))
        anneal(state, lead, is_halted=is_halted)
    seconds = max(task.ends_at - time.time(), 0.0)
    cooling = replace(task.cooling, seconds=seconds)
    if seconds > 0.0:
        anneal(state, cooling, is_halted=is_halted)
    return TaskResult(_copy_best(state), bound, "ruin and recreate")


def _copy_best(state: SearchState) -> Plan:
    """The best plan, for the next task writes over it."""
    plan = make_plan(state.graphs)
    copy_plan(state.best, plan)
    return plan


def _run_proof(state: SearchState, task: Task) -> TaskResult:
    """Look for a plan better than the task's, or prove that there is none."""
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
