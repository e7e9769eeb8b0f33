"""What a batch of replications of through coaches gives, as rows with names.

Main class: :class:`Outcome`, which the kernels fill.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.operations.coaches.model import RunIn
from arterial.operations.coaches.state import CoachPlan, Integers, Rows, row_kind

__all__ = [
    "CAUSE_SUMS",
    "UNREACHED_S",
    "Groups",
    "Outcome",
    "leave_out",
    "make_groups",
    "make_outcome",
]

UNREACHED_S: Final = -(1 << 31)
"""Stands for the delay at a stop that was not reached [s]."""

CAUSE_SUMS: Final = ("p", "k", "pp", "kk", "pk", "pn", "kn")
"""Sums over replications: primary and knock-on seconds, squares, and products with trips n."""


TRIP_OUTCOME: Final = row_kind(
    "status departure_delay_s arrival_s arrival_delay_s elapsed_s missed first_missed is_lost "
    "set_late_s"
)
SPARE_OUTCOME: Final = row_kind("is_lost is_cancelled set_late_s arrival_delay_s")
LEG_OUTCOME: Final = row_kind("offered missed cancelled wait_s cost_s")
VARIANT_OUTCOME: Final = row_kind("tried missed saved_s")
CAUSE_SUM: Final = row_kind("", " ".join(CAUSE_SUMS))
SHARE: Final = row_kind("primary_s knock_on_s is_touched")
GROUP: Final = row_kind("touched finished")


class Outcome(NamedTuple):
    """What a batch of replications gives; delays by cause are summed, with their squares.

    ``trips`` (n_replications, n_trips); ``spares`` (n_numbers, n_replications, n_trips), with other
    numbers of spare sets; ``legs`` (n_replications, n_legs); ``events_s`` (n_replications,
    n_events), delays; ``variants`` (n_tried, n_legs, n_variants), for the first replications only;
    ``trip_causes`` (n_trips, n_branches), without assets; ``group_causes`` (n_groups, n_nodes).
    Delays are counted against the timetable of the draw.
    ``gap_s`` (1,), by how much the shares of a delay miss it at most.
    """

    trips: Rows
    spares: Rows
    legs: Rows
    events_s: NDArray[np.int32]
    variants: Rows
    trip_causes: Rows
    group_causes: Rows
    gap_s: Integers


class Groups(NamedTuple):
    """What the groups have of one replication.

    ``shares`` (n_groups, n_nodes) of the causes, ``touched`` (n_groups, n_nodes), the numbers of
    those that are not 0, and ``groups``, how many these are and how many trips are finished.
    """

    shares: Rows
    touched: Integers
    groups: Rows


def make_outcome(plan: CoachPlan, replications: int, tried: int, variants: int) -> Outcome:
    """Room for what a batch gives.

    Parameters
    ----------
    plan : CoachPlan
        What is simulated.
    replications, tried : int
        Replications, and on how many of them buffers are tried.
    variants : int
        Buffers at each leg.

    Returns
    -------
    Outcome
        All at 0.
    """
    trips, legs, nodes = len(plan.trips), len(plan.legs), int(plan.path.max()) + 1
    # Assets stand last and only in the sums of groups: a trip names the branch that holds them.
    branches = np.where(plan.path[:, 3] >= 0, plan.path[:, 1], plan.path[:, 0])
    return Outcome(
        trips=np.zeros((replications, trips), TRIP_OUTCOME),
        spares=np.zeros((len(plan.set_begin) - 2, replications, trips), SPARE_OUTCOME),
        legs=np.zeros((replications, legs), LEG_OUTCOME),
        events_s=np.full((replications, plan.events_count), UNREACHED_S, np.int32),
        variants=np.zeros((tried, legs, variants), VARIANT_OUTCOME),
        trip_causes=np.zeros((trips, int(branches.max()) + 1), CAUSE_SUM),
        group_causes=np.zeros((_count_groups(plan), nodes), CAUSE_SUM),
        gap_s=np.zeros(1, np.int64),
    )


def leave_out(outcome: Outcome, run_in: RunIn) -> Outcome:
    """What the trips that count gave, without those that only bring the sets into their places."""
    return outcome._replace(
        trips=outcome.trips[:, run_in.trips :],
        spares=outcome.spares[:, :, run_in.trips :],
        legs=outcome.legs[:, run_in.legs :],
        events_s=np.ascontiguousarray(outcome.events_s[:, run_in.events :]),
        variants=outcome.variants[:, run_in.legs :],
        trip_causes=outcome.trip_causes[run_in.trips :],
    )


def make_groups(plan: CoachPlan) -> Groups:
    """Memory of what the groups have of one replication."""
    shape = (_count_groups(plan), int(plan.path.max()) + 1)
    return Groups(np.zeros(shape, SHARE), np.zeros(shape, np.int64), np.zeros(shape[0], GROUP))


def _count_groups(plan: CoachPlan) -> int:
    return int(max(plan.trips["group"].max(), plan.trips["works_group"].max())) + 1
