"""Times of a train at all its stops on one operating day, from the times that are stated.

Main class: :class:`TrainTimer`.
Stated times are anchors; running times fill the stops between and outside them (architecture §4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from arterial.errors import Fault, StudyError
from arterial.timetable.trains.train_plans import (
    Anchor,
    DurationRange,
    Piece,
    TimeRange,
    TrainPlan,
    find_anchors,
)
from arterial.units import DAY_S, add_in_order

__all__ = [
    "COMPUTED",
    "EventTime",
    "SlowedPlans",
    "TrainRun",
    "TrainTimer",
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


@dataclass(frozen=True, slots=True)
class SlowedPlans:
    """Trains as they run on the operating days of a period.

    Parameters
    ----------
    first, last : date
        Operating days, both included.
    plans : mapping of str to TrainPlan
        Trains that are slowed down.
    """

    first: date
    last: date
    plans: Mapping[str, TrainPlan]


class TrainTimer:
    """Times of trains by operating day, each pattern of zone offsets computed once.

    Parameters
    ----------
    plans : mapping of str to TrainPlan
        Trains.
    epoch : date
        Study epoch.
    slowed : sequence of SlowedPlans
        Trains that run slower on some operating days.
    """

    def __init__(
        self, plans: Mapping[str, TrainPlan], epoch: date, slowed: Sequence["SlowedPlans"] = ()
    ) -> None:
        self.plans = plans
        self.epoch = epoch
        self._slowed = tuple(slowed)
        self._runs: dict[tuple[str, date], TrainRun] = {}
        # By the plan of the day too: a train of two plans has the same anchors in both.
        self._patterns: dict[tuple[int, tuple[Anchor, ...]], tuple[EventTime | None, ...]] = {}

    def time(self, train_id: str, operating_day: date) -> TrainRun:
        """Times of a train at all stops on one operating day.

        Between two stated times the running times are multiplied by one factor so that they and
        the standstills fill the time there is; the range inside is what the shortest and longest
        running times, so multiplied, leave open from both ends. Before the first and after the
        last stated time the range widens with the shortest and longest running times. An event
        that no chain of known running times joins to a stated time stays unknown.

        Parameters
        ----------
        train_id : str
            The train.
        operating_day : date
            Local day at its first stop.

        Returns
        -------
        TrainRun
            Events with ranges.

        Raises
        ------
        StudyError
            If stated times run backwards.
        """
        key = (train_id, operating_day)
        if key not in self._runs:
            self._runs[key] = self._time_anew(
                self.find_plan(train_id, operating_day), operating_day
            )
        return self._runs[key]

    def find_plan(self, train_id: str, operating_day: date) -> TrainPlan:
        """Plan of a train on an operating day."""
        for part in self._slowed:
            if part.first <= operating_day <= part.last and train_id in part.plans:
                return part.plans[train_id]
        return self.plans[train_id]

    def _time_anew(self, plan: TrainPlan, operating_day: date) -> TrainRun:
        midnight_s = _midnight_s(operating_day, self.epoch)
        anchors = tuple(
            anchor.shift(-midnight_s) for anchor in find_anchors(plan, operating_day, self.epoch)
        )
        pattern = (id(plan), anchors)
        if pattern not in self._patterns:
            self._patterns[pattern] = _fill_events(plan, anchors)
        events = tuple(
            event and EventTime(event.at.shift(midnight_s), event.basis, event.running_factor)
            for event in self._patterns[pattern]
        )
        return TrainRun(plan, operating_day, events)


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
    running_s = add_in_order(piece.duration.best_s for piece in pieces if piece.is_running)
    dwell_s = add_in_order(piece.duration.best_s for piece in pieces if not piece.is_running)
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
