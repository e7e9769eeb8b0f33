"""Wishes that clash: why trains have no path in a plan, and what would give way least.

Main function: :func:`explain_unplaced`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from arterial.dispatching.paths.planning import PlannedPaths, PlanOptions, plan_paths
from arterial.dispatching.paths.waits import find_waits
from arterial.dispatching.paths.wishes import LEAST_MOVES, ease_request, plan_wishes
from arterial.timetable.paths import Closure, LineModel, PathRequest, TrainPath
from arterial.timetable.paths.requests import NO_LIMIT_S
from arterial.timetable.paths.stated_requests import list_stated_paths

__all__ = ["Clash", "explain_unplaced"]

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
        By how much later than its limits that train would arrive [s].
    """

    train_ids: tuple[str, ...]
    place: str
    eased_train_id: str | None
    more_s: int


@dataclass(frozen=True, slots=True)
class _Search:
    """What is asked for, with what stays as it is."""

    model: LineModel
    requests: Mapping[str, PathRequest]
    stated: Mapping[str, TrainPath]
    closures: tuple[Closure, ...]
    options: PlanOptions


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
    """Trains that a train may meet on its way within the wishes of both, the nearest first."""
    steps = set(request.step_rows["row"].tolist())
    from_s, to_s = _find_reach(search, request)
    here_s = search.stated[request.train_id].depart_at_s
    by_time = sorted(search.stated.items(), key=lambda one: abs(one[1].depart_at_s - here_s))
    for name, _ in by_time:
        other = search.requests[name]
        other_from_s, other_to_s = _find_reach(search, other)
        is_there = other_from_s < to_s and from_s < other_to_s
        if is_there and steps & set(other.step_rows["row"].tolist()):
            yield name


def _find_reach(search: _Search, request: PathRequest) -> tuple[int, int]:
    """Earliest departure and last arrival that a train may have."""
    path = search.stated[request.train_id]
    limit_s = int(request.stages["latest_s"][-1])
    last_s = path.arrive_at_s if limit_s >= NO_LIMIT_S else max(limit_s, path.arrive_at_s)
    gap_s = search.model.longest_interval_s
    return path.depart_at_s - request.traits.earlier_most_s, last_s + gap_s


def _can_plan(search: _Search, requests: Sequence[PathRequest]) -> PlannedPaths | None:
    """A plan of some trains; None where the search leaves one out."""
    # Whether they can be planned at all does not depend on what they weigh.
    alike = [replace(one, traits=replace(one.traits, weight=1.0)) for one in requests]
    found = plan_wishes(
        search.model,
        alike,
        closures=search.closures,
        options=replace(search.options, moves=LEAST_MOVES),
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
        limit_s = search.requests[name].stages["latest_s"]
        is_bound = limit_s < NO_LIMIT_S
        found = _can_plan(search, _give_way(search, members, name, NO_LIMIT_S))
        if found is None or not is_bound.any():
            continue
        (path,) = (path for path in found.paths if path.train_id == name)
        too_little_s, more_s = 0, int((path.arrival_s - limit_s)[is_bound].max())
        # The plan of least shift need not be the one that takes least from this train.
        while more_s - too_little_s > 1:
            half_s = (too_little_s + more_s) // 2
            if _can_plan(search, _give_way(search, members, name, half_s)) is None:
                too_little_s = half_s
            else:
                more_s = half_s
        if more_s > 0 and (best[0] is None or more_s < best[1]):
            best = (name, more_s)
    return best


def _give_way(search: _Search, members: Sequence[str], name: str, more_s: int) -> list[PathRequest]:
    """Requests of some trains, the limits of one of them later."""
    return [
        _ease_limits(search.requests[one], more_s) if one == name else search.requests[one]
        for one in members
    ]


def _ease_limits(request: PathRequest, more_s: int) -> PathRequest:
    """The request with each of its limits so much later."""
    stages = request.stages.copy()
    stages["latest_s"] = np.minimum(stages["latest_s"] + more_s, NO_LIMIT_S)
    return replace(request, stages=stages)
