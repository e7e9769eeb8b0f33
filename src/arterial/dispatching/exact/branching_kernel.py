"""Compiled branch and bound over the orders of trains on given paths.

A node of the search is a set of chosen orders; every train runs as early as they allow. Orders that
would cost too much are excluded, what the conflicts cost together bounds the node, and the conflict
whose two sides raise the price most is decided next, the cheaper side first. `run_search` is the
main function.

Deciding a conflict one way raises the prices of trains by at least ``u``, the other way by ``v``
(vectors over trains). Whatever a plan does, its rises ``d`` have ``a . d >= 1`` for all ``a >= 0``
with ``a . u >= 1`` and ``a . v >= 1``. With weights ``l_c`` such that
``sum_c l_c a_c <= 1`` for each train, ``sum_c l_c`` bounds the whole rise. `pack_conflicts` fills
the weights greedily: each conflict takes ``l = min(s . u, s . v)`` out of the shares ``s`` that the
trains have left, and no more of them than it needs. `probe_order` measures ``u`` and ``v``.
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
    is_conflict,
    list_conflicts,
    undo,
)
from arterial.rows import Rows, row_kind

__all__ = [
    "EXHAUSTED",
    "make_conflicts",
    "make_levels",
    "pack_conflicts",
    "probe_order",
    "run_search",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Floats = NDArray[np.float64]
MOST_CONFLICTS: Final = 4096
MOST_RISES: Final = 1 << 18
LEAST_WEIGHT: Final = 1e-9
UNMARKED: Final = -1


class _Conflicts(NamedTuple):
    """_Conflicts of one node of the search; side 0 lets the first of a pair go first.

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


# What examining a node of the search can end with, if not with a conflict to decide.
IS_PLAN: Final = -1
IS_HOPELESS: Final = -2
IS_REDUCED: Final = -3
# The depth when all nodes are done.
EXHAUSTED: Final = -1
ROUNDING: Final = 1e-6
MOST_LEVELS: Final = 1 << 15
# A decision: the order taken first, how much there was before, whether its other side was taken.
LEVEL: Final = row_kind("first second arcs changes is_turned")


