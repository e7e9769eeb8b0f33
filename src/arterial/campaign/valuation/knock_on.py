"""Simulated against reckoned delay of a campaign's line, replication by replication.

Main functions: `find_knock_on` (what trains pass on to each other) and `find_plan_ratio` (what the
whole plan avoids over the sum of its works). Both take trains off that would wait for too long at a
closed line, so that no replication hangs on how many weeks one repair took.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.campaign.valuation.line import SimulatedDraw
from arterial.campaign.valuation.losses import KnockOn, Ratio, fit_ratio
from arterial.study import conform_table, empty_table
from arterial.units import HOUR_S, MINUTE_S

__all__ = [
    "find_knock_on",
    "find_plan_ratio",
    "tabulate_factors",
]

Floats = NDArray[np.float64]

KEYS: Final = ("draw", "replication")


def find_knock_on(draws: Sequence[SimulatedDraw], *, spread: float) -> KnockOn:
    """Delay of all trains over that of the trains that meet a failure.

    Parameters
    ----------
    draws : sequence of SimulatedDraw
        The line as it is; none = nothing was simulated, and nothing is passed on.
    spread : float
        Standard deviation of the ratio before anything is seen [1].
    """
    if not draws:
        return KnockOn()
    every = _join(draws, "line_replications").select(KEYS).unique(maintain_order=True)
    direct = _join(draws, "line_outages").group_by(*KEYS, "closes").agg(pl.col("direct_min").sum())
    total = _join(draws, "line_losses")

    def fit(*, closes: bool) -> Ratio:
        rows = every
        for part in (direct, total):
            some = part.filter(closes=closes).drop("closes")
            rows = rows.join(some, on=KEYS, how="left", maintain_order="left")
        known = rows.fill_null(0.0)
        return fit_ratio(
            known["direct_min"].to_numpy(), known["delay_min"].to_numpy(), spread=spread
        )

    return KnockOn(closed=fit(closes=True), passing=fit(closes=False))


def find_plan_ratio(
    before: Sequence[SimulatedDraw],
    after: Sequence[SimulatedDraw],
    runs_per_year: Mapping[str, float],
    knock_on: KnockOn,
    *,
    spread: float,
) -> Ratio:
    """Delay that a plan avoids as simulated, over that of the failures it takes away.

    Parameters
    ----------
    before, after : sequence of SimulatedDraw
        The same draws, as the line is and with the plan done.
    runs_per_year : mapping of str to float
        Trains of a year by train or flow.
    knock_on : KnockOn
        What one failure is reckoned to cost beside what it costs by itself.
    spread : float
        Standard deviation of the ratio before anything is seen [1].
    """
    rows = _join(before, "line_replications").select(KEYS).unique(maintain_order=True)

    def list_in_order(table: pl.DataFrame, column: str) -> Floats:
        joined = rows.join(table, on=KEYS, how="left", maintain_order="left")
        return joined[column].fill_null(0.0).to_numpy()

    reckoned, simulated = (
        [list_in_order(_list_direct(draws, knock_on), "direct_h") for draws in (before, after)],
        [
            list_in_order(_list_network(draws, runs_per_year), "delay_h")
            for draws in (before, after)
        ],
    )
    return fit_ratio(reckoned[0] - reckoned[1], simulated[0] - simulated[1], spread=spread)


def _list_direct(draws: Sequence[SimulatedDraw], knock_on: KnockOn) -> pl.DataFrame:
    """``draw``, ``replication``, ``direct_h``: what the failures are reckoned to cost [h/y]."""
    ratio = pl.when("closes").then(knock_on.closed.used).otherwise(knock_on.passing.used)
    return (
        _join(draws, "line_outages")
        .group_by(KEYS, maintain_order=True)
        .agg((pl.col("direct_min") * ratio).sum().mul(MINUTE_S / HOUR_S).alias("direct_h"))
    )


def _list_network(
    draws: Sequence[SimulatedDraw], runs_per_year: Mapping[str, float]
) -> pl.DataFrame:
    """``draw``, ``replication``, ``delay_h``: delay of all trains of a year [h/y]."""
    weights = pl.DataFrame(
        {"train_key": list(runs_per_year), "runs": list(runs_per_year.values())},
        schema={"train_key": pl.String, "runs": pl.Float64},
    )
    return (
        _join(draws, "line_replications")
        .join(weights, on="train_key", how="left", maintain_order="left")
        .group_by(KEYS, maintain_order=True)
        .agg(
            (pl.col("delay_min") * pl.col("runs").fill_null(0.0))
            .sum()
            .mul(MINUTE_S / HOUR_S)
            .alias("delay_h")
        )
    )


def tabulate_factors(knock_on: KnockOn, windows: Ratio, ratios: Sequence[Ratio]) -> pl.DataFrame:
    """Table ``campaign_factors``.

    Parameters
    ----------
    knock_on : KnockOn
        What trains pass on to each other, on the line as it is.
    windows : Ratio
        What windows for works cost all trains, over half a window for each that meets one.
    ratios : sequence of Ratio
        What the plan of each loop avoids, over the sum of its works.
    """
    kinds = ("closed", "passing")
    named = [(f"knock_on_{name}", 0, getattr(knock_on, name)) for name in kinds]
    plans = [("plan", loop, ratio) for loop, ratio in enumerate(ratios, 1)]
    rows = [
        {
            "factor": name,
            "loop": loop,
            "measured": ratio.measured,
            "measured_error": ratio.measured_error,
            "used": ratio.used,
            "used_error": ratio.used_error,
            "replications_count": ratio.count,
        }
        for name, loop, ratio in (*named, ("windows", 0, windows), *plans)
    ]
    schema = empty_table("campaign_factors").schema
    return conform_table("campaign_factors", pl.DataFrame(rows, schema=schema))


def _join(draws: Sequence[SimulatedDraw], name: str) -> pl.DataFrame:
    return pl.concat([one.parts[name] for one in draws])
