"""Tuning numbers of the dispatcher, all found by trial; `EFFORT`.

Shares and lengths are of wall time. The chances of single moves, which kernels freeze, are the
`arterial.dispatching.chances`. What was measured stands in the dispatcher's decision record.
"""

import math
from dataclasses import dataclass
from typing import Final

__all__ = ["EFFORT", "Cooling", "Effort"]


@dataclass(frozen=True, slots=True)
class Cooling:
    """How to anneal.

    Parameters
    ----------
    first, last : float
        Temperatures at both ends, as shares of the mean excess of a train.
    most_trains : int
        Most trains to remove at once.
    blindness : float
        Chance that an insertion overlooks a free window, in some of the moves.
    gives_way : bool
        Whether the trains that stay may slip when others are put back.
    seconds : float
        Wall time to stay within [s].
    iterations : int or None
        Cool by moves and stop after so many: without an end by time the result depends on the seed
        alone.
    """

    first: float = 0.3
    last: float = 0.002
    most_trains: int = 8
    blindness: float = 0.015
    gives_way: bool = False
    seconds: float = math.inf
    iterations: int | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """How the dispatcher spends its time.

    Parameters
    ----------
    opening_share, opening_s : float
        The first round, which only has to hand a plan to the others.
    large_opening_share, opening_moves : float, int
        Of a large problem it is the way down with fixed times: so many moves for each train, but
        no longer than a share.
    fresh_share : float
        Of what is left then, rounds that start afresh.
    warm_ends : tuple of float
        Ends of the rounds that go on from the best plan, as shares of what the opening left.
    chain_s, large_chain_s, least_chains, least_large_chains
        Several chains beat a long one, but each needs its time [s]; of large problems more.
    orders_share : float
        For the exact method where no train has a choice of routes: there it is the stronger part.
    large_operations : int
        Problems of more operations are large.
    ways, large_ways : int
        Ways to reach an operation that are looked at when a train is put in, at most.
    most_exact_operations, most_order_operations, most_polish_operations : int
        Up to so many the exact method is tried, also where no train has a choice of routes, and
        plans are polished.
    bound_share, least_bound_s, most_bound_share : float
        For a bound before the search, but at least what reading the kernels takes.
    lead_share, lead_operations, most_lead_s
        For fixed times before trains give way; less in problems of fewer operations.
    closing_factor : float
        For writing the plan down and ending the processes, by what encoding the problem took.
    """

    opening_share: float = 0.02
    opening_s: float = 2.0
    large_opening_share: float = 0.25
    opening_moves: int = 20
    fresh_share: float = 0.7
    warm_ends: tuple[float, ...] = (0.85, 1.0)
    chain_s: float = 50.0
    large_chain_s: float = 150.0
    least_chains: int = 3
    least_large_chains: int = 1
    orders_share: float = 0.75
    large_operations: int = 15_000
    ways: int = 32
    large_ways: int = 8
    most_exact_operations: int = 2_500
    most_order_operations: int = 10_000
    most_polish_operations: int = 4_000
    bound_share: float = 0.1
    least_bound_s: float = 2.0
    most_bound_share: float = 0.5
    lead_share: float = 0.2
    lead_operations: int = 15_000
    most_lead_s: float = 20.0
    closing_factor: float = 1.0


EFFORT: Final = Effort()
