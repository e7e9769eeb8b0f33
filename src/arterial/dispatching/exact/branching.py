"""Branch and bound over the orders of trains on given paths.

`order_trains` is the main function. A node of the search is a set of chosen orders; every train
runs as early as they allow. Orders that would cost too much are excluded, what the conflicts cost
together bounds the node (see `arterial.dispatching.exact.packing`), and the conflict whose two
sides raise the price most is decided next, the cheaper side first.

`raise_bound` proves bounds: it looks for plans within a little of the least price, then a little
more, for a low cutoff leaves few orders open.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.exact.alternatives import Alternatives, Frame
from arterial.dispatching.exact.packing import (
    Conflicts,
    claim_shares,
    make_conflicts,
    pack_conflicts,
    probe_order,
    release_shares,
    weigh_side,
)
from arterial.dispatching.exact.propagation import (
    CUTOFF,
    DEPTH,
    IS_FULL,
    N_ARCS,
    N_CHANGES,
    TOTAL,
    Marks,
    Progress,
    choose_order,
    is_conflict,
    list_conflicts,
    make_progress,
    undo,
)
from arterial.dispatching.occupancy.kernels import compiled

__all__ = ["OrderBound", "OrderResult", "order_trains", "raise_bound"]

Integers = NDArray[np.int64]

# What examining a node of the search can end with, if not with a conflict to decide.
IS_PLAN: Final = -1
IS_HOPELESS: Final = -2
IS_REDUCED: Final = -3
EXHAUSTED: Final = -1
ROUNDING: Final = 1e-6
MOST_LEVELS: Final = 1 << 15
# Columns of the levels.
FIRST, SECOND, ARCS, CHANGES, IS_TURNED = 0, 1, 2, 3, 4
BATCH_S: Final = 0.05
FIRST_BATCH: Final = 4
MOST_BATCH: Final = 20_000
# `raise_bound`: steps as a share of what is open; the last one, to the value itself, as a share of
# the whole gap; time for one try as a share of what is left.
STEP: Final = 0.33
LAST_STEP: Final = 0.02
TRY_SHARE: Final = 0.4
MOST_FAILURES: Final = 4


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What a search over orders gave.

    ``is_complete``: no better plan exists on these paths. ``start`` holds the instants of the
    nodes of the best plan [ticks], None where no plan below the cutoff was found.
    """

    value: int
    start: Integers | None
    is_complete: bool
    nodes: int


@dataclass(frozen=True, slots=True)
class OrderBound:
    """What is proven: the best plan on a graph costs ``bound`` or more, and at most ``value``.

    ``start`` holds the instants of a plan of that value [ticks], None where none was found.
    """

    bound: int
    value: int
    start: Integers | None


@compiled
def probe_conflicts(
    alternatives: Alternatives, progress: Progress, conflicts: Conflicts, count: int
) -> int:
    """Probe both sides of all conflicts; how many are open, or a code.

    Where one side is impossible the other is chosen at once.
    """
    pairs, room = conflicts.pairs, len(conflicts.train) - 2 * len(conflicts.share)
    kept, is_reduced = 0, False
    conflicts.first[0] = 0
    for place in range(count):
        one, other = pairs[place, 0], pairs[place, 1]
        if conflicts.first[2 * kept] > room:
            break
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
def exclude_sides(
    alternatives: Alternatives, progress: Progress, conflicts: Conflicts, count: int, bound: float
) -> int:
    """Choose the orders whose other side costs too much beside all other conflicts.

    The rise is at least the weights of the other conflicts and the side by the shares left to it.
    """
    most = progress.counts[CUTOFF] - 1 - progress.counts[TOTAL]
    code = count
    for conflict in range(count):
        release_shares(conflicts, conflict)
        others = bound - conflicts.weight[conflict]
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
def examine(alternatives: Alternatives, progress: Progress, conflicts: Conflicts) -> int:
    """Reduce and bound a node of the search: the conflict to decide next, or how it ended."""
    counts, total = progress.counts, conflicts.total
    code = IS_REDUCED
    while code == IS_REDUCED:
        count = list_conflicts(alternatives, progress, conflicts.pairs)
        if count == 0:
            return IS_PLAN
        code = probe_conflicts(alternatives, progress, conflicts, count)
        if code >= 0:
            bound = pack_conflicts(conflicts, code)
            if counts[TOTAL] + np.ceil(bound - ROUNDING) >= counts[CUTOFF]:
                return IS_HOPELESS
            code = exclude_sides(alternatives, progress, conflicts, code, bound)
    best, most = code, -1.0
    for conflict in range(code):
        score = (total[2 * conflict] + 1.0) * (total[2 * conflict + 1] + 1.0)
        if score > most:
            best, most = conflict, score
    return best


