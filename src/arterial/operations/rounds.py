"""In which order replications are simulated, and when they are enough.

Main functions: :func:`list_rounds` and :func:`is_precise`. Whether another round follows is decided
when all tasks of a round are done, from their sums in order, never as tasks come back: any number
of processes stops at the same one.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

import polars as pl

from arterial.errors import LimitError
from arterial.operations.coaches import CoachModel
from arterial.operations.coaches.cells import Measure
from arterial.operations.coaches.ratios import Scale, estimate_ratios
from arterial.study.settings import ReliabilitySettings
from arterial.units import HOUR_S

__all__ = ["CoachChunk", "is_precise", "list_chunks", "list_rounds"]

TRIPS_PER_TASK: Final = 40_000
"""Trips that one task simulates, about 2 s of work [1]."""

MOST_TRIPS: Final = 4_000_000_000
"""Trips that are simulated at most, about two days of one core [1]."""

LEAST_TASKS: Final = 16
"""Tasks of a round of many draws, at least, so that cores have even shares [1]."""

FIRST_ROUND: Final = 8
"""Replications of each draw after which the error is looked at first; then at each doubling [1]."""


@dataclass(frozen=True, slots=True)
class CoachChunk:
    """One task: some replications of each of some draws.

    Parameters
    ----------
    first_draw, draws : int
        The first draw, and how many.
    first_replication, replications : int
        As :func:`arterial.operations.coaches.simulate_coaches` takes them.
    """

    first_draw: int
    draws: int
    first_replication: int
    replications: int


def list_chunks(model: CoachModel, settings: ReliabilitySettings) -> list[CoachChunk]:
    """All tasks in order of draw and replication, some seconds each.

    Parameters
    ----------
    model : CoachModel
        What is simulated.
    settings : ReliabilitySettings
        How often.

    Returns
    -------
    list of CoachChunk
        Those of all rounds.
    """
    chunks = chain.from_iterable(list_rounds(model, settings))
    return sorted(chunks, key=lambda chunk: (chunk.first_draw, chunk.first_replication))


def list_rounds(model: CoachModel, settings: ReliabilitySettings) -> list[list[CoachChunk]]:
    """Tasks of each round, in order of draw and replication; one round where no error is asked for.

    Their length follows from the model and the settings alone: sums of fractions depend on how they
    are cut, and every machine must cut alike.

    Parameters
    ----------
    model : CoachModel
        What is simulated.
    settings : ReliabilitySettings
        How often, and down to which error.

    Returns
    -------
    list of list of CoachChunk
        Together all replications of all draws.

    Raises
    ------
    LimitError
        When that is more than `MOST_TRIPS`: it is refused before it begins.
    """
    trips = max(model.trips.height, 1)
    work = trips * settings.draws * settings.replications
    if work > MOST_TRIPS:
        hours = work / TRIPS_PER_TASK * 2 / HOUR_S
        message = (
            f"{trips:,} departures, {settings.draws:,} draws and {settings.replications:,} "
            f"replications are {work:,} simulated trips, about {hours:,.0f} hours of one core; up "
            f"to {MOST_TRIPS:,} are simulated. Lower draws, replications or the days simulated "
            "(reliability in study.toml, or --size)."
        )
        raise LimitError(message)
    length = int(2 ** max(0, round(math.log2(TRIPS_PER_TASK / trips))))
    # Draws of few replications share a task, the same ones in each round.
    share = -(-settings.draws // LEAST_TASKS)
    draws = max(1, min(length // settings.replications, share))
    ends = [settings.replications]
    if settings.standard_error_points is not None:
        ends = list(_double(FIRST_ROUND, settings.replications))
    return [
        [
            CoachChunk(draw, min(draws, settings.draws - draw), first, min(length, end - first))
            for draw in range(0, settings.draws, draws)
            for first in range(begin, end, length)
        ]
        for begin, end in zip([0, *ends], ends, strict=False)
    ]


def is_precise(coach_sums: pl.DataFrame, model: CoachModel, points: float | None) -> bool:
    """Whether the chance of every service to keep its day has at most a standard error.

    Parameters
    ----------
    coach_sums : polars.DataFrame
        Part ``coach_sums`` of the rounds that are done.
    model : CoachModel
        Model of which it is.
    points : float or None
        The standard error [percentage points]; None = no number of replications is enough.

    Returns
    -------
    bool
        False as well where no service has an announced day, or the error is not known.
    """
    if points is None:
        return False
    targets = [f"{service}|{group}" for service, group in model.groups]
    shares = estimate_ratios(coach_sums, Measure.ANNOUNCED_DAY, Scale("share"))
    announced = shares.filter(pl.col("target").is_in(targets) & (pl.col("count") > 0))
    met = announced["share_error"] * 100.0 <= points
    return announced.height > 0 and met.null_count() == 0 and met.all()


def _double(first: int, last: int) -> Iterator[int]:
    """Doubled numbers below the last one, and that."""
    while first < last:
        yield first
        first *= 2
    yield last
