"""What can go wrong on a line: rows of ``asset_states`` and ``disturbances`` as sources.

The main function is `list_line_sources`. An asset that lies on several steps fails on each with
its share of the length. Failures happen in time and last until repaired; every train that comes by
is delayed, or held where the line is closed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.operations.line.exposure import (
    AssetPieces,
    Exposure,
    expose_days,
    expose_runs,
    locate_assets,
)
from arterial.operations.line.hazards import (
    CHANCE,
    DAY_HIT,
    FAILURE,
    SOURCE,
    Hazards,
    Horizon,
    Shape,
    fill_rows,
    hash_name,
    make_hazards,
)
from arterial.study import split_list
from arterial.units import DAY_S, HOUR_S, MINUTE_S, MONTHS_PER_YEAR, YEAR_S

__all__ = ["LineSources", "list_line_sources"]

Numbers = NDArray[np.float64]
Rows = NDArray[np.void]

WARM_UP_DAYS: Final = 14
"""How long before the first train failures begin to happen, for those that last [d]."""

ASSET_COLUMNS: Final = (
    "delay_per_train_min",
    "delay_sigma",
    "repair_median_h",
    "repair_sigma",
)
EXCEEDED_BY_ONE_IN_TWENTY: Final = 1.6448536269514722
"""Standard normal quantile of 0.95 [1]."""


@dataclass(frozen=True)
class LineSources:
    """Sources of a line: assets by row and step, then disturbances by row.

    Parameters
    ----------
    hazards : Hazards
        Chances at dominating rates.
    asset_rows : ndarray
        Row of ``asset_states`` of each source, -1 = a disturbance.
    month_factor : ndarray
        Share of candidates accepted in each month, ``(12, n_sources)``.
    causes : tuple of str
        Kind of each source: of its asset or of its disturbance, ``(n_sources,)``.
    """

    hazards: Hazards
    asset_rows: NDArray[np.int64]
    month_factor: Numbers
    causes: tuple[str, ...] = ()


def list_line_sources(
    exposure: Exposure,
    *,
    states: pl.DataFrame,
    seasons: pl.DataFrame,
    disturbances: pl.DataFrame,
) -> LineSources:
    """Sources of a plan on a line.

    Parameters
    ----------
    exposure : Exposure
        The plan on its line.
    states, seasons : DataFrame
        Tables ``asset_states`` and ``asset_seasons``; a month without a row has factor 1.
    disturbances : DataFrame
        Table ``disturbances``. Rows that prolong border procedures hit coaches, not trains.

    Returns
    -------
    LineSources
        The sources.
    """
    planned = exposure.plan.events.planned
    pieces = _find_failing(exposure, states)
    assets = states[pieces.asset]
    season = _read_seasons(assets["kind"], seasons)
    highest = season.max(axis=1, initial=0.0)
    yearly = assets["failure_rate_per_year"].to_numpy() * pieces.share * highest
    failures = fill_rows(
        FAILURE,
        pieces.asset.size,
        step=pieces.step,
        source=np.arange(pieces.asset.size),
        rate_per_s=yearly / YEAR_S,
    )
    rows = [
        row
        for row in disturbances.iter_rows(named=True)
        if row["cause"] != "border" or row["per"] != "stop"
    ]
    chances, hits = [np.zeros(0, dtype=CHANCE)], [np.zeros(0, dtype=DAY_HIT)]
    for number, row in enumerate(rows, start=pieces.asset.size):
        rate = float(row["rate"])
        if row["per"] == "day":
            event, day = expose_days(exposure, row)
            hits.append(fill_rows(DAY_HIT, event.size, event=event, source=number, day=day))
        elif rate > 0:
            event, share = expose_runs(exposure, row)
            mean = rate * share
            chances.append(fill_rows(CHANCE, event.size, event=event, source=number, mean=mean))
    return LineSources(
        hazards=make_hazards(
            exposure.plan,
            sources=np.concatenate([_read_assets(assets), *map(_read_disturbance, rows)]),
            chances=np.concatenate(chances),
            hits=np.concatenate(hits),
            failures=failures,
            horizon=Horizon(
                int(planned.min()) - WARM_UP_DAYS * DAY_S, int(planned.max()) + WARM_UP_DAYS * DAY_S
            ),
            step_ids=[step.step_id for step in exposure.line.steps],
        ),
        asset_rows=np.append(pieces.asset, np.full(len(rows), -1)),
        month_factor=np.vstack(
            [season / highest[:, np.newaxis], *(_read_months(row["months"]) for row in rows)]
        ).T.copy(),
        causes=(*assets["kind"].to_list(), *(str(row["cause"]) for row in rows)),
    )


def _find_failing(exposure: Exposure, states: pl.DataFrame) -> AssetPieces:
    """Pieces of assets that can fail, on steps that trains use.

    Left out is what never fails, and what is not known well enough to be simulated.
    """
    delays = pl.col("closes_line").fill_null(value=False) | (
        pl.col("delay_per_train_min").is_not_null()
    )
    can_fail = states.select(
        (pl.col("failure_rate_per_year").fill_null(0.0) != 0.0)
        & pl.col("repair_median_h").is_not_null()
        & delays
    )
    pieces = locate_assets(states, exposure.line)
    is_used = np.zeros(len(exposure.line.steps), dtype=bool)
    is_used[exposure.plan.events.step] = True
    kept = can_fail.to_series().to_numpy()[pieces.asset] & is_used[pieces.step]
    return AssetPieces(
        pieces.asset[kept], pieces.step[kept], pieces.share[kept], pieces.length_m[kept]
    )


def _read_assets(rows: pl.DataFrame) -> Rows:
    """Assets as sources."""
    column = {name: rows[name].fill_null(0.0).to_numpy() for name in ASSET_COLUMNS}
    return fill_rows(
        SOURCE,
        rows.height,
        shape=Shape.LOGNORMAL,
        low=column["delay_per_train_min"] * MINUTE_S,
        middle=column["delay_sigma"],
        repair_median=column["repair_median_h"] * HOUR_S,
        repair_sigma=column["repair_sigma"],
        closes=rows["closes_line"].fill_null(value=False).to_numpy(),
    )


def _read_seasons(kinds: pl.Series, seasons: pl.DataFrame) -> Numbers:
    """Factors of the months of each asset by its kind, ``(n_assets, 12)``."""
    factors = {kind: np.ones(MONTHS_PER_YEAR) for kind in kinds.unique().to_list()}
    for kind, month, factor in seasons.select("kind", "month", "factor").iter_rows():
        if kind in factors:
            factors[kind][month - 1] = factor
    return np.array([factors[kind] for kind in kinds.to_list()]).reshape(-1, MONTHS_PER_YEAR)


def _read_months(text: str | None) -> Numbers:
    """1 in the months of a list, or in all where there is none."""
    months = {int(item) for item in split_list(text)}
    return np.array(
        [not months or month in months for month in range(1, MONTHS_PER_YEAR + 1)], dtype=float
    )


def _read_disturbance(row: Mapping[str, Any]) -> Rows:
    """A disturbance as a source, ``(1,)``."""
    low, best, high = (float(row[f"delay_{end}_min"]) * MINUTE_S for end in ("low", "best", "high"))
    shape, size = Shape.TRIANGULAR, (low, best, high)
    if row["shape"] == "lognormal" and best > 0:
        sigma = math.log(max(high / best, 1.0)) / EXCEEDED_BY_ONE_IN_TWENTY
        shape, size = Shape.LOGNORMAL, (best, sigma, 0.0)
    elif row["shape"] == "uniform":
        shape, size = Shape.UNIFORM, (low, high, 0.0)
    return fill_rows(
        SOURCE,
        1,
        shape=shape,
        low=size[0],
        middle=size[1],
        high=size[2],
        day_rate=float(row["rate"]) if row["per"] == "day" else 0.0,
        group_key=hash_name(row["storm_group"] or row["disturbance_id"]),
    )
