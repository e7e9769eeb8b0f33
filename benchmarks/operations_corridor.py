"""A made-up single-track corridor, for measurements and tests.

The main function is `make_corridor`.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from arterial.operations.line.event_engine import settle_plan
from arterial.operations.line.hazards import (
    CHANCE,
    SOURCE,
    Hazards,
    Shape,
    fill_rows,
    make_hazards,
)
from arterial.operations.line.layout import Intervals, make_layout
from arterial.operations.line.plan import OperationsPlan, TrainRun, build_plan

__all__ = ["disturb_evenly", "make_corridor"]

MINUTE_S: Final = 60


def make_corridor(
    points: int = 61,
    runs: int = 200,
    *,
    running_s: int = 5 * MINUTE_S,
    spacing_s: int = 20 * MINUTE_S,
    slack_share: float = 0.05,
    tracks: int = 3,
    seed: int = 1,
) -> OperationsPlan:
    """Plan of trains that run the whole length, one way and the other in turn.

    Parameters
    ----------
    points, runs : int
        Numbers of points and of trains.
    running_s : int
        Mean least running time of a step; steps differ by up to a fifth [s].
    spacing_s : int
        Between departures, both ways together [s].
    slack_share : float
        Supplement to the least running times.
    tracks : int
        Tracks at every point.
    seed : int
        Seed of the lengths of the steps.

    Returns
    -------
    OperationsPlan
        A settled plan.
    """
    layout = make_layout(
        [tracks] * points, [(i, i + 1) for i in range(points - 1)], intervals=Intervals()
    )
    generator = np.random.Generator(np.random.Philox(seed))
    least = np.rint(running_s * generator.uniform(0.8, 1.2, points - 1)).astype(int).tolist()
    wished = build_plan(
        layout,
        [_run_through(number, least, spacing_s, 1.0 + slack_share) for number in range(runs)],
    )
    laid = settle_plan(wished)
    # Laid with the supplement, then run without: that is what the slack is.
    faster = [replace(run, least_running_s=_along(run, least)) for run in laid.runs]
    return settle_plan(build_plan(layout, faster))


def _run_through(number: int, least: list[int], spacing_s: int, stretch: float) -> TrainRun:
    """One train over the whole length, without a stop."""
    points, is_forward = len(least) + 1, number % 2 == 0
    steps = tuple(range(points - 1) if is_forward else range(points - 2, -1, -1))
    running = [round(least[step] * stretch) for step in steps]
    times = [number * spacing_s, *(number * spacing_s + np.cumsum(running)).tolist()]
    return TrainRun(
        run_id=f"corridor/{number}",
        points=tuple(range(points) if is_forward else range(points - 1, -1, -1)),
        steps=steps,
        arrival_s=tuple(times),
        departure_s=tuple(times),
        least_running_s=tuple(running),
        least_dwell_s=(0,) * points,
        train_key="forward" if is_forward else "backward",
    )


def _along(run: TrainRun, least: list[int]) -> tuple[int, ...]:
    """Least running times in the order of a run."""
    return tuple(least[step] for step in run.steps)


def disturb_evenly(plan: OperationsPlan, chance: float, mean_s: float) -> Hazards:
    """Exponential disturbances with the same mean number at every event.

    Parameters
    ----------
    plan : OperationsPlan
        The plan.
    chance : float
        Mean number at an event.
    mean_s : float
        Mean of one [s].

    Returns
    -------
    Hazards
        The chances.
    """
    source = fill_rows(SOURCE, 1, shape=Shape.EXPONENTIAL, low=mean_s)
    count = plan.events_count if chance > 0 else 0
    chances = fill_rows(CHANCE, count, event=np.arange(count), mean=chance)
    return make_hazards(plan, sources=source, chances=chances)
