"""Ranges of uncertain inputs of through coaches, from the table of estimates.

Main functions: :func:`list_rate_ranges`, :func:`list_delay_ranges`, :func:`list_turn_ranges` and
:func:`list_wait_ranges`.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl

from arterial.operations.coaches.asset_sources import AssetSources
from arterial.operations.coaches.disturbance_sources import Disturbance
from arterial.operations.coaches.model import RateRange
from arterial.operations.coaches.trip_rows import TripRows
from arterial.units import MINUTE_S

__all__ = ["list_delay_ranges", "list_rate_ranges", "list_turn_ranges", "list_wait_ranges"]


def list_rate_ranges(
    assets: AssetSources, disturbances: Sequence[Disturbance], tables: Mapping[str, pl.DataFrame]
) -> Iterable[RateRange]:
    """Ranges of rates: assets of a kind share one draw, each disturbance has its own."""
    kinds = np.array(assets.kinds)
    for kind in sorted(set(assets.kinds)):
        rows = np.flatnonzero((kinds == kind) & (assets.source >= 0))
        yield RateRange(f"assets/{kind}", assets.source[rows], assets.low[rows], assets.high[rows])
    of_rates = _estimates_of(tables, "disturbances", "rate")
    for item in disturbances:
        row = of_rates.get(item.row["disturbance_id"])
        if row is None or not item.row["rate"]:
            continue
        yield RateRange(
            f"disturbances/{item.row['disturbance_id']}",
            np.array([item.source]),
            np.array([row["low"] / item.row["rate"]]),
            np.array([row["high"] / item.row["rate"]]),
        )


def list_turn_ranges(tables: Mapping[str, pl.DataFrame], rows: TripRows) -> Iterable[RateRange]:
    """Ranges of the shortest turn-rounds, over their best value, for the trips that they follow.

    A place that states its own has its own range; the others share that of home or far end.
    """
    table = rows.trip_table
    stated = tables.get("pool_turns")
    places = [] if stated is None else list(stated.select("pool_id", "point_id", "minimum_turn_h"))
    own = list(zip(*places, strict=True))
    of_places = _estimates_of(tables, "pool_turns", "minimum_turn_h")
    for number, pool in enumerate(tables["coach_pools"].iter_rows(named=True)):
        of_pool, free = table["pool"] == number, pl.Series([True] * table.height)
        for pool_id, point_id, turn_h in own:
            is_there = of_pool & (table["to_point"] == point_id)
            if pool_id != pool["pool_id"]:
                continue
            free &= ~is_there
            row = of_places.get(f"{pool_id};{point_id}")
            yield from _range_turns(f"{pool_id}/{point_id}", is_there, row, turn_h)
        for column, is_home in (("minimum_turn_home_h", True), ("minimum_turn_away_h", False)):
            row = _estimates_of(tables, "coach_pools", column).get(pool["pool_id"])
            mask = of_pool & free & (table["is_to_home"] == is_home)
            yield from _range_turns(f"{pool['pool_id']}/{column}", mask, row, pool[column])


def _range_turns(
    name: str, mask: pl.Series, row: Mapping[str, float] | None, best_h: float | None
) -> Iterable[RateRange]:
    """Range of one shortest turn-round, where it has one and some trip ends in it."""
    ends = np.flatnonzero(mask.to_numpy())
    if row is None or not best_h or not len(ends):
        return
    low, high = (np.full(len(ends), row[end] / best_h) for end in ("low", "high"))
    yield RateRange(f"turns/{name}", ends, low, high)


def list_delay_ranges(
    disturbances: Sequence[Disturbance], tables: Mapping[str, pl.DataFrame]
) -> Iterable[RateRange]:
    """Ranges of the most likely delay of disturbances, over its best value."""
    of_delays = _estimates_of(tables, "disturbances", "delay_best_min")
    for item in disturbances:
        row, best = of_delays.get(item.row["disturbance_id"]), item.row["delay_best_min"]
        if row is None or not best:
            continue
        yield RateRange(
            f"delays/{item.row['disturbance_id']}",
            np.array([item.source]),
            np.array([row["low"] / best]),
            np.array([row["high"] / best]),
        )


def list_wait_ranges(tables: Mapping[str, pl.DataFrame], rows: TripRows) -> Iterable[RateRange]:
    """Ranges of how long hosts wait, as 1 and the seconds beside the best value.

    A host waits as long for the coaches of one service as for those of another, so that its legs
    share one draw. A wait of 0 at its best cannot be ranged by a factor.
    """
    of_waits = _estimates_of(tables, "coach_legs", "host_wait_min")
    services = rows.trip_table["service_id"].gather(rows.leg_table["trip"]).to_list()
    found: dict[tuple[str, str], list[tuple[int, float, float]]] = {}
    for number, leg in enumerate(rows.leg_table.iter_rows(named=True)):
        row = of_waits.get(f"{services[number]};{leg['sequence']}")
        if row is not None:
            ends = (row["low"] * MINUTE_S, row["high"] * MINUTE_S)
            entry = (number, *(1.0 + end - leg["wait_s"] for end in ends))
            found.setdefault((leg["train_id"], leg["point_id"]), []).append(entry)
    for (train_id, point_id), entries in found.items():
        numbers, low, high = (np.array(column) for column in zip(*entries, strict=True))
        yield RateRange(f"waits/{train_id}@{point_id}", numbers, low, high)


def _estimates_of(
    tables: Mapping[str, pl.DataFrame], table: str, attribute: str
) -> dict[str, dict[str, float]]:
    estimates = tables.get("estimates")
    if estimates is None:
        return {}
    rows = estimates.filter((pl.col("table") == table) & (pl.col("attribute") == attribute))
    return {row["key"]: row for row in rows.iter_rows(named=True)}
