"""When work at a point is over, for every arrival at once: opening hours as openings of a path.

Main function: :func:`list_openings`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf

from arterial.clock import local_day
from arterial.timetable.coaches.procedures import (
    AT_ONCE,
    DAYS_SEARCHED,
    LocalClock,
    Procedure,
    ProcedureStep,
    find_hours,
)
from arterial.units import DAY_S

__all__ = ["Opening", "list_openings"]


@dataclass(frozen=True, slots=True)
class Opening:
    """What work at a point comes to for arrivals up to an instant.

    Parameters
    ----------
    until_s : float
        Latest arrival that this holds for [s UTC since the study epoch].
    work_s : float
        Least time from arrival to the end of the work [s].
    ready_s : float
        The work is not over before this instant [s UTC since the study epoch].
    """

    until_s: float
    work_s: float
    ready_s: float


def list_openings(
    procedures: Sequence[Procedure], zone: str, epoch: date, *, from_s: int, to_s: int
) -> tuple[Opening, ...]:
    """When work that begins with an arrival is over, as a function of the arrival.

    Work that begins at ``t`` is over at ``max(t + work_s, ready_s)`` of the first opening with
    ``until_s >= t``, in best durations; :func:`finish_procedure` says the same for one arrival.

    Parameters
    ----------
    procedures : sequence of Procedure
        Worked one after the other.
    zone : str
        Zone of the place, for opening hours.
    epoch : date
        Study epoch.
    from_s, to_s : int
        First and last arrival that is looked at [s UTC since the study epoch].

    Returns
    -------
    tuple of Opening
        In order; one without limits where everything is open round the clock.

    Examples
    --------
    >>> from arterial.timetable.coaches.procedures import make_fixed_procedure
    >>> list_openings([make_fixed_procedure(90)], "UTC", date(2025, 1, 1), from_s=0, to_s=0)
    (Opening(until_s=inf, work_s=5400.0, ready_s=-inf),)
    """
    clock = LocalClock(zone, epoch)
    now = [Opening(inf, 0.0, -inf)]
    for procedure in procedures:
        over = {AT_ONCE: now}
        for step in procedure.steps:
            ready = now
            for number in step.after:
                ready = _wait_for_both(ready, over[number])
            over[step.sequence] = _work_through(step, ready, clock, from_s, to_s)
        for ends in over.values():
            now = _wait_for_both(now, ends)
    return tuple(_keep_rising(now, from_s))


def _wait_for_both(one: list[Opening], two: list[Opening]) -> list[Opening]:
    """The later of two ends."""
    found = []
    for until_s in sorted({opening.until_s for opening in (*one, *two)}):
        pair = [
            next((opening for opening in ends if opening.until_s >= until_s), None)
            for ends in (one, two)
        ]
        if None not in pair:
            kept = [opening for opening in pair if opening is not None]
            found.append(
                Opening(
                    until_s,
                    max(opening.work_s for opening in kept),
                    max(opening.ready_s for opening in kept),
                )
            )
    return found


def _work_through(
    step: ProcedureStep, ready: list[Opening], clock: LocalClock, from_s: int, to_s: int
) -> list[Opening]:
    """End of a step that begins when it is ready and its resource is open."""
    duration_s = step.duration.best_s
    if step.opens is None and step.closes is None:
        return [
            Opening(one.until_s, one.work_s + duration_s, one.ready_s + duration_s) for one in ready
        ]
    longest_s = max(one.work_s for one in ready)
    days = range(-1, int((to_s - from_s + longest_s) // DAY_S) + DAYS_SEARCHED)
    found: list[Opening] = []
    for number in days:
        day = local_day(from_s, clock.epoch, clock.zone) + timedelta(days=number)
        open_s, last_s = find_hours(step, day, duration_s, clock)
        for one in ready:
            until_s = min(one.until_s, last_s - one.work_s)
            is_new = not found or until_s > found[-1].until_s
            if one.ready_s <= last_s and is_new:
                ready_s = max(one.ready_s, open_s)
                found.append(Opening(until_s, one.work_s + duration_s, ready_s + duration_s))
    return found


def _keep_rising(openings: list[Opening], from_s: int) -> Iterator[Opening]:
    """The openings from an instant on; who comes early is not ready before who comes late."""
    least_s = -inf
    for one in openings:
        ready_s = max(one.ready_s, least_s)
        if one.until_s >= from_s:
            yield Opening(one.until_s, one.work_s, ready_s)
        least_s = max(one.until_s + one.work_s, ready_s)
