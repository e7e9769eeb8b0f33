"""Why there is no path: the smallest set of trains and possessions that block it.

Main functions: :func:`find_blockers` and :func:`move_trains`. The method is the implicit hitting
set [Davies 2011]: each set of users that together leave no path must lose at least one member, so
the cheapest selection that hits all such sets found so far is tried; if there is still no path, one
more smallest such set is found and the selection is made anew.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from arterial.dispatching.paths.insertion import PathFinder, Traffic
from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.timetable.paths import PathRequest, TrainPath
from arterial.timetable.paths.requests import NO_LIMIT_S

__all__ = ["Blockage", "MovePlan", "find_blockers", "hit_all", "move_trains"]

TESTS_MOST: Final = 2000
"""Searches after which the answer need no longer be the smallest [1]."""

MOVES: Final = 500
"""Moves that improve the plan of the trains that make room [1]."""


@dataclass(frozen=True, slots=True)
class Blockage:
    """What keeps a train from a path.

    Parameters
    ----------
    blockers : tuple of str
        Trains and possessions without which there is a path; empty if there is one anyway.
    price : float
        Sum of their prices.
    is_smallest : bool
        Whether it is proven that no cheaper set would do.
    path : TrainPath or None
        The path without them; None if nothing that may be moved would help.
    tests_count : int
        Searches that it took.
    """

    blockers: tuple[str, ...]
    price: float
    is_smallest: bool
    path: TrainPath | None
    tests_count: int


@dataclass(frozen=True, slots=True)
class MovePlan:
    """A path for one more train, with what it makes others do.

    Parameters
    ----------
    path : TrainPath or None
        The path; None if there is none at any price.
    moved : tuple of TrainPath
        New paths of the trains that move.
    cancelled : tuple of str
        Trains that move and find no other path.
    extra_delay_s : Mapping of str to int
        By how much each moved train arrives later than before [s].
    blockage : Blockage
        What had to move.
    """

    path: TrainPath | None
    moved: tuple[TrainPath, ...]
    cancelled: tuple[str, ...]
    extra_delay_s: Mapping[str, int]
    blockage: Blockage


class _Tester:
    """Counts searches with some users absent."""

    def __init__(self, traffic: Traffic, request: PathRequest) -> None:
        self.finder = PathFinder(traffic, request)
        self.count = 0

    def find(self, absent: Collection[str]) -> TrainPath | None:
        """Path with some users absent."""
        self.count += 1
        return self.finder.find(absent=absent, leaves_late=False)

    def finish(self, absent: Collection[str]) -> TrainPath | None:
        """Path with some users absent that leaves as late as its arrival allows."""
        return self.finder.find(absent=absent)


def find_blockers(
    traffic: Traffic,
    request: PathRequest,
    *,
    prices: Mapping[str, float] | None = None,
    tests_most: int = TESTS_MOST,
) -> Blockage:
    """Cheapest set of trains and possessions without which the request has a path.

    Parameters
    ----------
    traffic : Traffic
        What stands; it is not changed.
    request : PathRequest
        What is asked for; its limits on departure and arrival say what counts as a path.
    prices : mapping of str to float, optional
        Price of moving each user; 1 where none is given, infinite = it stays.
    tests_most : int
        Searches after which a set that may not be the smallest is given.

    Returns
    -------
    Blockage
        The set, and the path that it leaves.
    """
    prices = prices or {}
    tester = _Tester(traffic, request)
    users = _list_near(traffic, request)
    movable = [user for user in users if prices.get(user, 1.0) < inf]
    cost = {user: prices.get(user, 1.0) for user in movable}
    if tester.find(()) is not None:
        return _conclude((), cost, tester, is_smallest=True)
    if tester.find(movable) is None:
        return Blockage((), inf, is_smallest=True, path=None, tests_count=tester.count)
    cores: list[tuple[str, ...]] = []
    while tester.count < tests_most:
        chosen = hit_all(cores, cost)
        if tester.find(chosen) is not None:
            return _conclude(chosen, cost, tester, is_smallest=True)
        kept = [user for user in movable if user not in chosen]
        cores.append(_shrink(tester, kept, movable, tests_most))
    needed = _drop_needless(tester, movable)
    return _conclude(needed, cost, tester, is_smallest=False)


def move_trains(
    traffic: Traffic,
    request: PathRequest,
    *,
    prices: Mapping[str, float] | None = None,
    tests_most: int = TESTS_MOST,
) -> MovePlan:
    """A path for a train, moving others at a price where there is none without.

    The cheapest set that blocks the path makes room, then its trains are planned together between
    what now stands, at the least weighted delay that a number of moves finds. Possessions do not
    move.

    Parameters
    ----------
    traffic : Traffic
        What stands; it is not changed.
    request : PathRequest
        What is asked for.
    prices : mapping of str to float, optional
        Price of moving each train; 1 where none is given, infinite = it stays.
    tests_most : int
        As in :func:`find_blockers`.

    Returns
    -------
    MovePlan
        The path and the new paths of the moved trains.
    """
    fixed = {closure.possession_id: inf for closure in traffic.closures}
    blockage = find_blockers(
        traffic, request, prices={**(prices or {}), **fixed}, tests_most=tests_most
    )
    if blockage.path is None:
        return MovePlan(None, (), (), {}, blockage)
    before = {path.train_id: path for path in traffic.paths if path.train_id in blockage.blockers}
    after = traffic.without(before).add(blockage.path)
    moved = _plan_moved(after, [path.request for path in before.values()])
    return MovePlan(
        path=blockage.path,
        moved=moved,
        cancelled=tuple(sorted(set(before) - {path.train_id for path in moved})),
        extra_delay_s={
            path.train_id: path.arrive_at_s - before[path.train_id].arrive_at_s for path in moved
        },
        blockage=blockage,
    )


def _plan_moved(traffic: Traffic, requests: Sequence[PathRequest]) -> tuple[TrainPath, ...]:
    """Paths of the trains that make room, planned together between what stands."""
    planned = _plan_between(traffic, requests)
    # A moved train may leave later than it asked for, as long as it arrives at all.
    late = [
        replace(request, depart_to_s=NO_LIMIT_S)
        for request in requests
        if request.train_id not in {path.train_id for path in planned}
    ]
    return (*planned, *_plan_between(traffic.add(*planned), late))


def _plan_between(traffic: Traffic, requests: Sequence[PathRequest]) -> tuple[TrainPath, ...]:
    """Paths at the least delay between what stands."""
    return plan_paths(
        traffic.model,
        requests,
        closures=traffic.closures,
        standing=traffic.paths,
        options=PlanOptions(moves=MOVES, leaves_late=True),
    ).paths


def _list_near(traffic: Traffic, request: PathRequest) -> tuple[str, ...]:
    """Users that can bear on the request, by the intervals that reach beyond their times."""
    reach_s = traffic.model.longest_interval_s
    first, last = request.stages[0], request.stages[-1]
    from_s = request.depart_from_s - int(first["dwell_least_s"]) - reach_s
    to_s = int(last["latest_s"]) + int(last["dwell_least_s"]) + reach_s
    return traffic.list_users(request, from_s, to_s)


def _conclude(
    chosen: Sequence[str], cost: Mapping[str, float], tester: _Tester, *, is_smallest: bool
) -> Blockage:
    """The answer as it is given."""
    blockers = tuple(sorted(chosen))
    price = sum(cost[user] for user in blockers)
    return Blockage(blockers, price, is_smallest, tester.finish(blockers), tester.count)


def _shrink(
    tester: _Tester, kept: list[str], movable: Sequence[str], tests_most: int
) -> tuple[str, ...]:
    """A smallest part of the kept users that alone leaves no path, halving what is tried."""
    core = list(kept)
    size = max(len(core) // 2, 1)
    while size >= 1:
        place = 0
        while place < len(core) and tester.count < tests_most:
            fewer = core[:place] + core[place + size :]
            absent = set(movable) - set(fewer)
            if tester.find(absent) is None:
                core = fewer
            else:
                place += size
        size //= 2
    return tuple(core)


def _drop_needless(tester: _Tester, movable: Sequence[str]) -> list[str]:
    """A set without which there is a path, none of whose members is needless by itself."""
    chosen = list(movable)
    for size in (max(len(chosen) // 8, 1), 1):
        place = 0
        while place < len(chosen):
            fewer = chosen[:place] + chosen[place + size :]
            if tester.find(fewer) is not None:
                chosen = fewer
            else:
                place += size
    return chosen


def hit_all(cores: Sequence[tuple[str, ...]], cost: Mapping[str, float]) -> tuple[str, ...]:
    """Cheapest set with a member of every core, by branch and bound.

    Parameters
    ----------
    cores : sequence of tuple of str
        Sets of users that together leave no path.
    cost : mapping of str to float
        Price of each user.

    Returns
    -------
    tuple of str
        The set; empty if there are no cores.

    Examples
    --------
    >>> hit_all([("a", "b"), ("b", "c")], {"a": 1.0, "b": 1.0, "c": 1.0})
    ('b',)
    """
    best: list[tuple[str, ...]] = [tuple({user for core in cores for user in core})]
    best_cost = [sum(cost[user] for user in best[0])]

    def branch(chosen: tuple[str, ...], spent: float, banned: frozenset[str]) -> None:
        open_cores = [core for core in cores if not set(core) & set(chosen)]
        if not open_cores:
            if spent < best_cost[0] or (spent == best_cost[0] and len(chosen) < len(best[0])):
                best[0], best_cost[0] = chosen, spent
            return
        options = [[user for user in core if user not in banned] for core in open_cores]
        core = min(options, key=len)
        gone = banned
        for user in sorted(core, key=lambda one: (cost[one], one)):
            if spent + cost[user] + _bound(options, cost, user) < best_cost[0]:
                branch((*chosen, user), spent + cost[user], gone)
            gone = gone | {user}

    branch((), 0.0, frozenset())
    return best[0]


def _bound(options: Sequence[Sequence[str]], cost: Mapping[str, float], user: str) -> float:
    """What disjoint cores without a user must cost at least."""
    seen: set[str] = {user}
    total = 0.0
    for core in sorted(options, key=len):
        if not seen & set(core):
            total += min((cost[one] for one in core), default=inf)
            seen |= set(core)
    return total
