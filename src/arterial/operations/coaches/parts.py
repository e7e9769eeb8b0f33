"""The parts of a batch: rows of trips, and sums from which every result and its error follow.

Main function: :func:`make_parts`. A share or a mean is a ratio of sums over replications, since
trips of one replication belong together; kept are, for each ratio, the number of replications and
the sums of s, n, s^2, s n and n^2, with s and n of one replication.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.delay_bins import count_bins
from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.outcome import CAUSE_SUMS, UNREACHED_S, Outcome
from arterial.operations.coaches.state import NO_SET, RIDDEN
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["Batch", "Measure", "make_parts"]

Array = NDArray[np.float64]

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


class Batch(NamedTuple):
    """What the kernel gave for some replications of one draw.

    Parameters
    ----------
    draw, first : int
        Draw, and number of the first replication.
    outcome : Outcome
        What trips and legs met.
    attempts, missed_s : int
        Timetables that were drawn, and by how much the one that was taken misses what was
        announced [s].
    """

    draw: int
    first: int
    outcome: Outcome
    attempts: int
    missed_s: int


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
    outcome = batch.outcome
    table = SumTable()
    _sum_trips(model, outcome, table)
    _sum_places(model, outcome, table)
    _sum_legs(model, outcome, table)
    _sum_spares(model, outcome, table)
    _sum_variants(model, outcome, table)
    return {
        "simulated_trips": _make_trip_rows(model, batch),
        "coach_sums": table.make_frame().with_columns(draw=pl.lit(batch.draw, pl.Int32)),
        "place_bins": count_bins(outcome.events_s, batch.draw),
        "cause_sums": _sum_causes(batch),
        "coach_batches": pl.DataFrame(
            {
                "draw": [batch.draw],
                "first_replication": [batch.first],
                "replications": [len(outcome.trips)],
                "attribution_gap_s": [int(outcome.gap_s[0])],
                "timetables_drawn": [batch.attempts],
                "timetable_missed_s": [batch.missed_s],
            },
            schema_overrides={"draw": pl.Int32},
        ),
    }


def _make_trip_rows(model: CoachModel, batch: Batch) -> pl.DataFrame:
    """Rows of the table ``simulated_trips``."""
    count, trips = batch.outcome.trips.shape
    rows = batch.outcome.trips.reshape(-1)
    sequences = model.legs["sequence"].to_numpy()
    trip = np.tile(np.arange(trips), count)
    begins = model.plan.trips["leg_begin"][trip]
    first_missed = rows["first_missed"]
    frame = pl.DataFrame(
        {
            "draw": np.full(count * trips, batch.draw, np.int64),
            "replication": np.repeat(np.arange(batch.first, batch.first + count), trips),
            "trip_id": model.trips["trip_id"].gather(trip),
            "departure_delay_s": rows["departure_delay_s"],
            "arrival_at_s": rows["arrival_s"],
            "arrival_delay_s": rows["arrival_delay_s"],
            "elapsed_s": rows["arrival_s"] - model.plan.trips["best_departure_s"][trip],
            "missed_count": rows["missed"],
            "first_missed_leg": sequences[begins + np.maximum(first_missed, 0)],
            "set_late_s": rows["set_late_s"],
        }
    )
    is_finished = pl.Series(rows["status"] == RIDDEN)
    has_left = pl.Series(rows["status"] != NO_SET)
    known = {
        "arrival_at_s": is_finished,
        "arrival_delay_s": is_finished,
        "elapsed_s": is_finished,
        "departure_delay_s": has_left,
        "set_late_s": has_left,
        "first_missed_leg": pl.Series(first_missed >= 0),
    }
    return frame.with_columns(
        pl.when(where).then(pl.col(name)).alias(name) for name, where in known.items()
    )


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


def _sum_trips(model: CoachModel, outcome: Outcome, table: SumTable) -> None:
    targets = _list_targets(model)
    trips = outcome.trips
    finished = (trips["status"] == RIDDEN).astype(np.float64)
    ones = np.ones_like(finished)
    announced = model.trips.join(model.services, on="service_id", how="left", maintain_order="left")
    limits_s = announced["announced_duration_h"].cast(pl.Float64).to_numpy() * HOUR_S
    elapsed = trips["arrival_s"] - model.plan.trips["best_departure_s"]
    until_s = model.trips["announced_until_s"].cast(pl.Float64).to_numpy()
    late = trips["arrival_delay_s"]
    hits = {
        Measure.FINISHED: (finished, ones),
        Measure.TOLERANCE: (finished * (late <= model.options.tolerance_min * MINUTE_S), ones),
        Measure.ANNOUNCED: (
            finished * (elapsed <= np.nan_to_num(limits_s, nan=0.0)),
            ones * ~np.isnan(limits_s),
        ),
        Measure.ANNOUNCED_DAY: (
            finished * (trips["arrival_s"] < np.nan_to_num(until_s, nan=-np.inf)),
            ones * ~np.isnan(until_s),
        ),
    }
    for measure, (numerator, denominator) in hits.items():
        names = [(measure, name, 0) for name in targets.names]
        table.add(numerator @ targets.members, denominator @ targets.members, names)


def _sum_places(model: CoachModel, outcome: Outcome, table: SumTable) -> None:
    reached = outcome.events_s != UNREACHED_S
    late = np.where(reached, outcome.events_s, 0).astype(np.float64)
    there = reached.astype(np.float64)
    events = model.events
    trip_ids = model.trips["trip_id"].gather(events["trip"])
    table.add(
        late,
        there,
        [(Measure.DELAY, *key) for key in zip(trip_ids, events["sequence"], strict=True)],
    )
    begins, ends = model.plan.trips["event_begin"], model.plan.trips["event_end"]
    for name, numbers in _list_groups(model):
        length = int((ends[numbers] - begins[numbers]).min())
        columns = begins[numbers][:, None] + np.arange(length)
        names = [(Measure.DELAY, name, place + 1) for place in range(length)]
        table.add(late[:, columns].sum(axis=1), there[:, columns].sum(axis=1), names)


def _list_groups(model: CoachModel) -> Iterator[tuple[str, NDArray[np.int64]]]:
    for service, group in model.groups:
        mask = model.trips["service_id"] == service
        if group == "works":
            mask &= model.trips["works"]
        yield f"{service}|{group}", np.flatnonzero(mask.to_numpy())


def _sum_legs(model: CoachModel, outcome: Outcome, table: SumTable) -> None:
    begins, ends = model.plan.trips["leg_begin"], model.plan.trips["leg_end"]
    finished = (outcome.trips["status"] == RIDDEN).astype(np.float64)
    trips = model.legs["trip"].to_numpy()
    offered, missed, wait, cost = (
        outcome.legs[column].astype(np.float64)
        for column in ("offered", "missed", "wait_s", "cost_s")
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
        length = int((ends[numbers] - begins[numbers]).min())
        columns = begins[numbers][:, None] + np.arange(length)
        sequences = [model.legs["sequence"][int(column)] for column in columns[0]]
        for measure, (top, bottom) in pairs.items():
            names = [(measure, name, sequence) for sequence in sequences]
            table.add(top[:, columns].sum(axis=1), bottom[:, columns].sum(axis=1), names)


def _sum_spares(model: CoachModel, outcome: Outcome, table: SumTable) -> None:
    pools = model.trips["pool"].to_numpy()
    members = (pools[:, None] == np.arange(len(model.pool_ids))).astype(np.float64)
    before: dict[int, Array] = {}
    for spares, trips in sorted(zip(model.options.spare_sets, outcome.spares, strict=True)):
        departures = np.ones(trips.shape) @ members
        for measure, column in ((Measure.LOST, "is_lost"), (Measure.SET_LATE, "set_late_s")):
            names = [(measure, pool_id, spares) for pool_id in model.pool_ids]
            table.add(trips[column] @ members, departures, names)
        before[spares] = trips["arrival_delay_s"] @ members
        if spares - 1 in before:
            names = [(Measure.SPARE_SAVES, pool_id, spares) for pool_id in model.pool_ids]
            saved = before[spares - 1] - before[spares]
            table.add(saved, np.ones_like(saved), names)


def _sum_variants(model: CoachModel, outcome: Outcome, table: SumTable) -> None:
    variants = outcome.variants
    if not len(variants):
        return
    begins, ends = model.plan.trips["leg_begin"], model.plan.trips["leg_end"]
    for name, numbers in _list_groups(model):
        service, group = name.split("|")
        if group != "all":
            continue
        for order in range(1, int((ends[numbers] - begins[numbers]).min())):
            columns = begins[numbers] + order
            tried, missed, saved_s = (
                variants[column][:, columns].sum(axis=1).astype(np.float64)
                for column in ("tried", "missed", "saved_s")
            )
            sequence = model.legs["sequence"][int(columns[0])]
            for measure, part in ((Measure.BUFFER_MISSED, missed), (Measure.BUFFER_SAVES, saved_s)):
                places = range(tried.shape[1])
                names = [(measure, f"{service}|{sequence}", place) for place in places]
                table.add(part, tried, names)


def _sum_causes(batch: Batch) -> pl.DataFrame:
    """Sums of the causes that any trip or group has met; most have not."""
    frames = []
    for is_group, sums in (
        (False, batch.outcome.trip_causes), (True, batch.outcome.group_causes)
    ):  # fmt: skip
        # All columns are float64; comparing whole records took a fifth of the making of parts.
        columns = sums.view(np.float64).reshape(*sums.shape, -1)
        target, node = np.nonzero((columns != 0.0).any(axis=-1))
        rows = sums[target, node]
        frames.append(
            pl.DataFrame(
                {
                    "draw": np.full(len(target), batch.draw, np.int32),
                    "is_group": np.full(len(target), is_group),
                    "target": target.astype(np.int32),
                    "node": node.astype(np.int32),
                }
                | {name: rows[name] for name in CAUSE_SUMS}
            )
        )
    return pl.concat(frames)
