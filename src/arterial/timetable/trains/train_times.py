"""Times of a train at all its stops on one operating day, from the times that are stated.

Main class: :class:`TrainTimer`; :func:`is_absurd` tells a slip of a day or a unit from a long run.
Stated times are anchors; running times fill the stops between and outside them (architecture §4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Final

from arterial.clock import local_day
from arterial.errors import Fault, StudyError
from arterial.timetable.trains.train_plans import (
    Anchor,
    DurationRange,
    Piece,
    TimeRange,
    TrainPlan,
    find_anchors,
)
from arterial.units import DAY_S, HOUR_S, add_in_order

__all__ = [
    "COMPUTED",
    "SLOWEST_FACTOR",
    "SLOWEST_MORE_S",
    "EventTime",
    "SlowedPlans",
    "TrainRun",
    "TrainTimer",
    "is_absurd",
]

COMPUTED: Final = "computed"
"""Basis of a time that no source states."""

MOST_ROUNDS: Final = 4
"""How often restrictions may shift a train to the days of other ones before it is left as it is."""

SLOWEST_FACTOR: Final = 10.0
"""Running time over the least one from which it is not believed; an assumption."""

SLOWEST_MORE_S: Final = 6.0 * HOUR_S
"""Time beyond the least one that is believed whatever the factor: a siding, a border [s]."""


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
    """Trains as they run where restrictions of a period are.

    Parameters
    ----------
    first, last : date
        Local days on which a train is there, both included.
    plans : mapping of str to TrainPlan
        Trains that are slowed down.
    after_s : mapping of str to tuple of float or None
        Of each train and run from stop to stop: running time until it meets a restriction; None =
        none on it [s].
    """

    first: date
    last: date
    plans: Mapping[str, TrainPlan]
    after_s: Mapping[str, tuple[float | None, ...]]


class TrainTimer:
    """Times of trains by operating day, each pattern of zone offsets computed once.

    Parameters
    ----------
    plans : mapping of str to TrainPlan
        Trains.
    epoch : date
        Study epoch.
    slowed : sequence of SlowedPlans
        Trains that run slower on some days.
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
        self._slow_plans: dict[tuple[str, tuple[int | None, ...]], TrainPlan] = {}

    def time(self, train_id: str, operating_day: date) -> TrainRun:
        """Times of a train at all stops on one operating day.

        Between two stated times the running times are multiplied by one factor so that they and
        the standstills fill the time there is; the range inside is what the shortest and longest
        running times, so multiplied, leave open from both ends. Past an unknown run, what would
        lie behind the next stated time stays unknown. Before the first and after the
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
            run = self._time_anew(self.plans[train_id], operating_day)
            slowed = [part for part in self._slowed if train_id in part.plans]
            self._runs[key] = self._slow_down(run, slowed) if slowed else run
        return self._runs[key]

    def _slow_down(self, run: TrainRun, slowed: Sequence["SlowedPlans"]) -> TrainRun:
        """A train under the restrictions that are valid on the days on which it meets them.

        A restriction may make it so late that the next one is met on another day.
        """
        train_id = run.plan.train_id
        chosen: tuple[int | None, ...] = (None,) * (len(run.plan.stops) - 1)
        for _ in range(MOST_ROUNDS):
            before, chosen = chosen, self._choose_restrictions(run, slowed)
            if chosen == before:
                break
            key = (train_id, chosen)
            if key not in self._slow_plans:
                pieces = list(self.plans[train_id].pieces)
                for link, number in enumerate(chosen):
                    if number is not None:
                        piece = 2 * link + 1
                        pieces[piece] = slowed[number].plans[train_id].pieces[piece]
                self._slow_plans[key] = replace(self.plans[train_id], pieces=tuple(pieces))
            run = self._time_anew(self._slow_plans[key], run.operating_day)
        return run

    def _choose_restrictions(
        self, run: TrainRun, slowed: Sequence["SlowedPlans"]
    ) -> tuple[int | None, ...]:
        """Which part slows each run from stop to stop of a train; None = none does."""
        chosen: list[int | None] = []
        for link, stop in enumerate(run.plan.stops[:-1]):
            leaves, comes = run.departure(link), run.arrival(link + 1)
            number = None
            for each, part in enumerate(slowed):
                after_s, piece = (
                    part.after_s[run.plan.train_id][link],
                    run.plan.pieces[2 * link + 1],
                )
                if after_s is None:
                    continue
                day = run.operating_day
                if leaves is not None:
                    # Between stated times the run is stretched, and what comes before it with it.
                    if comes is not None and piece is not None and piece.duration.best_s > 0:
                        after_s *= (comes.at.at_s - leaves.at.at_s) / piece.duration.best_s
                    day = local_day(round(leaves.at.at_s + after_s), self.epoch, stop.zone)
                if part.first <= day <= part.last:
                    number = each
            chosen.append(number)
        return tuple(chosen)

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
        _leave_out(events, before, after)
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


def _leave_out(events: list[EventTime | None], before: Anchor, after: Anchor) -> None:
    """Forget what lies behind the next stated time, or before a time that is reached already."""
    latest_s = before.at.at_s
    for number in range(before.event + 1, after.event):
        event = events[number]
        if event is None:
            continue
        if latest_s <= event.at.at_s <= after.at.at_s:
            latest_s = event.at.at_s
        else:
            events[number] = None


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


def is_absurd(running_s: float, least_s: float) -> bool:
    """Whether a running time is longer than ten times the least one and six hours more.

    Examples
    --------
    125 km at 100 km/h need 1 h 15 min; a day and more is no running time:

    >>> is_absurd(25 * 3600, 75 * 60), is_absurd(5 * 3600, 75 * 60)
    (True, False)
    """
    return 0 < SLOWEST_FACTOR * least_s < running_s and running_s - least_s > SLOWEST_MORE_S
