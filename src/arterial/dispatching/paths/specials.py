"""One more train among others: its best departures, and what would do where there is none.

Main functions: :func:`list_best` and :func:`refuse`. A train that works at a point with opening
hours asks in several choices, one for each opening that it may take.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Final

from arterial.dispatching.paths.blocking import Blockage, MovePlan, find_blockers, move_trains
from arterial.dispatching.paths.insertion import PathChoice, Traffic, find_path, list_departures
from arterial.timetable.paths import PathRequest, TrainPath
from arterial.timetable.paths.conflicts import find_conflicts
from arterial.timetable.paths.requests import encode_points
from arterial.units import DAY_S, HOUR_S, MINUTE_S

__all__ = ["Change", "Refusal", "list_best", "refuse"]

SPACING_S: Final = HOUR_S // 2
"""Least time between two departures that are offered [s]."""

Choose = Callable[[int, int], Sequence[PathRequest]]
"""Gives the choices of a train that leaves in a window."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of what is asked for that gives a path.

    Parameters
    ----------
    attribute : str
        ``window``, ``margin_min`` or ``length_m``.
    value : float
        The nearest value that does: an instant of departure [s], minutes, metres.
    off : float
        By how much it differs, in its unit; a departure after the window above 0.
    """

    attribute: str
    value: float
    off: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a train has no path.

    Parameters
    ----------
    plan : MovePlan
        What moving other trains comes to.
    blockage : Blockage
        Who or what stands in the way, possessions among them.
    places : tuple of str
        Points and steps at which they exclude each other.
    changes : tuple of Change
        What would do instead.
    """

    plan: MovePlan
    blockage: Blockage
    places: tuple[str, ...]
    changes: tuple[Change, ...]


def list_best(
    traffic: Traffic,
    choices: Sequence[PathRequest],
    count: int,
    choice: PathChoice = PathChoice.SHORTEST,
) -> list[TrainPath]:
    """Best departures of all choices, apart from one another.

    Parameters
    ----------
    traffic : Traffic
        What stands.
    choices : sequence of PathRequest
        The train as it may ask.
    count : int
        How many at most.
    choice : PathChoice
        By what they are ranked.

    Returns
    -------
    list of TrainPath
        Best first.
    """
    found = [
        path
        for request in choices
        for path in list_departures(
            traffic, request, count=count, choice=choice, spacing_s=SPACING_S
        )
    ]
    if choice is PathChoice.SHORTEST:
        found.sort(key=lambda path: (path.journey_s, path.depart_at_s))
    else:
        sign = 1 if choice is PathChoice.EARLIEST else -1
        found.sort(key=lambda path: (sign * path.depart_at_s, path.journey_s))
    kept: list[TrainPath] = []
    for path in found:
        if all(abs(path.depart_at_s - other.depart_at_s) >= SPACING_S for other in kept):
            kept.append(path)
    return kept[:count]


def refuse(
    traffic: Traffic,
    choices: Sequence[PathRequest],
    choose: Choose,
    *,
    margin_min: float = 0.0,
    until_s: int,
) -> Refusal:
    """Who or what keeps a train from a path, and the smallest changes that give one.

    Parameters
    ----------
    traffic : Traffic
        What stands, widened by the margin.
    choices : sequence of PathRequest
        The train as it may ask; none of them has a path.
    choose : callable
        Gives its choices for another window.
    margin_min : float
        Margin that is asked for [min].
    until_s : int
        Instant up to which the traffic is known [s].

    Returns
    -------
    Refusal
        The smallest set in the way over all choices.
    """
    plans = [(move_trains(traffic, request), request) for request in choices]
    plan, request = min(
        plans, key=lambda one: (one[0].path is None, one[0].blockage.price, len(one[0].cancelled))
    )
    # Where trains alone cannot make room, a possession stands in the way: it is named.
    blockage = plan.blockage
    if plan.path is None:
        found = [find_blockers(traffic, one) for one in choices]
        blockage = min(found, key=lambda one: (one.path is None, one.price))
    changes = (
        *_list_windows(traffic, request, choose, until_s),
        *_list_margins(traffic, request, margin_min),
        *_list_lengths(traffic, request),
    )
    return Refusal(plan, blockage, _list_places(traffic, request, blockage), changes)


def _list_places(traffic: Traffic, request: PathRequest, blockage: Blockage) -> tuple[str, ...]:
    """Where those in the way and the train exclude each other."""
    if blockage.path is None:
        return ()
    gone = set(blockage.blockers)
    conflicts = find_conflicts(
        traffic.model,
        [blockage.path, *(path for path in traffic.paths if path.train_id in gone)],
        closures=[one for one in traffic.closures if one.possession_id in gone],
    )
    places = [one.place for one in conflicts if request.train_id in one.train_ids]
    return tuple(dict.fromkeys(places))


def _list_windows(
    traffic: Traffic, request: PathRequest, choose: Choose, until_s: int
) -> Iterator[Change]:
    """The nearest departures after and before the window."""
    first_s, last_s = request.depart_from_s, request.depart_to_s
    after = list_best(traffic, choose(last_s + 1, last_s + DAY_S), 1, PathChoice.EARLIEST)
    if after and after[0].arrive_at_s <= until_s:
        at_s = after[0].depart_at_s
        yield Change("window", at_s, at_s - last_s)
    before = list_best(traffic, choose(first_s - DAY_S, first_s - 1), 1, PathChoice.LATEST)
    if before:
        at_s = before[0].depart_at_s
        yield Change("window", at_s, at_s - first_s)


def _list_margins(traffic: Traffic, request: PathRequest, margin_min: float) -> Iterator[Change]:
    """The greatest margin below that which is asked for."""
    free = traffic.widen(-round(margin_min * MINUTE_S))
    for less_min in range(floor(margin_min), -1, -1):
        is_less = less_min < margin_min
        if is_less and find_path(free.widen(less_min * MINUTE_S), request) is not None:
            yield Change("margin_min", less_min, less_min - margin_min)
            return


def _list_lengths(traffic: Traffic, request: PathRequest) -> Iterator[Change]:
    """The greatest length below that of the train."""
    length_m = request.traits.length_m
    if length_m is None:
        return
    loops = [traffic.model.loop_length_m[row] for row in request.point_rows["row"].tolist()]
    for loop_m in sorted({loop for loop in loops if loop < length_m}, reverse=True):
        traits = replace(request.traits, length_m=loop_m)
        points = encode_points(traffic.model, request.points, request.step_rows, traits)
        shorter = replace(request, point_rows=points, traits=traits)
        if find_path(traffic, shorter) is not None:
            yield Change("length_m", loop_m, loop_m - length_m)
            return
