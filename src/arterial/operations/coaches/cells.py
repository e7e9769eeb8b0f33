"""What is summed of through coaches: the ratios of each measure, target and place.

Main function: :func:`list_cells`. A cell adds up columns of what a replication gives, one for each
trip, stop or leg, so that a task sums all cells of all its draws in the same few steps.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.state import (
    HOST_LATER,
    HOST_WAITS,
    STEP_SHORTER,
    VARIANT,
    Integers,
    Rows,
)
from arterial.units import MINUTE_S

__all__ = [
    "VARIANT_KINDS",
    "Cells",
    "Measure",
    "Sums",
    "list_cells",
    "list_variants",
]

VARIANT_KINDS: Final = {
    HOST_WAITS: "host_waits",
    HOST_LATER: "host_later",
    STEP_SHORTER: "step_shorter",
}


class Measure:
    """Names of what is summed."""

    FINISHED: Final = "finished"
    TOLERANCE: Final = "tolerance"
    ANNOUNCED: Final = "announced"
    ANNOUNCED_DAY: Final = "announced_day"
    CANCELLED: Final = "cancelled"
    BROKEN_OFF: Final = "broken_off"
    DELAY: Final = "delay"
    MISSED: Final = "missed"
    HOST_CANCELLED: Final = "host_cancelled"
    WAIT: Final = "wait"
    COST: Final = "cost"
    LOST: Final = "lost"
    SETS_CANCELLED: Final = "sets_cancelled"
    SET_LATE: Final = "set_late"
    SPARE_SAVES: Final = "spare_saves"
    BUFFER_MISSED: Final = "buffer_missed"
    BUFFER_SAVES: Final = "buffer_saves"


OF_TRIPS: Final = (
    Measure.FINISHED,
    Measure.TOLERANCE,
    Measure.ANNOUNCED,
    Measure.ANNOUNCED_DAY,
    Measure.CANCELLED,
    Measure.BROKEN_OFF,
)
OF_LEGS: Final = (Measure.MISSED, Measure.HOST_CANCELLED, Measure.WAIT, Measure.COST)
OF_SETS: Final = (Measure.LOST, Measure.SETS_CANCELLED, Measure.SET_LATE, Measure.SPARE_SAVES)
OF_BUFFERS: Final = (Measure.BUFFER_MISSED, Measure.BUFFER_SAVES)

Cell = tuple[str, int, Iterable[int]]
"""Target, place, and the columns that it adds up."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Which columns each cell of some measures adds up.

    Parameters
    ----------
    columns : ndarray of int
        Columns of all cells, one cell after the other.
    bounds : ndarray of int, shape (n_cells + 1,)
        Where those of each cell begin and end.
    """

    columns: Integers
    bounds: Integers

    def add_up(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums of each cell, ``(n_replications, n_cells)``, of ``(n_replications, n_columns)``.

        Whole numbers, so that differences of running sums are exact.
        """
        running = np.zeros((len(values), len(self.columns) + 1))
        np.cumsum(values[:, self.columns], axis=1, out=running[:, 1:])
        bounds = running[:, self.bounds]
        return bounds[:, 1:] - bounds[:, :-1]


@dataclass(frozen=True, slots=True)
class Cells:
    """All cells of a model, those of one measure after those of another.

    Parameters
    ----------
    names : polars.DataFrame
        ``measure``, ``target`` (trip, group, month, pool, or service and leg) and ``place`` (stop,
        leg, spare sets or buffer) of each.
    sums : dict of str to Sums
        What they add up, by measure in the order of `names`.
    """

    names: pl.DataFrame
    sums: dict[str, Sums]


def list_cells(model: CoachModel) -> Cells:
    """Lay out what is summed.

    Parameters
    ----------
    model : CoachModel
        What the numbers stand for.

    Returns
    -------
    Cells
        The same in every task of the model.
    """
    names: list[tuple[str, str, int]] = []
    sums: dict[str, Sums] = {}
    for measures, cells in (
        (OF_TRIPS, _list_trip_cells(model)),
        ((Measure.DELAY,), _list_stop_cells(model)),
        (OF_LEGS, _list_leg_cells(model)),
        (OF_SETS, _list_set_cells(model)),
        (OF_BUFFERS, _list_buffer_cells(model)),
    ):
        listed = [(target, place, list(columns)) for target, place, columns in cells]
        laid = _lay_out([columns for _, _, columns in listed])
        for measure in measures:
            names += [(measure, target, place) for target, place, _ in listed]
            sums[measure] = laid
    # Numbers inside: names of all sums of all draws would take as much memory as the sums.
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "measure": pl.Enum(list(sums)),
        "target": pl.Enum(list(dict.fromkeys(target for _, target, _ in names))),
        "place": pl.Int64,
    }
    return Cells(pl.DataFrame(names, schema=schema, orient="row"), sums)


