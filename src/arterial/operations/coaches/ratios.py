"""Means and shares with their error and the spread over draws, from sums over replications.

Main function: :func:`estimate_ratios`.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

__all__ = ["LOW_SHARE", "ROWS_AT_ONCE", "Scale", "estimate_ratios", "spread_over_draws"]

LOW_SHARE: Final = 0.05
"""Share of draws below the low end, and above the high end [1]."""


ROWS_AT_ONCE: Final = 100_000
"""Rows of sums that are worked up together, about [1]."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Name of a result and by what the sums are divided to give its unit.

    Parameters
    ----------
    name : str
        Column.
    divisor : float
        For instance 3600 for hours from seconds.
    """

    name: str
    divisor: float = 1.0


def estimate_ratios(sums: pl.DataFrame, measure: str, scale: Scale) -> pl.DataFrame:
    """Ratio S / N of one measure for each target and place, with its standard error.

    With s and n of R replications, the error of v = S / N is that of the mean of s - v n, by the
    linear approximation of a ratio: sqrt(sum (s - v n)^2 / (R (R - 1))) / (N / R).

    Parameters
    ----------
    sums : polars.DataFrame
        Part ``coach_sums``.
    measure : str
        What is wanted.
    scale : Scale
        Name and unit of the result.

    Returns
    -------
    polars.DataFrame
        ``target``, ``place``, ``count`` (all draws), and the result with ``_error`` (that of the
        replications), ``_draws_error`` (that of the mean over draws), ``_low`` and ``_high``; null
        where nothing was counted.
    """
    mine = sums.filter(pl.col("measure") == measure)
    targets = mine["target"].unique(maintain_order=True)
    # Some targets after others: all draws of thousands of stops at once took half a gigabyte.
    length = max(1, targets.len() * ROWS_AT_ONCE // max(1, mine.height))
    return pl.concat(
        _estimate(
            mine.filter(pl.col("target").is_in(targets[begin : begin + length].implode())), scale
        )
        for begin in range(0, max(1, targets.len()), length)
    )


def _estimate(sums: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """Ratios of one measure."""
    totals = sums.group_by("draw", "target", "place", maintain_order=True).agg(
        pl.col("replications", "n", "s", "nn", "ss", "sn").sum()
    )
    value = pl.when(pl.col("n") > 0).then(pl.col("s") / pl.col("n"))
    by_draw = totals.with_columns(value=value).with_columns(error=_ratio_error())
    name = scale.name
    scaled = by_draw.with_columns(pl.col("value", "error") / scale.divisor)
    counts = scaled.group_by("target", "place", maintain_order=True).agg(
        count=pl.col("n").sum().round().cast(pl.Int64)
    )
    spread = spread_over_draws(scaled, ["target", "place"], "value", "error", name)
    rows = counts.join(spread, on=["target", "place"], how="left", maintain_order="left")
    return rows.with_columns(pl.col("target").cast(pl.String))


def _ratio_error() -> pl.Expr:
    """Standard error of the column ``value`` = s / n from the sums over replications."""
    residual = (
        pl.col("ss") - 2 * pl.col("value") * pl.col("sn") + pl.col("value") ** 2 * pl.col("nn")
    )
    count = pl.col("replications")
    # Of large sums that are alike rounding leaves a difference below nought.
    mean = (residual.clip(lower_bound=0) / (count * (count - 1))).sqrt()
    return pl.when((count > 1) & (pl.col("n") > 0)).then(mean * count / pl.col("n"))


def spread_over_draws(
    frame: pl.DataFrame, keys: list[str], value: str, error: str, name: str
) -> pl.DataFrame:
    """Mean over draws with its errors, and the 5 % and 95 % quantiles of the draws' values.

    The error of the replications says how well each draw is known; that of the mean over draws, the
    standard deviation of their values over the root of their number, holds both and is the larger.

    Parameters
    ----------
    frame : polars.DataFrame
        One row a draw and key.
    keys : list of str
        What tells results apart.
    value, error : str
        Columns with the value and the error of each draw.
    name : str
        Name of the result.
    """
    known = pl.col(value).drop_nulls()
    many = known.len() > 1
    squares = (pl.col(error) ** 2).sum()
    # Left out, a draw without an error would make that of the mean look smaller.
    is_complete = pl.col(error).is_not_null().sum() == known.len()
    return frame.group_by(keys, maintain_order=True).agg(
        pl.when(known.len() > 0).then(known.mean()).alias(name),
        pl.when((known.len() > 0) & is_complete)
        .then(squares.sqrt() / known.len())
        .alias(f"{name}_error"),
        pl.when(many).then(known.std() / known.len().sqrt()).alias(f"{name}_draws_error"),
        pl.when(many).then(known.quantile(LOW_SHARE, "linear")).alias(f"{name}_low"),
        pl.when(many).then(known.quantile(1 - LOW_SHARE, "linear")).alias(f"{name}_high"),
    )
