"""Result tables of the simulated line from the parts of its draws.

The main function is `summarise_line`. Means are over the draws; ``_error`` is the Monte-Carlo error
of finite replications, ``_low`` and ``_high`` bound nine tenths of the means of the draws.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from arterial.study import conform_table
from arterial.units import LARGEST_ERROR

__all__ = ["HOST_QUANTILES", "LineOutcome", "summarise_line"]

HOST_QUANTILES: Final = tuple(np.linspace(0.0, 1.0, 21).round(2).tolist())
"""Quantiles of what other trains cost a host [1]."""

LOW: Final = 0.05
HIGH: Final = 0.95


@dataclass(frozen=True)
class LineOutcome:
    """Result of the simulated line.

    Parameters
    ----------
    line_delays, asset_effects : DataFrame
        Result tables.
    host_delays : DataFrame
        ``train_id``, ``quantile``, ``delay_min``: what other trains cost each named host.
    throughput : DataFrame
        ``scenario``, ``planned_per_day``, ``completed_per_day`` and its ``_error``.
    attribution_gap_s : int
        Greatest difference between a delay and the sum of its parts; 0 when all adds up [s].
    stations, causes : DataFrame or None
        Sums of all draws, for `arterial.operations.line.stations`; None where they are not wanted.
    """

    line_delays: pl.DataFrame
    asset_effects: pl.DataFrame
    host_delays: pl.DataFrame
    throughput: pl.DataFrame
    attribution_gap_s: int
    stations: pl.DataFrame | None = None
    causes: pl.DataFrame | None = None


def summarise_line(parts: Mapping[str, pl.DataFrame]) -> LineOutcome:
    """Sum up the parts of all draws.

    Parameters
    ----------
    parts : mapping of str to DataFrame
        Tables of :func:`arterial.operations.line.simulate.simulate_line_draw`, draw below draw.

    Returns
    -------
    LineOutcome
        The result tables.
    """
    drawn = {name: _leave_out_best(table) for name, table in parts.items()}
    days = drawn["line_days"]
    return LineOutcome(
        line_delays=_sum_delays(drawn["line_trains"], drawn["line_bins"]),
        asset_effects=_sum_effects(drawn["line_assets"]),
        host_delays=_find_quantiles(drawn["line_hosts"]),
        throughput=days.group_by("scenario", maintain_order=True).agg(
            pl.col("planned_per_day").mean(),
            pl.col("completed_per_day").mean(),
            pl.col("completed_per_day_error").pow(2).sum().sqrt() / pl.len(),
        ),
        attribution_gap_s=int(days["attribution_gap_s"].max() or 0),  # type: ignore[arg-type]
        stations=drawn.get("line_stations"),
        causes=drawn.get("line_causes"),
    )


def _leave_out_best(table: pl.DataFrame) -> pl.DataFrame:
    """Draws alone where there are any, else the best values."""
    drawn = table.filter(pl.col("draw") >= 0)
    return drawn if drawn.height else table


def _spread_over_draws(
    table: pl.DataFrame, keys: Sequence[str], columns: Mapping[str, str]
) -> pl.DataFrame:
    """Mean, Monte-Carlo error, low and high end of columns, which are named anew.

    Cases of a draw weigh the same; their errors add up as independent.
    """
    by_draw = table.group_by([*keys, "draw"], maintain_order=True).agg(
        *(pl.col(column).mean() for column in columns),
        *(
            (pl.col(f"{column}_error").pow(2).sum().sqrt() / pl.len())
            for column in columns
            if f"{column}_error" in table.columns
        ),
    )
    measures = []
    for column, name in columns.items():
        has_error = f"{column}_error" in table.columns
        error = (
            pl.col(f"{column}_error").pow(2).sum().sqrt() / pl.len() if has_error else pl.lit(0.0)
        )
        measures += [
            pl.col(column).mean().alias(name),
            error.alias(f"{name}_error"),
            pl.col(column).quantile(LOW, "linear").alias(f"{name}_low"),
            pl.col(column).quantile(HIGH, "linear").alias(f"{name}_high"),
        ]
    return by_draw.group_by(list(keys), maintain_order=True).agg(*measures)


def _sum_delays(trains: pl.DataFrame, bins: pl.DataFrame) -> pl.DataFrame:
    """Table ``line_delays``."""
    keys = ["train_key", "scenario"]
    columns = {
        "delay_min": "delay_mean_min",
        "primary_min": "primary_min",
        "knock_on_min": "knock_on_min",
        "cancelled_share": "cancelled_share",
    }
    spread = _spread_over_draws(trains, keys, columns)
    counts = trains.group_by(keys, maintain_order=True).agg(pl.col("trains_count").sum())
    quantiles = (
        bins.group_by([*keys, "delay_min"], maintain_order=True)
        .agg(pl.col("runs_count").sum())
        .sort("delay_min")
        .with_columns(
            (pl.col("runs_count").cum_sum() / pl.col("runs_count").sum()).over(keys).alias("share")
        )
        .group_by(keys, maintain_order=True)
        .agg(
            pl.col("delay_min").filter(pl.col("share") >= share).min().cast(pl.Float64).alias(name)
            for name, share in (("delay_p50_min", 0.5), ("delay_p95_min", 0.95))
        )
    )
    table = spread.join(counts, on=keys).join(quantiles, on=keys).sort(keys)
    return conform_table("line_delays", table)


def _sum_effects(assets: pl.DataFrame) -> pl.DataFrame:
    """Table ``asset_effects``, worst asset first; whose delay is known too badly has no rank."""
    spread = _spread_over_draws(
        assets,
        ["asset_id"],
        {
            name: name
            for name in (
                "failures_per_year",
                "primary_delay_min_per_year",
                "knock_on_delay_min_per_year",
                "restriction_delay_min_per_year",
            )
        },
    )
    plain = assets.group_by("asset_id", maintain_order=True).agg(
        pl.col("kind").first(),
        pl.col("section_id").first(),
        pl.col("derailments_per_year_low").mean(),
        pl.col("derailments_per_year").mean(),
        pl.col("derailments_per_year_high").mean(),
        pl.col("train_runs_per_year").mean(),
    )
    names = ("primary_delay_min_per_year", "knock_on_delay_min_per_year")
    delay = pl.sum_horizontal(names)
    error = pl.sum_horizontal(pl.col(f"{name}_error") ** 2 for name in names).sqrt()
    is_sure = (delay > 0) & (error <= LARGEST_ERROR * delay)
    table = (
        plain.join(spread, on="asset_id", maintain_order="left")
        .with_columns(is_sure=is_sure.fill_null(value=False), delay=delay)
        .sort("is_sure", "delay", "asset_id", descending=[True, True, False])
        .with_columns(rank=pl.when("is_sure").then(pl.int_range(1, pl.len() + 1)))
        .drop("is_sure", "delay")
    )
    return conform_table("asset_effects", table)


def _find_quantiles(hosts: pl.DataFrame) -> pl.DataFrame:
    """What other trains cost each host, by quantile over all draws and replications [min]."""
    frames = [
        pl.DataFrame(
            {
                "train_id": [str(name[0])] * len(HOST_QUANTILES),
                "quantile": list(HOST_QUANTILES),
                "delay_min": np.quantile(rows["delay_min"].to_numpy(), HOST_QUANTILES),
            }
        )
        for name, rows in hosts.sort("train_id").group_by("train_id", maintain_order=True)
    ]
    schema = {"train_id": pl.String, "quantile": pl.Float64, "delay_min": pl.Float64}
    return pl.concat([pl.DataFrame(schema=schema), *frames])
