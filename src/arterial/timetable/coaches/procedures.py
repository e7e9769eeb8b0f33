"""Procedures at hand-overs and borders: a chain of steps with durations and opening hours.

Main functions: :func:`read_procedures` and :func:`finish_procedure`. The end of a chain is its
longest path, each step waiting for those before it and for the hours of its resource.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from arterial.clock import civil_to_epoch_s, local_day, parse_clock_time
from arterial.errors import Fault, StudyError
from arterial.study import split_list
from arterial.timetable.trains.train_plans import DurationRange, TimeRange
from arterial.units import MINUTE_S

__all__ = [
    "LocalClock",
    "OpeningWait",
    "Procedure",
    "ProcedureEnd",
    "ProcedureStep",
    "find_hours",
    "finish_procedure",
    "make_fixed_procedure",
    "read_procedures",
]

AT_ONCE: Final = 0
"""Number in ``after`` that lets a step begin at once."""

DAYS_SEARCHED: Final = 4
"""Days around the ready time in which an opening always lies: the day before and three more [d]."""


@dataclass(frozen=True, slots=True)
class ProcedureStep:
    """One step of a procedure.

    Parameters
    ----------
    sequence : int
        Number.
    name : str
        What is done.
    after : tuple of int
        Numbers of the steps that must be over before.
    duration : DurationRange
        How long [s].
    opens, closes : str or None
        Local opening hours; None for round the clock. Hours may run over midnight.
    """

    sequence: int
    name: str
    after: tuple[int, ...]
    duration: DurationRange
    opens: str | None = None
    closes: str | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """A chain of steps, each behind those it waits for.

    Parameters
    ----------
    procedure_id : str
        The procedure.
    steps : tuple of ProcedureStep
        By number.
    """

    procedure_id: str
    steps: tuple[ProcedureStep, ...]


@dataclass(frozen=True, slots=True)
class OpeningWait:
    """A wait for opening hours.

    Parameters
    ----------
    step_name : str
        Step that waits.
    from_at_s, to_at_s : int
        Begin and end of the wait [s UTC since the study epoch].
    """

    step_name: str
    from_at_s: int
    to_at_s: int


@dataclass(frozen=True, slots=True)
class ProcedureEnd:
    """When a procedure is over, with and without the waits for opening hours.

    Parameters
    ----------
    finished : TimeRange
        End.
    finished_if_open : TimeRange
        End if everything were open round the clock.
    waits : tuple of OpeningWait
        Waits in the best case.
    """

    finished: TimeRange
    finished_if_open: TimeRange
    waits: tuple[OpeningWait, ...]


def make_fixed_procedure(minutes: float) -> Procedure:
    """Give a procedure of one step with one duration, for a hand-over that names none.

    Examples
    --------
    >>> make_fixed_procedure(90).steps[0].duration.best_s
    5400
    """
    duration = DurationRange(*(round(minutes * MINUTE_S) for _ in range(3)))
    return Procedure("", (ProcedureStep(1, "connection", (), duration),))


def read_procedures(procedure_steps: pl.DataFrame) -> dict[str, Procedure]:
    """Read every procedure from its steps.

    An empty ``after`` waits for the step before; 0 lets a step begin at once.

    Parameters
    ----------
    procedure_steps : polars.DataFrame
        Table ``procedure_steps``.

    Returns
    -------
    dict of str to Procedure
        By id.

    Raises
    ------
    StudyError
        If a step waits for itself, for a later one or for one that does not exist.
    """
    procedures: dict[str, list[ProcedureStep]] = {}
    faults: list[Fault] = []
    ordered = procedure_steps.sort("procedure_id", "sequence")
    for row in ordered.iter_rows(named=True):
        steps = procedures.setdefault(row["procedure_id"], [])
        known = {step.sequence for step in steps}
        try:
            after = _read_after(row["after"], steps)
        except ValueError:
            after = (-1,)
        if not set(after) <= known:
            faults.append(_after_fault(row))
        steps.append(_read_step(row, after))
    if faults:
        message = f"{len(faults)} procedure steps wait for steps that do not come before them."
        raise StudyError(message, faults)
    return {key: Procedure(key, tuple(steps)) for key, steps in procedures.items()}


def finish_procedure(
    procedure: Procedure, arrival: TimeRange, zone: str, epoch: date
) -> ProcedureEnd:
    """When a procedure is over that begins with an arrival.

    Each step begins when the steps it waits for are over and its resource is open long enough to
    end it; one that is longer than the opening hours begins when they open and is worked through.
    The earliest end takes the earliest arrival and the shortest durations, the latest end the
    latest and longest. A later arrival never ends earlier.

    Parameters
    ----------
    procedure : Procedure
        Steps.
    arrival : TimeRange
        Arrival of the coach.
    zone : str
        Zone of the place, for opening hours.
    epoch : date
        Study epoch.

    Returns
    -------
    ProcedureEnd
        Ends and waits.

    Examples
    --------
    >>> end = finish_procedure(
    ...     make_fixed_procedure(90), TimeRange(0, 0, 600), "UTC", date(2025, 1, 1))
    >>> end.finished.high_at_s
    6000
    """
    cases = (
        (arrival.low_at_s, [step.duration.low_s for step in procedure.steps]),
        (arrival.at_s, [step.duration.best_s for step in procedure.steps]),
        (arrival.high_at_s, [step.duration.high_s for step in procedure.steps]),
    )
    clock = LocalClock(zone, epoch)
    open_ends = [_work(procedure, begin_s, durations, None) for begin_s, durations in cases]
    if not any(step.opens or step.closes for step in procedure.steps):
        finished = _to_range([work.end_s for work in open_ends])
        return ProcedureEnd(finished, finished, ())
    ends = [_work(procedure, begin_s, durations, clock) for begin_s, durations in cases]
    return ProcedureEnd(
        finished=_to_range([work.end_s for work in ends]),
        finished_if_open=_to_range([work.end_s for work in open_ends]),
        waits=ends[1].waits,
    )


@dataclass(frozen=True, slots=True)
class LocalClock:
    """Zone of a place and epoch of the study."""

    zone: str
    epoch: date


def find_hours(
    step: ProcedureStep, day: date, duration_s: float, clock: LocalClock
) -> tuple[int, float]:
    """When a step can begin on a day: from its opening to the last instant that lets it end.

    Parameters
    ----------
    step : ProcedureStep
        A step; without hours it can begin all day.
    day : date
        Local day on which its resource opens.
    duration_s : float
        How long it takes; longer than the hours, it begins when they open [s].
    clock : LocalClock
        Zone and epoch.

    Returns
    -------
    (int, float)
        First and last instant [s UTC since the study epoch].
    """
    opens, closes = step.opens or "00:00", step.closes or "00:00"
    over_midnight = parse_clock_time(closes) <= parse_clock_time(opens)
    close_day = day + timedelta(days=1) if over_midnight else day
    open_s = civil_to_epoch_s(day, opens, clock.zone, clock.epoch, allow_gap=True)
    close_s = civil_to_epoch_s(close_day, closes, clock.zone, clock.epoch, allow_gap=True)
    return open_s, close_s - min(duration_s, close_s - open_s)


@dataclass(frozen=True, slots=True)
class _Work:
    end_s: float
    waits: tuple[OpeningWait, ...]


def _work(
    procedure: Procedure, begin_s: int, durations_s: list[float], clock: LocalClock | None
) -> _Work:
    """Work through the steps; without a clock everything is open."""
    over: dict[int, float] = {AT_ONCE: float(begin_s)}
    waits: list[OpeningWait] = []
    for step, duration_s in zip(procedure.steps, durations_s, strict=True):
        ready_s = max((over[number] for number in step.after), default=float(begin_s))
        start_s = ready_s if clock is None else _find_opening(step, ready_s, duration_s, clock)
        if start_s > ready_s:
            waits.append(OpeningWait(step.name, round(ready_s), round(start_s)))
        over[step.sequence] = start_s + duration_s
    return _Work(max(over.values()), tuple(waits))


def _find_opening(
    step: ProcedureStep, ready_s: float, duration_s: float, clock: LocalClock
) -> float:
    """First instant from which the step can be worked within opening hours."""
    if step.opens is None and step.closes is None:
        return ready_s
    first = local_day(int(ready_s), clock.epoch, clock.zone) - timedelta(days=1)
    for number in range(DAYS_SEARCHED):
        day = first + timedelta(days=number)
        open_s, last_s = find_hours(step, day, duration_s, clock)
        start_s = max(ready_s, open_s)
        if start_s <= last_s:
            return start_s
    return ready_s


def _to_range(ends_s: list[float]) -> TimeRange:
    low, best, high = sorted(round(end) for end in ends_s)
    return TimeRange(low, best, high)


def _read_after(text: str | None, steps: list[ProcedureStep]) -> tuple[int, ...]:
    if text is None or not text.strip():
        return (steps[-1].sequence,) if steps else ()
    numbers = tuple(int(item) for item in split_list(text))
    return () if numbers == (AT_ONCE,) else numbers


def _read_step(row: Mapping[str, Any], after: tuple[int, ...]) -> ProcedureStep:
    best = row["duration_best_min"]
    low = best if row["duration_low_min"] is None else row["duration_low_min"]
    high = best if row["duration_high_min"] is None else row["duration_high_min"]
    return ProcedureStep(
        sequence=row["sequence"],
        name=row["name"],
        after=after,
        duration=DurationRange(low * MINUTE_S, best * MINUTE_S, high * MINUTE_S),
        opens=row["opens"],
        closes=row["closes"],
    )


def _after_fault(row: Mapping[str, Any]) -> Fault:
    return Fault(
        cause=f"Procedure {row['procedure_id']}, step {row['sequence']}: "
        f"'{row['after']}' does not name steps that come before it.",
        cure="Name smaller step numbers, separated by semicolons; 0 to begin at once.",
        file="tables/procedure_steps.csv",
        column="after",
    )
