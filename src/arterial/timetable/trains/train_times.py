"""Times of a train at all its stops on one operating day, from the times that are stated.

Main functions: :func:`read_train_plans`, :func:`time_train` and :func:`complete_train_times`.
Stated times are anchors; running times fill the stops between and outside them (architecture §4).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

import polars as pl

from arterial.errors import Fault, StudyError
from arterial.timetable.trains.train_plans import (
    Anchor,
    DurationRange,
    Piece,
    TimeRange,
    TrainPlan,
    find_anchors,
    read_train_plans,
)
from arterial.units import DAY_S

__all__ = [
    "COMPUTED",
    "EventTime",
    "TrainRun",
    "TrainTimer",
    "complete_train_times",
    "time_train",
]

COMPUTED: Final = "computed"
"""Basis of a time that no source states."""


@dataclass(frozen=True, slots=True)
class EventTime:
    """Time of one arrival or departure.

    Parameters
    ----------
    at : TimeRange
        When.
    basis : str or None
        Where the time comes from; None if the source of a stated time is not said.
    running_factor : float or None
        By what the running times were multiplied to fit between two stated times; None elsewhere.
    """

    at: TimeRange
    basis: str | None
    running_factor: float | None = None


@dataclass(frozen=True, slots=True)
class TrainRun:
    """A train on one operating day.

    Parameters
    ----------
    plan : TrainPlan
        The train.
    operating_day : date
        Local day at its first stop.
    events : tuple
        Time of each event in order, arrival and departure of each stop in turn; None if unknown.
    """

    plan: TrainPlan
    operating_day: date
    events: tuple[EventTime | None, ...]

    def arrival(self, stop: int) -> EventTime | None:
        """Arrival at a stop by its index; None if unknown."""
        return self.events[2 * stop]

    def departure(self, stop: int) -> EventTime | None:
        """Departure from a stop by its index; None if unknown."""
        return self.events[2 * stop + 1]


class TrainTimer:
    """Times of trains by operating day, each pattern of zone offsets computed once.

    Parameters
    ----------
    plans : mapping of str to TrainPlan
        Trains.
    epoch : date
        Study epoch.
    """

    def __init__(self, plans: Mapping[str, TrainPlan], epoch: date) -> None:
        self.plans = plans
        self.epoch = epoch
        self._runs: dict[tuple[str, date], TrainRun] = {}
        self._patterns: dict[tuple[str, tuple[Anchor, ...]], tuple[EventTime | None, ...]] = {}

    def time(self, train_id: str, operating_day: date) -> TrainRun:
        """Times of a train on an operating day; see :func:`time_train`."""
        key = (train_id, operating_day)
        if key not in self._runs:
            self._runs[key] = self._time_anew(self.plans[train_id], operating_day)
        return self._runs[key]

    def _time_anew(self, plan: TrainPlan, operating_day: date) -> TrainRun:
        midnight_s = _midnight_s(operating_day, self.epoch)
        anchors = tuple(
            anchor.shift(-midnight_s) for anchor in find_anchors(plan, operating_day, self.epoch)
        )
        pattern = (plan.train_id, anchors)
        if pattern not in self._patterns:
            self._patterns[pattern] = _fill_events(plan, anchors)
        events = tuple(
            event and EventTime(event.at.shift(midnight_s), event.basis, event.running_factor)
            for event in self._patterns[pattern]
        )
        return TrainRun(plan, operating_day, events)


def time_train(plan: TrainPlan, operating_day: date, epoch: date) -> TrainRun:
    """Times of a train at all stops on one operating day.

    Between two stated times the running times are multiplied by one factor so that they and the
    standstills fill the time there is; the range inside is what the shortest and longest running
    times, so multiplied, leave open from both ends. Before the first and after the last stated time
    the range widens with the shortest and longest running times. An event that no chain of known
    running times joins to a stated time stays unknown.

    Parameters
    ----------
    plan : TrainPlan
        The train.
    operating_day : date
        Local day at its first stop.
    epoch : date
        Study epoch.

    Returns
    -------
    TrainRun
        Events with ranges.

    Raises
    ------
    StudyError
        If stated times run backwards.
    """
    return TrainTimer({plan.train_id: plan}, epoch).time(plan.train_id, operating_day)


def complete_train_times(
    tables: Mapping[str, pl.DataFrame],
    link_times: pl.DataFrame,
    operating_days: pl.DataFrame,
    *,
    epoch: date,
    default_dwell_min: float,
) -> pl.DataFrame:
    """Times of trains at all their stops, for given operating days.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        ``train_stops`` and ``operational_points`` of the study.
    link_times : polars.DataFrame
        ``train_id``, ``sequence`` of the stop arrived at, ``distance_km``, ``running_low_s``,
        ``running_s``, ``running_high_s``.
    operating_days : polars.DataFrame
        ``train_id`` and ``operating_day``, one row a train run.
    epoch : date
        Study epoch.
    default_dwell_min : float
        Standstill where a stop states none [min].

    Returns
    -------
    polars.DataFrame
        One row an event: ``train_id``, ``operating_day``, ``sequence``, ``point_id``, ``event``,
        ``low_at_s``, ``at_s``, ``high_at_s``, ``basis``, ``running_factor``, ``distance_km`` from
        the first stop, ``has_default_dwell``. Unknown times are null.
    """
    plans = read_train_plans(tables, link_times, default_dwell_min=default_dwell_min)
    timer = TrainTimer(plans, epoch)
    rows = [
        row
        for train_id, day in operating_days.select("train_id", "operating_day").iter_rows()
        for row in _event_rows(timer.time(train_id, day))
    ]
    schema = {
        "train_id": pl.String, "operating_day": pl.Date, "sequence": pl.Int64,
        "point_id": pl.String, "event": pl.String, "low_at_s": pl.Int64, "at_s": pl.Int64,
        "high_at_s": pl.Int64, "basis": pl.String, "running_factor": pl.Float64,
        "distance_km": pl.Float64, "has_default_dwell": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def _event_rows(run: TrainRun) -> Iterator[dict[str, object]]:
    last = len(run.plan.stops) - 1
    for index, stop in enumerate(run.plan.stops):
        for event, time, is_outside in (
            ("arrival", run.arrival(index), index == 0),
            ("departure", run.departure(index), index == last),
        ):
            if is_outside:
                continue
            yield {
                "train_id": run.plan.train_id,
                "operating_day": run.operating_day,
                "sequence": stop.sequence,
                "point_id": stop.point_id,
                "event": event,
                "low_at_s": time.at.low_at_s if time else None,
                "at_s": time.at.at_s if time else None,
                "high_at_s": time.at.high_at_s if time else None,
                "basis": time.basis if time else None,
                "running_factor": time.running_factor if time else None,
                "distance_km": run.plan.distances_km[index],
                "has_default_dwell": stop.has_default_dwell,
            }


def _fill_events(plan: TrainPlan, anchors: tuple[Anchor, ...]) -> tuple[EventTime | None, ...]:
    events: list[EventTime | None] = [None] * (2 * len(plan.stops))
    for anchor in anchors:
        events[anchor.event] = EventTime(anchor.at, anchor.basis)
    for before, after in pairwise(anchors):
        _check_order(plan, before, after)
        _fill_between(events, plan, before, after)
    if anchors:
        # Nothing is known of a train before its first stop and behind its last.
        _fill_forward(events, plan, anchors[-1], len(events) - 1)
        _fill_backward(events, plan, anchors[0], 0)
    return tuple(events)


def _check_order(plan: TrainPlan, before: Anchor, after: Anchor) -> None:
    if after.at.at_s >= before.at.at_s:
        return
    here = plan.stops[after.event // 2]
    fault = Fault(
        cause=f"Train {plan.train_id}: the time stated at stop {here.sequence} ({here.point_id}) "
        f"lies before the time stated at stop {plan.stops[before.event // 2].sequence}.",
        cure="Correct arrival_day, departure_day or the clock time; days are counted on the local "
        "calendar of each place.",
        file="tables/train_stops.csv",
        column="arrival_day",
    )
    message = f"Train {plan.train_id} would run backwards in time."
    raise StudyError(message, [fault])


def _fill_between(
    events: list[EventTime | None], plan: TrainPlan, before: Anchor, after: Anchor
) -> None:
    """Share the time between two stated times; past an unknown run, go in from both ends."""
    pieces = [piece for piece in plan.pieces[before.event : after.event] if piece is not None]
    if len(pieces) < after.event - before.event:
        _fill_forward(events, plan, before, after.event)
        _fill_backward(events, plan, after, before.event)
        return
    fit = _fit(pieces, after.at.at_s - before.at.at_s)
    sums = [DurationRange(0, 0, 0)]
    for piece in pieces:
        factor = fit.running_factor if piece.is_running else fit.dwell_factor
        sums.append(sums[-1].add(piece.duration.scale(factor)))
    for offset in range(1, len(pieces)):
        spent, whole = sums[offset], sums[-1]
        best = before.at.at_s + spent.best_s
        low = max(
            before.at.low_at_s + spent.low_s, after.at.low_at_s - (whole.high_s - spent.high_s)
        )
        high = min(
            before.at.high_at_s + spent.high_s, after.at.high_at_s - (whole.low_s - spent.low_s)
        )
        at = TimeRange(round(min(low, best)), round(best), round(max(high, best)))
        events[before.event + offset] = EventTime(at, COMPUTED, fit.running_factor)


@dataclass(frozen=True, slots=True)
class _Fit:
    running_factor: float
    dwell_factor: float


def _fit(pieces: list[Piece], span_s: float) -> _Fit:
    """Give the factors that make runs and standstills fill the time between two stated times.

    Only runs are stretched; when the standstills alone are too long, all pieces shrink alike.
    """
    running_s = sum(piece.duration.best_s for piece in pieces if piece.is_running)
    dwell_s = sum(piece.duration.best_s for piece in pieces if not piece.is_running)
    if running_s > 0 and span_s > dwell_s:
        return _Fit((span_s - dwell_s) / running_s, 1.0)
    whole_s = running_s + dwell_s
    factor = span_s / whole_s if whole_s > 0 else 0.0
    return _Fit(factor, factor)


def _fill_forward(
    events: list[EventTime | None], plan: TrainPlan, anchor: Anchor, stop_before: int
) -> None:
    """Run on from a stated time until an unknown run, the ends of the range widening."""
    low, best, high = anchor.at.low_at_s, anchor.at.at_s, anchor.at.high_at_s
    spent = DurationRange(0, 0, 0)
    for event in range(anchor.event + 1, stop_before):
        piece = plan.pieces[event - 1]
        if piece is None:
            return
        spent = spent.add(piece.duration)
        at = TimeRange(
            round(low + spent.low_s), round(best + spent.best_s), round(high + spent.high_s)
        )
        events[event] = EventTime(at, COMPUTED)


def _fill_backward(
    events: list[EventTime | None], plan: TrainPlan, anchor: Anchor, stop_after: int
) -> None:
    """Run back from a stated time until an unknown run, the ends of the range widening."""
    low, best, high = anchor.at.low_at_s, anchor.at.at_s, anchor.at.high_at_s
    spent = DurationRange(0, 0, 0)
    for event in range(anchor.event - 1, stop_after, -1):
        piece = plan.pieces[event]
        if piece is None:
            return
        spent = spent.add(piece.duration)
        at = TimeRange(
            round(low - spent.high_s), round(best - spent.best_s), round(high - spent.low_s)
        )
        events[event] = EventTime(at, COMPUTED)


def _midnight_s(day: date, epoch: date) -> int:
    return (day - epoch).days * DAY_S
