"""The parts of a batch: rows of trips, and sums from which every result and its error follow.

Main function: :func:`make_parts`. A share or a mean is a ratio of sums over replications, since
trips of one replication belong together; kept are, for each ratio, the number of replications and
the sums of s, n, s^2, s n and n^2, with s and n of one replication.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.arrays import (
    LEG_COST,
    LEG_MISSED,
    LEG_OFFERED,
    LEG_WAIT,
    NO_SET,
    OUT_ARRIVAL,
    OUT_ARRIVAL_DELAY,
    OUT_DEPARTURE_DELAY,
    OUT_FIRST_MISSED,
    OUT_FULL_DELAY,
    OUT_LOST,
    OUT_MISSED,
    OUT_SET_LATE,
    OUT_STATUS,
    RIDDEN,
    Outcome,
)
from arterial.operations.coaches.delay_bins import count_bins
from arterial.operations.coaches.model import CoachModel
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["Batch", "Measure", "make_parts"]

Array = NDArray[np.float64]
UNREACHED: Final = -(1 << 31)

SUM_NAMES: Final = ("replications", "n", "s", "nn", "ss", "sn")


class Measure:
    """Names of what is summed."""

    FINISHED: Final = "finished"
    DELAY: Final = "delay"
    ANNOUNCED: Final = "announced"
    ANNOUNCED_DAY: Final = "announced_day"
    TOLERANCE: Final = "tolerance"
    MISSED: Final = "missed"
    WAIT: Final = "wait"
    COST: Final = "cost"
    LOST: Final = "lost"
    SET_LATE: Final = "set_late"
    SPARE_SAVES: Final = "spare_saves"
    BUFFER_MISSED: Final = "buffer_missed"
    BUFFER_SAVES: Final = "buffer_saves"


@dataclass(frozen=True, slots=True)
class DrawnTimetable:
    """How the timetable of a draw was found.

    Parameters
    ----------
    attempts : int
        Timetables that were drawn.
    missed_s : int
        By how much what was announced cannot be kept in it [s].
    """

    attempts: int
    missed_s: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What the kernel gave for some replications of one draw.

    Parameters
    ----------
    draw, first : int
        Draw, and number of the first replication.
    base : Outcome
        With the spare sets that are planned.
    spares : mapping of int to Outcome
        With other numbers of them.
    timetable : DrawnTimetable
        How the timetable was found.
    """

    draw: int
    first: int
    base: Outcome
    spares: Mapping[int, Outcome]
    timetable: DrawnTimetable


def make_parts(model: CoachModel, batch: Batch) -> dict[str, pl.DataFrame]:
    """Tables of a batch.

    Parameters
    ----------
    model : CoachModel
        What the rows stand for.
    batch : Batch
        What the kernel gave.

    Returns
    -------
    dict of str to polars.DataFrame
        ``simulated_trips``, ``coach_sums``, ``place_bins``, ``cause_sums``, ``coach_batches``.
    """
    table = SumTable()
    _sum_trips(model, batch.base, table)
    _sum_places(model, batch.base, table)
    _sum_legs(model, batch.base, table)
    _sum_spares(model, batch, table)
    _sum_variants(model, batch.base, table)
    sums = table.make_frame().with_columns(draw=pl.lit(batch.draw, pl.Int32))
    count = len(batch.base.trip)
    return {
        "simulated_trips": _make_trip_rows(model, batch),
        "coach_sums": sums,
        "place_bins": count_bins(batch.base.event_s, batch.draw),
        "cause_sums": _sum_causes(batch),
        "coach_batches": pl.DataFrame(
            {
                "draw": [batch.draw],
                "first_replication": [batch.first],
                "replications": [count],
                "attribution_gap_s": [int(batch.base.gap_s[0])],
                "timetables_drawn": [batch.timetable.attempts],
                "timetable_missed_s": [batch.timetable.missed_s],
            },
            schema_overrides={"draw": pl.Int32},
        ),
    }


