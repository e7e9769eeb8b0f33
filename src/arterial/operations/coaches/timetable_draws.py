"""Drawn times of hosts whose timetable is not published, held against what was announced.

Main function: :func:`draw_times`. An operator who announces a hand-over has planned it, so a drawn
timetable in which it cannot be made is drawn anew.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.state import CoachPlan, Integers
from arterial.randomness import stream
from arterial.study.unknowns import Draw, place_triangular

__all__ = ["ATTEMPTS", "DrawnTimes", "draw_times", "miss_announcements"]

ATTEMPTS: Final = 200
"""Timetables drawn at most; then the one that misses least is taken."""


class DrawnTimes(NamedTuple):
    """Times of all runs of one draw, and how many timetables it took.

    Parameters
    ----------
    at_s : ndarray of int
        Times [s].
    attempts : int
        Timetables that were drawn.
    missed_s : int
        By how much what was announced cannot be kept, all hand-overs together; 0 where it can [s].
    """

    at_s: Integers
    attempts: int
    missed_s: int


def draw_times(
    model: CoachModel, draw: Draw, mode_s: NDArray[np.float64], wait_s: Integers
) -> DrawnTimes:
    """Draw the unknown times of all hosts.

    Parameters
    ----------
    model : CoachModel
        The model; with ``options.trusts_announcements`` a timetable is drawn again, each attempt
        from the next number of the same streams, until it can be kept as announced.
    draw : Draw
        The draw; with the score of a host stated its timetable is drawn once, kept or not.
    mode_s : ndarray of float
        Most likely durations of the steps of procedures in this draw [s].
    wait_s : ndarray of int
        How long the host of each leg waits in this draw [s].

    Returns
    -------
    DrawnTimes
        Times, attempts and what they miss.
    """
    names = [host.train_id for host in model.hosts]
    shares = [draw.share_of(f"times/{name}") for name in names]
    is_stated = any(share is not None for share in shares)
    if draw.number < 0 and not is_stated:
        return DrawnTimes(_place_times(model, np.zeros(len(names))), 1, 0)
    most = ATTEMPTS if model.options.trusts_announcements and not is_stated else 1
    seed, number = model.options.seed, max(draw.number, 0)
    # All attempts at once: a stream of each host gives the same whatever the others take.
    places = [
        stream(seed, f"coaches/times/{name}", number).triangular(-1.0, 0.0, 1.0, most)
        if share is None
        else np.array([place_triangular(share)])
        for name, share in zip(names, shares, strict=True)
    ]
    best: DrawnTimes | None = None
    for attempt, place in enumerate(np.array(places).T, start=1):
        at_s = _place_times(model, place)
        if not model.options.trusts_announcements:
            return DrawnTimes(at_s, 1, 0)
        missed_s = miss_announcements(model, at_s, mode_s, wait_s)
        if best is None or missed_s < best.missed_s:
            best = DrawnTimes(at_s, attempt, missed_s)
        if missed_s == 0:
            return best
    if best is None:
        message = "A draw without an attempt has no times."
        raise AssertionError(message)
    return best._replace(attempts=most)


def _place_times(model: CoachModel, place: NDArray[np.float64]) -> Integers:
    """Times of all runs, each host as far between its ends as its place in -1 to 1 says [s]."""
    at_s = np.empty_like(model.plan.times_s)
    for host, z in zip(model.hosts, place.tolist(), strict=True):
        rows = slice(host.begin, host.end)
        best = model.plan.times_s[rows]
        reach = model.high_s[rows] - best if z >= 0 else best - model.low_s[rows]
        moved = best + np.rint(z * reach).astype(np.int64)
        # Drawn times of one run never run backwards, whatever their ranges.
        shape = (-1, host.events_count)
        at_s[rows] = np.maximum.accumulate(moved.reshape(shape), axis=1).reshape(-1)
    return at_s


def miss_announcements(
    model: CoachModel, at_s: Integers, mode_s: NDArray[np.float64], wait_s: Integers
) -> int:
    """By how much a timetable misses what was announced, if nothing goes wrong [s].

    Each hand-over of a trip whose hosts run as announced counts what the coach lacks when its host
    has waited; the last arrival counts what is beyond the announced local day.

    Parameters
    ----------
    model : CoachModel
        The model.
    at_s : ndarray of int
        Times of all runs [s].
    mode_s : ndarray of float
        Durations of the steps of procedures [s].
    wait_s : ndarray of int
        How long the host of each leg waits [s].

    Returns
    -------
    int
        Seconds over all trips; 0 if all can be kept.
    """
    plan = model.plan
    legs, begins, ends = plan.legs, plan.trips["leg_begin"], plan.trips["leg_end"]
    events = plan.runs["event"][legs["announced_run"]]
    # Lists: reading single numbers from arrays takes most of the time here.
    of_leg, waits_s = legs["procedure"].tolist(), wait_s.tolist()
    leaves_s = at_s[events + 2 * legs["from_stop"] + 1].tolist()
    comes_s = at_s[events + 2 * legs["to_stop"]].tolist()
    procedures = _list_procedures(plan, mode_s)
    missed_s = 0
    untils_s = model.trips["announced_until_s"].to_list()
    for trip, until_s in enumerate(untils_s, start=model.run_in.trips):
        if plan.trips["works_group"][trip] < 0:
            continue
        first, behind = int(begins[trip]), int(ends[trip])
        late_s = 0
        for leg in range(first + 1, behind):
            arrival_s = comes_s[leg - 1] + late_s
            ready_s = _finish_steps(procedures[of_leg[leg]], arrival_s)
            late_s = max(0, ready_s - leaves_s[leg])
            missed_s += max(0, late_s - waits_s[leg])
        if until_s is not None:
            # The day ends before `until_s`: to come at that very second is to miss it.
            missed_s += max(0, comes_s[behind - 1] + late_s + 1 - until_s)
    return missed_s


class _Step(NamedTuple):
    """A step of a procedure: the steps before it, its opening hours, and how long it takes [s]."""

    before: list[int]
    windows: list[tuple[int, int]]
    duration_s: int


def _list_procedures(plan: CoachPlan, mode_s: NDArray[np.float64]) -> list[list[_Step]]:
    """Steps of each procedure that take the durations given; the last has none, for number -1."""
    steps = [
        _Step(
            plan.after[rule["after_begin"] : rule["after_end"]].tolist(),
            plan.windows[rule["window_begin"] : rule["window_end"]].tolist(),
            round(duration_s),
        )
        for rule, duration_s in zip(plan.procedure_steps, mode_s.tolist(), strict=True)
    ]
    return [*(steps[row["step_begin"] : row["step_end"]] for row in plan.procedures), []]


def _finish_steps(steps: list[_Step], begin_s: int) -> int:
    """When all steps are over [s]."""
    over_s: list[int] = []
    for step in steps:
        ready_s = max((over_s[number] for number in step.before), default=begin_s)
        start_s = _open_from(step.windows, max(ready_s, begin_s), step.duration_s)
        over_s.append(start_s + step.duration_s)
    return max(over_s, default=begin_s)


def _open_from(windows: list[tuple[int, int]], ready_s: int, duration_s: int) -> int:
    """First instant from which a step can be worked within its opening hours [s]."""
    for opens_s, closes_s in windows:
        start_s = max(ready_s, opens_s)
        if closes_s > ready_s and start_s + min(duration_s, closes_s - opens_s) <= closes_s:
            return start_s
    return ready_s
