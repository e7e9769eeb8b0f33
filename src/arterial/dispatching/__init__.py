"""Dispatching: which train goes first, on which track, and when.

Problems and solutions are those of `arterial.exchange.displib`: operation graphs, resources that
one train holds at a time, release times, prices of delay.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arterial.dispatching.outcome import DispatchOutcome, DispatchStatus
    from arterial.dispatching.portfolio import dispatch_trains

__all__ = [
    "DispatchOutcome",
    "DispatchStatus",
    "dispatch_trains",
]

# Loaded late: a kernel is compiled anew when a file changes that its package imports.
LATE_NAMES = {
    "DispatchOutcome": "arterial.dispatching.outcome",
    "DispatchStatus": "arterial.dispatching.outcome",
    "dispatch_trains": "arterial.dispatching.portfolio",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in LATE_NAMES:
        message = f"module 'arterial.dispatching' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(LATE_NAMES[name]), name)
