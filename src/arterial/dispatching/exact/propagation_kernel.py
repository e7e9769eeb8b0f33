"""Compiled search state of chosen orders: earliest instants, and how to go back.

`choose_order` adds an order and moves what it delays; `undo` takes back all that came after a
mark; `list_conflicts` gives the pairs of visits that overlap at the earliest instants. Arrays are
taken out of their tuples before loops, for each use of a member counts references.
Source: longest paths in alternative graphs, [Mascis 2002].
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import FOREVER
from arterial.rows import Row, Rows, row_kind

__all__ = [
    "PRICING",
    "Alternatives",
    "Marks",
    "Progress",
    "choose_order",
    "is_conflict",
    "list_conflicts",
    "make_progress",
    "undo",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

NO_ARC: Final = -1
ALONG_THE_PATH: Final = -2
# Binary digits of the ticks within a second.
TICK_BITS: Final = 12
MOST_ARCS: Final = 1 << 17
MOST_CHANGES: Final = 1 << 21

PRICING: Final = row_kind("owner threshold_s coefficient increment")
COUNTS: Final = row_kind("arcs changes total cutoff depth is_full")
ARC: Final = row_kind("target gap following source")
CHANGE: Final = row_kind("node before")


class Alternatives(NamedTuple):
    """Nodes of all trains in one row, train after train, and visits grouped by resource.

    Attributes
    ----------
    earliest, latest : (n_nodes,)
        Bounds of the instant [ticks].
    stay : (n_nodes,)
        Least time to the next node of the train [ticks].
    is_last, is_priced : (n_nodes,) bool
        The last node of a train, whose visits never end; whether a late instant costs anything.
    pricing : (n_nodes,) rows
        Train, threshold [s], coefficient, increment.
    visit_first : (n_resources + 1,)
        Where the visits of each resource begin.
    visit_node, visit_gap : (n_visits,)
        Node at which a visit starts; how long it closes the resource after its end [ticks].
    """

    earliest: Integers
    latest: Integers
    stay: Integers
    is_last: NDArray[np.bool_]
    is_priced: NDArray[np.bool_]
    pricing: Rows
    visit_first: Indices
    visit_node: Indices
    visit_gap: Integers


class Progress(NamedTuple):
    """Chosen orders, the earliest instants that follow, and what they cost each train.

    Orders are arcs in linked lists that begin at ``head``; ``changes`` keeps the former instants.
    ``counts`` is one row: how many arcs and changes, the price of all, the cutoff (the value that a
    plan has to stay below), the depth of the search, and whether arcs or changes ran out of
    places: then no answer is a proof.
    """

    time: Integers
    price: Integers
    counts: Rows
    head: Indices
    arcs: Rows
    changes: Rows
    queue: Indices
    is_queued: NDArray[np.bool_]
    sequence: Indices
    best_time: Integers


class Marks(NamedTuple):
    """How many orders and changes there were."""

    arcs: int
    changes: int


def make_progress(alternatives: Alternatives, n_trains: int, cutoff: int) -> Progress:
    """No orders chosen: every train at its earliest instants."""
    n_nodes = len(alternatives.stay)
    pricing = alternatives.pricing
    late_s = (alternatives.earliest >> TICK_BITS) - pricing["threshold_s"]
    price = np.where(late_s >= 0, late_s * pricing["coefficient"] + pricing["increment"], 0).astype(
        np.int64
    )
    counts = np.zeros(1, dtype=COUNTS)
    counts["total"], counts["cutoff"] = price.sum(), cutoff
    return Progress(
        time=alternatives.earliest.copy(),
        price=np.bincount(pricing["owner"], weights=price, minlength=n_trains).astype(np.int64),
        counts=counts,
        head=np.full(n_nodes, NO_ARC, dtype=np.int32),
        arcs=np.zeros(MOST_ARCS, dtype=ARC),
        changes=np.zeros(MOST_CHANGES, dtype=CHANGE),
        queue=np.zeros(n_nodes + 1, dtype=np.int32),
        is_queued=np.zeros(n_nodes, dtype=np.bool_),
        sequence=np.arange(len(alternatives.visit_node), dtype=np.int32),
        best_time=alternatives.earliest.copy(),
    )


@compiled
def _reprice(
    pricing: Rows, time: Integers, price: Integers, counts: Row, node: int, instant: int
) -> None:
    """Count what it costs to move a node from its instant to another."""
    threshold, coefficient = pricing[node].threshold_s, pricing[node].coefficient
    increment = pricing[node].increment
    rise = 0
    late_s = (instant >> TICK_BITS) - threshold
    if late_s >= 0:
        rise += late_s * coefficient + increment
    late_s = (time[node] >> TICK_BITS) - threshold
    if late_s >= 0:
        rise -= late_s * coefficient + increment
    price[pricing[node].owner] += rise
    counts.total += rise


@compiled
def undo(alternatives: Alternatives, progress: Progress, marks: Marks) -> None:
    """Take back all orders and changes after a mark."""
    time, counts, price = progress.time, progress.counts[0], progress.price
    pricing, is_priced = alternatives.pricing, alternatives.is_priced
    changes, arcs, head = progress.changes, progress.arcs, progress.head
    # Backwards: a node that moved twice must end at its first instant.
    for place in range(counts.changes - 1, marks.changes - 1, -1):
        node = changes[place].node
        if is_priced[node]:
            _reprice(pricing, time, price, counts, node, changes[place].before)
        time[node] = changes[place].before
    counts.changes = marks.changes
    for place in range(counts.arcs - 1, marks.arcs - 1, -1):
        head[arcs[place].source] = arcs[place].following
    counts.arcs = marks.arcs


@compiled
def _move_followers(alternatives: Alternatives, progress: Progress, forbidden: int) -> bool:
    """Move what the nodes in the queue (one, at its first place) delay.

    Returns
    -------
    bool
        False where a bound or the cutoff is passed, or the forbidden node moves: it leads to the
        first one, so that the orders would go in a circle.
    """
    time, counts, price = progress.time, progress.counts[0], progress.price
    pricing, is_priced = alternatives.pricing, alternatives.is_priced
    stay, latest, is_last = alternatives.stay, alternatives.latest, alternatives.is_last
    head, arcs, changes = progress.head, progress.arcs, progress.changes
    queue, is_queued = progress.queue, progress.is_queued
    taken, filled, is_possible = 0, 1, True
    while taken != filled:
        node = queue[taken]
        taken = (taken + 1) % len(queue)
        is_queued[node] = False
        arc = head[node] if is_last[node] else ALONG_THE_PATH
        while is_possible and arc != NO_ARC:
            # The next node of the train is an arc that is never written down.
            if arc == ALONG_THE_PATH:
                target, instant, arc = node + 1, time[node] + stay[node], head[node]
            else:
                target, instant = arcs[arc].target, time[node] + arcs[arc].gap
                arc = arcs[arc].following
            if instant <= time[target]:
                continue
            # Reaching the end of the visit that goes first means that it waits for itself.
            if instant > latest[target] or target == forbidden:
                is_possible = False
                break
            if counts.changes == len(changes):
                counts.is_full, is_possible = 1, False
                break
            changes[counts.changes].node = target
            changes[counts.changes].before = time[target]
            counts.changes += 1
            if is_priced[target]:
                _reprice(pricing, time, price, counts, target, instant)
            time[target] = instant
            is_possible = counts.total < counts.cutoff
            if not is_queued[target]:
                is_queued[target] = True
                queue[filled] = target
                filled = (filled + 1) % len(queue)
    return is_possible


@compiled
def choose_order(alternatives: Alternatives, progress: Progress, one: int, other: int) -> bool:
    """Let a visit go before another; False where that is impossible or costs too much.

    ``t_other >= t_end + gap``. Whatever the answer, `undo` takes it back.
    """
    start, node = alternatives.visit_node[one], alternatives.visit_node[other]
    if alternatives.is_last[start]:
        return False
    end = start + 1
    counts, arcs, time = progress.counts[0], progress.arcs, progress.time
    gap = alternatives.visit_gap[one]
    place = counts.arcs
    arcs[place].target, arcs[place].gap = node, gap
    arcs[place].following, arcs[place].source = progress.head[end], end
    progress.head[end] = place
    counts.arcs = place + 1
    instant = time[end] + gap
    if instant <= time[node]:
        return True
    is_full = counts.arcs == len(arcs) or counts.changes == len(progress.changes)
    if is_full or instant > alternatives.latest[node]:
        counts.is_full |= int(is_full)
        return False
    progress.changes[counts.changes].node = node
    progress.changes[counts.changes].before = time[node]
    counts.changes += 1
    if alternatives.is_priced[node]:
        _reprice(alternatives.pricing, time, progress.price, counts, node, instant)
    time[node] = instant
    if counts.total >= counts.cutoff:
        return False
    progress.queue[0] = node
    progress.is_queued[node] = True
    return _move_followers(alternatives, progress, end)


@compiled
def _free_from(alternatives: Alternatives, time: Integers, visit: int) -> int:
    """Instant from which others may have the resource of a visit."""
    node = alternatives.visit_node[visit]
    if alternatives.is_last[node]:
        return FOREVER
    return int(time[node + 1] + alternatives.visit_gap[visit])


@compiled
def is_conflict(alternatives: Alternatives, time: Integers, one: int, other: int) -> bool:
    """Whether neither of two visits lets the other pass first."""
    starts = alternatives.visit_node
    return bool(
        time[starts[other]] < _free_from(alternatives, time, one)
        and time[starts[one]] < _free_from(alternatives, time, other)
    )


@compiled
def _sort_visits(visit_node: Indices, time: Integers, sequence: Indices) -> None:
    """Sort the visits of one resource by their start; they hardly ever are out of order."""
    for place in range(1, len(sequence)):
        visit = sequence[place]
        start = time[visit_node[visit]]
        gap = place
        while gap > 0 and time[visit_node[sequence[gap - 1]]] > start:
            sequence[gap] = sequence[gap - 1]
            gap -= 1
        sequence[gap] = visit


@compiled
def list_conflicts(alternatives: Alternatives, progress: Progress, pairs: Indices) -> int:
    """Write the pairs of visits of different trains that overlap; how many, at most its length."""
    time, visit_node = progress.time, alternatives.visit_node
    visit_first, pricing = alternatives.visit_first, alternatives.pricing
    count = 0
    for resource in range(len(visit_first) - 1):
        sequence = progress.sequence[visit_first[resource] : visit_first[resource + 1]]
        _sort_visits(visit_node, time, sequence)
        for place in range(len(sequence) - 1):
            one = sequence[place]
            free = _free_from(alternatives, time, one)
            for later in range(place + 1, len(sequence)):
                other = sequence[later]
                # They are in order of start: no later one begins before this one is over.
                if time[visit_node[other]] >= free or count == len(pairs):
                    break
                if pricing[visit_node[other]].owner != pricing[visit_node[one]].owner:
                    pairs[count, 0], pairs[count, 1] = one, other
                    count += 1
    return count
