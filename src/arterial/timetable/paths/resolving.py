"""A timetable without conflicts: every train gets a path between those that stand already.

Main function: :func:`make_conflict_free`. Whole paths are laid into free windows one after another,
so no order of trains can lock the line; then groups of trains are taken out and laid anew in
another order as long as that pays (ruin and recreate [Schrimpf 2000] with annealing).
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf
from typing import Final

import numpy as np

from arterial.randomness import stream
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.links import TrainLink, bind_request, hold_other
from arterial.timetable.paths.requests import PathRequest, TrainPath
from arterial.timetable.paths.search import find_path_in, tighten_path
from arterial.timetable.paths.traffic import Closure, Traffic

__all__ = ["ResolveOptions", "ResolvedPaths", "make_conflict_free"]

FIRST_TEMPERATURE: Final = 0.05
"""Start temperature as a share of the mean delay cost of a train [1]."""

LAST_TEMPERATURE: Final = 0.001
"""End temperature as a share of the mean delay cost of a train [1]."""


NEAR_S: Final = 600.0
"""Time by which the nearness of two trains is shuffled when a group is chosen [s]."""


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """How long and how a timetable is improved.

    Parameters
    ----------
    rounds : int
        Rounds of taking out and laying anew; 0 = none.
    time_limit_s : float
        Wall time after which no new round begins [s].
    group_most : int
        Largest group that is taken out.
    seed : int
        Seed of the study.
    is_bounded : bool
        Whether the lower bound is wanted, which takes one more search a train.
    """

    rounds: int = 1000
    time_limit_s: float = 20.0
    group_most: int = 12
    seed: int = 1
    is_bounded: bool = True


@dataclass(frozen=True, slots=True)
class ResolvedPaths:
    """Paths that all stand at once.

    Parameters
    ----------
    paths : tuple of TrainPath
        Paths in the order of the requests.
    unplaced : tuple of str
        Trains for which no path was found within their limits.
    loose_links : tuple of str
        Trains whose links could not be kept.
    cost : float
        Sum of weight times delay.
    bound : float
        What the sum cannot fall below: each train alone between the possessions; 0 where the
        options did not ask for it.
    first_cost : float
        The sum before improvement.
    rounds : int
        Rounds of improvement that were made.
    """

    paths: tuple[TrainPath, ...]
    unplaced: tuple[str, ...]
    loose_links: tuple[str, ...]
    cost: float
    bound: float
    first_cost: float
    rounds: int


def make_conflict_free(
    model: LineModel,
    requests: Sequence[PathRequest],
    *,
    closures: Iterable[Closure] = (),
    links: Iterable[TrainLink] = (),
    options: ResolveOptions | None = None,
) -> ResolvedPaths:
    """Paths for all requests that keep every rule towards one another.

    Parameters
    ----------
    model : LineModel
        The line.
    requests : sequence of PathRequest
        What is asked for; the train with the smallest priority number goes first, then the one
        that leaves first. A train that is linked to another goes after it.
    closures : iterable of Closure
        What possessions take.
    links : iterable of TrainLink
        Links between the trains; one that cannot be kept is named and left out.
    options : ResolveOptions, optional
        How the first solution is improved.

    Returns
    -------
    ResolvedPaths
        The paths with their cost and a lower bound.

    Notes
    -----
    With the same seed and rounds the result is the same, unless the time limit cuts it off. Paths
    laid one by one are not the best set of paths: the bound says how much could be left at most.
    """
    options = options or ResolveOptions()
    state = _State(model, requests, list(closures), list(links))
    for train in state.order:
        state.lay(train)
    unplaced = tuple(train for train in state.order if train not in state.traffic.paths)
    first_cost = state.cost()
    rounds = _improve(state, options) if options.rounds and len(state.traffic.paths) > 1 else 0
    return ResolvedPaths(
        paths=tuple(
            state.traffic.paths[request.train_id]
            for request in requests
            if request.train_id in state.traffic.paths
        ),
        unplaced=unplaced,
        loose_links=tuple(sorted(state.loose)),
        cost=state.cost(),
        bound=state.bound() if options.is_bounded else 0.0,
        first_cost=first_cost,
        rounds=rounds,
    )


class _State:
    """Requests, links and the traffic that stands."""

    def __init__(
        self,
        model: LineModel,
        requests: Sequence[PathRequest],
        closures: list[Closure],
        links: list[TrainLink],
    ) -> None:
        self.requests = {request.train_id: request for request in requests}
        self.traffic = Traffic.of(model, (), closures)
        self.empty = Traffic.of(model, (), closures)
        self.links: dict[str, list[TrainLink]] = defaultdict(list)
        self.followers: dict[str, set[str]] = defaultdict(set)
        for link in links:
            if {link.train_id, link.other_train_id} <= set(self.requests):
                self.links[link.train_id].append(link)
                self.followers[link.other_train_id].add(link.train_id)
                other = self.requests[link.other_train_id]
                self.requests[link.other_train_id] = hold_other(other, link)
        self.loose: set[str] = set()
        self.order = self.sort(self.requests, {})

    def sort(self, trains: Iterable[str], rank: Mapping[str, float]) -> list[str]:
        """Trains by rank, priority and departure, each after those it is linked to."""
        waiting = sorted(
            trains,
            key=lambda train: (
                rank.get(train, 0.0),
                self.requests[train].traits.priority,
                self.requests[train].depart_from_s,
                train,
            ),
        )
        ordered: dict[str, None] = {}
        inside = set(waiting)

        def take(train: str, above: frozenset[str]) -> None:
            for link in self.links[train]:
                other = link.other_train_id
                if other in inside and other not in ordered and other not in above:
                    take(other, above | {train})
            ordered.setdefault(train)

        for train in waiting:
            take(train, frozenset())
        return list(ordered)

    def lay(self, train: str) -> bool:
        """Give a train the path that arrives first; whether there is one."""
        request = self.requests[train]
        bound = bind_request(request, self.links[train], self.traffic.paths)
        path = self._find(bound)
        self.loose.discard(train)
        if path is None and bound is not request:
            path = self._find(request)
            self.loose.add(train)
        if path is None:
            return False
        self.traffic.add(TrainPath(request, path.arrival_s, path.departure_s))
        return True

    def _find(self, request: PathRequest) -> TrainPath | None:
        windows = self.traffic.free_windows(request)
        path = find_path_in(windows, request)
        return None if path is None else tighten_path(windows, path)

    def cost(self) -> float:
        """Sum of weight times delay of the paths that stand."""
        return sum(_price(path) for path in self.traffic.paths.values())

    def bound(self) -> float:
        """Sum of weight times delay of the trains that stand, each alone on the line."""
        total = 0.0
        for train in self.traffic.paths:
            request = self.requests[train]
            alone = find_path_in(self.empty.free_windows(request), request)
            total += 0.0 if alone is None else _price(alone)
        return total

    def with_followers(self, trains: Iterable[str]) -> list[str]:
        """Trains with all that are linked to them and have a path, each once."""
        group: dict[str, None] = {}
        waiting = list(trains)
        while waiting:
            train = waiting.pop()
            if train not in group and train in self.traffic.paths:
                group[train] = None
                waiting += sorted(self.followers[train])
        return list(group)


def _price(path: TrainPath) -> float:
    """Weight times delay of a path."""
    return path.request.traits.weight * path.delay_s


def _improve(state: _State, options: ResolveOptions) -> int:
    """Take groups out and lay them anew while rounds and time last; the best set stays."""
    until = time.monotonic() + options.time_limit_s
    generator = stream(options.seed, "timetable/paths/improve")
    cost = best = state.cost()
    best_paths = dict(state.traffic.paths)
    scale = cost / len(best_paths)
    done = 0
    while done < options.rounds and time.monotonic() < until and cost > 0:
        share = done / options.rounds
        temperature = scale * FIRST_TEMPERATURE * (LAST_TEMPERATURE / FIRST_TEMPERATURE) ** share
        group = state.with_followers(_choose_group(state, options.group_most, generator))
        old = [state.traffic.remove(train) for train in group]
        rank = {train: float(generator.random()) for train in group}
        placed = [train for train in state.sort(group, rank) if state.lay(train)]
        new_cost = state.cost() if len(placed) == len(group) else inf
        chance = exp(min((cost - new_cost) / max(temperature, 1e-9), 0.0))
        if float(generator.random()) < chance and new_cost < inf:
            cost = new_cost
            if cost < best:
                best, best_paths = cost, dict(state.traffic.paths)
        else:
            _restore(state.traffic, placed, old)
        done += 1
    _restore(state.traffic, list(state.traffic.paths), list(best_paths.values()))
    return done


def _restore(traffic: Traffic, placed: Iterable[str], old: Iterable[TrainPath]) -> None:
    """Put old paths in the place of new ones."""
    for train in placed:
        traffic.remove(train)
    for path in old:
        traffic.add(path)


def _choose_group(state: _State, most: int, generator: np.random.Generator) -> list[str]:
    """A delayed train and the trains that come near it in place and time."""
    paths = state.traffic.paths
    names = list(paths)
    weights = np.array([_price(path) for path in paths.values()]) + 1.0
    first = names[int(generator.choice(len(names), p=weights / weights.sum()))]
    size = int(generator.integers(1, min(most, len(names)) + 1)) if len(names) > 1 else 1
    near = _rank_near(paths[first], paths, generator)
    return [first, *near[:size]]


def _rank_near(
    path: TrainPath, paths: Mapping[str, TrainPath], generator: np.random.Generator
) -> list[str]:
    """Other trains by how near they come at a point, somewhat shuffled."""
    own = {
        int(row): at for row, at in zip(path.request.point_rows["row"], path.arrival_s, strict=True)
    }
    gaps: list[tuple[float, str]] = []
    for name, other in paths.items():
        if name == path.train_id:
            continue
        rows = other.request.point_rows["row"].tolist()
        shared = [
            abs(int(at) - int(own[row]))
            for row, at in zip(rows, other.arrival_s, strict=True)
            if row in own
        ]
        if shared:
            gaps.append((min(shared) + NEAR_S * float(generator.random()), name))
    return [name for _, name in sorted(gaps)]
