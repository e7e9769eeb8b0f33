"""Compiled sums over trips: shares of delay by group and replication, delays by stop and bin.

Trips of one replication belong together, so what a group has of a replication is summed first and
enters its sums, their squares and their products with the number of trips as one number.
"""

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.coaches.outcome import Groups, Outcome
from arterial.operations.coaches.state import CoachPlan, CoachState, Row, Trip

__all__ = ["add_groups", "add_to_bins", "add_trip"]

UNREACHED = -(1 << 31)


@compiled
def add_to_bins(
    delays_s: NDArray[np.int32],
    lookup: NDArray[np.int64],
    lowest_s: int,
    grid_s: int,
    counts: NDArray[np.int32],
) -> None:
    """Count each delay in the bin that `lookup` gives for its place on an even grid."""
    last = len(lookup) - 1
    for row in range(delays_s.shape[0]):
        for stop in range(delays_s.shape[1]):
            late_s = delays_s[row, stop]
            if late_s == UNREACHED:
                continue
            place = (late_s - lowest_s) // grid_s
            place = min(max(place, 0), last)
            counts[stop, lookup[place]] += 1


@compiled(counts_references=False, is_merged=True)
def _add_shares(sums: Row, primary_s: int, knock_on_s: int, trips: int) -> None:
    """Add shares of one replication to sums, squares and products with the number of trips."""
    sums.p += primary_s
    sums.k += knock_on_s
    # Squares as floats: those of whole seconds, summed over replications, outgrow 64 bits.
    sums.pp += float(primary_s) * primary_s
    sums.kk += float(knock_on_s) * knock_on_s
    sums.pk += float(primary_s) * knock_on_s
    sums.pn += float(primary_s) * trips
    sums.kn += float(knock_on_s) * trips


@compiled(counts_references=False, is_merged=True)
def add_trip(
    plan: CoachPlan, state: CoachState, trip: Trip, outcome: Outcome, groups: Groups
) -> int:  # fmt: skip
    """Add the shares of a trip to its sums and to those of its groups; the shares' total [s].

    What the trip had is cleared on the way.
    """
    branches = outcome.trip_causes.shape[1]
    # The first node is the total of the tree.
    total_s = state.nodes[0].primary_s + state.nodes[0].knock_on_s
    for number in range(state.sizes[0].touched):
        node = state.touched[number]
        share = state.nodes[node]
        if node < branches:
            _add_shares(outcome.trip_causes[trip, node], share.primary_s, share.knock_on_s, 1)
        for turn in range(2):
            group = plan.trips[trip].group if turn == 0 else plan.trips[trip].works_group
            if group < 0:
                continue
            whole = groups.shares[group, node]
            if whole.is_touched == 0:
                whole.is_touched = 1
                groups.touched[group, groups.groups[group].touched] = node
                groups.groups[group].touched += 1
            whole.primary_s += share.primary_s
            whole.knock_on_s += share.knock_on_s
        share.primary_s = 0
        share.knock_on_s = 0
        share.is_touched = 0
    state.sizes[0].touched = 0
    return int(total_s)


@compiled(counts_references=False, is_merged=True)
def add_groups(outcome: Outcome, groups: Groups) -> None:
    """Add what each group has of this replication to its sums, and clear it."""
    for group in range(len(groups.groups)):
        row = groups.groups[group]
        for number in range(row.touched):
            node = groups.touched[group, number]
            share, sums = groups.shares[group, node], outcome.group_causes[group, node]
            _add_shares(sums, share.primary_s, share.knock_on_s, row.finished)
            share.primary_s = 0
            share.knock_on_s = 0
            share.is_touched = 0
        row.touched = 0
        row.finished = 0