def _make_trip_rows(model: CoachModel, batch: Batch) -> pl.DataFrame:
    """Rows of the table ``simulated_trips``."""
    given = batch.base.trip
    count, trips, _ = given.shape
    flat = given.reshape(count * trips, -1)
    status = flat[:, OUT_STATUS]
    is_finished = pl.Series(status == RIDDEN)
    sequences = model.legs["sequence"].to_numpy()
    begins = np.array(model.trips["leg_begin"])
    first_missed = flat[:, OUT_FIRST_MISSED]
    trip = np.tile(np.arange(trips), count)
    best = model.world.trips.best_departure_s[trip]
    frame = pl.DataFrame(
        {
            "draw": np.full(count * trips, batch.draw, np.int64),
            "replication": np.repeat(np.arange(batch.first, batch.first + count), trips),
            "trip_id": model.trips["trip_id"].gather(trip),
            "departure_delay_s": flat[:, OUT_DEPARTURE_DELAY],
            "arrival_at_s": flat[:, OUT_ARRIVAL],
            "arrival_delay_s": flat[:, OUT_ARRIVAL_DELAY],
            "elapsed_s": flat[:, OUT_ARRIVAL] - best,
            "missed_count": flat[:, OUT_MISSED],
            "first_missed_leg": sequences[begins[trip] + np.maximum(first_missed, 0)],
            "set_late_s": flat[:, OUT_SET_LATE],
        }
    )
    has_left = pl.Series(status != NO_SET)
    reached = [
        pl.when(is_finished).then(pl.col(name)).alias(name)
        for name in ("arrival_at_s", "arrival_delay_s", "elapsed_s")
    ]
    left = [
        pl.when(has_left).then(pl.col(name)).alias(name)
        for name in ("departure_delay_s", "set_late_s")
    ]
    missed = pl.when(pl.Series(first_missed >= 0)).then("first_missed_leg")
    return frame.with_columns(*reached, *left, missed.alias("first_missed_leg"))


class SumTable:
    """Sums of ratios over replications, collected and made one table at the end."""

    def __init__(self) -> None:
        self._names: list[tuple[str, str, int]] = []
        self._sums: list[Array] = []

    def add(
        self, numerator: Array, denominator: Array, names: Sequence[tuple[str, str, int]]
    ) -> None:
        """Add a ratio for each column of two arrays of sums within each replication.

        Parameters
        ----------
        numerator, denominator : ndarray, shape (n_replications, n_columns)
            Sums s and n.
        names : sequence of tuple
            Measure, target (trip, group or pool) and place (stop, leg or buffer) of each column.
        """
        self._names += names
        products = (
            denominator, numerator, denominator**2, numerator**2, numerator * denominator,
        )  # fmt: skip
        count = np.full(len(names), float(len(numerator)))
        self._sums.append(np.stack([count, *(array.sum(axis=0) for array in products)]))

    def make_frame(self) -> pl.DataFrame:
        """Part ``coach_sums``, without the draw."""
        sums = np.concatenate(self._sums, axis=1)
        columns = {
            "measure": pl.Series([name[0] for name in self._names], dtype=pl.String),
            "target": pl.Series([name[1] for name in self._names], dtype=pl.String),
            "place": pl.Series([name[2] for name in self._names], dtype=pl.Int64),
        }
        columns |= {name: pl.Series(sums[row]) for row, name in enumerate(SUM_NAMES)}
        return pl.DataFrame(columns).with_columns(pl.col("replications").cast(pl.Int64))


@dataclass(frozen=True, slots=True)
class _Targets:
    """Trips, groups and months, and which trips belong to each."""

    names: list[str]
    members: Array


def _list_targets(model: CoachModel) -> _Targets:
    table = model.trips
    names = table["trip_id"].to_list()
    columns = [np.eye(table.height)]
    for name, numbers in _list_groups(model):
        names.append(name)
        columns.append(np.isin(np.arange(table.height), numbers).astype(np.float64)[:, None])
    keys = table["service_id"] + "|" + table["trip_date"].dt.strftime("%Y-%m")
    for key in sorted(set(keys)):
        names.append(key)
        columns.append((keys == key).to_numpy().astype(np.float64)[:, None])
    return _Targets(names, np.concatenate(columns, axis=1))


def _sum_trips(model: CoachModel, out: Outcome, table: SumTable) -> None:
    targets = _list_targets(model)
    finished = (out.trip[:, :, OUT_STATUS] == RIDDEN).astype(np.float64)
    ones = np.ones_like(finished)
    announced = model.trips.join(model.services, on="service_id", how="left", maintain_order="left")
    limits_s = announced["announced_duration_h"].cast(pl.Float64).to_numpy() * HOUR_S
    elapsed = out.trip[:, :, OUT_ARRIVAL] - model.world.trips.best_departure_s
    until_s = model.trips["announced_until_s"].cast(pl.Float64).to_numpy()
    late = out.trip[:, :, OUT_ARRIVAL_DELAY]
    hits = {
        Measure.FINISHED: (finished, ones),
        Measure.TOLERANCE: (finished * (late <= model.options.tolerance_min * MINUTE_S), ones),
        Measure.ANNOUNCED: (
            finished * (elapsed <= np.nan_to_num(limits_s, nan=0.0)),
            ones * ~np.isnan(limits_s),
        ),
        Measure.ANNOUNCED_DAY: (
            finished * (out.trip[:, :, OUT_ARRIVAL] < np.nan_to_num(until_s, nan=-np.inf)),
            ones * ~np.isnan(until_s),
        ),
    }
    for measure, (numerator, denominator) in hits.items():
        names = [(measure, name, 0) for name in targets.names]
        table.add(numerator @ targets.members, denominator @ targets.members, names)


