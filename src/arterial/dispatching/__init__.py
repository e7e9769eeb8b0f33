"""Dispatching: which train goes first, on which track, and when.

Problems and solutions are those of `arterial.exchange.displib`: operation graphs, resources that
one train holds at a time, release times, prices of delay.
"""

from arterial.dispatching.outcome import DispatchOutcome, DispatchStatus
from arterial.dispatching.policies import Policy, dispatch_by_policy
from arterial.dispatching.portfolio import dispatch_trains

__all__ = [
    "DispatchOutcome",
    "DispatchStatus",
    "Policy",
    "dispatch_by_policy",
    "dispatch_trains",
]
