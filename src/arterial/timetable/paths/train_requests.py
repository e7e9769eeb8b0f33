"""Paths that trains ask for: those of the timetable, and those of which only a number is known.

Main functions: :func:`request_train_day` (stops, standstills and stated departures come from the
timetable, running times with the way) and :func:`request_flow` (spread evenly over the day, because
nothing more is known; its chance comes from a named stream, so that a run can be repeated).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from arterial.errors import Fault, LimitError, StudyError
from arterial.randomness import stream
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
from arterial.units import DAY_S

__all__ = [
    "FlowRoute",
    "Pace",
    "Period",
    "TrainWay",
    "request_flow",
    "request_train_day",
    "spread_departures",
]

JITTER_SHARE: Final = 0.5
"""Share of the spacing by which a departure may lie off its even place, an assumption [1]."""


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


@dataclass(frozen=True, slots=True)
class Period:
    """The period for which trains are made.

    Parameters
    ----------
    from_s, to_s : int
        First instant, and the one behind the last [s].
    """

    from_s: int
    to_s: int


@dataclass(frozen=True, slots=True)
class FlowRoute:
    """The way of a flow in one direction.

    Parameters
    ----------
    flow_id : str
        The flow.
    points, section_ids : tuple of str
        Points and the sections between them, ``(n,)`` and ``(n - 1,)``.
    running_s : tuple of float
        Running time of each step, ``(n - 1,)`` [s].
    traits : TrainTraits
        What its trains are like.
    """

    flow_id: str
    points: tuple[str, ...]
    section_ids: tuple[str, ...]
    running_s: tuple[float, ...]
    traits: TrainTraits

    def turn(self, running_s: Sequence[float] | None = None) -> "FlowRoute":
        """The way in the other direction."""
        times = self.running_s[::-1] if running_s is None else tuple(running_s)
        return FlowRoute(
            self.flow_id, self.points[::-1], self.section_ids[::-1], times, self.traits
        )


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


def spread_departures(
    trains_per_day: float, period: Period, generator: np.random.Generator
) -> tuple[int, ...]:
    """Departures of a flow: evenly spread, each off its place by a part of the spacing.

    Departure k lies at ``first + (k + u_k) spacing`` with spacing = 86,400 / trains a day, `first`
    uniform within one spacing and u_k uniform within plus or minus a quarter.

    Parameters
    ----------
    trains_per_day : float
        Trains a day; fractions run on some days only.
    period : Period
        Period that they are wanted for.
    generator : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    tuple of int
        Instants in order, all inside the period [s].

    Raises
    ------
    LimitError
        If the number of trains is negative.

    Examples
    --------
    >>> len(spread_departures(4, Period(0, 10 * 86_400), stream(1, "example")))
    40
    """
    if not trains_per_day >= 0:
        message = f"A flow has at least 0 trains a day, not {trains_per_day}."
        raise LimitError(message)
    if trains_per_day == 0:
        return ()
    spacing = DAY_S / trains_per_day
    first = period.from_s + spacing * float(generator.random())
    count = int(np.ceil((period.to_s - first) / spacing))
    if count <= 0:
        return ()
    off = (generator.random(count) - 0.5) * JITTER_SHARE
    at_s = np.rint(first + (np.arange(count) + off) * spacing).astype(np.int64)
    at_s = np.sort(np.clip(at_s, period.from_s, period.to_s - 1))
    return tuple(at_s.tolist())


def request_flow(
    model: LineModel,
    ways: Mapping[str, FlowRoute],
    trains_per_day: float,
    period: Period,
    *,
    seed: int,
) -> tuple[PathRequest, ...]:
    """Requests of the trains of one flow in a period.

    Parameters
    ----------
    model : LineModel
        The line.
    ways : mapping of str to FlowRoute
        Its way by direction: ``forward``, ``backward``.
    trains_per_day : float
        Trains a day each way.
    period : Period
        Period in which they leave.
    seed : int
        Seed of the study.

    Returns
    -------
    tuple of PathRequest
        One a train, named flow, direction and number.
    """
    requests = []
    for direction, way in ways.items():
        generator = stream(seed, f"timetable/paths/flow/{way.flow_id}/{direction}")
        departures = spread_departures(trains_per_day, period, generator)
        if not departures:
            continue
        # All trains of a way ask for the same but for the time.
        wish = make_request(
            model,
            way.flow_id,
            way.points,
            way.running_s,
            window=DepartureWindow(),
            section_ids=way.section_ids,
            traits=way.traits,
        )
        requests += [
            replace(wish, train_id=f"{way.flow_id}/{direction}/{number}", depart_from_s=at_s)
            for number, at_s in enumerate(departures, start=1)
        ]
    return tuple(requests)


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
