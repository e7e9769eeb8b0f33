"""Compiled choice of coach sets, by where they stand and since when they are ready.

Trips and the works take the set that has been ready longest; what the works holds comes back ready.
"""

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.coaches.arrays import PoolArrays
from arterial.operations.coaches.desk import (
    TRIP_FROM_PLACE,
    TRIP_POOL,
    WORK_SET_PLACE,
    WORK_SET_READY_S,
    WORK_SET_TRIP,
    Desk,
)

__all__ = ["choose_set", "serve_works", "start_sets"]


@compiled
def start_sets(desk: Desk, pools: PoolArrays) -> None:
    """Put every coach set where it stands at the start."""
    for number in range(len(pools.pool)):
        desk.ints[desk.at[WORK_SET_PLACE] + number] = pools.place[number]
        desk.ints[desk.at[WORK_SET_READY_S] + number] = pools.ready_s[number]
        desk.ints[desk.at[WORK_SET_TRIP] + number] = -1


@compiled
def choose_set(desk: Desk, pools: PoolArrays, trip: int) -> int:
    """Set of the pool that has been ready longest at the first place of a trip; -1 if none."""
    chosen = -1
    for number in range(len(pools.pool)):
        if pools.pool[number] != desk.ints[desk.at[TRIP_POOL] + trip]:
            continue
        if (
            desk.ints[desk.at[WORK_SET_PLACE] + number]
            != desk.ints[desk.at[TRIP_FROM_PLACE] + trip]
        ):
            continue
        if (
            chosen < 0
            or desk.ints[desk.at[WORK_SET_READY_S] + number]
            < desk.ints[desk.at[WORK_SET_READY_S] + chosen]
        ):
            chosen = number
    return chosen


@compiled
def serve_works(
    desk: Desk, pools: PoolArrays, is_in: NDArray[np.bool_], held_until_s: NDArray[np.int64],
    at_s: int,
) -> None:  # fmt: skip
    """Hand the works the sets that are due by an instant, and say when they are ready again.

    It takes the set at home that has been ready longest, or is next to come; one that the works
    still holds only where there is no other and it is back by then. A set that comes in late stays
    as long as planned.
    """
    for stay in range(len(pools.stay_pool)):
        if is_in[stay] or pools.stay_from_s[stay] > at_s:
            continue
        begin, end = pools.stay_from_s[stay], pools.stay_until_s[stay]
        chosen, is_free = -1, False
        for number in range(len(pools.pool)):
            place = desk.ints[desk.at[WORK_SET_PLACE] + number]
            if pools.pool[number] != pools.stay_pool[stay] or place != pools.stay_place[stay]:
                continue
            if held_until_s[number] > max(begin, at_s):
                continue
            is_back = held_until_s[number] <= begin
            ready_s = desk.ints[desk.at[WORK_SET_READY_S] + number]
            if chosen >= 0:
                if is_free and not is_back:
                    continue
                if is_free == is_back and ready_s >= desk.ints[desk.at[WORK_SET_READY_S] + chosen]:
                    continue
            chosen, is_free = number, is_back
        if chosen < 0:
            continue
        ready_s = max(desk.ints[desk.at[WORK_SET_READY_S] + chosen], begin) + end - begin
        desk.ints[desk.at[WORK_SET_READY_S] + chosen] = ready_s
        desk.ints[desk.at[WORK_SET_TRIP] + chosen] = -1
        held_until_s[chosen] = ready_s
        is_in[stay] = True
