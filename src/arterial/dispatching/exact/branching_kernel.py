"""Compiled branch and bound over the orders of trains on given paths.

A node of the search is a set of chosen orders; every train runs as early as they allow. Orders that
would cost too much are excluded, what the conflicts cost together bounds the node (see
`arterial.dispatching.exact.packing_kernel`), and the conflict whose two sides raise the price most
is decided next, the cheaper side first.

`run_search` is the main function.
"""

from typing import Final

import numpy as np

from arterial.compiling import compiled
from arterial.dispatching.exact.packing_kernel import (
    Conflicts,
    claim_shares,
    pack_conflicts,
    probe_order,
    release_shares,
    weigh_side,
)
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

__all__ = ["EXHAUSTED", "make_levels", "run_search"]

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


def make_levels() -> Rows:
    """Workspace for the decisions on the way to a node of the search."""
    return np.zeros(MOST_LEVELS, dtype=LEVEL)


@compiled
def _probe_conflicts(
    alternatives: Alternatives, progress: Progress, conflicts: Conflicts, count: int
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
    alternatives: Alternatives, progress: Progress, conflicts: Conflicts, count: int, bound: float
) -> int:
    """Choose the orders whose other side costs too much beside all other conflicts.

    The rise is at least the weights of the other conflicts and the side by the shares left to it.
    """
    most = progress.counts[0].cutoff - 1 - progress.counts[0].total
    code = count
    for conflict in range(count):
        release_shares(conflicts, conflict)
        others = bound - conflicts.weight[conflict]
        # Shares are floats: a rounding error must not exclude an order that a plan needs.
        goes = others + weigh_side(conflicts, 2 * conflict) <= most + ROUNDING
        yields = others + weigh_side(conflicts, 2 * conflict + 1) <= most + ROUNDING
        claim_shares(conflicts, conflict)
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
def _examine(alternatives: Alternatives, progress: Progress, conflicts: Conflicts) -> int:
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
    conflicts: Conflicts,
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
