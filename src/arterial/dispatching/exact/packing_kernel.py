r"""Compiled bound: what the conflicts of the earliest instants must cost at least, all together.

Deciding a conflict one way raises the prices of trains by at least ``u``, the other way by ``v``
(vectors over trains). Whatever a plan does, its rises ``d`` have ``a . d >= 1`` for all ``a >= 0``
with ``a . u >= 1`` and ``a . v >= 1``. With weights ``l_c`` such that
``sum_c l_c a_c <= 1`` for each train, ``sum_c l_c`` bounds the whole rise. `pack_conflicts` fills
the weights greedily: each conflict takes ``l = min(s . u, s . v)`` out of the shares ``s`` that the
trains have left, and no more of them than it needs.

`probe_conflict` measures ``u`` and ``v``.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.exact.propagation_kernel import (
    Alternatives,
    Marks,
    Progress,
    choose_order,
    undo,
)

__all__ = [
    "Conflicts",
    "claim_shares",
    "make_conflicts",
    "pack_conflicts",
    "probe_order",
    "release_shares",
    "weigh_side",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Floats = NDArray[np.float64]

MOST_CONFLICTS: Final = 4096
MOST_RISES: Final = 1 << 18
LEAST_WEIGHT: Final = 1e-9
UNMARKED: Final = -1


class Conflicts(NamedTuple):
    """Conflicts of one node of the search; side 0 lets the first of a pair go first.

    Rises of side ``i`` of conflict ``c`` are at places ``first[2 c + i]`` to ``first[2 c + i + 1]``
    of ``train``, ``rise`` and ``claimed``; ``total`` is their sum. ``share`` is what each train has
    left, ``weight`` the part of each conflict in the bound.
    """

    pairs: Indices
    first: Integers
    train: Indices
    rise: Integers
    claimed: Floats
    total: Integers
    weight: Floats
    share: Floats
    mark: Integers


def make_conflicts(n_trains: int) -> Conflicts:
    """Workspace for the conflicts of one node of the search."""
    return Conflicts(
        pairs=np.zeros((MOST_CONFLICTS, 2), dtype=np.int32),
        first=np.zeros(2 * MOST_CONFLICTS + 1, dtype=np.int64),
        # Room for two sides more: `_probe_conflicts` looks at the room before it probes them.
        train=np.zeros(MOST_RISES + 2 * n_trains, dtype=np.int32),
        rise=np.zeros(MOST_RISES + 2 * n_trains, dtype=np.int64),
        claimed=np.zeros(MOST_RISES + 2 * n_trains),
        total=np.zeros(2 * MOST_CONFLICTS, dtype=np.int64),
        weight=np.zeros(MOST_CONFLICTS),
        share=np.ones(n_trains),
        mark=np.full(n_trains, UNMARKED, dtype=np.int64),
    )


@compiled
def probe_order(
    alternatives: Alternatives,
    progress: Progress,
    conflicts: Conflicts,
    one: int,
    other: int,
    side: int,
) -> bool:
    """Write what the order of two visits would raise at once; False where it is impossible.

    ``side`` is twice the place of the conflict, plus one for its second side.
    """
    counts, price, changes = progress.counts[0], progress.price, progress.changes
    train, rise, mark = conflicts.train, conflicts.rise, conflicts.mark
    pricing, is_priced = alternatives.pricing, alternatives.is_priced
    marks = Marks(counts.arcs, counts.changes)
    before = counts.total
    is_possible = choose_order(alternatives, progress, one, other)
    first = conflicts.first[side]
    stop = first
    if is_possible:
        conflicts.total[side] = counts.total - before
        for place in range(marks.changes, counts.changes):
            node = changes[place].node
            owner = pricing[node].owner
            if is_priced[node] and mark[owner] == UNMARKED:
                mark[owner] = stop
                train[stop], rise[stop] = owner, price[owner]
                stop += 1
    undo(alternatives, progress, marks)
    # Prices are those before the move again, so that what rose shows.
    kept = first
    for place in range(first, stop):
        owner = train[place]
        mark[owner] = UNMARKED
        if rise[place] > price[owner]:
            train[kept], rise[kept] = owner, rise[place] - price[owner]
            kept += 1
    conflicts.first[side + 1] = kept
    return is_possible


@compiled
def weigh_side(conflicts: Conflicts, side: int) -> float:
    """``s . u``: the rises of one side by the shares that are left."""
    weight = 0.0
    for place in range(conflicts.first[side], conflicts.first[side + 1]):
        weight += conflicts.share[conflicts.train[place]] * conflicts.rise[place]
    return weight


@compiled
def claim_shares(conflicts: Conflicts, conflict: int) -> float:
    """Take what a conflict needs of the shares that are left; its weight."""
    share, train, mark = conflicts.share, conflicts.train, conflicts.mark
    claimed = conflicts.claimed
    first, middle = conflicts.first[2 * conflict], conflicts.first[2 * conflict + 1]
    stop = conflicts.first[2 * conflict + 2]
    one, other = weigh_side(conflicts, 2 * conflict), weigh_side(conflicts, 2 * conflict + 1)
    weight = min(one, other)
    claimed[first:stop] = 0.0
    conflicts.weight[conflict] = 0.0
    if weight <= LEAST_WEIGHT:
        return 0.0
    for place in range(first, middle):
        claimed[place] = weight / one * share[train[place]]
        mark[train[place]] = place
    for place in range(middle, stop):
        claimed[place] = weight / other * share[train[place]]
        twin = mark[train[place]]
        if twin != UNMARKED:
            # A train on both sides gives the larger part only.
            claimed[place] = max(claimed[place] - claimed[twin], 0.0)
    for place in range(first, stop):
        share[train[place]] -= claimed[place]
        mark[train[place]] = UNMARKED
    conflicts.weight[conflict] = weight
    return weight


@compiled
def release_shares(conflicts: Conflicts, conflict: int) -> None:
    """Give back what a conflict took."""
    for place in range(conflicts.first[2 * conflict], conflicts.first[2 * conflict + 2]):
        conflicts.share[conflicts.train[place]] += conflicts.claimed[place]


@compiled
def pack_conflicts(conflicts: Conflicts, count: int) -> float:
    """The bound on the rise of all prices, dearest conflicts first."""
    conflicts.share[:] = 1.0
    key = np.minimum(conflicts.total[: 2 * count : 2], conflicts.total[1 : 2 * count : 2])
    bound = 0.0
    for conflict in np.argsort(-key):
        bound += claim_shares(conflicts, conflict)
    return bound
