"""The parts of a batch: rows of trips, and sums from which every result and its error follow.

Main function: :func:`make_parts`. A share or a mean is a ratio of sums over replications, since
trips of one replication belong together; kept are, for each ratio, the number of replications and
the sums of s, n, s^2, s n and n^2, with s and n of one replication.
"""

from collections.abc import Iterator, Mapping
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
    """

    draw: int
    first: int
    base: Outcome
    spares: Mapping[int, Outcome]


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
    rows = [*_sum_trips(model, batch.base), *_sum_places(model, batch.base)]
    rows += [*_sum_legs(model, batch.base), *_sum_spares(model, batch)]
    rows += _sum_variants(model, batch.base)
    sums = pl.concat(rows).with_columns(draw=pl.lit(batch.draw, pl.Int32))
    count = len(batch.base.trip)
    return {
        "simulated_trips": make_trip_rows(model, batch),
        "coach_sums": sums,
        "place_bins": count_bins(batch.base.event_s, batch.draw),
        "cause_sums": _sum_causes(batch),
        "coach_batches": pl.DataFrame(
            {
                "draw": [batch.draw],
                "first_replication": [batch.first],
                "replications": [count],
                "attribution_gap_s": [int(batch.base.gap_s[0])],
            },
            schema_overrides={"draw": pl.Int32},
        ),
    }


def make_trip_rows(model: CoachModel, batch: Batch) -> pl.DataFrame:
    """Rows of the table ``simulated_trips``."""
    given = batch.base.trip
    count, trips, _ = given.shape
    flat = given.reshape(count * trips, -1)
    status = flat[:, OUT_STATUS]
    is_finished = pl.Series(status == RIDDEN)
    sequences = np.full((trips, 64), 0, np.int64)
    for number, row in enumerate(model.trips["leg_begin"]):
        legs = model.legs.filter(pl.col("trip") == number)["sequence"].to_numpy()
        sequences[number, : len(legs)] = legs
        assert row >= 0
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
            "first_missed_leg": sequences[trip, np.maximum(first_missed, 0)],
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


def sum_ratio(
    numerator: Array, denominator: Array, *, measure: str, target: list[str], place: list[int]
) -> pl.DataFrame:
    """Sums of a ratio over replications, one row for each column of the arrays.

    Parameters
    ----------
    numerator, denominator : ndarray, shape (n_replications, n_columns)
        Sums within each replication.
    measure : str
        What is summed.
    target : list of str
        Trip, group or pool of each column.
    place : list of int
        Stop, leg or buffer of each column.
    """
    return pl.DataFrame(
        {
            "measure": [measure] * numerator.shape[1],
            "target": target,
            "place": pl.Series(place, dtype=pl.Int64),
            "replications": np.full(numerator.shape[1], len(numerator), np.int64),
            "n": denominator.sum(axis=0),
            "s": numerator.sum(axis=0),
            "nn": (denominator**2).sum(axis=0),
            "ss": (numerator**2).sum(axis=0),
            "sn": (numerator * denominator).sum(axis=0),
        },
        schema_overrides={"measure": pl.String, "target": pl.String},
    )


@dataclass(frozen=True, slots=True)
class _Targets:
    """Trips, groups and months, and which trips belong to each."""

    names: list[str]
    members: Array


def _list_targets(model: CoachModel, *, months: bool) -> _Targets:
    table = model.trips
    count = table.height
    names = table["trip_id"].to_list()
    columns = [np.eye(count)]
    for service, group in model.groups:
        mask = table["service_id"] == service
        if group == "works":
            mask &= table["works"]
        names.append(f"{service}|{group}")
        columns.append(mask.to_numpy().astype(np.float64)[:, None])
    if months:
        keys = table["service_id"] + "|" + table["trip_date"].dt.strftime("%Y-%m")
        for key in sorted(set(keys)):
            names.append(key)
            columns.append((keys == key).to_numpy().astype(np.float64)[:, None])
    return _Targets(names, np.concatenate(columns, axis=1))


def _sum_trips(model: CoachModel, out: Outcome) -> Iterator[pl.DataFrame]:
    targets = _list_targets(model, months=True)
    finished = (out.trip[:, :, OUT_STATUS] == RIDDEN).astype(np.float64)
    ones = np.ones_like(finished)
    announced = model.trips.join(model.services, on="service_id", how="left", maintain_order="left")
    limits_s = announced["announced_duration_h"].cast(pl.Float64).to_numpy() * HOUR_S
    elapsed = out.trip[:, :, OUT_ARRIVAL] - model.world.trips.best_departure_s
    late = out.trip[:, :, OUT_ARRIVAL_DELAY]
    hits = {
        Measure.FINISHED: (finished, ones),
        Measure.TOLERANCE: (finished * (late <= model.options.tolerance_min * MINUTE_S), ones),
        Measure.ANNOUNCED: (
            finished * (elapsed <= np.nan_to_num(limits_s, nan=0.0)),
            ones * ~np.isnan(limits_s),
        ),
    }
    for measure, (numerator, denominator) in hits.items():
        yield sum_ratio(
            numerator @ targets.members,
            denominator @ targets.members,
            measure=measure,
            target=targets.names,
            place=[0] * len(targets.names),
        )


def _sum_places(model: CoachModel, out: Outcome) -> Iterator[pl.DataFrame]:
    reached = out.event_s != UNREACHED
    late = np.where(reached, out.event_s, 0).astype(np.float64)
    there = reached.astype(np.float64)
    events = model.events
    trip_ids = model.trips["trip_id"].gather(events["trip"])
    yield sum_ratio(
        late, there, measure=Measure.DELAY, target=trip_ids.to_list(),
        place=events["sequence"].to_list(),
    )  # fmt: skip
    for (service, group), columns, sequences in list_group_events(model):
        yield sum_ratio(
            late[:, columns].sum(axis=1), there[:, columns].sum(axis=1), measure=Measure.DELAY,
            target=[f"{service}|{group}"] * len(sequences), place=sequences,
        )  # fmt: skip


def list_group_events(
    model: CoachModel,
) -> Iterator[tuple[tuple[str, str], NDArray[np.int64], list[int]]]:
    """Columns of the stops of each group, ``(n_trips, n_stops)``, and the order of the stops."""
    begins = model.world.trips.event_begin
    table = model.trips
    for service, group in model.groups:
        mask = table["service_id"] == service
        if group == "works":
            mask &= table["works"]
        numbers = np.flatnonzero(mask.to_numpy())
        length = int((begins[numbers + 1] - begins[numbers]).min())
        columns = begins[numbers][:, None] + np.arange(length)
        yield (service, group), columns, list(range(1, length + 1))


def _sum_legs(model: CoachModel, out: Outcome) -> Iterator[pl.DataFrame]:
    begins = model.world.trips.leg_begin
    finished = (out.trip[:, :, OUT_STATUS] == RIDDEN).astype(np.float64)
    offered, missed, wait, cost = (
        out.leg[:, :, column].astype(np.float64)
        for column in (LEG_OFFERED, LEG_MISSED, LEG_WAIT, LEG_COST)
    )
    for names, numbers in _list_leg_groups(model):
        legs = begins[numbers]
        for order in range(int((begins[numbers + 1] - legs).min())):
            columns = legs + order
            sequence = model.legs["sequence"][int(columns[0])]
            for measure, top, bottom in (
                (Measure.MISSED, missed[:, columns], offered[:, columns]),
                (Measure.WAIT, wait[:, columns], missed[:, columns]),
                (Measure.COST, cost[:, columns], finished[:, numbers]),
            ):
                yield sum_ratio(
                    top.sum(axis=1)[:, None], bottom.sum(axis=1)[:, None], measure=measure,
                    target=[names], place=[sequence],
                )  # fmt: skip


def _list_leg_groups(model: CoachModel) -> Iterator[tuple[str, NDArray[np.int64]]]:
    table = model.trips
    for number, trip_id in enumerate(table["trip_id"]):
        yield trip_id, np.array([number])
    for service, group in model.groups:
        mask = table["service_id"] == service
        if group == "works":
            mask &= table["works"]
        yield f"{service}|{group}", np.flatnonzero(mask.to_numpy())


def _sum_spares(model: CoachModel, batch: Batch) -> Iterator[pl.DataFrame]:
    pools = model.trips["pool"].to_numpy()
    ones = np.ones((len(batch.base.trip), 1))
    totals: dict[int, Array] = {}
    for spares, out in sorted(batch.spares.items()):
        for number, pool_id in enumerate(model.pool_ids):
            columns = np.flatnonzero(pools == number)
            if not len(columns):
                continue
            given = out.trip[:, columns]
            departures = ones * len(columns)
            for measure, column in ((Measure.LOST, OUT_LOST), (Measure.SET_LATE, OUT_SET_LATE)):
                yield sum_ratio(
                    given[:, :, column].sum(axis=1)[:, None].astype(np.float64), departures,
                    measure=measure, target=[pool_id], place=[spares],
                )  # fmt: skip
        totals[spares] = np.stack(
            [
                out.trip[:, pools == number, OUT_FULL_DELAY].sum(axis=1)
                for number in range(len(model.pool_ids))
            ],
            axis=1,
        ).astype(np.float64)
        if spares - 1 in totals:
            yield sum_ratio(
                totals[spares - 1] - totals[spares], np.ones_like(totals[spares]),
                measure=Measure.SPARE_SAVES, target=list(model.pool_ids),
                place=[spares] * len(model.pool_ids),
            )  # fmt: skip


def _sum_variants(model: CoachModel, out: Outcome) -> list[pl.DataFrame]:
    if not len(out.variant):
        return []
    begins = model.world.trips.leg_begin
    found = []
    for service, group in model.groups:
        if group != "all":
            continue
        numbers = np.flatnonzero((model.trips["service_id"] == service).to_numpy())
        for order in range(1, int((begins[numbers + 1] - begins[numbers]).min())):
            columns = begins[numbers] + order
            tried = out.variant[:, columns].sum(axis=1).astype(np.float64)
            sequence = model.legs["sequence"][int(columns[0])]
            for measure, part in ((Measure.BUFFER_MISSED, 1), (Measure.BUFFER_SAVES, 2)):
                found.append(
                    sum_ratio(
                        tried[:, :, part], tried[:, :, 0], measure=measure,
                        target=[f"{service}|{sequence}"] * tried.shape[1],
                        place=list(range(tried.shape[1])),
                    )
                )  # fmt: skip
    return found


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
