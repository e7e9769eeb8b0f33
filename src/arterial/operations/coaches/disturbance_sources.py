"""Rows of the table ``disturbances`` as sources of delay on steps of host trains.

Main functions: :func:`read_disturbances` and :func:`place_disturbances`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from arterial.operations.coaches.causes import ALL_YEAR, CauseBuilder, Delay
from arterial.operations.coaches.host_steps import HostStep
from arterial.operations.coaches.state import LOGNORMAL, TRIANGULAR, UNIFORM
from arterial.study import split_list
from arterial.units import MINUTE_S, MONTHS_PER_YEAR

__all__ = ["Disturbance", "StepSources", "place_disturbances", "read_disturbances"]

EXCEEDED_BY_ONE_IN_TWENTY: Final = 1.6448536269514722
"""Standard normal quantile of 0.95 [1]."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A disturbance as a source.

    Parameters
    ----------
    source : int
        Source.
    row : mapping
        Row of the table.
    """

    source: int
    row: Mapping[str, Any]

    @property
    def is_at_handover(self) -> bool:
        """Whether it prolongs the procedure of the coach and not the stop of a train."""
        row = self.row
        return row["cause"] == "border" and row["point_id"] is not None and row["per"] == "stop"


@dataclass(slots=True)
class StepSources:
    """What can delay a train on one step.

    Parameters
    ----------
    hazards : list of tuple of int and float
        Source and mean number of delays for one passage.
    days : list of int
        Sources that strike by the day.
    """

    hazards: list[tuple[int, float]] = field(default_factory=list)
    days: list[int] = field(default_factory=list)


def read_disturbances(disturbances: pl.DataFrame, causes: CauseBuilder) -> list[Disturbance]:
    """Enter every disturbance as a source.

    Parameters
    ----------
    disturbances : polars.DataFrame
        Table ``disturbances``.
    causes : CauseBuilder
        Where sources are entered.

    Returns
    -------
    list of Disturbance
        In the order of the table.
    """
    found = []
    for row in disturbances.iter_rows(named=True):
        source = causes.add(
            f"disturbance:{row['disturbance_id']}",
            row["cause"],
            row["name"],
            _read_delay(row),
            section_id=row["section_id"],
            point_id=row["point_id"],
            season=_read_months(row["months"]),
        )
        if row["per"] == "day":
            group = row["storm_group"] or f"row:{row['disturbance_id']}"
            causes.strike_by_day(source, row["rate"], group)
        found.append(Disturbance(source, row))
    return found


def _read_delay(row: Mapping[str, Any]) -> Delay:
    """Distribution of the delay of a disturbance [s].

    Examples
    --------
    >>> _read_delay({"shape": "uniform", "delay_low_min": 1, "delay_best_min": 2,
    ...             "delay_high_min": 3})
    Delay(shape=1, first=60.0, second=120.0, third=180.0)
    """
    low, best, high = (float(row[f"delay_{end}_min"]) * MINUTE_S for end in ("low", "best", "high"))
    if row["shape"] == "lognormal" and best > 0:
        sigma = math.log(max(high / best, 1.0)) / EXCEEDED_BY_ONE_IN_TWENTY
        return Delay(LOGNORMAL, best, sigma)
    return Delay(UNIFORM if row["shape"] == "uniform" else TRIANGULAR, low, best, high)


def place_disturbances(
    train_id: str, steps: Sequence[HostStep], found: Sequence[Disturbance]
) -> list[StepSources]:
    """Put disturbances on the steps of a train on which they can strike.

    A rate for each run strikes at the origin if the host is late there, at its point if it has
    one, and else anywhere on the sections that it names, in proportion to distance. A rate for
    each stop holds at stops on the way. What prolongs border procedures strikes the coach, not the
    train that it leaves.

    Parameters
    ----------
    train_id : str
        The train.
    steps : sequence of HostStep
        Its steps.
    found : sequence of Disturbance
        Disturbances.

    Returns
    -------
    list of StepSources
        One for each step.
    """
    placed = [StepSources() for _ in steps]
    for disturbance in found:
        row = disturbance.row
        if row["train_id"] not in {None, train_id}:
            continue
        if row["per"] == "day":
            for number in _list_day_steps(steps, row):
                placed[number].days.append(disturbance.source)
            continue
        for number, hazard in _share_hazard(steps, disturbance).items():
            if hazard > 0:
                placed[number].hazards.append((disturbance.source, hazard))
    return placed


def _share_hazard(steps: Sequence[HostStep], disturbance: Disturbance) -> dict[int, float]:
    row = disturbance.row
    rate = float(row["rate"])
    on_way = [number for number, step in enumerate(steps) if _holds_on(step, row)]
    stops = _list_stops(steps, row)
    if row["per"] == "stop":
        return dict.fromkeys(stops, rate)
    if row["per"] == "train_km":
        return {number: rate * steps[number].length_km for number in on_way}
    if row["point_id"] is not None:
        return dict.fromkeys(stops[:1], rate)
    if row["cause"] == "late_host":
        return {0: rate} if row["section_id"] is None and _fits(steps[0], row) else {}
    whole_km = sum(steps[number].length_km for number in on_way)
    if whole_km <= 0:
        return {}
    return {number: rate * steps[number].length_km / whole_km for number in on_way}


def _list_stops(steps: Sequence[HostStep], row: Mapping[str, Any]) -> list[int]:
    """Stops on the way at which a row holds; with a point also the first stop."""
    last = max(step.stop for step in steps)
    first = 0 if row["point_id"] is not None and row["cause"] != "border" else 1
    return [
        number
        for number, step in enumerate(steps)
        if first <= step.stop < last
        and (step.point_id == row["point_id"] if row["point_id"] is not None else _fits(step, row))
        and row["section_id"] is None
    ]


def _list_day_steps(steps: Sequence[HostStep], row: Mapping[str, Any]) -> list[int]:
    if row["point_id"] is not None:
        return _list_stops(steps, row)
    return [number for number, step in enumerate(steps) if _holds_on(step, row)]


def _holds_on(step: HostStep, row: Mapping[str, Any]) -> bool:
    if step.section_id is None:
        return False
    return row["section_id"] in {None, step.section_id} and _fits(step, row)


def _fits(step: HostStep, row: Mapping[str, Any]) -> bool:
    return row["railway_id"] in {None, step.railway_id}


def _read_months(text: str | None) -> tuple[float, ...]:
    months = {int(item) for item in split_list(text)}
    if not months:
        return ALL_YEAR
    return tuple(1.0 if month in months else 0.0 for month in range(1, MONTHS_PER_YEAR + 1))
