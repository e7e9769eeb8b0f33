"""Compiled sums of shares of delay: over the trips of a group, then over replications.

Trips of one replication belong together, so what a group has of a replication is summed first and
enters its sums, their squares and their products with the number of trips as one number.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.coaches.arrays import Groups, Outcome
from arterial.operations.coaches.desk import (
    TRIP_TARGET,
    TRIP_WORKS_TARGET,
    WORK_KNOCK_ON_S,
    WORK_MARK,
    WORK_PRIMARY_S,
    WORK_TOUCHED,
    WORK_TOUCHED_SIZE,
    Desk,
)

__all__ = ["add_groups", "add_trip"]

# Columns of the sums of a cause.
SUM_PRIMARY: Final = 0
SUM_KNOCK_ON: Final = 1
SUM_PRIMARY_SQUARE: Final = 2
SUM_KNOCK_ON_SQUARE: Final = 3
SUM_PRODUCT: Final = 4
SUM_PRIMARY_TRIPS: Final = 5
SUM_KNOCK_ON_TRIPS: Final = 6


@compiled
def _add_shares(sums: NDArray[np.float64], primary: int, knock_on: int, trips: int) -> None:
    """Add shares of one replication to sums, squares and products with the number of trips."""
    sums[SUM_PRIMARY] += primary
    sums[SUM_KNOCK_ON] += knock_on
    sums[SUM_PRIMARY_SQUARE] += float(primary) * primary
    sums[SUM_KNOCK_ON_SQUARE] += float(knock_on) * knock_on
    sums[SUM_PRODUCT] += float(primary) * knock_on
    sums[SUM_PRIMARY_TRIPS] += float(primary) * trips
    sums[SUM_KNOCK_ON_TRIPS] += float(knock_on) * trips


@compiled
def add_trip(desk: Desk, trip: int, out: Outcome, groups: Groups) -> int:
    """Add the shares of a trip to its sums and to those of its groups; the shares' total [s]."""
    nodes = out.cause_sums.shape[1]
    total = desk.ints[desk.at[WORK_PRIMARY_S]] + desk.ints[desk.at[WORK_KNOCK_ON_S]]
    for number in range(desk.ints[desk.at[WORK_TOUCHED_SIZE]]):
        node = desk.ints[desk.at[WORK_TOUCHED] + number]
        primary, knock_on = (
            desk.ints[desk.at[WORK_PRIMARY_S] + node],
            desk.ints[desk.at[WORK_KNOCK_ON_S] + node],
        )
        if node < nodes:
            _add_shares(out.cause_sums[trip, node], primary, knock_on, 1)
        for turn in range(2):
            group = (
                desk.ints[desk.at[TRIP_TARGET] + trip]
                if turn == 0
                else desk.ints[desk.at[TRIP_WORKS_TARGET] + trip]
            )
            if group < 0:
                continue
            if groups.mark[group, node] == 0:
                groups.mark[group, node] = 1
                groups.touched[group, groups.size[group]] = node
                groups.size[group] += 1
            groups.shares_s[group, node, 0] += primary
            groups.shares_s[group, node, 1] += knock_on
        desk.ints[desk.at[WORK_PRIMARY_S] + node] = 0
        desk.ints[desk.at[WORK_KNOCK_ON_S] + node] = 0
        desk.ints[desk.at[WORK_MARK] + node] = 0
    desk.ints[desk.at[WORK_TOUCHED_SIZE]] = 0
    return int(total)


@compiled
def add_groups(out: Outcome, groups: Groups) -> None:
    """Add what each group has of this replication to its sums, and clear it."""
    for group in range(len(groups.size)):
        for number in range(groups.size[group]):
            node = groups.touched[group, number]
            shares = groups.shares_s[group, node]
            trips = groups.finished[group]
            _add_shares(out.group_sums[group, node], shares[0], shares[1], trips)
            groups.shares_s[group, node, :] = 0
            groups.mark[group, node] = 0
        groups.size[group] = 0
        groups.finished[group] = 0
