"""Requests, possessions and links as the arrays of the search; main function `encode_requests`.

One conversion each way: `arterial.dispatching.paths.decoding` reads the plan back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from arterial.dispatching.paths.insertion_kernel import make_labels
from arterial.dispatching.paths.line_kernel import (
    CLOSED,
    CLOSED_FORWARD,
    PLACE,
    ROW,
    TRAIN,
    USE,
    Line,
)
from arterial.dispatching.paths.plan_kernel import LINK, MISSING_S, Asked, Plan, State
from arterial.errors import LimitError
from arterial.rows import Rows
from arterial.timetable.paths import (
    Closure,
    LineModel,
    LinkKind,
    PathRequest,
    TrainLink,
    TrainPath,
)
from arterial.timetable.paths.links import hold_other

__all__ = ["Live", "encode_requests", "make_plan"]

STAGE_COLUMNS: Final = (
    "running_s",
    "start_loss_s",
    "stop_loss_s",
    "dwell_least_s",
    "dwell_most_s",
    "earliest_s",
    "latest_s",
    "is_planned",
)
FITS: Final = 0


@dataclass(frozen=True, slots=True)
class Live:
    """Where a train is that runs already.

    Parameters
    ----------
    arrive_at_s : int
        When it came to the first point of what is asked for [s].
    waits_inside : bool
        Whether it has left that point, at the end of its window of departure: it may then be held
        in front of the next one.
    """

    arrive_at_s: int
    waits_inside: bool = False


@dataclass(frozen=True, slots=True)
class _Use:
    """A use that stays as it is, of a row of the line."""

    row: int
    enter_s: int
    leave_s: int
    mark: int


def encode_requests(
    model: LineModel,
    requests: Sequence[PathRequest],
    *,
    closures: Iterable[Closure] = (),
    links: Iterable[TrainLink] = (),
    standing: Iterable[TrainPath] = (),
    live: Mapping[str, Live] | None = None,
) -> State:
    """State of a search in which no train has a path yet.

    Parameters
    ----------
    model : LineModel
        The line.
    requests : sequence of PathRequest
        What is asked for, ``(n_trains,)``.
    closures : iterable of Closure
        What possessions take.
    links : iterable of TrainLink
        Links between the trains that ask.
    standing : iterable of TrainPath
        Paths that stay as they are.
    live : mapping of str to Live, optional
        Trains that run already.

    Returns
    -------
    State
        With the least delay of no train known yet.

    Raises
    ------
    LimitError
        If a train asks twice, or its delay has no positive price.
    """
    requests = _hold_linked(requests, links := list(links))
    numbers = {request.train_id: number for number, request in enumerate(requests)}
    faulty = [one.train_id for one in requests if not one.traits.weight > 0]
    if len(numbers) < len(requests) or faulty:
        message = f"Each train asks once, with a weight above 0; see {faulty or 'the train ids'}."
        raise LimitError(message)
    places = _encode_places(model, requests)
    trains = _encode_trains(requests, live or {})
    fixed = [*_list_closed(model, closures), *_list_standing(model, standing)]
    line = _make_line(model, places, trains, fixed)
    asked = Asked(
        places=places,
        trains=trains,
        links=_encode_links(requests, trains, numbers, links),
        earliest_s=places["earliest_s"].copy(),
        latest_s=places["latest_s"].copy(),
    )
    return _make_state(line, asked)


def make_plan(asked: Asked) -> Plan:
    """A plan in which no train has a path."""
    return Plan(
        arrival_s=np.zeros(len(asked.places), np.int64),
        departure_s=np.zeros(len(asked.places), np.int64),
        delay_s=np.full(len(asked.trains), MISSING_S, np.int64),
        is_laid=np.zeros(len(asked.trains), np.bool_),
    )


def _hold_linked(
    requests: Sequence[PathRequest], links: Sequence[TrainLink]
) -> Sequence[PathRequest]:
    """Requests in which both trains of a link stand as long as it needs."""
    found = {request.train_id: request for request in requests}
    if len(found) < len(requests):
        return requests
    for link in links:
        if {link.train_id, link.other_train_id} <= set(found):
            for train in (link.train_id, link.other_train_id):
                found[train] = hold_other(found[train], link)
    return list(found.values())


def _encode_places(model: LineModel, requests: Sequence[PathRequest]) -> Rows:
    """Ways of all trains, points numbered behind the steps."""
    total = sum(len(request.points) for request in requests)
    places = np.zeros(total, PLACE).view(np.recarray)
    first = 0
    for request in requests:
        way = places[first : first + len(request.points)]
        way["point"] = request.point_rows["row"] + len(model.steps)
        way["tracks_count"] = request.point_rows["tracks_count"]
        way["is_long"] = request.point_rows["is_long"]
        way["step"][:-1] = request.step_rows["row"]
        for column in ("direction", "is_single", "can_follow"):
            way[column][:-1] = request.step_rows[column]
        for column in STAGE_COLUMNS:
            way[column] = request.stages[column]
        first += len(way)
    return places


def _encode_trains(requests: Sequence[PathRequest], live: Mapping[str, Live]) -> Rows:
    """The trains, each with its places."""
    trains = np.zeros(len(requests), TRAIN).view(np.recarray)
    ends = np.cumsum([len(request.points) for request in requests])
    for train, request, end in zip(trains, requests, ends, strict=True):
        train.first, train.end = end - len(request.points), end
        train.depart_from_s, train.depart_to_s = request.depart_from_s, request.depart_to_s
        train.due_s = request.first_departure_s + request.free_running_s
        train.weight = request.traits.weight
        if request.train_id in live:
            train.is_live = True
            train.arrive_at_s = live[request.train_id].arrive_at_s
            train.waits_inside = live[request.train_id].waits_inside
    return trains


def _list_closed(model: LineModel, closures: Iterable[Closure]) -> Iterable[_Use]:
    """Uses of what possessions take."""
    release_s = model.rules.encode().release_s
    for one in closures:
        if one.step is not None:
            mark = CLOSED if one.direction is None else CLOSED_FORWARD + one.direction
            yield _Use(one.step, one.from_s, one.to_s, mark)
        if one.point is not None:
            # A track is released a moment after its user leaves: a closure needs no such moment.
            row, until_s = one.point + len(model.steps), one.to_s - release_s
            for _ in range(min(one.tracks_count, model.tracks_count[one.point])):
                yield _Use(row, one.from_s, until_s, FITS)


def _list_standing(model: LineModel, standing: Iterable[TrainPath]) -> Iterable[_Use]:
    """Uses of paths that stay as they are."""
    for path in standing:
        points, steps = path.request.point_rows, path.request.step_rows
        arrival, departure = path.arrival_s.tolist(), path.departure_s.tolist()
        for place, (row, _, is_long) in enumerate(points.tolist()):
            mark = int(is_long)
            yield _Use(row + len(model.steps), arrival[place], departure[place], mark)
        for place, (row, direction, _, _) in enumerate(steps.tolist()):
            yield _Use(row, departure[place], arrival[place + 1], direction)


def _make_line(model: LineModel, places: Rows, trains: Rows, fixed: Sequence[_Use]) -> Line:
    """The line with what stays as it is, and room for each train wherever it goes."""
    rules = model.rules.encode()
    counts = np.bincount(places["point"], minlength=len(model.steps) + len(model.point_ids))
    inside = np.ones(len(places), np.bool_)
    inside[trains["end"] - 1] = False
    np.add.at(counts, places["step"][inside], 1)
    np.add.at(counts, [use.row for use in fixed], 1)
    rows = np.zeros(len(counts), ROW).view(np.recarray)
    rows["first"][1:] = np.cumsum(counts)[:-1]
    rows["room"] = counts
    rows["gap_s"] = max(rules)
    uses = np.zeros(int(counts.sum()), USE).view(np.recarray)
    for use in sorted(fixed, key=lambda use: (use.row, use.enter_s, use.leave_s, use.mark)):
        row = rows[use.row]
        uses[row.first + row.count] = (use.enter_s, use.leave_s, use.mark, len(trains))
        row.count += 1
        row.longest_s = max(row.longest_s, use.leave_s - use.enter_s)
    return Line(rows, uses, *rules)


def _encode_links(
    requests: Sequence[PathRequest],
    trains: Rows,
    numbers: Mapping[str, int],
    links: Iterable[TrainLink],
) -> Rows:
    """Links between trains that ask, at points of both their ways, by the train that is bound."""
    found = []
    for link in links:
        one, other = numbers.get(link.train_id), numbers.get(link.other_train_id)
        if one is None or other is None:
            continue
        points, other_points = requests[one].points, requests[other].points
        if link.point_id in points and link.point_id in other_points:
            place = trains[one].first + points.index(link.point_id)
            other_place = trains[other].first + other_points.index(link.point_id)
            is_together = link.kind is LinkKind.TOGETHER
            found.append((one, place, other, other_place, link.least_s, is_together, False))
    rows = np.array(sorted(found), LINK).view(np.recarray)
    trains["link_first"] = np.searchsorted(rows["train"], np.arange(len(trains)), "left")
    trains["link_end"] = np.searchsorted(rows["train"], np.arange(len(trains)), "right")
    return rows


def _make_state(line: Line, asked: Asked) -> State:
    """State without a path."""
    trains = asked.trains
    longest = int((trains["end"] - trains["first"]).max(initial=1))
    count = len(trains)
    return State(
        line=line,
        asked=asked,
        labels=make_labels(longest, int(line.rows["room"].max(initial=0))),
        plan=make_plan(asked),
        best=make_plan(asked),
        undo=make_plan(asked),
        group=np.zeros(count, np.int64),
        keys=np.zeros(count),
        is_chosen=np.zeros(count, np.bool_),
        changed=np.zeros(count, np.int64),
        is_changed=np.zeros(count, np.bool_),
    )
