"""What compiles the kernels of the dispatcher, for `arterial.compiling.start_warming`.

The problem is a line of one section between two stations, on which trains from both sides meet:
small, but with a conflict, a choice of tracks and a price, so that nothing ends before its kernel
is called.
"""

from typing import Final

from arterial.dispatching.annealing import anneal
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.effort import Cooling
from arterial.dispatching.encode import encode_problem
from arterial.dispatching.exact.alternatives import build_alternatives
from arterial.dispatching.exact.ordering import order_trains
from arterial.dispatching.proofs import polish_plan
from arterial.dispatching.state import SearchState, make_state
from arterial.exchange.displib import DelayCost, DisplibProblem, Operation, ResourceUse

__all__ = ["warm_exact", "warm_search"]

N_TRAINS: Final = 4
RUN_S: Final = 60
ROUNDS: Final = 20
WARMING_S: Final = 3600.0


def warm_search() -> None:
    """Compile construction and both searches."""
    state = _construct_small()
    for gives_way in (False, True):
        anneal(state, Cooling(gives_way=gives_way, iterations=ROUNDS))


def warm_exact() -> None:
    """Compile branch and bound over orders, and what polishing calls."""
    state = _construct_small()
    value = int(state.best.price.sum())
    order_trains(build_alternatives(state.graphs), cutoff=value + 1, seconds=WARMING_S)
    tries = iter((False, True))
    polish_plan(state, seconds=WARMING_S, is_halted=lambda: next(tries))


def _construct_small() -> SearchState:
    """The small problem with a first plan."""
    trains, objective = [], []
    for train in range(N_TRAINS):
        ends = ("east", "west") if train % 2 else ("west", "east")
        trains.append(
            (
                Operation(0, (1, 2), start_ub_s=0),
                Operation(RUN_S, (3,), (ResourceUse(f"{ends[0]} 1"),)),
                Operation(RUN_S, (3,), (ResourceUse(f"{ends[0]} 2"),)),
                Operation(RUN_S, (4,), (ResourceUse("line", 1),)),
                Operation(RUN_S, (5,), (ResourceUse(f"{ends[1]} 1"),)),
                Operation(0, ()),
            )
        )
        objective.append(DelayCost(train, 5, threshold_s=0, coefficient=1))
    state = make_state(encode_problem(DisplibProblem(tuple(trains), tuple(objective))), seed=0)
    construct_plan(state)
    return state