def _sum_places(model: CoachModel, out: Outcome, table: SumTable) -> None:
    reached = out.event_s != UNREACHED
    late = np.where(reached, out.event_s, 0).astype(np.float64)
    there = reached.astype(np.float64)
    events = model.events
    trip_ids = model.trips["trip_id"].gather(events["trip"])
    table.add(
        late,
        there,
        [(Measure.DELAY, *key) for key in zip(trip_ids, events["sequence"], strict=True)],
    )
    begins = model.world.trips.event_begin
    for name, numbers in _list_groups(model):
        length = int((begins[numbers + 1] - begins[numbers]).min())
        columns = begins[numbers][:, None] + np.arange(length)
        names = [(Measure.DELAY, name, place + 1) for place in range(length)]
        table.add(late[:, columns].sum(axis=1), there[:, columns].sum(axis=1), names)


def _list_groups(model: CoachModel) -> Iterator[tuple[str, NDArray[np.int64]]]:
    for service, group in model.groups:
        mask = model.trips["service_id"] == service
        if group == "works":
            mask &= model.trips["works"]
        yield f"{service}|{group}", np.flatnonzero(mask.to_numpy())


def _sum_legs(model: CoachModel, out: Outcome, table: SumTable) -> None:
    begins = model.world.trips.leg_begin
    finished = (out.trip[:, :, OUT_STATUS] == RIDDEN).astype(np.float64)
    trips = model.legs["trip"].to_numpy()
    offered, missed, wait, cost = (
        out.leg[:, :, column].astype(np.float64)
        for column in (LEG_OFFERED, LEG_MISSED, LEG_WAIT, LEG_COST)
    )
    pairs = {
        Measure.MISSED: (missed, offered),
        Measure.WAIT: (wait, missed),
        Measure.COST: (cost, finished[:, trips]),
    }
    keys = list(zip(model.trips["trip_id"].gather(trips), model.legs["sequence"], strict=True))
    for measure, (top, bottom) in pairs.items():
        table.add(top, bottom, [(measure, *key) for key in keys])
    for name, numbers in _list_groups(model):
        length = int((begins[numbers + 1] - begins[numbers]).min())
        columns = begins[numbers][:, None] + np.arange(length)
        sequences = [model.legs["sequence"][int(column)] for column in columns[0]]
        for measure, (top, bottom) in pairs.items():
            names = [(measure, name, sequence) for sequence in sequences]
            table.add(top[:, columns].sum(axis=1), bottom[:, columns].sum(axis=1), names)


def _sum_spares(model: CoachModel, batch: Batch, table: SumTable) -> None:
    pools = model.trips["pool"].to_numpy()
    members = (pools[:, None] == np.arange(len(model.pool_ids))).astype(np.float64)
    before: dict[int, Array] = {}
    for spares, out in sorted(batch.spares.items()):
        departures = np.ones(out.trip.shape[:2]) @ members
        for measure, column in ((Measure.LOST, OUT_LOST), (Measure.SET_LATE, OUT_SET_LATE)):
            names = [(measure, pool_id, spares) for pool_id in model.pool_ids]
            table.add(out.trip[:, :, column] @ members, departures, names)
        before[spares] = out.trip[:, :, OUT_FULL_DELAY] @ members
        if spares - 1 in before:
            names = [(Measure.SPARE_SAVES, pool_id, spares) for pool_id in model.pool_ids]
            saved = before[spares - 1] - before[spares]
            table.add(saved, np.ones_like(saved), names)


def _sum_variants(model: CoachModel, out: Outcome, table: SumTable) -> None:
    if not len(out.variant):
        return
    begins = model.world.trips.leg_begin
    for name, numbers in _list_groups(model):
        service, group = name.split("|")
        if group != "all":
            continue
        for order in range(1, int((begins[numbers + 1] - begins[numbers]).min())):
            columns = begins[numbers] + order
            tried = out.variant[:, columns].sum(axis=1).astype(np.float64)
            sequence = model.legs["sequence"][int(columns[0])]
            for measure, part in ((Measure.BUFFER_MISSED, 1), (Measure.BUFFER_SAVES, 2)):
                names = [
                    (measure, f"{service}|{sequence}", place) for place in range(tried.shape[1])
                ]
                table.add(tried[:, :, part], tried[:, :, 0], names)


def _sum_causes(batch: Batch) -> pl.DataFrame:
    names = ("p", "k", "pp", "kk", "pk", "pn", "kn")
    frames = []
    for is_group, sums in ((False, batch.base.cause_sums), (True, batch.base.group_sums)):
        target, node = np.nonzero(np.any(sums != 0, axis=2))
        frames.append(
            pl.DataFrame(
                {
                    "draw": np.full(len(target), batch.draw, np.int32),
                    "is_group": np.full(len(target), is_group),
                    "target": target.astype(np.int32),
                    "node": node.astype(np.int32),
                }
                | {name: sums[target, node, place] for place, name in enumerate(names)}
            )
        )
    return pl.concat(frames)
