"""Before and after a campaign: the network, each section and each train, draw by draw.

The main function is `tabulate_effects`. Differences are taken within a draw, in which both
simulations meet the same chances; their spread over the draws gives error and range.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl

from arterial.flows.campaign_line import SimulatedDraw
from arterial.study import conform_table

__all__ = ["tabulate_effects"]

NETWORK: Final = "network"
FIXED: Final[Mapping[str, str]] = {
    "failures_per_year": "failures_per_year",
    "derailments_per_year": "derailments_per_year",
    "restriction_min": "restriction_delay_min_per_year",
}
"""Measures that follow without chance, with their columns of ``asset_effects``."""

LOW: Final = 0.05
HIGH: Final = 0.95
KEYS: Final = ("subject", "subject_id", "measure")


def tabulate_effects(
    before: Sequence[SimulatedDraw],
    after: Sequence[SimulatedDraw],
    runs_per_year: Mapping[str, float],
    *,
    plan_id: str,
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

    Returns
    -------
    DataFrame
        ``delay_min`` is the mean delay of a train; ``restriction_min`` that of all trains in a
        year by restricted speed.
    """
    measured = pl.concat(
        [
            _measure(one, runs_per_year).with_columns(pl.lit(when).alias("when"))
            for when, draws in (("before", before), ("after", after))
            for one in draws
        ]
    )
    paired = (
        measured.pivot(on="when", index=[*KEYS, "draw"], values="value")
        .with_columns((pl.col("after") - pl.col("before")).alias("change"))
        .group_by(KEYS, maintain_order=True)
        .agg(
            pl.col("before").mean(),
            pl.col("after").mean(),
            pl.col("change").mean(),
            (pl.col("change").std().fill_null(0.0) / pl.len().sqrt()).alias("change_error"),
            pl.col("change").quantile(LOW, "linear").alias("change_low"),
            pl.col("change").quantile(HIGH, "linear").alias("change_high"),
        )
    )
    named = paired.select(pl.lit(plan_id).alias("plan_id"), pl.all())
    return conform_table("campaign_effects", named)


def _measure(one: SimulatedDraw, runs_per_year: Mapping[str, float]) -> pl.DataFrame:
    """All measures of a draw."""
    trains = one.parts["line_trains"].select("train_key", "delay_min").sort("train_key")
    weight = np.array([runs_per_year[key] for key in trains["train_key"]])
    mean = float((weight * trains["delay_min"].to_numpy()).sum() / max(weight.sum(), 1e-9))
    rows = [(NETWORK, NETWORK, "delay_min", mean)]
    for measure, column in FIXED.items():
        total = float(one.fixed[column].fill_null(0.0).sum())
        rows.append((NETWORK, NETWORK, measure, total))
    rows += [("train", key, "delay_min", delay) for key, delay in trains.iter_rows()]
    sections = one.fixed.group_by("section_id").agg(
        pl.col(column).fill_null(0.0).sum() for column in FIXED.values()
    )
    for row in sections.sort("section_id").iter_rows(named=True):
        rows += [
            ("section", row["section_id"], measure, float(row[column]))
            for measure, column in FIXED.items()
        ]
    frame = pl.DataFrame(rows, schema=[*KEYS, "value"], orient="row")
    return frame.with_columns(pl.lit(one.draw).alias("draw"))
