"""Before and after a campaign: the network, sections, trains and assets, draw by draw.

The main function is `tabulate_effects`. Both simulations of a draw meet the same chances, so a
difference is taken replication by replication: its spread within a draw is the error of chance, its
spread between draws is what is not known. The network's delay is held against what its failures
were reckoned to cost, whose mean is known without chance.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.valuation.line import SimulatedDraw
from arterial.study import conform_table

__all__ = ["apply_control_variate", "tabulate_effects"]

Floats = NDArray[np.float64]

NETWORK: Final = "network"
ASSET: Final = "asset"
FIXED: Final[Mapping[str, str]] = {
    "failures_per_year": "failures_per_year",
    "derailments_per_year": "derailments_per_year",
    "restriction_min": "restriction_delay_min_per_year",
}
"""Measures that follow without chance, with their columns of ``asset_effects``."""

LOW: Final = 0.05
HIGH: Final = 0.95
KEYS: Final = ("subject", "subject_id", "measure")
TIMES: Final = ("before", "after")


def tabulate_effects(
    before: Sequence[SimulatedDraw],
    after: Sequence[SimulatedDraw],
    runs_per_year: Mapping[str, float],
    *,
    plan_id: str,
    best: Mapping[str, pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """Table ``campaign_effects``.

    Parameters
    ----------
    before, after : sequence of SimulatedDraw
        The same draws, as the line is and with the plan done.
    runs_per_year : mapping of str to float
        Trains of a year by train or flow, the weights of the network's mean.
    plan_id : str
        Id of the plan.
    best : mapping of str to DataFrame, optional
        What :meth:`CampaignLine.describe` gives by best values, ``before`` and ``after``.

    Returns
    -------
    DataFrame
        ``delay_min`` is the mean delay of a train; ``restriction_min`` that of all trains in a
        year by restricted speed. ``change_error`` holds chance alone, ``change_spread`` what the
        draws differ by beyond it. Assets are listed where anything changes.
    """
    trains = _pair_trains(before, after)
    network = _pair_network(trains, before, after, runs_per_year)
    simulated = (
        pl.concat([network, trains])
        .group_by(*KEYS, "draw", maintain_order=True)
        .agg(
            pl.col("before").mean(),
            pl.col("after").mean(),
            ((pl.col("after") - pl.col("before")).std().fill_null(0.0) / pl.len().sqrt()).alias(
                "error"
            ),
        )
    )
    fixed = _pair_fixed(before, after)
    change = pl.col("change")
    table = (
        pl.concat([simulated, fixed])
        .with_columns((pl.col("after") - pl.col("before")).alias("change"))
        .group_by(KEYS, maintain_order=True)
        .agg(
            pl.col("before").mean(),
            pl.col("after").mean(),
            change.mean(),
            (pl.col("error").pow(2).sum().sqrt() / pl.len()).alias("change_error"),
            (change.var().fill_null(0.0) - pl.col("error").pow(2).mean())
            .clip(lower_bound=0.0)
            .sqrt()
            .alias("change_spread"),
            change.quantile(LOW, "linear").alias("change_low"),
            change.quantile(HIGH, "linear").alias("change_high"),
            pl.len().alias("draws_count"),
        )
    )
    named = table.select(pl.lit(plan_id).alias("plan_id"), pl.all())
    for when in TIMES:
        column = pl.Series(f"{when}_best", [None] * named.height, dtype=pl.Float64)
        if best is not None:
            measured = _measure_fixed(best[when]).select(*KEYS, "value")
            column = named.join(measured, on=KEYS, how="left", maintain_order="left")["value"]
        named = named.with_columns(column.alias(f"{when}_best"))
    return conform_table("campaign_effects", named)


def apply_control_variate(
    values: Floats, control: Floats, mean: Floats, draw: NDArray[np.int64]
) -> Floats:
    """Values less what they owe to the chance of a control whose mean is known.

    Value less b (control less its mean), b by least squares within the draws; the mean of the
    result is that of the values.

    Parameters
    ----------
    values, control, mean : ndarray
        One value a replication, and the mean of the control in its draw, ``(n,)``.
    draw : ndarray
        Draw of each, ``(n,)``.

    Examples
    --------
    Values are twice the control, whose mean is 1: what is left is 2 throughout.

    >>> control = np.array([0.0, 3.0, 6.0])
    >>> one_draw = np.zeros(3, dtype=np.int64)
    >>> apply_control_variate(2 * control, control, np.ones(3), one_draw).tolist()
    [2.0, 2.0, 2.0]
    """
    places = np.unique(draw, return_inverse=True)[1].ravel()
    count = np.maximum(np.bincount(places), 1)
    centred = [each - (np.bincount(places, each) / count)[places] for each in (values, control)]
    square = float((centred[1] ** 2).sum())
    slope = float((centred[0] * centred[1]).sum()) / square if square > 0 else 0.0
    return np.asarray(values - slope * (control - mean))


def _pair_trains(before: Sequence[SimulatedDraw], after: Sequence[SimulatedDraw]) -> pl.DataFrame:
    """Mean delay of each train in each replication, before and after [min]."""
    keys = ["draw", "replication", "train_key"]
    tables = [
        pl.concat([one.parts["line_replications"] for one in draws]).rename({"delay_min": when})
        for when, draws in zip(TIMES, (before, after), strict=True)
    ]
    joined = tables[0].join(tables[1], on=keys, maintain_order="left").sort("train_key", *keys[:2])
    return joined.select(
        pl.lit("train").alias("subject"),
        pl.col("train_key").alias("subject_id"),
        pl.lit("delay_min").alias("measure"),
        "draw",
        "replication",
        *TIMES,
    )


def _pair_network(
    trains: pl.DataFrame,
    before: Sequence[SimulatedDraw],
    after: Sequence[SimulatedDraw],
    runs_per_year: Mapping[str, float],
) -> pl.DataFrame:
    """Mean delay of all trains in each replication, held against what failures cost [min]."""
    weights = pl.DataFrame(
        {"subject_id": list(runs_per_year), "runs": list(runs_per_year.values())},
        schema={"subject_id": pl.String, "runs": pl.Float64},
    )
    total = max(sum(runs_per_year.values()), 1e-9)
    rows = (
        trains.join(weights, on="subject_id", maintain_order="left")
        .group_by("draw", "replication", maintain_order=True)
        .agg((pl.col(when) * pl.col("runs")).sum() / total for when in TIMES)
        .sort("draw", "replication")
    )
    held = []
    for when, draws in zip(TIMES, (before, after), strict=True):
        control, mean = _list_control(rows, draws)
        values = rows[when].to_numpy()
        held.append(
            pl.Series(when, apply_control_variate(values, control, mean, rows["draw"].to_numpy()))
        )
    return rows.select(
        pl.lit(NETWORK).alias("subject"),
        pl.lit(NETWORK).alias("subject_id"),
        pl.lit("delay_min").alias("measure"),
        "draw",
        "replication",
        *held,
    )


def _list_control(rows: pl.DataFrame, draws: Sequence[SimulatedDraw]) -> tuple[Floats, Floats]:
    """What the failures of each replication cost by themselves, and the mean of that."""
    keys = ["draw", "replication"]
    direct = (
        pl.concat([one.parts["line_outages"] for one in draws])
        .group_by(keys, maintain_order=True)
        .agg(pl.col("direct_min").sum())
    )
    mean = pl.concat([one.parts["line_expected"] for one in draws]).rename({"direct_min": "mean"})
    joined = (
        rows.select(keys)
        .join(direct, on=keys, how="left", maintain_order="left")
        .join(mean, on="draw", how="left", maintain_order="left")
        .fill_null(0.0)
    )
    return joined["direct_min"].to_numpy(), joined["mean"].to_numpy()


def _pair_fixed(before: Sequence[SimulatedDraw], after: Sequence[SimulatedDraw]) -> pl.DataFrame:
    """What follows without chance, of the network, each section and each asset that changes."""
    tables = []
    for one, then in zip(before, after, strict=True):
        parts = [
            _measure_fixed(each.fixed).rename({"value": when})
            for each, when in zip((one, then), TIMES, strict=True)
        ]
        joined = parts[0].join(parts[1], on=KEYS, maintain_order="left")
        tables.append(
            joined.select(
                *KEYS,
                pl.lit(one.draw, dtype=pl.Int64).alias("draw"),
                *TIMES,
                pl.lit(0.0).alias("error"),
            )
        )
    joined = pl.concat(tables)
    changes = (pl.col("before") != pl.col("after")).any().over(KEYS)
    return joined.filter((pl.col("subject") != ASSET) | changes)


def _measure_fixed(fixed: pl.DataFrame) -> pl.DataFrame:
    """Sums over the assets of the network and of each section, and each asset."""
    known = fixed.with_columns(pl.col(column).fill_null(0.0) for column in FIXED.values())
    sums = [pl.col(column).sum() for column in FIXED.values()]
    named = {column: measure for measure, column in FIXED.items()}
    parts = {
        NETWORK: known.select(pl.lit(NETWORK).alias("subject_id"), *sums),
        "section": known.group_by(pl.col("section_id").alias("subject_id")).agg(sums),
        ASSET: known.select(pl.col("asset_id").alias("subject_id"), *FIXED.values()),
    }
    return pl.concat(
        table.sort("subject_id")
        .rename(named)
        .unpivot(on=list(FIXED), index="subject_id", variable_name="measure")
        .select(pl.lit(subject).alias("subject"), "subject_id", "measure", "value")
        for subject, table in parts.items()
    )
