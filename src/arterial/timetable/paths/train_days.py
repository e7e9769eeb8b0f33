"""The path that a train of the timetable asks for on one operating day.

Main function: :func:`request_train_day`. Its stops, standstills and stated departures come from the
timetable; the running times between all points of its way come with the way.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from arterial.errors import Fault, StudyError
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.requests import (
    NO_LIMIT_S,
    DepartureWindow,
    PathRequest,
    StopWish,
    TrainTraits,
    make_request,
)
from arterial.timetable.trains.train_times import COMPUTED, TrainRun

__all__ = ["Pace", "TrainWay", "request_train_day"]


class Pace(StrEnum):
    """Which running times a path is made of."""

    FREE = "free"
    """Computed times with their supplement: what the train needs where nothing is in its way."""
    TIMETABLE = "timetable"
    """Times as published, the waits for other trains in them included."""


@dataclass(frozen=True, slots=True)
class TrainWay:
    """The way of a train with its running times from point to point.

    Parameters
    ----------
    train_id : str
        The train.
    points, section_ids : tuple of str
        Points and the sections between them, ``(n,)`` and ``(n - 1,)``.
    free_s, running_s : tuple of float
        Running time of each step before and after calibration, ``(n - 1,)`` [s].
    stop_places : tuple of int
        Place in `points` of each stop of the train, ``(n_stops,)``.
    traits : TrainTraits
        What the train is like.
    """

    train_id: str
    points: tuple[str, ...]
    section_ids: tuple[str, ...]
    free_s: tuple[float, ...]
    running_s: tuple[float, ...]
    stop_places: tuple[int, ...]
    traits: TrainTraits


def request_train_day(
    model: LineModel,
    way: TrainWay,
    run: TrainRun,
    *,
    pace: Pace = Pace.TIMETABLE,
    leave_within_s: int = NO_LIMIT_S,
) -> PathRequest:
    """Request of a train on one operating day.

    It leaves its first stop no earlier than the timetable says, and every stop whose departure is
    stated no earlier than stated. At the pace of the timetable the time between two stops is shared
    over the steps as the calibrated running times are.

    Parameters
    ----------
    model : LineModel
        The line.
    way : TrainWay
        Its way.
    run : TrainRun
        Its times on this day.
    pace : Pace
        Which running times are taken.
    leave_within_s : int
        How much later than planned it may leave its origin [s].

    Returns
    -------
    PathRequest
        Named ``train@day``.

    Raises
    ------
    StudyError
        If the departure of the train is not known.
    """
    first = run.departure(0)
    if first is None:
        fault = Fault(
            f"The departure of train {way.train_id} on {run.operating_day} is not known.",
            "State a time at one of its stops, or the running times that lead to one.",
            "tables/train_stops.csv",
        )
        message = "A train without a departure gets no path."
        raise StudyError(message, [fault])
    depart_s = first.at.at_s
    latest_s = NO_LIMIT_S if leave_within_s >= NO_LIMIT_S else depart_s + leave_within_s
    return make_request(
        model,
        f"{way.train_id}@{run.operating_day}",
        way.points,
        _share_running(way, run, pace),
        window=DepartureWindow(depart_s, latest_s),
        stops={place: _wish_stop(run, stop) for stop, place in enumerate(way.stop_places)},
        section_ids=way.section_ids,
        traits=way.traits,
    )


def _share_running(way: TrainWay, run: TrainRun, pace: Pace) -> list[float]:
    """Running time of each step at a pace [s]."""
    if pace is Pace.FREE:
        return list(way.free_s)
    times = np.array(way.running_s)
    for stop, (begin, end) in enumerate(pairwise(way.stop_places)):
        leave, arrive = run.departure(stop), run.arrival(stop + 1)
        total = float(times[begin:end].sum())
        if leave is not None and arrive is not None and total > 0:
            times[begin:end] *= (arrive.at.at_s - leave.at.at_s) / total
    return [float(time) for time in times]


def _wish_stop(run: TrainRun, stop: int) -> StopWish:
    """Standstill of a stop, and its departure where one is stated."""
    is_end = stop in {0, len(run.plan.stops) - 1}
    arrive, leave = run.arrival(stop), run.departure(stop)
    piece = run.plan.pieces[2 * stop]
    dwell_s = 0 if is_end or piece is None else round(piece.duration.best_s)
    if not is_end and arrive is not None and leave is not None:
        dwell_s = leave.at.at_s - arrive.at.at_s
    is_stated = leave is not None and leave.basis != COMPUTED
    earliest_s = leave.at.at_s if leave is not None and is_stated and not is_end else -NO_LIMIT_S
    return StopWish(dwell_s=max(dwell_s, 0), earliest_at_s=earliest_s)