def make_conflicts(n_trains: int) -> _Conflicts:
    """Workspace for the conflicts of one node of the search."""
    return _Conflicts(
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
    conflicts: _Conflicts,
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
def _weigh_side(conflicts: _Conflicts, side: int) -> float:
    """``s . u``: the rises of one side by the shares that are left."""
    weight = 0.0
    for place in range(conflicts.first[side], conflicts.first[side + 1]):
        weight += conflicts.share[conflicts.train[place]] * conflicts.rise[place]
    return weight


@compiled
def _claim_shares(conflicts: _Conflicts, conflict: int) -> float:
    """Take what a conflict needs of the shares that are left; its weight."""
    share, train, mark = conflicts.share, conflicts.train, conflicts.mark
    claimed = conflicts.claimed
    first, middle = conflicts.first[2 * conflict], conflicts.first[2 * conflict + 1]
    stop = conflicts.first[2 * conflict + 2]
    one, other = _weigh_side(conflicts, 2 * conflict), _weigh_side(conflicts, 2 * conflict + 1)
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
def _release_shares(conflicts: _Conflicts, conflict: int) -> None:
    """Give back what a conflict took."""
    for place in range(conflicts.first[2 * conflict], conflicts.first[2 * conflict + 2]):
        conflicts.share[conflicts.train[place]] += conflicts.claimed[place]


@compiled
def pack_conflicts(conflicts: _Conflicts, count: int) -> float:
    """The bound on the rise of all prices, dearest conflicts first."""
    conflicts.share[:] = 1.0
    key = np.minimum(conflicts.total[: 2 * count : 2], conflicts.total[1 : 2 * count : 2])
    bound = 0.0
    for conflict in np.argsort(-key):
        bound += _claim_shares(conflicts, conflict)
    return bound


def make_levels() -> Rows:
    """Workspace for the decisions on the way to a node of the search."""
    return np.zeros(MOST_LEVELS, dtype=LEVEL)


@compiled
def _probe_conflicts(
    alternatives: Alternatives, progress: Progress, conflicts: _Conflicts, count: int
) -> int:
    """Probe both sides of all conflicts; how many are open, or a code.

    Where one side is impossible the other is chosen at once.
    """
    pairs, most_rises = conflicts.pairs, len(conflicts.train) - 2 * len(conflicts.share)
    kept, is_reduced = 0, False
    conflicts.first[0] = 0
    for place in range(count):
        one, other = pairs[place, 0], pairs[place, 1]
        if conflicts.first[2 * kept] > most_rises:
            break
        # An order chosen on the way may have decided this conflict as well.
        if is_reduced and not is_conflict(alternatives, progress.time, one, other):
            continue
        goes = probe_order(alternatives, progress, conflicts, one, other, 2 * kept)
        yields = probe_order(alternatives, progress, conflicts, other, one, 2 * kept + 1)
        if goes and yields:
            pairs[kept, 0], pairs[kept, 1] = one, other
            kept += 1
            continue
        is_reduced = True
        if not goes:
            one, other = other, one
        if not (goes or yields) or not choose_order(alternatives, progress, one, other):
            return IS_HOPELESS
    return IS_REDUCED if is_reduced else kept


@compiled
def _exclude_sides(
    alternatives: Alternatives, progress: Progress, conflicts: _Conflicts, count: int, bound: float
) -> int:
    """Choose the orders whose other side costs too much beside all other conflicts.

    The rise is at least the weights of the other conflicts and the side by the shares left to it.
    """
    most = progress.counts[0].cutoff - 1 - progress.counts[0].total
    code = count
    for conflict in range(count):
        _release_shares(conflicts, conflict)
        others = bound - conflicts.weight[conflict]
        # Shares are floats: a rounding error must not exclude an order that a plan needs.
        goes = others + _weigh_side(conflicts, 2 * conflict) <= most + ROUNDING
        yields = others + _weigh_side(conflicts, 2 * conflict + 1) <= most + ROUNDING
        _claim_shares(conflicts, conflict)
        if goes and yields:
            continue
        one, other = conflicts.pairs[conflict, 0], conflicts.pairs[conflict, 1]
        if code == IS_REDUCED and not is_conflict(alternatives, progress.time, one, other):
            continue
        if not goes:
            one, other = other, one
        if not (goes or yields) or not choose_order(alternatives, progress, one, other):
            return IS_HOPELESS
        code = IS_REDUCED
    return code


@compiled
def _examine(alternatives: Alternatives, progress: Progress, conflicts: _Conflicts) -> int:
    """Reduce and bound a node of the search: the conflict to decide next, or how it ended."""
    counts, total = progress.counts[0], conflicts.total
    code = IS_REDUCED
    while code == IS_REDUCED:
        count = list_conflicts(alternatives, progress, conflicts.pairs)
        if count == 0:
            return IS_PLAN
        code = _probe_conflicts(alternatives, progress, conflicts, count)
        if code >= 0:
            bound = pack_conflicts(conflicts, code)
            if counts.total + np.ceil(bound - ROUNDING) >= counts.cutoff:
                return IS_HOPELESS
            code = _exclude_sides(alternatives, progress, conflicts, code, bound)
    best, most = code, -1.0
    for conflict in range(code):
        score = (total[2 * conflict] + 1.0) * (total[2 * conflict + 1] + 1.0)
        if score > most:
            best, most = conflict, score
    return best


@compiled
def _turn_back(alternatives: Alternatives, progress: Progress, levels: Rows) -> bool:
    """Go back to the last level with a side not yet tried, and take it; False at the end."""
    counts = progress.counts[0]
    while counts.depth > 0:
        level = levels[counts.depth - 1]
        undo(alternatives, progress, Marks(level.arcs, level.changes))
        if level.is_turned:
            counts.depth -= 1
            continue
        level.is_turned = 1
        if choose_order(alternatives, progress, level.second, level.first):
            return True
    counts.depth = EXHAUSTED
    return False


@compiled
def run_search(
    alternatives: Alternatives,
    progress: Progress,
    conflicts: _Conflicts,
    levels: Rows,
    batch: int,
) -> None:
    """Search on for some nodes; the depth tells whether all are done."""
    counts, total = progress.counts[0], conflicts.total
    for _ in range(batch):
        conflict = _examine(alternatives, progress, conflicts)
        if conflict == IS_PLAN:
            counts.cutoff = counts.total
            for node in range(len(progress.time)):
                progress.best_time[node] = progress.time[node]
        elif conflict >= 0 and counts.depth < len(levels):
            one, other = conflicts.pairs[conflict, 0], conflicts.pairs[conflict, 1]
            # The cheaper side first: a plan found early makes the cutoff low for all that follows.
            if total[2 * conflict] > total[2 * conflict + 1]:
                one, other = other, one
            level = levels[counts.depth]
            level.first, level.second, level.is_turned = one, other, 0
            level.arcs, level.changes = counts.arcs, counts.changes
            counts.depth += 1
            if choose_order(alternatives, progress, one, other):
                continue
        elif conflict >= 0:
            counts.is_full = 1
        if counts.is_full or not _turn_back(alternatives, progress, levels):
            return
