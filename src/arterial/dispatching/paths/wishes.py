"""Plans from wishes: trains may be shifted either way within limits, at the least weighted shift.

Main function: :func:`plan_wishes`. The shift of a train is by how much earlier than stated it
leaves or later than stated it arrives, whichever is more. Trains that may leave earlier are tried
so where they wait, or others for them, or others have no path: by just as much as clears a step for
another train, alone and two at a time; what was too much is taken back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final

import numpy as np

from arterial.dispatching.paths.plan_kernel import MISSING_S
from arterial.dispatching.paths.planning import PlannedPaths, PlanOptions, plan_paths
from arterial.dispatching.paths.waits import find_waits
from arterial.timetable.paths import Closure, LineModel, PathRequest, TrainLink, TrainPath
from arterial.timetable.paths.requests import NO_LIMIT_S
from arterial.timetable.paths.stated_requests import list_stated_paths

__all__ = ["LEAST_MOVES", "ease_request", "plan_wishes"]

TRIALS_MOST: Final = 60
"""Shifts to an earlier departure that are tried [1]."""

TRIALS_OF_FEW: Final = 240
"""The same where trains are few, each trial planned three ways [1]."""

TRIAL_SHARE: Final = 40
"""One trial has so many times fewer moves than the plan [1]."""

LEAST_MOVES: Final = 200

FEW_TRAINS: Final = 12
"""Up to so many trains, each trial is planned from nothing too [1]."""

PAIRED_MOST: Final = 12
"""Shifts of single trains that are tried two at a time, the most promising first [1]."""


@dataclass(frozen=True, slots=True)
class _Search:
    """What is planned, with what stays as it is, and the best plan so far."""

    model: LineModel
    requests: Mapping[str, PathRequest]
    stated: Mapping[str, TrainPath]
    closures: tuple[Closure, ...]
    links: tuple[TrainLink, ...]
    options: PlanOptions

    @property
    def movable_s(self) -> dict[str, int]:
        """By how much trains may leave earlier, those that may at all [s]."""
        found = {name: one.traits.earlier_most_s for name, one in self.requests.items()}
        return {name: most_s for name, most_s in found.items() if most_s > 0}

    @property
    def missing_cost(self) -> float:
        """What a train without a path counts for, whatever it weighs."""
        weights = [request.traits.weight for request in self.requests.values()]
        return MISSING_S * max(weights, default=0.0)

    def plan(
        self, earlier_s: Mapping[str, int], start: Iterable[TrainPath], moves: int
    ) -> PlannedPaths:
        """A plan with some trains asking earlier."""
        asked = [
            _ask_earlier(request, earlier_s.get(name, 0)) for name, request in self.requests.items()
        ]
        return plan_paths(
            self.model,
            asked,
            closures=self.closures,
            links=self.links,
            start=start,
            options=replace(self.options, moves=moves),
        )

    def sum_shifts(self, planned: PlannedPaths) -> float:
        """Weighted shifts of a plan; a train without a path counts for more than any delay."""
        weights = {name: request.traits.weight for name, request in self.requests.items()}
        missing = self.missing_cost * len(planned.unplaced)
        shifts = (
            weights[path.train_id] * _measure_shift(path, self.stated[path.train_id])
            for path in planned.paths
        )
        return missing + sum(shifts)


def plan_wishes(
    model: LineModel,
    requests: Sequence[PathRequest],
    *,
    closures: Iterable[Closure] = (),
    links: Iterable[TrainLink] = (),
    options: PlanOptions | None = None,
) -> PlannedPaths:
    """Paths for all requests at the least weighted shift that a number of moves and trials finds.

    Parameters
    ----------
    model : LineModel
        The line.
    requests : sequence of PathRequest
        What is asked for; by `TrainTraits.earlier_most_s` each may be shifted forward.
    closures : iterable of Closure
        What possessions take.
    links : iterable of TrainLink
        Links between the trains.
    options : PlanOptions, optional
        How the first plan is improved; each trial has a fortieth of its moves.

    Returns
    -------
    PlannedPaths
        Its cost and that of the first plan are weighted shifts. What trains that may leave earlier
        cost at least is not known: they count for nothing in the bound.
    """
    options = options or PlanOptions()
    search = _Search(
        model=model,
        requests={request.train_id: request for request in requests},
        stated=list_stated_paths(tuple(requests)),
        closures=tuple(closures),
        links=tuple(links),
        options=options,
    )
    first = search.plan({}, (), options.moves)
    movable = search.movable_s
    if not movable:
        return first
    best = _shift_trains(search, first)
    bound = sum(
        search.requests[name].traits.weight * least_s
        for name, least_s in best.least_s.items()
        if name not in movable
    )
    cost = search.sum_shifts(best) - search.missing_cost * len(best.unplaced)
    return replace(best, cost=cost, first_cost=first.first_cost, bound=bound)


@dataclass
class _Shifted:
    """The best plan so far, and by how much earlier its trains ask."""

    planned: PlannedPaths
    cost: float
    trials_left: int
    earlier_s: dict[str, int] = field(default_factory=dict)


def _shift_trains(search: _Search, first: PlannedPaths) -> PlannedPaths:
    """The best plan that shifts to earlier departures lead to."""
    is_small = len(search.requests) <= FEW_TRAINS
    trials = TRIALS_OF_FEW if is_small else TRIALS_MOST
    state = _Shifted(first, search.sum_shifts(first), trials)
    tried: set[tuple[tuple[str, int], ...]] = set()
    while state.trials_left > 0:
        changes = (one for one in _list_changes(search, state) if one not in tried)
        change = next(changes, None)
        if change is None or state.cost <= 0:
            break
        tried.add(change)
        if _try_change(search, state, dict(change)):
            for name, _ in change:
                _take_back(search, state, name)
            # What did not help before may help now.
            tried = {change}
    # What one train needed at first another may have made needless.
    for name in list(state.earlier_s):
        _take_back(search, state, name)
    return state.planned


def _try_change(search: _Search, state: _Shifted, change: Mapping[str, int]) -> bool:
    """Plan with some trains asking otherwise; kept where it costs less."""
    state.trials_left -= 1
    options = search.options
    moves = max(options.moves // TRIAL_SHARE, min(LEAST_MOVES, options.moves))
    earlier_s = state.earlier_s | dict(change)
    start = [path for path in state.planned.paths if path.train_id not in change]
    trials = [(earlier_s, search.plan(earlier_s, start, moves))]
    if len(search.requests) <= FEW_TRAINS:
        trials.append((earlier_s, search.plan(earlier_s, (), moves)))
        # What the others were shifted for may be gone.
        alone_s = dict(change)
        trials.append((alone_s, search.plan(alone_s, (), moves)))
    earlier_s, found = min(trials, key=lambda trial: search.sum_shifts(trial[1]))
    cost = search.sum_shifts(found)
    if cost >= state.cost:
        return False
    state.planned, state.cost, state.earlier_s = found, cost, earlier_s
    return True


def _take_back(search: _Search, state: _Shifted, name: str) -> None:
    """Let a train ask no earlier than pays, to the second."""
    too_little_s = 0
    while (
        now_s := state.earlier_s.get(name, 0)
    ) - too_little_s > 1 and state.trials_left > -TRIALS_MOST // 3:
        half_s = (now_s + too_little_s) // 2
        if not _try_change(search, state, {name: half_s}):
            too_little_s = half_s


Changes = tuple[tuple[str, int], ...]


def _list_changes(search: _Search, state: _Shifted) -> Iterator[Changes]:
    """Trains with how much earlier they might leave, what promises most first."""
    for name, shift_s in state.earlier_s.items():
        if shift_s:
            yield ((name, 0),)
    if len(search.requests) > FEW_TRAINS:
        yield from ((one,) for one in _list_shifts(search, state))
        return
    singles = list(dict.fromkeys(_list_shifts(search, state)))
    yield from ((one,) for one in singles)
    movable = search.movable_s
    farthest = [one for one in singles if one[1] == movable[one[0]]]
    paired = list(dict.fromkeys([*farthest[:PAIRED_MOST], *singles[:PAIRED_MOST]]))
    for one, two in combinations(paired, 2):
        if one[0] != two[0]:
            yield tuple(sorted((one, two)))


def _list_shifts(search: _Search, state: _Shifted) -> Iterator[tuple[str, int]]:
    """Shifts of single trains that clear the way of another, those of trains in need before."""
    planned, movable = state.planned, search.movable_s
    paths = {path.train_id: path for path in planned.paths}
    waits = sorted(
        find_waits(search.model, planned.paths, closures=search.closures),
        key=lambda wait: -wait.wait_s,
    )
    uses: dict[int, list[_Use]] = defaultdict(list)
    # As they run now, and as they would by themselves: who waits now would like to go before.
    for name, stated in search.stated.items():
        for path in {id(path): path for path in (paths.get(name, stated), stated)}.values():
            for place, step in enumerate(path.request.step_rows):
                enter_s, leave_s = int(path.departure_s[place]), int(path.arrival_s[place + 1])
                use = _Use(name, enter_s, leave_s, int(step["direction"]))
                uses[int(step["row"])].append(use)
    wanted = list(planned.unplaced)
    wanted += [name for one in waits for name in (one.train_id, one.because_of) if name in movable]
    if len(search.requests) <= FEW_TRAINS:
        wanted += movable
    partners = _list_partners(uses, planned.unplaced, movable) if planned.unplaced else []
    for name in dict.fromkeys([*partners, *wanted]):
        if name not in movable:
            continue
        now_s, most_s = state.earlier_s.get(name, 0), movable[name]
        needs = {most_s, *_list_needs(search, uses, name, paths)}
        shifts = {need + begin_s for need in needs for begin_s in (0, now_s)}
        for shift_s in sorted(shifts, key=lambda shift_s: (abs(shift_s - now_s), shift_s)):
            if 0 < shift_s <= most_s and shift_s != now_s:
                yield name, shift_s


@dataclass(frozen=True, slots=True)
class _Use:
    """A train on a step."""

    name: str
    enter_s: int
    leave_s: int
    direction: int


def _list_partners(
    uses: Mapping[int, Sequence[_Use]], needy: Iterable[str], movable: Mapping[str, int]
) -> list[str]:
    """Trains that may leave earlier, among some and those that they may meet."""
    wanted = set(needy)
    found = dict.fromkeys(name for name in movable if name in wanted)
    for of_step in uses.values():
        own = [use for use in of_step if use.name in wanted]
        for use in of_step:
            reach_s = movable.get(use.name, 0)
            if reach_s and any(
                use.enter_s - reach_s <= one.leave_s and one.enter_s - reach_s <= use.leave_s
                for one in own
            ):
                found[use.name] = None
    return list(found)


def _list_needs(
    search: _Search,
    uses: Mapping[int, Sequence[_Use]],
    name: str,
    paths: Mapping[str, TrainPath],
) -> Iterator[int]:
    """By how much a train must be earlier to be before another on a step, or just behind it [s]."""
    reach_s = search.requests[name].traits.earlier_most_s + search.model.longest_interval_s
    for row in dict.fromkeys(search.requests[name].step_rows["row"].tolist()):
        is_single = search.model.steps[row].is_single
        for use in (one for one in uses[row] if one.name == name):
            for other in uses[row]:
                is_opposing = other.direction != use.direction
                is_near = abs(other.enter_s - use.enter_s) <= reach_s + use.leave_s - use.enter_s
                if other.name == name or not is_near or (is_opposing and not is_single):
                    continue
                need_s = _clear(search.model, row, use, other)
                yield need_s
                # The other may be late itself, up to its limit.
                path = paths.get(other.name, search.stated[other.name])
                limit_s = int(search.requests[other.name].stages["latest_s"][-1])
                yield need_s - max(min(limit_s, NO_LIMIT_S) - path.arrive_at_s, 0)
                yield -_clear(search.model, row, other, use)


def _clear(model: LineModel, row: int, first: _Use, second: _Use) -> int:
    """By how much a train comes too late to leave a step before another enters it [s]."""
    between = model.list_intervals(row, second.direction)
    if first.direction != second.direction:
        return first.leave_s + between.opposing_s - second.enter_s
    if model.steps[row].can_follow:
        return first.enter_s + between.headway_s - second.enter_s
    return first.leave_s + between.following_s - second.enter_s


def _ask_earlier(request: PathRequest, shift_s: int) -> PathRequest:
    """The request so much earlier; how late it may arrive stays."""
    if not shift_s:
        return request
    stages = request.stages.copy()
    is_bound = stages["earliest_s"] > -NO_LIMIT_S
    stages["earliest_s"][is_bound] -= np.minimum(shift_s, stages["earlier_most_s"][is_bound])
    shifted = request.shift_window(request.depart_from_s - shift_s, request.depart_to_s)
    return replace(shifted, stages=stages)


def _measure_shift(path: TrainPath, stated: TrainPath) -> int:
    """By how much a train leaves earlier or arrives later than stated, whichever is more [s]."""
    early_s = stated.depart_at_s - path.depart_at_s
    return max(early_s, path.arrive_at_s - stated.arrive_at_s, 0)


def ease_request(request: PathRequest) -> PathRequest:
    """The request without limits on how late it is.

    Parameters
    ----------
    request : PathRequest
        What is asked for.

    Returns
    -------
    PathRequest
        The same, however late.
    """
    stages = request.stages.copy()
    stages["latest_s"] = NO_LIMIT_S
    return replace(request, stages=stages)