def _list_groups(model: CoachModel) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Name of each group, service and group joined by a bar, and its trips."""
    for service, group in model.groups:
        mask = model.trips["service_id"] == service
        if group == "works":
            mask &= model.trips["works"]
        yield f"{service}|{group}", np.flatnonzero(mask.to_numpy())


def list_variants(model: CoachModel) -> Rows:
    """Kind and seconds of each buffer that is tried."""
    buffers = [
        (kind, MINUTE_S * minutes)
        for kind in VARIANT_KINDS
        for minutes in model.options.buffer_minutes
    ]
    return np.array(buffers, VARIANT)


def _find_spans(
    model: CoachModel, begin: str, end: str
) -> Iterator[tuple[str, NDArray[np.int64], int]]:
    """Name of each group, where its trips begin, and how long the shortest is."""
    begins, ends = model.counted[begin], model.counted[end]
    for name, numbers in _list_groups(model):
        yield name, begins[numbers], int((ends - begins)[numbers].min())


def _lay_out(columns: list[list[int]]) -> Sums:
    bounds = np.cumsum([0, *(len(each) for each in columns)])
    return Sums(np.array([each for cell in columns for each in cell], np.int64), bounds)


def _list_trip_cells(model: CoachModel) -> Iterator[Cell]:
    """Trips, groups and months."""
    table = model.trips
    yield from ((name, 0, [number]) for number, name in enumerate(table["trip_id"]))
    yield from ((name, 0, numbers.tolist()) for name, numbers in _list_groups(model))
    months = table["service_id"] + "|" + table["trip_date"].dt.strftime("%Y-%m")
    for month in sorted(set(months)):
        yield month, 0, np.flatnonzero((months == month).to_numpy()).tolist()


def _list_stop_cells(model: CoachModel) -> Iterator[Cell]:
    trip_ids = model.trips["trip_id"].gather(model.events["trip"])
    for column, (trip_id, place) in enumerate(zip(trip_ids, model.events["sequence"], strict=True)):
        yield trip_id, place, [column]
    for name, begins, length in _find_spans(model, "event_begin", "event_end"):
        yield from ((name, place + 1, (begins + place).tolist()) for place in range(length))


def _list_leg_cells(model: CoachModel) -> Iterator[Cell]:
    trip_ids, sequences = model.trips["trip_id"].gather(model.legs["trip"]), model.legs["sequence"]
    for column, (trip_id, place) in enumerate(zip(trip_ids, sequences, strict=True)):
        yield trip_id, place, [column]
    for name, begins, length in _find_spans(model, "leg_begin", "leg_end"):
        for order in range(length):
            yield name, sequences[int(begins[0]) + order], (begins + order).tolist()


def _list_set_cells(model: CoachModel) -> Iterator[Cell]:
    """Trips of each pool with each number of spare sets, whose columns stand in rising order."""
    pools = model.trips["pool"].to_numpy()
    for number, spares in enumerate(sorted(model.options.spare_sets)):
        for pool, pool_id in enumerate(model.pool_ids):
            yield pool_id, spares, (np.flatnonzero(pools == pool) + number * len(pools)).tolist()


def _list_buffer_cells(model: CoachModel) -> Iterator[Cell]:
    """Buffers at the hand-overs of each service; a leg has a column for each."""
    count = len(list_variants(model))
    sequences = model.legs["sequence"]
    for name, begins, length in _find_spans(model, "leg_begin", "leg_end"):
        service, group = name.split("|")
        if group != "all":
            continue
        for order in range(1, length):
            target = f"{service}|{sequences[int(begins[0]) + order]}"
            for place in range(count):
                yield target, place, ((begins + order) * count + place).tolist()
