"""Trains of which only the number a day is known: spread evenly over the day, with some chance.

Main functions: :func:`spread_departures` and :func:`request_flow`. The spread is even because
nothing more is known; the chance is drawn from a named stream, so that a run can be repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from arterial.errors import LimitError
from arterial.randomness import stream
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.paths.requests import (
    DepartureWindow,
    PathRequest,
    TrainTraits,
    make_request,
)
from arterial.units import DAY_S

__all__ = ["FlowWay", "Period", "request_flow", "spread_departures"]

JITTER_SHARE: Final = 0.5
"""Share of the spacing by which a departure may lie off its even place, an assumption [1]."""


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
class FlowWay:
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

    def turn(self, running_s: Sequence[float] | None = None) -> "FlowWay":
        """The way in the other direction."""
        times = self.running_s[::-1] if running_s is None else tuple(running_s)
        return FlowWay(self.flow_id, self.points[::-1], self.section_ids[::-1], times, self.traits)


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
    ways: Mapping[str, FlowWay],
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
    ways : mapping of str to FlowWay
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
