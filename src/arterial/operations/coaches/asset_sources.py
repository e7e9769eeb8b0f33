"""Assets as sources of delay: how likely a train meets their failure, and the speed they allow.

Main classes: :class:`AssetSources` and function :func:`enter_assets`. A train meets a failure that
is not yet repaired: the mean number of open failures is rate times mean repair time. One that
closes a single track holds the train; on double track trains go over the other track. That all
tracks of a line are closed at once is a disturbance of its own (table ``disturbances``).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.coaches.causes import CauseBuilder, Delay
from arterial.operations.coaches.host_steps import HostStep
from arterial.operations.coaches.state import LOGNORMAL, OUTAGE
from arterial.units import HOUR_S, HOURS_PER_YEAR, MINUTE_S, kmh_to_ms

__all__ = ["AssetSources", "Entries", "enter_assets", "restrict_piece"]

WHOLE_YEAR: Final = (1.0,) * 12
NO_SOURCE: Final = -1
SEVERAL_TRACKS: Final = 2


@dataclass(frozen=True, slots=True)
class Entries:
    """Sources on a step and their hazards.

    Parameters
    ----------
    sources : ndarray of int, shape (n,)
        Sources.
    hazards : ndarray of float, shape (n,)
        Mean number of delays by each for one passage [1].
    """

    sources: NDArray[np.int64]
    hazards: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AssetSources:
    """Assets by section, as sources.

    Parameters
    ----------
    rows : mapping of str to ndarray
        Rows of the assets of each section.
    source : ndarray of int, shape (n,)
        Source of each asset; -1 = it never delays, or what it would need is not known.
    hazard : ndarray of float, shape (n,)
        Mean number of open failures [1].
    from_m, to_m : ndarray of float, shape (n,)
        Where it lies on its section [m].
    speed_kmh : ndarray of float, shape (n,)
        Speed that its condition allows [km/h]; nan = no restriction.
    kinds : tuple of str
        Kind of each.
    low, high : ndarray of float, shape (n,)
        Ends of the rate over its best value [1].
    """

    rows: Mapping[str, NDArray[np.int64]]
    source: NDArray[np.int64]
    hazard: NDArray[np.float64]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    speed_kmh: NDArray[np.float64]
    kinds: tuple[str, ...]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def on_piece(self, step: HostStep) -> Entries:
        """Assets on a piece of a section; a long one with the share that lies on it."""
        rows = self.rows.get(step.section_id or "")
        if rows is None:
            return Entries(np.empty(0, np.int64), np.empty(0))
        begin, end = self.from_m[rows], self.to_m[rows]
        length = end - begin
        overlap = np.minimum(end, step.to_m) - np.maximum(begin, step.from_m)
        is_point = length <= 0
        is_inside = (begin >= step.from_m) & (begin < step.to_m)
        share = np.where(
            is_point, is_inside, np.clip(overlap, 0, None) / np.where(is_point, 1, length)
        )
        hazard = self.hazard[rows] * share
        kept = (hazard > 0) & (self.source[rows] >= 0)
        return Entries(self.source[rows][kept], hazard[kept])


def enter_assets(
    states: pl.DataFrame,
    seasons: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    causes: CauseBuilder,
) -> AssetSources:
    """Enter every asset that can delay a train as a source.

    Parameters
    ----------
    states : polars.DataFrame
        Table ``asset_states``: the baseline at which failures are looked for.
    seasons : polars.DataFrame
        Table ``asset_seasons``; a month without a row has factor 1.
    tables : mapping of str to polars.DataFrame
        ``sections`` and ``operational_points``, for names.
    causes : CauseBuilder
        Where sources are entered.

    Returns
    -------
    AssetSources
        Assets by section.
    """
    factors = _read_seasons(seasons)
    names = _name_sections(tables)
    several = tables["sections"].filter(pl.col("tracks_count") >= SEVERAL_TRACKS)
    has_other_track = set(several["section_id"].to_list())
    rows = states.to_dicts()
    source = [
        _enter(row, factors, names, causes, has_other_track=row["section_id"] in has_other_track)
        for row in rows
    ]
    sections: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        sections.setdefault(row["section_id"], []).append(number)
    from_m = np.array([row["from_offset_m"] or 0.0 for row in rows])
    to_m = [
        row["from_offset_m"] if row["to_offset_m"] is None else row["to_offset_m"] for row in rows
    ]
    return AssetSources(
        rows={key: np.array(numbers) for key, numbers in sections.items()},
        source=np.array(source, np.int64),
        hazard=np.array([_count_open_failures(row) for row in rows]),
        from_m=from_m,
        to_m=np.array([value or 0.0 for value in to_m]),
        speed_kmh=np.array([row["speed_limit_kmh"] or math.nan for row in rows], np.float64),
        kinds=tuple(row["kind"] for row in rows),
        low=np.array([_ratio(row, "failure_rate_low_per_year") for row in rows]),
        high=np.array([_ratio(row, "failure_rate_high_per_year") for row in rows]),
    )


def _count_open_failures(row: Mapping[str, Any]) -> float:
    """Mean number of failures of an asset that are not yet repaired [1]; 0 where unknown.

    Examples
    --------
    >>> round(_count_open_failures({"failure_rate_per_year": 8766.0, "repair_median_h": 2.0,
    ...                            "repair_sigma": 0.0}), 6)
    2.0
    """
    rate, median = row["failure_rate_per_year"], row["repair_median_h"]
    if not rate or not median:
        return 0.0
    mean_h = median * math.exp((row["repair_sigma"] or 0.0) ** 2 / 2)
    return float(rate * mean_h / HOURS_PER_YEAR)


def restrict_piece(assets: AssetSources, step: HostStep) -> int:
    """Time that restrictions by condition cost a train on a piece beyond what its plan holds [s].

    A restriction of length l at speed v_r, met at the basic mean speed v, costs l (1/v_r - 1/v).
    The planned time holds the basic time, the supplement and, where a quality factor was fitted, a
    reserve that stands for the state of the track; only what is beyond that reserve delays.
    """
    rows = assets.rows.get(step.section_id or "")
    row = step.row
    if rows is None or row is None or not row["basic_s"] or step.length_km <= 0:
        return 0
    slow = rows[~np.isnan(assets.speed_kmh[rows])]
    if not len(slow):
        return 0
    share = step.length_km / row["length_km"]
    basic_s = row["basic_s"] * share
    length_m = step.to_m - step.from_m
    overlap = np.minimum(assets.to_m[slow], step.to_m) - np.maximum(
        assets.from_m[slow], step.from_m
    )
    limit_ms = np.array([kmh_to_ms(value) for value in assets.speed_kmh[slow]])
    lost = np.clip(overlap, 0, None) * np.clip(1 / limit_ms - basic_s / length_m, 0, None)
    calibrated = row["calibrated_s"] or row["basic_s"]
    reserve_s = (calibrated - row["basic_s"] - (row["supplement_s"] or 0.0)) * share
    return int(max(0, round(float(lost.sum()) - max(reserve_s, 0.0))))


def _enter(
    row: Mapping[str, Any],
    factors: Mapping[str, tuple[float, ...]],
    names: Mapping[str, str],
    causes: CauseBuilder,
    *,
    has_other_track: bool,
) -> int:
    delay = _read_delay(row, has_other_track=has_other_track)
    if delay is None or _count_open_failures(row) <= 0:
        return NO_SOURCE
    kind, section = row["kind"], row["section_id"]
    where = names.get(section, section)
    at_km = (row["from_offset_m"] or 0.0) / 1000
    return causes.add(
        f"asset:{row['asset_id']}",
        kind,
        f"{kind} at km {at_km:.1f}, {where}",
        delay,
        section_id=section,
        season=factors.get(kind, WHOLE_YEAR),
        branch=(f"{kind}@{section}", f"{kind}s, {where}"),
    )


def _read_delay(row: Mapping[str, Any], *, has_other_track: bool) -> Delay | None:
    """Delay by an open failure; where there is another track, trains go over it and lose time."""
    if row["closes_line"] and not has_other_track:
        median_s = (row["repair_median_h"] or 0.0) * HOUR_S
        return Delay(OUTAGE, median_s, row["repair_sigma"] or 0.0) if median_s > 0 else None
    if not row["delay_per_train_min"]:
        return None
    return Delay(LOGNORMAL, row["delay_per_train_min"] * MINUTE_S, row["delay_sigma"] or 0.0)


def _ratio(row: Mapping[str, Any], column: str) -> float:
    best, end = row["failure_rate_per_year"], row[column]
    return float(end / best) if best and end is not None else 1.0


def _read_seasons(seasons: pl.DataFrame) -> dict[str, tuple[float, ...]]:
    found: dict[str, list[float]] = {}
    for row in seasons.iter_rows(named=True):
        found.setdefault(row["kind"], [1.0] * 12)[row["month"] - 1] = row["factor"]
    return {kind: tuple(values) for kind, values in found.items()}


def _name_sections(tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    points = tables["operational_points"]
    names = dict(zip(points["point_id"], points["name"], strict=True))
    return {
        row["section_id"]: f"{names.get(row['from_point'], row['from_point'])}-"
        f"{names.get(row['to_point'], row['to_point'])}"
        for row in tables["sections"].iter_rows(named=True)
    }
