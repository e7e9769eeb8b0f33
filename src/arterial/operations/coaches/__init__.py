"""Through coaches simulated day by day: arrivals, missed hand-overs, coach sets and their causes.

Main functions: :func:`prepare_coaches`, :func:`simulate_coaches` and :func:`summarise_coaches`.
Kernels call each other in this order: `trips_kernel` (all trips of a replication), `journey_kernel`
(hand-overs and legs of one trip), `hosts_kernel` (the host that it boards), `attribution_kernel`.
"""

from arterial.operations.coaches.model import CoachModel, CoachOptions
from arterial.operations.coaches.prepare import NothingTimedError, prepare_coaches
from arterial.operations.coaches.simulate import simulate_coaches
from arterial.operations.coaches.summary import summarise_coaches

__all__ = [
    "CoachModel",
    "CoachOptions",
    "NothingTimedError",
    "prepare_coaches",
    "simulate_coaches",
    "summarise_coaches",
]
