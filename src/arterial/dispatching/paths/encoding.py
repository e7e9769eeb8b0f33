"""Requests, possessions and links as the arrays of the search; main function `encode_requests`.

One conversion each way: `arterial.dispatching.paths.planning` reads the plan back.
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
from arterial.timetable.paths.stated_track import MOST_TRACKS

__all__ = ["Live", "Use", "encode_requests", "list_closed", "list_uses", "make_plan"]

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
class Use:
    """A use of a step or a point that stays as it is.

    Parameters
    ----------
    row : int
        Number of the step, or of the point behind all steps.
    enter_s, leave_s : int
        From when to when [s].
    mark : int
        Direction of the train or what a possession closes; at a point, whether no loop holds it.
    """

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
    uses: Iterable[Use] = (),
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
    uses : iterable of Use
        What other trains use and go on using.
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
    # What a train has entered already is not shut before it.
    if requests:
        places["is_inside"][trains["first"]] = trains["waits_inside"]
    fixed = [*list_closed(model, closures), *uses]
    line = _make_line(model, places, trains, fixed)
    asked = Asked(
        places=places,
        trains=trains,
        links=_encode_links(requests, trains, numbers, links),
        earliest_s=places["earliest_s"].copy(),
        latest_s=places["latest_s"].copy(),
    )
    return _make_state(line, asked)


def list_uses(
    model: LineModel, path: TrainPath, *, from_place: int = 0, end_place: int | None = None
) -> list[Use]:
    """Uses of a path, or of the part of it that ends before it comes to a place.

    Parameters
    ----------
    model : LineModel
        The line.
    path : TrainPath
        The path.
    from_place, end_place : int
        First place, and the one that it only runs up to; to the end where there is none.

    Returns
    -------
    list of Use
        Of points and steps in turn.
    """
    points, steps = path.request.point_rows.tolist(), path.request.step_rows.tolist()
    arrival, departure = path.arrival_s.tolist(), path.departure_s.tolist()
    uses = []
    for place in range(from_place, len(points) if end_place is None else end_place):
        row, _, _, mark = points[place]
        uses.append(Use(row + len(model.steps), arrival[place], departure[place], mark))
        if place < len(steps):
            row, direction, _, _ = steps[place]
            uses.append(Use(row, departure[place], arrival[place + 1], direction))
    return uses


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
    places = np.zeros(total, PLACE)
    if not requests:
        return places.view(np.recarray)
    stages = np.concatenate([request.stages for request in requests])
    points = np.concatenate([request.point_rows for request in requests])
    steps = np.concatenate([request.step_rows for request in requests])
    for column in STAGE_COLUMNS:
        places[column] = stages[column]
    for column in ("tracks_count", "is_listed", "mark"):
        places[column] = points[column]
    places["point"] = points["row"] + len(model.steps)
    # No step lies behind the last point of a way.
    has_step = np.ones(total, np.bool_)
    has_step[np.cumsum([len(request.points) for request in requests]) - 1] = False
    places["step"][has_step] = steps["row"]
    for column in ("direction", "is_single", "can_follow"):
        places[column][has_step] = steps[column]
    between = model.intervals_s
    there = between[steps["row"], steps["direction"]]
    for number, name in enumerate(("opposing_s", "following_s", "headway_s")):
        places[name][has_step] = there[:, number]
    places["opposed_s"][has_step] = between[steps["row"], 1 - steps["direction"], 0]
    return places.view(np.recarray)


def _encode_trains(requests: Sequence[PathRequest], live: Mapping[str, Live]) -> Rows:
    """The trains, each with its places."""
    trains = np.zeros(len(requests), TRAIN)
    counts = np.array([len(request.points) for request in requests], np.int64)
    trains["end"] = np.cumsum(counts)
    trains["first"] = trains["end"] - counts
    trains["depart_from_s"] = [request.depart_from_s for request in requests]
    trains["depart_to_s"] = [request.depart_to_s for request in requests]
    trains["due_s"] = [one.first_departure_s + one.free_running_s for one in requests]
    trains["weight"] = [request.traits.weight for request in requests]
    # Light or heavy, a train without a path counts for more than any delay of others.
    trains["missing_cost"] = MISSING_S * trains["weight"].max(initial=0.0)
    for number, request in enumerate(requests):
        here = live.get(request.train_id)
        if here is not None:
            trains["is_live"][number] = True
            trains["waits_inside"][number] = here.waits_inside
            trains["arrive_at_s"][number] = here.arrive_at_s
    return trains.view(np.recarray)


def list_closed(model: LineModel, closures: Iterable[Closure]) -> Iterable[Use]:
    """Uses of what possessions take."""
    release_s = model.rules.encode().release_s
    for one in closures:
        if one.step is not None:
            mark = CLOSED if one.direction is None else CLOSED_FORWARD + one.direction
            yield Use(one.step, one.from_s, one.to_s, mark)
        if one.point is not None:
            # A track is released a moment after its user leaves: a closure needs no such moment.
            row, until_s = one.point + len(model.steps), one.to_s - release_s
            for mark in _list_closed_tracks(model, one):
                yield Use(row, one.from_s, until_s, mark)


def _list_closed_tracks(model: LineModel, closure: Closure) -> list[int]:
    """Marks of what a possession takes of a point: a track each."""
    point = closure.point or 0
    count = min(closure.tracks_count, model.tracks_count[point])
    tracks = model.station_tracks.get(point, ())
    if not 0 < len(tracks) <= MOST_TRACKS:
        return [FITS] * count
    named = [n for n, track in enumerate(tracks) if track.track_id in closure.track_ids]
    # Where none is named, the last ones.
    return [1 << number for number in named or range(len(tracks) - count, len(tracks))]


def _make_line(model: LineModel, places: Rows, trains: Rows, fixed: Sequence[Use]) -> Line:
    """The line with what stays as it is, and room for each train wherever it goes."""
    counts = np.bincount(places["point"], minlength=len(model.steps) + len(model.point_ids))
    inside = np.ones(len(places), np.bool_)
    inside[trains["end"] - 1] = False
    np.add.at(counts, places["step"][inside], 1)
    np.add.at(counts, [use.row for use in fixed], 1)
    rows = np.zeros(len(counts), ROW).view(np.recarray)
    rows["first"][1:] = np.cumsum(counts)[:-1]
    rows["room"] = counts
    rows["gap_s"] = model.longest_interval_s
    uses = np.zeros(int(counts.sum()), USE).view(np.recarray)
    table = np.array(
        sorted((use.row, use.enter_s, use.leave_s, use.mark) for use in fixed), np.int64
    ).reshape(-1, 4)
    row, enter_s, leave_s, _ = table.T
    rows["count"] = np.bincount(row, minlength=len(rows))
    within = np.arange(len(table)) - (np.cumsum(rows["count"]) - rows["count"])[row]
    places = rows["first"][row] + within
    for column, values in zip(("enter_s", "leave_s", "mark"), table.T[1:], strict=True):
        uses[column][places] = values
    uses["owner"][places] = len(trains)
    np.maximum.at(rows["longest_s"], row, leave_s - enter_s)
    return Line(rows, uses, model.rules.encode().release_s)


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
            row = (link.least_s, is_together, False)
            found.append((one, place, other, other_place, *row, False))
            if is_together:
                found.append((other, other_place, one, place, *row, True))
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
