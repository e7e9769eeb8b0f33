"""The order that a plan implies: which event must come before which, and by how much.

The main function is `bind_events`. Consecutive users of a step are bound (others follow from
them); each train that stands at a judged point has one of its tracks from the moment it enters the
step before it; connections are bound up to their limit.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.operations.line.layout import FOLLOWING, HEADWAY, OPPOSING, Events, Layout

__all__ = ["NO_LIMIT", "Arcs", "Link", "bind_events"]

Integers = NDArray[np.int64]

NO_LIMIT: Final = 1 << 30
"""Limit of an arc that holds however long it takes [s]."""


class Link(NamedTuple):
    """One bound pair: ``later`` comes ``weight_s`` after ``earlier``, or ``limit_s`` after plan."""

    earlier: int
    later: int
    weight_s: int
    limit_s: int


class Arcs(NamedTuple):
    """Bound pairs by their later event, and the later events by their earlier one.

    ``first`` (n_events + 1,) into ``earlier``, ``weight`` [s], ``limit`` [s]; ``after_first``
    (n_events + 1,) into ``after``.
    """

    first: Integers
    earlier: Integers
    weight: Integers
    limit: Integers
    after_first: Integers
    after: Integers


def bind_events(layout: Layout, events: Events, links: Iterable[Link], *, with_order: bool) -> Arcs:
    """Arcs of a plan.

    Parameters
    ----------
    layout : Layout
        Points and steps.
    events : Events
        Events with planned times.
    links : iterable of Link
        Connections.
    with_order : bool
        Whether the order at steps and points is bound too.

    Returns
    -------
    Arcs
        The arcs.
    """
    listed = list(links)
    if with_order:
        listed += _order_steps(layout, events)
        listed += _order_tracks(layout, events)
    count = int(events.planned.size)
    listed.sort(key=lambda link: (link.later, link.earlier))
    table = np.array(listed, dtype=np.int64).reshape(len(listed), 4)
    by_earlier = np.argsort(table[:, 0], kind="stable")
    return Arcs(
        first=np.searchsorted(table[:, 1], np.arange(count + 1)).astype(np.int64),
        earlier=table[:, 0].copy(),
        weight=table[:, 2].copy(),
        limit=table[:, 3].copy(),
        after_first=np.searchsorted(table[by_earlier, 0], np.arange(count + 1)).astype(np.int64),
        after=table[by_earlier, 1].copy(),
    )


def _order_steps(layout: Layout, events: Events) -> Iterator[Link]:
    """Consecutive users of each step, or of each direction where there are two tracks."""
    departures = np.arange(0, events.planned.size, 2)
    side = np.where(layout.step_tracks[events.step] > 1, events.direction + 1, 0)[departures]
    order = np.lexsort(
        (events.run[departures], events.planned[departures], side, events.step[departures])
    )
    sorted_departures, sorted_sides = departures[order], side[order]
    for place in range(1, len(order)):
        before, after = int(sorted_departures[place - 1]), int(sorted_departures[place])
        step = int(events.step[after])
        if step != events.step[before] or sorted_sides[place] != sorted_sides[place - 1]:
            continue
        is_following = events.direction[before] == events.direction[after]
        if is_following and layout.follows[step]:
            headway = int(layout.between[step, events.direction[after], HEADWAY])
            yield Link(before, after, headway, NO_LIMIT)
            yield Link(before + 1, after + 1, headway, NO_LIMIT)
        else:
            kind = FOLLOWING if is_following else OPPOSING
            interval = int(layout.between[step, events.direction[after], kind])
            yield Link(before + 1, after, interval, NO_LIMIT)


def _order_tracks(layout: Layout, events: Events) -> Iterator[Link]:
    """Consecutive users of each track at judged points."""
    release = layout.release_s
    arrivals = np.arange(1, events.planned.size, 2)
    arrivals = arrivals[
        layout.track_first[1:][events.point[arrivals]]
        > layout.track_first[:-1][events.point[arrivals]]
    ]
    # A track is held from the departure towards it, so that the train can surely be received.
    order = np.lexsort((events.run[arrivals], events.planned[arrivals - 1]))
    held: dict[int, list[tuple[int, int]]] = {}
    last_of_run = set((events.first[1:] - 1).tolist())
    for arrival in arrivals[order].tolist():
        point = int(events.point[arrival])
        enters = arrival - 1
        leaves = arrival if arrival in last_of_run else arrival + 1
        users = held.setdefault(point, [(-NO_LIMIT, -1)] * int(layout.tracks[point]))
        free = [i for i, user in enumerate(users) if user[0] <= events.planned[enters]]
        # The track that was left last keeps the others free for longer stays.
        track = max(free, key=lambda i: users[i][0]) if free else len(users)
        if not free:
            users.append((-NO_LIMIT, -1))
        if users[track][1] >= 0:
            yield Link(users[track][1], enters, release, NO_LIMIT)
        users[track] = (int(events.planned[leaves]) + release, leaves)
