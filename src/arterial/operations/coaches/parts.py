"""The parts of a batch: rows of trips, and sums from which every result and its error follow.

Main function: :func:`make_parts`. A share or a mean is a ratio of sums over replications, since
trips of one replication belong together; kept are, for each ratio, the number of replications and
the sums of s, n, s^2, s n and n^2, with s and n of one replication.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.cells import Cells, Measure
from arterial.operations.coaches.model import CoachModel
from arterial.operations.coaches.outcome import CAUSE_SUMS, UNREACHED_S, Outcome
from arterial.operations.coaches.state import BROKEN_OFF, CANCELLED, RIDDEN
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["Batch", "make_parts"]

Array = NDArray[np.float64]

OUTCOMES: Final = pl.Series(["", "arrived", "broken_off", "cancelled"])
"""How a trip ends, by its status."""

SUM_NAMES: Final = ("replications", "n", "s", "nn", "ss", "sn")


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


def make_parts(model: CoachModel, cells: Cells, batch: Batch) -> dict[str, pl.DataFrame]:
    """Tables of a batch.

    Parameters
    ----------
    model : CoachModel
        What the rows stand for.
    cells : Cells
        Its ratios.
    batch : Batch
        What the kernel gave.

    Returns
    -------
    dict of str to polars.DataFrame
        ``simulated_trips``, ``coach_sums``, ``cause_sums``, ``coach_batches``.
    """
    return {
        "simulated_trips": _make_trip_rows(model, batch),
        "coach_sums": _sum_cells(model, cells, batch),
        "cause_sums": _sum_causes(batch),
        "coach_batches": pl.DataFrame(
            {
                "draw": [batch.draw],
                "first_replication": [batch.first],
                "replications": [len(batch.outcome.trips)],
                "attribution_gap_s": [int(batch.outcome.gap_s[0])],
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
    begins = model.counted["leg_begin"][trip]
    first_missed = rows["first_missed"]
    frame = pl.DataFrame(
        {
            "draw": np.full(count * trips, batch.draw, np.int64),
            "replication": np.repeat(np.arange(batch.first, batch.first + count), trips),
            "trip_id": model.trips["trip_id"].gather(trip),
            "departure_delay_s": rows["departure_delay_s"],
            "arrival_at_s": rows["arrival_s"],
            "arrival_delay_s": rows["arrival_delay_s"],
            "elapsed_s": rows["elapsed_s"],
            "missed_count": rows["missed"],
            "first_missed_leg": sequences[begins + np.maximum(first_missed, 0)],
            "set_late_s": rows["set_late_s"],
            "outcome": OUTCOMES.gather(rows["status"]),
        }
    )
    is_finished = pl.Series(rows["status"] == RIDDEN)
    has_left = pl.Series(rows["status"] != CANCELLED)
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


def _sum_cells(model: CoachModel, cells: Cells, batch: Batch) -> pl.DataFrame:
    """Part ``coach_sums``: each cell with its sums over the replications."""
    sums = []
    ratios = _list_ratios(model, batch.outcome)
    for measure, laid in cells.sums.items():
        s, n = (laid.add_up(values) for values in ratios[measure])
        count = np.full(s.shape[1], float(len(s)))
        products = (n, s, n**2, s**2, s * n)
        sums.append(np.stack([count, *(array.sum(axis=0) for array in products)]))
    whole = np.concatenate(sums, axis=1)
    columns = {name: pl.Series(name, row) for name, row in zip(SUM_NAMES, whole, strict=True)}
    return cells.names.with_columns(draw=pl.lit(batch.draw, pl.Int32), **columns).with_columns(
        pl.col("replications").cast(pl.Int64)
    )


def _list_ratios(model: CoachModel, outcome: Outcome) -> dict[str, tuple[Array, Array]]:
    """Numerator and denominator of each measure, ``(n_replications, n_columns)``."""
    return {
        **_rate_trips(model, outcome),
        Measure.DELAY: _rate_stops(outcome),
        **_rate_legs(model, outcome),
        **_rate_sets(model, outcome),
        **_rate_buffers(outcome),
    }


def _rate_trips(model: CoachModel, outcome: Outcome) -> dict[str, tuple[Array, Array]]:
    trips = outcome.trips
    finished = (trips["status"] == RIDDEN).astype(np.float64)
    ones = np.ones_like(finished)
    announced = model.trips.join(model.services, on="service_id", how="left", maintain_order="left")
    limits_s = announced["announced_duration_h"].cast(pl.Float64).to_numpy() * HOUR_S
    until_s = model.trips["announced_until_s"].cast(pl.Float64).to_numpy()
    late = trips["arrival_delay_s"]
    return {
        Measure.FINISHED: (finished, ones),
        Measure.CANCELLED: ((trips["status"] == CANCELLED).astype(np.float64), ones),
        Measure.BROKEN_OFF: ((trips["status"] == BROKEN_OFF).astype(np.float64), ones),
        Measure.TOLERANCE: (finished * (late <= model.options.tolerance_min * MINUTE_S), ones),
        Measure.ANNOUNCED: (
            finished * (trips["elapsed_s"] <= np.nan_to_num(limits_s, nan=0.0)),
            ones * ~np.isnan(limits_s),
        ),
        Measure.ANNOUNCED_DAY: (
            finished * (trips["arrival_s"] < np.nan_to_num(until_s, nan=-np.inf)),
            ones * ~np.isnan(until_s),
        ),
    }


def _rate_stops(outcome: Outcome) -> tuple[Array, Array]:
    reached = outcome.events_s != UNREACHED_S
    return np.where(reached, outcome.events_s, 0).astype(np.float64), reached.astype(np.float64)


def _rate_legs(model: CoachModel, outcome: Outcome) -> dict[str, tuple[Array, Array]]:
    finished = (outcome.trips["status"] == RIDDEN).astype(np.float64)
    offered, missed, cancelled, wait, cost = (
        outcome.legs[column].astype(np.float64)
        for column in ("offered", "missed", "cancelled", "wait_s", "cost_s")
    )
    trips = model.legs["trip"].to_numpy()
    has_left = (outcome.trips["status"] != CANCELLED)[:, trips]
    return {
        Measure.MISSED: (missed, offered),
        Measure.HOST_CANCELLED: (cancelled, offered),
        # A trip that is cancelled has missed its first host, and waits for no other.
        Measure.WAIT: (wait, missed * has_left),
        Measure.COST: (cost, finished[:, trips]),
    }


def _rate_sets(model: CoachModel, outcome: Outcome) -> dict[str, tuple[Array, Array]]:
    """With each number of spare sets; what one saves is the delay with one less, less its own."""
    by_spares = dict(zip(model.options.spare_sets, outcome.spares, strict=True))
    rising = sorted(by_spares)
    late = {spares: trips["arrival_delay_s"] for spares, trips in by_spares.items()}
    ones = np.ones(outcome.trips.shape)
    # What is saved counts once for a pool and replication, at the first of its trips.
    once = ones * model.trips["pool"].is_first_distinct().to_numpy()

    def join(arrays: Iterable[Array]) -> Array:
        return np.concatenate([ones[:, :0], *arrays], axis=1).astype(np.float64)

    departures = join(ones for _ in rising)
    saved = [late[n - 1] - late[n] if n - 1 in late else 0.0 * ones for n in rising]
    counted = [once * (spares - 1 in late) for spares in rising]
    cancelled = join(by_spares[spares]["is_cancelled"] for spares in rising)
    has_left = 1.0 - cancelled
    set_late_s = join(by_spares[spares]["set_late_s"] for spares in rising) * has_left
    return {
        Measure.LOST: (join(by_spares[spares]["is_lost"] for spares in rising), departures),
        Measure.SETS_CANCELLED: (cancelled, departures),
        Measure.SET_LATE: (set_late_s, has_left),
        Measure.SPARE_SAVES: (join(saved), join(counted)),
    }


def _rate_buffers(outcome: Outcome) -> dict[str, tuple[Array, Array]]:
    count, legs, buffers = outcome.variants.shape
    tried, missed, saved_s = (
        outcome.variants[column].reshape(count, legs * buffers).astype(np.float64)
        for column in ("tried", "missed", "saved_s")
    )
    return {Measure.BUFFER_MISSED: (missed, tried), Measure.BUFFER_SAVES: (saved_s, tried)}


def _sum_causes(batch: Batch) -> pl.DataFrame:
    """Sums of the causes that any trip or group has met; most have not."""
    frames = []
    for is_group, sums in (
        (False, batch.outcome.trip_causes), (True, batch.outcome.group_causes)
    ):  # fmt: skip
        # Without a square there is nothing; looking at all sums took a quarter of the time here.
        target, node = np.nonzero((sums["pp"] != 0.0) | (sums["kk"] != 0.0))
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
