"""Plans from wishes: trains may be shifted either way within limits, at the least weighted shift.

Main functions: :func:`plan_wishes`, and :func:`explain_unplaced` where wishes cannot all be met.
The shift of a train is by how much earlier than stated it leaves or later than stated it arrives,
whichever is more. Trains that may leave earlier are tried so where they wait, or others for them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from arterial.dispatching.paths.plan_kernel import MISSING_S
from arterial.dispatching.paths.planning import PlannedPaths, PlanOptions, plan_paths
from arterial.dispatching.paths.waits import find_waits
from arterial.timetable.paths import Closure, LineModel, PathRequest, TrainLink, TrainPath
from arterial.timetable.paths.requests import NO_LIMIT_S
from arterial.timetable.paths.stated_requests import list_stated_paths

__all__ = ["Clash", "ease_request", "explain_unplaced", "plan_wishes"]

TRIALS_MOST: Final = 60
"""Shifts to an earlier departure that are tried [1]."""

TRIAL_SHARE: Final = 40
"""One trial has so many times fewer moves than the plan [1]."""

LEAST_MOVES: Final = 200
CLASH_MOST: Final = 12
"""Trains that a clash is looked for among: the train itself, and those in its way [1]."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Wishes that cannot all be met, none of them to spare.

    Parameters
    ----------
    train_ids : tuple of str
        The trains; without any one of them the others can be planned.
    place : str
        Step or point that binds; empty where none is found.
    eased_train_id : str or None
        Train whose limit has to give way least; None = easing any one does not help.
    more_s : int
        By how much later than its limit that train would arrive [s].
    """

    train_ids: tuple[str, ...]
    place: str
    eased_train_id: str | None
    more_s: int


@dataclass(frozen=True, slots=True)
class _Search:
    """What is planned, with what stays as it is."""

    model: LineModel
    requests: Mapping[str, PathRequest]
    stated: Mapping[str, TrainPath]
    closures: tuple[Closure, ...]
    links: tuple[TrainLink, ...]
    options: PlanOptions

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
        missing = sum(weights[name] * MISSING_S for name in planned.unplaced)
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
    best = search.plan({}, (), options.moves)
    movable = {
        name: request.traits.earlier_most_s
        for name, request in search.requests.items()
        if request.traits.earlier_most_s > 0
    }
    if not movable:
        return best
    first_cost, cost = best.first_cost, search.sum_shifts(best)
    earlier_s: dict[str, int] = {}
    tried: set[tuple[str, int]] = set()
    for _ in range(TRIALS_MOST):
        choice = next(
            (one for one in _list_shifts(search, best, movable, earlier_s) if one not in tried),
            None,
        )
        if choice is None or cost <= 0:
            break
        tried.add(choice)
        name, shift_s = choice
        start = [path for path in best.paths if path.train_id != name]
        moves = max(options.moves // TRIAL_SHARE, min(LEAST_MOVES, options.moves))
        found = search.plan(earlier_s | {name: shift_s}, start, moves)
        found_cost = search.sum_shifts(found)
        if found_cost < cost:
            best, cost = found, found_cost
            earlier_s[name] = shift_s
            # What did not help before may help now.
            tried = {choice}
    bound = sum(
        search.requests[name].traits.weight * least_s
        for name, least_s in best.least_s.items()
        if name not in movable
    )
    placed_cost = cost - sum(
        search.requests[name].traits.weight * MISSING_S for name in best.unplaced
    )
    return replace(best, cost=placed_cost, first_cost=first_cost, bound=bound)


def _list_shifts(
    search: _Search,
    planned: PlannedPaths,
    movable: Mapping[str, int],
    earlier_s: Mapping[str, int],
) -> Iterator[tuple[str, int]]:
    """Trains with how much earlier they might leave, what promises most first."""
    for name in planned.unplaced:
        if name in movable:
            yield name, movable[name]
    for name, shift_s in earlier_s.items():
        for less_s in (0, shift_s // 2):
            yield name, less_s
    for wait in find_waits(search.model, planned.paths, closures=search.closures):
        for train in (wait.train_id, wait.because_of):
            now_s, most_s = earlier_s.get(train or "", 0), movable.get(train or "", 0)
            if train is not None and now_s < most_s:
                for more_s in (wait.wait_s, 2 * wait.wait_s, most_s):
                    yield train, min(now_s + more_s, most_s)


def _ask_earlier(request: PathRequest, shift_s: int) -> PathRequest:
    """The request so much earlier; how late it may arrive stays."""
    if not shift_s:
        return request
    stages = request.stages.copy()
    is_bound = stages["earliest_s"] > -NO_LIMIT_S
    stages["earliest_s"][is_bound] -= shift_s
    shifted = request.shift_window(request.depart_from_s - shift_s, request.depart_to_s)
    return replace(shifted, stages=stages)


def _measure_shift(path: TrainPath, stated: TrainPath) -> int:
    """By how much a train leaves earlier or arrives later than stated, whichever is more [s]."""
    early_s = stated.depart_at_s - path.depart_at_s
    return max(early_s, path.arrive_at_s - stated.arrive_at_s, 0)


def explain_unplaced(
    model: LineModel,
    requests: Sequence[PathRequest],
    planned: PlannedPaths,
    *,
    closures: Iterable[Closure] = (),
    options: PlanOptions | None = None,
) -> tuple[Clash, ...]:
    """Why trains have no path in a plan: the wishes that clash, and what would give way least.

    Parameters
    ----------
    model : LineModel
        The line.
    requests : sequence of PathRequest
        What was asked for.
    planned : PlannedPaths
        The plan.
    closures : iterable of Closure
        What possessions take.
    options : PlanOptions, optional
        As of the plan.

    Returns
    -------
    tuple of Clash
        One for each train without a path. A set of wishes is the smallest in that no train can be
        left out of it; whether it can be planned is found by the search, not proved.
    """
    asked = {request.train_id: request for request in requests}
    search = _Search(
        model=model,
        requests=asked,
        stated=list_stated_paths(tuple(requests)),
        closures=tuple(closures),
        links=(),
        options=options or PlanOptions(),
    )
    return tuple(_explain(search, asked[name], planned.paths) for name in planned.unplaced)


def _explain(search: _Search, request: PathRequest, paths: Sequence[TrainPath]) -> Clash:
    """The clash of one train without a path."""
    eased = plan_paths(
        search.model,
        [ease_request(request)],
        closures=search.closures,
        standing=paths,
        options=replace(search.options, moves=0),
    ).paths
    waits = (
        () if not eased else find_waits(search.model, [*paths, eased[0]], closures=search.closures)
    )
    own = [wait for wait in waits if wait.train_id == request.train_id]
    members = [request.train_id]
    for name in (*(wait.because_of for wait in own), *_list_met(search, request)):
        if name in search.requests and name not in members and len(members) < CLASH_MOST:
            members.append(str(name))
    members = _shrink(search, members)
    eased_id, more_s = _find_easiest(search, members)
    return Clash(tuple(members), own[0].place if own else "", eased_id, more_s)


def _list_met(search: _Search, request: PathRequest) -> Iterator[str]:
    """Trains that are on the way of a train while it is under way as stated, the first first."""
    here, steps = search.stated[request.train_id], set(request.step_rows["row"].tolist())
    for name, path in sorted(search.stated.items(), key=lambda one: one[1].depart_at_s):
        is_there = path.depart_at_s < here.arrive_at_s and path.arrive_at_s > here.depart_at_s
        if is_there and steps & set(search.requests[name].step_rows["row"].tolist()):
            yield name


def _can_plan(search: _Search, requests: Sequence[PathRequest]) -> PlannedPaths | None:
    """A plan of some trains; None where the search leaves one out."""
    found = plan_wishes(
        search.model,
        requests,
        closures=search.closures,
        options=replace(search.options, moves=min(search.options.moves, LEAST_MOVES)),
    )
    return None if found.unplaced else found


def _shrink(search: _Search, members: Sequence[str]) -> list[str]:
    """Leave out what is not needed for the wishes to clash; all of them where they do not."""
    kept = list(members)
    if _can_plan(search, [search.requests[name] for name in kept]) is not None:
        return kept
    for name in members:
        fewer = [other for other in kept if other != name]
        if fewer and _can_plan(search, [search.requests[one] for one in fewer]) is None:
            kept = fewer
    return kept


def _find_easiest(search: _Search, members: Sequence[str]) -> tuple[str | None, int]:
    """Train whose limit has to give way least so that all have paths, and by how much [s]."""
    best: tuple[str | None, int] = (None, 0)
    for name in members:
        asked = [
            ease_request(search.requests[one]) if one == name else search.requests[one]
            for one in members
        ]
        found = _can_plan(search, asked)
        if found is None:
            continue
        (path,) = (path for path in found.paths if path.train_id == name)
        more_s = path.arrive_at_s - int(search.requests[name].stages["latest_s"][-1])
        if more_s > 0 and (best[0] is None or more_s < best[1]):
            best = (name, more_s)
    return best


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
