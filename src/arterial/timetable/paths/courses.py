"""Where every stated train is at each point of its route, for each pattern of its times.

Main functions: :func:`follow_courses` and :func:`bound_passings`. Between two known times a train's
way is shared over the points that it passes as its computed running times are, else by length.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from arterial.running.shared_routes import SharedRoute, TrainRoutes
from arterial.timetable.paths.courses_kernel import (
    Courses,
    Passings,
    mark_fixed,
    share_times,
)
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.windows_kernel import Windows, bound_times
from arterial.timetable.trains.timed_trains import TimedTrains
from arterial.timetable.trains.timing_kernel import UNKNOWN

__all__ = ["bound_passings", "follow_courses", "list_courses"]

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


def list_courses(
    model: LineModel, routes: TrainRoutes, running_s: Mapping[int, tuple[int, Numbers]]
) -> tuple[Courses, Integers]:
    """Courses of all trains as arrays.

    Parameters
    ----------
    model : LineModel
        Points and steps.
    routes : TrainRoutes
        Routes of the trains.
    running_s : mapping of int to (int, ndarray)
        For trains that are run by physics: a number that those with the same run share, and the
        running time of each step of their route [s].

    Returns
    -------
    courses : Courses
        One for each route and run.
    numbers : ndarray of int64, shape (n_trains,)
        Course of each train; -1 = it has no stops.
    """
    found: dict[tuple[int, int], int] = {}
    numbers = np.full(len(routes.numbers), -1, np.int64)
    parts: list[tuple[Integers, Integers, Integers, Numbers, Integers]] = []
    for train, route in enumerate(routes.numbers.tolist()):
        if route < 0:
            continue
        run, times = running_s.get(train, (-1, None))
        if (route, run) not in found:
            found[route, run] = len(parts)
            parts.append(_encode_route(model, routes.routes[route], times))
        numbers[train] = found[route, run]
    columns = [list(column) for column in zip(*parts, strict=True)] or [[], [], [], [], []]
    point, step, direction, share, stop_place = (
        np.concatenate(column) if column else np.zeros(0, np.int64) for column in columns
    )
    courses = Courses(
        first=_count_up(columns[0]),
        point=point,
        step=step,
        direction=direction,
        share=share.astype(np.float64),
        stop_first=_count_up(columns[4]),
        stop_place=stop_place,
    )
    return courses, numbers


def _count_up(parts: list[Integers]) -> Integers:
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)


def _encode_route(
    model: LineModel, shared: SharedRoute, running_s: Numbers | None
) -> tuple[Integers, Integers, Integers, Numbers, Integers]:
    """Points, steps, directions and shares of a route, and the places of its stops."""
    if shared.route is None:
        # No way is known: the stops alone, so that stations are still looked at.
        points = [model.point_numbers.get(name, -1) for name in shared.stop_points]
        none = np.full(len(points), -1, np.int64)
        places = np.arange(len(points))
        return np.array(points, dtype=np.int64), none, none, np.ones(len(points)), places
    route = shared.route
    steps = [model.find_step(s.from_point, s.to_point, s.section.section_id) for s in route.steps]
    lengths = [step.length_km for step in route.steps] if running_s is None else running_s
    return (
        np.array([model.point_numbers[name] for name in route.points], dtype=np.int64),
        np.array([-1, *(step for step, _ in steps)], dtype=np.int64),
        np.array([-1, *(direction for _, direction in steps)], dtype=np.int64),
        np.concatenate([[0.0], np.asarray(lengths, dtype=np.float64)]),
        np.array(shared.stop_places, dtype=np.int64),
    )


def follow_courses(
    model: LineModel, courses: Courses, numbers: Integers, timed: TimedTrains
) -> Passings:
    """Times of all patterns at all places of their courses.

    Parameters
    ----------
    model : LineModel
        Points with their tracks.
    courses : Courses
        The courses.
    numbers : ndarray of int64, shape (n_trains,)
        Course of each train.
    timed : TimedTrains
        Times at the stops.

    Returns
    -------
    Passings
        Passing points have their arrival as departure.
    """
    own = numbers[timed.pattern_trains]
    lengths = np.diff(courses.first)[own]
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    arrival_s, departure_s = np.full((2, first[-1]), UNKNOWN, np.int64)
    fixed, stays = np.zeros((2, first[-1]), np.bool_)
    passings = Passings(courses, own, first, arrival_s, departure_s, fixed, stays)
    share_times(passings, timed.event_first, timed.event_s)
    can_wait = np.array(model.tracks_count) > 1
    mark_fixed(passings, timed.event_first, timed.is_stated, can_wait)
    return passings


def bound_passings(passings: Passings, timed: TimedTrains, least_s: list[Numbers]) -> Windows:
    """Earliest and latest times of all patterns at all places that stated times leave.

    Parameters
    ----------
    passings : Passings
        Courses of the patterns.
    timed : TimedTrains
        Times at the stops.
    least_s : list of ndarray
        As :func:`arterial.timetable.paths.floors.list_least_times` gives it.

    Returns
    -------
    Windows
        Of each place of each pattern.
    """
    arrival_s, departure_s = np.zeros((2, passings.first[-1], 2), np.int64)
    windows = Windows(arrival_s, departure_s)
    need_s = np.concatenate([np.zeros(0), *least_s])
    bound_times(passings, timed.event_first, timed.event_s, timed.is_stated, need_s, windows)
    return windows