@compiled
def turn_back(alternatives: Alternatives, progress: Progress, levels: Integers) -> bool:
    """Go back to the last level with a side not yet tried, and take it; False at the end."""
    counts = progress.counts
    while counts[DEPTH] > 0:
        level = levels[counts[DEPTH] - 1]
        undo(alternatives, progress, Marks(level[ARCS], level[CHANGES]))
        if level[IS_TURNED]:
            counts[DEPTH] -= 1
            continue
        level[IS_TURNED] = 1
        if choose_order(alternatives, progress, level[SECOND], level[FIRST]):
            return True
    counts[DEPTH] = EXHAUSTED
    return False


@compiled
def run_search(
    alternatives: Alternatives,
    progress: Progress,
    conflicts: Conflicts,
    levels: Integers,
    batch: int,
) -> None:
    """Search on for some nodes; the depth tells whether all are done."""
    counts, total = progress.counts, conflicts.total
    for _ in range(batch):
        conflict = examine(alternatives, progress, conflicts)
        if conflict == IS_PLAN:
            counts[CUTOFF] = counts[TOTAL]
            progress.best_time[:] = progress.time
        elif conflict >= 0 and counts[DEPTH] < len(levels):
            one, other = conflicts.pairs[conflict, 0], conflicts.pairs[conflict, 1]
            if total[2 * conflict] > total[2 * conflict + 1]:
                one, other = other, one
            level = levels[counts[DEPTH]]
            level[FIRST], level[SECOND], level[IS_TURNED] = one, other, 0
            level[ARCS], level[CHANGES] = counts[N_ARCS], counts[N_CHANGES]
            counts[DEPTH] += 1
            if choose_order(alternatives, progress, one, other):
                continue
        elif conflict >= 0:
            counts[IS_FULL] = 1
        if counts[IS_FULL] or not turn_back(alternatives, progress, levels):
            return


def order_trains(
    frame: Frame,
    *,
    cutoff: int,
    seconds: float,
    is_halted: Callable[[], bool] = lambda: False,
) -> OrderResult:
    """Find the cheapest orders below a cutoff.

    Parameters
    ----------
    frame : Frame
        Paths, and where they meet.
    cutoff : int
        Plans have to cost less.
    seconds : float
        Wall time to stay within [s].
    is_halted : callable
        Asked from time to time whether to stop.

    Returns
    -------
    OrderResult
        The best orders found, and whether they are the best of all.
    """
    deadline = time.perf_counter() + seconds
    alternatives = frame.alternatives
    n_trains = len(frame.train_first) - 1
    progress = make_progress(alternatives, n_trains, cutoff)
    is_over = bool((alternatives.earliest > alternatives.latest).any())
    if is_over or progress.counts[TOTAL] >= cutoff:
        return OrderResult(cutoff, None, is_complete=True, nodes=0)
    conflicts = make_conflicts(n_trains)
    levels = np.zeros((MOST_LEVELS, 5), dtype=np.int64)
    counts = progress.counts
    batch, nodes = FIRST_BATCH, 0
    while counts[DEPTH] != EXHAUSTED and not counts[IS_FULL]:
        before = time.perf_counter()
        if before >= deadline or is_halted():
            break
        run_search(alternatives, progress, conflicts, levels, batch)
        nodes += batch
        pace = batch / max(time.perf_counter() - before, 1e-6)
        batch = int(min(max(pace * BATCH_S, 1), 2 * batch, MOST_BATCH))
    value = int(counts[CUTOFF])
    return OrderResult(
        value=value,
        start=progress.best_time if value < cutoff else None,
        is_complete=bool(counts[DEPTH] == EXHAUSTED and not counts[IS_FULL]),
        nodes=nodes,
    )


def raise_bound(
    frame: Frame,
    *,
    bound: int,
    value: int,
    seconds: float,
    is_halted: Callable[[], bool] = lambda: False,
) -> OrderBound:
    """Raise the cutoff from below until a plan is found, which then is the best, or time is over.

    Depth first with a high cutoff may be lost in a part without good plans; the cost of searches
    with low cutoffs adds up to less.

    Parameters
    ----------
    frame : Frame
        A graph that no plan can be cheaper than.
    bound, value : int
        What is known: no plan is cheaper than the one, some plan costs the other.
    seconds : float
        Wall time to stay within [s].
    is_halted : callable
        Asked from time to time whether to stop.

    Returns
    -------
    OrderBound
        The bound, and what was found on the way.
    """
    deadline = time.perf_counter() + seconds
    start, ceiling, failures = None, value, 0
    last_step = int(LAST_STEP * (value - bound))
    while bound < ceiling and failures < MOST_FAILURES and not is_halted():
        left = deadline - time.perf_counter()
        if left <= 0:
            break
        cutoff = bound + int(STEP * (ceiling - bound)) + 1
        if failures == 0 and cutoff - bound <= last_step:
            cutoff = ceiling
        allowed = TRY_SHARE * left
        result = order_trains(frame, cutoff=cutoff, seconds=allowed, is_halted=is_halted)
        if result.start is not None:
            value, start = result.value, result.start
        if result.is_complete:
            bound, ceiling = max(bound, result.value), min(ceiling, value)
        else:
            ceiling, failures = min(cutoff, value), failures + 1
    return OrderBound(min(bound, value), value, start)
