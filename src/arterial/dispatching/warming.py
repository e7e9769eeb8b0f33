"""What compiles the kernels of the dispatcher, for `arterial.compiling.start_warming`.

The problem is a line of one section between two stations, on which trains from both sides meet:
small, but with a conflict, a choice of tracks and a price, so that nothing ends before its kernel
is called.
"""

from typing import Final

from arterial.dispatching.annealing import Cooling, anneal
from arterial.dispatching.bench import Bench, make_bench
from arterial.dispatching.construction import construct_plan
from arterial.dispatching.encode import encode_problem
from arterial.dispatching.exact.alternatives import build_alternatives
from arterial.dispatching.exact.ordering import order_trains
from arterial.dispatching.polish import polish_plan
from arterial.exchange.displib import DelayCost, DisplibProblem, Operation, ResourceUse

__all__ = ["warm_exact", "warm_search"]

N_TRAINS: Final = 4
RUN_S: Final = 60
ROUNDS: Final = 20
WARMING_S: Final = 3600.0


def warm_search() -> None:
    """Compile construction and both searches."""
    bench = _construct_small()
    for gives_way in (False, True):
        anneal(bench, Cooling(gives_way=gives_way, iterations=ROUNDS))


def warm_exact() -> None:
    """Compile branch and bound over orders, and what polishing calls."""
    bench = _construct_small()
    value = int(bench.best.price.sum())
    order_trains(build_alternatives(bench.graphs), cutoff=value + 1, seconds=WARMING_S)
    tries = iter((False, True))
    polish_plan(bench, seconds=WARMING_S, is_halted=lambda: next(tries))


def _construct_small() -> Bench:
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
    bench = make_bench(encode_problem(DisplibProblem(tuple(trains), tuple(objective))), seed=0)
    construct_plan(bench)
    return bench
