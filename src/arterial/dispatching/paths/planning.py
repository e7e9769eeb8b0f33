"""Paths of all trains of a period at the least delay; main function `plan_paths`.

Each train first gets the path that arrives first between those laid before it; then groups of
trains are taken out and laid anew, `PlanOptions.moves` times. The result is never worse than the
first plan, and the same for the same seed, for its budget is one of moves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.paths.encoding import encode_requests, list_uses
from arterial.dispatching.paths.first_plan_kernel import find_least, lay_in_turn, load_plan
from arterial.dispatching.paths.insertion_kernel import WAIT_AT_ORIGIN, WAIT_LATE
from arterial.dispatching.paths.plan_kernel import State
from arterial.dispatching.paths.search_kernel import run_moves
from arterial.randomness import stream
from arterial.timetable.paths import Closure, LineModel, PathRequest, TrainLink, TrainPath

__all__ = [
    "PLAN_KERNELS",
    "PlanOptions",
    "PlannedPaths",
    "decode_paths",
    "improve_plan",
    "plan_paths",
]

PLAN_KERNELS: Final = "arterial.dispatching.paths.warming:warm_plans"
"""What compiles the kernels of plans, for `arterial.compiling.start_warming`."""
MOVES_FOR_ANY: Final = 20_000
"""Moves that are made however few trains there are [1]."""
MOVES_PER_PAIR: Final = 4_000
"""Moves for each pair of trains beyond which nothing is gained: few orders are tried over and over
[1]."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How long and how a plan is improved.

    Parameters
    ----------
    moves : int
        Groups that are taken out and laid anew; 0 = the first plan.
    group_most : int
        Most trains of a group.
    first_temperature, last_temperature : float
        Temperatures at both ends, as shares of the mean excess of a train over its least cost.
    seed : int
        Seed of the study.
    leaves_late : bool
        Whether a train of the first plan leaves its origin as late as its arrival allows and waits
        there, not on the line; all else being equal, it meets fewer trains.
    """

    moves: int = 20_000
    group_most: int = 6
    first_temperature: float = 1.5
    last_temperature: float = 0.02
    seed: int = 1
    leaves_late: bool = False


@dataclass(frozen=True, slots=True)
class PlannedPaths:
    """Paths that all stand at once.

    Parameters
    ----------
    paths : tuple of TrainPath
        Paths in the order of the requests.
    unplaced : tuple of str
        Trains that have none.
    loose_links : tuple of str
        Trains whose links could not be kept.
    cost : float
        Sum of weight times delay of the paths [weight s].
    first_cost : float
        The same of the first plan, over the trains that had a path then [weight s].
    bound : float
        What the cost cannot fall below while these trains have paths: each train alone between
        the possessions [weight s].
    least_s : mapping of str to int
        Of each train that has a path, what its delay cannot fall below [s].
    """

    paths: tuple[TrainPath, ...]
    unplaced: tuple[str, ...]
    loose_links: tuple[str, ...]
    cost: float
    first_cost: float
    bound: float
    least_s: Mapping[str, int]


def plan_paths(
    model: LineModel,
    requests: Sequence[PathRequest],
    *,
    closures: Iterable[Closure] = (),
    links: Iterable[TrainLink] = (),
    standing: Iterable[TrainPath] = (),
    start: Iterable[TrainPath] = (),
    options: PlanOptions | None = None,
) -> PlannedPaths:
    """Paths for all requests at the least delay that a number of moves finds.

    A train that stands where no stop is planned pays for braking and starting. Every path keeps
    every rule towards the others, the possessions and the paths that stand.

    Parameters
    ----------
    model : LineModel
        The line.
    requests : sequence of PathRequest
        What is asked for; in the first plan the train with the smallest priority number goes
        first, then the one that leaves first.
    closures : iterable of Closure
        What possessions take.
    links : iterable of TrainLink
        Links between the trains that ask; one that cannot be kept is named and left out.
    standing : iterable of TrainPath
        Paths of other trains, which stay as they are.
    start : iterable of TrainPath
        Paths of trains that ask, to begin with: of an earlier plan, without conflicts.
    options : PlanOptions, optional
        How the first plan is improved.

    Returns
    -------
    PlannedPaths
        The paths with their cost and a lower bound.

    Raises
    ------
    LimitError
        If a train asks twice, or its delay has no positive price.

    Notes
    -----
    A train that can have no path is named, not forced; it costs more than any delay, so that the
    search places as many trains as it can.
    """
    options = options or PlanOptions()
    uses = [use for path in standing for use in list_uses(model, path)]
    state = encode_requests(model, requests, closures=closures, links=links, uses=uses)
    find_least(state)
    _enter_paths(state, requests, start)
    order = _sort_trains(requests, state)
    wait_rule = WAIT_AT_ORIGIN if options.leaves_late else WAIT_LATE
    lay_in_turn(state, order[~state.plan.is_laid[order]], wait_rule)
    first_cost = _sum_cost(state)
    improve_plan(state, options)
    trains, is_laid = state.asked.trains, state.plan.is_laid
    links = state.asked.links
    links_loose = links["train"][(links["is_loose"] == 1) & (links["is_mirrored"] == 0)]
    return PlannedPaths(
        paths=decode_paths(state, requests),
        unplaced=tuple(requests[number].train_id for number in np.flatnonzero(~is_laid).tolist()),
        loose_links=tuple(sorted({requests[number].train_id for number in links_loose.tolist()})),
        cost=_sum_cost(state),
        first_cost=first_cost,
        bound=float((trains["weight"] * trains["least_s"])[is_laid].sum()),
        least_s={
            requests[number].train_id: int(trains["least_s"][number])
            for number in np.flatnonzero(is_laid).tolist()
        },
    )


def improve_plan(state: State, options: PlanOptions) -> None:
    """Let the plan of a state be the best that the moves find.

    Parameters
    ----------
    state : State
        With a plan and the least delays; it is changed.
    options : PlanOptions
        How long and how.
    """
    trains, plan = state.asked.trains, state.plan
    for target, source in zip(state.best, plan, strict=True):
        target[:] = source
    excess = (trains["weight"] * (plan.delay_s - trains["least_s"]))[plan.is_laid]
    movable = int((trains["is_fixed"] == 0).sum())
    if not options.moves or not movable or (not excess.sum() and plan.is_laid.all()):
        return
    scale = max(float(excess.mean()) if len(excess) else 0.0, 1.0)
    temperatures = (scale * options.first_temperature, scale * options.last_temperature)
    generator = stream(options.seed, "dispatching/paths")
    moves = min(options.moves, max(MOVES_FOR_ANY, MOVES_PER_PAIR * movable * movable))
    run_moves(state, moves, temperatures, options.group_most, generator)


def _enter_paths(state: State, requests: Sequence[PathRequest], start: Iterable[TrainPath]) -> None:
    """Let the trains run that have a path to begin with."""
    plan, trains = state.plan, state.asked.trains
    numbers = {request.train_id: number for number, request in enumerate(requests)}
    for path in start:
        if path.train_id in numbers:
            number = numbers[path.train_id]
            first, end = int(trains["first"][number]), int(trains["end"][number])
            plan.arrival_s[first:end] = path.arrival_s
            plan.departure_s[first:end] = path.departure_s
            plan.is_laid[number] = True
    load_plan(state)


def _sort_trains(requests: Sequence[PathRequest], state: State) -> NDArray[np.int64]:
    """Numbers of the trains by priority and departure, each behind those it is linked to."""
    waiting = sorted(
        range(len(requests)),
        key=lambda number: (
            requests[number].traits.priority,
            requests[number].depart_from_s,
            requests[number].train_id,
        ),
    )
    others: dict[int, list[int]] = {}
    for link in state.asked.links:
        others.setdefault(int(link.train), []).append(int(link.other))
    ordered: dict[int, None] = {}

    def take(number: int, above: frozenset[int]) -> None:
        for other in others.get(number, ()):
            if other not in ordered and other not in above:
                take(other, above | {number})
        ordered.setdefault(number)

    for number in waiting:
        take(number, frozenset())
    return np.array(list(ordered), np.int64)


def _sum_cost(state: State) -> float:
    """Sum of weight times delay of the trains that have a path [weight s]."""
    plan = state.plan
    return float((state.asked.trains["weight"] * plan.delay_s)[plan.is_laid].sum())


def decode_paths(state: State, requests: Sequence[PathRequest]) -> tuple[TrainPath, ...]:
    """Paths of the trains that have one, in the order of the requests.

    Parameters
    ----------
    state : State
        With a plan.
    requests : sequence of PathRequest
        What the trains of the state asked for, ``(n_trains,)``.

    Returns
    -------
    tuple of TrainPath
        The paths.
    """
    plan, trains = state.plan, state.asked.trains
    return tuple(
        TrainPath(
            request,
            plan.arrival_s[train.first : train.end].copy(),
            plan.departure_s[train.first : train.end].copy(),
        )
        for request, train, is_laid in zip(requests, trains, plan.is_laid, strict=True)
        if is_laid
    )
