"""What a solution of the exact model still breaks: overlaps, and swaps at one instant.

`read_visits` turns times into visits of resources, `find_overlaps` and `find_cycles` give what has
to be decided, `order_events` a global order of events where nothing is broken.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.encode import TICKS_PER_S, Graphs

__all__ = [
    "Timetable",
    "Visit",
    "find_cycle",
    "find_overlaps",
    "order_arcs",
    "order_events",
    "read_visits",
]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Timetable:
    """Operations that each train uses, in order, and when they start [s]."""

    paths: dict[int, list[int]]
    start_s: dict[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """An operation holds a resource; ``end_s`` is None for an exit, which never ends."""

    start_s: int
    end_order: float
    train: int
    step: int
    operation: int
    gap_s: int

    @property
    def free_s(self) -> float:
        """Instant from which others may have the resource."""
        return self.end_order + self.gap_s


def read_visits(graphs: Graphs, timetable: Timetable) -> dict[int, list[Visit]]:
    """Visits of each resource, sorted by start."""
    visits: dict[int, list[Visit]] = defaultdict(list)
    for train, path in timetable.paths.items():
        for step, operation in enumerate(path):
            is_exit = step == len(path) - 1
            end = float("inf") if is_exit else float(timetable.start_s[path[step + 1]])
            for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
                visit = Visit(
                    start_s=timetable.start_s[operation],
                    end_order=end,
                    train=train,
                    step=step,
                    operation=operation,
                    gap_s=int(graphs.use_gap[use]) // TICKS_PER_S,
                )
                visits[int(graphs.use_resource[use])].append(visit)
    return {resource: sorted(found) for resource, found in visits.items()}


def find_overlaps(visits: dict[int, list[Visit]]) -> list[tuple[Visit, Visit]]:
    """Pairs of visits of different trains of which neither lets the other pass first."""
    overlaps = []
    for found in visits.values():
        for place, one in enumerate(found):
            overlaps += [
                (one, other)
                for other in found[place + 1 :]
                if other.train != one.train
                and other.start_s < one.free_s
                and one.start_s < other.free_s
            ]
    return overlaps


def order_arcs(
    visits: dict[int, list[Visit]], goes_first: Callable[[Visit, Visit], bool]
) -> list[tuple[Visit, Visit]]:
    """Neighbouring visits of each resource in the order in which they happen.

    Where two visits of no length meet at one instant their times leave the order open; then
    ``goes_first`` decides.
    """
    arcs = []
    for found in visits.values():
        for one, other in pairwise(found):
            if one.train == other.train:
                continue
            # Both let the other pass first only if neither takes any time.
            is_open = other.free_s <= one.start_s
            arcs.append((other, one) if is_open and goes_first(other, one) else (one, other))
    return arcs


def order_events(timetable: Timetable, arcs: list[tuple[Visit, Visit]]) -> list[tuple[int, int]]:
    """Events as (train, step) in a global order that keeps times, paths and orders.

    Events that lie on a cycle, and those after them, are missing: see `find_cycle`.
    """
    followers: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    before: dict[tuple[int, int], int] = {}
    for train, path in timetable.paths.items():
        for step in range(len(path)):
            before[train, step] = 1 if step else 0
            if step:
                followers[train, step - 1].append((train, step))
    for one, other in arcs:
        followers[one.train, one.step + 1].append((other.train, other.step))
        before[other.train, other.step] += 1
    ready = [
        (timetable.start_s[timetable.paths[train][step]], train, step)
        for (train, step), count in before.items()
        if count == 0
    ]
    heapq.heapify(ready)
    order = []
    while ready:
        _, train, step = heapq.heappop(ready)
        order.append((train, step))
        for event in followers[train, step]:
            before[event] -= 1
            if before[event] == 0:
                path = timetable.paths[event[0]]
                heapq.heappush(ready, (timetable.start_s[path[event[1]]], *event))
    return order


def find_cycle(
    timetable: Timetable, arcs: list[tuple[Visit, Visit]], order: list[tuple[int, int]]
) -> list[tuple[Visit, Visit]]:
    """Arcs of one cycle among the events that `order_events` left out."""
    done = set(order)
    leads: dict[tuple[int, int], tuple[tuple[int, int], tuple[Visit, Visit] | None]] = {}
    for train, path in timetable.paths.items():
        for step in range(1, len(path)):
            if (train, step) not in done and (train, step - 1) not in done:
                leads[train, step] = ((train, step - 1), None)
    for one, other in arcs:
        end, start = (one.train, one.step + 1), (other.train, other.step)
        if end not in done and start not in done:
            leads.setdefault(start, (end, (one, other)))
    # Every event left out waits for another one left out, so walking back must come round.
    event = next(iter(leads))
    seen: dict[tuple[int, int], int] = {}
    walked: list[tuple[Visit, Visit] | None] = []
    while event not in seen:
        seen[event] = len(walked)
        event, arc = leads[event]
        walked.append(arc)
    return [arc for arc in walked[seen[event] :] if arc is not None]
