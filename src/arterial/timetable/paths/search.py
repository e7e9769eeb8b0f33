"""A path for one more train between those that stand.

Main functions: :func:`find_path` (the first arrival) and :func:`list_departures` (the best
departures of a window). The search is exact: it sets labels over (point, free window) as in safe
interval path planning [Phillips 2011], each label holding the interval of reachable arrivals.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.errors import LimitError
from arterial.timetable.paths import search_kernel as kernel
from arterial.timetable.paths.requests import PathRequest, TrainPath
from arterial.timetable.paths.search_kernel import search_path
from arterial.timetable.paths.traffic import FreeWindows, Traffic
from arterial.units import HOUR_S

__all__ = ["PathChoice", "find_path", "find_path_in", "list_departures", "tighten_path"]

Integers = NDArray[np.int64]

FIRST_LOOKS: Final = (2, 5, 0)
"""Journeys, in free running times, up to which a path is looked for in turn; 0 = any [1]."""


class PathChoice(StrEnum):
    """By what the best of several departures is judged."""

    SHORTEST = "shortest"
    EARLIEST = "earliest"
    LATEST = "latest"


def find_path(
    traffic: Traffic, request: PathRequest, *, margin_s: int | None = None
) -> TrainPath | None:
    """Path that arrives first, without touching any path that stands.

    Of all paths that arrive first, it leaves as late as it can, so that no time is wasted on the
    way; it then waits as far down the line as it must.

    Parameters
    ----------
    traffic : Traffic
        What stands; it is not changed.
    request : PathRequest
        What is asked for.
    margin_s : int, optional
        Margin towards other trains; that of the line's rules if left out [s].

    Returns
    -------
    TrainPath or None
        The path; None if there is none.
    """
    windows = traffic.free_windows(request, margin_s=margin_s)
    path = find_path_in(windows, request)
    return None if path is None else tighten_path(windows, path)


def find_path_in(windows: FreeWindows, request: PathRequest) -> TrainPath | None:
    """Path that arrives first through given free windows, leaving as early as it can."""
    free_s = request.free_running_s
    # Most paths arrive soon: what lies far ahead is looked at only where nothing nearer is free.
    for factor in FIRST_LOOKS:
        arrive_by = request.first_departure_s + factor * free_s + HOUR_S if factor else kernel.FAR
        arrival_s, departure_s = search_path(
            request.stages,
            windows.step_starts,
            windows.step_windows,
            windows.point_starts,
            windows.point_windows,
            request.depart_from_s,
            request.depart_to_s,
            arrive_by,
        )
        if len(arrival_s):
            return TrainPath(request, arrival_s, departure_s)
    return None


def tighten_path(windows: FreeWindows, path: TrainPath) -> TrainPath:
    """Path that leaves last of all that arrive when the given one does.

    The latest departure is the earliest arrival of the same search in mirrored time.
    """
    mirrored = _mirror_request(path)
    times = find_path_in(_mirror_windows(windows, path.request), mirrored)
    if times is None or -times.arrive_at_s <= path.depart_at_s:
        return path
    later = find_path_in(windows, replace(path.request, depart_from_s=-times.arrive_at_s))
    return path if later is None else replace(later, request=path.request)


def list_departures(
    traffic: Traffic,
    request: PathRequest,
    *,
    count: int = 5,
    choice: PathChoice = PathChoice.SHORTEST,
    spacing_s: int = 300,
    margin_s: int | None = None,
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
    margin_s : int, optional
        Margin towards other trains; that of the line's rules if left out [s].

    Returns
    -------
    tuple of TrainPath
        Best first, by departure where they are equally good; empty if there is none.

    Raises
    ------
    LimitError
        If the window of departure does not end.
    """
    if request.depart_to_s >= kernel.FAR:
        message = "Departures are listed in a window that ends; give the latest departure."
        raise LimitError(message)
    windows = traffic.free_windows(request, margin_s=margin_s)
    found: list[TrainPath] = []
    from_s = request.depart_from_s
    while from_s <= request.depart_to_s:
        path = find_path_in(windows, replace(request, depart_from_s=from_s))
        if path is None:
            break
        path = tighten_path(windows, path)
        found.append(replace(path, request=request))
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


def _mirror_request(path: TrainPath) -> PathRequest:
    """The request with time and way reversed, to arrive no later than its path does."""
    request = path.request
    back = request.stages[::-1]
    stages = back.copy()
    # The step behind a point in mirrored time is the one before it.
    stages["running_s"][:-1] = back["running_s"][1:]
    stages["start_loss_s"], stages["stop_loss_s"] = back["stop_loss_s"], back["start_loss_s"]
    stages["earliest_s"], stages["latest_s"] = -back["latest_s"], -back["earliest_s"]
    first, last = stages[0], stages[-1]
    first["dwell_most_s"] = first["dwell_least_s"]
    last["latest_s"] = min(last["latest_s"], -request.depart_from_s)
    return replace(request, stages=stages, depart_from_s=-path.arrive_at_s, depart_to_s=kernel.FAR)


def _mirror_windows(windows: FreeWindows, request: PathRequest) -> FreeWindows:
    """The windows with time and way reversed; the origin closes after its latest departure."""
    back, steps = windows.step_windows[::-1], np.empty_like(windows.step_windows)
    steps["entry_from_s"], steps["entry_to_s"] = -back["exit_to_s"], -back["exit_from_s"]
    steps["exit_from_s"], steps["exit_to_s"] = -back["entry_to_s"], -back["entry_from_s"]
    back, points = windows.point_windows[::-1], np.empty_like(windows.point_windows)
    points["from_s"], points["to_s"] = -back["to_s"], -back["from_s"]
    step_starts = windows.step_starts[-1] - windows.step_starts[::-1]
    point_starts = windows.point_starts[-1] - windows.point_starts[::-1]
    origin = points["from_s"][point_starts[-2] :]
    np.maximum(origin, -request.depart_to_s, out=origin)
    return FreeWindows(
        step_starts=np.ascontiguousarray(step_starts),
        step_windows=steps,
        point_starts=np.ascontiguousarray(point_starts),
        point_windows=points,
    )
