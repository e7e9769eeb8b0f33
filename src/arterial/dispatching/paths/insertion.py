"""A path for one more train between those that stand.

Main functions: :func:`find_path` (the first arrival) and :func:`list_departures` (the best
departures of a window). Between paths that stay as they are the search is exact: a train is told by
the free window that it stands in, its arrival there and whether it stops. Labels hold the whole
interval of arrivals that can be reached, and one is left out only for another of the same window
that can do all it can. :class:`PathFinder` searches several times, with some users absent.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.paths.encoding import encode_requests, list_closed
from arterial.dispatching.paths.first_plan_kernel import lay_in_turn
from arterial.dispatching.paths.insertion_kernel import WAIT_AT_ORIGIN, WAIT_LATE, make_labels
from arterial.dispatching.paths.line_kernel import USE
from arterial.dispatching.paths.plan_kernel import State
from arterial.dispatching.paths.planning import decode_paths
from arterial.errors import LimitError
from arterial.rows import Rows, row_kind
from arterial.timetable.paths import Closure, LineModel, PathRequest, TrainPath
from arterial.timetable.paths.requests import NO_LIMIT_S

__all__ = ["PathChoice", "PathFinder", "Traffic", "find_path", "list_departures"]

Integers = NDArray[np.int64]

PLACED_USE: Final = row_kind("row enter_s leave_s mark owner")
"""A use with the row that it is of; its owner is the place of a user among all."""

ALONE: Final = np.zeros(1, np.int64)
"""The order of one train."""


class PathChoice(StrEnum):
    """By what the best of several departures is judged."""

    SHORTEST = "shortest"
    EARLIEST = "earliest"
    LATEST = "latest"


@dataclass(frozen=True)
class Traffic:
    """The paths and possessions that stand on a line.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : tuple of TrainPath
        The paths; they need not be free of conflicts.
    closures : tuple of Closure
        What possessions take.
    """

    model: LineModel
    paths: tuple[TrainPath, ...] = ()
    closures: tuple[Closure, ...] = ()

    @cached_property
    def users(self) -> tuple[str, ...]:
        """Trains, then possessions, each once.

        Raises
        ------
        LimitError
            If a train has two paths.
        """
        trains = dict.fromkeys(path.train_id for path in self.paths)
        if len(trains) < len(self.paths):
            message = "A train has two paths; take one away first."
            raise LimitError(message)
        return (*trains, *dict.fromkeys(closure.possession_id for closure in self.closures))

    @cached_property
    def uses(self) -> Rows:
        """What they use, points numbered behind the steps, by row and entry."""
        numbers = {user: number for number, user in enumerate(self.users)}
        parts = [_place_path(self.model, path, numbers[path.train_id]) for path in self.paths]
        closed = [
            (use.row, use.enter_s, use.leave_s, use.mark, numbers[closure.possession_id])
            for closure in self.closures
            for use in list_closed(self.model, [closure])
        ]
        parts.append(np.array(closed, PLACED_USE))
        uses = np.concatenate(parts)
        keys = [uses[column] for column in ("owner", "mark", "leave_s", "enter_s", "row")]
        return uses[np.lexsort(keys)].view(np.recarray)

    def add(self, *paths: TrainPath) -> Self:
        """The traffic with further paths."""
        return replace(self, paths=(*self.paths, *paths))

    def without(self, trains: Collection[str]) -> Self:
        """The traffic without the paths of some trains."""
        return replace(
            self, paths=tuple(path for path in self.paths if path.train_id not in trains)
        )

    def widen(self, margin_s: int) -> Self:
        """The traffic with a further margin added to every interval [s]."""
        rules = self.model.rules
        rules = replace(rules, margin_s=rules.margin_s + margin_s)
        return replace(self, model=replace(self.model, rules=rules))

    def list_users(self, request: PathRequest, from_s: int, to_s: int) -> tuple[str, ...]:
        """Users of the way of a request in some period, sorted."""
        uses = self.uses[_mark_way(self.model, request)[self.uses["row"]]]
        touches = (uses["enter_s"] <= to_s) & (uses["leave_s"] >= from_s)
        owners = np.unique(uses["owner"][touches]).tolist()
        return tuple(sorted({self.users[owner] for owner in owners} - {request.train_id}))


class PathFinder:
    """Searches for a path of one train, with all that stands or some of it absent.

    Parameters
    ----------
    traffic : Traffic
        What stands; it is not changed.
    request : PathRequest
        What is asked for; a path of the same train that stands counts as absent.
    """

    def __init__(self, traffic: Traffic, request: PathRequest) -> None:
        self._request = request
        self._numbers = {user: number for number, user in enumerate(traffic.users)}
        self._uses = traffic.uses[_mark_way(traffic.model, request)[traffic.uses["row"]]]
        self._absent: frozenset[str] | None = None
        self._state = self._make_state(traffic.model)

    def find(
        self,
        *,
        absent: Collection[str] = (),
        depart_from_s: int | None = None,
        leaves_late: bool = True,
    ) -> TrainPath | None:
        """Path that arrives first, without touching what stands.

        Parameters
        ----------
        absent : collection of str
            Trains and possessions that count as absent.
        depart_from_s : int, optional
            Earliest departure; that of the request if left out [s].
        leaves_late : bool
            Whether it is to leave as late as its arrival allows; it then waits as far down the
            line as it must.

        Returns
        -------
        TrainPath or None
            The path; None if there is none.
        """
        gone = frozenset((*absent, self._request.train_id))
        if gone != self._absent:
            self._let_stand(gone)
        request = self._request
        if depart_from_s is not None:
            request = replace(request, depart_from_s=depart_from_s)
        train = self._state.asked.trains
        train["depart_from_s"] = request.depart_from_s
        train["due_s"] = request.first_departure_s + request.free_running_s
        wait_rule = WAIT_AT_ORIGIN if leaves_late else WAIT_LATE
        lay_in_turn(self._state, ALONE, wait_rule)
        while self._state.labels.at["is_full"][0]:
            # What found no room might have led to the path.
            self._grow_labels()
            lay_in_turn(self._state, ALONE, wait_rule)
        found = decode_paths(self._state, [self._request])
        return found[0] if found else None

    def _make_state(self, model: LineModel) -> State:
        """State of a search for the one train, with room for all that stands on its way."""
        state = encode_requests(model, [self._request])
        rows = state.line.rows.copy()
        rows["room"] += np.bincount(self._uses["row"], minlength=len(rows))
        rows["first"] = np.cumsum(rows["room"]) - rows["room"]
        uses = np.zeros(int(rows["room"].sum()), USE).view(np.recarray)
        labels = make_labels(len(self._request.points), int(rows["room"].max(initial=0)))
        return state._replace(line=state.line._replace(rows=rows, uses=uses), labels=labels)

    def _let_stand(self, gone: frozenset[str]) -> None:
        """Enter the uses of all users that are not gone."""
        self._absent = gone
        kept = np.ones(len(self._numbers) + 1, np.bool_)
        kept[[self._numbers[user] for user in gone if user in self._numbers]] = False
        uses, line = self._uses[kept[self._uses["owner"]]], self._state.line
        counts = np.bincount(uses["row"], minlength=len(line.rows))
        within = np.arange(len(uses)) - (np.cumsum(counts) - counts)[uses["row"]]
        places = line.rows["first"][uses["row"]] + within
        for column in ("enter_s", "leave_s", "mark"):
            line.uses[column][places] = uses[column]
        # No number of a train that asks.
        line.uses["owner"][places] = 1
        line.rows["count"] = counts
        line.rows["longest_s"] = 0
        np.maximum.at(line.rows["longest_s"], uses["row"], uses["leave_s"] - uses["enter_s"])
        self._state.plan.is_laid[0] = False

    def _grow_labels(self) -> None:
        """Double the workspace of the search."""
        labels = self._state.labels
        labels.at["is_full"] = 0
        rows = np.zeros(2 * len(labels.rows), labels.rows.dtype).view(np.recarray)
        self._state = self._state._replace(labels=labels._replace(rows=rows))


def find_path(traffic: Traffic, request: PathRequest) -> TrainPath | None:
    """Path that arrives first, without touching any path that stands.

    Of all paths that arrive first, it leaves as late as it can, so that no time is wasted on the
    way; it then waits as far down the line as it must.

    Parameters
    ----------
    traffic : Traffic
        What stands; it is not changed.
    request : PathRequest
        What is asked for.

    Returns
    -------
    TrainPath or None
        The path; None if there is none.
    """
    return PathFinder(traffic, request).find()


def list_departures(
    traffic: Traffic,
    request: PathRequest,
    *,
    count: int = 5,
    choice: PathChoice = PathChoice.SHORTEST,
    spacing_s: int = 300,
) -> tuple[TrainPath, ...]:
    """Best paths in the window of departure, each better than the others in something.

    A path is listed only if no other leaves later and arrives no later. They are found in turn:
    the earliest arrival, the latest departure that keeps it, then whatever leaves after that.

    Parameters
    ----------
    traffic : Traffic
        What stands; it is not changed.
    request : PathRequest
        What is asked for.
    count : int
        How many paths at most.
    choice : PathChoice
        By what they are ranked.
    spacing_s : int
        Least time between two departures that are looked at [s].

    Returns
    -------
    tuple of TrainPath
        Best first, by departure where they are equally good; empty if there is none.

    Raises
    ------
    LimitError
        If the window of departure does not end.
    """
    if request.depart_to_s >= NO_LIMIT_S:
        message = "Departures are listed in a window that ends; give the latest departure."
        raise LimitError(message)
    finder = PathFinder(traffic, request)
    found: list[TrainPath] = []
    from_s = request.depart_from_s
    while from_s <= request.depart_to_s:
        path = finder.find(depart_from_s=from_s)
        if path is None:
            break
        found.append(path)
        if choice is PathChoice.EARLIEST and len(found) == count:
            break
        from_s = path.depart_at_s + spacing_s
    ranked = sorted(found, key=lambda path: _rank(path, choice))
    return tuple(ranked[:count])


def _rank(path: TrainPath, choice: PathChoice) -> tuple[int, int]:
    """Smaller is better."""
    if choice is PathChoice.SHORTEST:
        return (path.journey_s, path.depart_at_s)
    return (path.depart_at_s if choice is PathChoice.EARLIEST else -path.depart_at_s, 0)


def _mark_way(model: LineModel, request: PathRequest) -> NDArray[np.bool_]:
    """Whether the way of a request uses each step and point."""
    is_used = np.zeros(len(model.steps) + len(model.point_ids), np.bool_)
    is_used[request.step_rows["row"]] = True
    is_used[request.point_rows["row"] + len(model.steps)] = True
    return is_used


def _place_path(model: LineModel, path: TrainPath, owner: int) -> Rows:
    """Uses of points, then of steps, of one path."""
    points, steps = path.request.point_rows, path.request.step_rows
    count = len(points)
    uses = np.empty(count + len(steps), PLACED_USE).view(np.recarray)
    uses["row"][:count], uses["row"][count:] = points["row"] + len(model.steps), steps["row"]
    uses["enter_s"][:count], uses["enter_s"][count:] = path.arrival_s, path.departure_s[:-1]
    uses["leave_s"][:count], uses["leave_s"][count:] = path.departure_s, path.arrival_s[1:]
    uses["mark"][:count], uses["mark"][count:] = points["mark"], steps["direction"]
    uses["owner"] = owner
    return uses
