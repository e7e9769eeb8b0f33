"""What lies where on a line: assets on its steps, and trains where disturbances can hit them.

Main functions: `locate_assets`, `expose_runs` and `expose_days`. Nothing here is drawn: the rates
of a draw are put on these places by :mod:`arterial.operations.line.sources`.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.line.plan import OperationsPlan
from arterial.timetable.paths import LineModel
from arterial.units import DAY_S, KM_TO_M

__all__ = ["AssetPieces", "Exposure", "expose_days", "expose_runs", "locate_assets"]

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]

HELD_AT_POINTS: Final = frozenset({"power_shortage", "weather"})
"""Causes for which a train is held at the point before; others stop it between points."""


class AssetPieces(NamedTuple):
    """Parts of assets on single steps, by asset and along the section, ``(n_pieces,)``.

    ``asset``: row of ``asset_states``; ``step``; ``share`` of the asset; ``length_m``.
    """

    asset: Integers
    step: Integers
    share: Numbers
    length_m: Numbers


class Exposure(NamedTuple):
    """A plan on its line, as disturbances see it, and the railway of each section."""

    plan: OperationsPlan
    line: LineModel
    railways: Mapping[str, str]


def locate_assets(states: pl.DataFrame, line: LineModel) -> AssetPieces:
    """Pieces of assets on the steps of a line.

    An asset touches the steps whose spans overlap its own, found by halving within the section.

    Parameters
    ----------
    states : DataFrame
        Table ``asset_states``.
    line : LineModel
        The line; the steps of a section follow each other from its from_point on.

    Returns
    -------
    AssetPieces
        One for each asset and step that it touches.
    """
    begin = states["from_offset_m"].fill_null(0.0).to_numpy()
    end = states["to_offset_m"].fill_null(states["from_offset_m"].fill_null(0.0)).to_numpy()
    owners: dict[str, list[int]] = {}
    for number, step in enumerate(line.steps):
        owners.setdefault(step.section_id, []).append(number)
    low, count = np.zeros((2, states.height), dtype=np.int64)
    step_of, left_of, right_of, size = [], [], [], 0
    rows_of = states.select("section_id").with_row_index().group_by("section_id")
    rows = {section: np.array(mine) for section, mine in rows_of.agg("index").iter_rows()}
    for section, numbers in owners.items():
        lengths = [line.steps[number].length_km * KM_TO_M for number in numbers]
        right = np.cumsum(lengths)
        left = np.concatenate(([0.0], right[:-1]))
        # What lies beyond the end of its section lies on the last step.
        right[-1] = np.inf
        if section in rows:
            mine = rows[section]
            low[mine] = size + np.searchsorted(right, begin[mine], side="right")
            # A point asset lies on the one step that begins at it or before.
            high = np.where(
                end[mine] > begin[mine],
                np.searchsorted(left, end[mine], side="left"),
                np.searchsorted(left, begin[mine], side="right"),
            )
            count[mine] = np.maximum(size + high - low[mine], 0)
        step_of += numbers
        left_of.append(left)
        right_of.append(right)
        size += len(numbers)
    asset = np.repeat(np.arange(states.height), count)
    place = np.arange(asset.size) + np.repeat(low - (np.cumsum(count) - count), count)
    left, right = np.concatenate(left_of)[place], np.concatenate(right_of)[place]
    first, last = begin[asset], end[asset]
    is_long = last > first
    overlap = np.minimum(last, right) - np.maximum(first, left)
    # A point asset has no length to be shared; it counts whole.
    share = np.divide(overlap, last - first, out=np.ones(asset.size), where=is_long)
    # One that ends where a step begins touches it with nothing.
    kept = ~is_long | (overlap > 0)
    return AssetPieces(
        asset[kept],
        np.array(step_of, dtype=np.int64)[place][kept],
        share[kept],
        np.where(is_long, overlap, 0.0)[kept],
    )


def expose_runs(exposure: Exposure, row: Mapping[str, Any]) -> tuple[Integers, Numbers]:
    """Events at which a disturbance of trains can hit, and what its rate is to be multiplied by.

    Parameters
    ----------
    exposure : Exposure
        The plan on its line.
    row : mapping
        Row of ``disturbances`` with a rate per stop, train-kilometre or train run.

    Returns
    -------
    tuple of ndarray
        Events in order, and kilometres, shares of the run, or 1, ``(n_places,)``.
    """
    events, is_per_run = exposure.plan.events, row["per"] == "train_run"
    if row["per"] == "stop" or (is_per_run and row["point_id"] is not None):
        stops = 2 * np.flatnonzero(_list_stops(exposure, row))
        if is_per_run:
            stops = stops[np.unique(events.run[stops], return_index=True)[1]]
        return stops, np.ones(stops.size)
    departures = 2 * np.flatnonzero(_list_places(exposure, row))
    runs = events.run[departures]
    if is_per_run and row["cause"] == "late_host":
        starts = events.first[np.unique(runs)]
        return starts, np.ones(starts.size)
    factor = np.array([step.length_km for step in exposure.line.steps])[events.step[departures]]
    if is_per_run:
        whole = np.bincount(runs, weights=factor, minlength=exposure.plan.runs_count)[runs]
        has_length = whole > 0
        departures, factor = departures[has_length], factor[has_length] / whole[has_length]
    return departures + int(row["cause"] not in HELD_AT_POINTS), factor


def expose_days(exposure: Exposure, row: Mapping[str, Any]) -> tuple[Integers, Integers]:
    """First event of each day at which each run is where a disturbance of days hits.

    Parameters
    ----------
    exposure : Exposure
        The plan on its line.
    row : mapping
        Row of ``disturbances`` with a rate per day.

    Returns
    -------
    tuple of ndarray
        Events, and their days since the epoch, ``(n_hits,)``.
    """
    events, is_at_point = exposure.plan.events, row["point_id"] is not None
    listed = _list_stops if is_at_point else _list_places
    departures = 2 * np.flatnonzero(listed(exposure, row))
    runs, days = events.run[departures], events.planned[departures] // DAY_S
    # Days only rise along a run, so that a new one differs from the one before.
    is_first = np.append(True, (np.diff(runs) != 0) | (np.diff(days) != 0))[: runs.size]
    is_on_way = int(not is_at_point and row["cause"] not in HELD_AT_POINTS)
    return departures[is_first] + is_on_way, days[is_first]


def _list_places(exposure: Exposure, row: Mapping[str, Any]) -> Flags:
    """Whether a disturbance can hit on the step of each departure, ``(n_departures,)``."""
    plan, railways = exposure.plan, exposure.railways
    fits = np.array(
        [
            row["section_id"] in {None, step.section_id}
            and row["railway_id"] in {None, railways.get(step.section_id)}
            for step in exposure.line.steps
        ]
    )
    # A disturbance names one train, or all.
    is_named = np.array([row["train_id"] in {None, run.train_key} for run in plan.runs])
    return np.asarray(fits[plan.events.step[::2]] & is_named[plan.events.run[::2]])


def _list_stops(exposure: Exposure, row: Mapping[str, Any]) -> Flags:
    """Whether each departure ends a planned stop within what a disturbance names."""
    plan, point = exposure.plan, row["point_id"]
    dwells = chain.from_iterable(run.least_dwell_s[:-1] for run in plan.runs)
    is_stop = np.fromiter(dwells, dtype=np.int64) > 0
    if point is not None:
        # The first point of a run is no stop of its own accord, but it is where a place is named.
        is_stop[plan.events.first[:-1] // 2] = True
        is_stop &= plan.events.point[::2] == exposure.line.point_numbers.get(point, -1)
    return is_stop & _list_places(exposure, row)
