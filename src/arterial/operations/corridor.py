"""A made-up single-track corridor, for measurements and tests.

The main function is `make_corridor`.
"""

from typing import Final

import numpy as np

from arterial.operations.event_driven.engine import settle_plan
from arterial.operations.hazards import Hazards, RunChance, Shape, Source, make_hazards
from arterial.operations.plan import (
    Intervals,
    OperationsPlan,
    TrainRun,
    build_plan,
    make_layout,
)

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
    listed = []
    for number in range(runs):
        forward = number % 2 == 0
        along = list(range(points)) if forward else list(range(points - 1, -1, -1))
        steps = list(range(points - 1)) if forward else list(range(points - 2, -1, -1))
        clock = number * spacing_s
        arrivals, departures = [clock], [clock]
        for step in steps:
            clock += round(least[step] * (1.0 + slack_share))
            arrivals.append(clock)
            departures.append(clock)
        listed.append(
            TrainRun(
                run_id=f"corridor/{number}",
                points=tuple(along),
                steps=tuple(steps),
                arrival_s=tuple(arrivals),
                departure_s=tuple(departures),
                least_running_s=tuple(least[step] for step in steps),
                least_dwell_s=(0,) * points,
                train_key="forward" if forward else "backward",
            )
        )
    # Planned running holds the supplement, so it is laid with it and run without.
    slower = [
        TrainRun(
            **{
                **{name: getattr(run, name) for name in TrainRun.__slots__},
                "least_running_s": tuple(
                    run.arrival_s[i + 1] - run.departure_s[i] for i in range(points - 1)
                ),
            }
        )
        for run in listed
    ]
    laid = settle_plan(build_plan(layout, slower))
    kept = [
        TrainRun(
            **{
                **{name: getattr(run, name) for name in TrainRun.__slots__},
                "least_running_s": fast.least_running_s,
            }
        )
        for run, fast in zip(laid.runs, listed, strict=True)
    ]
    return settle_plan(build_plan(layout, kept))


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
    source = Source("even", Shape.EXPONENTIAL, (mean_s, 0.0, 0.0))
    chances = [RunChance(event, 0, chance) for event in range(plan.events_count)]
    return make_hazards(plan, [source], chances=chances if chance > 0 else ())
